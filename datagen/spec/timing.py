"""Frames, steps and settling: times that must fit each other exactly.

A frame (= control step) is a whole number of equal substeps, so timestep = 1 / (fps * substeps). A spec gives the timestep, the
number of substeps, or neither; then the largest timestep of at most `DEFAULT_TIMESTEP` is taken.
"""

import math
from dataclasses import dataclass

from .document import MAX_FRAMES, DatasetSpec

DEFAULT_TIMESTEP = 0.002
MAX_TIMESTEP = 0.02
MAX_SUBSTEPS = 10_000
EXACT = 1e-6


PLACED_SETTLE = 0.25
"""Settling time of a spec that places things and says none, s."""


@dataclass(frozen=True)
class Timing:
    """fps; substeps per frame; timestep s; num_frames; settle s (whole frames)."""

    fps: int
    substeps: int
    timestep: float
    num_frames: int
    settle: float


def timing(spec: DatasetSpec) -> Timing:
    """The timing of every episode of a spec. Raises `SpecError` when times do not fit, with times that do."""
    fps = spec.record.fps
    substeps = _substeps(spec, fps)
    timestep = 1.0 / (fps * substeps)
    if timestep > MAX_TIMESTEP:
        what = f"{substeps} substeps at {fps} frames/s make a timestep of {timestep:g} s"
        raise spec.source.error(("world", "substeps"), what, f"at most {MAX_TIMESTEP} s", "more substeps")
    asked = spec.world.settle
    if asked is None:
        asked = PLACED_SETTLE if spec.place and spec.is_settled() else 0.0
    settle = math.ceil(asked * fps - EXACT) / fps
    return Timing(fps, substeps, timestep, _frames(spec, fps), settle)


def _substeps(spec: DatasetSpec, fps: int) -> int:
    world = spec.world
    if world.timestep is None:
        return world.substeps or max(1, math.ceil(1.0 / (fps * DEFAULT_TIMESTEP) - EXACT))
    path = ("world", "timestep")
    if world.substeps is not None:
        raise spec.source.error(path, "timestep and substeps are both given", "one of them", "remove one")
    ratio = 1.0 / (fps * world.timestep)
    near = max(1, round(ratio))
    if abs(ratio - near) > EXACT * near:
        what = f"a timestep of {world.timestep:g} s does not divide a frame of 1/{fps} s"
        remedy = f"write 'substeps: {math.ceil(ratio)}' instead"
        raise spec.source.error(path, what, "a whole number of steps per frame", remedy)
    if near > MAX_SUBSTEPS:
        what = f"{near} substeps per frame are too many"
        raise spec.source.error(path, what, f"at most {MAX_SUBSTEPS}", "a longer timestep")
    return near


def _frames(spec: DatasetSpec, fps: int) -> int:
    record = spec.record
    if record.duration is None:
        return record.frames or 1
    path = ("record", "duration")
    frames = record.duration * fps
    near = round(frames)
    if near < 1 or abs(frames - near) > EXACT * max(near, 1):
        what = f"{record.duration:g} s at {fps} frames/s are {frames:g} frames"
        raise spec.source.error(path, what, "a whole number of frames", f"write 'frames: {max(1, near)}' instead")
    if near > MAX_FRAMES:
        raise spec.source.error(path, f"{near} frames are too many", f"at most {MAX_FRAMES}")
    return near
