"""Chunks -> chunks: turns of phrase that say the same as a plain clause, by the pattern of neighbouring chunks.

`Push it over` topples it, `give the box a push` pushes it, `use a ball to knock down the pins` hits them with it, `if it falls,
the task fails` is a failure, `5 points if ...` a reward, `two boxes, one red and one blue` two things. Every chunk keeps its
place in the prompt. Limits: patterns look at one sentence.
"""

from dataclasses import replace

from . import frames_claims, frames_clauses, frames_parts, frames_things
from . import lexicon as lex
from .chunks import Chunk
from .neighbours import is_end, next_of, text_of
from .tokens import Words

LIGHT = {"give", "gives", "giving", "gave", "deliver", "delivers"}


def _participles(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`A ball moving at 2 m/s strikes a cube`: the speed of what strikes."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-3]):
        owned = at and next((one.kind for one in reversed(chunks[:at]) if one.kind not in ("glue", "cue")), "")
        if (
            made.kind != "verb"
            or not words.low(made.start).endswith("ing")
            or owned not in ("thing", "size", "sides", "material")
        ):
            continue
        rest = chunks[at + 1 : at + 5]
        speeds = [k for k, one in enumerate(rest) if one.kind == "amount" and one.data.dimension == "speed"]
        if speeds and any(one.kind in ("verb", "happens") for one in rest[speeds[0] + 1 :]):
            out[at] = replace(made, kind="light")
    return out


def _falls(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`The ball falls off the table`: what happens to it, not what is done."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-1]):
        if made.kind == "verb" and made.data == "drop" and words.low(made.start) in ("falls", "fall", "falling", "fell"):
            after = chunks[at + 1]
            if after.kind == "relation" and after.data == "off":
                out[at], out[at + 1] = Chunk("happens", made.start, after.end, "fall off"), Chunk("glue", after.end, after.end)
    return out


def _light_verbs(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Give the box a gentle push`, `apply a force of 5 N to the box`."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        word = words.low(made.start)
        end = next((k for k in range(at + 1, len(chunks)) if is_end(chunks[k]) and chunks[k].data != "comma"), len(chunks))
        if made.kind in ("unknown", "cue") and word in LIGHT:
            verb = next((k for k in range(at + 1, end) if out[k].kind == "verb"), 0)
            if verb and any(one.kind in ("thing", "pronoun") for one in out[at + 1 : verb]):
                out[at] = replace(made, kind="light")
        elif made.kind == "verb" and word.startswith(("appl", "exert")):
            out[at + 1 : end] = [_applied(words, one) for one in out[at + 1 : end]]
        elif (
            made.kind == "attribute"
            and made.data == "wide"
            and any(one.kind == "verb" and one.data == "open" for one in chunks[max(at - 3, 0) : at])
        ):
            out[at] = replace(made, kind="light")
        elif (
            made.kind == "cue"
            and made.data == "keep"
            and (after := next_of(chunks, at))
            and words.low(after.start).endswith("ing")
        ):
            out[at] = replace(made, kind="light")
        elif made.kind == "attribute" and made.data in lex.STRENGTH and (after := next_of(chunks, at)) and after.kind == "verb":
            out[at] = replace(made, kind="strength", data=lex.STRENGTH[made.data])
    return _degrees(words, out)


FORCES = ("force", "impulse", "torque", "push", "kick", "pull", "load")


def _applied(words: Words, one: Chunk) -> Chunk:
    """`Apply a force of 5 N to the box`: the words between are no more than `push with 5 N`."""
    named = one.kind in ("unknown", "verb") and text_of(words, one) in FORCES
    leads = one.kind == "relation" and one.data in ("toward", "on_top")
    return replace(one, kind="light") if named or leads else one


def _degrees(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Very gently`: more of it."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-1]):
        degree = lex.INTENSE.get(words.low(made.start)) if made.kind in ("unknown", "glue") else None
        after = chunks[at + 1]
        if degree is None:
            continue
        if after.kind == "strength":
            out[at], out[at + 1] = replace(made, kind="light"), replace(after, data=after.data**degree)
        elif after.kind == "attribute" and after.data in lex.STATES:
            out[at], out[at + 1] = replace(made, kind="light"), replace(after, data=(after.data, degree))
    return out


def _heights(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`From three metres up`: a height, no way."""
    out = list(chunks)
    for at, made in enumerate(chunks[1:], 1):
        before = chunks[at - 1]
        high = before.kind == "amount" and before.data.dimension == "length" and words.low(before.start - 1) in ("from", "of")
        if made.kind == "direction" and text_of(words, made) == "up" and high:
            out[at] = replace(made, kind="light")
    return out


def _instruments(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Use a ball to knock down the pins`: the ball does it."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        if made.kind != "unknown" or words.low(made.start) not in ("use", "using", "take"):
            continue
        rest = [k for k in range(at + 1, min(at + 7, len(chunks))) if chunks[k].kind not in ("glue",)]
        kinds = [chunks[k].kind for k in rest[:3]]
        if kinds == ["thing", "relation", "verb"] and chunks[rest[1]].data == "toward":
            out[at], out[rest[1]] = replace(made, kind="light"), replace(chunks[rest[1]], kind="light")
        elif kinds[:1] == ["thing"]:
            out[at] = replace(made, kind="light")
    return out


def _particles(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Push it over`, `knock the middle one down`: a particle, not a place."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        text = text_of(words, made)
        if text not in ("over", "down", "out", "up", "on", "in", "through", "shut", "closed", "open") or made.kind not in (
            "relation",
            "direction",
            "unknown",
            "verb",
            "told",
        ):
            continue
        after = chunks[at + 1] if at + 1 < len(chunks) else None
        if not (
            is_end(after)
            or (
                after is not None
                and (
                    after.kind in ("direction", "strength", "amount")
                    or text_of(words, after) in ("with", "by", "from", "to", "at", "so", "if")
                )
            )
        ):
            continue
        if after is not None and after.kind == "amount" and (after.data.dimension != "time" or text not in ("over", "down")):
            continue
        verb = next((k for k in range(at - 1, max(at - 8, -1), -1) if out[k].kind == "verb" or is_end(out[k])), -1)
        if verb < 0 or out[verb].kind != "verb":
            continue
        if text in ("shut", "closed", "open"):
            out[verb], out[at] = replace(out[verb], data="open" if text == "open" else "close"), replace(made, kind="light")
        elif text in ("over", "down") and out[verb].data in ("topple", "push", "hit", "nudge", "pull", "throw"):
            out[verb], out[at] = replace(out[verb], data="topple"), replace(made, kind="light")
        elif (
            text in ("out", "up")
            and out[verb].data in ("pull", "push", "hit", "nudge", "arrange", "pick", "topple")
            and not (text == "up" and out[verb].data in ("push", "hit", "pull"))
        ):
            out[at] = replace(made, kind="light")
    return out


STEPS = (
    frames_parts.parts,
    frames_parts.in_hands,
    frames_things.people,
    *frames_clauses.STEPS,
    frames_claims.inverted,
    frames_things.ellipses,
    _participles,
    frames_things.full,
    frames_things.nobody_of,
    frames_things.labelled,
    frames_claims.views,
    frames_things.every,
    frames_things.bare_sizes,
    frames_things.of_size,
    frames_things.everyone,
    _falls,
    frames_claims.relatives,
    frames_claims.copulas,
    frames_things.counts,
    frames_claims.edges,
    frames_things.shares,
    frames_things.of_them,
    _light_verbs,
    _instruments,
    _heights,
    _particles,
    frames_things.slopes,
    frames_claims.clips,
    frames_claims.delays,
    frames_claims.points,
    frames_claims.verdicts,
    frames_claims.questions,
    frames_claims.within,
    frames_clauses.means,
    frames_clauses.gapped,
)
"""In the order in which they are looked for."""


def frame(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """The chunks with every turn of phrase in its plain form."""
    for step in STEPS:
        chunks = step(words, chunks)
    return chunks
