"""Chunks -> chunks: turns of phrase that say the same as a plain clause, by the pattern of neighbouring chunks.

`Push it over` topples it, `give the box a push` pushes it, `use a ball to knock down the pins` hits them with it, `if it falls,
the task fails` is a failure, `5 points if ...` a reward, `two boxes, one red and one blue` two things. Every chunk keeps its place
in the prompt. Limits: patterns look at one sentence.
"""

from dataclasses import replace

from . import lexicon as lex
from .chunks import Chunk
from .noun_phrases import NounPhrase, phrase
from .tokens import Amount, Words

ENDS = ("stop", "then", "success", "failure", "when", "until", "without", "what_if", "if", "reward", "penalty", "comma", "and")
VERDICTS = {"verdict_failure": "failure", "verdict_success": "success"}
LIGHT = {"give", "gives", "giving", "gave", "deliver", "delivers"}
CLIPS = {"video", "clip", "film", "movie", "simulation", "recording", "scene", "episode", "animation", "shot", "sequence"}
TILTED = {"tilted", "inclined", "angled", "sloping", "sloped", "tilt", "leaning", "at"}


NOBODY = lex.NOUNS["floor"]


def frame(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """The chunks with every turn of phrase in its plain form."""
    for step in (_people, _inverted, _ellipses, _participles, _full, _views, _every, _bare_sizes, _everyone, _falls, _relatives, _copulas, _counts, _edges, _shares, _of_them, _light_verbs, _instruments, _particles, _slopes, _clips, _delays, _points, _verdicts,
                 _questions, _within):  # fmt: skip
        chunks = step(words, chunks)
    return chunks


def _text(words: Words, made: Chunk) -> str:
    return " ".join(words.low(at) for at in range(made.start, made.end))


def _next(chunks: list[Chunk], at: int, *skipped: str) -> Chunk | None:
    """The next chunk that is not glue."""
    return next((one for one in chunks[at + 1 : at + 9] if one.kind not in ("glue", *skipped)), None)


def _is_end(made: Chunk | None) -> bool:
    return made is None or (made.kind == "cue" and made.data in ENDS)


def _people(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """Who acts but is no thing of the scene."""
    out = []
    for made in chunks:
        if (
            made.kind == "unknown"
            and out
            and out[-1].kind == "thing"
            and lex.NOUNS.get(out[-1].data.noun, NOBODY).family == "robot"
        ):
            if words.low(made.start) in lex.PEOPLE:
                out[-1] = replace(out[-1], kind="light")
        person = made.kind == "unknown" and words.low(made.start).removesuffix("'s") in lex.PEOPLE
        out.append(replace(made, kind="agent") if person else made)
    return out


PLACING = ("on_top", "inside", "left_of", "right_of", "in_front_of", "behind", "above", "below", "next_to", "between")
STANDING = ("stands", "stand", "sits", "sit", "lies", "lie", "rests", "rest", "is", "are")


def _inverted(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`On the table stands a bottle`: the bottle is on the table."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-2]):
        before = next((one for one in reversed(chunks[max(at - 9, 0) : at]) if one.kind != "glue"), None)
        if made.start == made.end or (at and chunks[at - 1].start > made.start):
            continue
        if (
            made.kind != "relation"
            or made.data not in PLACING
            or not _is_end(before)
            or chunks[at + 1].kind not in ("thing", "pronoun")
        ):
            continue
        here = at + 2
        while here < len(chunks) and (chunks[here].kind == "glue" or _text(words, chunks[here]) in STANDING):
            here += 1
        stood = any(words.low(chunks[k].start) in STANDING for k in range(at + 2, here))
        if not stood or here >= len(chunks) or chunks[here].kind != "thing":
            continue
        after = chunks[here + 1] if here + 1 < len(chunks) else None
        if after is not None and after.kind in ("verb", "happens"):
            continue
        light = [replace(one, kind="glue") for one in chunks[at + 2 : here]]
        start, end = Chunk("glue", made.start, made.start), Chunk("glue", chunks[here].end, chunks[here].end)
        out[at : here + 1] = [start, chunks[here], *light, made, chunks[at + 1], end]
        return _inverted(words, out)
    return out


def _ellipses(words: Words, chunks: list[Chunk]) -> list[Chunk]:
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


def _participles(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`A ball moving at 2 m/s strikes a cube`: the speed of what strikes."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-3]):
        if made.kind != "verb" or not words.low(made.start).endswith("ing") or not at or chunks[at - 1].kind != "thing":
            continue
        rest = chunks[at + 1 : at + 5]
        speeds = [k for k, one in enumerate(rest) if one.kind == "amount" and one.data.dimension == "speed"]
        if speeds and any(one.kind in ("verb", "happens") for one in rest[speeds[0] + 1 :]):
            out[at] = replace(made, kind="light")
    return out


def _full(words: Words, chunks: list[Chunk]) -> list[Chunk]:
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
        if last > 0 and words.low(tail[0].start) == "full":
            out[at] = replace(made, data=replace(made.data, stuff=tail[last].data.noun, share=share))
            for spot in rest[: k + last + 1]:
                out[spot] = replace(chunks[spot], kind="light")
    return out


def _views(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Record 8 seconds from above`: where the camera is, for nothing moves that way."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        name = _text(words, made).removeprefix("from ")
        if made.kind != "direction" or not _text(words, made).startswith("from ") or name not in lex.CAMERAS:
            continue
        before = [one for one in reversed(chunks[max(at - 4, 0) : at]) if one.kind != "glue"]
        cued = any(one.kind == "cue" and one.data in ("record", "camera") for one in before)
        if cued and not any(one.kind == "verb" for one in before):
            out[at] = replace(made, kind="camera", data=name)
    return out


def _everyone(words: Words, chunks: list[Chunk]) -> list[Chunk]:
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


def _falls(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`The ball falls off the table`: what happens to it, not what is done."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-1]):
        if made.kind == "verb" and made.data == "drop" and words.low(made.start) in ("falls", "fall", "falling", "fell"):
            after = chunks[at + 1]
            if after.kind == "relation" and after.data == "off":
                out[at], out[at + 1] = Chunk("happens", made.start, after.end, "fall off"), Chunk("glue", after.end, after.end)
    return out


def _relatives(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`The box, which is on the table, ...`: a place, not a claim."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        before = [words.low(made.start - k) for k in (1, 2)]
        name = _text(words, made).partition(" ")[2]
        if made.kind == "happens" and before[0] in ("which", "that") and name in lex.RELATIONS:
            out[at] = replace(made, kind="relation", data=lex.RELATIONS[name])
    return out


COPULAS = set("end ends ended ending finish finishes finished wind winds wound get gets getting got goes go come comes coming lie "
              "lies remain remains lands land".split())  # fmt: skip


def _copulas(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`It ends up next to the wall`, `get the ball into the bowl`: what counts is the relation after it."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        word = words.low(made.start)
        after = _next(chunks, at)
        if made.kind == "unknown" and word == "like" and after is not None and after.kind == "thing":
            out[at], out[chunks.index(after)] = replace(made, kind="light"), replace(after, kind="light")
        if (
            made.kind not in ("unknown", "happens")
            or word not in COPULAS
            or (made.kind == "happens" and made.end - made.start > 1)
        ):
            continue
        up = after is not None and _text(words, after) in ("up", "back", "down")
        if up and after is not None:
            place = chunks.index(after)
            after = _next(chunks, place)
            if after is not None and after.kind in ("relation", "attribute"):
                out[place] = replace(chunks[place], kind="light")
        if after is not None and (after.kind == "relation" or (word.startswith("get") and after.kind in ("thing", "pronoun"))):
            out[at] = replace(made, kind="light")
    return out


def _every(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`For every bottle`: each of them."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-1]):
        after = chunks[at + 1]
        if made.kind == "cue" and made.data == "each" and after.kind == "thing" and not after.data.det:
            out[at + 1] = replace(after, data=replace(after.data, det="each"))
    return out


def _bare_sizes(words: Words, chunks: list[Chunk]) -> list[Chunk]:
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
        if named and _is_end(after):
            out[at] = replace(made, kind="size", data=("side", made.data))
    return out


def _counts(words: Words, chunks: list[Chunk]) -> list[Chunk]:
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


def _edges(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Off the left edge`: the way, and what it stands on."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        if (
            made.kind in ("unknown", "size", "glue")
            and words.low(made.start) in ("edge", "side", "end", "rim", "border")
            and at
        ):
            before = next((one for one in reversed(chunks[max(at - 3, 0) : at]) if one.kind != "glue"), None)
            if before is not None and (before.kind == "direction" or (before.kind == "relation" and before.data == "off")):
                out[at] = replace(made, kind="light")
    return out


def _shares(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Two boxes, one red and one blue` are two things of a kind."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        if made.kind != "thing" or not made.data.noun or made.data.count is None or made.data.color:
            continue
        parts, last = _parts(chunks, at + 1)
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
        return _shares(words, out) if len(out) != len(chunks) else out
    return out


def _parts(chunks: list[Chunk], at: int) -> tuple[list[tuple[float, Chunk]], int]:
    """`, one red and two blue`: the counts with their colours, and the chunk after them."""
    parts: list[tuple[float, Chunk]] = []
    count, here = 0.0, at
    while here < len(chunks):
        one = chunks[here]
        if one.kind == "amount" and one.data.dimension == "count" and one.data.kind == "exact":
            count = one.data.middle
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


def _of_them(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`One of the three boxes` is the first one; `three of the five pins` are so many of them; `the first of ten dominoes`."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-2]):
        link, whole = chunks[at + 1], chunks[at + 2]
        if _text(words, link) != "of" or whole.kind not in ("thing", "pronoun"):
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


def _light_verbs(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Give the box a gentle push`, `apply a force of 5 N to the box`."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        word = words.low(made.start)
        end = next((k for k in range(at + 1, len(chunks)) if _is_end(chunks[k]) and chunks[k].data != "comma"), len(chunks))
        if made.kind in ("unknown", "cue") and word in LIGHT:
            verb = next((k for k in range(at + 1, end) if out[k].kind == "verb"), 0)
            if verb and any(one.kind in ("thing", "pronoun") for one in out[at + 1 : verb]):
                out[at] = replace(made, kind="light")
        elif made.kind == "verb" and word.startswith(("appl", "exert")):
            for k in range(at + 1, end):
                one = out[k]
                if one.kind in ("unknown", "verb") and _text(words, one) in (
                    "force",
                    "impulse",
                    "torque",
                    "push",
                    "kick",
                    "pull",
                    "load",
                ):
                    out[k] = replace(one, kind="light")
                elif one.kind == "relation" and one.data in ("toward", "on_top"):
                    out[k] = replace(one, kind="light")
        elif (
            made.kind == "attribute"
            and made.data == "wide"
            and any(one.kind == "verb" and one.data == "open" for one in chunks[max(at - 3, 0) : at])
        ):
            out[at] = replace(made, kind="light")
        elif (
            made.kind == "cue"
            and made.data == "keep"
            and (after := _next(chunks, at))
            and words.low(after.start).endswith("ing")
        ):
            out[at] = replace(made, kind="light")
        elif made.kind == "attribute" and made.data in lex.STRENGTH and (after := _next(chunks, at)) and after.kind == "verb":
            out[at] = replace(made, kind="strength", data=lex.STRENGTH[made.data])
    return _degrees(words, out)


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
        text = _text(words, made)
        if text not in ("over", "down", "out", "up", "on", "in", "through") or made.kind not in (
            "relation",
            "direction",
            "unknown",
        ):
            continue
        after = chunks[at + 1] if at + 1 < len(chunks) else None
        if not (
            _is_end(after)
            or (
                after is not None
                and (
                    after.kind in ("direction", "strength", "amount")
                    or _text(words, after) in ("with", "by", "from", "to", "at", "so", "if")
                )
            )
        ):
            continue
        if after is not None and after.kind == "amount" and (after.data.dimension != "time" or text not in ("over", "down")):
            continue
        verb = next((k for k in range(at - 1, max(at - 8, -1), -1) if out[k].kind == "verb" or _is_end(out[k])), -1)
        if verb < 0 or out[verb].kind != "verb":
            continue
        if text in ("over", "down") and out[verb].data in ("topple", "push", "hit", "nudge", "pull", "throw"):
            out[verb], out[at] = replace(out[verb], data="topple"), replace(made, kind="light")
        elif (
            text in ("out", "up")
            and out[verb].data in ("pull", "push", "hit", "nudge", "arrange", "pick", "topple")
            and not (text == "up" and out[verb].data in ("push", "hit", "pull"))
        ):
            out[at] = replace(made, kind="light")
    return out


def _slopes(words: Words, chunks: list[Chunk]) -> list[Chunk]:
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


def _clips(words: Words, chunks: list[Chunk]) -> list[Chunk]:
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
            for k in range(max(at - 2, 0), at):
                if chunks[k].kind == "verb" and chunks[k].data == "arrange":
                    out[k] = replace(chunks[k], kind="light")
            for k in range(at + 1, min(at + 4, len(chunks))):
                if words.low(chunks[k].start) in (*CLIPS, "-", "of", "long", "in", "where", "which"):
                    out[k] = replace(chunks[k], kind="light")
                else:
                    break
    return out


def _delays(words: Words, chunks: list[Chunk]) -> list[Chunk]:
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


def _points(words: Words, chunks: list[Chunk]) -> list[Chunk]:
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
            and _text(words, made) == ":"
        ):
            out.append(replace(made, kind="light"))
            continue
        worth = made.kind == "amount" and made.data.dimension in ("points", "count") and made.data.kind == "exact"
        after = _next(chunks, at)
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
            if before is not None and _text(words, before) in ("plus", "+"):
                out[-1] = replace(before, kind="light")
            if fresh:
                out.append(Chunk("cue", made.start, made.start, "penalty" if made.data.middle < 0 else "reward"))
        out.append(made)
    return out


def _sentence(chunks: list[Chunk], at: int) -> tuple[int, int]:
    """The first chunk of the sentence of a chunk, and the one after it."""
    stop = [k for k, one in enumerate(chunks) if one.kind == "cue" and one.data == "stop"]
    return max([k + 1 for k in stop if k < at], default=0), min([k for k in stop if k >= at], default=len(chunks))


def _verdicts(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`If it falls over, the task fails`: what comes before the verdict is a failure."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        if made.kind != "cue" or made.data not in VERDICTS:
            continue
        first, _ = _sentence(chunks, at)
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


def _questions(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`What happens if a ball hits a tower?`: where nothing else happens in the prompt, this is what happens."""
    out = list(chunks)
    for at, made in enumerate(chunks):
        if made.kind != "cue" or made.data not in ("what_if", "shown", "if"):
            continue
        first, last = _sentence(chunks, at)
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
            for k in range(at + 1, last):
                if out[k].kind == "happens" and (verb := phrase(words, out[k].start, lex.VERBS)) and verb[1] <= out[k].end:
                    rest = words.low(out[k].end - 1) if verb[1] < out[k].end else ""
                    if rest in lex.RELATIONS:
                        out[k : k + 1] = [
                            Chunk("verb", out[k].start, verb[1], lex.VERBS[verb[0]]),
                            Chunk("relation", verb[1], out[k].end, lex.RELATIONS[rest]),
                        ]
                    else:
                        out[k] = Chunk("verb", out[k].start, out[k].end, lex.VERBS[verb[0]])
    return out


def _within(words: Words, chunks: list[Chunk]) -> list[Chunk]:
    """`Within 20 cm of the wall`: near it."""
    out = list(chunks)
    for at, made in enumerate(chunks[:-2]):
        if _text(words, made) != "within" or chunks[at + 1].kind != "amount" or chunks[at + 1].data.dimension != "length":
            continue
        if words.low(chunks[at + 2].start) in ("of", "from"):
            out[at] = replace(made, kind="light")
            out[at + 2] = replace(chunks[at + 2], kind="relation", data="near")
    return out
