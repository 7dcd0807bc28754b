"""What particles, cloth and soft bodies are to the rest of the house: the protocol of a continuum, and what it hands to
pictures.

Between two substeps of the rigid bodies a continuum is told where the bodies are and how they move (`Bodies`), takes as
many substeps of its own as it needs, and answers with the wrench that it put on each body, averaged over that time.
Everything that crosses is numpy of (num_envs, ...), because it is small beside the work inside. Limits: the exchange is
staggered, one way after the other, so a continuum must keep stiff contact stable by itself (it knows mass and inertia of
what it pushes).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

import numpy as np

Color = tuple[float, float, float] | np.ndarray


@dataclass(frozen=True)
class Bodies:
    """The rigid bodies at the begin of a substep, in W; body 0 is the world.

    position (E, B, 3) [m] of the body origin, rotation (E, B, 4), velocity (E, B, 3) [m/s] of the origin, angular_velocity
    (E, B, 3) [rad/s], com (E, B, 3) [m] centre of mass in W, mass (E, B) [kg], inertia (E, B, 3, 3) [kg m^2] about the
    centre of mass in W, free (B,) bool: moved by forces.
    """

    position: np.ndarray
    rotation: np.ndarray
    velocity: np.ndarray
    angular_velocity: np.ndarray
    com: np.ndarray
    mass: np.ndarray
    inertia: np.ndarray
    free: np.ndarray


@dataclass(frozen=True)
class Touches:
    """Where a continuum pressed on bodies during the last substep: env (n,), body (n,), point (n, 3) [m], force (n, 3) [N]
    on the body, in W.
    """

    env: np.ndarray
    body: np.ndarray
    point: np.ndarray
    force: np.ndarray


def color_in(look: "ParticleCloud | SurfaceMesh", env: int) -> np.ndarray:
    """Linear RGB (3,) of what a continuum shows in an environment."""
    color = np.asarray(look.color, float)
    return color if color.ndim == 1 else color[env]


@dataclass(frozen=True)
class ParticleCloud:
    """Particles for pictures: position (E, n, 3) [m] f32, previous (same, at the last marked frame, or None), radius [m],
    linear RGB colour (3,) or one per environment (E, 3), segment (instance id), smooth: draw the surface of a liquid instead
    of spheres. Inactive particles are NaN.
    """

    name: str
    position: np.ndarray
    previous: np.ndarray | None
    radius: float
    color: Color
    segment: int
    smooth: bool = False


@dataclass(frozen=True)
class Worn:
    """An image on a deforming surface: coordinates (m, 3, 2) of the corners of its faces, right and up; choice (E, 3): number
    of the image among those of the scene + 1 (0: none), copies to the right and up by which the coordinates are multiplied.
    """

    coordinates: np.ndarray
    choice: np.ndarray


@dataclass(frozen=True)
class SurfaceMesh:
    """A deforming surface for pictures: vertices (E, n, 3) [m] f32, previous (same, or None), faces (m, 3) i32, linear RGB
    colour as of a cloud, segment (instance id), the image it wears. Both sides are drawn.
    """

    name: str
    vertices: np.ndarray
    previous: np.ndarray | None
    faces: np.ndarray
    color: Color
    segment: int
    worn: Worn | None = None


class Continuum(Protocol):
    """A physics beside the rigid bodies."""

    def reset(self, envs: np.ndarray) -> None:
        """Put environments `envs` into their initial state."""

    def advance(self, bodies: Bodies, duration: float) -> np.ndarray:
        """Advance by `duration` [s]; returns the mean wrench on every body (E, B, 6): force, then torque about
        `bodies.com`, W.
        """

    def touches(self) -> Touches:
        """Where it pressed on bodies during the last `advance`."""

    def mark(self) -> None:
        """The present state is the previous one of the next pictures."""

    def snapshot(self) -> np.ndarray:
        """The whole state as rows (E, n); restoring it continues bit for bit."""

    def restore(self, rows: np.ndarray) -> None:
        """Continue from the rows of `snapshot`."""

    def faults(self) -> np.ndarray:
        """`engine.types.Fault` bits of each environment, (E,) int."""

    def clouds(self) -> Sequence[ParticleCloud]:
        """What to draw as particles."""

    def surfaces(self) -> Sequence[SurfaceMesh]:
        """What to draw as deforming meshes."""


def total_wrench(continua: Sequence[Continuum], bodies: Bodies, duration: float) -> np.ndarray:
    """Advance all continua in order; returns the sum of their wrenches (E, B, 6)."""
    total = np.zeros((*bodies.mass.shape, 6))
    for continuum in continua:
        total += continuum.advance(bodies, duration)
    return total
