"""Minari: T + 1 observations and T actions an episode, written by Minari itself (its files follow its version).

The last row of an episode is an observation without an action, so an episode of n rows has n - 1 steps. Pictures are left out:
Minari writes the bounds of a picture space element by element, megabytes of JSON (measured on 0.5.4). Limits: needs `minari`
and `gymnasium`, the extra `export`.
"""

import os
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import numpy as np

from datagen.errors import DatagenError
from datagen.exporters.trajectory import Trajectory


def write(trajectories: Iterable[Trajectory], out: Path, dataset_id: str = "worldsmith/episodes-v0") -> dict[str, Any]:
    """Write the dataset `dataset_id` below `out`, which is then a value for MINARI_DATASETS_PATH."""
    try:
        import gymnasium
        import minari
        from minari.data_collector import EpisodeBuffer
    except ModuleNotFoundError as error:
        raise DatagenError(
            "worldsmith export", f"this format needs minari and gymnasium ({error})", "", "pip install 'worldsmith[export]'"
        ) from error
    buffers, widths = [], (0, 0)
    for number, t in enumerate(trajectories):
        last, widths = len(t) - 1, (t.state.shape[1], t.action.shape[1])
        buffers.append(
            EpisodeBuffer(
                id=number, seed=t.meta["seed"] % (1 << 31), options={}, observations=t.state, actions=t.action[:last],
                rewards=list(t.reward[:last].astype(float)), terminations=list(t.terminated[1:].astype(bool)),
                truncations=list((t.is_last & ~t.terminated)[1:].astype(bool)), infos={},
            )
        )  # fmt: skip
    spaces = [gymnasium.spaces.Box(-np.inf, np.inf, (width,), np.float32) for width in widths]
    before = os.environ.get("MINARI_DATASETS_PATH")
    os.environ["MINARI_DATASETS_PATH"] = str(out)
    try:
        minari.create_dataset_from_buffers(
            dataset_id, buffer=buffers, observation_space=spaces[0], action_space=spaces[1], description="Made by Worldsmith.",
            algorithm_name="worldsmith", author="worldsmith", author_email="-", code_permalink="-",
        )  # fmt: skip
    finally:
        os.environ.pop("MINARI_DATASETS_PATH") if before is None else os.environ.update(MINARI_DATASETS_PATH=before)
    return {"id": dataset_id, "steps": sum(len(buffer.actions) for buffer in buffers)}
