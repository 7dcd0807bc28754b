"""Turns of phrase about claims: points, verdicts, questions, places in front of the verb, how long the episode is."""

from dataclasses import replace

from . import lexicon as lex
from .chunks import Chunk
from .neighbours import is_end, next_of, sentence_of, text_of
from .noun_phrases import phrase
from .tokens import Amount, Words

VERDICTS = {"verdict_failure": "failure", "verdict_success": "success"}
CLIPS = {"video", "clip", "film", "movie", "simulation", "recording", "scene", "episode", "animation", "shot", "sequence"}
PLACING = ("on_top", "inside", "left_of", "right_of", "in_front_of", "behind", "above", "below", "next_to", "between")
STANDING = (
    "there are",
    "there is",
    "we have",
    "you have",
    "we see",
    "stands",
    "stand",
    "sits",
    "sit",
    "lies",
    "lie",
    "rests",
    "rest",
    "is",
    "are",
)
COPULAS = set("end ends ended ending finish finishes finished wind winds wound get gets getting got goes go come comes "
              "coming lie lies remain remains lands land".split())  # fmt: skip


def points(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Reward: 5 points if ...`, `+10 for each pin that falls, -5 if ...`: an amount that is worth something opens a reward."""
    out: list[Chunk] = []
    for at, made in enumerate(chunks):
        before = out[-1] if out else None
        if (
            made.kind == "cue"
            and made.data == "stop"
            and before is not None
            and before.kind == "cue"
            and before.data in ("reward", "penalty")
            and text_of(words, made) == ":"
        ):
            out.append(replace(made, kind="light"))
            continue
        worth = made.kind == "amount" and made.data.dimension in ("points", "count") and made.data.kind == "exact"
        after = next_of(chunks, at)
        cued = after is not None and after.kind == "cue" and (after.data in ("if", "when", "each", "for"))
        in_reward = next(
            (one.data for one in reversed(out[-40:]) if one.kind == "cue" and one.data in ("reward", "penalty", "stop")), ""
        )
        if (
            worth
            and cued
            and (
                made.data.dimension == "points"
                or before is None
                or words.low(made.start - 1) in ("plus", "+", "minus", ".", ",", ":")
                or made.data.middle < 0
            )
        ):
            cue = next(
                (k for k in range(len(out) - 1, -1, -1) if out[k].kind == "cue" and out[k].data in ("reward", "penalty")), 0
            )
            fresh = not (in_reward in ("reward", "penalty") and not any(one.kind in ("happens", "thing") for one in out[cue:]))
            if before is not None and text_of(words, before) in ("plus", "+"):
                out[-1] = replace(before, kind="light")
            if fresh:
                out.append(Chunk("cue", made.start, made.start, "penalty" if made.data.middle < 0 else "reward"))
        out.append(made)
    return out


def verdicts(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`If it falls over, the task fails`: what comes before the verdict is a failure."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        if made.kind != "cue" or made.data not in VERDICTS:
            continue
        first, _ = sentence_of(chunks, at)
        cue = next(
            (k for k in range(at - 1, first - 1, -1) if out[k].kind == "cue" and out[k].data in ("if", "when", "what_if")), -1
        )
        if cue >= 0:
            out[cue] = replace(out[cue], data=VERDICTS[made.data])
            out[at] = replace(made, kind="light")
            if at and out[at - 1].kind == "cue" and out[at - 1].data in ("comma", "then"):
                out[at - 1] = replace(out[at - 1], kind="light")
        else:
            out[at] = replace(made, kind="unknown")
    return out


def questions(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`What happens if a ball hits a tower?`: where nothing else happens in the prompt, this is what happens."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        if made.kind != "cue" or made.data not in ("what_if", "shown", "if", "when"):
            continue
        first, last = sentence_of(chunks, at)
        if made.data == "when":
            modal = any(one.kind == "cue" and one.data in ("modal", "not", "keep") for one in chunks[first:at])
            acts = any(one.kind == "verb" and one.data != "arrange" for one in chunks)
            if modal and not acts and any(one.kind == "happens" for one in chunks[at:last]):  # `may fall when a ball hits them`
                out[at] = replace(made, data="stop")
                out = [*out[: at + 1], *[new for one in out[at + 1 : last] for new in _done(words, one)], *out[last:]]
            continue
        elsewhere = [
            one for k, one in enumerate(chunks) if one.kind == "verb" and one.data != "arrange" and not first <= k < last
        ]
        elsewhere += [one for k, one in enumerate(chunks[first:at]) if one.kind in ("verb",) and one.data != "arrange"]
        here = any(one.kind in ("verb", "happens") for one in chunks[at:last])
        changed = any(one.kind in ("change", "factor") for one in chunks[at:last])
        if made.data == "shown" or (not elsewhere and here and not changed):
            out[at] = (
                replace(made, data="stop" if made.data == "what_if" else "comma")
                if made.data != "shown"
                else replace(made, kind="light")
            )
            out = [*out[: at + 1], *[new for one in out[at + 1 : last] for new in _done(words, one)], *out[last:]]
    return out


def _done(words: Words, one: Chunk) -> list[Chunk]:
    """What happens, as what is done."""
    verb = phrase(words, one.start, lex.VERBS) if one.kind == "happens" else None
    if verb is None or verb[1] > one.end:
        return [one]
    rest = words.low(one.end - 1) if verb[1] < one.end else ""
    if rest not in lex.RELATIONS:
        return [Chunk("verb", one.start, one.end, lex.VERBS[verb[0]])]
    return [Chunk("verb", one.start, verb[1], lex.VERBS[verb[0]]), Chunk("relation", verb[1], one.end, lex.RELATIONS[rest])]


def within(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Within 20 cm of the wall`: near it."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-2]):
        if text_of(words, made) != "within" or chunks[at + 1].kind != "amount" or chunks[at + 1].data.dimension != "length":
            continue
        if words.low(chunks[at + 2].start) in ("of", "from"):
            out[at] = replace(made, kind="light")
            out[at + 2] = replace(chunks[at + 2], kind="relation", data="near")
    return out


def clips(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Simulate 5 seconds of ...`, `a 10 second video of ...`: how long the episode is."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        if made.kind not in ("amount", "size") or not isinstance(made.data, Amount) or made.data.dimension != "time":
            continue
        before, after = words.low(made.start - 1), words.low(made.end)
        video = after in CLIPS or (after == "-" and words.low(made.end + 1) in CLIPS) or words.low(made.end + 1) in CLIPS
        if (
            video
            or after == "long"
            or (after == "of" and before in ("simulate", "show", "record", "film", "render", "make", "generate", "me", "see"))
        ):
            out[at] = replace(made, kind="duration")
            making = [k for k in range(max(at - 2, 0), at) if chunks[k].kind == "verb" and chunks[k].data == "arrange"]
            for k in [*making, *_linked(words, chunks, at)]:
                out[k] = replace(chunks[k], kind="light")
    return out


def _linked(words: Words, chunks: list[Chunk], at: int) -> list[int]:
    """The chunks after a duration that lead to what is shown: `video of`, `long clip in which`."""
    here = at + 1
    while here < min(at + 4, len(chunks)) and words.low(chunks[here].start) in (
        *CLIPS,
        "-",
        "of",
        "long",
        "in",
        "where",
        "which",
    ):
        here += 1
    return list(range(at + 1, here))


def delays(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Two seconds later`: how long after what came before."""
    out: list[Chunk] = []
    for made in chunks:
        if (
            made.kind == "cue"
            and made.data == "later"
            and out
            and out[-1].kind == "amount"
            and out[-1].data.dimension == "time"
        ):
            out[-1] = Chunk("delay", out[-1].start, made.end, out[-1].data)
        else:
            out.append(made)
    return out


def inverted(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`On the table stands a bottle`: the bottle is on the table."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-2]):
        before = next((one for one in reversed(chunks[max(at - 9, 0) : at]) if one.kind != "glue"), None)
        if made.start == made.end or (at and chunks[at - 1].start > made.start):
            continue
        far = before is not None and before.kind == "amount" and before.data.dimension == "length" and at > 0
        if (
            made.kind != "relation"
            or made.data not in PLACING
            or not (is_end(before) or (far and is_end(_before(chunks, chunks.index(before)))))  # type: ignore[arg-type]
            or chunks[at + 1].kind not in ("thing", "pronoun")
        ):
            continue
        here = at + 2
        spaced = here + 1 < len(chunks) and chunks[here].kind == "cue" and chunks[here].data == "comma"
        if spaced and chunks[here + 1].kind in ("amount", "size"):  # `beside it, 20 cm to its right, lies an orange`
            closer = [k for k in range(here + 2, min(here + 5, len(chunks))) if chunks[k].kind == "relation"]
            if closer and closer[0] + 1 < len(chunks) and chunks[closer[0] + 1].kind in ("pronoun", "thing"):
                lead = [replace(one, kind="light") for one in chunks[at : here + 1]]
                return inverted(words, [*chunks[:at], *lead, *chunks[here + 1 :]])
        while here < len(chunks) and (
            chunks[here].kind in ("glue", "told", "light") or text_of(words, chunks[here]) in STANDING
        ):
            here += 1
        stood = any({words.low(chunks[k].start), text_of(words, chunks[k])} & set(STANDING) for k in range(at + 2, here))
        if not stood or here >= len(chunks) or chunks[here].kind != "thing":
            continue
        after = chunks[here + 1] if here + 1 < len(chunks) else None
        if after is not None and after.kind in ("verb", "happens"):
            continue
        light = [replace(one, kind="glue") for one in chunks[at + 2 : here]]
        start, end = Chunk("glue", made.start, made.start), Chunk("glue", chunks[here].end, chunks[here].end)
        if far and before is not None:  # `20 cm to its right lies an orange`: the distance after the thing
            out[chunks.index(before)] = Chunk("glue", before.start, before.start)
            out[at : here + 1] = [start, chunks[here], *light, before, made, chunks[at + 1], end]
        else:
            out[at : here + 1] = [start, chunks[here], *light, made, chunks[at + 1], end]
        return inverted(words, out)
    return out


def _before(chunks: list[Chunk], at: int) -> Chunk | None:
    return next((one for one in reversed(chunks[max(at - 9, 0) : at]) if one.kind != "glue"), None)


def views(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Record 8 seconds from above`: where the camera is, for nothing moves that way."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        name = text_of(words, made).removeprefix("from ")
        if made.kind != "direction" or not text_of(words, made).startswith("from ") or name not in lex.CAMERAS:
            continue
        before = [one for one in reversed(chunks[max(at - 4, 0) : at]) if one.kind != "glue"]
        cued = any(one.kind == "cue" and one.data in ("record", "camera") for one in before)
        if cued and not any(one.kind == "verb" for one in before):
            out[at] = replace(made, kind="camera", data=name)
    return out


def relatives(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`The box, which is on the table, ...`: a place, not a claim."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        before = [words.low(made.start - k) for k in (1, 2)]
        name = text_of(words, made).partition(" ")[2]
        if made.kind == "happens" and before[0] in ("which", "that") and name in lex.RELATIONS:
            out[at] = replace(made, kind="relation", data=lex.RELATIONS[name])
    return out


def copulas(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`It ends up next to the wall`, `get the ball into the bowl`: what counts is the relation after it."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        word = words.low(made.start)
        after = next_of(chunks, at)
        if made.kind == "unknown" and word == "like" and after is not None and after.kind == "thing":
            out[at], out[chunks.index(after)] = replace(made, kind="light"), replace(after, kind="light")
        if (
            made.kind not in ("unknown", "happens")
            or word not in COPULAS
            or (made.kind == "happens" and made.end - made.start > 1)
        ):
            continue
        up = after is not None and text_of(words, after) in ("up", "back", "down")
        if up and after is not None:
            place = chunks.index(after)
            after = next_of(chunks, place)
            if after is not None and after.kind in ("relation", "attribute"):
                out[place] = replace(chunks[place], kind="light")
        passive = after is not None and after.kind in ("verb", "strength") and word.startswith(("get", "got"))
        if after is not None and (
            passive or after.kind == "relation" or (word.startswith("get") and after.kind in ("thing", "pronoun"))
        ):
            out[at] = replace(made, kind="light")
    return out


def edges(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Off the left edge`: the way, and what it stands on."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        if (
            made.kind in ("unknown", "size", "glue")
            and words.low(made.start) in ("edge", "side", "end", "rim", "border")
            and at
        ):
            before = next((one for one in reversed(chunks[max(at - 3, 0) : at]) if one.kind != "glue"), None)
            if (
                chunks[at - 1].kind == "thing"
                and at > 1
                and chunks[at - 2].kind == "relation"
                and words.low(made.start) == "edge"
            ):
                out[at], out[at - 2] = replace(made, kind="light"), replace(chunks[at - 2], data="on_edge")
            if before is not None and (before.kind == "direction" or (before.kind == "relation" and before.data == "off")):
                out[at] = replace(made, kind="light")
    return out
