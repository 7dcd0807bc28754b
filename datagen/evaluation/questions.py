"""E9: questions about what will happen, made from the recording, with wrong choices from other branches of the same group.

Kinds: `touch` (what does a body touch first), `when` (in which frame do two bodies first touch), `farthest` (which body moves
farthest) and `event` (which sentence of the event log comes true). Each has two to four choices: the right one, then what is
right in the other branches of the group (Zhang et al., 2025, draw hard negatives so), then whatever else may be. The order of
choices is fixed by the number of the episode and of the question. Where a prediction has no answers, they follow from its
motion, as contacts do; what motion cannot tell (events, pairs without a sphere) counts as one over the number of choices.
Limits: templates, no free language; all about the frames after `start` to the end of the episode.
"""

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from datagen.evaluation.contact import TOUCH, gaps_of
from datagen.evaluation.motion import Aligned
from datagen.evaluation.predictions import PredictionError
from datagen.evaluation.truth import Truth

CHOICES = 4
APART = 3  # frames between the times of two choices
CLEAR = 0.01  # m by which the farthest body leads
NOTHING = "nothing"
NEVER = "never"


@dataclass(frozen=True)
class Question:
    """One question about an episode. about: names of the bodies that it is about; answer: place of the right choice."""

    kind: str
    text: str
    about: tuple[str, ...]
    choices: tuple[str, ...]
    answer: int


def questions(truth: Truth, others: Sequence[Truth], start: int) -> list[Question]:
    """The questions about an episode after frame `start`; others: the rest of its group."""
    found = []
    facts, elsewhere = _facts(truth, start), [_facts(other, start) for other in others]
    for place, (key, right) in enumerate(sorted(facts.items())):
        kind, about = key
        wrong = [value for one in elsewhere if (value := one.get(key)) is not None]
        choices = _choices(kind, right, wrong, truth, about, start)
        if len(choices) > 1:
            order = sorted(choices, key=lambda choice: _mix(truth.index, place, choice))
            found.append(Question(kind, _text(kind, about, start), about, tuple(order), order.index(right)))
    event = _event(truth, others, start)
    return found if event is None else [*found, event]


def question_items(aligned: Aligned, others: Sequence[Truth]) -> Iterable[tuple[str, list[float]]]:
    """Credit of every question of one episode, and what a guess gets."""
    asked = questions(aligned.truth, others, aligned.start)
    if not asked:
        return
    _check_answers(aligned, asked)
    answers, rest = aligned.prediction.answers, len(aligned.truth.position) - 1 - aligned.start
    if answers is None and not (aligned.has_motion and aligned.horizon == rest):
        return
    told = _from_motion(aligned) if answers is None else {}
    credit = []
    for place, one in enumerate(asked):
        if answers is not None:
            credit.append(float(answers[place] == one.answer))
        else:
            credit.append(_credit(one, told.get((one.kind, one.about))))
    yield "question_accuracy", credit
    yield "question_chance", [1.0 / len(one.choices) for one in asked]


def _check_answers(aligned: Aligned, asked: Sequence[Question]) -> None:
    answers = aligned.prediction.answers
    if answers is None:
        return
    where = f"episode {aligned.truth.index}: answers"
    if answers.shape != (len(asked),):
        raise PredictionError(where, f"{len(answers)} answers", f"{len(asked)}, one of each question (--asked lists them)")
    for place, one in enumerate(asked):
        if answers[place] not in range(len(one.choices)):
            raise PredictionError(where, f"answer {place} is {answers[place]:g}", f"0 to {len(one.choices) - 1}")


def _credit(question: Question, told: str | None) -> float:
    """1 or 0; a guess where nothing is told. A time counts for the choice that it is nearest to."""
    if told is None:
        return 1.0 / len(question.choices)
    if question.kind == "when" and told != NEVER and told not in question.choices:
        times = [choice for choice in question.choices if choice != NEVER]
        if times:
            frame = int(told.split()[1])
            told = min(times, key=lambda choice: abs(int(choice.split()[1]) - frame))
    return float(told == question.choices[question.answer])


Facts = dict[tuple[str, tuple[str, ...]], str]


def _facts(truth: Truth, start: int) -> Facts:
    """(kind, bodies) -> right choice, of the recording."""
    touches = {pair: truth.touches(pair)[start:-1] for pair in truth.pairs}
    return _told(truth.names, touches, truth.position[start:], start)


def _from_motion(aligned: Aligned) -> Facts:
    """The same of predicted motion, for bodies and pairs of which it tells."""
    touches = {}
    for pair in aligned.truth.pairs:
        gaps = gaps_of(aligned, pair) if set(pair) <= set(aligned.names) else None
        if gaps is not None:
            touches[pair] = gaps <= TOUCH
    return _told(aligned.names, touches, aligned.path(), aligned.start)


def _told(names: Sequence[str], touches: Mapping[tuple[str, str], np.ndarray], path: np.ndarray, start: int) -> Facts:
    firsts = {pair: start + 1 + int(np.argmax(flags)) if flags.any() else None for pair, flags in touches.items()}
    found: Facts = {}
    for pair, frame in firsts.items():
        found["when", pair] = NEVER if frame is None else f"frame {frame}"
    for name in names:
        own = {pair: frame for pair, frame in firsts.items() if name in pair}
        if len(own) == len(names) - 1 and own:
            hits = sorted((frame, pair[pair[0] == name]) for pair, frame in own.items() if frame is not None)
            found["touch", (name,)] = hits[0][1] if hits else NOTHING
    if len(names) > 1:
        moved = np.linalg.norm(path[-1] - path[0], axis=-1)
        found["farthest", ()] = names[int(np.argmax(moved))]
    return found


def _choices(kind: str, right: str, wrong: Sequence[str], truth: Truth, about: tuple[str, ...], start: int) -> list[str]:
    """The right choice and up to three others; one alone where the question is not clear."""
    if kind == "when":
        return _times(right, wrong, start, len(truth.position) - 1)
    if kind == "farthest":
        moved = np.sort(np.linalg.norm(truth.position[-1] - truth.position[start], axis=-1))
        if moved[-1] - moved[-2] < CLEAR:
            return [right]
        rest: list[str] = list(truth.names)
    else:
        rest = [*(name for name in truth.names if name not in about), NOTHING]
    return list(dict.fromkeys([right, *wrong, *rest]))[:CHOICES]


def _times(right: str, wrong: Sequence[str], start: int, last: int) -> list[str]:
    """Times that lie apart; only where the two touch in some branch."""
    if right == NEVER and all(one == NEVER for one in wrong):
        return [right]
    spread = max(APART, (last - start) // 4)
    frames = [int(one.split()[1]) for one in (right, *wrong) if one != NEVER]
    more = [frames[0] + step * spread for step in (1, -1, 2, -2)]
    found = [right]
    for one in [*wrong, NEVER, *(f"frame {frame}" for frame in more if start < frame <= last)]:
        near = one != NEVER and any(c != NEVER and abs(int(c.split()[1]) - int(one.split()[1])) < APART for c in found)
        if one not in found and not near:
            found.append(one)
    return found[:CHOICES]


def _event(truth: Truth, others: Sequence[Truth], start: int) -> Question | None:
    """Which of these happens: one thing that does, and things that happen in other branches only."""
    own = _happens(truth, start)
    wrong = [key for other in others for key in sorted(_happens(other, start)) if key not in own]
    everywhere = set(own)
    for other in others:
        everywhere &= _happens(other, start)
    right = sorted(own - everywhere)
    if not (right and wrong):
        return None
    chosen = list(dict.fromkeys([right[0], *wrong]))[:CHOICES]
    order = sorted(chosen, key=lambda choice: _mix(truth.index, -1, choice))
    return Question("event", f"What happens after frame {start}?", (), tuple(order), order.index(right[0]))


def _happens(truth: Truth, start: int) -> set[str]:
    rows = [row for row in truth.events if row["frame"] > start and not row["type"].startswith(("action", "goal"))]
    return {f"{row['type'].replace('_', ' ')}: {row['subject']} {row['object']}".strip() for row in rows}


def _text(kind: str, about: tuple[str, ...], start: int) -> str:
    if kind == "touch":
        return f"What does {about[0]} touch first after frame {start}?"
    if kind == "when":
        return f"When do {about[0]} and {about[1]} first touch after frame {start}?"
    return f"Which body is farthest at the end from where it is in frame {start}?"


def _mix(index: int, place: int, choice: str) -> bytes:
    return hashlib.sha256(f"{index} {place} {choice}".encode()).digest()
