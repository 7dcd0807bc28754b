"""Which morphs go with which materials, and which keys of an entity say something twice or say nothing.

Nothing is resolved in silence: what the kind of a thing makes meaningless is an error that names the key.
"""

from typing import Any

from . import articulated, matter, morphs, vessels
from .distributions import Choice, Cycle
from .materials import Material, model_of
from .matter_presets import MATTER_PRESETS
from .model import Authored
from .text import Path

FLOWING = ("liquid", "granular", "snow", "plastic", "elastic")
SOLIDS = (
    morphs.Sphere, morphs.Box, morphs.Cylinder, morphs.Capsule, morphs.Ellipsoid, morphs.Cone, morphs.Wedge, morphs.Mesh,
)  # fmt: skip
ONLY: tuple[tuple[type, tuple[str, ...]], ...] = (
    (matter.Sheet, ("cloth",)),
    (matter.Sack, ("cloth",)),
    (matter.Rope, ("rope",)),
    (matter.Fill, FLOWING),
    (matter.Emitter, ("liquid", "granular", "snow")),
)
OF_FILE = ("material", "mass", "color", "roughness", "metallic", "pattern", "texture")
OF_RIGID = ("mass", "angular_velocity", "fixed", "roughness", "metallic", "pattern")


def check_kinds(checker: Any) -> None:
    """Raises `SpecError` for the first entity whose morph, material and keys do not go together."""
    for name, entity in checker.spec.entities.items():
        checker.attempt(_check_entity, checker, ("entities", name), entity)


def _check_entity(checker: Any, path: Path, entity: Any) -> None:
    for morph in branches(entity.morph):
        for material in branches(entity.material):
            _check_pair(checker, path, morph, model_of(material, checker.spec.materials))
        _check_keys(checker, path, entity, morph, entity.model_fields_set)


def _check_pair(checker: Any, path: Path, morph: Any, model: str) -> None:
    wanted = next((models for kind, models in ONLY if isinstance(morph, kind)), None)
    kind = morph.type
    if wanted is not None and model not in wanted:
        presets = [name for name, preset in MATTER_PRESETS.items() if preset.model in wanted]
        what = f"a {kind} of {model} material"
        remedy = f"for example {', '.join(presets[:6])}"
        raise checker.fail((*path, "material"), what, f"a {kind} is {' or '.join(wanted)}", remedy)
    if wanted is None and model in ("cloth", "rope"):
        home = "sheet" if model == "cloth" else "rope"
        what = f"a {kind} of {model} material"
        raise checker.fail((*path, "morph"), what, f"{model} makes a {home}", f"write 'type: {home}'")
    if wanted is None and model != "rigid" and not isinstance(morph, SOLIDS):
        allowed = f"{model} fills {', '.join(one.__name__.lower() for one in SOLIDS)}, or a vessel by 'type: fill'"
        raise checker.fail((*path, "morph"), f"a {kind} of {model} material", allowed)


def _check_keys(checker: Any, path: Path, entity: Any, morph: Any, given: set[str]) -> None:
    def refuse(keys: tuple[str, ...], why: str, remedy: str) -> None:
        for key in keys:
            if key in given and getattr(entity, key) not in (None, False):
                raise checker.fail((*path, key), f"{key!r} says nothing here: {why}", "", remedy)

    if isinstance(morph, morphs.Model):
        refuse(OF_FILE, "the file of the model has its own", "remove it, or change the file")
    soft = any(model_of(material, checker.spec.materials) != "rigid" for material in branches(entity.material))
    if soft:
        refuse(OF_RIGID, "it belongs to rigid bodies", "remove it")
        if any(not _wears_images(checker, morph, material, entity) for material in branches(entity.material)):
            refuse(("texture",), "particles have one colour", "set 'color', or 'soft: {method: mesh}' for an elastic solid")
    elif "soft" in given:
        raise checker.fail((*path, "soft"), "'soft' says nothing here: the material is rigid", "", "set an elastic material")
    if isinstance(morph, articulated.ARTICULATED) and entity.mass is not None:
        raise checker.fail((*path, "mass"), "a mass is not clear for several bodies", "", "give the material a density")
    if isinstance(morph, matter.Fill):
        refuse(("position", "rotation", "relative_to", "arrange"), "a fill stands in its vessel", "remove it")
        vessel = checker.reference((*path, "morph", "into"), morph.into)
        for other in branches(checker.spec.entities[vessel.name].morph):
            hollow = (*vessels.ROUND, vessels.Tank, morphs.Tray)
            if not isinstance(other, hollow) and not (isinstance(other, articulated.Cabinet) and vessel.part):
                what = f"a {other.type} has no hollow that is known"
                allowed = "cup, bowl, bucket, tank, tray, funnel, hourglass or a drawer"
                raise checker.fail((*path, "morph", "into"), what, allowed)


def _wears_images(checker: Any, morph: Any, material: Any, entity: Any) -> bool:
    """Whether what is made of a material has a surface that an image can lie on."""
    model = model_of(material, checker.spec.materials)
    solid = model == "elastic" and entity.soft.method == "mesh" and not isinstance(morph, matter.Fill)
    return solid or model in ("rigid", "cloth", "rope")


def branches(value: Any) -> list[Any]:
    """Every plain model or word behind choices and cycles."""
    if isinstance(value, (Choice, Cycle)):
        return [leaf for entry in value.of for leaf in branches(entry)]
    return [value] if isinstance(value, (str, Authored, Material)) else []
