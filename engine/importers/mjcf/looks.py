"""What pictures show of a geom: colour, checkerboard, visibility.

A material's rgba counts where the geom has none; of textures the built-in ones are read: `checker` becomes our pattern, `flat`
and `gradient` their first colour. Image textures change pictures only and are reported as ignored. Geoms of group 3 and above
are hidden, as MuJoCo's viewer hides them, and so are geoms with alpha 0. Limits: partly transparent geoms are opaque.
"""

from pathlib import Path
from typing import Any

from engine.errors import ImportFileError, near_matches
from engine.importers.mjcf.source import Source, accept, flag, scalar
from engine.importers.xml_tree import Element, parse_numbers
from engine.scene.description import Checker

GREY = "0.5 0.5 0.5 1"
HIDDEN_GROUP = 3


def read_assets(source: Source, element: Element) -> None:
    """Meshes, materials and textures by name; height fields and the rest are reported."""
    kinds = {"mesh": source.meshes, "material": source.materials, "texture": source.textures}
    for child in element.children:
        if child.tag == "skin":
            source.report.skips("element <skin>", child.line)
            continue
        accept(source, child)
        if child.tag in kinds:
            resolved = source.resolved(child, None)
            if child.tag == "texture" and child.attributes.get("builtin", "none") == "none":
                source.report.skips("an image texture", child.line)
            kinds[child.tag][_asset_name(source, child)] = resolved


def _asset_name(source: Source, child: Element) -> str:
    name = child.attributes.get("name") or Path(source.file(child.attributes.get("file", ""))).stem
    if not name and child.tag != "texture":
        raise ImportFileError(child.where, "neither name nor file", "allowed: a name, or a file", "add it")
    return name


def look(source: Source, element: Element, kind: str, size: list[float]) -> dict[str, Any]:
    """color, checker and visible of a geom."""
    text, name = element.attributes.get("rgba"), element.attributes.get("material")
    material = None
    if name is not None:
        if name not in source.materials:
            near = near_matches(name, source.materials)
            raise ImportFileError(element.where, f"unknown material {name!r}", near, "correct the name")
        material = source.materials[name]
        text = text or material.attributes.get("rgba", "1 1 1 1")
    rgba = parse_numbers(element, "rgba", text or GREY, 4)
    values: dict[str, Any] = {"color": rgba[:3], "visible": rgba[3] > 0 and scalar(element, "group", 0) < HIDDEN_GROUP}
    if material is not None:
        values.update(_pattern(source, material, rgba[:3], kind, size))
    return values


def _pattern(source: Source, material: Element, tint: tuple[float, ...], kind: str, size: list[float]) -> dict[str, Any]:
    """Colours of a material's built-in texture."""
    texture = source.textures.get(material.attributes.get("texture", ""))
    builtin = "none" if texture is None else texture.attributes.get("builtin", "none")
    if texture is None or builtin == "none":
        return {}
    first, second = (
        tuple(min(1.0, max(0.0, a * b)) for a, b in zip(texture.numbers(key, 3) or default, tint, strict=True))
        for key, default in (("rgb1", (0.8, 0.8, 0.8)), ("rgb2", (0.5, 0.5, 0.5)))
    )
    if builtin != "checker":
        return {"color": first}
    repeat = (material.numbers("texrepeat") or (1.0,))[0]
    uniform = flag(material, "texuniform", False)
    span = 1.0 if uniform or kind != "plane" or not size or size[0] <= 0 else 2 * size[0]
    return {"color": first, "checker": Checker(span / repeat if repeat > 0 else span, second)}  # type: ignore[arg-type]
