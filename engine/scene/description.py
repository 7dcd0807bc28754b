"""What a scene is made of: frozen shapes, joints, bodies, actuators, cameras, lights and the options of the solver.

Plain values without behaviour; `engine.scene.builder` checks them and `engine.scene.compile` turns them into arrays. Units are
SI, angles radians (only cameras' fields of view are kept in degrees, as given), quaternions (w, x, y, z), z up. Colours are
(red, green, blue) from 0 to 1 as on a screen (sRGB); lights are linear. `None` means "take the body's value, then the default".
"""

from abc import ABC, abstractmethod
from collections.abc import Sequence
from dataclasses import KW_ONLY, dataclass, field
from typing import Any, ClassVar

from engine.geometry.mesh import MeshData
from engine.geometry.texture import Texture
from engine.types import JointType, ShapeType

Vector = tuple[float, float, float]
Quaternion = tuple[float, float, float, float]
ORIGIN: Vector = (0.0, 0.0, 0.0)
UPRIGHT: Quaternion = (1.0, 0.0, 0.0, 0.0)
WORLD = "world"
INTEGRATORS = ("implicit", "euler", "rk4", "implicitfast", "implicit_velocity")  # in order of the size word
DYNAMICS = ("none", "integrator", "filter", "filter_exact", "muscle")  # in order of engine.types.Dynamics
MUSCLE = (0.75, 1.05, -1.0, 200.0, 0.5, 1.6, 1.5, 1.3, 1.2)  # MuJoCo's default muscle
DISABLED = (
    "constraint", "equality", "frictionloss", "limit", "contact", "spring", "damper", "gravity", "clampctrl", "filterparent",
    "actuation", "eulerdamp",
)  # fmt: skip


@dataclass(frozen=True)
class Checker:
    """Checkerboard: period of one square pair [m] and the second colour."""

    period: float = 1.0
    color: Vector = (0.28, 0.30, 0.34)


@dataclass(frozen=True, kw_only=True)
class Shape(ABC):
    """A solid carried by a body: pose in the body frame, mass (by density or mass), contact and look.

    friction: sliding coefficient, or (sliding, torsional [m], rolling [m]). condim: 1 frictionless, 3 sliding, 4 + torsional, 6
    + rolling; None follows from friction. collides=False makes it visible only, visible=False leaves it out of pictures. Two
    shapes may touch when contact_type of one and contact_affinity of the other share a bit. solref (time constant [s], damping
    ratio) and solimp as in MuJoCo: a contact takes the values of the shape with the higher priority, or else the mean of both
    weighted by `mix` and the larger friction. fluid: coefficients of blunt, slender and angular drag, Kutta and Magnus lift of
    an ellipsoid in the medium, in place of the box. transmission (0 to 1), ior and emission (linear radiance) are seen by path
    tracing: clear glass is transmission 1, roughness 0, ior 1.5; water has ior 1.33.
    """

    position: Vector = ORIGIN
    rotation: Quaternion = UPRIGHT
    name: str | None = None
    density: float | None = None
    mass: float | None = None
    friction: float | Vector | None = None
    restitution: float | None = None
    color: Vector | None = None
    roughness: float | None = None
    metallic: float | None = None
    checker: Checker | None = None
    texture: Texture | None = None
    condim: int | None = None
    margin: float | None = None
    solref: tuple[float, float] | None = None
    solimp: tuple[float, float, float, float, float] | None = None
    transmission: float = 0.0
    ior: float = 1.5
    emission: Vector = ORIGIN
    collides: bool = True
    contact_type: int = 1
    contact_affinity: int = 1
    fluid: tuple[float, float, float, float, float] | None = None
    visible: bool = True
    priority: int = 0
    mix: float = 1.0
    kind: ClassVar[ShapeType]

    @abstractmethod
    def stored_size(self) -> Vector:
        """The three numbers of `shape_size`."""


@dataclass(frozen=True)
class Plane(Shape):
    """Infinite plane through the shape origin, outward normal +z."""

    kind: ClassVar[ShapeType] = ShapeType.PLANE

    def stored_size(self) -> Vector:
        return ORIGIN


@dataclass(frozen=True)
class Sphere(Shape):
    """Ball of `radius` [m]."""

    radius: float
    kind: ClassVar[ShapeType] = ShapeType.SPHERE

    def stored_size(self) -> Vector:
        return (self.radius, 0.0, 0.0)


@dataclass(frozen=True)
class Capsule(Shape):
    """Cylinder of `radius` and `length` [m] along z with a half ball on each end (not counted in `length`)."""

    radius: float
    length: float
    kind: ClassVar[ShapeType] = ShapeType.CAPSULE

    def stored_size(self) -> Vector:
        return (self.radius, self.length / 2, 0.0)


@dataclass(frozen=True)
class Box(Shape):
    """Cuboid with full extents `size` (x, y, z) [m]."""

    size: Vector
    kind: ClassVar[ShapeType] = ShapeType.BOX

    def stored_size(self) -> Vector:
        return (self.size[0] / 2, self.size[1] / 2, self.size[2] / 2)


@dataclass(frozen=True)
class Cylinder(Shape):
    """Cylinder of `radius` and full `height` [m] along z."""

    radius: float
    height: float
    kind: ClassVar[ShapeType] = ShapeType.CYLINDER

    def stored_size(self) -> Vector:
        return (self.radius, self.height / 2, 0.0)


@dataclass(frozen=True)
class Ellipsoid(Shape):
    """Ellipsoid with the semi-axes `radii` (x, y, z) [m]."""

    radii: Vector
    kind: ClassVar[ShapeType] = ShapeType.ELLIPSOID

    def stored_size(self) -> Vector:
        return self.radii


@dataclass(frozen=True, eq=False)
class Surface(Shape):
    """A shape given by triangles; `data` is filled in when the shape joins a scene."""

    data: MeshData | None = field(default=None, repr=False, kw_only=True)


@dataclass(frozen=True, eq=False)
class Mesh(Surface):
    """Triangle mesh from a file `path`, or from `vertices` (n, 3) [m] and `faces` (m, 3), times a positive `scale`; coordinates
    (m, 3, 2), of the corners of the faces in an image, to the right and up. A file brings its own image and coordinates.

    It looks like the mesh itself. convex says how it collides: "hull", as its convex hull of at most 64 vertices; "decompose",
    as convex pieces (the extra `decompose`; they become shapes of their own); "field", as a signed distance field of
    `resolution` cells along its longest side (closed meshes, one scale). Mass from density needs a watertight mesh.
    """

    path: str | None = None
    vertices: Sequence[Sequence[float]] | None = field(default=None, repr=False)
    faces: Sequence[Sequence[int]] | None = field(default=None, repr=False)
    scale: float | Vector = (1.0, 1.0, 1.0)
    _: KW_ONLY
    convex: str = "hull"
    resolution: int = 48
    coordinates: Any = field(default=None, repr=False)

    @property
    def kind(self) -> ShapeType:  # type: ignore[override]
        """MESH, or FIELD when it collides as a signed distance field."""
        return ShapeType.FIELD if self.convex == "field" else ShapeType.MESH

    def stored_size(self) -> Vector:
        return self.scale if isinstance(self.scale, tuple) else (self.scale,) * 3


@dataclass(frozen=True, eq=False)
class HeightField(Surface):
    """Ground of `heights` (rows, columns) [m] over full extents `size` (x, y) [m], solid down to `base` [m] below the lowest.

    A row runs along x, from -x/2 to x/2; rows go from -y/2 to y/2. Heights are measured from the shape's origin.
    """

    heights: Sequence[Sequence[float]] = field(repr=False)
    size: tuple[float, float]
    base: float = 0.1
    kind: ClassVar[ShapeType] = ShapeType.HEIGHT_FIELD

    def stored_size(self) -> Vector:
        return (1.0, 1.0, 1.0)


@dataclass(frozen=True, kw_only=True)
class Joint:
    """What all joints share: damping [N s/m or N m s/rad], armature [kg or kg m^2], dry friction [N or N m]; solref, solimp of
    limits. spring_time (time constant [s], damping ratio), where given, sets stiffness and damping from the inertia that the
    joint moves in the initial pose.
    """

    name: str | None = None
    damping: float = 0.0
    armature: float = 0.0
    friction_loss: float = 0.0
    solref: tuple[float, float] = (0.02, 1.0)
    solimp: tuple[float, float, float, float, float] = (0.9, 0.95, 0.001, 0.5, 2.0)
    margin: float = 0.0
    spring_time: tuple[float, float] | None = None
    kind: ClassVar[JointType]


@dataclass(frozen=True)
class Free(Joint):
    """Six degrees of freedom of a root body; stiffness pulls towards its initial pose."""

    _: KW_ONLY
    stiffness: float = 0.0
    kind: ClassVar[JointType] = JointType.FREE


@dataclass(frozen=True)
class Ball(Joint):
    """Three rotations about the anchor `position` in the body frame; range (0, cone angle [rad]); stiffness pulls towards
    `initial`.
    """

    position: Vector = ORIGIN
    _: KW_ONLY
    range: tuple[float, float] | None = None
    stiffness: float = 0.0
    initial: Quaternion = UPRIGHT
    initial_velocity: Vector = ORIGIN
    kind: ClassVar[JointType] = JointType.BALL


@dataclass(frozen=True)
class Axial(Joint):
    """Common part of Hinge and Slide: one coordinate [rad or m] along or about `axis` through the anchor `position`, both in
    the body frame.

    The body's pose in its parent is the one at coordinate 0; `initial` is the coordinate after reset. stiffness pulls towards
    `rest`; drive_stiffness and drive_damping pull towards `sim.control.joint_target`. force_range bounds the sum of its
    actuators.
    """

    axis: Vector = (0.0, 0.0, 1.0)
    position: Vector = ORIGIN
    range: tuple[float, float] | None = None
    _: KW_ONLY
    stiffness: float = 0.0
    rest: float = 0.0
    initial: float = 0.0
    initial_velocity: float = 0.0
    drive_stiffness: float = 0.0
    drive_damping: float = 0.0
    force_range: tuple[float, float] | None = None


@dataclass(frozen=True)
class Hinge(Axial):
    """Rotation about `axis`; range and coordinates in radians."""

    kind: ClassVar[JointType] = JointType.HINGE


@dataclass(frozen=True)
class Slide(Axial):
    """Translation along `axis`; range and coordinates in metres."""

    kind: ClassVar[JointType] = JointType.SLIDE


@dataclass(frozen=True)
class Body:
    """A rigid body: pose in the parent frame, joints to the parent (none: welded), mass given or from its shapes.

    inertia: tensor about the centre of mass in body axes, xx yy zz xy xz yz [kg m^2]; given only together with mass and com.
    velocity of the origin [m/s] and angular_velocity [rad/s] in the world frame, for bodies with a Free joint.
    """

    name: str
    parent: int
    position: Vector = ORIGIN
    rotation: Quaternion = UPRIGHT
    joints: tuple[Joint, ...] = ()
    kinematic: bool = False
    mass: float | None = None
    inertia: tuple[float, ...] | None = None
    com: Vector | None = None
    velocity: Vector = ORIGIN
    angular_velocity: Vector = ORIGIN
    gravity_scale: float = 1.0


@dataclass(frozen=True)
class Actuator:
    """force = clamp(gain . (1, length, velocity) * u + bias . (1, length, velocity)) along a transmission of a joint (in the
    parent's frame where asked), a tendon or a site (seen from a reference site); gear is one ratio, or the axes of translation
    and rotation of the force.

    u is the clamped control, or the activation when dynamics is "integrator", "filter", "filter_exact" (dynamics_parameters:
    time constant [s]) or "muscle" (activation and deactivation time constant [s], width of their blend). early: the activation
    acts one step ahead. muscle replaces gain and bias by range0 range1 force scale lmin lmax vmax fpmax fvmax over
    length_range. damping_ratio gives a position servo its damping. reflected_damping, armature: added to the joint's times
    gear squared.
    """

    name: str
    joint: str
    gain: Vector
    bias: Vector
    control_range: tuple[float, float] | None = None
    force_range: tuple[float, float] | None = None
    gear: float | tuple[float, ...] = 1.0
    in_parent: bool = False
    tendon: str = ""
    site: str = ""
    reference_site: str = ""
    dynamics: str = "none"
    dynamics_parameters: Vector = (1.0, 0.0, 0.0)
    activation_range: tuple[float, float] | None = None
    early: bool = False
    muscle: tuple[float, ...] | None = None
    length_range: tuple[float, float] | None = None
    damping_ratio: float | None = None
    reflected_damping: float = 0.0
    armature: float = 0.0


@dataclass(frozen=True)
class Camera:
    """Camera in the frame of `body`; looks along -z with +y up; fov_y, the vertical field of view, in degrees.

    focal (fx, fy) [pixels] decides fov_y where it is given. centre [pixels]: where the optical axis meets the picture, from
    the upper left corner; None for the middle. lens "pinhole" or "fisheye" (equidistant; distortion k1 to k4). exposure: see
    `engine.scene.exposure`.
    """

    name: str
    body: int
    position: Vector
    rotation: Quaternion
    width: int
    height: int
    fov_y: float
    focal: tuple[float, float] | None = None
    centre: tuple[float, float] | None = None
    lens: str = "pinhole"
    distortion: tuple[float, float, float, float] = (0.0, 0.0, 0.0, 0.0)
    exposure: Any = None


@dataclass(frozen=True)
class Site:
    """A named frame in `body` with a size for sensors and pictures of itself; it has no mass and touches nothing.

    shape is "sphere", "capsule", "ellipsoid", "cylinder" or "box"; size as MuJoCo counts it (radii and half lengths) [m].
    """

    name: str
    body: int
    position: Vector = ORIGIN
    rotation: Quaternion = UPRIGHT
    shape: str = "sphere"
    size: Vector = (0.005, 0.005, 0.005)


@dataclass(frozen=True)
class Signal:
    """What stands between a quantity and what a sensor tells of it, in this order; the default tells the truth.

    rate [Hz]: samples are taken at its multiples and held; None reads at the moment of asking. bias: added. drift: standard
    deviation of the random walk of the bias after one second (unit per square root of a second). noise: standard deviation
    of each sample. range (low, high): saturation. resolution: step of the quantization. dropout: probability that a sample
    is lost, so that the last one stays. delay [s]: age of the newest sample that can be read; drift, dropout and delay need
    a rate. Units are those of the sensor.
    """

    rate: float | None = None
    noise: float = 0.0
    bias: float | tuple[float, ...] = 0.0
    drift: float = 0.0
    range: tuple[float, float] | None = None
    resolution: float = 0.0
    dropout: float = 0.0
    delay: float = 0.0


@dataclass(frozen=True)
class Sensor:
    """A measurement: its kind, what it is attached to, its other attributes and its signal; `engine.sensors` measures it.

    `target` names an element of the kind `target_kind` ("site", "joint", "body", ...), both empty for global sensors.
    Attributes that came from a model file are text, as they stood there.
    """

    name: str
    kind: str
    target_kind: str = ""
    target: str = ""
    attributes: tuple[tuple[str, Any], ...] = ()
    signal: Signal = Signal()


@dataclass(frozen=True)
class Keyframe:
    """A named state for `sim.reset(keyframe=...)`; None leaves the initial values of that part.

    qpos and qvel in the order of the joints, control in that of the actuators, kinematic poses (position, then quaternion) in
    that of the kinematic bodies.
    """

    name: str
    time: float = 0.0
    qpos: tuple[float, ...] | None = None
    qvel: tuple[float, ...] | None = None
    control: tuple[float, ...] | None = None
    kinematic_position: tuple[float, ...] | None = None
    kinematic_rotation: tuple[float, ...] | None = None


@dataclass(frozen=True)
class ContactPair:
    """Two shapes that may touch whatever their bits and bodies say; values that are None follow from the two shapes."""

    first: str
    second: str
    condim: int | None = None
    friction: Vector | None = None
    solref: tuple[float, float] | None = None
    solimp: tuple[float, float, float, float, float] | None = None
    margin: float | None = None


@dataclass(frozen=True)
class Light:
    """Sun (direction towards it, linear irradiance) and sky (linear radiance overhead and at the horizon)."""

    sun_direction: Vector = (-0.75, -0.35, 0.75)
    sun_color: Vector = (3.3, 3.05, 2.7)
    sky_zenith: Vector = (0.13, 0.24, 0.5)
    sky_horizon: Vector = (0.42, 0.5, 0.6)


@dataclass
class Options:
    """Numbers of the simulation: gravity [m/s^2], timestep [s] of a substep, Newton's limits, and one of INTEGRATORS.

    "implicit" has springs, dampers and drives in the metric (MuJoCo's discrete); "euler", "rk4", "implicitfast" and
    "implicit_velocity" are MuJoCo's Euler, RK4, implicitfast and implicit. density [kg/m^3], viscosity [Pa s], wind [m/s]: of
    the fluid around the bodies. disable: parts of the physics to leave out, of DISABLED. total_mass [kg] scales all bodies;
    least_mass, least_inertia bound each body from below. tolerance stops the Newton solver; impedance_ratio is friction to
    normal impedance (larger: less creep under friction; 30 keeps a held box within half a millimetre in ten seconds). contact
    "exact" obeys Signorini and Coulomb; "mujoco" is MuJoCo's relaxed cone, in which sliding contacts separate.
    cone "elliptic" has one coefficient of friction in all directions; "pyramidal" is MuJoCo's default and a little faster.
    speculative: bodies that travel farther than they are thick in a substep are swept, so that they cannot pass through others.
    solver "newton": joints of all kinds, a few hundred dofs; "bodies": thousands of free bodies, contacts by Gauss-Seidel in
    round cones, without solref and impedance_ratio; "auto": bodies from 100 free bodies on when the scene has nothing that
    only Newton's method does. sleep: resting islands of the bodies solver stop. cell_size [m]: of the grid of liquids, sand and
    soft matter (None: about 20,000 particles); domain: lowest and highest corner [m] of where matter may go (None: around the
    scene); periodic: axes along which what leaves the domain comes in at the other end (shapes do not repeat: let them reach
    beyond it); matter_substeps: the most substeps of matter per timestep.
    """

    gravity: Vector = (0.0, 0.0, -9.81)
    timestep: float = 0.002
    integrator: str = "implicit"
    max_iterations: int = 50
    tolerance: float = 1e-8
    impedance_ratio: float = 30.0
    contact: str = "exact"
    solver: str = "auto"
    sleep: bool = True
    cone: str = "elliptic"
    density: float = 0.0
    viscosity: float = 0.0
    wind: Vector = ORIGIN
    disable: tuple[str, ...] = ()
    total_mass: float | None = None
    least_mass: float = 0.0
    least_inertia: float = 0.0
    speculative: bool = False
    cell_size: float | None = None
    domain: tuple[Vector, Vector] | None = None
    periodic: tuple[bool, bool, bool] = (False, False, False)
    matter_substeps: int = 256
