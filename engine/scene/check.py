"""Checks of single values and descriptions: each returns the clean value or raises one SceneError sentence.

Values are checked when they join a scene, so that the error names the call that brought them; what depends on the whole scene
(masses of moving bodies, options) is checked by `engine.scene.compile`.
"""

import math
import numbers
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

import numpy as np

from engine.errors import SceneError, near_matches
from engine.geometry.inertia import tensor, violates_triangle
from engine.scene.description import DISABLED, INTEGRATORS, Axial, Ball, Free, Joint, Options, Quaternion, Vector

MAX_BODIES = 60_000
TIMESTEPS = (1e-6, 0.1)


def number(where: str, what: str, value: Any, low: float = -math.inf, high: float = math.inf, above: bool = False) -> float:
    """A finite number from `low` to `high` (strictly above `low` with above=True)."""
    if type(value) is float and low < value <= high and value != math.inf:
        return value
    if isinstance(value, bool) or not isinstance(value, numbers.Real):
        raise SceneError(where, f"{what} is {value!r}", "allowed: a number", "pass one")
    result = float(value)
    if math.isfinite(result) and low <= result <= high and not (above and result <= low):
        return result
    raise SceneError(where, f"{what} is {result:g}", f"allowed: {_interval(low, high, above)}", "correct the value")


def _interval(low: float, high: float, above: bool) -> str:
    if math.isinf(low) and math.isinf(high):
        return "a finite number"
    if math.isinf(high):
        return f"above {low:g}" if above else f"{low:g} or more"
    return f"{'above ' if above else ''}{low:g} to {high:g}"


def whole(where: str, what: str, value: Any, low: int, high: int) -> int:
    """An integer from `low` to `high`."""
    if isinstance(value, bool) or not isinstance(value, numbers.Integral) or not low <= int(value) <= high:
        raise SceneError(where, f"{what} is {value!r}", f"allowed: an integer from {low} to {high}", "correct the value")
    return int(value)


def vector(
    where: str, what: str, value: Any, length: int = 3, low: float = -math.inf, high: float = math.inf, above: bool = False
) -> tuple:
    """`length` finite numbers, each within the bounds."""
    if type(value) is tuple and len(value) == length:
        for v in value:
            if type(v) is not float or not low < v < high:
                break
        else:
            return value
    items = value.tolist() if isinstance(value, np.ndarray) else value
    if isinstance(items, str | Mapping) or not isinstance(items, Iterable):
        raise SceneError(where, f"{what} is {value!r}", f"allowed: {length} numbers", "pass a sequence")
    items = list(items)
    if len(items) != length:
        raise SceneError(where, f"{what} has {len(items)} entries", f"allowed: {length}", f"pass {length} numbers")
    return tuple(number(where, what, item, low, high, above) for item in items)


def rotation(where: str, what: str, value: Any) -> Quaternion:
    """A unit quaternion (w, x, y, z); any nonzero one is normalized."""
    q = vector(where, what, value, 4)
    norm = math.sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3])
    if norm < 1e-9:
        raise SceneError(
            where, f"{what} is the zero quaternion", "allowed: any nonzero (w, x, y, z)", "use (1, 0, 0, 0) for none"
        )
    return q if abs(norm - 1) < 1e-12 else (q[0] / norm, q[1] / norm, q[2] / norm, q[3] / norm)


def direction(where: str, what: str, value: Any) -> Vector:
    """A unit vector; any nonzero one is normalized."""
    v = vector(where, what, value)
    norm = math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2])
    if norm < 1e-9:
        raise SceneError(where, f"{what} is zero", "allowed: a direction of any nonzero length", "use for example (0, 0, 1)")
    return v if abs(norm - 1) < 1e-12 else (v[0] / norm, v[1] / norm, v[2] / norm)


def interval(where: str, what: str, value: Any) -> tuple[float, float] | None:
    """None, or (low, high) with low <= high."""
    if value is None:
        return None
    low, high = vector(where, what, value, 2)
    if low > high:
        raise SceneError(where, f"{what} is ({low:g}, {high:g}), low above high", "allowed: low <= high", "swap them")
    return low, high


def inertia(where: str, value: Any) -> tuple[float, ...]:
    """xx yy zz xy xz yz from 3 principal moments, 6 entries or a symmetric 3x3 tensor; must belong to some body."""
    try:
        array = np.asarray(value, float)
    except (TypeError, ValueError) as error:
        raise SceneError(
            where, f"inertia is {value!r}", "allowed: 3 moments, 6 entries or a 3x3 tensor", "pass numbers"
        ) from error
    if array.shape == (3, 3):
        if not np.allclose(array, array.T, rtol=1e-9, atol=1e-12):
            raise SceneError(where, "inertia is not symmetric", "allowed: a symmetric 3x3 tensor", "correct it")
        array = array[[0, 1, 2, 0, 0, 1], [0, 1, 2, 1, 2, 2]]
    if array.shape == (3,):
        array = np.concatenate([array, np.zeros(3)])
    six = vector(where, "inertia", array, 6)
    if violates_triangle(tensor(six)):
        shown = ", ".join(f"{m:.4g}" for m in np.linalg.eigvalsh(tensor(six)))
        raise SceneError(
            where,
            f"inertia has the principal moments ({shown})",
            "allowed: positive, the largest not above the sum of the others",
            "correct it",
        )
    return six


def friction(where: str, value: Any) -> float | Vector:
    """A sliding coefficient or (sliding, torsional, rolling), none negative."""
    if isinstance(value, numbers.Real):
        return number(where, "friction", value, 0.0)
    return vector(where, "friction", value, 3, 0.0)


def impedance(where: str, solref: Any, solimp: Any) -> tuple[tuple | None, tuple | None]:
    """solref (time constant, damping ratio) or both negative (stiffness, damping); solimp d0 dwidth width midpoint power."""
    if solref is not None:
        solref = vector(where, "solref", solref, 2)
        if (solref[0] > 0) != (solref[1] > 0):
            raise SceneError(
                where,
                f"solref is {solref}",
                "allowed: both positive (time constant, ratio) or both negative",
                "correct the signs",
            )
    if solimp is not None:
        solimp = vector(where, "solimp", solimp, 5)
        if not (0 <= solimp[0] <= 1 and 0 <= solimp[1] <= 1 and solimp[2] >= 0 and 0 <= solimp[3] <= 1 and solimp[4] >= 1):
            raise SceneError(
                where,
                f"solimp is {solimp}",
                "allowed: d0, dwidth and midpoint in [0, 1] (used within 0.0001 to 0.9999), width >= 0, power >= 1",
                "correct it",
            )
    return solref, solimp


def joint_values(where: str, joint: Joint) -> dict[str, Any]:
    """Clean fields of a joint."""
    solref, solimp = impedance(where, joint.solref, joint.solimp)
    clean: dict[str, Any] = {
        name: number(where, name, getattr(joint, name), 0.0) for name in ("damping", "armature", "friction_loss", "margin")
    }
    clean.update(solref=solref, solimp=solimp)
    if joint.spring_time is not None:
        clean.update(spring_time=vector(where, "spring_time", joint.spring_time, 2, 0.0))
    if isinstance(joint, Free):
        clean.update(stiffness=number(where, "stiffness", joint.stiffness, 0.0))
    if isinstance(joint, Axial):
        clean.update(axis=direction(where, "axis", joint.axis), position=vector(where, "position", joint.position))
        clean.update({n: number(where, n, getattr(joint, n), 0.0) for n in ("stiffness", "drive_stiffness", "drive_damping")})
        clean.update({n: number(where, n, getattr(joint, n)) for n in ("rest", "initial", "initial_velocity")})
        clean.update(range=interval(where, "range", joint.range))
        clean.update(force_range=interval(where, "force_range", joint.force_range))
    if isinstance(joint, Ball):
        clean.update(position=vector(where, "position", joint.position), initial=rotation(where, "initial", joint.initial))
        clean.update(stiffness=number(where, "stiffness", joint.stiffness, 0.0), range=interval(where, "range", joint.range))
        clean.update(initial_velocity=vector(where, "initial_velocity", joint.initial_velocity))
        if joint.range is not None and clean["range"][1] <= 0:
            raise SceneError(where, f"range is {joint.range}", "allowed: (0, cone angle above 0 in radians)", "correct it")
    return clean


def flag(where: str, what: str, value: Any) -> bool:
    """True or False."""
    if not isinstance(value, bool):
        raise SceneError(where, f"{what} is {value!r}", "allowed: True, False", "pass one of them")
    return value


def one_of(where: str, what: str, value: Any, allowed: Sequence[str]) -> str:
    """A word of a closed set."""
    if value not in allowed:
        listed = ", ".join(map(repr, allowed))
        raise SceneError(where, f"unknown {what} {value!r}", f"allowed: {listed}", near_matches(str(value), allowed))
    return str(value)


def options(value: Options) -> Options:
    """Clean options, or SceneError."""
    where = "Scene.options"
    one_of(where, "integrator", value.integrator, INTEGRATORS)
    for word in value.disable:
        one_of(where, "part to disable", word, DISABLED)
    one_of(where, "contact model", value.contact, ("exact", "mujoco"))
    one_of(where, "cone", value.cone, ("elliptic", "pyramidal"))
    one_of(where, "solver", value.solver, ("auto", "newton", "bodies"))
    return Options(
        gravity=vector(where, "gravity", value.gravity),
        timestep=number(where, "timestep", value.timestep, *TIMESTEPS),
        integrator=value.integrator,
        max_iterations=whole(where, "max_iterations", value.max_iterations, 1, 1000),
        tolerance=number(where, "tolerance", value.tolerance, 0.0, 1.0),
        impedance_ratio=number(where, "impedance_ratio", value.impedance_ratio, 0.0, 1e6, above=True),
        contact=value.contact,
        solver=value.solver,
        sleep=bool(value.sleep),
        density=number(where, "density", value.density, 0.0),
        viscosity=number(where, "viscosity", value.viscosity, 0.0),
        wind=vector(where, "wind", value.wind),
        disable=tuple(value.disable),
        total_mass=None if value.total_mass is None else number(where, "total_mass", value.total_mass, 0.0, above=True),
        least_mass=number(where, "least_mass", value.least_mass, 0.0),
        least_inertia=number(where, "least_inertia", value.least_inertia, 0.0),
        cone=value.cone,
        speculative=flag(where, "speculative", value.speculative),
        cell_size=None if value.cell_size is None else number(where, "cell_size", value.cell_size, 0.0, above=True),
        domain=None if value.domain is None else domain(where, value.domain),
        periodic=periodic(where, value.periodic, value.domain is not None),
        matter_substeps=whole(where, "matter_substeps", value.matter_substeps, 1, 4096),
    )


def periodic(where: str, value: Any, bounded: bool) -> tuple[bool, bool, bool]:
    """Which axes of the domain repeat; only a domain that is given can."""
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) != 3:
        raise SceneError(where, f"periodic is {value!r}", "allowed: three of True, False, for x, y, z", "pass one per axis")
    axes = flag(where, "periodic x", value[0]), flag(where, "periodic y", value[1]), flag(where, "periodic z", value[2])
    if any(axes) and not bounded:
        raise SceneError(where, f"periodic is {value!r} without a domain", "allowed: with options.domain", "give the domain")
    return axes


def domain(where: str, value: Any) -> tuple:
    """Lowest and highest corner of a box."""
    if isinstance(value, str) or not isinstance(value, Sequence) or len(value) != 2:
        raise SceneError(where, f"domain is {value!r}", "allowed: (lowest corner, highest corner) in m", "pass two points")
    low, high = vector(where, "domain", value[0]), vector(where, "domain", value[1])
    if any(a >= b for a, b in zip(low, high, strict=True)):
        raise SceneError(where, f"domain is {value!r}", "allowed: the first corner below the second", "swap them")
    return low, high
