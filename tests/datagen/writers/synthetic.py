"""A deterministic episode source without physics: each episode is computed from its seed alone, with a frame counter in the
pixels."""

import functools
import os
import time
from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from datagen.writers.record import EpisodeRecord, FailedEpisode, Source
from datagen.writers.schema import CameraSchema, DatasetSchema, DenseSchema, canonical_json
from engine.types import Feature

COUNTER_BITS = 16
CELL = 8
WORDS = ("schiebe den Würfel", "推动积木", "push the cube 🧊", "pousse l'été")


@dataclass(frozen=True)
class Shape:
    """What the synthetic episodes look like; picklable, so that it can travel to a worker."""

    seed: int = 7
    size: tuple[int, int] = (32, 64)
    cameras: tuple[str, ...] = ("front",)
    dense: bool = True
    sidecars: bool = True
    lengths: tuple[int, ...] = (6, 5, 9)
    failing: tuple[int, ...] = ()
    broken: tuple[int, ...] = ()
    crashing: tuple[int, ...] = ()
    batch: int = 1
    side_depth_codec: str = ""
    delay: float = 0.0
    pids: str = ""


def schema_of(shape: Shape) -> DatasetSchema:
    """The schema of such episodes; CELL x COUNTER_BITS pixels of width are needed for the counter."""
    height, width = shape.size
    features = (
        Feature("observation.state", "float32", (7,), unit="m", names=tuple(f"j{i}" for i in range(7))),
        Feature("action", "float32", (3,)),
        Feature("next.reward", "float32", (1,)),
        Feature("next.done", "bool", (1,)),
        Feature("tactile", "float32", (2, 3, 2)),
    )
    streams = [(f"{name}.{kind}", kind) for name in shape.cameras for kind in ("depth", "segmentation")]
    codecs = {"side.depth": shape.side_depth_codec}
    units = {"depth": ("m", 1e-4), "segmentation": ("", 1.0)}
    dense = [DenseSchema(name, height, width, *units[kind], codec=codecs.get(name, "")) for name, kind in streams]
    rows = (Feature("body_a", "int32", ()), Feature("force", "float32", (3,), "N"), Feature("depth", "float64", (1,), "m"))
    return DatasetSchema(
        fps=20,
        features=features,
        cameras=tuple(CameraSchema(name, height, width) for name in shape.cameras),
        dense=tuple(dense) if shape.dense else (),
        state_dtype="float64" if shape.sidecars else "",
        contacts=rows if shape.sidecars else None,
        impulses=rows[:2] if shape.sidecars else None,
        events=shape.sidecars,
        spec_text="spec: 1\nname: synthetic\n",
        spec_sha256="ab" * 32,
    )


def counter_of(picture: np.ndarray) -> int:
    """Reads the frame counter back from a (decoded) picture."""
    bits = [int(picture[1 : CELL - 1, i * CELL + 1 : (i + 1) * CELL - 1].mean() > 128) for i in range(COUNTER_BITS)]
    return sum(bit << i for i, bit in enumerate(bits))


def picture(shape: Shape, rng: np.random.Generator, number: int) -> np.ndarray:
    """A picture with the number in its upper left corner, COUNTER_BITS black or white cells."""
    height, width = shape.size
    yy, xx = np.mgrid[0:height, 0:width]
    base = 90 + 50 * ((xx // 8 + yy // 8 + number) % 2)[..., None] + np.array([0, 20, 40])
    pixels = np.clip(base + rng.integers(0, 6, (height, width, 1)), 0, 255).astype(np.uint8)
    bits = [(number >> i) & 1 for i in range(min(COUNTER_BITS, width // CELL))]
    pixels[:CELL, : CELL * len(bits)] = (np.repeat(bits, CELL) * 255)[None, :, None]
    return pixels


def rows_of(rng: np.random.Generator, length: int, none: bool) -> dict[str, np.ndarray]:
    """Ragged rows; some frames, and whole episodes, have none."""
    counts = np.zeros(length, dtype=np.int64) if none else rng.integers(0, 4, length)
    frame = np.repeat(np.arange(length), counts)
    force = rng.normal(size=(len(frame), 3)).astype(np.float32)
    depth = rng.normal(size=(len(frame), 1))
    return {"frame": frame, "body_a": rng.integers(0, 9, len(frame)).astype(np.int32), "force": force, "depth": depth}


def episode(shape: Shape, index: int) -> EpisodeRecord:
    """Episode `index`, always the same for the same shape and seed."""
    rng = np.random.Generator(np.random.Philox(key=[shape.seed, index]))
    length = shape.lengths[index % len(shape.lengths)]
    height, width = shape.size
    frames = {
        "observation.state": rng.normal(size=(length, 7)).astype(np.float32),
        "action": rng.normal(size=(length, 3)).astype(np.float32),
        "next.reward": rng.normal(size=length).astype(np.float32),
        "next.done": np.arange(length) == length - 1,
        "tactile": rng.normal(size=(length, 2, 3, 2)).astype(np.float32),
    }
    if index in shape.broken:
        frames["action"][length // 2, 1] = np.nan
    videos = {name: np.stack([picture(shape, rng, 100 * index + t) for t in range(length)]) for name in shape.cameras}
    dense = {}
    if shape.dense:
        for name in shape.cameras:
            dense[f"{name}.depth"] = rng.integers(0, 65536, (length, height, width)).astype(np.uint16)
            dense[f"{name}.segmentation"] = (rng.integers(0, 300, (length, 1, width)) + np.zeros((1, height, 1), int)).astype(
                np.uint16
            )
    contacts = rows_of(rng, length, none=index % 3 == 1)
    impulses = {name: contacts[name] for name in ("frame", "body_a", "force")}
    events = [
        {"frame": length - 1, "substep": 2, "type": "rest", "subject": "cube", "object": "", "magnitude": 0.5, "text": "ruht"}
    ]
    size = 10 + index % 3
    return EpisodeRecord(
        index=index,
        seed=shape.seed,
        task=WORDS[index % len(WORDS)],
        length=length,
        frames=frames,
        videos=videos,
        dense=dense,
        state=rng.normal(size=(length + 1, size)) if shape.sidecars else None,
        state_names=tuple(f"q{i}" for i in range(size)) if shape.sidecars else (),
        contacts=contacts if shape.sidecars else None,
        impulses=impulses if shape.sidecars else None,
        events=events if shape.sidecars and index % 2 else (),
        spec_json=canonical_json({"index": index, "seed": shape.seed}),
        authored_sha256="ab" * 32,
        provenance={"engine": "synthetic", "precision": "f64"},
        outcome={"toppled": index % 5, "success": bool(index % 2)},
    )


def build(shape: Shape) -> Source:
    """The source; batches come out in reverse order, as a batched simulation may finish them."""
    if shape.pids:
        with open(os.path.join(shape.pids, str(os.getpid())), "w"):
            pass

    def source(indices: list[int]) -> Iterator[EpisodeRecord | FailedEpisode]:
        for start in range(0, len(indices), shape.batch):
            for index in reversed(indices[start : start + shape.batch]):
                time.sleep(shape.delay)
                if index in shape.crashing:
                    raise ValueError(f"episode {index} crashed")
                yield FailedEpisode(index, "fault NOT_FINITE") if index in shape.failing else episode(shape, index)

    return source


def factory(shape: Shape) -> functools.partial:
    """A picklable source factory."""
    return functools.partial(build, shape)
