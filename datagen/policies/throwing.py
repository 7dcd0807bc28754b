"""Throw: release a thing at speed so that it lands on a target.

The hand swings level and straight towards the target with the fingers pointing down and closing across the way, so that nothing
but air is before the thing when they open. Level flight from height h takes sqrt(2 h / g); the speed is the distance over that
time (Newton, no drag). The swing speeds up evenly and goes on at that speed through the release. A throw that missed is told,
not tried again: what was thrown lies out of reach.
Limits: gravity along -z; speeds up to FASTEST, the arm's own; a light target is not moved before the landing is judged.
"""

import math

import numpy as np

from datagen.policies.carrying import pick
from datagen.policies.view import UP, Path, Phase, Pose, Skill, View, flat, turned
from datagen.quaternions import conjugate, rotate

GRAVITY = 9.81  # m/s^2
FASTEST = 2.2  # m/s
RUN = 0.16  # m: of the swing up to full speed
CRUISE = 0.10  # s at full speed before the release
AFTER = 0.08  # s at full speed after it
HEIGHT = 0.55  # m: of the release above the base
REACH = 0.5  # m: of the release from the base
WATCHED = 1.2  # s


def throw(view: View, target: str, on: str, tries: int) -> Skill:
    """Pick an object if the hand does not hold it, and throw it."""
    if not view.holds(target):
        failed = yield from pick(view, target, tries)
        if failed:
            return failed
    base, goal = view.base()[0], view.pose(on)[0]
    along = flat(goal - base)
    release = base + REACH * along + HEIGHT * UP
    drop = release[2] - _landing(view, on, target)
    distance = float(along @ (goal - release)) + view.noise()[0]
    speed = distance / math.sqrt(2.0 * max(drop, 0.01) / GRAVITY)
    if not 0.2 < speed <= FASTEST:
        return "throw"
    slip = view.tip()[0] - view.pose(target)[0]
    hand = turned(math.remainder(math.atan2(along[1], along[0]), 2.0 * math.pi))
    back = slip @ along * along
    swing, length = _swing(release + back, along, speed, hand)
    begin = swing(0.0)
    yield Phase("swing", begin[0], begin[1], 0.0, 0.3)
    at = 1.0 - AFTER / length
    yield Phase("throw", swing(1.0)[0], hand, 0.0, path=swing, length=length, steady=True, release=at)
    end = view.tip()[0] + 0.06 * along + 0.02 * UP
    yield Phase("leave", end, hand, 0.04, WATCHED)
    return "" if _landed(view, target, on) else "throw"


def _landing(view: View, on: str, target: str) -> float:
    """The height of the origin of what lands: above the floor of a vessel, else above the top of a body."""
    interior = view.bodies[on].interior
    level = view.top(on) if interior is None else view.pose(on)[0][2] + interior.sections[-1][0]
    return float(level + (view.extent(target, -UP) if interior is None else 0.0))


def _swing(release: np.ndarray, along: np.ndarray, speed: float, hand: np.ndarray) -> tuple[Path, float]:
    """The path of the tip by share of time, and its length [s]: even acceleration, then even speed through the release."""
    rise = 2.0 * RUN / speed
    length = rise + CRUISE + AFTER

    def path(share: float) -> Pose:
        time = share * length
        way = 0.5 * speed / rise * time * time if time < rise else RUN + speed * (time - rise)
        return release + along * (way - RUN - speed * CRUISE), hand

    return path, length


def _landed(view: View, target: str, on: str) -> bool:
    """Whether the thing lies in a vessel, or on a body within its edges."""
    if view.bodies[on].interior is not None:
        return target in view.contents(on)
    place, turn = view.pose(on)
    own = rotate(conjugate(turn), view.pose(target)[0] - place)
    half = [view.extent(on, rotate(turn, axis)) for axis in np.eye(3)[:2]]
    return bool(abs(own[0]) <= half[0] and abs(own[1]) <= half[1])
