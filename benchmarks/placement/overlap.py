"""How far two convex solids overlap, by another way than the solver's: the least overlap over many directions.

For every direction the projections of two solids overlap by some amount; the smallest over all directions is the penetration
depth, so any direction proves an upper bound. The directions are those of the separating axis theorem for boxes, the line of
the middles, and 256 spread evenly, each improved by a local search.
"""

import math
from typing import Any

import numpy as np


def matrix(q: Any) -> np.ndarray:
    """Rotation matrix of a quaternion wxyz."""
    w, x, y, z = q
    return np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ]
    )


class Solid:
    """A primitive of a body in the world."""

    def __init__(self, body: Any, shape: Any):
        turn = matrix(body.rotation)
        self.kind, self.size = shape.type, shape.size
        self.middle = np.array(body.position) + turn @ np.array(shape.position)
        self.axes = turn @ matrix(shape.rotation)
        self.vertices = np.array(shape.vertices) if shape.vertices else None

    def reach(self, d: np.ndarray) -> np.ndarray:
        """Largest dot product with unit directions (n, 3)."""
        local = d @ self.axes
        if self.kind == "box":
            inner = np.abs(local) @ (0.5 * np.array(self.size))
        elif self.kind == "cylinder":
            inner = self.size[0] * np.hypot(local[:, 0], local[:, 1]) + 0.5 * self.size[1] * np.abs(local[:, 2])
        elif self.vertices is not None:
            inner = (local @ self.vertices.T).max(axis=1)
        else:
            inner = np.full(len(d), self.size[0])
        return d @ self.middle + inner


def sphere(count: int) -> np.ndarray:
    """Directions spread evenly (golden spiral)."""
    k = np.arange(count) + 0.5
    z, angle = 1.0 - 2.0 * k / count, math.pi * (1.0 + math.sqrt(5.0)) * k
    flat = np.sqrt(1.0 - z * z)
    return np.stack([flat * np.cos(angle), flat * np.sin(angle), z], axis=1)


EVEN = sphere(256)


def depth(first: Solid, second: Solid) -> float:
    """An upper bound of the penetration depth, m; negative where the solids are apart."""
    between = second.middle - first.middle
    crossed = np.cross(first.axes.T[:, None], second.axes.T[None]).reshape(-1, 3)
    directions = np.concatenate([first.axes.T, second.axes.T, EVEN, crossed, between[None]])
    sizes = np.linalg.norm(directions, axis=1)
    directions = directions[sizes > 1e-9] / sizes[sizes > 1e-9, None]
    directions = np.concatenate([directions, -directions])

    def overlap(d: np.ndarray) -> np.ndarray:
        return first.reach(d) + second.reach(-d)

    best = directions[int(np.argmin(overlap(directions)))]
    step, rng = 0.1, np.random.default_rng(0)
    for _ in range(30):
        near = best + step * rng.standard_normal((32, 3))
        near = np.concatenate([best[None], near / np.linalg.norm(near, axis=1)[:, None]])
        best = near[int(np.argmin(overlap(near)))]
        step *= 0.75
    return float(overlap(best[None])[0])


def worst(bodies: Any) -> float:
    """The deepest overlap between solids of different bodies, m."""
    solids = [(body.name, Solid(body, shape)) for body in bodies for shape in body.shapes if shape.type != "plane"]
    deepest = -math.inf
    corners = np.concatenate([np.eye(3), -np.eye(3)])
    boxes = [solid.reach(corners) for _, solid in solids]
    for i, (name, solid) in enumerate(solids):
        for j in range(i):
            if solids[j][0] == name or np.any(boxes[i][:3] + boxes[j][3:] < 0.0) or np.any(boxes[j][:3] + boxes[i][3:] < 0.0):
                continue
            deepest = max(deepest, depth(solid, solids[j][1]))
    return deepest
