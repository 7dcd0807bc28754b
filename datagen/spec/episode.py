"""One episode in plain numbers: the contract between specs and everything that builds, records or replays an episode.

An `EpisodeSpec` holds no distribution, no unit and no reference that still has to be resolved; with it an episode can be
simulated again without the sampler. All models are frozen; unknown keys are refused.

Conventions: SI units, radians (only `CameraSpec.fov_y` is in degrees), z up, quaternions wxyz of unit length, times in seconds
from frame 0 (the state after `world.settle`). A pose, velocity or vector is in the world frame unless its docstring says
otherwise.

Limits: rigid bodies in trees of joints, models of files, and matter; no closed loops of joints.
"""

from functools import cached_property
from typing import Annotated, Any, Literal

from pydantic import Field, SerializerFunctionWrapHandler, model_serializer, model_validator

from .canonical import canonical_json, sha256_hex
from .resolved import BranchSpec, ControlSpec, Frozen, GoalSpec, TaskSpec
from .sensor_spec import SensorSpec

Vec3 = tuple[float, float, float]
Quat = tuple[float, float, float, float]
Color = tuple[float, float, float]
DrawValue = float | int | str | bool | tuple[float, ...]
NonNegative = Annotated[float, Field(ge=0.0)]
Positive = Annotated[float, Field(gt=0.0)]

ShapeName = Literal["plane", "sphere", "capsule", "box", "cylinder", "ellipsoid", "mesh", "hull", "height_field"]
JointName = Literal["free", "hinge", "slide", "ball", "fixed"]
ActionName = Literal["impulse", "force", "torque", "set_velocity", "move", "joint_target", "skill"]
OutputName = Literal["rgb", "depth", "segmentation", "normal", "albedo", "flow"]

LATER = ("albedo", "flow")
"""Streams that came after the first datasets."""

SIZE_COUNT: dict[str, int] = {
    "plane": 0, "sphere": 1, "capsule": 2, "box": 3, "cylinder": 2, "ellipsoid": 3, "mesh": 3, "hull": 0, "height_field": 3,
}  # fmt: skip
"""Number of entries of `ShapeSpec.size` per shape type."""


class ShapeSpec(Frozen):
    """One geometric primitive in the frame of its body.

    size: box (x, y, z) full extents; sphere (radius,); capsule (radius, length of the straight part between the two cap
    centres); cylinder (radius, height); ellipsoid (radii x, y, z); mesh (scale x, y, z); plane (): infinite, normal +z; hull
    (): a closed convex mesh of `vertices` (m) and `faces` (outward by the right hand); height_field (extent x, extent y,
    depth of the ground below its lowest point), with `heights` (m) in rows along x, the rows from -y to +y. Axes of capsule
    and cylinder are z. mesh: logical path of the mesh file, only for type mesh. position (m) and rotation are in the body
    frame.
    """

    LATER = ("vertices", "faces", "heights")

    type: ShapeName
    size: tuple[float, ...] = ()
    mesh: str | None = None
    vertices: tuple[Vec3, ...] = ()
    faces: tuple[tuple[int, int, int], ...] = ()
    heights: tuple[tuple[float, ...], ...] = ()
    position: Vec3 = (0.0, 0.0, 0.0)
    rotation: Quat = (1.0, 0.0, 0.0, 0.0)

    @model_validator(mode="after")
    def _size_fits_type(self) -> "ShapeSpec":
        if len(self.size) != SIZE_COUNT[self.type] or any(value <= 0.0 for value in self.size):
            raise ValueError(f"{self.type} needs {SIZE_COUNT[self.type]} positive sizes, not {self.size}")
        if (self.type == "mesh") != (self.mesh is not None):
            raise ValueError("`mesh` (a path) belongs to type mesh and to no other")
        if (self.type == "hull") != bool(self.vertices and self.faces) or (self.type == "height_field") != bool(self.heights):
            raise ValueError("`vertices` and `faces` belong to type hull, `heights` to type height_field, and to no other")
        return self


class InteriorSpec(Frozen):
    """The hollow of a vessel in the frame of its body. sections: (z, half x, half y) from below, m, linear in between; sides:
    of a regular polygon whose apothem is half x = half y, or 0 for a rectangle."""

    sections: tuple[Vec3, ...] = Field(min_length=2)
    sides: int = 0


class JointSpec(Frozen):
    """The joint between a body and its parent (`BodySpec.parent`, None = world).

    axis: unit vector in the body frame (hinge, slide). anchor: point in the body frame, m. range: (low, high) in rad (hinge,
    cone angle of a ball: (0, high)) or m (slide), None = unlimited. stiffness: N m/rad or N/m towards `rest`; damping: N m
    s/rad or N s/m; armature: added inertia, kg m^2 or kg. position, velocity: joint coordinate and speed at frame 0 of hinge
    and slide (rad or m); coordinate 0 is the pose that `BodySpec` gives. Bodies that a joint connects do not collide with each
    other.
    """

    name: str
    type: JointName
    axis: Vec3 = (0.0, 0.0, 1.0)
    anchor: Vec3 = (0.0, 0.0, 0.0)
    range: tuple[float, float] | None = None
    stiffness: NonNegative = 0.0
    rest: float = 0.0
    damping: NonNegative = 0.0
    armature: NonNegative = 0.0
    position: float = 0.0
    velocity: float = 0.0


class TextureSpec(Frozen):
    """An image on all shapes of a body: file, a logical path as of a mesh; mapping, copies and metric as in the document."""

    file: str
    repeat: tuple[float, float] = (1.0, 1.0)
    mapping: Literal["auto", "uv", "planar", "box", "round"] = "auto"
    metric: bool = False


class BodySpec(Frozen):
    """One rigid body.

    name: unique, `domino_3` (item 3 of an entity with a count) or `cube`. entity, item: where it came from.
    fixed: never moves by itself (infinite mass); prescribed: fixed, but carried along a path by a `move` action.
    joint None: free in space, unless fixed. Then `parent` is None as well. Parents come before their children in `bodies`.
    position, rotation: pose of the body frame in the world at joint coordinate zero, m. velocity, angular_velocity: world
    frame, at the body origin, m/s and rad/s, zero for jointed and fixed bodies. density (kg/m^3) or mass (kg): exactly one for
    a moving body (mass spreads evenly over the volume of all shapes), neither is needed when fixed. friction: (sliding,
    torsional m, rolling m). restitution 0..1. color: RGB 0..1, sRGB encoded (as in a colour picker); pattern checker alternates
    with a darker shade in 0.5 m squares for planes. roughness, metallic 0..1. part: of an articulated entity, "" for its root;
    the name is then `cabinet.drawer_1`. interior: of a vessel.
    """

    LATER = ("part", "interior", "texture")

    name: str
    entity: str
    item: int = Field(ge=0)
    fixed: bool = False
    prescribed: bool = False
    shapes: tuple[ShapeSpec, ...] = Field(min_length=1)
    position: Vec3 = (0.0, 0.0, 0.0)
    rotation: Quat = (1.0, 0.0, 0.0, 0.0)
    velocity: Vec3 = (0.0, 0.0, 0.0)
    angular_velocity: Vec3 = (0.0, 0.0, 0.0)
    density: Positive | None = None
    mass: Positive | None = None
    friction: tuple[NonNegative, NonNegative, NonNegative] = (0.5, 0.0, 0.0)
    restitution: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    color: Color = (0.7, 0.7, 0.7)
    roughness: Annotated[float, Field(ge=0.0, le=1.0)] = 0.6
    metallic: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    pattern: Literal["none", "checker"] = "none"
    texture: TextureSpec | None = None
    parent: str | None = None
    joint: JointSpec | None = None
    part: str = ""
    interior: InteriorSpec | None = None

    @model_validator(mode="after")
    def _mass_is_determined(self) -> "BodySpec":
        if not self.fixed and (self.density is None) == (self.mass is None):
            raise ValueError(f"{self.name}: a moving body needs exactly one of density and mass")
        if self.parent is not None and self.joint is None:
            raise ValueError(f"{self.name}: a parent needs a joint")
        return self


class ControllerSpec(Frozen):
    """How the commands of an actor reach its joints, as authored (see `actors.Controller`); None: the default of the robot."""

    type: str = "position"
    stiffness: NonNegative | None = None
    damping: NonNegative | None = None
    limit: Positive = 1.0
    rate: Positive | None = None
    tip: str | None = None


class ModelSpec(Frozen):
    """A model of several bodies from a file, or an actor (then `controller` is there).

    file: logical path, as of a mesh. Its bodies and joints get the names `name.body`, `name.joint`. position, rotation: pose of
    its root in the world. fixed: whether the root is held; None leaves the file's word. keyframe: a named state of the file, or
    None; joints: coordinates at frame 0 that differ from it, rad or m.
    """

    name: str
    entity: str
    item: int = Field(ge=0)
    file: str
    position: Vec3 = (0.0, 0.0, 0.0)
    rotation: Quat = (1.0, 0.0, 0.0, 0.0)
    fixed: bool | None = None
    keyframe: str | None = None
    joints: dict[str, float] = Field(default_factory=dict)
    controller: ControllerSpec | None = None


class MatterSpec(Frozen):
    """Matter that a solver beside that of rigid bodies moves.

    kind: particles (a region full of liquid, grains, snow, clay or soft stuff), emitter, soft (an elastic solid of tetrahedra),
    cloth, rope. region: its shape at frame 0 in its own frame, for particles and soft; position, rotation: of that frame in the
    world. size, resolution, radius, points, pin, hold (what, by which body): of sheet, rope and soft (see `matter`). sewn: two
    sheets that are a sack. flow (m^3/s), total (m^3), start (s), direction: of an emitter. velocity m/s. model: how it moves;
    values: SI numbers by the names of a material; given: those that the author wrote, the others come from `preset`. color,
    texture as of a body.
    """

    LATER = ("hold", "sewn", "texture")
    name: str
    entity: str
    item: int = Field(ge=0)
    kind: Literal["particles", "emitter", "soft", "cloth", "rope"]
    model: str
    preset: str | None = None
    values: dict[str, float] = Field(default_factory=dict)
    given: tuple[str, ...] = ()
    region: tuple[ShapeSpec, ...] = ()
    position: Vec3 = (0.0, 0.0, 0.0)
    rotation: Quat = (1.0, 0.0, 0.0, 0.0)
    velocity: Vec3 = (0.0, 0.0, 0.0)
    size: tuple[float, float] | None = None
    resolution: Positive | None = None
    radius: Positive | None = None
    points: tuple[Vec3, ...] = ()
    pin: tuple[str, ...] = ()
    hold: tuple[tuple[str, str], ...] = ()
    sewn: bool = False
    flow: Positive | None = None
    total: Positive | None = None
    start: NonNegative = 0.0
    direction: Vec3 | None = None
    color: Color = (0.7, 0.7, 0.7)
    texture: TextureSpec | None = None


class RelationSpec(Frozen):
    """A relation that holds at frame 0: between bodies by name, with its numbers in SI. authored: its place in the document."""

    rel: str
    of: tuple[str, ...]
    ref: tuple[str, ...]
    hard: bool = True
    numbers: dict[str, float] = Field(default_factory=dict)
    words: dict[str, str] = Field(default_factory=dict)
    authored: str = ""


class WaypointSpec(Frozen):
    """A pose on a prescribed path; time counts from the start of the action, s. Poses between waypoints are interpolated."""

    time: NonNegative
    position: Vec3
    rotation: Quat = (1.0, 0.0, 0.0, 0.0)


class ActionSpec(Frozen):
    """Something done to the world in [start, start + duration].

    impulse: `vector` N s (world) at `point`, once at start. force: `vector` N (world) at `point`, held. torque: `vector` N m
    (world), held. set_velocity: `vector` m/s and `angular` rad/s (world) once at start; None leaves that part alone. move:
    `waypoints` of a prescribed body, which rests at the first before and at the last after. joint_target: `target` is a joint;
    a spring `stiffness` and a damper `damping` (N m/rad and N m s/rad, or N/m and N s/m) pull it to `value` (rad or m) and hold
    after start. target: body name, or joint name for joint_target. point: body frame, m. start, duration: s; start is on or
    after frame 0. when: it starts at the first frame from `start` on at which this holds; after: it starts `start` after the
    end of that action, where that end is not known beforehand. until: it ends at the first frame after its start at which
    this holds. skill: what `actor` does with the body `target`, and with the body `on`; push, pull: by `vector` m; noise: m;
    value: the share of a joint's range (open) or the angle (turn, pour; rad), None where the skill chooses; others: further
    bodies of a sweep.
    """

    LATER = ("when", "after", "until", "skill", "actor", "on", "tries", "noise", "others")

    id: str
    do: ActionName
    target: str
    start: NonNegative = 0.0
    duration: NonNegative = 0.0
    vector: Vec3 | None = None
    angular: Vec3 | None = None
    point: Vec3 = (0.0, 0.0, 0.0)
    value: float | None = None
    stiffness: NonNegative = 0.0
    damping: NonNegative = 0.0
    waypoints: tuple[WaypointSpec, ...] = ()
    when: GoalSpec | None = None
    after: str | None = None
    until: GoalSpec | None = None
    skill: str = ""
    actor: str = ""
    on: str | None = None
    others: tuple[str, ...] = ()
    tries: int = 3
    noise: NonNegative = 0.0


class WorldSpec(Frozen):
    """gravity m/s^2; timestep s = 1 / (fps * substeps) exactly; fps = frame and control rate; num_frames recorded frames;
    settle s simulated before frame 0 and not recorded (a whole number of frames); wind m/s of the air around cloth. cell m of
    the grid of particles, None where there are none."""

    LATER = ("cell", "wind")
    gravity: Vec3 = (0.0, 0.0, -9.81)
    wind: Vec3 = (0.0, 0.0, 0.0)
    timestep: Positive
    fps: int = Field(gt=0)
    substeps: int = Field(gt=0)
    num_frames: int = Field(gt=0)
    settle: NonNegative = 0.0
    cell: Positive | None = None


class ExposureSpec(Frozen):
    """Factor on the light, electrons of a white pixel (0: no noise) and of the read-out, bits of linear light (0: those of the
    picture)."""

    gain: NonNegative = 1.0
    full_well: NonNegative = 0.0
    read_noise: NonNegative = 0.0
    bits: int = 0


class CameraSpec(Frozen):
    """A fixed camera: position and look_at in m, world, z up in the picture; fov_y vertical angle in DEGREES; lens, distortion
    and centre as in the document; resolution (width, height) in pixels; outputs in the order rgb, depth, segmentation,
    normal, albedo, flow (to the next frame)."""

    LATER = ("lens", "distortion", "centre", "shutter", "exposure")
    name: str
    position: Vec3
    look_at: Vec3
    fov_y: Annotated[float, Field(gt=0.0, lt=360.0)] = 45.0
    lens: Literal["pinhole", "fisheye"] = "pinhole"
    distortion: tuple[float, ...] = ()
    centre: tuple[float, float] | None = None
    shutter: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    exposure: ExposureSpec = ExposureSpec()
    resolution: tuple[int, int] = (128, 128)
    outputs: tuple[OutputName, ...] = ("rgb",)


class LampSpec(Frozen):
    """A lamp: position and look_at (of a spot or panel) in m, world; color: RGB 0..1, sRGB encoded; intensity: light at 1 m, or
    radiance of a panel of `size` [m]; cone: half angles in rad of a spot; radius in m."""

    name: str
    position: Vec3
    look_at: Vec3 | None = None
    color: Color = (1.0, 1.0, 1.0)
    intensity: NonNegative = 1.0
    cone: tuple[float, float] | None = None
    size: tuple[float, float] | None = None
    radius: NonNegative = 0.0


class LightSpec(Frozen):
    """One sun and a sky. sun_direction: unit vector from the scene TOWARDS the sun. sun_color, sky_color: RGB 0..1, sRGB
    encoded; sun_intensity: factor on the sun colour; ambient: factor on the sky colour that reaches every surface, 0..1."""

    LATER = ("lamps",)

    sun_direction: Vec3 = (0.36, -0.48, 0.8)
    sun_color: Color = (1.0, 0.96, 0.9)
    sun_intensity: NonNegative = 1.0
    sky_color: Color = (0.6, 0.75, 0.95)
    ambient: Annotated[float, Field(ge=0.0, le=1.0)] = 0.3
    lamps: tuple[LampSpec, ...] = ()


class RecordSpec(Frozen):
    """Which streams are stored; a picture stream is stored for every camera that has it among its outputs. A stream of LATER
    that is not stored is not written down, so that the hashes of older episodes stay."""

    rgb: bool = True
    depth: bool = False
    segmentation: bool = False
    normal: bool = False
    albedo: bool = False
    flow: bool = False
    contacts: bool = True
    state: bool = True
    events: bool = True

    @model_serializer(mode="wrap")
    def _without_later(self, written: SerializerFunctionWrapHandler) -> dict[str, Any]:
        return {name: value for name, value in written(self).items() if value or name not in LATER}


class EpisodeSpec(Frozen):
    """Everything that fixes the inputs of one episode.

    spec_sha256: hash of the authored spec (canonical JSON). name: of the spec. text: the instruction. seed, index: which draw.
    relations: of `place`, checked again after settling where `settled`. frame_axes: (index, sign) of the axes `right` and
    `forward`. focus: id of the action whose consequence is recorded, or None. task: what is wanted, with its rewards. branch:
    which counterfactual this is. draws: canonical field path -> drawn value in SI, for every sampled value, for instance
    `entities.domino[3].color`; a choice between models is noted by its number. stage: of the curriculum, or "". density: how
    much likelier these draws are than declared, as a ratio of densities; 1 over it is the importance weight of the episode.
    """

    LATER = (
        "models",
        "matter",
        "relations",
        "settled",
        "frame_axes",
        "task",
        "controls",
        "branch",
        "sensors",
        "stage",
        "density",
    )

    spec_sha256: str
    name: str
    text: str
    seed: int
    index: int = Field(ge=0)
    world: WorldSpec
    bodies: tuple[BodySpec, ...]
    models: tuple[ModelSpec, ...] = ()
    matter: tuple[MatterSpec, ...] = ()
    relations: tuple[RelationSpec, ...] = ()
    settled: bool = False
    frame_axes: tuple[tuple[int, int], tuple[int, int]] = ((0, 1), (1, 1))
    actions: tuple[ActionSpec, ...] = ()
    focus: str | None = None
    task: TaskSpec | None = None
    controls: tuple[ControlSpec, ...] = ()
    branch: BranchSpec | None = None
    cameras: tuple[CameraSpec, ...] = ()
    sensors: tuple[SensorSpec, ...] = ()
    lights: LightSpec = LightSpec()
    record: RecordSpec = RecordSpec()
    draws: dict[str, DrawValue] = Field(default_factory=dict)
    stage: str = ""
    density: float = 1.0

    def to_json(self) -> bytes:
        """Canonical JSON, UTF-8; `from_json` gives back an equal object."""
        return canonical_json(self.model_dump(mode="python"))

    @classmethod
    def from_json(cls, data: bytes | str) -> "EpisodeSpec":
        """Reads `to_json`. Raises `pydantic.ValidationError` for anything that is not an episode."""
        return cls.model_validate_json(data)

    @cached_property
    def content_hash(self) -> str:
        """SHA-256 (hex) of `to_json`: equal for equal inputs on every platform."""
        return sha256_hex(self.to_json())

    def body(self, name: str) -> BodySpec:
        """The body of that name. Raises `KeyError`."""
        return {body.name: body for body in self.bodies}[name]
