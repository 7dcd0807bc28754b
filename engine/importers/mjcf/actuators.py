"""<actuator>: transmissions and activation, and one function for the law of each kind."""

from collections.abc import Callable
from typing import Any

from engine.errors import ImportFileError, near_matches
from engine.importers.mjcf.source import Source, accept, flag, limits, padded, scalar
from engine.importers.xml_tree import Element
from engine.scene.description import Axial

Law = dict[str, Any]
DYNAMICS = {"none": "none", "integrator": "integrator", "filter": "filter", "filterexact": "filter_exact", "muscle": "muscle"}


def read_actuator(source: Source, element: Element) -> None:
    """One actuator on a joint, tendon or site; what cannot be simulated is reported."""
    accept(source, element)
    law = LAWS.get(element.tag)
    if law is None:
        return
    element = source.resolved(element, None)
    target = _target(source, element)
    values = law(source, element)
    if values is not None and values["kind"] == "muscle" and len(set(element.numbers("lengthrange", 2) or ())) < 2:
        source.report.lacks("muscle without lengthrange", element.line)
        return
    if target is None or values is None:
        return
    if scalar(element, "delay", 0.0) > 0:
        source.report.lacks("control delay", element.line)
    values = {
        "control_range": limits(source, element, "ctrllimited", "ctrlrange"),
        "force_range": limits(source, element, "forcelimited", "forcerange"),
        "length_range": element.numbers("lengthrange", 2),
        **values,
    }
    if values.get("dynamics", "none") != "none":
        values["activation_range"] = limits(source, element, "actlimited", "actrange") or values.get("activation_range")
        values["early"] = flag(element, "actearly", False)
    if int(scalar(element, "group", 0)) in source.disabled_groups:
        values.update(
            kind="general", gain=(0.0,) * 3, bias=(0.0,) * 3, dynamics="none", muscle=None, damping_ratio=None, damping=0.0
        )
    gear = padded(element, "gear", (1.0, 0.0, 0.0, 0.0, 0.0, 0.0))
    values.update(gear=gear if any(gear[1:]) else gear[0], **_reflected(source, element))
    source.scene.add_actuator(source.name(element, "actuator"), **target, **values)


def _target(source: Source, element: Element) -> Law | None:
    """What the actuator pulls on."""
    found = {key: element.attributes[key] for key in ("joint", "jointinparent", "tendon", "site") if key in element.attributes}
    other = [key for key in ("cranksite", "slidersite", "body") if key in element.attributes]
    if other or len(found) != 1:
        source.report.lacks(f"<{element.tag}> on {other[0] if other else 'none or several targets'}", element.line)
        return None
    ((key, name),) = found.items()
    _require(source, element, "joint" if key == "jointinparent" else key, name)
    _require(source, element, "site", element.attributes.get("refsite", ""))
    if key == "jointinparent":
        return {"joint": name, "in_parent": True}
    if key == "site" and "refsite" in element.attributes:
        return {"site": name, "reference_site": element.attributes["refsite"]}
    return {key: name}


def _require(source: Source, element: Element, kind: str, name: str) -> None:
    """Raise an ImportFileError when there is no such joint, tendon or site."""
    scene = source.scene
    known = {
        "joint": [j.name for b in scene.bodies for j in b.joints],
        "tendon": [t.name for t in scene.tendons],
        "site": [s.name for s in scene.sites],
    }[kind]
    if name and name not in known:
        near = near_matches(name, [str(n) for n in known])
        raise ImportFileError(element.where, f"unknown {kind} {name!r}", near, "correct the name")


def _reflected(source: Source, element: Element) -> Law:
    """Damping and armature that the actuator gives to its joint."""
    damping = padded(element, "damping", (0.0, 0.0, 0.0))
    if any(damping[1:]):
        source.report.lacks("polynomial damping of an actuator", element.line)
    armature = scalar(element, "armature", 0.0)
    if (damping[0] or armature) and "joint" not in element.attributes:
        source.report.lacks("damping or armature of an actuator that drives no joint", element.line)
        return {}
    return {"reflected_damping": damping[0], "armature": armature}


def _range_of(source: Source, element: Element) -> tuple[float, float] | None:
    """The range that inheritrange takes over from the joint."""
    share = scalar(element, "inheritrange", 0.0)
    if share <= 0:
        return None
    joints = {j.name: j for b in source.scene.bodies for j in b.joints}
    joint = joints.get(element.attributes.get("joint", ""))
    if not isinstance(joint, Axial) or joint.range is None:
        source.report.lacks("inheritrange without a joint that has a range", element.line)
        return None
    middle, half = (joint.range[0] + joint.range[1]) / 2, share * (joint.range[1] - joint.range[0]) / 2
    return middle - half, middle + half


def motor(source: Source, element: Element) -> Law:
    """Force = control."""
    return {"kind": "motor"}


def position(source: Source, element: Element) -> Law:
    """Servo to a length, with damping or a damping ratio, filtered where a time constant is given."""
    law: Law = {"kind": "position", "gain": scalar(element, "kp", 1.0), "damping": scalar(element, "kv", 0.0)}
    if "dampratio" in element.attributes:
        law["damping_ratio"] = scalar(element, "dampratio", 0.0)
    if scalar(element, "timeconst", 0.0) > 0:
        law.update(dynamics="filter_exact", dynamics_parameters=scalar(element, "timeconst", 0.0))
    inherited = _range_of(source, element)
    return {**law, "control_range": inherited} if inherited else law


def velocity(source: Source, element: Element) -> Law:
    """Servo to a velocity."""
    return {"kind": "velocity", "gain": scalar(element, "kv", 1.0)}


def intvelocity(source: Source, element: Element) -> Law:
    """Servo to the integral of the control."""
    kp, kv = scalar(element, "kp", 1.0), scalar(element, "kv", 0.0)
    law: Law = {"kind": "general", "gain": (kp, 0.0, 0.0), "bias": (0.0, -kp, -kv), "dynamics": "integrator"}
    if "dampratio" in element.attributes:
        law["damping_ratio"] = scalar(element, "dampratio", 0.0)
    return {**law, "activation_range": _range_of(source, element)}


def damper(source: Source, element: Element) -> Law:
    """Force = - kv velocity control."""
    bounds = element.numbers("ctrlrange", 2)
    if bounds is None or bounds[0] < 0:
        raise ImportFileError(element.where, f"ctrlrange is {bounds}", "allowed: two numbers, not negative", "correct it")
    return {"kind": "general", "gain": (0.0, 0.0, -scalar(element, "kv", 1.0)), "control_range": (bounds[0], bounds[1])}


def cylinder(source: Source, element: Element) -> Law:
    """Pressure that follows the control, times the area."""
    area = scalar(element, "area", 1.0)
    if "diameter" in element.attributes:
        area = 3.141592653589793 / 4 * scalar(element, "diameter", 0.0) ** 2
    bias = padded(element, "bias", (0.0, 0.0, 0.0))
    law = {"dynamics": "filter", "dynamics_parameters": scalar(element, "timeconst", 1.0)}
    return {"kind": "general", "gain": (area, 0.0, 0.0), "bias": bias, **law}


def muscle(source: Source, element: Element) -> Law:
    """Hill-type muscle."""
    first, second = padded(element, "range", (0.75, 1.05))
    names = {"force": -1.0, "scale": 200.0, "lmin": 0.5, "lmax": 1.6, "vmax": 1.5, "fpmax": 1.3, "fvmax": 1.2}
    numbers = tuple(scalar(element, name, default) for name, default in names.items())
    times = (*padded(element, "timeconst", (0.01, 0.04)), scalar(element, "tausmooth", 0.0))
    return {"kind": "muscle", "muscle": (first, second, *numbers), "dynamics": "muscle", "dynamics_parameters": times}


def general(source: Source, element: Element) -> Law | None:
    """Gain, bias and dynamics by type."""
    kinds = [element.attributes.get(key, default) for key, default in GENERAL.items()]
    allowed = (tuple(DYNAMICS), ("fixed", "affine", "muscle"), ("none", "affine", "muscle"))
    for key, kind, words in zip(GENERAL, kinds, allowed, strict=True):
        if kind not in ("pid", "dcmotor", "so3", "user", *words):
            raise ImportFileError(element.where, f"{key}={kind!r}", near_matches(kind, words), "correct it")
        if kind not in words:
            source.report.lacks(f"{key}={kind!r} of <general>", element.line)
            return None
    dynamics, gain_kind, bias_kind = kinds
    law: Law = {"kind": "general", "dynamics": DYNAMICS[dynamics]}
    if dynamics != "none":
        law["dynamics_parameters"] = padded(element, "dynprm", (1.0,) + (0.0,) * 9)[:3]
    gain = padded(element, "gainprm", (1.0,) + (0.0,) * 9)
    if "muscle" in (gain_kind, bias_kind):
        if (gain_kind, bias_kind) != ("muscle", "muscle") or gain != padded(element, "biasprm", (0.0,) * 10):
            source.report.lacks("<general> with a muscle's gain or bias alone", element.line)
            return None
        return {**law, "kind": "muscle", "muscle": gain[:9]}
    bias = padded(element, "biasprm", (0.0,) * 10)[:3] if bias_kind == "affine" else (0.0, 0.0, 0.0)
    return {**law, "gain": gain[:3] if gain_kind == "affine" else (gain[0], 0.0, 0.0), "bias": bias}


GENERAL = {"dyntype": "none", "gaintype": "fixed", "biastype": "none"}
LAWS: dict[str, Callable[[Source, Element], Law | None]] = {
    "motor": motor,
    "position": position,
    "velocity": velocity,
    "intvelocity": intvelocity,
    "damper": damper,
    "cylinder": cylinder,
    "muscle": muscle,
    "general": general,
}
