"""Write validation.md and validation.html, the results of the validation cases: `python docs/validation_page.py`.

Both show the rows of `RESULTS`: the first as a table, the second with a plot per case, as `worldsmith validate-physics --page`.
"""

import json
from pathlib import Path
from typing import Any

from datagen.cli.validate_physics import page_text, read_rows

DOCS = Path(__file__).resolve().parent
RESULTS = DOCS.parent / "benchmarks" / "results" / "matter-validation-quick-2026-11-28.json"
HEAD = """# Validation of matter

Cases with known answers from the literature, measured with the coarse sizes of `worldsmith validate-physics --quick`; the plots
are in [validation.html](validation.html). {passed} of {number} cases pass their gates. {machine}

| case | what | measured | reference | gate | verdict |
|---|---|---|---|---|---|
"""


def table_text(stored: dict[str, Any]) -> str:
    """The page in Markdown: a table, and the causes of what fails."""
    rows = stored["rows"]
    passed = sum(row["verdict"] == "pass" for row in rows)
    parts = [HEAD.format(passed=passed, number=len(rows), machine=stored["machine"])]
    for row in rows:
        title = row["title"].replace("|", "&#124;")
        cells = (row["case"], title, *(_cell(row[key]) for key in ("measured", "reference")), row["gate"], row["verdict"])
        parts.append("| " + " | ".join(cells) + " |\n")
    failed = [row for row in rows if row["verdict"] != "pass"]
    if failed:
        parts.append("\nWhat fails, and why:\n\n")
    parts += [f"- **{row['case']}**: {row.get('reason', 'cause open')}\n" for row in failed]
    return "".join(parts)


def _cell(value: Any) -> str:
    return f"{value:.5g}" if isinstance(value, (int, float)) else "-"


def pages() -> dict[Path, str]:
    """Every page and what it must say."""
    stored = json.loads(RESULTS.read_text(encoding="utf-8"))
    return {DOCS / "validation.md": table_text(stored), DOCS / "validation.html": page_text(read_rows(RESULTS)) + "\n"}


if __name__ == "__main__":
    for file, text in pages().items():
        file.write_text(text, encoding="utf-8")
