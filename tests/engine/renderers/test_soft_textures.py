"""Images on cloth, ropes and elastic solids against their closed form, after the material has been stretched and sheared."""

import numpy as np

import engine
from tests.engine.renderers.test_textures import OUTPUTS, PICTURE, SQUARES, bilinear

SHEAR = np.array([[1.2, 0.3, 0.0], [0.0, 0.9, 0.1], [0.1, 0.0, 1.1]])
PLACES = {"cloth": (-0.6, 0.0, 0.0), "rope": (-0.2, 0.0, 0.0), "cube": (0.3, 0.0, 0.0), "ball": (0.9, 0.0, 0.0)}
RINGS = np.repeat(PICTURE[:, :1], 8, axis=1)  # the same all around


def described(image: np.ndarray, color=(1, 0.5, 0)) -> engine.Scene:
    """A cloth, a rope, a cube and a ball of this colour side by side, seen from above and before; the cloth wears `image` twice
    across."""
    scene = engine.Scene()
    wear = engine.Texture(PICTURE)
    sheet = engine.Sheet((0.3, 0.4), 0.1)
    scene.add_cloth("cloth", mesh=sheet, position=PLACES["cloth"], texture=engine.Texture(image, repeat=(2, 1)))
    points, hemp = [(0, -0.2, 0), (0, 0.2, 0)], engine.Rope(diameter=0.1)
    scene.add_rope("rope", points=points, segments=8, material=hemp, position=PLACES["rope"], texture=engine.Texture(RINGS))
    scene.add_soft("cube", shape=engine.Box((0.3, 0.3, 0.2), texture=wear), resolution=0.1, position=PLACES["cube"])
    scene.add_soft("ball", shape=engine.Sphere(0.15), resolution=0.08, position=PLACES["ball"], texture=wear, color=color)
    for name, place in PLACES.items():
        eye = np.add(place, (0.15, -0.5, 0.8))
        scene.add_camera(name, position=eye.tolist(), look_at=place, resolution=(48, 48), fov_y=35)
    return scene


def coordinates(kind: str, rest: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """(u, v) of points (n, 3) of the thing before it was deformed."""
    x, y, z = rest.T
    if kind == "cloth":
        return 2 * (x / 0.3 + 0.5), y / 0.4 + 0.5
    if kind == "rope":
        return 0 * y, y / 0.4 + 0.5
    if kind == "ball":
        return np.arctan2(y, x) / (2 * np.pi) + 0.5, z / 0.3 + 0.5
    a = rest / (0.3, 0.3, 0.2)
    side = np.abs(a).argmax(1)
    back = np.take_along_axis(a, side[:, None], 1)[:, 0] < 0
    u = np.where(side == 0, np.where(back, -a[:, 1], a[:, 1]), np.where((side == 1) & ~back, -a[:, 0], a[:, 0]))
    return u + 0.5, np.where(side == 2, np.where(back, -a[:, 1], a[:, 1]), a[:, 2]) + 0.5


def test_images_stay_with_the_material_of_cloth_ropes_and_solids(cpu, tmp_path):
    """Albedo of every pixel is the image at the material that it shows, each environment has its own image and colour, and a
    scene on disk keeps them."""
    scenes = [described(PICTURE), described(SQUARES, (0.5, 1, 0))]
    sim = engine.Simulation(scenes)
    for name, place in PLACES.items():
        view = sim.deformable(name)
        view.position = (view.position - place) @ (np.eye(3) if name == "rope" else SHEAR).T + place
    for name, place in PLACES.items():
        told = sim.render(name, OUTPUTS)
        for env, image in enumerate((PICTURE, SQUARES)):
            here = told["segmentation"][env] == len(sim.names.body) + list(PLACES).index(name)
            assert here.sum() > 200, name
            rest = told["position"][env][here].astype(float) - place
            u, v = coordinates(name, rest if name == "rope" else rest @ np.linalg.inv(SHEAR).T)
            expected = bilinear({"cloth": image, "rope": RINGS}.get(name, PICTURE), u, v)
            if name == "ball":  # its triangles lie inside the ball, and its colour multiplies the image
                half = ((0.5 + 0.055) / 1.055) ** 2.4
                expected = expected * ((1, half, 0) if env == 0 else (half, 1, 0))
            off = np.abs(told["albedo"][env][here] - expected).max(1)
            assert np.quantile(off, 0.8) < (0.15 if name == "ball" else 2e-3), (name, np.quantile(off, 0.8))
    scenes[1].save(tmp_path / "scene.yaml")
    again = engine.Simulation([engine.load(tmp_path / "scene.yaml")] * 2).render("cloth", ("albedo",))["albedo"][1]
    fresh = engine.Simulation(scenes).render("cloth", ("albedo",))["albedo"][1]
    np.testing.assert_array_equal(again, fresh)
