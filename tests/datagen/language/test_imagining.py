"""Prompts from prompts: read completely, all different, balanced, and the same for the same seed."""

import re

import pytest

from datagen.cli import app
from datagen.errors import DatagenError
from datagen.language import describe
from datagen.language.imagining import imagine

SEEDS = (
    "Push a red box to the left with 5 N.",
    "Drop a rubber ball from 50 cm onto a wooden table.",
    "Put a green cup beside a blue bowl. What if the cup were missing?",
    "Recite a flumpet.",
)


def test_prompts_are_new_complete_different_and_the_same_again():
    made = imagine(SEEDS, 40, 3)
    assert len(set(made.prompts)) == 40 and not set(made.prompts) & set(SEEDS)
    described = [describe(one) for one in made.prompts]
    assert all(one.status.startswith("complete") for one in described)
    assert len({str({**one.spec, "text": ""}) for one in described}) == 40
    assert imagine(SEEDS, 40, 3) == made and imagine(SEEDS, 40, 4).prompts != made.prompts


def test_words_change_together_and_articles_follow():
    made = imagine(SEEDS[2:3], 20, 0)
    assert all(f" {re.search('if the ([a-z]+) were', one)[1]} " in one.split(".")[0] for one in made.prompts)
    assert not [one for one in made.prompts if " a orange" in one or " an red" in one]


def test_colours_are_used_alike():
    colors = imagine(SEEDS[:1], 40, 0).coverage["color"]
    del colors["red"]  # which most prompts keep
    assert len(colors) == 9 and max(colors.values()) - min(colors.values()) <= 2


def test_seeds_that_are_not_read_are_an_error():
    with pytest.raises(DatagenError, match="none of the seed prompts"):
        imagine(["Recite a flumpet."], 3)


def test_the_command_writes_prompts_and_a_table(tmp_path, capsys):
    seeds, out = tmp_path / "seeds.txt", tmp_path / "more.txt"
    seeds.write_text("\n".join(SEEDS))
    assert app.main(["imagine", "--seed-prompts", str(seeds), "--count", "5", "--out", str(out)]) == 0
    assert len(out.read_text().splitlines()) == 5 and "what they are about" in capsys.readouterr().err
    assert app.main(["imagine", "--seed-prompts", str(tmp_path / "none.txt")]) == 2


def test_more_of_them_than_there_are_is_refused():
    made = describe("Stack five boxes on a table, then hit the top one. Succeed if at least six boxes fall.")
    assert made.status == "rejected" and "there are 5" in made.report["rejected"][0]
