"""The development set: what prompts have to say in the spec, pairs that mean the same, and bad ones that need an answer."""

from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.language import describe
from datagen.language import lexicon as lex
from datagen.spec import from_data, sample

SET = yaml.safe_load((Path(__file__).parent / "prompts.yaml").read_text(encoding="utf-8"))
SHARE = 0.9
"""Of the statements about specs that have to hold."""


def at(spec: Any, path: str) -> Any:
    """What stands at a path; None where there is nothing."""
    for key in path.split("."):
        if isinstance(spec, list) and key.isdigit() and int(key) < len(spec):
            spec = spec[int(key)]
        elif isinstance(spec, dict) and key in spec:
            spec = spec[key]
        else:
            return None
    return spec


def test_statements_hold() -> None:
    missed, total = [], 0
    for prompt, statements in SET["good"]:
        spec = describe(prompt, "none").spec or {}
        total += len(statements)
        missed += [(prompt, path, at(spec, path)) for path, wanted in statements.items() if at(spec, path) != wanted]
    assert len(missed) <= (1 - SHARE) * total, missed


@pytest.mark.parametrize("prompt", [prompt for prompt, _ in SET["good"]])
def test_good_prompts_are_understood_and_validate(prompt: str) -> None:
    made = describe(prompt)
    assert made.spec is not None and made.status.startswith("complete"), made.report
    sample(from_data(made.spec), 1, 0)


@pytest.mark.parametrize(("first", "second"), SET["same"])
def test_paraphrases_give_the_same_spec(first: str, second: str) -> None:
    one, other = describe(first, "none").spec, describe(second, "none").spec
    assert one is not None and other is not None
    for spec in (one, other):
        spec.pop("text")
        spec.get("task", {}).pop("instruction", None)
    assert one == other


@pytest.mark.parametrize(("prompt", "word"), SET["bad"], ids=range(len(SET["bad"])))
def test_bad_prompts_are_answered(prompt: str, word: str) -> None:
    made = describe(prompt)
    report = made.report
    answers = [*report["rejected"], *report["unclear"], *[one["text"] for one in report["not_understood"]]]
    assert made.status in ("rejected", "incomplete") and any(word in answer for answer in answers), report


SIGNS = ["a", "the", "two", "5", "N", "cm", "and", "then", ".", ",", "if", "what if", "succeed if", "it", "zorb", "½", "é"]
TABLES = (lex.NOUNS, lex.VERBS, lex.COLORS, lex.RELATIONS, lex.CONDITIONS, lex.STRENGTH, lex.DIRECTIONS)
VOCABULARY = [*SIGNS, *(word for table in TABLES for word in table)]


@settings(max_examples=150, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(VOCABULARY), max_size=14).map(" ".join) | st.text(max_size=60))
def test_spans_partition_every_text(prompt: str) -> None:
    made = describe(prompt)
    spans = made.report["spans"]
    assert "".join(span["text"] for span in spans) == prompt
    ends = [0, *[span["span"][1] for span in spans]]
    assert [span["span"][0] for span in spans] == ends[:-1] and ends[-1] == len(prompt)
    assert describe(prompt).report == made.report
