"""Flow, albedo and position: against the projection of the moved points, warped pictures, occlusion, every kind of matter."""

import numpy as np
import pytest

from engine.continua import ParticleCloud, SurfaceMesh
from engine.errors import StateError
from engine.types import ShapeType as S
from tests.engine.renderers.pictures import Picture, look_at, matrix, pixel_rays, pose_arrays, stage, workspace

SIZE = (96, 80)


def world(meshes=False, pattern=(0.0, 0.0, 0.0, 0.0)) -> Picture:
    """A floor, a ball, a box and, where asked, a mesh, seen by one camera."""
    picture = Picture(size=SIZE, sun_color=(0, 0, 0), zenith=(1, 1, 1), horizon=(0.6, 0.6, 0.6))
    picture.shape(S.PLANE, 0, color=(0.5, 0.4, 0.3), roughness=1.0)
    picture.shape(S.SPHERE, 0.3, picture.body((0.4, 0.2, 0.5)), color=(0.8, 0.2, 0.1), roughness=1.0, pattern=pattern)
    picture.shape(
        S.BOX, (0.2, 0.3, 0.25), picture.body((-0.4, 0.0, 0.4), look_at((0, 0, 0), (1, 2, 0.4))), roughness=1.0, pattern=pattern
    )
    if meshes:
        corners = np.array([(0, 0, 0), (0.6, 0, 0), (0, 0.6, 0), (0, 0, 0.6)])
        mesh = picture.mesh(corners, [(0, 2, 1), (0, 1, 3), (0, 3, 2), (1, 2, 3)])
        picture.shape(S.MESH, (1, 1.2, 0.8), picture.body((0.0, -0.6, 0.3)), mesh=mesh)
    picture.camera((2.0, -2.2, 1.4), (0, 0, 0.3))
    return picture


def moved_world(meshes=False, **look) -> Picture:
    """The same a frame later: every body and the camera have another pose."""
    picture = world(meshes, **look)
    turn = np.array([0.995, 0.03, -0.06, 0.07])
    turn /= np.linalg.norm(turn)
    for b in range(1, len(picture.poses)):
        p, q = picture.poses[b]
        w, x, y, z = turn
        left = np.array([[w, -x, -y, -z], [x, w, -z, y], [y, z, w, -x], [z, -y, x, w]])
        picture.poses[b] = (np.asarray(p) + (0.15, -0.1, 0.08), left @ np.asarray(q))
    return picture


def in_pixels(picture: Picture, points: np.ndarray, camera: int = 0) -> np.ndarray:
    """Picture points (..., 2) of world points."""
    (width, height), (position, rotation, fov, _) = picture.size, picture.cameras[camera]
    local = (points - np.asarray(position)) @ matrix(rotation)
    pixel = 2 * np.tan(fov / 2) / height
    scale = 1 / (-local[..., 2] * pixel)
    return np.stack([width / 2 + local[..., 0] * scale, height / 2 - local[..., 1] * scale], axis=-1)


def carried(before: Picture, after: Picture, points: np.ndarray, bodies: np.ndarray) -> np.ndarray:
    """World points (h, w, 3) moved along with the bodies that carry them."""
    out = points.copy()
    for b, ((p, q), (p2, q2)) in enumerate(zip(before.poses, after.poses, strict=True)):
        mine = bodies == b
        out[mine] = (points[mine] - p) @ matrix(q) @ matrix(q2).T + p2
    return out


def centres(picture: Picture) -> np.ndarray:
    width, height = picture.size
    return np.stack(np.meshgrid(np.arange(width) + 0.5, np.arange(height) + 0.5), axis=-1)


def two_frames(cpu, before: Picture, after: Picture, outputs, looks=()):
    """Pictures (name -> (h, w, ...)) of the present frame `after` with `before` marked."""
    tracer, _ = stage(cpu, before)
    marked = dict(zip(("body_position_W", "body_rotation_W"), (x[None] for x in pose_arrays(before)), strict=True))
    ws = workspace(tracer.model, *pose_arrays(after))
    return {name: v[0] for name, v in tracer.render(ws, 0, outputs, looks=looks, marked=marked).items()}


def sampled(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """Bilinear lookup of (h, w, ...) at picture points."""
    x, y = np.clip(at[..., 0] - 0.5, 0, values.shape[1] - 1.001), np.clip(at[..., 1] - 0.5, 0, values.shape[0] - 1.001)
    i, j = x.astype(int), y.astype(int)
    u, v = (x - i), (y - j)
    if values.ndim == 3:
        u, v = u[..., None], v[..., None]
    rows = [values[j, i], values[j, i + 1], values[j + 1, i], values[j + 1, i + 1]]
    return (rows[0] * (1 - u) + rows[1] * u) * (1 - v) + (rows[2] * (1 - u) + rows[3] * u) * v


def four_around(values: np.ndarray, at: np.ndarray) -> np.ndarray:
    """(4, h, w): the pixels that a bilinear lookup mixes."""
    x, y = np.clip(at[..., 0] - 0.5, 0, values.shape[1] - 1.001), np.clip(at[..., 1] - 0.5, 0, values.shape[0] - 1.001)
    i, j = x.astype(int), y.astype(int)
    return np.stack([values[j, i], values[j, i + 1], values[j + 1, i], values[j + 1, i + 1]])


def uniform_around(segment: np.ndarray, at: np.ndarray) -> np.ndarray:
    """The segment that all four pixels of a bilinear lookup show, or 999."""
    four = four_around(segment, at)
    return np.where((four == four[0]).all(0), four[0], 999)


def test_position_and_albedo_are_those_of_the_surface(cpu):
    """position is the ray at the depth to 1e-5 of it, albedo the colour of the shape; both 0 in the sky."""
    picture = world()
    picture.cameras[0] = ((2.0, -2.2, 0.9), look_at((2.0, -2.2, 0.9), (0, 0, 0.9)), 0.8, 0)
    tracer, ws = stage(cpu, picture)
    seen = {k: v[0] for k, v in tracer.render(ws, 0, ("position", "albedo", "depth", "segmentation")).items()}
    eye, d, along = pixel_rays(picture)
    hit = np.isfinite(seen["depth"])
    expected = eye + d * np.where(hit, seen["depth"] / along, 0)[..., None]
    error = np.linalg.norm(seen["position"] - expected, axis=-1)[hit]
    assert (error < 1e-5 * np.maximum(seen["depth"][hit], 1.0)).all()
    np.testing.assert_allclose(seen["albedo"][seen["segmentation"] == 1], [(0.8, 0.2, 0.1)] * (seen["segmentation"] == 1).sum())
    assert (~hit).any() and not seen["position"][~hit].any() and not seen["albedo"][~hit].any()


def test_flow_is_the_projection_of_the_moved_point(cpu):
    """Every pixel of turning and moving shapes and meshes goes where its point goes, to 2e-3 pixels; still ground stays."""
    before, after = world(True), moved_world(True)
    tracer, ws = stage(cpu, before)
    old = {k: v[0] for k, v in tracer.render(ws, 0, ("position", "segmentation", "depth")).items()}
    seen = two_frames(cpu, before, after, ("flow", "flow_valid"))
    expected = in_pixels(after, carried(before, after, old["position"].astype(float), old["segmentation"])) - centres(before)
    hit = np.isfinite(old["depth"])
    np.testing.assert_allclose(seen["flow"][hit], expected[hit], atol=2e-3)
    assert set(np.unique(old["segmentation"])) == {0, 1, 2, 3} and np.abs(expected[hit]).max() > 1
    assert np.abs(seen["flow"][old["segmentation"] == 0]).max() < 2e-3


def test_warping_the_next_frame_gives_this_one(cpu):
    """Colours of frame t + 1 looked up where the flow leads are those of frame t wherever the flow is valid; so are the
    segments, and the points moved along."""
    squares = (0.4, 0.05, 0.05, 0.05)
    before, after = world(pattern=squares), moved_world(pattern=squares)
    after.poses = [(p, q) for (p, _), (_, q) in zip(after.poses, before.poses, strict=True)]  # turning would change the light
    outputs = ("rgb", "segmentation", "position")
    tracer, ws = stage(cpu, before)
    old = {k: v[0] for k, v in tracer.render(ws, 0, outputs).items()}
    new = two_frames(cpu, before, after, (*outputs, "flow", "flow_valid"))
    goal = centres(before) + new["flow"]
    valid = (new["flow_valid"] == 1) & (uniform_around(new["segmentation"], goal) != 999)
    np.testing.assert_array_equal(uniform_around(new["segmentation"], goal)[valid], old["segmentation"][valid])
    assert valid.mean() > 0.7 and (old["segmentation"][valid] > 0).sum() > 100
    warped = sampled(new["rgb"].astype(float), goal)
    assert np.abs(warped - old["rgb"])[valid].mean() < 2.0
    moving = valid & (old["segmentation"] > 0)
    assert np.abs(new["rgb"].astype(float) - old["rgb"])[moving].mean() > 4 * np.abs(warped - old["rgb"])[moving].mean()
    points = carried(before, after, old["position"].astype(float), old["segmentation"])
    assert np.abs(sampled(new["position"], goal) - points)[valid & (old["segmentation"] == 0)].max() < 5e-3


def test_hidden_points_are_not_valid(cpu):
    """flow_valid is 0 exactly where the point's depth in the next frame is behind what is seen there; and outside."""
    before, after = world(), world()
    after.poses[2] = ((-0.1, 0.2, 0.4), before.poses[2][1])
    after.poses[1] = ((3.0, 3.0, 0.5), before.poses[1][1])
    tracer, ws = stage(cpu, before)
    old = {k: v[0] for k, v in tracer.render(ws, 0, ("position", "segmentation")).items()}
    new = two_frames(cpu, before, after, ("depth", "flow", "flow_valid"))
    points = carried(before, after, old["position"].astype(float), old["segmentation"])
    goal = in_pixels(after, points)
    eye, rotation = np.asarray(after.cameras[0][0]), matrix(after.cameras[0][1])
    depth = -((points - eye) @ rotation)[..., 2]
    inside = (goal >= 0).all(-1) & (goal[..., 0] <= SIZE[0]) & (goal[..., 1] <= SIZE[1])
    there = four_around(new["depth"], goal)
    hidden, clear = inside & (there.max(0) < depth - 0.02), inside & (there.min(0) > depth - 0.02)
    assert not new["flow_valid"][~inside].any() and (~inside).any()
    assert hidden.sum() > 50 and not new["flow_valid"][hidden].any()
    assert clear.sum() > 3000 and new["flow_valid"][clear].all()


def test_backward_flow_undoes_flow(cpu):
    """From the present to the marked frame is the reverse way: exchanging the frames exchanges the flows, bit for bit."""
    before, after = world(True), moved_world(True)
    names = ("flow", "flow_valid")
    there = two_frames(cpu, before, after, tuple(f"backward_{name}" for name in names))
    back = two_frames(cpu, after, before, names)
    for name in names:
        np.testing.assert_array_equal(there[f"backward_{name}"], back[name])


def cloth(count: int = 24) -> tuple[np.ndarray, np.ndarray]:
    """A waving sheet (1, n, 3) and its faces."""
    u = np.linspace(-0.7, 0.7, count)
    x, y = np.meshgrid(u, u, indexing="ij")
    place = np.stack([x, y, 0.9 + 0.1 * np.sin(4 * x)], axis=-1).reshape(1, -1, 3)
    grid = np.arange(count * count).reshape(count, count)
    a, b, c, d = grid[:-1, :-1].ravel(), grid[1:, :-1].ravel(), grid[:-1, 1:].ravel(), grid[1:, 1:].ravel()
    return place, np.concatenate([np.stack([a, b, c], 1), np.stack([c, b, d], 1)])


def looks_of(kind: str):
    """A continuum of one environment that stretches, and the map of its points from the marked to the present frame."""
    stretch = np.diag([1.05, 1.0, 0.9])
    move = lambda p: p @ stretch + (0.06, 0.02, 0.05)  # noqa: E731
    if kind == "surface":
        place, faces = cloth()
        return SurfaceMesh("sheet", move(place).astype("f4"), place.astype("f4"), faces, (0.2, 0.5, 0.1), 7), move
    rng = np.random.default_rng(3)
    place = rng.uniform(-0.5, 0.5, (1, 3000, 3)) * (1, 1, 0.5) + (0, 0, 0.7)
    radius = 0.03 if kind == "spheres" else 0.05
    now, then = move(place).astype("f4"), place.astype("f4")
    now[0, 5] = then[0, 5] = np.nan
    return ParticleCloud("drops", now, then, radius, (0.1, 0.2, 0.6), 7, kind == "liquid"), move


@pytest.mark.parametrize("kind", ["surface", "spheres", "liquid"])
def test_flow_of_deforming_matter(cpu, kind):
    """The flow of cloth, particles and a liquid's surface is that of the material: exact on cloth, elsewhere within what the
    stretch of a tenth does over a particle (32 pixels a metre)."""
    picture = world()
    look, move = looks_of(kind)
    before = two_frames(cpu, picture, picture, ("flow", "flow_valid"), [look])
    still = ParticleCloud if isinstance(look, ParticleCloud) else SurfaceMesh
    fields = {name: getattr(look, name) for name in look.__dataclass_fields__}
    fields["position" if still is ParticleCloud else "vertices"] = look.previous
    tracer, ws = stage(cpu, picture)
    old = {k: v[0] for k, v in tracer.render(ws, 0, ("position", "segmentation"), looks=[still(**fields)]).items()}
    mine = old["segmentation"] == 7
    assert mine.sum() > 150
    expected = in_pixels(picture, move(old["position"].astype(float))) - centres(picture)
    error = np.abs(before["flow"][mine] - expected[mine])
    assert np.abs(expected[mine]).max() > 1.0
    assert error.max() < {"surface": 3e-3, "spheres": 0.2, "liquid": 0.35}[kind], error.max()


def test_flow_needs_a_marked_frame(cpu):
    """One clear sentence says how to mark."""
    tracer, ws = stage(cpu, world())
    with pytest.raises(StateError, match="needs two frames and none is marked.*call sim.mark_frame"):
        tracer.render(ws, 0, ("flow",))


@pytest.mark.parametrize("kind", ["surface", "spheres", "liquid"])
def test_matter_in_a_batch_is_that_of_its_environments(cpu, kind):
    """Three environments with particles and colours of their own have bit for bit the pictures and flows of each alone."""
    picture = world()
    look, _ = looks_of(kind)
    place = "vertices" if kind == "surface" else "position"
    shifts = np.array([[0, 0, 0], [0.1, 0, 0.05], [-0.2, 0.1, 0]], np.float32)[:, None]
    fields = {name: getattr(look, name) for name in look.__dataclass_fields__}
    now, then = fields[place] + shifts, fields["previous"] + shifts[::-1]
    fields["color"] = np.array([[0.1, 0.2, 0.6], [0.6, 0.1, 0.2], [0.2, 0.6, 0.1]])
    tracer, ws = stage(cpu, picture, 3)
    marked = dict(zip(("body_position_W", "body_rotation_W"), (np.stack([x] * 3) for x in pose_arrays(picture)), strict=True))
    outputs = ("rgb", "albedo", "depth", "segmentation", "normal", "flow", "flow_valid")
    batch = tracer.render(ws, 0, outputs, looks=[type(look)(**{**fields, place: now, "previous": then})], marked=marked)
    assert len(np.unique(batch["depth"], axis=0)) == 3
    for k in range(3):
        one, state = stage(cpu, picture)
        mine = batch["segmentation"][k] == 7
        np.testing.assert_allclose(batch["albedo"][k][mine], np.tile(fields["color"][k], (mine.sum(), 1)), atol=1e-6)
        own = {place: now[k : k + 1], "previous": then[k : k + 1], "color": fields["color"][k : k + 1]}
        alone = type(look)(**{**fields, **own})
        mark = {name: values[:1] for name, values in marked.items()}
        for name, values in one.render(state, 0, outputs, looks=[alone], marked=mark).items():
            np.testing.assert_array_equal(values[0], batch[name][k], err_msg=name)


def test_a_ball_of_particles_is_a_sphere(cpu):
    """One particle looks like the analytic sphere of its radius: depth to 1e-5, segments and normals alike; a liquid of
    many in a ball has its surface at the ball's."""
    picture = Picture(size=(40, 40))
    picture.camera((3.0, 0.5, 0.4), (0, 0, 0), fov=0.4)
    cloud = ParticleCloud("one", np.array([[[0.05, 0.02, -0.03]]], "f4"), None, 0.4, (0.5, 0.5, 0.5), 3)
    tracer, ws = stage(cpu, picture)
    seen = {k: v[0] for k, v in tracer.render(ws, 0, ("depth", "normal", "segmentation"), looks=[cloud]).items()}
    sphere = Picture(size=(40, 40))
    sphere.shape(S.SPHERE, 0.4, sphere.body((0.05, 0.02, -0.03)))
    sphere.camera((3.0, 0.5, 0.4), (0, 0, 0), fov=0.4)
    tracer, ws = stage(cpu, sphere)
    wanted = {k: v[0] for k, v in tracer.render(ws, 0, ("depth", "normal", "segmentation")).items()}
    np.testing.assert_array_equal(seen["segmentation"] > 0, wanted["segmentation"] > 0)
    hit = wanted["segmentation"] > 0
    np.testing.assert_allclose(seen["depth"][hit], wanted["depth"][hit], rtol=1e-5)
    np.testing.assert_allclose(seen["normal"][hit], wanted["normal"][hit], atol=2e-4)
    grid = np.stack(np.meshgrid(*[np.arange(-0.4, 0.41, 0.04)] * 3, indexing="ij"), -1).reshape(-1, 3)
    inside = grid[np.linalg.norm(grid, axis=1) < 0.4] + (0.05, 0.02, -0.03)
    liquid = ParticleCloud("many", inside[None].astype("f4"), None, 0.02, (0.5, 0.5, 0.5), 3, True)
    tracer, ws = stage(cpu, picture)
    smooth = {k: v[0] for k, v in tracer.render(ws, 0, ("depth", "normal"), looks=[liquid]).items()}
    middle = (wanted["normal"] @ np.array([1.0, 0, 0])) > 0.5
    assert np.abs(smooth["depth"] - wanted["depth"])[middle].max() < 0.04 and np.isfinite(smooth["depth"][middle]).all()
    assert (smooth["normal"] * wanted["normal"]).sum(-1)[middle].min() > 0.8
