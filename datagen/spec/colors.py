"""Colour names, RGB 0..1, sRGB encoded: a small palette that looks good together.

`parse_color` reads a name or `#rrggbb`. The values are ours.
"""

import re

Rgb = tuple[float, float, float]
_HEX = re.compile(r"#([0-9a-fA-F]{2})([0-9a-fA-F]{2})([0-9a-fA-F]{2})", re.ASCII)

_PALETTE = {
    "white": "#f4f1ea", "black": "#1c1c20", "gray": "#8d9096", "grey": "#8d9096", "light_gray": "#c9ccd1",
    "dark_gray": "#4a4d54", "silver": "#c5c9cf", "red": "#d1383d", "crimson": "#a3203a", "coral": "#ec6f5c",
    "orange": "#ee8b2d", "amber": "#f3b13c", "yellow": "#f2d045", "cream": "#f3e6c8", "lime": "#a9cf46", "green": "#3f9d58",
    "forest": "#2d6a45", "mint": "#93d8b5", "teal": "#2a9d94", "turquoise": "#3fc1c0", "cyan": "#45c4e6", "sky": "#87c4ee",
    "blue": "#3a6fd0", "navy": "#26396e", "indigo": "#4c4aa8", "violet": "#8057c2", "purple": "#7d3f98", "magenta": "#c23f93",
    "pink": "#ef93b3", "rose": "#dc5f80", "brown": "#7b5035", "tan": "#c9a273", "oak": "#b98a56", "walnut": "#6b4a33",
    "maple": "#dcb98a", "sand": "#dccfae", "slate": "#5d6b7a", "felt": "#1f7a4d", "brass": "#c9a545", "copper": "#c17a4f",
    "gold": "#dcb242", "ice_blue": "#cfe7f2", "ivory": "#efe8d8",
}  # fmt: skip


def _rgb(code: str) -> Rgb | None:
    found = _HEX.fullmatch(code)
    if found is None:
        return None
    red, green, blue = (round(int(part, 16) / 255.0, 4) for part in found.groups())
    return red, green, blue


COLORS: dict[str, Rgb] = {name: rgb for name, code in _PALETTE.items() if (rgb := _rgb(code)) is not None}
"""Every colour name that a spec may use."""


def parse_color(text: str) -> Rgb | None:
    """RGB of a name or of `#rrggbb`; None for anything else."""
    return COLORS.get(text) or _rgb(text)
