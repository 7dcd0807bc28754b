"""What pictures show of a geom: colour, checkerboard, visibility.

A material's rgba counts where the geom has none. Of the built-in textures `checker` becomes our pattern, `flat` and `gradient`
their first colour. An image file lies on a mesh by its coordinates, as a 2d texture from above, as a cube texture on six
sides, with the material's copies. Geoms of group 3 and above are hidden, as MuJoCo's viewer hides them, and so are geoms with
alpha 0. Limits: partly transparent geoms are opaque; sky boxes and cube textures of several files or of a grid are reported.
"""

from pathlib import Path
from typing import Any

from engine.errors import ImportFileError, SceneError, near_matches
from engine.geometry.texture import Texture, checked_texture
from engine.importers.files import inside
from engine.importers.mjcf.source import Source, accept, flag, padded, scalar
from engine.importers.xml_tree import Element, parse_numbers
from engine.scene.description import Checker

GREY = "0.5 0.5 0.5 1"
HIDDEN_GROUP = 3


def read_assets(source: Source, element: Element) -> None:
    """Meshes, materials, textures and height fields by name; the rest is reported."""
    kinds = {
        "mesh": source.meshes, "material": source.materials, "texture": source.textures, "hfield": source.height_fields,
    }  # fmt: skip
    for child in element.children:
        if child.tag == "skin":
            source.report.skips("element <skin>", child.line)
            continue
        accept(source, child)
        if child.tag in kinds:
            resolved = source.resolved(child, None)
            if child.tag == "texture" and not _is_simple(resolved):
                source.report.skips("a texture that is not one image", child.line)
            kinds[child.tag][_asset_name(source, child)] = resolved


def _is_simple(texture: Element) -> bool:
    """Whether a texture is built in or one image file for the sides of things."""
    simple = "file" in texture.attributes and not {"gridsize", "gridlayout"} & set(texture.attributes)
    return texture.attributes.get("builtin", "none") != "none" or (simple and texture.attributes.get("type") != "skybox")


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
    if texture is None:
        return {}
    if builtin == "none":
        return {"texture": _image(source, material, texture, kind, size)} if _is_simple(texture) else {}
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


def _image(source: Source, material: Element, texture: Element, kind: str, size: list[float]) -> Texture | None:
    """The image of a material on a geom; one that cannot be read is reported."""
    copies = padded(material, "texrepeat", (1.0, 1.0))
    uniform = flag(material, "texuniform", False)
    if kind == "plane" and not uniform and len(size) > 1 and min(size[:2]) > 0:
        copies = (copies[0] / (2 * size[0]), copies[1] / (2 * size[1]))
    cube = texture.attributes.get("type", "cube") == "cube"
    mapping = "auto" if kind == "mesh" else "box" if cube else "planar"
    try:
        path = inside(source.folder, str(source.texturedir / source.file(texture.attributes["file"])), texture.where)
        made = Texture(str(path), (copies[0], copies[1]), mapping, uniform and kind != "mesh")
        return checked_texture(texture.where, made)
    except (ImportFileError, SceneError) as error:
        source.report.skips(f"an image that cannot be read ({error})", texture.line)
        return None
