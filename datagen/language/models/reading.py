"""A prompt read by a model: ask, check, repair, and only a checked `Intent` goes on to the compiler.

`ask` posts the request with the schema that the server enforces (found out once by a canary: a schema whose only word is a
random one; a server that answers with another word does not enforce it, and one that refuses the request is asked without).
The answer goes through the checks of `problems_of`: JSON, schema, quotes that stand in the prompt, numbers that stand in
their quotes, names that exist, and everything that the embedded reader has found with certainty (numbers, things, colours).
What is wrong goes back to the model, with its last answer, at most `rounds` times; then ModelError. `describe_with` makes the
description: words that no quote covers are not understood, as ever.
Limits: certainty is that of the lexicon; a model that reads words that it does not know is asked to quote them.
"""

import contextlib
import json
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, Protocol

from datagen.errors import DatagenError
from datagen.language import lexicon as lex
from datagen.language.clauses import Reading
from datagen.language.describe import Description, conclude, refuse
from datagen.language.intent import Condition, Intent, Item, Number
from datagen.language.tokens import Words, amount, number, tokenize

from .client import EndpointError, Reply
from .instructions import messages, repair
from .wire import Problem, WireError, schema, unpack

ROUNDS = 3
NAME = re.compile(r"[a-z][a-z0-9_]{0,39}")


class ModelError(DatagenError):
    """A model that does not write a valid intent within the allowed rounds."""


class Backend(Protocol):
    """What answers: an `Endpoint` or a `Cassette`."""

    url: str
    model: str

    def complete(self, messages: list[dict[str, str]], response_format: dict[str, Any] | None = None) -> Reply:
        """The answer to these messages."""


@dataclass
class Asked:
    """intent; not_understood: phrases that the model gave up; log: a line per request (what, seconds, tokens, problems)."""

    intent: Intent
    not_understood: list[str]
    log: list[dict[str, Any]] = field(default_factory=list)

    @property
    def tokens(self) -> tuple[int, int]:
        """Tokens of the prompts and of the answers of all requests."""
        return sum(one["tokens"][0] for one in self.log), sum(one["tokens"][1] for one in self.log)


def describe_with(prompt: str, backend: Backend, vary: str = "little", rounds: int = ROUNDS) -> Description:
    """As `datagen.language.describe`, with a model as the reader. Raises EndpointError and ModelError."""
    refused = refuse(prompt)
    if refused is not None:
        return refused
    asked = ask(prompt, backend, rounds)
    done = described(prompt, asked.intent, asked.not_understood, vary)
    done.report["model"] = {"name": backend.model, "endpoint": backend.url, "requests": asked.log, "tokens": asked.tokens}
    return done


def described(prompt: str, intent: Intent, left: Sequence[str], vary: str) -> Description:
    """The description of a prompt by an intent that somebody else has read. Raises ModelError where the compiler, which knows
    what the embedded reader can say, has no use for it."""
    words = tokenize(prompt)
    for quote in quotes_of(intent):
        cover(words, quote)
    for phrase in left:
        cover(words, phrase, None)
    try:
        return conclude(Reading(words, intent), prompt, vary)
    except (ArithmeticError, AttributeError, LookupError, TypeError, ValueError, StopIteration) as error:
        raise ModelError(
            "the model's reading", f"it cannot be built ({type(error).__name__}: {str(error)[:80]})", "",
            "say it more simply, or leave --model out",
        ) from error  # fmt: skip


def ask(prompt: str, backend: Backend, rounds: int = ROUNDS) -> Asked:
    """The intent of a prompt as a model reads it."""
    log: list[dict[str, Any]] = []
    formats = [one for one in (enforced(backend, log), None) if one is not None or log]
    request, last, problems = messages(prompt), "", [("the answer", "is missing")]
    for turn in range(rounds):
        reply = _complete(backend, request, formats[0] if formats else None, log, "read" if turn == 0 else "repair")
        last = reply.text
        try:
            intent, left = unpack(_json(reply))
            problems = problems_of(prompt, intent, left)
            if not problems:
                return Asked(intent, left, log)
        except WireError as error:
            problems = error.problems
        log[-1]["problems"] = [f"{path}: {what}" for path, what in problems]
        request = repair(prompt, last, problems)
    path, what = problems[0]
    raise ModelError(
        f"model {backend.model}", f"no valid answer in {rounds} rounds; the last one: {path} {what}", "",
        "use another model, or leave --model out: the embedded reader needs none",
    )  # fmt: skip


def enforced(backend: Backend, log: list[dict[str, Any]]) -> dict[str, Any] | None:
    """The response format that the server enforces, None where it does not; asked once by a canary."""
    word = f"canary{secrets.randbelow(10**6):06d}" if not backend.url.startswith("cassette:") else "canary000000"
    shape = {"type": "object", "properties": {"color": {"type": "string", "enum": [word]}}, "required": ["color"],
             "additionalProperties": False}  # fmt: skip
    try:
        reply = _complete(
            backend,
            [{"role": "user", "content": "Name a color as JSON with the key color."}],
            _format("canary", shape),
            log,
            "canary",
        )
        found = _json(reply)
    except EndpointError as error:
        if error.status not in (400, 404, 405, 415, 422, 501):
            raise
        log.append({"what": "canary", "seconds": 0.0, "tokens": (0, 0), "problems": [error.what]})
        return None
    except WireError:
        return None
    return _format("intent", schema()) if isinstance(found, dict) and found.get("color") == word else None


def _format(name: str, shape: dict[str, Any]) -> dict[str, Any]:
    return {"type": "json_schema", "json_schema": {"name": name, "strict": True, "schema": shape}}


def _complete(backend: Backend, request: Any, shape: Any, log: list[dict[str, Any]], what: str) -> Reply:
    reply = backend.complete(request, shape)
    log.append({"what": what, "seconds": round(reply.seconds, 3), "tokens": reply.usage, "problems": []})
    return reply


def _json(reply: Reply) -> Any:
    """The JSON object of an answer: fenced, after thoughts, or in an envelope of one key. Raises WireError."""
    if reply.finish == "refusal":
        raise WireError([("the answer", "is a refusal; the request is harmless: write the JSON object")])
    if reply.finish == "length":
        raise WireError([("the answer", "was cut off at the token limit; write less")])
    text = re.sub(r"<think>.*?(</think>|$)", "", reply.text, flags=re.DOTALL)
    start, end = text.find("{"), text.rfind("}")
    if start < 0 or end < start:
        raise WireError([("the answer", "holds no JSON object")])
    try:
        data = json.loads(text[start : end + 1], parse_constant=_no_number)
    except (ValueError, RecursionError) as error:
        raise WireError([("the answer", f"is no JSON: {str(error)[:80]}")]) from None
    if isinstance(data, dict) and len(data) == 1 and isinstance(inner := next(iter(data.values())), dict) and "things" in inner:
        return inner
    return data


def _no_number(name: str) -> Any:
    raise ValueError(f"{name} is no number")


# ---- what has to hold beyond the schema


def problems_of(prompt: str, intent: Intent, left: list[str]) -> list[Problem]:
    """What is wrong with an intent of this prompt, as (path, what)."""
    out: list[Problem] = []
    for path, item in _items(intent):
        if item.evidence and item.evidence not in prompt:
            out.append((path, f"the evidence {item.evidence[:60]!r} does not stand in the request; copy its words exactly"))
        elif not item.evidence and path.count(".") == 1:
            out.append((path, "has no evidence"))
        if isinstance(item, Number):
            out += _number_problem(path, item)
    out += [("not_understood", f"{one[:60]!r} does not stand in the request") for one in left if one not in prompt]
    return (out + _names(intent) + _missed(prompt, intent, left))[:12]


def _items(item: Item, path: str = "") -> list[tuple[str, Item]]:
    out: list[tuple[str, Item]] = [(path, item)] if path else []
    for name in type(item).model_fields:
        value = getattr(item, name)
        inside = value if isinstance(value, list) else list(value.values()) if isinstance(value, dict) else [value]
        for place, one in enumerate(inside):
            if isinstance(one, Item):
                out += _items(one, f"{path}.{name}{f'.{place}' if isinstance(value, list) else ''}".strip("."))
    return out


def quotes_of(intent: Intent) -> list[str]:
    """The evidence of every item, long ones first."""
    return sorted({item.evidence for _, item in _items(intent) if item.evidence}, key=lambda one: (-len(one), one))


def _said(text: str) -> list[tuple[float, str]]:
    """Every number that a text holds, in SI, with its dimension."""
    words, out = tokenize(text), []
    for at in range(len(words.tokens)):
        with contextlib.suppress(OverflowError, ValueError):
            found, plain = amount(words, at), number(words, at)
            out += [(value, found[0].dimension) for value in found[0].values] if found else []
            out += [(plain[0], "count")] if plain else []
    return out


def _number_problem(path: str, one: Number) -> list[Problem]:
    said = [value for value, _ in _said(one.evidence)]
    wrong = [value for value in one.values if not any(abs(value - found) <= 1e-6 * max(abs(found), 1e-9) for found in said)]
    if not wrong:
        return []
    told = ", ".join(f"{value:g}" for value in said[:6]) or "no number"
    return [(path, f"{wrong[0]:g} does not stand in the evidence {one.evidence[:40]!r}, which holds {told} in SI units")]


def _names(intent: Intent) -> list[Problem]:
    """Names that are twice or not there."""
    ids = [one.id for one in intent.things] + [one.id for one in intent.actions]
    out = [(f"{one!r}", "is not a name: lower-case letters, digits and _") for one in ids if not NAME.fullmatch(one)]
    out += [(f"{one!r}", "names two things or actions") for one in sorted({one for one in ids if ids.count(one) > 1})]
    things = {one.id for one in intent.things}
    for path, item in _items(intent):
        for key in ("of", "ref", "other", "target", "place", "into", "actor"):
            name = str(getattr(item, key, "")).split("[")[0].split(" ")[-1]
            if name and name not in things:
                out.append((f"{path}.{key}", f"{name[:40]!r} is no thing; things are {', '.join(sorted(things))[:120]}"))
    return out


def _missed(prompt: str, intent: Intent, left: list[str]) -> list[Problem]:
    """Numbers, things and colours that stand in the prompt and nowhere in the answer."""
    rest = prompt
    for phrase in left:
        rest = rest.replace(phrase, " ")
    words = tokenize(rest)
    colors = {one.color for one in intent.things} | {str(one.value) for one in intent.what_if}
    out = [
        ("things", f"the request says {words.low(at)!r}, and no thing has this colour")
        for at in range(len(words.tokens))
        if words.low(at) in lex.COLORS and words.low(at) not in colors
    ]
    numbers = [item for _, item in _items(intent) if isinstance(item, Number)]
    given = [value for one in numbers for value in one.values]
    given += [value for one in intent.things for value in (*one.factors.values(), *one.states.values())]
    given += [one.value for one in intent.settings] + [one.value for one in intent.what_if if isinstance(one.value, float)]
    given += [abs(one.weight) for one in intent.rewards]
    conditions = [item for _, item in _items(intent) if isinstance(item, Condition)]
    given += [float(value) for one in conditions for value in (one.quantity, one.hold)]
    given += [value for one in intent.actions for value in (one.at or 0.0, one.delay, one.strength)]
    for value, dimension in _said(rest):
        if dimension != "count" and not any(abs(value - one) <= 1e-6 * max(abs(value), 1e-9) for one in given):
            out.append(("the answer", f"the request says {value:g} ({dimension}, SI), which stands nowhere in the answer"))
    return out


def cover(words: Words, quote: str, meaning: str | None = "model") -> None:
    """Mark the tokens of every place where a quote stands."""
    start = words.text.find(quote) if quote.strip() else -1
    while start >= 0:
        end = start + len(quote)
        for at, token in enumerate(words.tokens):
            if start <= token.start and token.end <= end:
                words.marks[at] = meaning
        start = words.text.find(quote, end)
