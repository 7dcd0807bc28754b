"""The rigid shapes as the deformable solver sees them: a table of scalars per environment, filled before every substep.

Convex meshes become the planes of their hull. Limits: height fields and distance fields have no planes; a scene that has both
them and deformables is refused, rather than let cloth fall through.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.compiled import CompiledScene
from engine.continua import Bodies
from engine.errors import SceneError
from engine.geometry import rotation as rot
from engine.geometry.hull import convex_hull
from engine.model import real
from engine.scene.builder import Scene
from engine.scene.description import Mesh
from engine.solvers.deformable import layout as col
from engine.types import ShapeType

Array = NDArray[np.float64]
SHARE = 0.4  # stiffness of all contacts of a free body, in mass / dt^2


class ShapeTable:
    """Shapes that deformables can touch. count: their number; body (count,): who carries them; planes (n, 4): unit normal and
    offset of hull faces in the frame of the shape.
    """

    def __init__(self, scenes: Sequence[Scene], compiled: CompiledScene, num_envs: int):
        ints = compiled.ints
        self.chosen = np.flatnonzero(ints["shape_bits"].any(axis=1))
        self.count = len(self.chosen)
        self.body = ints["shape_body"][self.chosen]
        self.kind = ints["shape_type"][self.chosen]
        self.position = np.broadcast_to(real(compiled, "shape_position"), (num_envs, len(ints["shape_type"]), 3))[
            :, self.chosen
        ]
        self.turn = np.broadcast_to(real(compiled, "shape_rotation"), (num_envs, len(ints["shape_type"]), 4))[:, self.chosen]
        constant = np.zeros((num_envs, self.count, col.SHAPE_WIDTH))
        constant[..., col.TYPE] = self.kind
        constant[..., col.EXTENT : col.EXTENT + 3] = real(compiled, "shape_size")[:, self.chosen]
        constant[..., col.SLIDING] = real(compiled, "shape_friction")[:, self.chosen, 0]
        bound = real(compiled, "shape_bound")[:, self.chosen]
        constant[..., col.BALL] = np.where(self.kind == ShapeType.PLANE, 1e6, bound)
        constant[..., col.LIMIT] = 1e30
        self.planes, spans = _planes(scenes[0], self.chosen)
        constant[..., col.PLANES : col.PLANES + 2] = spans
        self.constant = constant

    def fill(self, table: NDArray, bodies: Bodies, ahead: float, kept: Array) -> None:
        """Poses and velocities `ahead` [s] after the bodies were seen; `kept` (E, B): share of the last force that stays."""
        rows = table[:, : self.count * col.SHAPE_WIDTH].reshape(len(table), self.count, col.SHAPE_WIDTH)
        rows[...] = self.constant
        b = self.body
        turn = bodies.rotation[:, b]
        spin, linear = bodies.angular_velocity[:, b], bodies.velocity[:, b]
        if ahead:
            half = spin * (ahead / 2)
            turn = rot.multiply(np.concatenate([np.ones((*half.shape[:-1], 1)), half], -1), turn)
            turn = turn / np.linalg.norm(turn, axis=-1, keepdims=True)
        origin = bodies.position[:, b] + linear * ahead
        rows[..., col.PLACE : col.PLACE + 3] = origin + rot.rotate(turn, self.position)
        rows[..., col.TURN : col.TURN + 9] = rot.matrix(rot.multiply(turn, self.turn)).reshape(len(table), self.count, 9)
        rows[..., col.LINEAR : col.LINEAR + 3] = linear
        rows[..., col.ANGULAR : col.ANGULAR + 3] = spin
        rows[..., col.CENTRE : col.CENTRE + 3] = origin
        rows[..., col.KEPT] = kept[:, b]

    def limit(self, table: NDArray, bodies: Bodies, dt: float, pressing: Array) -> None:
        """Largest stiffness of each contact: of a free body a share of mass / dt^2 for all contacts together."""
        rows = table[:, : self.count * col.SHAPE_WIDTH].reshape(len(table), self.count, col.SHAPE_WIDTH)
        per_body = np.zeros(bodies.mass.shape)
        for s, b in enumerate(self.body):
            per_body[:, b] += pressing[:, s]
        most = SHARE * bodies.mass / dt**2 / np.maximum(per_body, 1)
        rows[..., col.LIMIT] = np.where(bodies.free[self.body], most[:, self.body], 1e30)


def _planes(scene: Scene, chosen: NDArray) -> tuple[Array, Array]:
    """Planes of all hulls, and first and number for each chosen shape."""
    rows: list[Array] = []
    spans = np.zeros((len(chosen), 2))
    total = 0
    for k, index in enumerate(chosen):
        shape = scene.shapes[index][1]
        if shape.kind in (ShapeType.HEIGHT_FIELD, ShapeType.FIELD):
            raise SceneError(
                f"shape {shape.name!r}", "deformables cannot touch a height field or distance field yet",
                "allowed: planes, primitives, meshes with convex='hull' or 'decompose'", "use one of them, or collides=False",
            )  # fmt: skip
        if isinstance(shape, Mesh) and shape.data is not None:
            hull = convex_hull(shape.data)
            scale = np.array(shape.stored_size())
            normal = hull.normals / scale
            normal = normal / np.linalg.norm(normal, axis=1, keepdims=True)
            corner = np.array([hull.vertices[face[0]] for face in hull.faces]) * scale
            rows.append(np.concatenate([normal, (normal * corner).sum(1)[:, None]], axis=1))
            spans[k] = total, len(normal)
            total += len(normal)
    return (np.concatenate(rows) if rows else np.zeros((0, 4))), spans
