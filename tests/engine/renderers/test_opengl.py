"""The tracer against pyrender, an OpenGL rasterizer that shares no code with it: depth and segmentation of every shape, of
particles and of a deforming surface, in a batch."""

import numpy as np
import pytest

import engine
from engine.continua import ParticleCloud, SurfaceMesh
from engine.errors import BackendError, StateError

pytest.importorskip("pyrender", reason="needs the package pyrender (extra `opengl`)", exc_type=Exception)
OUTPUTS = ("depth", "segmentation")


def shown() -> engine.Scene:
    """Every shape above a floor, and a camera whose middle is not that of the picture, carried by a body."""
    scene = engine.Scene()
    scene.add_plane()
    corners = [[0, 0, 0], [0.5, 0, 0], [0, 0.5, 0], [0.1, 0.1, 0.5]]
    shapes = {
        "ball": engine.Sphere(0.3), "box": engine.Box((0.4, 0.5, 0.3)), "capsule": engine.Capsule(0.12, 0.4),
        "can": engine.Cylinder(0.2, 0.6), "egg": engine.Ellipsoid((0.3, 0.15, 0.1)),
        "mesh": engine.Mesh(vertices=corners, faces=[[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]]),
    }  # fmt: skip
    for k, (name, shape) in enumerate(shapes.items()):
        place, turn = (0.8 * (k % 3) - 0.8, 0.9 * (k // 3) - 0.3, 0.5), (0.9, 0.2 * k - 0.4, 0.3, 0.1)
        scene.add_body(name, shape, position=place, rotation=turn, mass=1.0)
    scene.add_body("arm", engine.Sphere(0.01), position=(0, -3, 1), fixed=True)
    lens = {"resolution": (160, 120), "focal": (165.0, 170.0), "centre": (70.0, 66.0)}
    scene.add_camera("eye", body="arm", position=(0, 0, 1), look_at=(0, 2.8, -0.6), **lens)
    scene.add_camera("round", position=(0, -3, 2), look_at=(0, 0, 0), lens="fisheye", fov_y=120, resolution=(16, 16))
    return scene


def agree(ours: dict, theirs: dict, kinds: int) -> None:
    """The same thing in nearly all pixels, at the same depth there."""
    same = ours["segmentation"] == theirs["segmentation"]
    assert len(np.unique(ours["segmentation"])) == kinds and same.mean() > 0.99, same.mean()
    seen = same & np.isfinite(ours["depth"])
    assert (np.isfinite(ours["depth"]) == np.isfinite(theirs["depth"])).mean() > 0.99
    off = np.abs(ours["depth"] - theirs["depth"])[seen]
    assert np.median(off) < 5e-4 and np.quantile(off, 0.98) < 6e-3, np.quantile(off, (0.5, 0.98))


def test_depth_and_segmentation_are_those_of_pyrender(cpu):
    """Two environments after some steps; a fisheye and an output that OpenGL has not are refused."""
    sim = engine.Simulation(shown(), 2)
    sim.state.body_velocity[1, 1:7] = (0.5, 0.2, 1.0, 0.3, 0.2, 0.1)
    sim.step(20)
    try:
        theirs = sim.render("eye", (*OUTPUTS, "rgb"), renderer="opengl")
    except BackendError as error:
        pytest.skip(str(error))
    agree(sim.render("eye", OUTPUTS), theirs, 7)
    assert theirs["rgb"].shape == (2, 120, 160, 3) and theirs["rgb"].std() > 10
    assert (sim.render("eye", ("depth",), slice(1, 2), renderer="opengl")["depth"][0] == theirs["depth"][1]).all()
    for camera, outputs, renderer in (("round", OUTPUTS, "opengl"), ("eye", ("normal",), "opengl"), ("eye", OUTPUTS, "vulkan")):
        with pytest.raises(StateError):
            sim.render(camera, outputs, renderer=renderer)
    rng = np.random.default_rng(3)
    drops = ParticleCloud("drops", rng.uniform(-0.5, 0.5, (2, 40, 3)).astype("f4") + (0, 0, 1), None, 0.06, (0, 0, 1), 40)
    corner = rng.uniform(-1, 1, (2, 4, 3)).astype("f4") + np.array((0, 0, 1), "f4")
    sheet = SurfaceMesh("sheet", corner, None, np.array([[0, 1, 2], [1, 2, 3]]), (0, 1, 0), 41)
    poses = {name: getattr(sim.state, name[:-2]) for name in ("body_position_W", "body_rotation_W")}
    theirs = sim._opengl().render(poses, 0, OUTPUTS, range(2), [drops, sheet])
    agree(sim._tracer.render(sim._workspace.ws, 0, OUTPUTS, None, [drops, sheet]), theirs, 9)
