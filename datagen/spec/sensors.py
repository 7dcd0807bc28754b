"""The `sensors:` block: what a person may ask to be measured; `sensing` resolves it.

    sensors:
      weight: {type: contact_force, body: cube}
      head:   {type: imu, body: drone, position: [0, 0, 2 cm], rate: 200 Hz, noise: 0.02, delay: 5 ms}
      scan:   {type: lidar, body: drone, rays: [4, 90], elevation: [-20 deg, 20 deg], max_range: 8 m}
      skin:   {type: tactile, body: floor, face: +z, size: [40 cm, 40 cm], taxels: [8, 8]}
      ear:    {type: sound, sample_rate: 24000}

Places may be drawn; what decides about the shape of a feature, and the signal, is the same in all episodes of a dataset.
Units of noise, bias, drift, resolution and range are those of the sensor.
"""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from . import units
from .fields import Quantity
from .model import Authored, Point, Reference, Rotation
from .problems import FieldError

Number = Annotated[float, Quantity(units.NUMBER, fixed=True)]
Positive = Annotated[float, Quantity(units.NUMBER, 0.0, fixed=True)]
Length = Annotated[float, Quantity(units.LENGTH, 0.0, above=True, fixed=True)]
Turn = Annotated[float, Quantity(units.ANGLE, fixed=True)]
Count = Annotated[int, Field(ge=1, le=1024)]
Cells = Annotated[list[Count], Field(min_length=2, max_length=2)]
Span = Annotated[list[Turn], Field(min_length=2, max_length=2)]

FACES, SPREAD = ("face", "size"), ("max_range",)
PARAMETERS: dict[str, tuple[str, ...]] = {
    "contact_force": ("other", "frame"),
    "contact_wrench": ("other", "frame"),
    "tactile": (*FACES, "taxels", "quantity"),
    "gel": (*FACES, "pixels", "thickness", "stiffness", "output"),
    "imu": ("field",),
    "joint_position": (),
    "joint_velocity": (),
    "joint_force": (),
    "force_torque": (),
    "lidar": (*SPREAD, "rays", "azimuth", "elevation"),
    "depth_rays": (*SPREAD, "rays", "fov_y"),
    "proximity": (*SPREAD, "rays", "angle"),
    "pose": ("reference",),
    "twist": ("frame",),
    "sound": ("sample_rate", "materials"),
}
"""Kinds and their parameters; a test compares them with the engine's."""

SIGNAL = ("rate", "noise", "bias", "drift", "range", "resolution", "dropout", "delay")
PLACED = ("imu", "force_torque", "lidar", "depth_rays", "proximity", "pose", "twist")
ON_BODIES = ("contact_force", "contact_wrench", "tactile", "gel")
ON_JOINTS = ("joint_position", "joint_velocity", "joint_force")
MAX_SENSORS = 64
SoundMaterial = Literal["steel", "aluminium", "glass", "ceramic", "stone", "concrete", "wood", "plastic", "rubber"]
SensorType = Literal[
    "contact_force", "contact_wrench", "tactile", "gel", "imu", "joint_position", "joint_velocity", "joint_force",
    "force_torque", "lidar", "depth_rays", "proximity", "pose", "twist", "sound",
]  # fmt: skip


class SensorBlock(Authored):
    """One sensor: its type, what it sits on (body or joint; position and rotation in the body's frame, in the world without a
    body), the parameters of its type, and its signal.
    """

    type: SensorType
    body: Reference | None = None
    joint: Reference | None = None
    position: Point | None = None
    rotation: Rotation | None = None
    # parameters of types
    other: Reference | None = None
    reference: Reference | None = None
    frame: Literal["world", "body"] | None = None
    face: Literal["+x", "-x", "+y", "-y", "+z", "-z"] | None = None
    size: Annotated[list[Length], Field(min_length=2, max_length=2)] | None = None
    taxels: Cells | None = None
    pixels: Cells | None = None
    quantity: Literal["force", "traction"] | None = None
    output: Literal["rgb", "depth"] | None = None
    thickness: Length | None = None
    stiffness: Positive | None = None
    field: Annotated[list[Number], Field(min_length=3, max_length=3)] | None = None
    max_range: Length | None = None
    rays: Cells | Count | None = None
    azimuth: Span | None = None
    elevation: Span | None = None
    fov_y: Turn | None = None
    angle: Turn | None = None
    sample_rate: Annotated[int, Field(ge=1000, le=384_000)] | None = None
    materials: dict[str, SoundMaterial] | None = None
    # signal
    rate: Annotated[float, Quantity(units.FREQUENCY, 0.0, above=True, fixed=True)] | None = None
    noise: Positive | None = None
    bias: Number | None = None
    drift: Positive | None = None
    range: Annotated[list[Number], Field(min_length=2, max_length=2)] | None = None
    resolution: Positive | None = None
    dropout: Annotated[float, Quantity(units.NUMBER, 0.0, 1.0, fixed=True)] | None = None
    delay: Annotated[float, Quantity(units.TIME, 0.0, fixed=True)] | None = None

    @model_validator(mode="after")
    def _fits_its_type(self) -> "SensorBlock":
        allowed = {"type", *PARAMETERS[self.type], *(SIGNAL if self.type != "sound" else ())}
        allowed |= {"body"} if self.type in ON_BODIES else {"joint"} if self.type in ON_JOINTS else set()
        allowed |= {"body", "joint", "position", "rotation"} if self.type == "force_torque" else set()
        allowed |= {"body", "position", "rotation"} if self.type in PLACED else set()
        for key in sorted(self.model_fields_set - allowed):
            listed = ", ".join(sorted(allowed - {"type", *SIGNAL}))
            raise FieldError(f"a sensor of type {self.type} has no {key!r}", f"allowed: {listed}, and its signal").pydantic()
        if self.type in ON_BODIES and self.body is None:
            raise FieldError(f"a sensor of type {self.type} needs a body", "body: entity").pydantic()
        if self.type == "force_torque" and (self.joint is None) == (self.body is None):
            raise FieldError("a sensor of type force_torque needs one place", "'joint' or 'body', and not both").pydantic()
        late = next((key for key in ("drift", "dropout", "delay") if getattr(self, key)), None)
        if late and self.rate is None:
            raise FieldError(f"{late} without a rate", "a rate, for example 'rate: 100 Hz'").pydantic()
        return self
