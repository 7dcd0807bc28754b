"""From authored actions to `ActionSpec`s: times in seconds from frame 0, targets by name, vectors in the world.

An action with a target `entity[*]` becomes one action per body (`tip_0`, `tip_1`, ...), each with its own draws. Directions and
points refer to the bodies as they stand at frame 0.
"""

from typing import Any

from . import actions as authored
from .bodies import Bodies, Body
from .document import DatasetSpec
from .draws import Draws
from .episode import ActionSpec, WaypointSpec
from .judge import Resolver
from .morphs import Model
from .pose import Vec, add, conjugate, rotate, scale, tidy_quat, tidy_vec
from .problems import FieldError
from .references import item_name, items_of, parse_reference
from .shapes import bounded, reach
from .timing import Timing


class Schedule:
    """Turns authored actions into `ActionSpec`s, in the order of the document."""

    def __init__(self, spec: DatasetSpec, draws: Draws, bodies: Bodies, times: Timing, judge: Resolver):
        self.spec, self.draws, self.bodies, self.times, self.judge = spec, draws, bodies, times, judge
        self.ends: dict[str, float] = {}

    def build(self) -> tuple[ActionSpec, ...]:
        """Every action of the episode. Raises `FieldError` with the place in the document."""
        made: list[ActionSpec] = []
        for name, action in self.spec.actions.items():
            try:
                made += self._expand(name, action)
            except FieldError as error:
                raise error.inside("actions", name) from error
        return tuple(made)

    def _start(self, name: str) -> float:
        start, path = self.spec.actions[name].start, f"actions.{name}.start"
        if isinstance(start, authored.When):
            return float(self.draws.value(start.delay, f"{path}.delay"))
        if isinstance(start, authored.After) and self._is_open(start.after):
            return float(self.draws.value(start.delay, f"{path}.delay"))
        if isinstance(start, authored.After):
            return self._end(start.after) + float(self.draws.value(start.delay, f"{path}.delay"))
        return float(self.draws.value(start.at, f"{path}.at"))

    def _is_open(self, name: str) -> bool:
        """Whether the end of an action depends on what happens."""
        action = self.spec.actions[name]
        if isinstance(action.start, authored.When) or action.until is not None:
            return True
        return isinstance(action.start, authored.After) and self._is_open(action.start.after)

    def _conditions(self, name: str) -> dict[str, Any]:
        """What starts and ends an action beside times."""
        action, path = self.spec.actions[name], f"actions.{name}"
        found: dict[str, Any] = {}
        if isinstance(action.start, authored.When):
            found["when"] = self.judge.goal(action.start.when, f"{path}.start.when")
        elif isinstance(action.start, authored.After) and self._is_open(action.start.after):
            found["after"] = action.start.after
        if action.until is not None:
            found["until"] = self.judge.goal(action.until, f"{path}.until")
        return found

    def _end(self, name: str) -> float:
        if name not in self.ends:
            self.ends[name] = self._start(name) + self._duration(name)
        return self.ends[name]

    def _duration(self, name: str) -> float:
        action = self.spec.actions[name]
        if isinstance(action, authored.Move) and action.waypoints is not None:
            paths = [f"actions.{name}.waypoints[{number}].time" for number in range(len(action.waypoints))]
            times = [self.draws.value(point.time, path) for point, path in zip(action.waypoints, paths, strict=True)]
            if any(after <= before for before, after in zip(times, times[1:], strict=False)):
                raise FieldError("the waypoints are not in the order of time", "rising times", "", ("waypoints",))
            return float(times[-1])
        duration = getattr(action, "duration", None)
        return 0.0 if duration is None else float(self.draws.value(duration, f"actions.{name}.duration"))

    def _expand(self, name: str, action: Any) -> list[ActionSpec]:
        start = self._start(name)
        length_s = self.times.num_frames / self.times.fps
        if start >= length_s:
            raise FieldError(f"the action starts at {start:g} s", f"the recording ends at {length_s:g} s", "", ("start",))
        shared: dict[str, Any] = {"start": float(f"{start:.12g}"), "duration": float(f"{self._duration(name):.12g}")}
        shared.update(self._conditions(name))
        if isinstance(action, (authored.JointTarget, authored.SlideTarget)):
            return self._joint_targets(name, action, shared)
        ref = parse_reference(action.target, dict(self.spec.entities), "entity")
        many = ref.item == "*" and self.bodies.counts[ref.name] is not None
        if many and isinstance(action, authored.Skill):
            return [self._sweep(name, action, shared)]
        made = []
        for number, body in enumerate(self.bodies.reference(action.target)):
            fields = self._fields(name, action, body, number if many else -1)
            full = item_name(name, 1 if many else None, number)
            made.append(ActionSpec(id=full, do=action.do, target=body.name, **shared, **fields))
        return made

    def _joint_targets(self, name: str, action: Any, shared: dict[str, Any]) -> list[ActionSpec]:
        if "." in action.joint:
            return self._part_targets(name, action, shared)
        ref = parse_reference(action.joint, dict(self.spec.joints), "joint")
        count = self.bodies.joints[ref.name]
        many = ref.item == "*" and count is not None
        made = []
        for number in items_of(ref, count):
            item = number if many else -1
            keys = ("value", "stiffness", "damping")
            fields = {key: self.draws.value(getattr(action, key), f"actions.{name}.{key}", item) for key in keys}
            full = item_name(name, 1 if many else None, number)
            target = item_name(ref.name, count, number)
            made.append(ActionSpec(id=full, do="joint_target", target=target, **shared, **fields))
        return made

    def _part_targets(self, name: str, action: Any, shared: dict[str, Any]) -> list[ActionSpec]:
        """Drives of the joints of parts: `cabinet.top_drawer`, `robot[*].joint1`."""
        head, part = action.joint.split(".", 1)
        targets, many = [action.joint], False
        if head not in self.spec.actors:
            ref = parse_reference(action.joint, dict(self.spec.entities), "entity")
            count = self.bodies.counts[ref.name]
            many = ref.item == "*" and count is not None
            items = [self.bodies.items[ref.name][number] for number in items_of(ref, count)]
            parts = [part if isinstance(item.morph, Model) else self.bodies.part(item, ref) for item in items]
            targets = [item_name(ref.name, count, item.item, own) for item, own in zip(items, parts, strict=True)]
        made = []
        for number, target in enumerate(targets):
            keys, item = ("value", "stiffness", "damping"), number if many else -1
            known = [key for key in keys if getattr(action, key) is not None]
            fields = {key: self.draws.value(getattr(action, key), f"actions.{name}.{key}", item) for key in known}
            full = item_name(name, 1 if many else None, number)
            made.append(ActionSpec(id=full, do="joint_target", target=target, **shared, **fields))
        return made

    def _fields(self, name: str, action: Any, body: Body, item: int) -> dict[str, Any]:
        path, place = f"actions.{name}", body.now.position
        if isinstance(action, authored.Move):
            return {"waypoints": self._path(name, action, body, item)}
        if isinstance(action, authored.SetVelocity):
            fields = {}
            for key, field in (("velocity", "vector"), ("angular_velocity", "angular")):
                if getattr(action, key) is not None:
                    drawn = self.draws.velocity(getattr(action, key), f"{path}.{key}", item, place, self.bodies.locate)
                    fields[field] = tidy_vec(drawn)
            return fields
        if isinstance(action, authored.Skill):
            return self._skill(action, path, place, item)
        name_of_axis = "axis" if isinstance(action, authored.Torque) else "direction"
        toward = self.draws.direction(
            getattr(action, name_of_axis), f"{path}.{name_of_axis}", item, place, self.bodies.locate
        )  # fmt: skip
        vector = tidy_vec(scale(toward, self.draws.value(action.magnitude, f"{path}.magnitude", item)))
        if isinstance(action, authored.Torque):
            return {"vector": vector}
        return {"vector": vector, "point": self._point(action.point, f"{path}.point", body, item)}

    def _sweep(self, name: str, action: authored.Skill, shared: dict[str, Any]) -> ActionSpec:
        """One action for all bodies of an entity."""
        first, *others = self.bodies.reference(action.target)
        fields = self._skill(action, f"actions.{name}", first.now.position, -1)
        names = tuple(body.name for body in others)
        return ActionSpec(id=name, do="skill", target=first.name, others=names, **shared, **fields)

    def _skill(self, action: authored.Skill, path: str, place: Vec, item: int) -> dict[str, Any]:
        fields: dict[str, Any] = {"skill": action.skill, "actor": action.actor, "tries": action.tries}
        fields["noise"] = self.draws.value(action.noise, f"{path}.noise", item)
        if action.on is not None:
            fields["on"] = next(iter(self.bodies.reference(action.on))).name
        for key in ("amount", "angle"):
            if getattr(action, key) is not None:
                fields["value"] = float(self.draws.value(getattr(action, key), f"{path}.{key}", item))
        if action.direction is not None:
            toward = self.draws.direction(action.direction, f"{path}.direction", item, place, self.bodies.locate)
            fields["vector"] = tidy_vec(scale(toward, self.draws.value(action.distance, f"{path}.distance", item)))
        return fields

    def _point(self, point: Any, path: str, body: Body, item: int) -> Vec:
        """A point of the body frame: [x, y, z], or its highest or lowest height above the origin."""
        if not isinstance(point, str):
            return tidy_vec(self.draws.value(point, path, item))
        if point == "center":
            return 0.0, 0.0, 0.0
        if not bounded(body.item.shapes):
            raise FieldError(f"{body.name} has no known {point}", "'center' or [x, y, z]", "", ("point",))
        outward = (0.0, 0.0, 1.0 if point == "top" else -1.0)
        height = reach(body.item.shapes, body.now.rotation, outward)
        return tidy_vec(rotate(conjugate(body.now.rotation), scale(outward, height)))

    def _path(self, name: str, action: authored.Move, body: Body, item: int) -> tuple[WaypointSpec, ...]:
        path = f"actions.{name}"
        if action.waypoints is None:
            here = body.now.position
            toward = self.draws.direction(action.direction, f"{path}.direction", item, here, self.bodies.locate)
            end = add(here, scale(toward, self.draws.value(action.distance, f"{path}.distance", item)))
            ends = ((0.0, here), (float(f"{self._duration(name):.12g}"), end))
            turn = tidy_quat(body.now.rotation)
            return tuple(WaypointSpec(time=time, position=tidy_vec(place), rotation=turn) for time, place in ends)
        return tuple(
            WaypointSpec(
                time=self.draws.value(point.time, f"{path}.waypoints[{number}].time"),
                position=tidy_vec(self.draws.value(point.position, f"{path}.waypoints[{number}].position", item)),
                rotation=tidy_quat(self.draws.rotation(point.rotation, f"{path}.waypoints[{number}].rotation", item)),
            )
            for number, point in enumerate(action.waypoints)
        )
