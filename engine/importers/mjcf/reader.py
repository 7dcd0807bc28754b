"""The top level of an MJCF file: settings, assets, tree, actuators, excludes."""

from pathlib import Path

from engine.errors import ImportFileError, near_matches
from engine.importers.mjcf.actuators import read_actuator
from engine.importers.mjcf.bodies import Place, read_children, read_geom
from engine.importers.mjcf.equality import read_equalities
from engine.importers.mjcf.options import read_compiler, read_option
from engine.importers.mjcf.source import Source, accept, read_defaults, read_tree
from engine.importers.mjcf.tendons import read_tendons
from engine.importers.report import Report
from engine.importers.xml_tree import Element
from engine.scene.builder import Scene
from engine.scene.description import WORLD, Options

SILENT = ("size", "statistic", "visual", "custom", "keyframe")  # memory, view and data: no effect on the physics


def load_mjcf(path: Path, strict: bool = True) -> Scene:
    """The scene of an MJCF file. Raises ImportFileError (file, elements) and SceneError (values)."""
    report = Report(path.name)
    folder = path.resolve().parent
    source = Source(folder, Scene(), report)
    root = read_tree(path, folder, report)
    source.scene.options = Options(
        integrator="euler", max_iterations=100, impedance_ratio=1.0, contact="mujoco", cone="pyramidal"
    )
    for tag, read in (("compiler", read_compiler), ("option", read_option), ("default", read_defaults), ("asset", read_assets)):
        for element in root.all(tag):
            read(source, element)
    for element in root.all("worldbody"):
        for geom in element.all("geom"):
            shape = read_geom(source, geom, None)
            if shape is not None:
                source.scene.add_shape(WORLD, shape)
        read_children(source, element, Place(WORLD, None))
    for element in root.all("tendon"):
        read_tendons(source, element)
    for element in root.all("equality"):
        read_equalities(source, element)
    for element in root.all("actuator"):
        for actuator in element.children:
            read_actuator(source, actuator)
    for element in root.all("contact"):
        read_contact(source, element)
    _rest(source, root)
    return report.finish(source.scene, strict)


def _rest(source: Source, root: Element) -> None:
    for element in root.children:
        if element.tag in SILENT:
            source.report.skips(f"element <{element.tag}>", element.line)
        elif element.tag not in (
            "compiler",
            "option",
            "default",
            "asset",
            "worldbody",
            "actuator",
            "contact",
            "tendon",
            "equality",
        ):
            source.report.lacks(f"element <{element.tag}>", element.line)


def read_assets(source: Source, element: Element) -> None:
    """Meshes and material colours."""
    for child in element.children:
        if child.tag in ("texture", "skin"):
            source.report.skips(f"element <{child.tag}>", child.line)
            continue
        accept(source, child)
        if child.tag in ("mesh", "material"):
            resolved = source.resolved(child, None)
            file = child.attributes.get("file", "")
            name = child.attributes.get("name") or Path(file).stem
            (source.meshes if child.tag == "mesh" else source.materials)[name] = resolved


def read_contact(source: Source, element: Element) -> None:
    """Body pairs that never touch."""
    for child in element.children:
        accept(source, child)
        if child.tag != "exclude":
            continue
        bodies = [child.attributes.get(key, "") for key in ("body1", "body2")]
        known = [b.name for b in source.scene.bodies]
        for name in bodies:
            if name not in known:
                raise ImportFileError(child.where, f"unknown body {name!r}", near_matches(name, known), "correct the name")
        source.scene.exclude_contacts(*bodies)
