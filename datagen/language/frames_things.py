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
    """`Two boxes, one red and one blue`, `one of ice and one of wood`, `one weighs 3 kg, the other 1 kg`: two of a kind."""
    for at, made in enumerate(chunks):
        if made.kind != "thing" or not made.data.noun or made.data.count is None or made.data.color:
            continue
        parts, last = _parts(words, chunks, at + 1)
        if len(parts) < 2 or sum(count for count, _ in parts) != made.data.count.middle:
            continue
        said = [_given(made.data, count, spot) for count, spot in parts]
        spots = [spot for _, spot in parts]
        new: list[Chunk] = [replace(made, data=said[0]), replace(spots[0], kind="light")]
        for spot, one in zip(spots[1:], said[1:], strict=True):
            new += [Chunk("cue", spot.start, spot.start, "and"), Chunk("thing", spot.start, spot.end, one)]
        gaps = [Chunk("glue", one.start, one.end) for one in chunks[at + 1 : last] if one not in spots]
        return shares(words, [*chunks[:at], *sorted([*new, *gaps], key=lambda one: (one.start, one.end)), *chunks[last:]])
    return list(chunks)


def _parts(words: Words, chunks: list[Chunk], at: int) -> tuple[list[tuple[float, Chunk]], int]:
    """`, one red and two blue`: the counts with what is said of so many, and the chunk after them."""
    parts: list[tuple[float, Chunk]] = []
    count, here, counted = 0.0, at, False
    while here < len(chunks):
        one = chunks[here]
        bare = one.kind == "thing" and not one.data.noun and not one.data.color
        ordinal = bare and ORDINALS.get(one.data.item) == len(parts) and words.low(one.end) in ("is", "one", "weighs", "has")
        other = (bare and one.data.item in ("other", "others")) or text_of(words, one) in ("the other", "other", "another")
        if one.kind == "amount" and one.data.dimension == "count" and one.data.kind == "exact":
            count, counted = one.data.middle, True
        elif ordinal or (other and parts):
            count, counted = 1.0, True
        elif one.kind == "thing" and not one.data.noun and one.data.color and one.data.det in ("a", "an", "one", "the"):
            counted = True
            parts.append((count or 1.0, Chunk("attribute", one.start, one.end, one.data.color)))
            count = 0.0
        elif _says(one):
            parts.append((count or 1.0, replace(one, data=("mass", one.data)) if one.kind == "amount" else one))
            count = 0.0
        elif not (
            one.kind in ("glue", "light")
            or (one.kind == "relation" and one.data in ("of", "with"))
            or (one.kind == "cue" and (one.data in ("comma", "and") or (one.data == "stop" and here == at)))
        ):
            break
        here += 1
    while here > at and chunks[here - 1].kind in ("glue", "cue", "relation"):
        here -= 1
    return (parts if counted or len(parts) > 1 else []), here


def _says(one: Chunk) -> bool:
    """Whether a chunk says what a thing is like."""
    if one.kind == "size":
        return one.data[0] in ("mass", "side", "diameter", "radius", "height", "width", "length", "thickness")
    known = isinstance(one.data, str) and (one.data in lex.COLORS or one.data in lex.MATERIALS or one.data in lex.SIZES
                                           or one.data in lex.STATES)  # fmt: skip
    return (one.kind == "attribute" and known) or one.kind == "material"


def _given(said: NounPhrase, count: float, spot: Chunk) -> NounPhrase:
    """A noun phrase for some of what it names, with what is said of them."""
    amount = Amount((count,), "count") if count > 1 else None
    made = replace(said, count=amount, plural=count > 1, det="a" if count == 1 else "",
                   sizes=dict(said.sizes), factors=dict(said.factors), states=dict(said.states))  # fmt: skip
    word = spot.data
    if spot.kind == "size":
        made.sizes[word[0]] = word[1]
    elif (word in lex.COLORS or word in lex.COLORS.values()) and spot.kind != "material":
        made.color = lex.COLORS.get(word, word)
    elif word in lex.MATERIALS or spot.kind == "material":
        made.material = lex.MATERIALS.get(word, word)
    elif word in lex.SIZES:
        made.factors["size"] = lex.SIZES[word]
    else:
        key, value = lex.STATES[word]
        (made.states if key in ("friction", "restitution") else made.factors)[key] = value
    return made


def nobody_of(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`None may fall`: they may not."""
    out: list[Chunk] = []
    for at, made in enumerate(chunks):
        alone = words.low(made.start) == "none" and made.end == made.start + 1 and words.low(made.end) != "of"
        if (
            alone
            and made.kind in ("unknown", "amount")
            and any(one.kind in ("happens", "cue") for one in chunks[at + 1 : at + 3])
        ):
            out += [Chunk("cue", made.start, made.end, "not"), Chunk("pronoun", made.end, made.end, "them")]
        else:
            out.append(made)
    return out


def labelled(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Ball: red, rubber, 10 cm`: what comes after the colon is said of the thing before it; `pins x10`: how many."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-1]):
        before, after = chunks[at - 1] if at else None, chunks[at + 1]
        colon = made.kind == "cue" and made.data == "stop" and text_of(words, made) == ":"
        opened = before is not None and before.kind == "thing" and (at < 2 or (out[at - 2].kind == "cue"))
        if colon and opened and after.kind in ("attribute", "size", "sides", "amount", "material", "told"):
            out[at] = replace(made, kind="light")
            if before is not None and before.data.noun in lex.NOUNS and lex.NOUNS[before.data.noun].morph == "plane":
                out[at + 1] = Chunk("material", after.start, after.end, after.data) if after.data in lex.MATERIALS else after
        if colon and before is not None and before.kind == "verb" and at == 1 and after.kind == "thing":
            out[at] = replace(made, kind="light")  # `stack: four cubes`
        if made.kind == "size" and made.data[0] == "height" and words.low(made.start) in ("drop", "fall", "release", "falling"):
            out[at : at + 1] = [Chunk("verb", made.start, made.start, "drop"), replace(made, kind="amount", data=made.data[1])]
            return labelled(words, out)
        many = made.kind == "unknown" and text_of(words, made) in ("x", "×") and after.kind == "amount"
        if many and before is not None and before.kind == "thing" and after.data.dimension == "count":
            out[at], out[at + 1] = replace(made, kind="light"), replace(after, kind="count")
    return out


def of_them(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`One of the three boxes` is the first one; `three of the five pins` are so many of them; `the first of ten dominoes`."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-2]):
        link, whole = chunks[at + 1], chunks[at + 2]
        if text_of(words, link) != "of" or whole.kind not in ("thing", "pronoun"):
            continue
        share = made.data if made.kind == "factor" else made.data.middle if _is_share(made) else 0.0
        if 0.0 < share < 1.0 and whole.kind == "thing" and whole.data.count is not None:  # `half of the eight pins`
            some = Amount((float(round(share * whole.data.count.middle)),), "count")
            out[at], out[at + 1] = replace(made, kind="quantity", data=some), replace(link, kind="glue")
            continue
        group = whole.kind == "thing" and whole.data.noun in lex.STRUCTURES and whole.data.count is not None
        if made.kind == "thing" and made.data.item and made.data.noun in lex.NOUNS and group:  # `second domino of a row of six`
            kind = lex.STRUCTURES[whole.data.noun][1]
            said = replace(made.data, count=whole.data.count, arrange=kind, det="the")
            out[at] = Chunk("thing", made.start, whole.end, said)
            out[at + 1], out[at + 2] = Chunk("glue", whole.end, whole.end), Chunk("glue", whole.end, whole.end)
            continue
        if made.kind == "thing" and made.data.item and not made.data.noun and whole.kind == "thing" and whole.data.count:
            out[at], out[at + 1] = replace(made, kind="light"), replace(link, kind="light")
            out[at + 2] = replace(whole, data=replace(whole.data, item=made.data.item))
        elif made.kind == "amount" and made.data.dimension == "count" and made.data.kind == "exact":
            claimed = any(one.kind == "happens" for one in chunks[at + 3 : at + 6])
            out[at : at + 3] = _some_of(made, link, whole, claimed)
    return out


def _is_share(made: Chunk) -> bool:
    return made.kind == "amount" and (
        made.data.dimension == "ratio" or (made.data.dimension == "count" and made.data.middle < 1)
    )


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
        before_it, after_it = chunks[at - 1], chunks[at + 1] if at + 1 < len(chunks) else None
        length = made.kind == "amount" and made.data.dimension == "length"
        opens = length and before_it.kind == "thing" and all(one.kind in ("thing", "glue") for one in chunks[:at])
        if opens and (is_end(after_it) or (after_it is not None and after_it.kind == "attribute")):  # `cube 5 cm red`
            out[at] = replace(made, kind="size", data=("side", made.data))
            continue
        if not length or before_it.kind != "cue" or before_it.data != "comma":
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
        owned = made.kind == "thing" and made.data.noun in lex.NOUNS and text_of(words, link) == "of"
        single = owned and made.data.count is None
        if single and size.kind == "size" and size.data[0] in ("mass", "radius", "diameter", "height", "width", "length"):
            said = replace(made.data, sizes=made.data.sizes | {size.data[0]: size.data[1]})  # `by a steel ball of 500 g`
            gone = Chunk("glue", size.end, size.end)
            out[at : at + 3] = [Chunk("thing", made.start, size.end, said), gone, gone]
            continue
        named = owned and size.kind == "amount"
        hollow = named and lex.NOUNS[made.data.noun].family == "vessel"
        key = {"length": "side", "volume": "volume" if hollow else "side"}.get(size.data.dimension, "") if named else ""
        if key == "side" and size.data.dimension == "volume":  # `a crate of one cubic metre`
            edges = tuple(float(f"{value ** (1 / 3):.9g}") for value in size.data.values)
            size = replace(size, data=replace(size.data, values=edges, dimension="length"))
        if key:
            out[at + 1], out[at + 2] = replace(link, kind="light"), replace(size, kind="size", data=(key, size.data))
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


def each_does(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Two rows of four pins each stand on the lane`: they stand, and there is no stand."""
    out = list(chunks)
    for at, made in enumerate(chunks[1:], 1):
        before = chunks[at - 1]
        counted = before.kind == "thing" and before.data.count is not None
        if counted and made.kind == "thing" and made.data.det == "each" and words.low(made.start + 1) in lex.VERBS:
            verb = Chunk("verb", made.start + 1, made.end, lex.VERBS[words.low(made.start + 1)])
            out[out.index(made)] = Chunk("glue", made.start, made.start + 1)
            out.insert(out.index(before) + 2, verb)
    return out


def holding(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`The glass holds 250 ml` says how large it is; `down a slope of 12 degrees` names a slope."""
    out = list(chunks)
    for at, made in enumerate(chunks[1:], 1):
        before = chunks[at - 1]
        volume = made.kind == "amount" and made.data.dimension == "volume"
        if volume and before.kind == "verb" and words.low(before.start) in ("holds", "contains", "takes") and at > 1:
            if chunks[at - 2].kind == "thing":
                out[at - 1], out[at] = replace(before, kind="light"), replace(made, kind="size", data=("volume", made.data))
        word = words.low(made.start + 1)
        sloped = made.kind == "size" and made.data[0] == "angle" and words.low(made.start) in ("a", "the") and word in SLOPES
        if sloped and before.kind == "relation" and before.data in ("down", "on_top", "across", "inside"):
            out[at] = Chunk("thing", made.start, made.end, NounPhrase(det="a", noun=word, sizes={"angle": made.data[1]}))
    return out


SLOPES = {"slope", "incline", "ramp"}


def lasting(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`A force of 30 N lasting 1 s`: how long the force acts, not the episode."""
    out = list(chunks)
    for at, made in enumerate(chunks[1:-1], 1):
        before, after = chunks[at - 1], chunks[at + 1]
        forced = (before.kind == "size" and before.data[0] == "force") or (
            before.kind == "amount" and before.data.dimension == "force"
        )
        if forced and words.low(made.start) in ("lasting", "acting") and after.kind in ("duration", "amount"):
            out[at], out[at + 1] = replace(made, kind="light"), replace(after, kind="amount")
    return out


def stuffs(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`The floor is stone` says of what it is; `stacked as a pyramid` how they stand: neither names a thing more."""
    out = list(chunks)
    for at, made in enumerate(chunks[2:], 2):
        link, before = text_of(words, chunks[at - 1]), chunks[at - 2]
        if made.kind != "thing":
            continue
        bare = made.data.noun in lex.MATERIALS and not made.data.det and made.data.count is None and made.end == made.start + 1
        if bare and link in ("is", "are", "was", "be") and before.kind in ("thing", "pronoun"):
            out[at] = Chunk("attribute", made.start, made.end, made.data.noun)
        if made.data.noun in lex.STRUCTURES and made.data.count is None and link in ("as", "like"):
            out[at] = Chunk("arranged", made.start, made.end, lex.STRUCTURES[made.data.noun][1])
            if before.kind == "happens" and before.data == "be stacked":
                out[at - 2] = replace(before, kind="light")
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
        if person and out and out[-1].kind == "amount" and out[-1].data.dimension == "count":  # `by two men`
            out[-1] = replace(out[-1], kind="light")
        out.append(replace(made, kind="agent") if person else made)
    return out
