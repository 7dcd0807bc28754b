"""Zero silent drops: spans are the whole prompt, items leave marks, and every content word that changes makes a difference."""

import re
from pathlib import Path
from typing import Any

import pytest
import yaml

from datagen.language import describe

from .statements import holds, said

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


HEADS = ["Push the box", "Roll a ball", "Kick the cube"]
MODIFIERS = {
    "strength": [" at 2.7 m/s", " at between 2 and 3 m/s"],
    "way": [" to the left", " backwards"],
    "time": [" after 1.5 seconds"],
    "end": [" until it touches the wall"],
}
SENTENCES = {
    "goal": [" Succeed if it moves more than 40 cm.", " Fail if it falls over."],
    "world": [" Gravity is 3 m/s^2.", " There is no friction."],
    "picture": [" Film it from above.", " Record for 7 seconds.", " 50 fps."],
    "things": [" A heavy crimson cone stands 90 cm to the right of it.", " Six dominoes stand in a row."],
    "branch": [" What if there were no gravity?", " What if it were made of cork?"],
}


@pytest.mark.parametrize("seed", range(4))
def test_every_phrase_that_is_left_out_changes_the_spec(seed: int) -> None:
    """Ablation (the opposite of a changed word): what was understood has made something, or is told."""
    made = [HEADS[seed % len(HEADS)], *[one[seed % len(one)] for one in MODIFIERS.values()], "."]
    made += [one[seed % len(one)] for one in SENTENCES.values()]
    whole = outcome("".join(made))
    assert whole[0], "".join(made)
    for at in [at for at, phrase in enumerate(made) if phrase != "." and at]:
        assert outcome("".join([*made[:at], *made[at + 1 :]])) != whole, made[at]


@pytest.mark.parametrize(
    ("prompt", "path", "wanted"),
    [
        ("The floor is stone. Kick a ball.", "entities.floor.material", "stone"),
        ("A marble rolls to the right and knocks a cork over.", "entities.cork", "?"),
        ("Nine cans are stacked as a pyramid.", "entities.can.arrange.type", "pyramid"),
        ("Two rows of four pins each stand on the lane.", "entities.pin.count", 8),
        ("Push the trolley, which is loaded with two parcels, to the right.", "actions.*.target", "trolley"),
        ("Robot task: pick the green block.", "actors.*.robot", "arm"),
        ("Roll a tyre down a slope of 12 degrees.", "entities.slope.morph.angle", "0.20944 rad"),
        ("A box is hit by a steel ball of 500 g at 4 m/s.", "entities.ball.mass", "0.5 kg"),
        ("A crate is pushed with a force of 30 N lasting 1 second.", "actions.*.duration", "1 s"),
        ("A ball falls at Jupiter's gravity.", "world.gravity", "24.79 m/s^2"),
        ("A box slides on a floor whose friction is 0.1.", "entities.floor.material.friction", 0.1),
    ],
)
def test_what_was_once_dropped_in_silence(prompt: str, path: str, wanted: Any) -> None:
    made = said(prompt)
    assert made.status.startswith("complete") and holds(made.spec, path, wanted), (made.report["unclear"], made.spec)


def test_prompts_with_an_action_and_a_goal_have_a_failing_trace() -> None:
    spec = said("Push a box to the right with 25 N. Succeed if the box moves.").spec
    assert spec is not None and spec["task"]["fails"] == {"push": {"magnitude": "0.5 N"}}
    arm = said("A robot arm opens the drawer of a cabinet.").spec
    assert arm is not None and arm["task"]["fails"]["look"]["skill"] == "reach"
    still = said("Push the cup, but it must not fall over").spec
    assert still is not None and "fails" not in still["task"]
