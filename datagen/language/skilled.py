"""Actions of robots: an arm reaches, pushes, picks, places and stacks by the scripted skills of the spec (`docs/skills.md`).

What the skills are is read from the model of the spec. What an arm shall do is put where it can reach it: things stand in a row
across its front, about half a metre from its foot, and on a piece of furniture near the edge that the arm stands behind.

Limits: the arm of this library, whatever arm the prompt names, which is told; grasps come from above, and what is wider than
its hand and has no size in the prompt is made as small as the hand needs.
"""

from typing import Any, get_args

from datagen.spec.actions import Skill

from . import lexicon as lex
from .draft import Draft
from .intent import Action, Condition, Number
from .shaping import Shaped, drawn, written

KNOWN = frozenset(get_args(Skill.model_fields["skill"].annotation))
"""Skills that a spec may name."""
SPAN = 0.07  # m: what the hand closes on with some room; it opens to 0.08
TALL = 0.16  # m: what is grasped in its middle between fingers of 0.1 m
REACH = 0.47  # m from the foot of the arm to the row of things
BEHIND = 0.15  # m between the foot of the arm and the furniture that it works on
ROOM = 0.1  # m between neighbours in the row, for the fingers
USUAL = 0.1  # m of a push without a distance
PUSHED = ("push", "nudge", "slide", "roll", "hit", "move", "topple")
TAKEN = ("pick", "lift", "stack")


class Skilled(Draft):
    """Writes the skills of arms into the draft."""

    def _arm(self, name: str) -> bool:
        return name in self.robots and self.robots[name].size["robot"] == "arm"

    def _within_reach(self) -> None:
        """Puts what an arm works on in front of it, and what it picks into the span of its hand."""
        arm = next((name for name in self.robots if self._arm(name)), "")
        worked = [one for one in self.intent.actions if self._arm(one.actor)]
        if not arm or not worked:
            return
        for one in worked:
            if one.do in TAKEN and one.target.split("[")[0] in self.shaped:
                self._graspable(self.shaped[one.target.split("[")[0]])
        below = self._furniture()
        flat = [one for one in self.shaped.values() if one.fixed and one.extent()[2] < 0.01]
        row = [one for one in self.shaped.values() if not one.fixed or one.noun.family == "vessel" or one in flat]
        kept = {one.of for one in self.relations if one.ref != (below.thing.id if below else "")}
        contents = self._contents()
        row = [one for one in row if one.thing.id not in kept | contents.keys()]
        self.relations = [one for one in self.relations if below is None or one.ref != below.thing.id or one.of in kept]
        x, top = 0.0, 0.0
        if below is not None and below.position is not None:
            long, top = below.extent()[0], below.position[2] + below.extent()[2]
            x = below.position[0] - 0.5 * long + min(0.5 * long, REACH - BEHIND)
        self._in_a_row(row, x, top)
        for name, (vessel, offset) in contents.items():  # what is in a vessel comes along
            place = self.shaped[vessel].position
            self.shaped[name].position = (place[0] + offset[0], place[1] + offset[1], place[2] + offset[2]) if place else None
        self.bases[arm] = x - REACH

    def _contents(self) -> dict[str, tuple[str, list[float]]]:
        """What lies in a vessel: the vessel, and where in it."""
        out = {}
        for one in self.intent.relations:
            inner, outer = self.shaped.get(one.of), self.shaped.get(one.ref)
            if one.rel == "inside" and inner and outer and inner.position and outer.position and outer.noun.family == "vessel":
                out[one.of] = (one.ref, [a - b for a, b in zip(inner.position, outer.position, strict=True)])
        return out

    def _furniture(self) -> Shaped | None:
        """The piece of furniture on which things of the scene stand."""
        held = [one.ref for one in self.intent.relations if one.rel in ("on_top", "down")]
        found = [self.shaped[name] for name in held if name in self.shaped and self.shaped[name].noun.family == "support"]
        return found[0] if found else None

    def _in_a_row(self, row: list[Shaped], x: float, top: float) -> None:
        widths = []
        for one in row:
            if one.thing.count is not None:
                pitch = one.extent()[1] + ROOM
                one.spread = {"type": "line", "spacing": written(pitch, "length"), "direction": "y"}
                widths.append((one.items() - 1) * pitch + one.extent()[1])
            else:
                widths.append(one.extent()[1])
        left = -0.5 * (sum(widths) + ROOM * (len(row) - 1))
        for one, wide in zip(row, widths, strict=True):
            one.position, left = (x, left + 0.5 * wide, top), left + wide + ROOM

    def _graspable(self, thing: Shaped) -> None:
        """Makes what has no size in the prompt narrow and low enough for the hand."""
        narrow, tall = min(thing.extent()[:2]), thing.extent()[2]
        factor = min(SPAN / narrow, TALL / tall)
        if factor >= 1.0 or thing.thing.sizes.keys() - {"mass", "volume", "density", "friction"}:
            if factor < 1.0:
                why = f"the {thing.thing.noun} is {narrow:.3g} m wide and {tall:.3g} m tall"
                hand = f"the hand of the arm spans {SPAN:g} m and what is {TALL:g} m tall"
                self.out.not_simulable.append(f"{thing.thing.evidence!r}: {hand}, {why}; the grasp will fail")
            return
        thing.resize(factor)
        path, why = f"entities.{thing.thing.id}.morph", f"so that the hand of the arm spans it; usually {narrow:.3g} m wide"
        self.out.assumed.append({"path": path, "value": f"{factor:.3g} times", "why": why, "source": "rule: skills"})

    def _skill(self, one: Action, base: str) -> bool:
        """Whether what a robot does was written as a skill."""
        if not self._arm(one.actor) or base not in self.shaped:
            return False
        if one.do == "stack":
            return self._stacked(one, base)
        if one.do in TAKEN:
            return self._taken(one, base)
        if one.do in PUSHED and "push" in KNOWN:
            return self._pushed(one, base)
        if one.do == "reach" and "reach" in KNOWN:
            self._write(one, {"skill": "reach", "target": self._one(one.target, base)})
            return True
        return False

    def _use(self, one: Action, *dimensions: str, way: bool = True) -> None:
        """What of an action has a place in the spec; the rest is told."""
        for number in one.amounts:
            if number.dimension not in dimensions:
                self.out.unused.append(f"{number.evidence!r} has no use in {one.evidence!r}")
        if one.direction and not way:
            self.out.unused.append(f"the direction {one.direction!r} has no use in {one.evidence!r}")

    def _write(self, one: Action, made: dict[str, Any], name: str = "") -> None:
        start = {"at": written(one.at if one.at is not None else 0.1, "time")}
        self.actions[name or one.id] = {"do": "skill", "actor": one.actor, **made, "start": start}

    def _one(self, ref: str, base: str) -> str:
        """One body of what is named: the first one of many."""
        many = base in self.shaped and self.shaped[base].thing.count is not None
        return f"{base}[0]" if many and ("[" not in ref or ref.endswith("[*]")) else ref

    def _held(self, one: Action, base: str) -> bool:
        """Whether the arm has picked this before and not put it down."""
        last = [made for made in self.actions.values() if made["do"] == "skill" and made["actor"] == one.actor]
        return bool(last) and last[-1]["skill"] == "pick" and last[-1]["target"].split("[")[0] == base

    def _taken(self, one: Action, base: str) -> bool:
        relation, _, ref = one.toward.partition(" ")
        on, target = ref.split("[")[0], self._one(one.target, base)
        if on not in self.shaped or on == base:
            if not self._held(one, base):
                self._write(one, {"skill": "pick", "target": target})
            self._lifted(one, target)
            return True
        if relation not in ("on_top", "inside", "toward", "above", ""):
            return False
        made = {"target": target, "on": self._one(ref, on)}
        held = self._held(one, base)
        self._write(one, {"skill": "place" if held else "stack", **made})
        pred = "inside" if self.shaped[on].noun.family == "vessel" else "on_top"
        self._wanted(Condition(pred=pred, of=target, ref=made["on"], evidence=one.evidence))
        return True

    def _lifted(self, one: Action, target: str) -> None:
        later = self.intent.actions[self.intent.actions.index(one) + 1 :]
        if any(other.actor == one.actor and other.target == one.target and other.do in TAKEN for other in later):
            return
        high = next((number for number in one.amounts if number.dimension == "length"), None)
        if high is not None and high.middle > 0.14:
            self.out.not_simulable.append(f"{high.evidence!r}: the skill lifts by 0.15 m, no higher; the goal is made")
        self._wanted(Condition(pred="lifted", of=target, amount=high, evidence=one.evidence))

    def _wanted(self, made: Condition) -> None:
        """Adds a goal that the prompt did not give itself."""
        known = [(one.pred, one.of) for one in self.intent.success]
        if (made.pred, made.of) not in known:
            self.intent.success.append(made)

    def _stacked(self, one: Action, base: str) -> bool:
        """`Stack three cubes`: each on the one before; `stack the red cube on the blue one` is taken there."""
        thing = self.shaped[base]
        if thing.thing.count is None:
            return self._taken(one, base)
        for item in range(1, thing.items()):
            target, on = f"{base}[{item}]", f"{base}[{item - 1}]"
            self._write(one, {"skill": "stack", "target": target, "on": on}, f"{one.id}_{item}")
            self._wanted(Condition(pred="on_top", of=target, ref=on, evidence=one.evidence))
        return True

    def _pushed(self, one: Action, base: str) -> bool:
        relation, _, ref = one.toward.partition(" ")
        goal = ref.split("[")[0]
        length = next((number for number in one.amounts if number.dimension == "length"), None)
        for number in [other for other in one.amounts if other is not length]:
            self.out.unused.append(f"{number.evidence!r}: the skill pushes by a distance, not by a strength")
        if one.direction in ("up", "down") or (relation not in ("", "toward", "next_to", "off") and not one.direction):
            return False
        way: Any = one.direction or ({"toward": ref} if goal in self.shaped and relation != "off" else "right")
        far = drawn(length) if length is not None else written(USUAL, "length")
        self._write(one, {"skill": "push", "target": self._one(one.target, base), "direction": way, "distance": far})
        moved = Number(values=[0.8 * (length.middle if length else USUAL)], dimension="length")
        if not self.intent.success and not self.intent.rewards:
            self._wanted(Condition(pred="moved", of=self._one(one.target, base), amount=moved, evidence=one.evidence))
        return True

    def _skill_time(self) -> float:
        """How long the skills take, roughly, s."""
        each = {"reach": 2.0, "push": 4.5, "pick": 4.5, "place": 4.5, "stack": 8.0}
        done = [made["skill"] for made in self.actions.values() if made["do"] == "skill"]
        return sum(each.get(skill, 6.0) for skill in done)

    def _robot_told(self) -> None:
        """Which arm stands in for the one that is named."""
        for name, noun in self.robots.items():
            thing = next(one for one in self.intent.things if one.id == name)
            if thing.noun not in lex.ARMS and noun.size["robot"] == "arm":
                why = f"the scripted arm of this library stands for the {thing.noun}"
                self.out.assumed.append({"path": f"actors.{name}", "value": "arm", "why": why, "source": "rule: skills"})
