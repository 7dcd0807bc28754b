"""Mass matrix at the initial coordinates, and from it the inverse weights that scale contacts and limits.

Method: forward kinematics and dof Jacobians in the world frame, M = sum_b J_b^T diag(m, I) J_b per independent tree (numpy,
batched over scenes). Inverse weights as MuJoCo defines invweight0 (Todorov 2014): mean diagonal of J M^-1 J^T at the centre of
mass, translation and rotation; of a dof the diagonal of M^-1, averaged over the three translations and rotations of free and
ball joints. One departure: a body that can only turn about its own centre of mass gets 1/mass as translational weight (MuJoCo:
0, which makes its contacts rigid beyond f32); scenes with the contact model "mujoco" keep the 0, and only a contact of two such
bodies (or with the world) is weighted by their masses. Limits: dense per tree, so a single chain of thousands of dofs is slow.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.errors import SceneError
from engine.geometry import rotation as rot
from engine.geometry.inertia import rotated, tensor
from engine.scene.topology import Topology
from engine.types import JointType

Array = NDArray[np.float64]
TINY = 1e-15
MUJOCO = 1  # contact_model


def inverse_weights(top: Topology, reals: dict[str, Array], names: tuple[str, ...]) -> dict[str, Array]:
    """body_inverse_weight, dof_inverse_weight and mean_inertia (variants, ...). Raises SceneError when a tree's matrix is
    singular.
    """
    variants, dofs = reals["qvel_initial"].shape
    body = np.zeros((variants, top.sizes["num_bodies"], 2))
    dof, diagonal = np.zeros((variants, dofs)), np.zeros((variants, dofs))
    motion = initial_motion(top, reals)
    place = np.zeros(dofs, int)
    inverse: dict[int, Array] = {}
    for tree in top.trees:
        place[tree] = np.arange(len(tree))
        matrix = tree_matrix(tree, place, top, reals, motion)
        diagonal[:, tree] = np.diagonal(matrix, axis1=1, axis2=2)
        root = int(top.ints["body_root"][top.ints["dof_body"][tree[0]]])
        inverse[root] = _inverted(matrix, names[root])
        dof[:, tree] = np.diagonal(inverse[root], axis1=1, axis2=2)
    for b, (chain, j) in enumerate(zip(top.chains, motion.jacobian, strict=True)):
        if chain:
            at = place[list(chain)]
            block = inverse[int(top.ints["body_root"][b])][:, at[:, None], at]
            weights = np.einsum("vik,vkl,vil->vi", j, block, j)
            body[:, b] = weights.reshape(variants, 2, 3).mean(axis=2)
    pinned = (body[..., 0] < TINY) & (body[..., 1] > TINY) & (reals["body_mass"] > 0)
    averaged = _averaged(dof, top)
    if top.sizes["contact_model"] == MUJOCO:
        pinned &= False
        _light_sliders(body, averaged, top, reals)
    body[..., 0] = np.where(pinned, 1 / np.where(pinned, reals["body_mass"], 1.0), body[..., 0])
    mean = diagonal.mean(axis=1, keepdims=True) if dofs else np.ones((variants, 1))
    return {"body_inverse_weight": body, "dof_inverse_weight": averaged, "mean_inertia": mean}


def _light_sliders(body: Array, dof: Array, top: Topology, reals: dict[str, Array]) -> None:
    """MuJoCo's short cut for "simple" bodies that only slide: 1 / mass, for the body and for its dofs, whatever the armature.

    Simple is a root without children whose joints slide along coordinate axes, with its centre of mass at its origin and its
    principal axes along its own, the largest moment first.
    """
    for b in np.flatnonzero(top.ints["body_joint_count"] * (top.ints["body_parent"] == 0)):
        first, count = int(top.ints["body_joint_start"][b]), int(top.ints["body_joint_count"][b])
        at, six = slice(first, first + count), reals["body_inertia"][:, b]
        sliding = (top.ints["joint_type"][at] == JointType.SLIDE).all() and not (top.ints["body_parent"] == b).any()
        aligned = ((np.abs(reals["joint_axis"][:, at]) > TINY).sum(axis=-1) == 1).all()
        sorted_axes = (np.abs(six[:, 3:]) <= 1e-12 * six[:, :1]).all() and (np.diff(six[:, :3]) <= 1e-12 * six[:, :1]).all()
        if sliding and aligned and sorted_axes and not reals["body_com"][:, b].any():
            start = int(top.ints["body_dof_start"][b])
            light = 1 / reals["body_mass"][:, b]
            body[:, b, 0], dof[:, start : start + count] = light, light[:, None]


def _inverted(matrix: Array, root: str) -> Array:
    scale = np.sqrt(np.diagonal(matrix, axis1=1, axis2=2))
    if (scale <= 1e-9).any():
        raise SceneError(
            f"body {root!r}",
            "a joint of its tree moves no inertia",
            "allowed: mass off every joint's own axis, or armature",
            "add mass or armature",
        )
    try:
        np.linalg.cholesky(matrix / scale[:, :, None] / scale[:, None, :])
        return np.asarray(np.linalg.inv(matrix), float)
    except np.linalg.LinAlgError as error:
        raise SceneError(
            f"body {root!r}",
            "the mass matrix of its tree is singular",
            "allowed: joints that move independent masses",
            "remove parallel joints or add mass or armature",
        ) from error


def _averaged(dof: Array, top: Topology) -> Array:
    result = dof.copy()
    for kind, start in zip(top.ints["joint_type"], top.ints["joint_dof_start"], strict=True):
        for first in {JointType.FREE: (start, start + 3), JointType.BALL: (start,)}.get(JointType(kind), ()):
            result[:, first : first + 3] = dof[:, first : first + 3].mean(axis=1, keepdims=True)
    return result


@dataclass(frozen=True)
class Motion:
    """At the initial coordinates: world inertia (variants, 3, 3) and Jacobian (variants, 6, chain; translation of the com
    first) by body.
    """

    inertia: list[Array]
    jacobian: list[Array]


def tree_matrix(
    tree: NDArray[np.int64], place: NDArray[np.int64], top: Topology, reals: dict[str, Array], motion: Motion
) -> Array:
    """Mass matrix (variants, n, n) of one tree of dofs, armature included; `place` numbers the dofs within it."""
    matrix = np.zeros((len(reals["body_mass"]), len(tree), len(tree)))
    root = top.ints["body_root"][top.ints["dof_body"][tree[0]]]
    for b in np.flatnonzero(top.ints["body_root"] == root):
        if top.chains[b]:
            at, j = place[list(top.chains[b])], motion.jacobian[b]
            heavy = j[:, :3] * reals["body_mass"][:, b, None, None]
            matrix[:, at[:, None], at] += (
                np.swapaxes(j[:, :3], 1, 2) @ heavy + np.swapaxes(j[:, 3:], 1, 2) @ motion.inertia[b] @ j[:, 3:]
            )
    diagonal = np.arange(len(tree))
    matrix[:, diagonal, diagonal] += reals["dof_armature"][:, tree]
    return matrix


def mass_matrix(top: Topology, reals: dict[str, Array]) -> Array:
    """Dense mass matrix (variants, num_dofs, num_dofs) at the initial coordinates; for checks and small models."""
    variants, dofs = reals["qvel_initial"].shape
    full, place, motion = np.zeros((variants, dofs, dofs)), np.zeros(dofs, int), initial_motion(top, reals)
    for tree in top.trees:
        place[tree] = np.arange(len(tree))
        full[:, tree[:, None], tree] = tree_matrix(tree, place, top, reals, motion)
    return full


@dataclass(frozen=True)
class Walk:
    """At the initial coordinates, by body: turn (variants, bodies, 3, 3) and place (variants, bodies, 3) in the world; by dof:
    spin and slide axes and the anchor of the spin (variants, dofs, 3).
    """

    turn: Array
    place: Array
    spin: Array
    slide: Array
    anchor: Array


def walk(top: Topology, reals: dict[str, Array]) -> Walk:
    """Walk the bodies from the world outwards and collect poses and dof axes in the world frame."""
    variants, bodies, _ = reals["body_position"].shape
    turn, place = np.zeros((variants, bodies, 3, 3)), np.zeros((variants, bodies, 3))
    turn[:, 0] = np.eye(3)
    spin, slide, anchor = (np.zeros((variants, top.sizes["num_dofs"], 3)) for _ in range(3))
    local = rot.matrix(reals["body_rotation"])
    for b in range(1, bodies):
        up = int(top.ints["body_parent"][b])
        turn[:, b] = turn[:, up] @ local[:, b]
        place[:, b] = place[:, up] + _turned(turn[:, up], reals["body_position"][:, b])
        first = int(top.ints["body_joint_start"][b])
        for k in range(first, first + int(top.ints["body_joint_count"][b])):
            _move(k, b, top, reals, turn, place, spin, slide, anchor)
    return Walk(turn, place, spin, slide, anchor)


def initial_motion(top: Topology, reals: dict[str, Array]) -> Motion:
    """Jacobians and inertias of the bodies in the world frame."""
    pose = walk(top, reals)
    turn, place, spin, slide, anchor = pose.turn, pose.place, pose.spin, pose.slide, pose.anchor
    coms = place + _turned(turn, reals["body_com"])
    jacobian = []
    for b, chain in enumerate(top.chains):
        at = list(chain)
        linear = slide[:, at] + np.cross(spin[:, at], coms[:, b, None] - anchor[:, at])
        jacobian.append(np.swapaxes(np.concatenate([linear, spin[:, at]], axis=2), 1, 2))
    inertia = rotated(tensor(reals["body_inertia"]), turn)
    return Motion([inertia[:, b] for b in range(inertia.shape[1])], jacobian)


def _turned(matrix: Array, v: Array) -> Array:
    return (matrix @ v[..., None])[..., 0]


def _move(
    k: int, b: int, top: Topology, reals: dict[str, Array], turn: Array, place: Array, spin: Array, slide: Array, anchor: Array
) -> None:
    """Apply joint k to the pose of body b and write the axes of its dofs (which do not depend on the order of reading them)."""
    kind, q, v = (int(top.ints[n][k]) for n in ("joint_type", "joint_qpos_start", "joint_dof_start"))
    if kind == JointType.FREE:
        slide[:, v : v + 3] = np.eye(3)
        spin[:, v + 3 : v + 6] = np.swapaxes(turn[:, b], 1, 2)
        anchor[:, v + 3 : v + 6] = place[:, b, None]
        return
    axis = _turned(turn[:, b], reals["joint_axis"][:, k])
    if kind == JointType.SLIDE:
        slide[:, v] = axis
        place[:, b] += axis * reals["qpos_initial"][:, q, None]
        return
    arm = reals["joint_position"][:, k]
    centre = place[:, b] + _turned(turn[:, b], arm)
    if kind == JointType.HINGE:
        spin[:, v], anchor[:, v] = axis, centre
        turn[:, b] = turn[:, b] @ rot.matrix(rot.from_axis_angle(reals["joint_axis"][:, k], reals["qpos_initial"][:, q]))
    else:
        turn[:, b] = turn[:, b] @ rot.matrix(reals["qpos_initial"][:, q : q + 4])
        spin[:, v : v + 3], anchor[:, v : v + 3] = np.swapaxes(turn[:, b], 1, 2), centre[:, None]
    place[:, b] = centre - _turned(turn[:, b], arm)
