"""Scenes in which cloth and ropes meet themselves, watched frame by frame by the independent checker.

Every scene is a description, a motion of its kinematic holders, and a duration. `watch` plays it and counts, in every frame
of 1/30 s, the pairs of triangles that cross (`intersections.crossings`, all cloths of a scene as one mesh) and the pairs of
rope segments that overlap. Overlap of a rope counts beyond an arc of pi radii, which is as sharp as a tube can bend. Run as
`python -m benchmarks.deformable.self_contact [case ...]`.
"""

import json
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

import engine
from benchmarks.deformable.intersections import crossings, overlapping_tubes
from engine.solvers.deformable import layout, separation

FRAME = 1 / 30
Motion = Callable[[float], np.ndarray]  # time [s] -> velocity and spin (bodies, 6) of the kinematic bodies


@dataclass(frozen=True)
class Case:
    """A scene, the velocities of its kinematic bodies, seconds to play, and when its holders let go [s], if they do."""

    scene: Callable[[], "engine.Scene"]
    motion: Motion | None
    seconds: float
    release: float = np.inf


def still(_time: float) -> np.ndarray:
    """No motion."""
    return np.zeros((0, 6))


def towel_fold() -> "engine.Scene":
    """A towel on the floor whose right side a holder carries over to the left one."""
    scene = engine.Scene()
    scene.add_plane()
    scene.add_body("holder", position=(0.15, 0, 0.005), kinematic=True)
    scene.add_cloth("towel", mesh=engine.Sheet(size=(0.3, 0.3), spacing=0.02), position=(0, 0, 0.005))
    scene.attach("towel", range(15 * 16, 16 * 16), "holder")
    return scene


def over(seconds: float) -> np.ndarray:
    """Half a circle about the middle in one second, ending 1 cm above the floor."""
    angle = np.pi * min(seconds, 1.0)
    speed = 0.13 * np.pi if seconds < 1.0 else 0.0
    return np.array([[-speed * np.sin(angle), 0, speed * np.cos(angle) + 0.015 * (seconds < 1.0), 0, 0, 0]])


def scarf_on_ball() -> "engine.Scene":
    """A silk scarf that falls over a ball on the floor."""
    scene = engine.Scene()
    scene.add_plane()
    scene.add_body("ball", engine.Sphere(radius=0.1), position=(0, 0, 0.2), fixed=True)
    silk = engine.Cloth(preset="silk")
    scene.add_cloth("scarf", material=silk, mesh=engine.Sheet(size=(0.5, 0.5), spacing=0.02), position=(0.03, 0.02, 0.4))
    return scene


def crumple() -> "engine.Scene":
    """A cloth that falls on its edge and heaps up."""
    scene = engine.Scene()
    scene.add_plane()
    mesh = engine.Sheet(size=(0.4, 0.3), spacing=0.02)
    turned = (np.cos(0.75), 0.1, -np.sin(0.75), 0.05)
    scene.add_cloth("cloth", material=engine.Cloth(preset="silk"), mesh=mesh, position=(0, 0, 0.25), rotation=turned)
    return scene


def wring() -> "engine.Scene":
    """A cloth held at two sides that are turned against each other by two turns (R13)."""
    scene = engine.Scene()
    scene.options.gravity = (0, 0, 0)
    for name, x in (("left", -0.15), ("right", 0.15)):
        scene.add_body(name, position=(x, 0, 0), kinematic=True)
    scene.add_cloth("cloth", mesh=engine.Sheet(size=(0.3, 0.2), spacing=0.02))
    scene.attach("cloth", range(11), "left")
    scene.attach("cloth", range(15 * 11, 16 * 11), "right")
    return scene


def wringing(seconds: float) -> np.ndarray:
    """Each side makes one turn in 2.5 s, and they come nearer by a tenth."""
    turn = 2 * np.pi / 2.5 * (seconds < 2.5)
    come = 0.006 * (seconds < 2.5)
    return np.array([[come, 0, 0, turn, 0, 0], [-come, 0, 0, -turn, 0, 0]])


def stack() -> "engine.Scene":
    """Four cloths fall on each other (R13)."""
    scene = engine.Scene()
    scene.add_plane()
    for k in range(4):
        turned = (np.cos(0.1 * k), 0, 0, np.sin(0.1 * k))
        scene.add_cloth(
            f"cloth {k}", mesh=engine.Sheet(size=(0.2, 0.2), spacing=0.02), rotation=turned,
            position=(0.01 * k, 0, 0.03 + 0.04 * k),
        )  # fmt: skip
    return scene


def pillow() -> "engine.Scene":
    """An empty sack, two sheets with a common border, that falls on a post and folds over it."""
    scene = engine.Scene()
    scene.add_plane()
    scene.add_body("post", engine.Cylinder(radius=0.03, height=0.3), position=(0, 0, 0.15), fixed=True)
    scene.add_cloth("sack", material=engine.Cloth(preset="cotton"), mesh=sack_mesh(0.3, 0.02), position=(0.02, 0.01, 0.4))
    return scene


def sack_mesh(size: float, spacing: float) -> "engine.Sheet":
    """Two square sheets `spacing` apart in the middle that share the vertices of their border."""
    n = round(size / spacing) + 1
    line = np.linspace(-size / 2, size / 2, n)
    flat = np.stack(np.meshgrid(line, line, indexing="ij"), -1).reshape(-1, 2)
    number = np.arange(n * n).reshape(n, n)
    inside = np.zeros((n, n), bool)
    inside[1:-1, 1:-1] = True
    upper = number.copy()
    upper[inside] = n * n + np.arange(inside.sum())
    faces = []
    for sheet in (number, upper):
        a, b, c, d = (sheet[i : n - 1 + i, j : n - 1 + j].ravel() for i, j in ((0, 0), (1, 0), (1, 1), (0, 1)))
        odd = (np.add.outer(np.arange(n - 1), np.arange(n - 1)).ravel() % 2 == 1)[:, None]
        faces += [np.where(odd, np.stack([a, b, d], 1), np.stack([a, b, c], 1))]
        faces += [np.where(odd, np.stack([b, c, d], 1), np.stack([a, c, d], 1))]
    apart = 0.7 * spacing * inside.ravel()
    low, high = np.column_stack([flat, -apart]), np.column_stack([flat, apart])[inside.ravel()]
    return engine.Sheet(vertices=np.concatenate([low, high]).tolist(), faces=np.concatenate(faces).tolist(), spacing=spacing)


def knot() -> "engine.Scene":
    """An overhand knot whose ends are pulled apart."""
    t = np.linspace(-2.2, 2.2, 121)
    loop = 0.05 * np.column_stack([t**3 - 3 * t, t**4 - 4 * t**2, (t**5 - 10 * t) / 5])  # the long trefoil (Shastri 1992)
    scene = engine.Scene()
    scene.options.gravity = (0, 0, 0)
    for name, end in (("left", loop[0]), ("right", loop[-1])):
        scene.add_body(name, position=end, kinematic=True)
    scene.add_rope("rope", material=engine.Rope(preset="wet_string", diameter=0.012), points=loop.tolist(), segments=90)
    scene.attach("rope", [0, 1], "left")
    scene.attach("rope", [89, 90], "right")
    return scene


def pulling(seconds: float) -> np.ndarray:
    """Ends go apart along the line between them at 25 cm/s for 1.2 s."""
    go = 0.25 * (seconds < 1.2) * np.array([0.56, 0, 0.83])
    return np.array([[*-go, 0, 0, 0], [*go, 0, 0, 0]])


def coil() -> "engine.Scene":
    """A rope that is let down on the floor end first and coils."""
    scene = engine.Scene()
    scene.add_plane()
    material = engine.Rope(preset="nylon", diameter=0.012)
    points = [(0, 0, 0.02), (0.01, 0, 0.4), (0, 0.01, 0.9)]
    scene.add_rope("rope", material=material, points=points, segments=70)
    return scene


CASES: dict[str, Case] = {
    "towel fold": Case(towel_fold, over, 2.0, 1.2),
    "scarf on ball": Case(scarf_on_ball, None, 2.0),
    "crumple": Case(crumple, None, 2.0),
    "wring": Case(wring, wringing, 3.0),
    "stack": Case(stack, None, 1.5),
    "sack": Case(pillow, None, 1.5),
    "knot": Case(knot, pulling, 1.5),
    "coil": Case(coil, None, 1.5),
}


def watch(name: str, seconds: float | None = None) -> dict[str, Any]:
    """Play a case; numbers of frames, of frames with crossings, of crossing pairs, and the processor time of a step."""
    case = CASES[name]
    scene = case.scene()
    sim = engine.Simulation(scene)
    steps = round(FRAME / sim.timestep)
    rope = next((d for d in scene.deformables if d.mesh.__class__.__name__ == "Line"), None)
    faces, first = [], 0
    for d in scene.deformables:
        view = sim.deformable(d.name)
        faces.append(view.faces + first)
        first += view.position.shape[1]
    frames, bad, pairs, used, least, turns = 0, 0, 0, 0.0, np.inf, []
    released = False
    for _ in range(round((seconds or case.seconds) / FRAME)):
        begin = time.process_time()
        for _ in range(steps):
            now = frames * FRAME
            if case.motion is not None:
                sim.control.kinematic_velocity[0] = case.motion(now)
            if now >= case.release and not released:
                released = True
                for d in scene.deformables:
                    sim.deformable(d.name).detach()
            sim.step(1)
            turns.append(int(sim.continua[0].solver.parameters.host[0, layout.TURNS]))
        used += time.process_time() - begin
        points = np.concatenate([sim.deformable(d.name).position[0] for d in scene.deformables])
        if rope is not None:
            found, gap = overlapping_tubes(points, rope.radius, np.pi * rope.radius)
            least = min(least, gap / (2 * rope.radius))
        else:
            found = crossings(points, np.concatenate(faces))
        frames, bad, pairs = frames + 1, bad + (len(found) > 0), pairs + len(found)
    return {
        "case": name, "frames": frames, "frames_with_crossings": bad, "crossing_pairs": pairs,
        "least_distance_in_diameters": None if rope is None else round(float(least), 4),
        "vertices": len(points), "ms_per_step_cpu": round(used / frames / steps * 1e3, 3), "faults": int(sim.faults.any()),
        "steps_with_pushes": sum(n > 1 for n in turns), "most_passes": max(turns),
        "steps_stopped": sum(n > separation.PUSHES + separation.HALVES for n in turns),
    }  # fmt: skip


def main() -> None:
    """Watch the named cases, or all, on one thread; a JSON list goes to stdout."""
    engine.init(backend="cpu", threads=1)
    print(json.dumps([watch(name) for name in sys.argv[1:] or CASES], indent=1))


if __name__ == "__main__":
    main()
