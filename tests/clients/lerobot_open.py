"""Opens a sealed dataset in the real `lerobot` and compares everything that it hands out with the files themselves.

    python tests/clients/lerobot_open.py DATASET [--counter]

Run it in an environment of its own; it imports nothing of this project. `--counter` also reads the frame counter that the
synthetic test episodes carry in their pixels. It prints what it checked and exits with 1 at the first mismatch. A CPU-only
environment of 1.5 GB for Python 3.11 (a plain `pip install lerobot==0.4.4` works too and pulls 8 GB):

    pip install torch==2.13.0                       # from an index that serves the CPU build
    pip install --no-deps torchvision==0.28.0
    pip install --no-deps lerobot==0.4.4 "torchcodec==0.13.*"
    pip install "datasets>=4,<5" "av>=15,<16" "huggingface-hub<0.36" draccus==0.10.0 jsonlines einops packaging \
        accelerate deepdiff termcolor imageio

In that environment torchvision lacks its compiled operators (two are declared below) and torchcodec finds no FFmpeg; the
script points it at the FFmpeg libraries inside the `av` wheel and starts itself again with them on the library path.
"""

import argparse
import importlib.util
import json
import os
import sys
import tempfile
from pathlib import Path

SONAMES = (
    "avutil.so.59",
    "avcodec.so.61",
    "avformat.so.61",
    "avfilter.so.10",
    "avdevice.so.61",
    "swscale.so.8",
    "swresample.so.5",
)
MARK = "LEROBOT_OPEN_LIBRARIES"


def restart_with_ffmpeg() -> None:
    """Starts this script again with the FFmpeg libraries of the `av` wheel on the library path, once."""
    if os.environ.get(MARK):
        return
    spec = importlib.util.find_spec("av")
    if spec is None or spec.origin is None:
        sys.exit("lerobot_open: `av` is not installed in this environment")
    bundled = Path(spec.origin).parent.parent / "av.libs"
    folder = Path(tempfile.mkdtemp(prefix="lerobot-open-"))
    for path in bundled.glob("*"):
        (folder / path.name).symlink_to(path)
    for soname in SONAMES:
        stem, version = soname.split(".so.")
        for path in bundled.glob(f"lib{stem}-*.so.{version}*"):
            (folder / f"lib{soname}").symlink_to(path)
    search = f"{folder}:{os.environ.get('LD_LIBRARY_PATH', '')}".rstrip(":")
    environment = {**os.environ, MARK: str(folder), "LD_LIBRARY_PATH": search, "HF_HUB_OFFLINE": "1"}
    os.execve(sys.executable, [sys.executable, *sys.argv], environment)


def declare_operators() -> object:
    """Declares the torchvision operators whose compiled half a CPU torch cannot load."""
    import torch

    library = torch.library.Library("torchvision", "DEF")
    for name in ("nms", "qnms"):
        library.define(f"{name}(Tensor dets, Tensor scores, float iou_threshold) -> Tensor")
    return library


def expect(condition: bool, sentence: str) -> None:
    """Ends the program when a check fails."""
    if not condition:
        print(f"MISMATCH: {sentence}")
        sys.exit(1)


def counter_of(picture, cell: int = 8, bits: int = 16) -> int:
    """The frame counter in the corner of a synthetic picture (H, W, 3)."""
    cells = [picture[1 : cell - 1, i * cell + 1 : (i + 1) * cell - 1].mean() > 128 for i in range(bits)]
    return sum(int(bit) << i for i, bit in enumerate(cells))


class Files:
    """The dataset as its files say it, read with pyarrow and PyAV alone."""

    def __init__(self, root: Path):
        import pyarrow as pa
        import pyarrow.parquet as pq

        self.root, self._tables = root, pq
        self.info = json.loads((root / "meta/info.json").read_bytes())
        self.schema = json.loads((root / "extras/schema.json").read_bytes())
        self.data = pa.concat_tables(pq.read_table(path) for path in sorted(root.glob("data/*/*.parquet")))
        self.episodes = [
            row for path in sorted(root.glob("meta/episodes/*/*.parquet")) for row in pq.read_table(path).to_pylist()
        ]

    def pictures(self, key: str, number: int):
        """All decoded pictures of one video file, by PyAV."""
        import av

        path = self.root / self.info["video_path"].format(video_key=key, chunk_index=number // 1000, file_index=number % 1000)
        with av.open(str(path)) as container:
            return [frame.to_ndarray(format="rgb24") for frame in container.decode(video=0)], path

    def dense(self, name: str, number: int):
        """All exact images of one dense file."""
        import av
        import numpy as np

        place = self.root / f"extras/dense/{name}/chunk-{number // 1000:03d}/file-{number % 1000:03d}"
        if self.schema["dense"][name] == "ffv1":
            with av.open(f"{place}.mkv") as container:
                return [frame.to_ndarray(format="gray16le") for frame in container.decode(video=0)]
        stream = next(stream for stream in self.schema["schema"]["dense"] if stream["name"] == name)
        images = self._tables.read_table(f"{place}.parquet")["image"].to_pylist()
        shape = stream["height"], stream["width"]
        if self.schema["dense"][name] == "zstd":
            return [np.frombuffer(image, "<u2").reshape(shape) for image in images]
        planes = np.stack([np.frombuffer(image, np.uint8).reshape(2, *shape) for image in images]).astype(np.uint16)
        folded = planes[:, 0] | planes[:, 1] << 8
        residual = (folded >> 1) ^ (np.uint16(0) - (folded & 1))
        return list(residual.cumsum(1, dtype=np.uint16).cumsum(2, dtype=np.uint16))

    def checksums(self, number: int) -> list[dict]:
        """CRC-32 of the exact streams of each episode of one file, taken before they were written."""
        path = self.root / f"extras/provenance/chunk-{number // 1000:03d}/file-{number % 1000:03d}.parquet"
        return [json.loads(text) for text in self._tables.read_table(path)["content_crc32"].to_pylist()]

    def by_number(self) -> dict[int, list[dict]]:
        """Episodes by file number."""
        found: dict[int, list[dict]] = {}
        for row in self.episodes:
            found.setdefault(row["data/chunk_index"] * 1000 + row["data/file_index"], []).append(row)
        return found


def check_counts(dataset, files: Files) -> None:
    """Episodes, frames, tasks."""
    expect(dataset.num_episodes == len(files.episodes), f"{dataset.num_episodes} episodes, {len(files.episodes)} in the files")
    expect(len(dataset) == len(files.data), f"{len(dataset)} frames, {len(files.data)} rows in the files")
    tasks = sorted(dataset.meta.tasks.index)
    expect(tasks == sorted({task for row in files.episodes for task in row["tasks"]}), f"tasks {tasks}")
    print(f"episodes {dataset.num_episodes}, frames {len(dataset)}, tasks {len(tasks)}: equal")


def check_rows(dataset, files: Files) -> None:
    """Every value of every row, the task sentence, and one extra column of ours."""
    import numpy as np

    names = [name for name, feature in files.info["features"].items() if feature["dtype"] != "video"]
    columns = {name: files.data[name].to_pylist() for name in names}
    rows = dataset.hf_dataset
    for i in range(len(rows)):
        item = rows[i]
        for name in names:
            given = np.asarray(item[name])
            wanted = np.array(columns[name][i], dtype=given.dtype)
            expect(np.array_equal(given.reshape(-1), wanted.reshape(-1)), f"{name} of row {i}")
    for row in files.episodes:
        given = dataset.meta.episodes[row["episode_index"]]
        expect(given["sim/index"] == row["sim/index"], f"sim/index of episode {row['episode_index']}")
    print(f"features of all {len(rows)} rows, {', '.join(names)}: equal; extra episode columns reachable")


def check_pictures(dataset, files: Files, counter: bool) -> None:
    """Every picture that lerobot hands out against the decoded file: the same decoder bit for bit, PyAV within rounding."""
    import numpy as np
    from torchcodec.decoders import VideoDecoder

    for key in dataset.meta.video_keys:
        worst = 0.0
        for number, rows in files.by_number().items():
            by_av, path = files.pictures(key, number)
            decoder = VideoDecoder(str(path), seek_mode="exact")
            expect(len(decoder) == len(by_av) == sum(row["length"] for row in rows), f"{path}: {len(decoder)} frames")
            for row in rows:
                for t in range(row["length"]):
                    item, place = dataset[row["dataset_from_index"] + t], row["sim/frames_from"] + t
                    given = np.rint(item[key].numpy() * 255).astype(np.uint8)
                    expect(np.array_equal(given, decoder[place].numpy()), f"{key}, episode {row['episode_index']}, frame {t}")
                    worst = max(worst, float(np.abs(given.transpose(1, 2, 0).astype(int) - by_av[place]).max()))
                    expect(item["task"] == row["tasks"][0], f"task of episode {row['episode_index']}")
                    if counter:
                        wanted = 100 * row["sim/index"] + t
                        seen = counter_of(given.transpose(1, 2, 0))
                        expect(
                            seen == wanted,
                            f"{key}, episode {row['episode_index']}, frame {t} shows counter {seen}, not {wanted}",
                        )
        expect(worst <= 8, f"{key} differs from PyAV by {worst} of 255")
        print(f"{key}: all {len(dataset)} pictures equal to the decoded file (PyAV's rounding differs by {worst:.0f} of 255)")


def check_windows(root: Path, files: Files, open_dataset) -> None:
    """delta_timestamps: the frame before, the action after, padding at episode ends."""
    import numpy as np

    fps, keys = files.info["fps"], [name for name, f in files.info["features"].items() if f["dtype"] == "video"]
    action = "action" if "action" in files.info["features"] else "timestamp"
    windows = {action: [0.0, 1 / fps], **{key: [-1 / fps, 0.0] for key in keys[:1]}}
    dataset, plain = open_dataset(windows), open_dataset(None)
    for row in files.episodes:
        for t in sorted({0, 1, row["length"] // 2, row["length"] - 1} & set(range(row["length"]))):
            i = row["dataset_from_index"] + t
            item, last = dataset[i], row["dataset_to_index"] - 1
            for offset in (0, 1):
                j = min(i + offset, last)
                given, wanted = np.asarray(item[action][offset]), np.asarray(plain.hf_dataset[j][action])
                expect(np.array_equal(given.reshape(-1), wanted.reshape(-1)), f"window of {action} at row {i}")
            expect(bool(item[f"{action}_is_pad"][1]) == (i == last), f"padding at row {i}")
            for key in keys[:1]:
                before = plain[max(i - 1, row["dataset_from_index"])][key]
                expect(bool((item[key][0] == before).all()), f"window of {key} at row {i}")
    print(f"delta_timestamps of {', '.join(windows)}: right inside episodes and at their ends")


def check_loader(dataset, files: Files) -> None:
    """A shuffled DataLoader: every batch collates and every row comes once."""
    import torch

    generator = torch.Generator().manual_seed(0)
    seen: list[int] = []
    for batch in torch.utils.data.DataLoader(dataset, batch_size=8, shuffle=True, generator=generator):
        seen += batch["index"].reshape(-1).tolist()
    expect(sorted(seen) == list(range(len(files.data))), "a shuffled DataLoader did not visit every row once")
    print(f"DataLoader: {len(seen)} rows in shuffled batches of 8")


def check_dense(files: Files) -> None:
    """Exact streams: as many images as rows, and the checksums of what was simulated."""
    import zlib

    import numpy as np

    for name in files.schema["dense"]:
        for number, rows in files.by_number().items():
            images, sums = files.dense(name, number), files.checksums(number)
            expect(len(images) == sum(row["length"] for row in rows), f"{name}: {len(images)} images in file {number}")
            for row, checksum in zip(rows, sums, strict=True):
                part = np.ascontiguousarray(np.stack(images[row["sim/frames_from"] : row["sim/frames_to"]]), dtype="<u2")
                expect(zlib.crc32(part) == checksum[name], f"{name} of episode {row['episode_index']}")
        print(f"{name}: every image exact")


def main() -> None:
    """Runs all checks."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("dataset", type=Path)
    parser.add_argument("--counter", action="store_true", help="the pictures carry the frame counter of the synthetic tests")
    arguments = parser.parse_args()
    restart_with_ffmpeg()
    keep = declare_operators()
    import lerobot
    from lerobot.datasets.lerobot_dataset import LeRobotDataset

    root = arguments.dataset.resolve()

    def open_dataset(windows):
        return LeRobotDataset(
            "local/dataset", root=root, video_backend="torchcodec", delta_timestamps=windows, tolerance_s=1e-4
        )

    files, dataset = Files(root), open_dataset(None)
    check_counts(dataset, files)
    check_rows(dataset, files)
    check_pictures(dataset, files, arguments.counter)
    check_windows(root, files, open_dataset)
    check_loader(dataset, files)
    check_dense(files)
    del keep
    print(f"lerobot {getattr(lerobot, '__version__', '')}: {root.name} opens and agrees with its files")


if __name__ == "__main__":
    main()
