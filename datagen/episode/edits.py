"""From the edits of a branch to a resolved episode that differs from its base in exactly these fields.

`branch_of` applies authored edits to the resolved episode and says, as `EditSpec`s, which resolved fields have which values
now; `difference` compares two resolved episodes field by field. Both use the same paths: `bodies.NAME.FIELD`,
`actions.ID.FIELD`, `world.FIELD`, `lights.FIELD`; a joint belongs to its body (`bodies.NAME.joint.damping`). Numbers keep the
units that they have in a spec.
Limits: an action's direction is given as a vector or an axis; shapes of compound bodies are not edited.
"""

import re
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from datagen.errors import DatagenError, near_matches
from datagen.spec import ActionSpec, BodySpec, DatasetSpec, EpisodeSpec
from datagen.spec.branches import Branch, Edit
from datagen.spec.distributions import Choice
from datagen.spec.presets import PRESETS
from datagen.spec.resolved import BranchSpec, EditSpec
from datagen.spec.sampling import draws_of
from datagen.spec.units import (
    ACCELERATION,
    ANGULAR_SPEED,
    DENSITY,
    FORCE,
    IMPULSE,
    LENGTH,
    MASS,
    NUMBER,
    SPEED,
    TIME,
    TORQUE,
    Dimension,
    UnitError,
    parse,
    parse_any,
)  # fmt: skip

NOTHING = "nothing"
OWN = ("index", "branch", "seed", "text")  # what identifies an episode, and no field of its world
BODY_FIELDS: dict[str, Dimension] = {
    "mass": MASS, "density": DENSITY, "friction": NUMBER, "torsional_friction": LENGTH, "rolling_friction": LENGTH,
    "restitution": NUMBER, "position": LENGTH, "velocity": SPEED, "angular_velocity": ANGULAR_SPEED, "color": NUMBER,
    "size": LENGTH,
}  # fmt: skip
FRICTIONS = ("friction", "torsional_friction", "rolling_friction")
ACTION_FIELDS = {"start": TIME, "duration": TIME}
FORCES = {"impulse": IMPULSE, "force": FORCE, "torque": TORQUE, "set_velocity": SPEED}


class EditError(DatagenError):
    """An edit does not fit the episode; the sentence names branch and path."""


def branches_of(document: DatasetSpec) -> list[Branch]:
    """The branches of a spec, with the one that does nothing where there is a focus; none unless it has or wants some."""
    found = list(document.branches)
    if not (bool(found) if document.counterfactuals is None else document.counterfactuals):
        return []
    if document.focus is not None:
        skip = Edit(op="skip_action", path=f"actions.{document.focus}")
        at = document.focus if _fixed_start(document, document.focus) else "start"
        found.append(Branch(id=NOTHING, at=at, edits=[skip]))
    return found


def _fixed_start(document: DatasetSpec, name: str) -> bool:
    return not hasattr(document.actions[name].start, "when")


def branch_of(document: DatasetSpec, base: EpisodeSpec, branch: Branch, group: int) -> EpisodeSpec:
    """The episode of a branch. Raises EditError."""
    edited, made = base, []
    for edit in branch.edits:
        try:
            edited, more = _Editor(document, base, edited).apply(edit)
        except (ValueError, UnitError) as error:
            where = f"branch {branch.id!r} of {base.name!r}: {edit.path}"
            parts = (error.what, error.allowed) if isinstance(error, UnitError) else (str(error), "")
            raise EditError(where, *parts) from error
        made += more
    frame = _frame(document, base, branch)
    own = BranchSpec(id=branch.id, base=base.content_hash, group=group, at=branch.at, frame=frame, edits=tuple(made))
    return renewed(edited, {"branch": own})


def renewed(spec: EpisodeSpec, update: dict[str, Any]) -> EpisodeSpec:
    """A copy with other fields that does not take the cached hash along."""
    made = spec.model_copy(update=update)
    made.__dict__.pop("content_hash", None)
    return made


def _frame(document: DatasetSpec, base: EpisodeSpec, branch: Branch) -> int:
    """The frame from which on a branch may differ, -1 where it is built anew."""
    if branch.at in ("start", "settled"):
        return -1 if branch.at == "start" else 0
    starts = [action.start for action in base.actions if _is_of(action.id, branch.at)]
    waits = any(action.when or action.after for action in base.actions if _is_of(action.id, branch.at))
    return 0 if waits or not starts else max(0, int(np.ceil(min(starts) * base.world.fps - 1e-6)))


def _is_of(name: str, wanted: str) -> bool:
    return name == wanted or re.fullmatch(re.escape(wanted) + r"_\d+", name) is not None


class _Editor:
    """One edit. base: before all edits; now: after those before this one."""

    def __init__(self, document: DatasetSpec, base: EpisodeSpec, now: EpisodeSpec):
        self.document, self.base, self.now = document, base, now

    def apply(self, edit: Edit) -> tuple[EpisodeSpec, list[EditSpec]]:
        """The episode after the edit, and which resolved fields it has set. Raises ValueError."""
        root, _, rest = edit.path.partition(".")
        roots: dict[str, Callable[[Edit, str], tuple[EpisodeSpec, list[EditSpec]]]] = {
            "entities": self._entity, "materials": self._material, "joints": self._joint, "actions": self._action,
            "world": self._world, "lights": self._lights,
        }  # fmt: skip
        return roots[root](edit, rest)

    # ---- bodies

    def _entity(self, edit: Edit, rest: str) -> tuple[EpisodeSpec, list[EditSpec]]:
        found = re.fullmatch(r"([A-Za-z]\w*)(?:\[(\d+|first|last|\*)\])?(?:\.(?:morph\.|material\.)?(\w+))?", rest)
        if found is None:
            raise ValueError("this is no path of an entity")
        entity, item, field = found.groups()
        bodies = self._items(entity, item)
        if edit.op == "remove" and field is None:
            return self._remove(bodies)
        if edit.op == "add" and field is None:
            return self._copy(bodies, edit.value)
        if edit.op == "swap_material":
            return self._swap(bodies, edit.value)
        if field not in BODY_FIELDS:
            raise ValueError(f"{field!r} cannot be edited; {near_matches(str(field), BODY_FIELDS)}")
        return self._set_bodies([(body, field, edit) for body in bodies])

    def _items(self, entity: str, item: str | None) -> list[BodySpec]:
        own = [body for body in self.now.bodies if body.entity == entity and not body.part]
        named = [body for body in self.now.bodies if body.name == entity]
        if item in (None, "*"):
            return own or named or _none(f"there is no entity {entity!r} with bodies")
        numbers = {"first": own[0].item, "last": own[-1].item} if own else {}
        wanted = numbers.get(item, int(item) if str(item).isdigit() else -1)
        return [body for body in own if body.item == wanted] or _none(f"there is no {entity}[{item}] in this episode")

    def _set_bodies(self, wanted: list[tuple[BodySpec, str, Edit]]) -> tuple[EpisodeSpec, list[EditSpec]]:
        changes: dict[str, dict[str, Any]] = {}
        for body, field, edit in wanted:
            changes.setdefault(body.name, {}).update(_body_change(body, field, edit))
        return self._update_bodies(changes, wanted[0][2].op)

    def _update_bodies(self, changes: Mapping[str, dict[str, Any]], op: str) -> tuple[EpisodeSpec, list[EditSpec]]:
        made = _listed(op, "bodies", changes)
        bodies = tuple(
            type(body).model_validate({**body.__dict__, **changes[body.name]}) if body.name in changes else body
            for body in self.now.bodies
        )
        return self.now.model_copy(update={"bodies": bodies}), made

    def _remove(self, bodies: list[BodySpec]) -> tuple[EpisodeSpec, list[EditSpec]]:
        gone = {body.name for body in bodies}
        parts = {body.name for body in self.now.bodies if any(body.name.startswith(f"{name}.") for name in gone)}
        gone |= parts
        hanging = [body.name for body in self.now.bodies if body.parent in gone and body.name not in gone]
        if hanging:
            raise ValueError(f"{hanging[0]} hangs on {sorted(gone)[0]}; remove both")
        joints = {body.joint.name for body in self.now.bodies if body.name in gone and body.joint is not None}
        idle = {action.id for action in self.now.actions if action.target in gone | joints}
        made = [EditSpec(op="remove", path=f"bodies.{name}") for name in sorted(gone)]
        made += [EditSpec(op="remove", path=f"actions.{name}") for name in sorted(idle)]
        update = {
            "bodies": tuple(body for body in self.now.bodies if body.name not in gone),
            "actions": tuple(action for action in self.now.actions if action.id not in idle),
        }
        return self.now.model_copy(update=update), made

    def _copy(self, bodies: list[BodySpec], value: Any) -> tuple[EpisodeSpec, list[EditSpec]]:
        if len(bodies) != 1 or not isinstance(value, dict) or set(value) != {"position"} or bodies[0].joint is not None:
            raise ValueError("a copy is made of one free body, with {position: [x, y, z]}")
        source = bodies[0]
        number = 1 + max(body.item for body in self.now.bodies if body.entity == source.entity)
        name = f"{source.entity}_{number}"
        made = source.model_copy(update={"name": name, "item": number, "position": _vector(value["position"], LENGTH)})
        edits = [EditSpec(op="add", path=f"bodies.{name}", value=made.model_dump(mode="json"))]
        return self.now.model_copy(update={"bodies": (*self.now.bodies, made)}), edits

    def _swap(self, bodies: list[BodySpec], name: Any) -> tuple[EpisodeSpec, list[EditSpec]]:
        group = self.base.branch.group if self.base.branch else self.base.index
        document, draws = draws_of(self.document, self.base.seed, group)
        known = [*document.materials, *PRESETS]
        if name not in known:
            raise ValueError(f"there is no material {name!r}; {near_matches(str(name), known)}")
        material = document.materials.get(name)
        preset = PRESETS[name if material is None else material.preset or "default"]

        def value(key: str) -> float:
            own = None if material is None else getattr(material, key)
            return float(getattr(preset, key) if own is None else draws.value(own, f"materials.{name}.{key}"))

        changes: dict[str, dict[str, Any]] = {}
        for body in bodies:
            new: dict[str, Any] = {"friction": tuple(value(key) for key in FRICTIONS), "restitution": value("restitution")}
            if body.density is not None:
                new["density"] = value("density")
            changes[body.name] = {key: one for key, one in new.items() if getattr(body, key) != one}
        return self._update_bodies(changes, "swap_material")

    def _material(self, edit: Edit, rest: str) -> tuple[EpisodeSpec, list[EditSpec]]:
        name, _, field = rest.partition(".")
        if field not in ("density", "restitution", *FRICTIONS):
            raise ValueError(f"{field!r} of a material cannot be edited; {near_matches(field, BODY_FIELDS)}")
        bodies = [body for body in self.now.bodies if self._material_of(body) == name]
        if not bodies:
            raise ValueError(f"nothing in this episode is made of {name!r}")
        return self._set_bodies([(body, field, edit) for body in bodies if getattr(body, field, 0.0) is not None])

    def _material_of(self, body: BodySpec) -> Any:
        chosen = self.document.entities[body.entity].material if body.entity in self.document.entities else None
        if isinstance(chosen, Choice):
            paths = (f"entities.{body.entity}[{body.item}].material", f"entities.{body.entity}.material")
            drawn = next((self.base.draws[path] for path in paths if path in self.base.draws), None)
            return chosen.of[int(drawn)] if isinstance(drawn, (int, float)) else None
        return chosen

    # ---- the others

    def _joint(self, edit: Edit, rest: str) -> tuple[EpisodeSpec, list[EditSpec]]:
        name, _, field = rest.partition(".")
        field = {"initial": "position"}.get(field, field)
        plain = name.replace("[", "_").rstrip("]")
        every = plain.removesuffix("_*")
        changes = {}
        for body in self.now.bodies:
            joint = body.joint
            if joint is not None and (joint.name == plain or (plain.endswith("_*") and _is_of(joint.name, every))):
                if field not in ("position", "velocity", "rest", "stiffness", "damping", "armature"):
                    raise ValueError(f"{field!r} of a joint cannot be edited")
                value = _number(edit, getattr(joint, field), None)
                changes[body.name] = {f"joint.{field}": value}
        if not changes:
            raise ValueError(f"there is no joint {name!r}")
        bodies = []
        for body in self.now.bodies:
            if body.name in changes and body.joint is not None:
                ((key, value),) = changes[body.name].items()
                body = body.model_copy(update={"joint": body.joint.model_copy(update={key.split(".")[1]: value})})
            bodies.append(body)
        made = _listed(edit.op, "bodies", changes)
        return self.now.model_copy(update={"bodies": tuple(bodies)}), made

    def _action(self, edit: Edit, rest: str) -> tuple[EpisodeSpec, list[EditSpec]]:
        name, _, field = rest.partition(".")
        chosen = [action for action in self.now.actions if _is_of(action.id, name)]
        if not chosen:
            raise ValueError(f"there is no action {name!r} in this episode")
        if edit.op in ("skip_action", "remove"):
            gone = {action.id for action in chosen}
            made = [EditSpec(op=edit.op, path=f"actions.{one}") for one in sorted(gone)]
            return self.now.model_copy(update={"actions": tuple(a for a in self.now.actions if a.id not in gone)}), made
        changes = {action.id: _action_change(action, field, edit) for action in chosen}
        actions = tuple(a.model_copy(update=changes[a.id]) if a.id in changes else a for a in self.now.actions)
        made = _listed(edit.op, "actions", changes)
        return self.now.model_copy(update={"actions": actions}), made

    def _world(self, edit: Edit, rest: str) -> tuple[EpisodeSpec, list[EditSpec]]:
        if rest != "gravity":
            raise ValueError(f"{rest!r} of the world cannot be edited; 'gravity' can")
        old = np.array(self.now.world.gravity)
        if edit.op == "set" and not isinstance(edit.value, list):
            size = np.linalg.norm(old)
            down = old / size if size > 0.0 else np.array([0.0, 0.0, -1.0])
            gravity = tuple(float(one) for one in down * parse(edit.value, ACCELERATION))
        else:
            gravity = _new_vector(edit, tuple(map(float, old)), ACCELERATION)
        world = self.now.world.model_copy(update={"gravity": gravity})
        return self.now.model_copy(update={"world": world}), [EditSpec(op=edit.op, path="world.gravity", value=list(gravity))]

    def _lights(self, edit: Edit, rest: str) -> tuple[EpisodeSpec, list[EditSpec]]:
        field = {"sun.intensity": "sun_intensity", "sky.ambient": "ambient"}.get(rest)
        if field is None:
            raise ValueError(f"{rest!r} of the lights cannot be edited; 'sun.intensity' and 'sky.ambient' can")
        value = _number(edit, getattr(self.now.lights, field), NUMBER)
        lights = self.now.lights.model_copy(update={field: value})
        return self.now.model_copy(update={"lights": lights}), [EditSpec(op=edit.op, path=f"lights.{field}", value=value)]


def _listed(op: str, root: str, changes: Mapping[str, Mapping[str, Any]]) -> list[EditSpec]:
    return [
        EditSpec(op=op, path=f"{root}.{name}.{key}", value=_plain(value))
        for name, new in changes.items()
        for key, value in new.items()
    ]


def _none(what: str) -> Any:
    raise ValueError(what)


def _plain(value: Any) -> Any:
    return [_plain(one) for one in value] if isinstance(value, (tuple, list)) else value


def _number(edit: Edit, old: float, dimension: Dimension | None) -> float:
    """The new value of a number. dimension None: any unit that the value brings."""
    if edit.op == "scale":
        return float(old) * parse(edit.value, NUMBER)
    value = parse(edit.value, dimension) if dimension is not None else parse_any(edit.value)[0]
    return float(old) + value if edit.op == "add" else value


def _vector(raw: Any, dimension: Dimension) -> tuple[float, ...]:
    if not isinstance(raw, list) or len(raw) != 3:
        raise ValueError("a list of three values is needed")
    return tuple(parse(one, dimension) for one in raw)


def _new_vector(edit: Edit, old: tuple[float, ...], dimension: Dimension) -> tuple[float, ...]:
    if edit.op == "scale":
        return tuple(one * parse(edit.value, NUMBER) for one in old)
    value = _vector(edit.value, dimension)
    return tuple(a + b for a, b in zip(old, value, strict=True)) if edit.op == "add" else value


def _body_change(body: BodySpec, field: str, edit: Edit) -> dict[str, Any]:
    """The resolved fields of a body that an edit sets."""
    if field in FRICTIONS:
        place = FRICTIONS.index(field)
        value = list(body.friction)
        value[place] = _number(edit, value[place], BODY_FIELDS[field])
        return {"friction": tuple(value)}
    if field in ("mass", "density"):
        other = "density" if field == "mass" else "mass"
        if getattr(body, field) is None:
            if edit.op == "scale" and getattr(body, other) is not None:
                return {other: _number(edit, getattr(body, other), NUMBER)}  # of the same shape: proportional
            if edit.op != "set":
                raise ValueError(f"{body.name} has its {other} given; set its {field}, or scale")
            return {field: parse(edit.value, BODY_FIELDS[field]), other: None}
        return {field: _number(edit, getattr(body, field), BODY_FIELDS[field])}
    if field == "restitution":
        return {field: _number(edit, body.restitution, NUMBER)}
    if field == "size":
        if len(body.shapes) != 1:
            raise ValueError(f"{body.name} has {len(body.shapes)} shapes; the size of one can be edited")
        sizes = [edit.value] * len(body.shapes[0].size) if not isinstance(edit.value, list) else edit.value
        pairs = zip(sizes, body.shapes[0].size, strict=True)
        one = [_number(Edit(op=edit.op, path=edit.path, value=value), old, LENGTH) for value, old in pairs]
        return {"shapes": (body.shapes[0].model_copy(update={"size": tuple(one)}),)}
    return {field: _new_vector(edit, getattr(body, field), BODY_FIELDS[field])}


def _action_change(action: ActionSpec, field: str, edit: Edit) -> dict[str, Any]:
    """The resolved fields of an action that an edit sets."""
    if field in ACTION_FIELDS:
        return {field: _number(edit, getattr(action, field), ACTION_FIELDS[field])}
    if field in ("value", "stiffness", "damping"):
        return {field: _number(edit, getattr(action, field) or 0.0, None)}
    if field == "magnitude" and action.vector is not None:
        vector = np.array(action.vector)
        size = float(np.linalg.norm(vector))
        if size == 0.0:
            raise ValueError(f"{action.id} has no direction")
        new = _number(edit, size, FORCES.get(action.do))
        return {"vector": tuple(float(one) for one in vector * (new / size))}
    if field == "direction" and action.vector is not None and edit.op == "set":
        size = float(np.linalg.norm(action.vector))
        axis = np.array(_vector(edit.value, NUMBER))
        return {"vector": tuple(float(one) for one in size * axis / np.linalg.norm(axis))}
    can = "start, duration, magnitude, direction, value, stiffness, damping"
    raise ValueError(f"{field!r} of a {action.do} cannot be edited; of actions: {can}")


# ---- comparing


def difference(base: EpisodeSpec, branch: EpisodeSpec) -> list[tuple[str, Any]]:
    """Every resolved field in which a branch differs from its base, with its value in the branch (None: it is not there)."""
    before, after = _flat(base), _flat(branch)
    found: dict[str, Any] = {}
    here, there = _entries(base), _entries(branch)
    for path in sorted(before.keys() | after.keys()):
        owner = max((name for name in here ^ there if path.startswith(f"{name}.")), key=len, default=None)
        if owner is not None:
            found[owner] = None if owner in here else _dumped(branch, owner)
        elif before.get(path) != after.get(path):
            found[path] = after.get(path)
    return sorted(found.items(), key=lambda pair: pair[0])


def _entries(spec: EpisodeSpec) -> set[str]:
    return {f"bodies.{body.name}" for body in spec.bodies} | {f"actions.{action.id}" for action in spec.actions}


def _dumped(spec: EpisodeSpec, path: str) -> Any:
    entries = {f"bodies.{body.name}": body for body in spec.bodies}
    return entries[path].model_dump(mode="json")


def edited_fields(branch: EpisodeSpec) -> list[tuple[str, Any]]:
    """The edit list of a branch in the form of `difference`: of several edits of one field the last."""
    edits = () if branch.branch is None else branch.branch.edits
    last = {edit.path: edit.value for edit in edits}
    return sorted(last.items(), key=lambda pair: pair[0])


def _flat(spec: EpisodeSpec) -> dict[str, Any]:
    """Path -> plain value: bodies and actions by name, one level below them, joints one more; an absent body has no entries."""
    data = spec.model_dump(mode="json")
    flat: dict[str, Any] = {}
    for key, value in data.items():
        if key in OWN:
            continue
        if key in ("bodies", "actions"):
            for entry in value:
                flat.update(_entry(f"{key}.{entry['name' if key == 'bodies' else 'id']}", entry))
        elif isinstance(value, dict):
            flat.update({f"{key}.{name}": one for name, one in value.items()})
        else:
            flat[key] = value
    return flat


def _entry(path: str, entry: dict[str, Any]) -> dict[str, Any]:
    found: dict[str, Any] = {}
    for name, value in entry.items():
        if name == "joint" and isinstance(value, dict):
            found.update({f"{path}.joint.{key}": one for key, one in value.items()})
        else:
            found[f"{path}.{name}"] = value
    return found
