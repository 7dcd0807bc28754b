"""A scene of everything goes out as MJCF and comes back, in MuJoCo and here, to the same mass matrix and motion."""

import mujoco
import numpy as np
import pytest

import engine
from engine import runtime
from engine.scene.inverse_weight import mass_matrix
from engine.scene.topology import signature, topology


def everything():
    """Planes, all shapes, a mesh, all joints with initial coordinates, actuators, cameras, sites, keyframes, pairs."""
    scene = engine.Scene()
    scene.options = engine.Options(integrator="euler", contact="mujoco", timestep=0.004)
    scene.add_plane(checker=engine.Checker(0.5, (0.1, 0.2, 0.3)))
    corners, faces = [[0, 0, 0], [0.2, 0, 0], [0, 0.3, 0], [0, 0, 0.4]], [[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]]
    mesh = engine.Mesh(vertices=corners, faces=faces, scale=(1, 2, 1), rotation=(1, 0.2, 0, 0.1))
    scene.add_body("free", [engine.Box((0.1, 0.2, 0.3)), mesh], position=(0, 0, 1.5), rotation=(1, 0.3, 0, 0))
    hinge = engine.Hinge((0.3, 1, 0), (0.1, 0, 0.05), (-1, 2), initial=0.4, stiffness=2, rest=0.2, damping=0.3, armature=0.01)
    slide = engine.Slide((1, 0, 0.2), initial=-0.1, friction_loss=0.2, range=(-0.3, 0.2))
    rod = engine.Capsule(0.05, 0.4, position=(0, 0, 0.2), visible=False, friction=(0.7, 0.01, 0.001), priority=2, mix=0.5)
    scene.add_body("arm", rod, position=(1, 0, 2), rotation=(1, 0, 0.1, 0), joint=[slide, hinge], gravity_scale=0.5)
    scene.add_body(
        "hand", engine.Ellipsoid((0.1, 0.2, 0.05)), parent="arm", position=(0, 0, 0.5), joint=engine.Ball((0, 0, -0.1))
    )
    scene.add_body("tip", engine.Sphere(0.03, mass=0.5), parent="hand", position=(0, 0.2, 0), joint=None)
    scene.add_body("post", engine.Cylinder(0.1, 1.0), position=(3, 0, 0.5), fixed=True)
    scene.add_body("lift", engine.Box((0.5, 0.5, 0.1)), position=(0, 4, 1), kinematic=True)
    scene.add_actuator("push", "arm", "position", gain=5.0, damping=1.0, control_range=(-1, 1), gear=2.0)
    scene.add_actuator("turn", "arm:1", "general", gain=(1, 2, 3), bias=(0.1, -1, -2), force_range=(-3, 3))
    scene.add_camera("eye", (2, 2, 2), (0, 0, 1), resolution=(64, 48), fov_y=50)
    scene.add_site("spot", "hand", position=(0, 0, 0.1), shape="box", size=(0.01, 0.02, 0.03))
    scene.add_sensor("gyro", "gyro", "site", "spot", {"noise": "0.1"})
    scene.exclude_contacts("free", "hand")
    scene.add_contact_pair(
        "tip", "post", friction=0.3, condim=4, solref=(0.03, 1.0), solimp=(0.9, 0.95, 0.001, 0.5, 2.0), margin=0.0
    )
    return scene


def mass_of(scene):
    return mass_matrix(topology(signature(scene)), engine.compile_scenes([scene]).reals)[0]


def test_a_scene_of_everything_comes_back(tmp_path):
    """Mass matrix in MuJoCo and here, options, shapes and the rest."""
    scene = everything()
    assert engine.export(scene, tmp_path / "x.xml") == []
    again = engine.load(tmp_path / "x.xml")
    assert again.import_report == []
    np.testing.assert_allclose(mass_of(again), mass_of(scene), rtol=1e-9, atol=1e-12)
    model = mujoco.MjModel.from_xml_path(str(tmp_path / "x.xml"))
    data, full = mujoco.MjData(model), np.zeros((model.nv, model.nv))
    mujoco.mj_forward(model, data)
    mujoco.mj_fullM(model, data, full)
    np.testing.assert_allclose(full, mass_of(scene), rtol=1e-7, atol=1e-9)
    mine, theirs = (engine.compile_scenes([s]) for s in (scene, again))
    assert mine.names.body == theirs.names.body and mine.names.shape == theirs.names.shape
    for name in ("pair_shape_a", "pair_shape_b", "pair_condim", "shape_hidden", "joint_limited"):
        np.testing.assert_array_equal(mine.ints[name], theirs.ints[name], err_msg=name)
    primitive = mine.ints["shape_mesh"] < 0  # the scale of a mesh is in its vertices now
    np.testing.assert_allclose(mine.reals["shape_size"][:, primitive], theirs.reals["shape_size"][:, primitive])
    for name in ("shape_friction", "shape_solref", "shape_color", "shape_pattern", "actuator_gain", "rule_solref",
                 "camera_rotation", "qpos_initial", "gravity", "timestep", "body_gravity_scale"):  # fmt: skip
        np.testing.assert_allclose(mine.reals[name], theirs.reals[name], rtol=1e-6, atol=1e-7, err_msg=name)
    assert again.sites == scene.sites and again.sensors == scene.sensors


def test_the_copy_moves_as_the_original(tmp_path):
    """Half a second of both, contacts and limits included, in f64."""
    runtime.init("cpu", precision="f64", threads=1)
    scene = everything()
    engine.export(scene, tmp_path / "x.xml")
    ends = []
    for s in (scene, engine.load(tmp_path / "x.xml")):
        sim = engine.Simulation(s, num_envs=2)
        sim.control.actuator[:] = [[0.5, -1.0], [-0.5, 1.0]]
        sim.step(125)
        ends.append(sim.state.qpos.copy())
    np.testing.assert_allclose(ends[1], ends[0], atol=1e-7)


def test_what_mjcf_cannot_hold_is_named(tmp_path):
    """Restitution is an error in strict mode and a note otherwise; the exact contact model and drives are noted."""
    scene = engine.Scene()
    scene.add_body("a", engine.Sphere(0.1, restitution=0.5), joint=engine.Slide(drive_stiffness=3.0))
    with pytest.raises(engine.SceneError, match=r"restitution=0.5 of shape 'a' cannot be written"):
        engine.export(scene, tmp_path / "x.xml")
    assert not (tmp_path / "x.xml").exists()
    notes = engine.export(scene, tmp_path / "x.xml", strict=False)
    assert any("drive of joint 'a'" in n for n in notes) and any('contact="exact"' in n for n in notes)
    assert mujoco.MjModel.from_xml_path(str(tmp_path / "x.xml")).nu == 1


def test_a_height_field_goes_out_as_a_mesh_and_says_so(tmp_path):
    """Refused in strict mode by both formats; otherwise a mesh of its triangles."""
    scene = engine.Scene()
    scene.add_body("ground", engine.HeightField([[0.0, 0.1], [0.2, 0.0]], (1.0, 2.0)), fixed=True)
    for name in ("x.xml", "x.usda"):
        with pytest.raises(engine.SceneError, match="the height field 'ground' as ground cannot be written"):
            engine.export(scene, tmp_path / name)
        assert "changed: the height field 'ground' as ground" in engine.export(scene, tmp_path / name, strict=False)
    assert mujoco.MjModel.from_xml_path(str(tmp_path / "x.xml")).nmesh == 1


def test_wrong_targets_are_refused(tmp_path):
    """One sentence each."""
    for what, name, sentence in (
        (engine.Scene(), "x.blend", "unknown format '.blend'"),
        (3, "x.xml", "int cannot be exported"),
        (engine.Scene(), "no/x.xml", "does not exist"),
    ):
        with pytest.raises(engine.SceneError, match=sentence):
            engine.export(what, tmp_path / name)
