"""Scores predictions of world models against the episodes of a dataset.

Decides what a prediction file holds (`predictions`), what is known about an episode (`truth`), what is measured (`motion`,
`contact`, `counterfactual`, `conservation`, `latents`), what it is compared with (`baselines`) and how sure a figure is
(`bootstrap`). The format and the measures are told in `docs/evaluation.md`.
"""

from datagen.evaluation.predictions import Prediction, PredictionError, read_predictions, write_prediction
from datagen.evaluation.score import episode_errors, evaluate

__all__ = ["Prediction", "PredictionError", "episode_errors", "evaluate", "read_predictions", "write_prediction"]
