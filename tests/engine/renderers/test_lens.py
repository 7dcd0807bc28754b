"""Lenses against their closed form in double precision: pixels' directions, a point's place, there and back."""

import numpy as np
import pytest

import engine
from engine.errors import SceneError
from tests.engine.renderers.pictures import matrix

SIZE = (64, 64)
EYE = np.array([0.3, -0.2, 0.5])
SHELL = 10.0  # m; radius of a ball around the camera, whose wall every ray meets
WIDE = {"lens": "fisheye", "focal": (20.0, 22.0), "centre": (30.0, 35.0), "distortion": (0.05, -0.01, 0.003, -0.0004)}
ASIDE = {"focal": (50.0, 60.0), "centre": (20.0, 44.0)}


def scene() -> engine.Scene:
    """The shell, a marble that falls before the cameras, and both cameras at one place."""
    made = engine.Scene()
    made.add_body("shell", engine.Sphere(SHELL), fixed=True, position=tuple(EYE))
    made.add_body("marble", engine.Sphere(0.08), position=(1.5, 0.3, 1.3))
    made.exclude_contacts("shell", "marble")
    for name, lens in (("wide", WIDE), ("aside", ASIDE)):
        made.add_camera(name, position=tuple(EYE), look_at=(2.0, 0.4, 0.9), resolution=SIZE, **lens)
    return made


def radius_of(theta: np.ndarray, k: tuple) -> np.ndarray:
    """Kannala and Brandt's polynomial."""
    return theta * (1 + sum(c * theta ** (2 * n + 2) for n, c in enumerate(k)))


def axes() -> np.ndarray:
    """Columns right, up, back of the cameras."""
    return matrix(scene().cameras[0].rotation)


def directions(lens: dict) -> tuple[np.ndarray, np.ndarray]:
    """(directions in W, angle from the axis) of all pixels, the polynomial inverted by bisection."""
    px, py = np.meshgrid(np.arange(SIZE[0]) + 0.5, np.arange(SIZE[1]) + 0.5)
    x, y = (px - lens["centre"][0]) / lens["focal"][0], (lens["centre"][1] - py) / lens["focal"][1]
    radius = np.hypot(x, y)
    theta = np.arctan(radius)
    if "distortion" in lens:
        low, high = np.zeros_like(radius), np.full_like(radius, np.pi)
        for _ in range(60):
            theta = 0.5 * (low + high)
            short = radius_of(theta, lens["distortion"]) < radius
            low, high = np.where(short, theta, low), np.where(short, high, theta)
    local = np.stack([np.sin(theta) * x / radius, np.sin(theta) * y / radius, -np.cos(theta)], axis=-1)
    return local @ axes().T, theta


def place_of(point: np.ndarray, lens: dict) -> np.ndarray:
    """Picture points of points (..., 3) of W."""
    x, y, z = np.moveaxis((point - EYE) @ axes(), -1, 0)
    theta = np.arctan2(np.hypot(x, y), -z)
    radius = radius_of(theta, lens["distortion"]) if "distortion" in lens else np.tan(theta)
    unit = radius / np.hypot(x, y)
    return np.stack([lens["centre"][0] + lens["focal"][0] * x * unit, lens["centre"][1] - lens["focal"][1] * y * unit], axis=-1)


@pytest.mark.parametrize(("camera", "lens"), [("wide", WIDE), ("aside", ASIDE)])
def test_pixels_look_where_the_lens_says_and_points_come_back(cpu, camera, lens):
    """Directions, depth and the place of a marble agree with double precision; what stands still has no flow, and the flow of
    the falling marble is the difference of its places. Both environments see the same."""
    sim = engine.Simulation(scene(), num_envs=2)
    seen = sim.render(camera, outputs=("position", "depth", "segmentation"))
    wanted, theta = directions(lens)
    wall = seen["segmentation"][0] == 1
    assert np.abs((seen["position"][0] - EYE) / SHELL - wanted)[wall].max() < 5e-6
    depth = SHELL * (np.ones_like(theta) if camera == "wide" else np.cos(theta))
    assert np.abs(seen["depth"][0] / depth - 1)[wall].max() < 5e-6
    assert theta.max() > (1.8 if camera == "wide" else 0.6)
    rows, columns = np.nonzero(seen["segmentation"][0] == 2)
    before = sim.state.body_position[0, 2].copy()
    assert len(rows) > 3
    assert np.abs(np.array([columns.mean(), rows.mean()]) + 0.5 - place_of(before, lens)).max() < 0.6
    sim.mark_frame()
    sim.step(100)
    moved = sim.render(camera, outputs=("flow", "flow_valid"))
    assert np.abs(moved["flow"][0][wall]).max() < 1e-3 and moved["flow_valid"][0][wall].mean() > 0.95
    after = sim.state.body_position[0, 2]
    fall = place_of(after, lens) - place_of(before, lens)
    assert np.abs(fall).max() > 1.0
    assert np.abs(moved["flow"][0][rows, columns].mean(axis=0) - fall).max() < 0.1 * np.abs(fall).max()
    assert all((values[0] == values[1]).all() for values in (*seen.values(), *moved.values()))


def test_what_no_lens_can_be_is_refused_with_the_reason():
    made = engine.Scene()
    for lens, reason in (
        ({"lens": "fish"}, "allowed: pinhole or fisheye"),
        ({"fov_y": 40.0, "focal": (50.0, 50.0)}, "both given"),
        ({"distortion": (0.1,)}, "use lens='fisheye'"),
        ({"focal": (0.0, 50.0)}, "focal"),
        ({"fov_y": 200.0}, "fov_y"),
    ):
        with pytest.raises(SceneError, match=reason):
            made.add_camera("eye", position=(0, 0, 1), look_at=(1, 0, 1), **lens)
    made.add_camera("eye", position=(0, 0, 1), look_at=(1, 0, 1), lens="fisheye", fov_y=200.0)


def test_lenses_survive_the_scene_document(tmp_path):
    scene().save(tmp_path / "lenses.yaml")
    assert engine.load(tmp_path / "lenses.yaml").cameras == scene().cameras


def test_an_export_says_that_it_cannot_take_the_lens_along(tmp_path):
    notes = engine.export(scene(), tmp_path / "lenses.xml", strict=False)
    assert all(any("lens" in note and name in note for note in notes) for name in ("wide", "aside"))
