"""Tokens -> chunks: things, verbs, conditions, relations, directions, quantities and cues, the longest match first.

What no table knows becomes a chunk `unknown`.
"""

from dataclasses import dataclass
from typing import Any

from . import lexicon as lex
from . import tokens as tk
from .noun_phrases import EXTENT, extents, noun, noun_phrase, phrase
from .tokens import Amount, Words

CUES = {
    **dict.fromkeys(
        "the task fails,the task is failed,it fails,it is a failure,that is a failure,that counts as a failure,this is a failure,"
        "it counts as a failure,that counts as failure,it counts as failure,you lose,you fail,it is lost,the attempt fails,"
        "the episode fails,the run fails,it has failed,we lose,the test fails,the robot fails".split(","), "verdict_failure"),
    **dict.fromkeys(
        "the task succeeds,the task is done,it succeeds,it is a success,that is a success,that counts as a success,you win,"
        "it counts as a success,that counts as success,it counts as success,it is won,the episode succeeds,the task is complete,"
        "it is done,we win,the robot succeeds".split(","), "verdict_success"),
    **dict.fromkeys(
        "the task is to,the aim is to,the objective is to,your task is to,the job is to,the target is to,the aim is that,"
        "the aim is for,the task is for,the objective is that,the task is that,task is to,goal is to,success means that,success means,"
        "succeed once,succeed only if,succeeds only if,it succeeds if,it succeeds when,it works if,it is a success when,success is if,"
        "success only if,the task is complete when,the task is done if,the task is solved when,the task is solved if,i win if,you win if,"
        "we win if,you win when,we want,count it as a success if,count it as success if,success : ,success :,goal :,succeed :,"
        "the run succeeds if,the episode succeeds if,counts as success if,solved when,solved if,done when,success criterion :,"
        "such that,ensure that,ensure,in order that".split(","), "success"),
    **dict.fromkeys(
        "it is a failure when,failure means that,failure means,fails as soon as,fail as soon as,fail once,you lose if,you lose when,"
        "we lose if,it fails when,the task fails when,the episode fails if,the run fails if,failure :,fail :,failed if,fails once,"
        "count it as a failure if,counts as failure if,the task is failed if,i lose if,failure when".split(","), "failure"),
    **dict.fromkeys(
        "reward it for,a reward for,get,you get,give it,i get,award,earn,earns,you earn,it earns,it gets,the reward is,reward of,"
        "a reward of,score,you score,there is a reward for,grant,receive,receives,bonus of,a bonus of,bonus".split(","), "reward"),
    **dict.fromkeys(
        "penalty of,a penalty of,penalty,deduct,subtract,lose,loses,you lose,take off,a penalty for,there is a penalty for,minus,"
        "the penalty is,it loses".split(","), "penalty"),
    **{
        f"{who} {verb} {when}": role
        for role, verbs in (
            ("success", ("succeeds", "is successful", "is solved", "is complete", "is done", "is won")),
            ("failure", ("fails", "is lost", "is failed")),
        )
        for verb in verbs
        for who in ("the task", "the episode", "the run", "it", "the attempt", "the robot", "the trial", "this")
        for when in ("if", "when", "once", "only if", "as soon as")
    },
    **dict.fromkeys("what happens when,what would happen when,what will happen if,what will happen when,what happens once,"
                    "how about,what about if,what would happen,what about,imagine that,suppose that,and if,now suppose,"
                    "compare to,compare with the case where,in another branch,counterfactual :,alternatively".split(","), "what_if"),
    **dict.fromkeys("must,should,may,has to,have to,shall,ought to,is supposed to,are supposed to,needs to,need to,might".split(","), "modal"),
    **dict.fromkeys("must not,should not,may not,shall not,has not to,is not allowed to,are not allowed to,mustn't,shouldn't,won't,"
                    "isn't,aren't,is not,are not,was not,were not,weren't,wasn't,can't,not to,nor".split(","), "not"),
    **dict.fromkeys("a second later,a moment later,shortly after,shortly afterwards,thereafter,and after that,followed by,"
                    "subsequently,and finally,after which,lastly,secondly,once that is done,when that is done".split(","), "then"),
    **dict.fromkeys("the moment,the instant,whenever,just when,only when,only once,immediately when,right after,immediately after,"
                    "directly after".split(","), "when"),
    "exactly": "==", "precisely": "==", "only": "==", "fewer than": "<=", "no fewer than": ">=", "not more than": "<=",
    "not less than": ">=", "no less than": ">=", "under": "<=", "below": "<=", "above": ">=", "minimum": ">=", "maximum": "<=",
    "exceeds": ">=", "exceed": ">=", "beyond": ">=", "further": ">=", "by at least": ">=", "by more than": ">=", "by at most": "<=",
    "and so": "then", "so": "comma", "because": "comma", "although": "comma", "–": "comma", "—": "comma", "/": "comma",
    "setup :": "stop", "scene :": "stop", "action :": "stop", "actions :": "stop", "task :": "stop", "prompt :": "stop",
    "camera :": "camera", "view :": "camera", "viewed :": "camera", "camera": "camera", "from a camera": "camera",
    "filmed by a camera": "camera", "view it from": "camera", "look from": "camera", "as seen from": "camera",
    "duration :": "record", "duration": "record", "for a total of": "record", "simulate": "record",
    "what happens to": "shown", "what if": "what_if", "what would happen if": "what_if", "what happens if": "what_if", "suppose": "what_if",
    "and what if": "what_if", "compare with": "what_if", "how about if": "what_if",
    "succeed if": "success", "succeeds if": "success", "success if": "success", "success is when": "success",
    "success when": "success", "the goal is that": "success",
    "the goal is to": "success", "the goal is for": "success", "goal is that": "success", "so that": "success",
    "until it succeeds": "success", "it is a success if": "success", "the task is done when": "success",
    "succeed when": "success", "succeeds when": "success", "the task succeeds when": "success",
    "the task succeeds if": "success", "it counts as success if": "success", "make sure that": "success",
    "make sure": "success", "keep": "keep",
    "fail if": "failure", "fails if": "failure", "failure if": "failure", "it fails if": "failure",
    "the task fails if": "failure", "fail when": "failure", "it is a failure if": "failure",
    "failure is when": "failure", "fails when": "failure",
    "give": "reward", "reward": "reward", "give a reward": "reward", "penalize": "penalty", "penalise": "penalty",
    "punish": "penalty",
    "for": "for", "for every": "each", "for each": "each", "every time": "when", "with a penalty for": "penalty",
    "with a reward for": "reward",
    "then": "then", "and then": "then", "after that": "then", "afterwards": "then", "next": "then", "finally": "then",
    "later": "later", "after a delay of": "after", "without any": "without", "with no": "without", "first": "first", "at the same time": "while", "simultaneously": "while",
    "stop when": "until", "stops when": "until", "stop once": "until", "stop as soon as": "until", "stopping when": "until",
    "when": "when", "once": "when", "as soon as": "when", "until": "until", "while": "while", "without": "without",
    "after": "after", "before": "before", "if": "if", "but": "but", "unless": "unless",
    "and": "and", ",": "comma", ".": "stop", ";": "stop", "!": "stop", "?": "stop", ":": "stop", "never": "not",
    "not": "not", "don't": "not", "doesn't": "not", "does not": "not", "do not": "not", "must not": "not",
    "should not": "not", "cannot": "not", "no longer": "not", "at least": ">=", "at most": "<=", "more than": ">=",
    "less than": "<=", "over": "over", "no more than": "<=", "faster than": ">=", "slower than": "<=",
    "higher than": ">=", "lower than": "<=", "farther than": ">=", "further than": ">=", "up to": "<=",
    "film from": "camera", "filmed from": "camera", "film it from": "camera", "seen from": "camera",
    "viewed from": "camera", "camera from": "camera", "with the camera": "camera", "the camera looks from": "camera",
    "recorded from": "camera", "watch from": "camera", "shot from": "camera", "view from": "camera",
    "the camera is": "camera", "watch it from": "camera", "looking from": "camera", "show it from": "camera",
    "record": "record", "run": "record", "last": "record", "lasting": "record", "recorded": "record",
    "simulate for": "record", "film": "record",
}  # fmt: skip
NAMED = {"diameter": "diameter", "radius": "radius", "height": "height", "width": "width", "length": "length", "mass": "mass",
         "weight": "mass", "thickness": "thickness", "friction": "friction", "slope": "angle", "angle": "angle", "side": "side",
         "restitution": "restitution", "density": "density", "size": "side", "spacing": "spacing", "gap": "spacing",
         "speed": "speed", "inclination": "angle", "sides": "side", "bounciness": "restitution",
         "force": "force", "impulse": "force", "strength": "force"}  # fmt: skip
PRONOUNS = {"it", "they", "them", "itself", "everything", "both", "all"}
CONDITIONAL = set("success failure when until without what_if if reward penalty keep after before unless".split())
ASIDES = set(
    "head - on,at once,right away,all at once,in total,in all,at first,by itself,on its own,of course,at all,for example,as well,"
    "for me,at the beginning,for instance,if possible,e . g,in the beginning,in the scene,in front of us,in the world,per second of,"
    "thank you,in this experiment,in this scene,in this video,in this episode,in this simulation,in the experiment,spaced,how does,how do,how will,"
    "behave when,behaves when,react when,reacts when,see how,show how,with dimensions of,with dimensions,dimensions,starting,beginning,as on earth,as on the earth,than on earth,for a while,all the way,on purpose,as usual,this time,in this case,of them,as follows".split(","))  # fmt: skip
"""Turns that say nothing about the scene."""
FACTORS = {"twice": 2.0, "double": 2.0, "doubled": 2.0, "triple": 3.0, "tripled": 3.0, "half": 0.5, "halved": 0.5}
CHANGES = {
    "missing": "missing", "removed": "missing", "gone": "missing", "absent": "missing", "friction": "friction",
    "gravity": "gravity", "nobody": "nobody", "nothing": "nobody",
}  # fmt: skip
PLACES = {
    f"{lead}{name}": value
    for lead in ("on the ", "on ", "in the ", "in ", "under ", "with ")
    for name, value in lex.GRAVITIES.items()
}
PROPERTIES = NAMED | {
    "weighing": "mass", "weighs": "mass", "weigh": "mass", "coefficient of friction": "friction", "friction coefficient": "friction",
    "edge length": "side", "side length": "side", "edges": "side", "edge": "side", "starting height": "height", "drop height": "height",
    "starting speed": "speed", "initial speed": "speed", "initial velocity": "speed", "velocity": "speed", "distance between them": "spacing",
    "coefficient of restitution": "restitution", "restitution coefficient": "restitution", "tilt": "angle", "total mass": "mass",
    "measuring": "side", "measures": "side", "altitude": "height", "rate": "speed", "spacings": "spacing", "gaps": "spacing",
    "weighed": "mass", "blow": "force", "push": "force", "kick": "force", "shove": "force", "knock": "force", "hit": "force", "pull": "force",
    "volume": "volume", "capacity": "volume", "amplitude": "angle", "wall to wall": "width", "sized": "side",
}  # fmt: skip
QUICK = {"quick", "short", "sharp", "single", "sudden"}
BLOWS = {"blow", "push", "kick", "shove", "knock", "hit", "pull"}
LEADS = set("with a an the of has have had having in at from by its whose their random constant total initial steady that is "
            "and varying fixed uniform".split()) - {"and"}  # fmt: skip
LINKS = set("of that is which are : = each was about".split()) - {"about"}


@dataclass
class Chunk:
    """kind and data of the tokens start..end."""

    kind: str
    start: int
    end: int
    data: Any = None


def chunk(words: Words) -> list[Chunk]:
    """The chunks of a prompt; every token is in exactly one."""
    out: list[Chunk] = []
    here, mode = 0, "command"
    while here < len(words.tokens):
        made = _next(words, here, mode, out)
        if made.kind == "cue":
            if made.data in CONDITIONAL or (made.data == "not" and made.end - made.start > 1):  # `it must not fall over`
                mode = "condition"
            elif made.data == "modal" or (made.data == "not" and words.low(made.end) in ("let", "allow")):
                mode = "condition"
            elif made.data in ("stop", "then", "camera", "record") or (
                made.data == "comma" and mode == "condition" and _opens(out)
            ):
                mode = "command"
        out.append(made)
        here = made.end
    return out


def _opens(out: list[Chunk]) -> bool:
    """Whether the condition before this comma opened its sentence: `When it hits the floor, ...`."""
    for position in range(len(out) - 1, max(len(out) - 60, -1), -1):
        made = out[position]
        if made.kind == "cue" and made.data in ("when", "if", "after", "before", "unless"):
            return position == 0 or (
                out[position - 1].kind == "cue" and out[position - 1].data in ("stop", "then", "and", "comma")
            )
        if made.kind == "cue" and made.data in ("stop", "then"):
            return False
    return False


def _next(words: Words, here: int, mode: str, before: list[Chunk]) -> Chunk:
    low = words.low(here)
    if (
        low in ("strong", "hard", "high", "great", "much", "fast", "heavy", "far", "long", "big", "large")
        and (any(one.kind == "factor" for one in before[-2:]) and words.low(here - 1) in ("as", "so"))
        and low not in ("heavy", "big", "large", "long")
    ):
        return Chunk("glue", here, here + 1)  # `twice as strong`
    made = (
        _arranged(words, here)
        or _gravity(words, here)
        or _cue(words, here, mode, before)
        or _property(words, here)
        or _made_of(words, here)
        or _named(words, here, mode, before)
        or _predicate(words, here)
    )
    if made:
        return made
    if low in lex.COLORS or low in lex.MATERIALS or low in lex.STATES or low in lex.SIZES:
        return Chunk("attribute", here, here + 1, low)
    if low in FACTORS:
        return Chunk("factor", here, here + 1, FACTORS[low])
    if low in CHANGES:
        return Chunk("change", here, here + 1, CHANGES[low])
    if low in ("strong", "hard", "high", "great", "much") and any(one.kind == "factor" for one in before[-2:]):
        return Chunk("glue", here, here + 1)  # `twice as strong`
    if low == "like" and (words.low(here - 1) in ("would", "i'd", "'d", "we'd") or tk.amount(words, here + 1)):
        return Chunk("glue", here, here + 1)
    if aside := phrase(words, here, ASIDES, False):
        return Chunk("glue", here, aside[1])
    spread = low == "each" and before and before[-1].kind in ("cue", "amount", "size", "thing")
    return Chunk("glue" if low in lex.GLUE or spread else "unknown", here, here + 1)


GUARDED = ("get", "score", "award", "earn", "earns", "lose", "loses", "deduct", "subtract", "minus", "penalty", "bonus", "camera", "and if",
           "duration", "simulate", "what about", "how about", "so", "which", "under", "below", "above", "beyond", "further", "only",
           "alternatively", "what would happen", "grant", "receive", "receives", "you get", "i get", "it gets", "we want", "give it", "/",
           "take off", "ensure", "precisely", "exactly", "nor", "may", "might", "precisely", "reward of")  # fmt: skip


def _guard(words: Words, here: int, name: str, after: int) -> bool:
    """Whether an everyday word is a cue here."""
    next_low = words.low(after)
    if name in ("camera", "duration", "simulate"):
        return next_low in ("from", ":", "at", "is", "in") or tk.amount(words, after) is not None
    if name in (
        "and if",
        "alternatively",
        "what would happen",
        "what about",
        "how about",
        "ensure",
        "may",
        "might",
        "which",
        "so",
        "we want",
        "nor",
    ):
        return name != "we want" or next_low not in ("to",)
    if name == "/":
        return False
    value = tk.amount(words, after)
    if name in ("under", "below", "above", "beyond", "further", "only", "exactly", "precisely"):
        return value is not None and not noun(words, value[1] + 9)
    return (value is not None and value[0].dimension in ("points", "count")) or next_low in (":", "for", "if", "of", "when")


def _arranged(words: Words, here: int) -> Chunk | None:
    found = phrase(words, here, lex.ARRANGEMENTS, False, 6)
    return Chunk("arranged", here, found[1], lex.ARRANGEMENTS[found[0]]) if found else None


def _gravity(words: Words, here: int) -> Chunk | None:
    """`on the moon`, `in zero gravity`; not `in mercury`, which is also a liquid."""
    place = phrase(words, here, PLACES, False)
    if place and (place[0].startswith("on ") or place[0].split()[-1] not in ("mercury", "earth")):
        return Chunk("gravity", here, place[1], PLACES[place[0]])
    return None


def _cue(words: Words, here: int, mode: str, before: list[Chunk]) -> Chunk | None:
    cue = phrase(words, here, CUES, False)
    if (
        cue is None
        or (cue[0] in GUARDED and not _guard(words, here, cue[0], cue[1]))
        or (
            cue[0] in ("first", "last", "next", "record", "film", "run", "over", "give")
            and not _is_cue(words, here, cue[1], before, mode)
        )
    ):
        return None
    kind = CUES[cue[0]]
    if kind in (">=", "<=", "over", "==") and not tk.amount(words, cue[1]):
        return None
    if kind in ("above", "below", "under") and mode != "condition":
        return None
    if kind == "camera" and (view := phrase(words, cue[1], lex.CAMERAS, False)):
        return Chunk("camera", here, view[1], view[0])
    return None if cue[0] == "shot from" else Chunk("cue", here, cue[1], kind)


def _property(words: Words, here: int) -> Chunk | None:
    """`with a mass of 2 kg`, `weighing 300 g`."""
    at = here
    while at < here + 6 and (words.low(at) in LEADS or (at > here and words.low(at) in QUICK)):
        at += 1
    named = phrase(words, at, PROPERTIES, False)
    if named is None:
        return None
    after = named[1]
    while words.low(after) in LINKS:
        after += 1
    value = tk.amount(words, after)
    if value is None or (named[0] in BLOWS and words.low(here) not in ("with", "by")):
        return None
    end = value[1]
    if words.low(here) not in ("from", "to") and words.low(end) in ("each", "apiece"):
        end += 1
    return Chunk("size", here, end, (PROPERTIES[named[0]], value[0]))


def _made_of(words: Words, here: int) -> Chunk | None:
    made_of = phrase(words, here, {"made of", "made out of", "made from", "of", "from"}, False)
    if made_of and words.low(made_of[1]) in lex.MATERIALS and (words.low(here) == "made" or not noun(words, made_of[1])):
        return Chunk("material", here, made_of[1] + 1, lex.MATERIALS[words.low(made_of[1])])
    return None


def _named(words: Words, here: int, mode: str, before: list[Chunk]) -> Chunk | None:
    """A thing, a quantity or a pronoun; in a condition, first what happens."""
    low = words.low(here)
    if (
        mode == "condition"
        and (found := phrase(words, here, lex.CONDITIONS))
        and not (found[1] - here == 2 and phrase(words, found[1] - 1, PLACES, False))
    ):
        return Chunk("happens", here, found[1], found[0])
    thing = noun_phrase(words, here)
    alone = thing is not None and thing[1] == here + 1
    verb = phrase(words, here, lex.VERBS, False)
    if verb and thing and verb[1] > thing[1]:  # `line up the blocks`
        return None
    if (
        thing
        and not (alone and low in lex.VERBS and low not in lex.NOUNS)
        and not (alone and low in ("drop", "tip", "tap", "pin") and not before)
    ):
        return Chunk("thing", here, thing[1], thing[0])
    if sides := extents(words, here):
        return Chunk("sides", here, sides[1], sides[0])
    if (value := tk.amount(words, here)) and (value[0].dimension != "count" or before):
        return _amount_chunk(words, here, value)
    return Chunk("pronoun", here, here + 1, low) if low in PRONOUNS else None


def _predicate(words: Words, here: int) -> Chunk | None:
    """A change, direction, verb, strength, relation, or what happens."""
    low = words.low(here)
    if low == "no" and words.low(here + 1) in ("friction", "gravity"):
        return Chunk("change", here, here + 2, words.low(here + 1))
    if (
        (way := phrase(words, here, lex.DIRECTIONS, False))
        and not phrase_longer(words, here, way[1])
        and not (low == "down" and noun_phrase(words, here + 1))
    ):
        return Chunk("direction", here, way[1], lex.DIRECTIONS[way[0]])
    if (verb := phrase(words, here, lex.VERBS)) and low not in lex.RELATIONS:
        return Chunk("verb", here, verb[1], lex.VERBS[verb[0]])
    if low in lex.STRENGTH:
        return Chunk("strength", here, here + 1, lex.STRENGTH[low])
    if relation := phrase(words, here, lex.RELATIONS, False):
        return Chunk("relation", here, relation[1], lex.RELATIONS[relation[0]])
    found = phrase(words, here, lex.CONDITIONS)
    return Chunk("happens", here, found[1], found[0]) if found else None


def phrase_longer(words: Words, here: int, end: int) -> bool:
    """Whether a relation reaches farther than a direction: `to the left of the cup`."""
    relation = phrase(words, here, lex.RELATIONS, False)
    return relation is not None and relation[1] > end


def _is_cue(words: Words, here: int, after: int, before: list[Chunk], mode: str) -> bool:
    low = words.low(here)
    if low == "first":
        return not noun(words, after) and words.low(after) not in ("one",) and words.low(here - 1) != "the"
    if low in ("over", "give"):  # `give 10 points`, not `give it a push`
        return tk.amount(words, after) is not None
    return words.low(here - 1) != "the" and (
        words.low(after) in ("for", "it", "at")
        or tk.amount(words, after) is not None
        or (low == "next" and words.low(after) != "to")
    )


def _amount_chunk(words: Words, here: int, value: tuple[Amount, int]) -> Chunk:
    extent = phrase(words, value[1], EXTENT | {"apart": "spacing", "each": "each", "of distance": "distance"}, False)
    if value[0].dimension == "length" and words.low(value[1]) == "away" and words.low(value[1] + 1) != "from":
        return Chunk("size", here, value[1] + 1, ("distance", value[0]))
    if value[0].dimension == "length" and extent and extent[0] not in ("each", "of distance"):
        return Chunk("size", here, extent[1], ((EXTENT | {"apart": "spacing"})[extent[0]], value[0]))
    if value[0].dimension == "mass":
        return Chunk("size", here, extent[1] if extent else value[1], ("mass", value[0]))
    return Chunk("amount", here, value[1], value[0])
