"""The search: bounds from the relations, then one block after the other, many candidates at once, and restarts that begin with
what failed.

    static conflicts (bounds)     relations that no placement can meet are named before anything is sampled
    order                         supports before what they carry, what has failed often first, then large footprints
    candidates                    drawn in the box that the bounds leave on a patch; relations are tested for all of them at
                                  once, then boxes, then exact shapes with a margin of 1 mm
    restart                       with the block that failed earlier in the order; at most `attempts` times

Every draw comes from the stream of (attempt, block, round), so the result depends on the problem and the seed alone.

Limits: what is placed rests on level faces; a block without support relation stands where its reference stands.
"""

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass

import numpy as np

from .blocks import Array, Block, multiply, turned
from .bounds import FAR, Cycle, Edge, edges_of, intervals, within
from .candidates import Candidates, Site
from .demands import Axes, Demand, View, margin
from .nearness import Placed, nearer
from .report import Rejections, Unplaceable
from .static import check_containment
from .supports import patches, spans

MARGIN = 0.001
TOUCH = 0.002
CANDIDATES = 160
ROUNDS = 3
ATTEMPTS = 24
MOST = 40  # relations that are searched for a minimal conflict
Uniforms = Callable[[str, int], Array]
Pose = tuple[Array, Array]


def solve(
    blocks: Sequence[Block], demands: Sequence[Demand], axes: Axes, uniforms: Uniforms, attempts: int = ATTEMPTS
) -> dict[str, Pose]:
    """The pose of every block without one. uniforms(key, n): n numbers in [0, 1) of the stream of that key. Raises
    `Unplaceable`."""
    search = Search(blocks, demands, axes, uniforms)
    failure = search.run(attempts)
    if failure is None:
        return search.poses()
    if failure.certain:
        raise failure
    failure.conflict = _minimal(blocks, demands, axes, uniforms, failure.block)
    raise failure


def _minimal(blocks: Sequence[Block], demands: Sequence[Demand], axes: Axes, uniforms: Uniforms, block: str) -> tuple[str, ...]:
    """A set of hard relations that still fails, from which none can be left out (tried with few attempts). By deletion."""
    related = _component(demands, block)
    kept = [demand for demand in demands if demand.hard and demand.of in related]
    if len(kept) > MOST or not _fails(blocks, kept, axes, uniforms):
        return ()
    for demand in list(kept):
        smaller = [other for other in kept if other is not demand]
        if _fails(blocks, smaller, axes, uniforms):
            kept = smaller
    return tuple(dict.fromkeys(demand.label for demand in kept))


def _fails(blocks: Sequence[Block], demands: list[Demand], axes: Axes, uniforms: Uniforms) -> bool:
    named = {demand.of for demand in demands} | {ref for demand in demands for ref in demand.ref}
    kept = [block for block in blocks if block.pose is not None or block.attached is not None or block.name in named]
    known = {block.name for block in kept}
    kept = [block for block in kept if block.attached is None or block.attached[0] in known]
    return Search(kept, demands, axes, uniforms).run(2) is not None


def _component(demands: Sequence[Demand], block: str) -> set[str]:
    """Blocks that hang together with one by relations."""
    found, grown = {block}, True
    while grown:
        before = len(found)
        for demand in demands:
            if demand.of in found or found & set(demand.ref):
                found.add(demand.of)
        grown = len(found) > before
    return found


@dataclass
class _Obstacles:
    """Solids that stand: boxes (M, 3), and the block and solid behind each."""

    low: Array
    high: Array
    owner: list[tuple[str, int]]


class Search:
    """One problem; `run` tries to place every block."""

    def __init__(self, blocks: Sequence[Block], demands: Sequence[Demand], axes: Axes, uniforms: Uniforms):
        self.blocks = {block.name: block for block in blocks}
        self.demands, self.axes, self.uniforms = list(demands), axes, uniforms
        self.free = [block.name for block in blocks if block.pose is None and block.attached is None]
        self.weight = dict.fromkeys(self.free, 0)
        self.views: dict[str, View] = {}
        self.shapes: dict[tuple[str, int], Placed] = {}
        self.at_origin: dict[tuple[str, int, bytes], Placed] = {}
        self.turning = {demand.of for demand in demands if demand.rel in ("facing", "leaning_on")}
        self.zero = {
            name: View(block, np.zeros(3), block.turn if block.pose is None else block.pose[1])
            for name, block in self.blocks.items() if block.attached is None
        }  # fmt: skip
        self.half = {name: self._half(name) for name in self.zero if not self.blocks[name].endless}
        self.window = self._window()
        self.supports = {
            demand.of: demand for demand in reversed(self.demands) if demand.rel in ("on_top", "inside") and demand.hard
        }
        self.soft_supports = {demand.of: demand for demand in self.demands if demand.rel in ("on_top", "inside")}

    def poses(self) -> dict[str, Pose]:
        """What was found."""
        return {name: (self.views[name].position[0], self.views[name].rotation[0]) for name in self.free}

    def _half(self, name: str) -> Array:
        view = self.zero[name]
        half = 0.5 * (view.high[0] - view.low[0])
        if name in self.turning:
            small = min(half[0], half[1])
            half = np.array([small, small, 0.0])  # a bound that every turn about the vertical keeps
        return half

    def _window(self) -> float:
        """Half the side of the square of a plane that is used: room for everything, and for the longest relations."""
        areas = [4.0 * float(self.half[name][0] * self.half[name][1]) for name in self.free]
        reach = sum(demand.get("max", demand.get("min")) for demand in self.demands if demand.get("max", 0.0) < FAR)
        fixed = [block.pose[0][:2] for block in self.blocks.values() if block.pose is not None and not block.endless]
        far = max((float(np.abs(place).max()) for place in fixed), default=0.0)
        return max(0.5, 2.0 * math.sqrt(sum(areas))) + min(reach, 5.0) + far

    # ---- one attempt

    def run(self, attempts: int) -> Unplaceable | None:
        """Places every block; None, or why it failed."""
        try:
            self._start()
            self._bounds({})
            check_containment(self.blocks, self.zero, self.demands)
        except Cycle as cycle:
            return Unplaceable(self.free[0] if self.free else "", "", 1.0, 0, cycle.labels, True)
        rejections: dict[str, Rejections] = {name: Rejections() for name in self.free}
        failed = ""
        for attempt in range(attempts):
            self._start()
            failed = self._attempt(attempt, rejections)
            if not failed:
                return None
            self.weight[failed] += 1
        worst, share = rejections[failed].worst()
        return Unplaceable(failed, worst, share, rejections[failed].tried, (), False)

    def _start(self) -> None:
        self.views.clear()
        self.shapes.clear()
        for name, block in self.blocks.items():
            if block.pose is not None:
                self._stand(name, *block.pose)

    def _stand(self, name: str, position: Array, rotation: Array) -> None:
        """A block stands, and with it what is attached to it."""
        block = self.blocks[name]
        self.views[name] = View(block, position, rotation)
        for other in self.blocks.values():
            if other.attached is not None and other.attached[0] == name:
                _, offset, turn = other.attached
                self.views[other.name] = View(other, position + turned(rotation, offset), multiply(rotation, turn))

    def _attempt(self, attempt: int, rejections: dict[str, Rejections]) -> str:
        """The name of the block that found no place, or ""."""
        waiting = list(self.free)
        while waiting:
            name = self._next(waiting)
            waiting.remove(name)
            try:
                bounds = self._bounds(self.views)
            except Cycle:
                rejections[name].tried += 1
                rejections[name].add("the places of other things", 1)
                return name
            if not self._place(name, attempt, bounds, rejections[name]):
                return name
        return ""

    def _next(self, waiting: list[str]) -> str:
        """Of the blocks whose needs stand, the one that failed most, then the largest; where a loop of needs leaves none,
        any."""
        ready = [name for name in waiting if all(self._root(need) not in waiting for need in self._needs(name))]
        return max(ready or waiting, key=lambda name: (self.weight[name], float(self.half[name][0] * self.half[name][1]), name))

    def _root(self, name: str) -> str:
        attached = self.blocks[name].attached
        return name if attached is None else attached[0]

    def _needs(self, name: str) -> set[str]:
        needs: set[str] = set()
        supported = name in self.soft_supports
        for demand in self.demands:
            if demand.of != name:
                continue
            if demand.rel in ("on_top", "inside", "leaning_on", "facing", "between", "touching", "above"):
                needs.update(demand.ref)
            elif not supported and demand.rel in ("next_to", "left_of", "right_of", "in_front_of", "behind", "distance"):
                if name not in self._needs_of_plain(demand.ref[0]):
                    needs.add(demand.ref[0])
        return needs - {name}

    def _needs_of_plain(self, name: str) -> set[str]:
        """What a block without a support of its own stands by."""
        if name in self.soft_supports:
            return set()
        return {ref for demand in self.demands if demand.of == name for ref in demand.ref}

    # ---- bounds

    def _bounds(self, standing: dict[str, View]) -> list[tuple[dict[str, float], dict[str, float]]]:
        """Intervals of the middles along x, y, z. Raises `Cycle`."""
        edges: list[Edge] = []
        for demand in self.demands:
            if demand.hard:
                edges += edges_of(demand, self.half, self.axes)
                edges += self._support_edges(demand)
        posed = {name: View(block, *block.pose) for name, block in self.blocks.items() if block.pose is not None}
        for name, view in (standing or posed).items():
            if name in self.half:
                edges += _stands(name, view.middle[0])
        names = list(self.half)
        return [intervals(names, edges, axis) for axis in (0, 1, 2)]

    def _support_edges(self, demand: Demand) -> list[Edge]:
        """Where a support bounds the middle of what it carries."""
        base = demand.ref[0]
        if demand.rel not in ("on_top", "inside") or base not in self.half or demand.of not in self.half:
            return []
        block, zero = self.blocks[base], self.zero[base]
        if base in self.turning:
            return []
        middle, half = zero.middle[0], self.half[demand.of]
        if demand.rel == "inside":
            if block.interior is None:
                return []
            wide = block.interior.sections[:, 1:].max(axis=0) - demand.get("gap")
            edges: list[Edge] = []
            for axis in (0, 1):
                room = float(wide.max() - half[axis]) + abs(float(middle[axis]))
                edges += within(axis, demand.of, base, -room, room, demand.label)
            return edges
        found = patches(block, zero.position[0], zero.rotation[0], self.window)
        if not found:
            return []
        low, high = spans(found)
        inner = half * (1.0 - 2.0 * demand.get("overhang"))
        edges = []
        for axis in (0, 1):
            least, most = float(low[axis] + inner[axis] - middle[axis]), float(high[axis] - inner[axis] - middle[axis])
            edges += within(axis, demand.of, base, least, most, demand.label)
        return edges

    # ---- one block

    def _place(
        self, name: str, attempt: int, bounds: list[tuple[dict[str, float], dict[str, float]]], rejected: Rejections
    ) -> bool:
        low = np.array([axis[0].get(name, -FAR) for axis in bounds])
        high = np.array([axis[1].get(name, FAR) for axis in bounds])
        for number in range(ROUNDS):
            key = f"{attempt}.{name}.{number}"
            made = Candidates(self, name, low, high).draw(self.uniforms(key, 6 * CANDIDATES).reshape(6, CANDIDATES))
            if isinstance(made, str):
                rejected.tried += CANDIDATES
                rejected.add(made, CANDIDATES)
                return False
            rejected.tried += CANDIDATES
            chosen = self._choose(name, made, rejected)
            if chosen is not None:
                self._stand(name, *chosen)
                return True
        return False

    def _choose(self, name: str, site: Site, rejected: Rejections) -> Pose | None:
        """The first (or least costly) candidate that keeps every relation and touches nothing."""
        for label, mask in site.refused:
            rejected.add(label, int(mask.sum()))
        alive = ~np.any([mask for _, mask in site.refused], axis=0) if site.refused else np.ones(len(site.position), bool)
        view = View(self.blocks[name], site.position, site.rotation)
        cost = np.zeros(len(site.position))
        for demand, involved in self._judged(name):
            value = margin(demand, *self._seen(demand, name, view, involved), self.axes)
            if demand.hard:
                bad = value < -1e-9
                rejected.add(demand.label, int(bad.sum()))
                alive &= ~bad
            else:
                cost += demand.weight * np.maximum(0.0, -value)
        order = np.nonzero(alive)[0]
        order = order[np.argsort(cost[order], kind="stable")]
        return self._first_clear(name, view, order, rejected)

    def _judged(self, name: str) -> list[tuple[Demand, list[str]]]:
        """Relations that this block decides: all others of them stand."""
        found = []
        for demand in self.demands:
            involved = [demand.of, *demand.ref]
            roots = [self._root(one) for one in involved]
            if name in roots and all(root == name or one in self.views for one, root in zip(involved, roots, strict=True)):
                if any(one != root and root == name for one, root in zip(involved, roots, strict=True)):
                    continue  # a part of this block: judged when the other one is placed, or by the caller's own check
                found.append((demand, involved))
        return found

    def _seen(self, demand: Demand, name: str, view: View, involved: list[str]) -> tuple[View, list[View]]:
        views = [view if one == name else self.views[one] for one in involved]
        return views[0], views[1:]

    def _first_clear(self, name: str, view: View, order: Array, rejected: Rejections) -> Pose | None:
        obstacles = self._obstacles()
        touching = {demand.ref[0] for demand in self.demands if demand.of == name and demand.rel in ("touching", "leaning_on")}
        for start in range(0, len(order), 32):
            part = order[start : start + 32]
            near = _near(view.lows[part], view.highs[part], obstacles)
            for row, number in enumerate(part):
                hit = self._hit(name, view, int(number), near[row], obstacles, touching)
                if not hit and self._touches(name, view, int(number)):
                    return view.position[number], view.rotation[number]
                rejected.add(hit or "touching", 1)
        return None

    def _obstacles(self) -> _Obstacles:
        lows, highs, owner = [np.zeros((0, 3))], [np.zeros((0, 3))], []
        for name, view in self.views.items():
            if self.blocks[name].attached is None:
                lows.append(view.lows[0])
                highs.append(view.highs[0])
                owner += [(name, number) for number in range(len(view.lows[0]))]
        return _Obstacles(np.concatenate(lows), np.concatenate(highs), owner)

    def _hit(self, name: str, view: View, number: int, near: Array, obstacles: _Obstacles, touching: set[str]) -> str:
        """The first thing that a candidate comes too near to, as a constraint, or ""."""
        bottom = float(view.low[number, 2]) + 1e-7
        mine: dict[int, Placed] = {}
        for solid, other in np.argwhere(near):
            if obstacles.high[other, 2] <= bottom:
                continue  # it stands on this one
            if int(solid) not in mine:
                mine[int(solid)] = self._placed(name, view, number, int(solid))
            owner = obstacles.owner[other]
            least = 1e-5 if owner[0] in touching else MARGIN
            if nearer(mine[int(solid)], self._shape(*owner), least):
                return f"collision with {owner[0]!r}"
        return ""

    def _shape(self, name: str, solid: int) -> Placed:
        """A solid of a block that stands."""
        if (name, solid) not in self.shapes:
            self.shapes[name, solid] = self._placed(name, self.views[name], 0, solid)
        return self.shapes[name, solid]

    def _placed(self, name: str, view: View, number: int, solid: int) -> Placed:
        shape = self.blocks[name].solids[solid]
        position, rotation = view.position[number], view.rotation[number]
        return Placed(shape, position + turned(rotation, shape.position), multiply(rotation, shape.rotation))

    def _touches(self, name: str, view: View, number: int) -> bool:
        """Whether it really touches what it has to touch."""
        for demand in self.demands:
            if demand.rel == "touching" and demand.hard and demand.of == name and demand.ref[0] in self.views:
                owner = self._root(demand.ref[0])
                count = len(self.blocks[owner].solids)
                mine = [self._placed(name, view, number, k) for k in range(len(self.blocks[name].solids))]
                if not any(nearer(one, self._shape(owner, k), TOUCH) for one in mine for k in range(count)):
                    return False
        return True


def _stands(name: str, middle: Array) -> list[Edge]:
    """The bounds of a block that has its place."""
    return [edge for axis in range(3) for edge in within(axis, name, "", float(middle[axis]), float(middle[axis]), "")]


def _near(low: Array, high: Array, obstacles: _Obstacles) -> Array:
    """(K, S, M): whether boxes come within the margin."""
    near = np.ones((low.shape[0], low.shape[1], len(obstacles.low)), bool)
    for k in range(3):
        near &= low[:, :, None, k] < obstacles.high[None, None, :, k] + MARGIN
        near &= high[:, :, None, k] > obstacles.low[None, None, :, k] - MARGIN
    return near
