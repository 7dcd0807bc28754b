"""Hand-made compiled scenes of posed shapes, and one launch of `detect_contacts` over them."""

from dataclasses import dataclass

import numpy as np
from scipy.spatial import ConvexHull

from engine import model as device_model
from engine import runtime
from engine.arrays import TABLE
from engine.collision import detect_contacts
from engine.compiled import CompiledScene, Names
from engine.compiler import ti
from engine.declarations import FAR
from engine.types import ShapeType

PLANE, SPHERE, CAPSULE, BOX, CYLINDER, ELLIPSOID, MESH = (int(t) for t in ShapeType)


@dataclass(frozen=True)
class Hull:
    """Convex hull with merged coplanar faces."""

    vertices: np.ndarray
    loops: list
    normals: np.ndarray


def hull(points) -> Hull:
    points = np.asarray(points, float)
    tri = ConvexHull(points)
    vertices = points[tri.vertices]
    number = {v: k for k, v in enumerate(tri.vertices)}
    groups: dict[tuple, set] = {}
    for simplex, equation in zip(tri.simplices, tri.equations, strict=True):
        groups.setdefault(tuple(np.round(equation, 6)), set()).update(number[v] for v in simplex)
    loops, normals = [], []
    for equation, members in groups.items():
        n = np.array(equation[:3]) / np.linalg.norm(equation[:3])
        u = np.linalg.svd(n[None])[2][1]
        v = np.cross(n, u)
        ids = np.array(sorted(members))
        rel = vertices[ids] - vertices[ids].mean(0)
        loops.append(ids[np.argsort(np.arctan2(rel @ v, rel @ u))])
        normals.append(n)
    return Hull(vertices, loops, np.array(normals))


def cube_hull(half=1.0) -> Hull:
    return hull([[x, y, z] for x in (-half, half) for y in (-half, half) for z in (-half, half)])


@dataclass(frozen=True)
class Shape:
    """kind, size as `shape_size`, and the hull of a mesh."""

    kind: int
    size: tuple = (0.0, 0.0, 0.0)
    mesh: Hull | None = None
    margin: float = 0.0

    @property
    def bound(self) -> float:
        s = np.asarray(self.size, float)
        if self.kind == PLANE:
            return 0.0
        if self.kind == SPHERE:
            return s[0]
        if self.kind == CAPSULE:
            return s[0] + s[1]
        if self.kind == BOX:
            return float(np.linalg.norm(s))
        if self.kind == CYLINDER:
            return float(np.hypot(s[0], s[1]))
        if self.kind == ELLIPSOID:
            return float(s.max())
        return float(np.linalg.norm(self.mesh.vertices * s, axis=1).max())


def plane():
    return Shape(PLANE)


def sphere(r, **k):
    return Shape(SPHERE, (r, 0, 0), **k)


def capsule(r, h, **k):
    return Shape(CAPSULE, (r, h, 0), **k)


def box(x, y, z, **k):
    return Shape(BOX, (x, y, z), **k)


def cylinder(r, h, **k):
    return Shape(CYLINDER, (r, h, 0), **k)


def ellipsoid(x, y, z, **k):
    return Shape(ELLIPSOID, (x, y, z), **k)


def mesh(points, scale=(1, 1, 1), **k):
    return Shape(MESH, tuple(scale), mesh=points if isinstance(points, Hull) else hull(points), **k)


def compiled(shapes, pairs) -> CompiledScene:
    hulls = [s.mesh for s in shapes if s.mesh is not None]
    shape_mesh, count = [], 0
    for s in shapes:
        shape_mesh.append(count if s.mesh is not None else -1)
        count += s.mesh is not None
    loops = [loop for h in hulls for loop in h.loops]
    starts = np.cumsum([0] + [len(h.vertices) for h in hulls])
    face_starts = np.cumsum([0] + [len(h.loops) for h in hulls])
    loop_starts = np.cumsum([0] + [len(loop) for loop in loops])
    sizes = dict.fromkeys(TABLE.sizes, 0)
    del sizes["max_contacts"], sizes["num_envs"]
    sizes.update(num_shapes=len(shapes), num_pairs=len(pairs), num_meshes=len(hulls), num_bodies=1)
    sizes.update(num_hull_vertices=int(starts[-1]), num_hull_faces=len(loops), num_hull_loop=int(loop_starts[-1]))
    ints = {
        "shape_type": np.array([s.kind for s in shapes]),
        "shape_mesh": np.array(shape_mesh),
        "pair_shape_a": np.array([p[0] for p in pairs]),
        "pair_shape_b": np.array([p[1] for p in pairs]),
        "mesh_vertex_start": starts[:-1],
        "mesh_vertex_count": np.diff(starts),
        "mesh_face_start": face_starts[:-1],
        "mesh_face_count": np.diff(face_starts),
        "face_loop_start": loop_starts[:-1],
        "face_loop_count": np.diff(loop_starts),
        "face_loop": np.concatenate(loops) if loops else np.zeros(0, int),
    }
    data = {
        "hull_vertex": np.concatenate([h.vertices for h in hulls]) if hulls else np.zeros((0, 3)),
        "face_normal": np.concatenate([h.normals for h in hulls]) if hulls else np.zeros((0, 3)),
    }
    reals = {
        "shape_size": np.array([s.size for s in shapes], float)[None],
        "shape_bound": np.array([s.bound for s in shapes])[None],
        "shape_margin": np.array([s.margin for s in shapes])[None],
    }
    return CompiledScene(sizes, ints, reals, data, Names((), (), ()))


@ti.kernel
def detect(
    mi: ti.types.ndarray(ndim=1),
    mf: ti.types.ndarray(ndim=2),
    md: ti.types.ndarray(ndim=1),
    ws: ti.types.ndarray(ndim=2),
    wi: ti.types.ndarray(ndim=2),
    groups: ti.i32,
):
    for g in range(groups):
        detect_contacts(mi, mf, md, ws, wi, g, 1)


@dataclass
class Found:
    """Contact slots of every environment: arrays [env, slot, ...]; pair and index per slot (of the env's group)."""

    position: np.ndarray
    normal: np.ndarray
    distance: np.ndarray
    pair: np.ndarray
    index: np.ndarray
    num: np.ndarray
    need: np.ndarray

    def of(self, env, pair=None) -> list[tuple]:
        """(pair, index, position, normal, distance) of the contacts of one environment, in slot order."""
        return [
            (
                int(self.pair[env, k]),
                int(self.index[env, k]),
                self.position[env, k],
                self.normal[env, k],
                float(self.distance[env, k]),
            )
            for k in range(self.num[env])
            if self.distance[env, k] < 0.5 * FAR and (pair is None or self.pair[env, k] == pair)
        ]


INTS = ("contact_pair", "contact_index", "num_contacts", "contact_need")


class World:
    """Shapes and pairs on the running engine for a number of environments."""

    def __init__(self, shapes, pairs, num_envs, max_contacts=64):
        self.runtime = runtime.current()
        group_major = runtime.LAYOUT.group_major
        self.model = device_model.build(compiled(shapes, pairs), self.runtime, num_envs, max_contacts, group_major)
        self.ws, self.wi = self.model.workspace()
        self.num_shapes = len(shapes)

    def put(self, positions, rotations):
        """positions (env, shape, 3), rotations (env, shape, 4)."""
        m = self.model
        rows = np.zeros((m.num_envs, m.placement.ends["ws"]), self.runtime.dtype)
        rows[:, m.placement.span("shape_position_W")] = np.asarray(positions).reshape(m.num_envs, -1)
        rows[:, m.placement.span("shape_rotation_W")] = np.asarray(rotations).reshape(m.num_envs, -1)
        packed = device_model.lanes_first(m.pad(rows), m.lanes, m.group_major)
        self.ws.from_numpy(packed)

    def launch(self):
        m = self.model
        detect(m.mi, m.mf, m.md, self.ws, self.wi, m.num_groups)
        ti.sync()

    def read(self) -> Found:
        m, place = self.model, self.model.placement
        rows = device_model.env_rows(self.ws.to_numpy(), m.lanes, m.group_major)[: m.num_envs]
        ints = self.wi.to_numpy() if m.group_major else self.wi.to_numpy().T
        ints = np.repeat(ints, m.lanes, axis=0)[: m.num_envs]
        real = {
            n: rows[:, place.span(n)].reshape(m.num_envs, *place.shapes[n])
            for n in ("contact_position", "contact_normal", "contact_distance")
        }
        whole = {n: ints[:, place.span(n)].reshape(m.num_envs, *place.shapes[n]) for n in INTS}
        return Found(
            real["contact_position"], real["contact_normal"], real["contact_distance"],
            whole["contact_pair"], whole["contact_index"],
            whole["num_contacts"][:, 0], whole["contact_need"][:, 0],
        )  # fmt: skip

    def find(self, positions, rotations) -> Found:
        self.put(positions, rotations)
        self.launch()
        return self.read()


def collide(a: Shape, b: Shape, pa, qa, pb, qb, max_contacts=64) -> Found:
    """One pair in many environments: pa, pb (env, 3), qa, qb (env, 4)."""
    world = World([a, b], [(0, 1)], len(pa), max_contacts)
    return world.find(np.stack([pa, pb], 1), np.stack([qa, qb], 1))


def random_rotations(rng, n) -> np.ndarray:
    q = rng.standard_normal((n, 4))
    return q / np.linalg.norm(q, axis=1, keepdims=True)


IDENTITY = np.array([1.0, 0, 0, 0])
