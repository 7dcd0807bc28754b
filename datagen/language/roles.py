"""Chunks -> the roles that they have in a clause: what is acted on, where, how hard; and what nouns and pronouns refer to.

Every chunk that a clause has a use for is marked with its meaning; a chunk that none has a use for stays without a mark and is
reported as not understood, so nothing is dropped in silence.
"""

from typing import Literal

from . import lexicon as lex
from .attributes import give
from .chunks import Chunk
from .clauses import Clause, Reading
from .intent import Action, Condition, Number, Relation, Setting, Thing, WhatIf
from .references import References, amount_of

STATING = ("success", "failure", "until", "when", "keep", "without", "reward", "penalty")
"""Kinds of clauses that say what is the case; a relation in them is a condition, not a place."""
STATED = {
    "on_top": "on_top", "inside": "inside", "left_of": "left_of", "right_of": "right_of", "in_front_of": "in_front_of",
    "behind": "behind", "above": "above", "below": "below", "next_to": "near", "near": "near", "touching": "touching",
    "leaning_on": "touching", "off": "fell_off", "far_from": "far", "on_edge": "on_top",
}  # fmt: skip
"""Relations as predicates."""


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
            and next((one.kind for one in self.clause.chunks if one.kind not in ("cue", "glue", "strength", "light")), "")
            == "verb"
        ):
            self.subject = self.made.speaker
        self._foretell()
        for made in self.clause.chunks:
            getattr(self, f"_{made.kind}", self._leave)(made)
            if made.kind not in ("glue", "light"):
                self.joined = made.kind == "cue" and made.data in ("and", "comma")

    def _foretell(self) -> None:
        """`Stack them using the robot arm`: who does it, said last; `robot: push the box`: said before the colon."""
        chunks = [one for one in self.clause.chunks if one.kind not in ("glue", "light")]
        for before, made in zip(chunks, chunks[1:], strict=False):
            arm = made.kind == "thing" and (kind := lex.NOUNS.get(made.data.noun)) is not None and kind.family == "robot"
            known = next((one for one in self.intent.things if arm and one.noun == made.data.noun), None)
            if arm and before.kind == "relation" and self.words.low(before.start) in ("with", "by", "using"):
                self.robot = known.id if known else made.data.noun.replace(" ", "_")
        if self.clause.cue == "stop":
            self.made.using = ""
        elif self.made.using and self.clause.kind == "command" and not self.robot:
            self.robot = self.made.using  # `using the robot arm, open the drawer`
        opened = self.clause.cue == "stop" and self.words.low(self.clause.chunks[0].start) == ":"
        last = self.made.salient[-1] if self.made.salient else ""
        if opened and last and self._family(last) == "robot" and not self.intent.actions:
            self.robot = last

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

    def _size_of(self, made: Chunk) -> None:
        """`The mass of the cylinder is 2 kg`."""
        key, value, said = made.data
        ref = self._refer(Chunk("thing", made.start, made.end, said))
        thing = self._find(ref.split("[")[0])
        if thing is None:
            return
        number = amount_of(value, self.words.quote(made.start, made.end))
        if key == "spacing":
            thing.spacing = number
        else:
            thing.sizes[key] = number
        self.made.salient = [one for one in self.made.salient if one != ref] + [ref]
        self.subject = self.subject or ref
        self.mark(made, f"{key}:{value.middle:g}")

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
        forced = self.verb is not None and self.verb.data in ("push", "hit", "pull", "nudge", "topple")
        if (
            forced
            and made.data.dimension in ("length", "angle", "volume")
            and self.words.low(made.start - 1) in ("with", "using")
        ):
            quote = self.words.quote(made.start, made.end)
            message = f"{quote!r}: what pushes is given in units like 5 N; this is a {made.data.dimension}"
            self.made.trouble.append({"code": "dimension", "message": message})
        self.amounts.append(amount_of(made.data, self.words.quote(made.start, made.end)))
        self.mark(made, f"quantity:{made.data.middle:g} {made.data.dimension}")
