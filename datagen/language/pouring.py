"""The path of a vessel that pours into another one: it is carried there, and tilted about its lip.

It starts and stops gently (3 t^2 - 2 t^3) and rises before it gets there. The lip stays on the near side of the target's
middle, since a stream flies on for some centimetres, and as low over the rim as the vessel's other edge allows while it turns:
with a tilt a, a vessel of height h has its bottom h cos(a) below its lip.

Limits: towards +x or -x; the target's middle is where it is when the path is made.
"""

import math
from typing import Any

from .shaping import written

CARRY, TURN = 1.2, 2.2  # s of a vessel of 10 cm; taller ones take longer by the root of their height
TILT = 2.1  # rad: beyond a right angle, so that it runs out
STEPS = 6  # waypoints of either part
CLEAR = 0.015  # m between the two vessels
SHORT = 0.35  # of the target's radius: how far before its middle the lip is

Vec = tuple[float, float, float]


def pouring_path(size: Vec, here: Vec, goal: Vec, there: Vec, slower: float = 1.0) -> list[dict[str, Any]]:
    """Waypoints of the middle of a vessel with full sizes `size` that stands at `here` (m, of its lowest point), towards one
    with sizes `goal` at `there`; slower: times the usual time."""
    way, slow = math.copysign(1.0, there[0] - here[0]), slower * _slowness(size)
    half, tall, rim = 0.5 * size[0], size[2], there[2] + goal[2]

    def tilted(tilt: float) -> Vec:
        lip = (there[0] - way * SHORT * 0.5 * goal[0], there[1], rim + CLEAR + tall * max(math.cos(tilt), 0.0))
        over = half * math.cos(tilt) + 0.5 * tall * math.sin(tilt)
        return lip[0] - way * over, lip[1], lip[2] + half * math.sin(tilt) - 0.5 * tall * math.cos(tilt)

    start, end = (here[0], here[1], here[2] + 0.5 * tall), tilted(0.0)
    made = []
    for step in range(STEPS):
        share = step / STEPS
        across, up = _eased(share), _eased(min(1.0, 1.5 * share))
        place = tuple(a + (b - a) * ease for a, b, ease in zip(start, end, (across, across, up), strict=True))
        made.append(_waypoint(slow * CARRY * share, place, 0.0))
    for step in range(STEPS + 1):
        tilt = TILT * step / STEPS
        made.append(_waypoint(slow * (CARRY + TURN * step / STEPS), tilted(tilt), way * tilt))
    return made


def pouring_time(size: Vec) -> float:
    """How long it takes, s."""
    return (CARRY + TURN) * _slowness(size)


def _slowness(size: Vec) -> float:
    return max(1.0, math.sqrt(size[2] / 0.1))


def _eased(share: float) -> float:
    return share * share * (3.0 - 2.0 * share)


def _waypoint(time: float, place: tuple[float, ...], tilt: float) -> dict[str, Any]:
    made: dict[str, Any] = {"time": written(time, "time"), "position": [written(value, "length") for value in place]}
    return made | ({"rotation": {"axis": "y", "angle": written(tilt, "angle")}} if tilt else {})
