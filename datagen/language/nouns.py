"""Things that language knows by name: shape, usual size, material and mass; the names of groups and of stuff without a shape.

Where a standard gives the sizes it is named, the others are our choice, marked [W]:
[USGA] rules of golf, ball 42.7 mm and 45.9 g; [FIFA] ball size 5, 22 cm and 430 g; [NBA] 24 cm and 600 g; [ITF] tennis ball 6.7
cm and 58 g; [USBC] bowling ball 21.6 cm, pin 38 cm and 1.5 kg; [WPA] billiard ball 57.15 mm and 170 g; [ITTF] 40 mm and 2.7 g.
Limits: a noun stands in the singular, plurals are made in `forms`.
"""

from dataclasses import dataclass
from typing import Any

from .inventory import LINES


@dataclass(frozen=True)
class Noun:
    """morph: type of the spec; size: SI numbers by the keys of the morph; material: preset; mass: kg or None; fixed: never
    moves; family: the word that also names it."""

    morph: str
    size: dict[str, Any]
    material: str = "wood"
    mass: float | None = None
    fixed: bool = False
    family: str = "object"
    source: str = "[W]"


def _ball(radius: float, material: str = "rubber", mass: float | None = None, source: str = "[W]") -> Noun:
    return Noun("sphere", {"radius": radius}, material, mass, False, "ball", source)


def _box(x: float, y: float, z: float, material: str = "wood", mass: float | None = None, fixed: bool = False) -> Noun:
    return Noun("box", {"size": [x, y, z]}, material, mass, fixed, "support" if fixed else "box")


def _round(radius: float, height: float, material: str = "wood", mass: float | None = None) -> Noun:
    return Noun("cylinder", {"radius": radius, "height": height}, material, mass, False, "cylinder")


def _vessel(morph: str, material: str = "plastic", **size: float) -> Noun:
    return Noun(morph, dict(size), material, None, False, "vessel")


NOUNS: dict[str, Noun] = {
    "ball": _ball(0.05), "sphere": _ball(0.05, "plastic"), "marble": _ball(0.008, "glass"), "bead": _ball(0.006, "glass"),
    "tennis ball": _ball(0.0335, "rubber", 0.058, "[ITF]"), "golf ball": _ball(0.02135, "plastic", 0.0459, "[USGA]"),
    "bowling ball": _ball(0.108, "plastic", 6.0, "[USBC]"), "football": _ball(0.11, "rubber", 0.43, "[FIFA]"),
    "soccer ball": _ball(0.11, "rubber", 0.43, "[FIFA]"), "basketball": _ball(0.12, "rubber", 0.6, "[NBA]"),
    "billiard ball": _ball(0.028575, "phenolic", 0.17, "[WPA]"), "ping pong ball": _ball(0.02, "plastic", 0.0027, "[ITTF]"),
    "beach ball": _ball(0.18, "plastic", 0.1), "wrecking ball": _ball(0.15, "steel"), "cannonball": _ball(0.06, "steel"),
    "orange": _ball(0.037, "plastic", 0.15), "apple": _ball(0.038, "plastic", 0.17), "boulder": _ball(0.3, "stone"),
    "baseball": _ball(0.037, "cork", 0.145), "volleyball": _ball(0.105, "rubber", 0.27),
    "cricket ball": _ball(0.036, "cork", 0.16),
    "pool ball": _ball(0.028575, "phenolic", 0.17, "[WPA]"), "cue ball": _ball(0.028575, "phenolic", 0.17, "[WPA]"),
    "snooker ball": _ball(0.02625, "phenolic", 0.142), "medicine ball": _ball(0.12, "rubber", 3.0),
    "lemon": _ball(0.03, "plastic", 0.1),
    "table tennis ball": _ball(0.02, "plastic", 0.0027, "[ITTF]"), "ping-pong ball": _ball(0.02, "plastic", 0.0027, "[ITTF]"),
    "tomato": _ball(0.035, "plastic", 0.12), "potato": _ball(0.035, "plastic", 0.17), "grape": _ball(0.01, "plastic", 0.005),
    "melon": _ball(0.08, "plastic", 1.5), "watermelon": _ball(0.12, "plastic", 6.0), "pebble": _ball(0.012, "stone"),
    "rock": _ball(0.05, "stone"), "stone": _ball(0.04, "stone"), "snowball": _ball(0.04, "ice"),
    "globe": _ball(0.15, "plastic", 0.8),
    "cube": _box(0.05, 0.05, 0.05), "box": _box(0.1, 0.1, 0.1), "block": _box(0.08, 0.05, 0.05), "brick": _box(0.2, 0.1,
    0.06, "stone"),
    "crate": _box(0.3, 0.3, 0.3), "dice": _box(0.016, 0.016, 0.016, "plastic"), "die": _box(0.016, 0.016, 0.016, "plastic"),
    "domino": _box(0.008, 0.024, 0.048), "book": _box(0.2, 0.14, 0.03, "wood", 0.4), "plank": _box(0.6, 0.1, 0.02),
    "board": _box(0.6, 0.2, 0.02), "tile": _box(0.1, 0.1, 0.01, "stone"), "phone": _box(0.15, 0.07, 0.008, "glass", 0.18),
    "eraser": _box(0.05, 0.02, 0.012, "rubber"), "slab": _box(0.3, 0.3, 0.04, "stone"), "object": _box(0.06, 0.06, 0.06),
    "wall": _box(0.05, 1.0, 0.4, "concrete", None, True), "table": _box(0.8, 0.6, 0.4, "wood", None, True),
    "coffee table": _box(0.9, 0.5, 0.4, "wood", None, True),
    "dining table": _box(1.4, 0.8, 0.7, "wood", None, True), "kitchen table": _box(1.2, 0.7, 0.7, "wood", None, True),
    "kitchen counter": _box(1.2, 0.6, 0.9, "stone", None, True),
    "workbench": _box(1.2, 0.6, 0.8, "wood", None, True), "bookshelf": _box(0.8, 0.3, 0.9, "wood", None, True),
    "desk": _box(1.2, 0.6, 0.7, "wood", None, True), "counter": _box(1.2, 0.6, 0.9, "stone", None, True),
    "countertop": _box(1.2, 0.6, 0.9, "stone", None, True),
    "ledge": _box(0.6, 0.25, 0.4, "stone", None, True), "windowsill": _box(0.8, 0.25, 0.7, "stone", None, True),
    "worktop": _box(1.2, 0.6, 0.9, "wood", None, True), "tabletop": _box(0.8, 0.6, 0.4, "wood", None, True),
    "stand": _box(0.2, 0.2, 0.4, "wood", None, True), "stool": _box(0.35, 0.35, 0.45, "wood", None, True),
    "shelf": _box(0.8, 0.3, 0.5, "wood", None, True),
    "bench": _box(1.0, 0.35, 0.45, "wood", None, True), "platform": _box(0.5, 0.5, 0.2, "wood", None, True),
    "pedestal": _box(0.2, 0.2, 0.5, "stone", None, True), "step": _box(0.4, 0.6, 0.15, "stone", None, True),
    "chair": _box(0.45, 0.45, 0.45, "wood", 5.0), "parcel": _box(0.3, 0.2, 0.15, "wood", 1.0),
    "package": _box(0.3, 0.2, 0.15, "wood", 1.0),
    "carton": _box(0.07, 0.07, 0.2, "plastic", 1.0), "suitcase": _box(0.5, 0.2, 0.7, "plastic", 8.0),
    "beam": _box(1.0, 0.06, 0.06),
    "toy car": _box(0.1, 0.05, 0.04, "plastic", 0.08), "toy": _box(0.06, 0.06, 0.06, "plastic", 0.1),
    "car": _box(0.1, 0.05, 0.04, "plastic", 0.08),
    "lego brick": _box(0.032, 0.016, 0.01, "plastic"), "jenga block": _box(0.075, 0.025, 0.015),
    "cereal box": _box(0.19, 0.06, 0.28, "wood", 0.4),
    "shoebox": _box(0.33, 0.2, 0.12, "wood", 0.6), "shoe box": _box(0.33, 0.2, 0.12, "wood", 0.6),
    "notebook": _box(0.2, 0.14, 0.015, "wood", 0.25), "magazine": _box(0.28, 0.21, 0.006, "wood", 0.15),
    "ruler": _box(0.3, 0.03, 0.003, "plastic", 0.03),
    "weight": _box(0.06, 0.06, 0.06, "steel"), "sponge": _box(0.11, 0.07, 0.03, "cork", 0.02),
    "remote": _box(0.17, 0.045, 0.02, "plastic", 0.12),
    "plate": _round(0.12, 0.015, "glass"), "coin": _round(0.012, 0.002, "brass"), "disc": _round(0.06, 0.015),
    "disk": _round(0.06, 0.015),
    "puck": _round(0.038, 0.025, "rubber", 0.17), "can": _round(0.033, 0.12, "aluminium", 0.35), "bottle": _round(0.035,
    0.22, "plastic", 0.5),
    "cylinder": _round(0.04, 0.1), "barrel": _round(0.3, 0.9, "wood", 50.0), "log": _round(0.08, 0.5),
    "pin": _round(0.03, 0.38, "wood", 1.5),
    "bowling pin": _round(0.03, 0.38, "wood", 1.5), "candle": _round(0.02, 0.15, "plastic"), "pillar": _round(0.05, 0.4,
    "stone"),
    **{name: Noun("cup", {"radius": 0.022, "height": 0.05, "thickness": 0.01}, "wood", None, True, "vessel") for name in (
    "hole", "socket", "slot", "bore", "peg hole")},
    "column": _round(0.05, 0.4, "stone"), "peg": _round(0.01, 0.08), "rod": _round(0.01, 0.3, "steel"),
    "stick": _round(0.01, 0.4),
    "pencil": _round(0.004, 0.18), "vase": _vessel("cup", "glass", radius=0.05, height=0.22), "drum": _round(0.2, 0.3),
    "hockey puck": _round(0.038, 0.025, "rubber", 0.17), "wheel": _round(0.15, 0.05, "rubber"), "pot": _vessel("cup",
    "steel", radius=0.1, height=0.12),
    "jar": _vessel("cup", "glass", radius=0.045, height=0.12), "beaker": _vessel("cup", "glass", radius=0.04, height=0.11),
    "jug": _vessel("cup", "stone", radius=0.06, height=0.2), "pitcher": _vessel("cup", "glass", radius=0.06, height=0.22),
    "teacup": _vessel("cup", "stone", radius=0.042, height=0.06),
    "wine glass": _vessel("cup", "glass", radius=0.035, height=0.1),
    "saucepan": _vessel("cup", "steel", radius=0.09, height=0.1), "pan": _vessel("cup", "steel", radius=0.13, height=0.05),
    "dish": _vessel("bowl", "stone", radius=0.1, height=0.05), "crucible": _vessel("cup", "stone", radius=0.03, height=0.05),
    "skittle": _round(0.03, 0.3, "wood", 0.8), "tin": _round(0.038, 0.11, "steel", 0.4),
    "tin can": _round(0.038, 0.11, "steel", 0.4),
    "spool": _round(0.02, 0.04), "battery": _round(0.007, 0.05, "steel", 0.023), "tyre": _round(0.3, 0.2, "rubber", 9.0),
    "tire": _round(0.3, 0.2, "rubber", 9.0), "flask": _vessel("cup", "steel", radius=0.04, height=0.2),
    "pen": _round(0.005, 0.14, "plastic", 0.01),
    "crayon": _round(0.004, 0.09, "plastic", 0.006), "pipe": _round(0.03, 0.5, "steel"), "post": _round(0.05, 0.6),
    "checker": _round(0.016, 0.008),
    "stump": _round(0.15, 0.3), "skewer": _round(0.003, 0.25),
    "capsule": Noun("capsule", {"radius": 0.03, "length": 0.06}, "plastic"), "pill": Noun("capsule",
    {"radius": 0.01, "length": 0.02}, "plastic"),
    "egg": Noun("ellipsoid", {"radii": [0.022, 0.022, 0.029]}, "stone", 0.06), "cone": Noun("cone",
    {"radius": 0.06, "height": 0.15}, "plastic"),
    "cup": _vessel("cup", "plastic", radius=0.035, height=0.09), "mug": _vessel("cup", "stone", radius=0.04, height=0.095),
    "glass": _vessel("cup", "glass", radius=0.033, height=0.12), "tumbler": _vessel("cup", "glass", radius=0.033, height=0.11),
    "bowl": _vessel("bowl", "plastic", radius=0.08, height=0.06), "bucket": _vessel("bucket", "plastic", radius=0.11,
    top_radius=0.14, height=0.26),
    "pail": _vessel("bucket", "steel", radius=0.11, top_radius=0.14, height=0.26), "basket": _vessel("bucket", "wood",
    radius=0.14, top_radius=0.17, height=0.2),
    "bin": Noun("tray", {"size": [0.35, 0.35, 0.3]}, "plastic", None, True, "vessel"),
    "tray": Noun("tray", {"size": [0.4, 0.3, 0.06]}, "plastic", None, True, "vessel"),
    "tank": Noun("tank", {"size": [0.5, 0.3, 0.3]}, "glass", None, True, "vessel"),
    "container": Noun("tray", {"size": [0.35, 0.35, 0.25]}, "plastic", None, True, "vessel"),
    "funnel": _vessel("funnel", "plastic", radius=0.08, neck=0.012, height=0.14),
    "trash can": Noun("tray", {"size": [0.3, 0.3, 0.4]}, "plastic", None, True, "vessel"),
    "wastebasket": Noun("tray", {"size": [0.28, 0.28, 0.32]}, "plastic", None, True, "vessel"),
    "dustbin": Noun("tray", {"size": [0.35, 0.35, 0.5]}, "plastic", None, True, "vessel"),
    "crate of": Noun("tray", {"size": [0.35, 0.35, 0.25]}, "wood", None, True, "vessel"),
    "inclined plane": Noun("ramp", {"length": 1.0, "width": 0.5, "angle": 0.35}, "wood", None, True, "ramp"),
    "hill": Noun("ramp", {"length": 2.0, "width": 1.0, "angle": 0.25}, "stone", None, True, "ramp"),
    "chute": Noun("ramp", {"length": 1.0, "width": 0.3, "angle": 0.5}, "steel", None, True, "ramp"),
    "ramp": Noun("ramp", {"length": 1.0, "width": 0.5, "angle": 0.35}, "wood", None, True, "ramp"),
    "slope": Noun("ramp", {"length": 1.0, "width": 0.5, "angle": 0.35}, "wood", None, True, "ramp"),
    "incline": Noun("ramp", {"length": 1.0, "width": 0.5, "angle": 0.35}, "wood", None, True, "ramp"),
    "cabinet": Noun("cabinet", {}, "wood", None, True, "furniture"), "drawer": Noun("cabinet", {}, "wood", None, True,
    "furniture"),
    "door": Noun("door", {}, "wood", None, True, "furniture"),
    "laptop lid": Noun("laptop", {}, "aluminium", None, True, "furniture"),
    "cupboard": Noun("cabinet", {}, "wood", None, True, "furniture"),
    "cabinet drawer": Noun("cabinet", {}, "wood", None, True, "furniture"),
    "gate": Noun("door", {}, "wood", None, True, "furniture"),
    "laptop": Noun("laptop", {}, "aluminium", None, True,
    "furniture"),
    "faucet": Noun("faucet", {}, "steel", None, True, "furniture"), "tap": Noun("faucet", {}, "steel", None, True, "furniture"),
    "cart pole": Noun("cart_pole", {}, "wood", None, True, "furniture"), "pole": _round(0.015, 0.6),
    "pendulum": Noun("pendulum", {"radius": 0.05, "length": 0.5}, "brass", None, False, "pendulum"),
    "cloth": Noun("sheet", {"size": [0.4, 0.4]}, "cotton", None, False, "sheet"), "towel": Noun("sheet",
    {"size": [0.5, 0.3]}, "cotton", None, False, "sheet"),
    "napkin": Noun("sheet", {"size": [0.3, 0.3]}, "cotton", None, False, "sheet"), "sheet": Noun("sheet",
    {"size": [0.6, 0.6]}, "cotton", None, False, "sheet"),
    "rope": Noun("rope", {"length": 0.6}, "nylon_rope", None, False, "rope"), "string": Noun("rope", {"length": 0.5},
    "wet_string", None, False, "rope"),
    **{name: Noun("plane", {}, "default", None, True, "ground") for name in (
    "surface", "horizontal surface", "plane", "horizontal plane", "grass", "lane", "track", "road", "field", "carpet"
    , "court", "pavement", "lawn", "street", "rink")},
    "floor": Noun("plane", {}, "default", None, True, "ground"), "ground": Noun("plane", {}, "default", None, True, "ground"),
    "robot": Noun("robot", {"robot": "arm"}, "steel", None, True, "robot"), "arm": Noun("robot", {"robot": "arm"},
    "steel", None, True, "robot"),
    "robotic arm": Noun("robot", {"robot": "arm"}, "steel", None, True, "robot"), "manipulator": Noun("robot", {"robot": "arm"},
    "steel", None, True, "robot"), "robot gripper": Noun("robot", {"robot": "arm"}, "steel", None, True, "robot"),
    "robot arm": Noun("robot", {"robot": "arm"}, "steel", None, True, "robot"), "gripper": Noun("robot",
    {"robot": "arm"}, "steel", None, True, "robot"),
    "humanoid": Noun("robot", {"robot": "humanoid"}, "steel", None, False, "robot"), "robot hand": Noun("robot",
    {"robot": "hand"}, "steel", None, True, "robot"),
    "quadruped": Noun("robot", {"robot": "quadruped"}, "steel", None, False, "robot"),
    **{name: Noun("robot", {"robot": "arm"}, "steel", None, True, "robot") for name in (
        "franka arm", "franka", "panda", "panda arm", "franka panda", "ur5", "ur10", "kuka arm", "robot manipulator", "cobot",
        "industrial robot", "parallel gripper", "robotic gripper", "robotic manipulator", "end - effector", "robotic system",
        "mechanical arm", "robot's arm", "two - finger gripper", "arm robot", "franka emika panda", "sawyer",
        "suction gripper", "6 - axis robot", "bimanual robot", "kitchen robot", "household robot", "service robot")},
    **{name: Noun("robot", {"robot": "mobile_base"}, "steel", None, False, "robot") for name in (
        "mobile robot", "mobile base", "rover", "wheeled robot", "agv", "robot car", "delivery robot", "mobile platform",
        "warehouse robot", "robot vehicle", "differential drive robot", "turtlebot")},
    **{name: Noun("robot", {"robot": "humanoid"}, "steel", None, False, "robot") for name in (
        "humanoid robot", "android", "bipedal robot", "two - legged robot")},
    **{name: Noun("robot", {"robot": "quadruped"}, "steel", None, False, "robot") for name in (
        "quadruped robot", "robodog", "robotic dog", "four - legged robot", "legged robot", "spot")},
    **{name: Noun("robot", {"robot": "hand"}, "steel", None, True, "robot") for name in (
        "robotic hand", "dexterous hand", "shadow hand")},
    "robot dog": Noun("robot",
    {"robot": "quadruped"}, "steel", None, False, "robot"),
}  # fmt: skip


SHAPES: dict[str, tuple[str, tuple[str, ...], str]] = {
    "ball": ("sphere", ("radius",), "ball"), "box": ("box", (), "box"), "round": ("cylinder", ("radius", "height"), "cylinder"),
    "rod": ("cylinder", ("radius", "height"), "cylinder"), "pill": ("capsule", ("radius", "length"), "object"),
    "oval": ("ellipsoid", (), "object"), "cone": ("cone", ("radius", "height"), "object"), "wedge": ("wedge", (), "box"),
    "cup": ("cup", ("radius", "height"), "vessel"), "bowl": ("bowl", ("radius", "height"), "vessel"),
    "bucket": ("bucket", ("radius", "top_radius", "height"), "vessel"), "tray": ("tray", (), "vessel"),
    "tank": ("tank", (), "vessel"), "sheet": ("sheet", (), "sheet"), "rope": ("rope", ("length",), "rope"),
    "door": ("door", (), "furniture"), "ramp": ("ramp", ("length", "width", "angle"), "ramp"),
}  # fmt: skip
"""Shapes of the inventory: type of the spec, its keys (none: one list), family."""


def _inventory() -> dict[str, Noun]:
    """The nouns of the table in `inventory`."""
    out: dict[str, Noun] = {}
    for line in LINES.strip().splitlines():
        head, _, names = line.partition(": ")
        shape, *rest = head.split()
        fixed = rest[-1] == "fixed"
        *numbers, material, mass = rest[:-1] if fixed else rest
        morph, keys, family = SHAPES[shape]
        values = [float(one) for one in numbers]
        size = dict(zip(keys, values, strict=True)) if keys else {"radii" if shape == "oval" else "size": values}
        family = "support" if fixed and shape in ("box", "round") else family
        noun = Noun(morph, size, material, None if mass == "-" else float(mass), fixed, family)
        out |= {name: noun for name in names.split(", ")}
    return out


NOUNS = _inventory() | NOUNS

HOLES = {"hole", "socket", "slot", "bore", "peg hole"}
"""Holes that pegs go into: a spec has a ring of wood for them."""
GRIPPERS = {"gripper", "robot gripper", "robotic gripper", "parallel gripper", "two - finger gripper", "suction gripper",
            "end - effector"}  # fmt: skip
"""Hands of arms."""
