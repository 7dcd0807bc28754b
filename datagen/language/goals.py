"""Conditions and rewards of an intent -> goals, terms and branches of a spec."""

from typing import Any

from .intent import Condition, Intent, WhatIf
from .shaping import RIGID, Shaped, written

AXES = {
    "left": [-1.0, 0.0, 0.0], "right": [1.0, 0.0, 0.0], "forward": [0.0, 1.0, 0.0], "back": [0.0, -1.0, 0.0],
    "up": [0.0, 0.0, 1.0], "down": [0.0, 0.0, -1.0], "north": [0.0, 1.0, 0.0], "south": [0.0, -1.0, 0.0],
    "east": [1.0, 0.0, 0.0], "west": [-1.0, 0.0, 0.0],
}  # fmt: skip
NEAR = 0.05
NOT_SIMULABLE = {"broken": "things do not break: the engine has no fracture"}
TERM_MODE = {"hit": "first_time", "fell_off": "first_time"}


def _each(name: str, shaped: dict[str, Shaped]) -> bool:
    thing = shaped.get(name.split("[")[0])
    return thing is not None and thing.thing.count is not None and ("[" not in name or name.endswith("[*]"))


def condition_goal(one: Condition, shaped: dict[str, Shaped], role: str = "success") -> dict[str, Any]:
    """The goal of a condition; of many things: for all of them, for `quantity`, or (failure) for any."""
    base = one.of.split("[")[0]
    many = _each(one.of, shaped)
    atom = _any_of(_atom(one, "item" if many else one.of), one, shaped)
    if many:
        if one.quantity:
            bound = {"<=": "at_most", "==": "exactly"}.get(one.compare, "at_least")
            atom = {"count": atom, "over": base, "as": "item", bound: one.quantity}
        else:
            atom = {"not": atom} if one.negate else atom
            atom = {"exists" if role in ("failure", "when") else "forall": base, "as": "item", "do": atom}
    if one.negate and not (many and not one.quantity):
        atom = {"not": atom}
    if one.hold:
        return {"hold": atom, "for": written(one.hold, "time")}
    return {"always": atom} if one.always and role == "success" else atom


def _any_of(atom: dict[str, Any], one: Condition, shaped: dict[str, Shaped]) -> dict[str, Any]:
    """`Hits the pins`: one of them."""
    if "ref" not in atom or not _each(one.ref, shaped):
        return atom
    return {"exists": one.ref.split("[")[0], "as": "other", "do": atom | {"ref": "other"}}


def _atom(one: Condition, of: str) -> dict[str, Any]:
    amount = one.amount
    if amount is not None and amount.dimension == "speed":
        return {"measure": "speed", "of": of, "cmp": one.compare or ">=", "value": written(amount.middle, "speed")}
    if one.pred == "tilt" or (one.pred in ("toppled", "upright") and amount is not None and amount.dimension == "angle"):
        return {
            "measure": "tilt",
            "of": of,
            "cmp": one.compare or ">=",
            "value": written(amount.middle if amount else 0.3, "angle"),
        }
    if one.pred == "turned":
        return {
            "pred": "turned",
            "of": of,
            "value": written(amount.middle if amount and amount.dimension == "angle" else 0.5, "angle"),
        }
    if one.pred in ("moved", "lifted") and amount is not None and amount.dimension == "length":
        return {"pred": one.pred, "of": of, "value": written(amount.middle, "length")}
    if one.pred in ("open", "closed"):
        least = {"value": float(f"{amount.middle:.4g}")} if amount is not None and amount.dimension == "ratio" else {}
        return {"pred": one.pred, "of": of, **least}
    if one.pred == "inserted":
        return {"measure": "insertion_depth", "of": of, "ref": one.ref, "cmp": ">=", "value": "0.02 m"}
    if one.pred == "near":
        return {
            "pred": "near",
            "of": of,
            "ref": one.ref,
            "value": written(amount.middle if amount and amount.dimension == "length" else NEAR, "length"),
        }
    if one.pred == "inside" and amount is not None and amount.dimension == "ratio":
        share = float(f"{amount.middle:.6g}")
        return {
            "measure": "inside_fraction",
            "of": of,
            "ref": one.ref,
            "cmp": one.compare if one.compare in (">=", "<=") else ">=",
            "value": share,
        }
    if one.pred == "volume_in" and amount is not None:
        value, tol = written(amount.middle, "volume"), written(0.1 * amount.middle, "volume")
        return {"measure": "volume_in", "of": of, "ref": one.ref, "cmp": "about", "value": value, "tol": tol}
    if one.pred == "spilled_more_than":
        return {
            "pred": "spilled_more_than",
            "of": of,
            "value": written(amount.middle if amount and amount.dimension == "volume" else 5e-6, "volume"),
        }
    atom: dict[str, Any] = {"pred": one.pred, "of": of}
    return atom | ({"ref": one.ref.split("[*]")[0]} if one.ref else {})


def task(intent: Intent, shaped: dict[str, Shaped], instruction: str, more: list[dict[str, Any]]) -> dict[str, Any]:
    """`task` and `reward` of the spec; empty where the prompt wants nothing. more: goals of the spec beside its conditions."""
    said = [one for one in intent.success if one.pred not in NOT_SIMULABLE]
    failed = [one for one in intent.failure if one.pred not in NOT_SIMULABLE]
    if not said and not failed and not intent.rewards and not more:
        return {}
    goals = [condition_goal(one, shaped) for one in said] + more
    lost = [condition_goal(one, shaped, "failure") for one in failed]
    success = (
        (goals[0] if len(goals) == 1 else {"all": goals})
        if goals
        else {"always": {"not": lost[0] if len(lost) == 1 else {"any": lost}}}
        if lost
        else None
    )
    terms = [_term(number, one, shaped) for number, one in enumerate(intent.rewards) if one.condition is not None]
    if success is None:
        best = next((one.condition for one in intent.rewards if one.weight > 0 and one.condition), None)
        worst = next((one.condition for one in intent.rewards if one.condition), None)
        if best is not None:
            success = condition_goal(best, shaped)
        elif worst is not None:
            success = {"always": {"not": condition_goal(worst, shaped, "failure")}}
    out: dict[str, Any] = {
        "task": {
            "instruction": instruction,
            "success": success,
            **({"failure": lost[0] if len(lost) == 1 else {"any": lost}} if lost else {}),
            "stop_on_success": False,
        }
    }
    return out | {"reward": terms or "from_goal"}


def _term(number: int, one: Any, shaped: dict[str, Shaped]) -> dict[str, Any]:
    condition = one.condition
    made: dict[str, Any] = {"name": f"{condition.pred}_{number + 1}"}
    if _each(condition.of, shaped) and not condition.quantity:
        made |= {
            "predicate": _atom(condition, "item") if not condition.negate else {"not": _atom(condition, "item")},
            "over": condition.of.split("[")[0],
            "as": "item",
            "mode": "per_item",
        }
    else:
        made |= {"predicate": condition_goal(condition, shaped, "failure"), "mode": "first_time"}
    return made | {"weight": one.weight}


def branch(
    number: int, one: WhatIf, shaped: dict[str, Shaped], actions: dict[str, Any], action: str, ground: str = ""
) -> tuple[dict[str, Any] | None, str]:
    """A branch of the spec, or why there is none."""
    base = one.of.split("[")[0]
    item = one.of[len(base) :]
    many = base in shaped and shaped[base].thing.count is not None
    target = f"entities.{base}{item or ('[*]' if many else '')}"
    edits: list[dict[str, Any]] = []
    moved = str(actions[action].get("target", actions[action].get("joint", ""))).split("[")[0].split(".")[0] if action else ""
    if base and one.what in ("strength", "direction", "duration") or one.change == "skip":
        fits = [
            name
            for name, made in actions.items()
            if str(made.get("target", made.get("joint", ""))).split("[")[0].split(".")[0] == base
        ]
        action = fits[0] if fits else action if base in ("", moved) else ""
    if one.change == "skip" and action:
        edits = [{"op": "skip_action", "path": f"actions.{action}"}]
    elif one.change == "remove" and base in shaped:
        edits = [{"op": "remove", "path": target}]
    elif one.change == "material" and base == ground:
        edits = [{"op": "swap_material", "path": f"entities.{base}.material", "value": one.value}]
    elif one.change == "material" and base in shaped:
        edits = [{"op": "swap_material", "path": f"{target}.material", "value": one.value}]
    elif one.what == "gravity":
        edits = [
            {
                "op": one.change,
                "path": "world.gravity",
                "value": one.value if one.change == "scale" else written(float(one.value), "acceleration"),
            }
        ]
    elif one.what in ("friction", "restitution"):
        names = [base] if base in shaped and one.what == "restitution" else list(shaped)
        names = [name for name in names if shaped[name].material in RIGID]
        edits = [{"op": one.change, "path": f"materials.{name}_stuff.{one.what}", "value": one.value} for name in names]
    elif one.what == "mass" and base in shaped:
        edits = [
            {
                "op": one.change,
                "path": f"{target}.mass",
                "value": one.value if one.change == "scale" else written(float(one.value), "mass"),
            }
        ]
    else:
        edits = _of_body(one, base, target, shaped) or (_of_action(one, action, actions) if action else [])
    if not edits:
        return None, f"a branch that changes {one.what or one.change} of {base or 'the scene'} is not known"
    return {"id": f"what_if_{number + 1}", "at": "start", "edits": edits}, ""


def _of_body(one: WhatIf, base: str, target: str, shaped: dict[str, Shaped]) -> list[dict[str, Any]]:
    """Edits of where a thing is, how large and of what colour."""
    if base not in shaped:
        return []
    if one.what == "height" and one.change == "set" and shaped[base].position is not None:
        rise = written(float(one.value) - shaped[base].fall, "length")
        return [{"op": "add", "path": f"{target}.position", "value": ["0 m", "0 m", rise]}]
    if one.what == "size" and one.change == "scale":
        return [{"op": "scale", "path": f"{target}.size", "value": one.value}]
    return [{"op": "set", "path": f"{target}.color", "value": one.value}] if one.what == "color" else []


def _of_action(one: WhatIf, action: str, actions: dict[str, Any]) -> list[dict[str, Any]]:
    """Edits of how an action is done: its direction, how long, how strong."""
    made, path = actions[action], f"actions.{action}"
    if one.what == "direction" and one.value in AXES and "direction" in made:
        return [{"op": "set", "path": f"{path}.direction", "value": AXES[str(one.value)]}]
    if one.what == "duration" and "duration" in made:
        return [{"op": "set", "path": f"{path}.duration", "value": written(float(one.value), "time")}]
    if one.what != "strength":
        return []
    if one.change == "set" and isinstance(one.value, str):
        said = made.get(
            "magnitude", made.get("velocity", {}).get("speed", "") if isinstance(made.get("velocity"), dict) else ""
        )
        fits = str(said).endswith(f" {one.value.partition(' ')[2]}")
        return [{"op": "set", "path": f"{path}.magnitude", "value": one.value}] if fits else []
    key = "magnitude" if "magnitude" in made or "velocity" in made else ""
    return [{"op": "scale", "path": f"{path}.{key}", "value": one.value}] if key and one.change == "scale" else []
