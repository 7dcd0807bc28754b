"""Damping of the integrators: loss of amplitude of an oscillator in a step, against the roots of the schemes.

Backward Euler: |z| = 1 / sqrt(1 + w^2), w = omega dt. BDF2: the larger root of (3/2 - i w) z^2 - 2 z + 1/2 = 0 (Hairer and
Wanner 1996, V.1). Measured with the reference solver; the fast solver converges to the same equations.
"""

from typing import Any

import numpy as np

from benchmarks.validation.matter import result
from engine.solvers.fem.reference import ElasticBody, step

CASE, TITLE = "damping", "Damping of Euler and BDF2 (curves: loss in a period): largest relative error against theory"
STEPS = (10, 20, 40, 80)  # in a period


def run(quick: bool) -> dict[str, Any]:
    """Loss of amplitude in a period within 3 %, Euler from 10 steps in a period on, BDF2 from 20 (below that its modes mix)."""
    euler, bdf2 = ([loss(order, n) for n in STEPS] for order in (1, 2))
    first, second = ([theory(order, n) for n in STEPS] for order in (1, 2))
    wrong = np.abs(np.array(euler + bdf2[1:]) / (first + second[1:]) - 1)
    curves = {"steps in a period": list(STEPS), "Euler": euler, "Euler theory": first, "BDF2": bdf2, "BDF2 theory": second}
    return result(float(wrong.max()), 0.0, 0.03, curves, scale=1.0, gate_text="3 %")


def theory(order: int, n: int) -> float:
    """Loss of amplitude in a period of n steps."""
    w = 2 * np.pi / n
    z = 1 / np.sqrt(1 + w * w) if order == 1 else np.abs(np.roots([1.5 - 1j * w, -2, 0.5])).max()
    turn = np.arctan(w) if order == 1 else abs(np.angle(max(np.roots([1.5 - 1j * w, -2, 0.5]), key=abs)))
    return float(1 - z ** (2 * np.pi / turn))


def loss(order: int, n: int) -> float:
    """Of one free coordinate of a tetrahedron, mean over the periods measured."""
    points = np.array([[0.0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]])
    body = ElasticBody(points, np.array([[0, 1, 2, 3]]), 1e4, 0.0, 1000.0, "st_venant_kirchhoff")
    held = np.ones((4, 3), bool)
    held[3, 2] = False
    omega = float(np.sqrt(body.hessian(points)[11, 11] / body.mass[3]))
    x = points.copy()
    x[3, 2] += 1e-3
    states, track = [x, np.zeros_like(x)], []
    for _ in range(6 * n):
        states = step(body, states, held, 0 * x, 2 * np.pi / omega / n, order)
        track.append(states[0][3, 2] - 1)
    w = 2 * np.pi / n
    z = 1 / (1 - 1j * w) if order == 1 else max(np.roots([1.5 - 1j * w, -2, 0.5]), key=abs)
    late = np.array(track[2 * n :])
    # x_k+1 = 2 Re(z) x_k - |z|^2 x_k-1: the least squares of both numbers give the size of the root
    pair = np.linalg.lstsq(np.stack([late[1:-1], -late[:-2]], 1), late[2:], rcond=None)[0]
    turn = abs(np.arccos(np.clip(pair[0] / (2 * np.sqrt(pair[1])), -1, 1)))
    return float(1 - np.sqrt(pair[1]) ** (2 * np.pi / (turn or abs(np.angle(z)))))
