"""Pictures through a simulation: flow from the marked frame, continua, anti-aliasing."""

import numpy as np
import pytest

import engine
from engine.continua import ParticleCloud, SurfaceMesh
from engine.errors import StateError

SQUARES = engine.Checker(1.0)


def falling(checker=SQUARES) -> engine.Scene:
    """A ball that falls in front of a camera."""
    scene = engine.Scene()
    scene.add_plane(checker=checker)
    scene.add_body("ball", engine.Sphere(0.2), position=(0, 0, 1.0), color=(0.9, 0.3, 0.2))
    scene.add_camera("front", position=(0.0, -3.0, 0.8), look_at=(0, 0, 0.8), resolution=(64, 64), fov_y=45)
    return scene


class Drops:
    """A continuum that only shows itself: one particle and one triangle that move along x."""

    def __init__(self, num_envs):
        self.place = np.zeros((num_envs, 1, 3), np.float32) + np.array([-0.6, 0, 0.5], np.float32)
        self.before = self.place.copy()

    def reset(self, envs):
        """Nothing to do."""

    def mark(self):
        self.before = self.place.copy()

    def clouds(self):
        return [ParticleCloud("drop", self.place, self.before, 0.15, (0.1, 0.2, 0.8), 40)]

    def surfaces(self):
        corners = np.array([[0, 0, 0.5], [0.4, 0, 0.5], [0, 0, 0.9]], np.float32) + np.array([0.8, 0, 0], np.float32)
        return [SurfaceMesh("flag", self.place + corners, self.before + corners, np.array([[0, 1, 2]]), (0.2, 0.8, 0.2), 41)]


def test_flow_leads_from_the_marked_frame_to_the_present(cpu):
    """A ball in free fall moves by its drop in pixels; without a mark, and after a reset, there is a clear error."""
    sim = engine.Simulation(falling(), num_envs=2)
    with pytest.raises(StateError, match="none is marked"):
        sim.render("front", outputs=("flow",))
    seen = sim.render("front", outputs=("segmentation",))["segmentation"]
    sim.mark_frame()
    height = sim.state.body_position[:, 2, 2]
    sim.step(40)
    drop = height - sim.state.body_position[:, 2, 2]
    flow = sim.render("front", outputs=("flow", "flow_valid", "rgb"))
    pixels = 64 / 2 / np.tan(np.radians(22.5)) * drop / 3.0
    assert pixels.min() > 0.5
    for k in range(2):
        middle = flow["flow"][k][seen[k] == 2]
        assert np.abs(middle[:, 1] - pixels[k]).max() < 0.1 * pixels[k] and np.abs(middle[:, 0]).max() < 0.1 * pixels[k]
        assert np.abs(flow["flow"][k][seen[k] == 1]).max() < 1e-3
    sim.reset()
    with pytest.raises(StateError, match="none is marked"):
        sim.render("front", outputs=("flow",))


def test_pictures_show_the_present_after_steps_resets_and_writes(cpu):
    """The depth of the ball follows its height at once, in each environment by itself."""
    sim = engine.Simulation(falling(), num_envs=2)
    row = lambda: np.array([np.nonzero(s == 2)[0].mean() for s in sim.render("front", ("segmentation",))["segmentation"]])  # noqa: E731
    first = row()
    sim.step(60)
    fallen, height = row(), sim.state.body_position[:, 2, 2]
    pixels = 64 / 2 / np.tan(np.radians(22.5)) * (1.0 - height) / 3.0
    np.testing.assert_allclose(fallen - first, pixels, atol=0.7)
    sim.reset(envs=[1])
    np.testing.assert_array_equal(row(), [fallen[0], first[1]])
    sim.state.qpos[0, 2] = 1.0
    assert abs(row()[0] - first[0]) < 1e-9


def test_what_continua_show_is_in_the_picture(cpu):
    """Particles and surfaces of a continuum are drawn, shadowed, segmented, and flow."""
    sim = engine.Simulation(falling(), num_envs=2)
    drops = Drops(2)
    sim._coupling.continua = (drops,)
    first = sim.render("front", outputs=("rgb", "segmentation", "albedo"))
    assert set(np.unique(first["segmentation"])) == {0, 1, 2, 40, 41}
    np.testing.assert_allclose(first["albedo"][first["segmentation"] == 40][0], (0.1, 0.2, 0.8))
    sim.mark_frame()
    drops.place = drops.place + np.array([0.1, 0, 0], np.float32)
    flow = sim.render("front", outputs=("flow",))["flow"]
    moved = flow[(first["segmentation"] == 40) | (first["segmentation"] == 41)]
    expected = 64 / 2 / np.tan(np.radians(22.5)) * 0.1 / 3.0
    assert np.abs(moved[:, 0] - expected).max() < 0.1 * expected and np.abs(moved[:, 1]).max() < 0.05
    sim._coupling.continua = ()
    assert set(np.unique(sim.render("front", outputs=("segmentation",))["segmentation"])) == {0, 1, 2}


def test_antialiasing_comes_near_many_samples(cpu):
    """Four samples at edges come nearer to the mean of a sixteen times finer picture than one; flat parts keep their
    bits."""
    pictures = {}
    for size in (64, 1024):
        scene = falling(None)
        scene.add_body("box", engine.Box((0.5, 0.5, 0.5)), position=(-0.6, 0.3, 0.3), rotation=(0.9, 0.2, 0.3, 0.1), fixed=True)
        scene.add_camera("large", position=(0.0, -3.0, 0.8), look_at=(0, 0, 0.8), resolution=(size, size), fov_y=45)
        sim = engine.Simulation(scene)
        pictures[size] = sim.render("large")["rgb"][0]
        if size == 64:
            pictures["smooth"] = sim.render("large", antialias=True)["rgb"][0]
    linear = lambda c: ((c / 255 + 0.055) / 1.055) ** 2.4  # noqa: E731
    fine = linear(pictures[1024].astype(float)).reshape(64, 16, 64, 16, 3).mean((1, 3))
    error = {k: np.abs(linear(pictures[k].astype(float)) - fine) for k in (64, "smooth")}
    edge = error[64].max(-1) > 0.05
    assert edge.sum() > 30
    assert error["smooth"][edge].mean() < 0.45 * error[64][edge].mean()
    same = (pictures[64] == pictures["smooth"]).all(-1)
    assert 0.6 < same.mean() < 0.98
