"""A goal of a batch: the nodes of `GoalSpec`, one per environment and all of one structure, computed together.

`Goal.update` computes the atoms of the samples that are new (all of them where an atom looks back) and the logic above them;
`datagen.tasks.logic` says what it means. A maintenance goal, one that only says what has always been so, is reached at the end.
Limits: goals of a batch have the same words and numbers of parts; thresholds and directions may differ.
"""

from collections.abc import Sequence

import numpy as np

from datagen.spec.resolved import GoalSpec
from datagen.spec.vocabulary import MEASURES
from datagen.tasks import logic
from datagen.tasks.logic import Signal
from datagen.tasks.measures import Arguments, compute
from datagen.tasks.motion import NOW, Motion
from datagen.tasks.predicates import LARGEST, LOOKING_BACK, Condition, margin


class Goal:
    """One node for every environment of a batch. name: how it reads; parts: its nodes."""

    def __init__(self, motion: Motion, specs: Sequence[GoalSpec]):
        first = specs[0]
        self.motion, self.op = motion, first.op
        self.name = describe(first)
        self.parts = [Goal(motion, [spec.parts[number] for spec in specs]) for number in range(len(first.parts))]
        self._take(specs)
        self.margin = np.zeros((motion.num_envs, 0))
        self._scaled = np.zeros((motion.num_envs, 0))
        self.absent = self._check_names()

    def _take(self, specs: Sequence[GoalSpec]) -> None:
        self._judged = -1  # version of the motion that the margins belong to
        self.specs, first = list(specs), specs[0]
        self.arguments = Arguments(
            self.motion.spread(first.of) if _wants_bodies(first) else first.of,
            first.ref,
            _stacked(specs, "axis"),
            _stacked(specs, "along"),
        )
        self.value, self.tol = _numbers(specs, "value"), _numbers(specs, "tol")

    def redraw(self, specs: Sequence[GoalSpec]) -> None:
        """Other thresholds and directions from now on; what has been judged stays."""
        for number, part in enumerate(self.parts):
            part.redraw([spec.parts[number] for spec in specs])
        self._take(specs)

    def _check_names(self) -> bool:
        """Unknown names are found when the batch is built, not at its first frame. Whether one of them was removed by a
        branch: a condition about a body that is not there is false."""
        spec = self.motion.specs[0]
        declared = {one.name for one in spec.matter}
        edits = () if spec.branch is None else spec.branch.edits
        removed = {edit.path.removeprefix("bodies.") for edit in edits if edit.op == "remove"}
        for name in (*self.arguments.of, *self.arguments.ref):
            if name in removed and name not in self.motion.body:
                return True
            if name not in declared and not (name in self.motion.joints and name not in self.motion.body):
                self.motion.spread((name,))
        return False

    def update(self) -> Signal:
        """The signal over all samples of the motion."""
        if self.op in ("measure", "pred"):
            return self._atom()
        signals = [part.update() for part in self.parts]
        shape = (self.motion.num_envs, self.motion.length)
        fps = self.motion.fps
        duration = None if self.specs[0].duration is None else logic.frames(_numbers(self.specs, "duration")[:, 0], fps)
        if self.op == "not":
            return logic.negation(signals[0])
        if self.op in ("all", "any"):
            if not signals:
                return logic.count([], 0 if self.op == "all" else 1, None, shape)
            return logic.all_of(signals) if self.op == "all" else logic.any_of(signals)
        if self.op == "eventually":
            return logic.eventually(signals[0], duration)
        if self.op == "always":
            ends = [spec.window or (0.0, np.inf) for spec in self.specs]
            first, last = (np.minimum(np.array(end) * fps, 1e9) for end in zip(*ends, strict=True))
            return logic.always(signals[0], np.ceil(first - 1e-6), np.floor(last + 1e-6))
        if self.op == "hold" and duration is not None:
            return logic.hold(signals[0], duration)
        if self.op == "then":
            return logic.then(signals, duration)
        if self.op == "until":
            return logic.until(signals[0], signals[1], duration)
        return logic.count(signals, self.specs[0].low, self.specs[0].high, shape)

    def _atom(self) -> Signal:
        motion, known = self.motion, self._scaled.shape[1]
        if self._judged == motion.version:
            return logic.from_margin(self._scaled[:, : motion.length])
        self._judged = motion.version
        if self.absent:
            self.margin = self._scaled = np.full((motion.num_envs, motion.length), -1.0)
        elif self.looks_back:
            self.margin, self._scaled = self._margins(0)
        elif not motion.live:
            own, scaled = self._margins(known if known < motion.length else 0)
            before = motion.length - own.shape[1]
            self.margin = np.concatenate([self.margin[:, :before], own], axis=1)
            self._scaled = np.concatenate([self._scaled[:, :before], scaled], axis=1)
        else:
            self._grow()
            own, scaled = self._margins(NOW)
            at = np.arange(motion.num_envs), motion.clock
            self.margin[at], self._scaled[at] = own[:, 0], scaled[:, 0]
        return logic.from_margin(self._scaled[:, : motion.length])

    def _grow(self) -> None:
        """Room for every sample."""
        missing = self.motion.length - self._scaled.shape[1]
        if missing > 0:
            spare = np.full((self.motion.num_envs, missing + 64), np.nan)
            self.margin = np.concatenate([self.margin, spare], axis=1)
            self._scaled = np.concatenate([self._scaled, spare], axis=1)

    def values(self) -> np.ndarray:
        """Values of a measure without comparison (envs, times)."""
        motion = self.motion
        if not motion.live or MEASURES[self.specs[0].name].history:
            return compute(motion, self.specs[0].name, self.arguments)
        self._grow()
        at = np.arange(motion.num_envs), motion.clock
        self.margin[at] = compute(motion, self.specs[0].name, self.arguments, NOW)[:, 0]
        return self.margin[:, : motion.length]

    @property
    def looks_back(self) -> bool:
        """Whether values of past samples may change what a new one is worth, so that all are computed."""
        first = self.specs[0]
        if first.op == "pred":
            return first.name in LOOKING_BACK
        return MEASURES[first.name].history

    def _margins(self, since: int) -> tuple[np.ndarray, np.ndarray]:
        first = self.specs[0]
        if first.op == "pred":
            return margin(self.motion, first.name, Condition(self.arguments, self.value, self.tol), since)
        value = compute(self.motion, first.name, self.arguments, since)
        if not first.cmp:
            return value, np.zeros_like(value)
        if first.cmp == "about":
            own, scale = self.tol - np.abs(value - self.value), self.tol
        else:
            own = value - self.value if first.cmp in (">", ">=") else self.value - value
            scale = np.abs(self.value)
        if first.scale is not None:
            scale = _numbers(self.specs, "scale")
        if first.cmp in ("<", ">"):
            own = np.where(own == 0.0, -np.finfo(float).tiny, own)
        return own, np.clip(own / np.where(scale > 1e-12, scale, 1.0), -LARGEST, LARGEST)


def _wants_bodies(spec: GoalSpec) -> bool:
    return spec.op == "pred" and spec.name == "stacked"


def _stacked(specs: Sequence[GoalSpec], key: str) -> np.ndarray | None:
    values = [getattr(spec, key) for spec in specs]
    return None if values[0] is None else np.array(values, float)


def _numbers(specs: Sequence[GoalSpec], key: str) -> np.ndarray:
    return np.array([[np.nan if getattr(spec, key) is None else getattr(spec, key)] for spec in specs], float)


def is_maintenance(spec: GoalSpec) -> bool:
    """Whether a goal only says what has always been so, and can therefore be judged at the end alone."""
    if spec.op == "always":
        return True
    if spec.op == "not":
        return spec.parts[0].op == "eventually"
    if spec.op == "all":
        return bool(spec.parts) and all(is_maintenance(part) for part in spec.parts)
    return spec.op == "any" and any(is_maintenance(part) for part in spec.parts)


def describe(spec: GoalSpec) -> str:
    """A goal in one line, in the words of the spec."""
    if spec.op in ("measure", "pred"):
        inner = ", ".join((*spec.of, *spec.ref))
        word = f"{spec.name}({inner})" if inner else spec.name
        if spec.op == "pred" or not spec.cmp:
            return word
        about = f" +- {spec.tol:.4g}" if spec.tol is not None else ""
        return f"{word} {'~' if spec.cmp == 'about' else spec.cmp} {spec.value:.4g}{about}"
    return f"{spec.op}({', '.join(describe(part) for part in spec.parts)})"
