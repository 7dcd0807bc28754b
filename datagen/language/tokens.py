"""Prompt -> tokens with character offsets, word forms, and quantities with their units: `two and a half metres`, `6 L/min`.

A quantity is a number (digits, words, fractions, dozens), a range, an approximation or a list, followed by a whitelisted unit;
all are turned into SI. Nothing is evaluated: `9**9**9 m` is a number followed by characters that mean nothing.
"""

import math
import re
from dataclasses import dataclass, field
from typing import Literal

TOKEN = re.compile(
    r"\d{1,3}(?:,\d{3})+(?:\.\d+)?|\d+(?:\.\d+)?(?:e[+-]?\d{1,2})?|\.\d+|[A-Za-z]+(?:['’][a-z]+)?|[½¼¾]|\S", re.I | re.ASCII
)
ONES = dict(zip("zero one two three four five six seven eight nine ten eleven twelve thirteen fourteen fifteen sixteen "
    "seventeen eighteen nineteen".split(), range(20), strict=True))  # fmt: skip
TENS = dict(zip("twenty thirty forty fifty sixty seventy eighty ninety".split(), range(20, 100, 10), strict=True))
SCALES = {"hundred": 100.0, "thousand": 1000.0, "million": 1e6, "dozen": 12.0, "score": 20.0}
FRACTIONS = {"half": 0.5, "third": 1 / 3, "quarter": 0.25, "tenth": 0.1, "fifth": 0.2, "½": 0.5, "¼": 0.25, "¾": 0.75}
ORDINALS = dict(zip("first second third fourth fifth sixth seventh eighth ninth tenth".split(), range(10), strict=True))
APPROXIMATE = {"about", "around", "roughly", "approximately", "nearly", "almost", "circa", "~"}
_MUL = math.pi / 180
UNITS: dict[str, tuple[str, float]] = {}
for _dimension, _text in {
    "volume_": "meter^3=1 metre^3=1 centimeter^3=1e-6 centimetre^3=1e-6 decimeter^3=1e-3 decimetre^3=1e-3 "
    "inch^3=1.6387e-5 foot^3=.0283168 yard^3=.764555 millimeter^3=1e-9 millimetre^3=1e-9",
    "length": "m=1 meter=1 metre=1 mile=1609.344 km=1000 kilometer=1000 kilometre=1000 dm=.1 cm=.01 centimeter=.01 "
    "centimetre=.01 "
    "mm=.001 millimeter=.001 millimetre=.001 in=.0254 inch=.0254 ft=.3048 foot=.3048 yard=.9144",
    "mass": "kg=1 kilo=1 kilogram=1 g=.001 gram=.001 gramme=.001 kgs=1 kilogramme=1 mg=1e-6 milligram=1e-6 ton=1000 "
    "tonne=1000 lb=.45359237 "
    "pound=.45359237 oz=.0283495 ounce=.0283495",
    "time": "s=1 sec=1 second=1 ms=.001 millisecond=.001 min=60 minute=60 hour=3600",
    "angle": f"deg={_MUL} degree={_MUL} °={_MUL} rad=1 radian=1 turn={2*math.pi} revolution={2*math.pi} rev={2*math.pi} "
    f"rotation={2*math.pi}",
    "speed": "m/s=1 cm/s=.01 km/h=.2777777777777778 mph=.44704 mm/s=.001 meter/second=1 metre/second=1 "
    "centimeter/second=.01 centimetre/second=.01 kilometer/hour=.2777777777777778 kilometre/hour=.2777777777777778 "
    "millimeter/second=.001 millimetre/second=.001 foot/second=.3048 ft/s=.3048 inch/second=.0254 kph=.2777777777777778 "
    "kmh=.2777777777777778 knot=.514444 mile/hour=.44704 m/sec=1 m/second=1 cm/second=.01 meter/s=1 metre/s=1 mps=1 "
    "meter/minute=.016666666666666666 metre/minute=.016666666666666666 km/hour=.2777777777777778",
    "force": "n=1 newton=1 kn=1000 kilonewton=1000 mn=.001 millinewton=.001",
    "impulse": "n*s=1 ns=1 newton*second=1 n*second=1 n*sec=1 newton*s=1 kg*m/s=1",
    "volume": "l=.001 liter=.001 litre=.001 ml=1e-6 milliliter=1e-6 millilitre=1e-6 cl=1e-5 dl=1e-4 m^3=1 cm^3=1e-6 m3=1 "
    "centilitre=1e-5 centiliter=1e-5 cm3=1e-6 cc=1e-6 dm^3=.001 handful=6e-5 spoonful=1.5e-5 teaspoon=5e-6 "
    "tablespoon=1.5e-5 cupful=2.4e-4 bucketful=.01 pinch=5e-7 glassful=2.5e-4 teaspoonful=5e-6 tablespoonful=1.5e-5 "
    "pint=.000473176 gallon=.00378541 quart=.000946353",
    "rate": "fps=1 hz=1 hertz=1 frame/second=1", "pixel": "px=1 pixel=1",
    "flow": "l/min=1.6666666666666667e-5 litre/minute=1.6666666666666667e-5 liter/minute=1.6666666666666667e-5 "
    "ml/s=1e-6 l/s=.001 litre/second=.001 liter/second=.001",
    "spin": f"rpm={2*math.pi/60} rad/s=1 radian/second=1 degree/second={_MUL} deg/s={_MUL} "
    f"revolution/minute={2*math.pi/60} revolution/second={2*math.pi} turn/second={2*math.pi} rev/minute={2*math.pi/60} "
    f"rev/min={2*math.pi/60} rev/second={2*math.pi} rev/s={2*math.pi} rps={2*math.pi} turn/minute={2*math.pi/60} "
    f"rotation/second={2*math.pi} rotation/minute={2*math.pi/60} rad/sec=1 radian/s=1 °/s={_MUL} degree/s={_MUL}",
    "acceleration": "m/s^2=1 m/s2=1 m/s/s=1 meter/second^2=1 metre/second^2=1 meter/second/second=1 metre/second/second=1 "
    "gee=9.81", "ratio": "%=.01 percent=.01", "density": "kg/m^3=1 kg/m3=1 g/cm^3=1000 g/cm3=1000",
    "points": "point=1 pt=1", "torque": "n*m=1",
}.items():  # fmt: skip
    UNITS |= {key: (_dimension.rstrip("_"), float(value)) for key, _, value in (pair.partition("=") for pair in _text.split())}
SI = {"length": "m", "mass": "kg", "time": "s", "angle": "rad", "speed": "m/s", "force": "N", "impulse": "N*s", "volume": "m^3",
      "flow": "m^3/s", "spin": "rad/s", "acceleration": "m/s^2", "density": "kg/m^3", "torque": "N*m"}  # fmt: skip


@dataclass(frozen=True)
class Token:
    """A word, number or sign: text, in lower case, and its place in the prompt."""

    start: int
    end: int
    text: str

    @property
    def low(self) -> str:
        """Lower case, with straight apostrophes."""
        return self.text.lower().replace("’", "'")


@dataclass(frozen=True)
class Amount:
    """values: SI numbers; kind: exact, uniform (low, high), normal (mean, std) or choice; dimension: of `UNITS`, or count."""

    values: tuple[float, ...]
    dimension: str
    kind: Literal["exact", "uniform", "normal", "choice"] = "exact"

    @property
    def middle(self) -> float:
        """What stands for it where one number is needed."""
        return self.values[0] if self.kind != "uniform" else 0.5 * (self.values[0] + self.values[-1])


@dataclass
class Words:
    """The tokens of a prompt, and what each was understood as (None: not yet)."""

    text: str
    tokens: list[Token]
    marks: list[str | None] = field(default_factory=list)

    def low(self, at: int) -> str:
        """The token at an index in lower case; "" beyond the end."""
        return self.tokens[at].low if 0 <= at < len(self.tokens) else ""

    def mark(self, start: int, end: int, meaning: str | None) -> None:
        """Says what a run of tokens means."""
        for at in range(start, end):
            self.marks[at] = meaning

    def quote(self, start: int, end: int) -> str:
        """The words as they stand in the prompt."""
        return self.text[self.tokens[start].start : self.tokens[end - 1].end] if end > start else ""


def tokenize(text: str) -> Words:
    """Splits a prompt; offsets count characters."""
    tokens = [Token(found.start(), found.end(), found.group()) for found in TOKEN.finditer(text)]
    return Words(text, tokens, [None] * len(tokens))


LETTERS = "abcdefghijklmnopqrstuvwxyz"


def misspelt(word: str, known: set[str]) -> str:
    """The one known word that a word becomes when two neighbours change places, a doubled letter is one, or a letter is missing
    (from five letters on); "" where there is none or more than one."""
    turned = {word[:k] + word[k + 1] + word[k] + word[k + 2 :] for k in range(len(word) - 1)} - {word}
    halved = {word[:k] + word[k + 1 :] for k in range(1, len(word)) if word[k] == word[k - 1]}
    found = (turned | halved) & known
    if not found and len(word) > 4:
        found = {word[:k] + letter + word[k:] for k in range(1, len(word)) for letter in LETTERS} & known
    return next(iter(found)) if len(found) == 1 else ""


def forms(word: str) -> tuple[str, ...]:
    """A word and what it may be a form of, the likeliest first."""
    word = word.removesuffix("'s") if word.endswith("'s") else word
    irregular = {"dominoes": "domino", "shelves": "shelf", "boxes": "box", "feet": "foot", "inches": "inch", "knives": "knife",
                 "fell": "fall", "falls": "fall", "threw": "throw", "thrown": "throw", "shot": "shoot", "spun": "spin",
                 "struck": "strike",
                 "rose": "rise", "is": "be", "are": "be", "was": "be", "were": "be", "stays": "stay", "stood": "stand",
                 "spilt": "spill",
                 "fallen": "fall", "left": "left", "flung": "fling", "hung": "hang", "brought": "bring", "dropt": "drop",
                 "took": "take", "taken": "take", "lain": "lie", "leant": "lean", "slung": "sling",
                 "bounced": "bounce", "broke": "break",
                 "broken": "break", "shook": "shake", "shelving": "shelf", "made": "make", "built": "build",
                 "held": "hold", "gave": "give", "swung": "swing", "blew": "blow", "came": "come", "has": "have",
                 "slid": "slide", "lands": "land", "ends": "end", "shaken": "shake", "driven": "drive", "drove": "drive",
    "drawn": "draw",
                 "sunk": "sink", "sank": "sink", "swept": "sweep", "stuck": "stick", "rung": "ring", "ridden": "ride",
    "rode": "ride",
                 "spilled": "spill", "laid": "lay", "kept": "keep", "put": "put", "sprung": "spring", "wound": "wind",
    "bent": "bend",
                 "fed": "feed", "dug": "dig", "beaten": "beat", "caught": "catch", "given": "give", "knelt": "kneel",
    "loaves": "loaf",
                 "halves": "half", "scarves": "scarf", "leaves": "leaf", "geese": "goose", "mice": "mouse", "flies": "fly",
                 "flew": "fly",    "flown": "fly",
                 "sat": "sit", "cast": "cast", "hid": "hide", "burst": "burst", "lit": "light", "taught": "teach",
    "torn": "tear"}  # fmt: skip
    out = [word]
    if word in irregular:
        out.append(irregular[word])
    for ending, new in (
        ("ies", "y"),
        ("ied", "y"),
        ("es", ""),
        ("s", ""),
        ("ing", ""),
        ("ing", "e"),
        ("ed", ""),
        ("ed", "e"),
        ("es", "e"),
    ):
        if word.endswith(ending) and len(word) > len(ending) + 1:
            stem = word.removesuffix(ending)
            out += [stem + new, stem[:-1] + new] if len(stem) > 2 and stem[-1:] == stem[-2:-1] else [stem + new]
    return tuple(out)


ONE_UNITS = set(
    "meter metre centimeter centimetre foot yard kilo kilogram gram gramme litre liter minute newton inch millimetre "
    "handful spoonful teaspoon tablespoon cupful bucketful pinch glassful teaspoonful tablespoonful".split()
)


def number(words: Words, at: int) -> tuple[float, int] | None:
    """A number at a token, and the token after it."""
    low = words.low(at)
    if low in ("minus", "-", "−") and (found := number(words, at + 1)) is not None:
        return -found[0], found[1]
    if re.fullmatch(r"[\d.,]+(e[+-]?\d+)?", low) and any(letter.isdigit() for letter in low):
        return _tail(words, at + 1, float(low.replace(",", "")))
    if low in ("a", "an", "half", "quarter", "couple", "dozen", "half", "¼", "½", "¾", "three", "two", "none") and (
        found := _fraction(words, at)
    ):
        return found
    return _spoken(words, at)


def _fraction(words: Words, at: int) -> tuple[float, int] | None:
    """half a, a quarter of a, three quarters of a, a couple of, a dozen, half a dozen."""
    low, after, third = words.low(at), words.low(at + 1), words.low(at + 2)
    if low == "half" and after in ("a", "an"):
        return (6.0, at + 3) if third == "dozen" else (0.5, at + 2)
    if low in ("a", "an") and after in ("couple", "pair"):
        return 2.0, at + (3 if third == "of" else 2)
    if (
        low in ("a", "an")
        and after in ("half", "quarter", "third", "tenth")
        and third in ("of", "full", "filled", *UNITS, "turn", "litre", "metre")
    ):
        skip = 3 if third == "of" else 2
        return FRACTIONS[after], at + skip + (words.low(at + skip) in ("a", "an"))
    if low in ("a", "an") and any(form in ONE_UNITS for form in forms(after)[:1]):
        return 1.0, at + 1
    if low in ("a", "an") and after == "second" and third in ("", ".", ",", "later", "and", "then", ";"):
        return 1.0, at + 1
    if low in ("a", "an") and after in ("dozen", "hundred", "thousand"):
        return SCALES[after], at + (3 if third == "of" else 2)
    if low in ("two", "three") and after in ("thirds", "quarters", "fifths", "tenths"):
        return ONES[low] * FRACTIONS[after[:-1]], at + (2 + (third == "of") + (words.low(at + 3) in ("a", "an")))
    if low in ("½", "¼", "¾", "half", "quarter"):
        return (FRACTIONS[low], at + 1) if after in UNITS or low in "½¼¾" else None
    if low == "none" and after == "of":
        return 0.0, at + 1
    return (12.0, at + 1) if low == "dozen" else None


def _spoken(words: Words, at: int) -> tuple[float, int] | None:
    total, here = 0.0, at
    while (
        (low := words.low(here)) in ONES
        or low in TENS
        or (low in SCALES and here > at)
        or (low == "-" and here > at and words.low(here + 1) in ONES)
    ):
        if low != "-":
            total = total * SCALES[low] if low in SCALES else total + ONES.get(low, TENS.get(low, 0))
        here += 1
    return None if here == at else _tail(words, here, total)


def _tail(words: Words, here: int, value: float) -> tuple[float, int]:
    """`and a half`, `point five`, `½`."""
    if [words.low(here + k) for k in range(3)] == ["and", "a", "half"]:
        return value + 0.5, here + 3
    if words.low(here) == "point" and words.low(here + 1) in ONES:
        return _decimals(words, here + 1, value)
    if (part := _ratio(words, here)) is not None and value == int(value):  # `33 1/3`
        return value + part[0], part[1]
    if words.low(here) == "/" and words.low(here + 1).isdigit() and 1 < int(words.low(here + 1)) <= 100:
        return value / int(words.low(here + 1)), _of_one(words, here + 2)
    if words.low(here) in ("hundred", "thousand", "dozen"):
        return value * SCALES[words.low(here)], here + 1
    return (value + FRACTIONS[words.low(here)], here + 1) if words.low(here) in ("½", "¼", "¾") else (value, here)


def _decimals(words: Words, here: int, value: float) -> tuple[float, int]:
    """`Zero point two five`: the digits after the point."""
    place = 0.1
    while words.low(here) in ONES and ONES[words.low(here)] < 10:
        value, place, here = value + place * ONES[words.low(here)], 0.1 * place, here + 1
    return round(value, 9), here


def _ratio(words: Words, at: int) -> tuple[float, int] | None:
    """`1/3` at a token."""
    above, below = words.low(at), words.low(at + 2)
    if above.isdigit() and below.isdigit() and words.low(at + 1) == "/" and 0 < int(above) < int(below) <= 100:
        return int(above) / int(below), at + 3
    return None


def _of_one(words: Words, here: int) -> int:
    """The token after `of a`, where a unit follows: `3/4 of a metre`."""
    one = words.low(here) == "of" and words.low(here + 1) in ("a", "an", "one") and words.low(here + 2) in UNITS
    return here + 2 if one else here


SPREAD = (("±",), ("+", "/", "-"), ("plus", "or", "minus"), ("give", "or", "take"))


def unit(words: Words, at: int) -> tuple[str, float, int] | None:
    """Dimension, factor and the token after a unit: the longest of `m`, `m/s`, `metres per second`, `N s`, `cubic metres`."""
    best = None
    spelled = ""
    for here in range(at, min(at + 6, len(words.tokens))):
        low = words.low(here)
        if here == at and low == "-":
            continue
        if low in ("cubic", "square") and here == at:
            continue
        low = {
            "per": "/",
            "a": "/" if here > at and words.low(here + 1) in ("second", "minute", "hour") else "a",
            "an": "/" if here > at and words.low(here + 1) == "hour" else "an",
            "each": "/" if here > at and words.low(here + 1) == "second" else "each",
            "·": "*",
            "⋅": "*",
            "-": "*" if here > at and words.low(here + 1) in ("second", "seconds", "s") else "-",
            ".": "*" if here > at and words.low(here + 1) == "s" and spelled in ("n", "newton") else ".",
            "²": "^2",
            "³": "^3",
        }.get(low, low)
        pieces = [
            form for form in forms(low) if form in UNITS or form in ("/", "*", "^", "2", "3", "^2", "^3", "mile", "h", "frame")
        ]
        if not pieces:
            break
        if spelled and spelled[-1] not in "/*^" and pieces[0] not in ("/", "*", "^", "2", "3", "^2", "^3"):
            spelled += "*"
        spelled += pieces[0] if spelled or pieces[0] not in ("2", "3") else ""
        name = spelled + ("^3" if words.low(at) == "cubic" else "")
        if name in UNITS:
            best = (*UNITS[name], here + 1)
    return best


def _normal(words: Words, at: int) -> tuple[Amount, int] | None:
    """`normally distributed around 5 N with a standard deviation of 1 N`."""
    while words.low(at) in (
        *APPROXIMATE,
        "with",
        "a",
        "mean",
        "of",
        "at",
        "centred",
        "centered",
        "on",
        "average",
        "force",
        "speed",
        "impulse",
        "mass",
    ):
        at += 1
    mean = amount(words, at)
    if mean is None or mean[0].kind == "normal":
        return None
    here = mean[1]
    while words.low(here) in ("with", "and", "a", "standard", "deviation", "std", "sigma", "of", ","):
        here += 1
    said = {words.low(k) for k in range(mean[1], here)}
    spread = amount(words, here) if said & {"deviation", "std", "sigma"} else None
    if spread is None or spread[0].dimension not in (mean[0].dimension, "count"):
        return None
    return Amount((mean[0].middle, spread[0].middle), mean[0].dimension, "normal"), spread[1]


NORMAL = (("a", "normally", "distributed"), ("normally", "distributed"), ("a", "normal", "distribution"),
          ("normal", "distribution"),
          ("a", "gaussian"),
          ("gaussian",), ("a", "gaussian", "distribution"))  # fmt: skip
LOOSE = {"uniformly", "distributed", "randomly", "random", "anywhere", "somewhere", "anything", "ranging", "varying", "drawn",
         "chosen", "sampled", "picked", "uniform", "varies", "ranges", "of", "equally", "likely", "selected", "varied", "vary",
         "range"}  # fmt: skip
JOINING = {
    "from",
    "a",
    "an",
    "the",
    "in",
    "distribution",
    "range",
    "interval",
    "over",
    "at",
    "value",
    "values",
    "to",
    "be",
    "with",
}


def _drawn(words: Words, at: int) -> int:
    """The token after `drawn uniformly`, `ranging`: a range comes after it."""
    here = at
    while words.low(here) in LOOSE or (here > at and words.low(here) in JOINING and not number(words, here + 1)):
        here += 1
    if here == at + 1 and words.low(at) == "either" and number(words, here):
        return here
    return here if here > at and words.low(here) in ("between", "from") and number(words, here + 1) else at


def _list(words: Words, start: int, at: int, rough: bool) -> tuple[Amount, int] | None:
    """`0.5, 1, 2 and 4 N s`, `3, 4 or 5 boxes`, `5 and 10 N`: one of these values."""
    values: list[float] = []
    here, joined = at, ""
    while rough is False and start == at and (found := number(words, here)) is not None and words.low(here) not in ("a", "an"):
        values.append(found[0])
        scale = unit(words, found[1])
        if scale is not None and joined in ("and", "or"):
            return (Amount(tuple(value * scale[1] for value in values), scale[0], "choice"), scale[2]) if values[1:] else None
        if scale is not None or len(values) > 16:
            return None
        if joined == "or" and values[2:]:
            return Amount(tuple(values), "count", "choice"), found[1]
        joined, here = words.low(found[1]), found[1] + 1
        if joined == "," and words.low(here) in ("and", "or"):
            joined, here = words.low(here), here + 1
        if joined not in (",", "and", "or"):
            return None
    return None


def amount(words: Words, at: int) -> tuple[Amount, int] | None:
    """A quantity at a token: with a unit, or a plain count; ranges, approximations and normal distributions included."""
    skip = at + sum(words.low(at + k) in ("drawn", "sampled", "from", "follows", "following") for k in range(2))
    for run in NORMAL:
        if all(words.low(skip + k) == word for k, word in enumerate(run)):
            return _normal(words, skip + len(run))
    if words.low(at) == "of":
        return None
    if words.low(at) == "up" and words.low(at + 1) == "to":
        return _at_most(words, at + 2)
    at = _drawn(words, at)
    start, rough = at, False
    while words.low(at) in APPROXIMATE or (words.low(at) in ("between", "from") and number(words, at + 1)):
        rough = rough or words.low(at) in APPROXIMATE
        at += 1
    between = words.low(at - 1) if at > start else ""
    first = number(words, at)
    if first is None:
        return None
    low_unit = unit(words, first[1])
    after = low_unit[2] if low_unit else first[1]
    joint = ("and",) if between == "between" else ("to", "-", "–", "through")
    if (
        words.low(after) in joint
        and (second := number(words, after + 1)) is not None
        and words.low(after + 1) not in ("-", "a", "an")
    ):
        high_unit = unit(words, second[1])
        made = high_unit or low_unit
        dimension, factor = (made[0], made[1]) if made else ("count", 1.0)
        low_factor = low_unit[1] if low_unit and low_unit[0] == dimension else factor
        return Amount((first[0] * low_factor, second[0] * factor), dimension, "uniform"), (
            high_unit[2] if high_unit else second[1]
        )
    if (many := _list(words, start, at, rough)) is not None:
        return many
    if (
        words.low(after) == "or"
        and (second := number(words, after + 1)) is not None
        and words.low(after + 1) not in ("a", "an")
    ):
        high_unit = unit(words, second[1])
        made = high_unit or low_unit
        dimension, factor = (made[0], made[1]) if made else ("count", 1.0)
        ends = (first[0] * factor, second[0] * factor)
        return Amount(ends, dimension, "choice"), high_unit[2] if high_unit else second[1]
    if between == "between":  # `between two cups` is a place
        return None
    dimension, factor = (low_unit[0], low_unit[1]) if low_unit else ("count", 1.0)
    value = first[0] * factor
    signs = next((len(run) for run in SPREAD if all(words.low(after + k) == word for k, word in enumerate(run))), 0)
    if signs and (spread := number(words, after + signs)) is not None:
        other = unit(words, spread[1])
        wide = spread[0] * (other[1] if other else factor)
        name = other[0] if other else dimension
        scale = other[1] if other and not low_unit else factor
        return Amount((first[0] * scale - wide, first[0] * scale + wide), name, "uniform"), other[2] if other else spread[1]
    if rough and dimension != "count":
        return Amount((0.9 * value, 1.1 * value), dimension, "uniform"), after
    return Amount((value,), dimension), after


def _at_most(words: Words, at: int) -> tuple[Amount, int] | None:
    """`Up to 10 N`: anything from nothing to that."""
    found = amount(words, at) if number(words, at) is not None else None
    if found is None or found[0].kind != "exact" or found[0].dimension not in ("force", "impulse", "speed", "spin", "torque"):
        return None
    return Amount((0.0, found[0].values[0]), found[0].dimension, "uniform"), found[1]
