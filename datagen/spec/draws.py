"""The draws of one episode: values, directions, rotations and velocities at their paths, noted as they are drawn.

A path names the field in the document; the item says which body of an entity draws. Together with seed and index they key the
stream (`streams`), so the order of calls does not matter.
"""

from collections.abc import Callable
from typing import Any

from . import model
from .declared import Weighted
from .distributions import Choice, Cycle, draw_value
from .laws import Laws, draw
from .pose import IDENTITY, Quat, Vec, from_axis, from_euler, from_uniforms, heading, quat_unit, scale, sub, tidy_quat, unit
from .problems import FieldError
from .streams import Stream, tidy

Locate = Callable[[Any], Vec]
AS_DECLARED = Laws({}, 1.0, None)


def item_path(path: str, item: int) -> str:
    """`entities.domino[3].color` from `entities.domino.color` and 3."""
    if item < 0:
        return path
    parts = path.split(".", 2)
    return ".".join([parts[0], f"{parts[1]}[{item}]", *parts[2:]])


class Draws:
    """Seed, index, shared params and everything that has been drawn for one episode."""

    def __init__(self, seed: int, index: int, params: dict[str, Any], frame: model.Authored, laws: Laws = AS_DECLARED):
        self.seed, self.index = seed, index
        self._params, self._frame, self._laws = params, frame, laws
        self._ratio = 1.0
        self._shared: dict[str, Any] = {}
        self.drawn: dict[str, Any] = {}

    def note(self, path: str, item: int, value: Any) -> None:
        """Remembers a drawn value under its canonical path."""
        self.drawn[item_path(path, item)] = value

    def drawn_from(self, law: Any, path: str, item: int) -> Any:
        """A number from the stream of the path, of the law that this episode has there; of a choice the number of the
        entry. Keeps the ratio of the densities of all weighted draws."""
        at = self._laws.at(path, law)
        if not isinstance(at, Weighted):
            return draw(at, Stream(self.seed, self.index, path, item), None)
        value = draw(at.law, Stream(self.seed, self.index, path, item), None if self._laws.explores else at)
        self._ratio *= at.ratio(value)
        return value

    @property
    def ratio(self) -> float:
        """Density of everything drawn so far over the declared one; 1 where nothing is weighted."""
        density = self._laws.density
        return 1.0 if density is None else tidy(density.floor + (1.0 - density.floor) * self._ratio)

    def param(self, name: str) -> Any:
        """The value of a param, drawn once."""
        if name not in self._shared:
            self._shared[name] = draw_value(self._params[name].value, self, f"params.{name}")
        return self._shared[name]

    def value(self, value: Any, path: str, item: int = -1) -> Any:
        """A plain value (see `distributions.draw_value`)."""
        return draw_value(value, self, path, item)

    def select(self, value: Any, path: str, item: int = -1) -> tuple[Any, str]:
        """The model behind a choice or cycle, and the path of its fields."""
        if isinstance(value, Choice):
            picked = self.drawn_from(value, path, item)
            self.note(path, item, picked)
            return self.select(value.of[picked], f"{path}.of[{picked}]", item)
        if isinstance(value, Cycle):
            picked = max(item, 0) % len(value.of)
            return self.select(value.of[picked], f"{path}.of[{picked}]", item)
        return value, path

    def direction(self, value: Any, path: str, item: int = -1, origin: Vec | None = None, locate: Locate | None = None) -> Vec:
        """A unit vector. origin and locate answer `{toward: ...}`; without them it is refused. Raises `FieldError`."""
        chosen, below = self.select(value, path, item)
        try:
            if isinstance(chosen, str):
                return self.word(chosen)
            if isinstance(chosen, model.Heading):
                azimuth = self.value(chosen.azimuth, f"{below}.azimuth", item)
                return unit(heading(azimuth, self.value(chosen.elevation, f"{below}.elevation", item)))
            if isinstance(chosen, model.Toward):
                if origin is None or locate is None:
                    raise FieldError("'toward' is not possible here", "a word, a vector or {azimuth, elevation}")
                place = chosen.toward
                aim = locate(place) if isinstance(place, str) else self.value(place, f"{below}.toward", item)
                return unit(sub(aim, origin))
            return unit(self.value(chosen, below, item))
        except ValueError as error:
            if isinstance(error, FieldError):
                raise
            raise FieldError(str(error), "a direction with a length") from error

    def word(self, word: str) -> Vec:
        """An axis or a word of the spec's frame."""
        if word in model.AXES:
            return model.AXES[word]
        axis, sign = model.WORDS[word]
        return scale(model.AXES[getattr(self._frame, axis)], float(sign))

    def rotation(self, value: Any, path: str, item: int = -1) -> Quat:
        """A unit quaternion."""
        chosen, below = self.select(value, path, item)
        if chosen == "none":
            return IDENTITY
        if chosen == "random":
            stream = Stream(self.seed, self.index, below, item)
            turn = tidy_quat(from_uniforms(stream.uniform(), stream.uniform(), stream.uniform()))
            self.note(path, item, turn)
            return turn
        if isinstance(chosen, model.AxisAngle):
            axis = self.direction(chosen.axis, f"{below}.axis", item)
            return from_axis(axis, self.value(chosen.angle, f"{below}.angle", item))
        if isinstance(chosen, model.Euler):
            roll, pitch, yaw = (self.value(getattr(chosen, n), f"{below}.{n}", item) for n in ("roll", "pitch", "yaw"))
            return from_euler(roll, pitch, yaw)
        return quat_unit(self.value(chosen.quaternion, f"{below}.quaternion", item))

    def velocity(self, value: Any, path: str, item: int, origin: Vec, locate: Locate) -> Vec:
        """A velocity or angular velocity in the world; zero for None."""
        if value is None:
            return 0.0, 0.0, 0.0
        if isinstance(value, (model.Motion, model.Spin)):
            name = "direction" if isinstance(value, model.Motion) else "axis"
            toward = self.direction(getattr(value, name), f"{path}.{name}", item, origin, locate)
            return scale(toward, self.value(value.speed, f"{path}.speed", item))
        drawn: Vec = self.value(value, path, item)
        return drawn
