"""What actions do to a running simulation: momentum, paths, velocities and drives."""

import numpy as np
import pytest

import engine
from datagen.actions import Actuation, Poses
from datagen.build import build_scene
from datagen.episode import make_layout, run_batch
from tests.datagen.worlds import GROUND, WEIGHTLESS, action, box, episode, pendulum, waypoints


@pytest.fixture(autouse=True)
def started():
    engine.init(backend="cpu", precision="f32", threads=2)


def run(*specs):
    return run_batch(specs, make_layout(specs), pictures=False)


def states(spec, name="cube"):
    record = run(spec)[0]
    place = make_layout([spec]).moving.index(name)
    return record.frames["observation.state"].reshape(record.length, -1, 13)[:, place], record


def test_an_impulse_changes_the_momentum_of_a_free_body_by_itself():
    mass, push = 2.0, np.array([0.3, -0.2, 0.5])
    spec = episode([box(mass=mass)], [action("impulse", start=0.1, vector=tuple(push))], gravity=WEIGHTLESS)
    found, record = states(spec)
    assert np.all(found[:3, 7:10] == 0.0)
    assert found[3, 7:10] * mass == pytest.approx(push, rel=1e-5)
    assert found[-1, 7:10] * mass == pytest.approx(push, rel=1e-5)
    assert record.frames["action"][2, :8] == pytest.approx([1.0, 1.0, *(20 * push), 0, 0, 0], rel=1e-6)
    assert not record.frames["action"][3].any()


def test_an_impulse_off_the_centre_gives_the_angular_momentum_of_its_lever():
    point = (0.0, 0.0, 0.05)
    spec = episode([box(mass=1.0)], [action("impulse", vector=(0.01, 0.0, 0.0), point=point)], gravity=WEIGHTLESS, frames=4)
    found, _ = states(spec)
    inertia = 1.0 * 0.1**2 / 6.0
    assert found[1, 10:13] == pytest.approx(np.array([0.0, 0.05 * 0.01, 0.0]) / inertia, rel=1e-3, abs=1e-6)


def test_a_held_force_gives_force_times_duration_for_times_between_frames():
    spec = episode([box(mass=1.0)], [action("force", start=0.07, duration=0.15, vector=(2.0, 0, 0))], gravity=WEIGHTLESS)
    found, _ = states(spec)
    assert found[-1, 7] == pytest.approx(2.0 * 0.15, rel=1e-5)


def test_a_torque_gives_angular_momentum_and_no_motion():
    spec = episode([box(mass=1.0)], [action("torque", duration=0.2, vector=(0.0, 0.0, 0.001))], gravity=WEIGHTLESS)
    found, _ = states(spec)
    assert found[-1, 12] == pytest.approx(0.001 * 0.2 / (0.1**2 / 6.0), rel=1e-4)
    assert np.abs(found[-1, 7:10]).max() < 1e-6


def test_set_velocity_is_what_is_asked_for_in_the_world_frame():
    turned = box(rotation=(np.cos(0.4), np.sin(0.4), 0.0, 0.0))
    wanted = action("set_velocity", start=0.1, vector=(0.1, 0.2, 0.3), angular=(0.0, 0.0, 1.0))
    found, _ = states(episode([turned], [wanted], gravity=WEIGHTLESS))
    assert found[3, 7:10] == pytest.approx([0.1, 0.2, 0.3], abs=1e-5)
    assert found[3, 10:13] == pytest.approx([0.0, 0.0, 1.0], abs=1e-4)


def test_a_moved_body_meets_its_waypoints_and_rests_around_them():
    quarter = (np.cos(np.pi / 4), 0.0, 0.0, np.sin(np.pi / 4))
    path = waypoints((0.0, (0, 0, 0.5)), (0.2, (0.4, 0, 0.5), quarter), (0.4, (0.4, 0.4, 0.5), quarter))
    lift = box("lift", fixed=True, prescribed=True)
    found, record = states(episode([lift, GROUND], [action("move", "lift", start=0.1, waypoints=path)], frames=14), "lift")
    assert np.all(found[:3, :3] == np.float32([0, 0, 0.5]))
    assert found[6, :3] == pytest.approx([0.4, 0.0, 0.5], abs=1e-5)
    assert np.abs(found[6, 3:7] @ np.array(quarter)) == pytest.approx(1.0, abs=1e-6)
    assert found[10, :3] == pytest.approx([0.4, 0.4, 0.5], abs=1e-5)
    assert np.abs(found[10:, :3] - found[10, :3]).max() < 1e-6
    assert record.frames["action"][4, 2] == pytest.approx(0.4 / 0.2, rel=1e-3)


def test_a_drive_pulls_a_joint_to_its_target_and_is_off_before_its_start():
    target = action("joint_target", "pivot", start=0.5, value=0.3, stiffness=200.0, damping=25.0)
    spec = episode([pendulum()], [target], frames=60)
    record = run(spec)[0]
    angle = record.frames["observation.joint_state"][:, 0]
    assert np.abs(angle[:10]).max() < 1e-4
    sag = 1.0 * 9.81 * 0.5 * np.sin(angle[-1]) / 200.0
    assert angle[-1] + sag == pytest.approx(0.3, abs=2e-3)
    assert record.frames["action"][30, :3] == pytest.approx([1.0, 1.0, 0.3])


def test_a_later_joint_target_takes_over():
    actions = [
        action("joint_target", "pivot", id="first", value=0.3, stiffness=200.0, damping=25.0),
        action("joint_target", "pivot", id="then", start=1.0, value=-0.2, stiffness=200.0, damping=25.0),
    ]
    record = run(episode([pendulum()], actions, frames=60, gravity=WEIGHTLESS))[0]
    angle = record.frames["observation.joint_state"][:, 0]
    assert angle[19] == pytest.approx(0.3, abs=5e-3)
    assert angle[-1] == pytest.approx(-0.2, abs=5e-3)


def test_each_environment_of_a_batch_gets_its_own_actions():
    specs = [
        episode([box(mass=1.0)], [action("impulse", vector=(0.1 * k, 0.0, 0.0))], gravity=WEIGHTLESS, index=k) for k in range(3)
    ]
    simulation = engine.Simulation([build_scene(spec) for spec in specs])
    applied = Actuation(simulation, specs).apply(0, Poses(simulation.state.body_position, simulation.state.body_rotation))
    assert [list(one["impulse"][:1]) for one in applied] == [pytest.approx([0.0]), pytest.approx([2.0]), pytest.approx([4.0])]
