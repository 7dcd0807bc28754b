"""Small plots as inline SVG: lines over time, and a timeline of events. Plain text in, plain text out.

Decides colours that people with colour-blindness tell apart (Okabe and Ito, 2008) and adds a dash pattern as a second sign.
Limits: linear axes, one plot a drawing.
"""

from collections.abc import Mapping, Sequence
from html import escape

import numpy as np

COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000", "#8A8A00")
DASHES = ("", "6 3", "2 2", "8 2 2 2")
WIDTH, HEIGHT = 620, 170
LEFT, RIGHT, TOP, BOTTOM = 58, 8, 8, 22


def line_plot(title: str, unit: str, time: np.ndarray, lines: Mapping[str, np.ndarray], marks: Sequence[float] = ()) -> str:
    """Lines (name -> values of the length of `time` [s]) with a legend; `marks` are times of vertical hair lines."""
    values = np.concatenate([np.asarray(line, float) for line in lines.values()]) if lines else np.zeros(1)
    low, high = float(values.min()), float(values.max())
    if high - low < 1e-9 * max(1.0, abs(high)):
        low, high = low - 0.5, high + 0.5
    end = max(float(time[-1]), 1e-9) if len(time) else 1.0
    parts = [_frame(title, unit), *_grid(low, high, end)]
    parts += [
        f'<line class="mark" x1="{_x(t, end):.1f}" x2="{_x(t, end):.1f}" y1="{TOP}" y2="{HEIGHT - BOTTOM}"/>' for t in marks
    ]
    for number, line in enumerate(lines.values()):
        points = " ".join(f"{_x(t, end):.1f},{_y(v, low, high):.1f}" for t, v in zip(time, line, strict=True))
        dash = DASHES[number // len(COLORS) % len(DASHES)]
        parts.append(f'<polyline points="{points}" stroke="{COLORS[number % len(COLORS)]}" stroke-dasharray="{dash}"/>')
    return _figure(title, unit, parts, list(lines))


def timeline(rows: Mapping[str, Sequence[tuple[float, str]]], duration: float) -> str:
    """Events as dots, one row a kind: kind -> [(time [s], sentence)]; the sentence shows when the pointer rests on a dot."""
    height = TOP + BOTTOM + 18 * max(1, len(rows))
    end = max(duration, 1e-9)
    parts = [
        f'<rect class="frame" x="{LEFT + 50}" y="{TOP}" width="{WIDTH - LEFT - 50 - RIGHT}" height="{height - TOP - BOTTOM}"/>'
    ]
    for row, (kind, events) in enumerate(rows.items()):
        y = TOP + 9 + 18 * row
        color = COLORS[row % len(COLORS)]
        parts.append(f'<text class="label" x="{LEFT + 44}" y="{y + 4}" text-anchor="end">{escape(kind)}</text>')
        for time, text in events:
            x = LEFT + 50 + (WIDTH - LEFT - 50 - RIGHT) * min(time / end, 1.0)
            parts.append(
                f'<circle cx="{x:.1f}" cy="{y}" r="4" fill="{color}"><title>{time:.2f} s: {escape(text)}</title></circle>'
            )
    parts.append(f'<text class="label" x="{WIDTH - RIGHT}" y="{height - 6}" text-anchor="end">{duration:.2f} s</text>')
    return f'<svg viewBox="0 0 {WIDTH} {height}" role="img" aria-label="events">{"".join(parts)}</svg>'


def ticks(low: float, high: float, most: int = 4) -> list[float]:
    """Round numbers in [low, high], about `most` of them."""
    raw = (high - low) / most
    power = 10.0 ** np.floor(np.log10(raw))
    step = next(power * factor for factor in (1.0, 2.0, 5.0, 10.0) if power * factor >= raw * 0.999)
    first = int(np.ceil(low / step - 1e-9))
    return [round(step * k, 12) for k in range(first, int(np.floor(high / step + 1e-9)) + 1)]


def _x(time: float, end: float) -> float:
    return LEFT + (WIDTH - LEFT - RIGHT) * float(time) / end


def _y(value: float, low: float, high: float) -> float:
    return HEIGHT - BOTTOM - (HEIGHT - TOP - BOTTOM) * (float(value) - low) / (high - low)


def _frame(title: str, unit: str) -> str:
    return f'<rect class="frame" x="{LEFT}" y="{TOP}" width="{WIDTH - LEFT - RIGHT}" height="{HEIGHT - TOP - BOTTOM}"/>'


def _grid(low: float, high: float, end: float) -> list[str]:
    parts = []
    for value in ticks(low, high):
        y = _y(value, low, high)
        parts.append(f'<line class="grid" x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}"/>')
        parts.append(f'<text class="label" x="{LEFT - 5}" y="{y + 3:.1f}" text-anchor="end">{value:g}</text>')
    for value in ticks(0.0, end, 6):
        x = _x(value, end)
        parts.append(f'<text class="label" x="{x:.1f}" y="{HEIGHT - 7}" text-anchor="middle">{value:g}</text>')
    return parts


def _figure(title: str, unit: str, parts: Sequence[str], names: Sequence[str]) -> str:
    keys = "".join(
        f'<span><i style="background:{COLORS[number % len(COLORS)]}"></i>{escape(name)}</span>'
        for number, name in enumerate(names)
    )
    label = f"{escape(title)} <small>{escape(unit)}, over s</small>"
    svg = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img" aria-label="{escape(title)}">{"".join(parts)}</svg>'
    return f'<figure><figcaption>{label}</figcaption>{svg}<div class="keys">{keys}</div></figure>'
