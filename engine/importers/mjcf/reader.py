"""The top level of an MJCF file: settings, assets, tree, actuators, excludes."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

from engine.errors import ImportFileError
from engine.importers.mjcf.annotations import read_keyframes, read_sensors
from engine.importers.mjcf.bodies import read_world
from engine.importers.mjcf.contact import read_contact
from engine.importers.mjcf.looks import read_assets
from engine.importers.mjcf.source import (
    ACTUATORS,
    Source,
    accept,
    flag,
    limits,
    padded,
    read_defaults,
    read_tree,
    scalar,
    vector3,
)
from engine.importers.mjcf.springs import set_springs
from engine.importers.report import Report
from engine.importers.xml_tree import Element
from engine.scene.builder import Scene
from engine.scene.description import Options

SETTINGS = ("compiler", "option", "default")  # sections with attributes
SILENT = ("size", "statistic", "visual", "custom")  # memory, view and data: no effect on the physics
INTEGRATORS = {"Euler": "euler", "implicit": "implicit", "implicitfast": "implicit"}


def load_mjcf(path: Path, strict: bool = True) -> Scene:
    """The scene of an MJCF file. Raises ImportFileError (file, elements) and SceneError (values)."""
    report = Report(path.name)
    folder = path.resolve().parent
    source = Source(folder, Scene(), report)
    root = read_tree(path, folder, report)
    source.scene.options = Options(integrator="euler", max_iterations=100, impedance_ratio=1.0, contact="mujoco")
    for tag, read in SECTIONS:
        for element in root.all(tag):
            for key in element.attributes if tag not in SETTINGS else ():
                report.lacks(f"attribute {key} of <{tag}>", element.line)
            read(source, element)
    set_springs(source)
    _rest(source, root)
    return report.finish(source.scene, strict)


def _rest(source: Source, root: Element) -> None:
    for element in root.children:
        if element.tag in SILENT:
            source.report.skips(f"element <{element.tag}>", element.line)
        elif element.tag not in dict(SECTIONS):
            source.report.lacks(f"element <{element.tag}>", element.line)


def read_compiler(source: Source, element: Element) -> None:
    """Settings of the file itself."""
    accept(source, element)
    source.degrees = element.attributes.get("angle", "degree" if source.degrees else "radian") == "degree"
    source.autolimits = flag(element, "autolimits", source.autolimits)
    source.eulerseq = element.attributes.get("eulerseq", source.eulerseq)
    source.meshdir = Path(element.attributes.get("meshdir", element.attributes.get("assetdir", str(source.meshdir))))
    source.strippath, source.fitaabb = flag(element, "strippath", source.strippath), flag(element, "fitaabb", source.fitaabb)
    source.inertiafromgeom = element.attributes.get("inertiafromgeom", source.inertiafromgeom)
    if len(source.eulerseq) != 3 or set(source.eulerseq.lower()) - set("xyz"):
        raise ImportFileError(element.where, f"eulerseq={source.eulerseq!r}", "allowed: three of x y z X Y Z", "correct it")


def read_option(source: Source, element: Element) -> None:
    """Numbers of the simulation."""
    options = source.scene.options
    for child in element.children:
        source.report.lacks(f"element <{child.tag}> of <option>", child.line)
    accept_option = Element(element.tag, dict(element.attributes), element.file, element.line)
    if accept_option.attributes.pop("cone", "pyramidal") == "pyramidal":
        source.report.skips("the pyramidal friction cone (contacts use the elliptic one)", element.line)
    for key in ("jacobian", "ls_iterations", "ls_tolerance", "noslip_tolerance", "ccd_iterations", "ccd_tolerance"):
        accept_option.attributes.pop(key, None)
    accept(source, accept_option)
    options.timestep = scalar(element, "timestep", options.timestep)
    options.gravity = vector3(element, "gravity", options.gravity)
    options.max_iterations = int(scalar(element, "iterations", options.max_iterations))
    options.tolerance = scalar(element, "tolerance", options.tolerance)
    options.impedance_ratio = scalar(element, "impratio", options.impedance_ratio)
    integrator = element.attributes.get("integrator", "Euler")
    if integrator not in INTEGRATORS:
        source.report.lacks(f"integrator {integrator!r}", element.line)
    options.integrator = INTEGRATORS.get(integrator, options.integrator)


def read_actuator(source: Source, element: Element) -> None:
    """One motor, position, velocity or general actuator on a joint."""
    accept(source, element)
    if element.tag not in ACTUATORS:
        return
    element = source.resolved(element, None)
    joint = element.attributes.get("joint")
    if joint is None:
        source.report.lacks(f"<{element.tag}> without a joint", element.line)
        return
    gear = padded(element, "gear", (1.0, 0.0, 0.0, 0.0, 0.0, 0.0))
    if any(gear[1:]):
        source.report.lacks("a gear of several components", element.line)
    values: dict[str, Any] = {
        "gear": gear[0],
        "control_range": limits(source, element, "ctrllimited", "ctrlrange"),
        "force_range": limits(source, element, "forcelimited", "forcerange"),
    }
    source.scene.add_actuator(source.name(element, "actuator"), joint, element.tag, **values, **_law(source, element))


def _law(source: Source, element: Element) -> dict[str, Any]:
    """Gain and bias of an actuator, by its kind."""
    if element.tag == "motor":
        return {}
    if element.tag == "position":
        return {"gain": scalar(element, "kp", 1.0), "damping": scalar(element, "kv", 0.0)}
    if element.tag == "velocity":
        return {"gain": scalar(element, "kv", 1.0)}
    gain_kind, bias_kind = element.attributes.get("gaintype", "fixed"), element.attributes.get("biastype", "none")
    if (
        gain_kind not in ("fixed", "affine")
        or bias_kind not in ("none", "affine")
        or element.attributes.get("dyntype", "none") != "none"
    ):
        source.report.lacks("<general> with dynamics or muscle gains", element.line)
    gain = padded(element, "gainprm", (1.0,) + (0.0,) * 9)[:3]
    bias = padded(element, "biasprm", (0.0,) * 10)[:3] if bias_kind == "affine" else (0.0, 0.0, 0.0)
    return {"gain": gain if gain_kind == "affine" else (gain[0], 0.0, 0.0), "bias": bias}


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
    ("actuator", read_actuators),
    ("sensor", read_sensors),
    ("keyframe", read_keyframes),
)
