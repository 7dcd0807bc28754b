"""Push 128 boxes that differ in mass and friction, one per environment, and compare with Newton and Coulomb.

A batch may hold scenes that differ in any real number: masses, sizes, friction, gains, gravity. The kernels are the same.
Success criteria: every box reaches the speed (F / m - mu g) t within 1 per cent.
"""

import numpy as np

import engine

PUSH, TIME = 12.0, 0.5  # N, s


def box_scene(mass: float, friction: float) -> engine.Scene:
    """A box that lies on a floor."""
    scene = engine.Scene()
    scene.add_plane(friction=friction)
    scene.add_body("box", engine.Box(size=(0.3, 0.3, 0.1)), position=(0, 0, 0.05), mass=mass, friction=friction)
    return scene


def main() -> None:
    """Draw, push, compare."""
    engine.init(backend="cpu")
    rng = np.random.default_rng(0)
    mass, friction = rng.uniform(0.5, 2.0, 128), rng.uniform(0.05, 0.5, 128)
    sim = engine.Simulation([box_scene(m, f) for m, f in zip(mass, friction, strict=True)])
    sim.step(substeps=100)  # settle
    start = sim.state.qvel[:, 0].copy()
    sim.control.body_wrench[:, sim.names.body.index("box"), 0] = PUSH
    sim.step(substeps=round(TIME / sim.timestep))
    speed = sim.state.qvel[:, 0] - start
    expected = (PUSH / mass - friction * 9.81) * TIME
    error = np.abs(speed / expected - 1)
    print(f"speeds {speed.min():.2f} .. {speed.max():.2f} m/s, largest error {error.max():.2%}")
    assert not sim.faults.any()
    assert error.max() < 0.01


if __name__ == "__main__":
    main()
