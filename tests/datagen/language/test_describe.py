"""Prompts become specs that validate; every character is accounted for; bad prompts get an answer."""

import pytest

from datagen.language import describe
from datagen.spec import from_data, sample

GOOD = {
    "Push a red box to the "
    "left": lambda spec: spec["actions"]["push"]["direction"] == "left" and spec["entities"]["box"]["color"] == "red",
    "Drop a ball from half a metre onto a table": lambda spec: spec["entities"]["ball"]["position"][2] == "0.9 m",
    "Ten dominoes in a row, 2 cm apart; tip the first one. Succeed if all dominoes "
    "fall.": lambda spec: spec["entities"]["domino"]["count"] == 10 and spec["task"]["success"]["forall"] == "domino",
    "On the moon, drop a 2 kg bowling ball from 1.5 metres": lambda spec: spec["world"]["gravity"] == "1.62 "
    "m/s^2" and spec["entities"]["bowling_ball"]["mass"] == "2 kg",
    "Push the box with 5 N for 2 seconds. What if the box were twice as "
    "heavy?": lambda spec: spec["actions"]["push"]["magnitude"] == "5 N" and spec["branches"][0]["edits"][0]["value"] == 2.0,
    "Between 8 and 15 marbles fall into a bowl": lambda spec: spec["entities"]["marble"]["count"]["low"] == 8,
}  # fmt: skip
BAD = ("", "   ", "🎉🎉🎉", "Drücke die rote Kiste nach links", "__import__('os').system('rm -rf /')", "../../etc/passwd",
    "x" * 1_000_000,
       "a ball with a mass of minus 2 kg", "a box with a height of 3 kilograms", "Put 20 litres of water into a 300 ml cup",
       "The cup is left of the plate and the plate is left of the cup", "Push the flumpet to the left")  # fmt: skip


@pytest.mark.parametrize("prompt", GOOD)
def test_says_what_the_words_say(prompt: str) -> None:
    made = describe(prompt)
    assert made.status == "complete_with_assumptions" and GOOD[prompt](made.spec)
    sample(from_data(made.spec), 1, 0)
    assert describe(prompt).spec == made.spec


@pytest.mark.parametrize("prompt", BAD, ids=range(len(BAD)))
def test_bad_prompts_get_an_answer(prompt: str) -> None:
    made = describe(prompt)
    assert made.status in ("rejected", "incomplete") and (made.report["rejected"] or made.report["not_understood"])


@pytest.mark.parametrize("prompt", [*GOOD, *BAD[:6], *BAD[7:]])
def test_spans_are_the_whole_prompt(prompt: str) -> None:
    spans = describe(prompt).report["spans"]
    assert "".join(span["text"] for span in spans) == prompt


def test_what_must_not_happen_is_a_failure() -> None:
    made = describe("Push the cup, but it must not fall over").spec
    assert made is not None and made["task"]["failure"] == {"pred": "toppled", "of": "cup"}
    sample(from_data(made), 1, 0)
