"""Inverse kinematics of a seven-joint arm for 256 target poses in one launch, and of one target that is out of reach.

Success criteria: at least 99 per cent of the poses are met to 1 mm and 0.1 degrees within the joint limits; the target out of
reach is reported as not converged.
"""

import time

import numpy as np

import engine
from engine.control import InverseKinematics, Target

# position of the joint in its parent [m], quarter turns about x, limits [rad]; the joints turn about z
LINKS = (
    ((0, 0, 0.33), 0, (-2.8, 2.8)), ((0, 0, 0), -1, (-1.7, 1.7)), ((0, -0.32, 0), 1, (-2.8, 2.8)),
    ((0.08, 0, 0), 1, (-3.0, -0.1)), ((-0.08, 0.38, 0), -1, (-2.8, 2.8)), ((0, 0, 0), 1, (0.0, 3.7)),
    ((0.09, 0, 0), 1, (-2.8, 2.8)),
)  # fmt: skip


def arm_scene() -> engine.Scene:
    """The arm; its last link is called hand."""
    scene = engine.Scene()
    parent = None
    for k, (position, quarters, limits) in enumerate(LINKS):
        name = "hand" if k == 6 else f"link{k}"
        turn = (np.cos(quarters * np.pi / 4), np.sin(quarters * np.pi / 4), 0, 0)
        joint = engine.Hinge(axis=(0, 0, 1), range=limits, initial=sum(limits) / 2)
        scene.add_body(name, engine.Sphere(radius=0.05), position=position, rotation=turn, parent=parent, joint=joint)
        parent = name
    return scene


def main() -> None:
    """Solve, time it, and check by forward kinematics."""
    engine.init(backend="cpu")
    sim = engine.Simulation(arm_scene(), num_envs=256)
    low, high = np.array([limits for *_, limits in LINKS]).T
    there = sim.configuration(qpos=np.random.default_rng(0).uniform(low, high, (256, 7)))
    tip = (0, 0, 0.1)
    position, rotation = there.point("hand", tip), there.body_rotation[:, -1]

    problem = InverseKinematics(sim, Target("hand", point=tip))
    problem.solve(position, rotation)  # the first solve compiles
    start = time.perf_counter()
    found = problem.solve(position, rotation)
    print(f"{1e6 * (time.perf_counter() - start) / 256:.0f} us per pose, {found.converged.mean():.1%} converged")
    met = (found.position_error[:, 0] < 1e-3) & (found.rotation_error[:, 0] < np.radians(0.1))
    assert met.mean() >= 0.99
    assert (found.qpos >= low - 1e-5).all() and (found.qpos <= high + 1e-5).all()
    assert not problem.solve((3, 0, 0), (1, 0, 0, 0)).converged.any()


if __name__ == "__main__":
    main()
