"""The integers of a model: which parts there are, how they hang together, which shapes may touch. One result per signature,
cached.

Two scenes with one `Signature` differ in real constants only and may share a batch. Pairs follow MuJoCo's rules: shapes of one
welded group never touch, nor of a group and its parent group (except the world), nor excluded bodies, nor shapes whose bits do
not match; also left out are pairs that no degree of freedom can move relative to each other (static and kinematic bodies among
themselves). Limits: MAX_PAIRS shape pairs.
"""

from dataclasses import dataclass
from functools import lru_cache
from typing import Any, NamedTuple

import numpy as np
from numpy.typing import NDArray

from engine.compiled import Names
from engine.errors import SceneError
from engine.scene.builder import Scene
from engine.scene.description import INTEGRATORS, Axial, Ball, Surface
from engine.scene.drive_topology import DOF_WIDTH, actuator_signature, fluid_kind, needs_general, number_actuators
from engine.scene.tie_topology import number_ties, tie_signature
from engine.types import JointType

Ints = NDArray[np.int64]
MAX_PAIRS = 4_000_000
MANY_BODIES = 100  # free bodies from which on "auto" picks the solver of free bodies
QPOS_WIDTH = {JointType.FREE: 7, JointType.BALL: 4, JointType.SLIDE: 1, JointType.HINGE: 1}
RK4 = INTEGRATORS.index("rk4")
CONTACT_MODELS = {"exact": 0, "mujoco": 1}
CONES = {"elliptic": 0, "pyramidal": 1}


class Signature(NamedTuple):
    """Everything about a scene that is not a real number; hashable."""

    bodies: tuple[tuple[str, int, bool], ...]  # name, parent, kinematic
    joints: tuple[tuple[str, int, int, bool], ...]  # name, body, type, limited; ordered by body
    # name, body, type, mesh key, condim, contact bits, priority, hidden, mix is not 1:
    shapes: tuple[tuple[str, int, int, str, int, int, int, int, bool, bool], ...]
    actuators: tuple[
        tuple[str, int, str, str, int, int, bool], ...
    ]  # name, transmission, target, reference, bits, dynamics, muscle
    cameras: tuple[tuple[str, int, int, int], ...]  # name, body, width, height
    lamps: tuple[tuple[str, int, int], ...]  # name, body, pieces
    excludes: tuple[tuple[int, int], ...]
    pairs: tuple[tuple[int, int, int], ...]  # explicit contact pairs: shapes, condim (0: follows from them)
    solver: tuple[int, ...]  # integrator, max_iterations, contact_model, cone, solver, sleep, speculative
    disabled: tuple[str, ...]
    fluid: tuple[int]  # 0 none, 1 boxes, 2 ellipsoids too
    bounded: tuple[int, ...]  # joints whose actuators' force is bounded
    sites: tuple[tuple[str, int], ...] = ()  # name, body
    tendons: tuple[tuple[str, tuple[tuple[Any, ...], ...], bool], ...] = ()  # name, parts of the path, limited
    equalities: tuple[tuple[str, int, Any, Any], ...] = ()  # name, type, the two ends


def signature(scene: Scene) -> Signature:
    """The signature of a scene."""
    return Signature(
        tuple((b.name, b.parent, b.kinematic) for b in scene.bodies),
        tuple(
            (str(j.name), k, int(j.kind), isinstance(j, Axial | Ball) and j.range is not None)
            for k, b in enumerate(scene.bodies)
            for j in b.joints
        ),
        tuple(
            (
                str(s.name),
                body,
                int(s.kind),
                s.data.key if isinstance(s, Surface) and s.data else "",
                s.condim or 3,
                *((s.contact_type, s.contact_affinity) if s.collides else (0, 0)),
                s.priority,
                not s.visible,
                s.mix != 1.0,
            )
            for body, s in scene.shapes
        ),
        tuple(actuator_signature(a, scene.options.disable) for a in scene.actuators),
        tuple((c.name, c.body, c.width, c.height) for c in scene.cameras),
        tuple((lamp.name, lamp.body, lamp.pieces) for lamp in scene.lamps),
        tuple(sorted(set(scene.excludes))),
        _named_pairs(scene),
        (
            INTEGRATORS.index(scene.options.integrator),
            scene.options.max_iterations,
            CONTACT_MODELS[scene.options.contact],
            CONES[scene.options.cone],
            _solver(scene),
            int(scene.options.sleep),
            int(scene.options.speculative),
        ),
        tuple(sorted(set(scene.options.disable))),
        fluid_kind(scene),
        tuple(
            k
            for k, j in enumerate(j for b in scene.bodies for j in b.joints)
            if isinstance(j, Axial) and j.force_range is not None
        ),
        **tie_signature(scene),
    )


def _named_pairs(scene: Scene) -> tuple[tuple[int, int, int], ...]:
    """The scene's contact pairs by shape numbers, in the order in which they were added."""
    order = {s.name: k for k, (_, s) in enumerate(scene.shapes)} if scene.contact_pairs else {}
    return tuple((order[p.first], order[p.second], p.condim or 0) for p in scene.contact_pairs)


def _solver(scene: Scene) -> int:
    """0 newton, 1 bodies: as asked for, or by the number of joints and what else the scene holds."""
    if scene.options.solver == "newton":
        return 0
    beyond = _beyond_bodies(scene)
    if scene.options.solver == "auto":
        joints = [j for b in scene.bodies for j in b.joints]
        plain = all(j.kind == JointType.FREE and not (j.damping or j.armature or j.friction_loss) for j in joints)
        return int(plain and len(joints) >= MANY_BODIES and scene.options.contact == "exact" and not beyond)
    if beyond:
        raise SceneError(
            "Scene.options.solver",
            f"'bodies', but {beyond}",
            "allowed: free, fixed and kinematic bodies",
            "use solver='newton'",
        )
    return 1


def _beyond_bodies(scene: Scene) -> str:
    """What a scene holds that the solver of free bodies does not compute, or nothing."""
    options = scene.options
    found = {
        "there are actuators": scene.actuators,
        "there are tendons": scene.tendons,
        "there are equality constraints": scene.equalities,
        "contact pairs have values of their own": scene.contact_pairs,
        "shapes differ in priority": len({s.priority for _, s in scene.shapes}) > 1,
        "a fluid drags the bodies": options.density or options.viscosity,
        f"the integrator is {options.integrator!r}": options.integrator not in ("implicit", "euler"),
        "a free joint has a spring": any(
            j.spring_time or getattr(j, "stiffness", 0.0) for b in scene.bodies for j in b.joints if j.kind == JointType.FREE
        ),
    }
    return next((what for what, there in found.items() if there), "")


def require_equal(first: Signature, other: Signature, index: int) -> None:
    """Raise a SceneError that names the first difference between scene 0 and scene `index` of a batch."""
    for kind, mine, theirs in zip(Signature._fields, first, other, strict=True):
        if mine == theirs:
            continue
        where = f"scene {index} of the batch"
        remedy = "give all scenes of a batch the same structure, or simulate them apart"
        if len(mine) != len(theirs):
            raise SceneError(
                where,
                f"{len(theirs)} {kind}, but scene 0 has {len(mine)}",
                "allowed: scenes that differ in real numbers only",
                remedy,
            )
        k, a, b = next((k, a, b) for k, (a, b) in enumerate(zip(mine, theirs, strict=True)) if a != b)
        raise SceneError(
            where, f"{kind}[{k}] is {b}, but {a} in scene 0", "allowed: scenes that differ in real numbers only", remedy
        )


@dataclass(frozen=True, eq=False)
class Topology:
    """Sizes, integer arrays and names (meshes apart), and what the host computations need again.

    chains: dofs that move each body, ascending. weld: the body whose joints (or prescribed motion) move this one; 0 is static.
    trees: dofs of each independent block of the mass matrix. mesh_keys: distinct meshes in order.
    """

    sizes: dict[str, int]
    ints: dict[str, Ints]
    names: Names
    chains: tuple[tuple[int, ...], ...]
    weld: Ints
    trees: tuple[Ints, ...]
    mesh_keys: tuple[str, ...]


@lru_cache(maxsize=16)
def topology(sig: Signature) -> Topology:
    """Number everything of a signature. Raises SceneError when there are too many pairs."""
    ints: dict[str, Ints] = {}
    parent = np.array([b[1] for b in sig.bodies])
    ints["body_parent"] = parent
    kinematic = [k for k, b in enumerate(sig.bodies) if b[2]]
    ints["body_kinematic"] = np.full(len(parent), -1)
    ints["body_kinematic"][kinematic] = np.arange(len(kinematic))
    _joints(sig, ints)
    chains = _dofs(ints)
    weld = _welds(parent, ints)
    root = np.zeros(len(parent), int)
    for b in range(1, len(parent)):
        root[b] = root[parent[b]] if parent[b] else b
    ints["body_root"] = root
    keys = tuple(dict.fromkeys(s[3] for s in sig.shapes if s[3]))
    ints["shape_type"] = np.array([s[2] for s in sig.shapes], int)
    ints["shape_body"] = np.array([s[1] for s in sig.shapes], int)
    ints["shape_mesh"] = np.array([keys.index(s[3]) if s[3] else -1 for s in sig.shapes], int)
    ints["shape_segment"] = ints["shape_body"].copy()
    ints["shape_hidden"] = np.array([s[8] for s in sig.shapes], int)
    _pairs(sig, ints, weld, chains)
    ties = number_ties(sig, ints, chains)
    number_actuators(sig, ints, chains)
    ints["camera_body"] = np.array([c[1] for c in sig.cameras], int)
    ints["lamp_body"] = np.array([lamp[1] for lamp in sig.lamps for _ in range(lamp[2])], int)
    tree_of = root[ints["dof_body"]]
    order = np.argsort(tree_of, kind="stable")
    trees = tuple(np.split(order, np.flatnonzero(np.diff(tree_of[order])) + 1)) if len(order) else ()
    sizes = {**_sizes(sig, ints, len(kinematic), len(keys)), **ties}
    return Topology(sizes, ints, _names(sig, kinematic), chains, weld, trees, keys)


def _joints(sig: Signature, ints: dict[str, Ints]) -> None:
    body = np.array([j[1] for j in sig.joints], int)
    kind = [JointType(j[2]) for j in sig.joints]
    qpos, dofs = np.array([QPOS_WIDTH[k] for k in kind], int), np.array([DOF_WIDTH[k] for k in kind], int)
    ints["joint_type"], ints["joint_body"] = np.array(kind, int), body
    ints["joint_qpos_start"], ints["joint_dof_start"] = np.cumsum(qpos) - qpos, np.cumsum(dofs) - dofs
    limits = not {"constraint", "limit"} & set(sig.disabled)
    ints["joint_limited"] = np.array([j[3] and limits for j in sig.joints], int)
    bodies = len(sig.bodies)
    ints["body_joint_count"] = np.bincount(body, minlength=bodies)
    ints["body_joint_start"] = np.cumsum(ints["body_joint_count"]) - ints["body_joint_count"]
    ints["body_dof_count"] = np.bincount(body, weights=dofs, minlength=bodies).astype(int)
    ints["body_dof_start"] = np.cumsum(ints["body_dof_count"]) - ints["body_dof_count"]
    ints["dof_joint"] = np.repeat(np.arange(len(kind)), dofs)
    ints["dof_body"] = body[ints["dof_joint"]]


def _dofs(ints: dict[str, Ints]) -> tuple[tuple[int, ...], ...]:
    """Parents and mass rows of the dofs; returns the chain of each body."""
    chains: list[tuple[int, ...]] = [()]
    for b in range(1, len(ints["body_parent"])):
        start, count = int(ints["body_dof_start"][b]), int(ints["body_dof_count"][b])
        chains.append((*chains[ints["body_parent"][b]], *range(start, start + count)))
    num = len(ints["dof_body"])
    above, depth = np.full(num, -1), np.ones(num, int)
    for chain in chains:
        if chain:
            above[list(chain[1:])] = chain[:-1]
            depth[list(chain)] = np.arange(1, len(chain) + 1)
    ints["dof_parent"], ints["dof_mass_count"] = above, depth
    ints["dof_mass_start"] = np.cumsum(depth) - depth
    return tuple(chains)


def _welds(parent: Ints, ints: dict[str, Ints]) -> Ints:
    weld = np.zeros(len(parent), int)
    for b in range(1, len(parent)):
        moves = ints["body_dof_count"][b] > 0 or ints["body_kinematic"][b] >= 0
        weld[b] = b if moves else weld[parent[b]]
    return weld


def _pairs(sig: Signature, ints: dict[str, Ints], weld: Ints, chains: tuple[tuple[int, ...], ...]) -> None:
    bodies, silent = sig.solver[4], bool({"constraint", "contact"} & set(sig.disabled))
    ints["shape_bits"] = np.array([(0, 0) if silent else s[5:7] for s in sig.shapes], int).reshape(-1, 2)
    ints["shape_condim"] = np.array([s[4] for s in sig.shapes], int)
    ints["body_excluded"] = np.array(sig.excludes if bodies else (), int).reshape(-1, 2)
    touching = np.zeros((0, 2), int) if bodies else _touching(sig, ints, weld, chains)
    pairs, named = _with_named(sig, ints, touching)
    a, b = pairs[:, 0], pairs[:, 1]
    condim, priority = (np.array([s[k] for s in sig.shapes], int) for k in (4, 7))
    ints["pair_shape_a"], ints["pair_shape_b"] = a, b
    mixed = np.where(priority[a] > priority[b], condim[a], condim[b])
    mixed = np.where(priority[a] == priority[b], np.maximum(condim[a], condim[b]), mixed)
    given = np.array([sig.pairs[k][2] if k >= 0 else 0 for k in named], int)
    ints["pair_condim"] = np.where(given > 0, given, mixed)
    weighted = np.array([s[9] for s in sig.shapes], bool)
    special = (priority[a] != priority[b]) | weighted[a] | weighted[b] | (named >= 0)
    ints["pair_rule"] = np.where(special, np.cumsum(special), 0)
    dofs: list[int] = []
    signs: list[int] = []
    spans: dict[tuple[int, int], tuple[int, int]] = {}
    bodies = np.stack([ints["shape_body"][a], ints["shape_body"][b]], axis=1).tolist()
    for first, second in bodies:
        if (first, second) not in spans:
            chain = _relative(chains[first], chains[second])
            spans[first, second] = (len(dofs), len(chain))
            dofs += [d for d, _ in chain]
            signs += [s for _, s in chain]
    span = np.array([spans[f, s] for f, s in bodies], int).reshape(-1, 2)
    ints["pair_chain_start"], ints["pair_chain_count"] = span[:, 0], span[:, 1]
    ints["chain_dof"], ints["chain_sign"] = np.array(dofs, int), np.array(signs, int)


def _with_named(sig: Signature, ints: dict[str, Ints], pairs: Ints) -> tuple[Ints, Ints]:
    """All pairs, the explicit ones included, sorted; and for each the number of its explicit pair, or -1."""
    kind = ints["shape_type"]
    ordered = [(b, a) if kind[min(a, b)] > kind[max(a, b)] else (a, b) for a, b, _ in (_sorted_pair(p) for p in sig.pairs)]
    if not ordered:
        return pairs, np.full(len(pairs), -1)
    table = {tuple(pair): k for k, pair in enumerate(ordered)}
    both = np.unique(np.concatenate([pairs, np.array(ordered, int)]), axis=0)
    return both, np.array([table.get((int(a), int(b)), -1) for a, b in both], int)


def _sorted_pair(pair: tuple[int, int, int]) -> tuple[int, int, int]:
    return min(pair[:2]), max(pair[:2]), pair[2]


def _relative(a: tuple[int, ...], b: tuple[int, ...]) -> list[tuple[int, int]]:
    """Dofs that move one of two bodies, ascending, with +1 for the second body and -1 for the first."""
    shared = 0
    while shared < min(len(a), len(b)) and a[shared] == b[shared]:
        shared += 1
    return sorted([(d, -1) for d in a[shared:]] + [(d, 1) for d in b[shared:]])


def _touching(sig: Signature, ints: dict[str, Ints], weld: Ints, chains: tuple[tuple[int, ...], ...]) -> Ints:
    """Shape pairs (a, b) that may touch, sorted."""
    kind, body = ints["shape_type"], ints["shape_body"]
    ours, theirs = np.array([s[5] for s in sig.shapes], int), np.array([s[6] for s in sig.shapes], int)
    group = weld[body]
    above = weld[ints["body_parent"][weld]][body]  # welded group of the parent of a shape's group
    still = np.array([not c for c in chains], bool)[body]
    excluded = {(min(e), max(e)) for e in sig.excludes}
    barred = np.array(sorted({m * len(weld) + n for m, n in excluded}), int)
    found: list[Ints] = []
    count, filtered = 0, "filterparent" not in sig.disabled
    for i in range(0 if {"constraint", "contact"} & set(sig.disabled) else len(kind) - 1):
        j = np.arange(i + 1, len(kind))
        ok = (group[j] != group[i]) & ~(still[i] & still[j])
        ok &= ((ours[i] & theirs[j]) | (ours[j] & theirs[i])) != 0
        if filtered:
            ok &= ~((group[i] != 0) & (group[j] != 0) & ((above[j] == group[i]) | (above[i] == group[j])))
        if len(barred):
            ok &= ~np.isin(np.minimum(body[i], body[j]) * len(weld) + np.maximum(body[i], body[j]), barred)
        j = j[ok]
        swap = kind[i] > kind[j]
        found.append(np.stack([np.where(swap, j, i), np.where(swap, i, j)], axis=1))
        count += len(j)
        if count > MAX_PAIRS:
            raise SceneError(
                "Scene",
                f"more than {MAX_PAIRS} shape pairs may touch",
                f"allowed: up to {MAX_PAIRS}",
                "set contact_type/contact_affinity bits, use fewer shapes, or use solver='bodies' when all joints are free",
            )
    pairs = np.concatenate(found) if found else np.zeros((0, 2), int)
    return pairs[np.lexsort((pairs[:, 1], pairs[:, 0]))]


def _sizes(sig: Signature, ints: dict[str, Ints], kinematic: int, meshes: int) -> dict[str, int]:
    qpos: Any = sum(QPOS_WIDTH[JointType(j[2])] for j in sig.joints)
    staged = sig.solver[0] == RK4
    sizes = {
        "num_bodies": len(sig.bodies),
        "num_joints": len(sig.joints),
        "num_qpos": int(qpos),
        "num_dofs": len(ints["dof_body"]),
        "num_shapes": len(sig.shapes),
        "num_pairs": len(ints["pair_shape_a"]),
        "num_chain": len(ints["chain_dof"]),
        "num_rules": int(ints["pair_rule"].max(initial=0)),
        "num_actuators": len(sig.actuators),
        "num_kinematic": kinematic,
        "num_cameras": len(sig.cameras),
        "num_lamps": sum(lamp[2] for lamp in sig.lamps),
        "num_meshes": meshes,
        "num_mass": int(ints["dof_mass_count"].sum()),
        "max_chain": int(ints["pair_chain_count"].max(initial=0)),
        "max_iterations": sig.solver[1],
        "integrator": sig.solver[0],
        "explicit_damping": int("eulerdamp" in sig.disabled),
        "num_activations": int((ints["actuator_dynamics"] != 0).sum()),
        "num_moments": len(ints["moment_dof"]),
        "general_actuators": int(needs_general(ints)),
        "fluid": sig.fluid[0],
        "contact_model": sig.solver[2],
        "cone": sig.solver[3],
        "num_excluded": len(ints["body_excluded"]),
        "solver": sig.solver[4],
        "sleep": sig.solver[5],
        "speculative": sig.solver[6],
    }
    stages = {"stage_qpos": "num_qpos", "stage_dofs": "num_dofs", "stage_activations": "num_activations"}
    return {**sizes, **{word: staged * sizes[source] for word, source in stages.items()}}


def _names(sig: Signature, kinematic: list[int]) -> Names:
    return Names(
        body=tuple(b[0] for b in sig.bodies),
        joint=tuple(j[0] for j in sig.joints),
        shape=tuple(s[0] for s in sig.shapes),
        actuator=tuple(a[0] for a in sig.actuators),
        kinematic=tuple(sig.bodies[k][0] for k in kinematic),
        site=tuple(s[0] for s in sig.sites),
        tendon=tuple(t[0] for t in sig.tendons),
        equality=tuple(e[0] for e in sig.equalities),
    )
