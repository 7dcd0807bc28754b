"""Whether the names in goals, rewards, controls and branches exist: what can be known before anything is drawn.

Variables of forall, exists, count and per_item are known inside their goals. A reference with a dot (`arm.hand`) names a part
of something that is imported, which only the drawn episode knows. Raises `SpecError` with file and line.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from ..errors import near_matches
from . import goals
from .document import DatasetSpec
from .problems import FieldError
from .references import parse_reference
from .text import Path
from .vocabulary import MEASURES, PREDICATES, argument_kind

RESERVED_BRANCHES = ("start", "settled")


def check_scope(spec: DatasetSpec) -> None:
    """Raises `SpecError` for the first name that does not exist."""
    scope = _Scope(spec)
    if spec.task is not None:
        scope.visit(("task", "success"), spec.task.success, frozenset())
        scope.visit(("task", "failure"), spec.task.failure, frozenset())
        own = {name: fields for name, fields in spec.task.oracle.items() if "do" in fields}
        for trace in ("oracle", "fails"):
            given = getattr(spec.task, trace) or {}
            scope.known_actions(("task", trace), [name for name in given if "do" not in given[name] and name not in own])
    for number, term in enumerate(spec.reward if isinstance(spec.reward, list) else ()):
        _check_term(scope, ("reward", number), term)
    for name, action in spec.actions.items():
        scope.visit(("actions", name, "start", "when"), getattr(action.start, "when", None), frozenset())
        scope.visit(("actions", name, "until"), action.until, frozenset())
    for name, control in spec.controls.items():
        key = "joint" if control.joint is not None else "body"
        scope.reference(("controls", name, key), getattr(control, key), "joint" if key == "joint" else "body", frozenset())
    _check_branches(spec)


def _check_term(scope: "_Scope", path: Path, term: Any) -> None:
    scope.visit((*path, "gate"), term.gate, frozenset())
    scope.visit((*path, "predicate"), term.predicate, frozenset() if term.as_ is None else frozenset({term.as_}))
    if term.measure is not None:
        scope.atom(path, term, MEASURES[term.measure], frozenset())
    if term.over is not None:
        scope.reference((*path, "over"), term.over, "bodies", frozenset())


def _check_branches(spec: DatasetSpec) -> None:
    seen: set[str] = set()
    for number, branch in enumerate(spec.branches):
        path: Path = ("branches", number)
        if branch.id in seen or (branch.id == "nothing" and spec.focus is not None):
            what = f"there are two branches {branch.id!r}" if branch.id in seen else "'nothing' is made by itself"
            raise spec.source.error((*path, "id"), what, "ids of their own", "another name")
        seen.add(branch.id)
        if branch.at not in RESERVED_BRANCHES and branch.at not in spec.actions:
            known = [*RESERVED_BRANCHES, *spec.actions]
            raise spec.source.error((*path, "at"), f"there is no action {branch.at!r}", "", near_matches(branch.at, known))
        for place, edit in enumerate(branch.edits):
            of_body = edit.op in ("add", "remove") and edit.path.startswith("entities.") and edit.path.count(".") == 1
            if of_body and branch.at != "start":
                what = f"{edit.op} of a body changes what there is"
                raise spec.source.error((*path, "at"), what, "'at: start'", "leave 'at' out")
            _check_edit(spec, (*path, "edits", place, "path"), edit.path)


def _check_edit(spec: DatasetSpec, path: Path, text: str) -> None:
    root, rest = text.split(".", 1)
    if root in ("world", "lights"):
        return
    name = rest.split(".")[0].split("[")[0]
    known = getattr(spec, root)
    if name not in known and not any(name.startswith(f"{entry}_") for entry in known):
        raise spec.source.error(path, f"there is nothing called {name!r} in {root}", "", near_matches(name, known))


def _goals_in(value: Any) -> list[tuple[Path, Any]]:
    """The goals of a field, with their places in it."""
    if isinstance(value, goals.Authored):
        return [((), value)]
    parts = enumerate(value) if isinstance(value, list) else ()
    return [((number,), part) for number, part in parts if isinstance(part, goals.Authored)]


class _Scope:
    def __init__(self, spec: DatasetSpec):
        self.spec = spec

    def visit(self, path: Path, goal: Any, bound: frozenset[str]) -> None:
        """One goal and everything inside it."""
        if isinstance(goal, (goals.Compare, goals.Holds)):
            table: Mapping[str, Any] = MEASURES if isinstance(goal, goals.Compare) else PREDICATES
            self.atom(path, goal, table[goal.measure if isinstance(goal, goals.Compare) else goal.pred], bound)
            return
        if goal is None:
            return
        inner = bound | {goal.as_} if isinstance(goal, (goals.Forall, goals.Exists, goals.Count)) else bound
        for name, field in type(goal).model_fields.items():
            value, key = getattr(goal, name), field.alias or name
            if key in ("forall", "exists", "over"):
                self.reference((*path, key), value, "bodies", bound)
            for at, part in _goals_in(value):
                self.visit((*path, key, *at), part, inner)

    def atom(self, path: Path, atom: Any, entry: Any, bound: frozenset[str]) -> None:
        """The arguments of a measure or predicate."""
        for key in ("of", "ref"):
            text = getattr(atom, key)
            if text is not None:
                self.reference((*path, key), text, argument_kind(getattr(entry, key))[0], bound)

    def reference(self, path: Path, text: str, kind: str, bound: frozenset[str]) -> None:
        """A name that must exist, unless it is a variable or a part."""
        if text in bound or "." in text:
            return
        table: Mapping[str, Any] = self.spec.joints if kind == "joint" else self.spec.entities
        if text in table or text in self.spec.actors or any(text.startswith(f"{name}_") for name in table):
            return  # `domino_3` is the name of a body
        what = "joint" if kind == "joint" else "entity"
        try:
            parse_reference(text, dict(table), what)
        except FieldError as error:
            raise self.spec.source.error(path, error.what, error.allowed, error.remedy) from error

    def known_actions(self, path: Path, named: Sequence[str]) -> None:
        """Names of actions."""
        for name in named:
            if name not in self.spec.actions:
                raise self.spec.source.error(
                    (*path, name), f"there is no action {name!r}", "", near_matches(name, self.spec.actions)
                )
