"""The integers of actuators and of the fluid: transmissions, chains of dofs, activations, bounds."""

from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.scene.description import DYNAMICS, Actuator
from engine.types import JointType, Transmission

Ints = NDArray[np.int64]
DOF_WIDTH = {JointType.FREE: 6, JointType.BALL: 3, JointType.SLIDE: 1, JointType.HINGE: 1}
CLAMPS_CONTROL, CLAMPS_FORCE, CLAMPS_ACTIVATION, EARLY = 1, 2, 4, 8  # bits of actuator_limits


def actuator_signature(a: Actuator, disabled: tuple[str, ...]) -> tuple[str, int, str, str, int, int, bool]:
    """Name, transmission, target, reference site, limit bits, dynamics, muscle."""
    kind = Transmission.JOINT_IN_PARENT if a.in_parent else Transmission.JOINT
    kind = Transmission.TENDON if a.tendon else Transmission.SITE if a.site else kind
    bits = CLAMPS_CONTROL * (a.control_range is not None and "clampctrl" not in disabled)
    bits += CLAMPS_FORCE * (a.force_range is not None) + CLAMPS_ACTIVATION * (a.activation_range is not None) + EARLY * a.early
    dynamics = 0 if "actuation" in disabled else DYNAMICS.index(a.dynamics)
    return a.name, int(kind), a.joint or a.tendon or a.site, a.reference_site, bits, dynamics, a.muscle is not None


def fluid_kind(scene: Any) -> tuple[int]:
    """The size word `fluid`."""
    if not (scene.options.density or scene.options.viscosity):
        return (0,)
    return (2,) if any(s.fluid is not None for _, s in scene.shapes) else (1,)


def number_actuators(sig: Any, ints: dict[str, Ints], chains: tuple[tuple[int, ...], ...]) -> None:
    """Targets, chains of dofs and activations of the actuators, and bounds of dofs; needs joints, dofs and tendons."""
    joint, tendon = ({row[0]: k for k, row in enumerate(rows)} for rows in (sig.joints, sig.tendons))
    site = {row[0]: k for k, row in enumerate(sig.sites)}
    names = {Transmission.TENDON: tendon, Transmission.SITE: site}
    kinds = np.array([a[1] for a in sig.actuators], int)
    targets = np.array([names.get(Transmission(a[1]), joint)[a[2]] for a in sig.actuators], int)
    references = np.array([site[a[3]] if a[3] else -1 for a in sig.actuators], int)
    driven = [_chain(ints, chains, *row) for row in zip(kinds, targets, references, strict=True)]
    counts = np.array([len(c) for c in driven], int)
    jointed = kinds <= Transmission.JOINT_IN_PARENT
    of_joint = targets[jointed]
    ints["actuator_dof"], ints["actuator_qpos"] = np.zeros(len(kinds), int), np.full(len(kinds), -1)
    ints["actuator_dof"][jointed], ints["actuator_qpos"][jointed] = (
        ints["joint_dof_start"][of_joint],
        ints["joint_qpos_start"][of_joint],
    )
    ints["actuator_transmission"], ints["actuator_target"], ints["actuator_reference"] = kinds, targets, references
    ints["actuator_chain_count"], ints["actuator_chain_start"] = counts, np.cumsum(counts) - counts
    ints["moment_dof"] = np.array([d for chain in driven for d in chain], int)
    ints["actuator_limits"] = np.array([a[4] for a in sig.actuators], int)
    ints["actuator_dynamics"] = np.array([a[5] for a in sig.actuators], int)
    stateful = ints["actuator_dynamics"] != 0
    ints["actuator_activation"] = np.where(stateful, np.cumsum(stateful) - 1, -1)
    ints["actuator_muscle"] = np.array([a[6] for a in sig.actuators], int)
    _bounds(sig, ints)


def _chain(ints: dict[str, Ints], chains: tuple[tuple[int, ...], ...], kind: int, target: int, reference: int) -> list[int]:
    """Dofs that the length of a transmission depends on, ascending."""
    if kind <= Transmission.JOINT_IN_PARENT:
        start = int(ints["joint_dof_start"][target])
        return list(range(start, start + DOF_WIDTH[JointType(ints["joint_type"][target])]))
    if kind == Transmission.TENDON:
        start, count = ints["tendon_chain_start"][target], ints["tendon_chain_count"][target]
        return [int(d) for d in ints["tendon_chain_dof"][start : start + count]]
    chain = set(chains[ints["site_body"][target]])
    return sorted(chain ^ set(chains[ints["site_body"][reference]]) if reference >= 0 else chain)


def _bounds(sig: Any, ints: dict[str, Ints]) -> None:
    """Dofs whose actuator force is bounded, and dofs of free bodies that carry no joints."""
    ints["dof_force_limited"] = np.isin(ints["dof_joint"], np.array(sig.bounded, int)).astype(int)
    root = ints["body_root"][ints["dof_body"]]
    alone = np.array([JointType(ints["joint_type"][j]) == JointType.FREE for j in ints["dof_joint"]], bool)
    ints["dof_standalone"] = (alone & (np.bincount(root, minlength=len(sig.bodies))[root] == 6)).astype(int)


def needs_general(ints: dict[str, Ints]) -> bool:
    """Whether an actuator is more than a gain on one dof."""
    beyond = (ints["actuator_chain_count"] != 1) | (ints["actuator_transmission"] != Transmission.JOINT)
    return bool((beyond | (ints["actuator_muscle"] == 1)).any() or ints["dof_force_limited"].any())
