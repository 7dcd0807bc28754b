"""What things, pronouns, verbs and relations of a clause have to do with each other: who does it, to what, and where.

A thing takes its role by what stands before it: after a relation it is its object, after a verb what is acted on, else the
subject.
"""

from dataclasses import replace

from . import lexicon as lex
from .chunks import Chunk
from .intent import Relation
from .roles import STATED, STATING, Roles

HELD = ("push", "hit", "nudge", "topple", "roll", "slide", "pull", "spin", "throw", "lift")
"""What is done to a thing where it is."""
ARRANGED = {"stack": "stack", "line": "line", "scatter": "scatter"}


class Places(Roles):
    """Things and places of one clause."""

    def _thing(self, made: Chunk) -> None:
        twin = next((one for one in self.clause.chunks if one.kind == "thing" and one.end == made.start), None)
        if twin is not None and twin.start < twin.end and twin.data.noun == made.data.noun and made.end > made.start:
            return  # `ball ball`
        about = self._find((self.object or self.subject).split("[")[0])
        last = self._find((self.made.salient or [""])[-1])
        near = [one for one in self.clause.chunks if one.end <= made.start and one.kind == "thing"]
        if last is not None and last.count is not None and near and near[-1].data.count is not None:
            about = last  # `a ball rolls into six bottles arranged in a triangle`
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
        several = [
            one for one in moving if (kind := self._find(one.split("[")[0])) and kind.count is not None and "[" not in one
        ]
        if made.data in ("they", "them", "both", "all") and several and chosen not in self.made.group:
            chosen = several[-1] if chosen not in several else chosen
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
            self.made.salient = [one for one in self.made.salient if one != ref] + [ref]
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
        if relation == "inside" and (kind := self._noun(ref)) is not None and kind.family == "support":
            relation = "on_top"  # `into the green zone`
        about = self.object or self.subject
        if relation == "touching" and self.verb is not None and self.words.low(self.verb.start).startswith(("lean", "prop")):
            relation = "leaning_on"
        if relation == "from" and self.robot and about and self._noun(ref) is not None:  # `picks it up from the table`
            inside = self._family(ref) == "vessel"
            self._relate("inside" if inside else "on_top", ref)
            return
        poured = relation == "from" and self.verb is not None and self.verb.data == "pour" and self._family(ref) == "cylinder"
        if poured and about:  # `from a bottle`
            self.intent.relations.append(
                Relation(rel="inside", of=about.split("[")[0], ref=ref.split("[")[0], evidence=self.quote())
            )
            return
        if relation in ("with", "of", "from") and self.verb is not None:
            self.place = self.place or ref
            return
        if relation == "of":
            if self.clause.kind == "what_if":  # `what if we doubled the mass of the truck`
                self.subject = self.subject or ref
            return
        claimed = self.clause.kind in STATING or (self.happens and not lex.CONDITIONS[self.happens][1])
        if claimed and self.verb is None and not self.object and relation in STATED:
            self.stated.append((relation, ref))
            return
        flown = self.verb is not None and self.verb.data in ("swing", "hang") and self._family(about.split("[")[0]) == "sheet"
        if flown and relation in ("on_top", "from", "next_to", "inside", "touching"):
            self._relate("on_top", ref)
            return
        if self.verb is not None and (self.verb.data not in ("arrange", "drape", "fill") or self.robot or self.carrying):
            self._end_at(relation, ref, about)
            return
        if relation == "toward" and self.happens:
            self.object = self.object or ref
            return
        if not about and any(one.dimension in ("force", "impulse") for one in self.amounts):
            self.object = ref  # `impulse: 0.3 N s on the second`
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

    def _end_at(self, relation: str, ref: str, about: str) -> None:
        """Where what is acted on goes, or where it is meanwhile."""
        assert self.verb is not None
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

    def _relate(self, rel: str, ref: str, other: str = "") -> None:
        about = self.object or self.subject
        if not about:
            self.made.trouble.append(
                {"code": "no_subject", "message": f"nothing is named that would be {rel.replace('_', ' ')} {ref}"}
            )
            return
        under, above = self._noun(about), self._noun(ref)
        if rel == "below" and under is not None and under.family == "support" and above is not None and not above.fixed:
            one = Relation(rel="on_top", of=ref.split("[")[0], ref=about.split("[")[0], evidence=self.quote())
            self.intent.relations.append(one)  # `the table under it`
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
