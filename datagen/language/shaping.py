"""Things -> entities: sizes, masses, where they stand. Each number that the prompt does not give is written down as assumed.

Densities repeat those of the presets in round numbers; they only serve to choose how hard a blow is.
"""

import math
from dataclasses import replace
from typing import Any

from . import lexicon as lex
from .intent import Intent, Number, Relation, Thing
from .tokens import SI

DENSITY = {"wood": 700.0, "steel": 7850.0, "aluminium": 2700.0, "brass": 8500.0, "rubber": 1100.0, "plastic": 1050.0,
    "ice": 917.0,
           "glass": 2500.0, "stone": 2600.0, "concrete": 2400.0, "cork": 240.0, "phenolic": 1700.0}  # fmt: skip
RIGID = {*DENSITY, "default"}
SHRINK = {"size": 1.0, "height": 1.0, "width": 1.0, "length": 1.0, "thickness": 1.0}


def written(value: float, dimension: str) -> Any:
    """A number of a spec with its SI unit."""
    rounded = float(f"{value:.9g}")
    return f"{rounded:g} {SI[dimension]}" if dimension in SI else rounded


def drawn(number: Number, factor: float = 1.0, dimension: str = "") -> Any:
    """A number of a spec, or the distribution that the prompt asks for."""
    name = dimension or number.dimension
    values = [written(factor * value, name) for value in number.values]
    if number.kind == "uniform":
        return {"dist": "uniform", "low": values[0], "high": values[1]}
    if number.kind == "normal":
        made = {"dist": "normal", "mean": values[0], "std": values[1]}
        if name not in ("length", "mass", "density", "volume", "time"):
            return made
        mean, std = (factor * value for value in number.values)  # what cannot be negative is cut at three deviations
        return made | {"min": written(max(mean - 3 * std, 0.05 * mean), name), "max": written(mean + 3 * std, name)}
    return {"dist": "choice", "of": values} if number.kind == "choice" else values[0]


def _shaped(thing: Thing) -> lex.Noun:
    """The noun of a thing; with the shape and size of another one where an adjective says so: `a cylindrical weight`."""
    noun, other = lex.NOUNS[thing.noun], lex.NOUNS.get(thing.shape)
    if other is None or other.morph == noun.morph or noun.family not in ("box", "ball", "cylinder", "object"):
        return noun
    return replace(noun, morph=other.morph, size=other.size, family=other.family)


class Shaped:
    """An entity in the making: its noun, numbers (middle values), mass, and where its lowest point stands."""

    def __init__(self, thing: Thing, assumed: list[dict[str, str]]):
        self.thing, self.noun, self.assumed = thing, _shaped(thing), assumed
        self.materials = thing.material.split("|") if "|" in thing.material else []
        self.material = (self.materials or [thing.material or self.noun.material])[0]
        self.morph: dict[str, Any] = {"type": self.noun.morph}
        self.numbers = self._numbers()
        self.position: tuple[float, float, float] | None = None
        self.fixed = self.noun.fixed
        counted = thing.count is not None and math.prod(thing.rows) == thing.count.middle
        self.rows = list(thing.rows) if counted and len(thing.rows) in (2, 3) and min(thing.rows) > 0 else []
        self.columns = 0
        self.fall = 0.0
        self.upright = False  # a sheet that hangs
        self.spread: dict[str, Any] = {}  # `arrange` of the spec where it is given already

    def _numbers(self) -> dict[str, Any]:
        thing, factor = self.thing, self.thing.factors.get("size", 1.0)
        out: dict[str, Any] = {}
        for key, value in self.noun.size.items():
            usual = [factor * one for one in value] if isinstance(value, list) else value * (1.0 if key == "angle" else factor)
            out[key] = usual
        for key, extra in thing.factors.items():
            if key != "size":
                self._stretch(out, key, extra)
        self.morph |= {key: self._plain(value, key) for key, value in out.items()}
        given = [
            self._give(out, key, number)
            for key, number in thing.sizes.items()
            if key not in ("mass", "friction", "restitution", "volume", "density")
            and not (key == "angle" and self.noun.morph == "pendulum")
        ]
        unsaid = [key for key in out if key not in [name for name in given if name]]
        if unsaid and self.noun.morph not in ("plane", "robot"):
            text = ", ".join(f"{key} {self.morph[key]}" for key in unsaid)
            self.assumed.append(
                {
                    "path": f"entities.{thing.id}.morph",
                    "value": text.replace("'", ""),
                    "why": "no size given" if not given else "not all sizes given",
                    "source": f"lexicon: {thing.noun} {self.noun.source}",
                }
            )
        return out

    def resize(self, factor: float) -> None:
        """Makes every length as many times as large."""
        thing = self.thing
        thing.factors = thing.factors | {"size": factor * thing.factors.get("size", 1.0)}
        self.assumed[:] = [one for one in self.assumed if one["path"] != f"entities.{thing.id}.morph"]
        self.morph = {"type": self.noun.morph}
        self.numbers = self._numbers()

    def _plain(self, value: Any, key: str) -> Any:
        if isinstance(value, list):
            return [written(one, "length") for one in value]
        return written(value, "angle" if key == "angle" else "length")

    def _stretch(self, out: dict[str, Any], key: str, factor: float) -> None:
        axis = {"length": 0, "width": 1, "height": 2, "thickness": 2}.get(key)
        if "size" in out and axis is not None:
            out["size"][min(axis, len(out["size"]) - 1)] *= factor
        elif key in out:
            out[key] = out[key] * factor
        elif key in ("width", "thickness") and "radius" in out:
            out["radius"] *= factor

    def _give(self, out: dict[str, Any], key: str, number: Number) -> str:
        """Writes a size of the prompt; returns the key of the morph that it fixes."""
        value = number.middle
        if "size" in out and key in ("side", "height", "width", "length", "thickness", "diameter"):
            axes = (
                range(len(out["size"]))
                if key in ("side", "diameter")
                else [{"length": 0, "width": 1, "height": 2, "thickness": 2}[key]]
            )
            for axis in axes:
                axis = min(axis, len(out["size"]) - 1)
                out["size"][axis] = value
                self.morph["size"][axis] = (
                    drawn(number) if number.kind != "uniform" or key != "side" else self.morph["size"][axis]
                )
            if number.kind == "uniform" and len(list(axes)) > 1:
                ends = [[written(end, "length")] * len(out["size"]) for end in number.values]
                self.morph["size"] = {"dist": "uniform", "low": ends[0], "high": ends[1]}
            return "size"
        if "radii" in out:
            out["radii"] = [value / 2] * 3
            self.morph["radii"] = [written(value / 2, "length")] * 3
            return "radii"
        name, factor = {
            "diameter": ("radius", 0.5),
            "width": ("radius" if "radius" in out else "width", 0.5 if "radius" in out else 1.0),
            "side": ("radius", 0.5),
            "thickness": ("height", 1.0),
        }.get(key, (key, 1.0))
        if self.noun.morph in ("sphere", "pendulum") and key in ("height",):
            name, factor = "radius", 0.5
        if name == "length" and "height" in out and "length" not in out:
            name = "height"
        if self.noun.morph in ("ramp", "pendulum", "rope") and key == "side":
            name, factor = "length", 1.0
        if name not in out:
            self.assumed.append(
                {
                    "path": f"entities.{self.thing.id}",
                    "value": number.evidence,
                    "why": f"a {self.thing.noun} has no {key} that can be set; the usual one is kept",
                    "source": "lexicon",
                }
            )
            return ""
        if name == "radius" and "top_radius" in out:
            out["top_radius"] *= factor * value / out["radius"]
            self.morph["top_radius"] = written(out["top_radius"], "length")
        out[name] = factor * value
        self.morph[name] = drawn(number, factor)
        return name

    def extent(self) -> tuple[float, float, float]:
        """Full sizes x, y, z of one item, m."""
        out, morph = self.numbers, self.noun.morph
        if "size" in out:
            size = out["size"]
            return (size[0], size[1], size[2]) if len(size) == 3 else (size[0], size[1], 0.01)
        if morph == "ramp":
            angle = out["angle"]
            return out["length"] * math.cos(angle), out["width"], out["length"] * math.sin(angle) + 0.02
        if "radii" in out:
            return 2 * out["radii"][0], 2 * out["radii"][1], 2 * out["radii"][2]
        wide = 2 * max(out.get("radius", 0.2), out.get("top_radius", 0.0))
        tall = {
            "sphere": wide,
            "capsule": wide + out.get("length", 0.0),
            "cabinet": 0.6,
            "door": 2.0,
            "laptop": 0.25,
            "faucet": 0.25,
            "pendulum": 1.0,
            "robot": 0.8,
        }.get(morph, out.get("height", wide))
        return {"door": (0.9, 0.9, tall), "cart_pole": (4.8, 0.3, 1.2)}.get(morph, (wide, wide, tall))

    def mass(self) -> float:
        """Of one item, kg: as said, as the lexicon says, or density times a rough volume."""
        if "mass" in self.thing.sizes:
            return self.thing.sizes["mass"].middle
        if self.noun.mass is not None and not self.thing.material:
            return self.noun.mass * self.thing.factors.get("size", 1.0) ** 3 * self.thing.factors.get("mass", 1.0)
        return self.volume() * DENSITY.get(self.material, 1000.0) * self.thing.factors.get("mass", 1.0)

    def volume(self) -> float:
        """Roughly, m^3."""
        x, y, z = self.extent()
        share = {
            "sphere": math.pi / 6,
            "cylinder": math.pi / 4,
            "capsule": 0.75,
            "ellipsoid": math.pi / 6,
            "cone": math.pi / 12,
            "cup": 0.2,
            "bowl": 0.2,
            "bucket": 0.1,
            "tray": 0.2,
        }.get(self.noun.morph, 1.0)
        return share * x * y * z

    def items(self) -> int:
        """The largest number of items that a draw can give."""
        return 1 if self.thing.count is None else max(1, int(max(self.thing.count.values)))

    def group(self) -> tuple[float, float, float]:
        """Full sizes of all items as they are arranged."""
        x, y, z = self.extent()
        count, pitch = self.items(), self.pitch()
        if count == 1:
            return x, y, z
        kind = self.arrangement()
        side = math.ceil(math.sqrt(count))
        layers = math.ceil((math.sqrt(8 * count + 1) - 1) / 2)
        radius = self._ring(count) + 0.5 * max(x, y)
        return {"stack": (x, y, count * z), "line": ((count - 1) * pitch + x, y, z),
        "grid": self._grid(side, count), "circle": (2 * radius, 2 * radius, z),
                "pyramid": (layers * x, y, layers * z), "rack": (layers * pitch, layers * pitch, z),
                "scatter": (2 * side * pitch, 2 * side * pitch, z)}[kind]  # fmt: skip

    def _grid(self, side: int, count: int) -> tuple[float, float, float]:
        if self.rows:
            x, y, *z = [number * self.pitch() for number in self.rows]
            return x, y, z[0] if z else self.extent()[2]
        k, pitch = min(self.columns or side, side), self.pitch()
        return k * pitch, k * pitch, math.ceil(count / (k * k)) * pitch if self.columns else self.extent()[2]

    def pitch(self) -> float:
        """From centre to centre of neighbours, m."""
        x, y, z = self.extent()
        if self.thing.spacing is not None:
            return max(self.thing.spacing.middle, 1.05 * x)
        return 0.5 * z + x if self.thing.noun == "domino" else 1.3 * max(x, y)

    def _ring(self, count: int) -> float:
        """Radius of a ring whose items, facing along it, do not meet at their inner corners."""
        x, y, _ = self.extent()
        corners = 0.5 * x / math.tan(math.pi / count) + 0.5 * y if count > 2 else x
        return max(count * self.pitch() / (2 * math.pi), 1.08 * corners)

    def pack(self, wide: float) -> None:
        """Stacks the items in layers that are not wider than two thirds of `wide`."""
        self.thing.arrange = "grid"
        self.columns = max(1, int(0.66 * wide / self.pitch()))

    def arrangement(self) -> str:
        """How the items are laid out; in a row where the prompt says nothing."""
        return self.thing.arrange or "line"

    def arrange(self) -> dict[str, Any]:
        """`arrange` of the spec."""
        kind, pitch, count = self.arrangement(), self.pitch(), self.items()
        if self.spread:
            return self.spread
        gap = written(pitch, "length")
        if kind == "grid" and self.rows:
            return {"type": "grid", "shape": self.rows, "spacing": [gap] * 3}
        if kind == "grid":
            if self.columns:
                k = min(self.columns, math.ceil(math.sqrt(count)))
                return {"type": "grid", "shape": [k, k, math.ceil(count / (k * k))], "spacing": [gap, gap, gap]}
            side = math.ceil(math.sqrt(count))
            return {"type": "grid", "shape": [side, math.ceil(count / side)], "spacing": [gap, gap, gap]}
        if kind == "circle":
            return {"type": "circle", "radius": written(self._ring(count), "length"), "facing": "tangent"}
        if kind == "scatter":
            wide = written(2 * math.ceil(math.sqrt(count)) * pitch, "length")
            return {"type": "scatter", "region": [wide, wide, "0 m"], "gap": "2 mm"}
        return {
            "line": {"type": "line", "spacing": gap, "direction": "x"},
            "stack": {"type": "stack"},
            "pyramid": {"type": "pyramid"},
            "rack": {"type": "rack", "gap": "2 mm"},
        }[kind]


def stand(shaped: dict[str, Shaped], intent: Intent, chased: set[tuple[str, str]]) -> list[Relation]:
    """Gives every thing that no relation places a free place in a row along x, and what is on or in another one its place
    there. Returns the relations that the solver has to meet."""
    relations = [
        one for one in intent.relations if one.of in shaped and one.ref in shaped and shaped[one.ref].noun.morph != "plane"
    ]
    placed = {one.of for one in relations}
    for one in relations:  # between two of a kind: their row leaves room for what stands in its middle
        if one.rel == "between" and one.ref == one.other:
            wide = shaped[one.ref].extent()[0] + 1.5 * shaped[one.of].group()[0] + 0.1
            shaped[one.ref].thing.spacing = shaped[one.ref].thing.spacing or Number(values=[wide], dimension="length")
    edge = 0.0
    for name, thing in shaped.items():
        if name in placed or thing.noun.morph in ("plane", "robot"):
            continue
        x = thing.group()[0]
        near = any(name in pair for pair in chased)
        thing.position = (edge + 0.5 * x, 0.0, 0.0)
        edge += x + (0.4 if near else 0.15)
    middle = 0.5 * max(edge - 0.15, 0.0)
    for thing in shaped.values():
        if thing.position is not None:
            thing.position = (thing.position[0] - middle, 0.0, 0.0)
    return _settled(shaped, relations)


def _settled(shaped: dict[str, Shaped], relations: list[Relation]) -> list[Relation]:
    """Places what stands on, above, in or between something that has a place, from below to above; returns the others."""
    rest, before = list(relations), -1
    while len(rest) != before:
        before = len(rest)
        rest = [one for one in rest if not _place(shaped[one.of], shaped[one.ref], one)]
    return rest


def _place(subject: Shaped, ref: Shaped, one: Relation) -> bool:
    """Whether the relation fixes where the subject stands."""
    if ref.position is None or ref.noun.morph == "ramp":
        return False
    x, y, z = ref.position
    mine, its = subject.group(), ref.group()
    if one.rel == "between" and one.ref == one.other:
        subject.position = ref.position
    elif one.rel == "above" or (
        one.rel == "on_top" and (subject.thing.count is not None or min(mine[:2]) > 0.7 * min(its[:2]))
    ):
        gap = one.amount.middle if one.amount else (0.3 if one.rel == "above" else 0.0)
        subject.position = (x, y, z + its[2] + gap)
    elif one.rel == "inside" and ref.noun.family == "vessel" and max(subject.extent()[:2]) < 0.9 * min(its[:2]):
        if subject.thing.count is not None and not subject.thing.arrange:
            subject.pack(min(its[:2]))
        subject.position = (x, y, z + 0.5 * its[2])
    else:
        return False
    return True
