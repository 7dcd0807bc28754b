"""What a format cannot hold: noted line by line, so that nothing is dropped in silence."""

from dataclasses import MISSING, dataclass, field, fields
from typing import Any

from engine.errors import SceneError
from engine.scene.builder import Scene
from engine.scene.description import Camera, HeightField, Mesh, Shape

ELSEWHERE = ("tendons", "equalities")  # lists that a scene may have and no exporter here writes


@dataclass
class Losses:
    """Notes of one export; `finish` raises in strict mode when one of them changes the physics."""

    where: str
    changed: list[str] = field(default_factory=list)
    noted: list[str] = field(default_factory=list)

    def changes(self, what: str) -> None:
        """Note something that makes the exported model move otherwise."""
        self.changed.append(f"changed: {what}")

    def notes(self, what: str) -> None:
        """Note something without effect on the motion, or that the format's own programs do in another way."""
        self.noted.append(f"noted: {what}")

    def unknown_fields(self, label: str, part: Any, known: tuple[str, ...]) -> None:
        """Note every field of a description that is not at its default and that the exporter does not know."""
        for f in fields(part):
            default = f.default_factory() if f.default_factory is not MISSING else f.default
            if f.name not in known and not f.name.startswith("_") and getattr(part, f.name) != default:
                self.changes(f"{f.name}={getattr(part, f.name)!r} of {label}")

    def lens(self, camera: Camera) -> None:
        """Note the intrinsics of a camera, of which only the field of view is written, and its electronics."""
        if camera.exposure is not None and not camera.exposure.is_plain:
            self.notes(f"the exposure of camera {camera.name!r} is left out")
        if camera.lens != "pinhole" or camera.centre is not None or camera.focal is not None:
            self.notes(f"the lens of camera {camera.name!r}: only its vertical field of view is written")

    def surface(self, shape: Shape) -> None:
        """Note what becomes of a shape that collides as a grid (a mesh with the same triangles) or wears an image."""
        if shape.texture is not None:
            self.notes(f"the image on {shape.name!r} is left out")
        if isinstance(shape, HeightField):
            self.changes(f"the height field {shape.name!r} as ground")
        if isinstance(shape, Mesh) and shape.convex == "field":
            self.changes(f"convex='field' of shape {shape.name!r}")
        if isinstance(shape, Mesh) and shape.convex == "decompose":
            self.notes(f"{shape.name!r} is drawn as a convex piece")

    def unknown_lists(self, scene: Scene) -> None:
        """Note parts of the scene that no exporter writes."""
        for name in ELSEWHERE:
            if getattr(scene, name, ()):
                self.changes(f"{len(getattr(scene, name))} {name}")
        if scene.lamps:
            self.notes(f"{len(scene.lamps)} lamps are left out")

    def finish(self, strict: bool) -> list[str]:
        """All notes. Raises SceneError in strict mode when the physics would change."""
        if strict and self.changed:
            more = len(self.changed) - 1
            raise SceneError(
                self.where,
                self.changed[0].removeprefix("changed: ") + " cannot be written" + (f" (and {more} more)" if more else ""),
                "allowed: what the exporter's module lists",
                "remove it, or export with strict=False and read the returned notes",
            )
        return [*self.changed, *self.noted]
