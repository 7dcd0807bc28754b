"""Statements: every value has words of one reading, and a prompt may be free text, statements, or both."""

import random

import pytest

from datagen.language import describe
from datagen.language.statements import apply_statements, statements_of, without
from datagen.language.stating import stated, words_of
from datagen.language.telling import differences

WORDS = ("ball", "domino[0]", "cabinet.top_drawer", "block[*]", "red", "2 m", "-80 deg", "0.5 N*s", "9.81 m/s^2", "yes and no",
         "between", "one", "a", "5", "always(spilled(water) <= 5 ml)", "", "no", "x" * 30)  # fmt: skip
KEYS = ("type", "size", "of", "dist", "radius", "low", "high", "for", "all", "value", "mean")


def drawn(stream: random.Random, depth: int = 0):
    """Any value that a spec may hold."""
    kind = stream.randrange(4 if depth > 3 else 9)
    if kind == 0:
        return stream.choice((None, True, False, 0, -3, 10**9, 0.0, 1.0, -0.25, 1e-05, 2.5e20))
    if kind < 4:
        return stream.choice(WORDS)
    if kind == 4:
        return [drawn(stream, depth + 1) for _ in range(stream.randrange(4))]
    if kind < 7:
        return {key: drawn(stream, depth + 1) for key in stream.sample(KEYS, stream.randrange(4))}
    low, high = drawn(stream, depth + 1), drawn(stream, depth + 1)
    several = [drawn(stream, depth + 1) for _ in range(1 + stream.randrange(3))]
    return stream.choice((
        {"dist": "uniform", "low": low, "high": high}, {"dist": "integer", "low": low, "high": high},
        {"dist": "normal", "mean": low, "std": high}, {"dist": "choice", "of": several},
        {"dist": "choice", "of": several, "weights": [1, 2]},
    ))  # fmt: skip


def test_a_value_in_words_is_read_as_itself() -> None:
    stream = random.Random(5)
    for _ in range(3000):
        value = drawn(stream)
        told = words_of(value)
        assert told is not None
        (found,) = statements_of(f"The parameter tilt is {told}.")
        assert differences({"a": found.given[0][1]}, {"a": value}) == [], told


def test_numbers_keep_their_kind() -> None:
    spec = {"world": {"substeps": 16}, "entities": {"ball": {"mass": 1.0, "fixed": True, "morph": {"type": "sphere"}}}}
    made = apply_statements({}, statements_of(" ".join(stated(spec))))
    assert made == spec and isinstance(made["entities"]["ball"]["mass"], float)
    assert isinstance(made["world"]["substeps"], int)


def test_free_text_and_statements_go_together_and_spans_are_the_whole_prompt() -> None:
    prompt = "Drop a ball onto a table. The camera main has an orbit distance of 3 m. Succeed if the ball is on the table."
    made, plain = describe(prompt), describe(without(prompt, statements_of(prompt)))
    assert made.spec is not None and plain.spec is not None
    assert differences(plain.spec, made.spec) == ["cameras.main.orbit.distance"]
    assert made.spec["cameras"]["main"]["orbit"]["distance"] == "3 m"
    assert "".join(span["text"] for span in made.report["spans"]) == prompt
    assert {"item": "statement", "text": "The camera main has an orbit distance of 3 m.",
            "paths": ["cameras.main.orbit.distance"]} in made.report["marks"]  # fmt: skip


@pytest.mark.parametrize("wrong", [
    "The camera main has an orbit distance of 3 kg.", "The thing ball has a form radius of 9**9**9.",
    "The thing ball has a form file of x.", "The thing ball has a form file of \"../../etc/passwd\".",
    "The world has a flumpet of 3.", "The thing ball has a color of (((((((((((((((red))))))))))))))).",
    "The task has a success of \"__import__('os')\".", "The thing ball has a size of (1 m, 2 m",
])  # fmt: skip
def test_a_wrong_statement_is_refused_or_not_understood(wrong: str) -> None:
    made = describe(f"Drop a ball. {wrong}")
    assert made.status in ("rejected", "incomplete") and (made.report["rejected"] or made.report["not_understood"]), made.spec
    assert "".join(span["text"] for span in made.report["spans"]) == f"Drop a ball. {wrong}"


def test_many_statements_are_read_and_too_many_refused() -> None:
    many = " ".join(f"The parameter p{number} is {number} m." for number in range(600))
    assert len(statements_of(many)) == 600
    assert describe("Drop a ball. " + many * 3).status == "rejected"
