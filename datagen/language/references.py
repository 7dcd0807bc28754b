"""What nouns and pronouns refer to: a thing that is there, one of its items, or a new one."""

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


DEFINITE = ("the", "each", "every", "all", "both", "this", "that", "its", "any", "no", "these", "those")


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
        if not said.noun and not said.item and said.color and said.det in ("a", "an", "another") and self.intent.things:
            said = replace(said, noun=self.intent.things[-1].noun)  # `two red balls and a blue one`
        same = [one for one in self.intent.things if self._fits(one, said)]
        ground = next(
            (one for one in self.intent.things if one.noun in lex.NOUNS and lex.NOUNS[one.noun].morph == "plane"), None
        )
        if ground is not None and said.noun in lex.NOUNS and lex.NOUNS[said.noun].morph == "plane":
            return ground.id
        if not said.noun and said.item and any(one.count is not None for one in same):  # `the first one`: one of many
            same = [one for one in same if one.count is not None]
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
        if said.count is not None and chosen is None and said.noun:
            chosen = self._counted(said, same)
        elif said.count is not None and chosen is not None and said.count.kind == "exact":
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
        top = thing.arrange == "stack"
        if said.item in ("top", "last") or (said.item == "bottom" and not top):
            return "[last]"
        if said.item in ("others", "rest"):
            return "[*]"
        if said.item in ("bottom", "first"):
            return "[0]"
        if said.item in ("middle", "centre", "center"):
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
        if count is None and said.det in ("every", "each", "all", "any", "no") and noun in lex.NOUNS:
            count = Amount((3.0,), "count")
        if said.det == "both" and said.count is None:
            count = Amount((2.0,), "count")
        if said.item and not said.arrange and count is None:
            self.unclear(f"{quote!r}: of how many this is one was not said")
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
        thing = Thing(id=name, noun=noun, count=amount_of(count, quote) if count else None, color=said.color,
        material=said.material,
                      sizes=sizes if not said.stuff else {k: v for k, v in sizes.items() if k != "volume"},
                      factors=said.factors, states=said.states, arrange=arrange, evidence=quote)  # fmt: skip
        self.intent.things.append(thing)
        if said.item and count is None:
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
