"""E3: energy that rises without work, momentum that changes without an impulse, free flight that is not g.

Of every interval without an action: rise of translational and potential energy over the greatest kinetic energy of the recorded
frames (at least M (0.1 m/s)^2 / 2); |change of momentum - recorded impulses of what does not move - M g dt| over
max(|p|, M * 0.1 m/s). A rise is a violation over 1e-3 and over three times the greatest one of the recording itself, which
turns spin into translation. Free flight: second differences of positions of free bodies where the recording has no touch,
against g.
Limits: needs every body and every mass; impulses are those of the recording, so a late collision counts as a residual.
"""

from collections.abc import Iterable

import numpy as np

from datagen.evaluation.motion import Aligned
from datagen.evaluation.truth import Truth

LEAST_RISE = 1e-3
ABOVE_RECORDED = 3.0
SLOW = 0.1  # m/s


def conservation_items(aligned: Aligned) -> Iterable[tuple[str, list[float]]]:
    """Items of E3 of one episode."""
    truth = aligned.truth
    if not aligned.has_motion:
        return
    flight = _flight(aligned)
    if flight:
        yield "free_flight_error", flight
    free = ~truth.acted[aligned.intervals].any(axis=1)
    if not aligned.is_complete or not np.isfinite(truth.mass).all() or not free.any():
        return
    recorded = slice(aligned.start, aligned.start + aligned.horizon + 1)
    scale = max(
        0.5 * float((truth.mass * (truth.velocity[recorded] ** 2).sum(-1)).sum(-1).max()),
        0.5 * float(truth.mass.sum()) * SLOW**2,
    )
    own = _rise(truth, truth.position[recorded], truth.velocity[recorded])[free] / scale
    rise = _rise(truth, aligned.path(), aligned.velocities())[free] / scale
    yield "energy_rise", np.maximum(rise, 0.0).tolist()
    yield "energy_violation", (rise > max(LEAST_RISE, ABOVE_RECORDED * own.max())).astype(float).tolist()
    yield "momentum_residual", _momentum(aligned)[free].tolist()


def _rise(truth: Truth, position: np.ndarray, velocity: np.ndarray) -> np.ndarray:
    """Change of energy of every interval in J."""
    energy = 0.5 * (velocity**2).sum(-1) - position @ truth.gravity
    return np.diff((truth.mass * energy).sum(-1))


def _momentum(aligned: Aligned) -> np.ndarray:
    truth = aligned.truth
    momentum = (truth.mass[:, None] * aligned.velocities()).sum(1)
    outer = truth.outer[aligned.intervals] + truth.mass.sum() * truth.gravity / truth.fps
    size = np.maximum(np.linalg.norm(momentum[:-1], axis=-1), truth.mass.sum() * SLOW)
    return np.linalg.norm(np.diff(momentum, axis=0) - outer, axis=-1) / size


def _flight(aligned: Aligned) -> list[float]:
    """|acceleration - g| / |g| wherever a free body is left alone for two intervals."""
    truth, strength = aligned.truth, float(np.linalg.norm(aligned.truth.gravity))
    if strength == 0.0 or aligned.horizon < 2:
        return []
    alone = ~(truth.touched | truth.acted)[aligned.intervals][:, aligned.columns]
    alone &= np.array([_is_free(truth, name) for name in aligned.names])
    found = np.diff(aligned.path(), 2, axis=0) * truth.fps**2 - truth.gravity
    return (np.linalg.norm(found, axis=-1)[alone[1:] & alone[:-1]] / strength).tolist()


def _is_free(truth: Truth, name: str) -> bool:
    body = truth.bodies.get(name)
    return body is not None and not body.get("prescribed") and (body.get("joint") or {"type": "free"})["type"] == "free"
