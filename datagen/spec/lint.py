"""Everything that is wrong or doubtful about a spec, all at once: `lint(text, name)`.

Errors are those of the loader, of the checks and of three draws. Warnings: values outside what is plausible, params, materials
and cameras that nothing uses, and relations that say twice what one says. Each has file, line and path.

Limits: a problem that hides behind another (a value inside a morph of unknown type) shows once that one is mended.
"""

import copy
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from pydantic import BaseModel, ValidationError

from ..errors import SpecError
from .check import problems
from .declared import field_path
from .distributions import NUMERIC, Choice, Cycle, Param
from .document import DatasetSpec
from .doubts import doubts
from .load import make_stages, require_version
from .model import walk
from .problems import field_error
from .sampling import sample
from .text import Path, Source, read_yaml

DRAWS = 3
MOST_UNKNOWN = 50
PLAUSIBLE: dict[str, tuple[float, float, str]] = {
    "density": (0.05, 25_000.0, "kg/m^3"), "youngs_modulus": (10.0, 1e12, "Pa"), "friction": (0.0, 2.0, ""),
    "viscosity": (1e-6, 1e4, "Pa*s"), "mass": (1e-6, 1e5, "kg"), "radius": (2e-4, 50.0, "m"), "height": (2e-4, 50.0, "m"),
    "size": (2e-4, 100.0, "m"), "length": (2e-4, 100.0, "m"), "thickness": (1e-4, 1.0, "m"), "speed": (0.0, 100.0, "m/s"),
    "gravity": (0.0, 30.0, "m/s^2"), "friction_angle": (0.0, 0.9, "rad"), "surface_tension": (0.0, 1.0, "N/m"),
    "yield_stress": (0.0, 1e9, "Pa"), "rolling_friction": (0.0, 0.05, "m"),
}  # fmt: skip
"""Least and greatest value by the name of a field that a table-top or room-size world has, and the unit."""


@dataclass(frozen=True)
class Finding:
    """level: `error` or `warning`; where: file, line and path; text: one sentence."""

    level: str
    where: str
    text: str

    def line(self) -> str:
        """`file:line: path: error: what is wrong.`"""
        return f"{self.where}: {self.level}: {self.text}"


def lint(text: str, name: str = "<text>") -> list[Finding]:
    """Findings about a document, errors first, each in the order of the document."""
    try:
        data, source = read_yaml(text, name)
        require_version(data, source)
    except SpecError as error:
        return [_error(error)]
    unknown: list[Finding] = []
    for _ in range(MOST_UNKNOWN):
        try:
            spec = DatasetSpec.model_validate(data).attach(source, data)
            break
        except ValidationError as error:
            found = [_located(source, entry, data) for entry in error.errors(include_url=False)]
            keys = [problem for problem in (field_error(entry, data) for entry in error.errors(include_url=False))
                    if problem.what.startswith("unknown key")]  # fmt: skip
            if not keys:
                return [*unknown, *map(_error, found)]
            # An unknown key hides what is beside it: say it, leave it out and look again.
            unknown += [_error(source.error(one.at, one.what, one.allowed, one.remedy)) for one in keys]
            data = _without(data, [one.at for one in keys])
    else:
        return unknown
    if unknown:
        return unknown
    errors = [_error(problem) for problem in problems(spec)]
    if not errors:
        errors = list(_stages(spec)) or list(_draws(spec))
    return [*errors, *_warnings(spec), *([] if errors else _doubts(spec))]


def _doubts(spec: DatasetSpec) -> Iterator[Finding]:
    """What is doubtful about the first draw of every stage, each said once."""
    said: set[str] = set()
    for index in [0] if spec.curriculum is None else spec.curriculum.firsts():
        for path, text in doubts(sample(spec, 0, index)):
            where = spec.source.where(path)
            if where + text not in said:
                said.add(where + text)
                yield Finding("warning", where, text)


def _stages(spec: DatasetSpec) -> Iterator[Finding]:
    """What is wrong with the stages of a curriculum, or with a density."""
    try:
        make_stages(spec)
    except SpecError as error:
        yield _error(error)


def _without(data: Any, paths: list[Path]) -> Any:
    """A copy of plain data without the values at some paths."""
    copied = copy.deepcopy(data)
    for path in paths:
        holder = copied
        for part in path[:-1]:
            holder = holder[part]
        holder.pop(path[-1], None)
    return copied


def _located(source: Source, entry: Any, data: Any) -> SpecError:
    problem = field_error(entry, data)
    return source.error(problem.at, problem.what, problem.allowed, problem.remedy)


def _error(error: SpecError) -> Finding:
    return Finding("error", error.where, str(error).removeprefix(f"{error.where}: "))


def _draws(spec: DatasetSpec) -> Iterator[Finding]:
    """The first draw that fails."""
    firsts = [] if spec.curriculum is None else spec.curriculum.firsts()
    for index in dict.fromkeys([*range(DRAWS), *firsts]):
        try:
            sample(spec, 0, index)
        except SpecError as error:
            yield _error(error)
            return


def _warnings(spec: DatasetSpec) -> Iterator[Finding]:
    found = [*_implausible(spec), *_unused(spec), *_doubled(spec)]
    for path, text in found:
        yield Finding("warning", spec.source.where(path), text)
    yield from _warnings_of_stages(spec, {text for _, text in found})


def _warnings_of_stages(spec: DatasetSpec, known: set[str]) -> Iterator[Finding]:
    """Implausible values that only a stage has."""
    if spec.curriculum is None or spec.stages == (spec,):
        return
    for number, stage in enumerate(spec.stages):
        for path, text in _implausible(stage):
            if text not in known:
                known.add(text)
                where = spec.source.where(("curriculum", "stages", number, "set"))
                yield Finding("warning", where, f"stage {stage.stage!r}, {field_path(path)}: {text}")


def _numbers(value: Any) -> Iterator[float]:
    """The lowest and highest numbers that a field may take; params are judged where they stand."""
    if isinstance(value, (list, tuple)):
        for entry in value:
            yield from _numbers(entry)
    elif isinstance(value, (Choice, Cycle)):
        for entry in value.of:
            yield from _numbers(entry)
    elif isinstance(value, NUMERIC):
        yield from (float(end) for end in value.support())
    elif isinstance(value, (int, float)) and not isinstance(value, (bool, Param)):
        yield float(value)


def _implausible(spec: DatasetSpec) -> Iterator[tuple[Path, str]]:
    for path, value in walk(spec):
        if not isinstance(value, BaseModel):
            continue
        for name in sorted(value.model_fields_set & set(PLAUSIBLE)):
            text = _doubt(name, _numbers(getattr(value, name)))
            if text:
                yield (*path, name), text


def _doubt(name: str, numbers: Iterator[float]) -> str:
    """What is doubtful about the numbers of a field, or ""."""
    low, high, unit = PLAUSIBLE[name]
    for number in numbers:
        size = abs(number) if name in ("gravity", "speed") else number
        if not low <= size <= high and abs(number) != float("inf"):
            text = f"{number:g} {unit}".strip()
            return f"{text} is implausible; expected {low:g} to {high:g} {unit}".strip() + "."
    return ""


def _unused(spec: DatasetSpec) -> Iterator[tuple[Path, str]]:
    params = {value.name for _, value in walk(spec) if isinstance(value, Param)}
    words = {value for path, value in walk(spec) if isinstance(value, str) and "material" in path}
    for name in spec.params:
        if name not in params:
            yield ("params", name), f"nothing uses the param {name!r}; remove it, or use it by {{dist: param, name: {name}}}."
    for name in spec.materials:
        if name not in words:
            yield ("materials", name), f"nothing is made of {name!r}; remove it, or name it in an entity."
    if not spec.cameras:
        yield ("cameras",), "there is no camera, so no pictures are stored; add one, or leave it for states alone."
    if spec.actions and spec.focus is None:
        yield ("focus",), "no action is the focus, so no consequence is singled out; write 'focus: ...'."


def _doubled(spec: DatasetSpec) -> Iterator[tuple[Path, str]]:
    """Relations that are said twice, and what a support says already."""
    seen: dict[str, int] = {}
    again: set[tuple[str, str]] = set()
    for number, relation in enumerate(spec.place):
        text = f"{relation.rel}({relation.of}, {getattr(relation, 'ref', '')})"
        told = (text, repr(relation.model_copy(update={"hard": True, "weight": 1.0})))
        if told in again:
            yield ("place", number), f"{text} says what place[{seen[text]}] says; remove one of them."
        again.add(told)
        seen.setdefault(text, number)
        if relation.rel == "above" and f"on_top({relation.of}, {relation.ref})" in seen:
            yield ("place", number), f"{text} follows from on_top; remove it."
