"""The coverage report as one HTML page without anything from elsewhere: bars beside what was expected, cells of pairs.

Limits: no scripts; numbers stand in the tips of bars and cells.
"""

from collections.abc import Mapping
from html import escape
from pathlib import Path
from typing import Any

WIDTH, HEIGHT = 300, 90
STYLE = """body{font:14px system-ui,sans-serif;margin:2em;max-width:70em;color:#222}
h1,h2{font-weight:600}section{display:flex;flex-wrap:wrap;gap:1.2em}figure{margin:0;width:300px}
figcaption{font-size:12px;margin-bottom:3px;overflow-wrap:anywhere}small{color:#666}.bad{color:#b30000}
rect.n{fill:#0072B2}line.e{stroke:#D55E00;stroke-width:2}td{width:26px;height:20px;font-size:10px;text-align:center}
table{border-spacing:1px}"""


def write_page(report: Mapping[str, Any], path: Path) -> None:
    """Write the page of a report of `coverage`."""
    draws = "".join(_draw(name, one) for name, one in report["draws"].items())
    pairs = "".join(_pair(one) for one in report["pairs"])
    state = "" if all(report["sealed"]) else "; in the making"
    head = f"{report['episodes']} episodes, {report['failed']} failed{state}"
    text = (
        f"<!doctype html><html lang='en'><meta charset='utf-8'><title>coverage</title><style>{STYLE}</style>"
        f"<h1>Coverage</h1><p>{escape(', '.join(report['datasets']))}<br>{head}</p>"
        f"<p>Bars: what was drawn. Orange: what was declared.</p><section>{draws}</section>"
        f"<h2>Pairs of the draws that matter most</h2><section>{pairs or 'none'}</section></html>\n"
    )
    path.write_text(text, encoding="utf-8")


def _draw(name: str, one: Mapping[str, Any]) -> str:
    counts, expected = one["counts"], one["expected"] or []
    top = max([1.0, *counts, *expected])
    wide = WIDTH / max(len(counts), 1)
    parts = []
    for n, count in enumerate(counts):
        tall = HEIGHT * count / top
        tip = f"{one['labels'][n]}: {count}" + (f", {expected[n]:.3g} expected" if expected else "")
        bar = f"x='{n * wide + 1:.1f}' y='{HEIGHT - tall:.1f}' width='{wide - 2:.1f}' height='{tall:.1f}'"
        parts.append(f"<rect class='n' {bar}><title>{escape(tip)}</title></rect>")
        if expected:
            y = HEIGHT * (1.0 - expected[n] / top)
            parts.append(f"<line class='e' x1='{n * wide:.1f}' x2='{(n + 1) * wide:.1f}' y1='{y:.1f}' y2='{y:.1f}'/>")
    apart = "" if one["discrepancy"] is None else f", discrepancy {one['discrepancy']:.3g}"
    bad = " <span class='bad'>not as declared</span>" if one["doubtful"] else ""
    empty = f"<br>{len(one['empty'])} empty: {escape(', '.join(one['empty'][:4]))}" if one["empty"] else ""
    told = f"<b>{escape(name)}</b><br><small>{escape(one['declared'])}; {one['drawn']} draws{apart}{empty}</small>{bad}"
    return f"<figure><figcaption>{told}</figcaption><svg viewBox='0 0 {WIDTH} {HEIGHT}'>{''.join(parts)}</svg></figure>"


def _pair(one: Mapping[str, Any]) -> str:
    top = max(1, *(count for row in one["counts"] for count in row))
    rows = []
    for place in range(len(one["y_labels"]) - 1, -1, -1):
        cells = ""
        for x, row in enumerate(one["counts"]):
            tip = escape(f"{one['x_labels'][x]} and {one['y_labels'][place]}", quote=True)
            cells += f"<td title='{tip}' style='background:rgba(0,114,178,{row[place] / top:.2f})'>{row[place]}</td>"
        rows.append(f"<tr>{cells}</tr>")
    related = "" if one["correlation"] is None else f", correlation {one['correlation']:.2f}"
    told = f"{one['covered']} of {one['possible']} cells, {one['by_chance']:.1f} by chance{related}"
    head = f"<b>{escape(one['x'])}</b> across, <b>{escape(one['y'])}</b> up<br><small>{told}</small>"
    return f"<figure><figcaption>{head}</figcaption><table>{''.join(rows)}</table></figure>"
