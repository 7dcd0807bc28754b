"""Prompts whose words have to come true: each is described, simulated as one small episode, and judged by its trajectory.

`worldsmith bench language` (every prompt of `outcomes.yaml`; --quick: six). A statement is a word, one or two
bodies and a number in SI:

    dx box < -0.05        displacement along x, y, z from the first frame to the last (m); `moved` its length
    z ball < 0.1          height of the centre in the last frame; `highest` and `lowest` over the episode
    tilt cup > 45         angle between the up axes of the first and the last frame (degrees)
    speed box < 0.05      in the last frame (m/s); `fastest` over the episode
    hits ball wall        a contact or collision of the two among the events
    toppled domino_0      a topple among the events

They are read by this file alone: neither the goals nor the judge of the spec take part. Limits: one draw without variation per
prompt; matter, cloth and ropes are left out, for they need a solver each; pictures are not made.
"""

import time
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from ruamel.yaml import YAML

import engine
from datagen.episode.layout import Layout, make_layout
from datagen.episode.run import run_batch
from datagen.language import describe
from datagen.spec import RecordSpec, from_data, sample
from datagen.writers.record import EpisodeRecord

OUTCOMES = Path(__file__).with_name("outcomes.yaml")
QUICK = 6
NEEDED = 0.9
AXES = {"dx": 0, "dy": 1, "dz": 2}


def main(quick: bool = False, backend: str = "cpu") -> list[dict[str, object]]:
    """Rows for `worldsmith bench`: the share of statements that come true, and what failed."""
    engine.init(backend=backend if backend != "auto" else "cpu", precision="f32", threads=1)
    cases = list(outcomes().items())[: QUICK if quick else None]
    began, missed, total = time.process_time(), [], 0
    for prompt, statements in cases:
        total += len(statements)
        found = judged(prompt, statements)
        missed += [{"prompt": prompt, "statement": text, "found": value} for text, true, value in found if not true]
    row = {"case": "language", "engine": "worldsmith", "unit": "share of statements", "needed": NEEDED}
    facts = {"prompts": len(cases), "statements": total, "missed": missed, "date": time.strftime("%Y-%m-%d")}
    seconds = round(time.process_time() - began, 1)
    return [{**row, "measured": round((total - len(missed)) / total, 4), **facts, "processor_seconds": seconds}]


def outcomes() -> dict[str, list[str]]:
    """Prompts and what has to be true in their episodes."""
    return dict(YAML(typ="safe").load(OUTCOMES.read_text(encoding="utf-8")))


def judged(prompt: str, statements: list[str]) -> list[tuple[str, bool, str]]:
    """Every statement with whether it is true, and what was found."""
    made = describe(prompt, "none")
    if made.spec is None:
        return [(text, False, f"no spec: {made.report['rejected']}") for text in statements]
    spec = sample(from_data(made.spec), 1, 0)
    layout = replace(make_layout([spec]), record=RecordSpec(rgb=False))
    record = run_batch([spec], layout, pictures=False)[0]
    if not isinstance(record, EpisodeRecord):
        return [(text, False, str(record)[:200]) for text in statements]
    return [(text, *_true(text, record, layout)) for text in statements]


def _true(text: str, record: EpisodeRecord, layout: Layout) -> tuple[bool, str]:
    word, body, *rest = text.split()
    if word in ("hits", "toppled"):
        kinds = ("collision", "contact_begin") if word == "hits" else ("topple",)
        wanted = {body, *rest}
        pairs = [{event.subject, event.object} - {""} for event in _events(record) if event.type in kinds]
        return wanted in pairs, f"{len(pairs)} {word}"
    value = measure(word, body, record, layout)
    sign, bound = rest[0], float(rest[1])
    return (value < bound) if sign == "<" else (value > bound), f"{value:.4g}"


def _events(record: EpisodeRecord) -> list[Any]:
    return [type("Event", (), one) if isinstance(one, dict) else one for one in record.events]


def measure(word: str, body: str, record: EpisodeRecord, layout: Layout) -> float:
    """A number of the trajectory of a body, in SI, angles in degrees. Raises KeyError for a word that is not known."""
    at = 13 * layout.moving.index(body)
    state = np.asarray(record.frames["observation.state"])[:, at : at + 13]
    place, turn, speed = state[:, :3], state[:, 3:7], np.linalg.norm(state[:, 7:10], axis=1)
    if word in AXES:
        return float(place[-1, AXES[word]] - place[0, AXES[word]])
    known = {
        "moved": float(np.linalg.norm(place[-1] - place[0])),
        "z": float(place[-1, 2]),
        "highest": float(place[:, 2].max()),
        "lowest": float(place[:, 2].min()),
        "speed": float(speed[-1]),
        "fastest": float(speed.max()),
        "tilt": _angle(turn[0], turn[-1]),
    }
    return known[word]


def _angle(first: np.ndarray, last: np.ndarray) -> float:
    """Degrees between the body's z axes in two orientations (wxyz)."""
    ups = [np.array([2 * (x * z + w * y), 2 * (y * z - w * x), 1 - 2 * (x * x + y * y)]) for w, x, y, z in (first, last)]
    return float(np.degrees(np.arccos(np.clip(ups[0] @ ups[1], -1.0, 1.0))))
