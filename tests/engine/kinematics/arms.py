"""Arms for the tests: a seven-joint arm with the dimensions and limits that Franka publishes for its arm, and a planar one."""

import numpy as np

import engine

# frame of each joint in its parent: position [m] and turn about x [rad]; limits [rad] (Franka Emika, published parameters)
LINKS = [
    ((0, 0, 0.333), 0.0, (-2.8973, 2.8973)),
    ((0, 0, 0), -np.pi / 2, (-1.7628, 1.7628)),
    ((0, -0.316, 0), np.pi / 2, (-2.8973, 2.8973)),
    ((0.0825, 0, 0), np.pi / 2, (-3.0718, -0.0698)),
    ((-0.0825, 0.384, 0), -np.pi / 2, (-2.8973, 2.8973)),
    ((0, 0, 0), np.pi / 2, (-0.0175, 3.7525)),
    ((0.088, 0, 0), np.pi / 2, (-2.8973, 2.8973)),
]
HOME = np.array([0.0, -0.3, 0.0, -2.2, 0.0, 2.0, 0.785])
MASSES = (4.97, 0.65, 3.23, 3.59, 1.23, 1.67, 0.74)


def seven_joint_arm(timestep: float = 0.002, gravity: bool = True, **joint) -> engine.Scene:
    """The arm with a ball of fitting mass on each link; the last link is called hand."""
    scene = engine.Scene()
    scene.options.timestep = timestep
    if not gravity:
        scene.options.gravity = (0, 0, 0)
    parent = None
    for k, ((position, turn, limits), mass) in enumerate(zip(LINKS, MASSES, strict=True)):
        name = "hand" if k == 6 else f"link{k + 1}"
        rotation = (np.cos(turn / 2), np.sin(turn / 2), 0, 0)
        hinge = engine.Hinge(range=limits, initial=float(HOME[k]), name=f"joint{k + 1}", **joint)
        shape = engine.Box(size=(0.08, 0.1, 0.12), mass=mass, position=(0.01, -0.02, 0.03), collides=False)
        scene.add_body(name, shape, position=position, rotation=rotation, parent=parent, joint=hinge)
        parent = name
    return scene


def planar_arm(lengths=(0.5, 0.4), **joint) -> engine.Scene:
    """Links along x that turn about y, a point mass at the end of each; no gravity along the plane's normal."""
    scene = engine.Scene()
    parent, at = None, 0.0
    for k, length in enumerate(lengths):
        ball = engine.Sphere(radius=0.01, mass=1.0 + k, position=(length, 0, 0), collides=False)
        hinge = engine.Hinge(axis=(0, 1, 0), name=f"joint{k + 1}", **joint)
        scene.add_body(f"link{k + 1}", ball, position=(at, 0, 0), parent=parent, joint=hinge)
        parent, at = f"link{k + 1}", length
    return scene


def reachable(simulation, seed: int, margin: float = 0.05):
    """(coordinates, position, rotation) of the hand at random coordinates within the limits."""
    rng = np.random.default_rng(seed)
    low, high = np.array([limits for *_, limits in LINKS]).T
    inside = margin * (high - low)
    qpos = rng.uniform(low + inside, high - inside, (simulation.num_envs, 7))
    there = simulation.configuration(qpos=qpos)
    return qpos, there.point("hand", TOOL), there.body_rotation[:, there.body_index("hand")]


TOOL = (0.0, 0.0, 0.107)
