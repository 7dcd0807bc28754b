"""What a scripted skill is made of: a phase, what a skill sees of its environment, and how a hand is turned.

A skill is a generator: it looks at the world through a `View`, yields the next `Phase` and goes on when that has ended; it
returns "" or the name of the phase after which it found, from the measured state, that it had failed. The tip is the point
between the pads of the fingers; the hand's z axis is the way in which it approaches, the fingers close along its y axis.
Limits: lengths of the hand are those of our `arm`.
"""

import math
from collections.abc import Callable, Generator, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.quaternions import conjugate, from_rotation_vector, multiply, rotate
from datagen.spec import BodySpec
from datagen.spec.shapes import reach as extent

SPAN = 0.076  # m: the widest object between the fingers, which open to 0.08
OPEN = 0.04  # m: how far each finger opens
TIP = (0.0, 0.0, 0.1)  # m, in the frame of the hand
BELOW = 0.0114  # m: how far the fingers reach beyond the tip
ABOVE = 0.12  # m: from here a grasp comes down
GAP = 0.002  # m: between a placed object and its support when the fingers open
UP = np.array([0.0, 0.0, 1.0])
DOWN = np.array([0.0, 1.0, 0.0, 0.0])  # the hand at rest: fingers down, x forward

Skill = Generator["Phase", None, str]
Pose = tuple[np.ndarray, np.ndarray]
Box = tuple[Pose, np.ndarray]  # where it is, and half of its size
Path = Callable[[float], Pose]


@dataclass(frozen=True)
class Phase:
    """Where the tip goes (3,) [m] and how the hand is turned (4,), how far each finger is open [m], how long it stays [s].

    path: from share 0..1 of the way to poses, instead of straight; joints: angles (k, 7) of the arm that it goes through from
    where it is, of even shares of the way, instead of those that the inverse kinematics finds; length: of the motion [s], left
    out: by the usual speed; steady: the share goes evenly with time, without a stop at the end, and the drives are told the
    speed; release: the share from which the fingers are open wide; watch: called every frame.
    """

    name: str
    position: np.ndarray
    rotation: np.ndarray
    opening: float
    wait: float = 0.0
    path: Path | None = None
    joints: np.ndarray | None = None
    length: float | None = None
    steady: bool = False
    release: float = math.inf
    watch: Callable[[], None] | None = None


@dataclass(frozen=True)
class View:
    """What a skill sees of its environment, each a function of the present state. bodies: of the spec, by name; pose: of a
    body; tip: of the hand; base: of the arm; opening: of the fingers, each [m]; coordinate: of the joint of a body; plan:
    by how much [m] the arm misses the worst of the poses of a path, and its angles (k, 7) at them, with no joint below a level
    or in one of some boxes;
    touching: points at which a body and another one exchanged
    impulses during the last frame; "" is the hand as the first, anything that is fixed as the second."""

    bodies: dict[str, BodySpec]
    pose: Callable[[str], Pose]
    tip: Callable[[], Pose]
    base: Callable[[], Pose]
    opening: Callable[[], float]
    coordinate: Callable[[str], float]
    plan: Callable[[Sequence[Pose], float, Sequence[Box]], tuple[float, np.ndarray]]
    touching: Callable[[str, str], np.ndarray]
    noise: Callable[[], np.ndarray]

    def shapes(self, name: str) -> Any:
        """The shapes of a body in its frame."""
        return self.bodies[name].shapes

    def extent(self, name: str, direction: np.ndarray) -> float:
        """How far a body reaches from its origin along a direction of the world [m]."""
        rotation = self.pose(name)[1]
        return extent(self.shapes(name), tuple(rotation.tolist()), tuple(direction.tolist()))

    def top(self, name: str) -> float:
        """Height of the highest point of a body [m]."""
        return float(self.pose(name)[0][2] + self.extent(name, UP))

    def holds(self, name: str) -> bool:
        """Whether a body is between the fingers, which it keeps apart."""
        way = self.tip()[0] - self.pose(name)[0]
        far = float(np.linalg.norm(way))
        near = far < 0.02 or far < 0.03 + self.extent(name, way / far)
        return near and self.opening() > 0.0015

    def contents(self, vessel: str, above: float = 0.0) -> list[str]:
        """The bodies whose origin is in the interior of a vessel, or up to `above` m over it."""
        interior = self.bodies[vessel].interior
        if interior is None:
            return []
        place, turn = self.pose(vessel)
        levels, half_x, half_y = np.array(interior.sections).T
        found = []
        for name, body in self.bodies.items():
            if name == vessel or body.fixed:
                continue
            x, y, z = rotate(conjugate(turn), self.pose(name)[0] - place)
            inside = levels[0] <= z <= levels[-1] + above
            if inside and abs(x) <= np.interp(z, levels, half_x) and abs(y) <= np.interp(z, levels, half_y):
                found.append(name)
        return found


def turned(yaw: float) -> np.ndarray:
    """The hand pointing down, turned by `yaw` [rad] about the vertical."""
    return multiply(np.array([math.cos(0.5 * yaw), 0.0, 0.0, math.sin(0.5 * yaw)]), DOWN)


def about(axis: np.ndarray, angle: float, rotation: np.ndarray) -> np.ndarray:
    """A rotation turned further by `angle` [rad] about an axis of the world."""
    return multiply(from_rotation_vector(angle * np.asarray(axis, float)), rotation)


def facing(approach: np.ndarray, closing: np.ndarray) -> np.ndarray:
    """The hand that approaches along one unit vector and closes along another, at right angles to it."""
    z = approach / np.linalg.norm(approach)
    y = closing - (closing @ z) * z
    y = y / np.linalg.norm(y)
    m = np.stack([np.cross(y, z), y, z], axis=1)
    w = 0.5 * math.sqrt(max(0.0, 1.0 + np.trace(m)))
    if w > 1e-3:
        return np.array([w, (m[2, 1] - m[1, 2]) / (4 * w), (m[0, 2] - m[2, 0]) / (4 * w), (m[1, 0] - m[0, 1]) / (4 * w)])
    values, vectors = np.linalg.eigh(m + m.T)  # half a turn: about the vector that it keeps
    return np.concatenate([[0.0], vectors[:, int(np.argmax(values))]])


def nearest(rotation: np.ndarray, candidates: Sequence[np.ndarray]) -> np.ndarray:
    """Of several rotations the one with the least turn from `rotation`."""
    return max(candidates, key=lambda one: abs(float(one @ rotation)))


def flat(vector: np.ndarray) -> np.ndarray:
    """The horizontal unit vector along a vector; x for a vertical one."""
    length = math.hypot(vector[0], vector[1])
    return np.array([vector[0] / length, vector[1] / length, 0.0]) if length > 1e-9 else np.array([1.0, 0.0, 0.0])
