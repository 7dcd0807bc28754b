"""The real constants of a model, over all scenes of a batch at once: rows are gathered from the descriptions, then computed as
arrays.

Every array has a leading axis of scenes ("variants"). Masses and inertias are composed from shapes (engine.geometry), screen
colours become linear ones (sRGB transfer function, IEC 61966-2-1), left-out contact time constants follow the timestep.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.errors import SceneError
from engine.geometry import primitives
from engine.geometry import rotation as rot
from engine.geometry.hull import box_hull, convex_hull, half_width
from engine.geometry.inertia import composed, rotated, six
from engine.geometry.mesh import MeshData, scaled_mass
from engine.scene.arguments import lens_numbers
from engine.scene.builder import Scene
from engine.scene.contact_rules import contact_rules
from engine.scene.description import Axial, Ball, Body, Free, Joint, Shape, Surface
from engine.scene.drives import actuator_arrays
from engine.scene.fluid import bounded_masses, medium
from engine.scene.lamps import lamp_numbers
from engine.scene.material import CONTACT_STEPS, CONTACT_TIME, friction_triple
from engine.scene.topology import DOF_WIDTH, Topology
from engine.types import JointType, ShapeType

Array = NDArray[np.float64]
Reals = dict[str, Array]
NAN = float("nan")
_NONE2, _NONE3, _NONE6 = (NAN,) * 2, (NAN,) * 3, (NAN,) * 6


def _table(rows: Sequence[Sequence[Sequence[float]]], widths: dict[str, int], count: int) -> Reals:
    """Rows of all scenes (scene, part, column) cut into named columns; width 0 drops the last axis."""
    total = sum(max(w, 1) for w in widths.values())
    array = np.array([r for scene in rows for r in scene], float).reshape(len(rows), count, total)
    cut, start = {}, 0
    for name, width in widths.items():
        cut[name] = array[..., start] if width == 0 else array[..., start : start + width]
        start += max(width, 1)
    return cut


def _body_row(b: Body) -> tuple[float, ...]:
    mass = NAN if b.mass is None else b.mass
    return (
        *b.position,
        *b.rotation,
        mass,
        *(b.inertia or _NONE6),
        *(b.com or _NONE3),
        *b.velocity,
        *b.angular_velocity,
        b.gravity_scale,
    )


def _joint_row(j: Joint) -> tuple[float, ...]:
    axis, anchor, limits, spring, rest, drive = (0.0, 0.0, 1.0), (0.0, 0.0, 0.0), None, 0.0, 0.0, (0.0, 0.0)
    bounds: tuple[float, float] | None = None
    start: tuple[float, ...] = (0.0,) * 7
    if isinstance(j, Axial):
        axis, anchor, limits, spring, rest, drive = (
            j.axis,
            j.position,
            j.range,
            j.stiffness,
            j.rest,
            (j.drive_stiffness, j.drive_damping),
        )
        start, bounds = (j.initial, 0.0, 0.0, 0.0, j.initial_velocity, 0.0, 0.0), j.force_range
    elif isinstance(j, Free):
        spring = j.stiffness
    elif isinstance(j, Ball):
        anchor, limits, spring, start = j.position, j.range, j.stiffness, (*j.initial, *j.initial_velocity)
    return (
        *axis,
        *anchor,
        *(limits or (0.0, 0.0)),
        spring,
        rest,
        *start,
        *drive,
        j.damping,
        j.armature,
        j.friction_loss,
        j.margin,
        *j.solref,
        *j.solimp,
        *(bounds or (0.0, 0.0)),
    )


def _shape_row(s: Shape) -> tuple[float, ...]:
    mass = NAN if s.mass is None else s.mass
    checker = (s.checker.period, *s.checker.color) if s.checker else (0.0, 0.0, 0.0, 0.0)
    solref, solimp = s.solref or _NONE2, s.solimp or (0.0,) * 5
    known = [float(v or 0.0) for v in (s.density, s.restitution, s.roughness, s.metallic, s.margin)]
    color = s.color or (0.0, 0.0, 0.0)
    return (
        *s.stored_size(),
        *s.position,
        *s.rotation,
        mass,
        *known,
        *friction_triple(s.friction),
        *color,
        *checker,
        *solref,
        *solimp,
        s.transmission,
        s.ior,
        *s.emission,
    )


BODY = {"position": 3, "rotation": 4, "mass": 0, "inertia": 6, "com": 3, "velocity": 3, "spin": 3, "gravity_scale": 0}
JOINT = {
    "axis": 3, "anchor": 3, "range": 2, "stiffness": 0, "rest": 0, "initial": 4, "velocity": 3, "drive_stiffness": 0,
    "drive_damping": 0, "damping": 0, "armature": 0, "friction_loss": 0, "margin": 0, "solref": 2, "solimp": 5,
    "force_range": 2,
}  # fmt: skip
SHAPE = {
    "size": 3, "position": 3, "rotation": 4, "mass": 0, "density": 0, "restitution": 0, "roughness": 0, "metallic": 0,
    "margin": 0, "friction": 3, "color": 3, "checker": 4, "solref": 2, "solimp": 5, "optics": 5,
}  # fmt: skip


def real_constants(scenes: Sequence[Scene], top: Topology, meshes: Sequence[MeshData]) -> Reals:
    """All real arrays (variants, ...) except what follows from the mass matrix. Raises SceneError on bodies without a usable
    mass.
    """
    reals = _options(scenes)
    body = _table([[_body_row(b) for b in s.bodies] for s in scenes], BODY, top.sizes["num_bodies"])
    joint = _table([[_joint_row(j) for b in s.bodies for j in b.joints] for s in scenes], JOINT, top.sizes["num_joints"])
    shape = _table([[_shape_row(p) for _, p in s.shapes] for s in scenes], SHAPE, top.sizes["num_shapes"])
    reals.update(body_position=body["position"], body_rotation=body["rotation"], body_gravity_scale=body["gravity_scale"])
    reals.update(_shapes(shape, top, meshes, reals["timestep"]))
    reals.update(_masses(scenes[0], body, shape, top, meshes))
    reals.update(bounded_masses(scenes, reals))
    reals.update(_joints(joint, top), dof_force_range=joint["force_range"][:, top.ints["dof_joint"]])
    reals.update(_coordinates(body, joint, top))
    reals.update(actuator_arrays(scenes, top), **_cameras(scenes, top), lamp=lamp_numbers(scenes))
    reals.update(medium(scenes, reals))
    reals.update(contact_rules(scenes, top, reals))
    return reals


def disable(scenes: Sequence[Scene], reals: Reals) -> None:
    """Zero the constants of what a scene disables."""
    effects = {
        "gravity": ("gravity",),
        "spring": ("joint_stiffness", "dof_drive_stiffness", "tendon_stiffness"),
        "damper": ("dof_damping", "dof_drive_damping", "tendon_damping"),
        "frictionloss": ("dof_friction_loss", "tendon_friction_loss"),
        "equality": ("equality_active_initial",),
        "constraint": ("dof_friction_loss", "tendon_friction_loss", "equality_active_initial"),
    }
    for v, scene in enumerate(scenes):
        for name in {name for word in scene.options.disable for name in effects.get(word, ())} & set(reals):
            reals[name][v] = 0.0


def resolve_springs(scenes: Sequence[Scene], top: Topology, reals: Reals) -> None:
    """Stiffness and damping of joints that give a spring_time, from the mean inverse weight of their dofs."""
    for v, scene in enumerate(scenes):
        joints = [j for b in scene.bodies for j in b.joints]
        for k, joint in enumerate(joints):
            if joint.spring_time is not None and min(joint.spring_time) > 0:
                time, ratio = joint.spring_time
                dofs = np.flatnonzero(top.ints["dof_joint"] == k)
                inertia = 1 / reals["dof_inverse_weight"][v, dofs].mean()
                reals["joint_stiffness"][v, k] = inertia / (time * ratio) ** 2
                reals["dof_damping"][v, dofs] = 2 * inertia / time


def linear_color(screen: Array) -> Array:
    """sRGB values 0..1 -> linear light."""
    return np.where(screen <= 0.04045, screen / 12.92, ((screen + 0.055) / 1.055) ** 2.4)


def _options(scenes: Sequence[Scene]) -> Reals:
    light = [s.light for s in scenes]
    sun = np.array([x.sun_direction for x in light], float)
    return {
        "gravity": np.array([s.options.gravity for s in scenes], float),
        "timestep": np.array([[s.options.timestep] for s in scenes], float),
        "tolerance": np.array([[s.options.tolerance] for s in scenes], float),
        "impedance_ratio": np.array([[s.options.impedance_ratio] for s in scenes], float),
        "sun_direction": sun / np.linalg.norm(sun, axis=1, keepdims=True),
        "sun_color": np.array([x.sun_color for x in light], float),
        "sky_zenith": np.array([x.sky_zenith for x in light], float),
        "sky_horizon": np.array([x.sky_horizon for x in light], float),
    }


def _shapes(shape: Reals, top: Topology, meshes: Sequence[MeshData], timestep: Array) -> Reals:
    default = np.stack([np.maximum(CONTACT_TIME, CONTACT_STEPS * timestep), np.ones_like(timestep)], axis=-1)
    bound, thickness = np.zeros_like(shape["density"]), np.zeros_like(shape["density"])
    for kind in np.unique(top.ints["shape_type"]):
        of_kind = top.ints["shape_type"] == kind
        bound[:, of_kind] = primitives.bound(ShapeType(kind), shape["size"][:, of_kind])
        thickness[:, of_kind] = primitives.thickness(ShapeType(kind), shape["size"][:, of_kind])
    touching = colliding_meshes(top)
    for m, data in enumerate(meshes):
        hull = None if data.grid else convex_hull(data) if m in touching else box_hull(data)
        outline, thin = (hull.vertices, half_width(hull)) if hull else (data.vertices, np.inf)
        for k in np.flatnonzero(top.ints["shape_mesh"] == m):
            thickness[:, k] = thin * shape["size"][:, k].min(axis=-1)
            corners = outline[None] * shape["size"][:, k, None, :]
            bound[:, k] = np.linalg.norm(corners, axis=-1).max(axis=-1)
    return {
        "shape_position": shape["position"],
        "shape_rotation": shape["rotation"],
        "shape_size": shape["size"],
        "shape_bound": bound,
        "shape_thickness": np.minimum(thickness, bound),
        "shape_friction": shape["friction"],
        "shape_restitution": shape["restitution"],
        "shape_solref": np.where(np.isnan(shape["solref"]), default, shape["solref"]),
        "shape_solimp": shape["solimp"],
        "shape_margin": shape["margin"],
        "shape_color": linear_color(shape["color"]),
        "shape_roughness": shape["roughness"],
        "shape_metallic": shape["metallic"],
        "shape_optics": shape["optics"],
        "shape_pattern": np.concatenate([shape["checker"][..., :1], linear_color(shape["checker"][..., 1:])], axis=-1),
    }


def colliding_meshes(top: Topology) -> set[int]:
    """Numbers of the meshes of shapes that may touch something: only those need their hull."""
    paired = np.concatenate([top.ints["pair_shape_a"], top.ints["pair_shape_b"]])
    shapes = np.flatnonzero(top.ints["shape_bits"].any(axis=1)) if top.sizes["solver"] else np.unique(paired)
    return set(top.ints["shape_mesh"][shapes].tolist())


def _masses(scene: Scene, body: Reals, shape: Reals, top: Topology, meshes: Sequence[MeshData]) -> Reals:
    mass, com, inertia = _shape_masses(shape, top, meshes)
    variants, count = body["mass"].shape
    reals = {
        "body_mass": np.zeros((variants, count)),
        "body_com": np.zeros((variants, count, 3)),
        "body_inertia": np.zeros((variants, count, 6)),
    }
    for b in range(1, count):
        mine = np.flatnonzero(top.ints["shape_body"] == b)
        total, centre, about = composed(mass[:, mine], com[:, mine], inertia[:, mine])
        given, explicit = body["mass"][:, b], ~np.isnan(body["inertia"][:, b, 0])
        spread = ~np.isnan(given) & ~explicit
        if (spread & (total <= 0)).any():
            _no_volume(scene, b)
        factor = np.where(spread, given / np.where(total > 0, total, 1.0), 1.0)
        reals["body_mass"][:, b] = np.where(explicit, given, total * factor)
        reals["body_com"][:, b] = np.where(explicit[:, None], body["com"][:, b], centre)
        reals["body_inertia"][:, b] = np.where(explicit[:, None], body["inertia"][:, b], six(about) * factor[:, None])
    _require_masses(scene, reals["body_mass"], top)
    return reals


def _shape_masses(shape: Reals, top: Topology, meshes: Sequence[MeshData]) -> tuple[Array, Array, Array]:
    """Mass, centre and inertia about it in body axes of every shape."""
    volume, unit = np.zeros_like(shape["density"]), np.zeros((*shape["density"].shape, 3, 3))
    centre = np.zeros_like(shape["position"])
    for kind in np.unique(top.ints["shape_type"]):
        of_kind = top.ints["shape_type"] == kind
        volume[:, of_kind] = primitives.volume(ShapeType(kind), shape["size"][:, of_kind])
        unit[:, of_kind] = primitives.unit_moments(ShapeType(kind), shape["size"][:, of_kind])[..., None] * np.eye(3)
    for m, data in enumerate(meshes):
        of_mesh = top.ints["shape_mesh"] == m
        volume[:, of_mesh], centre[:, of_mesh], unit[:, of_mesh] = scaled_mass(data, shape["size"][:, of_mesh])
    mass = np.where(np.isnan(shape["mass"]), shape["density"] * volume, shape["mass"])
    turn = rot.matrix(shape["rotation"])
    com = shape["position"] + np.einsum("...ij,...j->...i", turn, centre)
    return mass, com, mass[..., None, None] * rotated(unit, turn)


def _no_volume(scene: Scene, b: int) -> None:
    raise SceneError(
        f"body {scene.bodies[b].name!r}",
        "its mass has no volume to spread over",
        "allowed: shapes with a volume and a positive density",
        "give inertia and com too",
    )


def _require_masses(scene: Scene, mass: Array, top: Topology) -> None:
    """Moving groups need a mass; planes and open meshes cannot give one."""
    moving = np.array([bool(c) for c in top.chains])
    for body, shape in scene.shapes:
        name = scene.bodies[body].name
        if moving[body] and shape.kind == ShapeType.PLANE:
            raise SceneError(
                f"body {name!r}",
                "a plane on a moving body",
                "allowed: planes on fixed or kinematic bodies",
                "use fixed=True or a Box",
            )
        weighs = (shape.density or 0) > 0 if shape.mass is None else shape.mass > 0
        if (
            moving[body]
            and isinstance(shape, Surface)
            and shape.data
            and not shape.data.watertight
            and weighs
            and scene.bodies[body].inertia is None
        ):
            raise SceneError(
                f"body {name!r}", f"mesh {shape.data.name!r} is not watertight, so its mass is unknown",
                "allowed: closed meshes, or a body with mass, inertia and com",
                "repair the mesh, give mass and inertia, or give the shape density=0",
            )  # fmt: skip
    groups = np.zeros_like(mass)
    for variant in range(len(mass)):
        np.add.at(groups[variant], top.weld, mass[variant])
    lacking = np.flatnonzero((groups <= 0).any(axis=0) & moving & (top.weld == np.arange(len(moving))))
    if len(lacking):
        raise SceneError(
            f"body {scene.bodies[lacking[0]].name!r}",
            "it moves but has no mass",
            "allowed: a positive mass",
            "give it a shape with density, or mass and inertia",
        )


def _joints(joint: Reals, top: Topology) -> Reals:
    of_dof = top.ints["dof_joint"]
    by_joint = {f"joint_{k}": joint[k] for k in ("axis", "range", "margin", "stiffness", "solref", "solimp")}
    by_dof = {
        f"dof_{k}": joint[k][:, of_dof] for k in ("armature", "damping", "friction_loss", "drive_stiffness", "drive_damping")
    }
    return {**by_joint, "joint_position": joint["anchor"], **by_dof}


def _coordinates(body: Reals, joint: Reals, top: Topology) -> Reals:
    variants = len(body["mass"])
    start, spring = np.zeros((variants, top.sizes["num_qpos"])), np.zeros((variants, top.sizes["num_qpos"]))
    speed = np.zeros((variants, top.sizes["num_dofs"]))
    for k, kind in enumerate(top.ints["joint_type"]):
        q, v, b = (int(top.ints[n][k]) for n in ("joint_qpos_start", "joint_dof_start", "joint_body"))
        if kind == JointType.FREE:
            start[:, q : q + 3], start[:, q + 3 : q + 7] = body["position"][:, b], body["rotation"][:, b]
            speed[:, v : v + 3] = body["velocity"][:, b]
            speed[:, v + 3 : v + 6] = rot.rotate(rot.conjugate(body["rotation"][:, b]), body["spin"][:, b])
            spring[:, q : q + 7] = start[:, q : q + 7]
            continue
        width, dofs = (4, 3) if kind == JointType.BALL else (1, DOF_WIDTH[JointType(kind)])
        start[:, q : q + width] = joint["initial"][:, k, :width]
        spring[:, q : q + width] = joint["initial"][:, k] if kind == JointType.BALL else joint["rest"][:, k, None]
        speed[:, v : v + dofs] = joint["velocity"][:, k, :dofs]
    return {"qpos_initial": start, "qpos_spring": spring, "qvel_initial": speed}


def _cameras(scenes: Sequence[Scene], top: Topology) -> Reals:
    rows = [[(*c.position, *c.rotation, c.fov_y) for c in s.cameras] for s in scenes]
    array = np.array(rows, float).reshape(len(scenes), top.sizes["num_cameras"], 8)
    lenses = [[lens_numbers(c) for c in s.cameras] for s in scenes]
    lens = np.array(lenses, float).reshape(len(scenes), top.sizes["num_cameras"], 8)
    pose = {"camera_position": array[..., :3], "camera_rotation": array[..., 3:7]}
    return {**pose, "camera_fov": np.radians(array[..., 7]), "camera_lens": lens}
