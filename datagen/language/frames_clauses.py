"""Turns of phrase about clauses: questions, passive triggers, what carries what, lists after a colon, choices, two that meet.

`How far does a puck slide when it is hit with 2 N s?` says what is done; the question is answered by the dataset. `A tray that
carries two cups` places cups on a tray. `Steel, rubber or wood` is a choice that is drawn anew in every episode.
"""

from dataclasses import replace

from . import lexicon as lex
from .chunks import Chunk
from .neighbours import sentence_of, text_of
from .tokens import Words

ASKED = {
    "how far", "how fast", "how high", "how long", "how many", "how much", "how often", "determine", "calculate", "compute",
    "measure",
    "find", "find out", "observe", "investigate", "study", "predict", "estimate", "test", "check", "whether", "see whether",
    "which one",
    "would", "can", "could", "does", "do", "will", "is it possible", "explain", "show how", "show what", "demonstrate",
}  # fmt: skip
"""Words that open a question; its answer is in the dataset."""
CARRYING = ("carry", "carries", "carrying", "hold", "holds", "holding", "supports", "support", "supporting", "bears", "bearing",
            "contains", "containing")  # fmt: skip
GENERAL = {"object", "item", "body", "toy"}
"""Nouns that only count the things of a list after a colon."""


def asked(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """Questions: `how far does a puck slide when it is hit`: the verb before `when` is what is asked, not what is done."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        if at and not (chunks[at - 1].kind == "cue" and chunks[at - 1].data == "stop"):
            continue
        here = at
        while here < len(chunks) and here < at + 5 and _asks(words, chunks[here]):
            out[here] = replace(chunks[here], kind="told")
            here += 1
        if here == at or made.kind == "verb":
            continue
        last = sentence_of(chunks, at)[1]
        cue = next((k for k in range(here, last) if out[k].kind == "cue" and out[k].data in ("when", "if", "what_if")), -1)
        done = cue > 0 and any(one.kind in ("verb", "happens") for one in out[cue:last])
        if not done:
            continue
        out[cue] = replace(out[cue], data="comma")
        for k in range(here, cue):
            if out[k].kind in ("verb", "happens"):
                out[k] = replace(out[k], kind="told")
            elif out[k].kind == "thing" and text_of(words, out[k]) == "which one":
                out[k] = replace(out[k], kind="told")
        for k in range(cue, last):
            out[k] = _as_verb(words, out[k])
    return out


def _asks(words: Words, made: Chunk) -> bool:
    text = text_of(words, made)
    open_kind = made.kind in ("unknown", "glue", "told", "strength", "attribute", "agent", "cue") and made.data not in (
        "stop",
        "comma",
    )
    return open_kind and (
        text in ASKED or text in ("how", "far", "fast", "high", "long", "out", "which", "one", "first", "the")
    )


def _as_verb(words: Words, made: Chunk) -> Chunk:
    """What happens, as what is done."""
    if made.kind != "happens" or made.data not in lex.VERBS:
        return made
    return replace(made, kind="verb", data=lex.VERBS[made.data])


def struck(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`The tower falls when hit by a ball`: the ball hits it, and falling is what comes of it."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-2]):
        if made.kind != "cue" or made.data not in ("when", "if", "after") or chunks[at + 1].kind not in ("happens", "verb"):
            continue
        hit = chunks[at + 1]
        name = hit.data if hit.kind == "happens" else ""
        verb = lex.VERBS.get(name, hit.data if hit.kind == "verb" else "")
        by = chunks[at + 2]
        if verb not in ("hit", "push", "topple", "nudge") or words.low(by.start) not in ("by", "with"):
            continue
        first = sentence_of(chunks, at)[0]
        for k in range(first, at):
            if out[k].kind in ("verb", "happens"):
                out[k] = replace(out[k], kind="told")
        out[at], out[at + 1] = replace(made, kind="light"), replace(hit, kind="verb", data=verb)
    return out


def carriers(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`A tray that carries two cups`, `a shelf with six cups on it`: two cups on a tray, wherever else the tray is named."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        which = any(words.low(one.start) in ("which", "that") for one in chunks[max(at - 1, 0) : at])
        before = [one for one in chunks[max(at - 4, 0) : at] if one.kind != "glue" and not (which and one.data == "comma")]
        below = before[-1] if before else None
        if below is None or below.kind != "thing" or below.data.noun not in lex.NOUNS:
            continue
        family = lex.NOUNS[below.data.noun].family
        held = _held(words, chunks, at, family)
        if held is None or family in ("robot", "ground"):
            continue
        above, relation, last = held
        out[at : last + 1] = [
            Chunk("laden", made.start, chunks[last].end, (above.data, relation)),
            *[Chunk("glue", chunks[last].end, chunks[last].end) for _ in range(at, last)],
        ]
        return carriers(words, out)
    return out


def _held(words: Words, chunks: list[Chunk], at: int, family: str) -> tuple[Chunk, str, int] | None:
    """What stands on or in the thing before a chunk, how, and the last chunk that says so."""
    made, word = chunks[at], words.low(chunks[at].start)
    after = next((k for k in range(at + 1, min(at + 4, len(chunks))) if chunks[k].kind != "glue"), -1)
    if after < 0 or chunks[after].kind != "thing" or chunks[after].data.noun not in lex.NOUNS:
        return None
    if word in CARRYING and made.kind in ("unknown", "verb", "glue") and made.end == made.start + 1:
        hollow = family == "vessel" and "tray" not in words.quote(chunks[at - 1].start, chunks[at - 1].end)
        return chunks[after], "inside" if hollow else "on_top", after
    rest = chunks[after + 1 : after + 3]
    if word != "with" or len(rest) < 2 or rest[0].kind != "relation" or rest[0].data not in ("on_top", "inside"):
        return None
    itself = rest[1].kind == "pronoun" and rest[1].data in ("it", "them")
    return (chunks[after], rest[0].data, after + 2) if itself else None


def listed(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Three objects: a mug, a bottle and a box`: the general word only counts them."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-2]):
        if (
            made.kind != "thing"
            or made.data.noun not in GENERAL
            or made.data.count is None
            or text_of(words, chunks[at + 1]) != ":"
        ):
            continue
        end = sentence_of(chunks, at + 2)[1]
        named = [one for one in chunks[at + 2 : end] if one.kind == "thing"]
        if sum(one.data.count.middle if one.data.count else 1.0 for one in named) == made.data.count.middle:
            out[at], out[at + 1] = replace(made, kind="told"), replace(chunks[at + 1], kind="light")
    return out


def choices(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Steel, rubber or wood`, `red or green`: one of them, drawn anew in every episode."""
    out: list[Chunk] = []
    for made in chunks:
        kind = _class(made)
        if kind and out and out[-1].kind == "cue" and out[-1].data == "or":
            run = _run(out, kind, len(out) - 2)
            if run < len(out) - 1:
                values = [_value(one) for one in out[run:] if _class(one) == kind] + [_value(made)]
                out[run:] = [replace(out[run], end=made.end, data="|".join(values))]
                continue
        out.append(made)
    return out


def _class(made: Chunk) -> str:
    if made.kind == "material" or (made.kind == "attribute" and made.data in lex.MATERIALS):
        return "material"
    return "color" if made.kind == "attribute" and isinstance(made.data, str) and made.data in lex.COLORS else ""


def _value(made: Chunk) -> str:
    return str(made.data)


def _run(out: list[Chunk], kind: str, at: int) -> int:
    """The first chunk of a list of attributes of one class that ends at a chunk; one more than `at` where there is none."""
    first = at + 1
    while at >= 0 and (_class(out[at]) == kind or (out[at].kind == "cue" and out[at].data == "comma")):
        first = at if _class(out[at]) == kind else first
        at -= 1
    return first


def meeting(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Two carts approach each other`: each moves toward the other one."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-1]):
        moves = made.kind in ("verb", "happens", "unknown", "light") or (
            made.kind == "relation" and made.data in ("toward", "inside")
        )
        text = text_of(words, chunks[at + 1])
        pair = text in ("each other", "one another") or (
            text in ("each", "one") and at + 2 < len(chunks) and text_of(words, chunks[at + 2]) in ("other", "another")
        )
        if not moves or not pair:
            continue
        last = at + 2 if text in ("each", "one") else at + 1
        for k in range(at + 1, last + 1):
            out[k] = replace(chunks[k], kind="light")
        if made.kind == "relation":
            out[at] = replace(made, kind="light")
        verb = next(
            (k for k in range(at, max(at - 6, -1), -1) if chunks[k].kind in ("verb", "happens") or _nears(words, chunks[k])), -1
        )
        if verb >= 0:
            name = chunks[verb].data if chunks[verb].kind == "verb" else "slide"
            out[verb] = Chunk(
                "meet", chunks[verb].start, chunks[verb].end, name if name in ("roll", "slide", "throw") else "slide"
            )
    return out


def _nears(words: Words, made: Chunk) -> bool:
    return words.low(made.start).startswith(("approach", "near"))


def infinitives(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Success requires both cups to be upright`: what has to happen."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-1]):
        after = chunks[at + 1]
        if made.kind == "relation" and words.low(made.start) == "to" and made.end == made.start + 1 and after.kind == "happens":
            out[at] = replace(made, kind="light")
    return out


def afterthoughts(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Had the box been lighter, would it have moved farther?`: what is asked after a counterfactual."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        first = sentence_of(chunks, at)[0]
        supposed = any(one.kind == "cue" and one.data in ("what_if", "if", "lacking") for one in chunks[first:at])
        comma = at > 0 and chunks[at - 1].kind == "cue" and chunks[at - 1].data == "comma"
        if (
            supposed
            and comma
            and words.low(made.start) in ("would", "will", "could", "does", "do", "might", "should", "what", "how")
        ):
            made = replace(made, kind="cue", data="asking")
        if made.kind == "cue" and made.data == "asking":
            last = sentence_of(chunks, at)[1]
            out[at:last] = [replace(one, kind="told") for one in chunks[at:last]]
            if at and out[at - 1].kind == "cue" and out[at - 1].data == "comma":
                out[at - 1] = replace(out[at - 1], kind="light")
    return out


def outcomes(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`... and see whether the last one falls`: what is looked at, not what is wanted."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        if text_of(words, made) not in ("whether", "see whether", "check whether", "see if", "check if"):
            continue
        last = sentence_of(chunks, at)[1]
        out[at:last] = [
            one if one.kind == "cue" and one.data == "stop" else replace(one, kind="told") for one in chunks[at:last]
        ]
    return out


def filmed(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`A video at 60 fps of a marble`: what is filmed."""
    out = list(chunks)
    for at, made in enumerate(chunks[1:], 1):
        before = chunks[at - 1]
        rate = before.kind == "amount" and before.data.dimension == "rate"
        if text_of(words, made) == "of" and (rate or before.kind in ("setting", "camera", "duration")):
            out[at] = replace(made, kind="light")
    return out


def reduced(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`The table it stands on`: a relative clause without `that`."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-3]):
        after = [one for one in chunks[at + 1 : at + 5] if one.kind != "glue"]
        stands = [
            one
            for one in chunks[at + 2 : at + 4]
            if words.low(one.start) in ("stands", "is", "sits", "lies", "rests", "stand", "sit", "lie")
        ]
        if made.kind != "thing" or len(after) < 2 or after[0].kind != "pronoun" or not stands:
            continue
        link = next((one for one in after[1:] if one.kind == "relation" and one.data in ("on_top", "inside")), None)
        if link is None:
            continue
        last = chunks.index(link)
        out[at + 1 : last + 1] = [
            Chunk("standing", chunks[at + 1].start, link.end, link.data),
            *[Chunk("glue", link.end, link.end) for _ in range(at + 1, last)],
        ]
        return reduced(words, out)
    return out


def gapped(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Push the red box to the left and the blue one to the right`: the verb holds for both."""
    for at, made in enumerate(chunks):
        if made.kind != "cue" or made.data not in ("and", "comma", "then"):
            continue
        first, last = sentence_of(chunks, at)
        verb = next((one for one in reversed(chunks[first:at]) if one.kind == "verb"), None)
        rest = [one for one in chunks[at + 1 : last] if one.kind not in ("glue", "light", "told")]
        if verb is None or verb.data in ("arrange", "fill") or not rest or any(one.kind in SAYING for one in rest):
            continue
        things = [one for one in rest if one.kind == "thing"]
        known = [one for one in chunks[chunks.index(verb) : at] if one.kind in LED or _timed(one)]
        new = [one for one in rest if one.kind in LED or _timed(one)]
        timed = any(_timed(one) for one in rest) and not any(one.kind == "cue" and one.data == "for" for one in rest)
        if (
            not things
            or not new
            or not (known or timed)
            or things[0].data.det not in ("the", "a", "an", "every", "both", "all")
        ):
            continue
        opens = rest[0].kind in ("thing", "amount") or (
            rest[0].kind == "cue" and rest[0].data in ("after", "later", "then", "and")
        )
        if not opens or any(one.kind == "cue" and one.data not in ("after", "later", "then", "and", "comma") for one in rest):
            continue
        if rest[0].kind == "thing" and not any(one.kind == "direction" or one.kind == "relation" for one in known):
            continue
        spot = chunks.index(things[0])
        return [*chunks[:spot], Chunk("verb", things[0].start, things[0].start, verb.data), *chunks[spot:]]
    return list(chunks)


CLAIMS = ("topple", "hit", "lift", "open", "close", "drop", "move")
"""What is done that says what has to be the case."""


def means(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Tip the tower by pulling out the lowest block`: the pull is done, and the tower has to fall."""
    for at, made in enumerate(chunks[:-1]):
        after = next((one for one in chunks[at + 1 :] if one.kind not in ("glue", "strength")), None)
        by = made.kind == "relation" and words.low(made.start) in ("by", "through") and after is not None
        if not by or after is None or after.kind != "verb" or not words.low(after.start).endswith("ing"):
            continue
        first, _ = sentence_of(chunks, at)
        verbs = [k for k in range(first, at) if chunks[k].kind == "verb" and chunks[k].data != "arrange"]
        out = list(chunks)
        out[at] = replace(made, kind="cue", data="stop")
        if not verbs:
            return out
        main = verbs[-1]
        off = next((k for k in range(main, at) if chunks[k].kind == "relation" and chunks[k].data == "off"), 0)
        if off and chunks[main].data in CLAIMS:  # `knock it off the table by hitting it`
            out[main] = replace(chunks[main], kind="happens", data="fall off")
            out[off] = replace(chunks[off], kind="light")
            things = [k for k in range(main, off) if chunks[k].kind in ("thing", "pronoun")]
            if things:
                out[main], out[things[0]] = replace(out[things[0]]), out[main]
            return [*out[:first], Chunk("cue", chunks[first].start, chunks[first].start, "success"), *out[first:]]
        if chunks[main].data in CLAIMS and any(one.kind in ("thing", "pronoun") for one in chunks[first:at]):
            start = chunks[first].start if main > first and chunks[first].kind == "thing" else chunks[main].start
            spot = first if main > first and chunks[first].kind == "thing" else main
            return [*out[:spot], Chunk("cue", start, start, "success"), *out[spot:]]
        out[main] = replace(chunks[main], kind="told")
        return out
    return list(chunks)


SAYING = ("verb", "happens", "pronoun", "meet", "camera", "setting", "duration", "change", "factor")
LED = ("direction", "relation", "strength")


def _timed(one: Chunk) -> bool:
    return one.kind in ("amount", "delay") and getattr(one.data, "dimension", "time") == "time"


STEPS = (reduced, outcomes, filmed, infinitives, afterthoughts, listed, asked, struck, carriers, choices, meeting)
