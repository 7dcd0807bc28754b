"""The part of `Scene` that adds cloth, ropes and elastic solids, checks them and says what holds them."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Any

import numpy as np

from engine.errors import SceneError, near_matches
from engine.geometry.texture import Texture, checked_texture
from engine.scene import check
from engine.scene.arguments import shape_list
from engine.scene.deformable import (
    DIAGONALS,
    MAX_VERTICES,
    Attachment,
    Deformable,
    DeformableOptions,
    Line,
    Sheet,
    Solid,
    geometry,
    posed,
)
from engine.scene.description import ORIGIN, UPRIGHT, Shape, Vector
from engine.scene.material import Material, complete
from engine.scene.soft_materials import Cloth, Elastic, Rope

RED, HEMP, GREEN, WHITE = (0.7, 0.2, 0.2), (0.6, 0.5, 0.3), (0.2, 0.6, 0.3), (1.0, 1.0, 1.0)  # sRGB
ENDS = ("left", "right", "front", "back", "bottom", "top")  # low and high x, y, z
APART = 1.06  # distance of vertices of a cloth from each other, in mesh widths: no triangle passes another one


class Deformables:
    """The list of deformable bodies and the calls that add to it."""

    _ids: dict[str, dict[str, int]]

    def __init__(self) -> None:
        self._deformables: list[Deformable] = []
        self.deformable_options = DeformableOptions()

    deformables = property(lambda self: tuple(self._deformables), doc="Cloth, ropes and elastic solids, by id.")

    def find(self, where: str, kind: str, name: str | int) -> int:
        """The id of an element, see `Scene.find`."""
        raise SceneError(where, f"a bare list of deformables knows no {kind} {name!r}", "allowed: engine.Scene", "use a Scene")

    # fmt: off
    def add_cloth(
        self, name: str, *, material: Cloth | None = None, mesh: Sheet | None = None, position: Sequence[float] = ORIGIN,
        rotation: Sequence[float] = UPRIGHT, velocity: Sequence[float] = ORIGIN, radius: float | None = None,
        self_contact: bool = True, color: Sequence[float] | None = None,
        texture: Texture | None = None,
    ) -> int:
        """Add a cloth; returns its id. position [m], rotation (w, x, y, z), velocity [m/s] of the mesh in W.

        radius [m]: distance that its vertices keep from rigid shapes (default a fifth of the mesh width). With self_contact the
        vertices keep about a mesh width from each other. color (sRGB): red, or white under a `texture`. Raises SceneError.
        """
        where = f"Scene.add_cloth({name!r})"
        material, mesh = material or Cloth(), mesh or Sheet()
        _kind(where, "material", material, Cloth)
        _kind(where, "mesh", mesh, Sheet)
        mesh = _checked_sheet(where, mesh)
        part = Deformable(name, material, mesh, texture=checked_texture(where, texture))
        width = _mesh_width(part)
        return self._put(where, part, position, rotation, velocity, _color(color, texture, RED), {
            "radius": 0.2 * width if radius is None else radius, "spacing": APART * width if self_contact else 0.0,
        })

    def add_rope(
        self, name: str, *, material: Rope | None = None, points: Sequence[Sequence[float]], segments: int = 50,
        position: Sequence[float] = ORIGIN, rotation: Sequence[float] = UPRIGHT, velocity: Sequence[float] = ORIGIN,
        self_contact: bool = True, color: Sequence[float] | None = None,
        texture: Texture | None = None,
    ) -> int:
        """Add a rope along the polyline `points` (n, 3) [m], cut into `segments`; returns its id. Raises SceneError."""
        where = f"Scene.add_rope({name!r})"
        material = material or Rope()
        _kind(where, "material", material, Rope)
        listed = [check.vector(where, "points", p) for p in points]
        if len(listed) < 2 or np.linalg.norm(np.diff(np.array(listed), axis=0), axis=1).min() <= 0:
            raise SceneError(where, f"{len(listed)} points, or two alike", "allowed: two different points", "add some")
        mesh = Line(tuple(listed), check.whole(where, "segments", segments, 2, MAX_VERTICES))
        part = Deformable(name, material, mesh, texture=checked_texture(where, texture))
        length = float(np.linalg.norm(np.diff(geometry(part).points, axis=0), axis=1).mean())
        diameter = float(material.diameter or 0.0)
        return self._put(where, part, position, rotation, velocity, _color(color, texture, HEMP), {
            "radius": diameter / 2, "spacing": max(diameter, length * 0.75) if self_contact else 0.0,
        })

    def add_soft(
        self, name: str, *, material: Elastic | None = None, shape: Shape, resolution: float,
        position: Sequence[float] = ORIGIN, rotation: Sequence[float] = UPRIGHT, velocity: Sequence[float] = ORIGIN,
        radius: float | None = None, self_contact: bool = False, color: Sequence[float] | None = None,
        texture: Texture | None = None,
    ) -> int:
        """Add an elastic solid that fills `shape` with tetrahedra of about `resolution` [m]; returns its id.

        radius [m]: distance of its vertices from rigid shapes (default 0). With self_contact the vertices of its skin keep
        their distance from those of other deformables. Raises SceneError.
        """
        where = f"Scene.add_soft({name!r})"
        material = material or Elastic()
        _kind(where, "material", material, Elastic)
        (filled,) = shape_list(where, [shape])
        mesh = Solid(complete(where, filled, Material()), check.number(where, "resolution", resolution, 0.0, above=True))
        part = Deformable(name, material, mesh, texture=checked_texture(where, texture))
        return self._put(where, part, position, rotation, velocity, _color(color, texture or mesh.shape.texture, GREEN), {
            "radius": radius or 0.0, "spacing": 0.9 * mesh.resolution if self_contact else 0.0,
        })
    # fmt: on

    def add_deformable(self, part: Deformable) -> int:
        """Add a complete description, as a saved scene holds it, without its attachments; returns its id. Raises SceneError."""
        where = f"Scene.add_deformable({part.name!r})"
        mesh = _checked_sheet(where, part.mesh) if isinstance(part.mesh, Sheet) else part.mesh
        if isinstance(mesh, Solid):
            (filled,) = shape_list(where, [mesh.shape])
            mesh = replace(mesh, shape=complete(where, filled, Material()))
        if isinstance(mesh, Line):
            mesh = replace(mesh, points=tuple(check.vector(where, "points", p) for p in mesh.points))
        sizes = {"radius": part.radius, "spacing": part.spacing}
        whole = replace(part, mesh=mesh, attachments=(), texture=checked_texture(where, part.texture))
        return self._put(where, whole, part.position, part.rotation, part.velocity, part.color, sizes)

    def attach(
        self,
        name: str,
        vertices: Sequence[int] | None = None,
        body: str | int | None = None,
        *,
        near: Sequence[float] | None = None,
        within: float = 0.0,
        end: str | None = None,
    ) -> tuple[int, ...]:
        """Hold vertices of a deformable at their place in the frame of `body` (default: the world), or in W where they are now.

        Either `vertices`, those within `within` [m] of the point `near` in W, or those at the `end` (of ENDS) of the mesh in
        its own frame: a twentieth of its length. Returns the vertices. Raises SceneError.
        """
        where = f"Scene.attach({name!r})"
        part = self._deformables[self.find(where, "deformable", name)]
        own = geometry(part).points
        points = posed(part, own)
        if end is not None:
            vertices = _end_vertices(where, own, end)
        if near is not None:
            away = np.linalg.norm(points - np.array(check.vector(where, "near", near)), axis=1)
            vertices = np.flatnonzero(away <= check.number(where, "within", within, 0.0)).tolist()
        chosen = tuple(check.whole(where, "vertex", v, 0, len(points) - 1) for v in (vertices or ()))
        if not chosen:
            raise SceneError(
                where, "no vertex is named or near", "allowed: one vertex or more", "name vertices or widen `within`"
            )
        carrier = "" if body is None else self._body_name(where, body)
        changed = replace(part, attachments=(*part.attachments, Attachment(chosen, carrier)))
        self._deformables[self._ids["deformable"][part.name]] = changed
        return chosen

    def _body_name(self, where: str, body: str | int) -> str:
        index = self.find(where, "body", body)
        return str(next(name for name, k in self._ids["body"].items() if k == index)) if index else ""

    def _put(
        self,
        where: str,
        part: Deformable,
        position: Any,
        rotation: Any,
        velocity: Any,
        color: Any,
        sizes: dict[str, float],
    ) -> int:
        if not isinstance(part.name, str) or not part.name or part.name in self._ids["deformable"]:
            raise SceneError(where, f"the name is {part.name!r}", "allowed: a new, non-empty name", "choose another one")
        numbers: dict[str, Any] = {key: check.number(where, key, value, 0.0) for key, value in sizes.items()}
        done = replace(
            part,
            position=check.vector(where, "position", position),
            rotation=check.rotation(where, "rotation", rotation),
            velocity=check.vector(where, "velocity", velocity),
            color=check.vector(where, "color", color, 3, 0.0),
            **numbers,
        )
        count = len(geometry(done).points)
        if count > MAX_VERTICES:
            raise SceneError(where, f"{count} vertices", f"allowed: up to {MAX_VERTICES}", "use a coarser mesh")
        self._ids["deformable"][part.name] = len(self._deformables)
        self._deformables.append(done)
        return len(self._deformables) - 1


def _color(color: Sequence[float] | None, texture: Texture | None, own: Vector) -> Sequence[float]:
    """The colour, by default that of the kind, or white under an image."""
    return color if color is not None else own if texture is None else WHITE


def _kind(where: str, what: str, value: Any, wanted: type) -> None:
    if not isinstance(value, wanted):
        raise SceneError(
            where,
            f"{what} is {type(value).__name__}",
            f"allowed: engine.{wanted.__name__}",
            f"pass an engine.{wanted.__name__}",
        )


def _end_vertices(where: str, points: np.ndarray, end: str) -> list[int]:
    """Vertices in the last twentieth of a mesh. Raises SceneError on an unknown end."""
    if end not in ENDS:
        raise SceneError(where, f"end {end!r}", f"allowed: {', '.join(ENDS)}", "name one of them")
    along = points[:, ENDS.index(end) // 2] * (1.0 if ENDS.index(end) % 2 else -1.0)
    return [int(v) for v in np.flatnonzero(along >= along.max() - 0.05 * np.ptp(along) - 1e-9)]


def _checked_sheet(where: str, mesh: Sheet) -> Sheet:
    size = check.vector(where, "size", mesh.size, 2, 0.0, above=True)
    width = check.number(where, "spacing", mesh.spacing, 0.0, above=True)
    if mesh.diagonals not in DIAGONALS:
        raise SceneError(where, f"unknown diagonals {mesh.diagonals!r}", near_matches(mesh.diagonals, DIAGONALS), "pick one")
    if mesh.vertices is None:
        return replace(mesh, size=size, spacing=width)
    points, faces = np.asarray(mesh.vertices, float), np.asarray(mesh.faces if mesh.faces is not None else [])
    plane = points[:, :2] if mesh.plane is None else np.asarray(mesh.plane, float)
    right = points.ndim == 2 and points.shape[1] == 3 and faces.ndim == 2 and faces.shape[1] == 3
    if not right or plane.shape != (len(points), 2) or faces.min() < 0 or faces.max() >= len(points):
        raise SceneError(
            where, f"vertices {points.shape}, faces {faces.shape}, plane {plane.shape}", "allowed: (n, 3), (m, 3), (n, 2)",
            "correct the arrays",
        )  # fmt: skip
    corner = plane[faces]
    a, b = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    area = np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0])
    if area.min() <= 0:
        raise SceneError(
            where, f"triangle {int(area.argmin())} has no area in the plane", "allowed: proper triangles", "give `plane`"
        )
    return replace(
        mesh, size=size, spacing=width, vertices=points.tolist(), faces=faces.tolist(),
        plane=None if mesh.plane is None else plane.tolist(),
    )  # fmt: skip


def _mesh_width(part: Deformable) -> float:
    """Side of a square with the mean area of two triangles [m]."""
    made = geometry(part)
    assert made.plane is not None
    corner = made.plane[made.faces]
    a, b = corner[:, 1] - corner[:, 0], corner[:, 2] - corner[:, 0]
    return float(np.sqrt(np.abs(a[:, 0] * b[:, 1] - a[:, 1] * b[:, 0]).mean()))
