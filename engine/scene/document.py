"""A scene as plain data and as YAML text; reading it back is the business of `engine.importers.scene_yaml`.

The document mirrors the builder's calls, in order, with every value that differs from its default: angles are radians, except
the cameras' `fov_y` (degrees). Mesh files are stored as paths relative to the document; a mesh from elsewhere, or from arrays,
is written out in full. Floats keep all their digits, so that a saved and loaded scene compiles to the same bits.
"""

from dataclasses import MISSING, Field, asdict, fields
from pathlib import Path
from typing import TYPE_CHECKING, Any

import numpy as np
import yaml

from engine.errors import SceneError
from engine.geometry.texture import Texture, inline_image
from engine.scene.deformable import Deformable, Solid
from engine.scene.description import Body, Camera, Checker, Joint, Mesh, Sensor, Shape, Site
from engine.scene.lamps import Lamp
from engine.scene.matter import Matter
from engine.scene.ties import Pulley, SpatialTendon, Tendon, Via, Wrap

if TYPE_CHECKING:
    from engine.scene.builder import Scene

FORMAT = 1
HEADER = "# Worldsmith scene; read it with engine.load. Units: SI, radians, quaternions (w, x, y, z); fov_y in degrees.\n"


def save_scene(scene: "Scene", path: Path) -> None:
    """Write a scene as YAML. Raises SceneError when the folder cannot be written."""
    if path.suffix.lower() not in (".yaml", ".yml"):
        raise SceneError(
            f"Scene.save({str(path)!r})", f"unknown ending {path.suffix!r}", "allowed: .yaml, .yml", "change the name"
        )
    text = HEADER + yaml.dump(
        scene_document(scene, path.resolve().parent), Dumper=_Flow, sort_keys=False, width=120, allow_unicode=True
    )
    try:
        path.write_text(text, encoding="utf-8")
    except OSError as error:
        raise SceneError(
            f"Scene.save({str(path)!r})",
            f"cannot write ({error.strerror})",
            "allowed: a writable folder",
            "choose another place",
        ) from error


def scene_document(scene: "Scene", folder: Path) -> dict[str, Any]:
    """Plain data of a scene: dicts, lists, strings and numbers."""
    document: dict[str, Any] = {"scene": FORMAT, "options": _plain(asdict(scene.options)), "light": _plain(asdict(scene.light))}
    document["bodies"] = [_body(scene, k, b, folder) for k, b in enumerate(scene.bodies) if k]
    world = [_shape(s, folder) for k, s in scene.shapes if k == 0 and not _is_piece(s)]
    names = [b.name for b in scene.bodies]
    parts: dict[str, Any] = {
        "world_shapes": world,
        "actuators": [_differing(a, ()) for a in scene.actuators],
        "cameras": [_camera(c, names) for c in scene.cameras],
        "lamps": [_lamp(lamp, names) for lamp in scene.lamps],
        "excluded_contacts": [[names[a], names[b]] for a, b in scene.excludes],
        "sites": [_site(s, names) for s in scene.sites],
        "tendons": [_tendon(t) for t in scene.tendons],
        "equalities": [{"type": type(e).__name__, **_differing(e, ())} for e in scene.equalities],
        "contact_pairs": [_differing(p, ()) for p in scene.contact_pairs],
        "sensors": [_sensor(s) for s in scene.sensors],
        "keyframes": [_differing(k, ()) for k in scene.keyframes],
        "matter": [_matter(m, folder) for m in scene.matter],
        "deformables": [_deformable(d, folder) for d in scene.deformables],
        "deformable_options": _differing(scene.deformable_options, ()),
    }
    document.update({key: value for key, value in parts.items() if value})
    return document


def _body(scene: "Scene", index: int, body: Body, folder: Path) -> dict[str, Any]:
    entry = _differing(body, ("parent", "joints"))
    if body.parent:
        entry["parent"] = scene.bodies[body.parent].name
    entry["joints"] = [_joint(j) for j in body.joints]
    entry["shapes"] = [_shape(s, folder) for k, s in scene.shapes if k == index and not _is_piece(s)]
    return {key: value for key, value in entry.items() if key == "joints" or value != []}


def _joint(joint: Joint) -> dict[str, Any]:
    return {"type": type(joint).__name__.lower(), **_differing(joint, ())}


def _is_piece(shape: Shape) -> bool:
    """Whether the shape is a further convex piece of the shape before it, which is written as the whole mesh."""
    return isinstance(shape, Mesh) and shape.data is not None and shape.data.look is not None and not len(shape.data.look.faces)


def _shape(shape: Shape, folder: Path) -> dict[str, Any]:
    entry = {
        "type": type(shape).__name__.lower(),
        **_differing(shape, ("data", "path", "vertices", "faces", "coordinates", "texture")),
    }
    if shape.texture is not None and not (isinstance(shape, Mesh) and shape.data and shape.texture == shape.data.texture):
        entry["texture"] = _texture(shape.texture, folder)
    if isinstance(shape, Mesh) and shape.data is not None:
        data = shape.data.look or shape.data
        source = Path(data.path) if data.path else None
        if source is not None and source.is_relative_to(folder):
            entry["path"] = source.relative_to(folder).as_posix()
        else:
            entry["vertices"], entry["faces"] = data.vertices.tolist(), data.faces.tolist()
            if data.coordinates is not None:
                entry["coordinates"] = data.coordinates.tolist()
            if shape.texture is not None:
                entry["texture"] = _texture(shape.texture, folder)
    return entry


def _texture(texture: Texture, folder: Path) -> dict[str, Any]:
    """An image inside the folder by its path, any other as text."""
    entry = _differing(texture, ("image", "pixels"))
    source = texture.image if isinstance(texture.image, str | Path) else ""
    inside = bool(source) and Path(source).is_file() and Path(source).resolve().is_relative_to(folder)
    assert texture.pixels is not None
    return {"image": Path(source).resolve().relative_to(folder).as_posix() if inside else inline_image(texture.pixels), **entry}


def _camera(camera: Camera, names: list[str]) -> dict[str, Any]:
    entry: dict[str, Any] = {"name": camera.name}
    if camera.body:
        entry["body"] = names[camera.body]
    return {
        **entry,
        "position": list(camera.position),
        "rotation": list(camera.rotation),
        "resolution": [camera.width, camera.height],
        **({"fov_y": camera.fov_y} if camera.focal is None else {"focal": list(camera.focal)}),
        **({} if camera.centre is None else {"centre": list(camera.centre)}),
        **({} if camera.lens == "pinhole" else {"lens": camera.lens}),
        **({"distortion": list(camera.distortion)} if any(camera.distortion) else {}),
        **({} if camera.exposure is None or camera.exposure.is_plain else {"exposure": _differing(camera.exposure, ())}),
    }


def _lamp(lamp: Lamp, names: list[str]) -> dict[str, Any]:
    entry = _differing(lamp, ("body", "direction"))
    facing = {} if lamp.cone is None and lamp.size is None else {"direction": list(lamp.direction)}
    return {**entry, "position": list(lamp.position), **facing, **({"body": names[lamp.body]} if lamp.body else {})}


def _site(site: Site, names: list[str]) -> dict[str, Any]:
    entry = _differing(site, ("body",))
    return {**entry, "body": names[site.body]} if site.body else entry


def _matter(matter: Matter, folder: Path) -> dict[str, Any]:
    entry = _differing(matter, ("material", "region"))
    entry["material"] = {"type": type(matter.material).__name__.lower(), **_differing(matter.material, ())}
    if matter.region is not None:
        entry["region"] = _shape(matter.region, folder)
    return entry


def _sensor(sensor: Sensor) -> dict[str, Any]:
    entry = {**_differing(sensor, ("attributes", "signal")), "attributes": _plain(dict(sensor.attributes))}
    signal = _differing(sensor.signal, ())
    return {**entry, "signal": signal} if signal else entry


def _tendon(tendon: Tendon) -> dict[str, Any]:
    entry = {"type": type(tendon).__name__, **_differing(tendon, ("path",))}
    if isinstance(tendon, SpatialTendon):
        entry["path"] = [_step(part) for part in tendon.path]
    return entry


def _step(part: Via | Wrap | Pulley) -> dict[str, Any]:
    """One part of a path: {site}, {shape, side} or {divisor}."""
    return {key: value for key, value in asdict(part).items() if value is not None}


def _deformable(part: Deformable, folder: Path) -> dict[str, Any]:
    entry = _differing(part, ("material", "mesh", "attachments", "texture"))
    if part.texture is not None:
        entry["texture"] = _texture(part.texture, folder)
    entry["material"] = {"type": type(part.material).__name__, **_differing(part.material, ())}
    mesh: dict[str, Any] = {"type": type(part.mesh).__name__, **_differing(part.mesh, ("shape",))}
    if isinstance(part.mesh, Solid):
        mesh["shape"] = _shape(part.mesh.shape, folder)
    entry["mesh"] = mesh
    if part.attachments:
        entry["attachments"] = [_differing(a, ()) for a in part.attachments]
    return entry


def _default(field: Field) -> Any:
    return field.default_factory() if field.default_factory is not MISSING else field.default


def _differing(part: Any, skip: tuple[str, ...]) -> dict[str, Any]:
    """Fields that are not at their default."""
    found = {f.name: getattr(part, f.name) for f in fields(part) if f.name not in skip and not f.name.startswith("_")}
    defaults = {f.name: _default(f) for f in fields(part)}
    return {name: _plain(value) for name, value in found.items() if defaults[name] is MISSING or value != defaults[name]}


def _plain(value: Any) -> Any:
    if isinstance(value, Checker):
        return {"period": value.period, "color": list(value.color)}
    if isinstance(value, dict):
        return {k: _plain(v) for k, v in value.items()}
    if isinstance(value, tuple | list | np.ndarray):
        return [_plain(v) for v in value]
    return value


class _Flow(yaml.SafeDumper):
    """Lists of numbers on one line, floats with all their digits."""


def _sequence(dumper: yaml.SafeDumper, value: list) -> yaml.Node:
    flat = all(
        isinstance(v, float | int | str) or (isinstance(v, list) and all(isinstance(x, float | int) for x in v)) for v in value
    )
    return dumper.represent_sequence("tag:yaml.org,2002:seq", value, flow_style=flat)


def _float(dumper: yaml.SafeDumper, value: float) -> yaml.Node:
    text = repr(value)
    return dumper.represent_scalar(
        "tag:yaml.org,2002:float", text if "." in text or "e" not in text else text.replace("e", ".0e")
    )


_Flow.add_representer(list, _sequence)
_Flow.add_representer(float, _float)


__all__ = ["FORMAT", "save_scene", "scene_document"]
