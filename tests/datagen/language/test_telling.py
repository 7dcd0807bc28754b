"""Telling back: spec -> English -> the same spec, or the paths at which it is another one."""

from pathlib import Path

import pytest
import yaml

from datagen.assets import scene_names, scene_path
from datagen.language import describe
from datagen.language.telling import differences, same, tell
from datagen.spec import load_spec

PROMPTS = [one for one, _ in yaml.safe_load((Path(__file__).parent / "prompts.yaml").read_text(encoding="utf-8"))["good"]]
NOT_EXACT = set(yaml.safe_load((Path(__file__).parent / "not_told.yaml").read_text(encoding="utf-8")))
NOT_EXPRESSIBLE: dict[str, str] = {}
"""Scenes that are not told whole, with the reason. None: what plain sentences leave is stated."""


def round_trip(prompt: str) -> None:
    spec = describe(prompt, "none").spec
    assert spec is not None
    told = tell(spec)
    read = describe(told.text, "none").spec or {}
    assert told.exact == same(spec, read) and list(told.differs) == differences(spec, read)
    assert told.exact != (prompt in NOT_EXACT), (told.text, told.differs)


@pytest.mark.parametrize("prompt", PROMPTS[::18])
def test_what_language_made_is_told_exactly(prompt: str) -> None:
    round_trip(prompt)


@pytest.mark.slow
@pytest.mark.parametrize("prompt", PROMPTS)
def test_every_prompt_is_told_exactly_or_listed_here(prompt: str) -> None:
    round_trip(prompt)


def scene(name: str) -> None:
    data = load_spec(scene_path(name)).data
    told = tell(data)
    assert told.text and told.exact == (name not in NOT_EXPRESSIBLE), told.text
    assert list(told.differs) == differences(data, describe(told.text, "none").spec or {})


@pytest.mark.parametrize("name", ["drop", "dominoes", "tower_push"])
def test_a_scene_is_told_exactly(name: str) -> None:
    scene(name)


@pytest.mark.slow
@pytest.mark.parametrize("name", scene_names())
def test_every_scene_is_told_exactly(name: str) -> None:
    scene(name)


def test_a_difference_is_a_path() -> None:
    one, other = {"a": {"b": [1, 2]}, "text": "x"}, {"a": {"b": [1, 3]}, "c": {}, "text": "y"}
    assert differences(one, other) == ["a.b.1", "c"] and not same(one, other)
    assert differences(one, one | {"text": "y"}) == [] and same(one, one | {"text": "y"})


def test_a_number_that_words_leave_out_is_said() -> None:
    spec = describe("Push a red box to the left", "none").spec
    assert spec is not None
    spec["actions"]["push"]["magnitude"] = "0.5 N*s"
    told = tell(spec)
    assert told.exact and "0.5 N s" in told.text
    spec["lights"] = {"sky": {"ambient": 0.4}}
    told = tell(spec)
    assert told.exact and told.text.startswith(told.plain) and told.text.endswith("The lights have a sky ambient of 0.4.")


def test_what_names_a_file_is_not_said() -> None:
    spec = describe("Push a red box to the left", "none").spec
    assert spec is not None
    spec["entities"]["box"]["morph"] = {"type": "mesh", "file": "shapes/duck.obj"}
    told = tell(spec)
    assert "entities.box.morph.file" in told.differs and "duck" not in told.text
