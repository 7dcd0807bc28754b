"""Skills over a surface: sweep things into a region, and wipe a surface.

Sweep: strokes with the fingers as a narrow fork, each from behind the thing that is farthest from the region straight to it;
what stands in the way comes along, and what got lost is fetched by the next stroke. Wipe: rows to and fro over the top of a
body, the fingers (or a tool in them) pressed on it; the surface that a touching tool has passed counts as wiped. A tool goes
along the way in which the fingers close: across it, what drags at the tool would tip it over between them.
Limits: surfaces are level; the top of a body is the rectangle that its shapes reach along its own axes.
"""

import math

import numpy as np

from datagen.policies.carrying import held
from datagen.policies.view import ABOVE, BELOW, DOWN, OPEN, UP, Phase, Skill, View, about, flat, turned
from datagen.quaternions import conjugate, rotate

WIDE = 0.02  # m: half of the closed fingers across
ROW = 0.03  # m: between two rows of the fingers
EDGE = 0.02  # m: what a wiping hand leaves out at the edges
PRESS = 0.0015  # m: how far below the surface the hand aims
CELL = 0.01  # m: of the map of what has been wiped
WIPED = 0.8  # share
MOST = 0.3  # m: of the patch along each axis
LEAST = 0.006  # m: above the ground


def _within(view: View, name: str, region: str, inset: float = 0.0) -> bool:
    """Whether the origin of a body is above a region, `inset` m from its edges."""
    place, turn = view.pose(region)
    own = rotate(conjugate(turn), view.pose(name)[0] - place)
    half = [min(view.extent(region, s * rotate(turn, axis)) for s in (1.0, -1.0)) for axis in np.eye(3)[:2]]
    return bool(abs(own[0]) <= half[0] - inset and abs(own[1]) <= half[1] - inset)


def sweep(view: View, things: tuple[str, ...], region: str, tries: int) -> Skill:
    """Push several things onto a region."""
    for _ in range(tries * len(things)):
        centre = view.pose(region)[0]
        left = [name for name in things if not _within(view, name, region)]
        if not left:
            return ""
        far = max(left, key=lambda name: float(np.hypot(*(view.pose(name)[0] - centre)[:2])))
        yield from _stroke(view, far, region)
    return "" if all(_within(view, name, region) for name in things) else "sweep"


def _stroke(view: View, name: str, region: str) -> Skill:
    """From behind a thing to where it lies well on the region."""
    begin, centre = view.pose(name)[0], view.pose(region)[0]
    along = flat(centre - begin)
    hand = turned(math.remainder(math.atan2(along[1], along[0]), math.pi))
    low = begin[2] - view.extent(name, -UP) + BELOW + LEAST
    room = view.extent(name, -along) + 0.012
    behind = begin - along * (room + 0.025) + view.noise()
    behind[2] = low
    inside = min(view.extent(region, along), view.extent(region, -along))
    way = float(np.hypot(*(centre - begin)[:2])) - max(inside - view.extent(name, along) - 0.03, 0.0)
    end = begin + along * (max(way, 0.0) - room)
    end[2] = max(low, view.top(region) + BELOW + LEAST if _flat_region(view, region) else low)
    apart = _fork(view, name)
    yield Phase("above", behind + UP * ABOVE, hand, apart)
    yield Phase("down", behind, hand, apart, 0.1)
    yield Phase("sweep", end, hand, apart, 0.2)
    yield Phase("back", end - along * 0.03, hand, apart)
    yield Phase("up", end - along * 0.03 + UP * ABOVE, hand, apart)
    return ""


def _fork(view: View, name: str) -> float:
    """How far the fingers are open so that a thing leans against both and does not turn away between them."""
    turns = [
        rotate(about(UP, angle, np.array([1.0, 0.0, 0.0, 0.0])), np.array([1.0, 0.0, 0.0])) for angle in np.arange(6) * 0.524
    ]
    least = min(view.extent(name, side) + view.extent(name, -side) for side in turns)
    return float(np.clip(0.275 * least - 0.002, 0.0, OPEN))


def _flat_region(view: View, region: str) -> bool:
    """Whether a region is a mat that the hand can pass over."""
    return view.extent(region, UP) + view.extent(region, -UP) < 0.02


class _Wiped:
    """The map of the patch: which cells a touching tool has passed."""

    def __init__(self, view: View, tool: str, surface: str, half: np.ndarray, foot: np.ndarray):
        self.view, self.tool, self.surface, self.foot = view, tool, surface, foot
        count = np.maximum(1, np.round(2.0 * half / CELL).astype(int))
        lines = [np.linspace(-h, h, n) for h, n in zip(half, count, strict=True)]
        self.cells = np.stack(np.meshgrid(*lines, indexing="ij"), axis=-1).reshape(-1, 2)
        self.done = np.zeros(len(self.cells), bool)

    def __call__(self) -> None:
        """Once a frame."""
        if not len(self.view.touching(self.tool, "")):
            return
        place, turn = self.view.pose(self.surface)
        tip = self.view.pose(self.tool)[0] if self.tool else self.view.tip()[0]
        own = rotate(conjugate(turn), tip - place)[:2]
        self.done |= (np.abs(self.cells - own) <= self.foot + 0.5 * CELL).all(-1)

    @property
    def share(self) -> float:
        """Of the patch that has been wiped."""
        return float(self.done.mean())


def wipe(view: View, surface: str, tool: str, tries: int) -> Skill:
    """Go over the top of a body in rows. tool: a body that the hand holds or picks, "" for the fingers."""
    slip, foot, opening = -UP * 0.0, np.array([0.01, WIDE]), 0.0
    if tool:
        failed = yield from held(view, tool, tries, high=True)
        if failed:
            return failed
    place, turn = view.pose(surface)
    axes = [rotate(turn, axis) for axis in np.eye(3)[:2]]
    reach = np.array([min(view.extent(surface, axis), view.extent(surface, -axis)) for axis in axes])
    hand, low = _hand_over(view, axes[0]), BELOW
    if tool:
        yield _aligned(view, tool, place, axes[0])
        tip, hand = view.tip()
        slip, low = tip - view.pose(tool)[0], view.extent(tool, -UP)
        foot = np.array([min(view.extent(tool, axis), view.extent(tool, -axis)) for axis in axes])
    half = np.minimum(reach - EDGE, 0.5 * MOST)
    level = view.top(surface) + low - PRESS
    wiped = _Wiped(view, tool, surface, half, foot)
    centre = np.array([place[0], place[1], level])
    rows = _rows(half, foot)
    if tool and abs(float(rotate(hand, np.array([0.0, 1.0, 0.0])) @ axes[0])) < 0.7:
        rows = [(x, y) for y, x in _rows(half[::-1], foot[::-1])]  # along the way in which the fingers close
    spots = [centre + slip + rows[0][0] * axes[0] + rows[0][1] * axes[1]]
    yield Phase("above", spots[0] + UP * ABOVE, hand, opening, 0.1)
    yield Phase("down", spots[0], hand, opening, 0.1, watch=wiped)
    for x, y in rows[1:]:
        if tool:  # the board pushes the tool up between the fingers, which themselves shall not touch it
            slip[2] = max(view.tip()[0][2] - view.pose(tool)[0][2], BELOW + PRESS + 0.002 - low)
        yield Phase("wipe", centre + slip + x * axes[0] + y * axes[1], hand, opening, watch=wiped)
    yield Phase("up", view.tip()[0] + UP * ABOVE, hand, opening)
    return "" if wiped.share >= WIPED else "wipe"


def _aligned(view: View, tool: str, place: np.ndarray, axis: np.ndarray) -> Phase:
    """Above a place, with the sides of the tool along an axis (or across) by the least turn."""
    tip, hand = view.tip()
    own = rotate(view.pose(tool)[1], np.array([1.0, 0.0, 0.0]))
    turn = math.remainder(math.atan2(axis[1], axis[0]) - math.atan2(own[1], own[0]), 0.5 * math.pi)
    return Phase("carry", np.array([place[0], place[1], tip[2]]), about(UP, turn, hand), 0.0, 0.2)


def _hand_over(view: View, axis: np.ndarray) -> np.ndarray:
    """The hand that points down with its broad side across the rows, which go along an axis."""
    yaw = math.remainder(math.atan2(axis[1], axis[0]), math.pi)
    return turned(yaw) if abs(yaw) > 1e-6 else DOWN


def _rows(half: np.ndarray, foot: np.ndarray) -> list[tuple[float, float]]:
    """Corners of a way to and fro along the first axis that covers a rectangle."""
    inner = np.maximum(half - foot, 0.0)
    count = max(1, math.ceil(2.0 * inner[1] / (1.6 * foot[1]))) + 1
    corners = []
    for number, y in enumerate(np.linspace(-inner[1], inner[1], count)):
        ends = (-inner[0], inner[0]) if number % 2 == 0 else (inner[0], -inner[0])
        corners += [(float(x), float(y)) for x in ends]
    return corners
