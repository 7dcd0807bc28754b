"""What is watched, without a page: specs, models and stored episodes go ahead, are scrubbed, dragged and recorded."""

from pathlib import Path

import av
import numpy as np
import pytest

from datagen.errors import DatagenError
from datagen.pipeline.generation import generate
from datagen.viewer import open_play, record
from datagen.viewer.page import first_hit
from datagen.viewer.surfaces import drawn_shapes
from datagen.writers import Dataset

SMALL = Path(__file__).parents[1] / "pipeline" / "small.yaml"
MODEL = """<mujoco><worldbody><geom type="plane" size="1 1 1"/>
<body name="arm" pos="0 0 1"><joint name="swing" axis="0 1 0"/><geom type="capsule" fromto="0 0 0 0.5 0 0" size="0.05"/></body>
</worldbody></mujoco>"""


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    folder = tmp_path_factory.mktemp("view") / "data"
    generate(SMALL, episodes=2, seed=3, out=folder, workers=1, backend="cpu")
    return folder


def test_a_spec_runs_as_it_was_generated(dataset):
    """The watched episode has the stored states at every frame."""
    play, states = open_play(SMALL, seed=3, index=1), Dataset(dataset).state(1)
    for frame in range(4):
        np.testing.assert_array_equal(play.sim.snapshot()[0], states[frame])
        play.advance()
    play.restart()
    np.testing.assert_array_equal(play.sim.snapshot()[0], states[0])


def test_a_spec_that_runs_waits_for_its_conditions_and_tells_its_rewards(tmp_path):
    """Actions that start when something holds, and the reward of every step, are those of the dataset."""
    text = SMALL.read_text().replace("start: {at: 0.1 s}", 'start: {when: "touching(cube[0], floor)"}')
    task = 'task: {success: "touching(ball, floor)", stop_on_success: false}\nreward: from_goal\n'
    (tmp_path / "waits.yaml").write_text(text.replace("focus: push\n", "focus: push\n" + task))
    generate(tmp_path / "waits.yaml", episodes=1, seed=3, out=tmp_path / "data", workers=1, backend="cpu")
    play, stored = open_play(tmp_path / "waits.yaml", seed=3), Dataset(tmp_path / "data")
    for frame in range(8):
        np.testing.assert_array_equal(play.sim.snapshot()[0], stored.state(0)[frame])
        play.advance()
    rewards = np.asarray(stored.frames(0)["next.reward"]).reshape(-1)
    np.testing.assert_allclose(play.curves["reward"][1:], rewards, atol=1e-6)
    assert np.abs(rewards).max() > 0 and np.abs(stored.state(0)[-1] - stored.state(0)[0]).max() > 0
    for _ in range(3):
        play.advance()
    play.restart()
    assert play.curves["reward"] == [0.0]


def test_a_stored_episode_is_scrubbed(dataset):
    play, states = open_play(dataset, index=1), Dataset(dataset).state(1)
    for frame in (5, 2, 8, 0, 99):
        play.seek(frame)
        np.testing.assert_array_equal(play.sim.snapshot()[0], states[min(frame, 8)])
        assert all(len(curve) == min(frame, 8) + 1 for curve in play.curves.values()) and play.curves
    play.advance()
    assert play.frame == 0
    with pytest.raises(DatagenError, match="no episode 7"):
        open_play(dataset, index=7)


def test_a_spring_pulls_a_body_to_its_target():
    play = open_play(SMALL, seed=3)
    body = play.sim.names.body.index("ball")
    play.grab(body, play.sim.state.body_position[0, body])
    target = np.array([0.3, 0.5, 0.6])
    play.drag(target)
    for _ in range(40):
        play.advance()
    sag = 9.81 / 12.0**2
    np.testing.assert_allclose(play.sim.state.body_position[0, body], target - [0, 0, sag], atol=0.02)
    play.release()
    play.advance()
    play.advance()
    assert play.sim.state.body_velocity[0, body, 2] < -0.3


@pytest.mark.parametrize("ending", ["png", "gif", "mp4"])
def test_a_model_is_recorded_without_a_browser(tmp_path, ending):
    """It has no camera, so one is placed; the arm falls, so pictures differ."""
    (tmp_path / "arm.xml").write_text(MODEL)
    play = open_play(tmp_path / "arm.xml")
    made = record(play, tmp_path / f"out.{ending}", seconds=0.2)
    assert (made["width"], made["height"], made["camera"]) == (640, 480, "view")
    assert made["frames"] == (1 if ending == "png" else 6) and Path(made["file"]).stat().st_size > 1000
    if ending == "mp4":
        with av.open(made["file"]) as film:
            frames = [f.to_ndarray(format="rgb24") for f in film.decode(video=0)]
        assert len(frames) == 6 and np.abs(frames[0].astype(int) - frames[-1]).max() > 50
    assert list(play.curves) == ["swing"]


def test_wrong_recordings_are_named(dataset, tmp_path):
    play = open_play(dataset)
    for wrong, words in (
        ({"out": tmp_path / "a.avi"}, "another ending"),
        ({"out": tmp_path / "a.png", "camera": "frnt"}, "did you mean 'front'"),
        ({"out": tmp_path / "a.png", "seconds": 0.0}, "more than 0"),
    ):  # fmt: skip
        with pytest.raises(DatagenError, match=words):
            record(play, **wrong)


def test_every_shape_has_triangles_that_fill_its_box(tmp_path):
    import engine

    scene = engine.Scene()
    shapes = [engine.Box(size=(0.2, 0.4, 0.6)), engine.Sphere(0.3), engine.Capsule(0.1, 0.4), engine.Cylinder(0.2, 0.6)]
    for k, shape in enumerate([*shapes, engine.Ellipsoid((0.1, 0.2, 0.3))]):
        scene.add_body(f"b{k}", shape, mass=1.0, position=(k, 0, 1))
    scene.save(tmp_path / "scene.yaml")
    play = open_play(tmp_path / "scene.yaml")
    halves = [np.ptp(s.vertices, axis=0) / 2 for s in drawn_shapes(play.sim)]
    np.testing.assert_allclose(
        halves, [(0.1, 0.2, 0.3), (0.3, 0.3, 0.3), (0.1, 0.1, 0.3), (0.2, 0.2, 0.3), (0.1, 0.2, 0.3)], atol=2e-3
    )


def test_the_click_finds_the_first_triangle():
    corners = np.array([[[-1, -1, z], [1, -1, z], [0, 1, z]] for z in (2.0, 5.0)])
    assert first_hit(corners, np.zeros(3), np.array([0, 0, 1.0])) == pytest.approx(2.0)
    assert first_hit(corners, np.array([3.0, 0, 0]), np.array([0, 0, 1.0])) is None
