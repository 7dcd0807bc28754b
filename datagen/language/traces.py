"""The failing trace of a task: what is done with far too little of it, so that the goal must not be reached.

`worldsmith check` runs three traces of an episode: doing nothing, the actions as they are (the oracle, which is the default of
a spec), and `task.fails`. A blow, a force, a speed or a way is made a fiftieth, and an arm only reaches for what it should
work on.
Limits: only of goals that ask for a change; of those that ask for none (`must not fall over`) doing little is no failure.
"""

from typing import Any

LITTLE = 0.02
CHANGES = {"moved", "hit", "fell_off", "toppled", "inside", "near", "lifted", "open", "closed", "turned", "grasped", "on_top",
           "left_of", "right_of", "touching", "collided"}  # fmt: skip
MEASURES = {"insertion_depth", "inside_fraction", "volume_in"}


def failing(spec: dict[str, Any]) -> dict[str, Any]:
    """`task.fails` of a spec, as plain data; empty where the task or the actions give none."""
    actions = spec.get("actions", {})
    if not actions or not _asks_for_change(spec.get("task", {}).get("success")):
        return {}
    skill = next((one for one in actions.values() if one["do"] == "skill"), None)
    if skill is not None:
        if skill["skill"] == "reach":
            return {}
        target = skill["target"].replace("[*]", "[0]")
        return {"look": {"do": "skill", "skill": "reach", "actor": skill["actor"], "target": target}}
    name, first = next(iter(actions.items()))
    less = _less(first)
    return {name: less} if less else {}


def _asks_for_change(goal: Any) -> bool:
    """Whether a goal is about something that is not so at the start; of several, whether one is."""
    if not isinstance(goal, dict) or "not" in goal or "always" in goal:
        return False
    if "all" in goal:
        return any(_asks_for_change(one) for one in goal["all"])
    for key in ("do", "count", "hold", "eventually"):
        if isinstance(goal.get(key), dict):
            return not ("at_most" in goal or "exactly" in goal) and _asks_for_change(goal[key])
    return goal.get("pred") in CHANGES or (goal.get("measure") in MEASURES and goal.get("cmp") != "<=")


def _less(action: dict[str, Any]) -> dict[str, Any]:
    """The fields of an action that does far too little."""
    for key in ("magnitude", "distance"):
        if key in action:
            return {key: scaled(action[key])}
    if isinstance(action.get("velocity"), dict) and "speed" in action["velocity"]:
        return {"velocity": action["velocity"] | {"speed": scaled(action["velocity"]["speed"])}}
    return {}


def scaled(value: Any) -> Any:
    """A fiftieth of a quantity, or of the middle of a distribution."""
    if isinstance(value, dict):
        ends = [value[key] for key in ("low", "high", "mean") if key in value] or list(value.get("of", []))[:1]
        numbers = [float(str(one).partition(" ")[0]) for one in ends]
        unit = str(ends[0]).partition(" ")[2]
        return f"{LITTLE * sum(numbers) / len(numbers):.4g} {unit}"
    number, _, unit = str(value).partition(" ")
    return f"{LITTLE * float(number):.4g} {unit}"
