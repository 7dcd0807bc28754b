"""RLDS (TFDS): episodes as nested datasets of steps, written by TFDS itself, as Open X-Embodiment has them.

One record is one episode: `steps` of `observation` (image, state), action, reward, discount, is_first, is_last,
is_terminal, language_instruction, and `episode_metadata`. Limits: needs `tensorflow-datasets` and a TensorFlow, the extra
`rlds`; TFDS cannot resume, so an export that was stopped starts anew.
"""

from collections.abc import Iterable, Iterator
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np

from datagen.errors import DatagenError
from datagen.exporters.trajectory import Trajectory

RELEASE = "1.0.0"


def write(trajectories: Iterable[Trajectory], out: Path) -> dict[str, Any]:
    """Write `worldsmith_episodes/1.0.0` below `out`, for `tfds.builder_from_directory`."""
    try:
        import tensorflow_datasets as tfds
    except ModuleNotFoundError as error:
        raise DatagenError(
            "worldsmith export", f"this format needs tensorflow-datasets ({error})", "", "pip install 'worldsmith[rlds]'"
        ) from error
    stream = iter(trajectories)
    opening = list(islice(stream, 1))  # its shapes are those of all
    if not opening:
        raise DatagenError("worldsmith export", "there is no episode to export", "", "generate some")
    features = _features(tfds, opening[0])

    class WorldsmithEpisodes(tfds.core.GeneratorBasedBuilder):  # type: ignore[misc, name-defined]
        """Named by TFDS after this class."""

        VERSION = tfds.core.Version(RELEASE)

        def _info(self) -> Any:
            return tfds.core.DatasetInfo(builder=self, features=features, description="Made by Worldsmith.")

        def _split_generators(self, _: Any) -> dict[str, Any]:
            return {"train": self._generate_examples()}

        def _generate_examples(self) -> Iterator[tuple[str, dict[str, Any]]]:
            for trajectory in chain(opening, stream):
                yield trajectory.name, _episode(trajectory)

    builder = WorldsmithEpisodes(data_dir=str(out))
    builder.download_and_prepare()
    return {"name": builder.info.name, "version": RELEASE, "episodes": int(builder.info.splits["train"].num_examples)}


def _features(tfds: Any, example: Trajectory) -> Any:
    f = tfds.features
    observation = {"state": f.Tensor(shape=(example.state.shape[1],), dtype=np.float32)}
    if example.picture is not None:
        observation["image"] = f.Image(shape=example.picture.shape[1:], dtype=np.uint8, encoding_format="png")
    steps = {
        "observation": f.FeaturesDict(observation), "action": f.Tensor(shape=(example.action.shape[1],), dtype=np.float32),
        "reward": f.Scalar(dtype=np.float32), "discount": f.Scalar(dtype=np.float32), "is_first": f.Scalar(dtype=np.bool_),
        "is_last": f.Scalar(dtype=np.bool_), "is_terminal": f.Scalar(dtype=np.bool_), "language_instruction": f.Text(),
    }  # fmt: skip
    meta = f.FeaturesDict({"file_path": f.Text(), "seed": f.Scalar(dtype=np.int64), "caption": f.Text()})
    return f.FeaturesDict({"steps": f.Dataset(steps), "episode_metadata": meta})


def _episode(t: Trajectory) -> dict[str, Any]:
    def step(row: int) -> dict[str, Any]:
        seen: dict[str, Any] = {"state": t.state[row]}
        if t.picture is not None:
            seen["image"] = t.picture[row]
        return {
            "observation": seen, "action": t.action[row], "reward": float(t.reward[row]),
            "discount": float(not t.terminated[row]),
            "is_first": bool(t.is_first[row]), "is_last": bool(t.is_last[row]), "is_terminal": bool(t.terminated[row]),
            "language_instruction": t.text,
        }  # fmt: skip

    meta = {"file_path": t.name, "seed": t.meta["seed"], "caption": t.caption}
    return {"steps": [step(row) for row in range(len(t))], "episode_metadata": meta}
