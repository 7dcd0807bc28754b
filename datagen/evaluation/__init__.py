"""Scores predictions of world models against the episodes of a dataset.

Decides what a prediction file holds (`predictions`), what is known about an episode (`truth`, `views`), what is measured
(`motion`, `contact`, `counterfactual`, `conservation`, `latents`, `pictures`, `twins` with `surprise`, `questions`), what it is
compared with (`baselines`, `picture_baselines`, `floor`) and how sure a figure is (`bootstrap`). The format and the measures
are told in `docs/evaluation.md`.
"""

from datagen.evaluation.asked import asked
from datagen.evaluation.floor import Replica
from datagen.evaluation.predictions import Prediction, PredictionError, read_predictions, write_prediction
from datagen.evaluation.score import episode_errors, evaluate
from datagen.evaluation.surprise import write_surprise

__all__ = [
    "Prediction",
    "PredictionError",
    "Replica",
    "asked",
    "episode_errors",
    "evaluate",
    "read_predictions",
    "write_prediction",
    "write_surprise",
]
