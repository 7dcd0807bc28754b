"""MJCF elements one by one against MuJoCo: mesh kinds and fits, frames, replicas, ref, springs, pairs, sites, keyframes."""

import mujoco
import numpy as np
import pytest
import trimesh

import engine
from engine.scene.inverse_weight import mass_matrix
from engine.scene.topology import signature, topology


@pytest.fixture
def both(tmp_path):
    """Our compiled scene and MuJoCo's model of one text, with meshes ring.obj and egg.stl beside it."""
    ring = trimesh.creation.annulus(0.3, 0.5, 0.4)
    ring.apply_translation((0.1, 0, 0.05))
    ring.export(tmp_path / "ring.obj")
    egg = trimesh.creation.icosphere(2)
    egg.apply_scale((1, 0.6, 0.3))
    egg.apply_translation((0.1, 0.2, 0.3))
    egg.export(tmp_path / "egg.stl")

    def load(text):
        (tmp_path / "m.xml").write_text(text)
        scene = engine.load(tmp_path / "m.xml")
        return scene, engine.compile_scenes([scene]), mujoco.MjModel.from_xml_path(str(tmp_path / "m.xml"))

    return load


def same_mass_matrix(scene, compiled, model, rtol=1e-7):
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    full = np.zeros((model.nv, model.nv))
    mujoco.mj_fullM(model, data, full)
    mine = mass_matrix(topology(signature(scene)), compiled.reals)[0]
    np.testing.assert_allclose(mine, full, rtol=rtol, atol=rtol * np.abs(full).max())


def world(inner, rest=""):
    return f"<mujoco>{rest}<worldbody>{inner}</worldbody></mujoco>"


RING = """<mujoco><asset>
<mesh name="r" file="ring.obj" inertia="{}" scale="1 2 -1" refpos=".1 .2 .3" refquat="1 .2 .3 .4"/></asset>
<worldbody><body pos="1 0 0"><joint axis="1 1 1"/><joint axis="0 1 0"/>
<geom type="mesh" mesh="r" pos=".1 .2 .3" euler="10 20 30"/></body></worldbody></mujoco>"""


@pytest.mark.parametrize("kind", ["legacy", "exact", "convex", "shell"])
def test_a_mesh_weighs_what_its_inertia_kind_says(both, kind):
    """Scaled, mirrored and with a reference frame."""
    same_mass_matrix(*both(RING.format(kind)))


@pytest.mark.parametrize("aabb", ["false", "true"])
@pytest.mark.parametrize("kind", ["sphere", "capsule", "cylinder", "box", "ellipsoid"])
def test_primitives_are_fitted_to_meshes(both, kind, aabb):
    """By inertia box and by bounding box: same sizes and mass matrix."""
    geom = f'<geom type="{kind}" mesh="e" fitscale="1.1" pos=".1 .2 .3" euler="10 20 30"/>'
    head = f'<compiler fitaabb="{aabb}"/><asset><mesh name="e" file="egg.stl"/></asset>'
    scene, compiled, model = both(world(f'<body pos="1 0 0"><freejoint/>{geom}</body>', head))
    np.testing.assert_allclose(compiled.reals["shape_size"][0, 0], model.geom_size[0], rtol=1e-6)
    same_mass_matrix(scene, compiled, model)


def test_the_binary_mesh_format_is_read(both, tmp_path):
    """A tetrahedron in MuJoCo's own format."""
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], "<f4")
    faces = np.array([[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]], "<i4")
    (tmp_path / "t.msh").write_bytes(np.array([4, 0, 0, 4], "<i4").tobytes() + points.tobytes() + faces.tobytes())
    head = '<asset><mesh name="t" file="t.msh"/></asset>'
    same_mass_matrix(*both(world('<body><freejoint/><geom type="mesh" mesh="t"/></body>', head)))
    (tmp_path / "t.msh").write_bytes(b"short")
    with pytest.raises(engine.ImportFileError, match="no MuJoCo mesh file"):
        engine.load(tmp_path / "m.xml")


def test_frames_and_replicas_place_their_children(both):
    """Nested frames, a replicated body with names, fromto in a frame; body and geom poses are MuJoCo's."""
    inner = """<frame pos="1 2 3" euler="10 20 30"><geom type="capsule" fromto="0 0 0 1 1 1" size=".1"/>
<frame axisangle="0 0 1 90" pos="0 0 1"><body name="b" pos="0 0 .5" euler="0 0 30"><joint axis="1 0 0"/><geom size=".1"/></body>
</frame><replicate count="3" offset="0 1 0" euler="0 0 20" sep="-"><body name="r" pos=".5 0 0"><joint name="j" axis="0 0 1"/>
<frame pos="0 0 .3"><geom name="g" type="box" size=".1 .2 .3" euler="0 30 0"/></frame></body></replicate></frame>"""
    scene, compiled, model = both(world(inner))
    assert [n for n in compiled.names.body if n != "world"] == ["b", "r-0", "r-1", "r-2"]
    np.testing.assert_allclose(compiled.reals["body_position"][0], model.body_pos, atol=1e-12)
    for ours, theirs in (("body_rotation", model.body_quat), ("shape_rotation", model.geom_quat)):
        mine = compiled.reals[ours][0]
        np.testing.assert_allclose(mine * np.sign((mine * theirs).sum(1, keepdims=True)), theirs, atol=1e-12)
    np.testing.assert_allclose(compiled.reals["shape_position"][0], model.geom_pos, atol=1e-12)
    same_mass_matrix(scene, compiled, model)


REF = """<body name="b" pos="0 0 1.2" euler="5 10 15"><joint type="slide" axis="1 0 0"/>
<joint type="slide" axis="0 0 1" ref="1.2"/>
<joint type="hinge" axis="0 1 0" pos=".1 0 .2" ref="40"/><joint type="hinge" axis="1 0 1" pos="0 .1 0" ref="-30"/>
<geom type="box" size=".1 .2 .3" pos=".3 0 0"/><body pos=".5 0 0"><joint axis="0 0 1" ref="20" stiffness="2" springref="5"/>
<geom size=".1" pos=".2 0 0"/></body></body>"""


def test_joint_reference_values_may_stand_on_several_joints(both):
    """Mass matrix at the initial coordinates, which are the references."""
    scene, compiled, model = both(world(REF))
    np.testing.assert_allclose(compiled.reals["qpos_initial"][0], model.qpos0)
    np.testing.assert_allclose(compiled.reals["qpos_spring"][0], model.qpos_spring)
    same_mass_matrix(scene, compiled, model, rtol=1e-12)


def test_springdamper_gives_stiffness_and_damping(both):
    """From the inertia at the initial coordinates."""
    inner = '<body><joint springdamper=".1 .7" axis="0 1 0"/><geom size=".1" pos=".5 0 0"/></body>'
    _, compiled, model = both(world(inner))
    np.testing.assert_allclose(compiled.reals["joint_stiffness"][0], np.ravel(model.jnt_stiffness[:])[0], rtol=1e-9)
    np.testing.assert_allclose(compiled.reals["dof_damping"][0], np.ravel(model.dof_damping[:])[0], rtol=1e-9)


MIXED = """<geom name="floor" type="plane" size="1 1 1" friction=".3 .01 .001" solref=".01 1" solmix="3"/>
<body name="x"><freejoint/>
<geom name="a" size=".1" solref=".05 .9" solimp=".8 .9 .01" priority="{priority}" condim="{condim}"/></body>
<body name="y" pos=".15 0 0"><freejoint/><geom name="b" size=".1" solref="-800 -20" friction=".2 .02 .002" contype="{bits}"
conaffinity="{bits}"/></body>"""


@pytest.mark.parametrize("priority, condim, bits", [(0, 3, 1), (1, 1, 1), (2, 6, 0)])
def test_contact_values_are_mixed_as_in_mujoco(both, priority, condim, bits):
    """Priorities, mixing weights, stiffness against time constant, and an explicit pair that overrides the bits."""
    pair = (
        '<contact><pair geom1="a" geom2="b" friction=".4 .4 .1 .01 .01" solref=".03 1" condim="4"/></contact>'
        if bits == 0
        else ""
    )
    text = world(MIXED.format(priority=priority, condim=condim, bits=bits)).replace("</mujoco>", pair + "</mujoco>")
    _, compiled, model = both(text)
    data = mujoco.MjData(model)
    data.qpos[[2, 9]] = 0.05
    mujoco.mj_forward(model, data)
    values = {k: v[0] for k, v in compiled.reals.items()}
    rows = zip(compiled.ints["pair_shape_a"], compiled.ints["pair_shape_b"], strict=True)
    found = {frozenset((int(a), int(b))): k for k, (a, b) in enumerate(rows)}
    assert len(data.contact) == len(found) == (3 if bits else 2)
    for contact in data.contact:
        a, b = (int(g) for g in contact.geom)
        k = found[frozenset((a, b))]
        rule = compiled.ints["pair_rule"][k] - 1
        assert compiled.ints["pair_condim"][k] == contact.dim
        if rule < 0:
            friction = np.maximum(values["shape_friction"][a], values["shape_friction"][b])
            solref = np.minimum(values["shape_solref"][a], values["shape_solref"][b])  # only the stiff one has no rule here
            solimp = (values["shape_solimp"][a] + values["shape_solimp"][b]) / 2
        else:
            friction, solref, solimp = (values[f"rule_{n}"][rule] for n in ("friction", "solref", "solimp"))
        np.testing.assert_allclose(friction, contact.friction[[0, 2, 3]])
        np.testing.assert_allclose(solref, contact.solref)
        np.testing.assert_allclose(solimp, contact.solimp)


FURNISHED = """<mujoco><size nkey="2"/><custom><numeric name="n" data="1"/></custom><statistic extent="2"/><visual/>
<asset><texture name="t" type="2d" builtin="checker" rgb1="1 0 0" rgb2="0 1 0" width="10" height="10"/>
<material name="m" texture="t" texrepeat="5 5" texuniform="true"/></asset>
<worldbody><geom type="plane" size="1 1 1" material="m"/><camera name="c" mode="trackcom" pos="0 0 1"/>
<body name="b"><joint name="j" axis="0 1 0"/><geom size=".1" pos=".2 0 0" group="3"/>
<site name="s" type="capsule" fromto="0 0 0 0 0 1" size=".02"/>
</body><body name="mo" mocap="true"><geom size=".1" rgba="1 1 1 0"/></body></worldbody>
<actuator><motor name="m" joint="j"/></actuator><sensor>
<gyro name="g" site="s" noise=".1"/><jointpos joint="j"/><framepos objtype="body" objname="b"/></sensor>
<keyframe><key name="home" time="2" qpos=".5" qvel="1" ctrl=".25" mpos="1 2 3"/></keyframe></mujoco>"""


def test_sites_sensors_looks_and_keyframes_are_kept(both, tmp_path):
    """Data for others: frames, requests, patterns, hidden shapes; a saved scene has them too."""
    scene, compiled, model = both(FURNISHED)
    (site,) = scene.sites
    assert (site.name, site.body, site.shape) == ("s", 1, "capsule")
    np.testing.assert_allclose(site.position, model.site_pos[0], atol=1e-12)
    np.testing.assert_allclose(site.size[:2], model.site_size[0][:2])
    assert [(s.name, s.kind, s.target_kind, s.target) for s in scene.sensors] == [
        ("g", "gyro", "site", "s"), ("sensor#4", "jointpos", "joint", "j"), ("sensor#5", "framepos", "inertial", "b")
    ]  # fmt: skip
    assert scene.sensors[0].attributes == (("noise", ".1"),)
    checker = scene.shapes[0][1].checker
    assert (checker.period, checker.color, scene.shapes[0][1].color) == (0.2, (0, 1, 0), (1, 0, 0))
    np.testing.assert_array_equal(compiled.ints["shape_hidden"], [0, 1, 1])
    scene.save(tmp_path / "s.yaml")
    again = engine.load(tmp_path / "s.yaml")
    for part in ("sites", "sensors", "keyframes", "contact_pairs"):
        assert getattr(again, part) == getattr(scene, part)


def test_a_reset_to_a_keyframe(both):
    """qpos, qvel, controls, time and mocap pose; wrong names and lengths are refused."""
    scene, _, _ = both(FURNISHED)
    scene.add_keyframe("bad", qpos=(1.0, 2.0))
    engine.init("cpu")
    sim = engine.Simulation(scene, num_envs=2)
    sim.reset(keyframe="home", envs=[1])
    np.testing.assert_allclose(sim.state.qpos[:, 0], [0, 0.5])
    np.testing.assert_allclose(sim.state.qvel[:, 0], [0, 1])
    np.testing.assert_allclose(sim.control.actuator[:, 0], [0, 0.25])
    np.testing.assert_allclose(sim.state.kinematic_position[1, 0], [1, 2, 3])
    np.testing.assert_allclose(sim.state.time, [0, 2])
    with pytest.raises(engine.StateError, match="unknown keyframe 'hom'; did you mean 'home'"):
        sim.reset(keyframe="hom")
    with pytest.raises(engine.StateError, match="qpos of 'bad' has 2 numbers; needs 1"):
        sim.reset(keyframe="bad")


def test_the_contact_model_can_be_chosen(tmp_path):
    """An MJCF gets MuJoCo's by default."""
    (tmp_path / "m.xml").write_text(world('<geom size="1"/>'))
    assert engine.load(tmp_path / "m.xml").options.contact == "mujoco"
    assert engine.load(tmp_path / "m.xml", contact="exact").options.contact == "exact"
    with pytest.raises(engine.SceneError, match="unknown contact model 'soft'"):
        engine.load(tmp_path / "m.xml", contact="soft")
