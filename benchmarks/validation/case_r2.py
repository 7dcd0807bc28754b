"""R2: the first period of a hanging chain."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.soft import result

CASE, TITLE = "R2", "Hanging chain: first period 5.2255 sqrt(L / g)"


def run(quick: bool) -> dict[str, Any]:
    """First period within 2 %, BDF2, from zero crossings of the free end."""
    scene = engine.Scene()
    scene.options.timestep = 0.004
    scene.deformable_options = engine.DeformableOptions(sweeps=60, integrator="bdf2")
    rope = engine.Rope(linear_density=0.1, stretch=2e3, bending=0.0, damping=0.0, bending_damping=0.0, diameter=0.01)
    segments = 12 if quick else 24
    scene.add_rope("chain", material=rope, points=[(0, 0, 0), (0, 0, -1)], segments=segments, self_contact=False)
    scene.attach("chain", [0])
    sim = engine.Simulation(scene)
    view = sim.deformable("chain")
    z = np.linspace(0, 1, segments + 1)
    from scipy.special import j0

    place = view.position
    place[0, :, 0] = 0.02 * j0(2.404826 * np.sqrt(1 - z))
    view.position = place
    track = []
    for _ in range(1000 if quick else 2000):
        sim.step(1)
        track.append(view.position[0, -1, 0])
    x = np.array(track)
    k = np.flatnonzero(x[1:] * x[:-1] < 0)
    at = k + x[k] / (x[k] - x[k + 1])
    period = 2 * np.diff(at).mean() * 0.004
    return result(period, 5.2255 / np.sqrt(9.81), 0.02, {"t": (np.arange(len(x)) * 0.004).tolist(), "x": x.tolist()})
