"""Scene: the one mutable object of the description side; `add_*` checks a part, names it, stores it frozen and returns its id.

Ids of bodies, actuators and cameras are indices in order of creation (the world is body 0); shapes and joints are known by
name. Names are unique per kind and may be used wherever an id may. A parent exists before its child, so bodies are always in
topological order and cycles cannot be built. Limits: check.MAX_BODIES bodies.
"""

from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path
from typing import Any, Final

from engine.errors import SceneError, near_matches
from engine.geometry.texture import Texture
from engine.scene import arguments, check
from engine.scene.actuators import described
from engine.scene.annotations import Annotated
from engine.scene.deformable_builder import Deformables
from engine.scene.description import (
    ORIGIN,
    UPRIGHT,
    WORLD,
    Actuator,
    Body,
    Camera,
    Checker,
    Free,
    Joint,
    Light,
    Options,
    Plane,
    Shape,
    Vector,
)
from engine.scene.document import save_scene
from engine.scene.exposure import Exposure, checked_exposure
from engine.scene.lamps import Lit
from engine.scene.material import Material, complete, pieces
from engine.scene.matter import Filled
from engine.scene.tie_builder import Ties


class _Default:
    """Marks an argument that was left out where None means something else."""

    def __repr__(self) -> str:
        return "default"


DEFAULT_JOINT: Final = _Default()
GROUND = Checker(1.0)


class Scene(Annotated, Ties, Filled, Deformables, Lit):
    """A world under construction: bodies, joints, shapes, actuators, cameras, lights and options; sites, sensors, keyframes,
    contact pairs come from `engine.scene.annotations`, tendons and equality constraints from `engine.scene.tie_builder`,
    liquids and soft matter from `engine.scene.matter`, cloth, ropes and elastic solids from
    `engine.scene.deformable_builder`, lamps from `engine.scene.lamps`.

    `options` may be set at any time. `import_report` lists what a model file asked for and was not taken over.
    """

    def __init__(self) -> None:
        Annotated.__init__(self)
        Ties.__init__(self)
        Deformables.__init__(self)
        Lit.__init__(self)
        self.options = Options()
        self.light = Light()
        self.import_report: list[str] = []
        self._bodies: list[Body] = [Body(WORLD, 0)]
        self._shapes: list[tuple[int, Shape]] = []
        self._actuators: list[Actuator] = []
        self._cameras: list[Camera] = []
        self._excludes: list[tuple[int, int]] = []
        self._ids: dict[str, dict[str, int]] = {"body": {WORLD: 0}, "shape": {}, "joint": {}, "actuator": {}, "camera": {}}
        self._ids.update(site={}, tendon={}, equality={}, deformable={}, lamp={})
        Filled.__init__(self)

    bodies = property(lambda self: tuple(self._bodies), doc="Bodies by id; 0 is the world.")
    shapes = property(lambda self: tuple(self._shapes), doc="(body id, shape), in order of bodies.")
    actuators = property(lambda self: tuple(self._actuators), doc="Actuators by id.")
    cameras = property(lambda self: tuple(self._cameras), doc="Cameras by id.")
    excludes = property(lambda self: tuple(self._excludes), doc="Pairs of body ids whose shapes never touch.")

    # Bodies ------------------------------------------------------------------------------------------------------------------

    def add_plane(
        self,
        name: str = "ground",
        *,
        position: Sequence[float] = ORIGIN,
        rotation: Sequence[float] = UPRIGHT,
        checker: Checker | None = GROUND,
        **look: Any,
    ) -> int:
        """A fixed infinite plane through `position` with outward normal +z turned by `rotation`; `look` as in add_body. Returns
        the body id.
        """
        return self.add_body(name, Plane(), position=position, rotation=rotation, fixed=True, checker=checker, **look)

    # fmt: off
    def add_body(
        self, name: str, shape: Shape | Sequence[Shape] | None = None, *,
        position: Sequence[float] = ORIGIN, rotation: Sequence[float] = UPRIGHT, parent: str | int | None = None,
        joint: Joint | Sequence[Joint] | _Default | None = DEFAULT_JOINT, fixed: bool = False, kinematic: bool = False,
        mass: float | None = None, inertia: Any = None, com: Sequence[float] | None = None,
        velocity: Sequence[float] = ORIGIN, angular_velocity: Sequence[float] = ORIGIN, gravity_scale: float = 1.0,
        density: float | None = None, friction: float | Sequence[float] | None = None, restitution: float | None = None,
        color: Sequence[float] | None = None, roughness: float | None = None, metallic: float | None = None,
        checker: Checker | None = None, texture: Texture | None = None, condim: int | None = None, margin: float | None = None,
        solref: Sequence[float] | None = None, solimp: Sequence[float] | None = None,
    ) -> int:
        """Add a rigid body and its shapes; returns the body id.

        position [m], rotation (w, x, y, z): pose in the parent frame (the world without `parent`), at joint coordinates 0.
        joint: default is Free for a root and welded (None) for a child; `fixed` welds; `kinematic` moves as prescribed, unmoved
        by forces. mass [kg] without inertia spreads over the shapes; with `inertia` (3 moments, 6 entries or 3x3, about `com`)
        it replaces theirs. velocity of the origin [m/s], angular_velocity [rad/s]: of a free body, in the world frame.
        gravity_scale 0 makes it weightless. density [kg/m^3] and everything after it are defaults of the shapes. Raises
        SceneError.
        """
        where = f"Scene.add_body({name!r})"
        self._require_room(where, name)
        up = 0 if parent is None else self.find(where, "body", parent)
        joints = self._joints(where, name, up, joint, fixed, kinematic)
        material = Material(
            density, arguments.friction_value(friction), restitution, arguments.plain_tuple(color), roughness, metallic,
            checker, texture, condim, margin, arguments.plain_tuple(solref), arguments.plain_tuple(solimp),
        )
        shapes = [p for s in arguments.shape_list(where, shape) for p in pieces(where, complete(where, s, material))]
        body = Body(
            name, up, check.vector(where, "position", position), check.rotation(where, "rotation", rotation),
            joints, bool(kinematic),
            *arguments.mass_values(where, mass, inertia, com, density, shapes),
            *self._velocity(where, joints, velocity, angular_velocity), check.number(where, "gravity_scale", gravity_scale),
        )
        names = self._shape_names(where, name, shapes)
        self._ids["body"][name] = len(self._bodies)
        self._bodies.append(body)
        self._ids["joint"].update({j.name: 0 for j in joints if j.name})
        for s, shape_name in zip(shapes, names, strict=True):
            self._insert_shape(self._ids["body"][name], replace(s, name=shape_name))
        return self._ids["body"][name]
    # fmt: on

    def add_shape(self, body: str | int, shape: Shape) -> str:
        """Add one more shape to a body; values that it leaves out take the engine's defaults. Returns the shape's name."""
        where = f"Scene.add_shape({body!r})"
        index = self.find(where, "body", body)
        (shape,) = arguments.shape_list(where, [shape])
        done = pieces(where, complete(where, shape, Material()))
        names = self._shape_names(where, self._bodies[index].name, done)
        for part, name in zip(done, names, strict=True):
            self._insert_shape(index, replace(part, name=name))
        return names[0]

    def add_joint(self, body: str | int, joint: Joint) -> str:
        """Add a joint between a body and its parent, after those it has; returns the joint's name."""
        where = f"Scene.add_joint({body!r})"
        index = self.find(where, "body", body)
        old = self._bodies[index]
        if index == 0 or old.kinematic:
            raise SceneError(
                where,
                f"{old.name!r} cannot have joints",
                "allowed: bodies that are not the world and not kinematic",
                "pick another body",
            )
        added = self._named_joint(where, old.name, len(old.joints), joint)
        joints = (*old.joints, added)
        arguments.require_joint_set(where, joints, old.parent)
        self._bodies[index] = replace(old, joints=joints)
        self._ids["joint"][str(added.name)] = 0
        return str(added.name)

    def change_joint(self, name: str, **values: Any) -> None:
        """Replace fields of a joint. Raises SceneError on an unknown joint or a wrong value."""
        where = f"Scene.change_joint({name!r})"
        self.find(where, "joint", name)
        index, old = next((k, j) for k, b in enumerate(self._bodies) for j in b.joints if j.name == name)
        changed = replace(old, **values)
        changed = replace(changed, **check.joint_values(where, changed))
        body = self._bodies[index]
        self._bodies[index] = replace(body, joints=tuple(changed if j is old else j for j in body.joints))

    def exclude_contacts(self, a: str | int, b: str | int) -> None:
        """Shapes of body `a` never touch shapes of body `b`."""
        first, second = (self.find("Scene.exclude_contacts", "body", body) for body in (a, b))
        self._excludes.append((min(first, second), max(first, second)))

    # Actuators, cameras, light -----------------------------------------------------------------------------------------------

    # fmt: off
    def add_actuator(
        self, name: str, joint: str | None = None, kind: str = "motor", *,
        gain: float | Sequence[float] = 1.0, damping: float = 0.0, bias: Sequence[float] = ORIGIN,
        gear: float | Sequence[float] = 1.0, control_range: Sequence[float] | None = None,
        force_range: Sequence[float] | None = None, in_parent: bool = False, tendon: str = "", site: str = "",
        reference_site: str = "", dynamics: str = "none", dynamics_parameters: float | Sequence[float] | None = None,
        activation_range: Sequence[float] | None = None, early: bool = False, muscle: Sequence[float] | None = None,
        length_range: Sequence[float] | None = None, damping_ratio: float | None = None, reflected_damping: float = 0.0,
        armature: float = 0.0,
    ) -> int:
        """Drive a joint, tendon or site; returns the actuator id (its place in `sim.control.actuator`).

        kind "motor": force = gain * u; "position": gain * (u - length) - damping * velocity; "velocity": gain * (u - velocity);
        "general": `gain` and `bias` are triples on (1, length, velocity); "muscle": see `engine.scene.description.Actuator`, as
        for the rest. Length and velocity are gear times the joint's; ball and free joints and sites take six numbers, the axes
        of translation and rotation.
        """
        given = {k: v for k, v in locals().items() if k not in ("self", "name", "joint", "kind")}
        where = f"Scene.add_actuator({name!r})"
        self._free_name(where, "actuator", name)
        target = self._target(where, joint, tendon, site, reference_site)
        actuator = described(where, name, kind, target, given)
        self._ids["actuator"][name] = len(self._actuators)
        self._actuators.append(actuator)
        return len(self._actuators) - 1
    # fmt: on

    def add_camera(
        self,
        name: str,
        position: Sequence[float],
        look_at: Sequence[float] | None = None,
        *,
        rotation: Sequence[float] | None = None,
        body: str | int | None = None,
        resolution: tuple[int, int] = (256, 256),
        fov_y: float | None = None,
        focal: tuple[float, float] | None = None,
        centre: tuple[float, float] | None = None,
        lens: str = "pinhole",
        distortion: Sequence[float] = (),
        exposure: Exposure | None = None,
    ) -> int:
        """A camera carried by `body` (default: the world), posed in that body's frame; returns the camera id.

        Either `look_at` (a point that is in the middle of the picture, world z up) or `rotation` (looks along -z, +y up).
        resolution is (width, height) in pixels, fov_y the vertical field of view in degrees (45), or focal (fx, fy) [pixels].
        centre [pixels from the upper left corner]: where the optical axis meets the picture, by default its middle. lens
        "pinhole", or "fisheye": the angle a from the axis appears at the radius f a (1 + k1 a^2 + k2 a^4 + k3 a^6 + k4 a^8),
        with up to four numbers k of `distortion`; its depth is the distance from the eye. exposure: gain and noise of its
        pictures.
        """
        where = f"Scene.add_camera({name!r})"
        self._free_name(where, "camera", name)
        place = check.vector(where, "position", position)
        width, height = arguments.picture_size(where, resolution)
        optics = arguments.camera_optics(where, (width, height), fov_y, focal, centre, lens, distortion)
        camera = Camera(
            name,
            0 if body is None else self.find(where, "body", body),
            place,
            arguments.camera_rotation(where, place, look_at, rotation),
            width,
            height,
            *optics,
            checked_exposure(where, exposure),
        )
        self._ids["camera"][name] = len(self._cameras)
        self._cameras.append(camera)
        return len(self._cameras) - 1

    def set_sun(self, direction: Sequence[float] | None = None, color: Sequence[float] | None = None) -> None:
        """Direction towards the sun (any length) and its linear RGB irradiance; what is left out stays."""
        where = "Scene.set_sun"
        if direction is not None:
            self.light = replace(self.light, sun_direction=check.direction(where, "direction", direction))
        if color is not None:
            self.light = replace(self.light, sun_color=check.vector(where, "color", color, 3, 0.0))

    def set_sky(self, zenith: Sequence[float] | None = None, horizon: Sequence[float] | None = None) -> None:
        """Linear RGB radiance of the sky overhead and at the horizon; what is left out stays."""
        where = "Scene.set_sky"
        if zenith is not None:
            self.light = replace(self.light, sky_zenith=check.vector(where, "zenith", zenith, 3, 0.0))
        if horizon is not None:
            self.light = replace(self.light, sky_horizon=check.vector(where, "horizon", horizon, 3, 0.0))

    # Whole scene -------------------------------------------------------------------------------------------------------------

    def find(self, where: str, kind: str, name: str | int) -> int:
        """The id of a body, actuator or camera by name (or the id itself, checked); of a shape its body, of a joint nothing.
        SceneError lists near matches.
        """
        ids = self._ids[kind]
        if isinstance(name, str) or kind in ("shape", "joint"):
            if name in ids:
                return ids[str(name)]
            raise SceneError(
                where, f"unknown {kind} {name!r}", near_matches(str(name), ids), f"add the {kind} first or correct the name"
            )
        return check.whole(where, f"{kind} id", name, 0, len(ids) - 1)

    def copy(self) -> "Scene":
        """An independent scene with the same parts; the frozen parts themselves are shared."""
        twin = Scene()
        twin.options, twin.light = replace(self.options), self.light
        twin.deformable_options = replace(self.deformable_options)
        lists = ("import_report", "_bodies", "_shapes", "_actuators", "_cameras", "_lamps", "_excludes", "_tendons")
        for name in (*lists, "_equalities", "_sites", "_sensors", "_keyframes", "_pairs", "_matter", "_deformables"):
            setattr(twin, name, list(getattr(self, name)))
        twin._ids = {kind: dict(ids) for kind, ids in self._ids.items()}
        return twin

    def save(self, path: str | Path) -> None:
        """Write the scene as YAML; `engine.load` reads it back."""
        save_scene(self, Path(path))

    # Parts of the above ------------------------------------------------------------------------------------------------------

    def _require_room(self, where: str, name: Any) -> None:
        self._free_name(where, "body", name)
        if len(self._bodies) > check.MAX_BODIES:
            allowed = f"allowed: up to {check.MAX_BODIES} in one scene"
            raise SceneError(where, f"more than {check.MAX_BODIES} bodies", allowed, "split it into several environments")

    def _free_name(self, where: str, kind: str, name: Any) -> None:
        if not isinstance(name, str) or not name:
            raise SceneError(where, f"the name is {name!r}", "allowed: a non-empty string", "name it")
        if name in self._ids[kind]:
            raise SceneError(where, f"there is already a {kind} named {name!r}", "allowed: unique names", "choose another one")

    def _joints(self, where: str, name: str, parent: int, joint: Any, fixed: bool, kinematic: bool) -> tuple[Joint, ...]:
        welded = fixed or kinematic
        if welded and joint is not DEFAULT_JOINT and joint is not None:
            raise SceneError(
                where, "a fixed or kinematic body was given a joint", "allowed: one of joint, fixed, kinematic", "leave one out"
            )
        if fixed and kinematic:
            raise SceneError(where, "the body is both fixed and kinematic", "allowed: one of the two", "leave one out")
        if kinematic and parent != 0:
            raise SceneError(
                where, "a kinematic body has a parent", "allowed: kinematic roots", "leave out parent or kinematic"
            )
        if joint is DEFAULT_JOINT:
            joint = Free() if parent == 0 and not welded else None
        listed = () if joint is None or welded else tuple(joint) if isinstance(joint, list | tuple) else (joint,)
        joints = tuple(self._named_joint(where, name, k, j) for k, j in enumerate(listed))
        if len({j.name for j in joints}) < len(joints):
            raise SceneError(where, "two joints have one name", "allowed: unique names", "rename one")
        arguments.require_joint_set(where, joints, parent)
        return joints

    def _named_joint(self, where: str, body: str, k: int, joint: Any) -> Joint:
        if not isinstance(joint, Joint) or not hasattr(joint, "kind"):
            raise SceneError(where, f"{joint!r} is no joint", "allowed: Hinge, Slide, Ball, Free", "pass one of them")
        name = joint.name or (body if k == 0 else f"{body}:{k}")
        self._free_name(where, "joint", name)
        return replace(joint, name=name, **check.joint_values(f"{where} joint {name!r}", joint))

    def _shape_names(self, where: str, body: str, shapes: list[Shape]) -> list[str]:
        taken, names = self._ids["shape"], []
        for k, shape in enumerate(shapes):
            name = shape.name or (body if k == 0 and body not in taken else f"{body}/{k}")
            while shape.name is None and (name in taken or name in names):
                k += 1
                name = f"{body}/{k}"
            if name in names:
                raise SceneError(where, f"two shapes are named {name!r}", "allowed: unique names", "rename one")
            self._free_name(where, "shape", name)
            names.append(name)
        return names

    def _insert_shape(self, body: int, shape: Shape) -> None:
        """Shapes are kept in order of bodies, so that a saved scene comes back with the same order."""
        self._ids["shape"][str(shape.name)] = body
        self._shapes.insert(bisect_right(self._shapes, body, key=lambda entry: entry[0]), (body, shape))

    def _velocity(self, where: str, joints: tuple[Joint, ...], velocity: Any, angular: Any) -> tuple[Vector, Vector]:
        linear, spin = check.vector(where, "velocity", velocity), check.vector(where, "angular_velocity", angular)
        if (any(linear) or any(spin)) and not (joints and isinstance(joints[0], Free)):
            raise SceneError(
                where,
                "a body without a Free joint was given a velocity",
                "allowed: velocities of free bodies",
                "use the joint's initial_velocity, or sim.control.kinematic_velocity",
            )
        return linear, spin

    def _target(self, where: str, joint: str | None, tendon: str, site: str, reference: str) -> Joint | None:
        """The joint that an actuator drives, or None for a tendon or a site, which must exist."""
        if sum(1 for name in (joint, tendon, site) if name) != 1:
            raise SceneError(where, "none or several of joint, tendon, site", "allowed: one", "name what it drives")
        for kind, name in (("joint", joint), ("tendon", tendon), ("site", site), ("site", reference)):
            known = self._ids.get(kind, {})
            if name and name not in known:
                raise SceneError(
                    where,
                    f"unknown {kind} {name!r}",
                    near_matches(str(name), known),
                    f"add the {kind} first or correct the name",
                )
        return next(j for b in self._bodies for j in b.joints if j.name == joint) if joint else None
