"""`describe(prompt)`: prompt -> intent -> spec, with a report in which every character of the prompt is accounted for.

Statuses: `complete`, `complete_with_assumptions`, `incomplete` (words are not understood), `rejected` (nothing to simulate, not
English, contradictory or impossible). Nothing in a prompt is ever executed, opened or sent.
Every word and every item of the intent is tried in another way (`accounting`); what makes no difference is told, and the
status is then `incomplete`. A spec is handed out only where an episode can be drawn from it.
Limits: 2,000 characters and 40 names of things, which is what is answered in under a second, and 20,000 characters of
statements (`statements`).
"""

import difflib
import re
from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

from datagen.errors import DatagenError
from datagen.spec import from_data, sample

from . import lexicon as lex
from .accounting import copied, idle_items, idle_words
from .chunks import Chunk
from .clauses import Reading
from .colloquial import plain
from .compile import compile_intent
from .draft import Compiled
from .intent import Intent
from .parse import chunks_of, read
from .statements import MOST, Statement, apply_statements, spans_with, statements_of, without
from .tokens import Words, forms, tokenize
from .typos import corrected

MAX_PROMPT = 2_000
MAX_ITEMS = 400
MAX_THINGS = 40
MOST_OF = {"length": 1e3, "force": 1e7, "impulse": 1e7, "speed": 1e4, "time": 120.0}
"""What strengths and ways of actions are read up to, in SI units."""
OPPOSITE = {
    "left_of": "right_of",
    "right_of": "left_of",
    "above": "below",
    "below": "above",
    "on_top": "below",
    "in_front_of": "behind",
    "behind": "in_front_of",
}


@dataclass
class Description:
    """spec: plain data, None where there is none; intent; report: plain data for JSON."""

    spec: dict[str, Any] | None
    intent: Intent
    report: dict[str, Any] = field(default_factory=dict)

    @property
    def status(self) -> str:
        """How far the prompt was understood."""
        return str(self.report["status"])


def describe(prompt: str, vary: str = "little") -> Description:
    """The description of a prompt. vary: little, much or none. Never raises for a prompt."""
    stated = statements_of(prompt) if len(prompt) <= MAX_PROMPT + MOST else []
    free = without(prompt, stated)
    if not stated or (re.search(r"\w", free) and len(" ".join(free.split())) > MAX_PROMPT):
        return _described(prompt, vary)
    made = _described(free, vary, len(prompt) - len(" ".join(free.split()))) if re.search(r"\w", free) else _nothing(free)
    return _with_statements(made, prompt, stated)


def _nothing(free: str) -> Description:
    """What is there before any statement."""
    spec = {"spec": 1, "name": "described"}
    return Description(spec, Intent(), _report(tokenize(free), free, "complete"))


def _with_statements(made: Description, prompt: str, stated: list[Statement]) -> Description:
    """The description with what the statements give; they count over what was read from other words."""
    report = {**made.report, "spans": spans_with(made.report["spans"], prompt, stated)}
    report["marks"] = [*report.get("marks", []), *(
        {"item": "statement", "text": prompt[one.start : one.end], "paths": [".".join(path) for path, _ in one.given]}
        for one in stated
    )]  # fmt: skip
    if made.spec is None:
        return Description(None, made.intent, report)
    spec = apply_statements(made.spec, stated)
    wrong = _invalid(spec)
    if wrong:
        return Description(None, made.intent, {**report, "status": "rejected", "rejected": wrong})
    return Description(spec, made.intent, report)


def _described(prompt: str, vary: str, blank: int = 0) -> Description:
    """The description of a prompt without statements; blank: characters of it that stand for some."""
    refused = refuse(prompt, blank)
    if refused is not None:
        return refused
    words = tokenize(prompt)
    plain(words)
    typos = corrected(words)
    chunks = chunks_of(words)
    crowded = _crowded(chunks)
    if crowded:
        return Description(None, Intent(), _report(words, prompt, "rejected", rejected=[crowded]))
    made = read(words, chunks)
    made.typos = typos
    for idle in idle_words(words, chunks, made):
        words.mark(idle.start, idle.end, None)
    return conclude(made, prompt, vary)


def refuse(prompt: str, blank: int = 0) -> Description | None:
    """The description of a prompt that is not read at all, or None. blank: characters that do not count."""
    why = _refuse(prompt, blank)
    if not why:
        return None
    return Description(None, Intent(), _report(tokenize(prompt[:MAX_PROMPT]), prompt, "rejected", rejected=[why]))


def conclude(made: Reading, prompt: str, vary: str) -> Description:
    """What follows from a reading, whoever read: contradictions, the spec, and the report. Words without a mark count as not
    understood.
    """
    words = made.words
    unknown = _unknown(words)
    content = [mark for mark in words.marks if mark]
    if len(unknown) >= 3 * max(len(content), 1) or (len(unknown) > 1 and not _english(words)):
        return Description(
            None,
            made.intent,
            _report(
                words,
                prompt,
                "rejected",
                made,
                rejected=[
                    "this does not read as an English description of things; name things and what happens to them, for "
                    "example 'Push a red box to the left'"
                ],
            ),
        )
    rejected = _contradictions(made) + [
        one["message"] for one in made.trouble if one["code"] in ("self_relation", "two_sizes", "negative", "dimension")
    ]
    rejected += _negative(made.intent)
    if rejected:
        return Description(None, made.intent, _report(words, prompt, "rejected", made, rejected=rejected))
    if not [one for one in made.intent.things if one.noun in lex.SUBSTANCES or lex.NOUNS[one.noun].morph != "plane"]:
        return Description(
            None,
            made.intent,
            _report(
                words,
                prompt,
                "rejected" if not unknown else "incomplete",
                made,
                rejected=["no thing is named that could be simulated; name one, for example 'a ball' or 'a cup'"],
            ),
        )
    compiled, marks = _compiled(made.intent, prompt, vary)
    compiled.assumed += [_bodiless(name) for name in made.agents] + [_told(word) for word in dict.fromkeys(made.told)]
    compiled.assumed += [_typo(wrong, right) for wrong, right in made.typos.items()]
    trouble = [one for one in made.trouble if one["code"] not in ("self_relation", "two_sizes")]
    status = (
        "rejected"
        if compiled.impossible
        else "incomplete"
        if unknown or trouble or compiled.unused
        else "complete_with_assumptions"
        if compiled.assumed
        else "complete"
    )
    report = _report(words, prompt, status, made, compiled, compiled.impossible) | {"marks": marks}
    return Description(None if compiled.impossible else compiled.spec, made.intent, report)


def _crowded(chunks: list[Chunk]) -> str:
    named = sum(one.kind == "thing" for one in chunks)
    return f"the prompt names {named} things; at most {MAX_THINGS} are read; describe one scene" if named > MAX_THINGS else ""


def _bodiless(name: str) -> dict[str, str]:
    """What is assumed of who acts and is no thing of the scene."""
    why = f"{name!r} is not simulated; what it does acts on the things"
    return {"path": "actions", "value": "no body", "why": why, "source": "rule"}


def _typo(wrong: str, right: str) -> dict[str, str]:
    return {"path": "text", "value": right, "why": f"{wrong!r} was read as {right!r}", "source": "spelling"}


def _told(word: str) -> dict[str, str]:
    """What is said of words that were understood and that nothing in the simulation depends on."""
    why = f"{word!r} changes nothing in the simulation"
    return {"path": "text", "value": "as usual", "why": why, "source": "rule"}


def _compiled(intent: Intent, prompt: str, vary: str) -> tuple[Compiled, list[dict[str, Any]]]:
    """The spec of an intent, and which of its paths every item has made."""

    def compiled(one: Intent) -> Compiled:
        return compile_intent(copied(one), prompt, vary)

    made = compiled(Intent.model_validate(intent.model_dump()))
    idle, marks = idle_items(intent, made, compiled)
    made.unused += idle
    if not made.impossible:
        made.impossible += _invalid(made.spec)
    return made, marks


def _invalid(spec: dict[str, Any]) -> list[str]:
    """Why a spec has no episode, in the words of the spec; nothing that does not validate is handed out."""
    try:
        sample(from_data(spec), 1, 0)
    except (DatagenError, KeyError) as error:  # KeyError: things that are placed by each other in a circle
        return [f"this cannot be built: {' '.join(str(error).split())[:400]}"]
    return []


def _refuse(prompt: str, blank: int) -> str:
    if not prompt.strip():
        return "the prompt is empty; describe things and what happens to them, for example 'Drop a ball onto a table'"
    if len(prompt) - blank > MAX_PROMPT:
        return f"the prompt has {len(prompt)} characters; at most {MAX_PROMPT} are read; describe one scene"
    if not re.search(r"[A-Za-z]{2}", prompt):
        return "the prompt has no English words; describe things and what happens to them"
    return ""


ENGLISH = set(
    """the a an is are of to and with on in at from it if then what when how two three four five six seven eight ten its by for
that push pull roll throw drop hit stack put place tip kick slide lift open close pour pick move spin make let""".split()
)
"""Words of which English prompts have at least one."""


def _english(words: Words) -> bool:
    return any(token.low in ENGLISH or token.low.isdigit() for token in words.tokens)


def _unknown(words: Words) -> list[int]:
    return [at for at, mark in enumerate(words.marks) if mark is None and not _ignorable(words.tokens[at].low)]


def _ignorable(low: str) -> bool:
    return low in lex.GLUE or low in {",", ".", ";", ":", "!", "?", "'", '"'}


def _contradictions(made: Reading) -> list[str]:
    out = []
    pairs = {(one.rel, one.of, one.ref): one.evidence for one in made.intent.relations}
    for (rel, of, ref), quote in pairs.items():
        if (rel, ref, of) in pairs and of < ref and rel in (*OPPOSITE, "inside"):
            out.append(f"{quote!r} and {pairs[rel, ref, of]!r} cannot both be: each would be {rel.replace('_', ' ')} the other")
        if rel in OPPOSITE and (OPPOSITE[rel], of, ref) in pairs and rel < OPPOSITE[rel]:
            out.append(f"{quote!r} and {pairs[OPPOSITE[rel], of, ref]!r} cannot both be: {of} would be on both sides of {ref}")
    order = {(of, ref) for (rel, of, ref) in pairs if rel in ("left_of", "on_top", "above", "in_front_of")}
    for first, second in sorted(order):
        for third, fourth in sorted(order):
            if second == third and (fourth, first) in order and first != fourth and first == min(first, second, fourth):
                out.append(f"the order goes round in a circle: {first}, {second}, {fourth}")
    counts = {one.id: max(one.count.values) for one in made.intent.things if one.count is not None}
    for one in (*made.intent.success, *made.intent.failure):
        there = counts.get(one.of.split("[")[0])
        if there is not None and one.quantity > there and one.compare != "<=":
            out.append(f"{one.evidence!r}: {one.quantity} of them, and there are {there:g}")
    for one in made.intent.success:
        for other in made.intent.failure:
            if (one.pred, one.of, one.ref, one.negate) == (other.pred, other.of, other.ref, other.negate):
                out.append(f"{one.evidence!r} is wanted and {other.evidence!r} is a failure")
    return out


def _negative(intent: Intent) -> list[str]:
    out = []
    expected = {
        "mass": "mass",
        "height": "length",
        "width": "length",
        "length": "length",
        "radius": "length",
        "diameter": "length",
        "thickness": "length",
        "side": "length",
        "angle": "angle",
    }
    for one in intent.things:
        for key, number in one.sizes.items():
            if min(number.values) < 0.0 or (min(number.values) == 0.0 and key not in ("friction", "restitution", "angle")):
                out.append(f"{number.evidence!r}: the {key} of {one.id} cannot be {min(number.values):g}; it is more than 0")
            if number.dimension not in (expected.get(key, number.dimension), "ratio") and key in expected:
                out.append(
                    f"{number.evidence!r}: the {key} of {one.id} is a {expected[key]}, not a "
                    f"{number.dimension.replace('count', 'plain number')}"
                )
            if max(number.values) > (1e3 if number.dimension == "length" else 1e7):
                out.append(f"{number.evidence!r}: {max(number.values):g} is beyond what can be simulated")
        if one.count is not None and (max(one.count.values) > MAX_ITEMS or min(one.count.values) < 1):
            out.append(f"{one.evidence!r}: {max(one.count.values):g} of them; from 1 to {MAX_ITEMS} can be simulated")
    for setting in intent.settings:
        if setting.what == "duration" and not 0.0 < setting.value <= 120.0:
            out.append(f"{setting.evidence!r}: an episode lasts more than 0 and at most 120 s")
    for action in intent.actions:
        for number in action.amounts:
            if number.dimension in MOST_OF and max(number.values) > MOST_OF[number.dimension]:
                most = f"{MOST_OF[number.dimension]:g}"
                out.append(f"{number.evidence!r}: {max(number.values):g} is beyond what can be simulated, which is {most} (SI)")
            if number.dimension in ("mass", "density") or (
                number.dimension in ("time", "volume", "speed") and min(number.values) < 0
            ):
                out.append(f"{number.evidence!r}: this is no strength of {action.do}")
    return out


def _report(
    words: Words,
    prompt: str,
    status: str,
    made: Reading | None = None,
    compiled: Compiled | None = None,
    rejected: list[str] | None = None,
) -> dict[str, Any]:
    spans = _spans(words, prompt)
    missing = [_missing(span) for span in spans if span["kind"] == "not_understood"]
    return {
        "status": status, "spans": spans, "not_understood": missing,
        "assumptions": compiled.assumed if compiled else [], "not_simulable": compiled.not_simulable if compiled else [],
        "ambiguities": made.ambiguities if made else [],
        "unclear": ([one["message"] for one in made.trouble] if made else []) + (compiled.unused if compiled else []),
        "rejected": rejected or [], "frame": {"right": "+x", "forward": "+y", "up": "+z"},
    }  # fmt: skip


def _missing(span: dict[str, Any]) -> dict[str, Any]:
    return {"span": span["span"], "text": span["text"], "nearest": list(_nearest(span["text"].lower()))}


@lru_cache(1024)
def _nearest(word: str) -> tuple[str, ...]:
    """Known words that look like one that is not."""
    known = [*lex.NOUNS, *lex.VERBS, *lex.COLORS, *lex.MATERIALS, *lex.SUBSTANCES, *lex.STATES]
    if len(word) >= 40 or not word.isalpha():
        return ()
    return tuple(next((found for form in forms(word) if (found := difflib.get_close_matches(form, known, 3, 0.75))), []))


def _spans(words: Words, prompt: str) -> list[dict[str, Any]]:
    """Runs of characters that mean the same; together they are the whole prompt."""
    out: list[dict[str, Any]] = []
    at = 0

    def add(end: int, kind: str, meaning: str) -> None:
        nonlocal at
        if end <= at:
            return
        if out and out[-1]["kind"] == kind and out[-1].get("as", "") == meaning and kind != "not_understood":
            out[-1]["span"][1] = end
            out[-1]["text"] = prompt[out[-1]["span"][0] : end]
        else:
            out.append({"span": [at, end], "text": prompt[at:end], "kind": kind} | ({"as": meaning} if meaning else {}))
        at = end

    for token, mark in zip(words.tokens, words.marks, strict=True):
        add(token.start, "ignorable", "")
        kind = "understood" if mark else "ignorable" if mark == "" or _ignorable(token.low) else "not_understood"
        add(token.end, kind, mark or "")
    add(len(words.text), "ignorable", "")
    add(len(prompt), "not_understood", "")
    return out
