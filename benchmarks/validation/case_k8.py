"""K8: jelly hits a free box off its centre; momentum and angular momentum of both together are kept."""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result, scene_with
from engine.geometry import rotation

CASE, TITLE = "K8", "Impact of jelly on a free box: momentum lost over that of the jelly (angular momentum within 1e-4)"


def run(quick: bool) -> dict[str, Any]:
    """Within 1e-5; angular momentum about the first centre within 1e-4, with that of the particles' own gradients."""
    cell = 0.02
    scene = scene_with(cell, gravity=(0.0, 0.0, 0.0), domain=((-0.6, -0.6, -0.6), (0.6, 0.6, 0.8)))
    region = engine.Box(size=(0.08, 0.08, 0.08))
    jelly = engine.Elastic(youngs_modulus=1e4)
    scene.add_matter("jelly", material=jelly, region=region, position=(0.05, 0, 0.3), velocity=(0, 0, -1))
    scene.add_body("box", engine.Box(size=(0.2, 0.2, 0.1)), position=(0, 0, 0.15), mass=0.512)
    sim = engine.Simulation(scene)
    first, lever = _sums(sim, cell)
    sim.step(150)
    last, turned = _sums(sim, cell)
    linear = float(np.abs(last - first).max()) / 0.512
    angular = float(np.abs(turned - lever).max()) / float(np.linalg.norm(lever))
    met = abs(sim.state.qvel[0, 2]) > 0.01
    measured = linear if angular < 1e-4 and met else float("inf")
    found = result(measured, 0.0, 1e-5, scale=1.0, gate_text="1e-5; angular 1e-4")
    return {**found, "reason": f"momentum {linear:.2e}, angular momentum {angular:.2e}"}


def _sums(sim: engine.Simulation, cell: float) -> tuple[np.ndarray, np.ndarray]:
    """Momentum and angular momentum about the origin of jelly and box (Jiang et al. 2015, eq. 11)."""
    matter = sim.matter("jelly")
    columns = sim._coupling.continua[0].particles.ordered()[0][0].astype(float)
    m, x, v = matter.mass[0].astype(float)[:, None], matter.position[0].astype(float), matter.velocity[0].astype(float)
    a, b, c = columns[:, 2], columns[:, 3], columns[:, 4]
    own = 0.25 * cell**2 * np.stack([b[:, 2] - c[:, 1], c[:, 0] - a[:, 2], a[:, 1] - b[:, 0]], axis=1)
    place, q = sim.read("body_position_W")[0, 1], sim.read("body_rotation_W")[0, 1]
    speed, spin = sim.state.qvel[0, :3], sim.state.qvel[0, 3:6]
    turn = rotation.matrix(q)
    inertia = np.diag([0.2**2 + 0.1**2, 0.2**2 + 0.1**2, 0.2**2 + 0.2**2]) / 12 * 0.512
    momentum = (m * v).sum(0) + 0.512 * speed
    return momentum, (m * (np.cross(x, v) + own)).sum(0) + 0.512 * np.cross(place, speed) + turn @ inertia @ spin
