"""Every measure of `datagen.spec.vocabulary`, computed from a `Motion`: (envs, times), NaN where it is unknown.

A measure without history is computed for the samples from `since` on; one with history for all of them, since its value rests
on those before. Means over the last 0.1 s use the samples that there are.
Limits: see `forms` for what has no distance; measures of matter are unknown without the engine's matter.
"""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.quaternions import conjugate, multiply, rotate
from datagen.tasks.forms import TURNS, Solid, closest, extent, signed_distance, skin, surface_points, volume_points
from datagen.tasks.motion import NOW, Motion
from engine.types import ShapeType

MEAN = 0.1  # s: window of support
SUNK = 0.002  # m: what stands on the floor of a hollow dips into it by less


@dataclass(frozen=True)
class Arguments:
    """What a measure is about: names of bodies, joints or matter, and directions (envs, 3) or None."""

    of: tuple[str, ...] = ()
    ref: tuple[str, ...] = ()
    axis: np.ndarray | None = None
    along: np.ndarray | None = None


Compute = Callable[[Motion, Arguments, int], np.ndarray]
COMPUTE: dict[str, Compute] = {}


def compute(motion: Motion, name: str, arguments: Arguments, since: int = 0) -> np.ndarray:
    """Values (envs, times) of a measure from the sample `since` on; the array is the caller's."""
    return np.array(COMPUTE[name](motion, arguments, since), float)


def _measure(name: str) -> Callable[[Compute], Compute]:
    def keep(function: Compute) -> Compute:
        COMPUTE[name] = function
        return function

    return keep


def _dot(values: np.ndarray, direction: np.ndarray) -> np.ndarray:
    """Component of (envs, times, 3) along (envs, 3)."""
    return np.einsum("eti,ei->et", values, direction)


def _unknown(motion: Motion, since: int) -> np.ndarray:
    return np.full((motion.num_envs, motion.span(since)), np.nan)


# ---- places


def place(motion: Motion, name: str, since: int) -> np.ndarray:
    """Origin of a body, or mean of matter (envs, times, 3)."""
    if name in motion.body:
        return motion.of("position", since)[:, :, motion.body[name]]
    return motion.mean(name, "position", since)


def turn(motion: Motion, name: str, since: int) -> np.ndarray:
    """Rotation of a body (envs, times, 4)."""
    return motion.of("rotation", since)[:, :, motion.number(name)]


def twist(motion: Motion, name: str, since: int) -> np.ndarray:
    """Velocity of the origin and angular velocity of a body (envs, times, 6)."""
    return motion.of("velocity", since)[:, :, motion.number(name)]


def reach(motion: Motion, body: str, direction: np.ndarray, since: int) -> np.ndarray:
    """Largest coordinate of a body along directions of the world (envs, 3): (envs, times), NaN without a form."""
    form = motion.form(body)
    if not form:
        return _unknown(motion, since)
    at, q = place(motion, body, since), turn(motion, body, since)
    heading = np.broadcast_to(direction[:, None], at.shape)
    found = []
    for solid in form:
        origin = at + rotate(q, solid.position[:, None])
        local = rotate(conjugate(multiply(q, solid.rotation[:, None])), heading)
        found.append(_dot(origin, direction) + extent(solid, local))
    return np.max(found, axis=0)


@_measure("time")
def _time(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    times = np.broadcast_to(np.arange(motion.length) / motion.fps, (motion.num_envs, motion.length))
    return motion.cut(times, since)


@_measure("position")
def _position(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    return _dot(place(motion, of.of[0], since), _given(of.along))


def _given(direction: np.ndarray | None) -> np.ndarray:
    if direction is None:
        raise ValueError("a direction is missing")  # the document was checked
    return direction


@_measure("height")
def _height(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    height = _dot(place(motion, of.of[0], since), motion.up)
    return height - (_dot(place(motion, of.ref[0], since), motion.up) if of.ref else motion.ground[:, None])


def _end(motion: Motion, of: Arguments, since: int, sign: float) -> np.ndarray:
    if of.of[0] in motion.body:
        end = sign * reach(motion, of.of[0], sign * motion.up, since)
    else:
        end = _percentile(motion, of.of[0], sign * motion.up, since, 100.0) * sign
    return end - (reach(motion, of.ref[0], motion.up, since) if of.ref else motion.ground[:, None])


@_measure("lowest")
def _lowest(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    return _end(motion, of, since, -1.0)


@_measure("highest")
def _highest(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    return _end(motion, of, since, 1.0)


@_measure("displacement")
def _displacement(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    here = place(motion, of.of[0], 0)
    way = here - here[:, :1]
    return motion.cut(np.linalg.norm(way, axis=-1) if of.along is None else _dot(way, of.along), since)


@_measure("path_length")
def _path_length(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    here = place(motion, of.of[0], 0)
    steps = np.linalg.norm(np.diff(here, axis=1, prepend=here[:, :1]), axis=-1)
    return motion.cut(np.cumsum(steps, axis=1), since)


# ---- rotations


def _rotation_vector(q: np.ndarray) -> np.ndarray:
    q = np.where(q[..., :1] < 0.0, -q, q)
    length = np.linalg.norm(q[..., 1:], axis=-1, keepdims=True)
    angle = 2.0 * np.arctan2(length, q[..., :1])
    return np.where(length > 1e-12, angle / np.maximum(length, 1e-12), 2.0) * q[..., 1:]


@_measure("rotation")
def _rotation(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    q = turn(motion, of.of[0], 0)
    if of.axis is None:
        change = multiply(q, conjugate(q[:, :1]))
        return motion.cut(np.linalg.norm(_rotation_vector(change), axis=-1), since)
    steps = multiply(conjugate(q[:, :-1]), q[:, 1:])  # in the frame of the body, where the axis is fixed
    angles = _dot(_rotation_vector(steps), of.axis)
    turned = np.concatenate([np.zeros((motion.num_envs, 1)), np.cumsum(angles, axis=1)], axis=1)
    return motion.cut(turned, since)


@_measure("tilt")
def _tilt(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    q = turn(motion, of.of[0], 0)
    axis = rotate(conjugate(q[:, 0]), motion.up) if of.axis is None else of.axis
    angle = angle_between(rotate(q, np.broadcast_to(axis[:, None], (*q.shape[:2], 3))), motion.up[:, None])
    return motion.cut(angle, since)


def angle_between(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Angle between vectors; accurate for small ones."""
    return np.arctan2(np.linalg.norm(np.cross(a, b), axis=-1), (a * b).sum(-1))


@_measure("alignment")
def _alignment(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    axis = np.broadcast_to(np.array([0.0, 0.0, 1.0]), (motion.num_envs, 3)) if of.axis is None else of.axis
    ends = [
        rotate(q, np.broadcast_to(axis[:, None], (*q.shape[:2], 3)))
        for q in (turn(motion, of.of[0], since), turn(motion, of.ref[0], since))
    ]
    angle = angle_between(*ends)
    return np.minimum(angle, np.pi - angle)


# ---- between bodies


@_measure("centre_distance")
def _centre_distance(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    return np.linalg.norm(place(motion, of.of[0], since) - place(motion, of.ref[0], since), axis=-1)


@_measure("horizontal_distance")
def _horizontal_distance(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    between = place(motion, of.of[0], since) - place(motion, of.ref[0], since)
    return np.linalg.norm(between - _dot(between, motion.up)[..., None] * motion.up[:, None], axis=-1)


@_measure("distance")
def _distance(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    forms = motion.form(of.of[0]), motion.form(of.ref[0])
    if not forms[0] or not forms[1]:
        return _unknown(motion, since)
    frames = [_frames(motion, name, since) for name in (of.of[0], of.ref[0])]
    gaps = [_gap(a, frames[0], b, frames[1]) for a in forms[0] for b in forms[1]]
    return np.min(gaps, axis=0)


Frames = tuple[np.ndarray, np.ndarray]


def _frames(motion: Motion, body: str, since: int) -> Frames:
    return place(motion, body, since)[:, :, None], turn(motion, body, since)[:, :, None]


def _world(frames: Frames, points: np.ndarray) -> np.ndarray:
    return frames[0] + rotate(frames[1], points)


def _local(frames: Frames, points: np.ndarray) -> np.ndarray:
    return rotate(conjugate(frames[1]), points - frames[0])


def _gap(a: Solid, at_a: Frames, b: Solid, at_b: Frames) -> np.ndarray:
    """Distance of two solids (envs, times); negative: depth of the deepest sampled point."""
    if ShapeType.PLANE in (a.kind, b.kind):
        return _gap_to_plane(a, at_a, b, at_b) if b.kind == ShapeType.PLANE else _gap_to_plane(b, at_b, a, at_a)
    if ShapeType.SPHERE in (a.kind, b.kind) and ShapeType.MESH not in (a.kind, b.kind):
        return _gap_to_ball(a, at_a, b, at_b) if b.kind == ShapeType.SPHERE else _gap_to_ball(b, at_b, a, at_a)
    depth = np.minimum(_deepest(a, at_a, b, at_b), _deepest(b, at_b, a, at_a))
    if ShapeType.MESH in (a.kind, b.kind):
        return depth
    p = _world(at_a, a.out_of(np.zeros((len(a.size), 1, 1, 3))))
    for _ in range(TURNS):
        q = _world(at_b, b.out_of(closest(b, b.into(_local(at_b, p)))))
        p = _world(at_a, a.out_of(closest(a, a.into(_local(at_a, q)))))
    between = np.linalg.norm(p - q, axis=-1)[..., 0]
    gap = between - skin(a)[:, None] - skin(b)[:, None]
    return np.where(between > 1e-9, gap, np.minimum(depth, gap))


def _gap_to_ball(a: Solid, at_a: Frames, ball: Solid, at_ball: Frames) -> np.ndarray:
    centre = _world(at_ball, ball.position[:, None, None])
    return signed_distance(a, a.into(_local(at_a, centre)))[..., 0] - ball.size[:, :1]


def _deepest(a: Solid, at_a: Frames, b: Solid, at_b: Frames) -> np.ndarray:
    """Least signed distance of the surface points of `a` from `b`."""
    points = _world(at_a, a.out_of(surface_points(a)[:, None]))
    return signed_distance(b, b.into(_local(at_b, points))).min(-1)


def _gap_to_plane(a: Solid, at_a: Frames, plane: Solid, at_plane: Frames) -> np.ndarray:
    if a.kind == ShapeType.PLANE:
        return np.full(np.broadcast_shapes(at_a[0].shape[:2], at_plane[0].shape[:2]), np.nan)
    q_a = multiply(at_a[1][:, :, 0], a.rotation[:, None])
    q_plane = multiply(at_plane[1][:, :, 0], plane.rotation[:, None])
    normal = rotate(q_plane, np.array([0.0, 0.0, 1.0]))
    origins = (_world(at, solid.position[:, None, None])[:, :, 0] for at, solid in ((at_a, a), (at_plane, plane)))
    between = next(origins) - next(origins)
    return (between * normal).sum(-1) - extent(a, rotate(conjugate(q_a), -normal))


@_measure("lateral_error")
def _lateral_error(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    local = _local(_frames(motion, of.ref[0], since), place(motion, of.of[0], since)[:, :, None])[:, :, 0]
    return np.hypot(local[..., 0], local[..., 1])


@_measure("orbit")
def _orbit(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    local = _local(_frames(motion, of.ref[0], 0), place(motion, of.of[0], 0)[:, :, None])[:, :, 0]
    angle = np.unwrap(np.arctan2(local[..., 1], local[..., 0]), axis=1)
    return motion.cut(angle - angle[:, :1], since)


@_measure("insertion_depth")
def _insertion_depth(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    regions, form = motion.region(of.ref[0]), motion.form(of.of[0])
    depth = np.zeros((motion.num_envs, motion.span(since)))
    if not form:
        return _unknown(motion, since)
    points = np.concatenate([solid.out_of(surface_points(solid)[:, None]) for solid in form], axis=2)
    local = _local(_frames(motion, of.ref[0], since), _world(_frames(motion, of.of[0], since), points))
    for env, region in enumerate(regions):
        if region is None:
            depth[env] = np.nan
        else:
            inner = local[env].copy()
            sunk = (inner[..., 2] < region.floor) & (inner[..., 2] > region.floor - SUNK)
            inner[..., 2] = np.where(sunk, region.floor, inner[..., 2])
            depth[env] = np.where(region.holds(inner), region.rim - inner[..., 2], 0.0).max(-1)
    return depth


@_measure("inside_fraction")
def inside_fraction(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    """Share of a body's volume in the interior of `ref`."""
    if of.of[0] not in motion.body:
        return _share_inside(motion, of.of[0], of.ref[0], since)
    regions, form = motion.region(of.ref[0]), motion.form(of.of[0])
    if not form or any(solid.kind == ShapeType.PLANE for solid in form):
        return _unknown(motion, since)
    parts = [(solid.out_of(points[:, None]), weights) for solid in form for points, weights in (volume_points(solid),)]
    points = np.concatenate([part for part, _ in parts], axis=2)
    weights = np.concatenate([weight for _, weight in parts], axis=1)
    local = _local(_frames(motion, of.ref[0], since), _world(_frames(motion, of.of[0], since), points))
    shares = np.full((motion.num_envs, motion.span(since)), np.nan)
    for env, region in enumerate(regions):
        if region is not None:
            shares[env] = (region.holds(local[env]) * weights[env]).sum(-1) / weights[env].sum()
    return shares


@_measure("count_in")
def _count_in(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    shares = np.array([inside_fraction(motion, Arguments((name,), of.ref), since) for name in of.of])
    return np.where(np.isnan(shares).any(0), np.nan, (shares >= 0.5).sum(0))


# ---- motion


@_measure("speed")
def _speed(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    return np.linalg.norm(_velocity_of(motion, of.of[0], since), axis=-1)


def _velocity_of(motion: Motion, name: str, since: int) -> np.ndarray:
    return twist(motion, name, since)[..., :3] if name in motion.body else motion.mean(name, "velocity", since)


@_measure("velocity")
def _velocity(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    return _dot(_velocity_of(motion, of.of[0], since), _given(of.along))


@_measure("angular_speed")
def _angular_speed(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    spin = twist(motion, of.of[0], since)[..., 3:]
    return np.linalg.norm(spin, axis=-1) if of.along is None else _dot(spin, of.along)


@_measure("relative_speed")
def _relative_speed(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    return np.linalg.norm(twist(motion, of.of[0], since)[..., :3] - twist(motion, of.ref[0], since)[..., :3], axis=-1)


@_measure("acceleration")
def _acceleration(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    velocity = twist(motion, of.of[0], 0)[..., :3]
    change = np.diff(velocity, axis=1, prepend=velocity[:, :1])
    return motion.cut(np.linalg.norm(change, axis=-1) * motion.fps, since)


def _centre_velocity(motion: Motion, name: str, since: int) -> np.ndarray:
    """Velocity of the centre of mass of a body (envs, times, 3)."""
    motions = twist(motion, name, since)
    lever = rotate(turn(motion, name, since), motion.com[:, motion.number(name)][:, None])
    return motions[..., :3] + np.cross(motions[..., 3:], lever)


@_measure("kinetic_energy")
def _kinetic_energy(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    if of.of[0] not in motion.body:
        return _unknown(motion, since)
    number = motion.number(of.of[0])
    spin = rotate(conjugate(turn(motion, of.of[0], since)), twist(motion, of.of[0], since)[..., 3:])
    xx, yy, zz, xy, xz, yz = np.moveaxis(motion.inertia[:, number], -1, 0)[:, :, None]
    x, y, z = np.moveaxis(spin, -1, 0)
    turning = xx * x * x + yy * y * y + zz * z * z + 2.0 * (xy * x * y + xz * x * z + yz * y * z)
    moving = (_centre_velocity(motion, of.of[0], since) ** 2).sum(-1)
    return 0.5 * (motion.mass[:, number][:, None] * moving + turning)


@_measure("potential_energy")
def _potential_energy(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    if of.of[0] not in motion.body:
        return _unknown(motion, since)
    number = motion.number(of.of[0])
    centre = place(motion, of.of[0], since) + rotate(turn(motion, of.of[0], since), motion.com[:, number][:, None])
    weight = motion.mass[:, number] * motion.gravity
    return weight[:, None] * (_dot(centre, motion.up) - motion.ground[:, None])


@_measure("momentum")
def _momentum(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    if of.of[0] not in motion.body:
        return _unknown(motion, since)
    momentum = motion.mass[:, motion.number(of.of[0])][:, None, None] * _centre_velocity(motion, of.of[0], since)
    return np.linalg.norm(momentum, axis=-1) if of.along is None else _dot(momentum, of.along)


# ---- joints


@_measure("joint")
def _joint(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    return motion.of("qpos", since)[..., motion.coordinate(of.of[0])[1]]


@_measure("joint_speed")
def _joint_speed(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    return motion.of("qvel", since)[..., motion.coordinate(of.of[0])[2]]


@_measure("joint_fraction")
def _joint_fraction(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    number, place_q, _ = motion.coordinate(of.of[0])
    if not motion.joint_limited[number]:
        return _unknown(motion, since)
    low, high = motion.joint_range[:, number, :1], motion.joint_range[:, number, 1:]
    return (motion.of("qpos", since)[..., place_q] - low) / (high - low)


# ---- contacts


def _others(motion: Motion, names: tuple[str, ...]) -> list[int] | None:
    return [motion.number(name) for name in names] if names else None


@_measure("contact_force")
def _contact_force(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    impulse = motion.impulse(motion.number(of.of[0]), _others(motion, of.ref), since)
    return np.linalg.norm(impulse, axis=-1) * motion.fps


@_measure("contact_impulse")
def _contact_impulse(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    impulse = motion.impulse(motion.number(of.of[0]), _others(motion, of.ref))
    impulse[:, 0] = 0.0  # before frame 0
    return motion.cut(np.cumsum(np.linalg.norm(impulse, axis=-1), axis=1), since)


@_measure("slip")
def _slip(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    a, b = motion.number(of.of[0]), motion.number(of.ref[0])
    way = np.zeros((motion.num_envs, motion.length))
    table = motion.contacts(a, b)
    for env, time, point, normal in zip(table["env"], table["time"], table["point"], table["normal"], strict=True):
        slide = _point_velocity(motion, a, env, time, point) - _point_velocity(motion, b, env, time, point)
        slide -= normal * (slide @ normal)
        way[env, time] = max(way[env, time], float(np.linalg.norm(slide)) / motion.fps)
    way[:, 0] = 0.0
    return motion.cut(np.cumsum(way, axis=1), since)


def _point_velocity(motion: Motion, body: int, env: int, time: int, point: np.ndarray) -> np.ndarray:
    velocity, position = motion.of("velocity")[env, time, body], motion.of("position")[env, time, body]
    return velocity[:3] + np.cross(velocity[3:], point - position)


@_measure("support_fraction")
def support_fraction(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    """Share of the weight that `ref` carries, mean over the last 0.1 s."""
    number = motion.number(of.of[0])
    lift = _dot(motion.impulse(number, _others(motion, of.ref)), motion.up) * motion.fps
    weight = motion.mass[:, number] * motion.gravity
    share = lift / np.where(weight > 0.0, weight, np.nan)[:, None]
    return motion.cut(trailing_mean(share, max(1, round(MEAN * motion.fps))), since)


def trailing_mean(values: np.ndarray, width: int) -> np.ndarray:
    """Mean over the last `width` samples along the second axis, over fewer at the beginning."""
    total = np.cumsum(values, axis=1)
    total[:, width:] -= total[:, :-width].copy()
    return total / np.minimum(np.arange(1, values.shape[1] + 1), width)


@_measure("grasp_force")
def _grasp_force(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    body = motion.number(of.of[0])
    forces = np.sort([np.linalg.norm(motion.impulse(body, [motion.number(name)], since), axis=-1) for name in of.ref], axis=0)
    return forces[-2] * motion.fps if len(forces) > 1 else np.zeros_like(forces[0])


# ---- matter: known for the last sample, since the engine keeps no past of it


def _in_region(motion: Motion, matter: Any, vessel: str) -> list[np.ndarray | None]:
    """Per environment which particles are in the interior of a vessel now."""
    position = np.asarray(matter.position, float)
    at, q = place(motion, vessel, NOW)[:, 0], turn(motion, vessel, NOW)[:, 0]
    found: list[np.ndarray | None] = []
    for env, region in enumerate(motion.region(vessel)):
        local = rotate(conjugate(q[env]), position[env] - at[env])
        found.append(None if region is None else region.holds(local))
    return found


def _matter_measure(motion: Motion, name: str, since: int, value: Callable[[Any], Any]) -> np.ndarray:
    values = _unknown(motion, since)
    values[:, -1] = value(motion.matter(name))
    return values


def rest_volume(matter: Any, num_envs: int) -> np.ndarray:
    """Rest volume of every particle (envs, n) [m^3], 0 for one that is gone; NaN, as every unknown, where the engine does not
    say."""
    if hasattr(matter, "rest_volume"):
        return np.nan_to_num(np.asarray(matter.rest_volume, float)[:num_envs])
    return np.full(np.shape(matter.position)[:2], np.nan)[:num_envs]


def _held(motion: Motion, matter: Any, vessel: str, amount: np.ndarray) -> np.ndarray:
    """Sum per environment of what the particles in a vessel have of an amount (envs, n); NaN where its interior is unknown."""
    inside = _in_region(motion, matter, vessel)
    return np.array([np.nan if one is None else amount[env][one].sum() for env, one in enumerate(inside)])


def _share_inside(motion: Motion, name: str, vessel: str, since: int) -> np.ndarray:
    def share(matter: Any) -> Any:
        own = rest_volume(matter, motion.num_envs)
        return _held(motion, matter, vessel, own) / own.sum(axis=1)

    return _matter_measure(motion, name, since, share)


@_measure("volume_in")
def _volume_in(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    def volume(matter: Any) -> Any:
        if of.ref[0] in motion.body and hasattr(matter, "volume_inside") and any(r is None for r in motion.region(of.ref[0])):
            return np.asarray(matter.volume_inside(of.ref[0]), float)[: motion.num_envs]
        return _held(motion, matter, of.ref[0], rest_volume(matter, motion.num_envs))

    return _matter_measure(motion, of.of[0], since, volume)


@_measure("fill_level")
def _fill_level(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    room = np.array([np.nan if region is None else region.volume for region in motion.region(of.ref[0])])
    return _volume_in(motion, of, since) / room[:, None]


@_measure("mass_in")
def _mass_in(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    def mass(matter: Any) -> Any:
        return _held(motion, matter, of.ref[0], np.nan_to_num(np.asarray(matter.mass, float)[: motion.num_envs]))

    return _matter_measure(motion, of.of[0], since, mass)


@_measure("spilled")
def _spilled(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    """What is in no vessel and below all rims, and what has left the domain of the particles."""

    def volume(matter: Any) -> Any:
        position = np.asarray(matter.position, float)[: motion.num_envs]
        outside = np.ones(position.shape[:2], bool)
        rim = np.full(motion.num_envs, np.inf)
        for vessel in of.ref or motion.vessels:
            at = _dot(place(motion, vessel, NOW), motion.up)[:, 0]
            for env, (held, region) in enumerate(zip(_in_region(motion, matter, vessel), motion.region(vessel), strict=True)):
                if held is not None and region is not None:
                    outside[env] &= ~held
                    rim[env] = min(rim[env], at[env] + region.rim)
        height = np.einsum("eni,ei->en", position, motion.up)
        own = rest_volume(matter, motion.num_envs)
        below = np.where(outside & (height < rim[:, None]), own, 0.0).sum(1)
        return below + np.asarray(getattr(matter, "lost_volume", 0.0), float)[..., : motion.num_envs]

    return _matter_measure(motion, of.of[0], since, volume)


def _percentile(motion: Motion, name: str, direction: np.ndarray, since: int, percent: float) -> np.ndarray:
    def front(matter: Any) -> Any:
        position = np.asarray(matter.position, float)[: motion.num_envs]
        return np.percentile(np.einsum("eni,ei->en", position, direction), percent, axis=1)

    return _matter_measure(motion, name, since, front)


@_measure("front")
def _front(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    return _percentile(motion, of.of[0], _given(of.along), since, 99.0)


@_measure("pile_radius")
def _pile_radius(motion: Motion, of: Arguments, since: int) -> np.ndarray:
    def radius(matter: Any) -> Any:
        position = np.asarray(matter.position, float)[: motion.num_envs]
        away = position - position.mean(1, keepdims=True)
        away = away - np.einsum("eni,ei->en", away, motion.up)[..., None] * motion.up[:, None]
        return np.percentile(np.linalg.norm(away, axis=-1), 95.0, axis=1)

    return _matter_measure(motion, of.of[0], since, radius)
