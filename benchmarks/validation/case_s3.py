"""S3, S4: one per cent of compression from all sides gives 3 K eps, one per cent of shear G gamma, in both laws.

All faces are prescribed; inside nodes start displaced and must find their places. Half the difference of +1 and -1 per cent
takes the law's second order out. The fast solver holds the same faces; its stress is read from the elements.
"""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result
from benchmarks.validation.solid import LAWS, NUS, YOUNG, block, boundary, lame
from engine.solvers.fem.reference import equilibrium

CASE, TITLE = "S3", "Bulk and shear (S3, S4): largest relative error of pressure and shear stress, reference and fast solver"
SHEAR = np.array([[0.0, 0, 1], [0, 0, 0], [0, 0, 0]])


def run(quick: bool) -> dict[str, Any]:
    """Within 1 %."""
    errors: dict[str, float] = {}
    for law in LAWS:
        for nu in NUS if not quick else (0.3, 0.45):
            mu, lam = lame(nu)
            bulk = (_force(law, nu, 0.01 * np.eye(3)) - _force(law, nu, -0.01 * np.eye(3))) / 2
            errors[f"{law} {nu} bulk"] = abs(bulk[2] / ((3 * lam + 2 * mu) * 0.01) - 1)
            shear = (_force(law, nu, 0.01 * SHEAR) - _force(law, nu, -0.01 * SHEAR)) / 2
            errors[f"{law} {nu} shear"] = abs(shear[0] / (mu * 0.01) - 1)
    mu, lam = lame(0.3)
    for sweeps in (12, 60):
        pressed = (_fast(0.01 * np.eye(3), sweeps) - _fast(-0.01 * np.eye(3), sweeps)) / 2
        errors[f"fast bulk, {sweeps} sweeps"] = abs(pressed[2, 2] / ((3 * lam + 2 * mu) * 0.01) - 1)
        slid = (_fast(0.01 * SHEAR, sweeps) - _fast(-0.01 * SHEAR, sweeps)) / 2
        errors[f"fast shear, {sweeps} sweeps"] = abs(slid[0, 2] / (mu * 0.01) - 1)
    return result(max(errors.values()), 0.0, 0.01, {"errors": list(errors.values()), "names": list(errors)}, scale=1.0)


def _force(law: str, nu: float, strain: np.ndarray) -> np.ndarray:
    """Nominal traction (3,) [Pa] on the upper face of a cube whose faces are displaced by `strain` times their place."""
    body = block(nu, law)
    outside = boundary(body.points)
    x = body.points @ (np.eye(3) + strain).T
    x[~outside] += 0.003 * np.random.default_rng(1).standard_normal((int((~outside).sum()), 3))
    found = equilibrium(body, x, outside, 0 * x, 1e-7)
    P = body.stress(body.deformation(found))
    return np.asarray((P[..., 2] * body.volume[..., None]).sum((0, 1)) / body.volume.sum())


def _fast(strain: np.ndarray, sweeps: int) -> np.ndarray:
    """Mean Cauchy stress of a cube held at its faces by the fast solver."""
    engine.init(backend="cpu", precision="f32", threads=1)
    scene = engine.Scene()
    scene.options.gravity, scene.options.timestep = (0, 0, 0), 0.01
    scene.deformable_options.sweeps = sweeps
    material = engine.Elastic(youngs_modulus=YOUNG, poisson_ratio=0.3, damping=5e-3)
    scene.add_soft("cube", material=material, shape=engine.Box(size=(0.1, 0.1, 0.1)), resolution=0.05)
    sim = engine.Simulation(scene)
    view = sim.deformable("cube")
    held = np.flatnonzero(boundary(view.position[0]))
    view.position = view.position @ (np.eye(3) + strain).T
    view.attach(held)
    sim.step(100)
    return np.asarray(view.stress[0].mean(0))
