"""Random placement problems that have an answer: a hidden layout of twelve things on a table, and relations that are true in
it.

The solver sees the relations and the sizes only. Things are boxes, cylinders, balls, cones, cups, bowls and trays; some stand
on or in others. A relation keeps its slack: where the hidden distance is d, the bound is d plus or minus a random share.
"""

import math
from typing import Any

import numpy as np

TABLE = (1.0, 0.7, 0.04)
TOP = 0.5 * TABLE[2]
GAP = 0.006


def morph(rng: np.random.Generator, kind: str) -> tuple[dict[str, Any], tuple[float, float, float]]:
    """A random morph and its extents along the axes."""

    def size(low: float, high: float) -> float:
        return round(float(rng.uniform(low, high)), 4)

    if kind == "box":
        x, y, z = size(0.04, 0.14), size(0.04, 0.14), size(0.03, 0.16)
        return {"type": "box", "size": [x, y, z]}, (x, y, z)
    if kind in ("cylinder", "cone"):
        radius, height = size(0.02, 0.06), size(0.03, 0.14)
        return {"type": kind, "radius": radius, "height": height}, (2 * radius, 2 * radius, height)
    if kind == "sphere":
        radius = size(0.015, 0.04)
        return {"type": "sphere", "radius": radius}, (2 * radius,) * 3
    if kind == "cup":
        radius, height = size(0.03, 0.045), size(0.07, 0.11)
        wide = 2 * (radius + 0.006) / math.cos(math.pi / 12)
        return {"type": "cup", "radius": radius, "height": height}, (wide, wide, height)
    if kind == "bowl":
        radius, height = size(0.06, 0.09), size(0.04, 0.06)
        wide = 2 * (radius + 0.01) / math.cos(math.pi / 12)
        return {"type": "bowl", "radius": radius, "height": height}, (wide, wide, height)
    x, y, z = size(0.14, 0.24), size(0.14, 0.2), size(0.03, 0.05)
    return {"type": "tray", "size": [x, y, z]}, (x, y, z)


KINDS = ("box", "box", "box", "cylinder", "cylinder", "cone", "sphere", "sphere", "cup", "cup", "bowl", "tray")


def problem(number: int, objects: int = 12, relations: int = 8) -> dict[str, Any]:
    """A spec document: `objects` things, each with its support, and `relations` more."""
    rng = np.random.default_rng([20261127, number])
    while True:
        things = [morph(rng, KINDS[k % len(KINDS)]) for k in range(objects)]
        layout = _layout(rng, [extents for _, extents in things], [one["type"] for one, _ in things])
        if layout is not None:
            break
    middles, carriers = layout
    entities: dict[str, Any] = {"table": {"morph": {"type": "box", "size": list(TABLE)}, "fixed": True}}
    place: list[dict[str, Any]] = []
    for k, (one, _) in enumerate(things):
        entities[f"thing{k}"] = {"morph": one}
        carrier, rel = carriers[k]
        place.append({"rel": rel, "of": f"thing{k}", "ref": carrier})
    boxes = [(np.array(middle) - 0.5 * np.array(extents), np.array(middle) + 0.5 * np.array(extents))
             for middle, (_, extents) in zip(middles, things, strict=True)]  # fmt: skip
    free = [k for k in range(objects) if carriers[k][0] == "table"]
    for _ in range(1000):
        if len(place) == objects + relations:
            break
        found = _relation(rng, free, boxes, middles)
        if found is None or any(found["rel"] == one["rel"] and found["of"] == one["of"] for one in place):
            continue
        if found["rel"] == "facing" and things[int(found["of"].removeprefix("thing"))][0]["type"] not in ("cylinder", "cone"):
            continue  # a turn changes the extents of the others, from which the relations were read
        place.append(found)
    return {"spec": 1, "name": f"problem{number}", "entities": entities, "place": place, "record": {"frames": 1}}


def _layout(rng: np.random.Generator, sizes: list[Any], kinds: list[str]) -> Any:
    """Middles that touch nothing, and (carrier, relation) of each: two things go on a box, two into the tray or the bowl."""
    middles: list[Any] = [None] * len(sizes)
    carriers: list[tuple[str, str]] = [("table", "on_top")] * len(sizes)
    boxes_, hollow = [k for k, kind in enumerate(kinds) if kind == "box"], kinds.index("tray") if "tray" in kinds else None
    small = [k for k, kind in enumerate(kinds) if kind == "sphere"]
    for k in small[:1]:
        if hollow is not None and 0.9 * sizes[k][2] < sizes[hollow][2] - 0.01:  # the wall of a tray is 1 cm
            carriers[k] = (f"thing{hollow}", "inside")
    wide = max(boxes_, key=lambda k: sizes[k][0] * sizes[k][1])
    slim = [k for k, kind in enumerate(kinds) if kind == "cone" and max(sizes[k][:2]) < min(sizes[wide][:2])]
    for k in slim[:1]:
        carriers[k] = (f"thing{wide}", "on_top")
    order = sorted((k for k in range(len(sizes)) if carriers[k][0] == "table"), key=lambda k: -sizes[k][0] * sizes[k][1])
    for k in order:
        for _ in range(300):
            room = [0.5 * (TABLE[a] - sizes[k][a]) for a in (0, 1)]
            x, y = (float(rng.uniform(-half, half)) for half in room)
            if all(_apart((x, y), sizes[k], middles[j], sizes[j]) for j in order if middles[j] is not None):
                middles[k] = (x, y, TOP + 0.5 * sizes[k][2])
                break
        else:
            return None
    for k in (k for k in range(len(sizes)) if carriers[k][0] != "table"):
        base = int(carriers[k][0].removeprefix("thing"))
        middles[k] = (*middles[base][:2], middles[base][2] + 0.5 * sizes[base][2] + 0.5 * sizes[k][2])
    return middles, carriers


def _apart(place: Any, size: Any, other: Any, size_other: Any) -> bool:
    return any(abs(place[a] - other[a]) > 0.5 * (size[a] + size_other[a]) + GAP for a in (0, 1))


RELATIONS = (
    "left_of", "right_of", "in_front_of", "behind", "next_to", "far_from", "distance", "between", "aligned", "facing",
)  # fmt: skip


def _relation(rng: np.random.Generator, free: list[int], boxes: list[Any], middles: list[Any]) -> dict[str, Any] | None:
    """A relation that is true in the layout, of a kind drawn first."""
    rel = str(rng.choice(RELATIONS))
    s, o, p = (int(k) for k in rng.choice(free, 3, replace=False))
    made: dict[str, Any] = {"rel": rel, "of": f"thing{s}", "ref": f"thing{o}"}
    (low, high), (floor, top) = boxes[s], boxes[o]
    gaps = np.maximum(0.0, np.maximum(floor - high, low - top))[:2]
    flat = float(np.hypot(*gaps))
    slack = float(rng.uniform(0.01, 0.06))
    if rel in ("left_of", "right_of", "in_front_of", "behind"):
        axis = 0 if rel in ("left_of", "right_of") else 1
        space = floor[axis] - high[axis] if rel in ("left_of", "in_front_of") else low[axis] - top[axis]
        across = min(high[1 - axis] - floor[1 - axis], top[1 - axis] - low[1 - axis])
        if space < 0.002:
            return None
        return {**made, "max": round(float(space) + slack, 4)} if across > 0.004 else {**made, "loose": True}
    if rel == "next_to":
        return {**made, "min": 0.004, "max": round(flat + slack, 4)} if 0.004 < flat < 0.15 else None
    if rel == "far_from":
        return {**made, "min": round(flat - slack, 4)} if flat > 0.15 else None
    if rel == "distance":
        return {**made, "min": round(max(0.0, flat - slack), 4), "max": round(flat + slack, 4)} if flat > 0.01 else None
    if rel == "aligned":
        away = abs(middles[s][0] - middles[o][0])
        return {**made, "axis": "x", "within": round(float(away) + 0.005, 4)} if away < 0.06 else None
    if rel == "facing":
        return made
    a, b, c = (np.array(middles[k][:2]) for k in (o, p, s))
    along = b - a
    length = float(np.hypot(*along))
    share = float((c - a) @ along) / length**2
    aside = abs(float((c - a)[0] * along[1] - (c - a)[1] * along[0])) / length
    if 0.25 < share < 0.75 and aside < 0.4 * length:
        return {**made, "ref": [f"thing{o}", f"thing{p}"]}
    return None
