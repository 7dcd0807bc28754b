"""The words that language understands, as tables: things, colours, materials, verbs, relations, conditions and settings.

Sizes of things are those of the usual object; where a standard gives them it is named, the others are our choice, marked [W]:
[USGA] rules of golf, ball 42.7 mm and 45.9 g; [FIFA] ball size 5, 22 cm and 430 g; [NBA] 24 cm and 600 g; [ITF] tennis ball 6.7
cm and 58 g; [USBC] bowling ball 21.6 cm, pin 38 cm and 1.5 kg; [WPA] billiard ball 57.15 mm and 170 g; [ITTF] 40 mm and 2.7 g.
Gravities: NASA planetary fact sheet, in m/s^2.
Limits: English; a noun stands in the singular, plurals and verb forms are made in `forms`.
"""

from dataclasses import dataclass
from typing import Any


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
    "cardboard box": _box(0.3, 0.2, 0.2, "wood", 0.5),
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
    **{name: Noun("plane", {}, "default", None, True, "ground") for name in ("lane", "track", "road", "field", "carpet"
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
    "quadruped": Noun("robot", {"robot": "quadruped"}, "steel", None, False, "robot"), "robot dog": Noun("robot",
    {"robot": "quadruped"}, "steel", None, False, "robot"),
}  # fmt: skip
SUBSTANCES = {
    "water": "water", "honey": "honey", "oil": "oil", "milk": "milk", "blood": "blood", "mercury": "mercury", "sand": "sand",
    "wet sand": "wet_sand", "snow": "snow", "coffee": "water", "tea": "water", "juice": "water", "glycerol": "glycerol",
}  # fmt: skip
"""Stuff without a shape of its own, and its preset of matter."""
STRUCTURES = {  # a word for a group: (items, arrangement, usual count)
    "tower": ("block", "stack", 5), "stack": ("box", "stack", 4), "pyramid": ("box", "pyramid", 6), "pile": ("box",
    "pyramid", 6),
    "domino run": ("domino", "line", 10), "row": ("box", "line", 5), "line": ("box", "line", 5), "ring": ("box", "circle", 8),
    "circle": ("box", "circle", 8), "grid": ("box", "grid", 9), "column of": ("box", "stack", 4), "triangle": ("box",
    "rack", 6),
}  # fmt: skip
MATERIALS = {
    "wooden": "wood", "wood": "wood", "oak": "wood", "steel": "steel", "metal": "steel", "iron": "steel", "metallic": "steel",
    "aluminium": "aluminium", "aluminum": "aluminium", "brass": "brass", "rubber": "rubber", "plastic": "plastic", "ice": "ice",
    "icy": "ice", "glass": "glass", "stone": "stone", "granite": "stone", "marble": "stone", "concrete": "concrete",
    "cork": "cork",
    "ceramic": "stone", "jelly": "jelly", "silicone": "silicone", "foam": "foam", "dough": "dough", "clay": "clay",
    "cotton": "cotton", "silk": "silk", "denim": "denim", "wool": "wool", "paper": "paper",
}  # fmt: skip
COLORS = {
    "white": "white", "black": "black", "gray": "gray", "grey": "gray", "silver": "silver", "red": "red", "crimson": "crimson",
    "orange": "orange", "amber": "amber", "yellow": "yellow", "green": "green", "lime": "lime", "teal": "teal", "cyan": "cyan",
    "turquoise": "turquoise", "blue": "blue", "navy": "navy", "purple": "purple", "violet": "violet", "magenta": "magenta",
    "pink": "pink", "brown": "brown", "gold": "gold", "golden": "gold", "tan": "tan", "beige": "sand", "copper": "copper",
}  # fmt: skip
SIZES = {  # adjective -> factor of every length
    "bigger": 1.5, "larger": 1.5, "smaller": 0.67, "gigantic": 2.5, "miniature": 0.4, "mini": 0.5,
    "oversized": 1.8, "medium-sized": 1.0, "tiny": 0.5, "small": 0.7, "little": 0.7, "big": 1.4, "large": 1.4,
    "huge": 2.0, "giant": 2.5, "enormous": 2.5,
    "medium": 1.0, "normal": 1.0,
}  # fmt: skip
STATES = {  # adjective -> (property, number)
    "heavier": ("mass", 2.0), "lighter": ("mass", 0.5), "steeper": ("angle", 1.5), "flatter": ("angle", 0.5),
    "bouncier": ("restitution", 0.9),
    "rougher": ("friction", 1.0), "smoother": ("friction", 0.1), "taller": ("height", 1.5),
    "longer": ("length", 1.5), "wider": ("width", 1.5), "shorter": ("height", 0.7),
    "thicker": ("thickness", 1.6), "thinner": ("thickness", 0.5), "stickier": ("friction", 1.2),
    "slick": ("friction", 0.05), "solid": ("mass", 1.0),
    "weightless": ("mass", 0.01), "frozen": ("friction", 0.03), "greasy": ("friction", 0.05),
    "oily": ("friction", 0.05), "wet": ("friction", 0.2),
    "springy": ("restitution", 0.8), "dull": ("restitution", 0.05),
    "heavy": ("mass", 3.0), "light": ("mass", 0.3), "lightweight": ("mass", 0.3), "massive": ("mass", 5.0),
    "slippery": ("friction", 0.03), "frictionless": ("friction", 0.0), "smooth": ("friction", 0.2), "rough": ("friction", 0.8),
    "sticky": ("friction", 1.2), "bouncy": ("restitution", 0.85), "elastic": ("restitution", 0.85), "tall": ("height", 1.5),
    "short": ("height", 0.7), "long": ("length", 1.5), "wide": ("width", 1.5), "narrow": ("width", 0.6),
    "thin": ("thickness", 0.5),
    "thick": ("thickness", 1.6), "steep": ("angle", 1.5), "gentle": ("angle", 0.5), "shallow": ("angle", 0.5),
}  # fmt: skip
VERBS = {
    "pull out": "pull", "push out": "push", "knock out": "hit", "take out": "pull", "pull away": "pull",
    "push away": "push", "kick away": "hit",
    "slide out": "pull", "stand up": "arrange", "knock away": "hit", "send": "roll", "smash": "hit", "slam": "hit",
    "ram": "hit", "whack": "hit", "punch": "hit", "slap": "hit", "bat": "hit", "bash": "hit", "thump": "hit",
    "apply": "push", "exert": "push", "thrust": "push", "propel": "push", "prod": "nudge", "jab": "nudge",
    "brush": "nudge", "lob": "throw",
    "chuck": "throw", "pitch": "throw", "project": "throw", "fire off": "throw", "sling": "throw",
    "trundle": "roll", "tumble": "roll",
    "glide": "slide", "skid": "slide", "coast": "slide", "travel": "slide", "whirl": "spin", "twist": "spin",
    "revolve": "spin", "turn": "spin",
    "elevate": "lift", "hoist": "lift", "heave": "lift", "haul": "pull", "tow": "pull", "yank": "pull",
    "jerk": "pull", "shift": "move",
    "transport": "move", "bring": "move", "transfer": "move", "take": "move", "plop": "drop", "dump": "drop", "plummet": "drop",
    "knock into": "hit", "run into": "hit", "position": "arrange", "pile up": "arrange", "pile": "arrange", "form": "arrange",
    "bring down": "topple", "take down": "topple", "demolish": "topple", "upset": "topple", "overturn": "topple",
    "flip over": "topple",
    "let roll": "roll", "let slide": "slide", "kick over": "topple", "grip": "pick", "seize": "pick", "tilt": "topple",
    "push": "push", "shove": "push", "nudge": "nudge", "hit": "hit", "strike": "hit", "kick": "hit", "poke": "nudge",
    "tap": "nudge",
    "flick": "nudge", "bump": "push", "knock": "topple", "tip": "topple", "topple": "topple", "knock over": "topple",
    "knock down": "topple", "tip over": "topple", "push over": "topple", "throw": "throw", "toss": "throw", "launch": "throw",
    "shoot": "throw", "fire": "throw", "hurl": "throw", "fling": "throw", "roll": "roll", "slide": "slide",
    "bowl": "roll", "spin": "spin", "rotate": "spin",
    "twirl": "spin", "drop": "drop", "let go": "drop", "let go of": "drop", "release": "drop", "let fall": "drop",
    "fall": "drop", "pull": "pull", "drag": "pull",
    "tug": "pull", "lift": "lift", "raise": "lift", "lower": "lower", "move": "move", "carry": "move", "pour": "pour",
    "open": "open", "close": "close", "shut": "close", "pick up": "pick", "pick": "pick", "grasp": "pick",
    "grab": "pick", "swing": "swing",
    "stack": "arrange", "lean": "arrange", "prop": "arrange", "rest": "arrange", "put": "arrange", "place": "arrange",
    "set": "arrange", "arrange": "arrange",
    "line up": "arrange", "build": "arrange", "make": "arrange",
    "scatter": "arrange", "balance": "arrange", "bounce": "drop", "accelerate": "push", "press": "press", "walk": "walk",
    "wipe": "wipe", "fold": "fold",
    "stir": "stir", "cut": "cut", "shake": "shake", "blow": "blow", "turn on": "open", "turn off": "close",
    "collide": "roll", "crash": "roll",
    "drape": "drape", "lay": "arrange", "set up": "arrange", "stand": "arrange", "fill": "fill",
}  # fmt: skip
STRENGTH = {
    "halfway": 0.5, "fully": 1.0, "completely": 1.0, "wide": 1.0, "partly": 0.3, "partially": 0.3, "gentle": 0.4,
    "light": 0.4, "soft": 0.4, "slight": 0.3, "weak": 0.4, "slow": 0.5, "strong": 2.0, "quick": 2.0, "powerful": 2.5,
    "mighty": 3.0, "firm": 1.5, "delicately": 0.3, "tenderly": 0.3, "weakly": 0.4, "vigorously": 2.5,
    "forcibly": 2.0, "powerfully": 2.5,
    "briskly": 1.5, "rapidly": 2.0, "swiftly": 2.0, "softer": 0.5, "faster": 2.0, "slower": 0.5, "stronger": 2.0,
    "hardest": 3.0, "energetically": 2.0,
    "gently": 0.4, "softly": 0.4, "lightly": 0.4, "slowly": 0.5, "carefully": 0.4, "slightly": 0.3, "hard": 2.0,
    "strongly": 2.0,
    "firmly": 1.5, "forcefully": 2.0, "violently": 4.0, "fast": 2.0, "quickly": 2.0, "harder": 2.0,
}  # fmt: skip
DIRECTIONS = {
    "left": "left", "right": "right", "forward": "forward", "forwards": "forward", "backward": "back", "backwards": "back",
    "back": "back", "up": "up", "upward": "up", "upwards": "up", "down": "down", "downward": "down", "downwards": "down",
    "north": "north", "south": "south", "east": "east", "west": "west", "to the left": "left", "to the right": "right",
    "leftward": "left", "leftwards": "left", "rightward": "right", "rightwards": "right", "sideways": "right",
    "from the left": "right",
    "from the right": "left", "from behind": "forward", "from the front": "back", "from above": "down", "away": "forward",
    "to the east": "east", "to the west": "west", "to the north": "north", "to the south": "south",
    "away from you": "forward", "toward you": "back", "toward the viewer": "back", "toward the camera": "back",
    "upright": "up", "skyward": "up", "straight up": "up", "straight down": "down",
    "straight ahead": "forward", "into the air": "up", "vertically": "up",
    "in the air": "up", "straight forward": "forward", "to the front": "back", "to the back": "forward",
    "northward": "north", "eastward": "east",
    "southward": "south", "westward": "west", "northwards": "north", "eastwards": "east", "southwards": "south",
    "westwards": "west",
    "from the side": "right",
}  # fmt: skip
RELATIONS = {
    "on": "on_top", "on top of": "on_top", "onto": "on_top", "upon": "on_top", "atop": "on_top", "in": "inside",
    "inside": "inside",
    "into": "inside", "within": "inside", "left of": "left_of", "to the left of": "left_of", "on the left of": "left_of",
    "right of": "right_of", "to the right of": "right_of", "on the right of": "right_of", "in front of": "in_front_of",
    "behind": "behind", "above": "above", "over": "above", "below": "below", "under": "below", "beneath": "below",
    "underneath": "below",
    "next to": "next_to", "beside": "next_to", "near": "next_to", "close to": "next_to", "by": "next_to", "between": "between",
    "against": "touching", "leaning on": "leaning_on", "leaning against": "leaning_on",
    "leans against": "leaning_on", "lean against": "leaning_on", "leans on": "leaning_on", "lean on": "leaning_on",
    "propped against": "leaning_on", "far from": "far_from",
    "away from": "far_from",
    "down": "down", "toward": "toward", "towards": "toward", "at": "toward", "off": "off", "from": "from",
    "to": "toward", "with": "with", "of": "of",
    "on the edge of": "on_edge", "at the edge of": "on_edge", "onto the top of": "on_top", "at the top of": "on_top",
    "to the edge of": "toward", "up to": "toward", "into the side of": "inside",
    "toward the edge of": "toward", "towards the edge of": "toward", "across": "across", "along": "across",
    "alongside": "next_to", "adjacent to": "next_to", "around": "next_to", "using": "with",
    "on to": "on_top", "out of": "from", "to the front of": "in_front_of", "at the foot of": "next_to",
    "at the bottom of": "next_to",
    "close by": "next_to", "immediately left of": "left_of", "just behind": "behind", "just above": "above",
    "directly above": "above",
    "directly behind": "behind", "directly in front of": "in_front_of", "resting against": "leaning_on",
    "over the edge of": "off",
    "at the centre of": "on_top", "in the middle of": "on_top", "in the centre of": "on_top",
    "in the center of": "on_top", "at the end of": "on_edge",
    "near the edge of": "on_edge",
}  # fmt: skip
CONDITIONS = {  # what happens: (predicate, whether it takes a second thing, negated)
    "hit": ("hit", True, False), "strike": ("hit", True, False), "touch": ("touching", True, False),
    "collide with": ("hit", True, False), "bump into": ("hit", True, False),
    "crash into": ("hit", True, False), "land on": ("on_top", True, False), "rest on": ("on_top", True, False),
    "be on": ("on_top", True, False),
    "be on top of": ("on_top", True, False), "end up on": ("on_top", True, False), "stay on": ("on_top", True, False),
    "stand on": ("on_top", True, False), "land in": ("inside", True, False),
    "be in": ("inside", True, False), "be inside": ("inside", True, False), "end up in": ("inside", True, False),
    "end up inside": ("inside", True, False), "fall into": ("inside", True, False),
    "stay in": ("inside", True, False), "stay inside": ("inside", True, False), "land inside": ("inside", True, False),
    "enter": ("inside", True, False), "fall off": ("fell_off", True, False), "roll off": ("fell_off", True, False),
    "leave": ("fell_off", True, False), "slide off": ("fell_off", True, False), "drop off": ("fell_off", True, False),
    "come off": ("fell_off", True, False), "reach": ("near", True, False), "get to": ("near", True, False),
    "arrive at": ("near", True, False),
    "be left of": ("left_of", True, False), "be right of": ("right_of", True, False), "be above": ("above", True, False),
    "be below": ("below", True, False), "be under": ("below", True, False),
    "be to the left of": ("left_of", True, False), "be to the right of": ("right_of", True, False),
    "be next to": ("near", True, False), "be near": ("near", True, False), "be behind": ("behind", True, False),
    "be in front of": ("in_front_of", True, False),
    "stay upright": ("upright", False, False), "stay standing": ("upright", False, False), "remain upright": ("upright",
    False, False), "remain standing": ("upright", False, False), "keep standing": ("upright", False, False),
    "stand": ("upright", False, False), "be standing": ("upright", False, False),
    "be upright": ("upright", False, False), "topple": ("toppled", False, False), "topple over": ("toppled", False,
    False), "fall over": ("toppled", False, False), "fall down": ("toppled", False, False),
    "tip over": ("toppled", False, False), "fall": ("toppled", False, False),
    "be knocked over": ("toppled", False, False), "be toppled": ("toppled", False, False), "be down": ("toppled", False,
    False), "knock over": ("toppled", False, False), "knock down": ("toppled", False, False),
    "collapse": ("toppled", False, False), "tip": ("toppled", False, False), "stop": ("settled", False, False),
    "come to rest": ("settled", False, False), "be at rest": ("settled", False, False),
    "come to a stop": ("settled", False, False), "stop moving": ("settled", False, False), "settle": ("settled", False,
    False), "move": ("moved", False, False), "slide": ("moved", False, False), "be lifted": ("lifted", False, False),
    "lift": ("lifted", False, False),
    "be in the air": ("lifted", False, False), "open": ("open", False, False),
    "be open": ("open", False, False), "close": ("closed", False, False), "be closed": ("closed", False, False),
    "spill": ("spilled_more_than", False, False), "turn": ("turned", False, False), "rotate": ("turned", False, False),
    "stay still": ("moved", False, True), "stay put": ("moved", False, True), "stay in place": ("moved", False, True),
    "be still": ("settled", False, False), "tilt": ("tilt", False, False), "break": ("broken", False, False),
    "shatter": ("broken", False, False), "bounce": ("moving", False, False),
    "remain on": ("on_top", True, False), "remain in": ("inside", True, False),
    "remain inside": ("inside", True, False), "sit on": ("on_top", True, False),
    "sit on top of": ("on_top", True, False), "rest on top of": ("on_top", True, False),
    "stand on top of": ("on_top", True, False), "land on top of": ("on_top", True, False),
    "end up on top of": ("on_top", True, False),
    "stay on top of": ("on_top", True, False), "come to rest on": ("on_top", True, False),
    "settle on": ("on_top", True, False), "come to rest in": ("inside", True, False),
    "settle in": ("inside", True, False), "finish on": ("on_top", True, False),
    "finish in": ("inside", True, False), "make contact with": ("touching", True, False),
    "bump": ("hit", True, False), "hit the": ("hit", True, False), "run into": ("hit", True, False),
    "smash into": ("hit", True, False), "slam into": ("hit", True, False),
    "knock into": ("hit", True, False), "contact": ("touching", True, False), "meet": ("touching", True, False),
    "go into": ("inside", True, False), "drop into": ("inside", True, False),
    "roll into": ("inside", True, False), "get into": ("inside", True, False),
    "go in": ("inside", True, False), "land inside of": ("inside", True, False), "tumble off": ("fell_off", True, False),
    "fall from": ("fell_off", True, False), "come down": ("toppled", False, False),
    "tumble": ("toppled", False, False), "tumble over": ("toppled", False, False),
    "overturn": ("toppled", False, False),
    "crash down": ("toppled", False, False), "go down": ("toppled", False, False), "lie down": ("toppled", False, False),
    "be lying down": ("toppled", False, False), "be knocked down": ("toppled", False, False),
    "be tipped over": ("toppled", False, False), "be overturned": ("toppled", False, False),
    "halt": ("settled", False, False), "come to a halt": ("settled", False, False),
    "stand still": ("settled", False, False), "be motionless": ("settled", False, False),
    "not move": ("moved", False, True), "remain still": ("moved", False, True),
    "stay where it be": ("moved", False, True), "leave the ground": ("lifted", False, False), "rise": ("lifted", False, False),
    "be off the ground": ("lifted", False, False), "remain in place": ("moved", False, True),
    "travel": ("moved", False, False), "be moved": ("moved", False, False), "shift": ("moved", False, False),
"remain standing up": ("upright", False, False), "stay up": ("upright", False, False),
"remain up": ("upright", False, False), "keep upright": ("upright", False, False),
    "survive": ("upright", False, False), "be stacked": ("stacked", False, False),
    "be empty": ("empty", False, False), "be full": ("full", False, False),
}  # fmt: skip
GRAVITIES = {
    "moon": 1.62, "mars": 3.71, "jupiter": 24.79, "venus": 8.87, "mercury": 3.7, "saturn": 10.44, "earth": 9.81, "space": 0.0,
    "zero gravity": 0.0, "zero g": 0.0, "weightlessness": 0.0,
}  # fmt: skip
CAMERAS = {  # words -> (azimuth, elevation) in degrees; the viewer looks along forward, from the front
    "above": (-90.0, 80.0), "the top": (-90.0, 80.0), "the front": (-90.0, 18.0), "the side": (0.0, 18.0),
    "the right": (0.0, 18.0), "the left": (180.0, 18.0),
    "behind": (90.0, 18.0), "the back": (90.0, 18.0), "a bird's eye view": (-90.0, 80.0), "overhead": (-90.0, 80.0),
    "a low angle": (-90.0, 4.0), "the right side": (0.0, 18.0), "the left side": (180.0, 18.0),
}  # fmt: skip
PEOPLE = set(
    """boy girl child kid kids children man woman person people player student teacher researcher scientist engineer human
agent brother sister toddler baby cat dog mother father mum dad friend worker
golfer bowler goalkeeper user hand finger foot operator physicist""".split()
)
"""Who acts but is not simulated: what they do acts on the things themselves, and the report says so."""
INTENSE = {"very": 1.5, "really": 1.5, "extremely": 2.0, "quite": 1.0, "super": 1.5, "fairly": 1.0, "rather": 1.0,
           "pretty": 1.0,
           "somewhat": 0.6, "so": 1.3, "incredibly": 2.0, "extra": 1.3}  # fmt: skip
"""Adverbs of degree: the exponent of the factor of the word after them."""
ARRANGEMENTS = {
    "on top of each other": "stack", "on top of one another": "stack",
    "one on top of the other": "stack", "one on top of another": "stack",
    "side by side": "line", "next to each other": "line", "next to one another": "line",
    "in single file": "line", "one behind another": "line",
    "one after another": "line", "in a neat row": "line", "in a straight line": "line",
    "in a long row": "line", "in a long line": "line",
    "at random": "scatter", "randomly": "scatter", "scattered": "scatter", "randomly scattered": "scatter",
    "spread out": "scatter",
    "stacked up": "stack", "piled up": "pyramid", "lined up": "line", "in a heap": "pyramid", "in a big circle": "circle",
}  # fmt: skip
GLUE = set(
    """a an the please is are was were be been there that which i we you want would have of and has had having my your our me
    their his her its it's there's here's that's i'd i'm we'd let's want wants wanted need needs look looks watch see
    want can could being been just simply basically maybe nicely now also too instead happening happen happens case thing what
    someone somebody anyone person hello hi ok okay thanks thank good nice cool try trying try's picture imagine consider
    physics animation clip movie simulation
    to have of and , . ; : ! ? " ' (
) - as with simulate show me scene video generate create let us see so by for will then exactly some sits sitting lying lies
resting standing stands placed its located who should can""".split()
)
"""Words that carry no content of their own wherever they stand; everything else has to be understood."""
