"""Ten simulated minutes of a cloth that rests on a ball: does its energy grow?

Kinetic energy, height energy and membrane energy (St. Venant-Kirchhoff, from the triangles; bending is left out) are noted
every second. `python -m benchmarks.deformable.soak [minutes]` prints JSON: the largest total of every minute, and by how much
any later minute exceeds the first one after the fall; crossing triangles are counted at every minute.
"""

import json
import sys
from typing import Any

import numpy as np

import engine
from benchmarks.deformable.intersections import crossings

STEP, SETTLE = 0.01, 60  # s of a step; seconds of the fall and what swings after it


def draped() -> "engine.Scene":
    """A cotton towel over a fixed ball above the floor, with self-contact."""
    scene = engine.Scene()
    scene.options.timestep = STEP
    scene.add_plane()
    scene.add_body("ball", engine.Sphere(radius=0.08), position=(0, 0, 0.25), fixed=True)
    mesh = engine.Sheet(size=(0.36, 0.36), spacing=0.03)
    scene.add_cloth("towel", material=engine.Cloth(preset="cotton", friction=0.8), mesh=mesh, position=(0.01, 0.005, 0.34))
    return scene


def membrane(points: np.ndarray, plane: np.ndarray, faces: np.ndarray, cloth: "engine.Cloth") -> float:
    """Strain energy [J] of the triangles; points (n, 3), plane (n, 2) at rest."""
    rest = np.stack([plane[faces[:, 1]] - plane[faces[:, 0]], plane[faces[:, 2]] - plane[faces[:, 0]]], axis=-1)
    now = np.stack([points[faces[:, 1]] - points[faces[:, 0]], points[faces[:, 2]] - points[faces[:, 0]]], axis=-1)
    F = now @ np.linalg.inv(rest)
    E = (np.swapaxes(F, -1, -2) @ F - np.eye(2)) / 2
    k1, k2, k12, k66 = (float(v or 0) for v in (cloth.stretch_warp, cloth.stretch_weft, cloth.coupling, cloth.shear))
    density = k1 * E[:, 0, 0] ** 2 / 2 + k2 * E[:, 1, 1] ** 2 / 2 + k12 * E[:, 0, 0] * E[:, 1, 1] + 2 * k66 * E[:, 0, 1] ** 2
    return float((density * np.abs(np.linalg.det(rest)) / 2).sum())


def soak(minutes: float) -> dict[str, Any]:
    """Play it and compare the minutes."""
    scene = draped()
    sim = engine.Simulation(scene)
    view = sim.deformable("towel")
    plane, mass = view.position[0][:, :2].copy(), view.mass[0]
    cloth = scene.deformables[0].material
    record, crossed = [], 0
    for second in range(round(60 * minutes)):
        sim.step(round(1 / STEP))
        x, v = view.position[0], view.velocity[0]
        kinetic, height = 0.5 * float(mass @ (v * v).sum(1)), 9.81 * float(mass @ x[:, 2])
        record.append((kinetic, height, membrane(x, plane, view.faces, cloth)))
        if second % 60 == 59:
            crossed += len(crossings(x, view.faces))
    energy = np.array(record)
    total = energy.sum(1)
    per_minute = [float(total[k : k + 60].max()) for k in range(0, len(total), 60)]
    first = float(total[SETTLE : 2 * SETTLE].max())
    return {
        "minutes": minutes, "vertices": len(mass), "step_s": STEP, "crossing_pairs": crossed, "faults": int(sim.faults.any()),
        "kinetic_J_max_per_minute": [float(energy[k : k + 60, 0].max()) for k in range(0, len(total), 60)],
        "total_J_max_per_minute": per_minute, "grown_J": max(per_minute[2:], default=first) - first,
        "height_J_last": float(energy[-1, 1]), "membrane_J_last": float(energy[-1, 2]),
    }  # fmt: skip


def main() -> None:
    """Print the record of so many minutes (default ten)."""
    engine.init(backend="cpu", threads=1)
    print(json.dumps(soak(float(sys.argv[1]) if len(sys.argv) > 1 else 10.0), indent=1))


if __name__ == "__main__":
    main()
