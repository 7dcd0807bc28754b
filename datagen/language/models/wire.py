"""What a model writes: the `Intent` without optional values, maps or unions, so that every constrained decoder can enforce it.

What is absent is an empty string or an empty list; every key is required and none is added. `schema` is the JSON Schema (no
$ref, anyOf, const, pattern or bounds, which decoders read differently), `unpack` turns checked data into an Intent, `pack`
back. Bounds and everything else are checked here. Limits: one condition for `when` and `until`.
"""

import math
from typing import Any

from datagen.language import lexicon as lex
from datagen.language.attributes import SHAPES
from datagen.language.intent import Action, Condition, Intent, Item, Number, Relation, Reward, Setting, Thing, WhatIf
from datagen.language.tokens import SI

MAX_TEXT, MAX_LIST, MAX_DEPTH = 400, 64, 8
SIZES = ("width", "height", "length", "radius", "diameter", "thickness", "side", "mass", "density", "friction", "restitution",
         "angle", "speed", "volume", "spacing", "force")  # fmt: skip
DIMENSIONS = ("count", "ratio", "points", *sorted(SI))
ADVERBIAL = {"of", "with", "from", "toward", "off", "down", "across"}
PREDICATES = sorted({made[0] for made in lex.CONDITIONS.values()} | {"tilt", "moved", "lifted", "open", "closed", "turned"})
STATES = {made[0] for made in lex.STATES.values()} | {"ice", "full", "roughness", "drawer", "share"}
ARRANGEMENTS = {*lex.ARRANGEMENTS.values(), "circle", "grid", "line", "pyramid", "rack", "scatter", "stack"}
SETTINGS = ("gravity", "camera", "duration", "resolution", "friction", "fps", "closer", "distance", "light")
TEXT: dict[str, Any] = {"type": "string"}
NUMBER: dict[str, Any] = {"type": "number"}
Problem = tuple[str, str]


class WireError(Exception):
    """problems: (path, what is wrong)."""

    def __init__(self, problems: list[Problem]):
        super().__init__("; ".join(f"{path}: {what}" for path, what in problems))
        self.problems = problems


def _one_of(words: Any, empty: bool = True) -> dict[str, Any]:
    return {"type": "string", "enum": [*([""] if empty else []), *sorted(set(words) - {""})]}


def _list(item: dict[str, Any]) -> dict[str, Any]:
    return {"type": "array", "items": item}


def _object(**keys: Any) -> dict[str, Any]:
    return {"type": "object", "properties": keys, "required": list(keys), "additionalProperties": False}


def schema() -> dict[str, Any]:
    """The JSON Schema of what a model writes."""
    number = _object(
        evidence=TEXT, values=_list(NUMBER), dimension=_one_of(DIMENSIONS, False),
        kind=_one_of(("exact", "uniform", "normal", "choice"), False),
    )  # fmt: skip
    condition = _object(
        evidence=TEXT, pred=_one_of(PREDICATES, False), of=TEXT, ref=TEXT, negate={"type": "boolean"}, amount=_list(number),
        compare=_one_of((">=", "<=", "==")), quantity={"type": "integer"}, hold=NUMBER, always={"type": "boolean"},
    )  # fmt: skip
    thing = _object(
        evidence=TEXT, id=TEXT, noun=_one_of((*lex.NOUNS, *lex.SUBSTANCES), False), count=_list(number),
        color=_one_of(lex.COLORS), material=_one_of((*lex.MATERIALS.values(), *lex.MATERIALS)),
        sizes=_list(_object(what=_one_of(SIZES, False), number=number)),
        factors=_list(_object(what=_one_of(SIZES, False), factor=NUMBER)),
        states=_list(_object(what=_one_of(STATES, False), value=NUMBER)), arrange=_one_of(ARRANGEMENTS),
        spacing=_list(number), into=TEXT, shape=_one_of(SHAPES.values()), rows=_list({"type": "integer"}),
    )  # fmt: skip
    action = _object(
        evidence=TEXT, id=TEXT, do=_one_of(lex.VERBS.values(), False), target=TEXT,
        direction=_one_of(lex.DIRECTIONS.values()), toward=TEXT, place=TEXT, actor=TEXT, amounts=_list(number), strength=NUMBER,
        at=_list(NUMBER), after=TEXT, delay=NUMBER, when=_list(condition), until=_list(condition),
    )  # fmt: skip
    relation = _object(
        evidence=TEXT, rel=_one_of(set(lex.RELATIONS.values()) - ADVERBIAL, False), of=TEXT, ref=TEXT, other=TEXT,
        amount=_list(number),
    )  # fmt: skip
    return _object(
        things=_list(thing), relations=_list(relation), actions=_list(action), success=_list(condition),
        failure=_list(condition),
        rewards=_list(_object(evidence=TEXT, condition=_list(condition), measure=TEXT, weight=NUMBER)),
        what_if=_list(
            _object(evidence=TEXT, of=TEXT, change=_one_of(("scale", "set", "remove", "material", "skip"), False), what=TEXT,
                    value=TEXT)
        ),
        settings=_list(
            _object(evidence=TEXT, what=_one_of(SETTINGS, False),
                    value=NUMBER, word=TEXT)
        ),
        not_understood=_list(TEXT),
    )  # fmt: skip


def check(data: Any, shape: dict[str, Any], path: str = "", depth: int = 0) -> list[Problem]:
    """What in the data is not as the schema says, twelve problems at most."""
    kind = shape["type"]
    here = path or "the answer"
    if depth > MAX_DEPTH:
        return [(here, "too deeply nested")]
    if kind == "object":
        if not isinstance(data, dict):
            return [(here, "is no object")]
        out = [(f"{path}.{key}".strip("."), "is missing") for key in shape["required"] if key not in data]
        out += [(f"{path}.{str(key)[:40]}".strip("."), "is not a known key") for key in data if key not in shape["properties"]]
        for key, inner in shape["properties"].items():
            out += check(data[key], inner, f"{path}.{key}".strip("."), depth + 1) if key in data else []
        return out[:12]
    if kind == "array":
        if not isinstance(data, list):
            return [(here, "is no list")]
        out = [(here, f"has {len(data)} entries; at most {MAX_LIST}")] if len(data) > MAX_LIST else []
        for place, value in enumerate(data[:MAX_LIST]):
            out += check(value, shape["items"], f"{path}.{place}", depth + 1)
        return out[:12]
    return _check_value(data, shape, here)


def _check_value(data: Any, shape: dict[str, Any], path: str) -> list[Problem]:
    kind = shape["type"]
    if kind == "string":
        if not isinstance(data, str):
            return [(path, f"is {type(data).__name__}, not text")]
        if len(data) > MAX_TEXT:
            return [(path, f"has {len(data)} characters; at most {MAX_TEXT}")]
        if "enum" in shape and data not in shape["enum"]:
            return [(path, f"{data[:40]!r} is not among the allowed words")]
        return []
    if kind == "boolean":
        return [] if isinstance(data, bool) else [(path, "is neither true nor false")]
    fits = isinstance(data, int if kind == "integer" else (int, float)) and not isinstance(data, bool)
    if not fits or not math.isfinite(data) or abs(data) > 1e9:
        return [(path, f"{str(data)[:40]} is not a number up to 1e9")]
    return []


def unpack(data: Any) -> tuple[Intent, list[str]]:
    """The intent and what the model says it did not understand. Raises WireError."""
    problems = check(data, schema())
    if problems:
        raise WireError(problems)
    return (
        Intent(
            things=[_thing(one) for one in data["things"]],
            relations=[Relation(**{**one, "amount": _maybe(one["amount"])}) for one in data["relations"]],
            actions=[_action(one) for one in data["actions"]],
            success=[_condition(one) for one in data["success"]],
            failure=[_condition(one) for one in data["failure"]],
            rewards=[Reward(**{**one, "condition": _first(one["condition"])}) for one in data["rewards"]],
            what_if=[WhatIf(**{**one, "value": _value(one["value"])}) for one in data["what_if"]],
            settings=[Setting(**one) for one in data["settings"]],
        ),
        list(data["not_understood"]),
    )


def _number(one: dict[str, Any]) -> Number:
    if not 1 <= len(one["values"]) <= 16:
        raise WireError([("values", f"{len(one['values'])} numbers; from 1 to 16")])
    return Number(**one)


def _maybe(found: list[dict[str, Any]]) -> Number | None:
    return _number(found[0]) if found else None


def _condition(one: dict[str, Any]) -> Condition:
    return Condition(**{**one, "amount": _maybe(one["amount"])})


def _first(found: list[dict[str, Any]]) -> Condition | None:
    return _condition(found[0]) if found else None


def _thing(one: dict[str, Any]) -> Thing:
    return Thing(
        **{
            **one, "count": _maybe(one["count"]), "spacing": _maybe(one["spacing"]),
            "sizes": {size["what"]: _number(size["number"]) for size in one["sizes"]},
            "factors": {made["what"]: made["factor"] for made in one["factors"]},
            "color": lex.COLORS.get(one["color"], one["color"]),
            "material": lex.MATERIALS.get(one["material"], one["material"]),
            "states": {made["what"]: made["value"] for made in one["states"]},
        }
    )  # fmt: skip


def _action(one: dict[str, Any]) -> Action:
    return Action(
        **{
            **one, "amounts": [_number(made) for made in one["amounts"]], "at": one["at"][0] if one["at"] else None,
            "when": _first(one["when"]), "until": _first(one["until"]),
        }
    )  # fmt: skip


def _value(text: str) -> float | str:
    try:
        value = float(text)
    except ValueError:
        return text
    return value if math.isfinite(value) else text


def pack(intent: Intent, not_understood: list[str] | None = None) -> dict[str, Any]:
    """An intent as a model would write it."""
    data = {name: [_packed(one) for one in getattr(intent, name)] for name in type(intent).model_fields if name != "evidence"}
    return {**data, "not_understood": not_understood or []}


def _packed(item: Item) -> dict[str, Any]:
    out: dict[str, Any] = {}
    for name in type(item).model_fields:
        value = getattr(item, name)
        if name == "sizes":
            out[name] = [{"what": key, "number": _packed(number)} for key, number in value.items()]
        elif name == "factors":
            out[name] = [{"what": key, "factor": factor} for key, factor in value.items()]
        elif name == "states":
            out[name] = [{"what": key, "value": number} for key, number in value.items()]
        elif name in ("count", "spacing", "amount", "when", "until", "condition"):
            out[name] = [] if value is None else [_packed(value)]
        elif name == "at":
            out[name] = [] if value is None else [value]
        elif name == "amounts":
            out[name] = [_packed(one) for one in value]
        else:
            out[name] = str(value) if isinstance(item, WhatIf) and name == "value" else value
    return out
