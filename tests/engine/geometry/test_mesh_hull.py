"""Meshes from arrays and files, render normals, and convex hulls with polygon faces."""

import numpy as np
import pytest
import trimesh

from engine.errors import ImportFileError, SceneError
from engine.geometry.hull import MAX_CORNERS, MAX_VERTICES, convex_hull, convex_triangles
from engine.geometry.mesh import from_arrays, load_mesh, render_mesh


def hull_is_valid(hull):
    """Every face is planar, convex, counter-clockwise seen from outside, and no vertex lies outside of it."""
    edges = set()
    for loop, normal in zip(hull.faces, hull.normals, strict=True):
        p = hull.vertices[list(loop)]
        assert 3 <= len(loop) <= MAX_CORNERS
        assert np.abs((p - p[0]) @ normal).max() < 1e-6
        turn = np.cross(np.roll(p, -1, axis=0) - p, np.roll(p, -2, axis=0) - np.roll(p, -1, axis=0)) @ normal
        assert turn.min() > 0
        assert ((hull.vertices - p[0]) @ normal).max() < 1e-6
        edges |= set(zip(loop, (*loop[1:], loop[0]), strict=True))
    assert all((b, a) in edges for a, b in edges)


def test_the_hull_of_a_cube_has_six_squares():
    """Coplanar triangles are merged: 8 vertices, 6 faces of 4 corners, normals along the axes, nothing decimated."""
    box = trimesh.creation.box((1.0, 2.0, 3.0)).subdivide()
    hull = convex_hull(from_arrays(box.vertices, box.faces))
    assert hull.vertices.shape == (8, 3)
    assert sorted(len(f) for f in hull.faces) == [4] * 6
    assert sorted(map(tuple, np.round(hull.normals).astype(int).tolist())) == sorted(
        [(1, 0, 0), (-1, 0, 0), (0, 1, 0), (0, -1, 0), (0, 0, 1), (0, 0, -1)]
    )
    assert hull.error == 0.0
    hull_is_valid(hull)


def test_a_round_mesh_is_decimated_and_says_how_much_is_lost():
    """A fine ball becomes 64 vertices inside the ball, no farther from it than the reported error."""
    ball = trimesh.creation.icosphere(subdivisions=3, radius=0.5)
    hull = convex_hull(from_arrays(ball.vertices, ball.faces))
    assert len(hull.vertices) == MAX_VERTICES
    assert 0 < hull.error < 0.05
    distances = np.array([((ball.vertices - hull.vertices[f[0]]) @ n) for f, n in zip(hull.faces, hull.normals, strict=True)])
    assert distances.max(axis=0).max() == pytest.approx(hull.error, rel=1e-6)
    hull_is_valid(hull)


def test_large_polygons_are_cut_into_pieces():
    """The 24-cornered caps of a cylinder become faces of at most 16 corners that cover the same area."""
    tube = trimesh.creation.cylinder(radius=1.0, height=1.0, sections=24)
    hull = convex_hull(from_arrays(tube.vertices, tube.faces))
    caps = [f for f, n in zip(hull.faces, hull.normals, strict=True) if abs(n[2]) > 0.99]
    assert sorted(len(f) for f in caps) == [10, 10, 16, 16]
    assert sum(len(f) == 4 for f in hull.faces) == 24
    hull_is_valid(hull)


def test_flat_meshes_have_no_hull():
    """One sentence instead of a qhull dump."""
    flat = from_arrays([[0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 1, 0]], [[0, 1, 2], [1, 3, 2]], name="sheet")
    with pytest.raises(SceneError, match="'sheet': all vertices lie in one plane"):
        convex_hull(flat)
    with pytest.raises(SceneError, match="one plane"):
        convex_triangles(flat.vertices, "here")


def test_hull_triangles_face_outwards():
    """Points become a closed solid with the volume of their hull."""
    points = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1], [0.1, 0.1, 0.1]], float)
    data = from_arrays(*convex_triangles(points, "here"))
    assert data.watertight and data.volume == pytest.approx(1 / 6)


def test_an_inside_out_solid_is_turned():
    """Volume is positive and the faces are reversed; a mesh with a hole is not watertight and has no volume."""
    box = trimesh.creation.box((1, 1, 1))
    assert from_arrays(box.vertices, box.faces[:, ::-1]).volume == pytest.approx(1.0)
    open_box = from_arrays(box.vertices, box.faces[:-1])
    assert not open_box.watertight and open_box.volume == 0.0


def test_flat_stays_flat_and_round_stays_round():
    """A cube gets 24 vertices with face normals; a ball keeps one radial normal per vertex."""
    box = trimesh.creation.box((1, 1, 1))
    cube = render_mesh(from_arrays(box.vertices, box.faces))
    assert len(cube.vertices) == 24 and np.allclose(np.abs(cube.normals).max(axis=1), 1)
    ball = trimesh.creation.icosphere(subdivisions=3)
    smooth = render_mesh(from_arrays(ball.vertices, ball.faces))
    assert len(smooth.vertices) == len(ball.vertices)
    assert (smooth.normals * smooth.vertices).sum(axis=1).min() > 0.999
    assert smooth.faces.max() < len(smooth.vertices)


@pytest.mark.parametrize("suffix", [".stl", ".obj", ".ply", ".off", ".glb"])
def test_files_are_read_once_and_watertight(tmp_path, suffix):
    """Every format gives a closed cube (STL stores three vertices per triangle), and the second read is the first object."""
    path = tmp_path / f"cube{suffix}"
    trimesh.creation.box((1, 2, 3)).export(path)
    data = load_mesh(path)
    assert data.watertight and data.volume == pytest.approx(6.0, rel=1e-6)
    assert load_mesh(path) is data


@pytest.mark.parametrize(
    ("name", "content", "sentence"),
    [
        ("gone.stl", None, "does not exist"),
        ("empty.stl", b"", "is empty"),
        ("none.obj", b"v 0 0 0\n", "cannot read|holds no triangles"),
        ("broken.ply", b"ply\nformat ascii 1.0\nrubbish", "cannot read"),
        ("model.step", b"x", "no known mesh format"),
    ],
)
def test_bad_files_give_one_sentence(tmp_path, name, content, sentence):
    """Missing, empty, broken and unknown files name the file and what to do."""
    path = tmp_path / name
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(ImportFileError, match=sentence) as error:
        load_mesh(path)
    assert name in str(error.value)


@pytest.mark.parametrize(
    ("vertices", "faces", "sentence"),
    [
        ([[0, 0, 0]], [], "arrays of shapes"),
        (np.zeros((0, 3)), np.zeros((0, 3), int), "empty"),
        ([[0, 0, 0], [1, 0, 0], [0, np.nan, 0]], [[0, 1, 2]], "not finite"),
        ([[0, 0, 0], [1, 0, 0], [0, 1, 0]], [[0, 1, 3]], "names vertex 3"),
    ],
)
def test_bad_arrays_give_one_sentence(vertices, faces, sentence):
    """Wrong shapes, no triangles, NaN and indices out of range are refused."""
    with pytest.raises(SceneError, match=sentence):
        from_arrays(vertices, faces)
