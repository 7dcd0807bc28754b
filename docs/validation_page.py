"""Write validation.md and validation.html, the results of the validation cases: `python docs/validation_page.py`.

Both show the rows of every file of `RESULTS`: the first as tables, the second with a plot per case, as
`worldsmith validate-physics --page`. A case that stands in two files is shown once, from the first.
"""

import json
from pathlib import Path
from typing import Any

from datagen.cli.validate_physics import page_text, read_rows

DOCS = Path(__file__).resolve().parent
RESULTS = tuple(
    DOCS.parent / "benchmarks" / "results" / f"{name}-validation-quick-2026-11-28.json" for name in ("matter", "deformable")
)
HEAD = """# Validation of the physics

Cases with known answers from the literature, measured with the coarse sizes of `worldsmith validate-physics --quick`; the plots
are in [validation.html](validation.html). {passed} of {number} cases pass their gates. Cases of cloth, ropes and
elastic solids whose number matter has too end in `-solids` or `-strip`.

"""
TABLE = """| case | what | measured | reference | gate | verdict |
|---|---|---|---|---|---|
"""
SOFT = """
## Cloth, ropes and elastic solids

The cases asked for of this kind and what measures them (`benchmarks/validation/case_<name>.py`), by the fast or the
reference solver; S16 (a bar of particles), K9 (sand) and K14 (liquid) are cases of matter by what they say.
{passed} of {number} pass.

| asked for | measured by | verdict | date |
|---|---|---|---|
"""
ASKED = {
    **{name: name for name in ("S1", "S2", "S3", "S5", "S6", "S8", "S9", "S10", "S11", "S16", "S17", "S18", "S20")},
    **{name: name for name in ("R1", "R2", "R4", "R5", "R8", "R11", "R12", "R13", "R15", "K9", "K11", "K12", "K14")},
    **{name: f"{name}-solids" for name in ("S13", "K2", "K7", "K8", "K15", "D5", "D6", "D7", "D8")},
    "S4": "S3", "R9": "R8", "D1": "D7-solids", "D2": "D2-solids", "D3": "D5-solids", "D4": "D5-solids",
    "S8 (cloth)": "S8-strip", "damping of the integrators": "damping",
}  # fmt: skip
"""A case asked for, and the row that has it; S16, K9 and K14 are cases of particles by what they say (bar, sand, liquid)."""


def merged() -> list[dict[str, Any]]:
    """Rows of all files, the first of every case, with the date of its file."""
    rows: dict[str, dict[str, Any]] = {}
    for file in RESULTS:
        date = json.loads(file.read_text(encoding="utf-8"))["date"]
        for row in read_rows(file):
            rows.setdefault(row["case"], {**row, "date": date})
    return list(rows.values())


def table_text(rows: list[dict[str, Any]]) -> str:
    """The page in Markdown: tables, the causes of what fails, the machines."""
    parts = [HEAD.format(passed=_passed(rows), number=len(rows)), TABLE]
    for row in rows:
        title = row["title"].replace("|", "&#124;")
        cells = (row["case"], title, *(_cell(row[key]) for key in ("measured", "reference")), row["gate"], row["verdict"])
        parts.append("| " + " | ".join(cells) + " |\n")
    failed = [row for row in rows if row["verdict"] != "pass"]
    if failed:
        parts.append("\nWhat fails, and why:\n\n")
    parts += [f"- **{row['case']}**: {row.get('reason', 'cause open')}\n" for row in failed]
    parts.append(asked_text({row["case"]: row for row in rows}))
    stored = [json.loads(file.read_text(encoding="utf-8")) for file in RESULTS]
    parts += ["\n## Where\n\n", *(f"- `{f.name}`: {s['machine']}\n" for f, s in zip(RESULTS, stored, strict=True))]
    return "".join(parts)


def asked_text(rows: dict[str, dict[str, Any]]) -> str:
    """The table of the cases asked for of deformables; one without a row is missing."""
    found = {name: rows.get(case, {"verdict": "missing", "date": "-"}) for name, case in ASKED.items()}
    lines = [f"| {name} | {ASKED[name]} | {row['verdict']} | {row['date']} |\n" for name, row in sorted(found.items())]
    return SOFT.format(passed=_passed(list(found.values())), number=len(found)) + "".join(lines)


def _passed(rows: list[dict[str, Any]]) -> int:
    return sum(row["verdict"] == "pass" for row in rows)


def _cell(value: Any) -> str:
    return f"{value:.5g}" if isinstance(value, (int, float)) else "-"


def pages() -> dict[Path, str]:
    """Every page and what it must say."""
    rows = merged()
    return {DOCS / "validation.md": table_text(rows), DOCS / "validation.html": page_text(rows) + "\n"}


if __name__ == "__main__":
    for file, text in pages().items():
        file.write_text(text, encoding="utf-8")
