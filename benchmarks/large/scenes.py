"""The scenes of the large benchmark, for the engine and, body by body the same, as MJCF text for MuJoCo.

Marbles fall in layers into a bowl of static plates whose size grows with their number; boxes fall in layers into a pit. The
small disturbance of places and turns comes from a seeded generator.
"""

import numpy as np

import engine

RADIUS, EDGE = 0.005, 0.1  # m


def bowl_plates(radius: float, sides: int = 16) -> list[tuple[np.ndarray, np.ndarray, np.ndarray]]:
    """Plates (size, position, rotation wxyz) whose inner faces bound a convex bowl of about this radius, open at the top."""
    plates = [(np.array([4 * radius, 4 * radius, 0.2 * radius]), np.array([0.0, 0.0, -0.1 * radius]), np.array([1.0, 0, 0, 0]))]
    for height, tilt in ((0.0, 0.35), (0.12, 0.8), (0.5, 1.35)):
        for k in range(sides):
            angle = 2 * np.pi * (k + 0.5 * (tilt < 1)) / sides
            across = np.array([np.cos(angle), np.sin(angle), 0.0])
            normal = -np.sin(tilt) * across + np.array([0.0, 0.0, np.cos(tilt)])
            reach = {0.0: 0.4, 0.12: 0.72, 0.5: 1.1}[height]
            point = reach * radius * across + np.array([0.0, 0.0, height * radius])
            turn = np.array([np.cos(tilt / 2), *(np.sin(tilt / 2) * np.cross([0.0, 0.0, 1.0], -across))])
            plates.append((np.array([2.0, 2.0, 0.2]) * radius, point - 0.1 * radius * normal, turn))
    return plates


def marbles(count: int, seed: int = 0) -> engine.Scene:
    """`count` glass marbles above a bowl."""
    rng = np.random.default_rng(seed)
    scene = engine.Scene()
    scene.options.solver = "bodies"
    radius = 2.2 * RADIUS * count ** (1 / 3)
    for k, (size, place, turn) in enumerate(bowl_plates(radius)):
        scene.add_body(f"plate{k}", engine.Box(size=tuple(size)), position=tuple(place), rotation=tuple(turn), fixed=True)
    side = max(2, int(0.9 * radius / (2.6 * RADIUS)))
    for k in range(count):
        cell = np.array([k % side, (k // side) % side, k // side**2])
        place = (cell - [(side - 1) / 2, (side - 1) / 2, 0]) * 2.6 * RADIUS + rng.uniform(-0.1, 0.1, 3) * RADIUS
        place[2] += 0.35 * radius
        scene.add_body(f"marble{k}", engine.Sphere(radius=RADIUS), position=tuple(place), density=2500.0, friction=0.4)
    return scene


def pit_walls(side: int) -> list[tuple[np.ndarray, np.ndarray]]:
    """Four walls (size, position) around a square of `side` boxes."""
    half = side * EDGE * 1.15 / 2 + 0.05
    walls = []
    for dx, dy in ((1, 0), (-1, 0), (0, 1), (0, -1)):
        size = np.array([0.1 if dx else 2 * half + 0.2, 0.1 if dy else 2 * half + 0.2, 4.0])
        walls.append((size, np.array([dx * (half + 0.05), dy * (half + 0.05), 2.0])))
    return walls


def box_poses(count: int, seed: int = 0) -> tuple[int, list[tuple[np.ndarray, np.ndarray]]]:
    """Boxes per side of a layer, and poses of all boxes."""
    rng = np.random.default_rng(seed)
    side = int(np.ceil((count / 1.5) ** (1 / 3)))
    poses = []
    for k in range(count):
        cell = np.array([k % side, (k // side) % side, k // side**2])
        place = (cell - [(side - 1) / 2, (side - 1) / 2, -0.6]) * 1.15 * EDGE + rng.uniform(-0.02, 0.02, 3) * EDGE
        turn = np.array([1.0, *(0.1 * rng.standard_normal(3))])
        poses.append((place, turn / np.linalg.norm(turn)))
    return side, poses


def box_pile(count: int) -> engine.Scene:
    """`count` boxes above a pit."""
    scene = engine.Scene()
    scene.options.solver = "bodies"
    scene.add_plane()
    side, poses = box_poses(count)
    for k, (size, place) in enumerate(pit_walls(side)):
        scene.add_body(f"wall{k}", engine.Box(size=tuple(size)), position=tuple(place), fixed=True)
    for k, (place, turn) in enumerate(poses):
        scene.add_body(f"box{k}", engine.Box(size=(EDGE,) * 3), position=tuple(place), rotation=tuple(turn))
    return scene


def box_pile_mjcf(count: int) -> str:
    """The same pile for MuJoCo, with its defaults but the elliptic cone, sparse matrices and room for the contacts."""
    side, poses = box_poses(count)
    text = ['<mujoco><option timestep="0.002" cone="elliptic" jacobian="sparse"/><size memory="8G"/><worldbody>']
    text.append('<geom type="plane" size="0 0 1" friction="0.5"/>')
    for size, place in pit_walls(side):
        text.append(f'<geom type="box" size="{_words(size / 2)}" pos="{_words(place)}" friction="0.5"/>')
    for place, turn in poses:
        text.append(
            f'<body pos="{_words(place)}" quat="{_words(turn)}"><freejoint/>'
            f'<geom type="box" size="{EDGE / 2} {EDGE / 2} {EDGE / 2}" density="1000" friction="0.5"/></body>'
        )
    return "".join([*text, "</worldbody></mujoco>"])


def _words(values: np.ndarray) -> str:
    return " ".join(f"{v:.9g}" for v in values)
