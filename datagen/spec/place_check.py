"""What can be known to be wrong with the relations of a spec before anything is drawn: names, doubles, orders that bite their
own tail.
"""

import math
from typing import Any

from . import matter, morphs
from .kinds import branches
from .relations import Inside, LeaningOn, OnTop
from .text import Path

SUPPORTS = (OnTop, Inside)
AHEAD = {"left_of": "right", "right_of": "right", "in_front_of": "forward", "behind": "forward"}
LOWER_FIRST = {"left_of": True, "right_of": False, "in_front_of": True, "behind": False, "above": False, "below": True,
               "under": True, "on_top": False, "inside": True}  # fmt: skip


def check_place(checker: Any) -> None:
    """Raises `SpecError` for the first relation that names nothing, or that cannot hold beside the others."""
    supported: dict[str, tuple[int, str]] = {}
    for number, relation in enumerate(checker.spec.place):
        checker.attempt(_check_relation, checker, number, relation, supported)
    checker.attempt(_no_order_cycle, checker)
    checker.attempt(_distances_meet, checker)


def _check_relation(checker: Any, number: int, relation: Any, supported: dict[str, tuple[int, str]]) -> None:
    path: Path = ("place", number)
    subject = _check_subject(checker, path, relation)
    for ref in targets(relation):
        _check_target(checker, path, relation, ref)
        if ref == relation.of:
            raise checker.fail((*path, "ref"), f"{ref!r} is placed with respect to itself", "another entity")
    if isinstance(relation, SUPPORTS) and relation.hard:
        before = supported.get(relation.of)
        if before is not None and before[1] != relation.ref:
            what = f"{relation.of!r} rests on both {before[1]!r} (place[{before[0]}]) and {relation.ref!r}"
            raise checker.fail(path, what, "one support", "remove one of them, or write 'hard: false'")
        supported[relation.of] = (number, relation.ref)
    low, high = getattr(relation, "min", None), getattr(relation, "max", None)
    if low is not None and high is not None and checker.bounds(low)[0] > checker.bounds(high)[1]:
        raise checker.fail((*path, "min"), "'min' is above 'max'", "min <= max")
    if isinstance(relation, LeaningOn) and checker.spec.entities[subject].fixed:
        raise checker.fail((*path, "of"), f"{subject!r} is fixed and leans on nothing", "a body that can move")


def targets(relation: Any) -> list[str]:
    """The references of the objects of a relation."""
    return [relation.ref] if isinstance(relation.ref, str) else list(relation.ref)


def _check_subject(checker: Any, path: Path, relation: Any) -> str:
    """The name of the entity that is placed."""
    ref = checker.reference((*path, "of"), relation.of)
    if ref.part:
        raise checker.fail((*path, "of"), f"{relation.of!r} is a part", f"the whole {ref.name!r}")
    entity = checker.spec.entities[ref.name]
    for key in ("position", "relative_to"):
        if key in entity.model_fields_set:
            what = f"{ref.name!r} has a {key!r} and is placed by {relation.rel!r} as well"
            raise checker.fail(("entities", ref.name, key), what, "one of them", f"remove {key!r}, or place[{path[1]}]")
    for morph in branches(entity.morph):
        if isinstance(morph, (morphs.Plane, morphs.Terrain, morphs.Mesh, morphs.Model, *matter.MATTER_MORPHS)):
            what = f"a {morph.type} cannot be placed by relations"
            raise checker.fail((*path, "of"), what, "a body whose size the spec knows", "give it a position")
    return ref.name


def _check_target(checker: Any, path: Path, relation: Any, text: str) -> None:
    ref = checker.reference((*path, "ref"), text)
    for morph in branches(checker.spec.entities[ref.name].morph):
        if isinstance(morph, (morphs.Mesh, morphs.Model, *matter.MATTER_MORPHS)):
            what = f"the extents of the {morph.type} {ref.name!r} are not known here"
            raise checker.fail((*path, "ref"), what, "a body whose size the spec knows")
        if isinstance(morph, morphs.Plane) and not isinstance(relation, OnTop) and relation.rel != "above":
            raise checker.fail((*path, "ref"), f"{relation.rel!r} a plane without end", "on_top or above")


def _no_order_cycle(checker: Any) -> None:
    """left/right, front/behind, above/below/on_top and inside are strict orders: a loop of hard relations cannot hold."""
    for axis in ("right", "forward", "up", "in"):
        edges: dict[str, list[tuple[str, int]]] = {}
        for number, relation in enumerate(checker.spec.place):
            if not relation.hard or not _orders(relation.rel, axis):
                continue
            low, high = (relation.of, relation.ref) if LOWER_FIRST[relation.rel] else (relation.ref, relation.of)
            edges.setdefault(low, []).append((high, number))
        loop = find_loop(edges)
        if loop:
            said = [f"place[{number}] {_sentence(checker.spec.place[number])}" for number in loop]
            raise checker.fail(("place", loop[-1]), f"these cannot all hold: {', '.join(said)}", "", "remove one of them")


def _distances_meet(checker: Any) -> None:
    """The hard distances between the same two must leave something."""
    said: dict[tuple[frozenset[str], str], list[tuple[int, float, float]]] = {}
    for number, relation in enumerate(checker.spec.place):
        if relation.rel != "distance" or not relation.hard:
            continue
        high = math.inf if relation.max is None else checker.bounds(relation.max)[1]
        key = (frozenset((relation.of, relation.ref)), relation.between)
        own = (number, checker.bounds(relation.min)[0], high)
        for other in said.setdefault(key, []):
            if max(own[1], other[1]) > min(own[2], other[2]):
                told = " and ".join(f"place[{n}] ({low:g} to {top:g} m)" for n, low, top in (other, own))
                what = f"the distances of {relation.of!r} and {relation.ref!r} in {told} exclude each other"
                raise checker.fail(("place", number), what, "", "remove one of them")
        said[key].append(own)


def _orders(rel: str, axis: str) -> bool:
    if axis == "in":
        return rel == "inside"
    if axis == "up":
        return rel in ("above", "below", "under", "on_top")
    return AHEAD.get(rel) == axis


def _sentence(relation: Any) -> str:
    return f"{relation.rel}({relation.of}, {', '.join(targets(relation))})"


def find_loop(edges: dict[str, list[tuple[str, int]]]) -> list[int]:
    """The numbers of edges of one directed loop, in order; empty when there is none. Depth first, without recursion."""
    done: set[str] = set()
    for start in edges:
        trail: list[tuple[str, int, int]] = [(start, 0, -1)]
        active = {start: 0}
        while trail and start not in done:
            node, place, label = trail[-1]
            following = edges.get(node, [])
            if place == len(following):
                trail.pop()
                active.pop(node, None)
                done.add(node)
                continue
            trail[-1] = (node, place + 1, label)
            other, number = following[place]
            if other in active:
                return [*(step[2] for step in trail[active[other] + 1 :]), number]
            if other not in done:
                active[other] = len(trail)
                trail.append((other, 0, number))
    return []
