"""USD stages with UsdPhysics: rigid bodies, collision shapes, mass, and revolute, prismatic, spherical and fixed joints.

Method: every prim with RigidBodyAPI is a body; gprims below it (or below none: static) become shapes, scaled by their world
transform; joints make the tree, body0 being the parent; bodies without joint are free; `engine.importers.usd_physics` adds
materials, drives and filters. The pose at joint coordinate 0 follows
from the joint frames, and the authored pose gives the initial coordinate. Lengths become metres and +Y-up stages are turned to
+Z. References are resolved by USD itself, but only layers in the model's folder are accepted. Reference: the UsdPhysics schema
(openusd.org). Limits: uniform scale for capsules and cylinders (a scaled sphere is an ellipsoid); closed loops, distance and D6
joints, and point instancers are reported as unsupported. Needs the usd-core package.
"""

import math
import re
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ImportFileError
from engine.geometry import rotation as rot
from engine.geometry.inertia import rotated, six
from engine.importers.files import read_model
from engine.importers.report import Report
from engine.importers.usd_physics import drive_values, filtered_bodies, material_values
from engine.scene.builder import Scene
from engine.scene.description import (
    WORLD,
    Ball,
    Box,
    Capsule,
    Cylinder,
    Ellipsoid,
    Free,
    Hinge,
    Joint,
    Mesh,
    Plane,
    Shape,
    Slide,
    Sphere,
)

Array = NDArray[np.float64]
JOINTS = ("PhysicsRevoluteJoint", "PhysicsPrismaticJoint", "PhysicsSphericalJoint", "PhysicsFixedJoint")
AXES = {"X": (1.0, 0.0, 0.0), "Y": (0.0, 1.0, 0.0), "Z": (0.0, 0.0, 1.0)}
TO_AXIS = {
    "X": rot.from_axis_angle((0.0, 1.0, 0.0), math.pi / 2),
    "Y": rot.from_axis_angle((1.0, 0.0, 0.0), -math.pi / 2),
    "Z": None,
}
SHAPES = ("Cube", "Sphere", "Capsule", "Cylinder", "Mesh", "Plane")
SILENT = (
    "Xform",
    "Scope",
    "Material",
    "Shader",
    "Camera",
    "DomeLight",
    "DistantLight",
    "RectLight",
    "SphereLight",
    "GeomSubset",
    "",
)


@dataclass
class Stage:
    """One import: the stage, the scene, what is not taken over, units, and bodies by prim path."""

    stage: Any
    scene: Scene
    report: Report
    up: Array
    metres: float
    kilograms: float
    cache: Any
    bodies: dict[str, Any] = field(default_factory=dict)

    def pose(self, prim: Any) -> tuple[Array, Array, Array]:
        """Position [m], rotation matrix and scale of a prim in our world."""
        m = np.array(self.cache.GetLocalToWorldTransform(prim)).T
        linear, place = m[:3, :3], self.up @ (m[:3, 3] * self.metres)
        scale = np.linalg.norm(linear, axis=0)
        turn = linear / scale
        if np.abs(turn.T @ turn - np.eye(3)).max() > 1e-6 or np.linalg.det(turn) < 0:
            self.report.lacks(f"sheared or mirrored transform of {prim.GetPath()}")
        return place, self.up @ turn, scale * self.metres


def load_usd(path: Path, strict: bool = True) -> Scene:
    """The scene of a USD file. Raises ImportFileError (file, layers, prims) and SceneError (values)."""
    read_model(path)
    try:
        from pxr import Usd, UsdGeom, UsdPhysics
    except ImportError as error:
        raise ImportFileError(
            str(path), "USD files need the package usd-core", "allowed: pip install usd-core", "install it"
        ) from error
    try:
        stage = Usd.Stage.Open(str(path))
    except Exception as error:  # noqa: BLE001  (pxr raises its own kinds)
        told = re.search(r":(\d+:\d+: [^\n]*)", str(error))
        problem = told.group(1).strip("' ") if told else type(error).__name__
        raise ImportFileError(str(path), f"no valid USD ({problem})", "allowed: a USD stage", "repair it") from error
    _check_layers(stage, path)
    up = np.eye(3) if UsdGeom.GetStageUpAxis(stage) == "Z" else rot.matrix(rot.from_axis_angle((1.0, 0.0, 0.0), math.pi / 2))
    units = UsdGeom.GetStageMetersPerUnit(stage), UsdPhysics.GetStageKilogramsPerUnit(stage)
    state = Stage(stage, Scene(), Report(path.name), up, *units, UsdGeom.XformCache())
    prims = list(Usd.PrimRange.Stage(stage, Usd.TraverseInstanceProxies()))
    _settings(state, prims)
    for prim in prims:
        if prim.HasAPI(UsdPhysics.RigidBodyAPI):
            state.bodies[str(prim.GetPath())] = prim
    joints = [_JointEnds(p, *_ends(state, p)) for p in prims if p.GetTypeName() in JOINTS]
    _report_rest(state, prims)
    _add_bodies(state, prims, joints)
    for first, second in sorted(filtered_bodies(stage, prims, state.bodies, state.report)):
        state.scene.exclude_contacts(first or WORLD, second)
    return state.report.finish(state.scene, strict)


def _check_layers(stage: Any, path: Path) -> None:
    folder = path.resolve().parent
    for layer in stage.GetUsedLayers():
        if layer.realPath and not Path(layer.realPath).resolve().is_relative_to(folder):
            raise ImportFileError(
                str(path),
                f"layer {layer.realPath!r} lies outside of the model's folder",
                f"allowed: files below {folder}",
                "move it there",
            )


def _settings(state: Stage, prims: list[Any]) -> None:
    """Gravity of the physics scene."""
    from pxr import UsdPhysics

    for prim in prims:
        if prim.GetTypeName() == "PhysicsScene":
            scene = UsdPhysics.Scene(prim)
            size, direction = (
                scene.GetGravityMagnitudeAttr().Get(),
                np.array(scene.GetGravityDirectionAttr().Get() or (0, 0, 0), float),
            )
            pull = 9.81 if size is None or not math.isfinite(size) or size < 0 else size * state.metres
            norm = float(np.linalg.norm(direction))
            down = state.up @ (direction / norm) if norm > 0 else np.array([0.0, 0.0, -1.0])
            state.scene.options.gravity = tuple((down * pull).tolist())


def _report_rest(state: Stage, prims: list[Any]) -> None:
    for prim in prims:
        kind, place = str(prim.GetTypeName()), str(prim.GetPath())
        if kind.startswith("Physics") and kind not in (*JOINTS, "PhysicsScene", "PhysicsCollisionGroup"):
            state.report.lacks(f"{kind} at {place}")
        elif kind not in (*JOINTS, *SHAPES, *SILENT, "PhysicsScene", "PhysicsCollisionGroup"):
            state.report.lacks(f"{kind} at {place}")
        for schema in prim.GetAppliedSchemas():
            if schema.startswith("PhysicsLimitAPI") or (schema.startswith("PhysicsDriveAPI") and kind not in JOINTS[:2]):
                state.report.lacks(f"{schema} at {place}")


@dataclass(frozen=True)
class _JointEnds:
    """A joint prim with the paths of its bodies; parent None is the world."""

    prim: Any
    parent: str | None
    child: str | None


def _ends(state: Stage, prim: Any) -> tuple[str | None, str | None]:
    from pxr import UsdPhysics

    joint = UsdPhysics.Joint(prim)
    ends: list[str | None] = []
    for relation in (joint.GetBody0Rel(), joint.GetBody1Rel()):
        targets = relation.GetTargets()
        path = str(targets[0]) if targets else None
        while path and path not in state.bodies and path != "/":
            path = str(state.stage.GetPrimAtPath(path).GetParent().GetPath()) if state.stage.GetPrimAtPath(path) else "/"
        ends.append(None if path in (None, "/") else path)
    return (ends[0], ends[1]) if ends[1] is not None else (None, ends[0])


def _add_bodies(state: Stage, prims: list[Any], joints: list[_JointEnds]) -> None:
    above: dict[str, _JointEnds] = {}
    for joint in joints:
        if joint.child is None or joint.child in above or joint.child == joint.parent:
            state.report.lacks(f"{joint.prim.GetTypeName()} at {joint.prim.GetPath()} that closes a loop or moves nothing")
        else:
            above[joint.child] = joint
    shapes: dict[str | None, list[Shape]] = {None: [], **{path: [] for path in state.bodies}}
    for prim in prims:
        if prim.GetTypeName() in SHAPES:
            owner = _owner(state, prim)
            shapes[owner] += _shape(state, prim, owner)
    for shape in shapes[None]:
        state.scene.add_shape(WORLD, shape)
    waiting: list[str] = list(state.bodies)
    done: set[str | None] = {None}
    while waiting:
        count = len(waiting)
        for path in list(waiting):
            if path not in above or above[path].parent in done:
                _add_body(state, path, above.get(path), shapes[path])
                done.add(path)
                waiting.remove(path)
        if len(waiting) == count:
            raise ImportFileError(
                state.report.source, f"the joints of {waiting[0]} form a cycle", "allowed: trees", "remove a joint"
            )


def _owner(state: Stage, prim: Any) -> str | None:
    while prim and str(prim.GetPath()) != "/":
        if str(prim.GetPath()) in state.bodies:
            return str(prim.GetPath())
        prim = prim.GetParent()
    return None


def _add_body(state: Stage, path: str, above: _JointEnds | None, shapes: list[Shape]) -> None:
    from pxr import UsdPhysics

    prim = state.bodies[path]
    rigid = UsdPhysics.RigidBodyAPI(prim)
    place, turn, _ = state.pose(prim)
    values: dict[str, Any] = {"shape": shapes, **_mass(state, prim, shapes)}
    if rigid.GetRigidBodyEnabledAttr().Get() is False:
        values["fixed"] = True
    elif rigid.GetKinematicEnabledAttr().Get():
        values["kinematic"] = True
    elif above is not None:
        joint, place, turn = _joint(state, above, place, turn)
        values.update(joint=joint, parent=above.parent)
    else:
        values["joint"] = Free()
        values["velocity"] = state.up @ np.array(rigid.GetVelocityAttr().Get() or (0, 0, 0), float) * state.metres
        values["angular_velocity"] = turn @ np.radians(np.array(rigid.GetAngularVelocityAttr().Get() or (0, 0, 0), float))
    state.scene.add_body(path, position=place.tolist(), rotation=_quat(turn), **values)


def _frame(joint: Any, end: int) -> tuple[Array, Array]:
    """Local position (stage units) and rotation matrix of a joint in one of its bodies."""
    place = joint.GetLocalPos0Attr().Get() if end == 0 else joint.GetLocalPos1Attr().Get()
    turn = joint.GetLocalRot0Attr().Get() if end == 0 else joint.GetLocalRot1Attr().Get()
    quat = np.array([turn.GetReal(), *turn.GetImaginary()], float) if turn is not None else np.array(rot.IDENTITY)
    return np.array(place if place is not None else (0, 0, 0), float), rot.matrix(quat / np.linalg.norm(quat))


def _joint(state: Stage, ends: _JointEnds, place: Array, turn: Array) -> tuple[Joint | None, Array, Array]:
    """The joint, and the child's pose in its parent at coordinate 0."""
    from pxr import UsdPhysics

    base = UsdPhysics.Joint(ends.prim)
    p0, r0 = _frame(base, 0)
    p1, r1 = _frame(base, 1)
    if not base.GetBody1Rel().GetTargets():
        p0, r0, p1, r1 = p1, r1, p0, r0
    child_scale = state.pose(state.bodies[str(ends.child)])[2]
    if ends.parent is None:
        parent_place, parent_turn, parent_scale = np.zeros(3), state.up, np.full(3, state.metres)
        anchor0, frame0 = parent_turn @ (p0 * parent_scale), parent_turn @ r0
        local_place, local_turn = place, turn
    else:
        parent_place, parent_turn, parent_scale = state.pose(state.bodies[ends.parent])
        anchor0, frame0 = p0 * parent_scale, r0
        local_place, local_turn = parent_turn.T @ (place - parent_place), parent_turn.T @ turn
    zero_turn, anchor1 = frame0 @ r1.T, p1 * child_scale
    zero_place = anchor0 - zero_turn @ anchor1
    kind, name = str(ends.prim.GetTypeName()), str(ends.prim.GetPath())
    if kind == "PhysicsFixedJoint":
        return None, zero_place, zero_turn
    if kind == "PhysicsSphericalJoint":
        return _ball(state, ends.prim, name, anchor1, zero_turn.T @ local_turn), zero_place, zero_turn
    return (
        _axial(state, ends.prim, r1, anchor1, (zero_turn, local_turn, anchor0, local_place)),
        zero_place,
        zero_turn,
    )


def _ball(state: Stage, prim: Any, name: str, anchor: Array, moved: Array) -> Ball:
    from pxr import UsdPhysics

    joint = UsdPhysics.SphericalJoint(prim)
    cone = joint.GetConeAngle0LimitAttr().Get()
    if cone is not None and cone >= 0:
        state.report.lacks(f"cone limit of {name}")
    q = rot.from_matrix(moved).tolist()
    return Ball(position=tuple(anchor.tolist()), name=name, initial=(q[0], q[1], q[2], q[3]))


def _axial(state: Stage, prim: Any, r1: Array, anchor: Array, poses: tuple[Array, Array, Array, Array]) -> Joint:
    from pxr import UsdPhysics

    kind, name, metres = str(prim.GetTypeName()), str(prim.GetPath()), state.metres
    hinge = kind == "PhysicsRevoluteJoint"
    joint = UsdPhysics.RevoluteJoint(prim) if hinge else UsdPhysics.PrismaticJoint(prim)
    axis = r1 @ np.array(AXES[joint.GetAxisAttr().Get() or "X"])
    low, high = joint.GetLowerLimitAttr().Get(), joint.GetUpperLimitAttr().Get()
    bounded = low is not None and high is not None and math.isfinite(low) and math.isfinite(high)
    unit = math.pi / 180 if hinge else metres
    bounds = (low * unit, high * unit) if bounded else None
    zero_turn, turn, anchor0, place = poses
    if hinge:
        q = rot.from_matrix(zero_turn.T @ turn)
        initial = 2 * math.atan2(float(q[1:] @ axis), float(q[0]))
    else:
        initial = float((zero_turn.T @ (place + turn @ anchor - anchor0)) @ axis)
    initial = 0.0 if abs(initial) < 1e-7 else initial
    make = Hinge if hinge else Slide
    drive = drive_values(prim, hinge, initial, metres, state.kilograms, state.report)
    return make(tuple(axis.tolist()), tuple(anchor.tolist()), bounds, name=name, initial=initial, **drive)


def _mass(state: Stage, prim: Any, shapes: list[Shape]) -> dict[str, Any]:
    """mass, inertia and com of MassAPI; density is a default of the shapes."""
    from pxr import UsdPhysics

    if not prim.HasAPI(UsdPhysics.MassAPI):
        return {}
    api = UsdPhysics.MassAPI(prim)
    mass, density = api.GetMassAttr().Get() or 0.0, api.GetDensityAttr().Get() or 0.0
    moments = np.array(api.GetDiagonalInertiaAttr().Get() or (0, 0, 0), float)
    if mass <= 0:
        return {"density": density * state.kilograms / state.metres**3} if density > 0 else {}
    if not moments.any():
        if api.GetCenterOfMassAttr().HasAuthoredValue():
            state.report.lacks(f"centerOfMass without diagonalInertia at {prim.GetPath()}")
        return {"mass": mass * state.kilograms}
    quat = api.GetPrincipalAxesAttr().Get()
    q = np.array([quat.GetReal(), *quat.GetImaginary()], float)
    turn = np.eye(3) if np.linalg.norm(q) < 1e-9 else rot.matrix(q / np.linalg.norm(q))
    com = np.array(api.GetCenterOfMassAttr().Get() or (0, 0, 0), float)
    com = np.where(np.isfinite(com), com, 0.0) * state.pose(prim)[2]
    unit = state.kilograms * state.metres**2
    return {"mass": mass * state.kilograms, "inertia": six(rotated(np.diag(moments * unit), turn)), "com": com}


def _shape(state: Stage, prim: Any, owner: str | None) -> list[Shape]:
    """A gprim in the frame of its body (or the world)."""
    from pxr import UsdGeom, UsdPhysics

    place, turn, scale = state.pose(prim)
    if owner is not None:
        body_place, body_turn, _ = state.pose(state.bodies[owner])
        place, turn = body_turn.T @ (place - body_place), body_turn.T @ turn
    collides = (
        prim.HasAPI(UsdPhysics.CollisionAPI) and UsdPhysics.CollisionAPI(prim).GetCollisionEnabledAttr().Get() is not False
    )
    values: dict[str, Any] = {"name": str(prim.GetPath()), "collides": collides, "position": tuple(place.tolist())}
    if UsdGeom.Imageable(prim).ComputeVisibility() == "invisible" or UsdGeom.Imageable(prim).ComputePurpose() == "guide":
        values["visible"] = False
    if collides:
        values.update(material_values(prim, state.kilograms, state.metres))
    if not collides:
        values["density"] = 0.0
    elif prim.HasAPI(UsdPhysics.MassAPI) and str(prim.GetPath()) != owner:
        mass, density = UsdPhysics.MassAPI(prim).GetMassAttr().Get(), UsdPhysics.MassAPI(prim).GetDensityAttr().Get()
        values["mass"] = mass * state.kilograms if mass else None
        if density:
            values["density"] = density * state.kilograms / state.metres**3
    color = UsdGeom.Gprim(prim).GetDisplayColorAttr().Get()
    if color and len(color) == 1:
        values["color"] = tuple(float(min(max(c, 0.0), 1.0)) for c in color[0])
    return _solid(state, prim, turn, scale, values)


def _solid(state: Stage, prim: Any, turn: Array, scale: Array, values: dict[str, Any]) -> list[Shape]:
    from pxr import UsdGeom

    kind = str(prim.GetTypeName())
    if kind == "Cube":
        size = UsdGeom.Cube(prim).GetSizeAttr().Get() * scale
        return [Box(tuple(size.tolist()), rotation=_quat(turn), **values)]
    if kind == "Mesh":
        return _mesh(state, prim, turn, scale, values)
    if kind == "Sphere" and np.ptp(scale) > 1e-6 * scale.max():
        radii = UsdGeom.Sphere(prim).GetRadiusAttr().Get() * scale
        return [Ellipsoid(tuple(radii.tolist()), rotation=_quat(turn), **values)]
    if kind != "Plane" and np.ptp(scale) > 1e-6 * scale.max():
        state.report.lacks(f"non-uniform scale of the {kind} at {prim.GetPath()}")
    if kind == "Sphere":
        return [Sphere(UsdGeom.Sphere(prim).GetRadiusAttr().Get() * float(scale[0]), rotation=_quat(turn), **values)]
    geometry: Any = {"Capsule": UsdGeom.Capsule, "Cylinder": UsdGeom.Cylinder, "Plane": UsdGeom.Plane}[kind](prim)
    along = TO_AXIS[geometry.GetAxisAttr().Get()]
    rotation = _quat(turn if along is None else turn @ rot.matrix(along))
    if kind == "Plane":
        return [Plane(rotation=rotation, **values)]
    radius, height = geometry.GetRadiusAttr().Get() * float(scale[0]), geometry.GetHeightAttr().Get() * float(scale[0])
    return [(Capsule if kind == "Capsule" else Cylinder)(radius, height, rotation=rotation, **values)]


def _quat(turn: Array) -> tuple[float, float, float, float]:
    w, x, y, z = rot.from_matrix(turn).tolist()
    return (w, x, y, z)


def _mesh(state: Stage, prim: Any, turn: Array, scale: Array, values: dict[str, Any]) -> list[Shape]:
    from pxr import UsdGeom

    mesh = UsdGeom.Mesh(prim)
    points = np.array(mesh.GetPointsAttr().Get() or [], float).reshape(-1, 3) * scale
    counts, corners = (
        np.array(mesh.GetFaceVertexCountsAttr().Get() or [], int),
        np.array(mesh.GetFaceVertexIndicesAttr().Get() or [], int),
    )
    starts = np.cumsum(counts) - counts
    fans = [
        (corners[s], corners[s + k], corners[s + k + 1]) for s, n in zip(starts, counts, strict=True) for k in range(1, n - 1)
    ]
    faces = np.array(fans, int).reshape(-1, 3)
    if mesh.GetOrientationAttr().Get() == "leftHanded":
        faces = faces[:, ::-1]
    if (mesh.GetSubdivisionSchemeAttr().Get() or "none") != "none":
        state.report.skips(f"subdivision of {prim.GetPath()}")
    return [Mesh(vertices=points, faces=faces, rotation=_quat(turn), **values)]  # type: ignore[arg-type]
