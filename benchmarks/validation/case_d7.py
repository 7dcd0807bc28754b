"""D7: what is symmetric stays symmetric."""

from typing import Any

import numpy as np
from scipy.spatial import cKDTree

import engine
from benchmarks.validation.matter import result, scene_with

CASE, TITLE = "D7", "Cube of jelly dropped on a plane: distance to its quarter turn over its edge"


def run(quick: bool) -> dict[str, Any]:
    """Within 1e-4, 0.2 s after the release from 2 cm."""
    edge = 0.12
    scene = scene_with(0.02 if quick else 0.01)
    scene.add_plane()
    cube = engine.Box(size=(edge, edge, edge))
    scene.add_matter("jelly", material=engine.Elastic(youngs_modulus=5e4), region=cube, position=(0, 0, edge / 2 + 0.02))
    sim = engine.Simulation(scene)
    matter = sim.matter("jelly")
    turn = np.array([[0.0, -1.0, 0.0], [1.0, 0.0, 0.0], [0.0, 0.0, 1.0]])
    twin = cKDTree(matter.position[0]).query(matter.position[0] @ turn.T)[1]
    track = []
    for _ in range(10):
        sim.step(10)
        x = matter.position[0].astype(float)
        track.append(float(np.abs(x @ turn.T - x[twin]).max() / edge))
    return result(track[-1], 0.0, 1e-4, {"distance": track}, scale=1.0, gate_text="1e-4")
