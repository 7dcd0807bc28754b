"""What a model is asked beside the frames of episodes: the clips of E4 and the questions of E9, without their answers."""

from pathlib import Path
from typing import Any

from datagen.evaluation.questions import questions
from datagen.evaluation.score import read_material


def asked(dataset: Path | str, start: int) -> dict[str, Any]:
    """{"start", "clips": [clip], "questions": {episode_index: [{"text", "choices"}]}} of a dataset, for predictions from
    frame `start`. Errors: DatagenError."""
    material = read_material(dataset, None, start)
    groups: dict[int, list[int]] = {}
    for index, truth in material.truths.items():
        groups.setdefault(truth.group, []).append(index)
    told = {}
    for index, truth in material.truths.items():
        others = [material.truths[other] for other in groups[truth.group] if other != index]
        told[str(index)] = [{"text": one.text, "choices": list(one.choices)} for one in questions(truth, others, start)]
    return {"start": start, "clips": [clip.as_json() for clip in material.clips], "questions": told}
