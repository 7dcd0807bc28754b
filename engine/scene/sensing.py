"""What sensors a scene may ask for: kinds, what they are attached to, their parameters, and the checks of both.

Description only: `engine.sensors` turns an entry into a measurement. A kind of this table has checked parameters with defaults;
every other kind is MuJoCo's and keeps its attributes as text.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, fields
from typing import Any

from engine.errors import SceneError, near_matches
from engine.scene import check
from engine.scene.description import Sensor, Signal

ELEMENTS = ("site", "body", "shape", "joint", "actuator", "tendon", "camera")
FACES = ("+x", "-x", "+y", "-y", "+z", "-z")
FRAMES = ("world", "body")
EARTH_FIELD = (0.0, 20e-6, -44e-6)  # T: about that of middle Europe, +y north (NOAA world magnetic model 2025, 50 N 10 E)
MAX_CELLS = 1024  # rows or columns of a grid

MUJOCO = frozenset(
    "touch accelerometer velocimeter gyro force torque magnetometer camprojection rangefinder jointpos jointvel "
    "jointactuatorfrc tendonpos tendonvel tendonactuatorfrc actuatorpos actuatorvel actuatorfrc ballquat ballangvel "
    "jointlimitpos jointlimitvel jointlimitfrc tendonlimitpos tendonlimitvel tendonlimitfrc framepos framequat framexaxis "
    "frameyaxis framezaxis framelinvel frameangvel framelinacc frameangacc subtreecom subtreelinvel subtreeangmom insidesite "
    "distance normal fromto contact e_potential e_kinetic clock user".split()
)

Check = Callable[[str, str, Any], Any]


def _positive(where: str, what: str, value: Any) -> float:
    return check.number(where, what, value, 0.0, above=True)


def _angle(where: str, what: str, value: Any) -> float:
    return check.number(where, what, value, 0.0, 6.2831853072, above=True)


def _half_turn(where: str, what: str, value: Any) -> float:
    return check.number(where, what, value, 0.0, 3.1, above=True)


def _count(where: str, what: str, value: Any) -> int:
    return check.whole(where, what, value, 1, 1 << 20)


def _cells(where: str, what: str, value: Any) -> tuple[int, int]:
    if not isinstance(value, list | tuple) or len(value) != 2:
        raise SceneError(where, f"{what} is {value!r}", "allowed: (rows, columns)", "give two whole numbers")
    return check.whole(where, what, value[0], 1, MAX_CELLS), check.whole(where, what, value[1], 1, MAX_CELLS)


def _pair(where: str, what: str, value: Any) -> tuple[float, float]:
    low, high = check.vector(where, what, value, 2)
    if not low <= high:
        raise SceneError(where, f"{what} is {value!r}", "allowed: (low, high) with low <= high", "swap them")
    return low, high


def _extent(where: str, what: str, value: Any) -> tuple[float, float] | None:
    return None if value is None else check.vector(where, what, value, 2, 0.0)


def _word(*allowed: str) -> Check:
    return lambda where, what, value: check.one_of(where, what, value, allowed)


def _vector(where: str, what: str, value: Any) -> Any:
    return check.vector(where, what, value)


def _name(where: str, what: str, value: Any) -> str:
    if not isinstance(value, str):
        raise SceneError(where, f"{what} is {value!r}", "allowed: a name", "name it")
    return value


@dataclass(frozen=True)
class Kind:
    """What a sensor of this kind may be attached to ("" for nothing), and its parameters: default and check."""

    doc: str
    targets: tuple[str, ...]
    parameters: dict[str, tuple[Any, Check]]


FACE = {"face": ("+z", _word(*FACES)), "size": (None, _extent)}
RAYS = {"max_range": (10.0, _positive)}
PLACES = ("site", "body")
CONTACT = {"other": ("", _name), "frame": ("world", _word(*FRAMES))}

KINDS: dict[str, Kind] = {
    "contact_force": Kind("force (3) [N] of all contacts on a body, or of those with the body `other`", ("body",), CONTACT),
    "contact_wrench": Kind("that force, then its torque about the body's origin (6) [N, N m]", ("body",), CONTACT),
    "tactile": Kind(
        "grid (rows, columns, 3) on a face: shear along columns, shear along rows, pressure, as forces [N] or traction [Pa]",
        ("shape",),
        {**FACE, "taxels": ((8, 8), _cells), "quantity": ("force", _word("force", "traction"))},
    ),
    "gel": Kind(
        "picture (rows, columns, 3) of a gel on a face, lit from three sides, as a camera under it sees it pressed in",
        ("shape",),
        {
            **FACE, "pixels": ((48, 48), _cells), "thickness": (0.002, _positive), "stiffness": (5e7, _positive),
            "output": ("rgb", _word("rgb", "depth")),
        },
    ),
    "imu": Kind(
        "specific force [m/s^2], angular velocity [rad/s], magnetic field [T] (9) in the frame of the site or body",
        PLACES,
        {"field": (EARTH_FIELD, _vector)},
    ),
    "joint_position": Kind("coordinates of a joint, or of all hinges and slides [rad or m]", ("joint", ""), {}),
    "joint_velocity": Kind("their velocities [rad/s or m/s]", ("joint", ""), {}),
    "joint_force": Kind("what actuators and drives exert on them [N m or N]", ("joint", ""), {}),
    "force_torque": Kind(
        "force and torque (6) [N, N m] that the parent exerts on a body, at the site in its frame, or at the joint in the "
        "body's frame",
        ("site", "joint"),
        {},
    ),
    "lidar": Kind(
        "distances (rows, columns) [m] along rays spread over elevation and azimuth; `max_range` where nothing is",
        PLACES,
        {
            **RAYS, "rays": ((1, 360), _cells), "azimuth": ((-3.141592653589793, 3.141592653589793), _pair),
            "elevation": ((0.0, 0.0), _pair),
        },
    ),
    "depth_rays": Kind(
        "distances (rows, columns) [m] along the optical axis (-z, +y up) through a grid of pixels",
        PLACES,
        {**RAYS, "rays": ((8, 8), _cells), "fov_y": (0.7853981633974483, _half_turn)},
    ),
    "proximity": Kind(
        "distance (1) [m] of the nearest surface within a cone about +z",
        PLACES,
        {**RAYS, "rays": (32, _count), "angle": (0.3, _half_turn)},
    ),
    "pose": Kind("position [m] and quaternion wxyz (7), in W or in the frame of the body `reference`", PLACES,
                 {"reference": ("", _name)}),
    "twist": Kind("velocity [m/s] and angular velocity [rad/s] (6), in W or in its own frame", PLACES,
                  {"frame": ("world", _word(*FRAMES))}),
}  # fmt: skip


def described(
    where: str, scene: Any, name: str, kind: str, target: tuple[str, str], attributes: Mapping[str, Any] | None,
    signal: Signal | Mapping[str, Any] | None, given: dict[str, Any],
) -> Sensor:  # fmt: skip
    """The checked entry of one `add_sensor` call; `scene` knows the elements. Raises SceneError."""
    if not kind or not isinstance(kind, str):
        raise SceneError(where, f"the kind is {kind!r}", "allowed: a non-empty string", "name it")
    given = dict(given)
    element, label = _target(where, target, given)
    shown = {key: given.pop(key) for key in list(given) if key in SIGNAL_FIELDS}
    if signal is not None and shown:
        raise SceneError(where, f"signal and also {', '.join(shown)}", "allowed: one of the two", "put all into signal")
    clean = signal_of(where, signal if signal is not None else shown)
    if kind in KINDS:
        values = _parameters(where, kind, {**(attributes or {}), **given})
        if element not in KINDS[kind].targets:
            wanted = " or ".join(t or "nothing" for t in KINDS[kind].targets)
            raise SceneError(where, f"{kind} on {element or 'nothing'}", f"allowed: {wanted}", f"give {wanted}=...")
    else:
        if given or (attributes is None and kind not in MUJOCO):
            known = (*KINDS, *sorted(MUJOCO))
            what = f"unknown kind {kind!r}" if kind not in MUJOCO else f"{kind} does not know {', '.join(given)}"
            raise SceneError(where, what, near_matches(kind, known), "see docs/sensors.md")
        values = dict(attributes or {})
    _refuse_matter(where, scene, kind, (label, *(str(values.get(key) or "") for key in ("other", "reference"))))
    if element in ELEMENTS or element == "inertial":
        scene.find(where, "body" if element == "inertial" else element, label)
    for key in ("other", "reference") if kind in KINDS else ():
        if values.get(key):
            scene.find(where, "body", values[key])
    return Sensor(name, kind, element, label, tuple(sorted(values.items())), clean)


def _refuse_matter(where: str, scene: Any, kind: str, names: tuple[str, ...]) -> None:
    """Raises SceneError where a sensor is put on matter, which has no frame of its own."""
    for name in names:
        if name and any(name == one.name for one in (*scene.deformables, *scene.matter)):
            soft = any(name == one.name for one in scene.deformables)
            view = f"sim.{'deformable' if soft else 'matter'}({name!r})"
            raise SceneError(
                where, f"{kind} on {name!r}, which is no rigid body", "sensors sit on bodies and feel and see all matter",
                f"put it on the body that {name!r} touches, or read {view}",
            )  # fmt: skip


def _target(where: str, target: tuple[str, str], given: dict[str, Any]) -> tuple[str, str]:
    """Kind and name of the element, taken out of the keywords."""
    named = [key for key in ELEMENTS if key in given]
    if len(named) > 1 or (named and any(target)):
        raise SceneError(where, f"attached to {', '.join(named)} at once", "allowed: one element", "leave the others out")
    if named:
        return named[0], str(given.pop(named[0]))
    return target


def _parameters(where: str, kind: str, given: dict[str, Any]) -> dict[str, Any]:
    table = KINDS[kind].parameters
    for key in given:
        if key not in table:
            hint = near_matches(key, [*table, *SIGNAL_FIELDS, *ELEMENTS])
            raise SceneError(where, f"{kind} does not know {key!r}", hint, "correct the name")
    return {key: proper(where, key, given.get(key, default)) for key, (default, proper) in table.items()}


SIGNAL_FIELDS = tuple(f.name for f in fields(Signal))


def signal_of(where: str, given: Signal | Mapping[str, Any]) -> Signal:
    """A checked signal. Raises SceneError."""
    values = {f: getattr(given, f) for f in SIGNAL_FIELDS} if isinstance(given, Signal) else dict(given)
    for key in values:
        if key not in SIGNAL_FIELDS:
            hint = near_matches(key, SIGNAL_FIELDS)
            raise SceneError(where, f"a signal does not know {key!r}", hint, "correct the name")
    clean: dict[str, Any] = {}
    for key in ("noise", "drift", "resolution", "delay"):
        clean[key] = check.number(where, key, values.get(key, 0.0), 0.0)
    rate, spread, bias = values.get("rate"), values.get("range"), values.get("bias", 0.0)
    clean["rate"] = None if rate is None else check.number(where, "rate", rate, 0.0, above=True)
    clean["dropout"] = check.number(where, "dropout", values.get("dropout", 0.0), 0.0, 1.0)
    clean["range"] = None if spread is None else _pair(where, "range", spread)
    several = isinstance(bias, list | tuple)
    clean["bias"] = check.vector(where, "bias", bias, len(bias)) if several else check.number(where, "bias", bias)
    needing = [key for key in ("drift", "dropout", "delay") if clean[key] > 0.0]
    if clean["rate"] is None and needing:
        raise SceneError(where, f"{needing[0]} without a rate", "allowed: with rate=...", "say how often samples are taken")
    return Signal(**clean)
