"""Pour: tilt a held vessel over another one.

A cup is taken from the side with the hand level, so that the roll of the hand about the way in which it points tilts the cup;
during the tilt the lip stays above the middle of the other vessel, and the cup above its rim. Of the sides from which it could
be taken, and of the two ways to roll, the first is used at which the arm reaches the grip and the whole tilt. Success counts
bodies: what was in the one vessel and is in the other. Reference for the moving lip: Yamaguchi and Atkeson, Humanoids 2015.
Limits: bodies are counted, not liquids: with those the skill ends well when the vessel was tilted and is upright again.
"""

import math

import numpy as np

from datagen.policies.carrying import LIFT
from datagen.policies.view import OPEN, SPAN, UP, Phase, Pose, Skill, View, about, facing, flat, nearest
from datagen.quaternions import rotate

TILT = 2.1  # rad
ROOM = 0.025  # m: between a vessel and the rim below it
CLIMB = 0.18  # m: and comes to there from above
BACK = 0.12  # m: from here the hand goes to the side of a vessel
SIDES = (0.0, 0.5 * math.pi, -0.5 * math.pi, 0.25 * math.pi, -0.25 * math.pi)  # rad: about the vertical, from straight ahead
NEAR = 0.01  # m
SHARE = 0.8  # of the contents that have to arrive
STAY = 0.8  # s at the end of the tilt
HAND = (0.1, 0.03)  # m: half of the hand across, and its half height
SHARES = tuple(np.linspace(0.0, 1.0, 9))


def _grips(view: View, vessel: str) -> list[Pose]:
    """Level hands around the middle of a vessel, those that are straight ahead first."""
    place, _ = view.pose(vessel)
    out = flat(place - view.base()[0])
    grip = place + UP * (0.5 * (view.extent(vessel, UP) - view.extent(vessel, -UP)) + 0.01)
    now, found = view.tip()[1], []
    for side in SIDES:
        way = rotate(about(UP, side, np.array([1.0, 0.0, 0.0, 0.0])), out)
        closing = np.cross(UP, way)
        if view.extent(vessel, closing) + view.extent(vessel, -closing) <= SPAN:
            found.append((grip, nearest(now, [facing(way, closing), facing(way, -closing)])))
    return found


class Tilt:
    """The path of a hand that tilts a vessel by `angle` about the way it points, with its lip above the middle of another."""

    def __init__(self, view: View, vessel: str, on: str, grip: Pose, sign: float, angle: float):
        interior = view.bodies[vessel].interior
        assert interior is not None
        self.angle, self.sign, self.hand = angle, sign, grip[1]
        self.axis = rotate(grip[1], np.array([0.0, 0.0, 1.0]))
        place, _ = view.pose(vessel)
        self.slip = grip[0] - place
        side = sign * np.cross(self.axis, UP)
        self.lip = side * view.extent(vessel, side) + UP * view.extent(vessel, UP)
        self.tall = view.extent(vessel, UP) + view.extent(vessel, -UP)
        self.goal = view.pose(on)[0] * [1.0, 1.0, 0.0] + UP * (view.top(on) + ROOM)

    def __call__(self, share: float) -> Pose:
        """The pose of the tip at a share of the tilt."""
        turn = about(self.axis, self.sign * share * self.angle, np.array([1.0, 0.0, 0.0, 0.0]))
        lip = self.goal + UP * self.tall * max(math.cos(share * self.angle), 0.0)
        tip = lip + rotate(turn, self.slip - self.lip)
        low = self.goal[2] + HAND[0] * abs(math.sin(share * self.angle)) + HAND[1] * abs(math.cos(share * self.angle))
        return tip + UP * max(low - float(tip[2]), 0.0), about(self.axis, self.sign * share * self.angle, self.hand)


class Plan:
    """How a vessel is taken, carried and tilted: poses of the hand, and the angles of the arm at them."""

    def __init__(self, view: View, vessel: str, on: str, grip: Pose, tilt: Tilt):
        self.grip, self.tilt = grip, tilt
        back = BACK * rotate(grip[1], np.array([0.0, 0.0, 1.0]))
        first, last = tilt(0.0), tilt(1.0)
        lifted = grip[0] + UP * max(LIFT, float(first[0][2] - grip[0][2]))
        over = np.array([first[0][0], first[0][1], lifted[2]])
        carried = [((1.0 - share) * lifted + share * over, grip[1]) for share in SHARES]
        self.back, self.lifted, self.first, self.last = (grip[0] - back, grip[1]), carried[0], first, last
        self.high = self.back[0] + CLIMB * UP, grip[1]
        poses = [self.high, self.back, grip, *carried, *(tilt(share) for share in SHARES)]
        level = float(view.pose(vessel)[0][2]) - view.extent(vessel, -UP)
        self.miss, self.joints = view.plan(poses, level, ())

    def carried(self) -> np.ndarray:
        """Angles from above the place of the grip to the begin of the tilt."""
        return self.joints[3 : 4 + len(SHARES)]

    def tilted(self) -> np.ndarray:
        """Angles of the tilt."""
        return self.joints[3 + len(SHARES) :]


def _best_plan(view: View, vessel: str, on: str, angle: float) -> Plan | None:
    """The first side and way to roll that the arm can do to the end, else the one that misses least; None where the vessel is
    too wide."""
    best: Plan | None = None
    for grip in _grips(view, vessel):
        for sign in (1.0, -1.0):
            plan = Plan(view, vessel, on, grip, Tilt(view, vessel, on, grip, sign, angle))
            if best is None or plan.miss < best.miss:
                best = plan
            if plan.miss < NEAR:
                return plan
    return best


def _take(view: View, vessel: str, plan: Plan, tries: int) -> Skill:
    """Take the vessel from the side and lift it."""
    for _ in range(tries):
        hand, before = plan.grip[1], view.pose(vessel)[0][2]
        yield Phase("above", *plan.high, OPEN, joints=plan.joints[:1])
        yield Phase("above", *plan.back, OPEN, 0.1, joints=plan.joints[1:2])
        yield Phase("down", plan.grip[0], hand, OPEN, 0.1, joints=plan.joints[2:3])
        yield Phase("close", plan.grip[0], hand, 0.0, 0.4, joints=plan.joints[2:3])
        yield Phase("lift", *plan.lifted, 0.0, 0.2, joints=plan.joints[3:4])
        if view.pose(vessel)[0][2] > before + 0.5 * LIFT:
            return ""
    return "lift"


def pour(view: View, vessel: str, on: str, angle: float, tries: int) -> Skill:
    """Tilt a vessel over another one, wait, and bring it upright again; the vessel stays in the hand."""
    if view.bodies[vessel].interior is None:
        return "tilt"
    before = view.contents(vessel)
    plan = _best_plan(view, vessel, on, angle)
    if plan is None:
        return "grasp"
    failed = yield from _take(view, vessel, plan, tries)
    if failed:
        return failed
    yield Phase("carry", *plan.first, 0.0, 0.2, joints=plan.carried())
    yield Phase("tilt", *plan.last, 0.0, STAY, joints=plan.tilted(), length=angle)
    leaned = float(rotate(view.pose(vessel)[1], UP)[2])
    yield Phase("back", *plan.first, 0.0, 0.2, joints=plan.tilted()[::-1], length=0.7 * angle)
    arrived = set(view.contents(on, above=0.02)) & set(before)
    if not before:
        return "" if leaned < math.cos(0.8 * angle) else "tilt"
    return "" if len(arrived) >= SHARE * len(before) else "tilt"
