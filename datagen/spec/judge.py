"""From authored goals, tasks, rewards and controls to those of one episode: names for references, unit vectors, drawn
thresholds.

A reference names a body, an entity with a count (all its bodies), a joint, matter (an entity without bodies), or a variable of
forall, exists and count. Where a predicate about one body gets several, it means all of them; a measure needs exactly one.
`check_document` finds unknown names when the document is read; what depends on counts is found by `sample`.
Limits: parts of imported models are known by the names of their bodies and joints (`arm.hand`).
"""

import re
from collections.abc import Callable, Mapping, Sequence
from typing import Any

from ..errors import near_matches
from . import goals
from .draws import Draws
from .pose import tidy_vec
from .problems import FieldError
from .resolved import ControlSpec, GoalSpec, RewardSpec, ShapeFunction, TaskSpec
from .vocabulary import MEASURES, PREDICATES, argument_kind

MAX_NODES = 500
SIDES = {"left_of": "right", "right_of": "right", "in_front_of": "forward", "behind": "forward"}
"""The word of the spec's frame that a predicate counts along."""


class Names:
    """What a reference may name in one episode. bodies: entity -> names of its items; parts: of those; joints, matter: names;
    models: whose parts (`arm.hand`) only the engine knows."""

    def __init__(
        self, bodies: Mapping[str, list[str]], parts: Sequence[str], joints: list[str], matter: list[str], models: Sequence[str]
    ):
        self.bodies, self.joints, self.matter, self.models = bodies, joints, matter, frozenset(models)
        self._single = {*parts, *(name for names in bodies.values() for name in names)}

    def find(self, text: str, kind: str) -> tuple[str, ...]:
        """The names behind a reference. Raises `FieldError`."""
        text = re.sub(r"\[([0-9]+)\](?=\.)", r"_\1", text)  # drawer of the third cabinet: cabinet_2.drawer
        if "." in text and text.split(".")[0] in self.models:
            return (text,)
        if kind == "bodies" and text in self.models and text not in self.matter:
            return (text,)
        if kind == "joint":
            return self._joint(text)
        if kind in ("matter", "any") and text in self.matter:
            return (text,)
        if text in self.bodies:
            return tuple(self.bodies[text])
        if text in self._single:
            return (text,)
        base, _, rest = text.partition("[")
        if base in self.bodies and rest.endswith("]"):
            return self._items(base, rest[:-1], text)
        known = [*self.bodies, *self.matter] if kind in ("matter", "any") else [*self.bodies]
        what = {"matter": "matter", "any": "body or matter"}.get(kind, "body")
        raise FieldError(f"there is no {what} {text!r}", "", near_matches(text, known))

    def _items(self, base: str, item: str, text: str) -> tuple[str, ...]:
        names = self.bodies[base]
        if item == "*":
            return tuple(names)
        place = {"first": 0, "last": len(names) - 1}.get(item, int(item) if item.isdigit() else -1)
        if not 0 <= place < len(names):
            raise FieldError(f"{text!r} does not exist", f"{base} has {len(names)} of them, from [0] to [{len(names) - 1}]")
        return (names[place],)

    def _joint(self, text: str) -> tuple[str, ...]:
        plain = text.replace("[", "_").rstrip("]")
        many = tuple(name for name in self.joints if name.rsplit("_", 1)[0] == text and name.rsplit("_", 1)[-1].isdigit())
        for found in ((text,), (plain,)):
            if found[0] in self.joints:
                return found
        if many or plain.endswith("_*"):
            return many or self._joint(plain[:-2])
        raise FieldError(f"there is no joint {text!r}", "", near_matches(text, self.joints))


def names_of(spec: Any, bodies: Any) -> Names:
    """The names of an episode. spec: the document; bodies: `datagen.spec.bodies.Bodies`, built."""
    grouped: dict[str, list[str]] = {}
    for name, body in bodies.by_name.items():
        if not body.item.part:
            grouped.setdefault(body.item.entity, []).append(name)
    joints = [body.joint.name for body in bodies.by_name.values() if body.joint is not None]
    others = [name for name in spec.entities if name not in grouped]
    return Names(grouped, list(bodies.by_name), joints, others, [*spec.actors, *others])


class Resolver:
    """Turns the authored documents of one episode into their resolved forms; draws come from the paths of the document."""

    def __init__(self, draws: Draws, names: Names):
        self.draws, self.names = draws, names
        self._nodes = 0

    def goal(self, goal: Any, path: str, bound: Mapping[str, str] | None = None) -> GoalSpec:
        """One goal. bound: variable -> body. Raises `FieldError`."""
        self._nodes += 1
        if self._nodes > MAX_NODES:
            raise FieldError("the goals are too large", f"at most {MAX_NODES} nodes after writing out every body")
        return _MAKERS[type(goal)](self, goal, path, bound or {})

    def task(self, task: Any, reward: Any, text: str) -> TaskSpec | None:
        """The task and the rewards of a document, None where it has neither. Raises `FieldError`."""
        if task is None and reward is None:
            return None
        if reward == "from_goal" and (task is None or task.success is None):
            raise FieldError("'from_goal' needs a goal", "task: {success: ...}", "", ("reward",))
        frame = {"right": self.draws.word("right"), "forward": self.draws.word("forward")}
        terms = () if reward is None or reward == "from_goal" else tuple(self.term(term, n) for n, term in enumerate(reward))
        shared = {"rewards": terms, "from_goal": reward == "from_goal", **frame}
        if task is None:
            return TaskSpec(instruction=text, **shared)
        said = text if task.instruction is None else self.draws.value(task.instruction, "task.instruction")
        return TaskSpec(
            instruction=said,
            success=_inside(self.goal, task.success, "task", "success"),
            failure=None if task.failure is None else _inside(self.goal, task.failure, "task", "failure"),
            time_limit=None if task.time_limit is None else float(self.draws.value(task.time_limit, "task.time_limit")),
            stop_on_success=task.stop_on_success, **shared,
        )  # fmt: skip

    def term(self, term: Any, number: int) -> RewardSpec:
        """One term of the reward. Raises `FieldError`."""
        path = f"reward[{number}]"
        try:
            return self._term(term, path)
        except FieldError as error:
            raise error.inside("reward", number) from error

    def _term(self, term: Any, path: str) -> RewardSpec:
        weight = float(self.draws.value(term.weight, f"{path}.weight"))
        fields: dict[str, Any] = {"name": term.name, "mode": term.mode, "weight": weight, "gamma": term.gamma}
        if term.gate is not None:
            fields["gate"] = self.goal(term.gate, f"{path}.gate")
        if term.measure is not None:
            shape = {
                key: float(self.draws.value(getattr(term.shape, key), f"{path}.shape.{key}"))
                for key in ("low", "high", "margin", "scale", "at", "per")
                if getattr(term.shape, key) is not None
            }
            kind = ShapeFunction(type=term.shape.type, sigmoid=term.shape.sigmoid, **shape)
            return RewardSpec(**fields, measure=self._measure(term, term.measure, path, {}), shape=kind)
        bodies: list[Mapping[str, str]] = [{}]
        if term.over is not None:
            bodies = [{term.as_: name} for name in self.names.find(term.over, "bodies")]
        return RewardSpec(**fields, predicates=tuple(self.goal(term.predicate, f"{path}.predicate", one) for one in bodies))

    def control(self, name: str, control: Any) -> list[ControlSpec]:
        """The controls of a reference, one per joint or body. Raises `FieldError`."""
        kind = "joint" if control.joint is not None else "body"
        found = self.names.find(control.joint or control.body, kind)
        along = None if control.along is None else tidy_vec(self.draws.direction(control.along, f"controls.{name}.along"))
        made = {"mode": control.mode, "low": control.low, "high": control.high, "along": along}
        for key in ("stiffness", "damping"):
            made[key] = getattr(control, key) or 0.0
        made["point"] = self.draws.value(control.point, f"controls.{name}.point")
        labels = [name] if len(found) == 1 else [f"{name}_{number}" for number in range(len(found))]
        return [ControlSpec(name=label, target=target, **made) for label, target in zip(labels, found, strict=True)]

    # ---- nodes

    def _bodies(self, atom: Any, key: str, kind: str, bound: Mapping[str, str]) -> tuple[str, ...]:
        text = getattr(atom, key)
        if text is None:
            return ()
        if text in bound:
            return (bound[text],)
        try:
            return self.names.find(text, kind)
        except FieldError as error:
            raise error.inside(key) from error

    def _direction(self, atom: Any, key: str, path: str) -> Any:
        value = getattr(atom, key)
        return None if value is None else tidy_vec(self.draws.direction(value, f"{path}.{key}"))

    def _measure(self, atom: Any, name: str, path: str, bound: Mapping[str, str]) -> GoalSpec:
        entry = MEASURES[name]
        found: dict[str, tuple[str, ...]] = {}
        for key in ("of", "ref"):
            kind, _ = argument_kind(getattr(entry, key))
            found[key] = self._bodies(atom, key, kind, bound)
            if len(found[key]) > 1 and kind != "bodies":
                what = f"{getattr(atom, key)!r} names {len(found[key])} bodies"
                raise FieldError(what, f"{name} is about one", "say which, or use forall or count", (key,))
        axes = {key: self._direction(atom, key, path) for key in ("axis", "along")}
        return GoalSpec(op="measure", name=name, of=found["of"], ref=found["ref"], **axes)

    def compare(self, goal: goals.Compare, path: str, bound: Mapping[str, str]) -> GoalSpec:
        """A comparison with a drawn value."""
        node = self._measure(goal, goal.measure, path, bound)
        numbers = {
            key: float(self.draws.value(getattr(goal, key), f"{path}.{key}"))
            for key in ("value", "tol", "scale")
            if getattr(goal, key) is not None
        }
        return node.model_copy(update={"cmp": goal.cmp, **numbers})

    def holds(self, goal: goals.Holds, path: str, bound: Mapping[str, str]) -> GoalSpec:
        """A predicate, or all of them where a reference names many bodies."""
        entry = PREDICATES[goal.pred]
        kinds = {key: argument_kind(getattr(entry, key))[0] for key in ("of", "ref")}
        found = {key: self._bodies(goal, key, kinds[key], bound) for key in ("of", "ref")}
        numbers = {}
        for key in ("value", "tol"):
            allowed = getattr(entry, key)
            if allowed is not None:
                given = getattr(goal, key)
                drawn = allowed[1] if given is None else self.draws.value(given, f"{path}.{key}")
                numbers[key] = None if drawn is None else float(drawn)
        axes = {key: self._direction(goal, key, path) for key in ("axis", "along")}
        if goal.pred in SIDES:
            axes["along"] = self.draws.word(SIDES[goal.pred])
        if len(found["ref"]) > 1 and kinds["ref"] != "bodies":
            what = f"{goal.ref!r} names {len(found['ref'])} bodies"
            raise FieldError(what, f"{goal.pred} is about one", "say which, or use forall or exists", ("ref",))
        subjects = [found["of"]] if kinds["of"] == "bodies" or len(found["of"]) <= 1 else [(name,) for name in found["of"]]
        made = [GoalSpec(op="pred", name=goal.pred, of=of, ref=found["ref"], **numbers, **axes) for of in subjects]
        return made[0] if len(made) == 1 else GoalSpec(op="all", parts=tuple(made))

    def parts(self, many: list[Any], path: str, bound: Mapping[str, str]) -> tuple[GoalSpec, ...]:
        """Several goals of a list."""
        return tuple(self.goal(part, f"{path}[{number}]", bound) for number, part in enumerate(many))

    def over(self, goal: Any, word: str, path: str, inner: Any, bound: Mapping[str, str]) -> tuple[GoalSpec, ...]:
        """A goal written out for every body of an entity."""
        if goal.as_ in self.names.bodies or goal.as_ in bound:
            raise FieldError(f"{goal.as_!r} is taken", "a name that nothing else has", "another word after 'as'", ("as",))
        names = self._bodies(goal, word, "bodies", bound)
        return tuple(self.goal(inner, path, {**bound, goal.as_: name}) for name in names)

    def seconds(self, value: Any, path: str) -> float | None:
        """A drawn duration, None where there is none."""
        return None if value is None else float(self.draws.value(value, path))


Maker = Callable[[Resolver, Any, str, Mapping[str, str]], GoalSpec]


def _many(op: Any, key: str) -> Maker:
    return lambda own, goal, path, bound: GoalSpec(
        op=op, parts=own.parts(getattr(goal, key), f"{path}.{key}", bound),
        duration=own.seconds(getattr(goal, "within", None), f"{path}.within"),
    )  # fmt: skip


def _one(op: Any, key: str, duration: str = "within", word: str = "") -> Maker:
    return lambda own, goal, path, bound: GoalSpec(
        op=op, parts=(own.goal(getattr(goal, key), f"{path}.{word or key}", bound),),
        duration=own.seconds(getattr(goal, duration, None), f"{path}.{duration.strip('_')}"),
    )  # fmt: skip


def _always(own: Resolver, goal: goals.Always, path: str, bound: Mapping[str, str]) -> GoalSpec:
    window = None
    if goal.during is not None:
        first, last = (float(own.draws.value(value, f"{path}.during[{n}]")) for n, value in enumerate(goal.during))
        if not first <= last:
            raise FieldError(f"'during' goes from {first:g} s to {last:g} s", "from <= to", "", ("during",))
        window = (first, last)
    return GoalSpec(op="always", parts=(own.goal(goal.always, f"{path}.always", bound),), window=window)


def _count(own: Resolver, goal: goals.Count, path: str, bound: Mapping[str, str]) -> GoalSpec:
    parts = own.over(goal, "over", f"{path}.count", goal.count, bound)
    low, high = (goal.exactly, goal.exactly) if goal.exactly is not None else (goal.at_least, goal.at_most)
    return GoalSpec(op="count", parts=parts, low=low, high=high)


_MAKERS: dict[type, Maker] = {
    goals.Compare: Resolver.compare,
    goals.Holds: Resolver.holds,
    goals.AllOf: _many("all", "all"),
    goals.AnyOf: _many("any", "any"),
    goals.Not: _one("not", "not_", word="not"),
    goals.Eventually: _one("eventually", "eventually"),
    goals.Always: _always,
    goals.Hold: _one("hold", "hold", "for_"),
    goals.Then: _many("then", "then"),
    goals.Until: _many("until", "until"),
    goals.Forall: lambda own, goal, path, bound: GoalSpec(
        op="all", parts=own.over(goal, "forall", f"{path}.do", goal.do, bound)
    ),
    goals.Exists: lambda own, goal, path, bound: GoalSpec(
        op="any", parts=own.over(goal, "exists", f"{path}.do", goal.do, bound)
    ),
    goals.Count: _count,
}


def _inside(call: Callable[..., Any], value: Any, *at: str) -> Any:
    try:
        return call(value, ".".join(at))
    except FieldError as error:
        raise error.inside(*at) from error
