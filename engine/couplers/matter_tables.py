"""From scenes to the tables of the material point solver: particles, constants of materials, rigid shapes, domain and
budget."""

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.compiled import CompiledScene
from engine.errors import SceneError
from engine.geometry import rotation as rot
from engine.geometry.hull import convex_hull
from engine.geometry.signed import hull_planes
from engine.scene import matter as laws
from engine.scene.builder import Scene
from engine.scene.constants import linear_color
from engine.scene.description import Surface
from engine.scene.matter_fill import Fill, Placed, cell_size, fill, placed_shapes
from engine.solvers.mpm import columns as col
from engine.solvers.mpm.solver import Start
from engine.types import JointType, ShapeType

Array = NDArray[np.float64]
COURANT = 0.4
MAX_MAP = 1 << 26  # block addresses of all environments
BONDS = {"slip": 0.0, "friction": -1.0, "stick": 1e9}


@dataclass(frozen=True)
class Part:
    """One matter: which particles, and how to draw them."""

    name: str
    range: slice
    radius: float
    color: Array
    smooth: bool
    material: laws.MatterMaterial


@dataclass(frozen=True)
class Mold:
    """Everything a continuum is made from; per shape: carrier (S,), local (E, S, 3), turn (E, S, 4); single (E, B): a free body
    alone; effective: mass and inertia (E, B) of the others; gravity (E, B, 3) as bodies feel it.
    """

    start: Start
    parts: tuple[Part, ...]
    shape: Array
    values: Array
    carrier: NDArray[np.int64]
    local: Array
    turn: Array
    single: NDArray[np.bool_]
    effective: tuple[Array, Array]
    gravity: Array


def mold(scenes: Sequence[Scene], compiled: CompiledScene, num_envs: int) -> Mold:
    """Tables for `num_envs` environments of one scene, or one per scene. Raises SceneError."""
    _require_alike(scenes)
    fills = [fill(scene) for scene in scenes]
    most = [max(len(f[k].position) for f in fills) for k in range(len(scenes[0].matter))]
    ends = np.cumsum(most)
    cell = cell_size(scenes[0])
    low, high = _domain(scenes, fills, cell)
    pick = list(range(num_envs)) if len(scenes) > 1 else [0] * num_envs
    number = int(ends[-1])
    position, velocity = np.zeros((num_envs, number, 3)), np.zeros((num_envs, number, 3))
    mass, volume = np.zeros((num_envs, number)), np.zeros((num_envs, number))
    material = np.full((num_envs, number), -1)
    for e, s in enumerate(pick):
        for k, f in enumerate(fills[s]):
            here = slice(ends[k] - most[k], ends[k] - most[k] + len(f.position))
            position[e, here], velocity[e, here], volume[e, here] = f.position, f.velocity, f.volume
            mass[e, here], material[e, here] = f.volume * scenes[s].matter[k].material.density, k
    constants = np.array([[_constants(m.material) for m in scenes[s].matter] for s in pick])
    gravity = np.array([scenes[s].options.gravity for s in pick])
    wave = np.array([max(_wave(scenes[s], m.material, cell) for m in scenes[s].matter) for s in pick])
    for scene in scenes:
        _require_budget(scene, cell)
    repeats = _periods(scenes[0], low, high, cell)
    start = Start(position, velocity, mass, volume, material, constants, gravity, wave, cell, low, high, repeats)
    parts = tuple(
        Part(
            m.name, slice(int(ends[k] - most[k]), int(ends[k])), 0.55 * fills[0][k].volume ** (1 / 3),
            linear_color(np.array([scenes[s].matter[k].material.color or m.material.look for s in pick])),
            isinstance(m.material, laws.Liquid), m.material,
        )
        for k, m in enumerate(scenes[0].matter)
    )  # fmt: skip
    _require_room(low, high, cell, num_envs)
    return Mold(start, parts, *_shapes(scenes, compiled, num_envs), *_inertias(scenes, compiled, num_envs))


def _require_alike(scenes: Sequence[Scene]) -> None:
    first = [(m.name, type(m.material), m.material.law) for m in scenes[0].matter]
    for k, scene in enumerate(scenes[1:], 1):
        other = [(m.name, type(m.material), m.material.law) for m in scene.matter]
        if other != first or cell_size(scene) != cell_size(scenes[0]):
            raise SceneError(
                f"Simulation(scenes[{k}])", f"matter {[name for name, *_ in other]} with cells of {cell_size(scene):g} m",
                "allowed in one batch: the same names, kinds of material and cell size as scenes[0]", "simulate it apart",
            )  # fmt: skip


def _constants(material: laws.MatterMaterial) -> list[float]:
    """A row of `columns`: constants of a material."""
    row = [0.0] * col.MATERIAL_REALS
    lame, shear = material.lame()
    row[col.LAW], row[col.DENSITY], row[col.BOND] = material.law, material.density, BONDS[material.wall]
    row[col.LAME], row[col.SHEAR] = lame, shear
    row[col.VISCOSITY] = getattr(material, "viscosity", 0.0)
    row[col.YIELD], row[col.HARDENING] = getattr(material, "yield_stress", 0.0), getattr(material, "hardening", 0.0)
    if isinstance(material, laws.Liquid):
        row[col.BULK] = material.density * material.sound_speed**2
        row[col.HARDENING] = material.flow_index
    if isinstance(material, laws.Sand):
        row[col.FRICTION] = material.cone() if material.friction_angle > 0 else 0.0
        tip = material.cohesion / math.tan(material.friction_angle) if material.friction_angle > 1e-6 else 0.0
        row[col.COHESION] = tip / (3 * lame + 2 * shear)
    if isinstance(material, laws.Snow):
        row[col.COMPRESSION], row[col.STRETCH] = material.critical_compression, material.critical_stretch
    return row


def _wave(scene: Scene, material: laws.MatterMaterial, cell: float) -> float:
    """Fastest wave, or the speed that asks for the same step as the viscosity does (dt < dx^2 / (6 nu))."""
    nu = 0.0 if material.law == col.PASTE else getattr(material, "viscosity", 0.0) / material.density
    return max(material.wave_speed(), COURANT * 6 * nu / cell)


def _require_budget(scene: Scene, cell: float) -> None:
    """Raise when a material needs more substeps per timestep than the scene allows."""
    most, dt = scene.options.matter_substeps, scene.options.timestep
    for m in scene.matter:
        wave = _wave(scene, m.material, cell)
        needed = 2 ** math.ceil(math.log2(max(1.0, dt * wave / (COURANT * cell))))
        if needed > most:
            allowed = COURANT * cell * 2 ** math.floor(math.log2(most)) / dt
            softer = f"allowed here: waves up to {allowed:.3g} m/s"
            if getattr(m.material, "youngs_modulus", 0.0):
                soft = m.material.youngs_modulus * (0.95 * allowed / m.material.wave_speed()) ** 2
                softer += f", for example youngs_modulus={soft:.3g}"
            raise SceneError(
                f"Scene.add_matter({m.name!r})",
                f"it needs {needed} substeps per timestep of {dt:g} s, more than {most}",
                softer,
                f"use a softer or less viscous material, larger cells, a shorter timestep, or options.matter_substeps={needed}",
            )  # fmt: skip


def _domain(scenes: Sequence[Scene], fills: Sequence[Sequence[Fill]], cell: float) -> tuple[Array, Array]:
    """Corners of where matter may go: as given, or what the scenes hold with as much room around it."""
    given = scenes[0].options.domain
    if given is not None:
        return np.array(given[0]), np.array(given[1])
    points = [f.position for scene in fills for f in scene]
    points += [s.corners() for scene in scenes for s in placed_shapes(scene)]
    everything, own = np.concatenate(points), np.concatenate([f.position for scene in fills for f in scene])
    size = own.max(axis=0) - own.min(axis=0)
    around = max(0.5, 2.0 * float(size.max()))
    low, high = everything.min(axis=0), everything.max(axis=0)
    low, high = np.maximum(low, own.min(axis=0) - 6 * around), np.minimum(high, own.max(axis=0) + 6 * around)
    return low - around, high + around


def _periods(scene: Scene, low: Array, high: Array, cell: float) -> tuple[bool, bool, bool]:
    """Axes that repeat; their length must be one block of four cells or an even number of blocks. Raises SceneError."""
    for axis, repeats in enumerate(scene.options.periodic):
        blocks = (high[axis] - low[axis]) / (4 * cell)
        whole = round(float(blocks))
        if repeats and (abs(blocks - whole) > 1e-3 or not (whole == 1 or (whole > 0 and whole % 2 == 0))):
            raise SceneError(
                "Scene.options.periodic", f"the domain is {4 * blocks:.4g} cells long along {'xyz'[axis]}",
                "allowed along a periodic axis: 4 cells, or a multiple of 8",
                f"make it {8 * max(1, round(blocks / 2)) * cell:g} m",
            )  # fmt: skip
    return scene.options.periodic


def _require_room(low: Array, high: Array, cell: float, num_envs: int) -> None:
    blocks = float(np.prod((high - low) / (4 * cell) + 8)) * num_envs
    if blocks > MAX_MAP:
        raise SceneError(
            "Scene.options.domain", f"{np.round(high - low, 2).tolist()} m in cells of {cell:g} m for {num_envs} environments",
            f"allowed: {MAX_MAP} blocks of 64 cells in all (here {blocks:.3g})", "give a smaller domain or larger cells",
        )  # fmt: skip


def _shapes(scenes: Sequence[Scene], compiled: CompiledScene, num_envs: int):  # noqa: ANN202
    """Shape table (E, S, SHAPE_REALS), values of hulls and fields, and carrier, position and rotation of every shape."""
    touching = [k for k, (_, s) in enumerate(scenes[0].shapes) if s.collides]
    carrier = compiled.ints["shape_body"][touching]
    reals = {
        n: np.broadcast_to(v, (num_envs, *v.shape[1:]))[:, touching]
        for n, v in compiled.reals.items()
        if n.startswith("shape_")
    }
    table = np.zeros((num_envs, max(1, len(touching)), col.SHAPE_REALS))
    values: list[Array] = []
    filled = 0
    bodies = compiled.sizes["num_bodies"]
    for k, index in enumerate(touching):
        shape = scenes[0].shapes[index][1]
        row = table[:, k]
        row[:, col.KIND], row[:, col.CARRIER] = int(shape.kind), carrier[k] + bodies * np.arange(num_envs)
        row[:, col.SIZE : col.SIZE + 3] = reals["shape_size"][:, k]
        row[:, col.GRIP], row[:, col.BOUND] = reals["shape_friction"][:, k, 0], reals["shape_bound"][:, k]
        if isinstance(shape, Surface) and shape.data is not None:
            size = reals["shape_size"][0, k]
            part = _surface(shape, size, row)
            row[:, col.FACE_START] = filled
            values.append(part)
            filled += len(part)
    _close_seams(scenes[0], touching, table, cell_size(scenes[0]))
    if not touching:
        table[:, 0, col.PLACE + 2] = -1e9  # a plane far below
        carrier = np.zeros(1, int)
        return (
            table,
            np.zeros(0),
            carrier,
            np.broadcast_to([0.0, 0.0, -1e9], (num_envs, 1, 3)),
            np.tile([1.0, 0, 0, 0], (num_envs, 1, 1)),
        )
    place = reals["shape_position"] + rot.rotate(reals["shape_rotation"], table[..., col.SHIFT : col.SHIFT + 3])
    return table, np.concatenate(values) if values else np.zeros(0), carrier, place, reals["shape_rotation"]


def _close_seams(scene: Scene, touching: list[int], table: Array, cell: float) -> None:
    """Faces that lie on another solid of the same body are moved into it, so that no particle finds its way along the seam.

    A union stays the same; only faces that are covered all over move.
    """
    poses = [
        Placed(s, b, np.array(s.position, float), np.array(s.rotation, float)) for b, s in (scene.shapes[k] for k in touching)
    ]
    for k, own in enumerate(poses):
        others = [o for o in poses if o.body == own.body and o is not own]
        if not others or own.shape.kind != ShapeType.BOX:
            continue
        size = table[0, k, col.SIZE : col.SIZE + 3].copy()
        for axis in range(3):
            for side in (-1.0, 1.0):
                reach = _covered(own, others, size, axis, side, cell)
                table[:, k, col.SIZE + axis] += reach / 2
                table[:, k, col.SHIFT + axis] += side * reach / 2


def _covered(own: Placed, others: list[Placed], size: Array, axis: int, side: float, cell: float) -> float:
    """How far [m] a face can move out and stay inside the others; 0 when a part of it is free."""
    u, v = (a for a in range(3) if a != axis)
    grid = np.array([(a, b) for a in np.linspace(-0.98, 0.98, 9) for b in np.linspace(-0.98, 0.98, 9)])
    points = np.zeros((len(grid), 3))
    points[:, u], points[:, v] = grid[:, 0] * size[u], grid[:, 1] * size[v]
    for reach in (1.0, 0.5, 0.25, 0.1, 0.04):
        points[:, axis] = side * (size[axis] + reach * cell)
        world = own.position + rot.rotate(own.turn, points)
        if (np.min([o.distance(world) for o in others], axis=0) < 0).all():
            return reach * cell
    return 0.0


def _surface(shape: Surface, size: Array, row: Array) -> Array:
    """Values of a mesh: the planes of its hull, or its grid, scaled."""
    data = shape.data
    assert data is not None
    if data.grid is None or shape.kind == ShapeType.MESH:
        planes = hull_planes(convex_hull(data), size)
        row[:, col.FACE_COUNT] = len(planes)
        return planes.reshape(-1)
    grid = data.grid
    row[:, col.GRID_ORIGIN : col.GRID_ORIGIN + 3] = grid.origin * size
    row[:, col.GRID_SPACING] = grid.spacing[0] * size[0]
    row[:, col.GRID_COUNT : col.GRID_COUNT + 3] = grid.count
    if shape.kind == ShapeType.HEIGHT_FIELD:
        row[:, col.GRID_COUNT + 2] = grid.spacing[1]
        return grid.values.reshape(-1)
    return grid.values.reshape(-1) * size[0]


def _inertias(scenes: Sequence[Scene], compiled: CompiledScene, num_envs: int):  # noqa: ANN202
    """Which bodies are free and alone, the mean mass and inertia of the others, and gravity as bodies feel it."""
    bodies = scenes[0].bodies
    parents = {b.parent for b in bodies[1:]}
    alone = np.array([
        k > 0 and len(b.joints) == 1 and b.joints[0].kind == JointType.FREE and k not in parents for k, b in enumerate(bodies)
    ])  # fmt: skip
    single = np.broadcast_to(alone, (num_envs, len(bodies)))
    if "body_inverse_weight" in compiled.reals:
        inverse = np.broadcast_to(compiled.reals["body_inverse_weight"], (num_envs, len(bodies), 2))
        mass, turn = (1 / np.maximum(inverse[..., k], 1e-9) for k in range(2))
    else:
        mass, turn = np.zeros(single.shape), np.ones(single.shape)
    scale = np.array([b.gravity_scale for b in bodies])
    gravity = np.array([scenes[e if len(scenes) > 1 else 0].options.gravity for e in range(num_envs)])
    falls = gravity[:, None] * scale[None, :, None] * single[..., None]
    return single, (mass, turn), falls
