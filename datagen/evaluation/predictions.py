"""The files in which a trainer hands over what its model predicts: one npz an episode.

`start` is the last frame that the model has seen; row h of every array over time is frame start + 1 + h. Everything but
`start` is optional, and what is not there is reported as not given. Limits: states of rigid bodies, one prediction an
episode; pictures are held in memory as numbers of 8 bytes.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np

from datagen.errors import DatagenError, near_matches

NAMES = (
    *("start", "bodies", "position", "rotation", "velocity", "contact_pairs", "contact_logits", "frame_logits"),
    *("frame_forces", "latent", "answers"),
)
PICTURES = ("rgb", "segmentation", "depth", "flow")  # `rgb.CAMERA` and so on
CHANNELS = {"rgb": (3,), "flow": (2,)}
OVER_TIME = {"position": (None, 3), "rotation": (None, 4), "velocity": (None, 3)}
Sizes = Mapping[tuple[str, str], tuple[int, int]]
NO_PICTURES: Sizes = {}
UNIT = 1e-2  # how far the norm of a quaternion may be from 1


class PredictionError(DatagenError):
    """A prediction file is not what docs/evaluation.md says; `where` is the file and the array."""

    exit_code = 4


@dataclass(frozen=True)
class Prediction:
    """Frames start + 1 .. start + H of one episode, world frame, SI.

    position (H, B, 3), rotation (H, B, 4) wxyz, velocity (H, B, 3) of the B `bodies`; contact_logits (C,): that each pair of
    contact_pairs touches at all after `start`; frame_logits (H, C): that it touches in the interval before the frame;
    frame_forces (H, C): mean force between the two in it, N; latent (D,); answers (Q,): place of the choice of every
    question; pictures: (stream, camera) -> (H, height, width), for rgb (..., 3), for flow (..., 2). None: not given.
    """

    start: int
    bodies: tuple[str, ...] = ()
    position: np.ndarray | None = None
    rotation: np.ndarray | None = None
    velocity: np.ndarray | None = None
    contact_pairs: tuple[tuple[str, str], ...] = ()
    contact_logits: np.ndarray | None = None
    frame_logits: np.ndarray | None = None
    frame_forces: np.ndarray | None = None
    latent: np.ndarray | None = None
    answers: np.ndarray | None = None
    pictures: Mapping[tuple[str, str], np.ndarray] = field(default_factory=dict)

    @property
    def horizon(self) -> int:
        """H, 0 where nothing is given over time."""
        over_time = (self.position, self.rotation, self.velocity, self.frame_logits, self.frame_forces)
        given = (*over_time, *self.pictures.values())
        return next((len(values) for values in given if values is not None), 0)


def file_name(episode_index: int) -> str:
    """Name of the file of an episode."""
    return f"episode_{episode_index:08d}.npz"


def write_prediction(folder: Path | str, episode_index: int, **arrays: Any) -> Path:
    """Write one file; `arrays` are those of `Prediction`. Shapes are checked when it is read."""
    unknown = sorted(name for name in arrays if name not in NAMES and name.split(".")[0] not in PICTURES)
    if unknown:
        raise PredictionError(file_name(episode_index), f"no array is called {unknown[0]!r}", near_matches(unknown[0], NAMES))
    path = Path(folder) / file_name(episode_index)
    path.parent.mkdir(parents=True, exist_ok=True)
    plain: dict[str, Any] = {name: np.asarray(value) for name, value in arrays.items()}
    np.savez_compressed(path, **plain)
    return path


def read_predictions(
    folder: Path | str, lengths: Sequence[int], moving: Sequence[str], sizes: Sizes = NO_PICTURES
) -> dict[int, Prediction]:
    """Predictions by episode_index. lengths: frames of every episode; moving: names of the bodies that move, in the order of
    `observation.state`; sizes: (stream, camera) -> (height, width) of what is recorded. Raises PredictionError."""
    folder = Path(folder)
    paths = sorted(folder.glob("[!c]*.npz")) if folder.is_dir() else []  # clip_*.npz are about clips (`twins`)
    if not paths:
        raise PredictionError(str(folder), "there are no predictions here", f"files like {file_name(0)}")
    known = {file_name(index): index for index in range(len(lengths))}
    found = {}
    for path in paths:
        if path.name not in known:
            last = file_name(len(lengths) - 1)
            raise PredictionError(str(path), "no episode of the dataset has this name", f"{file_name(0)} to {last}")
        found[known[path.name]] = read_prediction(path, lengths[known[path.name]], moving, sizes)
    return found


def read_prediction(path: Path, length: int, moving: Sequence[str], sizes: Sizes = NO_PICTURES) -> Prediction:
    """The prediction of one file, checked."""
    return check_arrays(read_arrays(path), str(path), length, moving, sizes)


def read_arrays(path: Path) -> dict[str, np.ndarray]:
    """The arrays of an npz file. Raises PredictionError."""
    try:
        with np.load(path, allow_pickle=False) as file:
            return {name: file[name] for name in file.files}
    except (ValueError, OSError, EOFError, KeyError) as error:
        raise PredictionError(str(path), "this is no npz file of plain arrays", "", "write it with numpy.savez") from error
    except Exception as error:  # zipfile and zlib have errors of their own
        raise PredictionError(str(path), f"the file is damaged ({type(error).__name__})", "", "write it again") from error


def check_arrays(
    arrays: Mapping[str, np.ndarray], where: str, length: int, moving: Sequence[str], sizes: Sizes = NO_PICTURES
) -> Prediction:
    """A Prediction of raw arrays. length: frames of the episode. Raises PredictionError."""
    for name in arrays:
        if name not in NAMES and name.split(".")[0] not in PICTURES:
            raise PredictionError(where, f"no array is called {name!r}", near_matches(name, NAMES), "leave it out")
    start = _start(arrays, where, length)
    bodies = tuple(str(name) for name in arrays["bodies"].ravel()) if "bodies" in arrays else tuple(moving)
    _check_names(bodies, moving, f"{where}: bodies")
    if len(set(bodies)) < len(bodies):
        raise PredictionError(f"{where}: bodies", "a body is named twice", "every body once")
    pairs = _pairs(arrays, where, moving)
    shapes: dict[str, tuple[int | None, ...]] = {name: (None, len(bodies), width) for name, (_, width) in OVER_TIME.items()}
    shapes |= {"contact_logits": (len(pairs),), "latent": (None,), "answers": (None,)}
    shapes |= {"frame_logits": (None, len(pairs)), "frame_forces": (None, len(pairs))}
    numbers = {name: _numbers(arrays[name], f"{where}: {name}", shape) for name, shape in shapes.items() if name in arrays}
    pictures = _pictures(arrays, where, sizes)
    _check_horizon({**numbers, **{".".join(key): values for key, values in pictures.items()}}, where, start, length)
    if "rotation" in numbers:
        norm = np.linalg.norm(numbers["rotation"], axis=-1)
        if np.abs(norm - 1.0).max(initial=0.0) > UNIT:
            raise PredictionError(
                f"{where}: rotation", f"a quaternion has length {norm.flat[np.abs(norm - 1).argmax()]:.3g}", "1"
            )
    return Prediction(start, bodies, contact_pairs=pairs, pictures=pictures, **numbers)


def _pictures(arrays: Mapping[str, np.ndarray], where: str, sizes: Sizes) -> dict[tuple[str, str], np.ndarray]:
    """Predicted streams, of cameras that recorded them."""
    found = {}
    for name, values in arrays.items():
        stream, _, camera = name.partition(".")
        if stream not in PICTURES:
            continue
        if (stream, camera) not in sizes:
            known = [".".join(key) for key in sizes]
            raise PredictionError(f"{where}: {name}", "that was not recorded", near_matches(name, known))
        shape = (None, *sizes[stream, camera], *CHANNELS.get(stream, ()))
        if stream == "rgb" and values.dtype != np.uint8:
            raise PredictionError(f"{where}: {name}", f"type {values.dtype}", "uint8, 0 to 255, sRGB")
        found[stream, camera] = _numbers(values, f"{where}: {name}", shape)
    return found


def _start(arrays: Mapping[str, np.ndarray], where: str, length: int) -> int:
    if "start" not in arrays:
        raise PredictionError(where, "`start` is missing", "the number of the last frame that the model has seen")
    value = arrays["start"]
    if value.size != 1 or value.dtype.kind not in "iu":
        raise PredictionError(f"{where}: start", f"{value.dtype} of shape {value.shape}", "one whole number")
    if not 0 <= int(value.flat[0]) < length - 1:
        raise PredictionError(
            f"{where}: start", f"frame {int(value.flat[0])}", f"0 to {length - 2} in an episode of {length} frames"
        )
    return int(value.flat[0])


def _pairs(arrays: Mapping[str, np.ndarray], where: str, moving: Sequence[str]) -> tuple[tuple[str, str], ...]:
    needed = [name for name in ("contact_logits", "frame_logits", "frame_forces") if name in arrays]
    if "contact_pairs" not in arrays:
        if needed:
            raise PredictionError(
                where, f"`{needed[0]}` without `contact_pairs`", "names of the two bodies of every pair, (C, 2)"
            )
        return ()
    names = arrays["contact_pairs"]
    if names.ndim != 2 or names.shape[1] != 2:
        raise PredictionError(f"{where}: contact_pairs", f"shape {names.shape}", "(C, 2)")
    _check_names([str(name) for name in names.ravel()], moving, f"{where}: contact_pairs")
    return tuple((str(a), str(b)) for a, b in names)


def _check_names(names: Sequence[str], moving: Sequence[str], where: str) -> None:
    for name in names:
        if name not in moving:
            raise PredictionError(where, f"no moving body is called {name!r}", near_matches(name, moving))


def _numbers(values: np.ndarray, where: str, shape: tuple[int | None, ...]) -> np.ndarray:
    fits = values.ndim == len(shape) and all(want in (None, have) for have, want in zip(values.shape, shape, strict=True))
    if not fits:
        wanted = ", ".join("any" if size is None else str(size) for size in shape)
        raise PredictionError(where, f"shape {values.shape}", f"({wanted})")
    if values.dtype.kind not in "fiu":
        raise PredictionError(where, f"type {values.dtype}", "real numbers")
    if not np.isfinite(values).all():
        bad = [int(place) for place in np.argwhere(~np.isfinite(values))[0]]
        raise PredictionError(where, f"not finite at {bad}", "finite numbers", "leave the array out if it is not predicted")
    return values.astype(np.float64)


def _check_horizon(numbers: Mapping[str, np.ndarray], where: str, start: int, length: int) -> None:
    short = ("contact_logits", "latent", "answers")
    over_time = {name: len(values) for name, values in numbers.items() if name not in short}
    if len(set(over_time.values())) > 1:
        raise PredictionError(where, f"arrays differ in frames: {over_time}", "the same number in all")
    for name, rows in over_time.items():
        if not 1 <= rows <= length - 1 - start:
            raise PredictionError(
                f"{where}: {name}", f"{rows} frames after frame {start}", f"1 to {length - 1 - start}, the episode has {length}"
            )
