"""E1 and E8: who will touch whom, when, and how hard.

E1 (Bear et al., 2021: object contact prediction): for every asked pair of moving bodies, whether an impulse passes between them
after the last frame seen. Where no logits are given they follow from predicted motion: within each interval bodies go on with
the velocity of its beginning, and the smallest gap decides. E8: the touches of single frames, matched within one frame, and the
mean forces of intervals, over the sum of the true ones.
Limits: gaps are those of `penetration`; between boxes that are apart they may be too small, so that a touch of corners may be
told early.
"""

from collections.abc import Iterable, Sequence
from typing import Any

import numpy as np

from datagen.evaluation.motion import Aligned
from datagen.evaluation.penetration import depth_of

TOUCH = 1e-3  # m: surfaces nearer than this touch
SOFTNESS = 1e-2  # m of gap for one unit of logit
WITHIN = 8  # places looked at within an interval
TOLERANCE = 1  # frames by which a touch may be early or late


def contact_items(aligned: Aligned) -> Iterable[tuple[str, list[Any]]]:
    """Items of the contact measures of one episode: (score, label) of every asked pair."""
    asked = _asked(aligned)
    if asked:
        yield "contact_auroc", asked
        yield "contact_accuracy", [float((score > 0.0) == label) for score, label in asked]
        yield "contact_majority", [label for _, label in asked]
    if aligned.prediction.frame_logits is not None:
        yield "touch_f1", _matched(aligned)
    if aligned.prediction.frame_forces is not None:
        yield "force_error", _forces(aligned)


def verdicts(aligned: Aligned) -> dict[tuple[str, str], tuple[float, bool]]:
    """(score, label) of every asked pair of bodies of the episode."""
    prediction, truth = aligned.prediction, aligned.truth
    if prediction.contact_logits is not None:
        last = aligned.start + (aligned.horizon or len(truth.position))
        here = [(pair, logit) for pair, logit in zip(prediction.contact_pairs, prediction.contact_logits, strict=True)]
        here = [(pair, logit) for pair, logit in here if set(pair) <= set(truth.names)]
        return {pair: (float(logit), bool(truth.touches(pair)[aligned.start : last].any())) for pair, logit in here}
    if not aligned.has_motion:
        return {}
    found = {}
    for pair in truth.pairs:
        nearest = _nearest(aligned, pair) if set(pair) <= set(aligned.names) else None
        if nearest is not None:
            found[pair] = ((TOUCH - nearest) / SOFTNESS, bool(truth.touches(pair)[aligned.intervals].any()))
    return found


def _asked(aligned: Aligned) -> list[tuple[float, bool]]:
    return list(verdicts(aligned).values())


def _nearest(aligned: Aligned, pair: tuple[str, str]) -> float | None:
    """The smallest gap of a pair over the prediction; None where its shapes are not measured."""
    gaps = gaps_of(aligned, pair)
    return None if gaps is None else float(gaps.min())


def gaps_of(aligned: Aligned, pair: tuple[str, str]) -> np.ndarray | None:
    """The smallest gap of a pair in every predicted interval (H,); None where its shapes are not measured."""
    bodies = aligned.truth.bodies
    if not set(pair) <= set(bodies):
        return None
    path, speed, turns = aligned.path(), aligned.velocities(), aligned.turns()
    along = np.linspace(0.0, 1.0 / aligned.truth.fps, WITHIN)[:, None, None]

    def way(name: str) -> tuple[np.ndarray, np.ndarray]:
        column = aligned.names.index(name)
        ahead = path[None, :-1, column] + along * speed[None, :-1, column]  # (WITHIN, H, 3)
        turn = np.broadcast_to(turns[None, :-1, column], (WITHIN, len(turns) - 1, 4))
        return ahead.reshape(-1, 3), turn.reshape(-1, 4)

    depth = depth_of(bodies[pair[0]], *way(pair[0]), bodies[pair[1]], *way(pair[1]))
    return None if depth is None else -depth.reshape(WITHIN, -1).max(0)


def _matched(aligned: Aligned) -> list[tuple[int, int, int, int]]:
    """Per pair: predicted touches with a true one nearby, predicted, true ones with a predicted one nearby, true."""
    logits = aligned.prediction.frame_logits
    assert logits is not None
    items = []
    for column, pair in enumerate(aligned.prediction.contact_pairs):
        if set(pair) <= set(aligned.truth.names):
            told, true = logits[:, column] > 0.0, aligned.truth.touches(pair)[aligned.intervals]
            items.append((int((told & _wide(true)).sum()), int(told.sum()), int((true & _wide(told)).sum()), int(true.sum())))
    return items


def _forces(aligned: Aligned) -> list[tuple[float, float]]:
    """Per pair: sum of |told - true| and of the true mean forces of all intervals, N."""
    told, truth = aligned.prediction.frame_forces, aligned.truth
    assert told is not None
    items = []
    for column, pair in enumerate(aligned.prediction.contact_pairs):
        if set(pair) <= set(truth.names):
            none = np.zeros(len(truth.position))
            true = truth.impulse.get(frozenset(pair), none)[aligned.intervals] * truth.fps
            items.append((float(np.abs(told[:, column] - true).sum()), float(true.sum())))
    return items


def relative(items: Sequence[tuple[float, float]]) -> float:
    """Sum of errors over sum of sizes; nan where nothing is there."""
    wrong, size = np.sum(items, axis=0)
    return float(wrong / size) if size > 0.0 else float("nan")


def _wide(flags: np.ndarray) -> np.ndarray:
    return np.convolve(flags, np.ones(2 * TOLERANCE + 1), "same") > 0.5


def f1(items: Sequence[tuple[int, int, int, int]]) -> float:
    """F1 of matched touches; nan where there is no true one."""
    right, told, found, true = np.sum(items, axis=0)
    if true == 0:
        return float("nan")
    precision, recall = right / max(told, 1), found / true
    return float(2.0 * precision * recall / max(precision + recall, 1e-12))
