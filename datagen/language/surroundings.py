"""What a prompt says of pictures and surroundings: cameras, light, frame rate, resolution, where and when it takes place.

Light that is named by a word has numbers of our choice. Places and seasons (`in the kitchen`) are not built;
the report says so.
"""

import re
from typing import Any, NamedTuple

from . import tokens as tk
from .attributes import attribute
from .noun_phrases import noun, phrase
from .tokens import Words
from .weather_words import wind

LIGHTS: dict[str, dict[str, Any]] = {
    "dim": {"sun": {"intensity": 0.35}, "sky": {"ambient": 0.12}},
    "dark": {"sun": {"intensity": 0.1}, "sky": {"ambient": 0.06}},
    "bright": {"sun": {"intensity": 1.6}, "sky": {"ambient": 0.4}},
    "soft": {"sun": {"intensity": 0.4}, "sky": {"ambient": 0.6}},
    "harsh": {"sun": {"intensity": 1.6}, "sky": {"ambient": 0.1}},
    "warm": {"sun": {"color": [1.0, 0.75, 0.5]}},
    "cold": {"sun": {"color": [0.75, 0.85, 1.0]}},
    "evening": {"sun": {"elevation": "12 deg", "color": [1.0, 0.72, 0.45]}},
    "morning": {"sun": {"elevation": "18 deg", "color": [1.0, 0.85, 0.65]}},
    "noon": {"sun": {"elevation": "80 deg"}},
    "overcast": {"sun": {"intensity": 0.2}, "sky": {"color": [0.8, 0.8, 0.82], "ambient": 0.6}},
    "night": {"sun": {"intensity": 0.12, "color": [0.6, 0.7, 1.0]}, "sky": {"color": [0.05, 0.06, 0.12], "ambient": 0.08}},
    "day": {"sun": {"intensity": 1.0}, "sky": {"ambient": 0.4}},
    "left": {"sun": {"azimuth": "180 deg"}}, "right": {"sun": {"azimuth": "0 deg"}},
    "front": {"sun": {"azimuth": "-90 deg"}}, "back": {"sun": {"azimuth": "90 deg"}}, "above": {"sun": {"elevation": "85 deg"}},
    "low": {"sun": {"elevation": "12 deg"}},
}  # fmt: skip
"""Words of light -> keys of the spec."""
SAID = {
    "dim": "dim", "dimly": "dim", "faint": "dim", "low": "dim", "weak": "dim", "bright": "bright", "brightly": "bright",
    "strong": "bright", "brilliant": "bright", "soft": "soft", "diffuse": "soft", "gentle": "soft", "studio": "soft",
    "harsh": "harsh",
    "hard": "harsh", "warm": "warm", "golden": "warm", "yellow": "warm", "cold": "cold", "cool": "cold", "blue": "cold",
    "evening": "evening", "sunset": "evening", "dusk": "evening", "morning": "morning", "dawn": "morning", "sunrise": "morning",
    "noon": "noon", "midday": "noon", "overcast": "overcast", "cloudy": "overcast", "moon": "night", "night": "night",
    "day": "day",
    "natural": "day", "normal": "day", "ambient": "soft", "dark": "dark",
}  # fmt: skip
SOURCES = {
    "light",
    "lighting",
    "sunlight",
    "lights",
    "illumination",
    "daylight",
    "moonlight",
    "lit",
    "sun",
    "spotlight",
    "lamplight",
}
WHOLE = {
    "at night": "night", "in the dark": "dark", "in darkness": "dark", "at dusk": "evening", "at dawn": "morning",
    "at sunset": "evening",
    "at sunrise": "morning", "at noon": "noon", "in the evening": "evening", "in the morning": "morning", "at midday": "noon",
    "in broad daylight": "day", "in daylight": "day", "in moonlight": "night", "on a cloudy day": "overcast",
    "on an overcast day": "overcast", "on a sunny day": "bright", "in bright sunshine": "bright", "in the sunshine": "bright",
    "in sunlight": "bright", "at golden hour": "evening", "in the sun": "bright", "in the shade": "soft",
    "in the dark of night": "night",
}  # fmt: skip
AROUND = set(
    """kitchen garage bedroom bathroom office lab laboratory warehouse factory classroom gym garden park beach playground bar
cafe restaurant forest room hall workshop studio desert backyard yard hallway corridor lobby gymnasium supermarket store
shop market basement attic stadium arena pub hospital library school church castle barn farm museum circus zoo city town village
parking alley bowling arcade casino theatre theater airport station harbour harbor countryside mountains woods jungle house home
apartment flat lounge dinner party picnic competition tournament match game lesson lecture exam class demonstration dining
living""".split()
)
OUTDOORS = {
    "outdoors", "indoors", "outside", "at home", "at school", "at work", "in winter", "in summer", "in spring", "in autumn",
    "on a rainy day", "in the rain", "on a hot day", "on a cold day", "one day", "once upon a time",
    "at a party",
    "on a winter day", "on a summer day", "it is a windy day", "it's a windy day", "it is raining", "after school",
    "on holiday",
}  # fmt: skip
RESOLUTIONS = {"720": (1280, 720), "1080": (1920, 1080), "480": (640, 480), "360": (480, 360), "240": (320, 240)}
SPEEDS = {"in slow motion": 120.0, "slow motion": 120.0, "in slow - motion": 120.0, "slow - motion": 120.0, "slow mo": 120.0,
          "in super slow motion": 240.0}  # fmt: skip
"""Frames per second that show it slowly when they are played at thirty."""
VIEWS = {
    "top view": "above", "top - down view": "above", "top down view": "above", "topdown view": "above",
    "from a bird's eye view": "above",
    "bird's - eye view": "above", "bird's eye view": "above", "birds eye view": "above", "from a bird's - eye view": "above",
    "overhead view": "above", "overhead camera": "above", "side view": "the side", "front view": "the front",
    "rear view": "behind",
    "seen from above": "above", "seen from the side": "the side", "seen from the front": "the front",
    "seen from behind": "behind",
    "view from above": "above", "as seen from above": "above", "camera above": "above", "camera overhead": "above",
    "a top view": "above", "a side view": "the side", "a front view": "the front", "in top view": "above",
    "in side view": "the side",
    "from a side view": "the side", "from the top view": "above", "low - angle shot": "a low angle", "low angle": "a low angle",
    "low - angle camera": "a low angle", "from a low angle": "a low angle", "from a high angle": "a high angle",
    "low angle shot": "a low angle", "high angle": "a high angle", "ground level": "a low angle",
    "from ground level": "a low angle",
    "at ground level": "a low angle", "from a top - down view": "above", "isometric view": "a high angle",
    "top - down": "above",
    "from a top view": "above", "aerial view": "above", "camera on the left": "the left", "camera on the right": "the right",
    "camera at the side": "the side", "a camera above": "above", "a camera from above": "above", "from straight above": "above",
}  # fmt: skip
CLOSER = {"close - up": 0.6, "close up": 0.6, "closeup": 0.6, "zoom in on": 0.6, "zoomed in on": 0.6, "zoomed in": 0.6,
          "close - up camera": 0.6, "close - up shot of": 0.6, "close - up of": 0.6, "close up of": 0.6, "closeup of": 0.6,
          "a close - up of": 0.6, "a close - up shot of": 0.6, "zoom in": 0.6, "wide shot": 1.6, "wide shot of": 1.6,
          "a wide shot of": 1.6, "wide angle": 1.6, "wide - angle": 1.6, "wide - angle shot": 1.6, "zoom out": 1.6,
    "zoomed out": 1.6,
          "from far away": 1.8, "from afar": 1.8, "from close by": 0.6, "from a distance": 1.6,
    "in close - up": 0.6}  # fmt: skip
"""Times the usual distance of the camera."""


VIEWS |= {
    f"{camera} {prep} {place}": word
    for camera in ("camera", "a camera", "the camera", "one camera", "camera placed", "camera positioned", "camera is placed",
                   "with a camera", "put the camera", "place the camera", "put a camera", "place a camera", "camera view")
    for prep in ("on", "at", "from", "to", "in")
    for place, word in {"the left side": "the left", "the right side": "the right", "the left": "the left",
                        "the right": "the right", "left side": "the left", "right side": "the right", "the top": "above",
                        "top": "above", "above": "above", "the front": "the front", "front": "the front", "behind": "behind",
                        "the back": "behind", "back": "behind", "the side": "the side", "side": "the side",
                        "the ceiling": "above", "the corner": "the corner", "a corner": "a corner"}.items()
}  # fmt: skip


class Surrounding(NamedTuple):
    """what: a kind of setting, or `told`; value and word: what it says; after: the token after it."""

    what: str
    value: float
    word: str
    after: int


def surrounding(words: Words, at: int) -> Surrounding | None:
    """What stands at a token about pictures and surroundings, or None."""
    for table, what in ((SPEEDS, "fps"), (CLOSER, "closer")):
        if found := phrase(words, at, table, False):
            return Surrounding(what, table[found[0]], found[0], found[1])
    if (blown := wind(words, at)) is not None:
        return Surrounding("wind", blown[0], blown[1], blown[2])
    if words.low(at) in ("camera", "with", "the") and (far := _far(words, at)):
        return far
    if (view := phrase(words, at, VIEWS, False)) and not (words.low(view[1]) == "of" and noun(words, view[1] + 2) is None):
        return Surrounding("camera", 0.0, VIEWS[view[0]], view[1] + (words.low(view[1]) in ("of",)))
    return _light(words, at) or _resolution(words, at) or _episodes(words, at) or _around(words, at)


def _far(words: Words, at: int) -> Surrounding | None:
    """`With the camera 2 m away`: how far the camera is."""
    here = at
    while words.low(here) in ("with", "the", "a", "camera", "is", "at", "from", "placed", "positioned") and here < at + 6:
        here += 1
    if "camera" not in [words.low(k) for k in range(at, here)]:
        return None
    found = tk.amount(words, here)
    if found is None or found[0].dimension != "length" or words.low(found[1]) not in ("away", "distance", "from"):
        return None
    return Surrounding("distance", found[0].middle, "", found[1] + 1)


def _light(words: Words, at: int) -> Surrounding | None:
    """`Dim light`, `warm evening light`, `lit from the left`, `at night`."""
    if whole := phrase(words, at, WHOLE, False):
        return Surrounding("light", 0.0, WHOLE[whole[0]], whole[1])
    here, said = at, []
    while words.low(here) in ("under", "in", "with", "by", "a", "the", "very", ",", "and") and here < at + 3:
        here += 1
    while words.low(here) in SAID and here < at + 8:
        said.append(SAID[words.low(here)])
        here += 1
    if words.low(here) not in SOURCES or (here == at and words.low(here) in ("lit",) and not said):
        return None
    if not said and words.low(here) in ("light", "lights", "sun", "lit", "lighting") and words.low(here + 1) not in ("from",):
        return None
    said += {"sunlight": ["day"], "daylight": ["day"], "moonlight": ["night"]}.get(words.low(here), []) if not said else []
    here += 1 + (words.low(here + 1) in ("lighting", "light", "conditions"))
    side = re.fullmatch(
        r"from (?:the )?(left|right|front|back|behind|above|side)", _run(words, here, 3) or _run(words, here, 2)
    )
    if side:
        said.append({"behind": "back", "side": "right"}.get(side[1], side[1]))
        here += len(side[0].split())
    return Surrounding("light", 0.0, " ".join(said), here) if said else None


def _run(words: Words, at: int, length: int) -> str:
    text = " ".join(words.low(at + k) for k in range(length))
    return text if re.fullmatch(r"from (?:the )?\w+", text) and len(text.split()) == length else ""


def _resolution(words: Words, at: int) -> Surrounding | None:
    """`640 x 480 pixels`, `720p`, `at a resolution of 256 by 256`."""
    here = at
    while words.low(here) in ("at", "a", "resolution", "of", "with", "in") and here < at + 5:
        here += 1
    named = "resolution" in [words.low(k) for k in range(at, here)] or words.low(at - 1) == "resolution"
    if words.low(here + 1) == "p" and words.low(here) in RESOLUTIONS:
        wide, high = RESOLUTIONS[words.low(here)]
        return Surrounding("resolution", 0.0, f"{wide}x{high}", here + 2)
    if not (words.low(here).isdigit() and words.low(here + 1) in ("x", "by", "×") and words.low(here + 2).isdigit()):
        return None
    pixels = words.low(here + 3) in ("pixels", "px", "pixel", "resolution")
    ends = words.low(here + 3) in (".", ",", ";", "") or here + 3 >= len(words.tokens)  # `24 fps, 320x240`
    bare = ends and min(int(words.low(here)), int(words.low(here + 2))) >= 96
    if not pixels and not named and not bare:
        return None
    return Surrounding("resolution", 0.0, f"{words.low(here)}x{words.low(here + 2)}", here + 3 + pixels)


def _episodes(words: Words, at: int) -> Surrounding | None:
    """`50 episodes of`, `a dataset of 200 clips`: how many is an option of the command."""
    found = tk.number(words, at)
    if found is None or words.low(found[1]) not in (
        "episodes",
        "videos",
        "clips",
        "samples",
        "examples",
        "simulations",
        "variations",
    ):
        return None
    after = found[1] + 1
    after += words.low(after) in ("of", "in")
    return Surrounding("told", found[0], "", after + (words.low(after) in ("which", "where")))


def _around(words: Words, at: int) -> Surrounding | None:
    """`In the kitchen`, `outdoors`: where it takes place."""
    if whole := phrase(words, at, OUTDOORS, False, 6):
        return Surrounding("told", 0.0, whole[0], whole[1])
    if words.low(at) not in ("in", "at", "on", "inside", "during", "near") or noun(words, at + 1):
        return None
    here = at + 1
    while here < at + 5 and (
        words.low(here) in ("a", "an", "the", "my", "our", "some", "his", "her") or attribute(words, here)
    ):
        if noun(words, here):
            return None
        here += 1
    while words.low(here) in AROUND and here < at + 8 and not noun(words, here):
        here += 1
    known = words.low(here - 1) in AROUND
    if words.low(here) in ("room", "lot", "alley", "hall") and known:
        here += 1
    return Surrounding("told", 0.0, "", here) if known and not noun(words, here) and here > at + 1 else None


def lights(said: list[str]) -> dict[str, Any]:
    """`lights` of the spec."""
    out: dict[str, Any] = {}
    for word in " ".join(said).split():
        for key, value in LIGHTS.get(word, {}).items():
            out[key] = out.get(key, {}) | value
    return out
