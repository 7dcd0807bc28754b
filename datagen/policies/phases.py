"""Scripted skills as phases: reach, push, pick, place and stack for an arm with a parallel gripper that points down.

A skill is a generator: it looks at the world, yields the next phase and goes on when that has ended; it returns "" or the name
of the phase after which it found that it had failed. A grasp that did not hold is tried again. Grasps hold by the friction of
the contacts alone. Method: approach along the vertical, fingers across the narrower side that they can span.
Limits: objects are grasped from above at their origin; the way between two goals is straight and nobody looks for obstacles.
"""

import math
from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.quaternions import multiply, rotate
from datagen.spec.shapes import reach as extent

SPAN = 0.076  # m: the widest object between the fingers, which open to 0.08
ABOVE = 0.12  # m: from here a grasp comes down
LIFT = 0.15  # m
GAP = 0.002  # m: between a placed object and its support when the fingers open
NEAR = 0.01  # m: where a tip counts as arrived at the end of a skill
UP = np.array([0.0, 0.0, 1.0])
DOWN = np.array([0.0, 1.0, 0.0, 0.0])  # the hand at rest: fingers down, x forward

Skill = Generator["Phase", None, str]


@dataclass(frozen=True)
class Phase:
    """Where the tip goes (3,) [m] and how the hand is turned (4,), how far each finger is open [m], how long it stays [s]."""

    name: str
    position: np.ndarray
    rotation: np.ndarray
    opening: float
    wait: float = 0.0


@dataclass(frozen=True)
class View:
    """What a skill sees of its environment, each a function of the present state. shapes: of a body of the spec."""

    pose: Callable[[str], tuple[np.ndarray, np.ndarray]]
    tip: Callable[[], tuple[np.ndarray, np.ndarray]]
    shapes: Callable[[str], Any]
    noise: Callable[[], np.ndarray]

    def extent(self, name: str, direction: np.ndarray) -> float:
        """How far a body reaches from its origin along a direction of the world [m]."""
        rotation = self.pose(name)[1]
        return extent(self.shapes(name), tuple(rotation.tolist()), tuple(direction.tolist()))


def turned(yaw: float) -> np.ndarray:
    """The hand pointing down, turned by `yaw` [rad] about the vertical."""
    return multiply(np.array([math.cos(0.5 * yaw), 0.0, 0.0, math.sin(0.5 * yaw)]), DOWN)


def grasp_yaw(view: View, target: str) -> float | None:
    """The yaw whose fingers close on two sides of an object; None when all are too wide. Of those that fit, the least turn."""
    rotation = view.pose(target)[1]
    fits = []
    for axis in np.eye(3):
        side = rotate(rotation, axis)
        if abs(side[2]) > 0.3:
            continue
        side = side * [1.0, 1.0, 0.0] / np.hypot(side[0], side[1])
        width = view.extent(target, side) + view.extent(target, -side)
        yaw = math.remainder(math.atan2(side[1], side[0]) - 0.5 * math.pi, math.pi)  # fingers along +-y of the hand
        if width <= SPAN:
            fits.append((abs(yaw), yaw))
    return min(fits)[1] if fits else None


def reach(view: View, target: str, lift: float = 0.02) -> Skill:
    """The tip goes above an object."""
    place = view.pose(target)[0] + UP * (view.extent(target, UP) + lift) + view.noise()
    yield Phase("reach", place, DOWN, 0.0, 0.2)
    return "" if np.linalg.norm(view.tip()[0] - place) < NEAR else "reach"


def push(view: View, target: str, way: np.ndarray) -> Skill:
    """The closed fingers push an object along `way` (3,) [m], horizontal."""
    begin, distance = view.pose(target)[0], float(np.linalg.norm(way))
    along = way / distance
    yaw = math.remainder(math.atan2(along[1], along[0]), math.pi)
    behind = begin - along * (view.extent(target, -along) + 0.03) + view.noise()
    end = begin + way - along * (view.extent(target, -along) + 0.011)
    hand = turned(yaw)
    yield Phase("above", behind + UP * ABOVE, hand, 0.0)
    yield Phase("down", behind, hand, 0.0, 0.1)
    yield Phase("push", end, hand, 0.0, 0.2)
    yield Phase("up", end - along * 0.02 + UP * ABOVE, hand, 0.0)
    return "" if abs(along @ (view.pose(target)[0] - begin) - distance) < max(0.02, 0.1 * distance) else "push"


def pick(view: View, target: str, tries: int) -> Skill:
    """Grasp an object and lift it; after a grasp that did not hold, look again and try again."""
    for _ in range(tries):
        yaw, begin = grasp_yaw(view, target), view.pose(target)[0]
        if yaw is None:
            return "grasp"
        hand, place = turned(yaw), begin + view.noise()
        yield Phase("above", place + UP * ABOVE, hand, 0.04)
        yield Phase("down", place, hand, 0.04, 0.1)
        yield Phase("close", place, hand, 0.0, 0.4)
        yield Phase("lift", place + UP * LIFT, hand, 0.0, 0.2)
        if view.pose(target)[0][2] > begin[2] + 0.5 * LIFT:
            return ""
    return "lift"


def place(view: View, target: str, on: str) -> Skill:
    """Put the held object on another one, in the middle, and let go."""
    tip, hand = view.tip()
    held, _ = view.pose(target)
    if np.linalg.norm(held - tip) > 0.1:
        return "hold"
    goal = view.pose(on)[0] + UP * (view.extent(on, UP) + view.extent(target, -UP) + GAP) + view.noise()
    above = goal + UP * max(ABOVE, held[2] - goal[2])
    yield Phase("carry", above + tip - held, hand, 0.0, 0.3)
    slip = view.tip()[0] - view.pose(target)[0]
    yield Phase("lower", goal + slip, hand, 0.0, 0.2)
    yield Phase("open", goal + slip, hand, 0.04, 0.4)
    yield Phase("leave", goal + slip + UP * ABOVE, hand, 0.04, 0.3)
    now = view.pose(target)[0]
    return "" if np.hypot(*(now - goal)[:2]) < 0.02 and abs(now[2] - goal[2]) < 0.01 else "open"


def stack(view: View, target: str, on: str, tries: int) -> Skill:
    """Pick an object and place it on another one."""
    failed = yield from pick(view, target, tries)
    return failed or (yield from place(view, target, on))
