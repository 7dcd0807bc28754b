"""Where a sensor sits: a frame fixed to a body, now and at the begin of the last substep; poses and motions of it."""

from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.geometry import rotation
from engine.scene.description import Sensor as Entry
from engine.sensors.moment import Moment

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Place:
    """A frame P on a body: position (E or 1, 3) [m] and rotation (E or 1, 4) in the body frame."""

    body: int
    position_B: Array
    rotation_B: Array

    def position(self, m: Moment) -> Array:
        """p_WP (E, 3), now."""
        return m.position[:, self.body] + rotation.rotate(m.rotation[:, self.body], self._spread(m, self.position_B))

    def rotation(self, m: Moment) -> Array:
        """q_WP (E, 4), now."""
        return rotation.multiply(m.rotation[:, self.body], self._spread(m, self.rotation_B))

    def velocity(self, m: Moment) -> Array:
        """Velocity of P and angular velocity (E, 6) in W, now."""
        motion = m.velocity[:, self.body]
        arm = self.position(m) - m.position[:, self.body]
        return np.concatenate([motion[:, :3] + np.cross(motion[:, 3:], arm), motion[:, 3:]], axis=1)

    def then(self, m: Moment) -> tuple[Array, Array]:
        """p_WP and q_WP at the begin of the last substep."""
        turn = m.before.rotation[:, self.body]
        arm = rotation.rotate(turn, self._spread(m, self.position_B))
        return m.before.position[:, self.body] + arm, rotation.multiply(turn, self._spread(m, self.rotation_B))

    def acceleration(self, m: Moment) -> Array:
        """Acceleration of P [m/s^2] and angular acceleration (E, 6) in W, in the last substep."""
        then = m.before
        spin, motion = then.spin[:, self.body], then.acceleration[:, self.body]
        arm = self.then(m)[0] - then.position[:, self.body]
        linear = motion[:, :3] + np.cross(motion[:, 3:], arm) + np.cross(spin, np.cross(spin, arm))
        return np.concatenate([linear, motion[:, 3:]], axis=1)

    @staticmethod
    def _spread(m: Moment, value: Array) -> Array:
        return np.broadcast_to(value, (m.num_envs, value.shape[-1]))


def into(turn: Array, vectors: Array) -> Array:
    """Vectors (E, 3k) of W in the frame with q_WP `turn` (E, 4)."""
    shape = vectors.shape
    back = rotation.matrix(rotation.conjugate(turn))
    return np.einsum("eij,ekj->eki", back, vectors.reshape(len(vectors), -1, 3)).reshape(shape)


def place_of(sim: Any, kind: str, name: str) -> Place:
    """The frame of a site, body, shape, camera or of a body's principal axes ("inertial")."""
    reals, ints, names = sim.compiled.reals, sim.compiled.ints, sim.names
    if kind == "site":
        number = names.site.index(name)
        return Place(int(ints["site_body"][number]), reals["site_position"][:, number], reals["site_rotation"][:, number])
    if kind == "shape":
        number = names.shape.index(name)
        return Place(int(ints["shape_body"][number]), reals["shape_position"][:, number], reals["shape_rotation"][:, number])
    if kind == "camera":
        number = [c.name for c in sim.compiled.cameras].index(name)
        return Place(int(ints["camera_body"][number]), reals["camera_position"][:, number], reals["camera_rotation"][:, number])
    number = names.body.index(name)
    if kind == "inertial":
        return Place(number, reals["body_com"][:, number], reals["body_inertia_rotation"][:, number])
    return Place(number, np.zeros((1, 3)), np.array([[1.0, 0.0, 0.0, 0.0]]))


def seat(sim: Any, entry: Entry) -> Place:
    """The place that an entry names."""
    return place_of(sim, entry.target_kind, entry.target)
