"""Clauses that say what has to be true: goals, failures, rewards, triggers, and what must not happen."""

from . import lexicon as lex
from .chunks import Chunk
from .intent import Condition, Number, Reward, Setting
from .places import Places
from .roles import STATED

NEVER = ("touching", "hit", "toppled", "fell_off", "spilled_more_than")
"""What must not happen at any time where it must not happen."""


class Conditions(Places):
    """Conditions of one clause."""

    def _conditions(self) -> list[Condition]:
        """What the clause claims: what happens, and where things then are."""
        stated, self.stated = self.stated, []
        near = next((one for one in self.amounts if one.dimension == "length"), None) if stated else None
        if near is not None:
            self.amounts.remove(near)
        negate = self.negate
        made = self._made_condition()
        out = [made] if made is not None else []
        about = made.of if made is not None else self._about()
        for relation, ref in stated:
            pred, hold = STATED[relation], next((one.middle for one in self.amounts if one.dimension == "time"), 0.0)
            no = (negate and made is None) != (pred == "far")
            if about and about != ref:
                fresh = Condition(pred="near" if pred == "far" else pred, of=about, ref=ref, negate=no, evidence=self.quote())
                fresh.amount, fresh.quantity, fresh.compare = near, self.quantity, self.compare
                fresh.hold = hold if made is None else 0.0
                out.append(fresh)
        if stated and made is None:
            self.amounts = [one for one in self.amounts if one.dimension != "time"]
        return out + [one.model_copy(update={"of": name}) for one in list(out) for name in self.also if one.of == about]

    def _about(self) -> str:
        return self.subject or self.object or self.made.last_target or (self.made.salient[0] if self.made.salient else "")

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
            low = self.compare == "<=" and bool(self.amounts)  # `10 ml may be lost at most`
            negated = negated != low
        ref = ref or (self._floor(self.clause.chunks[-1]).id if word == "land" else "")  # `when it lands`
        if two and not ref:
            if all(one.id == about.split("[")[0] for one in self.intent.things):
                return None
            ref = about if about and not self.subject and self.object else ref
        if self.clause.kind == "without" and two and self.object and not self.subject:
            about = self.made.last_target or about
        amount = next((one for one in self.amounts if one.dimension not in ("time", "points", "count")), None)
        hold = next((one.middle for one in self.amounts if one.dimension == "time"), 0.0)
        if not about or (two and not ref):
            self.made.trouble.append({"code": "no_subject", "message": f"{self.quote()!r}: it is not clear what this is about"})
            return None
        for number in self.amounts:
            if (
                number is not amount
                and not (number.dimension == "time" and number.middle == hold)
                and number.dimension != "count"
            ):
                self.unclear(f"{number.evidence!r}: it is not clear what this quantity is of in {self.quote()!r}")
        self.amounts = []
        count = next((one for one in self.clause.chunks if one.kind == "amount" and one.data.dimension == "count"), None)
        if not self.quantity and count is not None and self.clause.kind not in ("reward", "penalty"):  # `more than two fall`
            self.quantity = int(count.data.middle)
        if self.strict and self.quantity:
            self.quantity += 1 if self.compare == ">=" else -1
        many = self.quantity or next(
            (1 for made in self.clause.chunks if made.kind == "thing" and made.data.det in ("any",)), 0
        )
        return Condition(pred=pred, of=about, ref=ref if two else "", negate=self.negate != negated, amount=amount, hold=hold,
                         compare=self.compare, quantity=many,
                         always=word.startswith(("stay", "remain", "keep")) and self.clause.kind in ("success", "keep"),
                         evidence=self.quote())  # fmt: skip

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
            if self.verb is not None and (self.object or self.subject):  # `after 1 second push the ball`
                self._finish_verb()
                return
            self._time_of_action(self.amounts[0].middle)
            return
        if kind == "when" and self.clause.cue == "after" and self.amounts and not self.happens:
            return
        if kind == "when" and self.verb is None and self.happens in lex.VERBS and self._acts():
            start = self.clause.chunks[0].start
            self.verb, self.happens = Chunk("verb", start, start, lex.VERBS[self.happens]), ""
        if kind == "when" and self.verb is not None and not self.happens and self._acts():
            self._finish_verb()  # `when the table is pushed with 30 N`: what is done
            return
        found = self._conditions()
        if not found:
            self._unused()
            return
        if kind == "success" and all(one.negate and one.pred in NEVER and not one.quantity for one in found):
            kind = "without"  # `so that it does not touch the wall`
        made = found[0]
        if kind == "without":
            for one in found:
                one.negate = False
            self.intent.failure += found
        elif len(found) > 1 and kind in ("failure", "success", "keep"):
            (self.intent.failure if kind == "failure" else self.intent.success).extend(found)
        elif kind == "failure":
            self.intent.failure.append(made)
        elif kind == "until":
            if self.intent.actions:
                self.intent.actions[-1].until = made
                if not self.intent.success:
                    self.intent.success.append(made)
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

    def _acts(self) -> bool:
        """Whether a trigger says how hard something is pushed, so that it is an action of its own."""
        forced = any(one.dimension in ("force", "impulse") for one in self.amounts)
        return forced and bool(self.object or self.subject)

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
        found = self._conditions()
        if not found:
            self._unused()
        worth = -abs(weight) if kind == "penalty" else weight
        self.intent.rewards += [Reward(condition=one, weight=worth, evidence=self.quote()) for one in found]
