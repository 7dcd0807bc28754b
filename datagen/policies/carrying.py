"""Skills that take a thing from above: reach, grasp, pick, place, stack, push, pull, turn and insert.

Grasps hold by the friction of the contacts alone. Method: approach along the vertical, fingers across the narrower side that
they can span, with the least turn of the wrist. A grasp that did not hold is tried again; a peg that meets the rim of its hole
is lifted and tried again a little beside, along a spiral (the usual search of assembly: Chhatpar and Branicky, IROS 2001).
Limits: objects are grasped at or above their origin; the way between two goals is straight and nobody looks for obstacles.
"""

import math

import numpy as np

from datagen.policies.clearance import free
from datagen.policies.view import ABOVE, BELOW, DOWN, GAP, OPEN, SPAN, UP, Phase, Skill, View, about, turned
from datagen.quaternions import conjugate, multiply, rotate, rotation_vector

LIFT = 0.15  # m
NEAR = 0.01  # m: where a tip counts as arrived at the end of a skill
TALL = 0.03  # m: things that reach higher above their origin are taken below their top where that is asked for
FLAT = 0.009  # m: so far below the top things are taken that are not tall
SPIRAL = 0.0015  # m: of the search, times the square root of the number of the try
GOLDEN = 2.39996  # rad


def grasp_yaw(view: View, target: str) -> float | None:
    """The yaw whose fingers close on two sides of an object; None when all are too wide. Of those that fit, the ones with
    which the hand is in nothing else, and of those the least turn against the arm's base."""
    rotation = view.pose(target)[1]
    base = rotate(view.base()[1], np.array([1.0, 0.0, 0.0]))
    rest = math.atan2(base[1], base[0])
    near = [(name, shape) for name, body in view.bodies.items() if name != target and not body.part for shape in body.shapes]
    fits = []
    for axis in np.eye(3):
        side = rotate(rotation, axis)
        if abs(side[2]) > 0.3:
            continue
        side = side * [1.0, 1.0, 0.0] / np.hypot(side[0], side[1])
        width = view.extent(target, side) + view.extent(target, -side)
        yaw = math.remainder(math.atan2(side[1], side[0]) - 0.5 * math.pi - rest, math.pi)  # fingers along +-y of the hand
        if width <= SPAN:
            hand = view.pose(target)[0], turned(rest + yaw)
            fits.append((not free(view, hand, OPEN, near), abs(yaw), rest + yaw))
    return min(fits)[2] if fits else None


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


def grasp(view: View, target: str, tries: int, high: bool = False) -> Skill:
    """Close the hand around an object where it stands; high: below its top instead of at its origin. After a grasp that did
    not hold, look again and try again."""
    for _ in range(tries):
        yaw, begin = grasp_yaw(view, target), view.pose(target)[0]
        if yaw is None:
            return "grasp"
        tall = view.extent(target, UP)
        hand, place = (
            turned(yaw),
            begin + view.noise() + UP * (max(tall - (0.02 if tall > TALL else FLAT), 0.0) if high else 0.0),
        )
        yield Phase("above", place + UP * ABOVE, hand, OPEN)
        yield Phase("down", place, hand, OPEN, 0.1)
        yield Phase("close", place, hand, 0.0, 0.4)
        if view.holds(target):
            return ""
    return "close"


def pick(view: View, target: str, tries: int, high: bool = False) -> Skill:
    """Grasp an object and lift it; after a grasp that did not hold, look again and try again."""
    for _ in range(tries):
        begin = view.pose(target)[0]
        failed = yield from grasp(view, target, 1, high)
        if failed == "grasp":
            return failed
        tip, hand = view.tip()
        yield Phase("lift", tip + UP * LIFT, hand, 0.0, 0.2)
        if view.pose(target)[0][2] > begin[2] + 0.5 * LIFT:
            return ""
    return "lift"


def held(view: View, target: str, tries: int, high: bool = False) -> Skill:
    """Go on with an object that the hand holds already, else pick it."""
    if view.holds(target):
        return ""
    return (yield from pick(view, target, tries, high))


def place(view: View, target: str, on: str) -> Skill:
    """Put the held object on another one, in the middle, and let go."""
    tip, hand = view.tip()
    here, _ = view.pose(target)
    if not view.holds(target):
        return "hold"
    goal = view.pose(on)[0] + UP * (view.extent(on, UP) + view.extent(target, -UP) + GAP) + view.noise()
    above = goal + UP * max(ABOVE, here[2] - goal[2])
    yield Phase("carry", above + tip - here, hand, 0.0, 0.3)
    slip = view.tip()[0] - view.pose(target)[0]
    yield Phase("lower", goal + slip, hand, 0.0, 0.2)
    yield Phase("open", goal + slip, hand, OPEN, 0.4)
    yield Phase("leave", goal + slip + UP * ABOVE, hand, OPEN, 0.3)
    now = view.pose(target)[0]
    return "" if np.hypot(*(now - goal)[:2]) < 0.02 and abs(now[2] - goal[2]) < 0.01 else "open"


def stack(view: View, target: str, on: str, tries: int) -> Skill:
    """Pick an object and place it on another one."""
    failed = yield from pick(view, target, tries)
    return failed or (yield from place(view, target, on))


def let_go(view: View) -> Skill:
    """Open the hand where it is and rise."""
    tip, hand = view.tip()
    yield Phase("open", tip, hand, OPEN, 0.3)
    yield Phase("leave", tip + UP * ABOVE, hand, OPEN, 0.1)
    return ""


def pull(view: View, target: str, way: np.ndarray, tries: int) -> Skill:
    """Hold an object and draw it along `way` (3,) [m] over what it stands on."""
    failed = yield from grasp(view, target, tries)
    if failed:
        return failed
    begin, distance = view.pose(target)[0], float(np.linalg.norm(way))
    tip, hand = view.tip()
    yield Phase("pull", tip + way, hand, 0.0, 0.2)
    yield from let_go(view)
    moved = view.pose(target)[0] - begin
    return "" if np.linalg.norm((moved - way)[:2]) < max(0.02, 0.1 * distance) else "pull"


def turn(view: View, target: str, angle: float, tries: int) -> Skill:
    """Turn a free object by `angle` [rad] about the vertical where it stands."""
    failed = yield from grasp(view, target, tries)
    if failed:
        return failed
    begin = view.pose(target)[1]
    tip, hand = view.tip()
    yield Phase("turn", tip, about(UP, angle, hand), 0.0, 0.2, path=lambda share: (tip, about(UP, share * angle, hand)))
    yield from let_go(view)
    made = rotation_vector(multiply(view.pose(target)[1], conjugate(begin)))[2]
    return "" if abs(math.remainder(made - angle, 2.0 * math.pi)) < max(0.1, 0.1 * abs(angle)) else "turn"


def insert(view: View, target: str, on: str, tries: int) -> Skill:
    """Put an object into the hole of another one from above and let go; where it meets the rim, lift and try beside."""
    interior = view.bodies[on].interior
    failed = yield from held(view, target, tries, high=True)
    if failed or interior is None:
        return failed or "insert"
    floor, rim = interior.sections[0][0], interior.sections[-1][0]
    middle, deep = view.pose(on)[0], rim - floor
    shift = view.noise()
    for attempt in range(tries):
        tip, hand = view.tip()
        slip, foot = tip - view.pose(target)[0], view.extent(target, -UP)
        entry = middle + UP * (rim + foot + 0.03) + shift
        bottom = max(middle[2] + floor + foot + GAP, middle[2] + rim + BELOW + 0.004 - slip[2])
        inside = np.array([entry[0], entry[1], bottom])
        yield Phase("carry", entry + slip, hand, 0.0, 0.4)
        slip = view.tip()[0] - view.pose(target)[0]
        yield Phase("carry", entry + slip, hand, 0.0, 0.2)
        yield Phase("insert", inside + slip, hand, 0.0, 0.2)
        if view.pose(target)[0][2] < bottom + 0.01:
            break
        ring, around = SPIRAL * math.sqrt(attempt + 1.0), GOLDEN * attempt
        shift = shift + ring * np.array([math.cos(around), math.sin(around), 0.0])
    yield from let_go(view)
    now = view.pose(target)[0]
    depth = middle[2] + rim - (now[2] - view.extent(target, -UP))
    aside = np.hypot(*(now - middle)[:2])
    return "" if depth > 0.6 * min(deep, 2.0 * view.extent(target, UP)) and aside < interior.sections[-1][1] else "insert"
