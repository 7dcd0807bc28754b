"""F2: a dam break (Martin and Moyce 1952, column of 0.05715 m, twice as high): surge front and height of the column."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, slab

CASE, TITLE = "F2", "Dam break, n^2 = 2: worst of front error over 10 % and height error over 5 %"
FRONT = ((0.41, 1.11), (0.84, 1.22), (1.19, 1.44), (1.43, 1.67), (1.63, 1.89), (1.83, 2.11), (1.98, 2.33), (2.20, 2.56),
         (2.32, 2.78), (2.51, 3.00), (2.65, 3.22), (2.83, 3.44), (2.98, 3.67), (3.11, 3.89), (3.33, 4.11))  # fmt: skip
HEIGHT = ((0.56, 0.94), (0.77, 0.89), (0.93, 0.83), (1.08, 0.78), (1.28, 0.72), (1.46, 0.67), (1.66, 0.61), (1.84, 0.56),
          (2.00, 0.50), (2.21, 0.44), (2.45, 0.39), (2.70, 0.33))  # fmt: skip


def run(quick: bool) -> dict[str, Any]:
    """Front within 10 % for T <= 3.3 after one common time offset of at most 0.3; height within 0.05 for tau <= 3."""
    a = 0.05715
    cell = a / 8 if quick else a / 16
    scene = slab(cell, 6 * a, 2.2 * a, timestep=0.001)
    region = engine.Box(size=(a, 4 * cell, 2 * a))
    scene.add_matter("water", material=engine.Liquid(sound_speed=15.0), region=region, position=(a / 2, 0, a))
    sim = engine.Simulation(scene)
    matter, time, front, height = sim.matter("water"), [], [], []
    for k in range(270):
        sim.step()
        x = matter.position[0]
        time.append(0.001 * (k + 1))
        front.append(float(np.percentile(x[:, 0], 99.5)) / a)
        left = x[x[:, 0] < 2 * cell, 2]
        height.append((float(np.percentile(left, 98)) + cell / 4) / (2 * a) if len(left) else 0.0)
    t, surge = np.array(time), np.array(FRONT)
    scaled = t * np.sqrt(2 * 9.81 / a)

    def wrong(offset: float) -> float:
        return float(np.abs(np.interp(surge[:, 0] + offset, scaled, front) / surge[:, 1] - 1).max())

    ahead = min(wrong(offset) for offset in np.linspace(-0.3, 0.3, 61))
    fall = np.array(HEIGHT)
    drop = float(np.abs(np.interp(fall[:, 0], t * np.sqrt(9.81 / a), height) - fall[:, 1]).max())
    curves = {"T": scaled.tolist(), "front": front, "height": height}
    return result(max(ahead / 0.1, drop / 0.05), 0.0, 1.0, curves, scale=1.0, gate_text="1")
