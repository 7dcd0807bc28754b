"""Drop a cube in 64 environments with another mass and friction in each, and read what happened.

Success criteria: every cube comes to rest on the plane, and the contact forces carry its weight within 1 per cent.
"""

import numpy as np

import engine


def cube_scene(density: float, friction: float) -> engine.Scene:
    """One environment: a plane and a tilted cube above it."""
    scene = engine.Scene()
    scene.add_plane(friction=friction)
    scene.add_body(
        "cube",
        shape=engine.Box(size=(0.1, 0.1, 0.1)),
        position=(0, 0, 0.3),
        rotation=(0.96, 0.2, 0.2, 0),
        density=density,
        friction=friction,
    )
    return scene


def main() -> None:
    """Run two seconds and check."""
    engine.init(backend="cpu")
    rng = np.random.default_rng(0)
    densities = rng.uniform(200, 2000, 64)
    sim = engine.Simulation([cube_scene(d, f) for d, f in zip(densities, rng.uniform(0.2, 0.9, 64), strict=True)])
    sim.step(substeps=1000)
    contacts = sim.contacts()
    weight = np.zeros(64)
    np.add.at(weight, contacts.env, contacts.force[:, 2])
    expected = densities * 0.1**3 * 9.81
    print(f"heights {sim.state.body_position[:, -1, 2].min():.4f} .. {sim.state.body_position[:, -1, 2].max():.4f} m")
    print(f"largest error of the weight carried: {np.abs(weight / expected - 1).max():.2%}")
    assert not sim.faults.any()
    assert np.abs(weight / expected - 1).max() < 0.01


if __name__ == "__main__":
    main()
