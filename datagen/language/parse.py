"""Chunks -> `Intent`: clauses, what they are (description, command, condition, reward, what-if), and what their words refer to.

Every chunk that a clause has a use for is marked with its meaning; a chunk that none has a use for stays without a mark and is
reported as not understood, so nothing is dropped in silence.
"""

from dataclasses import dataclass, field
from typing import Any

from . import lexicon as lex
from .chunks import Chunk, NounPhrase, chunk
from .intent import Action, Condition, Intent, Number, Relation, Reward, Setting, Thing, WhatIf
from .tokens import ORDINALS, Amount, Words

KINDS = {"success": "success", "failure": "failure", "when": "when", "until": "until", "without": "without", "what_if": "what_if",
         "if": "what_if", "reward": "reward", "penalty": "penalty", "keep": "keep", "then": "command", "while": "command", "after": "when", "stop": "command", "later": "command", "unless": "failure"}  # fmt: skip


@dataclass
class Clause:
    """A run of chunks and what its cue makes of it."""

    kind: str
    chunks: list[Chunk]
    cue: str = ""


@dataclass
class Reading:
    """The intent so far, the things by salience, and what has to be told: ambiguities, contradictions, impossible things."""

    words: Words
    intent: Intent = field(default_factory=Intent)
    salient: list[str] = field(default_factory=list)
    last_target: str = ""
    speaker: str = ""
    pending: Condition | None = None
    ordered: bool = False
    ambiguities: list[dict[str, Any]] = field(default_factory=list)
    trouble: list[dict[str, Any]] = field(default_factory=list)


def read(words: Words) -> Reading:
    """The reading of a prompt."""
    made = Reading(words)
    for clause in split(chunk(words)):
        ClauseReader(made, clause).read()
    return made


def split(chunks: list[Chunk]) -> list[Clause]:
    """Clauses end at signs and cues, and at `and` or a comma before a new verb."""
    out = [Clause("command", [])]
    for at, made in enumerate(chunks):
        if made.kind == "cue" and made.data in KINDS:
            before = out[-1]
            if (
                made.data in ("if", "when")
                and before.kind in ("reward", "penalty")
                and not any(one.kind == "happens" for one in before.chunks)
            ):
                before.chunks.append(made)
                continue
            kind = KINDS[made.data]
            out.append(Clause(kind, [made], made.data))
        elif made.kind == "cue" and made.data in ("and", "comma", "but") and _starts_clause(chunks, at, out[-1]):
            kind = out[-1].kind
            if kind == "when" or (
                made.data == "comma" and kind == "what_if" and any(one.kind == "verb" for one in chunks[at + 1 : at + 2])
            ):
                kind = "command"
            out.append(Clause(kind, [made], "and"))
        else:
            out[-1].chunks.append(made)
    return [clause for clause in out if clause.chunks]


def _starts_clause(chunks: list[Chunk], at: int, now: Clause) -> bool:
    rest = [
        one
        for one in chunks[at + 1 : at + 5]
        if one.kind not in ("glue", "strength") and not (one.kind == "cue" and one.data in ("not", "and"))
    ]
    kinds = [one.kind for one in rest]
    has = any(one.kind in ("verb", "happens") for one in now.chunks)
    if not kinds:
        return False
    if kinds[0] in ("verb", "happens"):
        return True
    if now.kind == "when" and chunks[at].data == "comma" and has:
        return True
    return (
        kinds[0] in ("thing", "pronoun")
        and len(kinds) > 1
        and kinds[1] in ("verb", "happens")
        and (has or now.kind == "command")
    )


def amount_of(value: Amount, quote: str) -> Number:
    """The number of an intent."""
    return Number(values=list(value.values), dimension=value.dimension, kind=value.kind, evidence=quote)  # type: ignore[arg-type]


class ClauseReader:
    """Reads one clause into the intent."""

    def __init__(self, made: Reading, clause: Clause):
        self.made, self.clause, self.intent, self.words = made, clause, made.intent, made.words
        self.subject = self.object = self.place = ""
        self.verb: Chunk | None = None
        self.negate = False
        self.compare = ""
        self.quantity = 0
        self.relation: str = ""
        self.amounts: list[Number] = []
        self.action: Action | None = None
        self.condition: Condition | None = None
        self.happens = self.direction = self.toward = ""
        self.strength, self.factor = 1.0, 0.0
        self.changes: list[Chunk] = []
        self.robot = ""
        self.speaking = False

    def quote(self) -> str:
        """The words of the clause."""
        return self.words.quote(self.clause.chunks[0].start, self.clause.chunks[-1].end)

    def mark(self, made: Chunk, meaning: str) -> None:
        """Says what a chunk means."""
        self.words.mark(made.start, made.end, meaning)

    def read(self) -> None:
        """Every chunk in its order, then what the clause as a whole says."""
        before = self.intent.actions[-1] if self.intent.actions else None
        if before is not None and before.actor and self.clause.kind == "command" and self.clause.cue in ("and", "then"):
            self.robot = before.actor
        if (
            self.clause.cue in ("and", "then")
            and self.clause.kind == "command"
            and self.made.speaker
            and next((one.kind for one in self.clause.chunks if one.kind not in ("cue", "glue", "strength")), "") == "verb"
        ):
            self.subject = self.made.speaker
        for made in self.clause.chunks:
            getattr(self, f"_{made.kind}", self._leave)(made)
        self._finish()

    def _leave(self, made: Chunk) -> None:
        """A chunk without a use: not understood."""

    def _glue(self, made: Chunk) -> None:
        self.mark(made, "")

    def _cue(self, made: Chunk) -> None:
        names = {"stop": "", "comma": "", "and": ""}
        if made.data == "not":
            self.negate = not self.negate
        if made.data in (">=", "<="):
            self.compare = made.data
        if made.data == "over":
            self.compare = ">="
        if made.data == "first":
            self.made.ordered = True
        if made.data == "before":
            return
        self.mark(made, names.get(made.data, f"cue:{made.data}"))

    def _gravity(self, made: Chunk) -> None:
        self.intent.settings.append(Setting(what="gravity", value=made.data, evidence=self.words.quote(made.start, made.end)))
        if self.clause.kind == "what_if":
            self.intent.settings.pop()
            self.intent.what_if.append(WhatIf(change="set", what="gravity", value=made.data, evidence=self.quote()))
        self.mark(made, "setting:gravity")

    def _camera(self, made: Chunk) -> None:
        self.intent.settings.append(Setting(what="camera", word=made.data, evidence=self.words.quote(made.start, made.end)))
        self.mark(made, "setting:camera")

    def _thing(self, made: Chunk) -> None:
        about = self._find((self.object or self.subject).split("[")[0])
        if (
            made.data.noun in lex.STRUCTURES
            and self.relation in ("inside", "on_top", "next_to")
            and about is not None
            and about.count is not None
        ):
            about.arrange, self.relation = lex.STRUCTURES[made.data.noun][1], ""
            self.mark(made, f"arrangement:{about.arrange}")
            return
        ref = self._refer(made)
        if not ref:
            return
        family = self._noun(ref).family if self._noun(ref) else ""
        self.mark(made, f"thing:{ref}")
        if self.verb is None and not self.happens and self.clause.kind == "command" and not self.subject and family != "robot":
            self.speaking = True
        self._take(ref, family)

    def _pronoun(self, made: Chunk) -> None:
        names = [
            one for one in self.made.salient if (noun := self._noun(one)) is None or noun.family not in ("ground", "robot")
        ]
        moving = [one for one in names if (noun := self._noun(one)) is None or not noun.fixed] or names
        chosen = (
            self.made.last_target
            if self.made.last_target and made.data not in ("all", "both", "everything")
            else (moving[-1] if moving else "")
        )
        if not chosen:
            self.made.trouble.append(
                {"code": "no_referent", "message": f"{made.data!r} refers to nothing that was named before"}
            )
            return
        readings = sorted({one.split("[")[0] for one in moving})
        if len(readings) > 1 and made.data == "it":
            token = self.words.tokens[made.start]
            self.made.ambiguities.append(
                {
                    "span": [token.start, token.end],
                    "text": token.text,
                    "readings": readings,
                    "chosen": chosen,
                    "rule": "what was acted on last, else what was named last",
                }
            )
        self.mark(made, f"thing:{chosen}")
        self._take(chosen, self._noun(chosen).family if self._noun(chosen) else "")

    def _take(self, ref: str, family: str) -> None:
        """A thing takes its role: after a relation its object, after a verb the target, else the subject."""
        if family == "robot" and not self.relation:
            self.robot = ref
            return
        if self.relation == "between" and self.place:
            self._relate("between", self.place, ref)
        elif self.relation == "between":
            self.place = ref
        elif self.relation:
            self._place_at(ref)
        elif self.verb is not None and not self.object:
            self.object = ref
        elif self.happens and not self.object:
            self.object = ref
        elif not self.subject:
            self.subject = ref
        self.made.salient = [one for one in self.made.salient if one != ref] + [ref]

    def _place_at(self, ref: str) -> None:
        relation, self.relation = self.relation, ""
        about = self.object or self.subject
        if relation in ("with", "of", "from") and self.verb is not None:
            self.place = self.place or ref
            return
        if relation == "of":
            return
        if self.verb is not None and (self.verb.data not in ("arrange", "drape", "fill") or self.robot):
            if self.verb.data == "drop" or relation not in ("toward", "down", "off", "across"):
                self.place = ref
                self.toward = self.toward or (f"{relation} {ref}")
            else:
                self.toward = f"{relation} {ref}"
            return
        if relation == "toward" and self.happens:
            self.object = self.object or ref
            return
        if about:
            self._relate(
                {
                    "down": "on_top",
                    "across": "on_top",
                    "on_edge": "on_top",
                    "toward": "next_to",
                    "off": "on_top",
                    "from": "far_from",
                    "with": "next_to",
                }.get(relation, relation),
                ref,
            )

    def _relate(self, rel: str, ref: str, other: str = "") -> None:
        about = self.object or self.subject
        if not about:
            self.made.trouble.append(
                {"code": "no_subject", "message": f"nothing is named that would be {rel.replace('_', ' ')} {ref}"}
            )
            return
        amount = next((one for one in self.amounts if one.dimension == "length"), None)
        if amount:
            self.amounts.remove(amount)
        self.relation = ""
        if about.split("[")[0] != ref.split("[")[0]:
            self.intent.relations.append(
                Relation(
                    rel=rel,
                    of=about.split("[")[0],
                    ref=ref.split("[")[0],
                    other=other.split("[")[0],
                    amount=amount,
                    evidence=self.quote(),
                )
            )
            beside = [
                one.ref
                for one in self.intent.relations
                if one.of == about.split("[")[0]
                and one.rel in ("left_of", "right_of", "in_front_of", "behind", "next_to")
                and one.ref != ref
            ]
            for name in beside if rel == "on_top" else []:
                if not any(one.of == name for one in self.intent.relations):
                    self.intent.relations.append(Relation(rel=rel, of=name, ref=ref, evidence=self.quote()))
        else:
            self.made.trouble.append({"code": "self_relation", "message": f"{about} cannot be {rel.replace('_', ' ')} itself"})

    def _verb(self, made: Chunk) -> None:
        if self.verb is not None:
            return
        self.verb = made
        self.mark(made, f"action:{made.data}")

    def _happens(self, made: Chunk) -> None:
        if self.happens:
            return
        self.happens = made.data
        self.mark(made, f"condition:{lex.CONDITIONS[made.data][0]}")

    def _relation(self, made: Chunk) -> None:
        self.relation = made.data
        self.mark(made, f"relation:{made.data}")

    def _direction(self, made: Chunk) -> None:
        self.direction = made.data
        self.mark(made, f"direction:{made.data}")

    def _strength(self, made: Chunk) -> None:
        self.strength *= made.data
        self.mark(made, "strength")

    def _factor(self, made: Chunk) -> None:
        self.factor = made.data
        self.mark(made, "factor")

    def _change(self, made: Chunk) -> None:
        self.changes.append(made)
        if self.clause.kind in ("what_if", "without"):
            self.mark(made, f"change:{made.data}")

    def _attribute(self, made: Chunk) -> None:
        thing = self._find((self.subject or self.object).split("[")[0])
        if self.clause.kind == "what_if":
            self.changes.append(made)
            self.mark(made, f"change:{made.data}")
        elif thing is not None:
            if made.data in lex.COLORS:
                thing.color = lex.COLORS[made.data]
            elif made.data in lex.MATERIALS:
                thing.material = lex.MATERIALS[made.data]
            else:
                key, value = lex.STATES[made.data]
                (thing.states if key in ("friction", "restitution") else thing.factors)[key] = value
            self.mark(made, f"attribute:{made.data}")

    def _material(self, made: Chunk) -> None:
        thing = self._find((self.object or self.subject or (self.made.salient or [""])[-1]).split("[")[0])
        if self.clause.kind == "what_if":
            self.changes.append(Chunk("material", made.start, made.end, made.data))
        elif thing is None:
            return
        else:
            thing.material = made.data
        self.mark(made, f"material:{made.data}")

    def _size(self, made: Chunk) -> None:
        key, value = made.data
        number = amount_of(value, self.words.quote(made.start, made.end))
        self.mark(made, f"{key}:{value.middle:g}")
        if key == "speed":
            self.amounts.append(number)
            return
        if self.clause.kind != "command" or (key == "height" and self.happens):
            self.amounts.append(number)
            if self.clause.kind == "what_if":
                self.changes.append(made)
            return
        if key == "height" and self.verb is not None and self.verb.data in ("drop", "lift"):
            self.amounts.append(number)
            return
        name = (self.place or self.object or self.subject or (self.made.salient or [""])[-1]).split("[")[0]
        thing = self._find(name)
        if thing is None:
            self.words.mark(made.start, made.end, None)  # type: ignore[arg-type]
        elif key == "spacing":
            thing.spacing = number
        else:
            if key in thing.sizes and thing.sizes[key].values != number.values:
                self.made.trouble.append(
                    {
                        "code": "two_sizes",
                        "message": f"{name}: {key} is {thing.sizes[key].evidence!r} and also {number.evidence!r}",
                    }
                )
            thing.sizes[key] = number

    def _amount(self, made: Chunk) -> None:
        self.amounts.append(amount_of(made.data, self.words.quote(made.start, made.end)))
        self.mark(made, f"quantity:{made.data.middle:g} {made.data.dimension}")

    def _find(self, name: str) -> Thing | None:
        return next((one for one in self.intent.things if one.id == name), None)

    def _noun(self, ref: str) -> lex.Noun | None:
        thing = self._find(ref.split("[")[0].split(".")[0])
        return lex.NOUNS.get(thing.noun) if thing else None

    def _refer(self, made: Chunk) -> str:
        """The thing that a noun phrase names: one that is there, or a new one."""
        said: NounPhrase = made.data
        if (
            said.noun in lex.STRUCTURES
            and (known := [one for one in self.intent.things if one.arrange == lex.STRUCTURES[said.noun][1]])
            and said.det == "the"
        ):
            return known[-1].id
        same = [one for one in self.intent.things if self._fits(one, said)]
        definite = said.det in (
            "the",
            "each",
            "every",
            "all",
            "both",
            "this",
            "that",
            "its",
            "any",
            "no",
            "these",
            "those",
        ) or bool(said.item)
        if not said.noun and not same:
            self.made.trouble.append(
                {
                    "code": "no_referent",
                    "message": f"{self.words.quote(made.start, made.end)!r} refers to nothing that was named before",
                }
            )
            return ""
        chosen = (
            same[-1]
            if same
            and (
                definite
                or not said.noun
                or (said.count is not None and same[-1].count is not None and self.clause.kind != "command")
            )
            else None
        )
        if said.count is not None and chosen is not None and said.count.kind == "exact":
            self.quantity = int(said.count.middle)
        if (
            chosen is None
            and same
            and said.det not in ("a", "an", "another", "other")
            and said.noun
            and said.count is None
            and not said.plural
        ):
            chosen = same[-1]
        if chosen is not None:
            return chosen.id + self._item(said, chosen)
        thing = self._new(said, made)
        return thing.id + (self._item(said, thing) if thing.count else "")

    def _fits(self, one: Thing, said: NounPhrase) -> bool:
        noun = lex.STRUCTURES[said.noun][0] if said.noun in lex.STRUCTURES else said.noun
        known = lex.NOUNS.get(one.noun)
        if (
            noun
            and one.noun != noun
            and not (known is not None and known.family == noun)
            and one.noun.split()[-1] != noun
            and noun != "object"
        ):
            return False
        if said.noun == "object" and known is not None and known.fixed:
            return False
        return (not said.color or one.color == said.color) and (not said.material or one.material == said.material)

    def _item(self, said: NounPhrase, thing: Thing) -> str:
        many = thing.count is not None
        if not many or not said.item:
            return "[*]" if many and said.det in ("each", "every", "all", "both") else ""
        top = thing.arrange == "stack"
        if said.item in ("top", "last") or (said.item == "bottom" and not top):
            return "[last]"
        if said.item in ("others", "rest"):
            return "[*]"
        if said.item in ("bottom", "first"):
            return "[0]"
        if said.item == "middle":
            return f"[{int(thing.count.middle) // 2 if thing.count else 0}]"
        return f"[{ORDINALS.get(said.item, 0)}]"

    def _new(self, said: NounPhrase, made: Chunk) -> Thing:
        quote = self.words.quote(made.start, made.end)
        noun, arrange, count = said.noun, said.arrange, said.count
        if noun in lex.STRUCTURES:
            noun, arrange, usual = lex.STRUCTURES[noun]
            count = count or Amount((float(usual),), "count")
        if arrange and count is None:
            count = Amount((5.0,), "count")
        if count is None and said.plural and (noun not in lex.NOUNS or not lex.NOUNS[noun].fixed):
            count = Amount((3.0,), "count")
        if count is not None and count.kind == "exact" and count.values[0] == 1.0:
            count = None
        base = (f"{said.color}_" if said.color and any(one.noun == noun for one in self.intent.things) else "") + noun.replace(
            " ", "_"
        )
        name, number = base, 2
        while any(one.id == name for one in self.intent.things):
            name, number = f"{base}_{number}", number + 1
        sizes = {key: amount_of(value, quote) for key, value in said.sizes.items()}
        if said.volume:
            sizes["volume"] = amount_of(said.volume, quote)
        thing = Thing(id=name, noun=noun, count=amount_of(count, quote) if count else None, color=said.color, material=said.material,
                      sizes=sizes if not said.stuff else {k: v for k, v in sizes.items() if k != "volume"}, factors=said.factors, states=said.states, arrange=arrange, evidence=quote)  # fmt: skip
        self.intent.things.append(thing)
        if said.stuff:
            content = Thing(
                id=said.stuff.replace(" ", "_"),
                noun=said.stuff,
                into=name,
                evidence=quote,
                sizes={"volume": sizes["volume"]} if said.volume else {},
            )
            self.intent.things.append(content)
        return thing

    # -- what the clause says --------------------------------------------------------------------------------------------

    def _finish(self) -> None:
        kind = self.clause.kind
        if kind in ("success", "failure", "until", "when", "keep", "without"):
            self._finish_condition(kind)
        elif kind in ("reward", "penalty"):
            self._finish_reward(kind)
        elif kind == "what_if":
            self._finish_what_if()
        elif self.verb is not None:
            self._finish_verb()
        elif self.happens:
            made = self._made_condition()
            if (
                made is not None
                and self.happens.startswith(("be ", "rest ", "stand "))
                and made.ref
                and made.pred in (*lex.RELATIONS.values(), "near")
            ):
                self.amounts = [made.amount] if made.amount else []
                self.object, self.subject = "", made.of
                self._relate("next_to" if made.pred == "near" else made.pred, made.ref)
            elif made is not None:
                self.intent.success.append(made)
        else:
            self._finish_description()

    def _finish_description(self) -> None:
        cues = {made.data for made in self.clause.chunks if made.kind == "cue"}
        for number in list(self.amounts):
            if number.dimension == "time":
                if self.clause.cue == "later" or "later" in cues or (self.clause.kind == "command" and cues & {"then"}):
                    continue
                self.intent.settings.append(Setting(what="duration", value=number.middle, evidence=number.evidence))
                self.amounts.remove(number)
        if self.amounts:
            names = ", ".join(number.evidence for number in self.amounts)
            self.made.trouble.append({"code": "no_use", "message": f"{names}: it is not clear what this quantity is of"})

    def _made_condition(self) -> Condition | None:
        word = self.happens
        if not word and self.verb is not None:
            word = {
                "topple": "topple",
                "hit": "hit",
                "lift": "lift",
                "open": "open",
                "close": "close",
                "drop": "fall",
                "move": "move",
                "spin": "turn",
                "roll": "move",
                "throw": "move",
                "push": "move",
            }.get(self.verb.data, "")
        if not word:
            return None
        pred, two, negated = lex.CONDITIONS[word]
        about = self.subject or self.made.last_target or (self.made.salient[0] if self.made.salient else "")
        ref = self.object or self.place
        if pred in ("toppled", "lifted", "open", "closed", "moved") and not self.subject and self.object:
            about, ref = self.object, ""
        if pred == "spilled_more_than":
            liquids = [one.id for one in self.intent.things if one.noun in lex.SUBSTANCES]
            about, ref = (liquids or [about])[-1], ""
        if two and not ref:
            others = [one.id for one in self.intent.things if one.id != about.split("[")[0]]
            if not others:
                return None
            if about and not self.subject and self.object:
                ref = about
        if self.clause.kind == "without" and two and self.object and not self.subject:
            about = self.made.last_target or about
        amount = next((one for one in self.amounts if one.dimension not in ("time", "points", "count")), None)
        hold = next((one.middle for one in self.amounts if one.dimension == "time"), 0.0)
        if not about or (two and not ref):
            self.made.trouble.append({"code": "no_subject", "message": f"{self.quote()!r}: it is not clear what this is about"})
            return None
        self.amounts = []
        many = self.quantity or next(
            (1 for made in self.clause.chunks if made.kind == "thing" and made.data.det in ("any",)), 0
        )
        return Condition(pred=pred, of=about, ref=ref if two else "", negate=self.negate != negated, amount=amount, hold=hold,
                         compare=self.compare, quantity=many, always=word.startswith(("stay", "remain", "keep")) and self.clause.kind in ("success", "keep"), evidence=self.quote())  # type: ignore[arg-type]  # fmt: skip

    def _finish_condition(self, kind: str) -> None:
        if kind == "without":
            if any(one.data == "friction" for one in self.changes):
                self.intent.settings.append(Setting(what="friction", value=0.0, evidence=self.quote()))
                return
            if any(one.data == "gravity" for one in self.changes):
                self.intent.settings.append(Setting(what="gravity", value=0.0, evidence=self.quote()))
                return
        if (
            kind == "when"
            and self.clause.cue == "after"
            and not self.happens
            and self.amounts
            and self.amounts[0].dimension == "time"
        ):
            self._time_of_action(self.amounts[0].middle)
            return
        if kind == "when" and self.clause.cue == "after" and self.amounts and not self.happens:
            return
        made = self._made_condition()
        if made is None:
            self._unused()
            return
        if kind == "without":
            made.negate = False
            self.intent.failure.append(made)
        elif kind == "failure":
            self.intent.failure.append(made)
        elif kind == "until":
            if self.intent.actions:
                self.intent.actions[-1].until = made
            else:
                self.intent.success.append(made)
        elif kind == "when":
            if (
                self.clause.chunks
                and self.intent.actions
                and self.made.words.low(self.clause.chunks[0].start - 1) not in ("", ".", ",", "then", "and", "!", ";")
            ):
                self.intent.actions[-1].when = made
            else:
                self.made.pending = made
        else:
            self.intent.success.append(made)

    def _time_of_action(self, time: float) -> None:
        if self.intent.actions and self.words.low(self.clause.chunks[0].start - 1) not in (".", "", ","):
            self.intent.actions[-1].at = time
        else:
            self.made.pending = Condition(
                pred="time", of="time", amount=Number(values=[time], dimension="time"), evidence=self.quote()
            )

    def _unused(self) -> None:
        for made in self.clause.chunks:
            if made.kind in ("cue", "happens", "verb", "thing", "amount"):
                for at in range(made.start, made.end):
                    self.words.marks[at] = None

    def _finish_reward(self, kind: str) -> None:
        weight = next((one.middle for one in self.amounts if one.dimension in ("points", "count")), 1.0)
        self.amounts = [one for one in self.amounts if one.dimension not in ("points", "count")]
        condition = self._made_condition()
        if condition is None:
            self._unused()
            return
        self.intent.rewards.append(
            Reward(condition=condition, weight=-abs(weight) if kind == "penalty" else weight, evidence=self.quote())
        )

    def _finish_what_if(self) -> None:
        about = (self.subject or self.object or self.made.last_target).split("[*]")[0]
        add = self.intent.what_if.append
        amount = next(iter(self.amounts), None)
        quote = self.quote()
        start = len(self.intent.what_if)
        for made in self.changes:
            if made.kind == "change" and made.data == "missing":
                add(WhatIf(of=about, change="remove", evidence=quote))
            elif made.kind == "change" and made.data in ("friction", "gravity"):
                zero = amount is None and not self.factor
                value = self.factor or (amount.middle if amount else 0.0)
                add(
                    WhatIf(
                        of=about,
                        change="scale" if self.factor else "set",
                        what=made.data,
                        value=0.0 if zero else value,
                        evidence=quote,
                    )
                )
            elif made.kind == "change" and made.data == "nobody":
                add(WhatIf(change="skip", evidence=quote))
            elif made.kind == "material" or (made.kind == "attribute" and made.data in lex.MATERIALS):
                add(
                    WhatIf(
                        of=about,
                        change="material",
                        value=made.data if made.kind == "material" else lex.MATERIALS[made.data],
                        evidence=quote,
                    )
                )
            elif made.kind == "attribute" and made.data in lex.STATES:
                key, value = lex.STATES[made.data]
                what = "mass" if key == "mass" else key
                add(
                    WhatIf(
                        of=about,
                        change="set" if what in ("friction", "restitution") else "scale",
                        what=what,
                        value=self.factor or value,
                        evidence=quote,
                    )
                )
            elif made.kind == "size":
                add(WhatIf(of=about, change="set", what=made.data[0], value=made.data[1].middle, evidence=quote))
        if len(self.intent.what_if) == start:
            if self.verb is not None and (self.factor or self.strength != 1.0 or self.amounts or self.negate):
                change, value = ("skip", 0.0) if self.negate else ("scale", self.factor or self.strength)
                if amount is not None and not self.factor:
                    change, value = "set", amount.middle
                add(WhatIf(change=change, what="strength", value=value, evidence=quote))  # type: ignore[arg-type]
            elif not any(made.kind == "gravity" for made in self.clause.chunks) and len(self.clause.chunks) > 1:
                self._unused()

    def _finish_verb(self) -> None:
        assert self.verb is not None
        do = self.verb.data
        if self.negate:  # `but it must not fall over`: what must not happen is a failure
            self.negate = False
            made = self._made_condition()
            if made is None:
                self._unused()
            else:
                self.intent.failure.append(made)
            return None
        if self.speaking and self.subject:
            self.made.speaker = self.subject
        if (
            do in ("topple", "hit", "push")
            and self.object
            and self.place
            and not self.toward
            and not self.robot
            and self.place != self.object
        ):
            self.subject, self.place = self.place, ""
        if do == "roll" and self.toward.startswith(("down", "on_top")) and not self.amounts and self.subject:
            self.object = self.subject
            self._relate("down", self.toward.split(" ", 1)[1])
            return None
        target = self.object or self.subject
        if do in ("arrange", "swing", "drape", "fill") and not self.robot:
            return self._finish_description()
        if do == "arrange":
            do = "pick"
        if not target:
            target = self.made.last_target or (self.made.salient[-1] if self.made.salient else "")
            if not target and self.robot:
                return
        if not target:
            self.made.trouble.append(
                {"code": "no_target", "message": f"{self.quote()!r}: it is not clear what is to be acted on"}
            )
            return
        if (
            self.subject
            and self.object
            and self.subject != self.object
            and do in ("push", "hit", "topple", "roll", "slide", "throw")
        ):
            target, self.toward = self.subject, f"toward {self.object}"
            if do == "topple":
                self.intent.success.append(Condition(pred="toppled", of=self.object, evidence=self.quote()))
            elif any(one.target == self.subject for one in self.intent.actions) or any(
                one.of == self.subject and one.rel == "down" for one in self.intent.relations
            ):
                condition = Condition(
                    pred="hit",
                    of=self.subject,
                    ref=f"{self.object}[0]" if self._many(self.object) else self.object,
                    evidence=self.quote(),
                )
                self.intent.success.append(condition)
                return
            do = "roll"
        if not self.object and self.subject and do == "hit" and self.place:
            do = "roll"
        self.intent.actions.append(self._action(do, target))
        self.made.last_target = target

    def _many(self, ref: str) -> bool:
        thing = self._find(ref)
        return thing is not None and thing.count is not None

    def _action(self, do: str, target: str) -> Action:
        amounts = list(self.amounts)
        cues = [made.data for made in self.clause.chunks if made.kind == "cue"]
        action = Action(
            id=f"{do}_{len(self.intent.actions) + 1}" if any(one.do == do for one in self.intent.actions) else do,
            do=do,
            target=target,
            evidence=self.quote(),
        )
        action.direction, action.toward, action.place, action.actor = self.direction, self.toward, self.place, self.robot
        action.strength = self.strength * (self.factor or 1.0)
        time = next((one for one in amounts if one.dimension == "time"), None)
        if time is not None and (
            "after" in cues
            or self.clause.cue in ("later", "after")
            or "later" in cues
            or self._said_before(time, ("after", "at"))
        ):
            action.at = time.middle
            amounts.remove(time)
        action.amounts = amounts
        if self.made.pending is not None:
            if self.made.pending.pred == "time":
                action.at = self.made.pending.amount.middle if self.made.pending.amount else 0.0
            else:
                action.when = self.made.pending
            self.made.pending = None
        elif self.intent.actions and (self.clause.cue == "then" or "then" in cues or "later" in cues):
            action.after, action.delay = self.intent.actions[-1].id, action.at if action.at is not None else 0.5
            action.at = None
        return action

    def _said_before(self, number: Number, prepositions: tuple[str, ...]) -> bool:
        for made in self.clause.chunks:
            if made.kind == "amount" and self.words.quote(made.start, made.end) == number.evidence:
                return self.words.low(made.start - 1) in prepositions
        return False
