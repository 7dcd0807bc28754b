"""Models of files, actors, and matter: what stands in an episode beside rigid bodies.

A fill takes the interior of its vessel up to a level: the level of a volume is found by bisection on the exact volume of the
frustums (`volume_below`), and the region is the closed polyhedron between the floor and that level.
"""

import math
from typing import Any, Literal

from . import matter
from .actors import ROBOTS, STANDING, Actor
from .arrange import Item
from .bodies import WHITE, Bodies
from .episode import ControllerSpec, InteriorSpec, MatterSpec, ModelSpec, ShapeSpec
from .exact import cos_sin
from .matter_presets import BELONGS, MATTER_PRESETS
from .morphs import Model
from .particles import shape_volume, sound_speed
from .pose import Pose, Vec, rotate, tidy_quat, tidy_vec
from .problems import FieldError
from .references import item_name

UP: Vec = (0.0, 0.0, 1.0)
ACROSS = 5  # tetrahedra along an edge of a cube, where nothing is said


def models(bodies: Bodies) -> tuple[ModelSpec, ...]:
    """Every entity that is a file of several bodies, then every actor."""
    made = []
    for name, items in bodies.items.items():
        for item in items:
            if isinstance(item.morph, Model):
                made.append(_model(bodies, name, item))
    return (*made, *(_actor(bodies, name, actor) for name, actor in bodies.spec.actors.items()))


def _model(bodies: Bodies, name: str, item: Item) -> ModelSpec:
    index = -1 if bodies.counts[name] is None else item.item
    joints = _coordinates(bodies, item.morph.joints, f"{item.path}.joints", index)
    return ModelSpec(
        name=item_name(name, bodies.counts[name], item.item), entity=name, item=item.item, file=item.morph.file,
        position=item.pose.position, rotation=item.pose.rotation, fixed=True if item.fixed else None,
        keyframe=item.morph.keyframe, joints=joints,
    )  # fmt: skip


def _coordinates(bodies: Bodies, joints: dict[str, Any], path: str, index: int) -> dict[str, float]:
    return {joint: bodies.draws.value(value, f"{path}.{joint}", index) for joint, value in joints.items()}


def _actor(bodies: Bodies, name: str, actor: Actor) -> ModelSpec:
    pose = bodies.actors[name]
    own = isinstance(actor.robot, str)
    fixed = actor.fixed if actor.fixed is not None else not (own and actor.robot in STANDING)
    return ModelSpec(
        name=name, entity=name, item=0, file=ROBOTS[actor.robot] if isinstance(actor.robot, str) else actor.robot.file,
        position=tidy_vec(pose.position), rotation=tidy_quat(pose.rotation), fixed=fixed,
        keyframe=actor.keyframe if own or "keyframe" in actor.model_fields_set else None,
        joints=_coordinates(bodies, actor.joints, f"actors.{name}.joints", -1),
        controller=ControllerSpec(**actor.controller.model_dump()),
    )  # fmt: skip


def all_matter(bodies: Bodies) -> tuple[MatterSpec, ...]:
    """Every entity that no rigid body is made of, in the order of the document. Raises `FieldError`."""
    listed = [(name, item) for name, items in bodies.items.items() for item in items]
    return tuple(
        _located_matter(bodies, name, item)
        for name, item in listed
        if not isinstance(item.morph, Model) and not bodies.is_body(item)
    )


def _located_matter(bodies: Bodies, name: str, item: Item) -> MatterSpec:
    """The matter of an item, its errors with their place in the document."""
    try:
        return _matter(bodies, name, item)
    except FieldError as error:
        raise error if error.at[:1] == ("entities",) else error.inside("entities", name) from error
    except ValueError as error:
        raise FieldError(str(error), "", "", ("entities", name, "morph")) from error


def _matter(bodies: Bodies, name: str, item: Item) -> MatterSpec:
    entity = bodies.spec.entities[name]
    index = -1 if bodies.counts[name] is None else item.item
    path = f"entities.{name}"
    model = bodies.model(item)
    velocity = bodies.draws.velocity(entity.velocity, f"{path}.velocity", index, item.pose.position, bodies.locate)
    made: dict[str, Any] = {
        "name": item_name(name, bodies.counts[name], item.item), "entity": name, "item": item.item, "model": model,
        "position": item.pose.position, "rotation": item.pose.rotation, "velocity": tidy_vec(velocity),
        **_stuff(bodies, entity, path, index, model),
    }  # fmt: skip
    below = {key: f"{item.path}.{key}" for key in type(item.morph).model_fields}

    def draw(key: str) -> Any:
        return bodies.draws.value(getattr(item.morph, key), below[key], index)

    if isinstance(item.morph, matter.Sheet):
        made.update(pin=tuple(item.morph.pin), hold=_holders(bodies, item.morph.hold))
        return MatterSpec(kind="cloth", size=draw("size"), resolution=draw("resolution"), **made)
    if isinstance(item.morph, matter.Sack):
        made.update(pin=tuple(item.morph.pin), hold=_holders(bodies, item.morph.hold))
        return MatterSpec(kind="cloth", sewn=True, size=(draw("width"), draw("height")), resolution=draw("resolution"), **made)
    if isinstance(item.morph, matter.Rope):
        return MatterSpec(
            kind="rope", points=_course(bodies, item, index), radius=draw("radius"), resolution=draw("resolution"),
            pin=tuple(item.morph.pin), hold=_holders(bodies, item.morph.hold), **made,
        )  # fmt: skip
    if isinstance(item.morph, matter.Emitter):
        direction = tidy_vec(bodies.draws.direction(item.morph.direction, below["direction"], index))
        numbers = {key: draw(key) for key in ("radius", "flow", "start", "total")}
        return MatterSpec(kind="emitter", direction=direction, **numbers, **made)
    if isinstance(item.morph, matter.Fill):
        pose, region = _fill(bodies, item.morph, draw)
        made.update(position=pose.position, rotation=pose.rotation)
        return MatterSpec(kind="particles", region=(region,), **_audible(made, (region,)))
    soft = model == "elastic" and entity.soft.method == "mesh"
    resolution = bodies.draws.value(entity.soft.resolution, f"{path}.soft.resolution", index)
    kind: Literal["soft", "particles"] = "soft" if soft else "particles"
    if soft and resolution is None:
        volume = math.fsum(shape_volume(shape) for shape in item.shapes)
        resolution = float(f"{volume ** (1.0 / 3.0) / ACROSS:.2g}")
    made["hold"] = _holders(bodies, entity.soft.hold, ("soft", "hold"))
    return MatterSpec(kind=kind, region=item.shapes, resolution=resolution, **_audible(made, item.shapes))


def _audible(made: dict[str, Any], region: tuple[ShapeSpec, ...]) -> dict[str, Any]:
    """The same, a liquid with a speed of sound."""
    if made["model"] != "liquid" or "sound_speed" in made["values"]:
        return made
    speed = sound_speed(made["position"], made["rotation"], region)
    return {**made, "values": {**made["values"], "sound_speed": speed}}


def _holders(bodies: Bodies, hold: dict[Any, str], at: tuple[str, str] = ("morph", "hold")) -> tuple[tuple[str, str], ...]:
    """Pairs of what is held and the name of the one body that holds it."""
    made = []
    for what, holder in hold.items():
        found = bodies.reference(holder)
        if len(found) != 1:
            raise FieldError(f"{holder!r} names {len(found)} bodies", "one body, as in 'hand[0]'", "", at)
        made.append((str(what), found[0].name))
    return tuple(made)


def _course(bodies: Bodies, item: Item, index: int) -> tuple[Vec, ...]:
    """Corners of a rope in its own frame."""
    morph, path = item.morph, item.path
    if morph.points is None:
        half = 0.5 * bodies.draws.value(morph.length, f"{path}.length", index)
        return (tidy_vec((-half, 0.0, 0.0)), tidy_vec((half, 0.0, 0.0)))
    return tuple(
        tidy_vec(bodies.draws.value(point, f"{path}.points[{number}]", index)) for number, point in enumerate(morph.points)
    )


def _stuff(bodies: Bodies, entity: Any, path: str, index: int, model: str) -> dict[str, Any]:
    """Preset and numbers of the material of an entity, colour and image."""
    chosen, below = bodies.draws.select(entity.material, f"{path}.material", index)
    shared = index
    if isinstance(chosen, str) and chosen in bodies.spec.materials:
        chosen, below, shared = bodies.spec.materials[chosen], f"materials.{chosen}", -1
    named = chosen if isinstance(chosen, str) else chosen.preset
    preset = MATTER_PRESETS.get(named or "")
    values = dict(preset.values) if preset else {}
    given = []
    for key in BELONGS[model]:
        own = None if isinstance(chosen, str) else getattr(chosen, key)
        if own is not None:
            values[key] = bodies.draws.value(own, f"{below}.{key}", shared)
            given.append(key)
    color = preset.color if preset else (0.7, 0.7, 0.7)
    if not isinstance(chosen, str) and chosen.color is not None:
        color = bodies.draws.value(chosen.color, f"{below}.color", shared)
    worn = bodies.texture(entity, path, index)
    if entity.color is not None:
        color = bodies.draws.value(entity.color, f"{path}.color", index)
    elif worn is not None:
        color = WHITE  # the image alone decides
    return {"preset": named if preset else None, "values": values, "given": tuple(given), "color": color, "texture": worn}


def area(section: Vec, sides: int) -> float:
    """Area of a horizontal section of an interior, m^2."""
    return _factor(sides) * section[1] * section[2]


def _factor(sides: int) -> float:
    if sides == 0:
        return 4.0
    cosine, sine = cos_sin(math.pi / sides)
    return sides * sine / cosine


def volume_below(interior: InteriorSpec, level: float) -> float:
    """Volume of an interior below a height z of its frame, m^3, exact."""
    total = []
    for (low, a, b), (high, c, d) in zip(interior.sections, interior.sections[1:], strict=False):
        rise = min(level, high) - low
        if rise <= 0.0:
            break
        share = rise / (high - low)
        c, d = a + (c - a) * share, b + (d - b) * share
        total.append(_factor(interior.sides) * rise * (a * b + c * d + 0.5 * (a * d + b * c)) / 3.0)
    return math.fsum(total)


def level_of(interior: InteriorSpec, volume: float) -> float:
    """The height z below which an interior holds a volume. Raises `FieldError` when it holds less."""
    low, high = interior.sections[0][0], interior.sections[-1][0]
    most = volume_below(interior, high)
    if volume > most * (1.0 + 1e-9):
        raise FieldError(f"{volume * 1e6:.4g} ml do not fit", f"the vessel holds {most * 1e6:.4g} ml", "fill less, or widen it")
    for _ in range(80):
        middle = 0.5 * (low + high)
        low, high = (middle, high) if volume_below(interior, middle) < volume else (low, middle)
    return round(0.5 * (low + high), 9)


def _fill(bodies: Bodies, morph: matter.Fill, draw: Any) -> tuple[Pose, ShapeSpec]:
    """The vessel's pose, and the region that is full in its frame."""
    found = bodies.reference(morph.into)
    if len(found) != 1:
        raise FieldError(f"{morph.into!r} names {len(found)} vessels", "one vessel, as in 'cup[0]'", "", ("morph", "into"))
    vessel = found[0]
    interior = vessel.item.interior
    if interior is None:
        what = f"{vessel.name} has no hollow that is known"
        raise FieldError(what, "cup, bowl, bucket, tank, tray, funnel, hourglass or a drawer", "", ("morph", "into"))
    upward = rotate(vessel.now.rotation, UP)
    if upward[2] < 0.996:
        raise FieldError(f"{vessel.name} is tilted, so a level is not clear", "an upright vessel", "", ("morph", "into"))
    low, high = interior.sections[0][0], interior.sections[-1][0]
    if morph.level is not None:
        level = low + draw("level")
        if level > high * (1.0 + 1e-9) + 1e-9:
            what = f"the level {level - low:g} m is above the rim"
            raise FieldError(what, f"at most {high - low:g} m", "", ("morph", "level"))
    else:
        volume = draw("volume") if morph.volume is not None else draw("share") * volume_below(interior, high)
        level = level_of(interior, volume)
    return Pose(tidy_vec(vessel.now.position), tidy_quat(vessel.now.rotation)), region_below(interior, min(level, high))


def region_below(interior: InteriorSpec, level: float) -> ShapeSpec:
    """The closed polyhedron of an interior below a height; convex for cups and bowls, in general a stack of frustums."""
    kept = [section for section in interior.sections if section[0] < level - 1e-9]
    upper = next(section for section in interior.sections if section[0] >= level - 1e-9)
    below = kept[-1]
    share = (level - below[0]) / (upper[0] - below[0])
    kept.append((level, below[1] + share * (upper[1] - below[1]), below[2] + share * (upper[2] - below[2])))
    count = interior.sides or 4
    corner = 1.0 / cos_sin(math.pi / count)[0]
    turns = [cos_sin(2.0 * math.pi * side / count) for side in range(count)] if interior.sides else []
    corners = [(1.0, 1.0), (-1.0, 1.0), (-1.0, -1.0), (1.0, -1.0)]
    vertices: list[Vec] = []
    for z, a, b in kept:
        flat = [(a * corner * c, b * corner * s) for c, s in turns] or [(a * x, b * y) for x, y in corners]
        vertices += [tidy_vec((x, y, z)) for x, y in flat]
    faces = [(0, side + 1, side) for side in range(1, count - 1)]
    for layer in range(len(kept) - 1):
        low, high = layer * count, (layer + 1) * count
        for side in range(count):
            following = (side + 1) % count
            faces += [(low + side, low + following, high + following), (low + side, high + following, high + side)]
    top = (len(kept) - 1) * count
    faces += [(top, top + side, top + side + 1) for side in range(1, count - 1)]
    return ShapeSpec(type="hull", vertices=tuple(vertices), faces=tuple(faces))
