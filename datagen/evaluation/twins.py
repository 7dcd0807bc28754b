"""E4: violation of expectation, with clips that are possible and clips that are not, made of the same frames.

Two episodes of a group that look alike while something is hidden are cut there: from (a, b) come the possible clips a and b
and the impossible ones, the beginning of a with the end of b and the other way round, so that single frames tell nothing
(Riochet et al., 2022). A cut is in the middle of the longest stretch of at least HIDDEN frames in which the exact labels of
both are equal and some body that one of them has, and that its clip shows before or after, has no pixel. Before and after the
two have to differ. Kinds: `permanence` (a body is in one of the two only), `immutability` (it looks different), `continuity`
(it is elsewhere). A model gives its surprise at every frame of a clip; measures are in `surprise_items`.
Limits: one camera, the first with pictures and labels; pictures differ where SOME pixels are over VISIBLE apart.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from itertools import combinations
from typing import Any

import numpy as np

from datagen.evaluation.truth import Truth

HIDDEN = 5  # frames
VISIBLE = 0.15  # of a channel
SOME = 4  # pixels


@dataclass(frozen=True)
class Clip:
    """Frames 0 .. cut - 1 of the episode `begin`, then those of the episode `end`. violation: first frame that shows it, None
    of a possible clip. number: of the clip; twins have four in a row."""

    number: int
    begin: int
    end: int
    cut: int
    camera: str
    kind: str
    group: int
    violation: int | None

    def as_json(self) -> dict[str, Any]:
        """Plain values, for those who make predictions: without what tells whether it is possible."""
        return {name: value for name, value in asdict(self).items() if name not in ("violation", "kind")}


def find_clips(truths: Mapping[int, Truth]) -> list[Clip]:
    """All clips of a dataset, by pairs of episodes of a group."""
    groups: dict[int, list[Truth]] = {}
    for index in sorted(truths):
        groups.setdefault(truths[index].group, []).append(truths[index])
    clips: list[Clip] = []
    for members in groups.values():
        for first, second in combinations(members, 2):
            clips += _twins(first, second, len(clips))
        forget(members)
    return clips


def forget(truths: Iterable[Truth]) -> None:
    """Lets go of the pictures that were read."""
    for truth in truths:
        if truth.views is not None:
            truth.views.forget()


def _twins(first: Truth, second: Truth, number: int) -> list[Clip]:
    camera = _camera(first)
    if camera is None or len(first.position) != len(second.position):
        return []
    a, b = (_Shown(one, camera) for one in (first, second))
    cut = cut_of(a, b)
    if cut is None:
        return []
    differs = apart(a, b)
    later = cut + np.flatnonzero(differs[cut:])
    kind, group = _kind(first, second), first.group
    made = [(first, first, None), (second, second, None), (first, second, int(later[0])), (second, first, int(later[0]))]
    return [
        Clip(number + n, one.index, two.index, cut, camera, kind, group, violation)
        for n, (one, two, violation) in enumerate(made)
    ]


class _Shown:
    """What one episode shows: labels and pictures; codes of the bodies that move."""

    def __init__(self, truth: Truth, camera: str):
        views = truth.views
        assert views is not None
        self.labels = views.stream("segmentation", camera)
        self.pictures = views.stream("rgb", camera)
        self.codes = [views.codes[name] for name in truth.names]


def apart(first: Any, second: Any) -> np.ndarray:
    """(T,) whether two episodes look different: labels or pictures."""
    labels = (first.labels != second.labels).any((1, 2))
    far = np.abs(first.pictures.astype(float) - second.pictures).max(-1) > 255.0 * VISIBLE
    found: np.ndarray = labels | (far.sum((1, 2)) >= SOME)
    return found


def cut_of(first: Any, second: Any) -> int | None:
    """The frame at which the two are cut; None where they are no twins."""
    different = apart(first, second)
    hidden: np.ndarray = ~different & (_gone(first) | _gone(second))
    best: tuple[int, int] | None = None
    for begin, end in _runs(hidden):
        if end - begin >= HIDDEN and different[:begin].any() and different[end:].any():
            best = max(best or (0, 0), (end - begin, (begin + end) // 2))
    return None if best is None else best[1]


def _gone(shown: Any) -> np.ndarray:
    """(T,) whether some body that moves has no pixel, though it has some in another frame."""
    seen = np.array([(shown.labels == code).any((1, 2)) for code in shown.codes], bool).reshape(-1, len(shown.labels))
    return np.asarray((~seen[seen.any(1)]).any(0))


def _runs(flags: np.ndarray) -> Iterable[tuple[int, int]]:
    edges = np.flatnonzero(np.diff(np.concatenate([[0], flags.astype(int), [0]])))
    return zip(edges[::2].tolist(), edges[1::2].tolist(), strict=True)


def _kind(first: Truth, second: Truth) -> str:
    if set(first.names) != set(second.names):
        return "permanence"
    looks = [[(one.bodies[name]["shapes"], one.bodies[name].get("color")) for name in first.names] for one in (first, second)]
    return "immutability" if looks[0] != looks[1] else "continuity"


def _camera(truth: Truth) -> str | None:
    views = truth.views
    if views is None:
        return None
    both = [name for name in views.cameras("rgb") if name in views.cameras("segmentation")]
    return both[0] if both else None


def clip_frames(truths: Mapping[int, Truth], clip: Clip, stream: str = "rgb") -> np.ndarray:
    """The frames of a clip, (T, H, W, 3) uint8, or labels (T, H, W)."""
    begin, end = truths[clip.begin].views, truths[clip.end].views
    assert begin is not None and end is not None
    return np.concatenate([begin.stream(stream, clip.camera)[: clip.cut], end.stream(stream, clip.camera)[clip.cut :]])


def surprise_items(clips: Sequence[Clip], told: Mapping[int, np.ndarray]) -> Iterable[tuple[int, str, list[Any]]]:
    """(group, measure, items): of every impossible clip against every possible one of its twins, whether the largest
    (`voe_max`) and the mean surprise (`voe_mean`) is larger; the largest of every clip with whether it is impossible
    (`voe_auroc`); frames between the largest surprise and the violation (`voe_frames`)."""
    twins: dict[int, list[Clip]] = {}
    for clip in clips:
        if clip.number in told:
            twins.setdefault(clip.number // 4, []).append(clip)
    for four in twins.values():
        group = four[0].group
        impossible = [clip for clip in four if clip.violation is not None]
        possible = [clip for clip in four if clip.violation is None]
        for name, size in (("voe_max", np.max), ("voe_mean", np.mean)):
            pairs = [(size(told[a.number]), size(told[b.number])) for a in impossible for b in possible]
            yield group, name, [1.0 if a > b else 0.5 if a == b else 0.0 for a, b in pairs]
        yield group, "voe_auroc", [(float(told[clip.number].max()), clip.violation is not None) for clip in four]
        yield group, "voe_frames", [float(abs(int(told[c.number].argmax()) - (c.violation or 0))) for c in impossible]
