"""<compiler>, <option> and <flag>: how to read the file, and the numbers and switches of the simulation."""

from pathlib import Path

from engine.errors import ImportFileError, near_matches
from engine.importers.mjcf.source import Source, accept, flag, scalar, vector3
from engine.importers.xml_tree import Element

INTEGRATORS = {
    "Euler": "euler",
    "RK4": "rk4",
    "implicit": "implicit_velocity",
    "implicitfast": "implicitfast",
    "discrete": "implicit",
}
DISABLES = (  # flags that are on by default and change the motion when off; the words are those of engine.scene
    "constraint", "equality", "frictionloss", "limit", "contact", "spring", "damper", "gravity", "clampctrl", "filterparent",
    "actuation", "eulerdamp",
)  # fmt: skip
WITHOUT_EFFECT = (  # how the solution is found, or what is measured beside it
    "warmstart", "sensor", "midphase", "nativeccd", "island", "autoreset", "multiccd", "energy", "fwdinv", "invdiscrete",
    "sleep",
)  # fmt: skip
MUST_BE_OFF = ("override", "diagexact", "ipc", "speculative")
MUST_BE_ON = ("refsafe",)
SOLVER_ONLY = (  # the solution is the same convex optimum, whatever finds it
    "solver", "jacobian", "ls_iterations", "ls_tolerance", "noslip_tolerance", "ccd_iterations", "ccd_tolerance",
    "sdf_iterations", "sdf_initpoints", "sleep_tolerance", "magnetic", "o_margin", "o_solref", "o_solimp", "o_friction",
    "actuatorgroupdisable",
)  # fmt: skip


def read_compiler(source: Source, element: Element) -> None:
    """Settings of the file itself, and bounds on masses."""
    accept(source, element)
    for child in element.children:
        if child.tag != "lengthrange":
            source.report.lacks(f"element <{child.tag}> of <compiler>", child.line)
    source.degrees = element.attributes.get("angle", "degree" if source.degrees else "radian") == "degree"
    source.autolimits = flag(element, "autolimits", source.autolimits)
    source.eulerseq = element.attributes.get("eulerseq", source.eulerseq)
    source.meshdir = Path(element.attributes.get("meshdir", element.attributes.get("assetdir", str(source.meshdir))))
    textures = element.attributes.get("texturedir", element.attributes.get("assetdir", str(source.texturedir)))
    source.texturedir = Path(textures)
    source.strippath, source.fitaabb = flag(element, "strippath", source.strippath), flag(element, "fitaabb", source.fitaabb)
    source.inertiafromgeom = element.attributes.get("inertiafromgeom", source.inertiafromgeom)
    if source.inertiafromgeom not in ("true", "false", "auto"):
        raise ImportFileError(
            element.where, f"inertiafromgeom={source.inertiafromgeom!r}", "allowed: true, false, auto", "correct it"
        )
    if len(source.eulerseq) != 3 or set(source.eulerseq.lower()) - set("xyz"):
        raise ImportFileError(element.where, f"eulerseq={source.eulerseq!r}", "allowed: three of x y z X Y Z", "correct it")
    options = source.scene.options
    total = scalar(element, "settotalmass", -1.0 if options.total_mass is None else options.total_mass)
    options.total_mass = total if total > 0 else None
    options.least_mass = scalar(element, "boundmass", options.least_mass)
    options.least_inertia = scalar(element, "boundinertia", options.least_inertia)
    source.balance = flag(element, "balanceinertia", source.balance)


def read_option(source: Source, element: Element) -> None:
    """Numbers of the simulation."""
    options = source.scene.options
    for child in element.children:
        if child.tag == "flag":
            read_flag(source, child)
        else:
            source.report.lacks(f"element <{child.tag}> of <option>", child.line)
    rest = {key: value for key, value in element.attributes.items() if key not in SOLVER_ONLY}
    options.cone = rest.pop("cone", options.cone)
    if options.cone not in ("elliptic", "pyramidal"):
        raise ImportFileError(element.where, f"cone={options.cone!r}", "allowed: elliptic, pyramidal", "correct it")
    accept(source, Element(element.tag, rest, element.file, element.line))
    options.timestep = scalar(element, "timestep", options.timestep)
    options.gravity = vector3(element, "gravity", options.gravity)
    source.magnetic = vector3(element, "magnetic", source.magnetic)
    options.wind = vector3(element, "wind", options.wind)
    options.density = scalar(element, "density", options.density)
    options.viscosity = scalar(element, "viscosity", options.viscosity)
    options.max_iterations = int(scalar(element, "iterations", options.max_iterations))
    options.tolerance = scalar(element, "tolerance", options.tolerance)
    options.impedance_ratio = scalar(element, "impratio", options.impedance_ratio)
    source.disabled_groups |= {int(g) for g in element.numbers("actuatorgroupdisable") or ()}
    _integrator(source, element)


def _integrator(source: Source, element: Element) -> None:
    name = element.attributes.get("integrator")
    if name is None:
        return
    if name not in INTEGRATORS:
        raise ImportFileError(element.where, f"unknown integrator {name!r}", near_matches(name, INTEGRATORS), "correct it")
    if name == "discrete":
        source.report.lacks("integrator 'discrete': constraint rows are not folded into the step", element.line)
    source.scene.options.integrator = INTEGRATORS[name]


def read_flag(source: Source, element: Element) -> None:
    """<flag>: parts of the physics that are switched off, and switches without effect on the motion."""
    for key, value in element.attributes.items():
        if value not in ("enable", "disable"):
            raise ImportFileError(element.where, f"{key}={value!r}", "allowed: enable, disable", "correct it")
        off = value == "disable"
        if key in DISABLES:
            words = {*source.scene.options.disable, key} if off else {*source.scene.options.disable} - {key}
            source.scene.options.disable = tuple(sorted(words))
        elif key in WITHOUT_EFFECT:
            source.report.skips(f"flag {key}", element.line)
        elif (key in MUST_BE_ON and off) or (key in MUST_BE_OFF and not off):
            source.report.lacks(f"flag {key}={value!r}", element.line)
        elif key not in MUST_BE_ON + MUST_BE_OFF:
            known = DISABLES + WITHOUT_EFFECT + MUST_BE_ON + MUST_BE_OFF
            raise ImportFileError(element.where, f"unknown flag {key!r}", near_matches(key, known), "correct it")
