"""A photograph of a simulation: what the tracer sees, over the time that a shutter is open and the width of a lens, and as a
camera with noise tells it.

Blur is the mean of `samples` sharp pictures in linear light: sample k stands at the middle of the k-th part of the time that
the shutter is open, which ends at the present, with poses between the marked frame and the present one (straight lines and
shortest turns; particles and vertices on straight lines), and looks from the k-th point of the lens on a sunflower (Vogel
1979), moved against the picture so that the plane in focus stays. Noise is drawn by Philox, named by seed, environment,
camera and substep, so that batches, order of calls and replays change nothing. Limits: a body that turns by more than half a
turn between the two frames blurs the short way; a path-traced lens is that of `PathTracing`.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np

from engine.continua import ParticleCloud, SurfaceMesh
from engine.errors import StateError
from engine.renderers.quality import PathTracing, denoised, screen
from engine.renderers.raytracer import Look, RayTracer
from engine.scene.exposure import Exposure
from engine.sensors.random import Stream

GOLDEN_ANGLE = 2.399963229728653
LIGHT = ("rgb", "radiance")


@dataclass(frozen=True)
class Blur:
    """shutter: share of the time from the marked frame to the present in which it is open. aperture: radius of the lens [m], in
    focus at the distance focus [m]; of quick pictures of pinhole cameras. samples: pictures that are averaged. Raises
    StateError.
    """

    shutter: float = 0.0
    samples: int = 16
    aperture: float = 0.0
    focus: float = 3.0

    def __post_init__(self) -> None:
        for name, low, high in (("shutter", 0.0, 1.0), ("samples", 1, 4096), ("aperture", 0.0, 1e3), ("focus", 1e-3, 1e6)):
            value = getattr(self, name)
            whole = name == "samples"
            if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or not low <= value <= high:
                kind = "a whole number" if whole else "a number"
                raise StateError(f"Blur({name})", f"{value!r}", f"{kind} from {low} to {high}", "choose another value")

    def moments(self) -> Iterator[tuple[float, tuple[float, float, float]]]:
        """(share of the way to the present, point of the lens and distance in focus) of every sample."""
        for k in range(self.samples):
            radius, turn = self.aperture * np.sqrt((k + 0.5) / self.samples), GOLDEN_ANGLE * k
            lens = (float(radius * np.cos(turn)), float(radius * np.sin(turn)), self.focus)
            yield 1.0 - self.shutter * (1.0 - (k + 0.5) / self.samples), lens


@dataclass(frozen=True)
class Shot:
    """What a photograph is taken of: the tracer and its workspace, camera, environments, continua, poses of the marked frame
    and of the present one.
    """

    tracer: RayTracer
    ws: object
    view: int
    envs: slice | None
    looks: Sequence[Look]
    marked: Mapping[str, np.ndarray] | None
    present: Mapping[str, np.ndarray]


@dataclass(frozen=True)
class Film:
    """How the chosen environments take it down: exposures (E,), draws, substep (E,)."""

    exposures: Sequence[Exposure]
    stream: Stream
    tick: np.ndarray


def photograph(
    shot: Shot, film: Film, outputs: Sequence[str], antialias: bool, quality: PathTracing | None, blur: Blur | None
) -> dict[str, np.ndarray]:
    """Pictures by name; see `Simulation.render`."""
    plain = tuple(name for name in outputs if name not in LIGHT)
    pictures: dict[str, np.ndarray] = {}
    if plain or not outputs:
        pictures |= shot.tracer.render(shot.ws, shot.view, plain, shot.envs, shot.looks, shot.marked)
    if len(plain) < len(outputs):
        light = _light(shot, antialias, quality, blur)
        pictures["radiance"] = light
        if quality is not None and quality.denoise:
            seen = shot.tracer.render(shot.ws, shot.view, ("albedo", "normal"), shot.envs, shot.looks)
            light = denoised(light, seen["albedo"], seen["normal"])
        pictures["rgb"] = developed(light * np.float32(1.0 if quality is None else quality.exposure), film)
    return {name: pictures[name] for name in outputs}


def _light(shot: Shot, antialias: bool, quality: PathTracing | None, blur: Blur | None) -> np.ndarray:
    """Mean linear light (envs, height, width, 3)."""
    blur = blur or Blur(samples=1)
    if blur.shutter > 0.0 and shot.marked is None:
        raise StateError(
            "render(blur)", "a shutter needs two frames and none is marked", "it is open before the present",
            "call sim.mark_frame() before the steps",
        )  # fmt: skip
    if quality is not None and (blur.aperture > 0.0 or quality.samples < blur.samples):
        what = "an aperture of the blur" if blur.aperture > 0.0 else f"{blur.samples} moments of {quality.samples} samples"
        raise StateError(
            "render(blur)", f"{what} and path tracing", "allowed: the aperture of PathTracing, a sample per moment", "change it"
        )
    total: np.ndarray | None = None
    for k, (share, lens) in enumerate(blur.moments()):
        ws, looks = shot.ws, shot.looks
        if share < 1.0 and shot.marked is not None:
            ws = shot.tracer.posed(between(shot.marked, shot.present, share))
            looks = [moved(look, share) for look in looks]
        if quality is None:
            bent = lens if blur.aperture > 0.0 else None
            seen = shot.tracer.render(ws, shot.view, ("radiance",), shot.envs, looks, None, antialias, bent)["radiance"]
            part = seen / np.float32(blur.samples)
        else:
            first, end = (quality.samples * n // blur.samples for n in (k, k + 1))
            some = replace(quality, samples=end - first, first=quality.first + first)
            seen = shot.tracer.radiance(ws, shot.view, some, shot.envs, looks)
            part = seen * np.float32((end - first) / quality.samples)
        total = part if total is None else total + part
    assert total is not None
    return total


def between(marked: Mapping[str, np.ndarray], present: Mapping[str, np.ndarray], share: float) -> dict[str, np.ndarray]:
    """Poses at a share of the way from the marked frame to the present (Shoemake 1985 for turns)."""
    a, b = marked["body_rotation_W"], present["body_rotation_W"]
    cosine = (a * b).sum(axis=-1, keepdims=True)
    b, cosine = np.where(cosine < 0.0, -b, b), np.abs(cosine)
    angle = np.arccos(np.minimum(cosine, 1.0))
    sine = np.maximum(np.sin(angle), 1e-12)
    near = angle < 1e-6
    turned = np.where(near, a + (b - a) * share, (np.sin((1 - share) * angle) * a + np.sin(share * angle) * b) / sine)
    p, q = marked["body_position_W"], present["body_position_W"]
    return {"body_position_W": p + (q - p) * share, "body_rotation_W": turned}


def moved(look: Look, share: float) -> Look:
    """A continuum at a share of the way from its marked state."""
    if look.previous is None:
        return look
    s = np.float32(share)
    if isinstance(look, ParticleCloud):
        return replace(look, position=look.previous + (look.position - look.previous) * s)
    assert isinstance(look, SurfaceMesh)
    return replace(look, vertices=look.previous + (look.vertices - look.previous) * s)


def developed(light: np.ndarray, film: Film) -> np.ndarray:
    """uint8 sRGB pictures (envs, height, width, 3) of linear light."""
    if all(exposure.is_plain for exposure in film.exposures):
        return screen(light, 1.0)
    exposed = light.astype(np.float64)
    shape = (len(film.exposures), 1, 1, 1)
    value = lambda name: np.array([getattr(e, name) for e in film.exposures], float).reshape(shape)  # noqa: E731
    exposed *= value("gain")
    well = value("full_well")
    if (well > 0.0).any():
        number = int(np.prod(light.shape[1:]))
        normal = film.stream.normal(film.tick, 0, number).reshape(light.shape)
        electrons = exposed * well
        spread = np.sqrt(np.maximum(electrons, 0.0) + value("read_noise") ** 2)
        exposed = np.where(well > 0.0, (electrons + spread * normal) / np.maximum(well, 1e-300), exposed)
    steps = 2.0 ** value("bits") - 1.0
    exposed = np.clip(exposed, 0.0, 1.0)
    return screen(np.where(steps > 0.0, np.round(exposed * steps) / np.maximum(steps, 1.0), exposed), 1.0)
