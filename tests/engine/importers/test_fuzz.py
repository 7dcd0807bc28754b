"""Random valid and broken MJCF and URDF files: one sentence or a scene, never another exception, never a silent drop.

Mutations of whole models: dropped, doubled, moved and renamed elements, dropped attributes, values of the wrong kind, NaN and
huge numbers, cycles, missing and foreign files, entity bombs. What an importer does not know is named with its line.
"""

import random
import xml.etree.ElementTree as ET
from pathlib import Path

import numpy as np
import pytest

import engine

ARMS = Path(__file__).parents[3] / "assets" / "arms"
GARDEN = """<mujoco model="garden"><compiler angle="degree" autolimits="true"/><option timestep="0.004" cone="elliptic"/>
<default><joint damping=".1"/><geom friction=".7 .01 .001"/><default class="red"><geom rgba="1 0 0 1"/></default></default>
<asset><texture name="t" type="2d" builtin="checker" rgb1="1 1 1" rgb2="0 0 0" width="8" height="8"/>
<material name="m" texture="t" texrepeat="2 2"/><mesh name="tet" vertex="0 0 0 1 0 0 0 1 0 0 0 1"/></asset>
<worldbody><geom name="floor" type="plane" size="5 5 .1" material="m"/><light directional="true" dir="0 0 -1"/>
<camera name="eye" pos="0 -2 1" xyaxes="1 0 0 0 0 1" fovy="50"/>
<body name="a" pos="0 0 1" childclass="red"><freejoint name="root"/><geom name="ga" type="box" size=".1 .2 .3"/>
<body name="b" pos=".3 0 0" euler="10 20 30"><joint name="j1" axis="0 1 0" range="-40 40" ref="5"/>
<joint name="j2" type="slide" axis="1 0 0" range="-.1 .1" stiffness="3"/><geom type="capsule" fromto="0 0 0 .3 0 0" size=".05"/>
<site name="s" pos="0 0 .1"/><frame pos="0 0 .2"><geom type="mesh" mesh="tet" mass=".1"/></frame></body></body>
<replicate count="3" offset="1 0 0">
<body name="r"><joint name="jr" type="ball"/><geom size=".1" pos=".2 0 0"/></body></replicate>
<body name="mo" mocap="true"><inertial pos="0 0 0" mass="1" diaginertia="1 1 1"/>
<geom type="ellipsoid" size=".1 .2 .3"/></body>
</worldbody><contact><exclude body1="a" body2="mo"/><pair geom1="floor" geom2="ga" condim="4"/></contact>
<actuator><motor name="u" joint="j1" gear="2" ctrlrange="-1 1"/><position joint="j2" kp="3"/></actuator>
<sensor><gyro site="s"/><jointpos joint="j1"/></sensor><keyframe><key name="k" time="1"/></keyframe></mujoco>"""
JUNK = (
    "", "x", "nan", "inf", "-inf", "1e308", "-1", "0", "1e-320", "1 2", "1 2 3 4 5 6 7 8 9", "true", "9" * 400, "-5 5", "world",
    "../../etc/passwd", "a b c", "0 0 0", "\u2603", "1e400 0 0",
)  # fmt: skip
TAGS = ("body", "geom", "joint", "link", "include", "inertial", "default", "mesh", "worldbody", "freejoint", "frame", "origin")


def sources():
    """Valid texts by ending."""
    return {
        "garden": (".xml", GARDEN),
        "arm": (".xml", (ARMS / "arm.xml").read_text(encoding="utf-8")),
        "robot": (".urdf", (ARMS / "arm.urdf").read_text(encoding="utf-8")),
    }


def mutate(root: ET.Element, rng: random.Random) -> None:
    """One random change somewhere in the tree."""
    elements = list(root.iter())
    target = rng.choice(elements)
    kind = rng.randrange(8)
    if kind == 0 and target.attrib:
        del target.attrib[rng.choice(sorted(target.attrib))]
    elif kind in (1, 2) and target.attrib:
        target.set(rng.choice(sorted(target.attrib)), rng.choice(JUNK))
    elif kind == 3:
        parent = rng.choice([e for e in elements if len(e)])
        parent.remove(rng.choice(list(parent)))
    elif kind == 4:
        rng.choice(elements).append(ET.fromstring(ET.tostring(rng.choice(elements))))
    elif kind == 5:
        target.tag = rng.choice(TAGS)
    elif kind == 6:
        other = rng.choice(elements)
        for key in set(target.attrib) & set(other.attrib):
            target.set(key, other.get(key))
    else:
        target.set(
            rng.choice(("name", "type", "class", "mesh", "joint", "size", "pos", "file", "mass", "range")), rng.choice(JUNK)
        )


@pytest.mark.parametrize("name", ["garden", "arm", "robot"])
@pytest.mark.parametrize("strict", [True, False])
def test_mutated_models_load_or_say_why(tmp_path, name, strict):
    """Every mutant gives a scene, and that a compiled one, or an EngineError with the name of the file or of the part."""
    ending, text = sources()[name]
    path, rng, loaded = tmp_path / f"mutant{ending}", random.Random(f"{name}{strict}"), 0
    for _ in range(100):
        root = ET.fromstring(text)
        for _ in range(rng.randint(1, 3)):
            mutate(root, rng)
        path.write_bytes(ET.tostring(root))
        try:
            scene = engine.load(path, strict=strict)
            if strict:
                assert not [line for line in scene.import_report if "unsupported" in line]
            compiled = engine.compile_scenes([scene])
            assert all(np.isfinite(v).all() for v in compiled.reals.values())
            loaded += 1
        except engine.EngineError as error:
            assert len(str(error)) > 20 and error.where and error.remedy
    assert loaded > 8  # the mutations leave some models whole


@pytest.mark.parametrize("name", ["garden", "arm", "robot"])
def test_what_is_unknown_is_named_with_its_line(tmp_path, name):
    """An unknown attribute or element anywhere is an error with file:line, and a line of the report in lenient mode."""
    ending, text = sources()[name]
    path, rng = tmp_path / f"odd{ending}", random.Random(name)
    for k in range(60):
        root = ET.fromstring(text)
        target = rng.choice([e for e in root.iter() if e.tag not in IGNORED])
        if k % 2:
            target.append(ET.Element("zzz"))
        else:
            target.set("zzz", "1")
        path.write_bytes(ET.tostring(root))
        try:
            report = engine.load(path, strict=False).import_report
        except engine.ImportFileError as error:  # another reason to refuse the file is as good, if it has its place
            assert str(error).startswith(f"odd{ending}:")
            continue
        assert [line for line in report if "zzz" in line and line.startswith(f"odd{ending}:")], (target.tag, target.attrib)


IGNORED = ("gyro", "jointpos")  # sensors keep every attribute as data

BOMB = """<!DOCTYPE r [<!ENTITY a "aaaaaaaaaa"><!ENTITY b "&a;&a;&a;&a;&a;&a;&a;&a;"><!ENTITY c "&b;&b;&b;&b;&b;&b;&b;&b;">]>"""
FOREIGN = """<!DOCTYPE r [<!ENTITY x SYSTEM "file:///etc/passwd">]>"""
HOSTILE = {
    BOMB + "<mujoco model='&c;'/>": "a DOCTYPE",
    FOREIGN + "<mujoco model='&x;'/>": "a DOCTYPE",
    "<mujoco><include file='/etc/passwd'/></mujoco>": "outside of",
    "<mujoco><include file='../../../etc/passwd'/></mujoco>": "outside of",
    "<mujoco><include file='a\x01b'/></mujoco>": "broken XML",
    f"<mujoco><include file='{'x' * 5000}'/></mujoco>": "does not exist|invalid",
    "<mujoco>" + "<worldbody>" * 600 + "</worldbody>" * 600 + "</mujoco>": "too large",
    "<mujoco><worldbody>" + "<body>" * 300 + "</body>" * 300 + "</worldbody></mujoco>": None,
    "": "broken XML",
    "\x00\x00\x00": "broken XML",
    "<mujoco><worldbody><geom size='1" + "0" * 100000 + "'/></worldbody></mujoco>": "",
}


@pytest.mark.parametrize("text", HOSTILE, ids=range(len(HOSTILE)))
def test_hostile_files_are_refused(tmp_path, text):
    """Entity bombs, files of others, endless names, deep trees, rubbish."""
    path = tmp_path / "hostile.xml"
    path.write_text(text, encoding="utf-8")
    if HOSTILE[text] is None:
        engine.load(path, strict=False)
        return
    with pytest.raises(engine.EngineError, match=HOSTILE[text]):
        engine.compile_scenes([engine.load(path)])
