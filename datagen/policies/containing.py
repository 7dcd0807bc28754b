"""Skills with a tool in the interior of a vessel: stir and scoop.

A tool is taken by its hilt: the bar that is fixed to it, or the tool itself. Stir: the tool goes down to the floor of a vessel
and round its middle on a circle; what lies in the vessel is watched, and has been stirred when it has gone round by a share of
what the tool has. Scoop: the tool is itself a vessel; its mouth goes ahead along the floor of the other one to its far wall, is
turned up there, and the tool is lifted out. Of the ways along the floor (along the sides of a rectangular vessel) and of the
angles to which the mouth is turned up the first is used that the arm can follow to the end.
Limits: vessels stand upright; a tool moves rigidly with the hand; liquids are not seen, so they count as stirred or scooped
when the tool has made its way.
"""

import math

import numpy as np

from datagen.policies.carrying import held
from datagen.policies.view import UP, Phase, Pose, Skill, View, about, flat
from datagen.quaternions import conjugate, multiply, rotate
from datagen.spec import InteriorSpec
from datagen.spec.shapes import reach

TURNED = 8.0 * math.pi  # rad: how far a tool goes round
PACE = 4.0  # rad/s: of a tool that stirs
CIRCLE = 0.8  # of the way from the middle to where the tool would touch the wall
STIRRED = math.pi  # rad: by which things in the vessel have gone round, in the mean,
SHARE = 0.25  # or a share of the turn of the tool where that is less
AMOUNT = 0.2  # of the things in a vessel that a scoop has to take
FLOOR = 0.003  # m: below a tool that stirs
LIP = 0.001  # m: below the lip of a tool that scoops
WALL = 0.006  # m: between a tool that scoops and the walls
OVER = 0.05  # m: between the rim and a tool above it
ENTRY = math.radians(-6.0)  # the mouth of a tool that goes along a floor looks down by so much, so that its lip is lowest
RAISED = (math.radians(60.0), math.radians(45.0))  # the mouth of a tool that is lifted
SLOW = 0.12  # m/s: of a tool along a floor
NEAR = 0.01  # m: by which a plan may miss its path
SHARES = tuple(np.linspace(0.0, 1.0, 6))


def hilt_of(view: View, tool: str) -> str:
    """The body by which a tool is taken: the one that is fixed to it, or itself."""
    for name, body in view.bodies.items():
        if body.parent == tool and body.joint is not None and body.joint.type == "fixed":
            return name
    above = view.bodies[tool]
    return above.parent if above.parent and above.joint is not None and above.joint.type == "fixed" else tool


def _room(interior: InteriorSpec, height: float, along: np.ndarray) -> float:
    """From the middle of a vessel to its wall along a unit vector of its frame, `height` m above its floor."""
    levels, half_x, half_y = np.array(interior.sections).T
    x, y = (float(np.interp(levels[0] + height, levels, half)) for half in (half_x, half_y))
    return min(x / max(abs(float(along[0])), 1e-6), y / max(abs(float(along[1])), 1e-6)) if interior.sides == 0 else x


class _Round:
    """How far the things in a vessel have gone round its middle, by name [rad]; called every frame."""

    def __init__(self, view: View, names: list[str], vessel: str):
        self.view, self.names, self.vessel = view, names, vessel
        self.turned = dict.fromkeys(names, 0.0)
        self.last = {name: self._angle(name) for name in names}

    def _angle(self, name: str) -> float:
        here = self.view.pose(name)[0] - self.view.pose(self.vessel)[0]
        return math.atan2(here[1], here[0])

    def __call__(self) -> None:
        for name in self.names:
            now = self._angle(name)
            self.turned[name] += math.remainder(now - self.last[name], 2.0 * math.pi)
            self.last[name] = now

    @property
    def mean(self) -> float:
        """Over all things."""
        return float(np.mean(list(self.turned.values())))


def stir(view: View, tool: str, on: str, angle: float, tries: int) -> Skill:
    """Move a tool round in a vessel by `angle` rad, counterclockwise seen from above, and lift it out."""
    interior, hilt = view.bodies[on].interior, hilt_of(view, tool)
    if interior is None:
        return "stir"
    failed = yield from held(view, hilt, tries, high=True)
    if failed:
        return failed
    tip, hand = view.tip()
    foot = max(view.extent(name, -UP) + tip[2] - view.pose(name)[0][2] for name in {tool, hilt})  # below the tip
    slip = (tip - view.pose(tool)[0]) * [1.0, 1.0, 0.0]
    middle = view.pose(on)[0] + slip + view.noise()
    low = middle + UP * (interior.sections[0][0] + FLOOR + foot)
    high = middle + UP * (interior.sections[-1][0] + OVER + foot)
    wide = max(view.extent(tool, side) for side in (np.array([1.0, 0.0, 0.0]), np.array([0.0, 1.0, 0.0])))
    radius = CIRCLE * max(_room(interior, 0.01, np.array([1.0, 0.0, 0.0])) - wide, 0.0)
    out = flat(middle - view.base()[0])

    def around(share: float) -> Pose:
        return low - radius * rotate(about(UP, share * angle, np.array([1.0, 0.0, 0.0, 0.0])), out), hand

    begin, end = around(0.0)[0], around(1.0)[0]
    yield Phase("carry", begin + (high - low), hand, 0.0, 0.2)
    yield Phase("lower", begin, hand, 0.0, 0.2)
    watch = _Round(view, view.contents(on), on)
    length = max(abs(angle) / PACE, 1.0)
    yield Phase("stir", end, hand, 0.0, 0.3, path=around, length=length, steady=True, watch=watch)
    moved = not watch.names or math.copysign(1.0, angle) * watch.mean > min(STIRRED, SHARE * abs(angle))
    yield Phase("lift", end + (high - low), hand, 0.0, 0.2)
    return "" if moved and view.holds(hilt) else "stir"


class Dig:
    """Poses of a tool that scoops along `way` (3,), a horizontal unit vector, and of the hand that holds it."""

    def __init__(self, view: View, tool: str, on: str, way: np.ndarray, shift: np.ndarray):
        self.view, self.tool, self.way = view, tool, way
        place, self.turn = view.pose(tool)
        tip, hand = view.tip()
        self.grip = rotate(conjugate(self.turn), tip - place), multiply(conjugate(self.turn), hand)
        mouth = rotate(self.turn, UP)
        self.level = float(np.hypot(mouth[0], mouth[1]))
        self.yaw = math.atan2(way[1], way[0]) - math.atan2(mouth[1], mouth[0]) if self.level > 0.3 else 0.0
        self.rise = math.atan2(mouth[2], self.level)
        interior = view.bodies[on].interior
        assert interior is not None
        middle, turn = view.pose(on)
        self.middle = middle + shift
        self.floor, self.rim = float(middle[2] + interior.sections[0][0]), float(middle[2] + interior.sections[-1][0])
        self.room = _room(interior, 0.02, rotate(conjugate(turn), way)) - WALL

    def turned(self, elevation: float) -> np.ndarray:
        """The rotation of the tool whose mouth looks along the way and up by an angle."""
        yawed = about(UP, math.remainder(self.yaw, 2.0 * math.pi), self.turn)
        return about(np.cross(self.way, UP), elevation - self.rise, yawed)

    def reach(self, rotation: np.ndarray, direction: np.ndarray) -> float:
        """How far the tool, turned so, reaches from its origin."""
        return reach(self.view.shapes(self.tool), tuple(rotation.tolist()), tuple(direction.tolist()))

    def at(self, share: float, elevation: float, above: float = 0.0) -> Pose:
        """The pose of the tip where the tool is at a share of its way along the floor, `above` m higher."""
        rotation = self.turned(elevation)
        first = -self.room + self.reach(rotation, -self.way)
        last = self.room - self.reach(rotation, self.way)
        place = self.middle + self.way * (first + share * (max(last, first) - first))
        place[2] = self.floor + LIP + self.reach(rotation, -UP) + above
        return place + rotate(rotation, self.grip[0]), multiply(rotation, self.grip[1])

    @property
    def out(self) -> float:
        """How far the tool rises to be over the rim."""
        return self.rim - self.floor + OVER


class _Plan:
    """A way to scoop and the angles of the arm along it."""

    def __init__(self, view: View, dig: Dig, raised: float):
        self.dig = dig
        self.along = [dig.at(share, ENTRY) for share in SHARES]
        self.up = [dig.at(1.0, ENTRY + share * (raised - ENTRY)) for share in SHARES[1:]]
        self.over, self.lifted = dig.at(0.0, ENTRY, dig.out), dig.at(1.0, raised, dig.out)
        self.miss, self.joints = view.plan([self.over, *self.along, *self.up, self.lifted], float(view.base()[0][2]), ())


def _best_plan(view: View, tool: str, on: str, shift: np.ndarray) -> _Plan:
    """The first way that the arm can follow, else the one that misses least."""
    turn, interior = view.pose(on)[1], view.bodies[on].interior
    out = flat(view.pose(on)[0] - view.base()[0])
    ways = [out, -out]
    if interior is not None and interior.sides == 0:
        sides = [flat(sign * rotate(turn, axis)) for axis in np.eye(3)[:2] for sign in (1.0, -1.0)]
        ways = sorted(sides, key=lambda side: -float(side @ out))
    best: _Plan | None = None
    for way in ways:
        for raised in RAISED:
            plan = _Plan(view, Dig(view, tool, on, way, shift), raised)
            if best is None or plan.miss < best.miss:
                best = plan
            if plan.miss < NEAR:
                return plan
    assert best is not None
    return best


def scoop(view: View, tool: str, on: str, share: float, tries: int) -> Skill:
    """Take at least a share of the things in a vessel out of it with a tool."""
    hilt = hilt_of(view, tool)
    if view.bodies[on].interior is None or view.bodies[tool].interior is None:
        return "scoop"
    failed = yield from held(view, hilt, tries, high=True)
    if failed:
        return failed
    before = view.contents(on)
    for _ in range(tries):
        plan = _best_plan(view, tool, on, view.noise())
        count = len(SHARES)
        yield Phase("carry", *plan.over, 0.0, 0.2, joints=plan.joints[:1])
        yield Phase("lower", *plan.along[0], 0.0, 0.2, joints=plan.joints[1:2])
        length = float(np.linalg.norm(plan.along[-1][0] - plan.along[0][0])) / SLOW
        yield Phase("scoop", *plan.along[-1], 0.0, 0.2, joints=plan.joints[1 : 1 + count], length=max(length, 1.0))
        yield Phase("tilt", *plan.up[-1], 0.0, 0.2, joints=plan.joints[count:-1], length=1.5)
        yield Phase("lift", *plan.lifted, 0.0, 0.3, joints=plan.joints[-1:])
        taken = set(view.contents(tool)) & set(before)
        if not view.holds(hilt):
            return "lift"
        if not before or len(taken) >= max(share * len(before), 1.0):
            return ""
    return "scoop"
