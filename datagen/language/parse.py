"""Clauses -> `Intent`: what a clause as a whole says: a description, a command, a condition, a reward or a what-if."""

from . import lexicon as lex
from .chunks import Chunk, chunk
from .clauses import Reading, split
from .frames import frame
from .intent import Action, Condition, Number, Relation, Setting
from .tokens import Words
from .what_ifs import WhatIfs


def chunks_of(words: Words) -> list[Chunk]:
    """The chunks of a prompt, with every turn of phrase in its plain form."""
    return frame(words, chunk(words))


def read(words: Words, chunks: list[Chunk] | None = None) -> Reading:
    """The reading of a prompt, or of chunks that were made of it."""
    return read_all(Reading(words), chunks_of(words) if chunks is None else chunks)


def read_all(made: Reading, chunks: list[Chunk]) -> Reading:
    """Reads all chunks; what-ifs last, for they may name what comes later."""
    for clause in sorted(split(chunks), key=lambda one: one.kind == "what_if"):
        ClauseReader(made, clause).read()
    return made


def read_on(made: Reading, sentence: list[Chunk], later: bool = False) -> Reading:
    """Reads one more sentence; later: without its what-ifs."""
    for clause in sorted(split(sentence), key=lambda one: one.kind == "what_if"):
        if clause.kind != "what_if" or not later:
            ClauseReader(made, clause).read()
    return made


PUSHES = ("topple", "push", "hit", "roll", "slide", "throw", "nudge", "pull")
"""What sets a thing in motion."""


class ClauseReader(WhatIfs):
    """Reads one clause into the intent."""

    def read(self) -> None:
        """Every chunk in its order, then what the clause as a whole says."""
        before, sizes = self._said(), self._sizes()
        self.walk()
        self._finish()
        if self.also and (self.subject or self.object):
            self.made.group = [self.object or self.subject, *self.also]
        self._each(sizes)
        self._arrange()
        self._away()
        self._leftovers(self._said() - before)

    def _sizes(self) -> tuple[int, int]:
        return len(self.intent.relations), len(self.intent.actions)

    def _each(self, sizes: tuple[int, int]) -> None:
        """`Push the ball and the cube`: what is said of the first holds for the others too."""
        first = (self.object or self.subject).split("[")[0]
        made = self.intent
        for name in self.also:
            if name == first:
                continue
            for one in made.relations[sizes[0] :]:
                if one.of == first and one.ref != name:
                    made.relations.append(one.model_copy(update={"of": name.split("[")[0]}))
            before = [act for act in made.actions[: sizes[1]] if act.do == "drop"]
            renewed = next((act for act in before if act.evidence == self.quote()), None)
            for act in [act for act in before if renewed is not None and act.target == name]:
                act.amounts, act.evidence = list(renewed.amounts) if renewed else [], self.quote()
            for act in made.actions[sizes[1] :]:
                if act.target.split("[")[0] == first:
                    made.actions.append(act.model_copy(update={"target": name, "id": f"{act.do}_{len(made.actions) + 1}"}))

    def _said(self) -> int:
        """How many items the intent has."""
        made = self.intent
        lists = (made.things, made.relations, made.actions, made.success, made.failure, made.rewards, made.what_if)
        return sum(len(one) for one in lists) + len(made.settings)

    def _arrange(self) -> None:
        """`Stack five boxes`, `line up the dominoes`: the verb says how the things stand."""
        thing = self._find((self.object or self.subject).split("[")[0])
        if self.arrange and not self.robot and thing is not None and thing.count is not None and not thing.arrange:
            thing.arrange = self.arrange

    def _away(self) -> None:
        """`toward a cup 40 cm away`: the target stands this far from what moves."""
        if self.distance is None:
            return
        about, goal = (self.object or self.subject).split("[")[0], self.toward.split(" ")[-1].split("[")[0]
        if not about or not goal or about == goal or any(one.of == goal for one in self.intent.relations):
            self.unclear(f"{self.distance.evidence!r}: it is not clear what is this far from what")
            return
        self.intent.relations.append(Relation(rel="right_of", of=goal, ref=about, amount=self.distance, evidence=self.quote()))

    def _leftovers(self, items: int) -> None:
        """Words that were read and led to nothing are told."""
        acted = bool(self.intent.actions) and self.intent.actions[-1].evidence == self.quote()
        if self.relation and self.relation != "of":
            self.unclear(f"{self.quote()!r}: it is not clear what {self.relation.replace('_', ' ')!r} is about")
        if self.delay is not None:
            self.unclear(f"{self.delay.evidence!r} later: it is not clear what happens then")
        if self.direction and not acted and self.clause.kind != "what_if":
            self.unclear(f"{self.quote()!r}: the direction {self.direction!r} is of no action")
        if (self.strength != 1.0 or self.factor) and not acted and not items:
            self.unclear(f"{self.quote()!r}: it is not clear what changes by this factor")
        if acted and self.happens:
            self.unclear(f"{self.quote()!r}: it is not clear what {self.happens!r} is about")

    def _constants(self) -> None:
        """`Gravity is 5 m/s^2`, `there is no friction`: settings of the world."""
        for made in self.changes:
            number = next((one for one in self.amounts if one.dimension == "acceleration"), None)
            if made.data == "gravity" and (number or self.factor or self._none(made)):
                self._two_gravities(number)
                self.intent.settings = [one for one in self.intent.settings if one.what != "gravity"]
                value = number.middle if number else 9.81 * self.factor
                self.intent.settings.append(Setting(what="gravity", value=value, evidence=self.quote()))
                self.amounts = [one for one in self.amounts if one is not number]
                self.factor, self.relation = 0.0, "" if self.relation in ("with", "of", "on_top") else self.relation
            elif made.data == "friction" and self._none(made):
                self.intent.settings.append(Setting(what="friction", value=0.0, evidence=self.quote()))
                self.relation = "" if self.relation == "with" else self.relation
            elif made.data in ("friction", "gravity"):
                self.unclear(f"{self.quote()!r}: it is not clear what the {made.data} is")

    def _two_gravities(self, number: Number | None) -> None:
        for one in [one for one in self.intent.settings if one.what == "gravity" and number]:
            if number and abs(one.value - number.middle) > 0.05 * number.middle:
                message = f"{one.evidence!r} and {self.quote()!r} cannot both be: they are different gravities"
                self.made.trouble.append({"code": "two_sizes", "message": message})

    def _none(self, made: Chunk) -> bool:
        return self.words.low(made.start) in ("no", "zero") or self.words.low(made.start - 1) in ("no", "zero", "without")

    def _finish(self) -> None:
        kind = self.clause.kind
        if kind == "command" and self.robot and self.verb is None and not self.happens:
            self.made.using = self.robot
        if kind == "command":
            self._constants()
        if kind == "pause":
            self._pause()
            return
        if self.meets and kind == "command":
            self._meeting()
            return
        if kind == "success" and self._to_do():
            self._finish_task()
        elif kind in ("success", "failure", "until", "when", "keep", "without"):
            self._finish_condition(kind)
        elif kind in ("reward", "penalty"):
            self._finish_reward(kind)
        elif kind == "what_if":
            self._finish_what_if()
        elif self.verb is not None:
            self._finish_verb()
        elif self._again():
            return
        elif self.happens == "be stacked" and (thing := self._find((self.subject or self.object).split("[")[0])):
            thing.arrange = "stack"
            about, self.subject, self.object = self.stated, thing.id, ""
            self.stated = []
            for relation, ref in about:
                self._relate(relation, ref)
            self._finish_description()
        elif self.happens and self._described():
            self._relate_all()
        elif self.happens and (self.stated or self.also):
            self.intent.success += self._conditions()
        elif self.happens:
            made = self._made_condition()
            if (
                made is not None
                and self.happens.startswith(("be ", "rest ", "stand ", "sit ", "lie "))
                and made.ref
                and made.pred in (*lex.RELATIONS.values(), "near")
            ):
                self.amounts = [made.amount] if made.amount else []
                self.object, self.subject = "", made.of
                self._relate("next_to" if made.pred == "near" else made.pred, made.ref)
            elif made is not None and self.negate:  # `but it must not fall over`
                made.negate = not made.negate
                self.intent.failure.append(made)
            elif made is not None:
                self.intent.success.append(made)
        else:
            self._finish_description()

    def _described(self) -> bool:
        """Whether `a bottle and a glass are on a table` says where they are."""
        pred, two, negated = lex.CONDITIONS[self.happens]
        places = pred in (*lex.RELATIONS.values(), "near") and two and not negated and not self.negate
        return (
            places
            and self.happens.startswith(("be ", "rest ", "stand ", "sit ", "lie "))
            and bool(self.object and self.subject)
        )

    def _relate_all(self) -> None:
        """Every subject stands there."""
        pred, ref = lex.CONDITIONS[self.happens][0], self.object
        names, self.object, self.also = [self.subject, *self.also], "", []
        amounts = list(self.amounts)
        for name in names:
            self.subject, self.amounts = name, list(amounts)
            self._relate("next_to" if pred == "near" else pred, ref)
        for relation, other in self.stated:
            self._relate(relation, other)
        self.stated, self.subject = [], names[0]

    def _pause(self) -> None:
        """`Wait for two seconds`: before what is done next."""
        waited = next((one for one in self.amounts if one.dimension == "time"), None)
        if waited is None:
            self.unclear(f"{self.quote()!r}: it is not clear how long")
        elif self.intent.actions:
            self.made.waiting = waited
        else:
            self.made.pending = Condition(pred="time", of="time", amount=waited, evidence=self.quote())

    def _again(self) -> bool:
        """`Push it right, then to the left`: the same once more, another way."""
        if (
            not self.intent.actions
            or self.happens
            or not self.direction
            or self.subject
            or self.clause.cue not in ("then", "and")
        ):
            return False
        before = self.intent.actions[-1]
        self.verb = Chunk("verb", self.clause.chunks[0].start, self.clause.chunks[0].start, before.do)
        self.object = before.target
        self.intent.actions.append(self._action(before.do, before.target))
        return True

    def _to_do(self) -> bool:
        """`The task is to push the cube to the wall`: what is to be done, and where it has to end."""
        cue = self.clause.chunks[0]
        return (
            self.verb is not None
            and self.verb.data in (*PUSHES, "move")
            and self.words.low(cue.end - 1) == "to"
            and not self.robot
            and bool(self.object)
        )

    def _finish_task(self) -> None:
        target, claims = self.object, len(self.intent.success)
        done = any(one.target == target for one in self.intent.actions)
        relation, _, ref = self.toward.partition(" ")
        length = next((one for one in self.amounts if one.dimension == "length"), None)
        if done:
            self._destination("push", target)
            self.amounts = []
        else:
            self._finish_verb()
        if len(self.intent.success) > claims:
            return
        pred = {"toward": "near", "next_to": "near", "on_top": "on_top"}.get(relation, "")
        if ref and pred:
            self.intent.success.append(Condition(pred=pred, of=target, ref=ref, evidence=self.quote()))
        elif self.verb is not None:
            pred = "toppled" if self.verb.data == "topple" else "moved"
            self.intent.success.append(Condition(pred=pred, of=target, amount=length, evidence=self.quote()))

    def _finish_description(self) -> None:
        filled = (self.object or self.subject) if self.verb is not None and self.verb.data == "fill" else ""
        if filled and self._noun(filled) is not None and self._family(filled) != "vessel":
            self.unclear(f"{self.quote()!r}: a {self._find(filled.split('[')[0]).noun} is solid here and holds nothing")  # type: ignore[union-attr]
        if self.speaking and self.subject:
            self.made.speaker = self.subject
        cues = {made.data for made in self.clause.chunks if made.kind == "cue"}
        if self._moving():
            return
        for number in list(self.amounts):
            if number.dimension == "time":
                if self.clause.cue == "later" or "later" in cues or (self.clause.kind == "command" and cues & {"then"}):
                    continue
                self.intent.settings.append(Setting(what="duration", value=number.middle, evidence=number.evidence))
                self.amounts.remove(number)
        near = [one for one in self.amounts if one.dimension == "length"]
        placed = self.intent.relations[-1] if self.intent.relations else None
        if near and placed is not None and placed.amount is None and placed.evidence == self.quote():
            placed.amount = near[0]
            self.amounts.remove(near[0])
        if self.amounts:
            names = ", ".join(number.evidence for number in self.amounts)
            self.made.trouble.append({"code": "no_use", "message": f"{names}: it is not clear what this quantity is of"})

    def _meeting(self) -> None:
        """Two things move toward each other."""
        names = [self.subject or self.object, *self.also]
        if len(names) == 1 and self._pair(names[0]):
            self._find(names[0]).spacing = self._find(names[0]).spacing or Number(values=[0.8], dimension="length")  # type: ignore[union-attr]
            names = [f"{names[0].split('[')[0]}[0]", f"{names[0].split('[')[0]}[1]"]
        if len(names) != 2:
            self.unclear(f"{self.quote()!r}: it is not clear which two meet")
            return
        self.also = []
        self.verb = Chunk("verb", self.clause.chunks[0].start, self.clause.chunks[0].start, self.meets)
        for one, other in (names, names[::-1]):
            self.toward = f"toward {other}"
            self.intent.actions.append(self._action(self.meets, one))

    def _moving(self) -> bool:
        """`Ten pins, ball at 8 m/s`: a thing with a speed and no verb moves at it."""
        speed = [one for one in self.amounts if one.dimension in ("speed", "force", "impulse")]
        names = [self.toward.partition(" ")[2]] if self.toward and speed and speed[0].dimension != "speed" else []
        names = names or [
            one for one in (*self.also[::-1], self.object, self.subject) if one and (kind := self._noun(one)) and not kind.fixed
        ]
        if not speed or self.verb is not None or self.happens or not names or self.clause.kind != "command":
            return False
        target = names[0]
        do = "roll" if self._family(target) in ("ball", "cylinder") else "slide"
        if speed[0].dimension != "speed":
            do = "push" if speed[0].dimension == "force" else "hit"
            self.toward = self.place = ""
            return self._acted(do, target)
        others = [one.id for one in self.intent.things if one.id != target.split("[")[0] and one.noun in lex.NOUNS]
        goal = next((one for one in others if (kind := self._noun(one)) and not kind.fixed), "")
        self.toward = self.toward or (f"toward {goal}" if goal and not self.direction else "")
        return self._acted(do, target)

    def _acted(self, do: str, target: str) -> bool:
        """Adds what is done without a verb."""
        self.verb = Chunk("verb", self.clause.chunks[0].start, self.clause.chunks[0].start, do)
        self.also = []
        self.intent.actions.append(self._action(do, target))
        self.made.last_target = target
        return True

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
        self._lasting(do)
        if self.speaking and self.subject:
            self.made.speaker = self.subject
        self._particle()
        self._by_what(do)
        if do in PUSHES and self.toward.startswith("off ") and (self.object or self.subject):
            do = self._off(self.toward.split(" ", 1)[1], do)
        taken = self.words.low(self.verb.start) in ("take", "get", "pick") and not self.robot
        if taken and not (self.toward or self.place or self.direction or self.amounts) and self._indefinite():
            return self._finish_description()
        down = self.toward.startswith("down") or (self.toward.startswith("on_top") and not self._speeds())
        if do in ("roll", "slide") and down and (self.object or self.subject):
            self._at_rest()
            self.object = self.object or self.subject
            self._relate("down", self.toward.split(" ", 1)[1])
            return None
        if self._crashes() and not self.object and not self.place and self._met():
            return None
        if self._crashes() and not self.object and not self.place and self.subject and self._pair(self.subject):
            self.meets = "roll" if self._family(self.subject) in ("ball", "cylinder") else "slide"
            return self._meeting()
        if self._crashes() and not self.object and not self.place:
            self.unclear(f"{self.quote()!r}: say what runs into what, for example 'a ball hits another ball'")
        target = self.object or self.subject
        self._swing(do, target)
        if do == "drop" and self._family(target) == "pendulum":
            do = "swing"
        if do == "drop" and any(one.dimension == "speed" for one in self.amounts) and not self.robot:
            do = "throw"  # `bounces at 2 m/s`
        if do == "hang" and self._family(target) == "sheet" and not self.robot:
            return self._finish_description()
        if (
            do in ("arrange", "swing", "drape", "fill")
            and not self.robot
            and not (do == "arrange" and self.carrying and self.place)
        ):
            return self._finish_description()
        self._do(do, target)

    def _indefinite(self) -> bool:
        """Whether what is taken is a new thing: `take a box and put a ball on it`."""
        first = next((one for one in self.clause.chunks if one.kind == "thing"), None)
        return first is not None and (first.data.det in ("a", "an", "some") or first.data.count is not None)

    def _particle(self) -> None:
        """`Knock it off`: off what it stands on."""
        if self.relation != "off":
            return
        about = self.object or self.subject or self.made.last_target
        held = [one.ref for one in self.intent.relations if one.of == about.split("[")[0]]
        if held:
            self.toward, self.relation, self.object = f"off {held[-1]}", "", about

    def _by_what(self, do: str) -> None:
        """`Topple the tower with a ball`, `the ball crashes into the wall`: what runs into what."""
        with_it = self.object and self.place and not self.toward and not self.robot and self.place != self.object
        if do in ("topple", "hit", "push") and with_it:
            self.subject, self.place = self.place, ""
        if self._crashes() and self.place and self.subject and not self.object:
            self.object, self.place = self.place, ""

    def _do(self, do: str, target: str) -> None:
        """Adds the action that a verb says."""
        if do == "arrange":
            do = "stack" if self.arrange == "stack" and self.robot else "pick"
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
            and self.subject.split("[")[0] != self.object.split("[")[0]
            and do in ("push", "hit", "topple", "roll", "slide", "throw")
        ):
            target, do = self.subject, self._runs_into(do)
            if not do:
                return
        if not self.object and self.subject and do == "hit" and self.place:
            do = "roll"
        self._destination(do, target)
        if do == "drop" and (same := self._dropped(target)) is not None:
            same.amounts, self.amounts = list(self.amounts), []
            same.evidence = self.quote()
            self.made.last_target = target
            return
        self.intent.actions.append(self._action(do, target))
        self.made.last_target = target

    def _dropped(self, target: str) -> Action | None:
        """What was said to fall before and how far is said now."""
        high = any(one.dimension == "length" for one in self.amounts)
        known = [one for one in self.intent.actions if one.do == "drop" and one.target == target and not one.amounts]
        return known[-1] if known and high and self.made.pending is None else None

    def _met(self) -> bool:
        """`Two pucks slide toward each other and collide`: what has to come of it."""
        pair = self.intent.actions[-2:]
        if len(pair) < 2 or pair[0].toward != f"toward {pair[1].target}" or pair[1].toward != f"toward {pair[0].target}":
            return False
        self.intent.success.append(Condition(pred="hit", of=pair[0].target, ref=pair[1].target, evidence=self.quote()))
        return True

    def _crashes(self) -> bool:
        forced = any(one.dimension in ("force", "impulse") for one in self.amounts)
        word = self.words.low(self.verb.start) if self.verb is not None and not forced else ""
        return word.startswith(("collid", "crash", "smash", "slam", "bump"))

    def _speeds(self) -> bool:
        return any(one.dimension in ("speed", "force", "impulse") for one in self.amounts)

    def _lasting(self, do: str) -> None:
        """`A ball rolls down a ramp for 3 seconds`: how long the episode is, for what has no duration of its own."""
        cues = {made.data for made in self.clause.chunks if made.kind == "cue"}
        forced = any(one.dimension == "force" for one in self.amounts)
        if do not in ("drop", "roll", "slide", "throw", "spin", "swing", "bounce", "topple") or forced:
            return
        for number in list(self.amounts):
            if (
                number.dimension == "time"
                and self._said_before(number, ("for", "over", "lasting"))
                and not cues & {"later", "after"}
            ):
                self.intent.settings.append(Setting(what="duration", value=number.middle, evidence=number.evidence))
                self.amounts.remove(number)

    def _destination(self, do: str, target: str) -> None:
        """`Push the cube to the left of the bowl`, `throw it into the bucket`: where it then has to be."""
        relation, _, ref = self.toward.partition(" ")
        into = relation == "inside" and self._family(ref) == "vessel"
        if do not in (*PUSHES, "move") or self.robot or not ref or ref.split("[")[0] == target.split("[")[0] or do == "topple":
            return
        if relation in ("left_of", "right_of", "in_front_of", "behind") or into:
            self.intent.success.append(Condition(pred=relation, of=target, ref=ref, evidence=self.quote()))
        elif do == "move" and relation in ("toward", "on_top") and self._family(ref):
            pred = "inside" if self._family(ref) == "vessel" else "on_top"
            self.intent.success.append(Condition(pred=pred, of=target, ref=ref, evidence=self.quote()))

    def _at_rest(self) -> None:
        for number in self.amounts:
            self.unclear(f"{number.evidence}: what rolls or slides down a slope starts at rest")

    def _swing(self, do: str, target: str) -> None:
        """`Swings from 40 degrees`: the angle at the start."""
        hangs = do == "swing" or (do == "drop" and self._family(target) == "pendulum")
        swinging = self._find(target.split("[")[0]) if hangs else None
        for number in [one for one in self.amounts if swinging and one.dimension == "angle"]:
            assert swinging is not None
            swinging.sizes["angle"] = number
            self.amounts.remove(number)

    def _off(self, ref: str, do: str) -> str:
        """`Knock the cup off the table`: it stands on it, and falling off is the goal."""
        about = self.object or self.subject
        if not any(one.of == about.split("[")[0] for one in self.intent.relations):
            self._relate("on_top", ref)
        self.intent.success.append(Condition(pred="fell_off", of=about, ref=ref, evidence=self.quote()))
        return do if do in ("roll", "slide", "throw", "nudge") else "hit"

    def _runs_into(self, do: str) -> str:
        """`The ball hits the wall`: the subject is rolled at the object; where it moves already, this is a goal ("")."""
        self.toward = f"toward {self.object}"
        side = {"right": "left_of", "left": "right_of", "forward": "in_front_of", "back": "behind"}.get(self.direction, "")
        if side:  # `struck from the left by a ball`: where the ball comes from
            about, ref = self.subject.split("[")[0], self.object.split("[")[0]
            self.intent.relations.append(Relation(rel=side, of=about, ref=ref, evidence=self.quote()))
            self.direction = ""
        if do == "topple":
            fallen = Condition(pred="toppled", of=self.object, evidence=self.quote())
            fallen.quantity, fallen.compare = self.quantity, self.compare
            self.intent.success.append(fallen)
            return self.manner or "roll"
        acted = any(one.target == self.subject for one in self.intent.actions)
        if (
            acted
            or self._family(self.subject) == "pendulum"
            or any(one.of == self.subject and one.rel == "down" for one in self.intent.relations)
        ):
            ref = f"{self.object}[0]" if self._many(self.object) else self.object
            self.intent.success.append(Condition(pred="hit", of=self.subject, ref=ref, evidence=self.quote()))
            return ""
        return self.manner or "roll"

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
        if do in ("pull", "push", "slide") and {"length", "time"} <= {one.dimension for one in amounts} and not self._speeds():
            action.do = do = "move"
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
        elif self.intent.actions and self.made.waiting is not None:
            action.after, action.delay, action.at = self.intent.actions[-1].id, self.made.waiting.middle, None
            self.made.waiting = None
        elif self.intent.actions and self.delay is not None:
            action.after, action.delay, action.at = self.intent.actions[-1].id, self.delay.middle, None
            self.delay = None
        elif self.intent.actions and (self.clause.cue == "then" or self._then() or "later" in cues):
            action.after, action.delay = self.intent.actions[-1].id, action.at if action.at is not None else 0.5
            action.at = None
        return action

    def _then(self) -> bool:
        """Whether `then` stands in the clause or just before it: `then after 1 second push it`."""
        words = [made.data for made in self.clause.chunks if made.kind == "cue"]
        return "then" in words or self.words.low(self.clause.chunks[0].start - 1) in ("then", "that")

    def _said_before(self, number: Number, prepositions: tuple[str, ...]) -> bool:
        for made in self.clause.chunks:
            if made.kind == "amount" and self.words.quote(made.start, made.end) == number.evidence:
                return self.words.low(made.start - 1) in prepositions
        return False
