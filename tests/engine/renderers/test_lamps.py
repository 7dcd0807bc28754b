"""Lamps against the inverse square law: points, cones, rectangles, shadows, lamps on bodies, batches, path tracing."""

import numpy as np
import pytest

import engine
from engine.errors import SceneError

GREY = 0.21404114  # linear light of the screen colour 0.5
NEAR = 5e-4  # light is asked for 0.11 mm above the surface, which is that much nearer to the lamp
PLACE = np.array([0.3, -0.2, 1.0])


def dark_floor() -> engine.Scene:
    """A grey floor without gloss, seen from above; nothing shines."""
    scene = engine.Scene()
    scene.add_body("floor", engine.Plane(ior=1.0), fixed=True, color=(0.5, 0.5, 0.5), roughness=1.0)
    scene.add_camera("eye", position=(0.0, -0.8, 1.2), look_at=(0, 0, 0), resolution=(24, 24), fov_y=60)
    scene.set_sun(color=(0, 0, 0))
    scene.set_sky(zenith=(0, 0, 0), horizon=(0, 0, 0))
    return scene


def seen(scene, **choice) -> dict[str, np.ndarray]:
    told = engine.Simulation(scene, 2).render("eye", ("radiance", "position"), **choice)
    return {name: value[0].astype(float) for name, value in told.items()}


def irradiance(p: np.ndarray, color=(1.0, 1.0, 1.0), place=PLACE) -> np.ndarray:
    """color cos / r^2 on the floor."""
    to = place - p
    square = (to**2).sum(-1, keepdims=True)
    return np.array(color) * to[..., 2:] / square**1.5


def reflected(p: np.ndarray, place=PLACE, eye=(0.0, -0.8, 1.2)) -> np.ndarray:
    """Radiance per irradiance of the quick picture's floor: Lambert and a GGX highlight at roughness 1."""
    v, l = eye - p, place - p
    v, l = v / np.linalg.norm(v, axis=-1, keepdims=True), l / np.linalg.norm(l, axis=-1, keepdims=True)
    h = v + l
    h /= np.linalg.norm(h, axis=-1, keepdims=True)
    nl, nv, vh = l[..., 2:], v[..., 2:], (v * h).sum(-1, keepdims=True)
    fresnel = 0.04 + 0.96 * (1 - vh) ** 5
    return GREY / np.pi + fresnel * 0.25 / ((0.5 * nl + 0.5) * (0.5 * nv + 0.5)) / np.pi


def test_a_point_lamp_obeys_the_inverse_square_law(cpu):
    """Radiance of every pixel is I cos / r^2 times what the floor reflects; two lamps add up."""
    scene = dark_floor()
    scene.add_lamp("one", PLACE, (3.0, 2.0, 1.0))
    told = seen(scene)
    wanted = irradiance(told["position"], (3.0, 2.0, 1.0)) * reflected(told["position"])
    np.testing.assert_allclose(told["radiance"], wanted, rtol=NEAR)
    other = np.array([-0.4, 0.5, 0.7])
    scene.add_lamp("two", other, (0.5, 0.5, 4.0))
    more = irradiance(told["position"], (0.5, 0.5, 4.0), other) * reflected(told["position"], other)
    np.testing.assert_allclose(seen(scene)["radiance"], wanted + more, rtol=NEAR)


def test_a_spot_is_full_inside_its_cone_and_dark_outside(cpu):
    """Between the two angles the light falls from that of a point to nothing."""
    scene = dark_floor()
    scene.add_lamp("spot", PLACE, (2.0, 2.0, 2.0), look_at=(0.1, -0.1, 0.0), cone=(12, 24))
    told = seen(scene)
    p = told["position"]
    axis = np.array([0.1, -0.1, 0.0]) - PLACE
    cosine = ((p - PLACE) @ axis) / np.linalg.norm(p - PLACE, axis=-1) / np.linalg.norm(axis)
    angle, point = np.degrees(np.arccos(cosine)), irradiance(p, (2.0, 2.0, 2.0)) * reflected(p)
    inside, outside = angle < 11.9, angle > 24.1
    assert inside.sum() > 5 and outside.sum() > 100
    np.testing.assert_allclose(told["radiance"][inside], point[inside], rtol=NEAR)
    assert (told["radiance"][outside] == 0).all()
    between = ~inside & ~outside
    assert (told["radiance"][between] <= point[between] * (1 + NEAR)).all()


def rectangle(p: np.ndarray, radiance: float, half: tuple[float, float], height: float) -> np.ndarray:
    """Irradiance on the floor of a rectangle that faces it from above, by quadrature."""
    grid = (np.arange(64) + 0.5) / 32 - 1
    total = np.zeros(p.shape[:-1])
    for x in grid * half[0]:
        for y in grid * half[1]:
            to = np.array([x, y, height]) - p
            square = (to**2).sum(-1)
            total += to[..., 2] ** 2 / square**2
    return radiance * total * (4 * half[0] * half[1] / 64**2)


def test_a_rectangle_shines_as_its_area(cpu):
    """The quick picture asks four points of it and is right within 1.5 % at a distance of three times its length; path tracing
    is right to its noise, where it is as large as it is far, too."""
    scene = dark_floor()
    scene.add_lamp("panel", (0, 0, 1.2), (5.0, 5.0, 5.0), size=(0.4, 0.3))
    told = seen(scene)
    p = told["position"]
    wanted = rectangle(p, 5.0, (0.2, 0.15), 1.2)[..., None] * reflected(p, np.array([0, 0, 1.2]))
    np.testing.assert_allclose(told["radiance"], np.broadcast_to(wanted, p.shape), rtol=0.015)
    large = dark_floor()
    large.add_lamp("panel", (0, 0, 0.8), (2.0, 2.0, 2.0), size=(0.9, 0.7))
    light = seen(large, quality=engine.PathTracing(samples=128, bounces=1))["radiance"]
    wanted = rectangle(p, 2.0, (0.45, 0.35), 0.8) * GREY / np.pi
    blocks = lambda x: x[:24, :24].reshape(6, 4, 6, 4, -1).mean((1, 3))  # noqa: E731
    np.testing.assert_allclose(blocks(light[..., :1]), blocks(wanted[..., None]), rtol=0.03)


def test_path_tracing_agrees_and_a_ball_softens_its_shadow(cpu):
    """Without gloss a path of one surface is the closed form; a ball of light makes a penumbra where a point makes none."""
    scene = dark_floor()
    scene.add_lamp("one", PLACE, (3.0, 2.0, 1.0))
    light = seen(scene, quality=engine.PathTracing(samples=32, bounces=1))
    wanted = irradiance(light["position"], (3.0, 2.0, 1.0)) * GREY / np.pi
    blocks = lambda x: x.reshape(6, 4, 6, 4, 3).mean((1, 3))  # noqa: E731
    np.testing.assert_allclose(blocks(light["radiance"]), blocks(wanted), rtol=0.01)
    grey = []
    for radius in (0.0, 0.15):
        shaded = dark_floor()
        shaded.add_body("card", engine.Box((0.3, 0.3, 0.01)), position=(0.15, -0.1, 0.5), fixed=True, color=(0, 0, 0))
        shaded.add_lamp("one", PLACE, (3.0, 3.0, 3.0), radius=radius)
        told = seen(shaded, quality=engine.PathTracing(samples=32, bounces=1))
        share = told["radiance"][..., 0] / (irradiance(told["position"], (3.0,)) * GREY / np.pi)[..., 0]
        floor = told["position"][..., 2] < 1e-3
        assert ((share < 0.02) & floor).sum() > 4
        grey.append(((share > 0.1) & (share < 0.9) & floor).sum())
    assert grey[1] > 1.5 * grey[0], grey


def test_lamps_ride_on_bodies_and_every_environment_has_its_own(cpu, tmp_path):
    """A lamp falls with its body; other colours in a batch give the bits of single environments; a scene keeps its lamps."""
    scenes = []
    for color in ((1.0, 0.2, 0.2), (0.1, 3.0, 0.1), (0.3, 0.3, 2.0)):
        scene = dark_floor()
        scene.add_body("drone", mass=1.0, inertia=(0.1, 0.1, 0.1), position=tuple(PLACE))
        scene.add_lamp("torch", (0, 0, 0), color, body="drone", cone=(30, 40))
        scenes.append(scene)
    sim = engine.Simulation(scenes)
    sim.step(60)
    together = sim.render("eye", ("radiance", "position"))
    place = sim.state.body_position[1, scenes[0].find("", "body", "drone")]
    assert place[2] < 0.95
    bright = together["radiance"][1][..., 1] > 0.0
    p = together["position"][1].astype(float)
    wanted = (irradiance(p, (0.1, 3.0, 0.1), place) * reflected(p, place))[..., 1]
    assert np.isclose(together["radiance"][1][..., 1], wanted, rtol=5e-4).sum() > 20 < bright.sum()
    for k, scene in enumerate(scenes):
        scene.save(tmp_path / "scene.yaml")
        alone = engine.Simulation([engine.load(tmp_path / "scene.yaml")] * 2)
        alone.step(60)
        np.testing.assert_array_equal(alone.render("eye", ("radiance",))["radiance"][0], together["radiance"][k])


@pytest.mark.parametrize(
    ("values", "sentence"),
    [
        ({"cone": (30, 20)}, "allowed: inner up to outer"),
        ({"cone": (20, 30), "size": (1, 1)}, "cone and size are both given"),
        ({"look_at": (0, 0, 0)}, "a point lamp has no direction"),
        ({"color": (-1, 0, 0)}, "color"),
        ({"name": "one"}, "allowed: a new non-empty name"),
    ],
)
def test_wrong_lamps_are_refused(values, sentence):
    scene = engine.Scene()
    scene.add_lamp("one", (0, 0, 1))
    with pytest.raises(SceneError, match=sentence):
        scene.add_lamp(**{"name": "two", "position": (0, 0, 1), **values})
