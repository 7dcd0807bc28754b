"""The tree over instances against brute force: many shapes, equal places, planes, one shape, none."""

import numpy as np
import pytest

import engine

EYE = np.array([0.0, -4.0, 2.0])


def seen(scene: engine.Scene) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """(distance of what is seen, unit rays, whether something is hit) of a picture from EYE."""
    scene.add_camera("eye", position=EYE.tolist(), look_at=(0, 0, 0.5), resolution=(48, 40), fov_y=50)
    told = engine.Simulation(scene).render("eye", ("depth", "position"))
    forward = np.array([0, 0, 0.5]) - EYE
    forward /= np.linalg.norm(forward)
    right = np.array([1.0, 0.0, 0.0])
    pixel = 2 * np.tan(np.radians(25)) / 40
    x, y = np.meshgrid((np.arange(48) - 23.5) * pixel, (19.5 - np.arange(40)) * pixel)
    d = forward + x[..., None] * right + y[..., None] * np.cross(right, forward)
    far = np.linalg.norm(told["position"][0].astype(float) - EYE, axis=-1)
    return far, d / np.linalg.norm(d, axis=-1, keepdims=True), np.isfinite(told["depth"][0])


@pytest.mark.parametrize(("balls", "planes"), [(0, 0), (1, 0), (0, 1), (1, 2), (2, 0), (33, 3), (300, 1)])
def test_the_nearest_of_many_shapes_is_found(cpu, balls, planes):
    """Every ray that hits anything ends on the nearest ball or plane, a third of the balls standing at the same place."""
    rng = np.random.default_rng(balls)
    centre, radius = rng.uniform((-1.5, -1.5, 0), (1.5, 1.5, 1.5), (balls, 3)), rng.uniform(0.02, 0.2, balls)
    centre[: balls // 3] = (0.2, 0.1, 0.6)
    scene = engine.Scene()
    for p, r in zip(centre, radius, strict=True):
        scene.add_shape(0, engine.Sphere(float(r), position=tuple(p)))
    heights = -0.3 * np.arange(planes)
    for height in heights:
        scene.add_shape(0, engine.Plane(position=(0, 0, float(height))))
    far, d, hit = seen(scene)
    assert hit.any() == (balls + planes > 0)
    middle = d @ (centre - EYE).T
    off = ((centre - EYE) ** 2).sum(1) - middle**2
    with np.errstate(divide="ignore", invalid="ignore"):
        t = np.where(off < radius**2, middle - np.sqrt(np.maximum(radius**2 - off, 0)), np.inf)
        down = (heights - EYE[2]) / d[..., 2:]
    nearest = np.concatenate([t, np.where(down > 0, down, np.inf)], axis=-1).min(-1, initial=np.inf)
    assert (hit == np.isfinite(nearest)).mean() > 0.99
    both = hit & np.isfinite(nearest)
    off = np.abs(far / nearest - 1)[both]
    assert np.quantile(off, 0.99, method="lower") < 2e-4 if both.any() else not hit.any()  # but at the edge of a ball
