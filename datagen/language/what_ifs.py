"""Clauses that change one thing of the scene: `what if the box were twice as heavy`."""

from . import lexicon as lex
from .conditions import Conditions
from .intent import Number, WhatIf
from .shaping import written


class WhatIfs(Conditions):
    """Counterfactuals of one clause."""

    def _other_way(self, amount: Number | None) -> None:
        """`Dropped from two metres`, `pushed to the left instead`, `pushed for twice as long`."""
        about = (self.subject or self.object or self.made.last_target).split("[*]")[0]
        add, quote = self.intent.what_if.append, self.quote()
        if self.verb is None:
            return
        if self.verb.data == "drop" and amount is not None and amount.dimension == "length":
            add(WhatIf(of=about, change="set", what="height", value=amount.middle, evidence=quote))
            self.amounts.remove(amount)
            self.relation = ""
        if self.direction and not self.negate:
            add(WhatIf(of=about, change="set", what="direction", value=self.direction, evidence=quote))
            self.direction = ""
        lasting = next((one for one in self.amounts if one.dimension == "time"), None)
        if lasting is not None:
            add(WhatIf(of=about, change="set", what="duration", value=lasting.middle, evidence=quote))
            self.amounts.remove(lasting)

    def _missing(self, names: list[str], quote: str) -> None:
        self.intent.what_if += [WhatIf(of=name, change="remove", evidence=quote) for name in dict.fromkeys(names)]

    def _acts_on(self, about: str) -> bool:
        """Whether something is done: `what if it were half as fast` is about what was acted on last."""
        return self.verb is not None or bool(
            self.factor and not self.changes and about == self.made.last_target.split("[*]")[0]
        )

    def _one_number(self) -> None:
        for number in [one for one in self.amounts if one.kind != "exact"]:
            self.unclear(f"{number.evidence!r}: what if takes one number, no distribution")

    def _finish_what_if(self) -> None:
        about = (self.subject or self.object or self.made.last_target).split("[*]")[0]
        add = self.intent.what_if.append
        amount = next(iter(self.amounts), None)
        quote, start = self.quote(), len(self.intent.what_if)
        if self.clause.cue == "lacking" and about and not self.changes:  # `without the third domino`
            add(WhatIf(of=about, change="remove", evidence=quote))
        for made in self.changes:
            if made.kind == "change" and made.data == "missing":
                self._missing([about, *self.also], quote)
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
                add(WhatIf(of=about, change="skip", evidence=quote))
            elif made.kind == "material" or (made.kind == "attribute" and made.data in lex.MATERIALS):
                add(
                    WhatIf(
                        of=about,
                        change="material",
                        value=made.data if made.kind == "material" else lex.MATERIALS[made.data],
                        evidence=quote,
                    )
                )
            elif made.kind == "attribute" and (made.data[0] if isinstance(made.data, tuple) else made.data) in lex.STATES:
                word, degree = made.data if isinstance(made.data, tuple) else (made.data, 1.0)
                key, value = lex.STATES[word][0], lex.STATES[word][1] ** degree
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
            elif made.kind == "attribute" and made.data in lex.SIZES:
                add(WhatIf(of=about, change="scale", what="size", value=self.factor or lex.SIZES[made.data], evidence=quote))
            elif made.kind == "attribute" and made.data in lex.COLORS:
                add(WhatIf(of=about, change="set", what="color", value=lex.COLORS[made.data], evidence=quote))
        self._other_way(amount)
        if len(self.intent.what_if) == start:
            if self._acts_on(about) and (self.factor or self.strength != 1.0 or self.amounts or self.negate):
                change, value = ("skip", 0.0) if self.negate else ("scale", self.factor or self.strength)
                if amount is not None and not self.factor:
                    change, value = "set", written(amount.middle, amount.dimension)
                add(WhatIf(of=about, change=change, what="strength", value=value, evidence=quote))  # type: ignore[arg-type]
            elif not any(made.kind == "gravity" for made in self.clause.chunks) and len(self.clause.chunks) > 1:
                self._unused()
