"""Host side: what the solver needs of a compiled scene, as tables of rows; numpy only.

Welded bodies become one group with the mass, centre and inertia of all of them (Steiner). Shapes are put into the frame of
their group's centre of mass, with the axes of the group's root body.

Limits: groups move by one free joint or by prescribed motion; joints with damping, armature or dry friction and actuators
belong to the Newton road, and so do scenes whose environments differ in their timestep.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.compiled import CompiledScene
from engine.errors import SceneError
from engine.geometry import rotation as rot
from engine.geometry.inertia import six, tensor
from engine.model import real
from engine.solvers.bodies import workspace as col
from engine.types import JointType, ShapeType

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Tables:
    """Tables of one scene: `body` (variants, groups, BODY_WIDTH), `shape` (variants, shapes, SHAPE_WIDTH), their integers, the
    environment rows, and how the bodies hang on their groups: `body_group` (bodies,), `part` (variants, bodies, PART_WIDTH),
    `root` (variants, groups, 3) origin of the root body from the centre of mass, `following` (bodies,) the next body of the
    same group or -1."""

    body: Array
    group_kind: NDArray[np.int64]
    group_int: NDArray[np.int64]
    shape: Array
    shape_int: NDArray[np.int64]
    env: Array
    body_group: NDArray[np.int64]
    part: Array
    root: Array
    following: NDArray[np.int64]
    excluded: NDArray[np.int64]


def make_tables(compiled: CompiledScene) -> Tables:
    """Tables of a compiled scene. Raises SceneError for what this solver does not do."""
    _require(compiled)
    ints = compiled.ints
    group, roots = _groups(ints)
    place, turn = _poses(compiled)
    root = roots[group]
    inward = rot.conjugate(turn[:, root])
    offset, relative = rot.rotate(inward, place - place[:, root]), rot.multiply(inward, turn)
    body, com = _masses(compiled, group, len(roots), offset, relative)
    kind = np.array([_kind(ints, b) for b in roots])
    kind[0] = col.STATIC
    body[:, kind != col.DYNAMIC, col.INVERSE_MASS : col.WEIGHT] = 0.0
    com[:, kind != col.DYNAMIC] = 0.0
    body[..., col.POSITION : col.POSITION + 3] = place[:, roots] + rot.rotate(turn[:, roots], com)
    body[..., col.ROTATION : col.ROTATION + 4] = turn[:, roots]
    body[..., col.WEIGHT] = real(compiled, "body_gravity_scale")[:, roots]
    offset = offset - com[:, group]
    shape, shape_int = _shapes(compiled, group, offset, relative)
    reach = np.linalg.norm(shape[..., :3], axis=-1) + shape[..., col.BALL]
    for g in np.unique(shape_int[:, col.SHAPE_GROUP]):
        body[:, g, col.BOUND] = reach[:, shape_int[:, col.SHAPE_GROUP] == g].max(axis=1)
    env = np.zeros((len(body), col.ENV_WIDTH))
    env[:, col.GRAVITY : col.GRAVITY + 3] = compiled.reals["gravity"]
    centre = offset + rot.rotate(relative, real(compiled, "body_com"))
    part = np.concatenate([offset, relative, centre], axis=-1)
    return Tables(
        body, kind, _group_ints(ints, roots, kind), shape, shape_int, env, group, part, -com, _following(group),
        _excluded(compiled),
    )  # fmt: skip


def _require(compiled: CompiledScene) -> None:
    for number, kind in enumerate(compiled.ints["joint_type"]):
        if kind != JointType.FREE:
            _refuse(f"joint {compiled.names.joint[number]!r} is no free joint")
    for name in ("dof_damping", "dof_armature", "dof_friction_loss"):
        if np.any(real(compiled, name)):
            _refuse(f"a free joint has {name.removeprefix('dof_').replace('_', ' ')}")
    if len(np.unique(compiled.reals["timestep"])) > 1:
        _refuse("the scenes of the batch have different timesteps")


def _refuse(what: str) -> None:
    raise SceneError(
        "Scene.options.solver", f"'bodies', but {what}", "allowed: free, fixed and kinematic bodies", "use solver='newton'"
    )


def _groups(ints: dict) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Group of each body and root body of each group; the static world is group 0."""
    bodies = len(ints["body_parent"])
    group, roots = np.zeros(bodies, int), [0]
    for b in range(1, bodies):
        if ints["body_dof_count"][b] > 0 or ints["body_kinematic"][b] >= 0:
            group[b] = len(roots)
            roots.append(b)
        else:
            group[b] = group[ints["body_parent"][b]]
    return group, np.array(roots)


def _kind(ints: dict, body: int) -> int:
    return col.KINEMATIC if ints["body_kinematic"][body] >= 0 else col.DYNAMIC


def _poses(compiled: CompiledScene) -> tuple[Array, Array]:
    """Initial poses of all bodies in W."""
    place, turn = (real(compiled, name).copy() for name in ("body_position", "body_rotation"))
    for b in range(1, place.shape[1]):
        up = int(compiled.ints["body_parent"][b])
        if up:
            place[:, b] = place[:, up] + rot.rotate(turn[:, up], place[:, b])
            turn[:, b] = rot.multiply(turn[:, up], turn[:, b])
    return place, turn


def _masses(
    compiled: CompiledScene, group: NDArray[np.int64], count: int, offset: Array, relative: Array
) -> tuple[Array, Array]:
    mass = real(compiled, "body_mass")
    local = rot.matrix(relative)
    centre = offset + rot.rotate(relative, real(compiled, "body_com"))
    about = local @ tensor(real(compiled, "body_inertia")) @ np.swapaxes(local, -1, -2)
    body = np.zeros((len(mass), count, col.BODY_WIDTH))
    total, com = np.zeros((len(mass), count)), np.zeros((len(mass), count, 3))
    for variant in range(len(mass)):
        np.add.at(total[variant], group, mass[variant])
        np.add.at(com[variant], group, mass[variant][:, None] * centre[variant])
    com = com / np.where(total > 0, total, 1.0)[..., None]
    d = centre - com[:, group]
    steiner = (d * d).sum(-1)[..., None, None] * np.eye(3) - d[..., :, None] * d[..., None, :]
    inertia = np.zeros((len(mass), count, 3, 3))
    parts = about + mass[..., None, None] * steiner
    for variant in range(len(mass)):
        np.add.at(inertia[variant], group, parts[variant])
    heavy = total > 0
    body[..., col.INVERSE_MASS] = np.where(heavy, 1 / np.where(heavy, total, 1.0), 0.0)
    body[..., col.INERTIA : col.INERTIA + 6] = six(inertia)
    usable = np.where(heavy[..., None, None], inertia, np.eye(3))
    body[..., col.INVERSE_INERTIA : col.INVERSE_INERTIA + 6] = six(np.linalg.inv(usable)) * heavy[..., None]
    return body, com


def _group_ints(ints: dict, roots: NDArray[np.int64], kind: NDArray[np.int64]) -> NDArray[np.int64]:
    rows = np.full((len(roots), col.GROUP_INT_WIDTH), -1)
    rows[:, col.ROOT] = roots
    joint = ints["body_joint_start"][roots]
    moving = kind == col.DYNAMIC
    rows[moving, col.QPOS] = ints["joint_qpos_start"][joint[moving]]
    rows[moving, col.QVEL] = ints["joint_dof_start"][joint[moving]]
    rows[:, col.KINEMATIC_INDEX] = ints["body_kinematic"][roots]
    return rows


def _shapes(
    compiled: CompiledScene, group: NDArray[np.int64], offset: Array, relative: Array
) -> tuple[Array, NDArray[np.int64]]:
    ints, kind = compiled.ints, compiled.ints["shape_type"]
    owner = ints["shape_body"]
    size = real(compiled, "shape_size")
    rows = np.zeros((len(size), len(kind), col.SHAPE_WIDTH))
    rows[..., :3] = offset[:, owner] + rot.rotate(relative[:, owner], real(compiled, "shape_position"))
    rows[..., 3:7] = rot.multiply(relative[:, owner], real(compiled, "shape_rotation"))
    rows[..., col.SIZE : col.SIZE + 3] = size
    core = np.zeros_like(size)
    core[:, kind == ShapeType.BOX] = size[:, kind == ShapeType.BOX]
    long = (kind == ShapeType.CAPSULE) | (kind == ShapeType.CYLINDER)
    core[:, long, 2] = size[:, long, 1]
    rows[..., col.CORE : col.CORE + 3] = core
    ball = (kind == ShapeType.SPHERE) | (kind == ShapeType.CAPSULE)
    rows[..., col.RADIUS] = np.where(ball, size[..., 0], 0.0)
    rows[..., col.BALL] = real(compiled, "shape_bound")
    rows[..., col.HALF : col.HALF + 3] = _half(compiled, kind, size, core, rows[..., col.RADIUS])
    for column, name in ((col.MARGIN, "shape_margin"), (col.RESTITUTION, "shape_restitution")):
        rows[..., column] = real(compiled, name)
    lowest = np.array([3, 4, 6])  # condim from which sliding, torsion and rolling act
    rows[..., col.FRICTION : col.FRICTION + 3] = real(compiled, "shape_friction") * (ints["shape_condim"][:, None] >= lowest)
    whole = np.zeros((len(kind), col.SHAPE_INT_WIDTH), int)
    whole[:, col.SHAPE_TYPE], whole[:, col.SHAPE_MESH] = kind, ints["shape_mesh"]
    whole[:, col.SHAPE_GROUP], whole[:, col.SHAPE_BODY] = group[owner], owner
    whole[:, col.BITS], whole[:, col.AFFINITY] = ints["shape_bits"][:, 0], ints["shape_bits"][:, 1]
    whole[:, col.CONDIM] = ints["shape_condim"]
    kinds = sorted(set(zip(kind.tolist(), ints["shape_mesh"].tolist(), strict=True)))
    whole[:, col.CLASS] = [kinds.index(k) for k in zip(kind.tolist(), ints["shape_mesh"].tolist(), strict=True)]
    return rows, whole


def _half(compiled: CompiledScene, kind: NDArray[np.int64], size: Array, core: Array, radius: Array) -> Array:
    """Half extents of a box about the shape origin, in its axes, that holds the shape."""
    half = core + radius[..., None]
    half[:, kind == ShapeType.CYLINDER, :2] = size[:, kind == ShapeType.CYLINDER, :1]
    half[:, kind == ShapeType.ELLIPSOID] = size[:, kind == ShapeType.ELLIPSOID]
    for k in np.flatnonzero(kind == ShapeType.MESH):
        mesh = int(compiled.ints["shape_mesh"][k])
        start, count = (int(compiled.ints[n][mesh]) for n in ("mesh_vertex_start", "mesh_vertex_count"))
        half[:, k] = np.abs(compiled.data["hull_vertex"][start : start + count]).max(axis=0) * size[:, k]
    return half


def _following(group: NDArray[np.int64]) -> NDArray[np.int64]:
    following = np.full(len(group), -1)
    last: dict[int, int] = {}
    for b, g in enumerate(group.tolist()):
        if g in last:
            following[last[g]] = b
        last[g] = b
    return following


def _excluded(compiled: CompiledScene) -> NDArray[np.int64]:
    """Sorted body pairs (low, high) that never touch, and one last entry that is none."""
    pairs = np.unique(compiled.ints["body_excluded"].reshape(-1, 2), axis=0)
    return np.concatenate([pairs, [[-1, -1]]])
