"""How a camera turns light into numbers: gain, photons, electronics, steps.

A pixel that is white (radiance 1 / gain) holds `full_well` electrons. Its count is drawn with the variance of its photons,
which is the count itself, plus that of the read-out (Foi et al. 2008, the normal approximation of Poisson's law), is cut at
full and empty, and rounded to one of 2^bits steps of linear light before it becomes sRGB. Limits: no colour filter, dark
current or rolling shutter; below some ten electrons Poisson's law is skewed and this one is not.
"""

from dataclasses import dataclass
from typing import Any

from engine.errors import SceneError
from engine.scene import check


@dataclass(frozen=True)
class Exposure:
    """gain: factor on the light. full_well: electrons of a white pixel, 0 for a camera without noise; read_noise: standard
    deviation of the read-out [electrons]. bits: of linear light, 0 for none but those of the picture.
    """

    gain: float = 1.0
    full_well: float = 0.0
    read_noise: float = 0.0
    bits: int = 0

    @property
    def is_plain(self) -> bool:
        """Whether pictures stay what they are."""
        return self == Exposure()


def checked_exposure(where: str, exposure: Any) -> Exposure:
    """The exposure with its numbers checked. Raises SceneError."""
    if exposure is None:
        return Exposure()
    if not isinstance(exposure, Exposure):
        raise SceneError(where, f"exposure is {exposure!r}", "allowed: engine.Exposure or None", "pass one")
    read = check.number(where, "read_noise", exposure.read_noise, 0.0)
    well = check.number(where, "full_well", exposure.full_well, 0.0)
    if read and not well:
        raise SceneError(where, "read_noise without full_well", "allowed: both, or neither", "say how many electrons are white")
    return Exposure(
        check.number(where, "gain", exposure.gain, 0.0), well, read, check.whole(where, "bits", exposure.bits, 0, 16)
    )
