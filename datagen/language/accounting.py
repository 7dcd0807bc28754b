"""Proof that nothing is dropped in silence: every word is changed or left out, and has to make a difference.

Two steps, one for each half of the way. `idle_words`: every chunk of the prompt that carries content is replaced by
another value
(another colour, 1.37 times the number, another noun) or left out, and the clauses are read again; where the intent stays the
same,
the words have led to nothing. `idle_items`: every field of the intent is treated in the same way and compiled again; where
the spec
and all that is told of it stay the same, the item has no use. `marks` are the paths of the spec that an item changes.
Reference: mutation testing (DeMillo, Lipton and Sayward 1978, Computer 11(4)), applied to the input in place of the program.
Limits: a word that repeats what is the case anyway (`it`, `the box` for the only box) is tried with another thing in its place.
"""

from collections.abc import Callable, Iterator
from dataclasses import replace
from typing import Any

from . import lexicon as lex
from .chunks import Chunk
from .clauses import Reading
from .draft import Compiled
from .intent import Action, Condition, Intent, Number, Thing
from .noun_phrases import NounPhrase
from .parse import read_all, read_on
from .tokens import Amount, Words

OTHER = 1.37
STRANGER = "snooker ball"
LEFT_OUT = ("happens", "meet", "strength", "factor", "change", "camera", "gravity", "arranged", "quantity", "duration", "count",
            "material", "attribute")  # fmt: skip
LEADING = ("into", "through", "across", "along", "at", "against", "by", "over")
LINKS = ("of", "with", "from", "toward", "off", "near")
"""Relations that only lead to a quantity or a particle; the words that they lead to are tried themselves."""


def idle_words(words: Words, chunks: list[Chunk], made: Reading) -> list[Chunk]:
    """The chunks that could be left out or said otherwise without any difference.

    A sentence is read again from the state before it; where nothing differs after it, the rest of the prompt would be read
    alike.
    """
    idle: list[Chunk] = []
    state = Reading(Words(words.text, words.tokens, [None] * len(words.tokens)))
    for start, end in _sentences(chunks):
        whole = _bare(read_on(_copied(state), chunks[start:end]))
        for at in range(start, end):
            one = chunks[at]
            unread = words.marks[one.start : one.end] == [None] * (one.end - one.start)
            if unread or one.start == one.end or _structural(words, chunks, at):
                continue
            role = _has_role(words, chunks, at, made)
            tries = [(other, things) for other, things in _others(one) if things or role]
            same = (_is_idle(state, made, chunks, (start, at, end), other, things, whole) for other, things in tries)
            if (
                all(same) and tries if one.kind == "verb" else any(same)
            ):  # what a verb does may be said by the rest of its clause
                idle.append(one)
        state = read_on(state, chunks[start:end], later=True)
    return idle


def _is_idle(
    state: Reading, made: Reading, chunks: list[Chunk], places: tuple[int, int, int], other: Chunk, things: bool, whole: Any
) -> bool:
    """Whether nothing changes with another chunk in the place of one: first after its sentence, then after all of them."""
    start, at, end = places
    tried = _bare(read_on(_copied(state), [*chunks[start:at], other, *chunks[at + 1 : end]]))
    if not _same(tried, whole, things):
        return False
    fresh = Reading(Words(made.words.text, made.words.tokens, [None] * len(made.words.tokens)))
    again = read_all(fresh, [*chunks[:at], other, *chunks[at + 1 :]])
    return _same(_bare(again), _bare(made), things)


def _sentences(chunks: list[Chunk]) -> list[tuple[int, int]]:
    """Where sentences begin and end; the sign before a sentence belongs to it."""
    starts = [0, *[at for at, one in enumerate(chunks) if at and one.kind == "cue" and one.data == "stop"]]
    return list(zip(starts, [*starts[1:], len(chunks)], strict=True))


def _copied(made: Reading) -> Reading:
    """A reading that can go on without a trace in the first one."""
    return replace(
        made,
        words=Words(made.words.text, made.words.tokens, list(made.words.marks)),
        intent=copied(made.intent),
        salient=list(made.salient),
        group=list(made.group),
        agents=list(made.agents),
        told=list(made.told),
        guessed=set(made.guessed),
        claimed=set(made.claimed),
        picked=dict(made.picked),
        ambiguities=list(made.ambiguities),
        trouble=list(made.trouble),
    )


def copied(intent: Intent) -> Intent:
    """An intent whose lists, things and actions can be changed without a trace in the first one."""
    lists: dict[str, Any] = {name: list(getattr(intent, name)) for name in Intent.model_fields if name != "evidence"}
    lists["things"] = [
        one.model_copy(update={"sizes": dict(one.sizes), "factors": dict(one.factors), "states": dict(one.states)})
        for one in intent.things
    ]
    lists["actions"] = [one.model_copy() for one in intent.actions]
    return intent.model_copy(update=lists)


def _same(one: list[tuple[str, Any]], other: list[tuple[str, Any]], about_things: bool) -> bool:
    if about_things:
        return one == other
    return [_known(pair) for pair in one] == [_known(pair) for pair in other]


def _known(pair: tuple[str, Any]) -> tuple[str, Any]:
    """An item of a reading; of the things those that are no strangers."""
    return (pair[0], [one for one in pair[1] if one["noun"] != STRANGER]) if pair[0] == "things" else pair


def _has_role(words: Words, chunks: list[Chunk], at: int, made: Reading) -> bool:
    return _mentioned(made, words, chunks[at]) or _joined(chunks, at)


def _structural(words: Words, chunks: list[Chunk], at: int) -> bool:
    """Whether a chunk only leads to another one: `in 2 seconds`, `put a box on`, `nobody pushed`, `half of it`."""
    one = chunks[at]
    before = next((made for made in reversed(chunks[max(at - 9, 0) : at]) if made.kind != "glue"), None)
    after = next((made for made in chunks[at + 1 : at + 9] if made.kind != "glue"), None)
    if one.kind == "relation":
        return (
            words.low(one.start) in LEADING
            or (before is not None and before.data == "be stacked")
            or (after is not None and after.kind in ("amount", "size", "delay"))
            or (one.data == "above" and before is not None and before.kind in ("amount", "size"))
        )
    if one.kind == "happens":
        return before is not None and before.data == "nobody"
    if one.kind == "verb":
        if words.low(one.start) in ("take", "get", "consider"):  # `take a stack of books`
            return True
        if any(made.kind == "factor" for made in chunks[at + 1 : at + 4]):  # `if the blow were twice as strong`
            return True
        return one.data in ("arrange", "fill", "drape", "swing") or (before is not None and before.data == "nobody")
    if one.kind == "direction":
        return words.marks[one.start] == "order"
    if one.kind == "pronoun":
        return before is not None and ((before.kind == "cue" and before.data in ("reward", "penalty")) or before.data == "of")
    return False


def _joined(chunks: list[Chunk], at: int) -> bool:
    """Whether a thing is one of several with a role: `drop a ball and a cube`."""
    before = [one for one in chunks[max(at - 5, 0) : at] if one.kind not in ("glue", "light")]
    return (
        len(before) > 2
        and before[-1].kind == "cue"
        and before[-1].data == "and"
        and before[-2].kind == "thing"
        and before[-3].kind == "verb"
        and before[-3].data not in ("arrange", "fill")
    )


def _mentioned(made: Reading, words: Words, one: Chunk) -> bool:
    """Whether a thing was named before, so that naming it again has to be for something."""
    quote = words.quote(one.start, one.end)
    return not any(quote == thing.evidence for thing in made.intent.things)


def _others(one: Chunk) -> Iterator[tuple[Chunk, bool]]:
    """What could stand in the place of a chunk, and whether a difference in the things counts."""
    nothing = Chunk("glue", one.start, one.end)
    if one.kind == "thing":
        yield from ((replace(one, data=said), True) for said in _phrases(one.data))
        if one.data.noun in lex.STRUCTURES and one.data.det != "the":
            yield nothing, True
        elif one.data.count is None:
            yield replace(one, data=NounPhrase(det="the", noun=STRANGER)), False
    elif one.kind == "pronoun":
        yield Chunk("thing", one.start, one.end, NounPhrase(det="the", noun=STRANGER)), False
    elif one.kind in ("amount", "delay"):
        yield replace(one, data=_more(one.data)), True
    elif one.kind == "size_of":
        yield replace(one, data=(one.data[0], _more(one.data[1]), one.data[2])), True
    elif one.kind == "size":
        yield replace(one, data=(one.data[0], _more(one.data[1]))), True
    elif one.kind == "cue" and one.data in ("not", ">=", "<=", "=="):
        yield nothing, True
    elif one.kind == "relation":
        if one.data not in LINKS:
            yield replace(one, data="behind" if one.data != "behind" else "right_of"), True
    elif one.kind == "direction":
        yield replace(one, data="forward" if one.data != "forward" else "left"), True
    elif one.kind == "verb":
        yield nothing, True
        yield replace(one, data="spin" if one.data != "spin" else "lift"), True
    elif one.kind in LEFT_OUT:
        yield nothing, True


def _phrases(said: NounPhrase) -> Iterator[NounPhrase]:
    """A noun phrase with one of its words changed."""
    if said.color:
        yield replace(said, color="teal" if said.color != "teal" else "red")
    if said.material:
        yield replace(said, material="cork" if said.material != "cork" else "steel")
    for key, value in said.sizes.items():
        yield replace(said, sizes=said.sizes | {key: _more(value)})
    for name in ("factors", "states"):
        for key, number in getattr(said, name).items():
            yield replace(said, **{name: getattr(said, name) | {key: OTHER * number + 0.01}})
    if said.rows:
        yield replace(said, rows=(said.rows[0] + 1, *said.rows[1:]))
    elif said.count is not None:
        yield replace(said, count=_more(said.count))
    if said.volume:
        yield replace(said, volume=_more(said.volume))


def _more(value: Amount) -> Amount:
    step = 1.0 if value.dimension == "count" else 0.0
    return replace(value, values=tuple(one + step if step else OTHER * one + (one == 0.0) for one in value.values))


def _bare(made: Reading) -> list[tuple[str, Any]]:
    """What was read, without the words that it stands for."""
    lists = [(name, [_strip(one) for one in getattr(made.intent, name)]) for name in Intent.model_fields if name != "evidence"]
    return [*lists, ("trouble", [one["code"] for one in made.trouble])]


def _strip(item: Any) -> Any:
    """A model, list or dict without evidence."""
    if hasattr(item, "__dict__") and hasattr(type(item), "model_fields"):
        return {key: _strip(value) for key, value in item.__dict__.items() if key != "evidence"}
    if isinstance(item, list):
        return [_strip(one) for one in item]
    return {key: _strip(value) for key, value in item.items()} if isinstance(item, dict) else item


# ---- from the intent to the spec


def idle_items(
    intent: Intent, made: Compiled, compiled: Callable[[Intent], Compiled]
) -> tuple[list[str], list[dict[str, Any]]]:
    """Sentences about what has no use in the spec, and for every item the paths of the spec that it changes."""
    told = "\n".join([*made.not_simulable, *made.impossible, *made.unused])
    idle, marks = [], []
    for what, quote, other in _changed(intent):
        if quote and repr(quote) in told:
            continue
        again = compiled(other)
        paths = sorted(set(differences(made.spec, again.spec)))
        known = paths or _told(again) != _told(made)
        marks.append({"item": what, "text": quote, "paths": paths[:8]})
        if not known:
            idle.append(f"{quote!r}: the {what.rpartition('.')[2].replace('_', ' ')} has no use in the scene")
    return list(dict.fromkeys(idle)), marks


def _told(made: Compiled) -> list[Any]:
    return [made.assumed, made.not_simulable, made.impossible, made.unused]


def differences(one: Any, other: Any, path: str = "") -> Iterator[str]:
    """Paths at which two documents differ."""
    if type(one) is not type(other) or not isinstance(one, (dict, list)):
        if one != other:
            yield path
    elif isinstance(one, dict):
        for key in {**one, **other}:
            yield from differences(one.get(key), other.get(key), f"{path}.{key}".lstrip("."))
    elif len(one) != len(other):
        yield path
    else:
        for key, (a, b) in enumerate(zip(one, other, strict=True)):
            yield from differences(a, b, f"{path}.{key}")


def _changed(intent: Intent) -> Iterator[tuple[str, str, Intent]]:
    """Every item of an intent left out or changed: what it is, its words, and the intent then."""
    planes = {name for name, noun in lex.NOUNS.items() if noun.morph == "plane"}
    grounds = {one.id for one in intent.things if one.noun in planes or one.noun in lex.SUBSTANCES}
    for name in ("relations", "actions", "success", "failure", "rewards", "what_if", "settings"):
        items = getattr(intent, name)
        for at, item in enumerate(items):
            if name == "success" and any(_strip(one.condition) == _strip(item) for one in intent.rewards):
                continue  # what is rewarded is the goal anyway
            if name == "settings" and item.what == "fps" and item.value == 30.0:
                continue  # as many as there are anyway
            if name == "relations" and {item.of, item.ref} & grounds and item.rel in ("on_top", "inside"):
                continue  # on the floor is where everything stands; what a liquid is in is a field of the liquid
            yield f"{name}.{at}", item.evidence, intent.model_copy(update={name: [*items[:at], *items[at + 1 :]]})
            for what, update in _fields(item):
                fresh = item.model_copy(update=update)
                quote = _quote(update, item)
                yield f"{name}.{at}.{what}", quote, intent.model_copy(update={name: [*items[:at], fresh, *items[at + 1 :]]})
    for at, thing in enumerate(intent.things):
        for what, update in _thing_fields(thing):
            fresh_thing = thing.model_copy(update=update)
            things = [*intent.things[:at], fresh_thing, *intent.things[at + 1 :]]
            yield f"things.{at}.{what}", _quote(update, thing), intent.model_copy(update={"things": things})


def _quote(update: dict[str, Any], item: Any) -> str:
    value = next(iter(update.values()))
    return value.evidence if isinstance(value, Number) and value.evidence else str(item.evidence)


def _larger(number: Number) -> Number:
    step = 1.0 if number.dimension == "count" and all(value == int(value) for value in number.values) else 0.0
    return number.model_copy(update={"values": [value + step if step else OTHER * value for value in number.values]})


def _fields(item: Any) -> Iterator[tuple[str, dict[str, Any]]]:
    """Changes of one field of a relation, an action, a condition or a setting."""
    if isinstance(item, Action):
        yield from _action_fields(item)
    if getattr(item, "amount", None) is not None:
        yield "amount", {"amount": _larger(item.amount)}
    if isinstance(item, Condition):
        if item.quantity:
            yield "quantity", {"quantity": item.quantity + 1}
        if item.hold:
            yield "hold", {"hold": OTHER * item.hold}
        if item.negate:
            yield "negation", {"negate": False}
        if item.ref:
            yield "ref", {"ref": ""}
    if getattr(item, "weight", None):
        yield "weight", {"weight": OTHER * item.weight}
    if isinstance(getattr(item, "value", None), float) and item.value:
        yield "value", {"value": OTHER * item.value}


def _action_fields(item: Action) -> Iterator[tuple[str, dict[str, Any]]]:
    if item.direction:
        yield "direction", {"direction": "forward" if item.direction != "forward" else "left"}
    if item.toward and item.do != "drop" and not item.toward.endswith((" floor", " ground")):  # a drop is placed by `place`
        there = item.place == item.toward.rpartition(" ")[2]
        yield "toward", {"toward": ""} | ({"place": ""} if there else {})
    for at, number in enumerate(item.amounts):
        yield f"amounts.{number.dimension}", {"amounts": [*item.amounts[:at], _larger(number), *item.amounts[at + 1 :]]}
    said = any(number.dimension in ("force", "impulse", "speed", "spin") for number in item.amounts)
    if item.strength != 1.0 and not said:  # `gently with 4 N`: the number says it
        yield "strength", {"strength": OTHER * item.strength}
    if item.at is not None:
        yield "at", {"at": item.at + 1.0}
    if item.after:
        yield "after", {"after": ""}
    for name in ("when", "until"):
        if getattr(item, name) is not None:
            yield name, {name: None}


def _thing_fields(thing: Thing) -> Iterator[tuple[str, dict[str, Any]]]:
    if thing.count is not None:
        yield "count", {"count": _larger(thing.count)}
    if thing.color:
        yield "color", {"color": "teal" if thing.color != "teal" else "red"}
    if thing.material:
        yield "material", {"material": "cork" if thing.material != "cork" else "steel"}
    for key, number in thing.sizes.items():
        yield key, {"sizes": thing.sizes | {key: _larger(number)}}
    for name in ("factors", "states"):
        for key, value in getattr(thing, name).items():
            yield key, {name: getattr(thing, name) | {key: OTHER * value + 0.01}}
    if thing.spacing is not None:
        yield "spacing", {"spacing": _larger(thing.spacing)}
    if thing.noun in lex.NOUNS and thing.arrange:
        yield "arrange", {"arrange": "circle" if thing.arrange != "circle" else "line"}
