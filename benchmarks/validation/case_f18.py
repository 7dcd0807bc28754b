"""F18: a Bingham fluid on a slope: it flows by the Bingham profile, and below the yield height it stands."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import periodic_scene, result

CASE, TITLE = "F18", "Bingham layer on a slope: mean speed where it flows (a layer below the yield height must stand)"
DENSITY, SLOPE, YIELD, VISCOSITY = 1800.0, 0.0875, 100.0, 10.0


def run(quick: bool) -> dict[str, Any]:
    """Within 5 % of U = tau_b h / (3 mu) (1 - 1.5 xi + 0.5 xi^3), xi = yield / tau_b, for h = 0.2 m; 5 cm must stand."""
    depth, cells = 0.2, (16 if quick else 24)
    times, track = _flow(depth, depth / cells, 5.0 if quick else 10.0)
    base = DENSITY * 9.81 * depth * SLOPE
    xi = YIELD / base
    mean = base * depth / (3 * VISCOSITY) * (1 - 1.5 * xi + 0.5 * xi**3)
    _, thin = _flow(0.05, 0.05 / cells, 1.0)
    creep = thin[-1] / mean
    measured = track[-1] if creep < 1e-3 else float("inf")
    return result(measured, mean, 0.05, {"t": times, "U": track}, gate_text="5 %; 5 cm stand within 1e-3 of that speed")


def _flow(depth: float, cell: float, until: float) -> tuple[list[float], list[float]]:
    """Times [s] and mean speeds [m/s], from the exact profile on: what the solver makes of it is what counts."""
    scene = periodic_scene(cell, None, depth, gravity=(9.81 * SLOPE, 0.0, -9.81), timestep=0.004)
    scene.add_body("floor", engine.Box(size=(9.0, 9.0, 1.0), position=(0, 0, -0.5)), fixed=True)
    mud = engine.Liquid(density=DENSITY, viscosity=VISCOSITY, yield_stress=YIELD, sound_speed=8.0, wall="stick")
    region = engine.Box(size=(4 * cell, 4 * cell, depth))
    scene.add_matter("mud", material=mud, region=region, position=(0, 0, depth / 2))
    sim = engine.Simulation(scene)
    matter = sim.matter("mud")
    z = matter.position[0, :, 2]
    matter.stress = -DENSITY * 9.81 * (depth - z)[None, :, None, None] * np.eye(3)
    base = DENSITY * 9.81 * depth * SLOPE
    flows = np.minimum(z, max(0.0, 1 - YIELD / base) * depth)  # above it the plug
    speed = (base - YIELD) / VISCOSITY * flows - base / depth / VISCOSITY * flows**2 / 2
    matter.velocity = np.stack([np.maximum(speed, 0.0), 0 * z, 0 * z], axis=-1)[None]
    times, track = [], []
    for k in range(20):
        sim.step(round(until / 20 / 0.004))
        times.append((k + 1) * until / 20)
        track.append(float(matter.velocity[0, :, 0].mean()))
    return times, track
