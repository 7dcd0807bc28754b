"""What can be known to be wrong before anything is drawn: references, cycles, dimensions of params, counts, times, masses.

`check(spec)` raises the first problem as a `SpecError` with file and line. What depends on draws (overlaps, places that are not
free, an action that starts too late) is checked by `sample`.
"""

from collections.abc import Callable, Mapping
from typing import Any

from ..errors import SpecError, near_matches
from . import actions, entities
from .articulated import joint_kind, part_names
from .distributions import Choice, Cycle, Param, highest, lowest, outcomes
from .document import DatasetSpec
from .kinds import check_kinds
from .materials import unknown_preset
from .matter_presets import MATTER_PRESETS
from .model import Authored, Toward, walk
from .place_check import check_place
from .presets import PRESETS
from .problems import FieldError
from .references import Ref, item_name, items_of, parse_reference
from .scope import check_scope
from .text import Path
from .timing import timing


def check(spec: DatasetSpec) -> None:
    """Raises `SpecError` for the first thing in a spec that cannot work for any draw, or not for some."""
    _run(_Checker(spec, None))


def problems(spec: DatasetSpec) -> list[SpecError]:
    """Every problem that `check` would raise, not only the first; those that follow from an earlier one may be missing."""
    found: list[SpecError] = []
    _run(_Checker(spec, found))
    return found


def _run(checker: "_Checker") -> None:
    checker.attempt(timing, checker.spec)
    for path, value in walk(checker.spec):
        checker.attempt(checker.visit, path, value)
    checker.attempt(checker.check_entities)
    checker.attempt(checker.check_actors)
    checker.attempt(check_kinds, checker)
    checker.attempt(check_place, checker)
    checker.attempt(checker.check_joints)
    checker.attempt(checker.check_actions)
    checker.attempt(check_scope, checker.spec)


class _Checker:
    def __init__(self, spec: DatasetSpec, found: list[SpecError] | None):
        self.spec, self.found = spec, found
        self.least: dict[str, int | None] = {}
        for name, entity in spec.entities.items():
            self.least[name] = None if entity.count is None else int(self.bounds(entity.count)[0])

    def attempt(self, call: Callable[..., Any], *arguments: Any) -> None:
        """Calls; keeps a problem where problems are collected."""
        try:
            call(*arguments)
        except SpecError as error:
            if self.found is None:
                raise
            if str(error) not in [str(other) for other in self.found]:
                self.found.append(error)

    def bounds(self, value: Any) -> tuple[float, float]:
        """Lowest and highest number that a value may take, once params are known to exist."""
        for leaf in outcomes(value):
            if isinstance(leaf, Param) and leaf.name not in self.spec.params:
                return 1.0, 1.0
        return lowest(value, self._param), highest(value, self._param)

    def _param(self, name: str) -> Any:
        return self.spec.params[name].value

    def fail(self, path: Path, what: str, allowed: str = "", remedy: str = "") -> Exception:
        return self.spec.source.error(path, what, allowed, remedy)

    def reference(self, path: Path, text: str, known: Mapping[str, object] | None = None, what: str = "entity") -> Ref:
        """The reference at a path, which must name something; for an entity the item must exist in every draw, and a part in
        every morph."""
        known = self.spec.entities if known is None else known
        try:
            ref = parse_reference(text, dict(known), what)
            if what == "entity":
                items_of(ref, self.least[ref.name])
                self._require_part(ref)
            elif ref.part:
                raise FieldError(f"a {what} has no parts", f"{ref.name!r}")
        except FieldError as error:
            raise self.fail(path, error.what, error.allowed, error.remedy) from error
        return ref

    def _require_part(self, ref: Ref) -> None:
        """Refuses a part that one of the morphs of an entity lacks."""
        if not ref.part:
            return
        for morph in _branches(self.spec.entities[ref.name].morph):
            known = part_names(morph)
            if ref.part not in known and not isinstance(morph, entities.Model):
                hint = near_matches(ref.part, known) if known else f"a {getattr(morph, 'type', 'thing')} has no parts"
                raise FieldError(f"{ref.name!r} has no part {ref.part!r}", "", hint)

    def anyone(self, path: Path, text: str) -> None:
        """A reference to an entity or an actor."""
        if text.split(".")[0] not in self.spec.actors:
            self.reference(path, text)

    def visit(self, path: Path, value: Any) -> None:
        """Params and `toward` anywhere; camera targets and materials where they stand."""
        if isinstance(value, Param):
            self._check_param(path, value)
        if isinstance(value, Toward) and isinstance(value.toward, str):
            self.anyone((*path, "toward"), value.toward)
        if len(path) == 3 and path[0] == "cameras" and path[2] == "look_at" and isinstance(value, str):
            self.anyone(path, value)
        if len(path) == 3 and path[0] == "sensors" and path[2] in ("body", "other", "reference"):
            self.reference(path, value)
        if len(path) == 3 and path[0] == "sensors" and path[2] == "joint":
            self.reference(path, value, self.spec.joints, "joint")
        if isinstance(value, entities.Material) and value.preset is not None:
            if value.preset not in PRESETS and value.preset not in MATTER_PRESETS:
                raise self.fail((*path, "preset"), f"there is no preset {value.preset!r}", *unknown_preset(value.preset))

    def _check_param(self, path: Path, param: Param) -> None:
        known = self.spec.params.get(param.name)
        if known is None:
            raise self.fail(path, f"there is no param {param.name!r}", "", near_matches(param.name, self.spec.params))
        if param.dimension is None:
            if not known.color:
                raise self.fail(path, f"the param {param.name!r} is a number", "a colour")
            return
        if known.color:
            raise self.fail(path, f"the param {param.name!r} is a colour", param.dimension.expected())
        fits = param.dimension.bare if known.exponents is None else known.exponents == param.dimension.exponents
        if not fits:
            raise self.fail(path, f"the param {param.name!r} has another dimension", param.dimension.expected())
        low, high = self.bounds(param)
        if not (param.low <= low and high <= param.high):
            raise self.fail(path, f"the param {param.name!r} goes from {low:g} to {high:g}", f"{param.low:g} to {param.high:g}")

    def check_entities(self) -> None:
        total = 0
        for name, entity in self.spec.entities.items():
            most = 1 if entity.count is None else int(self.bounds(entity.count)[1])
            total += most
            self.attempt(self._check_entity, name, entity, most, total)
        self.attempt(self.no_cycle, "entities", "relative_to", self._frame_of)

    def _check_entity(self, name: str, entity: entities.Entity, most: int, total: int) -> None:
        path: Path = ("entities", name)
        if total > self.spec.checks.max_bodies:
            raise self.fail(
                (*path, "count") if entity.count is not None else path, f"this makes {total} bodies",
                f"at most {self.spec.checks.max_bodies} in one episode", "lower the count, or raise checks.max_bodies",
            )  # fmt: skip
        self._check_grid(path, entity, most)
        self._check_material(path, entity)
        if entity.relative_to is not None:
            self.reference((*path, "relative_to"), entity.relative_to)
        if entity.fixed and (entity.velocity is not None or entity.angular_velocity is not None):
            raise self.fail((*path, "velocity"), "a fixed entity has no velocity", "", "remove one, or use a 'move' action")

    def check_actors(self) -> None:
        """Names of actors are not those of entities, and what they stand on exists."""
        for name, actor in self.spec.actors.items():
            if name in self.spec.entities:
                raise self.fail(("actors", name), f"{name!r} is an entity as well", "another name")
            if actor.relative_to is not None:
                self.single(("actors", name, "relative_to"), actor.relative_to)

    def _frame_of(self, name: str) -> str | None:
        relative = self.spec.entities[name].relative_to if name in self.spec.entities else None
        return None if relative is None else relative.split("[")[0]

    def _check_grid(self, path: Path, entity: entities.Entity, most: int) -> None:
        if isinstance(entity.arrange, entities.Grid):
            cells = 1
            for size in entity.arrange.shape:
                cells *= size
            if cells < most:
                what = f"{most} items do not fit into {cells} cells"
                raise self.fail((*path, "arrange", "shape"), what, f"at least {most} cells")

    def _check_material(self, path: Path, entity: entities.Entity) -> None:
        for chosen in _branches(entity.material):
            named = [*self.spec.materials, *PRESETS, *MATTER_PRESETS]
            if isinstance(chosen, str) and chosen not in named:
                known = named
                raise self.fail((*path, "material"), f"there is no material {chosen!r}", "", near_matches(chosen, known))
            material = self.spec.materials.get(chosen) if isinstance(chosen, str) else chosen
            if entity.mass is not None and material is not None and material.density is not None:
                raise self.fail((*path, "mass"), "mass and density are both given", "one of them", "remove the other")

    def check_joints(self) -> None:
        parents: dict[str, str | None] = {}
        for name, joint in self.spec.joints.items():
            path: Path = ("joints", name)
            ref = self.reference((*path, "body"), joint.body)
            if self.least[ref.name] is not None and ref.item == "":
                allowed = f"'{ref.name}[0]' or '{ref.name}[*]'"
                raise self.fail((*path, "body"), f"{ref.name!r} stands for many bodies", allowed)
            self._check_jointed((*path, "body"), ref)
            bodies = self.bodies(ref)
            for body, parent in zip(bodies, self._parents((*path, "to"), joint.to, ref, bodies), strict=True):
                if body in parents:
                    raise self.fail(path, f"{body} has two joints", "one joint per body", "loops are not supported")
                parents[body] = parent
        for start in parents:
            self._no_loop(start, parents)

    def bodies(self, ref: Ref) -> list[str]:
        """Names of the bodies of a reference, for the smallest count."""
        count = self.least[ref.name]
        return [item_name(ref.name, count, item) for item in items_of(ref, count)]

    def _parents(self, path: Path, to: str, ref: Ref, bodies: list[str]) -> list[str | None]:
        """The parent of every body of a joint; None is the world."""
        if to == "previous":
            if ref.item != "*":
                raise self.fail(path, "'previous' needs a body with [*]", f"'body: {ref.name}[*]'")
            return [None, *bodies[:-1]]
        parent = None if to == "world" else self.bodies(self.single(path, to))[0]
        return [parent] * len(bodies)

    def _check_jointed(self, path: Path, ref: Ref) -> None:
        entity = self.spec.entities[ref.name]
        if entity.fixed or any(getattr(morph, "type", "") == "plane" for morph in _branches(entity.morph)):
            what = f"{ref.name!r} is fixed and cannot hang on a joint"
            raise self.fail(path, what, "", f"remove 'fixed' from {ref.name!r}")
        if entity.velocity is not None or entity.angular_velocity is not None:
            what = f"{ref.name!r} has a joint and a velocity of its own"
            raise self.fail(path, what, "", "give the joint a 'velocity' instead")

    def _no_loop(self, start: str, parents: dict[str, str | None]) -> None:
        seen, body = [start], parents[start]
        while body is not None:
            if body in seen:
                loop = " -> ".join([*seen, body])
                raise self.fail(("joints",), f"joints form a loop: {loop}", "a tree that ends at the world")
            seen.append(body)
            body = parents.get(body)

    def single(self, path: Path, text: str) -> Ref:
        """A reference that must name exactly one body."""
        ref = self.reference(path, text)
        if ref.item == "*" or (ref.item == "" and self.spec.entities[ref.name].count is not None):
            allowed = f"one body, for instance '{ref.name}[0]' or '{ref.name}[last]'"
            raise self.fail(path, f"{text!r} names many bodies", allowed)
        return ref

    def check_actions(self) -> None:
        for name, action in self.spec.actions.items():
            self.attempt(self._check_action, ("actions", name), action)
        self.no_cycle("actions", "start", self._after_of)
        focus = self.spec.focus
        if focus is None:
            return
        if focus not in self.spec.actions:
            raise self.fail(("focus",), f"there is no action {focus!r}", "", near_matches(focus, self.spec.actions))
        target = getattr(self.spec.actions[focus], "target", "") or getattr(self.spec.actions[focus], "joint", "")
        if target.endswith("[*]") and not isinstance(self.spec.actions[focus], actions.Skill):
            raise self.fail(("focus",), f"the action {focus!r} has many targets", "an action with one target")

    def _check_action(self, path: Path, action: Any) -> None:
        if isinstance(action, (actions.JointTarget, actions.SlideTarget)):
            self._check_joint_target(path, action)
        elif isinstance(action, actions.Skill):
            self._check_skill(path, action)
        else:
            self._check_target(path, action)
        if isinstance(action.start, actions.After) and action.start.after not in self.spec.actions:
            after = action.start.after
            raise self.fail((*path, "start"), f"there is no action {after!r}", "", near_matches(after, self.spec.actions))

    def _after_of(self, name: str) -> str | None:
        start = self.spec.actions[name].start if name in self.spec.actions else None
        return start.after if isinstance(start, actions.After) else None

    def _check_target(self, path: Path, action: Any) -> None:
        ref = self.reference((*path, "target"), action.target)
        entity = self.spec.entities[ref.name]
        if entity.count is not None and ref.item == "":
            allowed = f"'{ref.name}[0]', '{ref.name}[last]' or '{ref.name}[*]'"
            raise self.fail((*path, "target"), f"{ref.name!r} stands for many bodies", allowed)
        if ref.part:
            if isinstance(action, actions.Move):
                raise self.fail((*path, "target"), f"{action.target!r} is a part and cannot be carried", "use 'slide_target'")
            return
        still = entity.fixed or any(getattr(morph, "type", "") == "plane" for morph in _branches(entity.morph))
        moves = isinstance(action, actions.Move)
        if moves and not entity.fixed:
            raise self.fail((*path, "target"), f"{ref.name!r} is moved along a path", "an entity with 'fixed: true'")
        if still and not moves:
            what = f"{ref.name!r} is fixed; {action.do} does nothing to it"
            raise self.fail((*path, "target"), what, "an entity that can move")

    def _check_skill(self, path: Path, action: Any) -> None:
        if action.actor not in self.spec.actors:
            hint = near_matches(action.actor, self.spec.actors)
            raise self.fail((*path, "actor"), f"there is no actor {action.actor!r}", hint or "an actor with robot: arm")
        for key in ("target", "on"):
            text = getattr(action, key)
            if text is not None and (key == "on" or not text.endswith("[*]")):
                self.single((*path, key), text)
            elif text is not None:
                self.reference((*path, key), text)

    def _check_joint_target(self, path: Path, action: Any) -> None:
        driven = action.joint.split(".")[0] in self.spec.actors
        if driven != (action.stiffness is None):
            what = "the drive of an actor has its own stiffness" if driven else "the key 'stiffness' is missing"
            allowed = "no 'stiffness' here (see the actor's 'controller')" if driven else "a spring that pulls the joint"
            raise self.fail((*path, "stiffness") if driven else path, what, allowed)
        name = action.joint.split(".")[0].split("[")[0]
        if name not in self.spec.joints and "." in action.joint:
            self._check_driven_part((*path, "joint"), action, name)
            return
        ref = self.reference((*path, "joint"), action.joint, self.spec.joints, "joint")
        wanted = actions.Hinge if isinstance(action, actions.JointTarget) else actions.Slide
        joint = self.spec.joints[ref.name]
        if not isinstance(joint, wanted):
            hint = "use 'slide_target'" if isinstance(joint, actions.Slide) else "use 'joint_target'"
            remedy = hint if isinstance(joint, (actions.Slide, actions.Hinge)) else ""
            raise self.fail((*path, "joint"), f"{ref.name!r} is a {joint.type} joint", wanted.__name__.lower(), remedy)
        many = joint.body.endswith("[*]")
        if many == (ref.item == ""):
            allowed = f"'{ref.name}[0]' or '{ref.name}[*]'" if many else f"{ref.name!r}"
            raise self.fail((*path, "joint"), f"{action.joint!r} does not fit the joint {ref.name!r}", allowed)

    def _check_driven_part(self, path: Path, action: Any, name: str) -> None:
        """The joint of a part: of an actor or a model, whose joints only the file knows, or of an articulated morph."""
        if name in self.spec.actors:
            return
        ref = self.reference(path, action.joint)
        slides = isinstance(action, actions.SlideTarget)
        for morph in _branches(self.spec.entities[ref.name].morph):
            kind = joint_kind(morph, ref.part)
            if kind and kind != ("slide" if slides else "hinge"):
                raise self.fail(path, f"{action.joint!r} is a {kind}", f"use '{'joint' if slides else 'slide'}_target'")

    def no_cycle(self, table: str, key: str, following: Callable[[str], str | None]) -> None:
        """Refuses a chain of references that comes back to its start."""
        for start in getattr(self.spec, table):
            seen, name = [start], following(start)
            while name is not None:
                if name in seen:
                    loop = " -> ".join([*seen[seen.index(name) :], name])
                    raise self.fail((table, start, key), f"{loop} is a cycle", "a chain that ends", "remove one of them")
                seen.append(name)
                name = following(name)


def _branches(value: Any) -> list[Any]:
    """Every plain model or word behind choices and cycles."""
    if isinstance(value, (Choice, Cycle)):
        return [leaf for entry in value.of for leaf in _branches(entry)]
    return [value] if isinstance(value, (str, Authored)) else []
