"""Blocks of a page in order, and how they are run: Python in one namespace, YAML into files, `worldsmith` lines in process."""

import re
import shlex
from pathlib import Path
from typing import Any

from datagen.cli import app

FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
YAML_HEAD = re.compile(r"# (\S+\.yaml)(, continued)?\n")


def blocks(page: Path) -> list[tuple[str, str, int]]:
    """(language, text, number of lines above the text) of every fenced block."""
    whole = page.read_text(encoding="utf-8")
    return [(found[1], found[2], whole.count("\n", 0, found.start(2))) for found in FENCE.finditer(whole)]


def run_page(page: Path, check_yaml: Any, change: Any = lambda words: words) -> dict[str, Any]:
    """Run every block of a page in the present folder and return the namespace of its Python; `check_yaml` gets each file that
    a YAML block has written. Shell lines other than `worldsmith ...` are for the reader's machine and are left out; `change`
    may make the words of a line smaller, or None of it.
    """
    names: dict[str, Any] = {"__name__": "page"}
    for language, text, above in blocks(page):
        if language == "python":
            exec(compile("\n" * above + text, str(page), "exec"), names)
        elif language == "yaml":
            check_yaml(_write_yaml(text))
        elif language == "bash":
            for words in filter(None, map(change, _worldsmith_lines(text))):
                code = app.main(words)
                assert code == 0, f"worldsmith {shlex.join(words)}: exit code {code}"
    return names


def _write_yaml(text: str) -> Path:
    head = YAML_HEAD.match(text)
    assert head, f"a YAML block starts with the name of its file: {text[:60]!r}"
    path = Path(head[1])
    before = path.read_text(encoding="utf-8") + "\n" if head[2] else ""
    path.write_text(before + text[head.end() :], encoding="utf-8")
    return path


def _worldsmith_lines(text: str) -> list[list[str]]:
    lines = [shlex.split(line, comments=True) for line in text.replace("\\\n", " ").splitlines()]
    return [words[1:] for words in lines if words and words[0] == "worldsmith"]
