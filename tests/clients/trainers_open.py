"""Opens exports with the classes that the trainers themselves read with, and compares what comes out with the files.

    worldsmith export DATASET --format FORMAT --out OUT
    python tests/clients/trainers_open.py FORMAT OUT [SOURCE]

FORMAT        class that reads                                    needs beside torch, h5py, numpy
leworldmodel  stable_worldmodel.data.formats.hdf5.HDF5Dataset     stable-worldmodel, hdf5plugin
robomimic     robomimic.utils.dataset.SequenceDataset             robomimic
dreamer       embodied.core.replay.Replay                         elements; SOURCE: a checkout of danijar/dreamerv3
vjepa2ac      app.vjepa_droid.droid.DROIDVideoDataset             decord, pandas, scipy; SOURCE: facebookresearch/vjepa2
cosmos        cosmos_predict2 ActionConditionedDataset, and       cosmos-predict2 (--no-deps), imageio, einops, decord, loguru
              its video Dataset with empty text embeddings

It imports nothing of this project. It prints what it checked and exits with 1 at the first mismatch.
"""

import json
import os
import pickle
import sys
import types
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path


def told(distribution: str) -> str:
    """Name and version of what reads."""
    try:
        return f"{distribution} {version(distribution)}"
    except PackageNotFoundError:
        return f"{distribution} (checkout)"


def leworldmodel(out: Path, source: str) -> str:
    """Clips of four steps against the rows of the file."""
    import h5py
    import numpy as np
    from stable_worldmodel.data.formats.hdf5 import HDF5Dataset

    clips = HDF5Dataset(path=out / "train.h5", num_steps=4)
    with h5py.File(out / "train.h5", swmr=True) as file:
        lengths, offsets = file["ep_len"][:], file["ep_offset"][:]
        assert len(clips) == sum(max(0, n - 3) for n in lengths), "number of clips"
        for number in (0, len(clips) // 2, len(clips) - 1):
            episode, start = clips.clip_indices[number]
            row, clip = offsets[episode] + start, clips[number]
            assert np.array_equal(np.asarray(clip["action"]), file["action"][row : row + 4]), "actions"
            pixels = np.asarray(clip["pixels"])
            same = file["pixels"][row : row + 4]
            assert np.array_equal(pixels, same) or np.array_equal(np.moveaxis(pixels, 1, -1), same), "pictures"
    return f"{told('stable-worldmodel')}: {len(lengths)} episodes, {len(clips)} clips of four steps"


def robomimic(out: Path, source: str) -> str:
    """Sequences of five steps against the demos of the file."""
    import h5py
    import numpy as np
    import robomimic.utils.obs_utils as obs_utils
    from robomimic.utils.dataset import SequenceDataset

    path = next(out.glob("*.hdf5"))
    with h5py.File(path, swmr=True) as file:
        demos = sorted(file["data"], key=lambda name: int(name.split("_")[1]))
        keys = sorted(file[f"data/{demos[0]}/obs"])
        low = [key for key in keys if file[f"data/{demos[0]}/obs/{key}"].ndim == 2]
        rgb = [key for key in keys if file[f"data/{demos[0]}/obs/{key}"].ndim == 4 and key.endswith("image")]
        obs_utils.initialize_obs_utils_with_obs_specs({"obs": {"low_dim": low, "rgb": rgb, "depth": [], "scan": []}})
        read = SequenceDataset(
            str(path), tuple(low + rgb), ("actions", "rewards", "dones"), frame_stack=1, seq_length=5, load_next_obs=True
        )
        assert len(read) == sum(file[f"data/{demo}"].attrs["num_samples"] for demo in demos), "number of samples"
        item = read[0]
        assert np.allclose(item["actions"], file[f"data/{demos[0]}/actions"][:5]), "actions"
        for key in low:
            assert np.allclose(item["obs"][key], file[f"data/{demos[0]}/obs/{key}"][:5]), key
            assert np.allclose(item["next_obs"][key], file[f"data/{demos[0]}/next_obs/{key}"][:5]), key
        for key in rgb:
            assert np.array_equal(np.asarray(item["obs"][key], np.uint8), file[f"data/{demos[0]}/obs/{key}"][:5]), key
    return f"{told('robomimic')}: {len(demos)} demos, {len(read)} samples; {', '.join(low + rgb)}"


def dreamer(out: Path, source: str) -> str:
    """Replay loads every chunk and samples sequences in which the steps follow each other."""
    for name in ("embodied", "embodied.core"):  # the package's own __init__ starts JAX, which reading does not need
        module = types.ModuleType(name)
        module.__path__ = [str(Path(source) / name.replace(".", "/"))]
        sys.modules[name] = module
    import numpy as np
    from embodied.core.replay import Replay

    replay = Replay(length=8, capacity=100_000, directory=str(out))
    replay.load()
    files = sorted(out.glob("*.npz"))
    assert len(replay.chunks) == len(files) > 0, "chunks"
    steps = sum(int(file.stem.split("-")[-1]) for file in files)
    for _ in range(20):
        batch = replay.sample(2)
        stepid = batch["stepid"]
        index = stepid[..., -4:].astype(np.int64) @ (256 ** np.arange(3, -1, -1))
        assert ((np.diff(index, axis=1) == 1) | (index[:, 1:] == 0)).all(), "steps do not follow each other"
        assert batch["image"].shape[:2] == (2, 8) and batch["image"].dtype == np.uint8, "pictures"
    return f"{told('dreamerv3')}: {len(files)} chunks, {steps} steps, {len(replay)} sequences of eight"


def vjepa2ac(out: Path, source: str) -> str:
    """Clips of eight frames: pictures, seven states, six differences and a gripper."""
    sys.path.insert(0, source)
    os.chdir(out)
    import numpy as np
    from app.vjepa_droid.droid import DROIDVideoDataset

    read = DROIDVideoDataset("paths.csv", camera_views=["left_mp4_path"], frameskip=2, frames_per_clip=8, fps=4)
    for path in read.samples:  # the private call raises, where the public one silently takes another clip
        buffer, actions, states, extrinsics, indices = read.loadvideo_decord(path)
        assert buffer.shape[0] == 8 and states.shape == (4, 7) and actions.shape == (3, 7), "shapes"
        assert np.isfinite(states).all() and extrinsics.shape == (4, 6) and np.ptp(buffer) > 20, "values"
    return f"{told('vjepa2')}: {len(read)} clips of eight frames"


def cosmos(out: Path, source: str) -> str:
    """Actions of every annotation, and pictures of every clip that is long enough for 93 frames."""
    import numpy as np
    import torch

    if not torch.cuda.is_available():
        torch.Tensor.cuda = lambda self, *args, **kwargs: self  # it puts an empty text embedding on the GPU
    from cosmos_predict2.data.action_conditioned.action_conditioned_dataset import ActionConditionedDataset
    from cosmos_predict2.data.dataset_video import Dataset

    annotations = str(out / "annotation" / "train")
    acting = ActionConditionedDataset(
        annotations, annotations, annotations, str(out), 1, 13, [0], False, [64, 64], 1, load_action=True
    )
    assert len(acting) > 0, "samples"
    item = acting[len(acting) // 2]
    first = json.loads(next((out / "annotation" / "train").glob("*.json")).read_text())
    assert tuple(item["video"].shape[:2]) == (3, 13) and tuple(item["action"].shape) == (12, 7), "shapes"
    assert np.isfinite(np.asarray(item["action"])).all() and len(first["state"]) >= 13, "actions"
    embeddings = out / "t5_xxl"
    embeddings.mkdir(exist_ok=True)
    clips = sorted((out / "videos").glob("*.mp4"))
    for clip in clips:
        (embeddings / f"{clip.stem}.pickle").write_bytes(pickle.dumps([np.zeros((1, 1024), np.float32)]))
    read = Dataset(str(out), 93, [64, 64])
    frames, fps = read._load_video(read.video_paths[0])
    assert len(read) == len(clips) and len(frames) == 93 and fps > 0, "clips"
    return f"{told('cosmos-predict2')}: {len(acting)} samples of 13 frames with actions, {len(read)} clips of 93 frames"


READERS = {reader.__name__: reader for reader in (leworldmodel, robomimic, dreamer, vjepa2ac, cosmos)}


def main(kind: str, out: str, source: str = "") -> int:
    """Check one export."""
    if kind not in READERS:
        print(f"no reader for {kind!r}; known: {', '.join(READERS)}")
        return 2
    try:
        print(READERS[kind](Path(out).resolve(), source and str(Path(source).resolve())), "are right")
    except AssertionError as error:
        print(f"{kind}: {error} differ")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(*sys.argv[1:]))
