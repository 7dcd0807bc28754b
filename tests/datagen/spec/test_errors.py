"""Every mistake in a spec gives one sentence with file, line and path, and says what is allowed."""

import pickle
import re

import pytest

from datagen.errors import SampleError, SpecError
from datagen.spec import from_data, load_spec, loads, sample

BASE = """\
spec: 1
name: test
entities:
  ground: {morph: {type: plane}}
  ball:
    morph: {type: sphere, radius: 5 cm}
    position: [0 m, 0 m, 1 m]
  block:
    morph: {type: box, size: [1 cm, 2 cm, 3 cm]}
    position: [3 m, 0 m, 1 m]
    count: 4
    arrange: {type: line, spacing: 10 cm}
params: {r: 5 cm, many: {dist: integer, low: 1, high: 3}}
record: {fps: 30, frames: 10}
"""


def spec_with(old, new):
    assert old in BASE
    return BASE.replace(old, new)


def message(text):
    with pytest.raises(SpecError) as caught:
        sample(loads(text, "scene.yaml"), 0, 0)
    return str(caught.value)


EXTRA = "record: {fps: 30, frames: 10}"
BALL = "morph: {type: sphere, radius: 5 cm}"
CASES = {
    "unknown key": (BALL, BALL + "\n    colour: red", "scene.yaml:7: entities.ball.colour: unknown key 'colour'", "'color'"),
    "unknown top key": (EXTRA, EXTRA + "\nrewards: []", "scene.yaml:15: rewards: unknown key 'rewards'", "allowed: spec, name"),
    "later key": (EXTRA, EXTRA + "\noutlets: {}", "scene.yaml:15: outlets: unknown key", ""),
    "unknown morph": ("type: sphere", "type: spere", "scene.yaml:6: entities.ball.morph.type: 'spere'", "'sphere'"),
    "missing morph key": ("radius: 5 cm", "", "scene.yaml:6: entities.ball.morph: the key 'radius' is missing", ""),
    "missing type": ("type: sphere, radius", "radius", "scene.yaml:6: entities.ball.morph: the key 'type' is missing", ""),
    "wrong unit": (
        "radius: 5 cm",
        "radius: 5 kg",
        "scene.yaml:6: entities.ball.morph.radius: '5 kg' is a mass (kg)",
        "'20 cm'",
    ),
    "unknown unit": ("radius: 5 cm", "radius: 5 cmm", "scene.yaml:6: entities.ball.morph.radius: 'cmm'", "or 'cm'"),
    "not a quantity": (
        "radius: 5 cm",
        "radius: wide",
        "scene.yaml:6: entities.ball.morph.radius: 'wide' is not a quantity",
        "20 cm",
    ),
    "negative size": (
        "radius: 5 cm",
        "radius: -5 cm",
        "scene.yaml:6: entities.ball.morph.radius: -0.05 is out of range",
        "more than 0",
    ),
    "zero size": ("2 cm, 3 cm", "0, 3 cm", "scene.yaml:9: entities.block.morph.size[1]: 0", "more than 0"),
    "short vector": ("[1 cm, 2 cm, 3 cm]", "[1 cm, 2 cm]", "entities.block.morph.size: this is a list of 2", "a list of 3"),
    "negative mass": (BALL, BALL + "\n    mass: -2 kg", "scene.yaml:7: entities.ball.mass: -2 is out of range", "more than 0"),
    "mass and density": (
        BALL,
        BALL + "\n    mass: 2 kg\n    material: {density: 3 kg/m^3}",
        "scene.yaml:7: entities.ball.mass: mass and density",
        "",
    ),
    "unbounded normal": (
        "radius: 5 cm",
        "radius: {dist: normal, mean: 5 cm, std: 1 cm}",
        "entities.ball.morph.radius: a normal without",
        "add them",
    ),
    "improbable normal": (
        "radius: 5 cm",
        "radius: {dist: normal, mean: 5 cm, std: 1 mm, min: 9 cm}",
        "morph.radius: less than",
        "widen",
    ),
    "unknown dist": ("radius: 5 cm", "radius: {dist: unifrom, low: 1, high: 2}", "radius.dist: 'unifrom'", "'uniform'"),
    "dist key": ("radius: 5 cm", "radius: {dist: uniform, low: 1, hi: 2}", "radius.hi: unknown key 'hi'", "'high'"),
    "dist missing": (
        "radius: 5 cm",
        "radius: {dist: uniform, low: 1}",
        "morph.radius: dist 'uniform' needs the key 'high'",
        "",
    ),
    "dist order": (
        "radius: 5 cm",
        "radius: {dist: uniform, low: 2 m, high: 1 m}",
        "radius.low: 'low' (2 m) is above 'high' (1 m)",
        "",
    ),
    "dist unit": (
        "radius: 5 cm",
        "radius: {dist: uniform, low: 2 N, high: 1 m}",
        "radius.low: '2 N' is a force (N)",
        "a length",
    ),
    "weights": (
        "radius: 5 cm",
        "radius: {dist: choice, of: [1, 2], weights: [1]}",
        "radius.weights: 'weights' is a list of 1",
        "2",
    ),
    "fractions of bodies": (
        "count: 4",
        "count: {dist: uniform, low: 1, high: 3}",
        "count.dist: 'uniform' draws fractions",
        "'integer'",
    ),
    "a million bodies": ("count: 4", "count: 1000000", "scene.yaml:11: entities.block.count: this makes 1000002 bodies", "512"),
    "zero bodies": ("count: 4", "count: 0", "scene.yaml:11: entities.block.count: 0", "1 or more"),
    "angle without unit": (
        BALL,
        BALL + "\n    rotation: {yaw: 30}",
        "scene.yaml:7: entities.ball.rotation.yaw: 30 has no unit",
        "deg",
    ),
    "Hz for rad/s": (BALL, BALL + "\n    angular_velocity: [0, 0, 3 Hz]", "angular_velocity[2]: '3 Hz' is a rate", "rpm"),
    "unknown color": (
        BALL,
        BALL + "\n    color: redd",
        "entities.ball.color: a word or text ('redd') is not a colour",
        "'red'",
    ),
    "unknown material": (
        BALL,
        BALL + "\n    material: woood",
        "entities.ball.material: there is no material 'woood'",
        "'wood'",
    ),
    "unknown preset": (
        BALL,
        BALL + "\n    material: {preset: stel}",
        "entities.ball.material.preset: there is no preset 'stel'",
        "'steel'",
    ),
    "unknown param": (
        "radius: 5 cm",
        "radius: {dist: param, name: s}",
        "entities.ball.morph.radius: there is no param 's'",
        "",
    ),
    "param dimension": (
        BALL + "\n    position",
        BALL + "\n    mass: {dist: param, name: r}\n    position",
        "scene.yaml:7: entities.ball.mass: the param 'r' has another dimension",
        "a mass",
    ),
    "param range": (
        BALL + "\n    position",
        BALL + "\n    roughness: {dist: param, name: many}\n    position",
        "scene.yaml:7: entities.ball.roughness: the param 'many' goes from 1 to 3",
        "0 to 1",
    ),
    "param colour": (
        BALL + "\n    position",
        BALL + "\n    color: {dist: param, name: r}\n    position",
        "scene.yaml:7: entities.ball.color: the param 'r' is a number",
        "a colour",
    ),
    "param of param": (
        "many: {dist: integer, low: 1, high: 3}",
        "a: {dist: param, name: r}",
        "params.a: a param cannot use",
        "",
    ),
    "unknown target": (
        EXTRA,
        EXTRA + "\nactions: {a: {do: torque, target: bal, magnitude: 1, axis: x, duration: 1 s}}",
        "scene.yaml:15: actions.a.target: there is no entity 'bal'",
        "'ball'",
    ),
    "many targets": (
        EXTRA,
        EXTRA + "\nactions: {a: {do: impulse, target: block, magnitude: 1, direction: x}}",
        "actions.a.target: 'block' stands for many bodies",
        "'block[0]'",
    ),
    "item out of range": (
        EXTRA,
        EXTRA + "\nactions: {a: {do: impulse, target: 'block[4]', magnitude: 1, direction: x}}",
        "actions.a.target: 'block[4]' does not exist",
        "from [0] to [3]",
    ),
    "unknown action": (EXTRA, EXTRA + "\nactions: {a: {do: implse, target: ball}}", "actions.a.do: 'implse'", "'impulse'"),
    "fixed target": (
        EXTRA,
        EXTRA + "\nactions: {a: {do: impulse, target: ground, magnitude: 1, direction: x}}",
        "actions.a.target: 'ground' is fixed",
        "can move",
    ),
    "move needs fixed": (
        EXTRA,
        EXTRA + "\nactions: {a: {do: move, target: ball, direction: x, distance: 1, duration: 1 s}}",
        "actions.a.target: 'ball' is moved",
        "fixed: true",
    ),
    "unknown direction": (
        EXTRA,
        EXTRA + "\nactions: {a: {do: impulse, target: ball, magnitude: 1, direction: upp}}",
        "actions.a.direction: this is a word or text ('upp')",
        "'up'",
    ),
    "after nothing": (
        EXTRA,
        EXTRA + "\nactions: {a: {do: impulse, target: ball, magnitude: 1, direction: x, start: {after: b}}}",
        "actions.a.start: there is no action 'b'",
        "'a'",
    ),
    "after cycle": (
        EXTRA,
        EXTRA + "\nactions:\n  a: {do: impulse, target: ball, magnitude: 1, direction: x, start: {after: b}}\n"
        "  b: {do: impulse, target: ball, magnitude: 1, direction: x, start: {after: a}}",
        "actions.a.start: a -> b -> a is a cycle",
        "",
    ),
    "too late": (
        EXTRA,
        EXTRA + "\nactions: {a: {do: impulse, target: ball, magnitude: 1, direction: x, start: {at: 3 s}}}",
        "actions.a.start (seed 0, index 0): the action starts at 3 s",
        "ends at 0.333333 s",
    ),
    "unknown focus": (EXTRA, EXTRA + "\nfocus: push", "scene.yaml:15: focus: there is no action 'push'", ""),
    "joint on itself": (
        EXTRA,
        EXTRA + "\njoints: {j: {type: hinge, body: ball, to: ball}}",
        "joints: joints form a loop",
        "tree",
    ),
    "joint loop": (
        EXTRA,
        EXTRA
        + "\njoints:\n  j: {type: ball, body: 'block[1]', to: 'block[2]'}\n  k: {type: ball, body: 'block[2]', to: 'block[1]'}",
        "joints form a loop: block_1 -> block_2 -> block_1",
        "",
    ),
    "two joints": (
        EXTRA,
        EXTRA + "\njoints:\n  j: {type: ball, body: 'block[*]'}\n  k: {type: hinge, body: 'block[1]'}",
        "scene.yaml:17: joints.k: block_1 has two joints",
        "one joint per body",
    ),
    "unknown joint body": (
        EXTRA,
        EXTRA + "\njoints: {j: {type: hinge, body: boll}}",
        "joints.j.body: there is no entity",
        "'ball'",
    ),
    "limits": (
        EXTRA,
        EXTRA + "\njoints: {j: {type: hinge, body: ball, limits: [-10 deg, 10 deg], initial: 1 rad}}",
        "joints.j.initial (seed 0, index 0): the joint starts at 1",
        "limits",
    ),
    "timestep": (
        EXTRA,
        EXTRA + "\nworld: {timestep: 3 ms}",
        "scene.yaml:15: world.timestep: a timestep of 0.003 s",
        "'substeps: 12'",
    ),
    "both steps": (EXTRA, EXTRA + "\nworld: {timestep: 1 ms, substeps: 4}", "world.timestep: timestep and substeps", "one of"),
    "huge step": (EXTRA, EXTRA + "\nworld: {substeps: 1}", "world.substeps: 1 substeps at 30", "more substeps"),
    "duration": ("frames: 10", "duration: 1.01 s", "record.duration: 1.01 s at 30 frames/s are 30.3 frames", "'frames: 30'"),
    "no length": ("frames: 10", "", "scene.yaml:14: record: the length of an episode is not clear", "'duration' or 'frames'"),
    "camera twice": (
        EXTRA,
        EXTRA + "\ncameras: {c: {position: [1, 1, 1], orbit: {distance: 1}}}",
        "cameras.c: the camera needs",
        "",
    ),
    "camera aim": (
        EXTRA,
        EXTRA + "\ncameras: {c: {position: [1, 1, 1], look_at: bale}}",
        "cameras.c.look_at: there is no",
        "'ball'",
    ),
    "camera there": (
        EXTRA,
        EXTRA + "\ncameras: {c: {position: [0, 0, 0]}}",
        "cameras.c.look_at (seed 0, index 0): the camera",
        "",
    ),
    "overlap": ("[3 m, 0 m, 1 m]", "[0, 0, 1 m]", "(seed 0, index 0): ball and block_1", "start inside each other"),
    "no room": (
        "arrange: {type: line, spacing: 10 cm}",
        "arrange: {type: scatter, region: [1 mm, 1 mm, 1 mm]}",
        "entities.block (seed 0, index 0): no free place for item 1",
        "larger",
    ),
    "grid": (
        "{type: line, spacing: 10 cm}",
        "{type: grid, shape: [1, 2], spacing: [1, 1, 1]}",
        "arrange.shape: 4 items do not fit",
        "",
    ),
    "arrange without count": ("count: 4", "", "entities.block.arrange: 'arrange' needs a 'count'", "count: 10"),
    "mesh path": (
        "{type: sphere, radius: 5 cm}",
        "{type: mesh, file: a/../../b.obj}",
        "morph.file: the file 'a/../../b.obj'",
        "'..'",
    ),
    "absolute mesh": ("{type: sphere, radius: 5 cm}", "{type: mesh, file: /etc/b.obj}", "morph.file: the file", "relative"),
    "short pendulum": (BALL, "morph: {type: pendulum, radius: 1 m, length: 1 m}", "entities.ball.morph (seed 0", "too short"),
    "thick tray": (BALL, "morph: {type: tray, size: [1, 1, 1], thickness: 1}", "entities.ball.morph (seed 0", "no room"),
    "version": ("spec: 1", "spec: 2", "scene.yaml:1: spec: version 2 of specs is not known", "'spec: 1'"),
    "no version": ("spec: 1\n", "", "scene.yaml:1: spec: the key 'spec' is missing", "'spec: 1'"),
    "name": ("name: test", "name: ../x", "scene.yaml:2: name: '../x' is not a name", "letters"),
    "frame": (EXTRA, EXTRA + "\nframe: {forward: +x, right: +y}", "frame: with forward +x and up +z, right cannot be +y", "+x"),
    "entity is a list": ("{morph: {type: plane}}", "[1]", "scene.yaml:4: entities.ground: this is a list of 1", "a mapping"),
    "yaml error": ("[0 m, 0 m, 1 m]", "[0 m, 0 m", "scene.yaml:", "not valid YAML"),
    "duplicate": ("name: test", "name: test\nname: test", "scene.yaml:3: name: the key 'name' is there twice", "line 2"),
}


@pytest.mark.parametrize("case", CASES)
def test_mistake_is_one_sentence_with_file_line_and_remedy(case):
    old, new, start, hint = CASES[case]
    text = spec_with(old, new)
    sentence = message(text)
    print(sentence)
    assert sentence.startswith("scene.yaml:")
    assert start in sentence and hint in sentence
    assert "\n" not in sentence and sentence.endswith(".") and len(sentence) < 700
    assert re.match(r"scene\.yaml:\d+: ", sentence)


def test_relative_frames_in_a_circle_are_refused():
    text = spec_with(BALL, BALL + "\n    relative_to: block[0]").replace("    count: 4", "    count: 4\n    relative_to: ball")
    assert "entities.ball.relative_to: ball -> block -> ball is a cycle" in message(text)


def test_errors_survive_pickling_between_processes():
    with pytest.raises(SpecError) as caught:
        loads(spec_with("radius: 5 cm", "radius: 5 kg"), "scene.yaml")
    copy = pickle.loads(pickle.dumps(caught.value))
    assert type(copy) is SpecError and str(copy) == str(caught.value)


def test_missing_file_folder_and_binary_file_are_one_sentence(tmp_path):
    binary = tmp_path / "binary.yaml"
    binary.write_bytes(b"\xff\xfe\x00")
    for path, word in ((tmp_path / "no.yaml", "no such file"), (tmp_path, "folder"), (binary, "UTF-8")):
        with pytest.raises(SpecError, match=word):
            load_spec(path)


def test_seed_and_index_must_be_whole_and_not_negative():
    spec = loads(BASE)
    for seed, index in ((-1, 0), (0, -1), (1.5, 0), (0, True), (2**70, 0)):
        with pytest.raises(SampleError, match="whole number"):
            sample(spec, seed, index)


def test_plain_data_is_checked_like_text():
    with pytest.raises(SpecError, match="unknown key 'nam'"):
        from_data({"spec": 1, "nam": "x", "entities": {}, "record": {"frames": 1}})
