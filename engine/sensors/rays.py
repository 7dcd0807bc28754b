"""Sensors that cast rays: lidar, depth through a grid of pixels, proximity in a cone, and MuJoCo's rangefinder.

Rays start at the place of the sensor and see every visible shape but those of its own body, particles as balls of their radius,
and the surfaces of cloth and soft bodies. Limits: every ray is tested against every particle and every soft triangle.
"""

from collections.abc import Callable
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.geometry import rotation
from engine.scene.description import Sensor as Entry
from engine.sensors.frames import attribute
from engine.sensors.moment import Moment
from engine.sensors.places import Place, seat
from engine.sensors.sensor import feature
from engine.types import Feature

Array = NDArray[np.float64]
Made = tuple[Feature, Callable[[Moment], Array]]
GOLDEN = np.pi * (3.0 - np.sqrt(5.0))
FULL_TURN = 2.0 * np.pi - 1e-6
UNBOUNDED = 1e10  # m


def lidar_directions(rows: int, columns: int, azimuth: tuple[float, float], elevation: tuple[float, float]) -> Array:
    """Unit vectors (rows, columns, 3): elevation from high to low, azimuth from low to high, x forward, z up. A full turn does
    not repeat its first ray.
    """
    whole = azimuth[1] - azimuth[0] >= FULL_TURN
    angle = np.linspace(*azimuth, columns, endpoint=not whole) if columns > 1 else np.array([sum(azimuth) / 2])
    height = np.linspace(elevation[1], elevation[0], rows) if rows > 1 else np.array([sum(elevation) / 2])
    up, around = np.meshgrid(height, angle, indexing="ij")
    return np.stack([np.cos(up) * np.cos(around), np.cos(up) * np.sin(around), np.sin(up)], axis=-1)


def pixel_directions(rows: int, columns: int, fov_y: float) -> Array:
    """Unit vectors (rows, columns, 3) through the middles of square pixels; the picture looks along -z with +y up."""
    half = np.tan(fov_y / 2)
    y = half * (1.0 - 2.0 * (np.arange(rows) + 0.5) / rows)
    x = half * (2.0 * (np.arange(columns) + 0.5) - columns) / rows
    grid = np.stack([*np.broadcast_arrays(x[None], y[:, None]), np.full((rows, columns), -1.0)], axis=-1)
    return grid / np.linalg.norm(grid, axis=-1, keepdims=True)


def cone_directions(count: int, angle: float) -> Array:
    """Unit vectors (count, 3) spread evenly over the cone of half `angle` about +z, the first on the axis (Vogel 1979)."""
    share = np.arange(count) / max(count - 1, 1)
    z = 1.0 - share * (1.0 - np.cos(angle))
    side, around = np.sqrt(np.maximum(1.0 - z * z, 0.0)), GOLDEN * np.arange(count)
    return np.stack([side * np.cos(around), side * np.sin(around), z], axis=-1)


def cast_from(m: Moment, place: Place, directions: Array, limit: float) -> tuple[Array, NDArray[np.int32]]:
    """Distances and shapes (E, R) of rays from a place along `directions` (R, 3) in its frame."""
    turn = rotation.matrix(place.rotation(m))
    world = np.einsum("eij,rj->eri", turn, directions)
    start = np.broadcast_to(place.position(m)[:, None], world.shape)
    seen = (m.ints["shape_body"] != place.body) & (np.asarray(m.ints.get("shape_hidden", 0)) == 0)
    distance, hit = m.caster.cast(start, world, m.shape_position, m.shape_rotation, limit, seen)
    for continuum in m.sim.continua:
        for cloud in continuum.clouds():
            distance = m.caster.cast_on_balls(start, world, cloud.position, cloud.radius, distance)
        for surface in continuum.surfaces():
            distance = m.caster.cast_on_faces(start, world, surface.vertices, surface.faces, distance)
    return distance.astype(float), hit


def lidar(sim: Any, entry: Entry) -> Made:
    """Distances (rows, columns) along the rays."""
    place, (rows, columns) = seat(sim, entry), attribute(entry, "rays")
    rays = lidar_directions(rows, columns, attribute(entry, "azimuth"), attribute(entry, "elevation")).reshape(-1, 3)
    limit = attribute(entry, "max_range")
    made = feature(entry.name, (rows, columns), "m", entry.target, None, f"distance along the ray, {limit:g} for nothing")
    return made, lambda m: cast_from(m, place, rays, limit)[0]


def depth_rays(sim: Any, entry: Entry) -> Made:
    """Distances (rows, columns) along the optical axis."""
    place, (rows, columns) = seat(sim, entry), attribute(entry, "rays")
    rays = pixel_directions(rows, columns, attribute(entry, "fov_y")).reshape(-1, 3)
    limit, slope = attribute(entry, "max_range"), -rays[:, 2]
    made = feature(entry.name, (rows, columns), "m", entry.target, None, f"along the optical axis, {limit:g} for nothing")
    return made, lambda m: np.minimum(cast_from(m, place, rays, limit / slope.min())[0] * slope, limit)


def proximity(sim: Any, entry: Entry) -> Made:
    """Nearest distance within the cone."""
    place, limit = seat(sim, entry), attribute(entry, "max_range")
    rays = cone_directions(attribute(entry, "rays"), attribute(entry, "angle"))
    made = feature(entry.name, (1,), "m", entry.target, None, f"nearest surface in the cone, {limit:g} for nothing")
    return made, lambda m: cast_from(m, place, rays, limit)[0].min(axis=1, keepdims=True)


def rangefinder(sim: Any, entry: Entry) -> Made:
    """MuJoCo's: along +z of a site; -1 where nothing is."""
    place, ray = seat(sim, entry), np.array([[0.0, 0.0, 1.0]])

    def truth(m: Moment) -> Array:
        distance, _ = cast_from(m, place, ray, UNBOUNDED)
        return np.where(distance < UNBOUNDED, distance, -1.0)

    return feature(entry.name, (1,), "m", entry.target, None, "-1 for nothing"), truth
