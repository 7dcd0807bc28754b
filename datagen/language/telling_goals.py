"""Goals, rewards and branches of a spec -> sentences, each in several ways."""

import re
from typing import Any

from .telling_things import Names, plural, said

HAPPENS = {
    "toppled": ("falls over", "fall over"), "hit": ("hits", "hit"), "touching": ("touches", "touch"),
    "on_top": ("is on", "are on"), "inside": ("is in", "are in"), "fell_off": ("falls off", "fall off"),
    "near": ("reaches", "reach"), "left_of": ("is left of", "are left of"), "right_of": ("is right of", "are right of"),
    "above": ("is above", "are above"), "behind": ("is behind", "are behind"),
    "in_front_of": ("is in front of", "are in front of"),
    "upright": ("stays upright", "stay upright"), "settled": ("stops", "stop"), "moved": ("moves", "move"),
    "lifted": ("is lifted", "are lifted"), "open": ("is open", "are open"), "closed": ("is closed", "are closed"),
    "spilled_more_than": ("spills", "spill"), "turned": ("turns", "turn"), "stacked": ("is stacked", "are stacked"),
    "empty": ("is empty", "are empty"), "full": ("is full", "are full"),
}  # fmt: skip


def happens(goal: Any, names: Names, who: str = "", more: bool = False, denied: bool = False) -> str:
    """A literal as a clause; empty where there are no words for it."""
    if not isinstance(goal, dict):  # infix text, which is no English
        return ""
    if "not" in goal:
        return happens(goal["not"], names, who, more, True)
    if "hold" in goal:
        inner = happens(goal["hold"], names, who, more)
        return inner and f"{inner} for {said(goal['for'])}"
    if "always" in goal:
        return happens(goal["always"], names, who, more, denied).replace(" is on ", " stays on ")
    if "forall" in goal or "exists" in goal:
        noun = names.short(str(goal.get("forall", goal.get("exists"))))
        if not isinstance(goal.get("forall", goal.get("exists")), str):
            return ""
        named = f"all {plural(noun)}" if "forall" in goal else f"any {noun}"
        return happens(goal["do"], names, named, "forall" in goal)
    if "count" in goal and "over" in goal:
        bound = next((key for key in ("at_least", "at_most", "exactly") if key in goal), "")
        named = f"{bound.replace('_', ' ')} {goal.get(bound)} {plural(names.short(str(goal['over'])))}"
        return happens(goal["count"], names, named, True)
    words = HAPPENS.get(str(goal.get("pred")))
    if words is None:
        return ""
    who = who or names.the(goal.get("of"))
    ref = f" {names.the(goal['ref'])}" if "ref" in goal and goal["ref"] != "other" else ""
    amount = (
        f" more than {said(goal['value'])}" if "value" in goal and goal.get("pred") in ("moved", "turned", "lifted") else ""
    )
    verb = words[1 if more else 0]
    if denied:
        verb = verb.replace("is ", "is not ", 1) if verb.startswith("is ") else f"{'do' if more else 'does'} not {words[1]}"
    return f"{who} {verb}{ref}{amount}"


def goal_sentences(spec: dict[str, Any], names: Names) -> list[list[str]]:
    """Slots for success, failure, the terms of the reward, and the branches."""
    task = spec.get("task") or {}
    slots = []
    for key, word in (("success", "succeed"), ("failure", "fail")):
        goals = task.get(key)
        if isinstance(goals, dict):
            several = goals.get("all", goals.get("any", [goals])) or []
            slots += [_way(word, one, names) for one in several if isinstance(one, dict)]
    terms = spec.get("reward")
    for one in terms if isinstance(terms, list) else []:
        slots.append(_term(one, names))
    for one in spec.get("branches") or []:
        slots += [_what_if(edit, names) for edit in one.get("edits", [])]
    return slots


def _way(word: str, goal: dict[str, Any], names: Names) -> list[str]:
    clause = happens(goal, names)
    return ["", f"{word} if {clause}."] if clause else []


def _term(one: dict[str, Any], names: Names) -> list[str]:
    predicate = one.get("predicate")
    if not isinstance(predicate, dict):
        return []
    each = f"each {names.short(str(one['over']))}" if "over" in one else ""
    clause, weight = happens(predicate, names, each), float(one.get("weight", 1.0))
    if not clause:
        return []
    if each:
        verb = clause[len(each) :].strip()
        return [f"give {weight:g} points for {each} that {way}." for way in (verb, verb.replace(" over", ""))]
    return [f"{'penalize' if weight < 0 else 'reward'} if {clause}.", f"give {weight:g} points if {clause}."]


def _times(value: Any) -> str:
    return {2.0: "twice", 0.5: "half"}.get(value) or f"{said(value)} times"


def _what_if(edit: dict[str, Any], names: Names) -> list[str]:
    path, value = str(edit.get("path", "")).split("."), edit.get("value")
    the = names.the(path[1]) if len(path) > 1 else ""
    if edit.get("op") == "skip_action":
        verb = re.sub(r"_?\d+$", "", path[-1])
        target = names.the((names.actions.get(path[-1]) or {}).get("target", ""))
        return [f"what if nobody {verb}{'d' if verb.endswith('e') else 'ed'} {target}?", f"what if nobody {verb} {target}?"]
    if edit.get("op") == "remove":
        return [f"what if {the} were missing?"]
    if edit.get("op") == "swap_material":
        return [f"what if {the} were made of {value}?"]
    if edit.get("op") == "scale" and path[-1] == "mass":
        return [f"what if {the} were {_times(value)} as heavy?"]
    if edit.get("op") == "scale" and path[-1] == "gravity":
        return [f"what if gravity were {_times(value)} as strong?"]
    return ["", "what if there were no friction?"] if path[-1] == "friction" else []
