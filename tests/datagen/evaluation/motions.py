"""Hand-made episodes with known answers."""

import numpy as np

from datagen.evaluation.truth import Truth

FPS = 20


def ball(radius=0.05, position=(0.0, 0.0, 0.0), **more):
    """A spherical body of a resolved spec."""
    shape = {"type": "sphere", "size": [radius]}
    base = {"position": position, "rotation": [1.0, 0.0, 0.0, 0.0], "friction": [0.5, 0, 0], "restitution": 0.5}
    return {"shapes": [shape], **base, **more}


def collision(index=0, group=0, branch="base", speed=1.0, frames=21, gap_=0.3, gravity=(0.0, 0.0, 0.0), mass=2.0):
    """Equal balls on a line: `a` runs into resting `b` after `gap_` m and hands over all of its speed; no gravity."""
    time = np.arange(frames) / FPS
    hit = gap_ / speed if speed > 0 else np.inf
    before = time <= hit + 1e-9
    position, velocity = np.zeros((frames, 2, 3)), np.zeros((frames, 2, 3))
    position[:, 0, 0] = np.minimum(speed * time, gap_)
    position[:, 1, 0] = gap_ + 0.1 + np.maximum(speed * (time - hit), 0.0) if speed > 0 else gap_ + 0.1
    velocity[before, 0, 0], velocity[~before, 1, 0] = speed, speed
    touched, touching = np.zeros((frames, 2), bool), {}
    if hit < time[-1]:
        interval = int(hit * FPS + 1e-6)
        touched[interval] = True
        touching[frozenset("ab")] = np.arange(frames) == interval
    rotation = np.zeros((frames, 2, 4))
    rotation[..., 0] = 1.0
    return Truth(
        index=index, group=group, branch=branch, fps=FPS, gravity=np.asarray(gravity), names=("a", "b"), position=position,
        rotation=rotation, velocity=velocity, mass=np.full(2, mass), touching=touching, outer=np.zeros((frames, 3)),
        touched=touched, acted=np.zeros((frames, 2), bool), bodies={"a": ball(), "b": ball()},
    )  # fmt: skip


def fall(frames=11, acceleration=9.81, index=0):
    """One ball that falls under gravity 9.81 m/s2, with its position as if it were `acceleration`."""
    time = np.arange(frames) / FPS
    position, velocity = np.zeros((frames, 1, 3)), np.zeros((frames, 1, 3))
    position[:, 0, 2], velocity[:, 0, 2] = 10.0 - 0.5 * acceleration * time**2, -acceleration * time
    rotation = np.zeros((frames, 1, 4))
    rotation[..., 0] = 1.0
    return Truth(
        index=index, group=index, branch="base", fps=FPS, gravity=np.array([0.0, 0.0, -9.81]), names=("a",), position=position,
        rotation=rotation, velocity=velocity, mass=np.ones(1), touching={}, outer=np.zeros((frames, 3)),
        touched=np.zeros((frames, 1), bool), acted=np.zeros((frames, 1), bool), bodies={"a": ball()},
    )  # fmt: skip
