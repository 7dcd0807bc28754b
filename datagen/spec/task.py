"""The task of an episode as people write it: instruction, success, failure, when it ends, and its sanity traces.

    task:
      instruction: Knock over at least eight dominoes.
      success: "count(d in domino: toppled(d)) >= 8"
      failure: {pred: fell_off, of: "domino[first]", ref: table}
      time_limit: 4 s
      oracle: {push: {magnitude: 0.4 N*s}}

Success is judged at every frame; an episode keeps success_once, success_at_end, success_time, failure_time and margin. The
sanity traces are three runs of the same episode: doing nothing (no action), `oracle` (the actions as they are, or with these
fields) and `fails` (the same for a run that must not succeed; left out, doing nothing is the failure). Where nobody does
anything in the episodes, both name whole actions (with `do`).
Limits: one task per spec.
"""

from typing import Annotated, Any

from pydantic import Field

from . import units
from .fields import Name, Quantity, Selectable
from .goals import Goal
from .model import Authored, Text
from .reward import Reward

Fields = dict[Name, dict[Name, Any]]


class Task(Authored):
    """instruction: what an agent is told; default `text`. success, failure: goals. time_limit: default the whole recording.
    stop_on_success: an agent's episode ends with success. oracle, fails: action -> fields that differ in that sanity trace
    (`{}`: as written), or a whole action of the trace alone; an action that `fails` does not name is left out of it."""

    instruction: Annotated[Any, Selectable(Text)] | None = None
    success: Goal
    failure: Goal | None = None
    time_limit: Annotated[Any, Quantity(units.TIME, 0.0, above=True)] | None = None
    stop_on_success: bool = True
    oracle: Annotated[Fields, Field(max_length=100)] = {}
    fails: Annotated[Fields, Field(max_length=100)] | None = None


__all__ = ["Reward", "Task"]
