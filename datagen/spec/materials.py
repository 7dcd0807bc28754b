"""Materials as people write them: a model (rigid, liquid, cloth, ...), a preset, and the numbers that differ from it.

Numbers that do not belong to the model are errors (a rigid body has no Young's modulus here), so that nothing that a person
writes is without effect. What is left out comes from the preset; a rigid material falls back to the preset `default`.
"""

from typing import Annotated, Any, Literal

from pydantic import Discriminator, Tag, model_validator

from ..errors import near_matches
from . import units
from .fields import Color, Quantity
from .matter_presets import BELONGS, MATTER_PRESETS, MODELS
from .model import Authored, Density, NonNegativeLength, NonNegativeNumber, PositiveLength, Ratio, Reference
from .presets import PRESETS
from .problems import FieldError

Tint = Annotated[Any, Color()]
Pressure = Annotated[Any, Quantity(units.PRESSURE, 0.0)]
LOOKS = ("color", "roughness", "metallic")


class Material(Authored):
    """Surface and bulk. `preset` is a name of `presets.PRESETS` or `matter_presets.MATTER_PRESETS`; what is left out comes from
    it. model: how the stuff moves; left out, that of the preset. friction: sliding, against itself or a common partner;
    youngs_modulus: E of solids; viscosity: dynamic; sound_speed: of a liquid, which is compressed by the square of its speed
    over it (left out, ten times the speed that it gains in falling to z = 0, at least 10 m/s); friction_angle: of grains at
    rest; bending: stiffness of a sheet per width; rod_bending: EI of a rope; damping: of an elastic solid, cloth or rope, as a
    share of critical."""

    model: Literal["rigid", "elastic", "plastic", "cloth", "rope", "liquid", "granular", "snow"] | None = None
    preset: Reference | None = None
    density: Density | None = None
    friction: NonNegativeNumber | None = None
    torsional_friction: NonNegativeLength | None = None
    rolling_friction: NonNegativeLength | None = None
    restitution: Ratio | None = None
    youngs_modulus: Annotated[Any, Quantity(units.PRESSURE, 0.0, above=True)] | None = None
    poisson_ratio: Annotated[Any, Quantity(units.NUMBER, -0.99, 0.4999)] | None = None
    viscosity: Annotated[Any, Quantity(units.VISCOSITY, 0.0)] | None = None
    surface_tension: Annotated[Any, Quantity(units.SURFACE_TENSION, 0.0)] | None = None
    sound_speed: Annotated[Any, Quantity(units.SPEED, 0.1, 1.0e4)] | None = None
    friction_angle: Annotated[Any, Quantity(units.ANGLE, 0.0, 1.5)] | None = None
    cohesion: Pressure | None = None
    yield_stress: Pressure | None = None
    hardening: NonNegativeNumber | None = None
    areal_density: Annotated[Any, Quantity(units.SURFACE_DENSITY, 0.0, above=True)] | None = None
    thickness: PositiveLength | None = None
    bending: Annotated[Any, Quantity(units.BENDING, 0.0)] | None = None
    rod_bending: Annotated[Any, Quantity(units.ROD_BENDING, 0.0)] | None = None
    drag: NonNegativeNumber | None = None
    damping: Ratio | None = None
    color: Tint | None = None
    roughness: Ratio | None = None
    metallic: Ratio | None = None

    @model_validator(mode="after")
    def _numbers_belong_to_the_model(self) -> "Material":
        if self.preset is not None and self.preset not in PRESETS and self.preset not in MATTER_PRESETS:
            return self  # `check` names the near ones, with the line of the preset
        model = model_of(self)
        matter = MATTER_PRESETS.get(self.preset or "")
        if self.model is not None and self.preset is not None and model != (matter.model if matter else "rigid"):
            kind = matter.model if matter else "rigid"
            what = f"the preset {self.preset!r} is {kind}, the model says {model}"
            raise FieldError(what, "a preset of the same model", "remove 'model' or change 'preset'", ("model",)).pydantic()
        for name in self.model_fields_set - {"model", "preset", *LOOKS}:
            if name not in BELONGS[model] and getattr(self, name) is not None:
                homes = [kind for kind in MODELS if name in BELONGS[kind]]
                raise FieldError(
                    f"{name} does not belong to a {model} material", f"{name} is known of {', '.join(homes)}",
                    f"remove it, or set 'model' (of {model}: {', '.join(BELONGS[model])})", (name,),
                ).pydantic()  # fmt: skip
        return self


def model_of(material: "Material | str", materials: dict[str, Material] | None = None) -> str:
    """How a material moves: the model that it names, else that of its preset, else rigid. A word is a material or a preset."""
    if isinstance(material, str):
        known = (materials or {}).get(material)
        if known is not None:
            return model_of(known)
        return MATTER_PRESETS[material].model if material in MATTER_PRESETS else "rigid"
    if material.model is not None:
        return material.model
    return MATTER_PRESETS[material.preset].model if material.preset in MATTER_PRESETS else "rigid"


def unknown_preset(name: str) -> tuple[str, str]:
    """What is allowed, and the near names, for a preset that is not known."""
    known = [*PRESETS, *MATTER_PRESETS]
    return f"presets: {', '.join(known)}", near_matches(name, known)


def _material_kind(raw: Any) -> str:
    return "name" if isinstance(raw, str) else "inline"


MaterialChoice = Annotated[
    Annotated[Reference, Tag("name")] | Annotated[Material, Tag("inline")], Discriminator(_material_kind)
]
