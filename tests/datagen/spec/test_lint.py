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


PLAIN = """spec: 1
name: plain
entities:
  floor: {{morph: {{type: plane}}}}
  ball: {{morph: {{type: sphere, radius: 5 cm}}, position: [0 m, 0 m, 5 cm]{ball}}}
{more}
record: {{fps: 10, frames: 5}}
"""
PUSH = "actions: {{push: {{do: impulse, target: ball, magnitude: {0}, direction: x, start: {{at: 0.1 s}}}}}}\nfocus: push"
CAMERA = "cameras: {{main: {{position: {0}, look_at: {1}}}}}"


@pytest.mark.parametrize(
    ("ball", "more", "where", "text"),
    [
        (", mass: 900 kg", "", "5: entities.ball.mass", "900 kg in 0.524 l are 1.72e+06 kg/m^3"),
        (", velocity: [900 m/s, 0 m/s, 0 m/s]", "", "5: entities.ball.velocity", "900 m/s is implausible"),
        ("", PUSH.format("0 N*s"), "6: actions.push.magnitude", "a magnitude of 0 does nothing"),
        ("", PUSH.format("500 N*s"), "6: actions.push.magnitude", "500 N*s make 0.524 kg"),
        ("", "world: {gravity: [0 m/s^2, 0 m/s^2, 9.81 m/s^2]}", "6: world.gravity", "gravity points up"),
        ("", CAMERA.format("[0 m, 1 cm, 5 cm]", "[1 m, 0 m, 5 cm]"), "6: cameras.main", "the camera is inside 'ball'"),
        ("", CAMERA.format("[2 m, 0 m, 50 cm]", "[5 m, 0 m, 50 cm]"), "6: cameras.main", "the camera sees no body"),
        ("", "task: {success: 'inside(ball, floor)'}", "6: task", "'floor' is solid and has no inside"),
        ("", "task: {success: 'volume_in(ball, floor) > 1 l'}", "6: task", "'volume_in' of it is unknown and never true"),
    ],
)
def test_what_nobody_can_have_meant_is_a_warning(ball, more, where, text):
    found = [one for one in lint(PLAIN.format(ball=ball, more=more), "plain.yaml") if "no camera" not in one.text]
    assert [(one.level, one.where) for one in found] == [("warning", f"plain.yaml:{where}")] and text in found[0].text


def test_a_good_spec_has_no_doubts():
    camera = CAMERA.format("[2 m, 0 m, 50 cm]", "[0 m, 0 m, 0 m]")
    assert lint(PLAIN.format(ball=", mass: 0.5 kg", more=f"{PUSH.format('1 N*s')}\n{camera}")) == []


STACKED = """spec: 1
name: stacked
entities:
  table: {morph: {type: box, size: [1 m, 1 m, 5 cm]}, position: [0 m, 0 m, 50 cm], fixed: true}
  a: {morph: {type: box, size: [10 cm, 10 cm, 10 cm]}}
  b: {morph: {type: box, size: [10 cm, 10 cm, 10 cm]}}
place:
  - {rel: on_top, of: a, ref: table}
  - {rel: on_top, of: b, ref: table}
  - {rel: distance, of: a, ref: b, max: 5 cm}
  - {rel: distance, of: b, ref: a, SECOND}
record: {fps: 10, frames: 5}
"""


def test_distances_that_exclude_each_other_are_told_before_anything_is_placed():
    found = lint(STACKED.replace("SECOND", "min: 60 cm"), "stacked.yaml")
    assert found[0].where == "stacked.yaml:11: place[3]"
    assert "place[2] (0 to 0.05 m) and place[3] (0.6 to inf m) exclude each other" in found[0].text
    assert not any("says what" in one.text for one in found)
    assert all(one.level == "warning" for one in lint(STACKED.replace("SECOND", "min: 3 cm")))


def test_a_key_with_the_name_of_its_relation_is_one_unknown_key():
    found = lint(STACKED.replace("SECOND", "distance: 5 cm"), "stacked.yaml")
    assert [one.where for one in found][:1] == ["stacked.yaml:11: place[3].distance"] and "unknown key" in found[0].text


def test_stages_are_looked_at_as_well():
    stages = "curriculum: {stages: [{name: a, episodes: 50}, {name: b, set: {%s}}]}"
    bad = lint(PLAIN.format(ball="", more=stages % "'entities.ball.position[2]': 1 cm"), "staged.yaml")
    assert bad[0].level == "error" and "start inside each other" in bad[0].text and "index 50" in bad[0].where
    doubtful = lint(PLAIN.format(ball="", more=stages % "entities.ball.mass: 900 kg"), "staged.yaml")
    assert any("900 kg in 0.524 l" in one.text for one in doubtful)
    wrong = lint(PLAIN.format(ball="", more=stages % "entities.bell.mass: 1 kg"), "staged.yaml")
    assert wrong[0].level == "error" and "did you mean 'ball'" in wrong[0].text
