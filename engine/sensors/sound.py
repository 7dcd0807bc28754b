"""Contact sound: what a simulation sounds like, synthesised from its contact forces by modal resonators.

A `Microphone` listens after every substep. An impact is what a pair's impulse exceeds its own level of the substeps around it
by; it excites the modes of both shapes by a half-sine pulse as long as Hertz's contact, from the first sample of its substep
on. A lasting contact that slides or rolls excites them by noise that grows with force and speed and is as coarse as the
surface (van den Doel, Kry, Pai 2001). Every mode is a damped resonator (`modes`); the shape radiates as a small piston of its
area, p = rho S a / (4 pi d), weakened where it is smaller than the wave. The push itself is heard as acceleration noise, rho
V (3/2) da/dt / (4 pi c d), of a body that moves air as a whole (Richards, Westcott, Jeyapalan 1979): the click of small
bodies, whose modes are above hearing. Tracks are sound pressure in Pa.
Matter (particles, cloth, ropes, elastic solids) has no modes, but what it strikes rings: a blow of matter lasts as long as
the simulation says.
Limits: no rooms, no echoes; bodies that do not move are silent unless a material is named for them; matter does not rustle.
"""

import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import StateError, near_matches
from engine.geometry import primitives
from engine.sensors.modes import Material, Modes, contact_time, guessed, material_of, modes_of
from engine.sensors.random import Stream
from engine.sensors.tactile import extent
from engine.types import ShapeType

Array = NDArray[np.float64]
AIR_DENSITY, AIR_SPEED = 1.2, 343.0  # kg/m^3, m/s
WINDOW, MATTER_WINDOW = 5, 50  # substeps on either side of one that tell its level; soft blows last longer
EXCESS = 1.5  # an impact is above this many levels
AUDIBLE = 2e-3  # m/s; softer impacts are not heard
ROUGHNESS = 0.02  # part of the normal force that the surface makes uneven at REFERENCE_SPEED
REFERENCE_SPEED = 1.0  # m/s
GRAIN = 2e-3  # m, wave length of the roughness
MODAL_MASS = 0.25  # of a free beam's mode, by the mass of the beam
QUIETEST = 20.0  # Hz
MATTER = -1  # stands for the other shape where matter touches


@dataclass(frozen=True)
class Heard:
    """Contacts of one substep, a row per pair in contact: env, shape_a, shape_b (n,), impulse (n,) [N s] along the normal,
    speed (n,) [m/s] along the surface, point (n, 3) [m].
    """

    env: NDArray[np.int64]
    shape_a: NDArray[np.int64]
    shape_b: NDArray[np.int64]
    impulse: Array
    speed: Array
    point: Array


@dataclass(frozen=True)
class Ring:
    """A shape that rings: its modes, material, mass of its body [kg], radius [m] and volume [m^3]."""

    modes: Modes
    material: Material
    mass: float
    radius: float
    volume: float = 0.0


class Microphone:
    """Listens to `sim` from now on: call `sim.step` as usual, then `track()`.

    positions: points in W [m], one channel each, with 1/distance and the time that sound takes; without them one channel as
    from 1 m away, without delay. materials: body name -> preset of `engine.sensors.modes.MATERIALS`; the others are guessed
    from their density. Raises StateError.
    """

    def __init__(
        self,
        sim: Any,
        positions: Sequence[Sequence[float]] | None = None,
        materials: Mapping[str, str] | None = None,
        sample_rate: int = 48_000,
    ):
        where = "Microphone"
        if not 1_000 <= sample_rate <= 384_000:
            raise StateError(where, f"sample_rate is {sample_rate}", "allowed: 1000 to 384000 Hz", "correct it")
        self.sim, self.sample_rate = sim, int(sample_rate)
        self.positions = None if positions is None else np.asarray(positions, float).reshape(-1, 3)
        given = dict(materials or {})
        for name in given:
            if name not in sim.names.body:
                raise StateError(where, f"unknown body {name!r}", near_matches(name, sim.names.body), "correct the name")
        self._rings, self._others = _rings(sim, {k: material_of(where, v) for k, v in given.items()})
        self._others[MATTER] = Ring(Modes(np.zeros(0), np.zeros(0), 0.0), material_of(where, "rubber"), 1e9, 1e6)
        self._struck = np.full(len(sim.names.body), MATTER)  # the largest shape of a body rings when matter strikes it
        for shape in sorted(self._rings, key=lambda s: self._rings[s].radius):
            self._struck[sim.compiled.ints["shape_body"][shape]] = shape
        self._heard: list[Heard] = []
        self._seeds, self._start = sim.seed, 0
        sim.listen(self)

    @property
    def duration(self) -> float:
        """How long it has listened [s]."""
        return len(self._heard) * self.sim.timestep

    def heard(self) -> None:
        """Keep the contacts of the substep that was just taken."""
        sim = self.sim
        c = sim.contacts()
        key = (c.env.astype(np.int64) * len(sim.names.shape) + c.shape_a) * len(sim.names.shape) + c.shape_b
        unique, first, row = np.unique(key, return_index=True, return_inverse=True)
        push = np.maximum((c.force * c.normal).sum(1), 0.0)
        impulse = np.bincount(row, push, len(unique)) * sim.timestep
        velocity = sim.state.body_velocity
        place = sim.state.body_position
        apart = [
            velocity[c.env, body, :3] + np.cross(velocity[c.env, body, 3:], c.point - place[c.env, body])
            for body in (c.body_a, c.body_b)
        ]
        slip = _along(apart[1] - apart[0], c.normal)
        travel = _along(velocity[c.env, c.body_b, :3] - velocity[c.env, c.body_a, :3], c.normal)
        speed = np.zeros(len(unique))
        np.maximum.at(speed, row, np.maximum(slip, travel))
        hard = Heard(c.env[first], c.shape_a[first], c.shape_b[first], impulse, speed, np.array(c.point[first]))
        self._heard.append(_joined(hard, self._blows()) if sim.continua else hard)

    def _blows(self) -> Heard:
        """What matter does to the bodies that ring, in the substep that was just taken; the point is where its force passes
        the body nearest.
        """
        wrench, place = self.sim.last_continuum_wrench, self.sim.state.body_position
        env, body = np.nonzero((wrench[..., :3] != 0.0).any(axis=2) & (self._struck != MATTER))
        force, torque = wrench[env, body, :3], wrench[env, body, 3:]
        size = np.linalg.norm(force, axis=1)
        point = place[env, body] + np.cross(force, torque) / (size * size)[:, None]
        other, still = np.full(len(env), MATTER), np.zeros(len(env))
        return Heard(env, self._struck[body], other, size * self.sim.timestep, still, point)

    def track(self) -> NDArray[np.float32]:
        """Sound pressure (num_envs, samples, channels) [Pa] since the microphone was made."""
        channels = 1 if self.positions is None else len(self.positions)
        samples = int(round(self.duration * self.sample_rate))
        out = np.zeros((self.sim.num_envs, samples, channels))
        if not samples:
            return out.astype(np.float32)
        force: dict[tuple[int, int], Array] = {}
        for env, a, b, impulse, speed, point in self._pairs():
            self._excite(force, samples, env, (a, b), impulse, speed, point)
        for (env, shape), pushes in force.items():
            out[env] += self._ring(self._rings[shape], pushes)
        return out.astype(np.float32)

    def _pairs(self) -> list[tuple[int, int, int, Array, Array, Array]]:
        """Every pair that touched: env, shapes, and by substep impulse, speed (n,) and the point (n, 3)."""
        count = np.array([len(h.env) for h in self._heard])
        step = np.repeat(np.arange(len(count)), count)
        join = {name: np.concatenate([getattr(h, name) for h in self._heard]) for name in Heard.__dataclass_fields__}
        keys = np.stack([join["env"], join["shape_a"], join["shape_b"]], axis=1).astype(int)
        found = []
        for key in np.unique(keys, axis=0):
            rows = (keys == key).all(1)
            impulse, speed, point = np.zeros(len(count)), np.zeros(len(count)), np.zeros((len(count), 3))
            for values, name in ((impulse, "impulse"), (speed, "speed"), (point, "point")):
                values[step[rows]] = join[name][rows]
            found.append((int(key[0]), int(key[1]), int(key[2]), impulse, speed, point))
        return found

    def _excite(
        self, force: dict[tuple[int, int], Array], samples: int, env: int, pair: tuple[int, int], impulse: Array, speed: Array,
        point: Array,
    ) -> None:  # fmt: skip
        """Add the force [N] of one pair to the channels of both shapes, per sample."""
        sounding = [shape for shape in pair if shape in self._rings]
        if not sounding:
            return
        first, second = ({**self._others, **self._rings}[shape] for shape in pair)
        mass = 1.0 / (1.0 / first.mass + 1.0 / second.mass)
        radius = 1.0 / (1.0 / first.radius + 1.0 / second.radius)
        single = np.zeros(samples)
        level = _levels(impulse, MATTER_WINDOW if MATTER in pair else WINDOW)
        for k, count, amount in _impacts(impulse, level):
            if amount > AUDIBLE * mass:
                lasting = contact_time(mass, radius, first.material, second.material, amount / mass)
                lasting = count * self.sim.timestep if MATTER in pair else lasting
                _strike(single, self._sample(k), amount, lasting, self.sample_rate)
        self._rub(single, env, pair, np.minimum(level, impulse), speed)
        where = point[np.argmax(impulse)]
        for shape in sounding:
            held = force.setdefault((env, shape), np.zeros((samples, 1 if self.positions is None else len(self.positions))))
            for channel in range(held.shape[1]):
                away = 1.0 if self.positions is None else max(float(np.linalg.norm(self.positions[channel] - where)), 0.05)
                late = 0 if self.positions is None else int(round(away / AIR_SPEED * self.sample_rate))
                held[late:, channel] += single[: samples - late] / away

    def _rub(self, out: Array, env: int, pair: tuple[int, int], level: Array, speed: Array) -> None:
        """Noise of a surface that slides or rolls, per sample."""
        active = np.flatnonzero((level > 0) & (speed > 1e-3))
        if not len(active):
            return
        seed = self.sim.seed
        own = isinstance(seed, int | np.integer)
        key = np.array([int(seed if own else seed[env]) % (1 << 64)], np.uint64)
        word = zlib.crc32(f"sound {pair[0]} {pair[1]}".encode())
        stream = Stream(key, np.array([env if own else 0], np.uint64), word)
        state = 0.0
        for k in active.tolist():
            begin, end = self._sample(k), min(self._sample(k + 1), len(out))
            white = stream.uniform(np.array([k]), 3, max(end - begin, 1))[0][: end - begin] * 2.0 - 1.0
            strength = level[k] / self.sim.timestep * ROUGHNESS * min(speed[k] / REFERENCE_SPEED, 3.0)
            keep = np.exp(-2.0 * np.pi * speed[k] / GRAIN / self.sample_rate)
            for n in range(end - begin):
                state = keep * state + (1.0 - keep) * white[n]
                out[begin + n] += strength * state

    def _sample(self, substep: int) -> int:
        """First sample of a substep."""
        return int(np.ceil(substep * self.sim.timestep * self.sample_rate - 1e-6))

    def _ring(self, ring: Ring, pushes: Array) -> Array:
        """Pressure (samples, channels) at 1 m of a shape under the forces `pushes` [N] per sample."""
        from scipy.signal import lfilter  # here: only who listens pays for it

        click = AIR_DENSITY * 1.5 * ring.volume / (4.0 * np.pi * AIR_SPEED * ring.mass) * self.sample_rate
        out = click * np.diff(pushes, axis=0, prepend=0.0)
        for f, decay in zip(ring.modes.frequency, ring.modes.decay, strict=True):
            if not QUIETEST <= f <= 0.45 * self.sample_rate:
                continue
            turn, fade = 2.0 * np.pi * f / self.sample_rate, np.exp(-decay / self.sample_rate)
            small = 2.0 * np.pi * f / AIR_SPEED * np.sqrt(ring.modes.area / np.pi)
            loud = AIR_DENSITY * ring.modes.area * 2.0 * np.pi * f / (4.0 * np.pi) * small / (1.0 + small)
            gain = loud / (MODAL_MASS * ring.mass) / self.sample_rate
            out += lfilter([gain, -gain * fade * np.cos(turn)], [1.0, -2.0 * fade * np.cos(turn), fade**2], pushes, axis=0)
        return out


def _along(vectors: Array, normal: Array) -> Array:
    """Length of the parts of vectors (n, 3) across the normals."""
    return np.linalg.norm(vectors - (vectors * normal).sum(1, keepdims=True) * normal, axis=1)


def _levels(impulse: Array, window: int) -> Array:
    """The median of each substep and those around it: what a resting contact carries."""
    padded = np.pad(impulse, window, mode="edge")
    return np.median(np.lib.stride_tricks.sliding_window_view(padded, 2 * window + 1), axis=1)


def _joined(one: Heard, other: Heard) -> Heard:
    return Heard(*(np.concatenate([getattr(one, name), getattr(other, name)]) for name in Heard.__dataclass_fields__))


def _impacts(impulse: Array, level: Array) -> list[tuple[int, int, float]]:
    """(first substep, how many, impulse) of every impact; neighbouring substeps of one belong together."""
    above = impulse > EXCESS * level + 1e-12
    edges = np.flatnonzero(np.diff(np.concatenate([[False], above, [False]]).astype(int)))
    return [(int(a), int(b - a), float((impulse - level)[a:b].sum())) for a, b in zip(edges[::2], edges[1::2], strict=True)]


def _strike(out: Array, start: int, amount: float, lasting: float, rate: int) -> None:
    """Add a half-sine pulse with the impulse `amount` [N s] as forces per sample."""
    count = max(int(round(lasting * rate)), 1)
    shape = np.sin(np.pi * (np.arange(count) + 0.5) / count)
    pulse = shape / shape.sum() * amount * rate
    end = min(start + count, len(out))
    if start < end:
        out[start:end] += pulse[: end - start]


def _rings(sim: Any, given: Mapping[str, Material]) -> tuple[dict[int, Ring], dict[int, Ring]]:
    """Shapes that ring, and the others (walls: endlessly heavy)."""
    ints, reals = sim.compiled.ints, sim.compiled.reals
    moved = np.zeros(len(sim.names.body), bool)
    for body in range(1, len(moved)):
        moved[body] = ints["body_dof_count"][body] > 0 or moved[ints["body_parent"][body]]
    rings: dict[int, Ring] = {}
    others: dict[int, Ring] = {}
    for shape, body in enumerate(ints["shape_body"]):
        kind, (_, half) = ShapeType(ints["shape_type"][shape]), extent(sim, shape)
        name, mass = sim.names.body[body], float(reals["body_mass"][0, body])
        solid = float(primitives.volume(kind, reals["shape_size"][0, shape])) or 8.0 * float(np.prod(half))
        dense = mass / solid if solid > 0 else 2300.0
        material = given.get(name, material_of("Microphone", guessed(dense)) if moved[body] else material_of("", "concrete"))
        heavy = mass if moved[body] else 1e9
        radius = float(half.min()) if half.all() else 1e6
        empty = Modes(np.zeros(0), np.zeros(0), 0.0)
        sounding = bool(half.all()) and (moved[body] or name in given)
        modes = modes_of(kind, half, material) if sounding else empty
        own = material.density * solid if not moved[body] else mass
        (rings if sounding else others)[shape] = Ring(
            modes, material, own if sounding else heavy, radius, solid if moved[body] else 0.0
        )
    return rings, others
