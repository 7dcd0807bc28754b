"""Counterfactual groups: a base and its branches, which share every draw and the exact state up to where a branch leaves.

`expand` makes the specs of a group. `Past` gives a running batch of branches the frames of their bases: up to the frame at
which a branch leaves, its state is that of the base, bit for bit (the rows of the snapshot), and so are contacts, impulses
and what was done. `prefix_sha256` is the hash of these rows; branch and base must have the same, or the branch is not stored.
Limits: a branch that leaves after `start` has the bodies and joints of its base.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from datagen.episode.edits import branch_of, branches_of, renewed
from datagen.episode.recording import Recorder, of_env
from datagen.spec import DatasetSpec, EpisodeSpec
from datagen.spec.resolved import BranchSpec

BASE = "base"


def group_size(document: DatasetSpec) -> int:
    """Episodes of one draw: 1, or the base and its branches."""
    return 1 + len(branches_of(document))


def expand(document: DatasetSpec, drawn: EpisodeSpec) -> list[EpisodeSpec]:
    """The base of a drawn episode and its branches, with the indices that they have in the dataset. Raises EditError."""
    branches = branches_of(document)
    if not branches:
        return [drawn]
    group, size = drawn.index, 1 + len(branches)
    members = [renewed(drawn, {"branch": BranchSpec(id=BASE, group=group)})]
    members += [branch_of(document, drawn, branch, group) for branch in branches]
    first = group * size
    own = [member.branch.model_copy(update={"first": first}) for member in members if member.branch is not None]
    return [renewed(member, {"index": first + n, "branch": own[n]}) for n, member in enumerate(members)]


class Past:
    """What the branches of one batch share with their bases. bases: per environment the recorder of the base and its
    environment, or None where the branch is built anew."""

    def __init__(self, specs: Sequence[EpisodeSpec], bases: Sequence[tuple[Recorder, int] | None]):
        self.bases = list(bases)
        pairs = zip(specs, bases, strict=True)
        frames = [-1 if spec.branch is None or base is None else spec.branch.frame for spec, base in pairs]
        self.leaves = np.array(frames)

    def put(self, recorder: Recorder, frame: int) -> None:
        """The state of the base at a frame, for every environment that has not left by then."""
        sharing = np.flatnonzero(self.leaves >= frame)
        if len(sharing):
            rows = np.array(recorder.simulation.snapshot())
            for env in sharing.tolist():
                base, own = self._base(env)
                rows[env] = base.rows[frame][own]
            recorder.simulation.restore(rows)

    def overlay(self, recorder: Recorder, tables: list, name: str, frame: int, last: bool) -> None:
        """The rows of the base in the last of some tables. last: whether the frame at which a branch leaves is shared as
        well."""
        sharing = np.flatnonzero(self.leaves >= frame if last else self.leaves > frame)
        if not len(sharing):
            return
        own = {key: values[~np.isin(tables[-1]["env"], sharing)] for key, values in tables[-1].items()}
        parts = [own]
        for env in sharing.tolist():
            base, place = self._base(env)
            rows = of_env(getattr(base, name)[frame], place)
            parts.append({**rows, "env": np.full(len(rows["env"]), env, rows["env"].dtype)})
        joined = {key: np.concatenate([part[key] for part in parts]) for key in own}
        order = np.argsort(joined["env"], kind="stable")
        tables[-1] = {key: values[order] for key, values in joined.items()}

    def applied(self, applied: list[dict[str, np.ndarray]], frame: int) -> None:
        """What the base did in the intervals before the branch leaves."""
        for env in np.flatnonzero(self.leaves > frame).tolist():
            base, own = self._base(env)
            applied[env] = dict(base.applied[frame][own])

    def before(self, recorder: Recorder) -> None:
        """What touched in the interval before frame 0."""
        tables = [recorder.before] if recorder.before is not None else []
        if tables:
            for env in np.flatnonzero(self.leaves >= 0).tolist():
                base, _ = self._base(env)
                if base.before is None:
                    return
            kept: list[Any] = tables
            _overlay_before(self, kept)
            recorder.before = kept[0]

    def _base(self, env: int) -> tuple[Recorder, int]:
        base = self.bases[env]
        if base is None:
            raise ValueError("a branch without a base")  # `leaves` is -1 there
        return base


def _overlay_before(past: Past, tables: list[Any]) -> None:
    sharing = np.flatnonzero(past.leaves >= 0)
    own = {key: values[~np.isin(tables[0]["env"], sharing)] for key, values in tables[0].items()}
    parts = [own]
    for env in sharing.tolist():
        base, place = past._base(env)
        if base.before is not None:
            rows = of_env(base.before, place)
            parts.append({**rows, "env": np.full(len(rows["env"]), env, rows["env"].dtype)})
    joined = {key: np.concatenate([part[key] for part in parts]) for key in own}
    order = np.argsort(joined["env"], kind="stable")
    tables[0] = {key: values[order] for key, values in joined.items()}


def prefix_sha256(rows: Sequence[np.ndarray], base: EpisodeSpec | str, frame: int) -> str:
    """Hash of the base's content and of the state rows of frames 0 .. frame (-1: of none)."""
    digest = hashlib.sha256((base if isinstance(base, str) else base.content_hash).encode())
    for row in rows[: frame + 1]:
        digest.update(np.ascontiguousarray(row, row.dtype.newbyteorder("<")).tobytes())
    return digest.hexdigest()


Events = Sequence[Mapping[str, Any]]


def changed_events(base: Events, branch: Events, near: int) -> dict[str, list[str]]:
    """What vanished and what appeared: events of one episode without a like one (type and bodies) within `near` frames in the
    other, as `frame type subject object`."""

    def left(own: Events, other: Events) -> list[str]:
        free = list(other)
        found = []
        for event in own:
            same = [one for one in free if _alike(one, event) and abs(one["frame"] - event["frame"]) <= near]
            if same:
                free.remove(min(same, key=lambda one: abs(one["frame"] - event["frame"])))
            else:
                found.append(f"{event['frame']} {event['type']} {event['subject']} {event['object']}".rstrip())
        return found

    return {"vanished": left(base, branch), "appeared": left(branch, base)}


def _alike(a: Mapping[str, Any], b: Mapping[str, Any]) -> bool:
    return a["type"] == b["type"] and {a["subject"], a["object"]} == {b["subject"], b["object"]}
