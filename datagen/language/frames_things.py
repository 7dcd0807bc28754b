"""Turns of phrase about things: shares, counts, one of many, what is full of what, who acts."""

from dataclasses import replace

from . import lexicon as lex
from .chunks import Chunk
from .neighbours import is_end, text_of
from .noun_phrases import NounPhrase
from .tokens import ORDINALS, Amount, Words

TILTED = {"tilted", "inclined", "angled", "sloping", "sloped", "tilt", "leaning", "at"}
OWNERS = {"a", "an", "the", "my", "our", "your", "his", "her", "their", "some"}
NOBODY = lex.NOUNS["floor"]


def shares(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Two boxes, one red and one blue` are two things of a kind."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        if made.kind != "thing" or not made.data.noun or made.data.count is None or made.data.color:
            continue
        parts, last = _parts(words, chunks, at + 1)
        if len(parts) < 2 or sum(count for count, _ in parts) != made.data.count.middle:
            continue
        things = [Chunk("thing", spot.start, spot.end, _colored(made.data, count, spot.data)) for count, spot in parts]
        things[0] = replace(things[0], start=made.start)
        if at + 1 < len(chunks):
            things[1:] = [one for thing in things[1:] for one in (Chunk("cue", thing.start, thing.start, "and"), thing)]
        gaps = [Chunk("glue", one.start, one.end) for one in chunks[at + 1 : last] if one not in [spot for _, spot in parts]]
        things[0] = replace(things[0], end=made.end)
        things[0] = replace(things[0], data=replace(things[0].data, color=""))
        first = Chunk("attribute", parts[0][1].start, parts[0][1].end, parts[0][1].data)
        out = [
            *chunks[:at],
            things[0],
            *sorted([first, *gaps, *things[1:]], key=lambda one: (one.start, one.end)),
            *chunks[last:],
        ]
        return shares(words, out) if len(out) != len(chunks) else out
    return out


def _parts(words: Words, chunks: list[Chunk], at: int) -> tuple[list[tuple[float, Chunk]], int]:
    """`, one red and two blue`: the counts with their colours, and the chunk after them."""
    parts: list[tuple[float, Chunk]] = []
    count, here = 0.0, at
    while here < len(chunks):
        one = chunks[here]
        ordinal = one.kind == "thing" and one.data.item in ORDINALS and (not one.data.noun) and not one.data.color
        if one.kind == "amount" and one.data.dimension == "count" and one.data.kind == "exact":
            count = one.data.middle
        elif ordinal and ORDINALS[one.data.item] == len(parts) and words.low(one.end) in ("is", "one"):
            count = 1.0
        elif one.kind == "attribute" and one.data in lex.COLORS:
            parts.append((count or 1.0, one))
            count = 0.0
        elif not (
            one.kind == "glue" or (one.kind == "cue" and (one.data in ("comma", "and") or (one.data == "stop" and here == at)))
        ):
            break
        here += 1
    while here > at and chunks[here - 1].kind in ("glue", "cue"):
        here -= 1
    return parts, here


def _colored(said: NounPhrase, count: float, color: str) -> NounPhrase:
    amount = Amount((count,), "count") if count > 1 else None
    return replace(said, count=amount, plural=count > 1, color=lex.COLORS[color], det="a" if count == 1 else "",
                   sizes=dict(said.sizes), factors=dict(said.factors), states=dict(said.states))  # fmt: skip


def of_them(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`One of the three boxes` is the first one; `three of the five pins` are so many of them; `the first of ten dominoes`."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-2]):
        link, whole = chunks[at + 1], chunks[at + 2]
        if text_of(words, link) != "of" or whole.kind not in ("thing", "pronoun"):
            continue
        if made.kind == "thing" and made.data.item and not made.data.noun and whole.kind == "thing" and whole.data.count:
            out[at], out[at + 1] = replace(made, kind="light"), replace(link, kind="light")
            out[at + 2] = replace(whole, data=replace(whole.data, item=made.data.item))
        elif made.kind == "amount" and made.data.dimension == "count" and made.data.kind == "exact":
            claimed = any(one.kind == "happens" for one in chunks[at + 3 : at + 6])
            out[at : at + 3] = _some_of(made, link, whole, claimed)
    return out


def _some_of(made: Chunk, link: Chunk, whole: Chunk, claimed: bool) -> list[Chunk]:
    number, glue = made.data.middle, replace(link, kind="glue")
    if number == 0 and whole.kind == "thing":
        return [Chunk("cue", made.start, made.end, "not"), glue, whole]
    if number == 1 and not claimed:
        said = whole.data if whole.kind == "thing" else NounPhrase(det="the")
        first = Chunk("thing", whole.start, whole.end, replace(said, item=said.item or "first"))
        return [replace(made, kind="glue"), glue, first]
    return [replace(made, kind="quantity"), glue, whole]


def ellipses(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`A red, a green and a blue cube`: three cubes."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        if made.kind != "attribute" or made.data not in lex.COLORS or words.low(made.start - 1) not in ("a", "an", "one"):
            continue
        rest = chunks[at + 1 : at + 9]
        head = next((k for k, one in enumerate(rest) if one.kind == "thing"), -1)
        if head < 1 or not rest[head].data.color or rest[head].data.count:
            continue
        if all(
            one.kind in ("glue", "attribute") or (one.kind == "cue" and one.data in ("comma", "and")) for one in rest[:head]
        ):
            out[at] = Chunk("thing", made.start, made.end, replace(rest[head].data, color=lex.COLORS[made.data], det="a"))
    return out


def full(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`The cup is a quarter full of honey`."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-3]):
        known = made.kind == "thing" and made.data.noun in lex.NOUNS and not made.data.stuff
        if not known or lex.NOUNS[made.data.noun].family != "vessel":
            continue
        rest = [k for k in range(at + 1, min(at + 8, len(chunks))) if chunks[k].kind != "glue"]
        share, k = 0.95, 0
        if rest and chunks[rest[0]].kind in ("amount", "factor"):
            share, k = (chunks[rest[0]].data.middle if chunks[rest[0]].kind == "amount" else 0.5), 1
        tail = [chunks[one] for one in rest[k : k + 3]]
        last = next((n for n, one in enumerate(tail) if one.kind == "thing" and one.data.noun in lex.SUBSTANCES), -1)
        filled = last > 0 and words.low(tail[0].start) in ("full", "filled", "fill", "loaded", "topped", "brimming")
        between = [one for one in tail[1:last] if not (one.kind == "relation" or words.low(one.start) in ("up", "with"))]
        if filled and not between and not tail[last].data.count:
            volume = tail[last].data.volume
            said = 0.0 if volume is not None else share
            out[at] = replace(made, data=replace(made.data, stuff=tail[last].data.noun, share=said, volume=volume))
            for spot in rest[: k + last + 1]:
                out[spot] = replace(chunks[spot], kind="light")
    return out


def counts(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Dominoes, 15 pieces`: how many there are."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-1]):
        if (
            made.kind == "amount"
            and made.data.dimension == "count"
            and words.low(made.end) in ("pieces", "items", "units", "copies", "pcs")
        ):
            out[at], out[at + 1] = replace(made, kind="count"), replace(chunks[at + 1], kind="light")
    return out


def every(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`For every bottle`: each of them."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-1]):
        after = chunks[at + 1]
        if made.kind == "cue" and made.data == "each" and after.kind == "thing" and not after.data.det:
            out[at + 1] = replace(after, data=replace(after.data, det="each"))
    return out


def bare_sizes(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Cube, 6 inches, ...`: how large it is."""
    out = list(chunks)
    for at, made in enumerate(chunks[1:], 1):
        if (
            made.kind != "amount"
            or made.data.dimension != "length"
            or chunks[at - 1].kind != "cue"
            or chunks[at - 1].data != "comma"
        ):
            continue
        before = [one for one in chunks[:at] if one.kind != "glue"]
        named = any(one.kind == "thing" for one in before) and not any(
            one.kind in ("verb", "happens", "relation") for one in before
        )
        after = chunks[at + 1] if at + 1 < len(chunks) else None
        if named and is_end(after):
            out[at] = replace(made, kind="size", data=("side", made.data))
    return out


def of_size(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Cubes of 4 cm`: how large they are."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-2]):
        link, size = chunks[at + 1], chunks[at + 2]
        length = size.kind == "amount" and size.data.dimension == "length"
        if made.kind == "thing" and made.data.noun in lex.NOUNS and text_of(words, link) == "of" and length:
            out[at + 1], out[at + 2] = replace(link, kind="light"), replace(size, kind="size", data=("side", size.data))
    return out


def everyone(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`All of the boxes`: all boxes."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-2]):
        if (
            made.kind == "pronoun"
            and made.data in ("all", "both")
            and words.low(made.end) == "of"
            and chunks[at + 2].kind == "thing"
        ):
            out[at], out[at + 1] = replace(made, kind="light"), replace(chunks[at + 1], kind="light")
            out[at + 2] = replace(chunks[at + 2], data=replace(chunks[at + 2].data, det=made.data))
    return out


def slopes(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`A ramp of 25 degrees`, `inclined by 10 degrees`: an angle after a ramp is its slope."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        if made.kind != "amount" or made.data.dimension != "angle":
            continue
        here = at - 1
        while here >= 0 and (
            out[here].kind == "glue" or words.low(out[here].start) in (*TILTED, "of", "by", "with", "that", "is", "to")
        ):
            here -= 1
        known = out[here].data.noun if here >= 0 and out[here].kind == "thing" else ""
        if known in lex.NOUNS and lex.NOUNS[known].family == "ramp":
            for k in range(here + 1, at):
                out[k] = replace(out[k], kind="light")
            out[at] = replace(made, kind="size", data=("angle", made.data))
    return out


def people(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """Who acts but is no thing of the scene."""
    out: list[Chunk] = []
    for made in chunks:
        if (
            made.kind == "unknown"
            and out
            and out[-1].kind == "thing"
            and lex.NOUNS.get(out[-1].data.noun, NOBODY).family == "robot"
        ):
            if words.low(made.start) in lex.PEOPLE:
                out[-1] = replace(out[-1], kind="light")
        word = words.low(made.start).removesuffix("'s")
        person = made.kind == "unknown" and (word in lex.PEOPLE or word.removesuffix("s") in lex.PEOPLE)
        if person and out and out[-1].kind in ("attribute", "unknown", "told") and words.low(out[-1].start - 1) in OWNERS:
            out[-1] = replace(out[-1], kind="light")
        out.append(replace(made, kind="agent") if person else made)
    return out
