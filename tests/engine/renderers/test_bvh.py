"""The tree of a mesh: complete, tight, built once; and meshes on the device equal brute force over their triangles."""

import numpy as np
import pytest

from engine.geometry.bvh import LEAF_SIZE, build_bvh
from engine.types import ShapeType as S
from tests.engine.renderers.pictures import Picture, look_at, matrix, pixel_rays, shoot


def soup(count: int, seed: int = 0):
    """Triangles without order, some without area and some twice."""
    rng = np.random.default_rng(seed)
    corners = rng.uniform(-1, 1, (count, 1, 3)) + rng.normal(0, 0.3, (count, 3, 3))
    corners[16::17, 2] = corners[16::17, 1]
    corners[3::19] = corners[min(3, count - 1)]
    return corners.reshape(-1, 3), np.arange(3 * count).reshape(-1, 3)


@pytest.mark.parametrize("count", [1, 4, 5, 300, 2000])
def test_every_triangle_is_in_one_leaf_inside_its_boxes(count):
    """Walking the tree meets every triangle with area once, and each box holds what is below it."""
    vertices, faces = soup(count)
    tree = build_bvh(vertices, faces)
    met = []

    def walk(node):
        low, high = np.full(3, np.inf), np.full(3, -np.inf)
        for side in range(2):
            child, size = tree.child[node, side], tree.count[node, side]
            if size > 0:
                assert size <= LEAF_SIZE
                met.extend(range(child, child + size))
                points = vertices[faces[tree.order[child : child + size]]].reshape(-1, 3)
                box = points.min(0), points.max(0)
            elif size == 0:
                box = walk(child)
            else:
                continue
            np.testing.assert_array_equal(tree.boxes[node, side], box)
            low, high = np.minimum(low, box[0]), np.maximum(high, box[1])
        return low, high

    walk(0)
    area = np.linalg.norm(np.cross(*(vertices[faces][:, k] - vertices[faces][:, 0] for k in (1, 2))), axis=1)
    assert sorted(met) == list(range(len(tree.order)))
    assert sorted(tree.order) == list(np.flatnonzero(area > 0))


def test_equal_meshes_are_built_once():
    """The tree is cached by content."""
    vertices, faces = soup(40, seed=5)
    assert build_bvh(vertices, faces) is build_bvh(vertices.copy(), faces.copy())


def test_a_mesh_without_area_is_never_hit(cpu):
    """Degenerate triangles give an empty tree and a picture of the sky."""
    picture = Picture(size=(9, 9))
    mesh = picture.mesh(np.zeros((3, 3)), [(0, 1, 2)])
    picture.shape(S.MESH, (1, 1, 1), mesh=mesh)
    picture.camera((3, 0, 0), (0, 0, 0))
    assert np.isinf(shoot(cpu, picture, ("depth",))["depth"]).all()


@pytest.mark.parametrize("count", [1, 3, 400])
@np.errstate(divide="ignore", invalid="ignore")
def test_mesh_picture_equals_brute_force(cpu, count):
    """A scaled, turned triangle soup and a second mesh: depth of every pixel is the nearest over all triangles to 1e-5."""
    picture = Picture(size=(32, 32))
    vertices, faces = soup(count, seed=3)
    picture.mesh(*soup(7, seed=1))
    scale, turn, centre = np.array([0.7, 1.1, 0.5]), look_at((0, 0, 0), (1, 2, 0.3)), np.array([0.1, -0.2, 0.3])
    body = picture.body(centre, turn)
    picture.shape(S.MESH, scale, body, mesh=picture.mesh(vertices, faces))
    picture.camera((2.5, -2.5, 1.5), tuple((vertices[:3].mean(0) * scale) @ matrix(turn).T + centre), fov=0.3)
    image = shoot(cpu, picture)
    eye, d, along = pixel_rays(picture)
    corners = ((vertices * scale) @ matrix(turn).T + centre)[faces]
    origin, e1, e2 = corners[:, 0], corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    d = d.reshape(-1, 1, 3)
    p, q = np.cross(d, e2), np.cross(eye - origin, e1)
    inverse = 1 / (e1 * p).sum(-1)
    u, v, t = ((eye - origin) * p).sum(-1) * inverse, (d * q).sum(-1) * inverse, (e2 * q).sum(-1) * inverse
    inside = (u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0)
    edge = (np.minimum(np.minimum(np.abs(u), np.abs(v)), np.abs(1 - u - v)) < 1e-4) & (t > 0)
    edge |= np.abs(1 / inverse) < 1e-5
    expected = (np.where(inside, t, np.inf).min(1).reshape(32, 32)) * along
    sure = ~(edge & (u > -1e-3) & (v > -1e-3) & (u + v < 1.001)).any(1).reshape(32, 32)
    assert sure.mean() > 0.8 and np.isfinite(expected[sure]).any()
    np.testing.assert_allclose(image["depth"][sure], expected[sure], rtol=1e-5)
