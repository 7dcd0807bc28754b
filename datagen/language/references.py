"""What nouns and pronouns refer to: a thing that is there, one of its items, or a new one."""

import re
from dataclasses import replace

from . import lexicon as lex
from .chunks import Chunk
from .clauses import Clause, Reading
from .intent import Number, Thing
from .noun_phrases import NounPhrase
from .tokens import ORDINALS, Amount


def amount_of(value: Amount, quote: str) -> Number:
    """The number of an intent."""
    return Number(values=list(value.values), dimension=value.dimension, kind=value.kind, evidence=quote)


ENDS_LAST = {"rightmost", "top", "last", "topmost", "uppermost", "highest", "upper", "right", "rear", "rearmost",
"hindmost", "back", "end",
             "final"}  # fmt: skip
"""Words that pick the item at the far end."""
DRAWERS = {
    "top": 1,
    "upper": 1,
    "first": 1,
    "middle": 2,
    "second": 2,
    "bottom": 3,
    "lower": 3,
    "third": 3,
    "last": 3,
    "lowest": 3,
}
"""Drawers of a cabinet, from above."""
DEFINITE = ("the", "each", "every", "all", "both", "this", "that", "its", "any", "no", "these", "those")


def _drawer(said: NounPhrase) -> int:
    """Which drawer of a cabinet a noun phrase names, from above; 0 where it names none."""
    known = lex.NOUNS.get(said.noun)
    return DRAWERS.get(said.item, 0) if known is not None and known.morph == "cabinet" else 0


def _how_many(said: NounPhrase) -> tuple[str, str, Amount | None]:
    """Noun, arrangement and number of what a noun phrase names; the usual number where it is a plural or a group."""
    noun, arrange, count = said.noun, said.arrange, said.count
    if noun in lex.STRUCTURES:
        noun, arrange, usual = lex.STRUCTURES[noun]
        count = count or Amount((float(usual),), "count")
    if noun in lex.SUBSTANCES:
        return noun, "", None
    if arrange and count is None:
        count = Amount((5.0,), "count")
    if count is None and said.plural and (noun not in lex.NOUNS or not lex.NOUNS[noun].fixed):
        count = Amount((3.0,), "count")
    if count is None and said.det in ("every", "each", "all", "any", "no") and noun in lex.NOUNS:
        count = Amount((3.0,), "count")
    return noun, arrange, Amount((2.0,), "count") if said.det == "both" and said.count is None else count


class References:
    """Names of things in one clause."""

    def __init__(self, made: Reading, clause: Clause):
        self.made, self.clause, self.intent, self.words = made, clause, made.intent, made.words
        self.quantity = 0

    def unclear(self, message: str) -> None:
        """Keeps a sentence about words that were read but have no use: the description is then incomplete."""
        self.made.trouble.append({"code": "no_use", "message": message})

    def _find(self, name: str) -> Thing | None:
        return next((one for one in self.intent.things if one.id == name), None)

    def _family(self, name: str) -> str:
        found = self._noun(name)
        return found.family if found else ""

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
        said = self._another(said)
        if named := self._pointed(said):
            return named
        same = [one for one in self.intent.things if self._fits(one, said)]
        ground = next(
            (one for one in self.intent.things if one.noun in lex.NOUNS and lex.NOUNS[one.noun].morph == "plane"), None
        )
        if ground is not None and said.noun in lex.NOUNS and lex.NOUNS[said.noun].morph == "plane":
            return ground.id
        if not said.noun and said.item and any(one.count is not None for one in same):  # `the first one`: one of many
            same = [one for one in same if one.count is not None]
        if (order := self._in_order(said, same)) is not None:
            return order.id
        definite = said.det in DEFINITE or bool(said.item)
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
        if chosen is None and self.clause.kind == "command" and said.det not in ("another", "other") and said.noun:
            chosen = self._adopted(said, same)
        if said.count is not None and chosen is None and said.noun:
            chosen = self._counted(said, same)
        elif said.count is not None and chosen is not None and said.arrange and chosen.id in self.made.guessed:
            self._counted(said, [chosen])
        elif said.count is not None and chosen is not None and said.count.kind == "exact":
            self.quantity = int(said.count.middle)
        if (
            chosen is None
            and same
            and said.det not in ("a", "an", "another", "other")
            and said.noun
            and said.count is None
            and (not said.plural or self.clause.kind != "command")
        ):
            chosen = same[-1]
        if chosen is not None:
            return chosen.id + self._item(said, chosen)
        return self._fresh(said, made)

    def _another(self, said: NounPhrase) -> NounPhrase:
        """`Two red balls and a blue one`: a thing of the kind that was named last."""
        fresh = said.det in ("a", "an", "another") or (
            said.det == "the" and not any(one.color == said.color for one in self.intent.things)
        )
        if said.noun or said.item or not said.color or not fresh or not self.intent.things:
            return said
        return replace(said, noun=self.intent.things[-1].noun)

    def _fresh(self, said: NounPhrase, made: Chunk) -> str:
        """A new thing; `more than two cups fall` says how many of them, not how many there are."""
        compare = getattr(self, "compare", "")
        if said.count is not None and said.count.kind == "exact" and compare and self.clause.kind != "command":
            self.quantity = int(said.count.middle)
            said = replace(said, count=Amount((max(3.0, said.count.middle),), "count"))
        thing = self._new(said, made)
        return thing.id + (self._item(said, thing) if thing.count else "")

    def _pointed(self, said: NounPhrase) -> str:
        """`Its lower end` is of what was named last; `the former`, `the other one` are one of two."""
        if said.item == "part":
            names = [one for one in self.made.salient if self._family(one) not in ("ground", "robot")]
            return self.made.last_target or (names or [""])[-1]
        return self._one_of_two(said) if not said.noun and said.item in ("former", "latter", "other") else ""

    def _in_order(self, said: NounPhrase, same: list[Thing]) -> Thing | None:
        """`The second one`, of several single things that were named."""
        place = len(same) - 1 if said.item == "last" else ORDINALS.get(said.item, -1)
        single = len(same) > 1 and all(one.count is None for one in same)
        return same[place] if single and 0 <= place < len(same) else None

    def _one_of_two(self, said: NounPhrase) -> str:
        """`The former`, `the latter`, `the other one`: of two things that were named before."""
        names = list(dict.fromkeys(one.split("[")[0] for one in self.made.salient))
        held = {one.ref for one in self.intent.relations}
        loose = [one for one in names if one not in held and self._family(one) not in ("ground", "robot", "support")]
        order = [one.id for one in self.intent.things]
        if said.item == "other":
            last = self.made.last_target.split("[")[0] or (names or [""])[-1]
            kind = self._find(last)
            if kind is not None and kind.count is not None:
                return kind.id + self._item(said, kind)
            rest = [one for one in loose if one != last]
            alike = [one for one in rest if kind is not None and (found := self._find(one)) and found.noun == kind.noun]
            return (alike or rest or [""])[-1]
        pair = sorted((loose if len(loose) > 1 else names)[-2:], key=order.index)
        return "" if len(pair) < 2 else pair[0] if said.item == "former" else pair[1]

    def _adopted(self, said: NounPhrase, same: list[Thing]) -> Thing | None:
        """`Succeed if the ball hits the pins. Roll a ball at six pins.`: what a goal has named before is the same thing."""
        loose = replace(said, color="", material="")
        claimed = [one for one in self.intent.things if one.id in self.made.claimed and self._fits(one, loose)]
        found = next((one for one in claimed if one in same or not (one.color or one.material)), None)
        if found is None or said.item:
            return None
        self.made.claimed.discard(found.id)
        quote = found.evidence
        found.color, found.material = said.color or found.color, said.material or found.material
        found.sizes |= {key: amount_of(value, quote) for key, value in said.sizes.items()}
        found.factors, found.states = found.factors | said.factors, found.states | said.states
        if said.count is not None and said.count.values != (1.0,):
            if found.id in self.made.guessed:
                self._counted(said, [found])
            found.count = amount_of(said.count, quote)
        found.arrange = found.arrange or said.arrange
        return found

    def _counted(self, said: NounPhrase, same: list[Thing]) -> Thing | None:
        """`Push all of the boxes. There are four boxes.`: the number of things whose number was guessed."""
        found = next((one for one in same if one.id in self.made.guessed), None)
        if found is not None and said.count is not None:
            found.count = amount_of(said.count, found.evidence)
            self.made.guessed.discard(found.id)
            found.arrange = found.arrange or said.arrange
            self.made.trouble = [
                one for one in self.made.trouble if found.evidence not in one["message"] or "how many" not in one["message"]
            ]
            item = self.made.picked.pop(found.id, "")
            for act in self.intent.actions if item else []:
                if act.target == found.id:
                    act.target = found.id + self._item(NounPhrase(item=item), found)
        return found

    def _fits(self, one: Thing, said: NounPhrase) -> bool:
        noun = lex.STRUCTURES[said.noun][0] if said.noun in lex.STRUCTURES else said.noun
        known = lex.NOUNS.get(one.noun)
        if (
            noun
            and one.noun != noun
            and not (known is not None and known.family == noun)
            and one.noun.split()[-1] != noun
            and noun != "object"
            and not (
                said.det == "the"
                and noun in lex.NOUNS
                and known is not None
                and lex.NOUNS[noun].morph == known.morph == "cabinet"
            )
        ):
            return False
        if said.noun == "object" and known is not None and known.fixed:
            return False
        if said.det in ("the", "this", "that") and any(one.factors.get(key) != value for key, value in said.factors.items()):
            return False
        return (not said.color or one.color == said.color) and (not said.material or one.material == said.material)

    def _item(self, said: NounPhrase, thing: Thing) -> str:
        many = thing.count is not None
        if many and thing.arrange == "stack" and said.noun in lex.STRUCTURES and said.det == "the" and not said.item:
            return ""
        if not many or not said.item:
            return "[*]" if many and said.det in ("each", "every", "all", "both") else ""
        return f"[{self._index(said.item, thing)}]"

    def _index(self, item: str, thing: Thing) -> str:
        """Which one of many a word picks, counted along x, or from below to above in a stack."""
        there = int(thing.count.middle) if thing.count else 1
        word, _, back = item.partition(" ")
        if back:  # `second last`
            return "last" if word == "first" else str(max(there - 1 - ORDINALS.get(word, 0), 0))
        if word == "penultimate":
            return str(max(there - 2, 0))
        if word in ("other", "latter", "former"):
            items = [one[len(thing.id) + 1 : -1] for one in self.made.salient if one.startswith(f"{thing.id}[")]
            last = [int(one) for one in items if one.isdigit()] or [0]
            return {"former": "0", "latter": "last"}.get(word) or ("1" if last[-1] == 0 else "0")
        if (
            word in ("farthest", "furthest")
            or word in ENDS_LAST
            or (word in ("bottom", "lowest", "bottommost", "lower") and thing.arrange != "stack")
        ):
            return "last"
        if word in ("others", "rest"):
            return "*"
        if word in ("middle", "centre", "center", "central"):
            return str(there // 2)
        return str(ORDINALS.get(word, 0))

    def _new(self, said: NounPhrase, made: Chunk) -> Thing:
        quote = self.words.quote(made.start, made.end)
        usually = bool(said.arrange) and said.count is None
        noun, arrange, count = _how_many(said)
        drawer = _drawer(said)
        if drawer:
            said = replace(said, states=said.states | {"drawer": float(drawer)})  # the words may be read again
        elif said.item in ("left", "right") and noun in lex.NOUNS and lex.NOUNS[noun].family == "furniture":
            self.made.told.append(said.item)
        elif said.item and not said.arrange and count is None:
            self.unclear(f"{quote!r}: of how many this is one was not said")
        count = None if count is not None and count.kind == "exact" and count.values[0] == 1.0 else count
        base = (f"{said.color}_" if said.color and any(one.noun == noun for one in self.intent.things) else "") + re.sub(
            r"\W+", "_", noun
        )
        name, number = base, 2
        while any(one.id == name for one in self.intent.things):
            name, number = f"{base}_{number}", number + 1
        sizes = {key: amount_of(value, quote) for key, value in said.sizes.items()}
        if said.volume:
            sizes["volume"] = amount_of(said.volume, quote)
        thing = Thing(id=name, noun=noun, count=amount_of(count, quote) if count else None, color=said.color,
        material=said.material,
                      sizes=sizes if not said.stuff else {k: v for k, v in sizes.items() if k != "volume"},
                      factors=said.factors, states=said.states, arrange=arrange, shape=said.shape, rows=list(said.rows),
                      evidence=quote)  # fmt: skip
        self.intent.things.append(thing)
        if self.clause.kind != "command" and said.det != "both":
            self.made.claimed.add(name)
        if usually:
            self.made.guessed.add(name)
        if said.item and count is None and not drawer:
            self.made.guessed.add(name)
            self.made.picked[name] = said.item
        if (
            said.count is None
            and said.noun in lex.NOUNS
            and said.det in ("the", "every", "each", "all", "any", "no", "these", "those")
        ):
            self.made.guessed.add(name)
        if said.stuff:
            content = Thing(
                id=said.stuff.replace(" ", "_"),
                noun=said.stuff,
                states={"share": said.share} if said.share else {},
                into=name,
                evidence=quote,
                sizes={"volume": sizes["volume"]} if said.volume else {},
            )
            self.intent.things.append(content)
        return thing
