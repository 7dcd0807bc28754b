"""What ties bodies together beside joints: tendons and equality constraints, as plain frozen values.

`engine.scene.tie_builder` checks them, `tie_topology` numbers them, `tie_constants` computes their real numbers. Units are SI;
solref and solimp as in MuJoCo. Names refer to sites, joints, shapes, bodies and tendons of the same scene.
"""

from dataclasses import KW_ONLY, dataclass

from engine.scene.description import ORIGIN, Quaternion, Vector

SOLREF: tuple[float, float] = (0.02, 1.0)
SOLIMP: tuple[float, float, float, float, float] = (0.9, 0.95, 0.001, 0.5, 2.0)


@dataclass(frozen=True)
class Via:
    """A path goes through `site`."""

    site: str


@dataclass(frozen=True)
class Wrap:
    """A path goes around `shape`, a Sphere or a Cylinder (taken as endless); by way of the site `side` when given, and through
    the shape when that site lies inside.
    """

    shape: str
    side: str | None = None


@dataclass(frozen=True)
class Pulley:
    """A new branch of a path begins; its length counts divided by `divisor`."""

    divisor: float


@dataclass(frozen=True, kw_only=True)
class Tendon:
    """What all tendons share.

    stiffness: k1, or (k1, k2, k3) of the force k1 x + k2 x^2 + k3 x^3, x the length outside spring_range; damping: d1, or (d1,
    d2, d3) of d1 v + d2 v |v| + d3 v^3. spring_range: the length at rest, or the dead band (low, high); None is the length at
    the rest coordinates of the joints. range: shortest and longest length, kept by limits with `margin`. friction_loss [N].
    """

    name: str | None = None
    stiffness: float | Vector = 0.0
    damping: float | Vector = 0.0
    spring_range: float | tuple[float, float] | None = None
    range: tuple[float, float] | None = None
    margin: float = 0.0
    friction_loss: float = 0.0
    limit_solref: tuple[float, float] = SOLREF
    limit_solimp: tuple[float, float, float, float, float] = SOLIMP
    friction_solref: tuple[float, float] = SOLREF
    friction_solimp: tuple[float, float, float, float, float] = SOLIMP


@dataclass(frozen=True)
class FixedTendon(Tendon):
    """Its length is the sum of `joints`: (joint name, factor) of hinges and slides."""

    joints: tuple[tuple[str, float], ...]


@dataclass(frozen=True)
class SpatialTendon(Tendon):
    """Its length is that of the shortest path along `path`; each branch begins and ends with a Via, a Wrap is between two."""

    path: tuple[Via | Wrap | Pulley, ...]


@dataclass(frozen=True, kw_only=True)
class Equality:
    """What all equality constraints share. active: whether it acts after reset; `sim.state.equality_active` changes it."""

    name: str | None = None
    active: bool = True
    solref: tuple[float, float] = SOLREF
    solimp: tuple[float, float, float, float, float] = SOLIMP


@dataclass(frozen=True)
class Connect(Equality):
    """Two bodies share a point, as by a ball joint.

    Either `body` with its point `anchor` [m], and `other` (default the world), whose point is where the anchor is at the
    initial coordinates; or the two sites `site` and `other_site`, which are pulled together.
    """

    body: str | None = None
    other: str | None = None
    anchor: Vector = ORIGIN
    _: KW_ONLY
    site: str | None = None
    other_site: str | None = None


@dataclass(frozen=True)
class Weld(Equality):
    """Two bodies keep their relative pose.

    Either `body` and `other` (default the world), with the point `anchor` [m] of `other`, in the pose at the initial
    coordinates or the given `relative` one (position of the anchor, rotation of `other`, both in the frame of `body`); or two
    sites whose frames are aligned.
    torque_scale [m] weighs rotation against translation.
    """

    body: str | None = None
    other: str | None = None
    anchor: Vector = ORIGIN
    _: KW_ONLY
    relative: tuple[Vector, Quaternion] | None = None
    site: str | None = None
    other_site: str | None = None
    torque_scale: float = 1.0


@dataclass(frozen=True)
class JointCoupling(Equality):
    """The coordinate y of `joint` follows the coordinate x of `other`: y - y0 = c0 + c1 (x - x0) + ... + c4 (x - x0)^4, or is
    held at y0 + c0 without `other`. reference is (y0, x0).
    """

    joint: str
    other: str | None = None
    polynomial: tuple[float, ...] = (0.0, 1.0, 0.0, 0.0, 0.0)
    reference: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class TendonCoupling(Equality):
    """The length of `tendon` follows that of `other`, both measured from their lengths at the initial coordinates, by the same
    polynomial; or is held without `other`.
    """

    tendon: str
    other: str | None = None
    polynomial: tuple[float, ...] = (0.0, 1.0, 0.0, 0.0, 0.0)
