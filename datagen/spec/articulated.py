"""Morphs of several bodies with joints, as people write them: cabinet with drawers, door, faucet, laptop, cart-pole.

Each has parts that references name (`cabinet.top_drawer`, `door.leaf`) and that actions can drive like joints. The front of a
cabinet, a laptop and a faucet looks towards -y. `opening` is the share of the range of a joint at frame 0, from 0 (closed) to
1.

Limits: built of boxes and cylinders; the body of a door frame and the rail of a cart-pole never move.
"""

from typing import Annotated, Any, Literal

from pydantic import Field

from . import units
from .actions import AngularDamping, AngularStiffness, Damping
from .fields import Quantity
from .model import Angle, Authored, Length, Mass, PositiveLength, Ratio
from .morphs import Extents

Turn = Annotated[Any, Quantity(units.ANGLE, 0.0, 3.14, above=True)]


class Cabinet(Authored):
    """A case of outer extents `size`, open at the front, with `drawers` one above the other (parts `drawer_1` from the top;
    also `top_drawer`, `middle_drawer`, `bottom_drawer`). A drawer is a box without lid with a handle; it slides out by up to
    `travel` of its depth. damping: of every slide. The body frame is in the middle of the case."""

    type: Literal["cabinet"]
    size: Extents = (0.4, 0.4, 0.6)
    drawers: Annotated[int, Field(ge=1, le=8)] = 3
    thickness: PositiveLength = 0.015
    travel: Annotated[Any, Quantity(units.NUMBER, 0.1, 0.95)] = 0.8
    damping: Damping = 5.0
    opening: Ratio = 0.0


class Door(Authored):
    """A fixed frame with a leaf (part `leaf`) that turns about a vertical hinge and has a handle on both sides. size: of the
    leaf (width, thickness, height). hinge: on which side, seen from -y; it opens away from there by up to `limit`. The body
    frame is on the floor, in the middle of the leaf."""

    type: Literal["door"]
    size: Extents = (0.8, 0.04, 2.0)
    hinge: Literal["left", "right"] = "left"
    limit: Turn = 1.9
    damping: AngularDamping = 1.0
    closing: AngularStiffness = 0.0
    opening: Ratio = 0.0


class Faucet(Authored):
    """A column with a spout towards -y and a lever (part `lever`) on top that turns about z by up to `limit`. The body frame is
    at the foot of the column."""

    type: Literal["faucet"]
    height: PositiveLength = 0.25
    reach: PositiveLength = 0.16
    radius: PositiveLength = 0.012
    limit: Turn = 1.5707963267948966
    damping: AngularDamping = 0.05
    opening: Ratio = 0.0


class Laptop(Authored):
    """A base and a lid (part `lid`) on a hinge along its back edge; opening 0 is shut, 1 is open by `limit`. size: width,
    depth, thickness of the base; the lid is half as thick. The body frame is in the middle of the base."""

    type: Literal["laptop"]
    size: Extents = (0.33, 0.23, 0.018)
    limit: Turn = 2.2
    damping: AngularDamping = 0.15
    opening: Ratio = 0.7


class CartPole(Authored):
    """A fixed rail along x, a cart (part `cart`) that slides on it and a pole (part `pole`) that turns freely about y on the
    cart. Defaults are the numbers of Barto, Sutton and Anderson (1983): cart 1 kg, pole 0.1 kg and 1 m long, track +-2.4 m.
    angle: of the pole from upright at frame 0. The body frame is in the middle of the rail."""

    type: Literal["cart_pole"]
    track: PositiveLength = 4.8
    length: PositiveLength = 1.0
    cart_mass: Mass = 1.0
    pole_mass: Mass = 0.1
    position: Length = 0.0
    angle: Angle = 0.0


ARTICULATED = (Cabinet, Door, Faucet, Laptop, CartPole)
ALWAYS_FIXED = (Door, CartPole)


def part_names(morph: Authored) -> dict[str, str]:
    """Every name that a reference may give to a part of a morph, and the name of its body; empty for a morph of one body."""
    if isinstance(morph, Cabinet):
        names = {f"drawer_{number + 1}": f"drawer_{number + 1}" for number in range(morph.drawers)}
        names |= {"top_drawer": "drawer_1", "bottom_drawer": f"drawer_{morph.drawers}"}
        if morph.drawers == 3:
            names["middle_drawer"] = "drawer_2"
        return names
    fixed: dict[type, tuple[str, ...]] = {Door: ("leaf",), Faucet: ("lever",), Laptop: ("lid",), CartPole: ("cart", "pole")}
    return {name: name for name in fixed.get(type(morph), ())}


def joint_kind(morph: Any, part: str) -> str:
    """Whether a part of a morph turns (`hinge`) or slides (`slide`); "" where that is not known."""
    if isinstance(morph, Cabinet) or (isinstance(morph, CartPole) and part == "cart"):
        return "slide"
    return "hinge" if isinstance(morph, ARTICULATED) else ""
