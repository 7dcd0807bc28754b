"""Spelling: a word that no table knows and that is one slip away from exactly one known word is read as that one, and told."""

from dataclasses import replace

from . import lexicon as lex
from .attributes import attribute
from .cues import CUES, PLAIN_WORDS
from .tokens import ONES, ORDINALS, TENS, UNITS, Words, forms, misspelt

KNOWN = {
    part
    for table in (
        lex.NOUNS,
        lex.SUBSTANCES,
        lex.COLORS,
        lex.MATERIALS,
        lex.SIZES,
        lex.STATES,
        lex.VERBS,
        lex.RELATIONS,
        lex.DIRECTIONS,
        lex.GLUE,
        CUES,
        UNITS,
    )
    for word in table
    for part in word.split()
    if len(part) > 2 and part.isalpha()
} | {*ONES, *TENS, *ORDINALS}
"""Words that a typo may have been meant as."""
TYPOS = 3
"""Corrections of a prompt at most; more are no typos, but another language."""


def corrected(words: Words) -> dict[str, str]:
    """Spells tokens right that no table knows and that are one slip away from exactly one known word; what was read as what."""
    found: dict[int, str] = {}
    for at, token in enumerate(words.tokens):
        low = token.low
        if (
            len(low) < 3
            or not low.isalpha()
            or not low.isascii()
            or set(forms(low)) & KNOWN
            or attribute(words, at)
            or low in PLAIN_WORDS
        ):
            continue
        if right := misspelt(low, KNOWN):
            found[at] = right
    known = sum(bool(set(forms(one.low)) & KNOWN) for one in words.tokens)
    if len(found) > TYPOS or known < 3 * len(found):
        return {}
    out = {words.tokens[at].text: right for at, right in found.items()}
    for at, right in found.items():
        words.tokens[at] = replace(words.tokens[at], text=right)
    return out
