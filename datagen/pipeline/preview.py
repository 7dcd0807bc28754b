"""One picture or clip of a spec: what an episode looks like, before a dataset is made of it.

The episode is simulated as generation would; only its pictures are kept. Formats by the ending of the file: png (first frame),
gif and mp4 (all frames at the frame rate of the spec). Limits: gif holds 256 colours and whole hundredths of a second a frame.
"""

import os
from pathlib import Path
from typing import Any

import numpy as np

import engine
from datagen.episode import make_layout, run_batch
from datagen.errors import DatagenError, near_matches
from datagen.pipeline.generation import PRECISION, load_spec, pick_backend
from datagen.spec import CameraSpec, EpisodeSpec, RecordSpec, sample
from datagen.writers import FailedEpisode, OutputError

ENDINGS = (".png", ".gif", ".mp4")


def make_preview(
    spec: str | Path,
    out: str | Path | None = None,
    seed: int = 7,
    index: int = 0,
    camera: str | None = None,
    size: int | None = None,
) -> dict[str, Any]:
    """Simulate one episode and write its picture or clip; returns {file, frames, width, height, camera}.

    size: height in pixels, None for that of the spec. Errors: SpecError, SampleError, DatagenError (unknown camera or ending,
    an episode that failed), OutputError.
    """
    document = load_spec(spec)
    target = Path(out) if out is not None else Path(f"{document.name}.png")
    if target.suffix not in ENDINGS:
        raise DatagenError(
            "preview(out)", f"{target.name!r} has another ending", f"allowed: {', '.join(ENDINGS)}", "choose one of them"
        )
    episode = one_camera(sample(document, seed, index), camera, size, whole=target.suffix != ".png")
    engine.init(backend=pick_backend("auto"), precision=PRECISION)
    record = run_batch([episode], make_layout([episode]))[0]
    if isinstance(record, FailedEpisode):
        raise DatagenError(f"preview of {document.name}", record.reason, "", "try another seed or mend the spec")
    frames = next(iter(record.videos.values()))
    write_pictures(target, frames, episode.world.fps)
    height, width = frames.shape[1:3]
    return {"file": str(target), "frames": len(frames), "width": width, "height": height, "camera": episode.cameras[0].name}


def one_camera(episode: EpisodeSpec, name: str | None, size: int | None, whole: bool) -> EpisodeSpec:
    """The episode with one camera that sees colours, of the wanted height; of one frame unless `whole`."""
    if not episode.cameras:
        raise DatagenError(f"spec {episode.name!r}", "it has no camera", "a preview needs one", "add a camera to the spec")
    cameras = {camera.name: camera for camera in episode.cameras}
    if name is not None and name not in cameras:
        raise DatagenError("preview(camera)", f"unknown camera {name!r}", near_matches(name, cameras))
    camera = cameras[name] if name is not None else episode.cameras[0]
    record = RecordSpec(rgb=True, contacts=False, events=False)
    world = episode.world if whole else episode.world.model_copy(update={"num_frames": 1})
    return episode.model_copy(update={"cameras": (_resized(camera, size),), "record": record, "world": world, "sensors": ()})


def _resized(camera: CameraSpec, size: int | None) -> CameraSpec:
    width, height = camera.resolution
    if size is not None:
        if not 8 <= size <= 4096:
            raise DatagenError("preview(size)", f"{size} pixels", "8 to 4096", "give another height")
        width, height = 2 * max(4, round(size * width / height / 2)), 2 * max(4, round(size / 2))
    return camera.model_copy(update={"resolution": (width, height), "outputs": ("rgb",)})


def write_pictures(target: Path, frames: np.ndarray, fps: int) -> None:
    """Write beside the final name and rename, so that a reader never sees half a file."""
    import imageio.v3 as imageio

    temporary = target.with_name(f".{os.getpid()}.{target.name}")
    try:
        if target.suffix == ".png":
            imageio.imwrite(temporary, frames[0])
        elif target.suffix == ".gif":
            imageio.imwrite(temporary, frames, duration=1000.0 / fps, loop=0)
        else:
            imageio.imwrite(temporary, frames, plugin="pyav", codec="libx264", fps=fps, out_pixel_format="yuv420p")
        os.replace(temporary, target)
    except OSError as error:
        raise OutputError(
            str(target), f"cannot be written ({error.strerror or error})", "a writable folder", "choose another path"
        ) from error
    finally:
        temporary.unlink(missing_ok=True)
