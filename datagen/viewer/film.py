"""Pictures of what is watched, without a browser: a still, a gif or an mp4 by one of its cameras."""

from pathlib import Path
from typing import Any

import numpy as np

from datagen.errors import DatagenError, near_matches
from datagen.pipeline.preview import ENDINGS, write_pictures
from datagen.viewer.plays import Play

STILL_AFTER = 1  # frames


def record(play: Play, out: str | Path, seconds: float = 4.0, camera: str | None = None) -> dict[str, Any]:
    """Run for some seconds, or to the end of a stored episode, and write what a camera sees; returns {file, frames, width,
    height, camera}. A .png is the picture at that end. Raises DatagenError for a wrong ending or camera.
    """
    target, names = Path(out), [c.name for c in play.sim.compiled.cameras]
    if target.suffix not in ENDINGS:
        what = f"{target.name!r} has another ending"
        raise DatagenError("view --record", what, f"allowed: {', '.join(ENDINGS)}", "choose one of them")
    if camera is not None and camera not in names:
        raise DatagenError("view --camera", f"unknown camera {camera!r}", near_matches(camera, names))
    if not 0.0 < seconds <= 3600.0:
        raise DatagenError("view --seconds", f"{seconds:g} s", "allowed: more than 0, at most 3600")
    chosen = camera or names[0]
    count = max(1, round(seconds * play.fps))
    count = count if play.length is None else min(count, play.length)
    frames: list[np.ndarray] = []
    for _ in range(count):
        if target.suffix != ".png":
            frames.append(look(play, chosen))
        play.advance()
    if target.suffix == ".png":
        frames.append(look(play, chosen))
    pictures = np.stack(frames)
    write_pictures(target, pictures, play.fps)
    height, width = pictures.shape[1:3]
    return {"file": str(target), "frames": len(pictures), "width": width, "height": height, "camera": chosen}


def look(play: Play, camera: str) -> np.ndarray:
    """What a camera sees of the first environment: uint8 (H, W, 3), even sides."""
    seen = play.sim.render(camera, ("rgb",), slice(0, 1))["rgb"][0]
    return seen[: seen.shape[0] // 2 * 2, : seen.shape[1] // 2 * 2]
