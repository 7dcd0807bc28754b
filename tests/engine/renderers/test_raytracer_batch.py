"""Pictures of batches: lanes equal scalars, a batch equals its single environments, cameras follow bodies, odd sizes,
per-env constants."""

import numpy as np
import pytest

from engine.errors import SceneError, StateError
from engine.renderers import gather
from engine.renderers import picture as pictures
from engine.types import ShapeType as S
from tests.engine.renderers.pictures import Picture, look_at, pose_arrays, stage, variants

ALL = ("rgb", "depth", "segmentation", "normal")


def icosphere(rings=10, sectors=14):
    """A latitude-longitude ball of radius 1 with its normals."""
    v, u = np.meshgrid(np.linspace(0, np.pi, rings), np.linspace(0, 2 * np.pi, sectors), indexing="ij")
    points = np.stack([np.sin(v) * np.cos(u), np.sin(v) * np.sin(u), np.cos(v)], axis=-1).reshape(-1, 3)
    a = (np.arange(rings - 1)[:, None] * sectors + np.arange(sectors - 1)).reshape(-1)
    faces = np.concatenate([np.stack([a, a + sectors, a + 1], 1), np.stack([a + 1, a + sectors, a + sectors + 1], 1)])
    return points, faces, points


def zoo(size=(36, 28), shift=0.0) -> Picture:
    """One of every shape on a checkered floor."""
    picture = Picture(size=size)
    picture.shape(S.PLANE, 0, color=(0.5, 0.5, 0.45), pattern=(0.4, 0.2, 0.2, 0.25))
    mesh = picture.mesh(*icosphere())
    kinds = [
        (S.SPHERE, 0.3),
        (S.BOX, (0.2, 0.3, 0.25)),
        (S.CAPSULE, (0.2, 0.25)),
        (S.CYLINDER, (0.25, 0.3)),
        (S.ELLIPSOID, (0.3, 0.2, 0.15)),
    ]
    for k, (kind, extent) in enumerate([*kinds, (S.MESH, (0.3, 0.25, 0.2))]):
        angle = k * 1.05 + shift
        body = picture.body((0.8 * np.cos(angle), 0.8 * np.sin(angle), 0.35), look_at((0, 0, 0), (np.sin(k), 1.0, 0.4 * k)))
        picture.shape(
            kind,
            extent,
            body,
            mesh=mesh if kind == S.MESH else -1,
            color=(0.2 + 0.1 * k, 0.6, 0.8 - 0.1 * k),
            metallic=float(k == 2),
        )
    picture.camera((2.2, -2.4, 1.6), (0, 0, 0.3))
    picture.camera((-2.0, -2.0, 2.5), (0, 0, 0.1), fov=0.6)
    return picture


@pytest.mark.parametrize("choice", [{"lanes": 1}, {"precision": "f64"}], ids=["scalar", "double"])
def test_packets_equal_single_rays_and_double_physics(engine_as, choice):
    """The picture is the same from packets, from single rays, and with double-precision physics."""
    pictures = []
    for choices in ({}, choice):
        tracer, ws = stage(engine_as(**choices), zoo())
        pictures.append(tracer.render(ws, 0, ALL))
    packet, other = pictures
    np.testing.assert_array_equal(packet["segmentation"], other["segmentation"])
    assert (packet["segmentation"].max(), len(np.unique(packet["segmentation"]))) == (6, 7)
    np.testing.assert_allclose(packet["depth"], other["depth"], rtol=1e-5)
    np.testing.assert_allclose(packet["normal"], other["normal"], atol=1e-5)
    assert np.abs(packet["rgb"].astype(int) - other["rgb"]).max() <= 1


def moved(count: int):
    """Poses of the zoo's bodies, another one in every environment."""
    poses = [pose_arrays(zoo(shift=0.13 * k)) for k in range(count)]
    return np.stack([p for p, _ in poses]), np.stack([q for _, q in poses])


def test_a_batch_equals_its_single_environments(cpu):
    """Environment k of 19 has bit for bit the picture of the run that holds only it; also through a slice."""
    positions, rotations = moved(19)
    tracer, ws = stage(cpu, zoo(), 19, poses=(positions, rotations))
    batch = tracer.render(ws, 1, ALL)
    assert batch["rgb"].shape == (19, 28, 36, 3) and batch["depth"].shape == (19, 28, 36)
    for k in (0, 7, 18):
        single, one = stage(cpu, zoo(), 1, poses=(positions[k : k + 1], rotations[k : k + 1]))
        for name, image in single.render(one, 1, ALL).items():
            np.testing.assert_array_equal(image[0], batch[name][k], err_msg=name)
    for name, images in tracer.render(ws, 1, ALL, envs=slice(3, 18, 5)).items():
        np.testing.assert_array_equal(images, batch[name][3:18:5])
    assert not np.array_equal(batch["rgb"][0], batch["rgb"][7])


def test_several_cameras_in_one_launch_equal_one_by_one(cpu):
    """`render_all` stacks the views in the order asked for."""
    tracer, ws = stage(cpu, zoo(), 3, poses=moved(3))
    both = tracer.render_all(ws, [1, 0], ALL)
    for place, camera in enumerate([1, 0]):
        for name, image in tracer.render(ws, camera, ALL).items():
            np.testing.assert_array_equal(both[name][place], image)


@pytest.mark.parametrize("outputs", [("depth",), ("segmentation",), ("normal",), ("rgb",), ("depth", "normal")])
def test_a_choice_of_outputs_does_not_change_them(cpu, outputs):
    """Asking for less gives the same pictures."""
    tracer, ws = stage(cpu, zoo())
    everything = tracer.render(ws, 0, ALL)
    chosen = tracer.render(ws, 0, outputs)
    assert tuple(chosen) == outputs
    for name in outputs:
        np.testing.assert_array_equal(chosen[name], everything[name])


@pytest.mark.parametrize("size", [(1, 1), (5, 3), (17, 30), (33, 4)])
def test_sizes_that_are_no_multiple_of_the_tile(cpu, size):
    """A narrow picture is the middle of a larger one with the same pixel size."""
    wide = (size[0] + 8, size[1] + 8)
    images = []
    for shape in (size, wide):
        picture = zoo(size=shape)
        picture.cameras[0] = (*picture.cameras[0][:2], 2 * np.arctan(0.012 * shape[1]), 0)
        tracer, ws = stage(cpu, picture)
        images.append(tracer.render(ws, 0, ("depth", "segmentation")))
    assert images[0]["depth"].shape == (1, size[1], size[0])
    inner = images[1]["depth"][:, 4:-4, 4:-4]
    same = images[0]["segmentation"] == images[1]["segmentation"][:, 4:-4, 4:-4]
    assert same.mean() > 0.99
    np.testing.assert_allclose(images[0]["depth"][same], inner[same], rtol=1e-4)


def test_a_camera_on_a_body_follows_it(cpu):
    """A camera carried by a body sees what a world camera at the same pose sees."""
    fixed, carried = zoo(), zoo()
    position, rotation = np.array([1.5, -1.9, 1.2]), look_at((1.5, -1.9, 1.2), (0, 0, 0.3))
    body = carried.body(position, rotation)
    fixed.body(position, rotation)
    fixed.camera(position, rotation=rotation)
    carried.camera((0.0, 0.0, 0.0), body=body)
    images = []
    for picture in (fixed, carried):
        tracer, ws = stage(cpu, picture)
        images.append(tracer.render(ws, 2, ALL))
    np.testing.assert_array_equal(images[0]["segmentation"], images[1]["segmentation"])
    np.testing.assert_allclose(images[0]["depth"], images[1]["depth"], rtol=1e-5)


def test_constants_may_differ_per_environment(cpu):
    """Sizes, colours, cameras and light of each environment are its own."""
    scenes = []
    for k in range(5):
        picture = Picture(size=(24, 24), sun=(0.2 * k, 0.3, 1), sun_color=(2.0 + 0.2 * k, 2, 2))
        body = picture.body((0, 0, 0))
        picture.shape(S.SPHERE, 0.3 + 0.1 * k, body, color=(0.1 * k, 0.5, 0.3))
        picture.camera((3.0 + 0.2 * k, 0, 0.5), (0, 0, 0), fov=0.6 + 0.05 * k)
        scenes.append(picture)
    tracer, ws = stage(cpu, scenes[0], 5, compiled=variants([s.compile() for s in scenes]))
    batch = tracer.render(ws, 0, ALL)
    for k, scene in enumerate(scenes):
        single, one = stage(cpu, scene)
        for name, image in single.render(one, 0, ALL).items():
            np.testing.assert_array_equal(image[0], batch[name][k], err_msg=name)


def test_new_scenes_sizes_and_batches_compile_nothing(cpu):
    """One variant of each kernel serves every scene, picture size, choice of outputs and number of environments above
    one."""
    tracer, ws = stage(cpu, zoo(), 3, poses=moved(3))
    tracer.render(ws, 0, ALL)
    kernels = [gather.gather, pictures.trace]
    before = [len(kernel._primal.compiled_kernels) for kernel in kernels]
    small = Picture(size=(50, 31))
    small.shape(S.BOX, (1, 1, 1))
    small.camera((4, 0, 0), (0, 0, 0))
    other, state = stage(cpu, small, 21)
    other.render(state, 0, ("depth",))
    tracer.render_all(ws, [0, 1], ("rgb", "normal"), slice(1, 2))
    assert [len(kernel._primal.compiled_kernels) for kernel in kernels] == before


def test_wrong_requests_say_what_is_allowed(cpu):
    """Unknown outputs and cameras, empty choices, mixed sizes, missing meshes and too many segments are one clear sentence
    each."""
    tracer, ws = stage(cpu, zoo())
    with pytest.raises(StateError, match="unknown output 'dept'; did you mean 'depth'"):
        tracer.render(ws, 0, ("dept",))
    with pytest.raises(StateError, match="no camera .*; the scene has 2 cameras"):
        tracer.render(ws, 2, ("rgb",))
    with pytest.raises(StateError, match="no output asked for"):
        tracer.render(ws, 0, ())
    with pytest.raises(StateError, match="selects no environment"):
        tracer.render(ws, 0, ("rgb",), slice(0, 0))
    picture = zoo()
    picture.shape(S.MESH, (1, 1, 1), mesh=3)
    with pytest.raises(SceneError, match="shape uses mesh 3; the scene has 1 render meshes"):
        stage(cpu, picture)
