"""Distributions that change over the episodes of a dataset: curricula by number, and draws that are likelier than declared.

    curriculum:
      stages:
        - {name: slow, episodes: 100, set: {actions.push.magnitude: {dist: uniform, low: 0.1 N*s, high: 0.2 N*s}}}
        - {name: faster, episodes: 200, ramp: true, set: {actions.push.magnitude: {dist: uniform, low: 0.1 N*s, high: 1 N*s}}}
        - {name: all}

    density:
      floor: 0.25
      draws:
        actions.push.magnitude: {edges: [0.1, 0.5, 1.0], weights: [1, 3]}

The stage of an episode follows from its number alone (of a counterfactual group: the number of the group), so that episodes
can be made in any order and again. A stage is the spec with other values at the paths of `set`; streams are keyed by path, so
what a stage leaves alone is drawn as without it. `ramp`: bounds, means and weights go in a straight line from those of the
stage before to those of this one. Density: a draw is made as declared and kept with a probability in proportion to the weight
of its bin (rejection, von Neumann, 1951), except in a share `floor` of the episodes, which are drawn as declared (defensive
mixture, Hesterberg, 1995): the ratio of both densities, which is stored with the episode, is at least `floor`.
Limits: a stage cannot change what all episodes share: names, times, resolutions, tasks. What `place` solves for has no density.
"""

import re
from collections.abc import Mapping
from copy import deepcopy
from typing import Annotated, Any

from pydantic import Field, model_validator

from ..errors import near_matches
from . import units
from .fields import Name, Quantity, Word
from .model import Authored
from .problems import FieldError

ROOTS = ("params", "entities", "materials", "joints", "actors", "actions", "world", "lights", "cameras", "sensors", "text")
MAX_STAGES = 1000
_PATH = re.compile(r"\w+(\.\w+|\[\d{1,4}\])*", re.ASCII)
SHARE = Quantity(units.NUMBER, 0.0, 1.0, fixed=True)
FieldPath = Annotated[str, Word(fixed=True, max_length=200)]
Weight = Annotated[float, Quantity(units.NUMBER, 0.0, fixed=True)]
Edge = Annotated[float, Quantity(units.NUMBER, fixed=True)]


class Stage(Authored):
    """One stretch of episodes. name: of the stage. episodes: how many draws it has, left out in the last stage only. set: other
    values by path (`actions.push.magnitude`, `entities.ball.position[1]`), each as it would stand in the spec. ramp: whether
    distributions come from those of the stage before in a straight line. success: share of successful episodes from which on
    `generate --after` goes to the next stage."""

    name: Name
    episodes: Annotated[int, Quantity(units.NUMBER, 1.0, 1e9, whole=True, fixed=True)] | None = None
    set: dict[FieldPath, Any] = {}
    ramp: bool = False
    success: Annotated[float, SHARE] = 0.8

    @model_validator(mode="after")
    def _paths_may_change(self) -> "Stage":
        for path in self.set:
            root = path.split(".")[0].split("[")[0]
            if root not in ROOTS:
                raise FieldError(f"{path!r} cannot change", f"a path in {', '.join(ROOTS)}", "", ("set",)).pydantic()
        return self


class Curriculum(Authored):
    """Stages by the number of the draw, in order. only: the one stage that all episodes are of, instead (written by
    `generate --after`)."""

    stages: Annotated[list[Stage], Field(min_length=1, max_length=MAX_STAGES)]
    only: Name | None = None

    @model_validator(mode="after")
    def _stages_are_clear(self) -> "Curriculum":
        names = [stage.name for stage in self.stages]
        for number, stage in enumerate(self.stages):
            if stage.episodes is None and number < len(names) - 1:
                what = f"the stage {stage.name!r} has no end"
                raise FieldError(what, "'episodes' in all stages but the last", "", ("stages", number)).pydantic()
            if stage.name in names[:number]:
                raise FieldError(f"there are two stages {stage.name!r}", "another name", "", ("stages", number)).pydantic()
        if self.stages[-1].ramp and self.stages[-1].episodes is None:
            what = f"the stage {names[-1]!r} ramps and has no end"
            raise FieldError(what, "'episodes' as well", "", ("stages", len(names) - 1, "ramp")).pydantic()
        if self.stages[0].ramp:
            raise FieldError("the first stage has nothing to come from", "'ramp' later", "", ("stages", 0, "ramp")).pydantic()
        if self.only is not None and self.only not in names:
            raise FieldError(f"there is no stage {self.only!r}", near_matches(self.only, names), "", ("only",)).pydantic()
        return self

    def at(self, index: int) -> tuple[int, float]:
        """(number of the stage of a draw, how far it is through that stage, in [0, 1)); the last stage has no end."""
        if self.only is not None:
            return [stage.name for stage in self.stages].index(self.only), 1.0
        for number, stage in enumerate(self.stages[:-1]):
            assert stage.episodes is not None
            if index < stage.episodes:
                return number, index / stage.episodes
            index -= stage.episodes
        last = self.stages[-1].episodes
        return len(self.stages) - 1, 1.0 if last is None else min(index / last, 1.0)

    def firsts(self) -> list[int]:
        """Number of the first draw of every stage that has draws."""
        found, index = [0], 0
        for stage in self.stages[: -1 if self.only is None else 0]:
            assert stage.episodes is not None
            index += stage.episodes
            found.append(index)
        return found


class Bins(Authored):
    """Weights of a draw: of the bins between ascending edges (SI; what lies outside counts for the nearest bin), or without
    edges of the entries of a choice."""

    edges: Annotated[list[Edge], Field(max_length=1001)] = []
    weights: Annotated[list[Weight], Field(min_length=1, max_length=1000)]

    @model_validator(mode="after")
    def _bins_fit(self) -> "Bins":
        if self.edges and len(self.edges) != len(self.weights) + 1:
            what = f"{len(self.edges)} edges and {len(self.weights)} weights"
            raise FieldError(what, "one edge more than weights", "", ("edges",)).pydantic()
        if any(high <= low for low, high in zip(self.edges, self.edges[1:], strict=False)):
            raise FieldError("edges do not ascend", "each larger than the one before", "", ("edges",)).pydantic()
        if not any(self.weights):
            raise FieldError("all weights are 0", "a positive one at least", "", ("weights",)).pydantic()
        return self


class Density(Authored):
    """How much likelier draws are than declared. draws: weights by the path of a draw, as `worldsmith coverage` lists it, for
    all items of an entity. floor: share of the episodes that are drawn as declared. measure, of: where the weights come from,
    for the reader (`worldsmith focus`)."""

    draws: Annotated[dict[FieldPath, Bins], Field(min_length=1, max_length=1000)]
    floor: Annotated[float, Quantity(units.NUMBER, 0.0, 1.0, fixed=True)] = 0.25
    measure: Annotated[str, Word(fixed=True)] = ""
    of: Annotated[str, Word(fixed=True)] = ""


def staged(data: Mapping[str, Any], changes: Mapping[str, Any]) -> dict[str, Any]:
    """The document with other values at some paths, without its curriculum. Raises `FieldError` naming the path."""
    made = deepcopy({key: value for key, value in data.items() if key != "curriculum"})
    for path, value in changes.items():
        *way, last = _parts(path)
        here: Any = made
        for part in way:
            if here is made and part in ("world", "lights"):
                here.setdefault(part, {})
            here = _inside(here, part, path)
        if not isinstance(here, dict) or (way and way[-1] in ("params", "entities", "actions", "materials")):
            _inside(here, last, path)  # must be there
        here[last] = deepcopy(value)
    return made


def _parts(path: str) -> list[str | int]:
    """`entities.red.position[1]` as its keys."""
    if not _PATH.fullmatch(path):
        raise FieldError(f"{path!r} is not a path", "names and numbers such as entities.red.position[1]", "", (path,))
    return [int(part) if part.isdigit() else part for part in re.findall(r"\w+", path)]


def _inside(here: Any, part: str | int, path: str) -> Any:
    if isinstance(here, list) and isinstance(part, int) and 0 <= part < len(here):
        return here[part]
    if isinstance(here, dict) and isinstance(part, str) and part in here:
        return here[part]
    known = near_matches(str(part), here) if isinstance(here, dict) else "a path of the spec"
    raise FieldError(f"{path!r}: there is no {part!r}", known, "", (path,))
