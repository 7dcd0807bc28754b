"""The words of goals and rewards: every measure and predicate, with its arguments, its unit and its meaning.

A measure is a number with a unit that an episode has at every frame; a predicate is a condition with a signed margin, true
where the margin is zero or more. `datagen.tasks` computes both; a test holds the two sides together, and docs/tasks.md is
made from this table.

Arguments: `body` one body; `bodies` one or more; `joint` a hinge or slide; `matter` something that is made of particles; `any`
a body or matter. `axis` is a direction in the frame of the body `of`, `along` one in the world. An argument in parentheses
may be left out.
Limits: measures of matter are unknown where the engine has no such matter; thresholds are for bodies of centimetres to metres.
"""

from dataclasses import dataclass

from . import units
from .units import Dimension

VOLUME = Dimension("a volume", "m^3", (3, 0, 0, 0), "'200 ml' or '0.2 l'")
ENERGY = Dimension("an energy", "J", (2, 1, -2, 0), "'0.5 J'")


@dataclass(frozen=True)
class Measure:
    """unit: dimension of the value. of, ref: kinds of the arguments, "" where there is none; in parentheses: optional. keys: of
    `axis` and `along`, those that it takes. history: whether it needs the frames before."""

    unit: Dimension
    of: str
    ref: str
    doc: str
    keys: tuple[str, ...] = ()
    history: bool = False


@dataclass(frozen=True)
class Predicate:
    """of, ref: kinds of the arguments. value: dimension of the threshold and its default (None: it has to be given), or None
    where there is no threshold. tol: the same for the tolerance. margin: unit of the margin. event: true once it has
    happened."""

    of: str
    ref: str
    margin: Dimension
    doc: str
    value: tuple[Dimension, float | None] | None = None
    tol: tuple[Dimension, float | None] | None = None
    keys: tuple[str, ...] = ()
    event: bool = False


_M, _RAD, _ONE, _V = units.LENGTH, units.ANGLE, units.NUMBER, units.SPEED

MEASURES: dict[str, Measure] = {
    "time": Measure(units.TIME, "", "", "time since frame 0"),
    "position": Measure(_M, "any", "", "coordinate of the origin (matter: of the mean) along a direction", ("along",)),
    "height": Measure(_M, "any", "(body)", "of the origin above the ground, or above the origin of `ref`"),
    "lowest": Measure(_M, "any", "(body)", "height of the lowest point, above the ground or the highest point of `ref`"),
    "highest": Measure(_M, "any", "(body)", "height of the highest point, above the ground or the highest point of `ref`"),
    "displacement": Measure(
        _M,
        "any",
        "",
        "distance of the origin from where it was at frame 0, or the signed part of it along a direction",
        ("along",),
        True,
    ),
    "path_length": Measure(_M, "body", "", "length of the way of the origin so far", (), True),
    "rotation": Measure(
        _RAD,
        "body",
        "",
        "angle from the rotation at frame 0; about an axis: signed and counted over whole turns",
        ("axis",),
        True,
    ),
    "orbit": Measure(
        _RAD,
        "body",
        "body",
        "angle by which the origin has gone round the z axis of `ref`, signed and counted over whole turns",
        (),
        True,
    ),
    "tilt": Measure(
        _RAD, "body", "", "angle between an axis of the body (default: the one that was up at frame 0) and up", ("axis",), True
    ),
    "alignment": Measure(
        _RAD, "body", "body", "undirected angle between the axis of one body and the same axis of the other", ("axis",)
    ),
    "distance": Measure(_M, "body", "body", "between the closest surfaces; negative: they overlap"),
    "centre_distance": Measure(_M, "any", "any", "between the origins"),
    "horizontal_distance": Measure(_M, "any", "any", "between the origins, without the part along up"),
    "lateral_error": Measure(_M, "body", "body", "distance of the origin from the z axis of `ref`"),
    "insertion_depth": Measure(
        _M, "body", "body", "how far below the rim of `ref` the deepest point of `of` in its interior is; 0 outside"
    ),
    "speed": Measure(_V, "any", "", "of the origin (matter: of the mean)"),
    "velocity": Measure(_V, "any", "", "of the origin along a direction", ("along",)),
    "angular_speed": Measure(units.ANGULAR_SPEED, "body", "", "or the signed part about a direction of the world", ("along",)),
    "relative_speed": Measure(_V, "body", "body", "between the origins"),
    "acceleration": Measure(units.ACCELERATION, "body", "", "of the origin, difference of two frames", (), True),
    "kinetic_energy": Measure(ENERGY, "any", "", "of translation and rotation"),
    "potential_energy": Measure(ENERGY, "any", "", "m g height"),
    "momentum": Measure(
        units.IMPULSE, "any", "", "mass times velocity of the centre of mass, or the part along a direction", ("along",)
    ),
    "joint": Measure(_RAD, "joint", "", "angle of a hinge [rad] or position of a slide [m]"),
    "joint_speed": Measure(units.ANGULAR_SPEED, "joint", "", "of a hinge [rad/s] or slide [m/s]"),
    "joint_fraction": Measure(_ONE, "joint", "", "share of the range between the limits, from the first one on"),
    "contact_force": Measure(
        units.FORCE, "body", "(body)", "on `of` from `ref` or from everything, mean over the last frame interval"
    ),
    "contact_impulse": Measure(
        units.IMPULSE, "body", "(body)", "exchanged so far, sum of the sizes over the intervals", (), True
    ),
    "slip": Measure(_M, "body", "body", "way that the surfaces slid on each other so far while they touched", (), True),
    "support_fraction": Measure(_ONE, "body", "body", "share of the weight that `ref` carries, mean over 0.1 s", (), True),
    "grasp_force": Measure(units.FORCE, "body", "bodies", "the smaller of the two largest forces of the fingers `ref` on `of`"),
    "inside_fraction": Measure(_ONE, "any", "body", "share of the volume in the interior of `ref`"),
    "count_in": Measure(_ONE, "bodies", "body", "how many of the bodies are inside `ref` with at least half of their volume"),
    "volume_in": Measure(VOLUME, "matter", "body", "rest volume of the particles in the interior of `ref`"),
    "fill_level": Measure(_ONE, "matter", "body", "volume_in over the volume of the interior"),
    "mass_in": Measure(units.MASS, "matter", "body", "mass of the particles in the interior of `ref`"),
    "spilled": Measure(
        VOLUME, "matter", "(bodies)", "rest volume outside of every interior of `ref` and lower than their lowest rim"
    ),
    "front": Measure(_M, "matter", "", "99th percentile of the coordinate along a direction", ("along",)),
    "pile_radius": Measure(_M, "matter", "", "horizontal radius about the mean that holds 95 % of the mass"),
}
"""Every measure by name."""

PREDICATES: dict[str, Predicate] = {
    "near": Predicate("body", "body", _M, "surfaces at most `value` apart", (_M, None)),
    "touching": Predicate("body", "body", _ONE, "they exchange more than 1 % of the lighter weight, or lie within 0.5 mm"),
    "supported_by": Predicate(
        "body", "body", _ONE, "`ref` carries at least `value` of the weight and it moves at most 1 cm/s on it", (_ONE, 0.5)
    ),
    "on_top": Predicate(
        "body", "body", _ONE, "supported_by through contacts that face up (n.up > 0.7), origin above the patch"
    ),
    "stacked": Predicate("bodies", "", _ONE, "each is on top of the one before, and all are settled"),
    "inside": Predicate("any", "body", _ONE, "at least `value` of the volume is in the interior", (_ONE, 0.9)),
    "contains": Predicate("body", "matter", VOLUME, "volume_in is `value` up to `tol`", (VOLUME, None), (VOLUME, None)),
    "empty": Predicate("body", "matter", _ONE, "fill_level at most `value`", (_ONE, 0.01)),
    "full": Predicate("body", "matter", _ONE, "fill_level at least `value`", (_ONE, 0.95)),
    "spilled_more_than": Predicate("matter", "(bodies)", VOLUME, "spilled over `value`", (VOLUME, None)),
    "left_of": Predicate("body", "body", _M, "all of it is left of all of `ref`, by `value` or more", (_M, 0.0)),
    "right_of": Predicate("body", "body", _M, "all of it is right of all of `ref`", (_M, 0.0)),
    "in_front_of": Predicate(
        "body", "body", _M, "all of it is nearer to the viewer than all of `ref` (against forward)", (_M, 0.0)
    ),
    "behind": Predicate("body", "body", _M, "all of it is farther from the viewer than all of `ref`", (_M, 0.0)),
    "above": Predicate("body", "body", _M, "its lowest point is above the highest of `ref`", (_M, 0.0)),
    "below": Predicate("body", "body", _M, "its highest point is below the lowest of `ref`", (_M, 0.0)),
    "upright": Predicate("body", "", _RAD, "tilt at most `value`", (_RAD, 0.2617993877991494), keys=("axis",)),
    "toppled": Predicate("body", "", _RAD, "tilt more than `value`", (_RAD, 0.7853981633974483), keys=("axis",)),
    "open": Predicate("joint", "", _ONE, "joint_fraction at least `value`", (_ONE, 0.1)),
    "closed": Predicate("joint", "", _ONE, "joint_fraction at most `value`", (_ONE, 0.02)),
    "joint_at": Predicate("joint", "", _RAD, "the joint is at `value` up to `tol`", (_RAD, None), (_RAD, 0.03490658503988659)),
    "turned": Predicate("body", "", _RAD, "rotated by `value` or more from frame 0", (_RAD, None), keys=("axis",)),
    "moved": Predicate("body", "", _M, "the origin is `value` or more from where it was at frame 0", (_M, 0.01)),
    "moving": Predicate("body", "", _V, "speed at least `value`", (_V, 0.01)),
    "settled": Predicate("body", "", _ONE, "slower than `value` and 5 deg/s for 0.25 s", (_V, 0.01)),
    "lifted": Predicate(
        "body", "", _M, "lowest point at least `value` above where it was at frame 0, and touching no fixed body", (_M, 0.02)
    ),
    "grasped": Predicate(
        "body", "bodies", _ONE, "two fingers press on it from opposite sides with half of its weight, without slip, for 0.1 s"
    ),
    "released": Predicate("body", "bodies", _ONE, "none of the fingers touches it"),
    "hit": Predicate(
        "body",
        "body",
        units.IMPULSE,
        "they have exchanged an impulse of `value` or more within one frame interval after frame 0",
        (units.IMPULSE, 0.0),
        event=True,
    ),
    "collided": Predicate(
        "body",
        "(bodies)",
        units.FORCE,
        "has been hit with more than `value` by anything but `ref`",
        (units.FORCE, 2.0),
        event=True,
    ),
    "fell_off": Predicate(
        "body", "body", _M, "lay or slid on top of `ref` and is now below its top without touching it", event=True
    ),
    "intact": Predicate("body", "", _ONE, "finite, and in the region of the scene (100 m)"),
}
"""Every predicate by name."""

COMPARISONS = ("<=", ">=", "<", ">", "about")


def argument_kind(text: str) -> tuple[str, bool]:
    """Kind of an argument and whether it has to be given; ("", False) for none."""
    return (text.strip("()"), not text.startswith("(")) if text else ("", False)
