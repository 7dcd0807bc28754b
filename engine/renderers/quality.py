"""What a path-traced picture is asked for, and how its light becomes a picture: exposure, screen curve, denoiser.

The denoiser is Open Image Denoise through the extra `denoise`; it gets albedo and normal beside the noisy radiance (Afra 2019).
Limits: the curve clips; there is no tone mapping beyond the exposure.
"""

from dataclasses import dataclass

import numpy as np

from engine.errors import BackendError, StateError

MOST_SAMPLES = 1 << 16


@dataclass(frozen=True)
class PathTracing:
    """A path-traced picture: samples per pixel, surfaces along a path, radius of the lens [m] (0: all sharp) and distance of
    the plane in focus [m], angular radius of the sun [rad], factor on the light, whether to denoise (extra `denoise`).

    first: number of the first sample. Pictures of samples 0 to 15 and 16 to 31 are different ones, and the mean of their
    `radiance` is the picture of 32 samples: so a picture can be shown while it improves. Raises StateError.
    """

    samples: int = 64
    bounces: int = 5
    aperture: float = 0.0
    focus: float = 3.0
    sun_radius: float = 0.03
    exposure: float = 1.0
    denoise: bool = False
    first: int = 0

    def __post_init__(self) -> None:
        for name, low, high in (
            ("samples", 1, MOST_SAMPLES), ("bounces", 1, 64), ("aperture", 0.0, 1e3), ("focus", 1e-3, 1e6),
            ("sun_radius", 0.0, 1.0), ("exposure", 0.0, 1e6), ("first", 0, MOST_SAMPLES),
        ):  # fmt: skip
            value = getattr(self, name)
            whole = isinstance(low, int)
            if isinstance(value, bool) or not isinstance(value, int if whole else int | float) or not low <= value <= high:
                kind = "a whole number" if whole else "a number"
                raise StateError(f"PathTracing({name})", f"{value!r}", f"{kind} from {low} to {high}", "choose another value")


def screen(radiance: np.ndarray, exposure: float) -> np.ndarray:
    """Linear light -> sRGB, uint8."""
    light = np.clip(radiance * exposure, 0.0, 1.0)
    curve = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return (255.0 * curve + 0.5).astype(np.uint8)


def denoised(radiance: np.ndarray, albedo: np.ndarray, normal: np.ndarray) -> np.ndarray:
    """Pictures (envs, height, width, 3) without noise. Raises BackendError when the extra is not installed."""
    try:
        import pyoidn
    except ImportError as error:
        raise BackendError(
            "PathTracing(denoise)", "the denoiser is not installed", "it comes with the extra `denoise`",
            "run `pip install worldsmith[denoise]`, or take more samples",
        ) from error  # fmt: skip
    layers = zip(radiance, albedo, normal, strict=True)
    return np.stack([pyoidn.denoise(color, albedo=base, normal=n, hdr=True) for color, base, n in layers])
