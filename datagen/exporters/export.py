"""Which formats there are, and the one road to each: read a finished dataset, write aside, rename.

An export folder is whole or not there: everything is written to `.OUT.partial` first. Same dataset, same choices: same files
(Minari and TFDS put their own dates into theirs).
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from datagen.errors import DatagenError, near_matches
from datagen.exporters import cosmos, dreamer, hdf5, minari, rlds, vjepa, webdataset
from datagen.exporters.trajectory import Trajectory, body_track, choose_camera, read_trajectory
from datagen.writers.dataset import Dataset
from datagen.writers.durable import disk_errors, remove_tree, sync_tree
from datagen.writers.errors import OutputError


@dataclass(frozen=True)
class Choice:
    """camera: default the first one. body: whose motion stands for the action, default the target of the focus action.
    episodes: at most so many.
    """

    camera: str | None = None
    body: str | None = None
    episodes: int | None = None


@dataclass(frozen=True)
class Format:
    """A line that says for whom, what an episode must have, and the writer: (trajectories, out, dataset, choice) -> counts."""

    meaning: str
    needs: tuple[str, ...]
    write: Callable[[Iterator[Trajectory], Path, Dataset, Choice], dict[str, Any]]


FORMATS: dict[str, Format] = {
    "webdataset": Format("tar shards for webdataset", (), lambda rows, out, _, __: webdataset.write(rows, out)),
    "leworldmodel": Format(
        "one HDF5 for stable-worldmodel (LeWM)", (), lambda rows, out, _, __: hdf5.write_leworldmodel(rows, out)
    ),
    "robomimic": Format("one HDF5 for robomimic", (), lambda rows, out, _, __: hdf5.write_robomimic(rows, out)),
    "minari": Format("a dataset for minari", (), lambda rows, out, _, __: minari.write(rows, out)),
    "dreamer": Format("a replay folder for DreamerV3", (), lambda rows, out, _, __: dreamer.write(rows, out)),
    "rlds": Format("RLDS episodes for TFDS (Open X-Embodiment)", (), lambda rows, out, _, __: rlds.write(rows, out)),
    "cosmos": Format(
        "clips, captions, controls and actions for Cosmos", ("picture",),
        lambda rows, out, data, choice: cosmos.write(rows, out, lambda t: body_track(data, t, choice.body)),
    ),
    "vjepa2ac": Format(
        "trajectory folders for V-JEPA 2-AC", ("picture",),
        lambda rows, out, data, choice: vjepa.write(
            rows, out, lambda t: body_track(data, t, choice.body), str(choose_camera(data, choice.camera))
        ),
    ),
}  # fmt: skip


def export_dataset(folder: Path | str, name: str, out: Path | str, choice: Choice | None = None) -> dict[str, Any]:
    """Write the dataset in `folder` as format `name` to the new folder `out`; returns counts.

    Raises DatagenError (unknown format or camera, a missing library or stream), DatasetError, OutputError.
    """
    if name not in FORMATS:
        raise DatagenError("worldsmith export", f"unknown format {name!r}", near_matches(name, FORMATS), "pick one of them")
    choice, out, dataset = choice or Choice(), Path(out), Dataset(folder)
    camera = choose_camera(dataset, choice.camera)
    if out.exists():
        raise OutputError(str(out), "it exists already", "", "choose a folder that does not exist")
    aside = out.with_name(f".{out.name}.partial")
    count = min(len(dataset), choice.episodes or len(dataset))
    with disk_errors(out):
        remove_tree(aside)
        aside.mkdir(parents=True)
        try:
            rows = (read_trajectory(dataset, index, camera, FORMATS[name].needs) for index in range(count))
            result = FORMATS[name].write(rows, aside, dataset, choice)
            sync_tree(aside)
            aside.rename(out)
        except BaseException:
            remove_tree(aside)
            raise
    return {"format": name, "episodes": count, "out": str(out), **result}
