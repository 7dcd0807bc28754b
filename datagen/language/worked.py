"""Actions of robot arms on parts, into holes and with tools: open, close, turn, pull, grasp, insert, pour, sweep, throw, wipe.

Each becomes the skill of that name (`docs/skills.md`), and what it works on is put where the skill has been measured: furniture
with its front to the arm, what is thrown at a metre away, what is swept beside the mat, a vessel with what is in it.

Limits: what has a size in the prompt keeps it, also where the skill then fails; a door is opened by a third, for the arm does
not walk; a tool to wipe with is one that the hand spans.
"""

from dataclasses import replace
from typing import Any

from . import lexicon as lex
from .goals import condition_goal
from .intent import Action, Condition, Number
from .nouns import HOLES
from .shaping import Shaped, drawn, written
from .skilled import REACH, Skilled

PARTS = {"cabinet": "drawer_1", "door": "leaf", "laptop": "lid", "faucet": "lever"}
FRONTS = {"cabinet": 0.925, "door": 0.505, "laptop": 0.5, "faucet": 0.55}  # m from the foot of the arm
RANGES = {"cabinet": 0.308, "door": 1.9, "laptop": 2.2, "faucet": 1.5707963}  # of the joints of the usual sizes
RAISED = 0.5  # m: the arm at a door stands so high
AJAR = 0.3  # share of its range by which an arm opens a door, and from which it closes one
USUAL_PULL = 0.1  # m
FAR = 0.95  # m from the foot of the arm to what is thrown at
WIPED = 0.22  # m: sides of what is wiped
SWEPT = 0.03  # m: sides of what is swept
MAT = 0.24  # m
HELD = ("grasp", "grip", "clutch", "pinch", "clasp", "take hold", "grab", "hold")
VERBS = ("open", "close", "spin", "pull", "insert", "pour", "sweep", "throw", "wipe")


class Worked(Skilled):
    """Writes these skills into the draft."""

    def _works(self) -> list[Action]:
        return [one for one in self.intent.actions if self._arm(one.actor)]

    def _within_reach(self) -> None:
        """Puts what an arm works on where its skills reach it."""
        for one in self._works():
            self._fitted(one)
        super()._within_reach()
        for one in self._works():
            base, goal = one.target.split("[")[0], one.toward.rpartition(" ")[2].split("[")[0]
            foot = self.bases.get(one.actor, -REACH)
            thing, there = self.shaped.get(base), self.shaped.get(goal)
            if thing is not None and thing.noun.morph in FRONTS:
                self._fronted(thing, foot, one)
            if one.do == "throw" and there is not None:
                there.position, there.fixed = (foot + FAR, 0.0, 0.0), True
            if one.do == "sweep" and there is not None and thing is not None:
                there.position, there.fixed = (foot + 0.49, -0.21, 0.0), True
                thing.position = (foot + REACH, 0.12, 0.0)
                if thing.thing.count is not None:
                    pitch = written(thing.extent()[0] + 0.03, "length")
                    thing.spread = {"type": "line", "spacing": pitch, "direction": "x"}
            if one.do == "wipe" and thing is not None:
                thing.position, thing.fixed = (foot + 0.47, -0.17, 0.0), True
                tool = self.shaped.get(one.place.split("[")[0])
                if tool is not None and tool is not thing:
                    tool.position = (foot + 0.47, 0.16, 0.0)

    def _fitted(self, one: Action) -> None:
        """Sizes, where the prompt gives none, of what hands take, sweep and wipe, before it is put in a row."""
        thing, tool = self.shaped.get(one.target.split("[")[0]), self.shaped.get(one.place.split("[")[0])
        there = self.shaped.get(one.toward.rpartition(" ")[2].split("[")[0])
        if thing is None:
            return
        if one.do in ("throw", "insert", "pull", "spin") and thing.noun.morph not in PARTS:
            self._graspable(thing)
        if one.do == "insert" and thing.noun.morph == "cylinder":
            self._sized(thing, {"radius": 0.016, "height": 0.1}, "so that it fits the hole with room of 6 mm")
        if one.do == "pour":
            source = self._source(one)
            if source:
                self._graspable(self.shaped[source])
        if one.do == "sweep":
            if min(thing.extent()[:2]) > 2 * SWEPT:
                thing.resize(SWEPT / max(thing.extent()))
                self._assume(thing, "small enough for the fingers to sweep")
            if there is not None and there.noun.morph == "box":
                self._sized(there, {"size": [MAT, MAT, 0.001]}, "flat, and within reach of the arm")
        if one.do == "wipe" and thing.noun.morph == "box":
            self._sized(thing, {"size": [WIPED, WIPED, 0.02]}, "as large as the arm can wipe from its place")
            if tool is not None and tool is not thing:
                self._graspable(tool)

    def _sized(self, thing: Shaped, size: dict[str, Any], why: str) -> None:
        """Another usual size for what has none in the prompt."""
        if thing.thing.sizes.keys() - {"mass", "volume", "density", "friction"}:
            return
        thing.noun = replace(thing.noun, size=size)
        thing.resize(1.0)
        self._assume(thing, why)

    def _assume(self, thing: Shaped, why: str) -> None:
        path, value = f"entities.{thing.thing.id}.morph", str(thing.morph.get("size", thing.morph))
        self.out.assumed.append({"path": path, "value": value, "why": why, "source": "rule: skills"})

    def _fronted(self, thing: Shaped, foot: float, one: Action) -> None:
        """A piece of furniture before the arm, with its front to it."""
        kind, name = thing.noun.morph, thing.thing.id
        thing.position = (foot + FRONTS[kind], 0.15 if kind == "door" else 0.0, 0.1 if kind == "faucet" else 0.0)
        self.turns[name] = "-90 deg"
        if kind in ("faucet", "door"):
            raised, size = (
                (RAISED, ["0.3 m", "0.3 m", f"{RAISED:g} m"]) if kind == "door" else (0.0, ["0.3 m", "0.4 m", "0.1 m"])
            )
            self.heights[one.actor] = raised
            where = [written(foot if raised else foot + FRONTS[kind] + 0.05, "length"), "0 m", "0 m"]
            box = {"type": "box", "size": size}
            made = {"morph": box, "material": "wood", "color": "oak", "position": where, "origin": "bottom", "fixed": True}
            self.added["stand"] = made
            why = "what stands on it is at the height of the hand"
            self.out.assumed.append({"path": "entities.stand", "value": str(size), "why": why, "source": "rule: skills"})
        if kind == "door" and not thing.thing.material and not thing.thing.sizes:
            thing.thing.sizes = thing.thing.sizes | {"density": Number(values=[250.0], dimension="density")}
            thing.morph["size"] = ["0.62 m", "0.04 m", "2 m"]
            self._assume(thing, "a light inner door of 250 kg/m^3, which the hand can move")

    def _source(self, one: Action) -> str:
        """The vessel from which is poured."""
        stuff = next((thing for thing in self.intent.things if thing.noun in lex.SUBSTANCES), None)
        held = [rel.ref for rel in self.intent.relations if rel.rel == "inside" and rel.of == one.target.split("[")[0]]
        goal = one.toward.rpartition(" ")[2]
        names = [*held, stuff.into if stuff else "", one.target, *self.shaped]
        return next((n for n in names if n in self.shaped and n != goal and self.shaped[n].noun.family == "vessel"), "")

    def _skill(self, one: Action, base: str) -> bool:
        """Whether what a robot does was written as a skill."""
        if self._arm(one.actor) and (base in self.shaped or one.do == "pour"):
            if one.do == "pick" and any(other.do == "wipe" and other.place == one.target for other in self._works()):
                return True  # the skill takes the tool itself
            if one.do == "pick" and self._grasps(one):
                self._write(one, {"skill": "grasp", "target": self._one(one.target, base)})
                self._wanted(Condition(pred="grasped", of=self._one(one.target, base), ref=one.actor, evidence=one.evidence))
                return True
            if one.do in VERBS and (done := getattr(self, f"_do_{one.do}")(one, base)) is not None:
                return bool(done)
            hole = one.toward.rpartition(" ")[2]
            if one.do == "pick" and one.toward.startswith("inside") and self._is_hole(hole):
                return bool(self._do_insert(one, base))
        return super()._skill(one, base)

    def _grasps(self, one: Action) -> bool:
        later = [other for other in self._works() if other is not one and other.target == one.target]
        bare = not one.toward and not one.place and not one.amounts and not one.direction
        return bare and not later and any(word in one.evidence.lower() for word in HELD)

    def _is_hole(self, name: str) -> bool:
        return name in self.shaped and self.shaped[name].thing.noun in HOLES

    def _part(self, base: str) -> str:
        thing = self.shaped[base]
        if thing.noun.morph not in PARTS:
            return ""
        drawer = thing.thing.states.get("drawer")
        return (
            f"{base}.drawer_{int(drawer)}" if drawer and thing.noun.morph == "cabinet" else f"{base}.{PARTS[thing.noun.morph]}"
        )

    def _jointed(self, one: Action, base: str, skill: str, shut: float) -> bool | None:
        part = self._part(base)
        if not part:
            return None
        self._use(one, "length", "angle", "ratio", way=False)
        made: dict[str, Any] = {"skill": skill, "target": part}
        kind, share = self.shaped[base].noun.morph, None
        said = next((number for number in one.amounts if number.dimension in ("length", "angle", "ratio")), None)
        if skill == "turn" and said is not None and said.dimension == "angle":
            made["angle"] = drawn(said)
        elif skill == "open":
            factor = 1.0 if said is not None and said.dimension == "ratio" else 1.0 / RANGES[kind]
            share = factor * said.middle if said else (one.strength if one.strength < 1.0 else AJAR if kind == "door" else None)
            if share is not None and share > 1.0:
                told = f"the {base} opens by {RANGES[kind]:.3g} at the most"
                self.out.impossible.append(f"{one.evidence!r}: {told}, not by {said.middle if said else share:.3g}")
            made |= {} if share is None else {"amount": float(f"{min(share, 1.0):.4g}")}
            if share is not None and kind == "door" and share > AJAR:
                far = f"the arm has opened doors by {AJAR:g} of their range, not by {share:.3g}"
                self.out.not_simulable.append(f"{one.evidence!r}: {far}; the skill may fail")
            elif said is None and kind == "door":
                why = "as far as the arm reaches with the door"
                self.out.assumed.append(
                    {"path": f"actions.{one.id}.amount", "value": f"{AJAR:g}", "why": why, "source": "rule: skills"}
                )
        if shut:
            self.shaped[base].morph["opening"] = AJAR if kind == "door" else shut
        self._write(one, made)
        goal = Number(values=[0.8 * share], dimension="ratio") if share is not None and (said or one.strength < 1.0) else None
        goal = Number(values=[0.1], dimension="ratio") if skill == "close" else goal  # as the skill judges it
        if not any(known.pred in ("open", "closed", "turned") for known in self.intent.success):
            pred = "closed" if skill == "close" else "open"
            self._wanted(Condition(pred=pred, of=base, amount=goal, evidence=one.evidence))
        return True

    def _do_open(self, one: Action, base: str) -> bool | None:
        return self._jointed(one, base, "open", 0.0)

    def _do_close(self, one: Action, base: str) -> bool | None:
        return self._jointed(one, base, "close", 0.6)

    def _do_spin(self, one: Action, base: str) -> bool | None:
        """`Turn the faucet by 45 degrees`, `turn the box by 30 degrees`."""
        if self._part(base):
            return self._jointed(one, base, "turn", 0.0)
        angle = next((number for number in one.amounts if number.dimension == "angle"), None)
        if self.shaped[base].fixed:
            return None
        self._use(one, "angle", way=False)
        target = self._one(one.target, base)
        self._write(one, {"skill": "turn", "target": target} | ({"angle": drawn(angle)} if angle else {}))
        least = Number(values=[0.8 * (angle.middle if angle else 1.047)], dimension="angle")
        self._wanted(Condition(pred="turned", of=target, amount=least, evidence=one.evidence))
        return True

    def _do_pull(self, one: Action, base: str) -> bool | None:
        if self._part(base):
            return self._jointed(one, base, "open", 0.0)
        if one.direction in ("up", "down") or self.shaped[base].fixed:
            return None
        self._use(one, "length")
        length = next((number for number in one.amounts if number.dimension == "length"), None)
        ref = one.toward.rpartition(" ")[2]
        if ref in self.robots and not one.direction:
            why = "towards the foot of the arm"
            self.out.assumed.append(
                {"path": f"actions.{one.id}.direction", "value": "left", "why": why, "source": "rule: skills"}
            )
        way: Any = one.direction or (
            {"toward": ref} if ref in self.shaped and ref != base else "left"
        )  # the arm stands on the left
        far = drawn(length) if length is not None else written(USUAL_PULL, "length")
        target = self._one(one.target, base)
        self._write(one, {"skill": "pull", "target": target, "direction": way, "distance": far})
        least = Number(values=[0.8 * (length.middle if length else USUAL_PULL)], dimension="length")
        self._wanted(Condition(pred="moved", of=target, amount=least, evidence=one.evidence))
        return True

    def _onto(self, one: Action) -> str:
        """What something is put into or onto."""
        ref = one.toward.rpartition(" ")[2]
        return next((name for name in (ref, one.place) if name.split("[")[0] in self.shaped), "")

    def _do_insert(self, one: Action, base: str) -> bool | None:
        on = self._onto(one)
        if not on or self.shaped[on.split("[")[0]].noun.family != "vessel":
            return None
        self._use(one, way=False)
        target = self._one(one.target, base)
        self._write(one, {"skill": "insert", "target": target, "on": self._one(on, on.split("[")[0])})
        self._wanted(Condition(pred="inserted", of=target, ref=on, hold=0.3, evidence=one.evidence))
        return True

    def _do_pour(self, one: Action, base: str) -> bool | None:
        source, on = self._source(one), self._onto(one)
        if not source or not on or on == source:
            return None
        self._use(one, "volume", "angle", way=False)
        angle = next((number for number in one.amounts if number.dimension == "angle"), None)
        self._write(one, {"skill": "pour", "target": source, "on": on} | ({"angle": drawn(angle)} if angle else {}))
        stuff = next((thing for thing in self.intent.things if thing.noun in lex.SUBSTANCES), None)
        volume = next((number for number in one.amounts if number.dimension == "volume"), None)
        if stuff is not None:
            stuff.into = stuff.into or source
            if volume is not None:
                stuff.sizes.setdefault("volume", volume)
            half = Number(values=[0.5], dimension="ratio")
            self._wanted(Condition(pred="inside", of=stuff.id, ref=on, amount=half, evidence=one.evidence))
        elif base != source and base in self.shaped:
            self._wanted(Condition(pred="inside", of=one.target, ref=on, evidence=one.evidence))
        return True

    def _do_sweep(self, one: Action, base: str) -> bool | None:
        on = self._onto(one)
        if not on or on == base or self.shaped[on.split("[")[0]].noun.morph != "box":
            return None
        self._use(one, way=False)
        many = self.shaped[base].thing.count is not None and "[" not in one.target
        self._write(one, {"skill": "sweep", "target": f"{base}[*]" if many else one.target, "on": on})
        self._wanted(Condition(pred="on_top", of=base if many else one.target, ref=on, evidence=one.evidence))
        return True

    def _do_throw(self, one: Action, base: str) -> bool | None:
        on = self._onto(one)
        if not on or on == base:
            return None
        self._use(one, way=False)
        target = self._one(one.target, base)
        self._write(one, {"skill": "throw", "target": target, "on": on})
        pred = "inside" if self.shaped[on.split("[")[0]].noun.family == "vessel" else "on_top"
        self._wanted(Condition(pred=pred, of=target, ref=on, evidence=one.evidence))
        return True

    def _do_wipe(self, one: Action, base: str) -> bool | None:
        """The top of a board has four spots, and each has to be touched."""
        thing, tool = self.shaped[base], one.place.split("[")[0]
        held = tool if tool in self.shaped and tool != base and self.shaped[tool].noun.morph == "box" else ""
        if thing.noun.morph != "box" or (tool in self.shaped and not held):
            return None
        self._use(one, way=False)
        self._write(one, {"skill": "wipe", "target": held, "on": base} if held else {"skill": "wipe", "target": base})
        if held:
            x, y, z = thing.extent()
            grid = {
                "type": "grid",
                "shape": [2, 2, 1],
                "spacing": [written(0.4 * x, "length"), written(0.4 * y, "length"), "0.01 m"],
            }
            place = ["0 m", "0 m", written(0.5 * z - 0.0003, "length")]
            spot = {"morph": {"type": "box", "size": ["0.03 m", "0.03 m", "0.001 m"]}, "count": 4, "color": "dark_gray"}
            self.added["spot"] = {**spot, "relative_to": base, "arrange": grid, "position": place, "fixed": True}
            touched = condition_goal(Condition(pred="touching", of="item", ref=held), self.shaped)
            self.wanted.append({"forall": "spot", "as": "item", "do": {"eventually": touched}})
        return True

    def _robot_told(self) -> None:
        """Also the arm that is named where others act, and does nothing itself."""
        super()._robot_told()
        doers = {one.actor for one in self.intent.actions}
        named = {one.toward.rpartition(" ")[2] for one in self.intent.actions}
        for thing in [one for one in self.intent.things if one.id in self.robots and self.intent.actions]:
            if not doers & self.robots.keys() and thing.id not in named:
                self.out.unused.append(f"{thing.evidence!r}: it is not clear what the {thing.noun} does")

    def _skill_time(self) -> float:
        """How long the skills take, roughly, s."""
        each = {"open": 9.5, "close": 9.5, "turn": 6.0, "pull": 6.0, "insert": 7.0, "pour": 10.0, "throw": 5.5, "wipe": 12.0}
        made = [one for one in self.actions.values() if one["do"] == "skill"]
        others = sum(each.get(one["skill"], 0.0) - 6.0 for one in made if one["skill"] in each)
        swept = [one["target"].split("[")[0] for one in made if one["skill"] == "sweep"]
        return super()._skill_time() + others + sum(5.0 * self.shaped[name].items() for name in swept if name in self.shaped)
