"""What watches a running batch beside the recorder: the judgement of its task and the triggers of its actions, on one motion.

Limits: specs of a batch have goals of equal structure (`goal_structure`).
"""

from collections.abc import Hashable, Mapping, Sequence
from typing import Any

import numpy as np

from datagen.episode.triggers import Triggers, is_triggered
from datagen.spec import EpisodeSpec
from datagen.spec.resolved import GoalSpec
from datagen.tasks.judgement import Judgement, Verdicts
from datagen.tasks.motion import Motion


def goal_structure(spec: EpisodeSpec) -> Hashable:
    """Equal for specs whose goals, rewards and conditions differ in numbers only."""
    actions = tuple((a.id, a.after, _shape(a.when), _shape(a.until)) for a in spec.actions if a.when or a.until or a.after)
    task = spec.task
    if task is None:
        return actions
    rewards = tuple(
        (one.name, one.mode, one.gamma, _shape(one.measure), _shape(one.gate), tuple(map(_shape, one.predicates)))
        for one in task.rewards
    )
    return actions, _shape(task.success), _shape(task.failure), rewards, task.from_goal


def _shape(goal: GoalSpec | None) -> Hashable:
    if goal is None:
        return None
    numbers = (goal.low, goal.high, goal.duration is None, goal.window is None, goal.axis is None, goal.along is None)
    parts = tuple(_shape(part) for part in goal.parts)
    return goal.op, goal.name, goal.of, goal.ref, goal.cmp, goal.scale is None, goal.tol is None, numbers, parts


class Watch:
    """Of one batch, environment k following specs[k]; nothing is done where there is nothing to judge or to wait for."""

    def __init__(self, simulation: Any, specs: Sequence[EpisodeSpec]):
        triggered = is_triggered(specs[0])
        self.judgement = Judgement(simulation, specs, live=triggered) if specs[0].task is not None else None
        self.motion = self.judgement.motion if self.judgement else Motion(simulation, specs) if triggered else None
        self.triggers = Triggers(self.motion, specs) if triggered and self.motion is not None else None
        self._verdicts: Verdicts | None = None

    def see(self, touches: Mapping[str, np.ndarray] | None) -> None:
        """Once a frame; touches: of the interval that led to it."""
        if self.judgement is not None:
            self.judgement.see(touches)
        elif self.motion is not None:
            self.motion.live = True
            self.motion.see(touches)

    def specs(self, frame: int, specs: Sequence[EpisodeSpec]) -> Sequence[EpisodeSpec]:
        """The episodes as their schedules stand at a frame."""
        return specs if self.triggers is None else self.triggers.at(frame)

    @property
    def verdicts(self) -> Verdicts | None:
        """Of the finished batch, computed once."""
        if self.judgement is not None and self._verdicts is None:
            self._verdicts = self.judgement.verdicts()
        return self._verdicts

    def unknown(self, env: int) -> str:
        """Why an episode cannot be judged, "" where it can."""
        if self.judgement is None or self.verdicts is None or not self.verdicts.unknown[env]:
            return ""
        return self.judgement.reason(env)
