"""Masses within bounds, and what the fluid around the bodies sees of them: inertia boxes and ellipsoids.

The box of a body has its mass and principal moments. Added mass and inertia of ellipsoids are Lamb's integrals (1932) in
Tuckerman's form (1925), by 15-point Kronrod quadrature in lambda = s x^3 / (1 - x)^2, as MuJoCo computes them. Principal axes
come from Jacobi rotations that start with the body's axes and always remove the largest entry, so that bodies of revolution
keep the axes that MuJoCo gives them. Limits: meshes drag by the box of their inertia only.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import SceneError
from engine.geometry import rotation as rot
from engine.geometry.inertia import six, tensor
from engine.types import ShapeType

Array = NDArray[np.float64]
KRONROD = (
    0.991455371120812639206854697526329, 0.949107912342758524526189684047851, 0.864864423359769072789712788640926,
    0.741531185599394439863864773280788, 0.586087235467691130294144691693013, 0.405845151377397166906606412076961,
    0.207784955007898467600689403773245, 0.0,
)  # fmt: skip
WEIGHTS = (
    0.022935322010529224963732008058970, 0.063092092629978553290700663189204, 0.104790010322250183839876322541518,
    0.140653259715525918745189590510238, 0.169004726639267902826583426598550, 0.190350578064785409913256402421014,
    0.204432940075298892414161999234649, 0.209482141084727828012999174891714,
)  # fmt: skip


def principal(inertia: Array) -> tuple[Array, Array]:
    """Moments in falling order and the quaternion of their axes, of one symmetric 3 x 3 matrix."""
    q, moved = np.array([1.0, 0.0, 0.0, 0.0]), inertia
    for _ in range(500):
        turn = rot.matrix(q)
        moved = turn.T @ inertia @ turn
        i, j = max(((0, 1), (0, 2), (1, 2)), key=lambda pair: abs(moved[pair]))
        if abs(moved[i, j]) < 1e-12:
            break
        tau = (moved[j, j] - moved[i, i]) / (2 * moved[i, j])
        t = 1 / (tau + np.sqrt(1 + tau * tau)) if tau >= 0 else -1 / (-tau + np.sqrt(1 + tau * tau))
        c = 1 / np.sqrt(1 + t * t)
        if c > 1 - 1e-12:
            break
        step, sign = np.zeros(4), -1.0 if tau >= 0 else 1.0
        step[3 - i - j + 1] = sign * np.sqrt(0.5 - 0.5 * c) * (-1.0 if (i, j) == (0, 2) else 1.0)
        step[0] = np.sqrt(1 - (step[1:] ** 2).sum())
        q = rot.multiply(q, step)
    for i in (0, 1, 0):
        moments = np.diagonal(moved)
        if moments[i] + 1e-12 < moments[i + 1]:
            step = np.array([0.707106781186547524, 0.0, 0.0, 0.0])
            step[(i + 2) % 3 + 1] = 0.707106781186547524
            q = rot.multiply(q, step)
            turn = rot.matrix(q)
            moved = turn.T @ inertia @ turn
    return np.array(np.diagonal(moved)), q / np.linalg.norm(q)


def bounded_masses(scenes: Sequence[Any], reals: dict[str, Array]) -> dict[str, Array]:
    """body_mass and body_inertia within the bounds of the options, scaled to the total mass where one is asked for."""
    mass, inertia = reals["body_mass"].copy(), reals["body_inertia"].copy()
    for v, scene in enumerate(scenes):
        options = scene.options
        mass[v, 1:] = np.maximum(mass[v, 1:], options.least_mass)
        for b in range(1, mass.shape[1]) if options.least_inertia else ():
            inertia[v, b] = _mended(inertia[v, b], options.least_inertia)
        total = mass[v, 1:].sum()
        if options.total_mass is not None:
            if total <= 0:
                raise SceneError("Scene.options", "a total mass without bodies that weigh", "allowed: some mass", "add mass")
            mass[v], inertia[v] = mass[v] * (options.total_mass / total), inertia[v] * (options.total_mass / total)
    return {"body_mass": mass, "body_inertia": inertia}


def _mended(inertia: Array, least: float) -> Array:
    """The inertia with principal moments of at least `least`."""
    moments, q = principal(tensor(inertia))
    turn = rot.matrix(q)
    return np.array(six(turn @ np.diag(np.maximum(moments, least)) @ turn.T))


def medium(scenes: Sequence[Any], reals: dict[str, Array]) -> dict[str, Array]:
    """The fluid's own numbers, boxes of bodies and ellipsoids of shapes (variants, ...)."""
    variants, bodies = reals["body_mass"].shape
    shapes = [s for _, s in scenes[0].shapes]
    box, turn = np.zeros((variants, bodies, 3)), np.tile([1.0, 0.0, 0.0, 0.0], (variants, bodies, 1))
    fluid, radii = np.zeros((variants, len(shapes), 12)), np.zeros((variants, len(shapes), 3))
    for v, scene in enumerate(scenes):
        if not (scene.options.density or scene.options.viscosity):
            continue
        covered = {body for body, s in scene.shapes if s.fluid is not None}
        lone = {b: [s for body, s in scene.shapes if body == b] for b in range(1, bodies)}
        for b in set(range(1, bodies)) - covered:
            if reals["body_mass"][v, b] > 0:
                moments, turn[v, b] = _axes(scene, b, lone[b], reals["body_inertia"][v, b])
                box[v, b] = np.sqrt(np.maximum(moments.sum() - 2 * moments, 1e-15) * 6 / reals["body_mass"][v, b])
        for k, (_, s) in enumerate(scene.shapes):
            if s.fluid is not None:
                radii[v, k] = semi_axes(s.kind, np.array(s.stored_size()))
                fluid[v, k] = (1.0, *s.fluid, *added_mass(radii[v, k]))
    options = [s.options for s in scenes]
    return {
        "medium_density": np.array([[o.density] for o in options]),
        "medium_viscosity": np.array([[o.viscosity] for o in options]),
        "wind": np.array([o.wind for o in options], float),
        "body_fluid_box": box,
        "body_inertia_rotation": turn,
        "shape_fluid": fluid,
        "shape_fluid_radii": radii,
    }


def _axes(scene: Any, b: int, shapes: list[Any], inertia: Array) -> tuple[Array, Array]:
    """Principal moments and axes: those of the shape when a body has its inertia from one shape."""
    about = tensor(inertia)
    if scene.bodies[b].inertia is None and len(shapes) == 1 and shapes[0].kind < ShapeType.MESH:
        q = np.array(shapes[0].rotation)
        turn = rot.matrix(q)
        return np.array(np.diagonal(turn.T @ about @ turn)), q
    return principal(about)


def semi_axes(kind: ShapeType, size: Array) -> Array:
    """Semi-axes of the ellipsoid that stands for a shape."""
    if kind == ShapeType.SPHERE:
        return np.full(3, size[0])
    if kind == ShapeType.CAPSULE:
        return np.array([size[0], size[0], size[1] + size[0]])
    if kind == ShapeType.CYLINDER:
        return np.array([size[0], size[0], size[1]])
    return size


def added_mass(r: Array) -> Array:
    """Added mass and added inertia of an ellipsoid per density of the fluid, (6,)."""
    x = np.concatenate([np.array(KRONROD), -np.array(KRONROD[:-1])]) / 2 + 0.5
    w = np.concatenate([np.array(WEIGHTS), np.array(WEIGHTS[:-1])]) / 2
    scale = (r[0] * r[1] * r[2]) ** 0.4 * np.sqrt(1.0) * r**0.8  # (r_i^3 r_j r_k)^(2/5)
    kappa = np.zeros(3)
    for i in range(3):
        lam = scale[i] * x**3 / (1 - x) ** 2
        slope = scale[i] * x**2 * (3 - x) / (1 - x) ** 3
        rest = np.sqrt(np.prod([1 + lam / a**2 for a in r], axis=0))
        kappa[i] = (w * slope / ((1 + lam / r[i] ** 2) * rest)).sum() / r[i] ** 2
    volume = 4 / 3 * np.pi * r.prod()
    square, inertia = r**2, np.zeros(3)
    for i in range(3):
        j, k = (i + 1) % 3, (i + 2) % 3
        apart, both = square[j] - square[k], square[j] + square[k]
        below = abs(2 * apart + both * (kappa[j] - kappa[k]))
        inertia[i] = volume / 5 * abs(apart**2 * (kappa[k] - kappa[j])) / max(below, 1e-15)
    return np.concatenate([volume * kappa / np.maximum(2 - kappa, 1e-15), inertia])
