"""Actions and settings of a spec -> sentences, each in several ways from short to explicit."""

from typing import Any

from .lexicon import CAMERAS
from .telling_goals import happens
from .telling_things import Names, said

VERBS = {"topple": "tip", "open": "open", "close": "close"}
WAYS = {"left": " to the left", "right": " to the right", "forward": " forward", "back": " backward", "up": " up",
        "down": " down", "north": " north", "south": " south", "east": " east", "west": " west"}  # fmt: skip


def action_sentences(spec: dict[str, Any], names: Names) -> list[list[str]]:
    """A slot for every action, in their order."""
    actions = spec.get("actions") or {}
    return [_action(name, one, spec, names) for name, one in actions.items() if isinstance(one, dict)]


def _action(name: str, one: dict[str, Any], spec: dict[str, Any], names: Names) -> list[str]:
    verb = name.rstrip("0123456789").rstrip("_").split("_")[0]
    verb = VERBS.get(verb, verb)
    target = names.the(one.get("target", one.get("joint", "")))
    velocity = one.get("velocity") or one.get("angular_velocity") or {}
    velocity = velocity if isinstance(velocity, dict) else {}
    direction = one.get("direction", velocity.get("direction"))
    where = [""]
    if isinstance(direction, dict) and "toward" in direction:
        aim = names.the(direction["toward"])
        where = [f" toward {aim}", f" at {aim}", f" into {aim}"]
    elif isinstance(direction, str):
        where = ["", WAYS.get(direction, "")]
    amounts = [""]
    for value in (one.get("magnitude"), velocity.get("speed"), one.get("distance"), one.get("value"), one.get("volume")):
        if value is not None:
            link = {"distance": " by", "value": " by"}.get(
                "distance" if value in (one.get("distance"), one.get("value")) else ""
            )
            link = link or (" at" if velocity else " with")
            dist = isinstance(value, dict) and value.get("dist") == "normal"
            amounts.append(f"{link} {'a strength that is ' if dist else ''}{said(value)}")
    times = ["", f" for {said(one['duration'])}", f" in {said(one['duration'])}"] if "duration" in one else [""]
    until = f" until {happens(one['until'], names)}" if isinstance(one.get("until"), dict) else ""
    first = _start(one.get("start"), names)
    off = [f"knock {target} off {names.the(ref)}." for ref in _left(spec)]
    return off + [
        f"{begin}{verb} {target}{way}{amount}{time}{until}."
        for begin in first
        for time in times
        for amount in amounts
        for way in where
    ]


def _left(spec: dict[str, Any]) -> list[str]:
    """What the goal wants something to fall off."""
    goal = (spec.get("task") or {}).get("success")
    return [str(goal["ref"])] if isinstance(goal, dict) and goal.get("pred") == "fell_off" and "ref" in goal else []


def _start(start: Any, names: Names) -> list[str]:
    if not isinstance(start, dict):
        return [""]
    if "after" in start:
        delay = start.get("delay")
        return [f"then after {said(delay)} "] if delay else ["then "]
    if isinstance(start.get("when"), dict):
        return [f"when {happens(start['when'], names)}, "]
    return ["", f"after {said(start['at'])}, "] if "at" in start else [""]


def world_sentences(spec: dict[str, Any]) -> list[list[str]]:
    """Slots for gravity, friction, camera, duration and branches."""
    slots = []
    gravity = (spec.get("world") or {}).get("gravity")
    if gravity is not None:
        slots.append([f"gravity is {said(gravity)}.", "there is no gravity.", "on the moon.", "on mars."])
    frictions = [one.get("friction") for one in (spec.get("materials") or {}).values() if isinstance(one, dict)]
    if 0.0 in frictions:
        slots.append(["", "there is no friction."])
    slots.append(["", *[f"film from {word}." for word in CAMERAS if word.startswith(("above", "the ", "behind"))]])
    duration = (spec.get("record") or {}).get("duration")
    if duration is not None:
        slots.append(["", f"record for {said(duration)}."])
    return slots
