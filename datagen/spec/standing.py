"""From the relations of `place` to poses: the problem that `datagen.placement` solves, and its answer back in items.

A subject with an `arrange` is placed as one rigid group, otherwise every item by itself; a relation to an entity with many
items holds for each of them. Everything that is no subject stands already.
"""

from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

import numpy as np

from datagen.placement import Block, Demand, Interior, Solid, Unplaceable, solve
from datagen.placement.demands import Axes

from .arrange import Item
from .episode import InteriorSpec, RelationSpec, ShapeSpec
from .model import AXES
from .place_check import targets
from .pose import IDENTITY, ORIGIN, Pose, from_axis, scale, tidy_quat, tidy_vec
from .problems import FieldError
from .references import item_name, items_of, parse_reference
from .streams import Stream

if TYPE_CHECKING:
    from .bodies import Bodies

NUMBERS = ("gap", "overhang", "min", "max", "within")
WORDS = ("loose", "away", "between", "axis")


@dataclass
class _Group:
    """Items that are placed together: poses of the items in the frame of the group."""

    name: str
    items: list[Item]
    poses: list[Pose]


def place(bodies: "Bodies") -> None:
    """Gives every subject of a relation its pose, and notes the relations. Raises `FieldError`."""
    spec = bodies.spec
    if not spec.place:
        return
    groups = _groups(bodies)
    demands = [demand for number in range(len(spec.place)) for demand in _demands(bodies, number, groups)]
    blocks = _blocks(bodies, groups)
    seed, index = bodies.draws.seed, bodies.draws.index

    def uniforms(key: str, count: int) -> np.ndarray:
        return Stream(seed, index, f"place.{key}").uniforms(count)

    axes = Axes(*frame_axes(spec))
    try:
        found = solve(blocks, demands, axes, uniforms)
    except Unplaceable as failure:
        labels = [demand.label for demand in demands]
        named = next((label for label in (*failure.conflict, failure.constraint) if label in labels), "")
        number = next((n for n, demand in enumerate(demands) if demand.label == named), None)
        at: tuple[str | int, ...] = ("place",) if number is None else ("place", int(demands[number].words["number"]))
        remedy = "remove a relation, loosen its numbers or make room"
        raise FieldError(failure.sentence(), "", remedy, at) from failure
    for group in groups.values():
        position, rotation = found[group.name]
        frame = Pose(tidy_vec(tuple(map(float, position))), tidy_quat(tuple(map(float, rotation))))  # type: ignore[arg-type]
        for item, local in zip(group.items, group.poses, strict=True):
            pose = frame.then(local)
            item.pose = Pose(tidy_vec(pose.position), tidy_quat(pose.rotation))
            bodies.draws.note(f"entities.{item.entity}.place", -1 if bodies.counts[item.entity] is None else item.item,
                              item.pose.position)  # fmt: skip
    bodies.relations = tuple(_kept(bodies, demand, groups) for demand in demands)


def frame_axes(spec: Any) -> tuple[tuple[int, int], tuple[int, int]]:
    """(index, sign) of the axes right and forward of a spec's frame."""
    return _axis(spec.frame.right), _axis(spec.frame.forward)


def _axis(word: str) -> tuple[int, int]:
    x, y, _ = AXES[word]
    return (0, int(x)) if x else (1, int(y))


def _group_name(bodies: "Bodies", name: str, number: int) -> str:
    arranged = bodies.spec.entities[name].arrange is not None
    return f"{name}[*]" if arranged else item_name(name, bodies.counts[name], number)


def _groups(bodies: "Bodies") -> dict[str, _Group]:
    """What is placed, by name."""
    groups: dict[str, _Group] = {}
    for number, relation in enumerate(bodies.spec.place):
        ref = parse_reference(relation.of, dict(bodies.spec.entities), "entity")
        arranged = bodies.spec.entities[ref.name].arrange is not None
        if arranged and ref.item not in ("", "*"):
            what = f"{relation.of!r} is one of an arrangement, which is placed as a whole"
            raise FieldError(what, f"{ref.name!r}", "remove 'arrange', or name the entity", ("place", number, "of"))
        for item in items_of(ref, bodies.counts[ref.name]):
            name = _group_name(bodies, ref.name, item)
            if name in groups:
                continue
            items = bodies.items[ref.name] if arranged else [bodies.items[ref.name][item]]
            poses = [Pose(one.pose.position if arranged else ORIGIN, one.pose.rotation) for one in items]
            groups[name] = _Group(name, items, poses)
    return groups


def _demands(bodies: "Bodies", number: int, groups: dict[str, _Group]) -> list[Demand]:
    """The relation for every subject and, where it is to one thing at a time, for every object."""
    relation = bodies.spec.place[number]
    path = f"place[{number}]"
    ref = parse_reference(relation.of, dict(bodies.spec.entities), "entity")
    subjects = dict.fromkeys(_group_name(bodies, ref.name, item) for item in items_of(ref, bodies.counts[ref.name]))
    objects = [_names(bodies, text, groups) for text in targets(relation)]
    if relation.rel in ("between", "aligned"):
        tuples = [tuple(name for names in objects for name in names)]
    else:
        tuples = [(name,) for name in objects[0]]
    if relation.rel == "between" and len(tuples[0]) != 2:
        raise FieldError("'between' has two things, each of one body", "", "", ("place", number, "ref"))
    if relation.rel in ("on_top", "inside", "leaning_on", "facing") and len(tuples) > 1:
        what = f"{targets(relation)[0]!r} names {len(tuples)} things"
        raise FieldError(what, "one thing, for instance with [0]", "", ("place", number, "ref"))
    made = []
    for subject in subjects:
        numbers = {
            key: float(bodies.draws.value(getattr(relation, key), f"{path}.{key}"))
            for key in NUMBERS if getattr(relation, key, None) is not None
        }  # fmt: skip
        words = {key: _word(getattr(relation, key)) for key in WORDS if isinstance(getattr(relation, key, None), (str, bool))}
        weight = float(bodies.draws.value(relation.weight, f"{path}.weight"))
        for others in tuples:
            if subject in others:
                continue
            label = f"{relation.rel}({subject}, {', '.join(others)})"
            said = {**words, "number": str(number)}
            made.append(Demand(relation.rel, subject, others, numbers, said, relation.hard, weight, label))
    return made


def _word(value: Any) -> str:
    return value if isinstance(value, str) else "yes" if value else "no"


def _names(bodies: "Bodies", text: str, groups: dict[str, _Group]) -> list[str]:
    """Names of the blocks that a reference means: groups, bodies that stand, or parts."""
    ref = parse_reference(text, dict(bodies.spec.entities), "entity")
    count = bodies.counts[ref.name]
    whole = f"{ref.name}[*]"
    if whole in groups and ref.item in ("", "*") and not ref.part:
        return [whole]
    found = []
    for number in items_of(ref, count):
        found.append(item_name(ref.name, count, number, bodies.part(bodies.items[ref.name][number], ref)))
    return found


def _blocks(bodies: "Bodies", groups: dict[str, _Group]) -> list[Block]:
    """Every block of the problem: groups to place, items that stand, and the parts and members that relations may name."""
    blocks: list[Block] = []
    grouped: dict[int, tuple[_Group, Pose]] = {}
    for group in groups.values():
        solids = [solid for item, pose in zip(group.items, group.poses, strict=True) for solid in _solids(item, pose)]
        single = group.items[0].interior if len(group.items) == 1 else None
        turn = np.array(group.poses[0].rotation if len(group.items) == 1 else IDENTITY)
        if len(group.items) == 1:
            solids = _solids(group.items[0], Pose())
            group.poses[0] = Pose()
        blocks.append(Block(group.name, tuple(solids), turn, None, _interior(single)))
        grouped.update({id(item): (group, pose) for item, pose in zip(group.items, group.poses, strict=True)})
    for name, items in bodies.items.items():
        for item in items:
            blocks += _item_blocks(bodies, name, item, grouped.get(id(item)))
    return blocks


def _item_blocks(bodies: "Bodies", name: str, item: Item, grouped: tuple[_Group, Pose] | None) -> list[Block]:
    """The blocks of one item: itself where it stands or belongs to a group of many, and its links."""
    made: list[Block] = []
    full = item_name(name, bodies.counts[name], item.item)
    if not bodies.is_body(item) or any(shape.type in ("mesh", "height_field") for shape in item.shapes):
        return made
    owner, base = full, Pose()
    if grouped is None:
        pose = (np.array(item.pose.position), np.array(item.pose.rotation))
        made.append(Block(full, tuple(_solids(item, Pose())), pose=pose, interior=_interior(item.interior)))
    else:
        group, base = grouped
        owner = group.name
        if owner != full:
            carried = (owner, np.array(base.position), np.array(base.rotation))
            made.append(Block(full, tuple(_solids(item, Pose())), attached=carried, interior=_interior(item.interior)))
    for link, inner in link_poses(item):
        whole = base.then(inner)
        carried = (owner, np.array(whole.position), np.array(whole.rotation))
        shapes = tuple(_solid(shape, Pose()) for shape in link.shapes)
        made.append(Block(f"{full}.{link.name}", shapes, attached=carried, interior=_interior(link.interior)))
    return made


def link_poses(item: Item) -> list[tuple[Any, Pose]]:
    """Every link of an item and its pose in the frame of the root at frame 0."""
    found: dict[str, tuple[Any, Pose, Pose]] = {}
    for link in item.links:
        rest = Pose(link.position)
        parent = found.get(link.parent)
        pose = rest if parent is None else parent[2].then(parent[1].inverse()).then(rest)
        value, axis, anchor = link.joint.get("position", 0.0), link.joint["axis"], link.joint.get("anchor", ORIGIN)
        if link.joint["type"] == "slide":
            pose = pose.then(Pose(scale(axis, value)))
        elif value:
            pose = pose.then(Pose(anchor)).then(Pose(ORIGIN, from_axis(axis, value))).then(Pose(scale(anchor, -1.0)))
        found[link.name] = (link, rest, pose)
    return [(link, pose) for link, _, pose in found.values()]


def _solids(item: Item, frame: Pose) -> list[Solid]:
    """The solids of an item and its links, as they stand at frame 0."""
    made = [_solid(shape, frame) for shape in item.shapes]
    for link, pose in link_poses(item):
        made += [_solid(shape, frame.then(pose)) for shape in link.shapes]
    return made


def _solid(shape: ShapeSpec, frame: Pose) -> Solid:
    pose = frame.then(Pose(shape.position, shape.rotation))
    vertices = np.array(shape.vertices) if shape.vertices else None
    return Solid(shape.type, shape.size, vertices, np.array(pose.position), np.array(pose.rotation))


def block_of(name: str, members: list[tuple[tuple[ShapeSpec, ...], InteriorSpec | None, Pose]]) -> Block:
    """Bodies where they are now, as one block that stands: shapes, interior and pose of each."""
    shapes, interior, pose = members[0]
    if len(members) == 1:
        at = (np.array(pose.position), np.array(pose.rotation))
        return Block(name, tuple(_solid(shape, Pose()) for shape in shapes), pose=at, interior=_interior(interior))
    solids = tuple(_solid(shape, frame) for shapes, _, frame in members for shape in shapes)
    return Block(name, solids, pose=(np.zeros(3), np.array(IDENTITY)))


def _interior(interior: InteriorSpec | None) -> Interior | None:
    return None if interior is None else Interior(np.array(interior.sections), interior.sides)


def _kept(bodies: "Bodies", demand: Demand, groups: dict[str, _Group]) -> RelationSpec:
    """The relation between bodies, as it goes into the episode."""

    def members(name: str) -> tuple[str, ...]:
        if name.endswith("[*]"):
            group = groups[name]
            return tuple(item_name(item.entity, bodies.counts[item.entity], item.item) for item in group.items)
        return (name,)

    words = {key: value for key, value in demand.words.items() if key != "number"}
    return RelationSpec(
        rel=demand.rel, of=members(demand.of), ref=tuple(name for ref in demand.ref for name in members(ref)), hard=demand.hard,
        numbers={key: round(value, 12) for key, value in demand.numbers.items()}, words=words,
        authored=f"place[{demand.words['number']}]",
    )  # fmt: skip
