"""Wind in words: `in a strong wind`, `a wind of 6 m/s from the left`.

Speeds of words are ours, after the Beaufort scale (a breeze 3 m/s, a strong wind 12 m/s, reduced to what small pieces of cloth
stand).
"""

import re

from . import tokens as tk
from .tokens import Words

WINDS = {"wind": 5.0, "breeze": 2.5, "gale": 9.0, "gust": 6.0, "winds": 5.0, "storm": 9.0, "draft": 1.5, "draught": 1.5}
DEGREES = {"strong": 1.6, "stiff": 1.4, "light": 0.5, "gentle": 0.5, "slight": 0.4, "weak": 0.4, "mild": 0.6, "heavy": 1.6,
           "moderate": 1.0, "steady": 1.0, "fresh": 1.2, "sudden": 1.0, "constant": 1.0, "soft": 0.4, "fierce": 1.8,
           "powerful": 1.6, "brisk": 1.3, "violent": 1.8, "cold": 1.0, "warm": 1.0, "horizontal": 1.0,
           "summer": 0.6}  # fmt: skip
WAYS = {"left": (1.0, 0.0), "right": (-1.0, 0.0), "front": (0.0, 1.0), "behind": (0.0, -1.0), "back": (0.0, -1.0),
        "west": (1.0, 0.0), "east": (-1.0, 0.0), "south": (0.0, 1.0), "north": (0.0, -1.0), "side": (1.0, 0.0)}  # fmt: skip
"""Where a wind comes from -> along x and y."""


def wind(words: Words, at: int) -> tuple[float, str, int] | None:
    """Speed, where it comes from, and the token after a wind; None where there is none that could be meant."""
    here, factor, led = at, 1.0, words.low(at) in ("in", "with", "by", "under", "a", "the", "there", "wind")
    while words.low(here) in ("in", "with", "by", "under", "a", "the", "there", "is", "some") and here < at + 4:
        here += 1
    while words.low(here) in DEGREES and here < at + 6:
        factor, here = factor * DEGREES[words.low(here)], here + 1
    kind = WINDS.get(words.low(here), 0.0)
    if not led or not kind:
        return None
    speed, after, said = kind * factor, here + 1, words.low(at) in ("in", "under", "with", "there")
    while words.low(after) in ("blows", "blowing", "of", "at", "with", "speed", ":", "a", "that", "is", "blow"):
        said, after = True, after + 1
    found = tk.amount(words, after)
    if found is not None and found[0].dimension == "speed":
        speed, after, said = found[0].middle, found[1], True
    while words.low(after) in ("blows", "blowing"):
        said, after = True, after + 1
    side, said_side = "left", re.fullmatch(r"from (?:the )?(\w+)", " ".join(words.low(after + k) for k in range(2)))
    if words.low(after) == "from" and words.low(after + 1) == "the" and words.low(after + 2) in WAYS:
        side, after = words.low(after + 2), after + 3 + (words.low(after + 3) in ("side",))
    elif said_side and said_side[1] in WAYS:
        side, after = said_side[1], after + 2
    return (speed, side, after) if said else None
