"""Touch on a face: taxel arrays, and the picture of a gel that is pressed in.

A contact belongs to the face of a shape that its outward direction is nearest to (of a continuum's contact: the side of the
bounding box that its point is nearest to), so the six faces of a shape share all its contacts. Its force goes to the four
nearest taxels with bilinear weights, which keep the sum and, off the rim, the centre of pressure.

The gel is a Winkler foundation (Johnson 1985, section 4.3): every column of it is pressed in by p / k. The heights of the
bodies above the face come from rays along its normal; how deep they sink follows from the normal force on the face. Where a
force comes from a continuum its taxel pressure presses the gel directly. The picture is the membrane's normals under three
coloured lights, as in GelSight sensors (Yuan, Dong, Adelson 2017).
Limits: shear does not deform the gel; faces are flat rectangles, also on round shapes.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import SceneError
from engine.geometry import rotation
from engine.scene.description import Sensor as Entry
from engine.sensors.frames import attribute
from engine.sensors.moment import Moment, Pushes
from engine.sensors.sensor import feature
from engine.types import Feature, ShapeType

Array = NDArray[np.float64]
Made = tuple[Feature, Callable[[Moment], Array]]
AXES = {"x": 0, "y": 1, "z": 2}
COLORS = np.array([[1.0, 0.25, 0.2], [0.25, 1.0, 0.3], [0.25, 0.35, 1.0]])  # of the three lights
ELEVATION = np.radians(35.0)  # of the lights above the face
AMBIENT = 0.12
SMOOTHING = (0.06, 0.25, 0.38, 0.25, 0.06)  # of the membrane, pixels


def extent(sim: Any, shape: int) -> tuple[Array, Array]:
    """Centre and half sides (3,) [m] of the bounding box of a shape in its own frame."""
    kind, size = ShapeType(sim.compiled.ints["shape_type"][shape]), sim.compiled.reals["shape_size"][0, shape]
    a, b = size[0], size[1]
    if kind >= ShapeType.MESH:
        vertices = sim.compiled.meshes[sim.compiled.ints["shape_mesh"][shape]].vertices * size
        low, high = vertices.min(axis=0), vertices.max(axis=0)
        return (low + high) / 2, (high - low) / 2
    half = {
        ShapeType.PLANE: (0.0, 0.0, 0.0), ShapeType.SPHERE: (a, a, a), ShapeType.CAPSULE: (a, a, a + b),
        ShapeType.CYLINDER: (a, a, b),
    }.get(kind, tuple(size))  # fmt: skip
    return np.zeros(3), np.array(half, float)


@dataclass(frozen=True)
class Face:
    """A rectangle on a shape: its normal and the directions of columns and rows (axes 3x3 by rows: u, v, n), centre (3,) and
    sides (2,) [m], all in the frame of the shape.
    """

    shape: int
    body: int
    axes: Array
    centre: Array
    sides: Array

    def local(self, m: Moment) -> tuple[Array, Array]:
        """Position (E, 3) and axes u, v, n (E, 3, 3) of the face in W, at the begin of the last substep."""
        turn, at = m.before.rotation[:, self.body], m.before.position[:, self.body]
        own = rotation.multiply(turn, m.constant("shape_rotation")[:, self.shape])
        place = at + rotation.rotate(turn, m.constant("shape_position")[:, self.shape])
        R = rotation.matrix(own)
        return place + R @ self.centre, np.einsum("eij,kj->eki", R, self.axes)


def face_of(sim: Any, entry: Entry) -> Face:
    """The face that the entry names. Raises SceneError when its sides are not known."""
    shape = sim.names.shape.index(entry.target)
    sign, axis = (1.0 if attribute(entry, "face")[0] == "+" else -1.0), AXES[attribute(entry, "face")[1]]
    middle, half = extent(sim, shape)
    first, second = (axis + 1) % 3, (axis + 2) % 3
    if sign < 0:
        first, second = second, first
    axes = np.zeros((3, 3))
    axes[0, first] = axes[1, second] = 1.0
    axes[2, axis] = sign
    given = attribute(entry, "size")
    sides = np.array(given) if given is not None else 2.0 * np.array([half[first], half[second]])
    if not (sides > 0).all():
        raise SceneError(f"sensor {entry.name!r}", "a plane has no sides", "allowed: size=(width, height) [m]", "give the size")
    return Face(shape, int(sim.compiled.ints["shape_body"][shape]), axes, middle + sign * half[axis] * np.eye(3)[axis], sides)


def on_face(m: Moment, face: Face, boxes: dict[int, tuple[Array, Array]]) -> Pushes:
    """The contacts of a face; `boxes` are those of the shapes of its body."""
    p = m.pushes
    rigid = p.where(p.shape == face.shape)
    soft = p.where((p.body == face.body) & (p.other_shape < 0))
    normal = outward_in(m, face.body, face.shape, rigid)
    keep = nearest_side(normal) == side_number(face)
    found = [rigid.where(keep)]
    if len(soft.env):
        distance, sides = [], []
        for shape, (middle, half) in boxes.items():
            at = (point_in(m, face.body, shape, soft) - middle) / np.maximum(half, 1e-9)
            distance.append(np.abs(at).max(axis=1))
            sides.append(nearest_side(at))
        mine = list(boxes).index(face.shape)
        found.append(soft.where((np.argmin(distance, axis=0) == mine) & (sides[mine] == side_number(face))))
    return Pushes(*(np.concatenate([getattr(part, name) for part in found]) for name in p.__dataclass_fields__))


def side_number(face: Face) -> int:
    """0 to 5: +x, -x, +y, -y, +z, -z."""
    axis = int(np.abs(face.axes[2]).argmax())
    return 2 * axis + (face.axes[2, axis] < 0)


def nearest_side(direction: Array) -> NDArray[np.int64]:
    """Number (n,) of the axis direction nearest to each vector (n, 3)."""
    axis = np.abs(direction).argmax(axis=1)
    return 2 * axis + (np.take_along_axis(direction, axis[:, None], 1)[:, 0] < 0)


def outward_in(m: Moment, body: int, shape: int, p: Pushes) -> Array:
    """Outward directions (n, 3) in the frame of a shape."""
    turn = rotation.multiply(m.before.rotation[:, body], m.constant("shape_rotation")[:, shape])
    return np.einsum("nji,nj->ni", rotation.matrix(turn)[p.env], p.outward)


def point_in(m: Moment, body: int, shape: int, p: Pushes) -> Array:
    """Points (n, 3) in the frame of a shape."""
    turn, at = m.before.rotation[:, body], m.before.position[:, body]
    place = at + rotation.rotate(turn, m.constant("shape_position")[:, shape])
    R = rotation.matrix(rotation.multiply(turn, m.constant("shape_rotation")[:, shape]))
    return np.einsum("nji,nj->ni", R[p.env], p.point - place[p.env])


def taxel_forces(m: Moment, face: Face, p: Pushes, rows: int, columns: int) -> Array:
    """Forces (E, rows, columns, 3): along u, along v, and pressing inwards."""
    place, axes = face.local(m)
    at = np.einsum("nij,nj->ni", axes[p.env], p.point - place[p.env])
    force = np.einsum("nij,nj->ni", axes[p.env], p.force) * np.array([1.0, 1.0, -1.0])
    grid = np.zeros((m.num_envs, rows, columns, 3))
    column, right = between(at[:, 0] / face.sides[0] + 0.5, columns)
    row, upper = between(at[:, 1] / face.sides[1] + 0.5, rows)
    for k in (0, 1):
        for l in (0, 1):
            weight = np.where(k, upper, 1.0 - upper) * np.where(l, right, 1.0 - right)
            place_at = (p.env, np.minimum(row + k, rows - 1), np.minimum(column + l, columns - 1))
            np.add.at(grid, place_at, weight[:, None] * force)
    return grid


def between(share: Array, count: int) -> tuple[NDArray[np.int64], Array]:
    """Cell before and weight of the cell after a place `share` (0 to 1) of a row of cells; the rim takes what lies beyond."""
    x = np.clip(share * count - 0.5, 0.0, count - 1.0)
    low = np.floor(x).astype(int)
    return low, x - low


def tactile(sim: Any, entry: Entry) -> Made:
    """A taxel grid."""
    face, (rows, columns) = face_of(sim, entry), attribute(entry, "taxels")
    boxes = boxes_of(sim, face)
    traction = attribute(entry, "quantity") == "traction"
    area = float(face.sides.prod()) / (rows * columns)

    def truth(m: Moment) -> Array:
        grid = taxel_forces(m, face, on_face(m, face, boxes), rows, columns)
        return grid / area if traction else grid

    doc = "shear along columns, shear along rows, pressure; row 0 at the low end"
    return feature(entry.name, (rows, columns, 3), "Pa" if traction else "N", entry.target, None, doc), truth


def boxes_of(sim: Any, face: Face) -> dict[int, tuple[Array, Array]]:
    """Bounding boxes of the shapes of the face's body."""
    return {int(s): extent(sim, int(s)) for s in np.flatnonzero(sim.compiled.ints["shape_body"] == face.body)}


def gel(sim: Any, entry: Entry) -> Made:
    """The gel's picture or its depth."""
    face, (rows, columns) = face_of(sim, entry), attribute(entry, "pixels")
    boxes, thickness, stiffness = boxes_of(sim, face), attribute(entry, "thickness"), attribute(entry, "stiffness")
    pixel = face.sides / np.array([columns, rows])

    def depth(m: Moment) -> Array:
        contacts = on_face(m, face, boxes)
        rigid, soft = contacts.where(contacts.other_shape >= 0), contacts.where(contacts.other_shape < 0)
        force = taxel_forces(m, face, rigid, 1, 1)[:, 0, 0, 2]
        height = heights(m, face, rows, columns, thickness)
        pressed = sink(height, force, stiffness * pixel.prod())
        pressed = pressed + taxel_forces(m, face, soft, rows, columns)[..., 2] / (stiffness * pixel.prod())
        return np.clip(pressed, 0.0, thickness)

    if attribute(entry, "output") == "depth":
        return feature(entry.name, (rows, columns), "m", entry.target, None, "how deep the gel is pressed in"), depth
    made = feature(entry.name, (rows, columns, 3), "", entry.target, None, "sRGB picture from below", "uint8")
    return made, lambda m: shade(depth(m), pixel)


def heights(m: Moment, face: Face, rows: int, columns: int, thickness: float) -> Array:
    """Heights (E, rows, columns) [m] of other bodies above the face; `inf` above one thickness."""
    place, axes = face.local(m)
    v, u = np.meshgrid(
        ((np.arange(rows) + 0.5) / rows - 0.5) * face.sides[1], ((np.arange(columns) + 0.5) / columns - 0.5) * face.sides[0],
        indexing="ij",
    )  # fmt: skip
    flat = np.stack([u.reshape(-1), v.reshape(-1), np.full(u.size, -thickness)], axis=1)
    start = place[:, None] + np.einsum("rk,eki->eri", flat, axes)
    direction = np.broadcast_to(axes[:, None, 2], start.shape)
    turn = m.before.rotation[:, m.ints["shape_body"]]
    at = m.before.position[:, m.ints["shape_body"]] + rotation.rotate(turn, m.constant("shape_position"))
    own = rotation.multiply(turn, m.constant("shape_rotation"))
    distance, hit = m.caster.cast(start, direction, at, own, 2.0 * thickness, m.ints["shape_body"] != face.body)
    return np.where(hit >= 0, distance - thickness, np.inf).reshape(-1, rows, columns)


def sink(height: Array, force: Array, spring: float) -> Array:
    """Depths (E, rows, columns) under bodies of the given heights that carry `force` (E,) [N] on springs [N/m] of one pixel."""
    flat = np.sort(height.reshape(len(height), -1), axis=1)
    finite = np.isfinite(flat)
    below = np.cumsum(np.where(finite, flat, 0.0), axis=1)
    count = np.arange(1, flat.shape[1] + 1)
    level = (force[:, None] / spring + below) / count  # if exactly the first `count` pixels touch
    following = np.concatenate([flat[:, 1:], np.full((len(flat), 1), np.inf)], axis=1)
    fits = finite & (level <= following)
    first = np.argmax(fits, axis=1)
    deep = np.where(fits.any(1) & (force > 0), level[np.arange(len(flat)), first], -np.inf)
    return np.maximum(deep[:, None, None] - height, 0.0)


def shade(depth: Array, pixel: Array) -> Array:
    """sRGB pictures (E, rows, columns, 3), 0 to 255, of a membrane pressed in by `depth` (E, rows, columns) [m]."""
    smooth = depth
    for axis in (1, 2):
        padded = np.pad(smooth, [(2, 2) if a == axis else (0, 0) for a in range(3)], mode="edge")
        count = depth.shape[axis]
        parts = [w * np.take(padded, np.arange(k, k + count), axis=axis) for k, w in enumerate(SMOOTHING)]
        smooth = np.sum(parts, axis=0)
    slope_v = np.gradient(smooth, pixel[1], axis=1) if depth.shape[1] > 1 else np.zeros_like(depth)
    slope_u = np.gradient(smooth, pixel[0], axis=2) if depth.shape[2] > 1 else np.zeros_like(depth)
    normal = np.stack([slope_u, slope_v, np.ones_like(depth)], axis=-1)
    normal /= np.linalg.norm(normal, axis=-1, keepdims=True)
    around = np.radians([90.0, 210.0, 330.0])
    lights = np.stack(
        [np.cos(ELEVATION) * np.cos(around), np.cos(ELEVATION) * np.sin(around), np.full(3, np.sin(ELEVATION))], 1
    )
    bright = np.maximum(normal @ lights.T, 0.0) @ COLORS
    linear = np.clip(AMBIENT + 0.5 * bright, 0.0, 1.0)
    return 255.0 * np.where(linear <= 0.0031308, 12.92 * linear, 1.055 * linear ** (1 / 2.4) - 0.055)
