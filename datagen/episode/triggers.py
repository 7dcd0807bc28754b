"""Actions that start or end when something happens: the schedule of every environment as it stands at a frame.

`when` starts an action at the first frame, from its `start` on, at which its goal holds; `after` starts it that long after
the end of another action; `until` ends it at the first frame after its start at which its goal holds: a force stops, a drive
lets go, a carried body stays where it is. Conditions are judged at frames, before the actions of the frame are applied.
Limits: an action that has ended does not start again.
"""

from collections.abc import Sequence

from datagen.actions import path_pose
from datagen.spec import ActionSpec, EpisodeSpec, WaypointSpec
from datagen.tasks.goal import Goal
from datagen.tasks.motion import Motion

EARLY = 1e-6  # frames
ONGOING = ("joint_target",)  # ends with the episode


def is_triggered(spec: EpisodeSpec) -> bool:
    """Whether any action of an episode waits for something."""
    return any(action.when or action.until or action.after for action in spec.actions)


class Triggers:
    """Starts and ends of one batch. motion: what has been seen; it must be live."""

    def __init__(self, motion: Motion, specs: Sequence[EpisodeSpec]):
        self.motion, self.specs, self.fps = motion, list(specs), specs[0].world.fps
        self._live = list(specs)
        self._started: list[dict[str, float]] = [{} for _ in specs]
        self._ended: list[dict[str, float]] = [{} for _ in specs]
        self._goals: dict[tuple[str, str], Goal] = {}
        for number, action in enumerate(specs[0].actions):
            for key in ("when", "until"):
                goals = [getattr(spec.actions[number], key) for spec in specs]
                if goals[0] is not None:
                    self._goals[action.id, key] = Goal(motion, goals)
        for env, spec in enumerate(specs):
            self._started[env] = {a.id: a.start for a in spec.actions if a.when is None and a.after is None}
            self._refresh(env)

    def at(self, frame: int) -> list[EpisodeSpec]:
        """The episodes with the actions that have started by now, with the times that they really have."""
        holds = {key: goal.update().truth[:, -1] > 0 for key, goal in self._goals.items()}
        for env, spec in enumerate(self.specs):
            changed = [self._check(env, action, frame, holds) for action in spec.actions]
            if any(changed):
                self._refresh(env)
        return self._live

    def _check(self, env: int, action: ActionSpec, frame: int, holds: dict) -> bool:
        now, started, ended = frame / self.fps, self._started[env], self._ended[env]
        if action.id not in started:
            if action.when is not None and holds[action.id, "when"][env] and frame >= action.start * self.fps - EARLY:
                started[action.id] = now
                return True
            before = None if action.after is None else self._end(env, action.after, now)
            if before is not None:
                started[action.id] = before + action.start
            return before is not None
        running = action.id not in ended and frame > started[action.id] * self.fps + EARLY
        if action.until is not None and running and holds[action.id, "until"][env]:
            ended[action.id] = now
            return True
        return False

    def _end(self, env: int, name: str, now: float) -> float | None:
        """When an action has ended, None while it has not."""
        ids = [a for a in self.specs[env].actions if a.id == name or a.id.startswith(f"{name}_")]
        ends = []
        for action in ids:
            if action.id in self._ended[env]:
                ends.append(self._ended[env][action.id])
            elif action.id in self._started[env] and action.do not in ONGOING:
                ends.append(self._started[env][action.id] + action.duration)
        return max(ends) if len(ends) == len(ids) and ends and max(ends) <= now + EARLY else None

    def _refresh(self, env: int) -> None:
        spec = self.specs[env]
        live = [self._cut(action, self._started[env], self._ended[env]) for action in spec.actions]
        self._live[env] = spec.model_copy(update={"actions": tuple(action for action in live if action is not None)})

    def _cut(self, action: ActionSpec, started: dict[str, float], ended: dict[str, float]) -> ActionSpec | None:
        """An action with its real times, None while it has not started or when it has let go."""
        if action.id not in started:
            return None
        start = started[action.id]
        moved = action.model_copy(update={"start": start})
        if action.id not in ended:
            return moved
        if action.do in ONGOING:
            return None
        length = ended[action.id] - start
        if action.do != "move":
            return moved.model_copy(update={"duration": min(action.duration, length)})
        position, rotation = path_pose(moved, length)
        last = WaypointSpec(time=length, position=tuple(map(float, position)), rotation=tuple(map(float, rotation)))
        points = tuple(point for point in action.waypoints if point.time < length)
        return moved.model_copy(update={"waypoints": (*points, last), "duration": length})
