"""D6: observed orders of the reference solver in time (Euler 1, BDF2 2) and in space (linear and quadratic elements)."""

from typing import Any

import numpy as np

from benchmarks.validation.matter import result
from benchmarks.validation.solid import block
from engine.solvers.fem.reference import ElasticBody, equilibrium, step

CASE, TITLE = "D6-solids", "Observed orders of the reference solver in time: the largest distance to 1 (Euler) and 2 (BDF2)"


def run(quick: bool) -> dict[str, Any]:
    """Within 0.2; orders in space of the stretch of a hanging bar stand in the curves."""
    time = [in_time(1), in_time(2)]
    curves: dict[str, Any] = {"orders in time": time}
    if not quick:
        curves["orders in space, linear and quadratic"] = [in_space(False), in_space(True)]
    return result(max(abs(time[0] - 1), abs(time[1] - 2)), 0.0, 0.2, curves, scale=1.0, gate_text="0.2")


def in_time(order: int) -> float:
    """By three step sizes, of one free node of a tetrahedron after a third of its period."""
    points = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    body = ElasticBody(points, np.array([[0, 1, 2, 3]]), 1e4, 0.0, 1000.0, "st_venant_kirchhoff")
    held = np.ones((4, 3), bool)
    held[3, 2] = False
    omega = float(np.sqrt(body.hessian(points)[11, 11] / body.mass[3]))
    ends = []
    for n in (40, 80, 160):
        x = points.copy()
        x[3, 2] += 0.02
        states = [x, np.zeros_like(x)]
        for _ in range(n):
            states = step(body, states, held, 0 * x, 2.0 / omega / n, order)
        ends.append(states[0][3, 2])
    return float(np.log2(abs((ends[1] - ends[0]) / (ends[2] - ends[1]))))


def in_space(second: bool) -> float:
    """Of the tip of a short cantilever under its own weight, three meshes each half of the other."""
    tips = []
    for spacing in (0.1, 0.05, 0.025) if not second else (0.2, 0.1, 0.05):
        body = block(0.3, size=(0.4, 0.2, 0.2), spacing=spacing, second=second, density=1000.0)
        load = np.zeros_like(body.points)
        load[:, 2] = -9.81 * body.mass
        x = equilibrium(body, body.points, np.abs(body.points[:, 0] + 0.2) < 1e-9, load)
        tip = np.abs(body.points[:, 0] - 0.2) < 1e-9
        tips.append((body.points - x)[tip, 2].mean())
    return float(np.log2(abs((tips[1] - tips[0]) / (tips[2] - tips[1]))))
