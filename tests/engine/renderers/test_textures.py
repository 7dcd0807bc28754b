"""Images on shapes against their closed form: every mapping, the filter, smaller copies, files, batches, path tracing."""

import imageio.v3 as imageio
import numpy as np
import pytest

import engine
from engine.errors import ImportFileError, SceneError
from engine.geometry.texture import light_of_codes, smaller_copies

DICE = np.random.default_rng(5)
PICTURE = DICE.integers(0, 256, (4, 8, 3)).astype(np.uint8)
SQUARES = np.kron(np.indices((4, 4)).sum(0) % 2, np.ones((1, 1)))[:, :, None].repeat(3, 2).astype(np.uint8) * 255
OUTPUTS = ("albedo", "position", "normal", "segmentation", "depth", "rgb")


def bilinear(image: np.ndarray, u: np.ndarray, v: np.ndarray) -> np.ndarray:
    """Linear colour at u, v in double precision; the image goes on without end, row 0 is at the top."""
    light = light_of_codes()[image[::-1]]
    height, width = light.shape[:2]
    x, y = u * width - 0.5, v * height - 0.5
    i, j = np.floor(x).astype(int), np.floor(y).astype(int)
    a, b = (x - i)[..., None], (y - j)[..., None]
    at = lambda i, j: light[j % height, i % width]  # noqa: E731
    return (at(i, j) * (1 - a) + at(i + 1, j) * a) * (1 - b) + (at(i, j + 1) * (1 - a) + at(i + 1, j + 1) * a) * b


def seen(scene: engine.Scene, envs: int = 1, **choice) -> dict[str, np.ndarray]:
    """Pictures of the camera `eye`, which is near enough that no texel is smaller than a pixel."""
    return engine.Simulation(scene, envs).render("eye", OUTPUTS, **choice)


def looking_at(shape, position=(0.5, -0.7, 0.6), **look) -> engine.Scene:
    scene = engine.Scene()
    scene.add_body("thing", shape, fixed=True, **look)
    scene.add_camera("eye", position=position, look_at=(0, 0, 0), resolution=(64, 64), fov_y=30)
    return scene


def test_squares_on_a_plane_are_exact_in_every_pixel(cpu):
    """From above one sees black and white squares of 0.25 m where they belong, and between them the blend of neighbours."""
    scene = engine.Scene()
    scene.add_plane(checker=None, texture=engine.Texture(SQUARES))
    scene.add_camera("eye", position=(0.3, 0.2, 1.0), rotation=(1, 0, 0, 0), resolution=(48, 48), fov_y=60)
    told = {name: picture[0] for name, picture in seen(scene).items()}
    x, y = told["position"][..., 0].astype(float), told["position"][..., 1].astype(float)
    assert np.abs(told["albedo"] - bilinear(SQUARES, x, y)).max() < 2e-4
    at_middle = (np.abs((x * 4) % 1 - 0.5) < 0.05) & (np.abs((y * 4) % 1 - 0.5) < 0.05)
    black = (np.floor(x * 4) + np.floor(y * 4)).astype(int) % 2 == 1  # the square at the origin is the image's lower left one
    assert at_middle.sum() > 8
    np.testing.assert_allclose(told["albedo"][at_middle], np.where(black, 0.0, 1.0)[at_middle][:, None] * np.ones(3), atol=0.25)


@pytest.mark.parametrize("kind", ["box", "metric box", "sphere", "cylinder", "mesh", "field"])
def test_an_image_lies_where_its_mapping_says(cpu, kind):
    """Albedo of every pixel is the image at the point that the position and the mapping name."""
    wear = engine.Texture(PICTURE, repeat=(2, 1), metric=kind == "metric box")
    corners, faces = np.array([[-0.2, -0.2, 0], [0.2, -0.2, 0], [0.2, 0.2, 0.1], [-0.2, 0.2, 0.1]]), [[0, 1, 2], [0, 2, 3]]
    uv = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)
    shape = {
        "box": engine.Box((0.3, 0.4, 0.2), texture=wear),
        "metric box": engine.Box((0.3, 0.4, 0.2), texture=wear),
        "sphere": engine.Sphere(0.2, texture=wear),
        "cylinder": engine.Cylinder(0.15, 0.3, texture=wear),
        "mesh": engine.Mesh(vertices=corners.tolist(), faces=faces, coordinates=uv[np.array(faces)], texture=wear),
        "field": engine.HeightField(((0.0, 0.05, 0.0), (0.02, 0.06, 0.0)), (0.4, 0.4), texture=wear),
    }[kind]
    told = {name: picture[0] for name, picture in seen(looking_at(shape)).items()}
    p, n = told["position"].astype(float), told["normal"]
    x, y, z = p[..., 0], p[..., 1], p[..., 2]
    side = np.abs(n).argmax(-1)
    turn = np.arctan2(y, x) / (2 * np.pi) + 0.5
    if "box" in kind:
        a, half = (p / (0.3, 0.4, 0.2), 0.5) if kind == "box" else (p, 0.0)
        u = np.where(side == 0, a[..., 1], np.where(side == 1, a[..., 0], a[..., 0])) + half
        v = np.where(side == 2, a[..., 1], a[..., 2]) + half
    elif kind == "sphere":
        u, v = turn, np.arcsin(np.clip(z / 0.2, -1, 1)) / np.pi + 0.5
    elif kind == "cylinder":
        u, v = np.where(side == 2, 0.5 * x / 0.15 + 0.5, turn), np.where(side == 2, 0.5 * y / 0.15 + 0.5, z / 0.3 + 0.5)
    else:
        u, v = x / 0.4 + 0.5, y / 0.4 + 0.5
    shown = np.isfinite(told["depth"]) & (np.abs(z) < 0.19)  # not the pole of the ball, where the image is squeezed
    shown &= ~((side == 1) & (n[..., 1] > 0)) if "box" in kind else True
    shown &= (side == 2) if kind == "field" else True
    worst = np.abs(told["albedo"] - bilinear(PICTURE, 2 * u, v)).max(-1)[shown]
    assert shown.sum() > 60 and worst.max() < 2e-3, worst.max()


def test_from_afar_an_image_turns_into_its_mean(cpu):
    """Where a pixel holds hundreds of squares it shows their mean, not one of them; the pyramid keeps the mean light."""
    levels = smaller_copies(PICTURE)
    assert [level.shape[:2] for level in levels] == [(4, 8), (2, 4), (1, 2), (1, 1)]
    mean = light_of_codes()[PICTURE].mean((0, 1))
    assert np.abs(light_of_codes()[levels[-1][0, 0]] - mean).max() < 0.01
    scene = engine.Scene()
    scene.add_plane(checker=None, texture=engine.Texture(SQUARES, repeat=(40, 40)))
    scene.add_camera("eye", position=(0.0, 0.0, 8.0), rotation=(1, 0, 0, 0), resolution=(32, 32), fov_y=60)
    assert np.abs(seen(scene)["albedo"][0] - 0.5).max() < 0.01


def test_every_environment_wears_its_own_image_and_a_batch_has_the_bits_of_one(cpu):
    """Three scenes that differ in their images, together and one by one; after a redraw the new image is there."""
    images = [PICTURE, SQUARES, PICTURE[::-1]]
    scenes = [looking_at(engine.Box((0.3, 0.4, 0.2), texture=engine.Texture(image))) for image in images]
    together = engine.Simulation(scenes).render("eye", OUTPUTS)
    for k, scene in enumerate(scenes):
        alone = engine.Simulation([scene, scene]).render("eye", OUTPUTS)
        for name in OUTPUTS:
            np.testing.assert_array_equal(together[name][k], alone[name][0])
    sim = engine.Simulation(scenes)
    sim.redraw([0], [scenes[1]])
    np.testing.assert_array_equal(sim.render("eye", ("rgb",))["rgb"], together["rgb"][[1, 1, 2]])


def test_files_bring_their_image_and_scenes_keep_it(cpu, tmp_path):
    """An OBJ with its material looks as the same triangles with the image; a scene on disk too, with the image beside it or
    inside."""
    imageio.imwrite(tmp_path / "skin.png", PICTURE)
    (tmp_path / "skin.mtl").write_text("newmtl skin\nKd 1 1 1\nmap_Kd skin.png\n")
    (tmp_path / "quad.obj").write_text(
        "mtllib skin.mtl\nusemtl skin\nv -.2 -.2 0\nv .2 -.2 0\nv .2 .2 .1\nv -.2 .2 .1\n"
        "vt 0 0\nvt 1 0\nvt 1 1\nvt 0 1\nf 1/1 2/2 3/3\nf 1/1 3/3 4/4\n"
    )
    corners, faces = [[-0.2, -0.2, 0], [0.2, -0.2, 0], [0.2, 0.2, 0.1], [-0.2, 0.2, 0.1]], [[0, 1, 2], [0, 2, 3]]
    uv = np.array([[0, 0], [1, 0], [1, 1], [0, 1]], float)[np.array(faces)]
    mine = looking_at(engine.Mesh(vertices=corners, faces=faces, coordinates=uv, texture=engine.Texture(PICTURE)))
    read = looking_at(engine.Mesh(path=str(tmp_path / "quad.obj")))
    expected = seen(mine)["rgb"]
    np.testing.assert_array_equal(seen(read)["rgb"], expected)
    box = looking_at(engine.Box((0.3, 0.4, 0.2), texture=engine.Texture(str(tmp_path / "skin.png"), metric=True)))
    for name, scene in (("read", read), ("mine", mine), ("box", box)):
        scene.save(tmp_path / f"{name}.yaml")
        np.testing.assert_array_equal(seen(engine.load(tmp_path / f"{name}.yaml"))["rgb"], seen(scene)["rgb"])
    assert "skin.png" in (tmp_path / "box.yaml").read_text() and "base64" in (tmp_path / "mine.yaml").read_text()


def test_a_material_of_an_mjcf_file_brings_its_image(cpu, tmp_path):
    """A cube texture on a box, a 2d one on a plane and on a mesh with texcoord; a file that is not there is reported."""
    imageio.imwrite(tmp_path / "skin.png", PICTURE)
    (tmp_path / "m.xml").write_text(
        '<mujoco><compiler texturedir="."/><asset><texture name="c" type="cube" file="skin.png"/>'
        '<texture name="f" type="2d" file="skin.png"/><texture name="g" type="2d" file="gone.png"/>'
        '<material name="c" texture="c"/><material name="f" texture="f" texrepeat="2 2" texuniform="true"/>'
        '<material name="g" texture="g" rgba=".5 .5 .5 1"/>'
        '<mesh name="q" vertex="0 0 0 1 0 0 1 1 0 0 1 .1" texcoord="0 1 1 1 1 0 0 0" face="0 1 2 0 2 3" inertia="shell"/>'
        '</asset><worldbody><geom type="box" size=".15 .2 .1" material="c"/><geom type="plane" size="1 1 1" material="f"/>'
        '<geom type="mesh" mesh="q" material="f"/><geom type="box" size=".1 .1 .1" material="g"/></worldbody></mujoco>'
    )
    scene = engine.load(tmp_path / "m.xml")
    (_, box), (_, plane), (_, mesh), (_, plain) = scene.shapes
    assert (box.texture.mapping, plane.texture.mapping, plane.texture.metric) == ("box", "planar", True)
    assert plane.texture.repeat == (2.0, 2.0) and plain.texture is None
    assert mesh.texture.mapping == "auto"
    np.testing.assert_allclose(mesh.data.coordinates[0], [[0, 0], [1, 0], [1, 1]])
    assert any("gone.png" in str(line) for line in scene.import_report)
    scene.add_camera("eye", position=(0.5, -0.7, 0.6), look_at=(0, 0, 0), resolution=(64, 64), fov_y=30)
    twin = looking_at(engine.Box((0.3, 0.4, 0.2), texture=engine.Texture(PICTURE), color=(1, 1, 1)))
    mine, theirs = seen(twin), seen(scene)
    side = np.isfinite(mine["depth"]) & (mine["depth"] == theirs["depth"]) & (mine["normal"][..., 2] < 0.5)
    assert side.sum() > 50
    np.testing.assert_array_equal(mine["albedo"][side], theirs["albedo"][side])


def test_path_tracing_sees_the_same_image(cpu):
    """Under even light a surface without gloss shines with its albedo, so the picture of a path is the image."""
    dark = {"color": (0.0, 0.0, 0.0), "metallic": 1.0, "roughness": 1.0}
    scene = looking_at(engine.Box((0.3, 0.4, 0.2), ior=1.0, texture=engine.Texture(PICTURE), roughness=1.0))
    scene.add_body("sky", engine.Sphere(10.0, emission=(1.0, 1.0, 1.0), collides=False, **dark), fixed=True)
    scene.set_sun(color=(0, 0, 0))
    scene.set_sky(zenith=(0, 0, 0), horizon=(0, 0, 0))
    sim = engine.Simulation(scene)
    light = sim.render("eye", ("radiance",), quality=engine.PathTracing(samples=16))["radiance"][0]
    told = sim.render("eye", ("albedo", "segmentation"))
    inner = np.zeros((64, 64), bool)
    inner[24:40, 24:40] = True
    inner &= told["segmentation"][0] == 1
    assert inner.sum() > 40
    assert np.abs(light - told["albedo"][0])[inner].mean() < 0.02  # samples lie anywhere in the pixel, albedo in its middle


@pytest.mark.parametrize(
    ("texture", "sentence"),
    [
        (engine.Texture("nowhere.png"), "does not exist"),
        (engine.Texture(np.zeros((2, 2, 3))), "allowed: a picture file, or an array"),
        (engine.Texture(PICTURE, mapping="spherical"), "mapping is 'spherical'"),
        (engine.Texture(PICTURE, repeat=(0, 1)), "two finite numbers other than 0"),
        ("oak.png", r"allowed: engine.Texture\(image\)"),
    ],
)
def test_wrong_textures_are_refused(texture, sentence):
    with pytest.raises((SceneError, ImportFileError), match=sentence):
        engine.Scene().add_body("box", engine.Box((1, 1, 1)), texture=texture)
