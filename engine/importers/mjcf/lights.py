"""<light> elements: the sun, and lamps in the world or on bodies.

MuJoCo's pictures know no units: a light adds diffuse times cosine, divided by a + b d + c d^2 (`attenuation`, by default no
fall-off at all), and fades as a power of the cosine from its axis up to `cutoff`. Lamps here have an intensity in W/sr that
falls off with the square of the distance, so one number has to be chosen: a lamp is as bright as MuJoCo's light where the frame
that carries it has its origin, with pi diffuse as the light on a surface there (a white surface under diffuse 1 is white). The
cone of a spot is dark at `cutoff` and half as bright where the power is, as nearly as a cone can.
Limits: the first directional
light of the world is the one sun, with its direction alone; `intensity` in candela, ambient and specular parts, and modes other
than fixed are reported.
"""

import math

from engine.errors import ImportFileError
from engine.importers.mjcf.source import Source, accept, flag, scalar, vector3
from engine.importers.xml_tree import Element
from engine.scene.description import ORIGIN, WORLD

DIFFUSE = (0.7, 0.7, 0.7)
CLOSEST = 0.5  # m; of the distance at which a lamp is as bright as MuJoCo's
DOWN = (0.0, 0.0, -1.0)


def read_light(source: Source, element: Element, body: str, childclass: str | None) -> None:
    """One <light>: the sun, a point or a spot."""
    accept(source, element)
    element = source.resolved(element, childclass)
    kind = element.attributes.get("type", "directional" if flag(element, "directional", False) else "spot")
    if kind == "directional":
        _read_sun(source, element, body)
    elif kind not in ("point", "spot"):
        source.report.skips(f"a <light> of type {kind!r}", element.line)
    elif flag(element, "active", True):
        _read_lamp(source, element, body, kind)


def _read_sun(source: Source, element: Element, body: str) -> None:
    if body != WORLD or source.sun:
        source.report.skips("a directional <light> that is not the first of the world", element.line)
        return
    source.sun = True
    x, y, z = vector3(element, "dir", DOWN)
    source.scene.set_sun(direction=(-x, -y, -z))


def _read_lamp(source: Source, element: Element, body: str, kind: str) -> None:
    place = vector3(element, "pos", ORIGIN)
    strength = [math.pi * part * _share(element, math.hypot(*place)) for part in vector3(element, "diffuse", DIFFUSE)]
    aim = {"direction": vector3(element, "dir", DOWN), "cone": cone(element)} if kind == "spot" else {}
    source.scene.add_lamp(
        source.name(element, "light"), place, strength, body=body, radius=scalar(element, "bulbradius", 0.02), **aim
    )


def _share(element: Element, far: float) -> float:
    """Intensity of a lamp that shines like a light of strength 1 at the distance `far` [m]."""
    reference = max(far, CLOSEST)
    a, b, c = vector3(element, "attenuation", (1.0, 0.0, 0.0))
    fall = a + reference * (b + reference * c)
    if fall <= 0:
        raise ImportFileError(element.where, "attenuation is not positive", "allowed: three numbers, not all 0", "correct it")
    return reference**2 / fall


def cone(element: Element) -> tuple[float, float]:
    """Half angles [deg] of full and of no light of a spot: the smooth step in the cosine is 1/2 where cos^exponent is."""
    cutoff, exponent = scalar(element, "cutoff", 45.0), scalar(element, "exponent", 10.0)
    if not 0 < cutoff <= 180 or exponent < 0:
        raise ImportFileError(
            element.where,
            f"cutoff {cutoff:g}, exponent {exponent:g}",
            "allowed: 0 < cutoff <= 180, exponent >= 0",
            "correct them",
        )
    if exponent == 0:
        return cutoff, cutoff
    full = min(2.0 * 0.5 ** (1.0 / exponent) - math.cos(math.radians(cutoff)), 1.0)
    return min(math.degrees(math.acos(full)), cutoff), cutoff
