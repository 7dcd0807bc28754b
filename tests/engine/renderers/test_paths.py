"""Path tracing: light is neither lost nor made, samples add up, bits repeat, and Mitsuba sees the same."""

import numpy as np
import pytest

import engine
from engine.errors import StateError

DARK = {"color": (0.0, 0.0, 0.0), "metallic": 1.0, "roughness": 1.0}


def furnace(**look) -> engine.Simulation:
    """A ball inside a large ball that shines everywhere with radiance 1 and reflects nothing."""
    scene = engine.Scene()
    glow = engine.Sphere(10.0, emission=(1.0, 1.0, 1.0), collides=False, **DARK)
    scene.add_body("sky", glow, fixed=True)
    optics = {name: look.pop(name) for name in ("transmission", "ior") if name in look}
    scene.add_body("ball", engine.Sphere(0.5, collides=False, **optics), fixed=True, **look)
    scene.add_camera("front", position=(0, -3, 0), look_at=(0, 0, 0), resolution=(24, 24), fov_y=25)
    scene.set_sun(color=(0, 0, 0))
    scene.set_sky(zenith=(0, 0, 0), horizon=(0, 0, 0))
    return engine.Simulation(scene)


@pytest.mark.parametrize("kind", ["glass", "mirror", "lambert"])
def test_a_white_furnace_stays_white(cpu, kind):
    """Clear glass and a perfect mirror vanish in uniform light; a surface without gloss reflects its albedo, to the noise of
    64 samples."""
    look = {
        "glass": {"color": (1, 1, 1), "roughness": 0.0, "transmission": 1.0, "ior": 1.5},
        "mirror": {"color": (1, 1, 1), "roughness": 0.0, "metallic": 1.0},
        "lambert": {"color": (0.5, 0.5, 0.5), "roughness": 1.0, "ior": 1.0},
    }[kind]
    quality = engine.PathTracing(samples=64, bounces=16)
    light = furnace(**look).render("front", ("radiance",), quality=quality)["radiance"][0]
    expected = 1.0 if kind != "lambert" else ((0.5 + 0.055) / 1.055) ** 2.4
    ball = light[8:16, 8:16]
    assert np.abs(ball - expected).max() < 0.02, ball
    assert np.abs(light[0, 0] - 1.0).max() < 1e-5


def box_scene() -> engine.Scene:
    """A room with two coloured walls, two blocks and a lamp under its ceiling; nothing shines but the lamp."""
    scene = engine.Scene()
    plain = {"roughness": 1.0, "fixed": True}
    wall = lambda size: engine.Box(size, ior=1.0, collides=False)  # noqa: E731
    scene.add_body("floor", wall((2, 2, 0.1)), position=(0, 0, -0.05), color=(0.8, 0.8, 0.8), **plain)
    scene.add_body("ceiling", wall((2, 2, 0.1)), position=(0, 0, 2.05), color=(0.8, 0.8, 0.8), **plain)
    scene.add_body("back", wall((2, 0.1, 2)), position=(0, 1.05, 1), color=(0.8, 0.8, 0.8), **plain)
    scene.add_body("left", wall((0.1, 2, 2)), position=(-1.05, 0, 1), color=(0.8, 0.2, 0.2), **plain)
    scene.add_body("right", wall((0.1, 2, 2)), position=(1.05, 0, 1), color=(0.2, 0.8, 0.2), **plain)
    scene.add_body("block", wall((0.5, 0.5, 1.0)), position=(-0.3, 0.3, 0.5), rotation=(0.96, 0, 0, 0.28),
                   color=(0.7, 0.7, 0.7), **plain)  # fmt: skip
    scene.add_body("ball", engine.Sphere(0.35, ior=1.0, collides=False), position=(0.4, -0.3, 0.35), color=(0.7, 0.7, 0.3),
                   **plain)  # fmt: skip
    lamp = engine.Box((1.0, 1.0, 0.02), emission=(4.0, 4.0, 4.0), collides=False, **DARK)
    scene.add_body("lamp", lamp, position=(0, 0, 1.98), fixed=True)
    scene.add_camera("front", position=(0, -3.8, 1), look_at=(0, 0, 1), resolution=(48, 48), fov_y=40)
    scene.set_sun(color=(0, 0, 0))
    scene.set_sky(zenith=(0, 0, 0), horizon=(0, 0, 0))
    return scene


def test_samples_add_up_and_bits_repeat(cpu):
    """The mean of samples 0..7 and 8..15 is the picture of 16; two environments and two calls have the same bits."""
    sim = engine.Simulation(box_scene(), num_envs=2)
    take = lambda **choice: sim.render("front", ("radiance",), quality=engine.PathTracing(**choice))["radiance"]  # noqa: E731
    whole = take(samples=16)
    np.testing.assert_allclose((take(samples=8) + take(samples=8, first=8)) / 2, whole, atol=2e-6)
    np.testing.assert_array_equal(take(samples=16), whole)
    np.testing.assert_array_equal(whole[0], whole[1])
    assert np.isfinite(whole).all() and whole.max() <= 25.0


def test_wrong_qualities_are_refused():
    """One clear sentence each."""
    with pytest.raises(StateError, match=r"PathTracing\(samples\): 0; a whole number from 1"):
        engine.PathTracing(samples=0)
    with pytest.raises(StateError, match=r"PathTracing\(aperture\): -1"):
        engine.PathTracing(aperture=-1.0)


@pytest.mark.slow
def test_mitsuba_sees_the_same_room(cpu):
    """Radiance of the room from 1,024 samples equals Mitsuba's (scalar_rgb, path, same materials and lamp): 1 % over the
    picture, and in every block of 8x8 pixels within 1 % and four standard errors, which our two halves show."""
    mi = pytest.importorskip("mitsuba")
    mi.set_variant("scalar_rgb")
    scene = box_scene()
    sim = engine.Simulation(scene)
    halves = [engine.PathTracing(samples=512, bounces=8, first=first) for first in (0, 512)]
    a, b = (sim.render("front", ("radiance",), quality=half)["radiance"][0] for half in halves)
    ours = (a + b) / 2
    T = mi.ScalarTransform4f
    linear = lambda c: [float((x / 12.92) if x <= 0.04045 else ((x + 0.055) / 1.055) ** 2.4) for x in c]  # noqa: E731
    world = {"type": "scene", "integrator": {"type": "path", "max_depth": 8}}
    camera = T().look_at(origin=[0, -3.8, 1], target=[0, 0, 1], up=[0, 0, 1])
    film = {"type": "hdrfilm", "width": 48, "height": 48, "rfilter": {"type": "box"}}
    world["sensor"] = {"type": "perspective", "fov_axis": "y", "fov": 40, "to_world": camera, "film": film,
                       "sampler": {"type": "independent", "sample_count": 512}}  # fmt: skip
    for body, shape in scene.shapes:
        frame = scene.bodies[body]
        w, x, y, z = frame.rotation
        place = T().translate(list(frame.position))
        if abs(w) < 1:
            axis = list(np.array([x, y, z]) / np.sqrt(1 - w * w))
            place = place @ T().rotate(axis=axis, angle=float(np.degrees(2 * np.arccos(w))))
        entry = {"type": "cube", "to_world": place @ T().scale([s / 2 for s in getattr(shape, "size", (1, 1, 1))])}
        if isinstance(shape, engine.Sphere):
            entry = {"type": "sphere", "radius": shape.radius, "center": list(frame.position)}
        color = linear(shape.color)
        entry["bsdf"] = {"type": "diffuse", "reflectance": {"type": "rgb", "value": color}}
        if max(shape.emission) > 0:
            entry["emitter"] = {"type": "area", "radiance": {"type": "rgb", "value": list(shape.emission)}}
        world[frame.name] = entry
    theirs = np.array(mi.render(mi.load_dict(world)))[..., :3]
    assert abs(ours.mean() / theirs.mean() - 1) < 0.01
    blocks = lambda x: x.reshape(6, 8, 6, 8, 3).mean((1, 3))  # noqa: E731
    error = np.sqrt(blocks((a - b) ** 2) / 4 / 64)
    beyond = np.abs(blocks(ours) - blocks(theirs)) - 0.01 * blocks(theirs)
    assert (beyond < 4 * error).all(), (beyond / error).max()
    assert np.median(error / blocks(ours)) < 0.02
