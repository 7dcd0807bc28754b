"""A model as the reader: the embedded reader stands in for it, and what it writes is checked like anybody's text."""

import json
import random

import pytest
import yaml

from datagen.cli import app
from datagen.language import describe
from datagen.language.intent import Intent
from datagen.language.models import Cassette, Endpoint, EndpointError, ask, describe_with
from datagen.language.models.reading import ModelError, described
from datagen.language.models.wire import WireError, check, pack, schema, unpack
from tests.datagen.language.models.server import Server, canary, says, status

PROMPT = "Push the 20 cm red wooden box to the left with 5 N; it must not fall over."
PROMPTS = (PROMPT,
           "Drop a steel ball from 50 cm onto a plate.", "Stack five boxes 10 cm wide on a table, then hit the top one.",
           "Put a green cup to the left of a blue bowl. What if the cup were missing?")  # fmt: skip


def fake(prompt: str):
    """The embedded reader as a model."""
    return json.dumps(pack(describe(prompt).intent))


def changed(**edits):
    """The fake's answer to PROMPT with some paths changed."""
    data = json.loads(fake(PROMPT))
    for path, value in edits.items():
        *way, last = [int(one) if one.isdigit() else one for one in path.split("__")]
        place = data
        for one in way:
            place = place[one]
        place[last] = value
    return json.dumps(data)


@pytest.mark.parametrize("prompt", PROMPTS)
def test_the_embedded_reader_as_a_model_gives_its_own_spec(prompt):
    with Server(canary, says(fake(prompt))) as server:
        made = describe_with(prompt, Endpoint(server.url, "fake"))
    assert made.spec == describe(prompt).spec and made.report["model"]["tokens"] == (14, 10)
    assert server.asked[1][2]["response_format"]["json_schema"]["schema"] == schema()


@pytest.mark.parametrize("lead", [status(400, "failed to parse grammar"), says('{"color": "blue"}'), says("blue")])
def test_a_server_that_does_not_enforce_a_schema_is_asked_without(lead):
    with Server(lead, says(fake(PROMPT))) as server:
        assert ask(PROMPT, Endpoint(server.url, "fake")).intent.things[0].color == "red"
    assert "response_format" not in server.asked[1][2]


@pytest.mark.parametrize("wrap", ["```json\n%s\n```", "<think>{ hm }</think>%s", "Sure! %s", '{"input": %s}'])
def test_an_object_in_wrapping_is_found(wrap):
    text = wrap % fake(PROMPT)
    with Server(status(400), says(text)) as server:
        assert ask(PROMPT, Endpoint(server.url, "fake")).intent.things[0].noun == "box"


WRONG = {
    "prose": ("I would love to help!", "holds no JSON object"),
    "cut": (fake(PROMPT)[:-40], "JSON"),
    "nan": (changed(actions__0__strength=float("nan")), "NaN is no number"),
    "an invented number": (changed(actions__0__amounts__0__values=[6.0]), "6 does not stand in the evidence"),
    "an invented quote": (changed(things__0__evidence="a blue box"), "does not stand in the request"),
    "a lost colour": (changed(things__0__color=""), "says 'red', and no thing has this colour"),
    "a lost force": (changed(actions__0__amounts=[]), "says 5 (force, SI), which stands nowhere"),
    "an unknown noun": (changed(things__0__noun="__import__('os')"), "not among the allowed words"),
    "an unknown key": (changed(things__0__code="import os"), "is not a known key"),
    "a missing key": (json.dumps({"things": []}), "is missing"),
    "a huge number": (changed(actions__0__strength=1e300), "is not a number up to 1e9"),
    "text for a number": (changed(actions__0__strength="9**9**9"), "is not a number"),
    "a path for a name": (changed(things__0__id="../../etc/passwd"), "is not a name"),
    "an unknown thing": (changed(actions__0__target="lamp"), "'lamp' is no thing"),
}


@pytest.mark.parametrize("case", WRONG)
def test_a_wrong_answer_goes_back_with_its_errors_alone_and_then_counts(case):
    text, sentence = WRONG[case]
    with Server(canary, says(text), says(fake(PROMPT))) as server:
        made = describe_with(PROMPT, Endpoint(server.url, "fake"))
    assert made.spec == describe(PROMPT).spec
    last = server.asked[2][2]["messages"]
    assert sentence in last[-1]["content"] and last[-2]["role"] == "assistant" and len(last) == 4


@pytest.mark.parametrize(
    "step", [says("", "stop", refusal="I cannot help with that"), says(fake(PROMPT), "length"), says("{}")]
)
def test_a_model_that_does_not_mend_it_is_given_up(step):
    with Server(canary, step) as server, pytest.raises(ModelError, match="no valid answer in 3 rounds"):
        ask(PROMPT, Endpoint(server.url, "fake"))
    assert len(server.asked) == 4


def test_words_that_no_quote_covers_are_not_understood():
    prompt = PROMPT + " Then recite a flumpet poem."
    with Server(canary, says(fake(PROMPT))) as server:
        made = describe_with(prompt, Endpoint(server.url, "fake"))
    assert made.status == "incomplete" and "flumpet" in str(made.report["not_understood"])


def test_what_the_model_gives_up_is_not_understood():
    with Server(canary, says(changed(not_understood=["it must not fall over"], failure=[]))) as server:
        made = describe_with(PROMPT, Endpoint(server.url, "fake"))
    missing = {one["text"] for one in made.report["not_understood"]}
    assert made.status == "incomplete" and missing >= {"not", "fall", "over"}


def test_a_prompt_that_is_not_read_asks_nobody():
    assert describe_with("  ", Endpoint("http://127.0.0.1:9/v1", "m")).status == "rejected"


def test_a_broken_server_raises_its_sentence():
    with Server(status(200, "<html>", "text/html")) as server, pytest.raises(EndpointError, match="not JSON"):
        describe_with(PROMPT, Endpoint(server.url, "m"))


def test_a_cassette_plays_back_without_a_network(tmp_path):
    with Server(canary, says(fake(PROMPT))) as server:
        endpoint = Endpoint(server.url, "fake")
        tape = Cassette(tmp_path / "tape.json", endpoint)
        tape.url = "cassette:tape.json"  # so that the canary asks for one fixed word
        first = describe_with(PROMPT, tape)
    again = describe_with(PROMPT, Cassette(tmp_path / "tape.json", model="fake"))
    assert again.spec == first.spec == describe(PROMPT).spec
    with pytest.raises(Exception, match="was not recorded"):
        describe_with(PROMPTS[1], Cassette(tmp_path / "tape.json", model="fake"))
    assert server.url not in (tmp_path / "tape.json").read_text()


def made_up(rng: random.Random, shape: dict, depth: int = 0):
    """Random data of a schema, sometimes not quite."""
    if rng.random() < 0.0005:
        return rng.choice([None, {}, [], "x" * 500, -1e12, True, {"a": {"b": 1}}])
    kind = shape["type"]
    if kind == "object":
        return {key: made_up(rng, inner, depth + 1) for key, inner in shape["properties"].items()}
    if kind == "array":
        counts = (0, 1, 1, 2) if depth < 3 else (1, 2) if shape["items"]["type"] == "number" else (0, 0, 1)
        return [made_up(rng, shape["items"], depth + 1) for _ in range(rng.choice(counts))]
    if kind == "string":
        return (
            rng.choice(shape["enum"])
            if "enum" in shape
            else rng.choice(("box", "ball", "cup", "", "box", "ball", "../x", "box[0]", "eval(1)"))
        )
    if kind == "boolean":
        return rng.random() < 0.5
    return rng.randrange(-2, 9) if kind == "integer" else rng.choice((0.1, 0.2, 1.0, 0.5, 0.3, 2.0, -3.0, 1e6))


def test_whatever_a_model_writes_ends_in_a_spec_or_in_a_sentence():
    rng, whole, specs = random.Random(5), schema(), 0
    for _ in range(240):
        data = made_up(rng, whole)
        for one in data.get("things", []) if isinstance(data, dict) and isinstance(data.get("things"), list) else []:
            if isinstance(one, dict):
                one["id"] = rng.choice(("box", "ball", "cup"))
        if check(data, whole):
            continue
        try:
            intent, _ = unpack(data)
        except WireError:
            continue
        assert isinstance(intent, Intent)
        try:
            made = described("box", intent, [], "little")
        except ModelError:
            continue
        assert made.spec is not None or made.report["rejected"] or made.report["unclear"]
        specs += made.spec is not None
    assert specs > 0


def test_the_command_asks_the_server_and_tells_what_it_cost(capsys):
    with Server(canary, says(fake(PROMPT))) as server:
        assert app.main(["describe", PROMPT, "--model", "fake", "--endpoint", server.url]) == 0
    told = capsys.readouterr()
    assert (
        yaml.safe_load(told.out)["entities"]["box"]["color"] == "red" and "model: read" in told.err and "12 tokens" in told.err
    )


def test_the_command_needs_both_a_model_and_an_address(capsys):
    assert app.main(["describe", PROMPT, "--model", "fake"]) == 2
    assert "both --model and --endpoint" in capsys.readouterr().err
