"""A thousand boxes fall into a heap in one environment, and go to sleep.

    python examples/pile.py

Success criteria: nobody sinks into the ground or another box by more than 2 per cent of its edge, and the heap comes to rest.
"""

import numpy as np

import engine

COUNT, EDGE = 1000, 0.1


def main() -> None:
    """Build the scene, let it fall for four seconds, and check."""
    rng = np.random.default_rng(0)
    scene = engine.Scene()
    scene.add_plane()
    for k in range(COUNT):
        place = np.array([k % 10, k // 10 % 10, k // 100]) * 1.2 * EDGE + rng.uniform(-0.01, 0.01, 3)
        scene.add_body(f"box{k}", engine.Box(size=(EDGE,) * 3), position=(place[0], place[1], place[2] + EDGE))
    engine.init("cpu")
    sim = engine.Simulation(scene)
    for second in range(4):
        sim.step(substeps=500)
        speed = np.abs(sim.state.qvel[0]).max()
        print(f"{second + 1} s: {len(sim.contacts())} contacts, fastest {speed:.3f}")
    deepest = sim.contacts().depth.max()
    assert deepest < 0.02 * EDGE, f"a box sinks by {deepest * 1000:.2f} mm"
    assert np.median(np.abs(sim.state.qvel[0])) < 0.01, "the heap does not come to rest"


if __name__ == "__main__":
    main()
