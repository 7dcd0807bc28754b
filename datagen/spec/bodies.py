"""From entities and joints to bodies: items are drawn and placed, hung on each other, and turned into `BodySpec`.

The pose of a jointed body in its `BodySpec` is the one that the entity gives (joint coordinate zero); where it really is at
frame 0 follows by forward kinematics from the initial joint coordinates, and that is what directions, cameras and the overlap
test use.
"""

import math
from dataclasses import dataclass
from typing import Any

from ..errors import near_matches
from . import standing
from .actions import Ball, Hinge, Slide
from .actors import Actor
from .arrange import Item, make_item, place_entity
from .articulated import part_names
from .document import DatasetSpec
from .draws import Draws
from .entities import SHAPELESS, Entity
from .episode import BodySpec, JointSpec, RelationSpec, TextureSpec
from .materials import model_of
from .pose import ORIGIN, Pose, Vec, from_axis, scale, tidy_vec
from .presets import PRESETS
from .problems import FieldError
from .references import Ref, item_name, items_of, parse_reference

WHITE = (1.0, 1.0, 1.0)


@dataclass
class Body:
    """A placed item with its joint; `now` is its pose at frame 0."""

    name: str
    item: Item
    joint: JointSpec | None = None
    parent: str | None = None
    now: Pose = Pose()
    mass: float | None = None


class Bodies:
    """Every body of one episode, by name, and the items of every entity."""

    def __init__(self, spec: DatasetSpec, draws: Draws):
        self.spec, self.draws = spec, draws
        self.counts: dict[str, int | None] = {}
        self.items: dict[str, list[Item]] = {}
        self.by_name: dict[str, Body] = {}
        self.joints: dict[str, int | None] = {}
        self.actors: dict[str, Pose] = {}
        self.relations: tuple[RelationSpec, ...] = ()
        self._placed: list[str] = []

    def build(self) -> None:
        """Draws, places and connects everything. Raises `FieldError` with the place in the document."""
        for name, entity in self.spec.entities.items():
            self._located(("entities", name), self._make, name, entity)
        for name in self.spec.entities:
            self._place(name)
        standing.place(self)
        for name, items in self.items.items():
            for item in items:
                if self.is_body(item):
                    self._add(name, item)
        for name, joint in self.spec.joints.items():
            self._located(("joints", name), self._connect, name, joint)
        for body in self.sorted():
            body.now = self._kinematics(body)
        for name, actor in self.spec.actors.items():
            self.actors[name] = self._located(("actors", name), self._stand, name, actor)

    def is_body(self, item: Item) -> bool:
        """Whether an item becomes bodies here, and not matter or the model of a file."""
        return not isinstance(item.morph, SHAPELESS) and self.model(item) == "rigid"

    def model(self, item: Item) -> str:
        """How the material of an item moves."""
        path = f"entities.{item.entity}.material"
        index = -1 if self.counts[item.entity] is None else item.item
        chosen, _ = self.draws.select(self.spec.entities[item.entity].material, path, index)
        return model_of(chosen, self.spec.materials)

    def _add(self, name: str, item: Item) -> None:
        """The body of an item and those of its links, with their joints."""
        full = item_name(name, self.counts[name], item.item)
        self.by_name[full] = Body(full, item, now=item.pose)
        for link in item.links:
            own = Item(
                name, item.item, link.shapes, False, pose=item.pose.then(Pose(link.position)), part=link.name,
                interior=link.interior, morph=item.morph, path=item.path,
            )  # fmt: skip
            own.pose = Pose(tidy_vec(own.pose.position), own.pose.rotation)
            named = f"{full}.{link.name}"
            parent = f"{full}.{link.parent}" if link.parent else full
            self.by_name[named] = Body(named, own, JointSpec(name=named, **link.joint), parent, own.pose, link.mass)

    @staticmethod
    def _located(path: tuple[str, ...], call: Any, *arguments: Any) -> Any:
        try:
            return call(*arguments)
        except FieldError as error:
            raise error if error.at[:1] == path[:1] else error.inside(*path) from error

    def _make(self, name: str, entity: Entity) -> None:
        count = None if entity.count is None else int(self.draws.value(entity.count, f"entities.{name}.count"))
        self.counts[name] = count
        total = sum(1 if other is None else other for other in self.counts.values())
        if total > self.spec.checks.max_bodies:
            raise FieldError(f"this makes {total} bodies", f"at most {self.spec.checks.max_bodies} (checks.max_bodies)")
        numbers = range(1 if count is None else count)
        self.items[name] = [make_item(name, entity, n, -1 if count is None else n, self.draws) for n in numbers]

    def _place(self, name: str) -> None:
        """Places an entity after the one that it is relative to."""
        if name in self._placed:
            return
        entity, items = self.spec.entities[name], self.items[name]
        frames = [Pose()] * len(items)
        if entity.relative_to is not None:
            ref = parse_reference(entity.relative_to, dict(self.spec.entities), "entity")
            self._place(ref.name)
            others = self.items[ref.name]
            named = items_of(ref, self.counts[ref.name])
            frames = [others[named[item.item % len(named)]].pose for item in items]
        before = [item for other in self._placed for item in self.items[other]]
        self._located(("entities", name), place_entity, name, entity, items, frames, self.draws, before)
        self._placed.append(name)

    def _stand(self, name: str, actor: Actor) -> Pose:
        """Where the root of an actor stands."""
        path = f"actors.{name}"
        place = self.draws.value(actor.position, f"{path}.position")
        local = Pose(place, self.draws.rotation(actor.rotation, f"{path}.rotation"))
        return local if actor.relative_to is None else self.reference(actor.relative_to)[0].now.then(local)

    def reference(self, text: str) -> list[Body]:
        """The bodies that a reference names. Raises `FieldError`."""
        ref = parse_reference(text, dict(self.spec.entities), "entity")
        count = self.counts[ref.name]
        found = []
        for number in items_of(ref, count):
            item = self.items[ref.name][number]
            name = item_name(ref.name, count, number, self.part(item, ref))
            if name not in self.by_name:
                raise FieldError(f"{text!r} is no rigid body", "a body that forces and poses belong to")
            found.append(self.by_name[name])
        return found

    @staticmethod
    def part(item: Item, ref: Ref) -> str:
        """The name of the link that the part of a reference means. Raises `FieldError`."""
        if not ref.part:
            return ""
        known = part_names(item.morph)
        if ref.part not in known:
            raise FieldError(f"{ref.name!r} has no part {ref.part!r}", "", near_matches(ref.part, known))
        return known[ref.part]

    def locate(self, text: str) -> Vec:
        """The middle of the things that a reference names, at frame 0."""
        name = text.split(".")[0].split("[")[0]
        if name in self.spec.actors:
            return self.actors[name].position
        ref = parse_reference(text, dict(self.spec.entities), "entity")
        items = [self.items[ref.name][number] for number in items_of(ref, self.counts[ref.name])]
        bodies = [item for item in items if not self.is_body(item)]
        places = [item.pose.position for item in bodies] or [body.now.position for body in self.reference(text)]
        x, y, z = (math.fsum(axis) / len(places) for axis in zip(*places, strict=True))
        return x, y, z

    def _connect(self, name: str, joint: Any) -> None:
        ref = parse_reference(joint.body, dict(self.spec.entities), "entity")
        many = ref.item == "*" and self.counts[ref.name] is not None
        bodies = self.reference(joint.body)
        self.joints[name] = len(bodies) if many else None
        for number, body in enumerate(bodies):
            item = number if many else -1
            if body.joint is not None:
                raise FieldError(f"{body.name} has two joints", "one joint per body", "loops are not supported")
            body.parent = self._parent(joint.to, ref, number, bodies)
            body.joint = self._joint(item_name(name, self.joints[name], number), name, joint, item)

    def _parent(self, to: str, ref: Ref, number: int, bodies: list[Body]) -> str | None:
        if to == "world" or (to == "previous" and number == 0):
            return None
        return bodies[number - 1].name if to == "previous" else self.reference(to)[0].name

    def _joint(self, full: str, name: str, joint: Any, item: int) -> JointSpec:
        path = f"joints.{name}"

        def draw(key: str) -> Any:
            return self.draws.value(getattr(joint, key), f"{path}.{key}", item)

        made: dict[str, Any] = {"name": full, "type": joint.type, "anchor": tidy_vec(draw("anchor"))}
        if isinstance(joint, (Hinge, Slide)):
            made["axis"] = tidy_vec(self.draws.direction(joint.axis, f"{path}.axis", item))
            made.update({key: draw(key) for key in ("stiffness", "rest", "damping", "armature", "velocity")})
            made["position"] = draw("initial")
            made["range"] = None if joint.limits is None else draw("limits")
            if made["range"] is not None and not made["range"][0] <= made["position"] <= made["range"][1]:
                low, high = made["range"]
                what = f"the joint starts at {made['position']:g}"
                raise FieldError(what, f"its limits are {low:g} to {high:g}", "", ("initial",))
        elif isinstance(joint, Ball):
            made.update({key: draw(key) for key in ("stiffness", "damping", "armature")})
            made["range"] = None if joint.limit is None else (0.0, draw("limit"))
        return JointSpec(**made)

    def sorted(self) -> list[Body]:
        """Bodies in the order of the document, but parents before their children."""
        order: dict[str, Body] = {}

        for body in self.by_name.values():
            chain = [body]
            while (parent := chain[-1].parent) is not None and parent not in order:
                if len(chain) > len(self.by_name):
                    raise FieldError(f"the joints of {body.name} form a loop", "a tree that ends at the world", "", ("joints",))
                chain.append(self.by_name[parent])
            order.update({link.name: link for link in reversed(chain)})
        return list(order.values())

    def _kinematics(self, body: Body) -> Pose:
        """Pose at frame 0: the parent's motion carries the body, then its own joint moves it."""
        pose, joint = body.item.pose, body.joint
        if body.parent is not None:
            parent = self.by_name[body.parent]
            pose = parent.now.then(parent.item.pose.inverse()).then(pose)
        if joint is None or joint.position == 0.0:
            return pose
        if joint.type == "slide":
            return pose.then(Pose(scale(joint.axis, joint.position)))
        turn = Pose(ORIGIN, from_axis(joint.axis, joint.position))
        return pose.then(Pose(joint.anchor)).then(turn).then(Pose(scale(joint.anchor, -1.0)))

    def finish(self, prescribed: set[str]) -> tuple[BodySpec, ...]:
        """The bodies of the episode. prescribed: names of bodies that a move carries."""
        return tuple(self._finish(body, body.name in prescribed) for body in self.sorted())

    def _finish(self, body: Body, prescribed: bool) -> BodySpec:
        item = body.item
        entity = self.spec.entities[item.entity]
        index = -1 if self.counts[item.entity] is None else item.item
        path = f"entities.{item.entity}"
        made = self.surface(entity, path, index)
        if item.fixed:
            made["density"] = made["mass"] = None
        elif body.mass is not None:
            made["density"], made["mass"] = None, body.mass
        for key in ("velocity", "angular_velocity"):
            drawn = self.draws.velocity(getattr(entity, key), f"{path}.{key}", index, body.now.position, self.locate)
            made[key] = (0.0, 0.0, 0.0) if item.part else tidy_vec(drawn)
        return BodySpec(
            name=body.name, entity=item.entity, item=item.item, fixed=item.fixed, prescribed=prescribed, shapes=item.shapes,
            position=item.pose.position, rotation=item.pose.rotation, parent=body.parent, joint=body.joint,
            pattern=entity.pattern, texture=self.texture(entity, path, index), part=item.part, interior=item.interior, **made,
        )  # fmt: skip

    def texture(self, entity: Entity, path: str, index: int) -> TextureSpec | None:
        """The image that a thing wears."""
        if entity.texture is None:
            return None
        chosen, _ = self.draws.select(entity.texture, f"{path}.texture", index)
        repeat = (float(chosen.repeat[0]), float(chosen.repeat[1]))
        return TextureSpec(file=chosen.file, repeat=repeat, mapping=chosen.mapping, metric=chosen.metric)

    def surface(self, entity: Entity, path: str, index: int) -> dict[str, Any]:
        """Mass, friction and looks: from the entity, else its material, else the preset behind it."""
        chosen, below = self.draws.select(entity.material, f"{path}.material", index)
        shared = index
        if isinstance(chosen, str) and chosen in self.spec.materials:
            chosen, below, shared = self.spec.materials[chosen], f"materials.{chosen}", -1
        named = chosen if isinstance(chosen, str) else chosen.preset or "default"
        preset = PRESETS.get(named) or PRESETS["default"]

        def draw(key: str) -> Any:
            if key == "color" and entity.color is None and entity.texture is not None:
                return WHITE  # the image alone decides
            if key in ("color", "roughness", "metallic") and getattr(entity, key) is not None:
                return self.draws.value(getattr(entity, key), f"{path}.{key}", index)
            own = None if isinstance(chosen, str) else getattr(chosen, key)
            return getattr(preset, key) if own is None else self.draws.value(own, f"{below}.{key}", shared)

        mass = None if entity.mass is None else self.draws.value(entity.mass, f"{path}.mass", index)
        return {
            "mass": mass,
            "density": draw("density") if mass is None else None,
            "friction": (draw("friction"), draw("torsional_friction"), draw("rolling_friction")),
            **{key: draw(key) for key in ("restitution", "color", "roughness", "metallic")},
        }
