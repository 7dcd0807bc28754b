"""S10: torsion of a square bar by its clamped ends: T = G J theta / L with J = 0.1406 a^4."""

from typing import Any

import numpy as np

from benchmarks.validation.soft import result
from benchmarks.validation.solid import block, lame
from engine.solvers.fem.reference import equilibrium

CASE, TITLE = "S10", "Torsion of a square bar: torque over G J theta / L (the part between the ends that may not warp)"


def run(quick: bool) -> dict[str, Any]:
    """Within 3 %; no axial force or bending moment above 1e-3 of E A and of the torque."""
    spacing, length, angle = 0.1 / 3 if quick else 0.025, 0.8, 0.02
    torque, leak = [], 0.0
    for size in (length / 2, length):  # the difference is free of the ends, where clamps hinder the warping
        body = block(0.3, size=(0.1, 0.1, size), spacing=spacing, second=True)
        x0 = body.points
        turn = angle * (x0[:, 2] / size + 0.5)
        c, s = np.cos(turn), np.sin(turn)
        x = np.column_stack([x0[:, 0] * c - x0[:, 1] * s, x0[:, 0] * s + x0[:, 1] * c, x0[:, 2]])
        ends = np.abs(np.abs(x0[:, 2]) - size / 2) < 1e-9
        found = equilibrium(body, x, ends, 0 * x, 1e-7)
        top = ends & (x0[:, 2] > 0)
        force = -body.force(found)[top]
        moment = np.cross(found[top], force).sum(0)
        torque.append(float(moment[2]))
        leak = max(leak, float(np.abs(moment[:2]).max() / abs(moment[2])), float(abs(force.sum(0)[2])) / (1e6 * 0.01))
    compliance = angle / torque[1] - angle / torque[0]
    mu, _ = lame(0.3)
    made = result(length / 2 / (compliance * mu * 0.1406 * 0.1**4), 1.0, 0.03, {"torque": torque, "leak": [leak]})
    if leak > 1e-3:
        made["verdict"] = "fail"
    return made
