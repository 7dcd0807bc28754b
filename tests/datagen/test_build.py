"""Documents become scenes with the poses, masses and joints that they say."""

import numpy as np
import pytest

import engine
from datagen.build import BuildError, build_scene, linear, structure
from datagen.pipeline.generation import load_spec
from datagen.spec import BodySpec, JointSpec, ShapeSpec, sample
from tests.datagen.worlds import CAMERA, GROUND, action, ball, box, episode, pendulum, waypoints


def compiled(*specs):
    return engine.compile_scenes([build_scene(spec) for spec in specs])


def test_a_free_body_keeps_its_pose_mass_and_velocity():
    made = compiled(episode([GROUND, box(mass=2.5, velocity=(1.0, 0.0, 0.0))]))
    cube = made.names.body.index("cube")
    assert made.reals["body_mass"][0, cube] == pytest.approx(2.5)
    assert made.reals["qpos_initial"][0, :3].tolist() == [0.0, 0.0, 0.5]
    assert made.reals["qvel_initial"][0, :3].tolist() == [1.0, 0.0, 0.0]


def test_poses_of_children_are_taken_into_the_frame_of_the_parent():
    half = float(np.sqrt(0.5))
    post = box("post", (1.0, 0.0, 0.0), fixed=True, rotation=(half, 0.0, 0.0, half))
    arm = box("arm", (1.0, 0.5, 0.0), rotation=(half, 0.0, 0.0, half), parent="post", joint=JointSpec(name="j", type="hinge"))
    made = compiled(episode([post, arm]))
    number = made.names.body.index("arm")
    assert made.reals["body_position"][0, number] == pytest.approx([0.5, 0.0, 0.0], abs=1e-12)
    assert made.reals["body_rotation"][0, number] == pytest.approx([1.0, 0.0, 0.0, 0.0], abs=1e-12)


def test_every_kind_of_shape_and_joint_is_built():
    shapes = (
        ("sphere", (0.1,)),
        ("capsule", (0.1, 0.2)),
        ("box", (0.1, 0.2, 0.3)),
        ("cylinder", (0.1, 0.2)),
        ("ellipsoid", (0.1, 0.2, 0.3)),
    )
    bodies = [
        BodySpec(name=kind, entity=kind, item=0, mass=1.0, shapes=(ShapeSpec(type=kind, size=size),), position=(float(k), 0, 1))
        for k, (kind, size) in enumerate(shapes)
    ]
    jointed = [
        box(kind, (float(k), 2.0, 1.0), joint=JointSpec(name=f"joint_{kind}", type=kind, axis=(1.0, 0.0, 0.0)))
        for k, kind in enumerate(("hinge", "slide", "ball", "free", "fixed"))
    ]
    made = compiled(episode([GROUND, *bodies, *jointed]))
    assert made.sizes["num_dofs"] == 6 * 5 + 1 + 1 + 3 + 6
    assert made.sizes["num_shapes"] == 11


def test_a_moved_body_is_kinematic():
    made = compiled(episode([box("lift", fixed=True, prescribed=True), ball()]))
    assert made.names.kinematic == ("lift",)
    assert made.sizes["num_dofs"] == 6


def test_a_drive_is_an_actuator_that_pulls_by_stiffness_and_damping():
    target = action("joint_target", "pivot", value=0.5, stiffness=10.0, damping=2.0)
    made = compiled(episode([pendulum()], [target]))
    assert made.names.actuator == ("drive.joint_target",)
    assert made.reals["actuator_gain"][0, 0].tolist() == [5.0, -10.0, -2.0]


def test_cameras_and_lights_reach_the_engine():
    made = compiled(episode([ball()], cameras=[CAMERA]))
    assert [(camera.name, camera.width, camera.height) for camera in made.cameras] == [("front", 32, 32)]
    assert np.linalg.norm(made.reals["sun_direction"][0]) == pytest.approx(1.0, abs=1e-3)
    assert linear((0.0, 1.0, 0.5)) == pytest.approx([0.0, 1.0, 0.21404], abs=1e-5)


def test_specs_that_differ_in_numbers_share_a_structure_and_one_compiled_scene():
    specs = [episode([GROUND, box(size=0.1 + 0.01 * k, position=(0.1 * k, 0, 1))], index=k) for k in range(3)]
    assert len({structure(spec) for spec in specs}) == 1
    assert compiled(*specs).variants == 3
    assert structure(episode([GROUND, ball("cube")])) != structure(specs[0])
    assert structure(episode([GROUND, box()], frames=9)) != structure(episode([GROUND, box()], frames=10))


@pytest.mark.parametrize("name", ["billiards", "newtons_cradle", "pendulum", "ramp_race"])
def test_episodes_of_the_scenes_with_a_fixed_number_of_bodies_share_a_structure(name):
    document = load_spec(name)
    specs = [sample(document, 3, index) for index in range(3)]
    assert len({structure(spec) for spec in specs}) == 1
    assert compiled(*specs).variants == 3


@pytest.mark.parametrize(
    ("bodies", "wrong", "sentence"),
    [
        ([box()], action("impulse", "cub", vector=(1, 0, 0)), "unknown target 'cub'; did you mean 'cube'"),
        ([GROUND], action("impulse", "ground", vector=(1, 0, 0)), "does not move by itself"),
        ([box()], action("move", "cube", waypoints=waypoints((0.0, (0, 0, 0)))), "is not prescribed"),
        ([pendulum()], action("set_velocity", "bob", vector=(1, 0, 0)), "turns about a joint"),
        (
            [box(joint=JointSpec(name="socket", type="ball"))],
            action("joint_target", "socket", value=1.0),
            "a ball joint has no single coordinate",
        ),
    ],
)
def test_an_action_that_cannot_be_done_is_refused_by_name(bodies, wrong, sentence):
    with pytest.raises(BuildError, match=sentence):
        build_scene(episode(bodies, [wrong]))
