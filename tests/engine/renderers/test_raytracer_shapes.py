"""Ray hits against closed forms: every shape, planes, normals, axis-parallel rays, cameras inside shapes, nothing at
all."""

import numpy as np
import pytest

from engine.types import ShapeType as S
from tests.engine.renderers.pictures import Picture, matrix, pixel_rays, shoot

TURNED = np.array([0.8, 0.2, -0.4, 0.4]) / np.linalg.norm([0.8, 0.2, -0.4, 0.4])
CENTRE = np.array([0.15, 0.1, -0.05])


def solve(a, b, c):
    """Both roots of a t^2 + 2 b t + c, NaN where there are none."""
    with np.errstate(invalid="ignore"):
        root = np.sqrt(b * b - a * c)
    return (-b - root) / a, (-b + root) / a


def box(o, d, half):
    """Interval in an axis-aligned box; NaN when missed."""
    with np.errstate(divide="ignore"):
        a, b = (-half - o) / d, (half - o) / d
    enter, leave = np.minimum(a, b).max(axis=-1), np.maximum(a, b).min(axis=-1)
    return np.where(enter <= leave, enter, np.nan), np.where(enter <= leave, leave, np.nan)


def ball(o, d, centre, radius):
    p = o - centre
    return solve((d * d).sum(-1), (d * p).sum(-1), (p * p).sum(-1) - radius**2)


def ellipsoid(o, d, radii):
    return ball(o / radii, d / radii, np.zeros(3), 1.0)


def cylinder(o, d, radius, half):
    enter, leave = solve((d[..., :2] ** 2).sum(-1), (d[..., :2] * o[:2]).sum(-1), (o[:2] ** 2).sum() - radius**2)
    first, last = np.sort([(-half - o[2]) / d[..., 2], (half - o[2]) / d[..., 2]], axis=0)
    enter, leave = np.maximum(enter, first), np.minimum(leave, last)
    return np.where(enter <= leave, enter, np.nan), np.where(enter <= leave, leave, np.nan)


def capsule(o, d, radius, half):
    """Union of a cylinder and two balls."""
    parts = [cylinder(o, d, radius, half), *(ball(o, d, np.array([0, 0, z]), radius) for z in (-half, half))]
    return np.fmin.reduce([p[0] for p in parts]), np.fmax.reduce([p[1] for p in parts])


SHAPES = {
    S.SPHERE: (0.7, lambda o, d: ball(o, d, np.zeros(3), 0.7)),
    S.BOX: ((0.5, 0.7, 0.3), lambda o, d: box(o, d, np.array([0.5, 0.7, 0.3]))),
    S.ELLIPSOID: ((0.5, 0.8, 0.3), lambda o, d: ellipsoid(o, d, np.array([0.5, 0.8, 0.3]))),
    S.CYLINDER: ((0.5, 0.6), lambda o, d: cylinder(o, d, 0.5, 0.6)),
    S.CAPSULE: ((0.4, 0.5), lambda o, d: capsule(o, d, 0.4, 0.5)),
}


@pytest.mark.parametrize("kind", SHAPES)
@pytest.mark.parametrize("inside", [False, True])
def test_depth_of_every_shape_is_that_of_the_closed_form(cpu, kind, inside):
    """Away from grazing rays the depth is exact to 1e-5 of the distance, from outside and from inside."""
    size, interval = SHAPES[kind]
    picture = Picture(size=(48, 48))
    body = picture.body(CENTRE + [0.05, 0.0, 0.1], TURNED)
    picture.shape(kind, size, body, position=(0.02, 0.01, 0.03))
    eye = CENTRE + [0.07, 0.02, 0.12] if inside else np.array([1.6, -2.0, 1.1])
    picture.camera(eye, CENTRE if not inside else eye + [1.0, 0.4, 0.3])
    depth = shoot(cpu, picture, ("depth",))["depth"]
    eye, d, along = pixel_rays(picture)
    turn = matrix(TURNED)
    centre = CENTRE + [0.05, 0.0, 0.1] + turn @ [0.02, 0.01, 0.03]
    enter, leave = interval((eye - centre) @ turn, d @ turn)
    expected = np.where(enter > 0, enter, leave) * along
    solid = np.nan_to_num(leave - enter) > 0.02  # a ray through at least 2 cm is well conditioned
    assert solid.sum() > 200
    np.testing.assert_allclose(depth[solid], expected[solid], rtol=1e-5)
    missed = np.isnan(enter)
    assert np.isinf(depth[missed]).all()
    assert missed.any() != inside


@pytest.mark.parametrize("kind", [S.SPHERE, S.ELLIPSOID, S.BOX, S.CYLINDER, S.CAPSULE])
def test_normals_are_the_gradient_of_the_surface(cpu, kind):
    """Normals match the analytic gradient at the hit point and face the viewer."""
    size, _ = SHAPES[kind]
    picture = Picture(size=(40, 40))
    body = picture.body(CENTRE, TURNED)
    picture.shape(kind, size, body)
    picture.camera((1.6, -2.0, 1.1), CENTRE)
    image = shoot(cpu, picture, ("depth", "normal"))
    eye, d, along = pixel_rays(picture)
    hit = np.isfinite(image["depth"])
    p = (eye + d[hit] * (image["depth"][hit] / along[hit])[:, None] - CENTRE) @ matrix(TURNED)
    size = np.atleast_1d(size).astype(float)
    if kind == S.BOX:
        q = p / size
        local = np.where(np.abs(q) == np.abs(q).max(1, keepdims=True), np.sign(q), 0)
        sure = np.sort(np.abs(q), axis=1)[:, 1] < 0.999
    elif kind == S.CYLINDER:
        cap = np.abs(p[:, 2]) / size[1]
        side = np.linalg.norm(p[:, :2], axis=1) / size[0]
        local = np.where((cap > side)[:, None], p * [0, 0, 1], p * [1, 1, 0])
        sure = np.abs(cap - side) > 1e-3
    else:
        local = {S.SPHERE: p, S.ELLIPSOID: p / size[:3] ** 2 if len(size) == 3 else p}.get(
            kind, p - np.clip(p, [0, 0, -size[-1]], [0, 0, size[-1]])
        )
        sure = np.ones(len(p), bool)
    expected = local / np.linalg.norm(local, axis=1, keepdims=True) @ matrix(TURNED).T
    np.testing.assert_allclose(image["normal"][hit][sure], expected[sure], atol=2e-4)
    assert ((image["normal"][hit] * d[hit]).sum(1) < 1e-6).all()
    assert not image["normal"][~hit].any()


def test_depth_of_a_tilted_plane_is_exact(cpu):
    """A plane seen at an angle: depth = h / cosine along the axis, to 1e-5."""
    picture = Picture(size=(30, 22))
    picture.shape(S.PLANE, 0, position=(0, 0, 0.2), rotation=TURNED)
    picture.camera((0.4, -0.3, 3.0), (0.1, 0.2, 0.0))
    image = shoot(cpu, picture)
    eye, d, along = pixel_rays(picture)
    normal = matrix(TURNED)[:, 2]
    t = ((np.array([0, 0, 0.2]) - eye) @ normal) / (d @ normal)
    expected = np.where(t > 0, t * along, np.inf)
    near = expected < 50
    assert near.sum() > 300
    np.testing.assert_allclose(image["depth"][near], expected[near], rtol=1e-5)
    np.testing.assert_allclose(np.abs(image["normal"][near] @ normal), 1.0, atol=1e-6)


@pytest.mark.parametrize("kind", [*SHAPES, S.MESH])
def test_axis_parallel_rays_hit(cpu, kind):
    """The middle ray of an odd-sized picture runs exactly along an axis of the shape."""
    picture = Picture(size=(5, 5))
    mesh = -1
    if kind == S.MESH:
        vertices = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
        faces = [
            (0, 1, 3),
            (0, 3, 2),
            (4, 6, 7),
            (4, 7, 5),
            (0, 4, 5),
            (0, 5, 1),
            (2, 3, 7),
            (2, 7, 6),
            (0, 2, 6),
            (0, 6, 4),
            (1, 5, 7),
            (1, 7, 3),
        ]
        mesh = picture.mesh(vertices, faces)
    size = (0.5, 0.6, 0.7) if kind == S.MESH else SHAPES[kind][0]
    picture.shape(kind, size, picture.body(), mesh=mesh)
    picture.camera((0.0, 0.0, 4.0))
    top = {S.SPHERE: 0.7, S.BOX: 0.3, S.ELLIPSOID: 0.3, S.CYLINDER: 0.6, S.CAPSULE: 0.9, S.MESH: 0.7}[kind]
    image = shoot(cpu, picture)
    assert image["depth"][2, 2] == pytest.approx(4 - top, rel=1e-6)
    np.testing.assert_allclose(image["normal"][2, 2], (0, 0, 1), atol=1e-6)
    assert np.isfinite(image["depth"]).sum() >= 1


def test_a_scene_without_shapes_is_all_sky(cpu):
    """No shapes: depth inf, segment 0, no normals, and the sky from horizon to zenith."""
    picture = Picture(size=(9, 7))
    picture.camera((0, 0, 1), (1, 0, 1.4))
    image = shoot(cpu, picture)
    assert np.isinf(image["depth"]).all()
    assert not image["segmentation"].any() and not image["normal"].any()
    blue = image["rgb"][:, 4].astype(int)
    assert (blue[0] < blue[-1]).all()  # overhead is darker than the horizon in every channel of this sky


def test_overlapping_bodies_show_the_nearest(cpu):
    """Segments are the body of the nearest surface, pixel by pixel."""
    picture = Picture(size=(41, 41))
    near, far = picture.body((0.3, 0, 1.0)), picture.body((-0.2, 0, 0.2))
    picture.shape(S.SPHERE, 0.5, far)
    picture.shape(S.SPHERE, 0.5, near)
    picture.shape(S.PLANE, 0, position=(0, 0, -1))
    picture.camera((0, 0, 5))
    eye, d, _ = pixel_rays(picture)
    hits = np.stack([ball(eye, d, np.array(c), 0.5)[0] for c in ((0.3, 0, 1.0), (-0.2, 0, 0.2))])
    gap = np.abs(
        np.linalg.norm(np.cross(d, np.array([[0.3, 0, 1.0], [-0.2, 0, 0.2]])[:, None, None] - eye), axis=-1) - 0.5
    ).min(0)
    expected = np.where(
        np.isnan(hits).all(0), 0, np.where(np.nan_to_num(hits[0], nan=9) < np.nan_to_num(hits[1], nan=9), near, far)
    )
    segments = shoot(cpu, picture, ("segmentation",))["segmentation"]
    assert segments.dtype == np.uint16 and set(np.unique(segments)) == {0, near, far}
    np.testing.assert_array_equal(segments[gap > 1e-5], expected[gap > 1e-5])


def test_a_point_in_the_shadow_is_darker(cpu):
    """Sun overhead, a ball above a floor: the floor under the ball loses the sun's share and nothing else changes."""
    picture = Picture(size=(33, 33), sun=(0, 0, 1), zenith=(0.1, 0.1, 0.1), horizon=(0.1, 0.1, 0.1))
    picture.shape(S.PLANE, 0, color=(0.5, 0.5, 0.5), roughness=1.0)
    body = picture.body((0, 0, 1.0))
    picture.shape(S.SPHERE, 0.3, body)
    picture.camera((3, 0, 0.5), (0, 0, 0.0), fov=0.6)
    image = shoot(cpu, picture)
    eye, d, along = pixel_rays(picture)
    point = eye + d * (np.where(np.isfinite(image["depth"]), image["depth"], 0) / along)[..., None]
    floor = (image["segmentation"] == 0) & np.isfinite(image["depth"])
    radius = np.linalg.norm(point[..., :2], axis=-1)
    light = image["rgb"].sum(-1).astype(int)
    dark, bright = light[floor & (radius < 0.29)], light[floor & (radius > 0.31) & (radius < 1.0)]
    assert len(dark) > 5 and len(bright) > 5
    assert dark.max() < 0.7 * bright.min()
