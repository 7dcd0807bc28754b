"""Goals in one line of text, parsed by a grammar into the same plain data that YAML would give; nothing is ever evaluated.

    always(spilled(water) <= 5 ml) and hold(volume_in(water, bowl) ~ 200 ml +- 10 ml, 1 s)
    forall d in domino: toppled(d)            count(d in domino: toppled(d)) >= 8
    then(open(drawer), closed(drawer), within 20 s)      upright(cup, 10 deg)     position(ball, along x) > 0.5 m

Words: and, or, not, parentheses; eventually(phi[, within T]), always(phi[, T1 to T2]), hold(phi, T), then(phi, ..[, within T]),
until(phi, psi[, within T]), forall, exists, count; name(args) with a comparison is a measure, without one a predicate whose
last argument may be its threshold, and `+- q` its tolerance. Method: LALR(1) by lark with a contextual lexer.
Limits: 2,000 characters, 40 open parentheses.
"""

from collections.abc import Callable
from functools import lru_cache
from typing import Any

from .problems import FieldError

GRAMMAR = r"""
start: goal
?goal: both ("or" both)* -> any
?both: one ("and" one)* -> all
?one: "not" one -> negation
    | "(" goal ")"
    | "eventually" "(" goal ["," within] ")" -> eventually
    | "always" "(" goal ["," QUANTITY "to" QUANTITY] ")" -> always
    | "hold" "(" goal "," ["for"] QUANTITY ")" -> hold
    | "then" "(" goal ("," goal)+ ["," within] ")" -> then
    | "until" "(" goal "," goal ["," within] ")" -> until
    | "forall" NAME "in" NAME ":" one -> forall
    | "exists" NAME "in" NAME ":" one -> exists
    | "count" "(" NAME "in" NAME ":" goal ")" ORDER QUANTITY -> count
    | call ORDER QUANTITY -> compare
    | call "~" QUANTITY "+-" QUANTITY -> about
    | call -> predicate
within: "within" QUANTITY
call: NAME ["(" [argument ("," argument)*] ")"]
argument: NAME -> body
    | QUANTITY -> threshold
    | "+-" QUANTITY -> tolerance
    | "along" (NAME | SIGNED) -> along
    | "axis" (NAME | SIGNED) -> axis
ORDER: "<=" | ">=" | "<" | ">" | "=="
SIGNED: /[+-][xyz]/
NAME: /[A-Za-z][A-Za-z0-9_]*(\.[A-Za-z][A-Za-z0-9_]*)*(\[([0-9]+|first|last|\*)\])?/
NUMBER: /[+-]?([0-9]+(\.[0-9]*)?|\.[0-9]+)([eE][+-]?[0-9]+)?/
UNIT: /\s*(?!(to|and|or|within)\b)[A-Za-z%°µ]([A-Za-z0-9%°µ\/*·²³]|\^-?[0-9])*/
QUANTITY: NUMBER UNIT?
%ignore /\s+/
"""
MAX_TEXT, MAX_DEPTH = 2000, 40
BOUNDS = {">=": "at_least", "<=": "at_most", "==": "exactly"}


@lru_cache(maxsize=1)
def _parser() -> Any:
    import lark

    return lark.Lark(GRAMMAR, parser="lalr", maybe_placeholders=True)


def parse_infix(text: str) -> dict[str, Any]:
    """The plain data of a goal. Raises `FieldError` that names the place where the text goes wrong."""
    import lark

    if len(text) > MAX_TEXT or text.count("(") > MAX_DEPTH:
        raise FieldError(f"a goal of {len(text)} characters", f"at most {MAX_TEXT}, with {MAX_DEPTH} parentheses", "write YAML")
    try:
        tree = _parser().parse(text)
    except lark.exceptions.UnexpectedInput as error:
        column = getattr(error, "column", -1)
        rest = text[max(column - 1, 0) :][:20] if isinstance(column, int) and column > 0 else ""
        what = f"the goal goes wrong at column {column} ({rest!r})" if rest else "the goal ends too early"
        raise FieldError(what, "for example 'hold(upright(cup), 1 s) and distance(cup, plate) < 5 cm'") from error
    return _plain(tree.children[0])


def _plain(node: Any) -> dict[str, Any]:
    """One node of the tree as the mapping that stands for it."""
    made = _MADE[node.data](list(node.children))
    return {key: value for key, value in made.items() if value is not None}


def _quantity(token: Any) -> Any:
    """A number without unit as a number, everything else as the text that the units know."""
    text = str(token)
    try:
        return float(text)
    except ValueError:
        return text


def _within(node: Any) -> Any:
    return None if node is None else _quantity(node.children[0])


def _call(node: Any, comparison: bool) -> dict[str, Any]:
    name, *arguments = node.children
    made: dict[str, Any] = {"measure" if comparison else "pred": str(name)}
    bodies: list[str] = []
    for argument in arguments:
        if argument is None:
            continue
        word = argument.children[0]
        if argument.data == "body":
            bodies.append(str(word))
        elif argument.data in ("along", "axis"):
            made[str(argument.data)] = str(word)
        elif comparison:
            raise FieldError(f"{name} has a threshold among its arguments", "compare it: name(args) <= value")
        else:
            made["value" if argument.data == "threshold" else "tol"] = _quantity(word)
    if len(bodies) > 2:
        raise FieldError(f"{name} has {len(bodies)} bodies", "one or two")
    return made | dict(zip(("of", "ref"), bodies, strict=False))


def _count(parts: list[Any]) -> dict[str, Any]:
    name, over, goal, order, number = parts
    value = _quantity(number)
    if order not in BOUNDS or not isinstance(value, float) or not value.is_integer():
        raise FieldError(f"count(...) {order} {number}", "'>=', '<=' or '==' and a whole number")
    return {"count": _plain(goal), "over": str(over), "as": str(name), BOUNDS[order]: int(value)}


def _compare(parts: list[Any]) -> dict[str, Any]:
    if parts[1] == "==":
        raise FieldError("a measure is never exactly a value", "'<=', '>=', '<', '>' or '~ value +- tolerance'")
    return _call(parts[0], True) | {"cmp": str(parts[1]), "value": _quantity(parts[2])}


def _always(parts: list[Any]) -> dict[str, Any]:
    goal, first, last = parts
    return {"always": _plain(goal), "during": None if first is None else [_quantity(first), _quantity(last)]}


def _many(key: str) -> Callable[[list[Any]], dict[str, Any]]:
    return lambda parts: _plain(parts[0]) if len(parts) == 1 else {key: [_plain(part) for part in parts]}


def _over(key: str) -> Callable[[list[Any]], dict[str, Any]]:
    return lambda parts: {key: str(parts[1]), "as": str(parts[0]), "do": _plain(parts[2])}


_MADE: dict[str, Callable[[list[Any]], dict[str, Any]]] = {
    "any": _many("any"),
    "all": _many("all"),
    "negation": lambda parts: {"not": _plain(parts[0])},
    "eventually": lambda parts: {"eventually": _plain(parts[0]), "within": _within(parts[1])},
    "always": _always,
    "hold": lambda parts: {"hold": _plain(parts[0]), "for": _quantity(parts[-1])},
    "then": lambda parts: {"then": [_plain(part) for part in parts[:-1]], "within": _within(parts[-1])},
    "until": lambda parts: {"until": [_plain(part) for part in parts[:2]], "within": _within(parts[2])},
    "forall": _over("forall"),
    "exists": _over("exists"),
    "count": _count,
    "compare": _compare,
    "about": lambda parts: _call(parts[0], True) | {"cmp": "about", "value": _quantity(parts[1]), "tol": _quantity(parts[2])},
    "predicate": lambda parts: _call(parts[0], False),
}
