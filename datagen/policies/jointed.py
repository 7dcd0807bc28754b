"""Skills of parts on a hinge or a slide: open, close, turn and pull a drawer, a door, a lid, a lever.

The hand takes the handle (see `handles`) and follows the path that the joint gives it, an arc or a line, to the coordinate that
is wanted; success is what the joint then measures. A part without a handle is pushed along the same path with closed fingers.
A grip that the arm cannot reach, or that did not close on the handle, gives way to the next one.
Limits: the hand follows the turn of a handle only as far as FOLLOW where the fingers can turn about the bar.
"""

import math

import numpy as np

from datagen.policies.handles import Hinged, bar_of, face_of, grip_of, joint_of
from datagen.policies.view import BELOW, OPEN, UP, Phase, Pose, Skill, View, facing, flat, turned
from datagen.quaternions import rotate

BACK = 0.1  # m: from here the hand goes to a handle
OPENED = 0.8  # share of the range to which a part is opened
TURNED = 1.0  # rad
FOLLOW = 0.5
SLOW = 0.15  # m/s: of the tip along the path
NEAR_SHARE, NEAR_LEAST = 0.1, 0.02  # of the way, and rad or m: within which a coordinate counts as reached
THICK = 0.012  # m: half of the closed fingers, with room


def work(view: View, target: str, wanted: float, name: str, tries: int) -> Skill:
    """Bring the joint of a part to the coordinate `wanted`; name: of the phase."""
    joint = joint_of(view, target)
    if joint is None:
        return name
    before = joint.coordinate
    bar = bar_of(view, target)
    for attempt in range(tries):
        joint = joint_of(view, target)
        assert joint is not None
        if reached(view, target, before, wanted):
            return ""
        if bar is None:
            failed = yield from _push_along(view, target, joint, wanted, name)
        else:
            grips, wide = grip_of(view, target, bar)
            if not grips:
                return "grasp"
            failed = yield from _pull_along(view, target, joint, wanted, name, grips[attempt % len(grips)], wide)
        if failed:
            continue
        if reached(view, target, before, wanted):
            return ""
    return name if not failed else failed


def reached(view: View, target: str, before: float, wanted: float) -> bool:
    """Whether the joint of a part has come to the coordinate that is wanted."""
    way = abs(wanted - before)
    return abs(view.coordinate(target) - wanted) < max(NEAR_LEAST, NEAR_SHARE * way)


def _length(joint: Hinged, place: np.ndarray, by: float) -> float:
    """Seconds for a path."""
    lever = 1.0
    if joint.kind == "hinge":
        arm = place - joint.anchor
        lever = float(np.linalg.norm(arm - (arm @ joint.axis) * joint.axis))
    return max(0.8, abs(by) * max(lever / SLOW, 0.7 if joint.kind == "hinge" else 0.0))


def _pull_along(view: View, target: str, joint: Hinged, wanted: float, name: str, grip: Pose, wide: float) -> Skill:
    """Take the handle, follow the joint, let go and move away."""
    place, hand = grip[0] + view.noise(), grip[1]
    into = rotate(hand, np.array([0.0, 0.0, 1.0]))
    closing = rotate(hand, np.array([0.0, 1.0, 0.0]))
    yield Phase("above", place - BACK * into, hand, wide, 0.1)
    yield Phase("down", place, hand, wide, 0.1)
    yield Phase("close", place, hand, 0.0, 0.4)
    if view.opening() < 0.002:
        yield Phase("leave", place - BACK * into, hand, OPEN)
        return "close"
    follow = FOLLOW if joint.kind == "hinge" and abs(float(closing @ joint.axis)) > 0.9 else 1.0
    by = wanted - joint.coordinate
    start = (place, hand)
    end = joint.moved(start, by, follow)
    length = _length(joint, place, by)
    yield Phase(name, *end, 0.0, 0.3, path=lambda share: joint.moved(start, share * by, follow), length=length)
    tip, hand = view.tip()
    yield Phase("open", tip, hand, wide, 0.3)
    into = rotate(hand, np.array([0.0, 0.0, 1.0]))
    yield Phase("leave", tip - BACK * into, hand, wide, 0.1)
    return ""


def _push_along(view: View, target: str, joint: Hinged, wanted: float, name: str) -> Skill:
    """Push the face of a part with closed fingers along its joint."""
    by = wanted - joint.coordinate
    face = face_of(view, target, joint, math.copysign(1.0, by))
    if face is None:
        return "grasp"
    point, normal = face
    hand = _pushing(view, normal)
    room = THICK + (BELOW - THICK) * abs(float(normal[2]))
    start = (point + room * normal + view.noise(), hand)
    end = joint.moved(start, by, 0.0)
    yield Phase("above", start[0] + 0.04 * normal + 0.06 * UP, hand, 0.0, 0.1)
    yield Phase("down", start[0] + 0.02 * normal, hand, 0.0, 0.1)
    length = _length(joint, point, by)
    yield Phase(name, *end, 0.0, 0.3, path=lambda share: joint.moved(start, share * by, 0.0), length=length)
    yield Phase("leave", view.tip()[0] + 0.1 * UP, hand, 0.0, 0.3)
    return ""


def _pushing(view: View, normal: np.ndarray) -> np.ndarray:
    """The hand that pushes against a face: down, with its broad side to the face; level for a face that looks down."""
    if normal[2] < -0.5:
        out = flat(view.tip()[0] - view.base()[0])
        return facing(out, np.cross(UP, out))
    side = flat(normal) if abs(normal[2]) < 0.9 else flat(view.tip()[0] - view.base()[0])
    return turned(math.remainder(math.atan2(side[1], side[0]), math.pi))
