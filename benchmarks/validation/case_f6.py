"""F6: a standing wave in a tank has the period of linear waves, omega^2 = (pi g / L) tanh(pi h / L)."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, slab

CASE, TITLE = "F6", "Sloshing, first mode, L = 0.5 m, h = 0.25 m: period"


def run(quick: bool) -> dict[str, Any]:
    """Within 2 %, from the zeros of the centre of mass along x."""
    length, depth = 0.5, 0.25
    cell = 0.025 if quick else 0.0125
    scene = slab(cell, length, depth + 0.1, timestep=0.004)
    water = engine.Liquid(sound_speed=20.0)
    region = engine.Box(size=(length, 4 * cell, depth))
    scene.add_matter("water", material=water, region=region, position=(length / 2, 0, depth / 2))
    sim = engine.Simulation(scene)
    matter = sim.matter("water")
    x = matter.position
    wave, start = np.pi / length, x[0]
    size = 0.02 / np.sinh(wave * depth)  # displacements of the wave itself, which keep volumes
    moved = x.copy()
    moved[0, :, 0] -= size * np.sin(wave * start[:, 0]) * np.cosh(wave * start[:, 2])
    moved[0, :, 2] += size * np.cos(wave * start[:, 0]) * np.sinh(wave * start[:, 2])
    matter.position = moved
    matter.stress = -1000.0 * 9.81 * (depth - start[:, 2])[None, :, None, None] * np.eye(3)
    time, track = [], []
    for k in range(500 if quick else 900):
        sim.step()
        time.append(0.004 * (k + 1))
        track.append(float(matter.center_of_mass[0, 0]))
    middle = (max(track) + min(track)) / 2
    offset = np.array(track) - middle
    zeros = [
        time[k] - 0.004 * offset[k] / (offset[k] - offset[k - 1]) for k in range(1, len(time)) if offset[k] * offset[k - 1] < 0
    ]
    period = 2 * (zeros[-1] - zeros[0]) / (len(zeros) - 1)
    exact = 2 * np.pi / np.sqrt(9.81 * wave * np.tanh(wave * depth))
    return result(period, float(exact), 0.02, {"t": time, "x of the centre of mass": track})
