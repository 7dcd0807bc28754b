"""Which function carries out which skill of a spec.

One row for every name of `datagen.spec.SKILLS`; a row takes what the skill sees and its action and gives the phases.
"""

import math
from collections.abc import Callable

import numpy as np

from datagen.policies import carrying, containing, jointed, pouring, sweeping, throwing
from datagen.policies.handles import joint_of
from datagen.policies.view import Skill, View
from datagen.spec import ActionSpec


def _way(action: ActionSpec) -> np.ndarray:
    return np.array(action.vector, float)


def _open(view: View, action: ActionSpec) -> Skill:
    joint = joint_of(view, action.target)
    assert joint is not None
    share = jointed.OPENED if action.value is None else action.value
    return jointed.work(view, action.target, joint.low + share * (joint.high - joint.low), "pull", action.tries)


def _close(view: View, action: ActionSpec) -> Skill:
    joint = joint_of(view, action.target)
    assert joint is not None
    return jointed.work(view, action.target, joint.low, "close_up", action.tries)


def _turn(view: View, action: ActionSpec) -> Skill:
    angle, joint = jointed.TURNED if action.value is None else action.value, joint_of(view, action.target)
    if joint is None:
        return carrying.turn(view, action.target, angle, action.tries)
    wanted = min(max(joint.coordinate + angle, joint.low), joint.high)
    return jointed.work(view, action.target, wanted, "turn", action.tries)


def _pull(view: View, action: ActionSpec) -> Skill:
    joint, way = joint_of(view, action.target), _way(action)
    if joint is None:
        return carrying.pull(view, action.target, way, action.tries)
    by = float(way @ joint.axis)
    if joint.kind == "hinge":
        arm = view.pose(action.target)[0] - joint.anchor
        lever = np.cross(joint.axis, arm)
        by = float(np.linalg.norm(way)) / max(float(np.linalg.norm(lever)), 1e-6) * math.copysign(1.0, float(lever @ way))
    wanted = min(max(joint.coordinate + by, joint.low), joint.high)
    return jointed.work(view, action.target, wanted, "pull", action.tries)


CATALOG: dict[str, Callable[[View, ActionSpec], Skill]] = {
    "reach": lambda view, action: carrying.reach(view, action.target),
    "grasp": lambda view, action: carrying.grasp(view, action.target, action.tries),
    "pick": lambda view, action: carrying.pick(view, action.target, action.tries),
    "place": lambda view, action: carrying.place(view, action.target, str(action.on)),
    "stack": lambda view, action: carrying.stack(view, action.target, str(action.on), action.tries),
    "push": lambda view, action: carrying.push(view, action.target, _way(action)),
    "pull": _pull,
    "turn": _turn,
    "open": _open,
    "close": _close,
    "insert": lambda view, action: carrying.insert(view, action.target, str(action.on), action.tries),
    "pour": lambda view, action: pouring.pour(
        view, action.target, str(action.on), pouring.TILT if action.value is None else action.value, action.tries
    ),
    "sweep": lambda view, action: sweeping.sweep(view, (action.target, *action.others), str(action.on), action.tries),
    "throw": lambda view, action: throwing.throw(view, action.target, str(action.on), action.tries),
    "wipe": lambda view, action: sweeping.wipe(
        view, action.on or action.target, action.target if action.on else "", action.tries
    ),
    "stir": lambda view, action: containing.stir(
        view, action.target, str(action.on), containing.TURNED if action.value is None else action.value, action.tries
    ),
    "scoop": lambda view, action: containing.scoop(
        view, action.target, str(action.on), containing.AMOUNT if action.value is None else action.value, action.tries
    ),
}
