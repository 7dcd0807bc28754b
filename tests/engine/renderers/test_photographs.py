"""Photographs: blur of motion and of a lens against means of sharp pictures, noise against its variance, draws that repeat."""

import numpy as np
import pytest

import engine
from engine.continua import ParticleCloud, SurfaceMesh
from engine.errors import SceneError, StateError
from engine.geometry.texture import light_of_codes
from engine.pictures import between

SPIN = np.array([0.3, -0.8, 0.5])


def flying(position=(-0.3, 0.0, 0.0), rotation=(1.0, 0.0, 0.0, 0.0), velocity=(4.0, 0.0, 1.0)) -> engine.Scene:
    """A weightless block that flies and turns over a floor."""
    scene = engine.Scene()
    scene.options.gravity = (0.0, 0.0, 0.0)
    scene.add_plane(position=(0, 0, -0.6))
    block = engine.Sphere(0.15, checker=engine.Checker(0.1, (0.1, 0.1, 0.9)), color=(0.9, 0.6, 0.1))
    scene.add_body("block", block, position=position, rotation=rotation, velocity=velocity, angular_velocity=tuple(20 * SPIN))
    scene.add_camera("eye", position=(0, -2.5, 0.4), look_at=(0, 0, 0), resolution=(48, 32), fov_y=35)
    return scene


@pytest.mark.parametrize("quality", [None, engine.PathTracing(samples=4, bounces=2)])
def test_a_moving_body_blurs_to_the_mean_of_its_places(cpu, quality):
    """With a shutter that is open for the last half of the time the picture is the mean of those with the body put at the
    middle of each part; other outputs stay sharp."""
    sim = engine.Simulation(flying(), 2)
    sim.mark_frame()
    before = sim.state.body_position[0, 2], sim.state.body_rotation[0, 2]
    sim.step(40)
    after = sim.state.body_position[0, 2], sim.state.body_rotation[0, 2]
    seen = sim.render("eye", ("radiance", "depth"), blur=engine.Blur(0.5, samples=4), quality=quality)
    np.testing.assert_array_equal(seen["depth"], sim.render("eye", ("depth",))["depth"])
    total = np.zeros((32, 48, 3))
    for k in range(4):
        share = 1 - 0.5 * (1 - (k + 0.5) / 4)
        marked, present = ({"body_position_W": p, "body_rotation_W": q} for p, q in (before, after))
        pose = between(marked, present, share)
        still = flying(tuple(pose["body_position_W"]), tuple(pose["body_rotation_W"]))
        some = quality and engine.PathTracing(samples=1, bounces=2, first=k)
        total += engine.Simulation(still, 2).render("eye", ("radiance",), quality=some)["radiance"][0] / 4
    different = np.abs(seen["radiance"][0] - total).max(-1) > 2e-4
    assert different.sum() <= 3, different.sum()  # a ray at an edge of a square may fall on its other side
    sharp = sim.render("eye", ("radiance",), quality=quality)["radiance"][0]
    assert (np.abs(seen["radiance"][0] - sharp).max(-1) > 0.02).sum() > 50
    np.testing.assert_array_equal(seen["radiance"][0], seen["radiance"][1])


class Drifting:
    """A continuum that only shows itself: a particle and a triangle that have moved along x since the mark."""

    place = np.zeros((2, 1, 3), np.float32)
    corners = np.array([[0, 0, 0.0], [0.4, 0, 0.0], [0, 0, 0.4]], np.float32)

    def __init__(self, shift):
        self.shift = np.array([shift, 0, 0], np.float32)

    def reset(self, envs):
        """Nothing to do."""

    def mark(self):
        """It is always marked at its origin."""

    def clouds(self):
        return [ParticleCloud("drop", self.place + self.shift, self.place, 0.15, (0.1, 0.2, 0.8), 40)]

    def surfaces(self):
        start = self.place + self.corners
        return [SurfaceMesh("flag", start + self.shift, start, np.array([[0, 1, 2]]), (0.2, 0.8, 0.2), 41)]


def test_particles_and_deforming_surfaces_blur_along_their_way(cpu):
    """The same mean for what is no rigid body."""
    take = {}
    for shift in (0.4, 0.1, 0.3):
        sim = engine.Simulation(flying(position=(0, 0, -5)), 2)
        sim._coupling.continua = [Drifting(shift)]
        sim.mark_frame()
        take[shift] = sim.render("eye", ("radiance",))["radiance"][0]
        if shift == 0.4:
            blurred = sim.render("eye", ("radiance",), blur=engine.Blur(1.0, samples=2))["radiance"][0]
    np.testing.assert_allclose(blurred, (take[0.1] + take[0.3]) / 2, atol=2e-3)
    assert np.abs(blurred - take[0.4]).max() > 0.05


def test_a_lens_blurs_what_is_out_of_focus_alone(cpu):
    """A wall in focus looks as through a pinhole; at another distance it is a mean over the circle of confusion."""
    scene = engine.Scene()
    scene.add_plane(rotation=(0.70710678, 0.70710678, 0, 0), position=(0, 2.0, 0), checker=engine.Checker(0.8, (0, 0, 0)))
    scene.add_camera("eye", position=(0, 0, 0), look_at=(0, 1, 0), resolution=(64, 48), fov_y=50)
    sim = engine.Simulation(scene, 2)
    sharp = sim.render("eye", ("albedo", "radiance"))["radiance"][0]
    focused = sim.render("eye", ("radiance",), blur=engine.Blur(samples=16, aperture=0.05, focus=2.0))["radiance"][0]
    soft = sim.render("eye", ("radiance",), blur=engine.Blur(samples=32, aperture=0.05, focus=1.0))["radiance"][0]
    assert np.abs(focused - sharp).mean() < 0.02 * sharp.mean()
    row = soft[6:42].mean(0)[:, 0]  # squares are 0.4 m, 4.4 mm a pixel: edges of 2 x 0.05 x (2 / 1 - 1) = 0.1 m, 2.6 pixels
    assert np.abs(soft - sharp).mean() > 3 * np.abs(focused - sharp).mean() and np.isfinite(row).all()
    with pytest.raises(StateError, match="allowed: the aperture of PathTracing"):
        sim.render("eye", quality=engine.PathTracing(samples=32), blur=engine.Blur(aperture=0.1))


def grey(exposure=None) -> engine.Scene:
    """An even wall of light: the sky, the same everywhere."""
    scene = engine.Scene()
    scene.add_camera("eye", position=(0, 0, 1), look_at=(1, 0, 1.5), resolution=(64, 64), fov_y=20, exposure=exposure)
    scene.set_sky(zenith=(0.25, 0.25, 0.25), horizon=(0.25, 0.25, 0.25))
    return scene


def test_noise_has_the_variance_of_its_photons(cpu):
    """At a quarter of 2,000 electrons and 10 of the read-out the spread is sqrt(500 + 100) electrons, the mean is kept, and two
    pixels or colours know nothing of each other."""
    sim = engine.Simulation(grey(engine.Exposure(full_well=2000, read_noise=10)), 2)
    light = light_of_codes()[sim.render("eye")["rgb"][0]] * 2000
    step = 7.0  # electrons of one code there
    assert abs(light.mean() - 500) < 1.5
    assert abs(light.var() / (600 + step**2 / 12) - 1) < 0.05
    assert abs(np.corrcoef(light[:, 1:, 0].ravel(), light[:, :-1, 0].ravel())[0, 1]) < 0.05
    assert abs(np.corrcoef(light[..., 0].ravel(), light[..., 1].ravel())[0, 1]) < 0.05


def test_gain_and_steps_are_exact(cpu):
    """Twice the light, and linear light in steps of 1/15."""
    told = engine.Simulation(grey(engine.Exposure(gain=2.0)), 2).render("eye")["rgb"]
    assert abs(light_of_codes()[told] - 0.5).max() < 0.004
    told = engine.Simulation(grey(engine.Exposure(bits=4)), 2).render("eye")["rgb"]
    assert abs(light_of_codes()[told] - 4 / 15).max() < 0.003


def test_noise_is_named_by_seed_environment_camera_and_substep(cpu, tmp_path):
    """A batch has the bits of single environments, a restored state those of the first run; frames and seeds differ; exposures
    may differ in a batch; a scene keeps them."""
    noisy = engine.Exposure(gain=0.8, full_well=500, read_noise=4, bits=10)
    sim = engine.Simulation([grey(noisy), grey(engine.Exposure(full_well=50)), grey()])
    sim.reset(seed=[5, 6, 7])
    kept, first = sim.snapshot(), sim.render("eye")["rgb"]
    np.testing.assert_array_equal(sim.render("eye", envs=slice(1, 2))["rgb"], first[1:2])
    grey(noisy).save(tmp_path / "scene.yaml")
    alone = engine.Simulation([engine.load(tmp_path / "scene.yaml")] * 2)
    alone.reset(seed=[5, 9])
    np.testing.assert_array_equal(alone.render("eye")["rgb"][0], first[0])
    assert (alone.render("eye")["rgb"][1] != first[0]).mean() > 0.5 and (first[2] == first[2, 0, 0]).all()
    sim.step(3)
    assert (sim.render("eye")["rgb"][0] != first[0]).mean() > 0.5
    sim.restore(kept)
    np.testing.assert_array_equal(sim.render("eye")["rgb"], first)


def test_wrong_choices_are_refused(cpu):
    with pytest.raises(SceneError, match="read_noise without full_well"):
        grey(engine.Exposure(read_noise=3))
    with pytest.raises(StateError, match=r"Blur\(shutter\): 2"):
        engine.Blur(shutter=2.0)
    with pytest.raises(StateError, match="a shutter needs two frames"):
        engine.Simulation(grey(), 2).render("eye", blur=engine.Blur(0.5))
