"""How often a scene's skills do what its task asks, over random draws; and in which phase the others failed.

    python -m benchmarks.skills.rates pick_place push_block --episodes 64 --out benchmarks/results/skills-cpu.json

Success is the goal of the task, judged on the recorded motion; what the skill thinks of itself is told beside it. Limits:
processor time counts everything but pictures.
"""

import argparse
import json
import time
from collections import Counter
from pathlib import Path
from typing import Any

import numpy as np

import engine
from datagen import assets
from datagen.episode import make_layout, run_batch
from datagen.policies.skills import NAMES
from datagen.spec import RecordSpec, load_spec, sample
from datagen.writers import FailedEpisode


def measure(scene: str, episodes: int, seed: int = 0) -> dict[str, Any]:
    """Rates of one scene."""
    document = load_spec(assets.scene_path(scene))
    quiet = {"cameras": (), "record": RecordSpec(rgb=False, contacts=False, events=False)}
    specs = [sample(document, seed, index).model_copy(update=quiet) for index in range(episodes)]
    layout = make_layout(specs)
    began = time.process_time()
    records = run_batch(specs, layout, pictures=False)
    spent = time.process_time() - began
    broken = [record for record in records if isinstance(record, FailedEpisode)]
    good = [record for record in records if not isinstance(record, FailedEpisode)]
    phases: Counter[str] = Counter()
    retried = 0
    acts = [number for number, (_, kind) in enumerate(layout.actions) if kind == "skill"]
    for record in good:
        numbers = np.asarray(record.frames["action"]).reshape(len(record.frames["action"]), -1, 8)[:, acts]
        for act, failed in zip(acts, numbers[:, :, 7].max(axis=0), strict=True):
            if failed:
                phases[f"{layout.actions[act][0]}: {NAMES[int(failed) - 1]}"] += 1
        retried += bool((numbers[:, :, 6] > 1).any())
    won = sum(bool(record.outcome.get("success_once")) for record in good)
    return {
        "scene": scene, "episodes": episodes, "seed": seed, "success": won / episodes, "succeeded": won, "faulty": len(broken),
        "retried": retried, "failed_phases": dict(phases), "cpu_s_per_episode": round(spent / episodes, 2),
    }  # fmt: skip


def main() -> None:
    """Measure and print."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("scenes", nargs="+")
    parser.add_argument("--episodes", type=int, default=64)
    parser.add_argument("--seed", type=int, default=0)
    parser.add_argument("--out", type=Path)
    told = parser.parse_args()
    engine.init(backend="cpu", precision="f32", threads=1)
    found = [measure(scene, told.episodes, told.seed) for scene in told.scenes]
    text = json.dumps(found, indent=1)
    print(text)
    if told.out:
        told.out.write_text(text + "\n", encoding="utf-8")


if __name__ == "__main__":
    main()
