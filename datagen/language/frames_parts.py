"""Turns of phrase about parts of furniture: `the lever of the faucet`, `the faucet lever`, `the top drawer of the cabinet`.

What moves on a piece of furniture is no thing of its own: the words for it and for the whole become one chunk, which keeps the
word that picks one of many (`top`). Limits: one part for each piece, except the drawers of a cabinet.
"""

from dataclasses import replace

from . import lexicon as lex
from .chunks import Chunk
from .neighbours import text_of
from .tokens import Words

WORDS = {
    "cabinet": ("drawer", "handle", "knob", "front", "drawer handle", "drawer front"),
    "door": ("leaf", "handle", "knob", "door handle"),
    "laptop": ("lid", "screen", "laptop lid"),
    "faucet": ("lever", "handle", "knob", "faucet handle"),
}
"""What moves, or is taken hold of, by the morph of the whole."""


def parts(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """The chunks with every part as the whole that it belongs to."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        kind = _morph(made)
        after = chunks[at + 1] if at + 1 < len(chunks) else None
        if kind and after is not None and after.kind in ("unknown", "attribute") and text_of(words, after) in WORDS[kind]:
            out[at : at + 2] = [replace(made, end=after.end), Chunk("glue", after.end, after.end)]
            continue
        if at + 2 >= len(chunks) or text_of(words, chunks[at + 1]) not in ("of", "on", "in", "from"):
            continue
        whole = chunks[at + 2]
        named = _morph(whole)
        part = made.data.noun if made.kind == "thing" else text_of(words, made) if made.kind in ("unknown", "told") else ""
        if named and part in WORDS[named]:
            item = made.data.item if made.kind == "thing" else ""
            gone = Chunk("glue", whole.end, whole.end)
            out[at : at + 3] = [
                Chunk("thing", made.start, whole.end, replace(whole.data, item=item or whole.data.item)),
                gone,
                gone,
            ]
    return out


def in_hands(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`A sponge held by the robot arm`: the arm does it."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-2]):
        arm, word = chunks[at + 2], text_of(words, made)
        robot = arm.kind == "thing" and arm.data.noun in lex.NOUNS and lex.NOUNS[arm.data.noun].family == "robot"
        done = any(one.kind == "verb" for one in chunks[:at])
        if (
            robot
            and done
            and word in ("held", "gripped", "grasped", "driven", "operated")
            and text_of(words, chunks[at + 1]) in ("by", "in")
        ):
            out[at], out[at + 1] = replace(made, kind="light"), replace(chunks[at + 1], kind="relation", data="with")
    return out


def _morph(made: Chunk) -> str:
    """The morph of furniture with parts, or nothing."""
    noun = lex.NOUNS.get(made.data.noun) if made.kind == "thing" else None
    return noun.morph if noun is not None and noun.morph in WORDS else ""
