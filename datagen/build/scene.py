"""EpisodeSpec -> engine.Scene: the one place where a document becomes bodies, joints, cameras and lights of the engine.

Decides how the words of `datagen.spec.episode` map to the engine's: a body without joint is free, `fixed` is welded to the
world, `prescribed` is kinematic, a joint pulled by `joint_target` gets one drive per action (see `datagen.actions`). Poses in
the spec are those of the world; the engine wants them in the parent's frame. `structure` says which specs may share one batch.
Limits: what the engine refuses (SceneError) is refused here, with its sentence.
"""

from collections.abc import Hashable
from typing import Any

import numpy as np

import engine
from datagen.actions import DRIVE
from datagen.build.controls import add_controls
from datagen.build.errors import BuildError
from datagen.build.matter import add_matter
from datagen.build.models import add_model, file_path, model_joints, servos
from datagen.build.textures import texture_of
from datagen.build.vessels import domain, grid_structure, vessel_shapes, wet
from datagen.errors import near_matches
from datagen.quaternions import conjugate, multiply, rotate
from datagen.sensing import add_sensors, sensor_structure
from datagen.spec import SKILLS, ActionSpec, BodySpec, EpisodeSpec, JointSpec, LightSpec, ShapeSpec

CHECKER_PERIOD = 1.0  # m: squares of 0.5 m, as the spec promises
CHECKER_SHADE = 0.62  # second colour of a checker pattern relative to the first, as shown on a screen
SUN_IRRADIANCE = 2.6  # linear irradiance of a white sun of intensity 1
SKY_RADIANCE = 3.0  # the sky at ambient 1 relative to its colour; 0.3 (the default) gives a radiance close to the colour itself


def build_scene(spec: EpisodeSpec) -> Any:
    """The engine's scene of one episode. Raises BuildError and engine.errors.SceneError."""
    check_actions(spec)
    scene = engine.Scene()
    scene.options.gravity = spec.world.gravity
    scene.options.timestep = spec.world.timestep
    if wet(spec):
        scene.options.cell_size, scene.options.domain = spec.world.cell, domain(spec)
    scene.options.wind = spec.world.wind
    for body in spec.bodies:
        _add_body(scene, spec, body)
    for model in spec.models:
        add_model(scene, model)
    for matter in spec.matter:
        add_matter(scene, matter, plain_shape)
    for action in drives(spec):
        stiffness, value, damping = action.stiffness, action.value or 0.0, action.damping
        gain = (stiffness * value, -stiffness, -damping)
        scene.add_actuator(drive_name(action), joint=action.target, kind="general", gain=gain, bias=(0.0, 0.0, 0.0))
    add_controls(scene, spec)
    for camera in spec.cameras:
        scene.add_camera(
            camera.name, position=camera.position, look_at=camera.look_at, resolution=camera.resolution, fov_y=camera.fov_y,
            lens=camera.lens, distortion=camera.distortion, centre=camera.centre,
            exposure=engine.Exposure(**camera.exposure.model_dump()),
        )  # fmt: skip
    add_sensors(scene, spec)
    _light(scene, spec.lights)
    return scene


def structure(spec: EpisodeSpec) -> Hashable:
    """Equal for specs whose scenes differ in numbers only, so that they may run as one batch; the schedule is part of it."""
    bodies = tuple(
        (
            body.name, body.fixed, body.prescribed, body.parent, tuple(_shape_structure(shape) for shape in body.shapes),
            tuple(value > 0.0 for value in body.friction), _joint_structure(body.joint), body.mass is None,
        )
        for body in spec.bodies
    )  # fmt: skip
    cameras = tuple((camera.name, camera.resolution, camera.outputs, camera.shutter) for camera in spec.cameras)
    lamps = tuple((lamp.name, lamp.size is None) for lamp in spec.lights.lamps)
    world = (spec.world.fps, spec.world.substeps, spec.world.num_frames, spec.world.settle, spec.world.timestep)
    models = tuple((model.name, model.file, model.fixed, model.controller) for model in spec.models)
    looks: Any = {"color": True, "texture": {"file", "repeat"}}  # may differ in every environment
    matter = tuple(
        (one.name, one.kind, one.model, "" if one.kind == "particles" else one.model_dump_json(exclude=looks))
        for one in spec.matter
    )
    driven = tuple((drive_name(action), action.target) for action in drives(spec))
    controls = tuple((c.name, c.target, c.mode) for c in spec.controls)
    grids = grid_structure(spec)
    return bodies, cameras, lamps, world, spec.record, sensor_structure(spec), driven, models, matter, controls, grids


def _shape_structure(shape: ShapeSpec) -> Hashable:
    """Meshes are shared by the environments of a batch, so what they look like is part of the structure."""
    return (shape.type, shape.mesh, shape.vertices, shape.faces, shape.heights, shape.size if shape.heights else ())


def _joint_structure(joint: JointSpec | None) -> Hashable:
    return joint and (joint.name, joint.type, joint.range is None)


def drives(spec: EpisodeSpec) -> list[ActionSpec]:
    """The joint_target actions that need an actuator of their own, in order; those of actors use the actor's drives."""
    own = servos(spec)
    return [action for action in spec.actions if action.do == "joint_target" and action.target not in own]


def drive_name(action: ActionSpec) -> str:
    """Name of the actuator that a joint_target action switches on."""
    return DRIVE + action.id


def _add_body(scene: Any, spec: EpisodeSpec, body: BodySpec) -> None:
    position, rotation = _pose_in_parent(spec, body)
    mass = {"mass": body.mass} if body.mass is not None else {"density": body.density} if body.density is not None else {}
    rooted = body.fixed or body.prescribed
    free = not rooted and body.parent is None and (body.joint is None or body.joint.type == "free")
    motion = {"velocity": body.velocity, "angular_velocity": body.angular_velocity} if free else {}
    joint = {} if rooted or body.joint is None or body.joint.type in ("free", "fixed") else {"joint": _joint(body.joint)}
    welded = body.fixed or (body.joint is not None and body.joint.type == "fixed" and body.parent is None)
    scene.add_body(
        body.name,
        shape=_shapes(spec, body),
        position=position,
        rotation=rotation,
        parent=body.parent,
        fixed=welded and not body.prescribed,
        kinematic=body.prescribed,
        friction=body.friction,
        restitution=body.restitution,
        **mass,
        **motion,
        **joint,
    )
    if body.parent is not None and spec.body(body.parent).fixed:
        # the engine lets what hangs on the world touch the world, and a fixed body is part of it
        scene.exclude_contacts(body.name, body.parent)


def _pose_in_parent(spec: EpisodeSpec, body: BodySpec) -> tuple[tuple[float, ...], tuple[float, ...]]:
    if body.parent is None:
        return body.position, body.rotation
    parent = spec.body(body.parent)
    back = conjugate(np.array(parent.rotation))
    position = rotate(back, np.array(body.position) - np.array(parent.position))
    return tuple(map(float, position)), tuple(map(float, multiply(back, np.array(body.rotation))))


def plain_shape(shape: ShapeSpec) -> Any:
    """A shape of the engine without looks, for a region of matter."""
    return _engine_shape(shape, {"position": shape.position, "rotation": shape.rotation})


def _shapes(spec: EpisodeSpec, body: BodySpec) -> list[Any]:
    walls, count = vessel_shapes(body, _look(body)) if wet(spec) else ([], 0)
    return walls + [_shape(shape, body) for shape in body.shapes[count:]]


def _shape(shape: ShapeSpec, body: BodySpec) -> Any:
    return _engine_shape(shape, {"position": shape.position, "rotation": shape.rotation, **_look(body)})


def _look(body: BodySpec) -> dict[str, Any]:
    look: dict[str, Any] = {"color": body.color, "roughness": body.roughness, "metallic": body.metallic}
    if body.pattern == "checker":
        red, green, blue = body.color
        second = (CHECKER_SHADE * red, CHECKER_SHADE * green, CHECKER_SHADE * blue)
        look["checker"] = engine.Checker(period=CHECKER_PERIOD, color=second)
    if body.texture is not None:
        look["texture"] = texture_of(body.texture)
    return look


def _engine_shape(shape: ShapeSpec, place: dict[str, Any]) -> Any:
    size: Any = shape.size
    if shape.type == "plane":
        return engine.Plane(**place)
    if shape.type == "sphere":
        return engine.Sphere(radius=shape.size[0], **place)
    if shape.type == "capsule":
        return engine.Capsule(radius=shape.size[0], length=shape.size[1], **place)
    if shape.type == "box":
        return engine.Box(size=size, **place)
    if shape.type == "cylinder":
        return engine.Cylinder(radius=shape.size[0], height=shape.size[1], **place)
    if shape.type == "ellipsoid":
        return engine.Ellipsoid(radii=size, **place)
    if shape.type == "hull":
        return engine.Mesh(vertices=[list(v) for v in shape.vertices], faces=[list(f) for f in shape.faces], **place)
    if shape.type == "height_field":
        return engine.HeightField(heights=shape.heights, size=(shape.size[0], shape.size[1]), base=shape.size[2], **place)
    return engine.Mesh(path=str(file_path(shape.mesh or "")), scale=size, **place)


def _joint(joint: JointSpec) -> Any:
    passive: dict[str, Any] = {"name": joint.name, "damping": joint.damping, "armature": joint.armature}
    if joint.type == "ball":
        return engine.Ball(position=joint.anchor, range=joint.range, stiffness=joint.stiffness, **passive)
    kind: Any = engine.Hinge if joint.type == "hinge" else engine.Slide
    return kind(
        axis=joint.axis,
        position=joint.anchor,
        range=joint.range,
        stiffness=joint.stiffness,
        rest=joint.rest,
        initial=joint.position,
        initial_velocity=joint.velocity,
        **passive,
    )


def linear(color: tuple[float, float, float]) -> np.ndarray:
    """sRGB code values 0..1 -> linear RGB (IEC 61966-2-1)."""
    encoded = np.asarray(color, float)
    return np.where(encoded <= 0.04045, encoded / 12.92, ((encoded + 0.055) / 1.055) ** 2.4)


def _light(scene: Any, lights: LightSpec) -> None:
    sun = SUN_IRRADIANCE * lights.sun_intensity * linear(lights.sun_color)
    sky = SKY_RADIANCE * lights.ambient * linear(lights.sky_color)
    horizon = 0.5 * sky + 0.5 * SKY_RADIANCE * lights.ambient * np.full(3, float(linear(lights.sky_color).max()))
    scene.set_sun(direction=lights.sun_direction, color=tuple(map(float, sun)))
    scene.set_sky(zenith=tuple(map(float, sky)), horizon=tuple(map(float, horizon)))
    for lamp in lights.lamps:
        cone = None if lamp.cone is None else tuple(np.degrees(lamp.cone))
        color = tuple(map(float, lamp.intensity * linear(lamp.color)))
        aim = {"look_at": lamp.look_at, "cone": cone, "size": lamp.size, "radius": lamp.radius}
        scene.add_lamp(lamp.name, lamp.position, color, **aim)


def check_actions(spec: EpisodeSpec) -> None:
    """Raises BuildError for an action whose target is not there or cannot take it."""
    bodies = {body.name: body for body in spec.bodies}
    joints = {body.joint.name: body.joint for body in spec.bodies if body.joint is not None}
    actors = {model.name for model in spec.models if model.controller is not None}
    driven = {name for model in spec.models for name in model_joints(model)}
    for action in spec.actions:
        where = f"action {action.id!r} of episode {spec.index}"
        known = joints if action.do == "joint_target" else bodies
        if action.do == "joint_target" and action.target in driven:
            if action.target not in servos(spec) and action.target.split(".")[0] in actors:
                raise BuildError(where, f"{action.target!r} is not driven by position", "a controller by position", "change it")
            continue
        if action.target not in known:
            raise BuildError(where, f"unknown target {action.target!r}", near_matches(action.target, known))
        if action.do == "joint_target":
            if joints[action.target].type not in ("hinge", "slide"):
                raise BuildError(
                    where, f"a {joints[action.target].type} joint has no single coordinate", "allowed: hinge, slide"
                )
            continue
        _check_body_action(where, action, bodies[action.target])


def _check_body_action(where: str, action: ActionSpec, body: BodySpec) -> None:
    if action.do == "move":
        if not body.prescribed:
            raise BuildError(
                where, f"body {body.name!r} is not prescribed", "move carries prescribed bodies", "mark it so in the spec"
            )
        if not action.waypoints:
            raise BuildError(where, "there are no waypoints", "one or more")
        return
    if action.do == "skill" and SKILLS[action.skill].still:
        return
    if action.do == "skill" and SKILLS[action.skill].jointed and _kind(body) not in ("hinge", "slide"):
        what = f"{body.name!r} has no hinge and no slide to {action.skill}"
        raise BuildError(where, what, "a drawer, a leaf, a lever, a lid or a body with a joint", "pick another target")
    if body.fixed or body.prescribed or (body.joint is not None and body.joint.type == "fixed"):
        raise BuildError(
            where, f"body {body.name!r} does not move by itself", "a body that is free or has a joint", "pick another target"
        )
    jointed = body.joint is not None and body.joint.type != "free"
    if action.do == "set_velocity" and jointed and action.vector is not None and _kind(body) != "slide":
        raise BuildError(where, f"body {body.name!r} turns about a joint", "allowed: angular", "give its angular velocity")
    if action.do == "set_velocity" and jointed and action.angular is not None and _kind(body) == "slide":
        raise BuildError(where, f"body {body.name!r} slides along a joint", "allowed: vector", "give its velocity")


def _kind(body: BodySpec) -> str:
    return body.joint.type if body.joint is not None else "free"
