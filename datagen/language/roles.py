"""Chunks -> the roles that they have in a clause: what is acted on, where, how hard; and what nouns and pronouns refer to.

Every chunk that a clause has a use for is marked with its meaning; a chunk that none has a use for stays without a mark and is
reported as not understood, so nothing is dropped in silence.
"""

from dataclasses import replace
from typing import Literal

from . import lexicon as lex
from .attributes import give
from .chunks import Chunk
from .clauses import Clause, Reading
from .intent import Action, Condition, Number, Relation, Setting, Thing, WhatIf
from .references import References, amount_of

HELD = ("push", "hit", "nudge", "topple", "roll", "slide", "pull", "spin", "throw", "lift")
"""What is done to a thing where it is."""
STATING = ("success", "failure", "until", "when", "keep", "without", "reward", "penalty")
"""Kinds of clauses that say what is the case; a relation in them is a condition, not a place."""
STATED = {
    "on_top": "on_top", "inside": "inside", "left_of": "left_of", "right_of": "right_of", "in_front_of": "in_front_of",
    "behind": "behind", "above": "above", "below": "below", "next_to": "near", "near": "near", "touching": "touching",
    "leaning_on": "touching", "off": "fell_off", "far_from": "far", "on_edge": "on_top",
}  # fmt: skip
"""Relations as predicates."""
ARRANGED = {"stack": "stack", "line": "line", "scatter": "scatter"}


class Roles(References):
    """The roles of one clause: subject, object, place, verb, quantities."""

    def __init__(self, made: Reading, clause: Clause):
        super().__init__(made, clause)
        self.subject = self.object = self.place = ""
        self.verb: Chunk | None = None
        self.negate = False
        self.compare: Literal["", ">=", "<=", "=="] = ""
        self.meets = ""
        self.manner, self.spot, self.whose = "", 0, ""
        self.strict = self.by = self.carrying = False
        self.relation: str = ""
        self.amounts: list[Number] = []
        self.action: Action | None = None
        self.condition: Condition | None = None
        self.happens = self.direction = self.toward = ""
        self.strength, self.factor = 1.0, 0.0
        self.changes: list[Chunk] = []
        self.robot = ""
        self.speaking = False
        self.arrange = ""
        self.distance: Number | None = None
        self.delay: Number | None = None
        self.also: list[str] = []
        self.joined = self.either = False
        self.stated: list[tuple[str, str]] = []

    def quote(self) -> str:
        """The words of the clause."""
        return self.words.quote(self.clause.chunks[0].start, self.clause.chunks[-1].end)

    def mark(self, made: Chunk, meaning: str) -> None:
        """Says what a chunk means."""
        self.words.mark(made.start, made.end, meaning)

    def _finish_verb(self) -> None:
        """What a clause with a verb says; `ClauseReader` knows it."""
        raise AssertionError(self.clause.kind)

    def walk(self) -> None:
        """Every chunk in its order."""
        before = self.intent.actions[-1] if self.intent.actions else None
        self.carrying = before is not None and before.do == "pick" and self.clause.kind == "command"
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
            if made.kind not in ("glue", "light"):
                self.joined = made.kind == "cue" and made.data in ("and", "comma")

    def _leave(self, made: Chunk) -> None:
        """A chunk without a use: not understood."""

    def _glue(self, made: Chunk) -> None:
        self.mark(made, "")

    def _light(self, made: Chunk) -> None:
        self.mark(made, "phrase")

    def _agent(self, made: Chunk) -> None:
        if self.relation in ("with", "next_to") and self.words.low(self.spot) in ("with", "by", "using"):
            self.relation = ""
        if self.relation:
            return
        self.made.agents.append(self.words.quote(made.start, made.end))
        self.mark(made, "agent")

    def _told(self, made: Chunk) -> None:
        self.made.told.append(self.words.quote(made.start, made.end))
        self.mark(made, "told")

    def _quantity(self, made: Chunk) -> None:
        self.quantity = int(made.data.middle)
        self.mark(made, f"quantity:{self.quantity}")

    def _count(self, made: Chunk) -> None:
        thing = self._find((self.object or self.subject or (self.made.salient or [""])[-1]).split("[")[0])
        if thing is None:
            return
        thing.count = amount_of(made.data, self.words.quote(made.start, made.end))
        self.mark(made, f"count:{made.data.middle:g}")

    def _sides(self, made: Chunk) -> None:
        thing = self._find((self.object or self.subject or (self.made.salient or [""])[-1]).split("[")[0])
        if thing is None:
            return
        quote = self.words.quote(made.start, made.end)
        thing.sizes = thing.sizes | {key: amount_of(value, quote) for key, value in made.data.items()}
        self.mark(made, "sides")

    def _duration(self, made: Chunk) -> None:
        quote = self.words.quote(made.start, made.end)
        self.intent.settings.append(Setting(what="duration", value=made.data.middle, evidence=quote))
        self.mark(made, "setting:duration")

    def _delay(self, made: Chunk) -> None:
        self.delay = amount_of(made.data, self.words.quote(made.start, made.end))
        self.mark(made, f"delay:{made.data.middle:g} s")

    def _arranged(self, made: Chunk) -> None:
        """`Side by side`, `on top of each other`."""
        names = [(self.object or self.subject).split("[")[0], *self.also]
        thing = self._find(names[0])
        if thing is None:
            return
        if thing.count is not None:
            thing.arrange = made.data
        elif len(names) > 1:
            rel = "on_top" if made.data == "stack" else "right_of"
            for first, second in zip(names, names[1:], strict=False):
                of, ref = (first, second) if rel == "on_top" else (second, first)
                self.intent.relations.append(Relation(rel=rel, of=of, ref=ref, evidence=self.quote()))
            self.also = []
        else:
            return
        self.mark(made, f"arrangement:{made.data}")

    def _cue(self, made: Chunk) -> None:
        names = {"stop": "", "comma": "", "and": ""}
        if made.data == "not":
            self.negate = not self.negate
        if made.data in (">=", "<=", "=="):
            self.compare = made.data
            word = self.words.low(made.start)
            self.strict = word in ("more", "fewer", "less", "over", "under") and made.end - made.start < 3
        if made.data == "over":
            self.compare = ">="
        if made.data in ("if", "when") and self.clause.kind in ("reward", "penalty"):  # `penalize it if it falls`
            self.subject = self.object = ""
        if made.data == "or":
            self.either = True
        if made.data == "first":
            self.made.ordered = True
        if made.data == "before":
            return
        self.mark(made, names.get(made.data, f"cue:{made.data}"))

    def _setting(self, made: Chunk) -> None:
        """Light, views, frame rate and resolution."""
        quote = self.words.quote(made.start, made.end)
        self.intent.settings.append(Setting(what=made.data.what, value=made.data.value, word=made.data.word, evidence=quote))
        self.mark(made, f"setting:{made.data.what}")

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
            and (
                self.relation in ("inside", "on_top", "next_to")
                or self.happens in ("be in", "stand in", "be on")
                or (self.verb is not None and self.words.low(self.verb.start).startswith("form"))
            )
            and about is not None
            and about.count is not None
        ):
            about.arrange, self.relation = lex.STRUCTURES[made.data.noun][1], ""
            about.rows = list(made.data.rows) or about.rows
            self.happens = "" if self.happens in ("be in", "stand in", "be on") else self.happens
            self.mark(made, f"arrangement:{about.arrange}")
            return
        several = [name for name in [(self.object or self.subject).split("[")[0], *self.also] if name]
        if (
            made.data.noun in ("row", "line")
            and self.relation == "inside"
            and len(several) > 1
            and about
            and about.count is None
        ):
            for first, second in zip(several, several[1:], strict=False):
                self.intent.relations.append(Relation(rel="right_of", of=second, ref=first, evidence=self.quote()))
            self.relation, self.also = "", []
            self.mark(made, "arrangement:line")
            return
        ref = self._refer(made)
        if not ref:
            return
        self.made.told += made.data.told
        if made.data.det == "no" and self.clause.kind == "what_if":
            self.changes.append(Chunk("change", made.start, made.end, "missing"))
        elif made.data.det == "no" and self.clause.kind != "without":
            self.negate = not self.negate
        family = self._family(ref)
        self.mark(made, f"thing:{ref}")
        if self.verb is None and not self.happens and self.clause.kind == "command" and not self.subject and family != "robot":
            self.speaking = True
        self._take(ref, family)

    def _pronoun(self, made: Chunk) -> None:
        names = [
            one for one in self.made.salient if (noun := self._noun(one)) is None or noun.family not in ("ground", "robot")
        ]
        moving = [one for one in names if (noun := self._noun(one)) is None or not noun.fixed] or names
        landmarks = {one.ref for one in self.intent.relations if one.of in moving}
        moving = [one for one in moving if one not in landmarks] or moving
        if self.relation:
            moving = [one for one in moving if one.split("[")[0] != (self.object or self.subject).split("[")[0]] or moving
        chosen = (
            self.made.last_target
            if self.made.last_target
            and not (self.relation and self.made.last_target not in moving)
            and made.data not in ("all", "both", "everything")
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
        self._take(chosen, self._family(chosen))
        if made.data in ("both", "they", "them", "all") and chosen in self.made.group:
            self.also += [one for one in self.made.group if one != chosen]

    def _take(self, ref: str, family: str) -> None:
        """A thing takes its role: after a relation its object, after a verb the target, else the subject."""
        if family == "robot" and (not self.relation or self.by or self.relation == "with"):
            self.robot, self.relation = ref, ""
            return
        if self.relation == "between" and self.place:
            self._relate("between", self.place, ref)
        elif self.relation == "between" and self._pair(ref):
            self._relate("between", ref, ref)
        elif self.relation == "between":
            self.place = ref
        elif self.relation:
            self._place_at(ref)
        elif self.verb is not None and not self.object:
            self.object = ref
        elif self.happens and not self.object:
            self.object = ref
        elif not self.subject and not (self.joined and self.verb is not None):
            self.subject = ref
        elif self.joined and not self.place and not self.toward and ref.split("[")[0] not in self.also:
            self.also.append(ref)
        elif (self.verb or self.happens) and ref.split("[")[0] not in (self.subject.split("[")[0], self.object.split("[")[0]):
            self.unclear(f"in {self.quote()!r} it is not clear what {ref} does")
        self.made.salient = [one for one in self.made.salient if one != ref] + [ref]

    def _pair(self, ref: str) -> bool:
        thing = self._find(ref.split("[")[0])
        return thing is not None and thing.count is not None and thing.count.values == [2.0]

    def _place_at(self, ref: str) -> None:
        relation, self.relation = self.relation, ""
        if self.whose and relation in STATED and self.whose != ref:
            about, self.whose = self.whose.split("[")[0], ""
            self.intent.relations.append(Relation(rel=relation, of=about, ref=ref.split("[")[0], evidence=self.quote()))
            return
        if self.by and self.verb is not None and self.subject and not self.object:  # `the box is hit by a ball`
            self.subject, self.object, self.by = ref, self.subject, False
            return
        about = self.object or self.subject
        if relation == "touching" and self.verb is not None and self.words.low(self.verb.start).startswith(("lean", "prop")):
            relation = "leaning_on"
        if relation == "from" and self.robot and about and self._noun(ref) is not None:  # `picks it up from the table`
            inside = self._family(ref) == "vessel"
            self._relate("inside" if inside else "on_top", ref)
            return
        if relation in ("with", "of", "from") and self.verb is not None:
            self.place = self.place or ref
            return
        if relation == "of":
            return
        claimed = self.clause.kind in STATING or (self.happens and not lex.CONDITIONS[self.happens][1])
        if claimed and self.verb is None and not self.object and relation in STATED:
            self.stated.append((relation, ref))
            return
        if self.verb is not None and (self.verb.data not in ("arrange", "drape", "fill") or self.robot or self.carrying):
            thrown = (
                relation == "inside"
                and self._family(ref) == "vessel"
                and self.verb.data in ("throw", "hit", "roll", "nudge", "slide")
            )
            said = self.words.low(self.spot)
            if about and said in ("on", "in", "upon", "atop") and self.verb.data in HELD and not thrown and not self.robot:
                self._relate(relation, ref)  # `push a ball on a table toward the wall`: where it is
                return
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
        held = [one.ref for one in self.intent.relations if one.of == about.split("[")[0] and one.evidence == self.quote()]
        if rel in ("on_top", "inside") and held and not self.verb:  # `a cube on a box on a table`
            about = held[-1]
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

    def _laden(self, made: Chunk) -> None:
        """`A shelf with six cups on it`: what stands on it."""
        said, relation = made.data
        below = (self.made.salient or [""])[-1].split("[")[0]
        ref = self._refer(replace(made, data=said))
        if not ref or not below:
            return
        about = ref.split("[")[0]
        self.intent.relations.append(Relation(rel=relation, of=about, ref=below, evidence=self.quote()))
        self.made.salient = [about, *[one for one in self.made.salient if one != about]]
        self.mark(made, f"thing:{ref}")

    def _standing(self, made: Chunk) -> None:
        """`The table it stands on`: what was named before stands on it."""
        below = (self.made.salient or [""])[-1].split("[")[0]
        names = [one.split("[")[0] for one in self.made.salient[:-1]]
        above = next((one for one in reversed(names) if (kind := self._noun(one)) and not kind.fixed and one != below), "")
        if not above:
            return
        self.intent.relations.append(Relation(rel=made.data, of=above, ref=below, evidence=self.quote()))
        self.mark(made, f"relation:{made.data}")

    def _meet(self, made: Chunk) -> None:
        self.meets = made.data
        self.mark(made, "action:meet")

    def _verb(self, made: Chunk) -> None:
        if self.verb is not None:
            if made.data == "swing":
                self.mark(made, "manner:swing")
            if made.data in ("throw", "roll", "slide") and self.verb.data in ("topple", "hit"):  # `with a ball thrown at 4 m/s`
                self.manner = made.data
                self.mark(made, f"manner:{made.data}")
            return
        self.verb = made
        word = self.words.low(made.start)
        self.arrange = next((kind for stem, kind in ARRANGED.items() if word.startswith(stem)), "")
        self.mark(made, f"action:{made.data}")

    def _happens(self, made: Chunk) -> None:
        if self.happens:
            return
        self.happens = made.data
        self.mark(made, f"condition:{lex.CONDITIONS[made.data][0]}")

    def _relation(self, made: Chunk) -> None:
        self.whose = self._relative(made)
        self.relation = made.data
        self.by, self.spot = self.words.low(made.start) == "by", made.start
        self.mark(made, f"relation:{made.data}")

    def _relative(self, made: Chunk) -> str:
        """`A box that is on a table`: what the relation is about, where a relative clause says so."""
        at = made.start - 1
        while self.words.low(at) in (
            "is",
            "are",
            "itself",
            "themselves",
            "stands",
            "lies",
            "sits",
            "rests",
            "in",
            "turn",
            "was",
            "were",
        ):
            at -= 1
        if self.words.low(at) not in ("that", "which"):
            return ""
        last = self.made.salient[-1] if self.made.salient else ""
        return last if last.split("[")[0] != (self.object or self.subject).split("[")[0] else ""

    def _direction(self, made: Chunk) -> None:
        before = next((one for one in self.clause.chunks if one.end == made.start), None)
        if before is not None and before.kind == "thing" and before.data.item and self.words.low(made.start) == "from":
            if made.data == "right":  # `the second box from the left`: counted along x, as items are
                self.mark(made, "order")
            return
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
        if self.clause.kind in ("what_if", "without") or made.data in ("friction", "gravity"):
            self.mark(made, f"change:{made.data}")

    def _attribute(self, made: Chunk) -> None:
        thing = self._find((self.subject or self.object).split("[")[0])
        if self.relation == "on_top" and made.data in lex.MATERIALS and self.clause.kind != "what_if":
            thing, self.relation = self._floor(made), ""  # `on ice`
        if self.clause.kind == "what_if":
            self.changes.append(made)
            self.mark(made, f"change:{made.data}")
        elif thing is not None:
            named = [self._find(one.split("[")[0]) for one in self.also]
            for one in [thing, *(each for each in named if each is not None)]:
                give(one, made.data)
            self.mark(made, f"attribute:{made.data}")

    def _floor(self, made: Chunk) -> Thing:
        found = next((one for one in self.intent.things if one.noun in ("floor", "ground")), None)
        if found is None:
            found = Thing(id="floor", noun="floor", evidence=self.words.quote(made.start, made.end))
            self.intent.things.append(found)
        return found

    def _material(self, made: Chunk) -> None:
        thing = self._find((self.object or self.subject or (self.made.salient or [""])[-1]).split("[")[0])
        if self.clause.kind == "what_if":
            self.changes.append(Chunk("material", made.start, made.end, made.data))
        elif thing is None:
            return
        else:
            thing.material = "|".join(lex.MATERIALS.get(one, one) for one in made.data.split("|"))
        self.mark(made, f"material:{made.data}")

    def _size(self, made: Chunk) -> None:
        key, value = made.data
        self.relation = "" if self.relation in ("with", "of", "from", "toward", "next_to") else self.relation
        number = amount_of(value, self.words.quote(made.start, made.end))
        self.mark(made, f"{key}:{value.middle:g}")
        if key in ("speed", "force"):
            self._fits_dimension(key, number)
            self.amounts.append(number)
            return
        if key == "distance":
            self.distance = number
            return
        if self.clause.kind != "command" or (key == "height" and self.happens):
            self.amounts.append(number)
            if self.clause.kind == "what_if":
                self.changes.append(made)
            return
        if key == "angle" and self.verb is not None and self.verb.data in ("throw", "hit", "swing") and not self.relation:
            self.amounts.append(number)
            return
        if key == "height" and self.verb is not None and self.verb.data in ("drop", "lift"):
            self.amounts.append(number)
            return
        chunks = [one for one in self.clause.chunks if one.end <= made.start and one.kind not in ("glue", "light")]
        near = (self.made.salient or [""])[-1] if chunks and chunks[-1].kind == "thing" else ""
        name = (near or self.place or self.object or self.subject or (self.made.salient or [""])[-1]).split("[")[0]
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

    def _fits_dimension(self, key: str, number: Number) -> None:
        """`A force of 3 metres` is told."""
        units = {"speed": ("speed", "spin"), "force": ("force", "impulse", "torque")}[key]
        if number.dimension not in units:
            is_a = {"count": "plain number", "rate": "rate"}.get(number.dimension, number.dimension)
            example = "2 m/s" if key == "speed" else "5 N"
            message = f"{number.evidence!r}: a {key} is given in units like {example}; this is a {is_a}"
            self.made.trouble.append({"code": "dimension", "message": message})

    def _amount(self, made: Chunk) -> None:
        if made.data.dimension == "rate":
            quote = self.words.quote(made.start, made.end)
            self.intent.settings.append(Setting(what="fps", value=made.data.middle, evidence=quote))
            self.relation = "" if self.relation in ("toward", "with") else self.relation
            self.mark(made, "setting:fps")
            return
        if made.data.dimension == "time" and self.relation == "inside":
            self.relation = ""
        self.relation = "" if self.relation in ("with", "of", "from", "toward", "next_to") else self.relation
        self.amounts.append(amount_of(made.data, self.words.quote(made.start, made.end)))
        self.mark(made, f"quantity:{made.data.middle:g} {made.data.dimension}")
