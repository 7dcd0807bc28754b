"""The development set: what prompts have to say in the spec, pairs that mean the same, and bad ones that need an answer."""

import copy
from pathlib import Path

import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from datagen.language import describe
from datagen.language import lexicon as lex

from .statements import holds, said

SET = yaml.safe_load((Path(__file__).parent / "prompts.yaml").read_text(encoding="utf-8"))
SHARE = 0.9
"""Of the statements about specs that have to hold."""


def test_the_set_is_large_enough() -> None:
    assert len(SET["good"]) >= 150 and len(SET["same"]) >= 16 and len(SET["bad"]) >= 31
    assert len({prompt for prompt, _ in SET["good"]}) == len(SET["good"])


def test_statements_hold() -> None:
    missed, total = [], 0
    for prompt, statements in SET["good"]:
        spec = said(prompt).spec or {}
        total += len(statements)
        missed += [(prompt, path, wanted) for path, wanted in statements.items() if not holds(spec, path, wanted)]
    assert len(missed) <= (1 - SHARE) * total, missed


@pytest.mark.parametrize("prompt", [prompt for prompt, _ in SET["good"]])
def test_good_prompts_are_understood_and_validate(prompt: str) -> None:
    made = said(prompt)  # a spec is handed out only where it has an episode
    assert made.spec is not None and made.status.startswith("complete"), made.report


@pytest.mark.parametrize(("first", "second"), SET["same"])
def test_paraphrases_give_the_same_spec(first: str, second: str) -> None:
    one, other = copy.deepcopy(said(first).spec), copy.deepcopy(said(second).spec)
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


@settings(max_examples=100, deadline=None, derandomize=True)
@given(st.lists(st.sampled_from(VOCABULARY), max_size=14).map(" ".join) | st.text(max_size=60))
def test_spans_partition_every_text(prompt: str) -> None:
    made = describe(prompt)
    spans = made.report["spans"]
    assert "".join(span["text"] for span in spans) == prompt
    ends = [0, *[span["span"][1] for span in spans]]
    assert [span["span"][0] for span in spans] == ends[:-1] and ends[-1] == len(prompt)
    assert describe(prompt).report == made.report
