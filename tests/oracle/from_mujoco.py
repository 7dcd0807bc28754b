"""mujoco.MjModel -> CompiledScene, to drive the solver by any MJCF text, and contacts from MuJoCo's list.

Limits: hinge and slide joints must have ref 0 (our zero is qpos 0), actuators act on joints and sites, dry friction has
MuJoCo's default solref and solimp, contact pairs are all geom pairs of bodies that move against each other.
"""

import mujoco
import numpy as np

from engine.arrays import TABLE
from engine.compiled import CompiledScene, Names
from engine.panels import with_panels
from engine.scene.fluid import semi_axes
from engine.types import ShapeType, Transmission

GEOMS = {
    int(mujoco.mjtGeom.mjGEOM_PLANE): ShapeType.PLANE,
    int(mujoco.mjtGeom.mjGEOM_SPHERE): ShapeType.SPHERE,
    int(mujoco.mjtGeom.mjGEOM_CAPSULE): ShapeType.CAPSULE,
    int(mujoco.mjtGeom.mjGEOM_BOX): ShapeType.BOX,
    int(mujoco.mjtGeom.mjGEOM_CYLINDER): ShapeType.CYLINDER,
    int(mujoco.mjtGeom.mjGEOM_ELLIPSOID): ShapeType.ELLIPSOID,
}


def ancestors(model, body: int) -> list[int]:
    """Dofs that move the body, ascending."""
    dofs = []
    while body > 0:
        start, count = model.body_dofadr[body], model.body_dofnum[body]
        dofs += list(range(start, start + count))
        body = model.body_parentid[body]
    return sorted(dofs)


def pairs_of(model) -> list[tuple[int, int]]:
    """Geom pairs (a, b) by our order of shape types, whose bodies can move against each other."""
    found: list[tuple[int, int]] = []
    if model.opt.disableflags & int(mujoco.mjtDisableBit.mjDSBL_CONTACT):
        return found
    for i in range(model.ngeom):
        for j in range(i + 1, model.ngeom):
            if (
                set(ancestors(model, model.geom_bodyid[i])) == set(ancestors(model, model.geom_bodyid[j]))
                and not (model.body_mocapid[model.geom_bodyid[[i, j]]] >= 0).any()
            ):
                continue
            types = [GEOMS[int(model.geom_type[k])] for k in (i, j)]
            found.append((j, i) if types[0] > types[1] else (i, j))
    return found


def _matrix(q: np.ndarray) -> np.ndarray:
    out = np.zeros(9)
    mujoco.mju_quat2Mat(out, q)
    return out.reshape(3, 3)


def _bodies(m) -> tuple[dict, dict]:
    root = m.body_rootid
    inertia = np.zeros((m.nbody, 6))
    for b in range(m.nbody):
        r = _matrix(m.body_iquat[b])
        i = r @ np.diag(m.body_inertia[b]) @ r.T
        inertia[b] = [i[0, 0], i[1, 1], i[2, 2], i[0, 1], i[0, 2], i[1, 2]]
    ints = {
        "body_parent": m.body_parentid,
        "body_root": root,
        "body_joint_start": np.maximum(m.body_jntadr, 0),
        "body_joint_count": m.body_jntnum,
        "body_dof_start": np.maximum(m.body_dofadr, 0),
        "body_dof_count": m.body_dofnum,
        "body_kinematic": m.body_mocapid,
    }
    reals = {
        "body_position": m.body_pos,
        "body_rotation": m.body_quat,
        "body_com": m.body_ipos,
        "body_mass": m.body_mass,
        "body_inertia": inertia,
        "body_gravity_scale": 1.0 - m.body_gravcomp,
        "body_inverse_weight": m.body_invweight0,
    }
    return ints, reals


def _dofs(m) -> tuple[dict, dict]:
    depth = np.array([len([d for d in ancestors(m, m.dof_bodyid[i]) if d <= i]) for i in range(m.nv)], int)
    starts = np.concatenate([[0], np.cumsum(depth)])[: m.nv]
    for j in range(m.njnt):
        hinge = m.jnt_type[j] >= int(mujoco.mjtJoint.mjJNT_SLIDE)
        assert not hinge or m.qpos0[m.jnt_qposadr[j]] == 0, "ref is not supported"
    ints = {
        "joint_type": m.jnt_type,
        "joint_body": m.jnt_bodyid,
        "joint_qpos_start": m.jnt_qposadr,
        "joint_dof_start": m.jnt_dofadr,
        "joint_limited": m.jnt_limited.astype(int),
        "dof_body": m.dof_bodyid,
        "dof_joint": m.dof_jntid,
        "dof_parent": m.dof_parentid,
        "dof_mass_start": starts,
        "dof_mass_count": depth,
    }
    reals = {
        "joint_position": m.jnt_pos,
        "joint_axis": m.jnt_axis,
        "joint_range": m.jnt_range,
        "joint_margin": m.jnt_margin,
        "joint_stiffness": np.reshape(m.jnt_stiffness, (m.njnt, -1))[:, 0],
        "joint_solref": m.jnt_solref,
        "joint_solimp": m.jnt_solimp,
        "qpos_initial": m.qpos0,
        "qpos_spring": m.qpos_spring,
        "qvel_initial": np.zeros(m.nv),
        "dof_armature": m.dof_armature,
        "dof_damping": np.reshape(m.dof_damping, (m.nv, -1))[:, 0],
        "dof_friction_loss": m.dof_frictionloss,
        "dof_inverse_weight": m.dof_invweight0,
    }
    return ints, reals


def _shapes(m) -> tuple[dict, dict]:
    types = np.array([GEOMS[int(t)] for t in m.geom_type], int)
    size = m.geom_size.copy()
    ints = {"shape_type": types, "shape_body": m.geom_bodyid, "shape_mesh": -np.ones(m.ngeom), "shape_segment": m.geom_bodyid}
    reals = {
        "shape_position": m.geom_pos,
        "shape_rotation": m.geom_quat,
        "shape_size": size,
        "shape_bound": m.geom_rbound,
        "shape_friction": m.geom_friction,
        "shape_solref": m.geom_solref,
        "shape_solimp": m.geom_solimp,
        "shape_margin": m.geom_margin,
    }
    return ints, reals


def _pairs(m) -> tuple[dict, dict]:
    pairs = pairs_of(m)
    start, count, dofs, signs = [], [], [], []
    for a, b in pairs:
        move_a, move_b = (set(ancestors(m, m.geom_bodyid[k])) for k in (a, b))
        chain = sorted(move_a ^ move_b)
        start.append(len(dofs))
        count.append(len(chain))
        dofs += chain
        signs += [1 if d in move_b else -1 for d in chain]
    table = np.array(pairs, int).reshape(-1, 2)
    condim = np.maximum(m.geom_condim[table[:, 0]], m.geom_condim[table[:, 1]])
    ints = {
        "pair_shape_a": table[:, 0],
        "pair_shape_b": table[:, 1],
        "pair_condim": condim,
        "pair_chain_start": np.array(start, int),
        "pair_chain_count": np.array(count, int),
        "chain_dof": np.array(dofs, int),
        "chain_sign": np.array(signs, int),
    }
    return ints, {"num_pairs": len(pairs), "num_chain": len(dofs), "max_chain": max(count, default=0)}


TRANSMISSIONS = {
    int(mujoco.mjtTrn.mjTRN_JOINT): Transmission.JOINT,
    int(mujoco.mjtTrn.mjTRN_JOINTINPARENT): Transmission.JOINT_IN_PARENT,
    int(mujoco.mjtTrn.mjTRN_TENDON): Transmission.TENDON,
    int(mujoco.mjtTrn.mjTRN_SITE): Transmission.SITE,
}


def chain_of(m, kind: int, target: int, reference: int) -> list[int]:
    """Dofs that the length of a transmission depends on, ascending."""
    if kind <= Transmission.JOINT_IN_PARENT:
        start = m.jnt_dofadr[target]
        return list(range(start, start + (6, 3, 1, 1)[m.jnt_type[target]]))
    chain = set(ancestors(m, m.site_bodyid[target]))
    return sorted(chain ^ set(ancestors(m, m.site_bodyid[reference])) if reference >= 0 else chain)


def _actuators(m) -> tuple[dict, dict]:
    kinds = [TRANSMISSIONS[int(t)] for t in m.actuator_trntype]
    targets = m.actuator_trnid[:, 0]
    references = np.where(np.array(kinds, int) == Transmission.SITE, m.actuator_trnid[:, 1], -1)
    chains = [chain_of(m, *row) for row in zip(kinds, targets, references, strict=True)]
    counts = np.array([len(c) for c in chains], int)
    muscle = m.actuator_gaintype == int(mujoco.mjtGain.mjGAIN_MUSCLE)
    limits = m.actuator_ctrllimited.astype(int) + 2 * m.actuator_forcelimited.astype(int)
    limits += 4 * m.actuator_actlimited.astype(int) + 8 * m.actuator_actearly.astype(int)
    bounded = m.jnt_actfrclimited[m.dof_jntid] != 0
    ints = {
        "actuator_dof": np.array([c[0] if c else 0 for c in chains], int),
        "actuator_qpos": np.array([m.jnt_qposadr[t] if k <= 1 else -1 for k, t in zip(kinds, targets, strict=True)], int),
        "actuator_limits": limits,
        "actuator_transmission": np.array(kinds, int),
        "actuator_target": targets,
        "actuator_reference": references,
        "actuator_chain_start": np.cumsum(counts) - counts,
        "actuator_chain_count": counts,
        "moment_dof": np.array([d for c in chains for d in c], int),
        "actuator_dynamics": m.actuator_dyntype,
        "actuator_activation": m.actuator_actadr,
        "actuator_muscle": muscle.astype(int),
        "dof_force_limited": bounded.astype(int),
        "dof_standalone": np.array([alone(m, i) for i in range(m.nv)], int),
    }
    gain, bias, prm = m.actuator_gainprm[:, :3].copy(), m.actuator_biasprm[:, :3].copy(), m.actuator_gainprm[:, :9].copy()
    peak = prm[:, 3] / np.maximum(m.actuator_acc0, 1e-15) if m.nu else prm[:, 3]
    prm[:, 2] = np.where(prm[:, 2] < 0, peak, prm[:, 2])
    gain[m.actuator_gaintype == 0, 1:] = 0
    bias[m.actuator_biastype == 0] = 0
    ball = np.array([k <= 1 and m.jnt_type[t] == 1 for k, t in zip(kinds, targets, strict=True)], bool)
    turns = 2 * np.pi * np.linalg.norm(m.actuator_gear[:, :3], axis=1)
    reals = {
        "actuator_gear": m.actuator_gear[:, 0],
        "actuator_gear_vector": m.actuator_gear,
        "actuator_gain": gain,
        "actuator_bias": bias,
        "actuator_control_range": m.actuator_ctrlrange,
        "actuator_force_range": m.actuator_forcerange,
        "actuator_activation_range": m.actuator_actrange,
        "actuator_length_range": m.actuator_lengthrange,
        "actuator_dynamics_parameter": m.actuator_dynprm[:, :3],
        "actuator_muscle_parameter": prm,
        "actuator_period": np.where(ball & (bias[:, 1] != 0), turns, 0.0),
        "dof_force_range": m.jnt_actfrcrange[m.dof_jntid],
    }
    return ints, reals


def alone(m, dof: int) -> bool:
    """Whether the dof belongs to a free body without jointed descendants."""
    root = m.body_rootid[m.dof_bodyid[dof]]
    return m.jnt_type[m.dof_jntid[dof]] == 0 and sum(m.body_rootid[b] == root for b in m.dof_bodyid) == 6


def _fluid(m) -> tuple[dict, dict]:
    """What MuJoCo's model says about the medium; boxes from its principal moments."""
    box, fluid, radii = np.zeros((m.nbody, 3)), np.zeros((m.ngeom, 12)), np.zeros((m.ngeom, 3))
    ellipsoid = m.geom_fluid[:, 0] > 0
    for b in range(1, m.nbody):
        if m.body_mass[b] > 0 and not ellipsoid[m.geom_bodyid == b].any():
            box[b] = np.sqrt(np.maximum(m.body_inertia[b].sum() - 2 * m.body_inertia[b], 1e-15) * 6 / m.body_mass[b])
    for k in np.flatnonzero(ellipsoid):
        radii[k] = semi_axes(GEOMS[int(m.geom_type[k])], m.geom_size[k])
        f = m.geom_fluid[k]
        fluid[k] = (1.0, f[1], f[2], f[3], f[4], f[5], *f[6:12])
    return {}, {
        "medium_density": [m.opt.density],
        "medium_viscosity": [m.opt.viscosity],
        "wind": m.opt.wind,
        "body_fluid_box": box,
        "body_inertia_rotation": m.body_iquat,
        "shape_fluid": fluid,
        "shape_fluid_radii": radii,
    }


def convert(m, integrator: int = 1, max_iterations: int | None = None, **extra: np.ndarray) -> CompiledScene:
    """The compiled scene of a MuJoCo model; `extra` sets real arrays by declared name (no variants axis)."""
    ints: dict[str, np.ndarray] = {}
    reals: dict[str, np.ndarray] = {}
    for part in (_bodies, _dofs, _shapes, _actuators, _fluid):
        for target, values in zip((ints, reals), part(m), strict=True):
            target.update(values)
    pair_ints, pair_sizes = _pairs(m)
    ints.update(pair_ints)
    reals.update(
        {
            "gravity": m.opt.gravity,
            "timestep": [m.opt.timestep],
            "tolerance": [m.opt.tolerance],
            "impedance_ratio": [m.opt.impratio],
            "mean_inertia": [m.stat.meaninertia],
        }
    )
    reals.update(extra)
    sizes = dict.fromkeys(TABLE.sizes, 0)
    sizes.update(pair_sizes)
    sizes.update(
        num_bodies=m.nbody,
        num_joints=m.njnt,
        num_qpos=m.nq,
        num_dofs=m.nv,
        num_shapes=m.ngeom,
        num_actuators=m.nu,
        num_kinematic=m.nmocap,
        num_mass=int(ints["dof_mass_count"].sum()) if m.nv else 0,
        max_iterations=max_iterations or m.opt.iterations,
        integrator=integrator,
        contact_model=1,
        num_activations=m.na,
        num_moments=len(ints["moment_dof"]),
        fluid=(m.opt.density > 0 or m.opt.viscosity > 0) * (1 + bool((m.geom_fluid[:, 0] > 0).any())) if m.ngeom else 0,
        extended=1,
        explicit_damping=int(bool(m.opt.disableflags & int(mujoco.mjtDisableBit.mjDSBL_EULERDAMP))),
        cone=int(m.opt.cone == mujoco.mjtCone.mjCONE_PYRAMIDAL),
    )
    if integrator == 2:
        sizes.update(stage_qpos=m.nq, stage_dofs=m.nv, stage_activations=m.na)
    names = Names(
        *(
            tuple(f"{kind}{k}" for k in range(count))
            for kind, count in (("body", m.nbody), ("joint", m.njnt), ("shape", m.ngeom))
        )
    )
    return with_panels(
        CompiledScene(
            sizes,
            {name: np.asarray(value, np.int64) for name, value in ints.items()},
            {name: np.asarray(value, float)[None] for name, value in reals.items()},
            {},
            names,
        )
    )


def contacts_of(m, d) -> list[dict]:
    """MuJoCo's contact list as slots: pair, position, normal from our shape a to b, distance."""
    table = {pair: k for k, pair in enumerate(pairs_of(m))}
    slots = []
    for c in d.contact:
        a, b = int(c.geom[0]), int(c.geom[1])
        flip = (a, b) not in table
        slots.append(
            {
                "pair": table[(b, a) if flip else (a, b)],
                "position": c.pos.copy(),
                "normal": -c.frame[:3] if flip else c.frame[:3].copy(),
                "distance": c.dist,
            }
        )
    return slots
