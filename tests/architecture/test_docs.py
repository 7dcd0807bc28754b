"""README and docs stay true: their Python compiles, their commands and files exist."""

import ast
import re
import shlex

import pytest

from datagen.cli import app
from tests.architecture import source

PAGES = sorted([source.ROOT / "README.md", source.ROOT / "CONTRIBUTING.md", *(source.ROOT / "docs").rglob("*.md")])
FENCE = re.compile(r"^```(\w*)\n(.*?)^```", re.MULTILINE | re.DOTALL)
LINK = re.compile(r"\]\((?!https?:|#|mailto:)([^)#\s]+)")


def page_name(page):
    return str(page.relative_to(source.ROOT))


def blocks(page, language: str) -> list[str]:
    return [text for tag, text in FENCE.findall(page.read_text(encoding="utf-8")) if tag in language.split()]


def commands(page) -> list[list[str]]:
    """Words of every shell line of a page; comments are left out."""
    lines = [line for text in blocks(page, "bash sh console shell") for line in text.replace("\\\n", " ").splitlines()]
    split = [shlex.split(line.removeprefix("$ "), comments=True) for line in lines]
    return [words for words in split if words]


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_python_blocks_compile(page):
    for text in blocks(page, "python"):
        ast.parse(text)


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_worldsmith_commands_exist(page):
    for words in commands(page):
        if words[0].endswith("worldsmith") and len(words) > 1 and not words[1].startswith("-"):
            assert words[1] in app.COMMANDS, f"{page_name(page)}: {' '.join(words)}"


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_commands_of_the_run_script_exist(page):
    script = (source.ROOT / "run").read_text(encoding="utf-8")
    for words in commands(page):
        if words[0] == "./run":
            assert re.search(rf"^    {re.escape(words[1])}\)", script, re.MULTILINE), f"{page_name(page)}: {' '.join(words)}"


@pytest.mark.parametrize("page", PAGES, ids=page_name)
def test_linked_files_exist(page):
    missing = [link for link in LINK.findall(page.read_text(encoding="utf-8")) if not (page.parent / link).exists()]
    assert not missing


def test_the_readme_names_the_two_commands_first():
    first = [" ".join(words) for words in commands(source.ROOT / "README.md")]
    assert first[:2] == ["./run demo", "./run test"]
