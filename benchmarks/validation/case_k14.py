"""K14: a cup with walls of 2 mm on a grid of 5 mm is carried at up to 2 m/s and tilted; nothing passes its walls."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with, walls
from engine.geometry import rotation

CASE, TITLE = "K14", "Leak test: particles that went through 2 mm walls at dx = 5 mm"


def run(quick: bool) -> dict[str, Any]:
    """None, in 20 s (1 s when quick)."""
    scene = scene_with(0.005, domain=((-0.4, -0.3, -0.3), (0.6, 0.3, 0.6)))
    scene.add_body("cup", walls((0.06, 0.06, 0.08), 0.002), kinematic=True)
    water = engine.Liquid(sound_speed=15.0)
    scene.add_matter("water", material=water, region=engine.Box(size=(0.06, 0.06, 0.03)), position=(0, 0, 0.015), spacing=0.004)
    sim = engine.Simulation(scene)
    through, track = np.zeros(0, bool), []
    before = _side(sim)
    for k in range(500 if quick else 10_000):
        t = 0.002 * k
        turn = np.radians(30) * np.pi * np.cos(np.pi * t)
        sim.control.kinematic_velocity[0, 0] = (2.0 * np.sin(13.0 * t), 0.0, 0.0, 0.0, turn, 0.0)
        sim.step()
        side = _side(sim)
        passed = (before == 1) & (side == -1)
        through = passed if not len(through) else through | passed
        before = side
        track.append(int(through.sum()))
    return result(int(through.sum()), 0, 0.5, {"through": track}, scale=1.0, gate_text="0 particles")


def _side(sim: engine.Simulation) -> np.ndarray:
    """1 inside the hollow, -1 outside of walls or floor, 0 above the rim, per particle."""
    place, turn = sim.read("body_position_W")[0, 1], sim.read("body_rotation_W")[0, 1]
    local = rotation.rotate(rotation.conjugate(turn), sim.matter("water").position[0].astype(float) - place)
    across = np.abs(local[:, :2]).max(axis=1)
    inside = (across < 0.031) & (local[:, 2] > -0.001) & (local[:, 2] < 0.075)
    outside = ((across > 0.031) & (local[:, 2] < 0.075)) | (local[:, 2] < -0.001)
    return np.where(inside, 1, np.where(outside, -1, 0))
