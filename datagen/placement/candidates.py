"""Candidates of one block: places in the box that the bounds leave, at the height of a patch, with the turn that it asks for.

Positions are rounded to 1e-9 m and rotations to 1e-12 before anything is tested, so that the tests see the numbers that are
kept.
"""

import math
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import numpy as np

from .blocks import Array, Block, multiply, turned
from .demands import Demand, View, in_interior
from .nearness import Placed
from .supports import Patch, patches

if TYPE_CHECKING:
    from .search import Search

STEP = 0.3
"""How far a thing that hangs above another is from it where no 'max' says so, m."""


LIFTS, LIFT = 8, 0.001
"""Steps by which a thing that is too wide for the floor of a hollow is lifted, m."""


@dataclass
class Site:
    """Poses of candidates: (K, 3), (K, 4); refused: masks (K,) of candidates that a constraint excludes, with its words."""

    position: Array
    rotation: Array
    refused: list[tuple[str, Array]] = field(default_factory=list)


class Candidates:
    """Draws candidates for one block of a search."""

    def __init__(self, search: "Search", name: str, low: Array, high: Array):
        self.search, self.name, self.low, self.high = search, name, low, high
        self.block = search.blocks[name]

    def draw(self, u: Array) -> Site | str:
        """K candidates from uniform numbers (6, K), or the words of what leaves no room."""
        leaning = self._own("leaning_on")
        support = self.search.soft_supports.get(self.name)
        if leaning is not None:
            return self._leaning(leaning, u)
        if support is not None and support.rel == "inside":
            return self._inside(support, u)
        if support is not None:
            return self._on(self._base(support.ref[0]), u, support)
        above = self._own("above")
        if above is not None:
            return self._hanging(above, u)
        return self._on(self._beneath(), u, None)

    def _own(self, rel: str) -> Demand | None:
        return next((d for d in self.search.demands if d.of == self.name and d.rel == rel), None)

    def _base(self, name: str) -> tuple[Block, Array, Array]:
        view = self.search.views[name]
        return view.block, view.position[0], view.rotation[0]

    def _beneath(self) -> tuple[Block, Array, Array] | float:
        """What carries the things that this one stands by; a height where nothing does."""
        for demand in self.search.demands:
            others = [ref for ref in demand.ref if demand.of == self.name] or (
                [demand.of] if self.name in demand.ref and demand.rel not in ("on_top", "inside") else []
            )
            for other in others:
                if other in self.search.views and not self.search.blocks[other].endless:
                    return self._carrier(other)
        planes = [name for name, block in self.search.blocks.items() if block.endless]
        return self._base(planes[0]) if planes else 0.0

    def _carrier(self, name: str) -> tuple[Block, Array, Array] | float:
        support = self.search.soft_supports.get(name)
        if support is not None and support.rel == "on_top" and support.ref[0] in self.search.views:
            return self._base(support.ref[0])
        view = self.search.views[name]
        middle, bottom = view.middle[0], float(view.low[0, 2])
        best, found = -math.inf, ""
        for other, standing in self.search.views.items():
            block = standing.block
            if other == name or block.attached is not None:
                continue
            for patch in patches(block, standing.position[0], standing.rotation[0], self.search.window):
                under = bool(patch.contains(middle[None, :2], middle[None, :2])[0])
                if under and best < patch.z < bottom + 0.003:
                    best, found = patch.z, other
        return self._base(found) if found else bottom

    # ---- on a patch

    def _on(self, base: tuple[Block, Array, Array] | float, u: Array, demand: Demand | None) -> Site | str:
        window = self.search.window
        if isinstance(base, float):
            square = np.array([[-1.0, -1.0], [1.0, -1.0], [1.0, 1.0], [-1.0, 1.0]]) * window
            found, words = [Patch(base, square)], "the room around"
        else:
            found = patches(*base, window)
            words = demand.label if demand is not None and demand.label else f"the room on {base[0].name!r}"
        if not found:
            return f"{words} (it has no level upper face)"
        rotation = self._turns(u)
        view = View(self.block, np.zeros((len(rotation), 3)), rotation)
        low_rel, high_rel = view.low, view.high
        half, shift = 0.5 * (high_rel - low_rel), 0.5 * (high_rel + low_rel)
        overhang = demand.get("overhang") if demand is not None else 0.0
        chosen = self._pick(found, u[0])
        corners_low = np.array([patch.corners.min(axis=0) for patch in found])[chosen]
        corners_high = np.array([patch.corners.max(axis=0) for patch in found])[chosen]
        inner = half[:, :2] * (1.0 - 2.0 * overhang)
        low, high = np.maximum(corners_low + inner, self.low[:2]), np.minimum(corners_high - inner, self.high[:2])
        middle = self._between(u) if self._own("between") is not None else None
        if middle is None:
            middle = low + (high - low) * u[1:3].T
        no_room = (low > high + 1e-9).any(axis=1)
        middle = np.where(no_room[:, None], 0.5 * (low + high), middle)
        level = np.array([patch.z for patch in found])[chosen] + (demand.get("gap") if demand is not None else 0.0)
        position = np.concatenate([middle - shift[:, :2], (level - low_rel[:, 2])[:, None]], axis=1)
        site = self._finish(position, rotation)
        on_patch = np.zeros(len(position), bool)
        same = not bool((site.rotation != site.rotation[0]).any())
        share = 1.0 - 2.0 * overhang
        for number, patch in enumerate(found):
            mine = chosen == number
            if same:
                fits = patch.holds(middle, lambda x, y: share * self._reach(rotation[0], shift[0], x, y))
            else:
                fits = patch.contains(middle - inner, middle + inner)
            if patch.hollow is not None:
                fits &= (half[:, 0] > patch.hollow[0] + 0.002) & (half[:, 1] > patch.hollow[1] + 0.002)
            on_patch |= mine & fits
        site.refused += [(words, ~on_patch | no_room)]
        return site

    def _reach(self, rotation: Array, middle: Array, x: float, y: float) -> float:
        """How far the block goes from the middle of its box along a horizontal direction."""
        best = -math.inf
        for number, solid in enumerate(self.block.solids):
            key = (self.name, number, rotation.tobytes())
            if key not in self.search.at_origin:
                place = turned(rotation, solid.position)
                self.search.at_origin[key] = Placed(solid, place, multiply(rotation, solid.rotation))
            a, b, _ = self.search.at_origin[key].farthest((x, y, 0.0))
            best = max(best, (a - float(middle[0])) * x + (b - float(middle[1])) * y)
        return best

    @staticmethod
    def _pick(found: list[Patch], u: Array) -> Array:
        """Patches in proportion to their area."""
        edges = np.cumsum([patch.area for patch in found])
        return np.minimum(np.searchsorted(edges, u * edges[-1], side="right"), len(found) - 1)

    def _between(self, u: Array) -> Array | None:
        demand = self._own("between")
        if demand is None or any(ref not in self.search.views for ref in demand.ref):
            return None
        first, second = (self.search.views[ref].middle[0, :2] for ref in demand.ref)
        along = second - first
        aside = np.array([-along[1], along[0]])
        share, off = 0.2 + 0.6 * u[1], 0.9 * (u[2] - 0.5)
        return first + share[:, None] * along + off[:, None] * aside

    # ---- turns

    def _turns(self, u: Array) -> Array:
        return np.broadcast_to(self.block.turn, (u.shape[1], 4)).copy()

    def _finish(self, position: Array, rotation: Array) -> Site:
        """Rounded poses; turned towards what they have to face."""
        position = np.round(position, 9) + 0.0
        facing = self._own("facing")
        if facing is not None and facing.ref[0] in self.search.views:
            aim = self.search.views[facing.ref[0]].middle[0, :2] - position[:, :2]
            aim = -aim if facing.words.get("away") == "yes" else aim
            rotation = multiply(yaw_towards(aim), rotation)
        return Site(position, np.round(rotation, 12) + 0.0)

    # ---- inside, hanging, leaning

    def _inside(self, demand: Demand, u: Array) -> Site | str:
        other = self.search.views[demand.ref[0]]
        interior = other.block.interior
        if interior is None:
            return f"{demand.label} (it has no hollow)"
        rotation = self._turns(u)
        view = View(self.block, np.zeros((len(rotation), 3)), rotation)
        half, shift = 0.5 * (view.high - view.low), 0.5 * (view.high + view.low)
        top = interior.sections[-1]
        room = np.maximum(top[1:] - demand.get("gap") - half[:, :2], 0.0)
        local = np.zeros((len(rotation), 3))
        local[:, :2] = room * (2.0 * u[1:3].T - 1.0)
        centre = other.position[0] + turned(other.rotation[0], interior.position)
        middle = centre + turned(np.broadcast_to(other.rotation[0], (len(local), 4)), local)
        low_xy, high_xy = middle[:, :2] - half[:, :2], middle[:, :2] + half[:, :2]
        floor = centre[2] + float(interior.sections[0, 0])
        level = np.full(len(local), floor)
        for demand_there in self.search.demands:
            lies = self.search.views.get(demand_there.of) if demand_there.rel == "inside" else None
            if lies is None or demand_there.ref[0] != demand.ref[0] or demand_there.of == self.name:
                continue
            over = np.ones(len(local), bool)
            for k in (0, 1):
                over &= (low_xy[:, k] < lies.high[0, k]) & (high_xy[:, k] > lies.low[0, k])
            flat = bool(patches(lies.block, lies.position[0], lies.rotation[0], 1.0))
            level = np.where(over & flat, np.maximum(level, lies.high[0, 2]), level)
        position = np.concatenate([middle[:, :2] - shift[:, :2], (level - view.low[:, 2])[:, None]], axis=1)
        site = self._finish(position, rotation)
        clear = self._walls_clear(other, site, demand.get("gap"))
        for _ in range(LIFTS):  # what is wider than the floor hangs between the walls a little higher
            site.position[~clear, 2] += LIFT
            clear |= self._walls_clear(other, site, demand.get("gap"))
        site.refused.append((demand.label, ~clear))
        return site

    def _walls_clear(self, other: View, site: Site, gap: float) -> Array:
        """Whether the boxes of all solids stay off the walls at their lower and upper ends."""
        interior = other.block.interior
        assert interior is not None
        view = View(self.block, site.position, site.rotation)
        clear = np.ones(len(site.position), bool)
        for solid in range(view.lows.shape[1]):
            low, high = view.lows[:, solid], view.highs[:, solid]
            kind = self.block.solids[solid].kind
            for share in (-1.0, -0.8, -0.4, 0.0, 1.0) if kind == "sphere" else (-1.0, 1.0):
                middle = 0.5 * (low + high)
                half = 0.5 * (high - low)
                middle[:, 2] += share * half[:, 2]
                if kind == "sphere":
                    half = half * math.sqrt(1.0 - share * share)
                local, half_x, half_y = in_interior(other, middle)
                if interior.sides:
                    slim = kind in ("sphere", "cylinder", "capsule")
                    reach = half[:, 0] if slim else np.sqrt(half[:, 0] ** 2 + half[:, 1] ** 2)
                    clear &= np.sqrt(local[:, 0] ** 2 + local[:, 1] ** 2) + reach + gap <= half_x + 1e-9
                else:
                    clear &= np.abs(local[:, 0]) + half[:, 0] + gap <= half_x + 1e-9
                    clear &= np.abs(local[:, 1]) + half[:, 1] + gap <= half_y + 1e-9
        return clear

    def _hanging(self, demand: Demand, u: Array) -> Site | str:
        """Over another thing, at a height that the relation allows."""
        other = self.search.views[demand.ref[0]]
        rotation = self._turns(u)
        view = View(self.block, np.zeros((len(rotation), 3)), rotation)
        half, shift = 0.5 * (view.high - view.low), 0.5 * (view.high + view.low)
        if other.block.endless:
            square = np.full(2, self.search.window)
            low, high = np.maximum(-square, self.low[:2]), np.minimum(square, self.high[:2])
        else:
            low = np.maximum(other.low[0, :2] - half[:, :2], self.low[:2])
            high = np.minimum(other.high[0, :2] + half[:, :2], self.high[:2])
        if bool((low > high).all()):
            return demand.label
        middle = low + (high - low) * u[1:3].T
        least = max(demand.get("gap"), demand.get("min"))
        most = demand.get("max", least + STEP)
        height = float(other.high[0, 2]) + least + (most - least) * u[3]
        position = np.concatenate([middle - shift[:, :2], (height - view.low[:, 2])[:, None]], axis=1)
        return self._finish(position, rotation)

    def _leaning(self, demand: Demand, u: Array) -> Site | str:
        """Tilted against one of the four sides of the box around the other thing, the lower edge on its support."""
        other = self.search.views[demand.ref[0]]
        support = self.search.soft_supports.get(self.name)
        carrier = self._base(support.ref[0]) if support is not None else self._carrier(demand.ref[0])
        level, patch = self._ground(carrier, other)
        zero = np.array([[1.0, 0.0, 0.0, 0.0]])
        view = View(self.block, np.zeros((1, 3)), zero)
        size, shift = (view.high - view.low)[0], view.middle[0]
        thin = 0 if size[0] <= size[1] else 1
        count = u.shape[1]
        side = np.minimum((4.0 * u[3]).astype(int), 3)
        low, high = demand.get("min", 0.1745), demand.get("max", 0.5236)
        cosine, sine = _cos_sin(low + (high - low) * u[4])
        tall = float(other.high[0, 2]) - level
        foot = np.where(size[2] * cosine <= tall, size[2] * sine, tall * sine / cosine)
        # in the plane of the wall: u outward, z up; e_t = (cos, sin) outward normal, e_h = (-sin, cos) along the height
        out = foot + 0.5 * size[thin] * cosine - 0.5 * size[2] * sine + 2e-4
        up = level + 0.5 * size[thin] * sine + 0.5 * size[2] * cosine
        normals = np.array([[1.0, 0.0], [0.0, 1.0], [-1.0, 0.0], [0.0, -1.0]])[side]
        middle = other.middle[0, :2]
        half = 0.5 * (other.high[0, :2] - other.low[0, :2])
        wide = size[1 - thin]
        tangents = np.stack([-normals[:, 1], normals[:, 0]], axis=1)
        along = np.abs(tangents) @ half
        slide = (2.0 * u[5] - 1.0) * np.maximum(along - 0.5 * wide, 0.0)
        place = middle + normals * ((np.abs(normals) @ half) + out)[:, None] + tangents * slide[:, None]
        half_cos = np.sqrt(0.5 * (1.0 + cosine))
        tilt = np.stack([half_cos, np.zeros(count), -0.5 * sine / half_cos, np.zeros(count)], axis=1)
        turn = multiply(yaw_towards(normals), tilt)
        if thin == 1:
            quarter = math.sqrt(0.5)
            turn = multiply(turn, np.array([quarter, 0.0, 0.0, -quarter]))
        position = np.concatenate([place, up[:, None]], axis=1) - turned(turn, np.broadcast_to(shift, (count, 3)))
        site = Site(np.round(position, 9) + 0.0, np.round(turn, 12) + 0.0)
        if patch is not None:
            stands = View(self.block, site.position, site.rotation)
            words = support.label if support is not None else f"the room on {carrier[0].name!r}"  # type: ignore[index]
            site.refused.append((words, ~patch.contains(stands.low[:, :2], stands.high[:, :2])))
        return site

    def _ground(self, carrier: tuple[Block, Array, Array] | float, other: View) -> tuple[float, Patch | None]:
        """The level that a leaning thing stands on: the patch under the other thing."""
        if isinstance(carrier, float):
            return carrier, None
        bottom = float(other.low[0, 2])
        found = patches(*carrier, self.search.window)
        near = min(found, key=lambda patch: abs(patch.z - bottom), default=None)
        return (bottom, None) if near is None else (near.z, near)


def yaw_towards(direction: Array) -> Array:
    """Quaternions (K, 4) about z that take +x into directions (K, 2); square roots only."""
    size = np.sqrt((direction**2).sum(axis=1))
    cosine = np.where(size > 1e-12, direction[:, 0] / np.where(size > 1e-12, size, 1.0), 1.0)
    half = np.sqrt(np.maximum(0.0, 0.5 * (1.0 + cosine)))
    other = np.copysign(np.sqrt(np.maximum(0.0, 0.5 * (1.0 - cosine))), direction[:, 1])
    zero = np.zeros_like(half)
    return np.stack([half, zero, zero, other], axis=1)


def _cos_sin(angle: Array) -> tuple[Array, Array]:
    """Rounded, so that the last bit of a C library does not matter."""
    return np.round(np.cos(angle), 12), np.round(np.sin(angle), 12)
