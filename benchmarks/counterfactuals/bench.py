"""Counterfactual groups of one spec: how many branches begin bit for bit as their base and differ in exactly their edits.

`worldsmith bench counterfactuals` (1,000 groups of a base and eight branches; --quick: 8). For every branch the hash of the
states up to the frame at which it leaves is compared with that of its base, and the difference of the two resolved episodes
with the list of edits.
"""

import json
import platform
import sys
import time
from dataclasses import replace
from pathlib import Path

import numpy as np

import engine
from datagen.episode.edits import difference, edited_fields
from datagen.episode.groups import expand, prefix_sha256
from datagen.episode.layout import make_layout
from datagen.episode.run import run_groups
from datagen.spec import RecordSpec, load_spec, sample
from datagen.writers import FailedEpisode

SPEC = Path(__file__).with_name("groups.yaml")
GROUPS, QUICK = 1000, 8
BATCH = 64


def main(quick: bool = False, backend: str = "cpu") -> list[dict[str, object]]:
    """Rows for `worldsmith bench`: shares of all branches, 1 is needed."""
    counts = count_groups(QUICK if quick else GROUPS)
    shared = {"case": "counterfactuals", "engine": "worldsmith", "unit": "share of branches", "needed": 1.0, "counts": counts}
    where = {"device": platform.processor() or platform.machine(), "date": time.strftime("%Y-%m-%d")}
    made = [("prefix_equal", "begin as their base"), ("edits_equal", "differ in exactly their edits")]
    return [{**shared, **where, "what": text, "measured": counts[name] / counts["branches"]} for name, text in made]


def count_groups(count: int) -> dict[str, float]:
    """Counts over `count` groups."""
    document, began = load_spec(SPEC), time.process_time()
    engine.init(backend="cpu", precision="f32", threads=1)
    counts: dict[str, float] = {
        "groups": 0,
        "branches": 0,
        "prefix_equal": 0,
        "with_shared_frames": 0,
        "edits_equal": 0,
        "failed": 0,
    }
    for first in range(0, count, BATCH):
        groups = [expand(document, sample(document, 11, number)) for number in range(first, min(first + BATCH, count))]
        layout = replace(make_layout([one for group in groups for one in group]), record=RecordSpec(rgb=False, events=False))
        for group, found in zip(groups, run_groups(groups, layout, pictures=False), strict=True):
            counts["groups"] += 1
            base = found[0]
            for spec, result in zip(group[1:], found[1:], strict=True):
                counts["branches"] += 1
                counts["edits_equal"] += difference(group[0], spec) == edited_fields(spec)
                if isinstance(result, FailedEpisode) or isinstance(base, FailedEpisode):
                    counts["failed"] += 1
                    continue
                frame, of = spec.branch.frame, spec.branch.base
                own, other = (prefix_sha256(rows_of(one), of, frame) for one in (result, base))
                counts["prefix_equal"] += own == other
                counts["with_shared_frames"] += frame >= 0
    return {**counts, "processor_seconds": round(time.process_time() - began, 1)}


def rows_of(result: tuple) -> list[np.ndarray]:
    """State rows of one result."""
    recorder, env = result
    return [row[env] for row in recorder.rows]


if __name__ == "__main__":
    print(json.dumps(count_groups(int(sys.argv[1]) if len(sys.argv) > 1 else QUICK)))
