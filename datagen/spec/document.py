"""`DatasetSpec`: the whole document that a person writes, validated but not yet drawn.

`DatasetSpec` keeps where it came from, so that later errors still name file and line. Its hash is that of the plain data of the
document as written (comments, key order and YAML style do not count; the order of entities, joints, actions and cameras does,
because it is the order of bodies and streams).
"""

import math
from collections.abc import Mapping, Sequence
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, PrivateAttr, Tag, model_validator

from . import units
from .actions import Action, Joint
from .actors import Actor
from .branches import Branch
from .canonical import canonical_json, sha256_hex
from .controls import Control
from .curriculum import Curriculum, Density
from .entities import Entity, Material, Tint
from .fields import Name, ParamField, Quantity, Selectable, Vector
from .looks import Exposure, Lamp
from .model import AXES, Angle, Authored, AxisWord, NonNegativeNumber, Place, Point, PositiveLength, Ratio, Text
from .pose import cross
from .problems import FieldError
from .relations import Relation
from .sensors import MAX_SENSORS, SensorBlock
from .task import Reward, Task
from .text import Source

ORDERED = ("entities", "joints", "actors", "actions", "controls", "cameras", "sensors")
MAX_BODIES = 512
MAX_BODIES_CAP = 10_000
MAX_FRAMES = 100_000
MAX_PIXELS = 4096

Output = Literal["rgb", "depth", "segmentation", "normal", "albedo", "flow"]
Outputs = Annotated[list[Output], Field(min_length=1, max_length=6)]  # as many as there are
FixedTime = Annotated[float, Quantity(units.TIME, 0.0, above=True, fixed=True)]
Pixels = Annotated[int, Field(ge=8, le=MAX_PIXELS)]


class Frame(Authored):
    """What `forward`, `right` and `up` mean; left, back, north and the rest follow. Up is always +z."""

    forward: AxisWord = "+y"
    right: AxisWord = "+x"
    up: Literal["z", "+z"] = "+z"

    @model_validator(mode="after")
    def _is_right_handed(self) -> "Frame":
        right = cross(AXES[self.forward], AXES[self.up])
        if right != AXES[self.right]:
            what = f"with forward {self.forward} and up {self.up}, right cannot be {self.right}"
            raise FieldError(what, "three axes with right = forward x up, for example +y, +x, +z").pydantic()
        return self


def _gravity_kind(raw: Any) -> str:
    return "vector" if isinstance(raw, (list, tuple)) else "down"


Gravity = Annotated[
    Annotated[Annotated[Any, Vector(Quantity(units.ACCELERATION))], Tag("vector")]
    | Annotated[Annotated[Any, Quantity(units.ACCELERATION, 0.0)], Tag("down")],
    Discriminator(_gravity_kind),
]


class World(Authored):
    """gravity: downwards, or a vector. wind: velocity of the air, which cloth feels. timestep or substeps: one of them at most;
    left out, the largest timestep of at most 2 ms that divides a frame. settle: simulated before frame 0, rounded up to whole
    frames; left out, 0.25 s where what `place` puts down is checked (`checks.settled`), else none. cell: of the grid that
    moves liquids, grains and other particles, which start half a cell apart; left out, one that makes about 2000 particles of
    them."""

    gravity: Gravity = 9.81
    wind: Annotated[Any, Vector(Quantity(units.SPEED))] = (0.0, 0.0, 0.0)
    cell: Annotated[float, Quantity(units.LENGTH, 1e-4, 1.0, fixed=True)] | None = None
    timestep: FixedTime | None = None
    substeps: Annotated[int, Quantity(units.NUMBER, 1.0, 10_000.0, whole=True, fixed=True)] | None = None
    settle: Annotated[float, Quantity(units.TIME, 0.0, 60.0, fixed=True)] | None = None


class Orbit(Authored):
    """A place on a sphere around `look_at`: azimuth from +x towards +y, elevation above the horizon."""

    distance: PositiveLength
    azimuth: Angle = 0.0
    elevation: Angle = 0.0


class Camera(Authored):
    """A fixed camera at `position`, or on an `orbit`; it looks at a point or an entity. fov: vertical, of a pinhole up to 170
    degrees, of a fisheye lens (equidistant; `distortion` k1 to k4 of Kannala and Brandt) the height of the picture over the
    focal length. centre: where the axis meets the picture, in pixels from the upper left corner. shutter: share of the time
    between frames in which it is open, which smears rgb. outputs: default those of `record`."""

    position: Point | None = None
    orbit: Orbit | None = None
    look_at: Place = (0.0, 0.0, 0.0)
    fov: Annotated[Any, Quantity(units.ANGLE, 0.017, 6.2)] = 0.7853981633974483
    lens: Literal["pinhole", "fisheye"] = "pinhole"
    distortion: Annotated[list[float], Field(max_length=4)] = []
    centre: Annotated[list[float], Field(min_length=2, max_length=2)] | None = None
    resolution: Annotated[list[Pixels], Field(min_length=2, max_length=2)] = [128, 128]
    shutter: Annotated[float, Field(ge=0.0, le=1.0)] = 0.0
    exposure: Exposure = Exposure()
    outputs: Outputs | None = None

    @model_validator(mode="after")
    def _place_is_one(self) -> "Camera":
        if (self.position is None) == (self.orbit is None):
            raise FieldError("the camera needs one place", "'position' or 'orbit', and not both").pydantic()
        return self

    @model_validator(mode="after")
    def _distortion_has_a_lens(self) -> "Camera":
        if self.distortion and self.lens != "fisheye":
            raise FieldError("distortion of a pinhole", "distortion of a fisheye lens", "add 'lens: fisheye'").pydantic()
        return self


class Sun(Authored):
    """Where the sun stands (azimuth from +x towards +y, elevation above the horizon), its colour and strength."""

    azimuth: Angle = -0.9272952180016122
    elevation: Annotated[Any, Quantity(units.ANGLE, 0.0, 1.5707963267948966)] = 0.9272952180016122
    color: Tint = (1.0, 0.96, 0.9)
    intensity: NonNegativeNumber = 1.0


class Sky(Authored):
    """Colour of the sky, and the share of it that reaches every surface."""

    color: Tint = (0.6, 0.75, 0.95)
    ambient: Ratio = 0.3


class Lights(Authored):
    """One sun, a sky, and lamps."""

    sun: Sun = Sun()
    sky: Sky = Sky()
    lamps: Annotated[dict[Name, Lamp], Field(max_length=16)] = {}


class Record(Authored):
    """fps: frame and control rate. duration or frames: one of them. outputs: pictures of every camera that does not say
    otherwise."""

    fps: Annotated[int, Quantity(units.FREQUENCY, 1.0, 1000.0, whole=True, fixed=True)] = 30
    duration: FixedTime | None = None
    frames: Annotated[int, Quantity(units.NUMBER, 1.0, float(MAX_FRAMES), whole=True, fixed=True)] | None = None
    outputs: Outputs = ["rgb"]
    contacts: bool = True
    state: bool = True
    events: bool = True

    @model_validator(mode="after")
    def _length_is_one(self) -> "Record":
        if (self.duration is None) == (self.frames is None):
            raise FieldError("the length of an episode is not clear", "'duration' or 'frames', and not both").pydantic()
        return self


class Checks(Authored):
    """overlap: whether bodies may start inside each other. max_bodies: guard against a slip in a count. settled: whether what
    `place` puts down must keep its place (1 cm, 5 deg) and its relations while `world.settle` passes, and overlap by at most 1
    mm; left out, that is so unless something is placed `above`, from where it falls."""

    overlap: Literal["error", "ignore"] = "error"
    settled: bool | None = None
    max_bodies: Annotated[int, Quantity(units.NUMBER, 1.0, float(MAX_BODIES_CAP), whole=True, fixed=True)] = MAX_BODIES


class DatasetSpec(Authored):
    """A dataset specification. Made by `load_spec`, `loads` or `from_data`; `sample` draws its episodes.

    name: identifier. text: the instruction of an episode (may be a choice of sentences). params: named draws that fields share.
    place: relations that say where entities stand. actors: robots that act.
    focus: id of the action whose consequence is recorded. branches: counterfactuals. counterfactuals:
    whether every episode comes with its branches and one without the focus action; default where there are branches. task,
    reward: what is wanted. controls: what an agent may set. curriculum: other distributions in later episodes. density: draws
    that are likelier than declared.
    """

    spec: Literal[1]
    name: Name
    text: Annotated[Any, Selectable(Text)] = ""
    frame: Frame = Frame()
    world: World = World()
    params: dict[Name, Annotated[Any, ParamField()]] = {}
    materials: dict[Name, Material] = {}
    entities: Annotated[dict[Name, Entity], Field(min_length=1)]
    joints: dict[Name, Joint] = {}
    place: Annotated[list[Relation], Field(max_length=512)] = []
    actors: dict[Name, Actor] = {}
    actions: dict[Name, Action] = {}
    focus: Name | None = None
    branches: Annotated[list[Branch], Field(max_length=100)] = []
    counterfactuals: bool | None = None
    curriculum: Curriculum | None = None
    density: Density | None = None
    task: Task | None = None
    reward: Reward | None = None
    controls: dict[Name, Control] = {}
    cameras: dict[Name, Camera] = {}
    sensors: Annotated[dict[Name, SensorBlock], Field(max_length=MAX_SENSORS)] = {}
    lights: Lights = Lights()
    record: Record
    checks: Checks = Checks()

    _source: Source = PrivateAttr(default_factory=lambda: Source("<spec>"))
    _data: dict[str, Any] = PrivateAttr(default_factory=dict)
    _sha256: str = PrivateAttr(default="")
    _stage: str = PrivateAttr(default="")
    _stages: tuple["DatasetSpec", ...] = PrivateAttr(default=())
    _before: tuple[Mapping[str, Any], ...] = PrivateAttr(default=())

    def is_settled(self) -> bool:
        """Whether what is placed is checked after settling."""
        if self.checks.settled is not None:
            return self.checks.settled
        return bool(self.place) and not any(relation.rel == "above" for relation in self.place)

    @property
    def source(self) -> Source:
        """File name and lines of the document, for error messages."""
        return self._source

    @property
    def stage(self) -> str:
        """Name of the stage that this is the spec of, or ""."""
        return self._stage

    @property
    def stages(self) -> tuple["DatasetSpec", ...]:
        """The spec as it is in each stage of its curriculum, with the hash of the whole; itself without one."""
        return self._stages or (self,)

    def at(self, index: int) -> "DatasetSpec":
        """The spec as it is for one draw."""
        return self if self.curriculum is None else self.stages[self.curriculum.at(index)[0]]

    @property
    def data(self) -> dict[str, Any]:
        """The document as plain data, as it was written."""
        return self._data

    @property
    def sha256(self) -> str:
        """Hash (hex) of the authored document; equal documents give equal episodes."""
        return self._sha256

    def ramp(self, index: int) -> tuple[Mapping[str, Any], float]:
        """(distributions by path that the stage of a draw comes from, how far it has come, in hundredths of the stage); none
        and 1 where it does not ramp."""
        if self.curriculum is None:
            return {}, 1.0
        number, through = self.curriculum.at(index)
        if not self.curriculum.stages[number].ramp:
            return {}, 1.0
        return self._before[number], math.floor(100.0 * through) / 100.0

    def attach_stages(self, stages: Sequence["DatasetSpec"], before: Sequence[Mapping[str, Any]]) -> None:
        """Remembers its stages, which share its hash, and for each the distributions that it may come from; used by the
        loader."""
        for number, stage in enumerate(stages):
            stage._sha256 = self._sha256
            stage._stage = "" if self.curriculum is None else self.curriculum.stages[number].name
        self._stages, self._before = tuple(stages), tuple(before)

    def attach(self, source: Source, data: dict[str, Any]) -> "DatasetSpec":
        """Remembers where the document came from; used by the loader."""
        order = {key: list(data[key]) for key in ORDERED if key in data}
        self._source, self._data = source, data
        self._sha256 = sha256_hex(canonical_json({"document": data, "order": order}))
        return self
