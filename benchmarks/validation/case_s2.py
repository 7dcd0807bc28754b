"""S2: a bar with free sides, stretched and pressed, in the reference solver (both laws, three ratios) and in the fast one.

Small strain: half the difference of +1 and -1 per cent against E eps and -nu eps, which takes the law's second order out.
20 per cent: against the closed form of each law (its lateral stretch by a root).
"""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result
from benchmarks.validation.solid import LAWS, NUS, YOUNG, block, lame, nominal
from engine.solvers.fem.reference import equilibrium

CASE, TITLE = "S2", "Uniaxial bar: largest relative error of reaction and lateral strain, reference and fast solver"


def run(quick: bool) -> dict[str, Any]:
    """Reaction within 1 % (lateral strain, weighed by a third, within 3 %)."""
    errors: dict[str, float] = {}
    for law in LAWS:
        for nu in NUS:
            up, side_up = _pull(law, nu, 0.01)
            down, side_down = _pull(law, nu, -0.01)
            errors[f"{law} {nu} small"] = abs((up - down) / 2 / (YOUNG * 0.01) - 1)
            if nu:
                errors[f"{law} {nu} sideways"] = abs((side_up - side_down) / 2 / (-nu * 0.01) - 1) / 3
            errors[f"{law} {nu} 20 %"] = abs(_pull(law, nu, 0.2)[0] / nominal(law, nu, 1.2) - 1)
    for sweeps in (12, 60):
        errors[f"fast, {sweeps} sweeps"] = abs(_fast(sweeps, quick) / nominal("neo_hookean", 0.3, 1.01) - 1)
    return result(max(errors.values()), 0.0, 0.01, {"errors": list(errors.values()), "names": list(errors)}, scale=1.0)


def _pull(law: str, nu: float, eps: float) -> tuple[float, float]:
    """Nominal stress [Pa] and lateral strain of a bar whose ends slide sideways."""
    body = block(nu, law)
    x0 = body.points
    low, high = x0.min(0), x0.max(0)
    ends = (np.abs(x0[:, 2] - low[2]) < 1e-9) | (np.abs(x0[:, 2] - high[2]) < 1e-9)
    held = np.stack([np.abs(x0[:, 0] - low[0]) < 1e-9, np.abs(x0[:, 1] - low[1]) < 1e-9, ends], axis=1)
    x = x0.copy()
    x[:, 2] = low[2] + (x0[:, 2] - low[2]) * (1 + eps)
    found = equilibrium(body, x, held, 0 * x, 1e-7)
    top = np.abs(x0[:, 2] - high[2]) < 1e-9
    area = np.prod((high - low)[:2])
    wide = found[np.abs(x0[:, 0] - high[0]) < 1e-9, 0].mean() - low[0]
    return float(-body.force(found)[top, 2].sum() / area), float(wide / (high - low)[0] - 1)


def _fast(sweeps: int, quick: bool) -> float:
    """Nominal stress in the middle third of a bar clamped at both ends and stretched by a hundredth."""
    engine.init(backend="cpu", precision="f32", threads=1)
    scene = engine.Scene()
    scene.options.gravity, scene.options.timestep = (0, 0, 0), 0.01
    scene.deformable_options.sweeps = sweeps
    material = engine.Elastic(youngs_modulus=YOUNG, poisson_ratio=0.3, damping=5e-3)
    scene.add_soft("bar", material=material, shape=engine.Box(size=(0.1, 0.1, 0.6)), resolution=0.05)
    sim = engine.Simulation(scene)
    view = sim.deformable("bar")
    x = view.position
    ends = np.flatnonzero(np.abs(x[0, :, 2]) > 0.299)
    mu, lam = lame(0.3)
    x[..., 2] *= 1.01
    x[..., :2] *= 1 - 0.01 * lam / (2 * (lam + mu))
    view.position = x
    view.attach(ends)
    sim.step(100 if quick else 400)
    middle = np.abs(view.position[0][view.cells].mean(1)[:, 2]) < 0.1
    thin = (1 - 0.003) ** 2  # Cauchy's stress acts on the thinner section
    return float(view.stress[0, middle, 2, 2].mean() * thin)
