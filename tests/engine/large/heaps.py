"""Scenes for the solver of free bodies."""

import numpy as np

import engine


def empty(sleep: bool = False, **plane) -> engine.Scene:
    """A plane, and the solver of free bodies."""
    scene = engine.Scene()
    scene.options.solver, scene.options.sleep = "bodies", sleep
    scene.add_plane(**plane)
    return scene


def stack(count: int = 10, edge: float = 0.1, sleep: bool = False) -> engine.Scene:
    """Equal boxes on top of each other."""
    scene = empty(sleep)
    for k in range(count):
        scene.add_body(f"box{k}", engine.Box(size=(edge,) * 3), position=(0, 0, edge * (k + 0.5)))
    return scene


def wall(rows: int = 12, columns: int = 18, sleep: bool = False) -> engine.Scene:
    """Bricks in running bond with half bricks at the ends."""
    scene, (length, depth, height) = empty(sleep), (0.2, 0.1, 0.08)
    for row in range(rows):
        shift = row % 2
        z = height * (row + 0.5)
        for k in range(columns - shift):
            place = (length * (k + 0.5 + 0.5 * shift), 0, z)
            scene.add_body(f"brick{row}_{k}", engine.Box(size=(length, depth, height)), position=place)
        for k, x in enumerate((length / 4, length * columns - length / 4) if shift else ()):
            scene.add_body(f"half{row}_{k}", engine.Box(size=(length / 2, depth, height)), position=(x, 0, z))
    return scene


def mixed(count: int, seed: int = 0, sleep: bool = False) -> engine.Scene:
    """Bodies of every kind above a plane."""
    rng, scene = np.random.default_rng(seed), empty(sleep)
    corners = [[x, y, z] for x in (-0.05, 0.05) for y in (-0.04, 0.04) for z in (-0.06, 0.06)]
    faces = [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1], [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4],
             [1, 5, 7], [1, 7, 3]]  # fmt: skip
    shapes = (
        engine.Sphere(radius=0.05), engine.Capsule(radius=0.03, length=0.1), engine.Box(size=(0.1, 0.08, 0.06)),
        engine.Cylinder(radius=0.05, height=0.1), engine.Ellipsoid(radii=(0.06, 0.05, 0.04)),
        engine.Mesh(vertices=corners, faces=faces),
    )  # fmt: skip
    for k in range(count):
        turn = rng.standard_normal(4)
        place = (0.16 * (k % 4) + 0.01 * rng.uniform(), 0.16 * (k // 4 % 4), 0.12 + 0.16 * (k // 16))
        scene.add_body(f"body{k}", shapes[k % len(shapes)], position=place, rotation=tuple(turn / np.linalg.norm(turn)))
    return scene
