"""Fresh prompts by rounds: what holds stays, what does not is told, bad ones are answered."""

from pathlib import Path

import pytest
import yaml

from .statements import holds, said

ROUNDS = yaml.safe_load((Path(__file__).parent / "rounds.yaml").read_text(encoding="utf-8"))


@pytest.mark.parametrize("name", ROUNDS)
def test_a_round_holds_what_it_held(name: str) -> None:
    held = total = 0
    for prompt, statements in ROUNDS[name]["good"]:
        made = said(prompt)
        total += len(statements)
        if made.status.startswith("complete") and made.spec is not None:
            held += sum(holds(made.spec, path, wanted) for path, wanted in statements.items())
        else:  # nothing is dropped in silence
            report = made.report
            assert report["not_understood"] or report["unclear"] or report["rejected"], prompt
    assert held >= ROUNDS[name]["now"] * total, (held, total)


@pytest.mark.parametrize("name", ROUNDS)
def test_bad_prompts_of_a_round_are_answered(name: str) -> None:
    for prompt, word in ROUNDS[name]["bad"]:
        report = said(prompt).report
        answers = [*report["rejected"], *report["unclear"], *[one["text"] for one in report["not_understood"]]]
        assert said(prompt).status in ("rejected", "incomplete") and any(word in one for one in answers), prompt
