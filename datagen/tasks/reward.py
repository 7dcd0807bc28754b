"""Rewards of a batch: terms from measures and predicates, and the potential that follows from a goal.

The reward at sample t is for the step that leads from t to t + 1. With x the shaped value, w the weight, h the step:
    per_step w x(t+1);  per_second w h x(t+1);  potential w (gamma x(t+1) - x(t));  at_end w x(end), once
    first_time w, once, when the predicate first holds after frame 0;  per_item the same for every body;  on_success w, once
An unknown value counts nothing. After the end of the task (success with stop_on_success, failure, time limit) nothing is given.
Shapes: tolerance is that of dm_control (Tassa et al. 2018): 1 between the bounds, a sigmoid of the distance over the margin
outside, 0.1 at the margin. `from_goal` (Ng, Harada, Russell 1999: a potential changes no optimal policy): every atom of the
goal is worth
    clip((rho - rho(0)) / (0 - rho(0)), 0, 1), or 1 where it held from the start and still does,
`all` and `count` their mean, `any` the largest, `then` its stages one after the other, `eventually` its best so far.
Limits: gates are 0 or 1.
"""

from collections.abc import Callable, Sequence

import numpy as np

from datagen.spec.resolved import RewardSpec, ShapeFunction
from datagen.tasks import logic
from datagen.tasks.goal import Goal
from datagen.tasks.motion import Motion

AT_MARGIN = 0.1


def _sigmoid(kind: str, x: np.ndarray) -> np.ndarray:
    """Falls from 1 at 0 to 0.1 at 1."""
    with np.errstate(over="ignore"):
        shapes: dict[str, Callable[[], np.ndarray]] = {
            "gaussian": lambda: np.exp(np.log(AT_MARGIN) * x * x),
            "hyperbolic": lambda: 1.0 / np.cosh(np.minimum(x * np.arccosh(1.0 / AT_MARGIN), 700.0)),
            "long_tail": lambda: 1.0 / (x * x * (1.0 / AT_MARGIN - 1.0) + 1.0),
            "reciprocal": lambda: 1.0 / (x * (1.0 / AT_MARGIN - 1.0) + 1.0),
            "cosine": lambda: np.where(x * _COSINE < 1.0, 0.5 * (1.0 + np.cos(np.pi * np.minimum(x * _COSINE, 1.0))), 0.0),
            "linear": lambda: np.maximum(1.0 - x * (1.0 - AT_MARGIN), 0.0),
            "quadratic": lambda: np.maximum(1.0 - x * x * (1.0 - AT_MARGIN), 0.0),
            "tanh_squared": lambda: 1.0 - np.tanh(x * np.arctanh(np.sqrt(1.0 - AT_MARGIN))) ** 2,
        }
        return shapes[kind]()


_COSINE = float(np.arccos(2.0 * AT_MARGIN - 1.0) / np.pi)


def shaped(shape: ShapeFunction, x: np.ndarray) -> np.ndarray:
    """A measure as a number."""
    if shape.type == "tolerance":
        beyond = np.maximum(np.maximum(shape.low - x, x - shape.high), 0.0)
        if shape.margin <= 0.0:
            return np.where(np.isnan(x), np.nan, (beyond == 0.0).astype(float))
        return np.where(beyond == 0.0, 1.0, _sigmoid(shape.sigmoid, beyond / shape.margin))
    if shape.type == "linear":
        width = shape.high - shape.low
        return np.clip((x - shape.low) / (width if width != 0.0 else 1e-12), 0.0, 1.0)
    if shape.type == "exp":
        return np.exp(-x / shape.scale)
    if shape.type == "tanh":
        return 1.0 - np.tanh(x / shape.scale)
    if shape.type == "step":
        return np.where(np.isnan(x), np.nan, (x >= shape.at).astype(float))
    return x / shape.per


class Term:
    """One term of the reward of a batch."""

    def __init__(self, motion: Motion, specs: Sequence[RewardSpec]):
        first = specs[0]
        self.motion, self.name, self.mode = motion, first.name, first.mode
        self.specs, self.weight = list(specs), np.array([[spec.weight] for spec in specs])
        measures = [spec.measure for spec in specs if spec.measure is not None]
        self.measure = Goal(motion, measures) if measures else None
        self.predicates = [Goal(motion, [spec.predicates[k] for spec in specs]) for k in range(len(first.predicates))]
        gates = [spec.gate for spec in specs if spec.gate is not None]
        self.gate = Goal(motion, gates) if gates else None

    def redraw(self, specs: Sequence[RewardSpec]) -> None:
        """Other weights, shapes and thresholds from now on."""
        self.specs, self.weight = list(specs), np.array([[spec.weight] for spec in specs])
        for goal, name in ((self.measure, "measure"), (self.gate, "gate")):
            if goal is not None:
                goal.redraw([getattr(spec, name) for spec in specs])
        for number, goal in enumerate(self.predicates):
            goal.redraw([spec.predicates[number] for spec in specs])

    def goals(self) -> list[Goal]:
        """All goals inside."""
        return [goal for goal in (self.measure, self.gate, *self.predicates) if goal is not None]

    def steps(self, success: np.ndarray, stop: np.ndarray) -> np.ndarray:
        """Reward of every step (envs, times - 1). success: first sample of success, or beyond the end; stop: sample at which
        the task ends (envs,)."""
        length = self.motion.length
        later = np.arange(1, length)
        if self.mode in ("first_time", "per_item"):
            given = sum(
                (_first(goal.update().truth > 0) for goal in self.predicates), np.zeros((self.motion.num_envs, length))
            )[:, 1:]
        elif self.mode == "on_success":
            given = self._value()[:, 1:] * (later == success[:, None])
        elif self.mode == "at_end":
            given = self._value()[:, 1:] * (later == stop[:, None])
        elif self.mode == "potential":
            value = self._value()
            given = self.specs[0].gamma * value[:, 1:] - value[:, :-1]
        else:
            given = self._value()[:, 1:] * (1.0 / self.motion.fps if self.mode == "per_second" else 1.0)
        if self.gate is not None:
            given = given * (self.gate.update().truth > 0)[:, 1:]
        return np.where(later <= stop[:, None], self.weight * np.nan_to_num(given, nan=0.0), 0.0)

    def _value(self) -> np.ndarray:
        """Shaped values (envs, times); of a predicate 1 while it holds."""
        if self.measure is None:
            return (self.predicates[0].update().truth > 0).astype(float)
        values = self.measure.values()
        return np.stack(
            [shaped(spec.shape or ShapeFunction(type="identity"), row) for spec, row in zip(self.specs, values, strict=True)]
        )


def _first(truth: np.ndarray) -> np.ndarray:
    """1 at the first true sample, unless that is sample 0."""
    ever = np.maximum.accumulate(truth, axis=1)
    before = np.concatenate([truth[:, :1], ever[:, :-1]], axis=1)
    return (truth & ~before).astype(float)


def potential(goal: Goal) -> np.ndarray:
    """How much of a goal is reached (envs, times) in [0, 1]; what is unknown counts nothing."""
    if goal.op in ("measure", "pred"):
        rho = np.nan_to_num(goal.update().rho, nan=-1.0)
        start = rho[:, :1]
        share = np.clip((rho - start) / np.where(start < 0.0, -start, 1.0), 0.0, 1.0)
        return np.where(start < 0.0, share, (rho >= 0.0).astype(float))
    inner = [potential(part) for part in goal.parts]
    if goal.op in ("hold", "eventually", "until"):
        return np.maximum.accumulate(inner[-1], axis=1) if goal.op != "hold" else inner[0]
    if goal.op == "any":
        return np.max(inner, axis=0)
    if goal.op == "then":
        return _staged(goal, inner)
    if goal.op == "count" and inner:
        wanted = min(max(goal.specs[0].low or 0, 1), len(inner))
        return np.sort(inner, axis=0)[-wanted:].mean(0)
    if goal.op == "all" and inner:
        return np.mean(inner, axis=0)
    return (goal.update().truth > 0).astype(float)


def _staged(goal: Goal, inner: list[np.ndarray]) -> np.ndarray:
    """Stages one after the other: a stage counts from the sample after the one before was reached."""
    total, open_now = np.zeros_like(inner[0]), np.ones(inner[0].shape, bool)
    for part, share in zip(goal.parts, inner, strict=True):
        total += np.maximum.accumulate(np.where(open_now, share, 0.0), axis=1)
        reached = np.maximum.accumulate((part.update().truth > 0) & open_now, axis=1)
        open_now = np.concatenate([np.zeros_like(reached[:, :1]), reached[:, :-1]], axis=1)
    return total / len(inner)


__all__ = ["Term", "logic", "potential", "shaped"]
