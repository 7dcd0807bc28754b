"""What a scene carries beside its bodies: sites, requested sensors, keyframes, shape pairs with contact values of their own.

A part of `Scene`, in a file of its own. Sites and sensors are data for `engine.sensors`; keyframes are states for
`sim.reset(keyframe=...)`; a contact pair makes two shapes touch whatever their bits say. Sizes of keyframes are checked when a
simulation uses them, for only then all joints are known.
"""

from collections.abc import Mapping, Sequence
from typing import Any

from engine.errors import SceneError, near_matches
from engine.scene import check, sensing
from engine.scene.description import ORIGIN, UPRIGHT, ContactPair, Keyframe, Sensor, Signal, Site

SITE_SHAPES = ("sphere", "capsule", "ellipsoid", "cylinder", "box")
CONDIMS = (1, 3, 4, 6)


class Annotated:
    """The lists of sites, sensors, keyframes and contact pairs, and the calls that add to them."""

    _ids: dict[str, dict[str, int]]

    def __init__(self) -> None:
        self._sites: list[Site] = []
        self._sensors: list[Sensor] = []
        self._keyframes: list[Keyframe] = []
        self._pairs: list[ContactPair] = []

    sites = property(lambda self: tuple(self._sites), doc="Named frames on bodies.")
    sensors = property(lambda self: tuple(self._sensors), doc="Measurements, as data; `engine.sensors` makes them.")
    keyframes = property(lambda self: tuple(self._keyframes), doc="Named states.")
    contact_pairs = property(lambda self: tuple(self._pairs), doc="Shape pairs with contact values of their own.")

    def find(self, where: str, kind: str, name: str | int) -> int:
        """The id of an element, see `Scene.find`."""
        raise SceneError(where, f"a bare list of annotations knows no {kind} {name!r}", "allowed: engine.Scene", "use a Scene")

    def add_site(
        self,
        name: str,
        body: str | int | None = None,
        *,
        position: Sequence[float] = ORIGIN,
        rotation: Sequence[float] = UPRIGHT,
        shape: str = "sphere",
        size: Sequence[float] = (0.005, 0.005, 0.005),
    ) -> int:
        """A named frame at position [m], rotation (w, x, y, z) in the frame of `body` (default: the world); returns its id."""
        where = f"Scene.add_site({name!r})"
        require_new(where, "site", name, list(self._ids["site"]))
        if shape not in SITE_SHAPES:
            raise SceneError(where, f"unknown shape {shape!r}", near_matches(str(shape), SITE_SHAPES), "correct the name")
        pose = check.vector(where, "position", position), check.rotation(where, "rotation", rotation)
        extent = check.vector(where, "size", size, 3, 0.0)
        carrier = 0 if body is None else self.find(where, "body", body)
        self._ids["site"][name] = len(self._sites)
        self._sites.append(Site(name, carrier, *pose, shape, extent))
        return len(self._sites) - 1

    def add_sensor(
        self,
        name: str,
        kind: str,
        target_kind: str = "",
        target: str = "",
        attributes: Mapping[str, Any] | None = None,
        *,
        signal: Signal | Mapping[str, Any] | None = None,
        **given: Any,
    ) -> None:
        """Measure a quantity of `kind` on an element, named as `site="wrist"` (or body, shape, joint, actuator, tendon).

        Kinds and their parameters: `engine.scene.sensing.KINDS` (docs/sensors.md), and MuJoCo's. Further keywords are
        parameters of the kind (`taxels=(8, 8)`) or of the signal (`rate=100`, `noise=0.02`, see `Signal`). `attributes` are
        taken as they stand (from model files). Read it with `sim.sense()`. Raises SceneError.
        """
        where = f"Scene.add_sensor({name!r})"
        require_new(where, "sensor", name, [s.name for s in self._sensors])
        self._sensors.append(sensing.described(where, self, name, kind, (target_kind, target), attributes, signal, given))

    def add_keyframe(
        self,
        name: str,
        qpos: Sequence[float] | None = None,
        qvel: Sequence[float] | None = None,
        control: Sequence[float] | None = None,
        *,
        time: float = 0.0,
        kinematic_position: Sequence[float] | None = None,
        kinematic_rotation: Sequence[float] | None = None,
    ) -> None:
        """A named state; what is None keeps its initial value. Raises SceneError."""
        where = f"Scene.add_keyframe({name!r})"
        require_new(where, "keyframe", name, [k.name for k in self._keyframes])
        named = {
            "qpos": qpos, "qvel": qvel, "control": control, "kinematic_position": kinematic_position,
            "kinematic_rotation": kinematic_rotation,
        }  # fmt: skip
        clean: dict[str, Any] = {
            key: None if value is None else check.vector(where, key, value, len(value)) for key, value in named.items()
        }
        self._keyframes.append(Keyframe(name, check.number(where, "time", time, 0.0), **clean))

    def add_contact_pair(
        self,
        first: str,
        second: str,
        *,
        condim: int | None = None,
        friction: float | Sequence[float] | None = None,
        solref: Sequence[float] | None = None,
        solimp: Sequence[float] | None = None,
        margin: float | None = None,
    ) -> None:
        """Let two shapes touch whatever their bits and excludes say; values that are None follow from the shapes."""
        where = f"Scene.add_contact_pair({first!r}, {second!r})"
        if first == second:
            raise SceneError(where, "a shape with itself", "allowed: two shapes", "name another one")
        for name in (first, second):
            self.find(where, "shape", name)
        if any({p.first, p.second} == {first, second} for p in self._pairs):
            raise SceneError(where, "the pair is there already", "allowed: one entry per pair", "remove one")
        if condim is not None and condim not in CONDIMS:
            raise SceneError(where, f"condim is {condim!r}", "allowed: 1, 3, 4, 6", "leave it out to follow the shapes")
        triple = None if friction is None else (friction, 0.005, 0.0001) if isinstance(friction, float | int) else friction
        clean = None if triple is None else check.vector(where, "friction", triple, 3, 0.0)
        soft = check.impedance(where, solref, solimp)
        room = None if margin is None else check.number(where, "margin", margin, 0.0)
        self._pairs.append(ContactPair(first, second, condim, clean, *soft, room))


def require_new(where: str, kind: str, name: str, taken: Sequence[str]) -> None:
    """Raise SceneError unless `name` is a non-empty string that is not taken."""
    if not isinstance(name, str) or not name:
        raise SceneError(where, f"the name is {name!r}", "allowed: a non-empty string", "name it")
    if name in taken:
        raise SceneError(where, f"there is already a {kind} named {name!r}", "allowed: unique names", "choose another one")
