"""The top level of an MJCF file: settings, assets, tree, actuators, excludes."""

from collections.abc import Callable
from pathlib import Path

from engine.importers.mjcf.actuators import read_actuator
from engine.importers.mjcf.annotations import read_keyframes, read_sensors
from engine.importers.mjcf.bodies import read_world
from engine.importers.mjcf.contact import read_contact
from engine.importers.mjcf.equality import read_equalities
from engine.importers.mjcf.looks import read_assets
from engine.importers.mjcf.options import read_compiler, read_option
from engine.importers.mjcf.source import Source, read_defaults, read_tree
from engine.importers.mjcf.tendons import read_tendons
from engine.importers.report import Report
from engine.importers.xml_tree import Element
from engine.scene.builder import Scene
from engine.scene.description import Options

SETTINGS = ("compiler", "option", "default")  # sections with attributes
SILENT = ("size", "statistic", "visual", "custom")  # memory, view and data: no effect on the physics


def load_mjcf(path: Path, strict: bool = True) -> Scene:
    """The scene of an MJCF file. Raises ImportFileError (file, elements) and SceneError (values)."""
    report = Report(path.name)
    folder = path.resolve().parent
    source = Source(folder, Scene(), report)
    root = read_tree(path, folder, report)
    source.scene.options = Options(
        integrator="euler", max_iterations=100, impedance_ratio=1.0, contact="mujoco", cone="pyramidal"
    )
    for tag, read in SECTIONS:
        for element in root.all(tag):
            for key in element.attributes if tag not in SETTINGS else ():
                report.lacks(f"attribute {key} of <{tag}>", element.line)
            read(source, element)
    _rest(source, root)
    return report.finish(source.scene, strict)


def _rest(source: Source, root: Element) -> None:
    for element in root.children:
        if element.tag in SILENT:
            source.report.skips(f"element <{element.tag}>", element.line)
        elif element.tag not in dict(SECTIONS):
            source.report.lacks(f"element <{element.tag}>", element.line)


def read_actuators(source: Source, element: Element) -> None:
    """Every actuator of the section."""
    for actuator in element.children:
        read_actuator(source, actuator)


SECTIONS: tuple[tuple[str, Callable[[Source, Element], None]], ...] = (  # in the order in which they refer to each other
    ("compiler", read_compiler),
    ("option", read_option),
    ("default", read_defaults),
    ("asset", read_assets),
    ("worldbody", read_world),
    ("contact", read_contact),
    ("tendon", read_tendons),
    ("equality", read_equalities),
    ("actuator", read_actuators),
    ("sensor", read_sensors),
    ("keyframe", read_keyframes),
)
