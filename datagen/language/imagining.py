"""New prompts from old ones: words are exchanged for others of their class, and only prompts that are read completely stay.

Classes: things of one family (a ball for a ball, a vessel for a vessel), colours, materials, directions, places, verbs of one
kind, strengths, counts and measured numbers. A word changes everywhere in its prompt, so that references still hold. Among
what fits, the word that has been used least is taken, so the result is balanced. A prompt stays when `describe` finds nothing
unclear in it, and when no other has the same spec. The same seeds, count and seed give the same prompts.
Limits: words of one token; sentences keep their structure.
"""

import hashlib
import json
import re
from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Any, TypeVar

from datagen.errors import DatagenError

from . import lexicon as lex
from .describe import Description, describe
from .tokens import Words, forms, tokenize, unit

TRIES = 30  # for every prompt that is asked for
FAMILIES = ("ball", "box", "cylinder", "vessel")
CLASSES = (
    ("red", "orange", "yellow", "green", "blue", "purple", "pink", "brown", "black", "white"),
    ("wooden", "steel", "plastic", "rubber", "glass", "stone"),
    ("left", "right"),
    ("forward", "backward"),
    ("push", "hit", "nudge", "shove", "strike"),
    ("gently", "hard", "softly", "strongly"),
    ("two", "three", "four", "five", "six", "seven"),
    ("behind", "beside", "near"),
)
FACTORS = (0.5, 0.75, 1.25, 1.5, 2.0)
NUMBER = re.compile(r"\d+(\.\d+)?")
Thing = TypeVar("Thing")
READY = ("complete", "complete_with_assumptions")


@dataclass
class Imagined:
    """prompts; coverage: kind of word -> word -> in how many prompts; tried: how many were made."""

    prompts: list[str] = field(default_factory=list)
    coverage: dict[str, dict[str, int]] = field(default_factory=dict)
    tried: int = 0


class _Draws:
    """Choices that hang on the seed and on nothing else: the n-th is made by a hash of both."""

    def __init__(self, seed: int):
        self._seed, self._number = seed, 0

    def one_of(self, things: Sequence[Thing]) -> Thing:
        """One of them, each as likely as the others."""
        self._number += 1
        digest = hashlib.sha256(f"imagine {self._seed} {self._number}".encode()).digest()
        return things[int.from_bytes(digest[:8], "big") % len(things)]


def imagine(seeds: Sequence[str], count: int, seed: int = 0) -> Imagined:
    """Up to `count` new prompts. Raises DatagenError where no seed prompt can be read."""
    read = [one.strip() for one in seeds if one.strip() and describe(one).status in READY]
    if not read:
        raise DatagenError("imagine", "none of the seed prompts is read completely", "", "see `worldsmith describe` for why")
    draws, used, made = _Draws(seed), Counter[str](), Imagined()
    known = {_meaning(describe(one)) for one in read}
    while len(made.prompts) < count and made.tried < TRIES * count:
        made.tried += 1
        text = _varied(draws.one_of(read), draws, used)
        done = describe(text)
        if done.status not in READY or done.spec is None or _meaning(done) in known:
            continue
        known.add(_meaning(done))
        made.prompts.append(text)
        used.update(token.low for token in tokenize(text).tokens)
        _count(done, made.coverage)
    made.coverage = {kind: dict(sorted(words.items())) for kind, words in sorted(made.coverage.items())}
    return made


def _meaning(done: Description) -> str:
    """The spec without its words."""
    return json.dumps({key: value for key, value in (done.spec or {}).items() if key not in ("text", "name")}, sort_keys=True)


def _varied(prompt: str, draws: _Draws, used: Counter[str]) -> str:
    """A prompt with one to three of its words exchanged."""
    words = tokenize(prompt)
    choices = _choices(words)
    change: dict[str, str] = {}
    left = sorted(choices)
    for _ in range(min(len(left), draws.one_of((1, 2, 2, 3)))):
        low = draws.one_of(left)
        left.remove(low)
        fitting = [one for one in choices[low] if one != low and one not in change.values()]
        if fitting:
            least = min(used[one] for one in fitting)
            change[low] = draws.one_of([one for one in fitting if used[one] == least])
    out, end = "", 0
    for token in words.tokens:
        out += prompt[end : token.start] + _cased(token.text, change.get(token.low, token.text))
        end = token.end
    return _articles(out + prompt[end:])


def _choices(words: Words) -> dict[str, list[str]]:
    """Token in lower case -> what may stand in its place."""
    out: dict[str, list[str]] = {}
    for at, token in enumerate(words.tokens):
        for group in CLASSES:
            if token.low in group:
                out[token.low] = list(group)
        if NUMBER.fullmatch(token.low) and unit(words, at + 1) is not None:
            out[token.low] = [f"{float(token.low) * factor:.3g}" for factor in FACTORS]
        out.update(_things(token.low))
    return out


def _things(low: str) -> dict[str, list[str]]:
    """Other things of the family of a noun, in its number."""
    single = next((form for form in forms(low) if form in lex.NOUNS), "")
    if not single or lex.NOUNS[single].family not in FAMILIES:
        return {}
    family = lex.NOUNS[single].family
    others = [name for name, noun in lex.NOUNS.items() if noun.family == family and name.isalpha()]
    return {low: [_plural(one) if low != single else one for one in others]}


def _plural(noun: str) -> str:
    ending = "es" if noun.endswith(("x", "s", "sh", "ch")) or noun in ("domino", "potato", "tomato") else "s"
    return noun + ending


def _cased(before: str, after: str) -> str:
    return after.capitalize() if before[:1].isupper() and after[:1].islower() else after


def _articles(text: str) -> str:
    """`a` and `an` as the next word asks for."""

    def right(found: re.Match[str]) -> str:
        article = "an" if found[3][0].lower() in "aeiou" else "a"
        return (article.capitalize() if found[1][0].isupper() else article) + found[2] + found[3]

    return re.sub(r"\b([Aa]n?)(\s+)([A-Za-z]+)", right, text)


def _count(done: Description, coverage: dict[str, dict[str, int]]) -> None:
    """Add what a prompt is about to the table."""
    found: dict[str, set[Any]] = {
        "thing": {one.noun for one in done.intent.things},
        "color": {one.color for one in done.intent.things},
        "material": {one.material for one in done.intent.things},
        "place": {one.rel for one in done.intent.relations},
        "action": {one.do for one in done.intent.actions},
        "direction": {one.direction for one in done.intent.actions},
        "goal": {one.pred for one in (*done.intent.success, *done.intent.failure)},
        "what if": {one.change for one in done.intent.what_if},
    }
    for kind, words in found.items():
        for word in words - {""}:
            row = coverage.setdefault(kind, {})
            row[word] = row.get(word, 0) + 1
