"""F8: water leaves a slot in the floor of a tank by Torricelli's law."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with

CASE, TITLE = "F8", "Torricelli: speed of the jet over that of free fall from the level"
GATE = "3 %; Cd 0.55 to 0.68; exponent 0.5 +- 0.05"


def run(quick: bool) -> dict[str, Any]:
    """Speed within 3 %; coefficient of discharge in [0.55, 0.68], exponent of the flow in the head within 0.5 +- 0.05."""
    cell = 0.005
    across = 32 if quick else 48
    width, slot, head, thick = across * cell, 8 * cell, across * cell, 2 * cell
    box = ((-width / 2 - 8 * cell, -2 * cell, -0.3), (width / 2 + 8 * cell, 2 * cell, head + 0.1))
    scene = scene_with(cell, domain=box, periodic=(False, True, False), timestep=0.002)
    parts = []
    for side in (-1, 1):
        plate = (width - slot) / 2 + 4 * cell
        parts.append(engine.Box(size=(plate, 1.0, thick), position=(side * (slot + plate) / 2, 0, -thick / 2), friction=0.0))
        wall = engine.Box(size=(8 * cell, 1.0, 1.0), position=(side * (width / 2 + 4 * cell), 0, 0.5), friction=0.0)
        parts.append(wall)
    scene.add_body("tank", parts, fixed=True)
    water = engine.Liquid(sound_speed=20.0)
    region = engine.Box(size=(width, 4 * cell, head))
    scene.add_matter("water", material=water, region=region, position=(0, 0, head / 2), spacing=cell / 2)
    sim = engine.Simulation(scene)
    matter = sim.matter("water")
    matter.stress = -1000.0 * 9.81 * (head - matter.position[0, :, 2])[None, :, None, None] * np.eye(3)
    total = head * width
    time, level, speeds = [], [], []
    for k in range(20 if quick else 75):
        sim.step(10)
        x, v = matter.position[0], matter.velocity[0]
        inside = np.nan_to_num(x[:, 2], nan=-1.0) > 0
        time.append(0.02 * (k + 1))
        level.append(float(inside.mean()) * total / width)
        jet = (x[:, 2] < -0.04) & (x[:, 2] > -0.06)
        fall = np.sqrt(2 * 9.81 * (level[-1] + 0.05))
        speeds.append(float(-v[jet, 2].mean()) / fall if jet.any() else np.nan)
    t, h = np.array(time), np.array(level)
    flow = -np.gradient(h, t) * width
    late = t > (0.15 if quick else 0.3)
    discharge = float(np.mean(flow[late] / (slot * np.sqrt(2 * 9.81 * h[late]))))
    exponent = float(np.polyfit(np.log(h[late]), np.log(flow[late]), 1)[0])
    fine = 0.55 <= discharge <= 0.68 and (quick or abs(exponent - 0.5) <= 0.05)
    measured = float(np.nanmean(np.array(speeds)[late]))
    curves = {"t": time, "level": level, "jet speed ratio": speeds}
    found = result(measured if fine else float("inf"), 1.0, 0.03, curves, gate_text=GATE)
    return {**found, "reason": f"speed ratio {measured:.3f}, coefficient of discharge {discharge:.3f}, exponent {exponent:.2f}"}
