"""Actuators from the arguments of `Scene.add_actuator` to a checked description."""

from collections.abc import Sequence
from dataclasses import fields, replace
from typing import Any

import numpy as np

from engine.errors import SceneError
from engine.scene import check
from engine.scene.arguments import actuator_gains, plain_tuple
from engine.scene.description import DYNAMICS, MUSCLE, ORIGIN, Actuator, Ball, Free, Joint

KINDS = ("motor", "position", "velocity", "general", "muscle")
MUSCLE_TIMES = (0.01, 0.04, 0.0)


def described(where: str, name: str, kind: str, joint: Joint | None, given: dict[str, Any]) -> Actuator:
    """A checked actuator; `given` are the arguments of the call by name. Raises SceneError."""
    check.one_of(where, "kind", kind, KINDS)
    damping, ratio = given.pop("damping"), given["damping_ratio"]
    if ratio is not None:
        given["damping_ratio"] = check.number(where, "damping_ratio", ratio, 0.0)
        if kind not in ("position", "general") or damping:
            raise SceneError(
                where, "a damping ratio beside a damping, or without a position gain", "allowed: one of them", "leave one out"
            )
    law = {"gain": (1.0, 0.0, 0.0), "bias": ORIGIN}
    if kind == "muscle":
        given["muscle"] = given["muscle"] or MUSCLE
        given["dynamics"] = "muscle" if given["dynamics"] == "none" else given["dynamics"]
    else:
        law["gain"], law["bias"] = actuator_gains(where, kind, given["gain"], damping, given["bias"])
    given.update(law, gear=_gear(where, given["gear"], joint), dynamics_parameters=_times(where, given))
    for word in ("control_range", "force_range", "activation_range", "length_range"):
        given[word] = check.interval(where, word, given[word])
    for word in ("reflected_damping", "armature"):
        given[word] = check.number(where, word, given[word], 0.0)
    if given["muscle"] is not None:
        given["muscle"] = check.vector(where, "muscle", plain_tuple(given["muscle"]), 9)
        if given["length_range"] is None or given["length_range"][0] == given["length_range"][1]:
            raise SceneError(
                where, "a muscle without length_range", "allowed: (shortest, longest) length", "give the range of its length"
            )
    known = {f.name for f in fields(Actuator)}
    return replace(
        Actuator(name, joint.name or "" if joint else "", (0.0,) * 3, ORIGIN), **{k: given[k] for k in known & set(given)}
    )


def _gear(where: str, gear: Any, joint: Joint | None) -> Any:
    """One ratio, or six numbers: axes of translation and rotation."""
    if not isinstance(gear, Sequence | np.ndarray):
        return check.number(where, "gear", gear)
    values = list(gear) + [0.0] * (6 - len(gear))
    if isinstance(joint, Free | Ball) or joint is None:
        return check.vector(where, "gear", values, 6)
    if any(values[1:]):
        raise SceneError(where, f"gear is {tuple(gear)}", "allowed for hinge and slide: one ratio", "pass one number")
    return check.number(where, "gear", values[0])


def _times(where: str, given: dict[str, Any]) -> tuple[float, ...]:
    dynamics = check.one_of(where, "dynamics", given["dynamics"], DYNAMICS)
    times = given["dynamics_parameters"]
    if times is None:
        times = MUSCLE_TIMES if dynamics == "muscle" else (1.0, 0.0, 0.0)
    values = (times,) if isinstance(times, float | int) else tuple(times)
    return check.vector(where, "dynamics_parameters", (*values, 0.0, 0.0)[:3], 3, 0.0)
