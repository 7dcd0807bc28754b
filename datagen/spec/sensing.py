"""From authored sensors to `SensorSpec`s: bodies and joints by name, places drawn, everything in SI."""

from typing import Any

from .bodies import Bodies
from .draws import Draws
from .pose import tidy_quat, tidy_vec
from .problems import FieldError
from .references import item_name, items_of, parse_reference
from .sensor_spec import SensorSpec
from .sensors import PARAMETERS, SIGNAL, SensorBlock

SAMPLES_PER_FRAME = 800  # of sound, when nothing is said


def resolve(block: SensorBlock, name: str, draws: Draws, bodies: Bodies) -> SensorSpec:
    """The sensor of one episode. Raises `FieldError` with the place in the document."""
    path = f"sensors.{name}"
    try:
        values = {key: _plain(getattr(block, key)) for key in PARAMETERS[block.type] if getattr(block, key) is not None}
        for key in ("other", "reference"):
            if key in values:
                values[key] = _body(bodies, values[key], key)
        if block.type == "sound":
            values = _sound(values, bodies)
        return SensorSpec(
            name=name,
            type=block.type,
            body=None if block.body is None else _body(bodies, block.body, "body"),
            joint=None if block.joint is None else _joint(bodies, block.joint),
            position=(0.0, 0.0, 0.0) if block.position is None else tidy_vec(draws.value(block.position, f"{path}.position")),
            rotation=(1.0, 0.0, 0.0, 0.0)
            if block.rotation is None
            else tidy_quat(draws.rotation(block.rotation, f"{path}.rotation")),
            parameters=values,
            signal={key: _plain(getattr(block, key)) for key in SIGNAL if getattr(block, key) is not None},
        )
    except FieldError as error:
        raise error.inside("sensors", name) from error


def _plain(value: Any) -> Any:
    return list(value) if isinstance(value, (list, tuple)) else value


def _body(bodies: Bodies, text: str, key: str) -> str:
    found = bodies.reference(text)
    if len(found) != 1:
        raise FieldError(f"{text!r} names {len(found)} bodies", "one body, for example 'cube[0]'", "", (key,))
    return found[0].name


def _joint(bodies: Bodies, text: str) -> str:
    ref = parse_reference(text, dict(bodies.spec.joints), "joint")
    count = bodies.joints[ref.name]
    items = items_of(ref, count)
    if len(items) != 1:
        raise FieldError(f"{text!r} names {len(items)} joints", "one joint, for example 'hinge[0]'", "", ("joint",))
    return item_name(ref.name, count, items[0])


def _sound(values: dict[str, Any], bodies: Bodies) -> dict[str, Any]:
    """Whole samples per frame, and materials by body."""
    fps = bodies.spec.record.fps
    rate = values.get("sample_rate", SAMPLES_PER_FRAME * fps)
    if rate % fps:
        near = fps * max(1, round(rate / fps))
        raise FieldError(f"{rate} samples a second are no whole number per frame", f"a multiple of {fps}, for example {near}",
                         "", ("sample_rate",))  # fmt: skip
    materials = {body.name: word for text, word in values.get("materials", {}).items() for body in bodies.reference(text)}
    return {"sample_rate": rate, "materials": materials}
