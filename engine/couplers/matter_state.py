"""Stress from the state of particles and the state from a stress, in numpy, for every law of `solvers/mpm/laws.py`.

The state is the elastic left Cauchy-Green tensor b less identity and one scalar (of liquids: the volume ratio J). Given J, each
principal stretch follows from its principal stress in closed form; J is then the root of det b = J^2, found by bisection of
log J. Limits: liquids hold no tension and no shear; a stress beyond the yield surface stays until the next substep takes it
back.
"""

import numpy as np
from numpy.typing import NDArray

from engine.solvers.mpm import columns as col

Array = NDArray[np.float64]
FLOWING = (col.LIQUID, col.PASTE)  # the scalar is the volume ratio
WIDEST = 1.5  # |log J| that the search for a volume ratio covers
HALVINGS = 60


def volume_ratio(law: int, strain: Array, scalar: Array) -> Array:
    """Present over first volume (...), from strain (..., 3, 3) and scalar (...)."""
    return scalar if law in FLOWING else np.sqrt(np.linalg.det(strain + np.eye(3)))


def cauchy_stress(law: int, constants: Array, strain: Array, scalar: Array) -> Array:
    """Stress (..., 3, 3) [Pa] without its viscous part; constants (..., MATERIAL_REALS)."""
    j = volume_ratio(law, strain, scalar)
    if law in FLOWING:
        shear = constants[..., col.SHEAR, None, None] * strain
        return shear - np.maximum(constants[..., col.BULK] / 7 * (j**-7 - 1), 0.0)[..., None, None] * np.eye(3)
    values, axes = np.linalg.eigh(strain + np.eye(3))
    values, log_j = np.maximum(values, 1e-6), np.log(j)[..., None]
    lame, shear = constants[..., col.LAME, None], constants[..., col.SHEAR, None]
    if law == col.ELASTIC:
        along = shear * (values - 1) + lame * log_j
    elif law == col.SNOW:
        root, harder = np.sqrt(values), _harder(constants, scalar)[..., None]
        along = harder * (2 * shear * (root - 1) * root + lame * ((j - 1) * j)[..., None])
    else:
        along = shear * np.log(values) + lame * log_j
    return np.einsum("...ik,...k,...jk->...ij", axes, along / j[..., None], axes)


def state_of_stress(law: int, constants: Array, stress: Array, scalar: Array) -> tuple[Array, Array]:
    """Strain (..., 3, 3) and scalar (...) of particles that bear a stress (..., 3, 3) [Pa]."""
    if law in FLOWING:
        mean = np.trace(stress, axis1=-2, axis2=-1)[..., None, None] / 3
        ratio = (1 + 7 * np.maximum(-mean[..., 0, 0], 0.0) / constants[..., col.BULK]) ** (-1 / 7)
        shear = (stress - mean * np.eye(3)) / np.maximum(constants[..., col.SHEAR, None, None], 1e-9)
        return (shear if law == col.PASTE else np.zeros(stress.shape)), ratio
    along, axes = np.linalg.eigh(0.5 * (stress + np.swapaxes(stress, -1, -2)))
    low, high = np.full(along.shape[:-1], -WIDEST), np.full(along.shape[:-1], WIDEST)
    for _ in range(HALVINGS):
        middle = 0.5 * (low + high)
        left = np.log(_squared_stretches(law, constants, along, middle, scalar)).sum(-1) > 2 * middle
        low, high = np.where(left, middle, low), np.where(left, high, middle)
    values = _squared_stretches(law, constants, along, 0.5 * (low + high), scalar) - 1
    return np.einsum("...ik,...k,...jk->...ij", axes, values, axes), scalar


def state_of_ratio(law: int, strain: Array, scalar: Array, ratio: Array) -> tuple[Array, Array]:
    """Strain and scalar with the volume ratio (...), the shape of the strain kept."""
    if law in FLOWING:
        return strain, ratio
    factor = (ratio / volume_ratio(law, strain, scalar)) ** (2 / 3)
    return factor[..., None, None] * (strain + np.eye(3)) - np.eye(3), scalar


def _squared_stretches(law: int, constants: Array, along: Array, log_j: Array, scalar: Array) -> Array:
    """Eigenvalues of b under the principal Cauchy stresses `along` (..., 3) if the volume ratio were exp(log_j)."""
    lame, shear = constants[..., col.LAME, None], constants[..., col.SHEAR, None]
    j = np.exp(log_j)[..., None]
    if law == col.ELASTIC:
        return np.maximum(1 + (j * along - lame * log_j[..., None]) / shear, 1e-6)
    if law == col.SNOW:
        wanted = (j * along / _harder(constants, scalar)[..., None] - lame * (j - 1) * j) / (2 * shear)
        return np.maximum(0.5 + np.sqrt(np.maximum(0.25 + wanted, 0.0)), 1e-3) ** 2
    return np.exp(np.clip((j * along - lame * log_j[..., None]) / shear, -6.0, 6.0))


def _harder(constants: Array, scalar: Array) -> Array:
    """Factor of hardened snow."""
    return np.exp(np.minimum(constants[..., col.HARDENING] * (1 - scalar), 2.3))
