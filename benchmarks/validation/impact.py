"""A soft cube of the fast solver that hits a free rigid box off its centre: what both together keep."""

import numpy as np

import engine
from engine.geometry import rotation

SOFT = 0.512  # mass [kg]


def collide(ratio: float, sweeps: int = 12) -> tuple[float, float, float, bool]:
    """Momentum and angular momentum lost over the first, fastest speed over the first, whether they met without a fault."""
    scene = engine.Scene()
    scene.options.gravity = (0, 0, 0)
    scene.deformable_options.sweeps = sweeps
    jelly = engine.Elastic(youngs_modulus=1e4)
    shape = engine.Box(size=(0.08, 0.08, 0.08))
    scene.add_soft("jelly", material=jelly, shape=shape, resolution=0.04, position=(0.05, 0, 0.26), velocity=(0, 0, -1))
    scene.add_body("box", engine.Box(size=(0.2, 0.2, 0.1)), position=(0, 0, 0.15), mass=ratio * SOFT)
    sim = engine.Simulation(scene)
    first, lever = _sums(sim, ratio * SOFT)
    fastest = 0.0
    for _ in range(15):
        sim.step(10)
        speeds = (sim.deformable("jelly").velocity, sim.state.qvel[0, :3])
        fastest = max(fastest, *(float(np.abs(v).max()) for v in speeds))
    last, turned = _sums(sim, ratio * SOFT)
    met = abs(float(sim.deformable("jelly").velocity[0, :, 2].mean()) + 1) > 1e-4 and not sim.faults.any()
    p, spin = float(np.linalg.norm(first)), float(np.linalg.norm(lever))
    return float(np.abs(last - first).max()) / p, float(np.abs(turned - lever).max()) / spin, fastest, met


def _sums(sim: engine.Simulation, mass: float) -> tuple[np.ndarray, np.ndarray]:
    view = sim.deformable("jelly")
    m, x, v = view.mass[0][:, None], view.position[0], view.velocity[0]
    place, turn = sim.read("body_position_W")[0, 1], rotation.matrix(sim.read("body_rotation_W")[0, 1])
    speed, spin = sim.state.qvel[0, :3], sim.state.qvel[0, 3:6]
    inertia = np.diag([0.2**2 + 0.1**2, 0.2**2 + 0.1**2, 0.2**2 + 0.2**2]) / 12 * mass
    momentum = (m * v).sum(0) + mass * speed
    return momentum, (m * np.cross(x, v)).sum(0) + mass * np.cross(place, speed) + turn @ inertia @ spin
