"""Zero silent drops: spans are the whole prompt, items leave marks, and every content word that changes makes a difference."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from datagen.language import describe

from .statements import said

SET = yaml.safe_load((Path(__file__).parent / "prompts.yaml").read_text(encoding="utf-8"))
PROMPTS = [prompt for prompt, _ in SET["good"]]
SWAPS = {
    "red": "blue", "blue": "green", "green": "red", "yellow": "black", "two": "three", "three": "four", "four": "five",
    "five": "six", "six": "seven", "ten": "eleven", "left": "right", "right": "left", "forward": "back", "steel": "cork",
    "wooden": "rubber", "heavy": "light", "first": "second", "gently": "violently", "half": "quarter", "moon": "mars",
    "above": "behind", "twice": "triple", "bouncy": "slippery", "stack": "row", "pyramid": "row", "box": "cone", "ball": "cube",
}  # fmt: skip
"""Words that stand for something else when they are swapped."""


def outcome(prompt: str) -> tuple[Any, ...]:
    """All that a prompt makes and tells, without its own words."""
    made = said(prompt)
    spec = {key: value for key, value in (made.spec or {}).items() if key != "text"}
    if "task" in spec:
        spec["task"] = {key: value for key, value in spec["task"].items() if key != "instruction"}
    words = [one["text"] for one in made.report["not_understood"]]
    return (
        spec,
        made.status,
        made.report["unclear"],
        made.report["rejected"],
        made.report["not_simulable"],
        made.report["assumptions"],
        words,
    )


def mutants(prompt: str) -> list[str]:
    """The prompt with one word or number changed."""
    out = []
    for found in re.finditer(r"[A-Za-z]+|\d+(?:\.\d+)?", prompt):
        word = found.group()
        other = SWAPS.get(word.lower()) or (f"{1.5 * float(word):g}" if word[0].isdigit() else "")
        if other:
            out.append(prompt[: found.start()] + other + prompt[found.end() :])
    return out


ALL = [(prompt, mutant) for prompt in PROMPTS for mutant in mutants(prompt)]


@pytest.mark.parametrize("part", range(2))
def test_a_changed_word_changes_the_spec_or_the_report(part: int) -> None:
    idle = [mutant for prompt, mutant in ALL[part::14] if outcome(prompt) == outcome(mutant)]
    assert not idle


@pytest.mark.slow
def test_every_changed_word_changes_the_spec_or_the_report() -> None:
    idle = [mutant for prompt, mutant in ALL if outcome(prompt) == outcome(mutant)]
    assert len(ALL) > 300 and not idle


def test_a_sentence_left_out_changes_the_spec_or_the_report() -> None:
    idle, tried = [], 0
    for prompt in PROMPTS:
        sentences = re.findall(r"[^.;?!]+(?:\.\d[^.;?!]*)*[.;?!]?", prompt)
        for at in range(len(sentences) if len(sentences) > 1 else 0):
            rest = "".join([*sentences[:at], *sentences[at + 1 :]]).strip()
            tried += 1
            if tried % 6 == 0 and outcome(prompt) == outcome(rest):
                idle.append((prompt, rest))
    assert tried > 60 and not idle


def test_every_item_of_an_intent_names_its_paths_or_is_told() -> None:
    for prompt in PROMPTS[::6]:
        report = said(prompt).report
        told = "\n".join([*report["not_simulable"], *report["unclear"]])
        assumed = {one["path"].split(".")[0] for one in report["assumptions"]}
        assert report["marks"] or report["not_simulable"] or not said(prompt).intent.actions
        for mark in report["marks"]:
            assert mark["paths"] or mark["text"] in told or assumed, mark


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("Push the red box to the left and the cup", "cup"),
        ("Drop a ball from 1 m with a spin of 30 rpm", "30 rpm"),
        ("Push the box to the left. The ball is.", "ball"),
        ("Knock the box over with 3 N at 5 m/s", "5 m/s"),
    ],
)
def test_what_is_of_no_use_is_told(prompt: str, words: str) -> None:
    made = describe(prompt)
    tells = [*made.report["unclear"], *[one["text"] for one in made.report["not_understood"]]]
    assert any(words in one for one in tells) or any(one["noun"] == words for one in made.intent.model_dump()["things"])
