"""Matter of an episode -> the engine's `add_matter`, `add_soft`, `add_cloth` and `add_rope`.

The names of the engine's materials and of their numbers are those of a spec. An engine that lacks a call, a material or a
number that the author wrote is an error that says so; a number of a preset that the engine does not know is left to its own
default.

Limits: one region shape per piece of matter.
"""

import dataclasses
import inspect
from typing import Any

import engine
from datagen.build.cloth import add_cloth, add_rope
from datagen.build.errors import BuildError
from datagen.build.textures import texture_of
from datagen.spec import MatterSpec

CALLS = {"particles": "add_matter", "emitter": "add_emitter", "soft": "add_soft", "cloth": "add_cloth", "rope": "add_rope"}
SHEETS_AND_LINES = {"cloth": add_cloth, "rope": add_rope}
MATERIALS = {
    "liquid": "Liquid", "elastic": "Elastic", "granular": "Sand", "snow": "Snow", "plastic": "Plastic",
}  # fmt: skip


def add_matter(scene: Any, matter: MatterSpec, shape: Any, library: Any = engine) -> None:
    """Adds one piece of matter. shape: turns a `ShapeSpec` into a shape of the engine; library: where its materials are. Raises
    BuildError when the engine has no solver for it."""
    where = f"matter {matter.name!r}"
    call = getattr(scene, CALLS[matter.kind], None)
    if call is None:
        what = f"this engine has no Scene.{CALLS[matter.kind]}, so {matter.model} matter cannot be simulated"
        raise BuildError(where, what, "rigid bodies, models and actors", "use a newer engine, or remove the entity")
    if matter.kind in SHEETS_AND_LINES:
        SHEETS_AND_LINES[matter.kind](scene, matter)
        return
    material = make_material(where, matter, library)
    given: dict[str, Any] = {"position": matter.position, "rotation": matter.rotation, "color": matter.color}
    given["texture"] = texture_of(matter.texture)
    if any(matter.velocity):
        given["velocity"] = matter.velocity
    if matter.kind == "emitter":
        keys = ("radius", "flow", "total", "start", "direction")
        given.update({key: getattr(matter, key) for key in keys})
    else:
        if len(matter.region) != 1:
            raise BuildError(where, f"the region has {len(matter.region)} shapes", "one solid", "use several entities")
        given["shape" if matter.kind == "soft" else "region"] = shape(matter.region[0])
        if matter.resolution is not None:
            given["resolution" if matter.kind == "soft" else "spacing"] = matter.resolution
    call(matter.name, material=material, **_known(where, call, given))
    for end, body in matter.hold:
        scene.attach(matter.name, body=body, end=end)


def make_material(where: str, matter: MatterSpec, library: Any) -> Any:
    """The engine's material. Raises BuildError."""
    kind = _of(where, library, MATERIALS[matter.model])
    names = _parameters(kind)
    values = {}
    for name, value in matter.values.items():
        if names is None or name in names:
            values[name] = value
        elif name in matter.given:
            raise BuildError(where, f"engine.{MATERIALS[matter.model]} has no {name!r}", f"it has {', '.join(sorted(names))}")
    return kind(**values)


def _of(where: str, library: Any, name: str) -> Any:
    if not hasattr(library, name):
        raise BuildError(where, f"this engine has no {name}", "", "use a newer engine, or remove the entity")
    return getattr(library, name)


def _parameters(call: Any) -> set[str] | None:
    """Names of the keywords of a call; None where it takes any."""
    if dataclasses.is_dataclass(call):
        return {field.name for field in dataclasses.fields(call) if field.init}
    listed = inspect.signature(call).parameters.values()
    if any(one.kind is inspect.Parameter.VAR_KEYWORD for one in listed):
        return None
    return {one.name for one in listed}


def _known(where: str, call: Any, given: dict[str, Any]) -> dict[str, Any]:
    """What is given and known; a colour that the call does not take is left out, anything else that it lacks is an error."""
    names = _parameters(call)
    kept = {name: value for name, value in given.items() if value is not None}
    if names is None:
        return kept
    for name in [name for name in kept if name not in names]:
        default = name in ("color", "resolution", "spacing") or (name == "rotation" and kept[name] == (1.0, 0.0, 0.0, 0.0))
        if not default:
            raise BuildError(where, f"Scene.{call.__name__} takes no {name!r}", f"it takes {', '.join(sorted(names))}")
        del kept[name]
    return kept
