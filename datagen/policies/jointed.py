"""Skills of parts on a hinge or a slide: open, close, turn and pull a drawer, a door, a lid, a lever.

The hand takes the handle (see `handles`) and follows the path that the joint gives it, an arc or a line, to the coordinate that
is wanted; success is what the joint then measures. A part without a handle is pushed along the same path with closed fingers.
A grip that the arm cannot reach, or that did not close on the handle, gives way to the next one.
The angles of the arm along the whole path are planned beforehand (see `chain`), from the grip and the share of the turn that
leave them within their limits.
Limits: the way to the handle is not checked for obstacles.
"""

import math
from collections.abc import Sequence

import numpy as np

from datagen.policies.handles import Hinged, bar_of, beside, face_of, grip_of, joint_of
from datagen.policies.view import BELOW, OPEN, UP, Box, Phase, Pose, Skill, View, facing, flat, turned
from datagen.quaternions import rotate

BACK = 0.1  # m: from here the hand goes to a handle
OPENED = 0.8  # share of the range to which a part is opened
TURNED = 1.0  # rad
LOOSE = (1.0, 0.5, 0.0)  # shares of the turn of a door that the hand takes part in where it can turn about the bar
SHARES = tuple(np.linspace(0.0, 1.0, 9))
NEAR = 0.005  # m: by which a plan may miss its path
SLOW = 0.09  # m/s: of the tip along the path
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
            plans = _plans(view, target, joint, wanted, grips)
            failed = yield from _pull_along(view, joint, name, plans[attempt % len(plans)], wide)
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


class _Plan:
    """How a handle is taken and led: poses of the hand, and the angles of the arm at them. follow: see `Hinged.moved`."""

    def __init__(self, view: View, joint: Hinged, wanted: float, grip: Pose, follow: float, boxes: Sequence[Box]):
        self.grip, self.by = grip, wanted - joint.coordinate
        into = rotate(grip[1], np.array([0.0, 0.0, 1.0]))
        self.back = grip[0] - BACK * into, grip[1]
        self.way = [joint.moved(grip, share * self.by, follow) for share in SHARES]
        into = rotate(self.way[-1][1], np.array([0.0, 0.0, 1.0]))
        self.away = self.way[-1][0] - BACK * into, self.way[-1][1]
        level = float(view.base()[0][2])
        self.miss, self.joints = view.plan([self.back, *self.way, self.away], level, boxes)


def _plans(view: View, target: str, joint: Hinged, wanted: float, grips: list[Pose]) -> list[_Plan]:
    """Ways to lead a handle, the best first: those that the arm can follow to their end in the order of the grips, hands that
    keep to the bar before hands that turn about it; then the others by what they miss."""
    made, boxes = [], beside(view, target)
    for grip in grips:
        loose = joint.kind == "hinge" and abs(float(rotate(grip[1], np.array([0.0, 1.0, 0.0])) @ joint.axis)) > 0.9
        made += [_Plan(view, joint, wanted, grip, follow, boxes) for follow in (LOOSE if loose else (1.0,))]
    order = [number for number, plan in enumerate(made) if plan.miss < NEAR]
    rest = sorted((number for number in range(len(made)) if number not in order), key=lambda number: made[number].miss)
    return [made[number] for number in (*order, *rest)]


def _pull_along(view: View, joint: Hinged, name: str, plan: _Plan, wide: float) -> Skill:
    """Take the handle, follow the joint, let go and move away."""
    shift = view.noise()
    place, hand = plan.grip[0] + shift, plan.grip[1]
    exact = not shift.any()
    yield Phase("above", plan.back[0] + shift, hand, wide, 0.1, joints=plan.joints[:1])
    yield Phase("down", place, hand, wide, 0.1, joints=plan.joints[1:2] if exact else None)
    yield Phase("close", place, hand, 0.0, 0.4, joints=plan.joints[1:2] if exact else None)
    if view.opening() < 0.002:
        yield Phase("leave", plan.back[0], hand, OPEN, joints=plan.joints[:1])
        return "close"
    length = _length(joint, place, plan.by)
    yield Phase(name, *plan.way[-1], 0.0, 0.3, joints=plan.joints[1:-1], length=length)
    end = plan.joints[-2:-1]
    yield Phase("open", *plan.way[-1], wide, 0.3, joints=end)
    yield Phase("leave", *plan.away, wide, 0.1, joints=plan.joints[-1:])
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
