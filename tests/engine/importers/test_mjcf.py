"""MJCF models against MuJoCo's own compiler, and what is refused or reported."""

import mujoco
import numpy as np
import pytest
import trimesh

import engine

FULL = """<mujoco model="full"><compiler angle="degree"/><option timestep="0.004" impratio="5" gravity="0 1 -9"
cone="elliptic"/> <default><geom friction=".8" density="500"/><motor ctrlrange="-2 2"/>
 <default class="leg"><joint damping=".5" armature=".02" range="-30 60"/><geom size=".05"/></default></default>
<asset><mesh name="m" vertex="0 0 0 1 0 0 0 1 0 0 0 1" scale=".2 .3 .4"/><material name="red" rgba="1 0 0 1"/></asset>
<worldbody><light directional="true" dir="0 .3 -1"/><geom name="floor" type="plane" size="1 1 1" pos="0 0 -1"/>
<camera name="cam" pos="0 -3 1" xyaxes="1 0 0 0 0 1" fovy="60"/>
<body name="torso" pos="0 0 1" euler="10 20 30"><freejoint name="root"/><geom type="box" size=".1 .2 .3" condim="4"/>
 <geom type="capsule" fromto="0 0 0 .3 .1 .2" size=".04" material="red"/>
 <body name="thigh" childclass="leg" pos=".5 0 .1" axisangle="0 1 0 30">
  <joint name="hip" axis="0 1 .2" pos="0 .05 .1" ref="10" springref="5" stiffness="3" frictionloss=".1"/>
  <geom type="ellipsoid" size=".1 .2 .15" pos=".1 0 0" mass="2" friction="1 .01"/>
  <body pos=".3 0 0"><geom type="cylinder" fromto="0 0 0 0 .3 0"/></body>
  <body name="foot" pos="0 .3 0" zaxis="1 1 0"><joint name="shin" type="slide" axis="1 0 0" range="-1 1" ref="0"/>
   <joint name="ankle" type="ball" pos=".1 0 0" range="0 40"/><geom type="mesh" mesh="m" pos="0 0 .1" quat="1 1 0
   0"/></body></body></body>
<body name="pend" pos="3 0 1"><joint name="p" axis="0 1 0"/><inertial pos=".1 0 .2" mass="2" diaginertia=".1 .2 .15" euler="0 45
0"/></body> <body name="rail" pos="0 4 0" xyaxes="0 1 0 -1 0 0"><joint name="r" type="slide" axis="0 0 1" ref=".3"/>
 <inertial pos="0 0 0" mass="1" fullinertia="2 3 4 .1 .2 .3"/></body>
</worldbody>
<actuator><motor name="a" joint="hip" gear="3"/><position joint="p" kp="10" kv="1" forcerange="-5 5"/><velocity joint="p"
kv="2"/>
 <general joint="p" gainprm="3" biastype="affine" biasprm="1 2 3"/></actuator>
<contact><exclude body1="torso" body2="foot"/></contact></mujoco>"""


def load_text(folder, text, strict=True, name="model.xml"):
    (folder / name).write_text(text)
    return engine.load(folder / name, strict=strict)


def test_a_model_of_everything_compiles_to_mujocos_numbers(tmp_path, same_dynamics):
    """Trees, defaults, orientations, ref, inertias, actuators, cameras and options agree with MuJoCo."""
    scene = load_text(tmp_path, FULL)
    model = mujoco.MjModel.from_xml_string(FULL)
    real = same_dynamics(scene, model)
    np.testing.assert_allclose(real["actuator_gain"], model.actuator_gainprm[:, :3])
    np.testing.assert_allclose(real["actuator_bias"], model.actuator_biasprm[:, :3])
    np.testing.assert_allclose(real["actuator_gear"], model.actuator_gear[:, 0])
    np.testing.assert_allclose(real["actuator_control_range"], model.actuator_ctrlrange)
    np.testing.assert_allclose(real["actuator_force_range"], model.actuator_forcerange)
    np.testing.assert_allclose(real["joint_stiffness"], np.ravel(model.jnt_stiffness[:]))
    np.testing.assert_allclose(np.abs(real["camera_rotation"][0]), np.abs(model.cam_quat[0]), atol=1e-12)
    np.testing.assert_allclose(real["camera_fov"][0], np.radians(60))
    np.testing.assert_allclose(real["shape_friction"], model.geom_friction)
    np.testing.assert_allclose(real["shape_solref"], model.geom_solref)
    np.testing.assert_allclose(real["gravity"], model.opt.gravity)
    np.testing.assert_allclose(real["sun_direction"], np.array([0, -0.3, 1]) / np.sqrt(1.09))
    assert (scene.options.timestep, scene.options.integrator, scene.options.impedance_ratio) == (0.004, "euler", 5.0)
    assert scene.import_report == []


def test_world_poses_of_bodies_at_the_start_are_mujocos(tmp_path):
    """Forward kinematics through our constants gives xpos and xquat of MuJoCo, ref included."""
    from engine.scene.inverse_weight import initial_motion
    from engine.scene.topology import signature, topology

    scene = load_text(tmp_path, FULL)
    model = mujoco.MjModel.from_xml_string(FULL)
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    top, compiled = topology(signature(scene)), engine.compile_scenes([scene])
    jacobian = initial_motion(top, compiled.reals).jacobian
    for b in range(1, model.nbody):
        linear, angular = np.zeros((3, model.nv)), np.zeros((3, model.nv))
        mujoco.mj_jacBodyCom(model, data, linear, angular, b)
        np.testing.assert_allclose(jacobian[b][0], np.concatenate([linear, angular])[:, list(top.chains[b])], atol=1e-7)


def test_pairs_are_those_that_mujoco_would_test(tmp_path):
    """The static pair list equals MuJoCo's filter over all geom pairs."""
    scene = load_text(tmp_path, FULL.replace('<contact><exclude body1="torso" body2="foot"/></contact>', ""))
    compiled = engine.compile_scenes([scene])
    bodies = compiled.ints["shape_body"]
    names = {frozenset((compiled.names.body[bodies[a]], compiled.names.body[bodies[b]])) for a, b in _pairs(compiled)}
    assert frozenset(("torso", "foot")) in names and frozenset(("torso", "thigh")) not in names
    with_exclude = engine.compile_scenes([load_text(tmp_path, FULL)])
    assert compiled.sizes["num_pairs"] - with_exclude.sizes["num_pairs"] == 2  # the two shapes of the torso against the foot


def _pairs(compiled):
    return zip(compiled.ints["pair_shape_a"], compiled.ints["pair_shape_b"], strict=True)


def test_mesh_files_includes_and_meshdir_stay_below_the_folder(tmp_path):
    """An included file adds its parts; a mesh is found in meshdir, and the scene weighs what it should."""
    (tmp_path / "meshes").mkdir()
    trimesh.creation.box((1, 2, 3)).export(tmp_path / "meshes" / "brick.stl")
    (tmp_path / "part.xml").write_text(
        '<mujocoinclude><body name="b"><freejoint/><geom type="mesh" mesh="brick"/></body></mujocoinclude>'
    )
    text = '<mujoco><compiler meshdir="meshes"/><asset><mesh file="brick.stl" scale=".1 .1 -.1"/></asset>'
    scene = load_text(tmp_path, text + '<worldbody><include file="part.xml"/></worldbody></mujoco>')
    assert engine.compile_scenes([scene]).reals["body_mass"][0, 1] == pytest.approx(6.0, rel=1e-6)


def test_unsupported_parts_raise_by_name_and_line_or_are_listed(tmp_path):
    """strict raises the first and counts the others; otherwise all are in the report and the rest is loaded."""
    text = """<mujoco><worldbody>
<body name="a"><freejoint/><geom size=".1"/><flexcomp name="c"/></body></worldbody>
<equality><flex flex="f"/></equality>
<deformable/><statistic/></mujoco>"""
    with pytest.raises(engine.ImportFileError, match=r"model.xml:2: unsupported element <flexcomp> \(and 2 more\)"):
        load_text(tmp_path, text)
    scene = load_text(tmp_path, text, strict=False)
    assert [line.split(": ")[1] for line in scene.import_report] == [
        "unsupported element <flexcomp>", "unsupported element <flex> of <equality>", "unsupported element <deformable>",
        "ignored element <statistic>",
    ]  # fmt: skip
    assert scene.import_report[1].startswith("model.xml:3:") and scene.import_report[2].startswith("model.xml:4:")
    assert engine.compile_scenes([scene]).sizes["num_dofs"] == 6


HINGED = '<worldbody><body><geom size="1"/><joint name="j"/></body></worldbody>'
LACKING = {
    '<option integrator="discrete"/>': "integrator 'discrete'",
    '<option noslip_iterations="3"/>': "noslip_iterations",
    '<option><flag refsafe="disable"/></option>': "flag refsafe",
    '<option><flag override="enable"/></option>': "flag override",
    '<actuator><adhesion body="b"/></actuator>': "<adhesion>",
    '<actuator><pid joint="j"/></actuator>': "<pid>",
    '<asset><hfield name="h" file="h.png" size="1 1 1 1"/></asset>'
    '<worldbody><geom type="hfield" hfield="h"/></worldbody>': "image",
    '<worldbody><geom type="sdf" size="1"/></worldbody>': "geom type 'sdf'",
    '<actuator><motor body="b"/></actuator>': "<motor> on body",
    HINGED + '<actuator><muscle joint="j"/></actuator>': "muscle",
    HINGED + '<actuator><motor joint="j" delay=".1"/></actuator>': "delay",
    "<deformable/>": "<deformable>",
    "<extension/>": "<extension>",
    '<worldbody><body><composite type="cable"/></body></worldbody>': "<composite>",
    '<worldbody><body><flexcomp name="f"/></body></worldbody>': "<flexcomp>",
    '<worldbody><body><attach model="m" prefix="p"/></body></worldbody>': "<attach>",
    '<worldbody><body><plugin plugin="p"/></body></worldbody>': "<plugin>",
    '<worldbody><geom size="1" shellinertia="true"/></worldbody>': "shellinertia",
    '<asset><mesh name="m" builtin="sphere"/></asset>': "builtin",
    '<asset><model name="m" file="m.xml"/></asset>': "<model>",
}


@pytest.mark.parametrize("part", LACKING)
def test_each_unsupported_part_is_named(tmp_path, part):
    """Nothing is dropped in silence."""
    with pytest.raises(engine.ImportFileError, match=f"unsupported .*{LACKING[part]}"):
        load_text(tmp_path, f"<mujoco>{part}</mujoco>")


def world(inner):
    return f"<mujoco><worldbody>{inner}</worldbody></mujoco>"


BROKEN = {
    "<mujoco><worldbody>": "broken XML",
    "<sdf/>": "root element is <sdf>",
    '<!DOCTYPE m [<!ENTITY a "aaaa">]><mujoco/>': "a DOCTYPE",
    '<mujoco><include file="../other.xml"/></mujoco>': "outside of the model's folder",
    '<mujoco><include file="model.xml"/></mujoco>': "included twice",
    '<mujoco><include file="gone.xml"/></mujoco>': "does not exist",
    '<mujoco><asset><mesh name="m" file="/etc/passwd.stl"/></asset>' + world('<geom mesh="m"/>')[8:]: "outside of",
    world('<geom type="mesh" mesh="m"/>'): "unknown mesh 'm'",
    world('<geom class="k" size="1"/>'): "unknown default class 'k'; did you mean|unknown default class 'k'",
    world('<geom size="x"/>'): "size='x' is no list of numbers",
    world('<geom type="box" size="1 1"/>'): "size has 2 numbers; allowed for a box: 3",
    world('<geom size="1" pos="1 1"/>'): "pos='1 1' has 2 numbers; allowed: 3",
    world('<geom size="1" quat="1 0 0 0" euler="1 0 0"/>'): "several orientations",
    world('<geom size="1" material="m"/>'): "unknown material 'm'",
    world('<body><joint range="1 -1"/><geom size="1"/></body>'): "low above high",
    world('<body><joint type="screw"/></body>'): "type='screw'; allowed: free, ball, slide, hinge",
    world('<geom size="-1"/>'): "radius is -1",
    '<mujoco><actuator><motor joint="j"/></actuator></mujoco>': "unknown joint 'j'",
    '<mujoco><contact><exclude body1="a" body2="b"/></contact></mujoco>': "unknown body 'a'",
    '<mujoco><contact><pair geom1="a" geom2="b"/></contact></mujoco>': "unknown geom 'a'",
    world('<replicate count="0"><geom size="1"/></replicate>'): "count is 0",
    world('<joint type="hinge"/>'): "the world has no joints",
    '<mujoco><sensor><gyro site="s"/></sensor></mujoco>': "unknown site 's'",
    '<mujoco><compiler eulerseq="abc"/></mujoco>': "eulerseq='abc'",
    world('<body><inertial pos="0 0 0" mass="1"/></body>'): "mass or inertia is missing",
}


@pytest.mark.parametrize("text", BROKEN)
def test_broken_and_unsafe_files_give_one_sentence(tmp_path, text):
    """Bad XML, entities, references out of the folder and wrong values are refused."""
    with pytest.raises(engine.EngineError, match=BROKEN[text]):
        load_text(tmp_path, text)


def test_a_mocap_body_is_kinematic_and_gravcomp_scales_gravity(tmp_path):
    """mocap becomes a prescribed motion; gravcomp=1 makes a body weightless."""
    geom = '<geom size=".1"/>'
    bodies = f'<body name="m" mocap="true">{geom}</body><body gravcomp="1"><freejoint/>{geom}</body>'
    compiled = engine.compile_scenes([load_text(tmp_path, world(bodies))])
    assert compiled.names.kinematic == ("m",)
    np.testing.assert_array_equal(compiled.reals["body_gravity_scale"][0], [1, 1, 0])


def test_unknown_formats_and_missing_files_are_refused(tmp_path):
    """One sentence each."""
    with pytest.raises(engine.ImportFileError, match="unknown format '.blend'"):
        engine.load(tmp_path / "a.blend")
    with pytest.raises(engine.ImportFileError, match="does not exist"):
        engine.load(tmp_path / "a.xml")


def test_a_height_field_is_scaled_as_in_mujoco(tmp_path):
    """Elevation is normalised to 0 .. 1, rows from the top of the picture; heights against MuJoCo's own data."""
    mujoco = pytest.importorskip("mujoco")
    text = """<mujoco><asset><hfield name="h" nrow="3" ncol="4" size="2 1 0.5 0.1"
      elevation="0 1 2 3  4 5 6 7  2 2 2 2"/></asset><worldbody><geom type="hfield" hfield="h"/></worldbody></mujoco>"""
    scene = load_text(tmp_path, text)
    model = mujoco.MjModel.from_xml_string(text)
    (shape,) = [s for _, s in scene.shapes]
    np.testing.assert_allclose(shape.heights, model.hfield_data.reshape(3, 4) * model.hfield_size[0, 2], atol=1e-7)
    assert shape.size == (4.0, 2.0) and shape.base == pytest.approx(0.1)


def test_lights_become_lamps_that_are_as_bright_at_the_origin(tmp_path):
    """The first directional light is the sun; points and spots are lamps, on bodies and in frames; one that is off is none."""
    scene = load_text(
        tmp_path,
        """<mujoco><default><light diffuse=".4 .5 .6"/></default><worldbody><light directional="true" dir="1 0 -1"/>
<light name="bulb" type="point" pos="0 3 4"/><light name="off" active="false"/><light directional="true"/>
<frame pos="0 0 1" euler="0 90 0">
<light name="spot" pos="0 0 1" dir="0 0 1" diffuse="1 1 1" cutoff="20" exponent="20" attenuation="0 0 2"/></frame>
<body name="b" pos="0 0 1"><geom size=".1"/><light name="torch" pos="0 0 .1" dir="1 0 0" exponent="0"/></body>
</worldbody></mujoco>""",
        strict=False,
    )
    lamps = {lamp.name: lamp for lamp in scene.lamps}
    assert list(lamps) == ["bulb", "spot", "torch"] and lamps["torch"].body == 1
    np.testing.assert_allclose(np.array(lamps["bulb"].color) / 25, np.pi * np.array([0.4, 0.5, 0.6]))
    np.testing.assert_allclose(lamps["spot"].position, (1, 0, 1), atol=1e-12)
    np.testing.assert_allclose(lamps["spot"].direction, (1, 0, 0), atol=1e-12)
    np.testing.assert_allclose(lamps["spot"].color, np.pi / 2)  # at any distance, as its fall-off is ours
    full, dark = np.cos(np.radians(lamps["spot"].cone))
    assert lamps["spot"].cone[1] == 20 and (0.5 * (full + dark)) ** 20 == pytest.approx(0.5)
    assert lamps["bulb"].cone is None and lamps["torch"].cone == (45, 45)
    np.testing.assert_allclose(scene.light.sun_direction, np.array([-1, 0, 1]) / np.sqrt(2), atol=1e-12)
    assert len(scene.import_report) == 1 and "directional <light>" in str(scene.import_report[0])
