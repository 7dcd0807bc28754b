"""UsdPhysics of an exported scene: rigid bodies, masses, collision shapes with materials, joints, drives, filtered pairs.

A body that moves is a rigid body (a kinematic one where its motion is prescribed) with the mass, centre and principal moments
of the scene; bodies welded to the world carry static colliders. A joint's frame has its x axis along ours. The first
moving body of a tree with joints is an articulation root. Reference: the UsdPhysics schema (openusd.org). What it does not
have is refused: several joints on one body, joint damping, springs, armature and dry friction, actuators, ellipsoids that
collide are spheres with a scale; single-precision attributes limit masses and frames to seven digits.
"""

from typing import Any

import numpy as np

from engine.geometry import rotation as rot
from engine.geometry.inertia import tensor
from engine.scene.compile import compile_scenes
from engine.scene.description import ORIGIN, Axial, Ball, Body, Ellipsoid, Free, Hinge, Joint, Plane, Shape
from engine.scene.material import friction_triple
from engine.scene.poses import body_poses

DEGREE = np.pi / 180
JOINT_LACKS = ("armature", "damping", "friction_loss", "stiffness", "margin")


def add_physics(writer: Any, gprims: list[Any]) -> None:
    """Apply the schemas to the prims of a written scene."""
    from pxr import Gf, UsdPhysics

    scene, stage = writer.scene, writer.stage
    writer.losses.unknown_lists(scene)
    physics = UsdPhysics.Scene.Define(stage, writer.path("/World", "physics"))
    pull = float(np.linalg.norm(scene.options.gravity))
    down = np.array(scene.options.gravity) / pull if pull > 0 else np.array([0.0, 0.0, -1.0])
    physics.CreateGravityDirectionAttr(Gf.Vec3f(*down.tolist()))
    physics.CreateGravityMagnitudeAttr(pull)
    UsdPhysics.SetStageKilogramsPerUnit(stage, 1.0)
    moving = _moving(scene.bodies)
    reals = {k: v[0] for k, v in compile_scenes([scene]).reals.items()}
    for k, body in enumerate(scene.bodies):
        if k and (moving[k] or body.kinematic):
            _rigid(writer, k, body, reals)
        if moving[k] and not any(isinstance(j, Free) for j in body.joints):
            _joint(writer, k, body, moving)
    for (_, shape), gprim in zip(scene.shapes, gprims, strict=True):
        if shape.collides:
            _collider(writer, shape, gprim)
    _filters(writer)
    for a in scene.actuators:
        writer.losses.changes(f"actuator {a.name!r}")


def _moving(bodies: tuple[Body, ...]) -> list[bool]:
    """Bodies that a degree of freedom moves."""
    moving: list[bool] = []
    for k, body in enumerate(bodies):
        moving.append(bool(k) and (bool(body.joints) or moving[body.parent]))
    return moving


def _rigid(writer: Any, index: int, body: Body, reals: dict[str, np.ndarray]) -> None:
    from pxr import Gf, UsdPhysics

    prim = writer.stage.GetPrimAtPath(writer.bodies[index])
    rigid = UsdPhysics.RigidBodyAPI.Apply(prim)
    if body.kinematic:
        rigid.CreateKinematicEnabledAttr(True)
    if body.velocity != ORIGIN:
        rigid.CreateVelocityAttr(Gf.Vec3f(*body.velocity))
    if body.angular_velocity != ORIGIN:
        local = rot.rotate(rot.conjugate(body.rotation), np.array(body.angular_velocity)) / DEGREE
        rigid.CreateAngularVelocityAttr(Gf.Vec3f(*local.tolist()))
    if body.gravity_scale != 1.0:
        writer.losses.changes(f"gravity_scale={body.gravity_scale:g} of body {body.name!r}")
    if reals["body_mass"][index] > 0:
        moments, axes = np.linalg.eigh(tensor(reals["body_inertia"][index]))
        mass = UsdPhysics.MassAPI.Apply(prim)
        mass.CreateMassAttr(float(reals["body_mass"][index]))
        mass.CreateCenterOfMassAttr(Gf.Vec3f(*reals["body_com"][index].tolist()))
        mass.CreateDiagonalInertiaAttr(Gf.Vec3f(*moments.tolist()))
        turn = rot.from_matrix(axes * np.sign(np.linalg.det(axes)))
        mass.CreatePrincipalAxesAttr(Gf.Quatf(*turn.tolist()))


def _collider(writer: Any, shape: Shape, gprim: Any) -> None:
    """CollisionAPI and the physics material; a plane gets an endless one beside its picture."""
    from pxr import Sdf, UsdGeom, UsdPhysics, UsdShade

    if isinstance(shape, Ellipsoid):
        writer.losses.notes(f"the ellipsoid {shape.name!r} collides as a scaled sphere, which few other programs take")
    writer.losses.surface(shape)
    if isinstance(shape, Plane):
        visual = gprim.GetPrim()
        plane = UsdGeom.Plane.Define(
            writer.stage, writer.path(str(visual.GetParent().GetPath()), f"{visual.GetName()}_endless")
        )
        plane.CreateAxisAttr("Z")
        plane.CreatePurposeAttr(UsdGeom.Tokens.guide)
        for op in UsdGeom.Xformable(visual).GetOrderedXformOps():
            plane.AddXformOp(op.GetOpType(), op.GetPrecision()).Set(op.Get())
        gprim = plane
    prim = gprim.GetPrim()
    UsdPhysics.CollisionAPI.Apply(prim)
    if prim.IsA(UsdGeom.Mesh):
        UsdPhysics.MeshCollisionAPI.Apply(prim).CreateApproximationAttr("convexHull")
    material = UsdShade.Material.Define(writer.stage, writer.path("/World/PhysicsMaterials", str(shape.name)))
    api = UsdPhysics.MaterialAPI.Apply(material.GetPrim())
    slide = friction_triple(shape.friction)[0]
    api.CreateStaticFrictionAttr(slide)
    api.CreateDynamicFrictionAttr(slide)
    api.CreateRestitutionAttr(float(shape.restitution or 0.0))
    relation = prim.CreateRelationship("material:binding:physics", custom=False)
    relation.SetTargets([Sdf.Path(str(material.GetPath()))])
    UsdShade.MaterialBindingAPI.Apply(prim)


def _joint(writer: Any, index: int, body: Body, moving: list[bool]) -> None:
    """The joint prim between a body and its parent; the first of a tree makes the articulation root."""
    from pxr import Gf, Sdf, UsdPhysics

    if len(body.joints) > 1:
        writer.losses.changes(f"the {len(body.joints)} joints of body {body.name!r}")
    joint: Joint | None = body.joints[0] if body.joints else None
    path = writer.path("/World/Joints", str(joint.name) if joint else f"{body.name}_weld")
    made, frame = _kind(writer, joint, path)
    anchor = np.array(getattr(joint, "position", ORIGIN) if joint else ORIGIN)
    place = np.array(body.position) + rot.rotate(body.rotation, anchor)
    turn = rot.multiply(body.rotation, frame)
    parent = body.parent
    if parent and not (moving[parent] or writer.scene.bodies[parent].kinematic):  # welded to the world: anchored in W
        places, turns = body_poses(writer.scene)
        place, turn = places[parent] + rot.rotate(turns[parent], place), rot.multiply(turns[parent], turn)
        parent = 0
    if parent:
        made.CreateBody0Rel().SetTargets([Sdf.Path(writer.bodies[parent])])
    made.CreateBody1Rel().SetTargets([Sdf.Path(writer.bodies[index])])
    made.CreateLocalPos0Attr(Gf.Vec3f(*place.tolist()))
    made.CreateLocalRot0Attr(Gf.Quatf(*turn.tolist()))
    made.CreateLocalPos1Attr(Gf.Vec3f(*anchor.tolist()))
    made.CreateLocalRot1Attr(Gf.Quatf(*np.asarray(frame).tolist()))
    if not parent or not any(isinstance(j, Free) is False for j in writer.scene.bodies[parent].joints):
        UsdPhysics.ArticulationRootAPI.Apply(writer.stage.GetPrimAtPath(writer.bodies[index]))


def _kind(writer: Any, joint: Joint | None, path: str) -> tuple[Any, np.ndarray]:
    """The prim of one kind of joint, and the rotation of its frame in the body."""
    from pxr import UsdPhysics

    stage = writer.stage
    if joint is None:
        return UsdPhysics.FixedJoint.Define(stage, path), np.array(rot.IDENTITY)
    for name in JOINT_LACKS:
        if getattr(joint, name, 0.0):
            writer.losses.changes(f"{name} of joint {joint.name!r}")
    if isinstance(joint, Ball):
        if joint.range is not None:
            writer.losses.changes(f"the range of ball joint {joint.name!r}")
        return UsdPhysics.SphericalJoint.Define(stage, path), np.array(rot.IDENTITY)
    assert isinstance(joint, Axial)
    hinge = isinstance(joint, Hinge)
    made = (UsdPhysics.RevoluteJoint if hinge else UsdPhysics.PrismaticJoint).Define(stage, path)
    made.CreateAxisAttr("X")
    unit = DEGREE if hinge else 1.0
    if joint.range is not None:
        made.CreateLowerLimitAttr(joint.range[0] / unit)
        made.CreateUpperLimitAttr(joint.range[1] / unit)
    if joint.drive_stiffness or joint.drive_damping:
        drive = UsdPhysics.DriveAPI.Apply(made.GetPrim(), "angular" if hinge else "linear")
        drive.CreateStiffnessAttr(joint.drive_stiffness * unit)
        drive.CreateDampingAttr(joint.drive_damping * unit)
        drive.CreateTargetPositionAttr(joint.initial / unit)
    if joint.initial_velocity:
        writer.losses.changes(f"initial_velocity of joint {joint.name!r}")
    along = rot.from_z_axis(np.array(joint.axis))
    return made, rot.multiply(along, rot.from_axis_angle((0.0, 1.0, 0.0), -np.pi / 2))  # x -> z -> the axis


def _filters(writer: Any) -> None:
    from pxr import Sdf, UsdPhysics

    for a, b in writer.scene.excludes:
        api = UsdPhysics.FilteredPairsAPI.Apply(writer.stage.GetPrimAtPath(writer.bodies[a]))
        api.CreateFilteredPairsRel().AddTarget(Sdf.Path(writer.bodies[b]))
    if writer.scene.contact_pairs:
        writer.losses.changes(f"{len(writer.scene.contact_pairs)} contact pairs")
    if any((s.contact_type, s.contact_affinity) != (1, 1) for _, s in writer.scene.shapes if s.collides):
        writer.losses.changes("contact_type and contact_affinity bits")
