"""F10: the stated viscosity is the one that the flow shows (Morris, Fox and Zhu 1997: Poiseuille and Couette flow start up)."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import periodic_scene, result

CASE, TITLE = "F10", "Plane Poiseuille and Couette start-up: L2 error of the profile, worst of both and of all times"
TIMES = (0.0225, 0.045, 0.1125, 0.225, 1.0)  # over L^2 / nu


def run(quick: bool) -> dict[str, Any]:
    """Within 2 % of the largest speed. Both flows depend on nu t / L^2 alone; L = 0.1 m, nu = 0.01 m^2/s here."""
    cell, length, nu = (0.1 / 16 if quick else 0.1 / 32), 0.1, 0.01
    worst, curves = 0.0, {}
    for kind in ("poiseuille", "couette"):
        times, errors, profile = [], [], (np.zeros(0), np.zeros(0), np.zeros(0))
        for t, z, u in _flow(kind, cell, length, nu, quick):
            exact = _poiseuille(z / length, t) if kind == "poiseuille" else _couette(z / length, t)
            scale = 0.125 if kind == "poiseuille" else 1.0
            errors.append(float(np.sqrt(np.mean((u - exact) ** 2)) / max(exact.max(), 0.1 * scale)))
            times.append(t)
            profile = (z / length, u, exact)
        worst = max(worst, *errors)
        if kind == "poiseuille":
            curves = {"z / L": profile[0].tolist(), "u": profile[1].tolist(), "exact": profile[2].tolist()}
    return result(worst, 0.0, 0.02, curves, scale=1.0, gate_text="2 %")


def _flow(kind: str, cell: float, length: float, nu: float, quick: bool):  # noqa: ANN202
    """Time over L^2 / nu, heights [m] and speeds (over F L^2 / nu, or over the plate's) in layers of half a cell."""
    force = 0.5 if kind == "poiseuille" else 0.0
    step = 0.0025
    scene = periodic_scene(cell, None, length, gravity=(force, 0.0, 0.0), timestep=step)
    scene.add_body("floor", engine.Box(size=(4.0, 4.0, 0.1), position=(0, 0, -0.05)), fixed=True)
    lid = engine.Box(size=(4.0, 4.0, 0.1), position=(0, 0, length + 0.05))
    scene.add_body("lid", lid, kinematic=True)
    liquid = engine.Liquid(viscosity=1000.0 * nu, sound_speed=2.0, wall="stick")
    region = engine.Box(size=(4 * cell, 4 * cell, length))
    scene.add_matter("liquid", material=liquid, region=region, position=(0, 0, length / 2))
    sim = engine.Simulation(scene)
    matter, done = sim.matter("liquid"), 0
    matter.density = 1010.0  # the liquid stands under pressure, so it is on the walls all over
    speed = force * length**2 / nu if kind == "poiseuille" else 0.1
    for t in TIMES[: 4 if quick else 5]:
        while done < round(t * length**2 / nu / step):
            if kind == "couette":
                sim.control.kinematic_velocity[0, 0] = (speed, 0, 0, 0, 0, 0)
            sim.step()
            done += 1
        z, v = matter.position[0, :, 2].astype(float), matter.velocity[0, :, 0].astype(float) / speed
        layer = np.floor(2 * z / cell).astype(int).clip(0, round(2 * length / cell) - 1)
        count = np.bincount(layer)
        yield step * done * nu / length**2, np.bincount(layer, z) / count, np.bincount(layer, v) / count


def _poiseuille(z: np.ndarray, t: float) -> np.ndarray:
    n = 2 * np.arange(60)[:, None] + 1
    return z * (1 - z) / 2 - (4 / (np.pi * n) ** 3 * np.sin(np.pi * n * z) * np.exp(-((np.pi * n) ** 2) * t)).sum(0)


def _couette(z: np.ndarray, t: float) -> np.ndarray:
    n = np.arange(1, 120)[:, None]
    return z + (2 / (np.pi * n) * (-1.0) ** n * np.sin(np.pi * n * z) * np.exp(-((np.pi * n) ** 2) * t)).sum(0)
