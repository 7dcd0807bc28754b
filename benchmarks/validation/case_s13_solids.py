"""S13: a rigid ball pressed without friction into an elastic block of the reference solver: the force of Hertz's contact.

The same E* and R as an elastic ball on a rigid plane, without what a ball's other pole adds (between two plates a ball is
12 per cent stiffer at d / R = 0.05, Tatara 1991). A quarter of the block, quadratic tetrahedra that shrink towards the
contact, whose far sides stand 0.3 m away (adds about 0.4 a / 0.3 m to the stiffness). Nodes inside the ball are held on it
along the normal of the block, those that it would have to pull are let go, until neither changes.
"""

from typing import Any

import numpy as np

from benchmarks.validation.soft import result
from benchmarks.validation.solid import YOUNG, lame
from engine.geometry.solids import grid_cells
from engine.solvers.fem.reference import ElasticBody, equilibrium, quadratic

CASE, TITLE = "S13-solids", "Hertz: ball on an elastic block, force over 4/3 E* sqrt(R) d^1.5, worst of d / R = 0.02, 0.05"
RADIUS, NU, FAR = 0.1, 0.3, 0.3
STIFF = 4 / 3 * YOUNG / (1 - NU**2) * np.sqrt(RADIUS)


def run(quick: bool) -> dict[str, Any]:
    """Within 7 %, exponent 1.5 within 0.05."""
    body = quarter(8 if quick else 10)
    depths = (0.002, 0.005)
    force, radius = [], []
    for depth in depths:
        pressed, wide = press(body, depth)
        force.append(pressed)
        radius.append(float(wide / np.sqrt(RADIUS * depth)))
    ratio = [float(f / (STIFF * d**1.5)) for f, d in zip(force, depths, strict=True)]
    exponent = float(np.polyfit(np.log(depths), np.log(force), 1)[0])
    curves = {"force over Hertz": ratio, "contact radius over Hertz": radius, "exponent": [exponent]}
    made = result(max(ratio, key=lambda r: abs(r - 1)), 1.0, 0.07, curves)
    if abs(exponent - 1.5) > 0.05:
        made["verdict"] = "fail"
    return made


def quarter(count: int) -> ElasticBody:
    """0 <= x, y <= FAR, -FAR <= z <= 0, `count` cells along each side."""
    points, cells = grid_cells((count, count, count))
    points = FAR * ((points + 1) / 2) ** 2.4 * [1.0, 1.0, -1.0]
    points, cells = quadratic(points, cells[:, [0, 2, 1, 3]])
    return ElasticBody(points, cells, *lame(NU))


def press(body: ElasticBody, depth: float) -> tuple[float, float]:
    """Force of the whole ball [N] with its lowest point `depth` below the free surface, and radius of the contact [m]."""
    rest, x = body.points, body.points.copy()
    held = np.abs(rest) < 1e-9  # planes of symmetry, below: the far side
    held[:, 2] = rest[:, 2] < -FAR + 1e-9
    top = rest[:, 2] > -1e-9
    active = top & (np.hypot(rest[:, 0], rest[:, 1]) < np.sqrt(RADIUS * depth))
    for _ in range(10):
        fixed = held.copy()
        fixed[active, 2] = True
        ball = _ball(x, depth)
        x[active, 2] = ball[active]
        x = equilibrium(body, x, fixed, 0 * x, 1e-4)
        pull = -body.force(x)[:, 2]  # what holds a node
        new = (active & (pull < 0)) | (top & (x[:, 2] > _ball(x, depth) + 1e-7))
        if (new == active).all():
            break
        active = new
    return -4 * float(pull[active].sum()), float(np.hypot(x[active, 0], x[active, 1]).max())


def _ball(x: np.ndarray, depth: float) -> np.ndarray:
    """Height of the ball's lower side above every node [m]."""
    across = np.minimum(x[:, 0] ** 2 + x[:, 1] ** 2, RADIUS**2)
    return RADIUS - depth - np.sqrt(RADIUS**2 - across)
