"""Lint says everything at once, with file and line."""

import json

import pytest

from datagen.cli import app
from datagen.cli.exit_codes import ExitCode
from datagen.spec import json_schema
from datagen.spec.lint import lint

BAD = """spec: 1
name: bad
params: {unused: 3 cm}
entities:
  a: {morph: {type: box, size: [10 cm, 10 cm, 10 cm]}, material: {preset: steal}}
  b: {morph: {type: sheet, size: [1 m, 1 m]}}
  c: {morph: {type: sphere, radius: 80 m}}
actions:
  push: {do: impulse, target: e, magnitude: 1 N*s, direction: x}
record: {frames: 10}
"""


def test_all_errors_and_warnings_are_found_at_once():
    found = lint(BAD, "bad.yaml")
    errors = [one.where for one in found if one.level == "error"]
    wanted = ["5: entities.a.material.preset", "6: entities.b.material", "9: actions.push.target"]
    assert errors == [f"bad.yaml:{one}" for one in wanted]
    warnings = [one.text for one in found if one.level == "warning"]
    assert any("80 m is implausible" in text for text in warnings) and any("'unused'" in text for text in warnings)


def test_errors_of_the_shape_of_a_document_are_found_at_once_too():
    found = lint("spec: 1\nname: a\nentities:\n  a: {morph: {type: bax}}\nrecord: {frames: 1, fsp: 3}\ncamera: 1\n")
    assert len(found) >= 2 and all(one.level == "error" for one in found)


@pytest.mark.parametrize("text", ["", "a: [", "spec: 2"])
def test_what_is_no_spec_is_one_error(text):
    assert [one.level for one in lint(text)] == ["error"]


def test_the_commands_print_and_end_as_they_should(tmp_path, capsys):
    path = tmp_path / "bad.yaml"
    path.write_text(BAD)
    assert app.main(["lint", str(path)]) == ExitCode.USAGE
    assert f"{path}:6: entities.b.material: error" in capsys.readouterr().out
    assert app.main(["lint", "dominoes", "--json"]) == ExitCode.OK and json.loads(capsys.readouterr().out) == []
    assert app.main(["schema", "--out", str(tmp_path / "s.json")]) == ExitCode.OK
    assert json.loads((tmp_path / "s.json").read_text()) == json_schema()


def test_every_reference_of_the_schema_is_defined_and_every_model_closed():
    schema = json_schema()
    text = json.dumps(schema)
    named = {part.split('"')[0] for part in text.split('"#/$defs/')[1:]}
    assert named <= set(schema["$defs"]) and {"Cabinet", "OnTop", "Fill", "Actor"} <= named
    assert all(one.get("additionalProperties") is False for one in schema["$defs"].values() if one.get("type") == "object")
