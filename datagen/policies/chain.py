"""The arm as a chain of seven hinges: where its hand is for given angles, and angles that lead the hand along a whole path.

The batched inverse kinematics of the engine gives every frame the nearest solution; whether a long path (a door, a full tilt of
a cup) can be followed to its end without a jump depends on the configuration in which it begins. `plan` therefore starts from
many configurations at once, follows the path from each by damped least squares (Nakamura and Hanafusa 1986) and keeps the best:
the one that stays closest to the path, then the one that is farthest from its limits. Everything is numpy over the starts, of
one environment alone.
Limits: no obstacles but a level below which nothing around the last four joints may come, boxes that are named, and its forearm
that the palm of a bent wrist would hit; between two samples the angles are interpolated.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.policies.view import TIP, Box, Pose
from datagen.quaternions import conjugate, multiply, rotate, rotation_vector

STARTS = 48
FIRST, NEXT = 60, 12  # steps for the first pose of a path, and for each following one
DAMPING = 1e-3
STEP = 0.4  # rad: the longest step of the search
LEVER = 0.2  # m per rad: what a wrong rotation counts
ROOM = 0.06  # rad that stay free at the limits
BULK = np.array([0.08, 0.08, 0.08, 0.045])  # m: of the arm around the centres of its last four joints
BELOW = 10.0  # m per m: what comes below the level counts
FOREARM = np.linspace(-0.28, -0.12, 5)  # m: of the axis of the fifth link, `ASIDE` beside the wrist, which the palm can hit
ASIDE = 0.03
PALM = np.linspace(-0.09, 0.09, 7)  # m: of the palm across, 65 mm behind the tip
BEHIND = 0.065
CLEAR = 0.1  # m: between the two axes where they are free


@dataclass(frozen=True)
class Chain:
    """Seven hinges with fixed frames: position (n + 1, 3) and rotation (n + 1, 4) of each frame in the one before (the last is
    the hand), unit axis (n, 3) and limits (n, 2) of each joint."""

    position: np.ndarray
    rotation: np.ndarray
    axis: np.ndarray
    limits: np.ndarray

    def place(self, q: np.ndarray, base: Pose) -> tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]:
        """For angles (m, n): tip (m, 3), rotation of the hand (m, 4), joint centres (m, n, 3) and their axes (m, n, 3) in W."""
        here = np.broadcast_to(base[0], (len(q), 3))
        turn = np.broadcast_to(base[1], (len(q), 4))
        centres, axes = [], []
        for joint in range(q.shape[1]):
            here = here + rotate(turn, np.broadcast_to(self.position[joint], here.shape))
            turn = multiply(turn, np.broadcast_to(self.rotation[joint], turn.shape))
            centres.append(here)
            axes.append(rotate(turn, np.broadcast_to(self.axis[joint], here.shape)))
            half = 0.5 * q[:, joint, None]
            turn = multiply(turn, np.concatenate([np.cos(half), np.sin(half) * self.axis[joint]], axis=1))
        here = here + rotate(turn, np.broadcast_to(self.position[-1], here.shape))
        turn = multiply(turn, np.broadcast_to(self.rotation[-1], turn.shape))
        tip = here + rotate(turn, np.broadcast_to(np.array(TIP), here.shape))
        return tip, turn, np.stack(centres, axis=1), np.stack(axes, axis=1)

    def search(self, q: np.ndarray, base: Pose, goal: Pose, steps: int) -> tuple[np.ndarray, np.ndarray]:
        """Angles (m, n) nearer to a pose, from starts (m, n), and what they miss it by (m,) [m]."""
        low, high = self.limits[:, 0] + ROOM, self.limits[:, 1] - ROOM
        eye = DAMPING * np.eye(6)
        for _ in range(steps):
            tip, turn, centres, axes = self.place(q, base)
            wrong = np.concatenate([goal[0] - tip, LEVER * rotation_vector(multiply(goal[1], conjugate(turn)))], axis=1)
            if np.abs(wrong).max() < 2e-4:
                break
            jacobian = np.concatenate([np.cross(axes, tip[:, None] - centres), LEVER * axes], axis=2)  # (m, n, 6)
            square = np.einsum("mni,mnj->mij", jacobian, jacobian) + eye
            change = np.einsum("mni,mi->mn", jacobian, np.linalg.solve(square, wrong[..., None])[..., 0])
            longest = np.abs(change).max(1, keepdims=True)
            q = np.clip(q + change * np.minimum(1.0, STEP / np.maximum(longest, 1e-9)), low, high)
        tip, turn, _, _ = self.place(q, base)
        wrong = rotation_vector(multiply(goal[1], conjugate(turn)))
        return q, np.linalg.norm(goal[0] - tip, axis=1) + LEVER * np.linalg.norm(wrong, axis=1)

    def plan(
        self, base: Pose, poses: Sequence[Pose], now: np.ndarray, level: float, boxes: Sequence[Box] = ()
    ) -> tuple[float, np.ndarray]:
        """Angles (len(poses), n) along a path, and by how much [m] they miss the worst pose. now: the present angles (n,), one
        of the starts; level: height below which nothing from the elbow on may be; boxes: into which it may not come."""
        stream = np.random.default_rng(0)
        spread = self.limits[:, 0] + stream.random((STARTS - 1, len(now))) * (self.limits[:, 1] - self.limits[:, 0])
        q = np.concatenate([now[None], 0.5 * (spread + now)], axis=0)
        way, worst = [], np.zeros(len(q))
        for number, pose in enumerate(poses):
            before = q
            q, miss = self.search(q, base, pose, NEXT if number else FIRST)
            placed = self.place(q, base)
            low = (placed[2][:, 3:, 2] - BULK).min(1)
            miss = miss + BELOW * (np.maximum(level - low, 0.0) + _free(placed) + _inside(placed[2][:, 3:], boxes))
            if number:
                miss = miss + np.maximum(np.abs(q - before).max(1) - 1.2, 0.0)
            worst = np.maximum(worst, miss)
            way.append(q)
        path = np.stack(way, axis=1)
        spare = np.minimum(path - self.limits[:, 0], self.limits[:, 1] - path).min((1, 2))
        far = np.abs(path[:, 0] - now).max(1)
        best = int(np.argmin(np.round(worst, 3) - 0.001 * np.minimum(spare, 0.3) + 0.0005 * far))
        return float(worst[best]), path[best]


def _inside(points: np.ndarray, boxes: Sequence[Box]) -> np.ndarray:
    """By how much [m] the arm around joint centres (m, 4, 3) comes into boxes (m,)."""
    deepest = np.zeros(len(points))
    for (position, rotation), half in boxes:
        own = np.abs(rotate(conjugate(np.broadcast_to(rotation, (*points.shape[:2], 4))), points - position)) - half
        apart = np.linalg.norm(np.maximum(own, 0.0), axis=-1) + np.minimum(own.max(-1), 0.0)
        deepest = np.maximum(deepest, (BULK - apart).max(1))
    return deepest


def _free(placed: tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]) -> np.ndarray:
    """By how much [m] the palm comes too near to the forearm (m,), for what `Chain.place` gives."""
    tip, turn, centres, axes = placed
    along, aside = axes[:, 4, None], -axes[:, 5, None]  # z and y of the fifth link
    arm = centres[:, 4, None] + FOREARM[:, None] * along + ASIDE * aside
    y, z = (rotate(turn, np.broadcast_to(axis, tip.shape))[:, None] for axis in np.eye(3)[1:])
    palm = tip[:, None] - BEHIND * z + PALM[:, None] * y
    apart = np.linalg.norm(arm[:, :, None] - palm[:, None], axis=-1).min((1, 2))
    return np.asarray(np.maximum(CLEAR - apart, 0.0))


def chain_of(simulation: Any, links: Sequence[int], joints: Sequence[int], env: int) -> Chain:
    """The chain of an environment. links: bodies from the first moved one to the hand; joints: one for each but the hand."""
    reals = simulation.compiled.reals

    def of(name: str, numbers: Sequence[int]) -> np.ndarray:
        values = reals[name]
        return np.array(values[min(env, len(values) - 1)], float)[list(numbers)]

    return Chain(of("body_position", links), of("body_rotation", links), of("joint_axis", joints), of("joint_range", joints))
