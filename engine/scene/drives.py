"""The real arrays of actuators, of all scenes of a batch at once.

The damping of a servo with a damping ratio is ratio * 2 sqrt(gain m), m the inertia that the actuator feels in the initial
pose, 1 / (J M^-1 J'), as in MuJoCo. The peak force of a muscle without one is scale over the acceleration that a unit force
gives. Limits: both need the moments in the initial pose, which are not computed here for sites.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import SceneError
from engine.scene.description import MUSCLE
from engine.scene.inverse_weight import mass_matrix
from engine.scene.tendon_path import measure
from engine.scene.topology import Topology
from engine.types import JointType, Transmission

Array = NDArray[np.float64]


def actuator_arrays(scenes: Sequence[Any], top: Topology) -> dict[str, Array]:
    """The real arrays of all actuators (variants, ...), damping ratios and peak forces still open."""
    shape = (len(scenes), top.sizes["num_actuators"])

    def table(pick: Any, width: int) -> Array:
        return np.array([pick(a) for s in scenes for a in s.actuators], float).reshape(*shape, width)

    none = (0.0, 0.0)
    off = np.array([[0.0 if "actuation" in s.options.disable else 1.0] for s in scenes])
    axes = table(lambda a: (a.gear, *(0.0,) * 5) if isinstance(a.gear, float | int) else a.gear, 6)
    reals = {
        "actuator_gear": axes[..., 0],
        "actuator_gear_vector": axes,
        "actuator_gain": table(lambda a: a.gain, 3) * off[..., None],
        "actuator_bias": table(lambda a: a.bias, 3) * off[..., None],
        "actuator_control_range": table(lambda a: a.control_range or none, 2),
        "actuator_force_range": table(lambda a: a.force_range or none, 2),
        "actuator_activation_range": table(lambda a: a.activation_range or none, 2),
        "actuator_length_range": table(lambda a: a.length_range or none, 2),
        "actuator_dynamics_parameter": table(lambda a: a.dynamics_parameters, 3),
        "actuator_muscle_parameter": table(lambda a: a.muscle or MUSCLE, 9),
    }
    reals["actuator_muscle_parameter"][..., 2:4] *= off[..., None]
    reals["actuator_period"] = _periods(top, axes, reals["actuator_bias"])
    return reals


def _periods(top: Topology, axes: Array, bias: Array) -> Array:
    """Rotations of balls and sites are known up to full turns, so servos on them take their setpoint modulo that."""
    periods = np.zeros(axes.shape[:2])
    for a, (kind, target) in enumerate(zip(top.ints["actuator_transmission"], top.ints["actuator_target"], strict=True)):
        ball = kind <= Transmission.JOINT_IN_PARENT and top.ints["joint_type"][target] == JointType.BALL
        seen = kind == Transmission.SITE and top.ints["actuator_reference"][a] >= 0 and not axes[:, a, :3].any()
        if ball or seen:
            axis = axes[:, a, :3] if ball else axes[:, a, 3:]
            periods[:, a] = np.where(bias[:, a, 1] != 0, 2 * np.pi * np.linalg.norm(axis, axis=-1), 0.0)
    return periods


def reflect(scenes: Sequence[Any], top: Topology, reals: dict[str, Array], word: str, name: str) -> None:
    """Add what actuators give their joints, times gear squared: their field `word` to the array `name` over the dofs."""
    for v, scene in enumerate(scenes):
        for a, actuator in enumerate(scene.actuators):
            if getattr(actuator, word):
                reals[name][v, top.ints["actuator_dof"][a]] += getattr(actuator, word) * reals["actuator_gear"][v, a] ** 2


def resolve_servos(scenes: Sequence[Any], top: Topology, reals: dict[str, Array]) -> None:
    """Fill in dampings from damping ratios, and peak forces of muscles, from the mass matrix at the initial coordinates."""
    wanting = [
        (v, a, actuator)
        for v, scene in enumerate(scenes)
        for a, actuator in enumerate(scene.actuators)
        if actuator.damping_ratio is not None or (actuator.muscle is not None and actuator.muscle[2] < 0)
    ]
    if not wanting:
        return
    inverse = np.linalg.inv(mass_matrix(top, reals))
    for v, a, actuator in wanting:
        row = _moment(actuator, top, reals, v, a)
        answer = inverse[v] @ row
        if actuator.damping_ratio is not None:
            stiffness = abs(actuator.gain[0]) / float(row @ answer)
            reals["actuator_bias"][v, a, 2] = -2 * actuator.damping_ratio * np.sqrt(stiffness)
        else:
            scale = reals["actuator_muscle_parameter"][v, a, 3]
            reals["actuator_muscle_parameter"][v, a, 2] = scale / max(float(np.linalg.norm(answer)), 1e-15)


def _moment(actuator: Any, top: Topology, reals: dict[str, Array], v: int, a: int) -> Array:
    """Moments of an actuator over all dofs in the initial pose."""
    kind, target = top.ints["actuator_transmission"][a], top.ints["actuator_target"][a]
    if kind == Transmission.SITE:
        raise SceneError(
            f"actuator {actuator.name!r}",
            "a damping ratio, or a muscle without peak force, on a site",
            "allowed: on joints and tendons",
            "give the damping or the force itself",
        )
    axes = reals["actuator_gear_vector"][v, a]
    if kind == Transmission.TENDON:
        start = np.broadcast_to(reals["qpos_initial"], (v + 1, top.sizes["num_qpos"]))[v]
        return np.asarray(axes[0] * measure(top, reals, v, start).gradient[target])
    start, count = top.ints["actuator_chain_start"][a], top.ints["actuator_chain_count"][a]
    row = np.zeros(top.sizes["num_dofs"])
    row[top.ints["moment_dof"][start : start + count]] = axes[:count]
    return row
