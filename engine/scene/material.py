"""Shapes made complete: the shape's own value, then the body's, then the default; and checked.

Defaults follow the advice of MuJoCo's documentation on contact: friction 0.5 sliding, 0.005 m torsional, 0.0001 m rolling (the
last two act only when a friction triple is given), solimp (0.9, 0.95, 0.001, 0.5, 2). The default contact time constant is
CONTACT_TIME or CONTACT_STEPS timesteps, whichever is longer: stiffer than MuJoCo's 20 ms, so that resting contacts sink by
micrometres, and stable for the substep.
"""

from dataclasses import dataclass, fields, replace
from typing import Any

from engine.errors import SceneError, near_matches
from engine.geometry.decompose import convex_pieces
from engine.geometry.distance import MAX_RESOLUTION, distance_grid
from engine.geometry.grid import checked_heights, height_grid, terrain_solid
from engine.geometry.mesh import MeshData, from_arrays, load_mesh
from engine.geometry.texture import Texture, checked_texture
from engine.scene import check
from engine.scene.description import (
    Box,
    Capsule,
    Checker,
    Cylinder,
    Ellipsoid,
    HeightField,
    Mesh,
    Plane,
    Shape,
    Sphere,
    Vector,
)

DENSITY = 1000.0
FRICTION = (0.5, 0.005, 0.0001)
SOLIMP = (0.9, 0.95, 0.001, 0.5, 2.0)
CONTACT_TIME, CONTACT_STEPS = 0.005, 2.5  # s, timesteps: with two, a ball without restitution hops by 3 per cent of its fall
CONDIMS = (1, 3, 4, 6)
CONVEX = ("hull", "decompose", "field")


@dataclass(frozen=True)
class Material:
    """What a body hands down to shapes that say nothing themselves."""

    density: float | None = None
    friction: float | Vector | None = None
    restitution: float | None = None
    color: Vector | None = None
    roughness: float | None = None
    metallic: float | None = None
    checker: Checker | None = None
    texture: Texture | None = None
    condim: int | None = None
    margin: float | None = None
    solref: tuple[float, float] | None = None
    solimp: tuple[float, float, float, float, float] | None = None


WHITE = (1.0, 1.0, 1.0)  # an image alone decides what it looks like
DEFAULT = Material(DENSITY, 0.5, 0.0, (0.62, 0.64, 0.67), 0.55, 0.0, None, None, None, 0.0, None, SOLIMP)
_INHERITED = tuple(f.name for f in fields(Material))


def complete(where: str, shape: Shape, body: Material) -> Shape:
    """The shape with every value set and checked; meshes are read. `solref` stays None for the default time constant."""
    values: dict[str, Any] = {}
    for name in _INHERITED:
        value = getattr(shape, name)
        if value is None:
            value = getattr(body, name)
        values[name] = getattr(DEFAULT, name) if value is None else value
    values.update(_dimensions(where, shape))
    own = values["data"].texture if shape.texture is None and values.get("data") is not None else None
    values["texture"] = checked_texture(where, own or values["texture"])
    if values["texture"] is not None and shape.color is None and body.color is None:
        values["color"] = WHITE
    values["solref"], values["solimp"] = check.impedance(where, values["solref"], values["solimp"])
    values["density"] = check.number(where, "density", values["density"], 0.0)
    values["friction"] = check.friction(where, values["friction"])
    values["restitution"] = check.number(where, "restitution", values["restitution"], 0.0, 1.0)
    values["color"] = check.vector(where, "color", values["color"], 3, 0.0, 1.0)
    values["roughness"] = check.number(where, "roughness", values["roughness"], 0.0, 1.0)
    values["metallic"] = check.number(where, "metallic", values["metallic"], 0.0, 1.0)
    values["transmission"] = check.number(where, "transmission", shape.transmission, 0.0, 1.0)
    values["ior"] = check.number(where, "ior", shape.ior, 1.0)
    values["emission"] = check.vector(where, "emission", shape.emission, 3, 0.0)
    values["margin"] = check.number(where, "margin", values["margin"], 0.0)
    values["condim"] = _condim(where, values["condim"], values["friction"])
    values["checker"] = _checker(where, values["checker"])
    values["position"] = check.vector(where, "shape position", shape.position)
    values["rotation"] = check.rotation(where, "shape rotation", shape.rotation)
    if shape.mass is not None:
        values["mass"] = check.number(where, "shape mass", shape.mass, 0.0)
    values["priority"] = check.whole(where, "priority", shape.priority, -(2**31), 2**31 - 1)
    values["mix"] = check.number(where, "mix", shape.mix, 0.0)
    for name in ("contact_type", "contact_affinity"):
        values[name] = check.whole(where, name, getattr(shape, name), 0, 2**31 - 1)
    return replace(shape, **values)


def friction_triple(value: float | Vector | None) -> Vector:
    """(sliding, torsional, rolling) of a friction that may be a number."""
    return value if isinstance(value, tuple) else (FRICTION[0] if value is None else value, FRICTION[1], FRICTION[2])


def _condim(where: str, condim: Any, friction: float | Vector) -> int:
    if condim is None:
        if not isinstance(friction, tuple):
            return 3
        return 6 if friction[2] > 0 else 4 if friction[1] > 0 else 3
    if condim not in CONDIMS:
        raise SceneError(where, f"condim is {condim!r}", "allowed: 1, 3, 4, 6", "leave it out to follow friction")
    return int(condim)


def _checker(where: str, checker: Any) -> Checker | None:
    if checker is None:
        return None
    if not isinstance(checker, Checker):
        raise SceneError(where, f"checker is {checker!r}", "allowed: engine.Checker(period, color) or None", "pass one")
    period = check.number(where, "checker period", checker.period, 0.0, above=True)
    return Checker(period, check.vector(where, "checker color", checker.color, 3, 0.0, 1.0))


def _dimensions(where: str, shape: Shape) -> dict[str, Any]:
    """Clean size fields of a shape, by its type."""

    def positive(name: str) -> float:
        return check.number(where, name, getattr(shape, name), 0.0, above=True)

    if isinstance(shape, Plane):
        return {}
    if isinstance(shape, Sphere):
        return {"radius": positive("radius")}
    if isinstance(shape, Capsule):
        return {"radius": positive("radius"), "length": check.number(where, "length", shape.length, 0.0)}
    if isinstance(shape, Cylinder):
        return {"radius": positive("radius"), "height": positive("height")}
    if isinstance(shape, Box):
        return {"size": check.vector(where, "size", shape.size, 3, 0.0, above=True)}
    if isinstance(shape, Ellipsoid):
        return {"radii": check.vector(where, "radii", shape.radii, 3, 0.0, above=True)}
    if isinstance(shape, Mesh):
        return _mesh(where, shape)
    if isinstance(shape, HeightField):
        return _height_field(where, shape)
    allowed = "allowed: Box, Sphere, Capsule, Cylinder, Ellipsoid, Plane, Mesh, HeightField"
    raise SceneError(where, f"{shape!r} is no shape", allowed, "pass one of them")


def _mesh(where: str, shape: Mesh) -> dict[str, Any]:
    scale = shape.scale if isinstance(shape.scale, tuple | list) else (shape.scale,) * 3
    clean: dict[str, Any] = {"scale": check.vector(where, "scale", scale, 3, 0.0, above=True)}
    data = shape.data
    if data is None:
        inline = shape.vertices is not None and shape.faces is not None
        if (shape.path is None) == (not inline) or (shape.vertices is None) != (shape.faces is None):
            raise SceneError(where, "a Mesh needs either path, or vertices and faces", "allowed: one of the two", "pass one")
        if inline:
            data = from_arrays(shape.vertices, shape.faces, shape.name or "mesh", where, None, shape.coordinates)  # type: ignore[arg-type]
        else:
            data = load_mesh(shape.path, where)  # type: ignore[arg-type]
        clean["data"] = data
    clean.update(_collision_form(where, shape, data, clean["scale"]))
    return clean


def _collision_form(where: str, shape: Mesh, data: MeshData, scale: Vector) -> dict[str, Any]:
    """How a mesh collides: checked, and with its distance field where it has one."""
    if shape.convex not in CONVEX:
        remedy = near_matches(str(shape.convex), CONVEX)
        raise SceneError(where, f"convex is {shape.convex!r}", f"allowed: {', '.join(CONVEX)}", remedy)
    resolution = check.whole(where, "resolution", shape.resolution, 4, MAX_RESOLUTION)
    if shape.convex != "field" or data.grid is not None:
        return {"resolution": resolution}
    if max(scale) - min(scale) > 1e-9 * max(scale):
        raise SceneError(where, f"a distance field with the scale {scale}", "allowed: one scale for x, y, z", "scale the mesh")
    grid = distance_grid(data, resolution, where)
    return {"resolution": resolution, "data": replace(data, grid=grid, key=f"{data.key}:field:{resolution}")}


def _height_field(where: str, shape: HeightField) -> dict[str, Any]:
    heights = checked_heights(shape.heights, where)
    size = check.vector(where, "size", shape.size, 2, 0.0, above=True)
    base = check.number(where, "base", shape.base, 0.0, above=True)
    clean: dict[str, Any] = {"size": size, "base": base, "heights": tuple(map(tuple, heights.tolist()))}
    if shape.data is None:
        grid = height_grid(heights, size, base)
        data = from_arrays(*terrain_solid(heights, grid), shape.name or "ground", where)
        clean["data"] = replace(data, grid=grid, key=f"{data.key}:heights")
    return clean


def pieces(where: str, shape: Shape) -> list[Shape]:
    """The shapes that a complete shape stands for: itself, or the convex pieces of a mesh."""
    if not isinstance(shape, Mesh) or shape.convex != "decompose" or shape.data is None or ":pieces:" in shape.data.key:
        return [shape]
    first, *rest = convex_pieces(shape.data, where)
    return [replace(shape, data=first), *(replace(shape, data=p, name=None, density=0.0, mass=None) for p in rest)]


__all__ = ["CONTACT_STEPS", "CONTACT_TIME", "DEFAULT", "Material", "complete", "friction_triple", "pieces"]
