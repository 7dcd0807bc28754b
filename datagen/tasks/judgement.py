"""The judgement of a batch: success, failure, margins and rewards at every frame, and what is said of the episode in the end.

`Judgement.see` is called once a frame, `verdicts` at any time. Success counts until failure and up to the time limit. A goal
that only says what always was so (`datagen.tasks.goal.is_maintenance`) is reached at the end of the time. A goal that is
unknown at a frame that counts makes the episode invalid, never failed.
Outcome of an episode: success_once, success_at_end, success_time and failure_time [s], margin (robustness at the end of the
task), return.
Limits: one task per batch; see `goal`.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.spec import EpisodeSpec
from datagen.spec.resolved import TaskSpec
from datagen.tasks import logic
from datagen.tasks.goal import Goal, describe, is_maintenance
from datagen.tasks.motion import Motion
from datagen.tasks.reward import Term, potential
from engine.types import Feature

FROM_GOAL = "goal"
NEVER = 1 << 30


@dataclass(frozen=True)
class Verdicts:
    """Of all samples so far. success, failure: (envs, times) bool, as judged at the sample; margin, failure_margin:
    robustness (envs, times); rewards: term -> (envs, times - 1); first_success, first_failure, stop: samples (envs,), NEVER
    where there is none; unknown: (envs,) bool. limit: last sample of the task (envs,)."""

    success: np.ndarray
    failure: np.ndarray
    margin: np.ndarray
    failure_margin: np.ndarray
    rewards: Mapping[str, np.ndarray]
    first_success: np.ndarray
    first_failure: np.ndarray
    stop: np.ndarray
    unknown: np.ndarray
    limit: np.ndarray

    @property
    def reward(self) -> np.ndarray:
        """Sum of the terms (envs, times - 1)."""
        return (
            np.sum(list(self.rewards.values()), axis=0)
            if self.rewards
            else np.zeros((len(self.stop), self.success.shape[1] - 1))
        )


class Judgement:
    """Judges a batch, environment k following specs[k]; all of them have a task. live: measures are taken at every frame, as
    an agent needs them, and not all at the end. last: the sample at which recording ends."""

    def __init__(self, simulation: Any, specs: Sequence[EpisodeSpec], live: bool = False):
        self.motion = Motion(simulation, specs)
        self.motion.live |= live
        first = self._take(specs)
        self.success = self._goal("success")
        self.failure = self._goal("failure")
        self.terms = [Term(self.motion, [task.rewards[k] for task in self.tasks]) for k in range(len(first.rewards))]
        self.maintains = first.success is not None and is_maintenance(first.success)

    def _take(self, specs: Sequence[EpisodeSpec]) -> TaskSpec:
        self.tasks = [spec.task for spec in specs if spec.task is not None]
        fps, last = specs[0].world.fps, specs[0].world.num_frames
        limits = [
            last if task.time_limit is None else min(last, int(logic.frames(task.time_limit, fps))) for task in self.tasks
        ]
        self.limit = np.array(limits)
        return self.tasks[0]

    def redraw(self, specs: Sequence[EpisodeSpec]) -> None:
        """Other draws of the same document from now on: masses, thresholds, time limits. For environments that restart."""
        self.motion.redraw(specs)
        self._take(specs)
        for name, goal in (("success", self.success), ("failure", self.failure)):
            if goal is not None:
                goal.redraw([getattr(task, name) for task in self.tasks])
        for number, term in enumerate(self.terms):
            term.redraw([task.rewards[number] for task in self.tasks])

    def _goal(self, name: str) -> Goal | None:
        goals = [getattr(task, name) for task in self.tasks]
        return Goal(self.motion, goals) if goals[0] is not None else None

    def see(
        self,
        touches: Mapping[str, np.ndarray] | None,
        envs: np.ndarray | None = None,
        contacts: Mapping[str, np.ndarray] | None = None,
    ) -> None:
        """Keep the present state as the next sample (see `Motion.see`)."""
        self.motion.see(touches, envs, contacts)
        if self.motion.live:
            for goal in self._goals():
                goal.update()

    def restart(self, envs: np.ndarray) -> None:
        """Some environments begin anew."""
        self.motion.restart(envs)

    def _goals(self) -> list[Goal]:
        found = [goal for goal in (self.success, self.failure) if goal is not None]
        return found + [goal for term in self.terms for goal in term.goals()]

    def verdicts(self) -> Verdicts:
        """Everything that is known now."""
        shape = (self.motion.num_envs, self.motion.length)
        times = np.arange(self.motion.length)
        none = logic.Signal(np.full(shape, -1, np.int8), np.full(shape, np.nan))
        wanted = none if self.success is None else self.success.update()
        failed = none if self.failure is None else self.failure.update()
        seen = times <= self.motion.clock[:, None]
        failure = (failed.truth > 0) & (times <= self.limit[:, None]) & seen
        first_failure = _first(failure)
        counts = (times <= self.limit[:, None]) & (times < first_failure[:, None]) & seen
        if self.maintains:
            counts &= times == self.limit[:, None]
        success = (wanted.truth > 0) & counts
        first_success = _first(success)
        stops = np.array([task.stop_on_success for task in self.tasks])
        stop = np.minimum(np.minimum(np.where(stops, first_success, NEVER), first_failure), self.limit)
        judged = (times <= stop[:, None]) & seen
        unknown = ((wanted.truth == 0) & judged & (counts if self.maintains else True)).any(1) | (
            (failed.truth == 0) & judged
        ).any(1)
        rewards = {term.name: term.steps(first_success, stop) for term in self.terms}
        if self.tasks[0].from_goal and self.success is not None:
            value = potential(self.success)
            rewards[FROM_GOAL] = np.where(times[1:] <= stop[:, None], value[:, 1:] - value[:, :-1], 0.0)
        return Verdicts(
            success, failure, wanted.rho, failed.rho, rewards, first_success, first_failure, stop, unknown, self.limit
        )

    def reason(self, env: int) -> str:
        """Why the judgement of an environment is unknown."""
        atoms: list[Goal] = []
        queue = self._goals()
        while queue:
            goal = queue.pop()
            queue += goal.parts
            if goal.op in ("measure", "pred") and np.isnan(goal.margin[env, : self.motion.clock[env] + 1]).any():
                atoms.append(goal)
        names = ", ".join(sorted({describe(goal.specs[env]) for goal in atoms})) or "the goal"
        return f"the goal is unknown: {names} cannot be computed"


def _first(truth: np.ndarray) -> np.ndarray:
    """The first true sample of each row, NEVER where there is none."""
    return np.where(truth.any(1), truth.argmax(1), NEVER)


# ---- what a dataset keeps


def features_of(task: TaskSpec | None) -> list[Feature]:
    """The per-frame features of a task, none without one."""
    if task is None:
        return []
    found = []
    if task.success is not None:
        found += [
            Feature("success", "bool", (1,), "", "", None, f"at this frame: {describe(task.success)}"),
            Feature("next.success", "bool", (1,), "", "", None, "after the step from this frame"),
            Feature("margin.success", "float32", (1,), "", "", None, "robustness of success at this frame; NaN: unknown"),
        ]
    if task.failure is not None:
        found += [
            Feature("failure", "bool", (1,), "", "", None, f"at this frame: {describe(task.failure)}"),
            Feature("margin.failure", "float32", (1,), "", "", None, "robustness of failure at this frame; NaN: unknown"),
        ]
    names = [term.name for term in task.rewards] + ([FROM_GOAL] if task.from_goal else [])
    if names:
        found.append(Feature("next.reward", "float32", (1,), "", "", None, "for the step from this frame: sum of the terms"))
    found += [Feature(f"reward.{name}", "float32", (1,), "", "", None, f"the term {name} of next.reward") for name in names]
    return found


def frames_of(task: TaskSpec, verdicts: Verdicts, env: int, length: int) -> dict[str, np.ndarray]:
    """The features of `features_of` for one environment (T, 1), and next.terminated."""
    frames: dict[str, np.ndarray] = {}
    if task.success is not None:
        frames["success"] = verdicts.success[env, :length, None]
        frames["next.success"] = verdicts.success[env, 1 : length + 1, None]
        frames["margin.success"] = verdicts.margin[env, :length, None].astype(np.float32)
    if task.failure is not None:
        frames["failure"] = verdicts.failure[env, :length, None]
        frames["margin.failure"] = verdicts.failure_margin[env, :length, None].astype(np.float32)
    if verdicts.rewards:
        frames["next.reward"] = verdicts.reward[env, :length, None].astype(np.float32)
        frames.update({f"reward.{name}": row[env, :length, None].astype(np.float32) for name, row in verdicts.rewards.items()})
    over = min(verdicts.first_failure[env], verdicts.first_success[env] if task.stop_on_success else NEVER)
    frames["next.terminated"] = (np.arange(1, length + 1) >= over)[:, None]
    return frames


def outcome_of(task: TaskSpec, verdicts: Verdicts, env: int, fps: int) -> dict[str, Any]:
    """What is said of one episode: JSON scalars, None where there is nothing."""
    found: dict[str, Any] = {}
    stop = int(verdicts.stop[env])
    if task.success is not None:
        first = int(verdicts.first_success[env])
        found["success_once"] = first < NEVER
        found["success_at_end"] = bool(verdicts.success[env, min(int(verdicts.limit[env]), verdicts.success.shape[1] - 1)])
        found["success_time"] = round(first / fps, 9) if first < NEVER else None
        found["margin"] = round(float(verdicts.margin[env, stop]), 6) if np.isfinite(verdicts.margin[env, stop]) else None
    failed = int(verdicts.first_failure[env])
    if task.failure is not None:
        found["failure_time"] = round(failed / fps, 9) if failed < NEVER else None
    if verdicts.rewards:
        found["return"] = round(float(verdicts.reward[env].sum()), 6)
    return found
