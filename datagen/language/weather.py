"""What wind does in a scene: a flag on a pole is held by its left side at the top of the pole.

Limits: wind acts on cloth alone, which is told.
"""

from typing import Any

from .draft import Draft
from .shaping import Shaped, written
from .weather_words import WAYS


class Weather(Draft):
    """Writes wind, and flags on poles, into the draft."""

    def _wind(self) -> dict[str, Any]:
        said = next((one for one in self.intent.settings if one.what == "wind"), None)
        if said is None:
            return {}
        if not any(thing.noun.morph == "sheet" for thing in self.shaped.values()):
            self.out.not_simulable.append(f"{said.evidence!r}: wind acts on cloth alone, and there is none")
        x, y = WAYS[said.word]
        return {"wind": [written(x * said.value, "speed"), written(y * said.value, "speed"), "0 m/s"]}

    def _flown(self) -> None:
        """Hangs a flag beside the top of what it is on."""
        for one in list(self.relations):
            flag, pole = self.shaped[one.of], self.shaped[one.ref]
            slim = pole.noun.morph == "cylinder" and pole.extent()[2] > 3.0 * pole.extent()[0]
            if flag.noun.morph != "sheet" or not slim or one.rel not in ("on_top", "touching", "inside", "next_to"):
                continue
            long, high, _ = flag.extent()
            x, y, z = pole.position or (0.0, 0.0, 0.0)
            top = max(z + pole.extent()[2] - 0.5 * high - 0.02, z + 0.5 * high + 0.05)
            flag.position = (x + 0.5 * long + 0.5 * pole.extent()[0] + 0.008, y, top)
            flag.morph["hold"] = {"left": pole.thing.id}
            flag.upright = True
            self.relations.remove(one)
            pole.fixed = True


def turned(thing: Shaped) -> dict[str, Any]:
    """How a sheet that hangs is turned."""
    return {"rotation": {"axis": "x", "angle": "90 deg"}} if thing.upright else {}
