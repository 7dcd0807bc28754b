"""Scene.save and engine.load: the same scene, to the last bit; and what is refused."""

import numpy as np
import pytest
import trimesh

import engine

TETRAHEDRON = {"vertices": [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], "faces": [[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]]}


def everything(folder):
    """A scene that uses every kind of part and value."""
    trimesh.creation.box((0.1, 0.2, 0.3)).export(folder / "brick.stl")
    scene = engine.Scene()
    scene.options.timestep, scene.options.tolerance, scene.options.gravity = 1 / 300, 1e-9, (0.0, 0.1, -3.0)
    scene.add_plane(color=(0.2, 0.3, 0.4))
    scene.add_body(
        "brick",
        engine.Mesh(path=str(folder / "brick.stl"), scale=2.0),
        position=(0, 0, 1),
        rotation=(1, 2, 3, 4),
        density=333.3,
    )
    scene.add_body("inline", engine.Mesh(**TETRAHEDRON), velocity=(1, 2, 3), angular_velocity=(0.1, 0.2, 0.3))
    shapes = [
        engine.Ellipsoid((0.1, 0.2, 0.3), name="yes"),
        engine.Cylinder(0.1, 0.3, position=(1, 0, 0), friction=(1, 0.01, 0.001)),
    ]
    joints = [
        engine.Slide((1, 1, 0), range=(-1, 1), damping=0.3),
        engine.Hinge((0, 1, 1), (0.1, 0, 0), name="on", initial=0.7, drive_stiffness=5),
    ]
    scene.add_body("cart", shapes, joint=joints, mass=3.3, checker=engine.Checker(0.1), solref=(0.01, 1), condim=6)
    scene.add_body(
        "bob", engine.Capsule(0.1, 0.2), parent="cart", joint=engine.Ball(range=(0, 1), stiffness=2), restitution=0.5
    )
    scene.add_body("hand", engine.Box((1, 2, 3)), kinematic=True, gravity_scale=0.5)
    scene.add_body("told", mass=2, inertia=(1, 1, 1.5), com=(0, 0, 0.1))
    scene.add_shape("world", engine.Sphere(0.3, collides=False))
    scene.add_shape("brick", engine.Sphere(0.1, contact_type=3))
    scene.add_actuator("m", "on", "position", gain=7, damping=0.1, control_range=(-1, 1), gear=2)
    scene.add_camera("eye", (1, 2, 3), (0, 0, 0), body="cart", resolution=(33, 44), fov_y=47.1)
    scene.set_sun((1, 2, 3), (1, 1, 0.9))
    scene.set_sky(horizon=(0.1, 0.2, 0.3))
    scene.exclude_contacts("hand", "cart")
    ties(scene)
    return scene


def ties(scene):
    """Sites, both kinds of tendon and every equality constraint, each with values that are not the defaults."""
    scene.add_site("on_hand", "hand", position=(0.1, 0.2, 0.3), rotation=(1, 0.1, 0, 0))
    scene.add_site("on_cart", "cart")
    scene.add_site("above", position=(0, 0, 3))
    scene.add_shape("world", engine.Cylinder(0.1, 0.5, position=(0, 0, 2), name="drum", collides=False))
    path = (
        engine.Via("above"), engine.Wrap("drum", "on_cart"), engine.Via("on_hand"), engine.Pulley(2.0),
        engine.Via("above"), engine.Wrap("drum"), engine.Via("on_cart"),
    )  # fmt: skip
    scene.add_tendon(engine.SpatialTendon(path, name="rope", stiffness=(3, 1, 2), range=(0, 5), margin=0.1, friction_loss=0.3))
    scene.add_tendon(engine.FixedTendon((("on", 0.5),), damping=2, spring_range=(0, 1), limit_solref=(0.03, 0.9)))
    scene.add_equality(engine.Connect("hand", anchor=(0.1, 0, 0), name="pin", active=False))
    scene.weld("hand", "cart", torque_scale=0.2, relative=((1, 2, 3), (1, 0.5, 0, 0)), solimp=(0, 0.9, 0.1, 0.5, 2))
    scene.add_equality(engine.Weld(site="on_hand", other_site="above"))
    scene.couple_joints("on", polynomial=(0.1, 2), reference=(0.3, 0))
    scene.add_equality(engine.TendonCoupling("rope", "tendon1", (0, 1, 2)))


def test_a_saved_scene_comes_back_to_the_last_bit(tmp_path):
    """Every array of the compiled scenes is equal, and so is the text of a second save."""
    scene = everything(tmp_path)
    scene.save(tmp_path / "a.yaml")
    again = engine.load(tmp_path / "a.yaml")
    first, second = engine.compile_scenes([scene]), engine.compile_scenes([again])
    assert first.topology_hash() == second.topology_hash()
    for name, values in first.reals.items():
        np.testing.assert_array_equal(values, second.reals[name], err_msg=name)
    again.save(tmp_path / "b.yaml")
    assert (tmp_path / "a.yaml").read_text() == (tmp_path / "b.yaml").read_text()
    assert "path: brick.stl" in (tmp_path / "a.yaml").read_text()


def test_a_mesh_from_another_folder_is_written_out(tmp_path):
    """The document stays complete when it is not saved beside the mesh."""
    scene = everything(tmp_path)
    (tmp_path / "sub").mkdir()
    scene.save(tmp_path / "sub" / "a.yaml")
    again = engine.load(tmp_path / "sub" / "a.yaml")
    np.testing.assert_array_equal(
        engine.compile_scenes([scene]).reals["body_mass"], engine.compile_scenes([again]).reals["body_mass"]
    )


def test_people_may_list_children_first_and_leave_out_defaults(tmp_path):
    """Bodies in any order, numbers like 1e-3, joints absent meaning welded."""
    text = """scene: 1
bodies:
  - {name: tip, parent: arm, position: [1, 0, 0], shapes: [{type: sphere, radius: 1e-1}]}
  - {name: arm, joints: [{type: hinge, axis: [0, 1, 0]}], shapes: [{type: box, size: [1, 1, 1]}]}
"""
    (tmp_path / "s.yaml").write_text(text)
    compiled = engine.compile_scenes([engine.load(tmp_path / "s.yaml")])
    assert compiled.names.body == ("world", "arm", "tip") and compiled.sizes["num_dofs"] == 1


BAD = {
    "scene: 2": "scene format 2",
    "bodies: []": "scene format None",
    "[1, 2]": "the document is list",
    "scene: 1\nboddies: []": "unknown key 'boddies'; did you mean 'bodies'",
    "scene: 1\nscene: 1": "duplicate",
    "scene: 1\na: &x [1]\nb: *x": "aliases are not allowed",
    "scene: 1\na: !!python/object/apply:os.system [ls]": "no valid YAML",
    "scene: [": "no valid YAML",
    "scene: 1\noptions: {timestp: 1}": "unknown option 'timestp'; did you mean 'timestep'",
    "scene: 1\nbodies: [{name: a, parent: b}, {name: b, parent: a}]": "bodies 'a', 'b' form a cycle",
    "scene: 1\nbodies: [{name: a, parent: a}]": "form a cycle",
    "scene: 1\nbodies: [{name: arm}, {name: b, parent: armm}]": "unknown parent 'armm'; did you mean 'arm'",
    "scene: 1\nbodies: [{name: a, colour: 1}]": "unknown key 'colour'",
    "scene: 1\nbodies: [{shapes: []}]": "missing",
    "scene: 1\nbodies: [{name: a, shapes: [{type: bax}]}]": "unknown shape type 'bax'; did you mean 'box'",
    "scene: 1\nbodies: [{name: a, shapes: [{type: box}]}]": "missing",
    "scene: 1\nbodies: [{name: a, shapes: [{type: box, size: [1, 1, -1]}]}]": "size is -1",
    "scene: 1\nbodies: [{name: a, shapes: [{type: mesh, path: ../x.stl}]}]": "outside of the model's folder",
    "scene: 1\nbodies: [{name: a, shapes: [{type: mesh, path: x.stl}]}]": "does not exist",
    "scene: 1\nbodies: [{name: a, joints: [{type: hinge, axis: [0, 0, 0]}]}]": "axis is zero",
    "scene: 1\nbodies: {}": "bodies is dict",
    "scene: 1\nactuators: [{name: m, joint: j}]": "unknown joint 'j'",
    "scene: 1\ncameras: [{name: c}]": "missing",
    "scene: 1\nexcluded_contacts: [[a]]": "excluded_contacts holds",
}


@pytest.mark.parametrize("text", BAD)
def test_bad_documents_give_one_sentence(tmp_path, text):
    """Unknown keys and names list near matches; unsafe YAML, cycles and wrong values are refused."""
    (tmp_path / "s.yaml").write_text(text)
    with pytest.raises(engine.EngineError, match=BAD[text]):
        engine.load(tmp_path / "s.yaml")


def test_only_yaml_can_be_saved_and_only_where_one_may_write(tmp_path):
    """Unknown endings and missing folders give one sentence."""
    with pytest.raises(engine.SceneError, match="unknown ending '.json'"):
        engine.Scene().save(tmp_path / "a.json")
    with pytest.raises(engine.SceneError, match="cannot write"):
        engine.Scene().save(tmp_path / "gone" / "a.yaml")


def test_a_mesh_file_alone_is_a_scene_with_one_free_body(tmp_path):
    """Named after the file, with the density of water."""
    trimesh.creation.box((1, 1, 1)).export(tmp_path / "crate.ply")
    compiled = engine.compile_scenes([engine.load(tmp_path / "crate.ply")])
    assert compiled.names.body == ("world", "crate") and compiled.reals["body_mass"][0, 1] == pytest.approx(1000)
