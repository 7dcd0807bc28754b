"""Actions of an intent -> actions of a spec: what is done to what, in which direction, how hard and when."""

import math
import re
from typing import Any

from . import lexicon as lex
from .goals import condition_goal
from .intent import Action, Condition, Number, Thing
from .pouring import pouring_path, pouring_time
from .shaping import RIGID, Shaped, drawn, written
from .worked import Worked

SPEED = {"push": 1.0, "nudge": 0.4, "hit": 2.0, "topple": 1.0, "throw": 3.0, "roll": 1.5, "slide": 1.5, "pull": 1.0}
SKILLS = {
    "pick": "picks up",
    "press": "presses",
    "walk": "walks",
    "wipe": "wipes",
    "fold": "folds",
    "stir": "stirs",
    "cut": "cuts",
    "blow": "blows",
    "drape": "drapes",
    "sweep": "sweeps",
    "scoop": "scoops",
    "insert": "inserts",
    "screw": "screws",
    "hand": "hands over",
    "flip": "flips",
    "hang": "hangs",
}
PART = {"cabinet": "drawer_1", "door": "leaf", "laptop": "lid", "faucet": "lever"}
OPENED = {"cabinet": 0.25, "door": 1.2, "laptop": 1.9, "faucet": 1.4}
TOWER = 4.0
"""Times the usual blow: a tower falls only when the items above the one that is hit lose their support."""


def part_of(thing: Shaped) -> str:
    """The part of a thing that opens, or nothing."""
    if thing.noun.morph == "cabinet" and "drawer" in thing.thing.states:
        return f"drawer_{math.ceil(thing.thing.states['drawer'])}"
    return PART.get(thing.noun.morph, "")


class Acts(Worked):
    """Writes actions into the draft."""

    def _action(self, one: Action) -> None:
        base = one.target.split("[")[0]
        if self._skill(one, base):
            return
        if one.do in SKILLS or one.actor:
            self.out.not_simulable.append(
                f"{one.evidence!r}: understood, but skills ({one.do}) are not executed from a spec yet; the scene and "
                "the goal are made"
            )
            if one.do in ("pick", "lift") and base in self.shaped and not self._placed_later(one) and not self.intent.success:
                goal = (
                    Condition(
                        pred="inside"
                        if one.toward.startswith("inside") or self.shaped[one.place].noun.family == "vessel"
                        else "on_top",
                        of=one.target,
                        ref=one.place,
                        evidence=one.evidence,
                    )
                    if one.place in self.shaped
                    else Condition(pred="lifted", of=one.target, evidence=one.evidence)
                )
                self.intent.success.append(goal)
            if one.do in ("open", "close") and base in self.shaped and self.shaped[base].noun.morph in PART:
                pred = "open" if one.do == "open" else "closed"
                self.intent.success.append(Condition(pred=pred, of=base, evidence=one.evidence))
            return
        if one.do in ("open", "close"):
            self._joint(one, base)
            return
        if base not in self.shaped:
            if one.do != "pour" and self.ground is not None and base == self.ground.id:
                self.out.impossible.append(f"{one.evidence!r}: the {base} cannot be moved")
            elif one.do == "pour" or any(thing.id == base for thing in self.intent.things):
                self._pour(one)
            return
        if one.do == "drop":
            self._drop(one, base)
            return
        if self.shaped[base].material not in RIGID:
            self.out.not_simulable.append(
                f"{one.evidence!r}: forces act on rigid things; the {base} is soft and moves as it falls"
            )
            return
        if one.do == "shake" or (one.do in ("spin", "topple") and any(number.dimension == "angle" for number in one.amounts)):
            self._turn(one, base)
            return
        if one.do in ("lift", "lower", "move") or (one.do == "pour"):
            self._pour(one) if one.do == "pour" else self._move(one, base)
            return
        made = self._blow(one, base)
        if made is not None:
            self.moved.add(f"free {base}")
            self._add(one, made)

    def _placed_later(self, one: Action) -> bool:
        later = self.intent.actions[self.intent.actions.index(one) + 1 :]
        return not one.place and any(other.actor and other.target == one.target and other.place for other in later)

    def _add(self, one: Action, made: dict[str, Any]) -> None:
        start: dict[str, Any] = {"at": written(one.at if one.at is not None else self.start, "time")}
        if one.when is not None:
            start = {"when": condition_goal(one.when, self.shaped, "when")}
        elif one.after in self.actions:
            start = {"after": one.after, "delay": written(one.delay, "time")}
        made["start"] = start
        if one.until is not None:
            made["until"] = condition_goal(one.until, self.shaped, "when")
        self.actions[one.id] = made

    def _item(self, one: Action, base: str) -> str:
        if self.shaped[base].thing.count is None:
            return base
        if "[" in one.target:
            return one.target
        if self.shaped[base].arrangement() == "stack":
            if one.do in ("topple", "push", "nudge", "hit", "pull"):
                return f"{base}[{self.shaped[base].items() // 2}]"
        return f"{base}[0]" if one.do in ("push", "nudge", "hit", "topple", "pull") else f"{base}[*]"

    def _way(self, one: Action, base: str) -> Any:
        if one.direction == "random":
            return {"azimuth": {"dist": "uniform", "low": "0 deg", "high": "360 deg"}}
        rise = next((number for number in one.amounts if number.dimension == "angle"), None)
        if rise is not None and one.do in ("throw", "hit", "roll", "push"):
            around = {"left": 180, "west": 180, "forward": 90, "north": 90, "back": -90, "south": -90}.get(one.direction, 0)
            return {"azimuth": f"{around} deg", "elevation": drawn(rise)}
        if one.direction:
            return one.direction
        if one.toward:
            relation, ref = one.toward.split(" ", 1)
            bare = ref.split("[")[0]
            if bare == base and "[" in ref and ref != one.target and not ref.endswith("[*]"):
                return {"toward": ref}
            if relation == "off" and self.shaped[base].thing.count is not None and self.shaped[base].arrangement() == "line":
                return "forward"  # across the row, not into its neighbours
            if relation in ("down", "off", "across") or bare == base or bare not in self.shaped:
                return "right"
            return {"toward": ref.split("[*]")[0] if self.shaped[bare].thing.count is None or "[" in ref else ref}
        if one.do == "pull":
            return "left"
        if self.shaped[base].thing.count is None:
            self.out.assumed.append(
                {"path": f"actions.{one.id}.direction", "value": "right (+x)", "why": "no direction given", "source": "rule"}
            )
        return "right"

    def _blow(self, one: Action, base: str) -> dict[str, Any] | None:
        thing, target, way = self.shaped[base], self._item(one, base), self._way(one, base)
        by = {number.dimension: number for number in one.amounts}
        if one.do == "spin" or (one.do == "swing"):
            spin = by.get("spin")
            self._use(one, "spin", way=one.direction in ("clockwise", "counterclockwise"))
            turn = "-z" if one.direction == "clockwise" else "z"
            return {
                "do": "set_velocity",
                "target": target,
                "angular_velocity": {"speed": drawn(spin) if spin else written(10.0 * one.strength, "spin"), "axis": turn},
            }
        tower = thing.arrangement() == "stack" and thing.thing.count is not None and "[" not in one.target
        point = {"point": "top"} if one.do == "topple" and thing.noun.morph != "sphere" and not tower else {}
        if by.keys() & {"force", "impulse", "speed"} and one.strength != 1.0:
            why = f"the number counts, not a factor of {one.strength:.3g} for the word"
            self.out.assumed.append({"path": f"actions.{one.id}", "value": "as in the number", "why": why, "source": "rule"})
        if "force" in by:
            self._use(one, "force", "time", "angle")
            return {
                "do": "force",
                "target": target,
                "magnitude": drawn(by["force"]),
                "direction": way,
                "duration": drawn(by["time"]) if "time" in by else "0.3 s",
                **point,
            }
        if "impulse" in by:
            self._use(one, "impulse", "angle")
            return {"do": "impulse", "target": target, "magnitude": drawn(by["impulse"]), "direction": way, **point}
        if "time" in by and not by.keys() & {"impulse", "speed", "length"} and one.do in ("push", "pull", "nudge"):
            force = thing.mass() * (0.5 * 9.81 + SPEED[one.do] * one.strength / max(by["time"].middle, 0.1))
            self._use(one, "time", "angle")
            path = f"actions.{one.id}.magnitude"
            why = "overcomes friction 0.5 and reaches the usual speed"
            self.out.assumed.append({"path": path, "value": f"{force:.3g} N", "why": why, "source": "F = m (mu g + v / t)"})
            return {
                "do": "force",
                "target": target,
                "magnitude": self._spread(force, "force"),
                "direction": way,
                "duration": drawn(by["time"]),
            }
        speed = SPEED.get(one.do, 1.0) * one.strength * (TOWER if tower and one.do == "topple" else 1.0)
        if not tower and thing.arrangement() == "stack" and thing.thing.count is not None:
            found = re.search(r"\[(\d+)\]", target)
            speed *= min(float(thing.items() - int(found[1])), 6.0) if found else 1.0  # those above press on it
        if one.do == "throw":
            speed = max(speed, self._throw(one, base))
        if "speed" in by or one.do in ("throw", "roll") or (one.do == "slide" and "length" not in by):
            lob = self._lob(one, base)
            if lob and "speed" not in by and not one.direction:
                way, speed = lob
            self._use(one, "speed", *(("angle",) if one.do in ("throw", "hit", "roll", "push") else ()))
            self._assume_speed(one, speed, "speed" in by)
            return {
                "do": "set_velocity",
                "target": target,
                "velocity": {"speed": drawn(by["speed"]) if "speed" in by else self._spread(speed, "speed"), "direction": way},
            }
        return self._shove(one, base, speed, way) | point

    def _shove(self, one: Action, base: str, speed: float, way: Any) -> dict[str, Any]:
        """A blow that gives the target a speed, or makes it slide a distance."""
        thing, target = self.shaped[base], self._item(one, base)
        by = {number.dimension: number for number in one.amounts}
        self._use(one, "length")
        if "length" in by:
            speed = math.sqrt(2.0 * 0.5 * 9.81 * by["length"].middle)
            self.out.assumed.append(
                {
                    "path": f"actions.{one.id}.magnitude",
                    "value": f"a blow of {speed:.3g} m/s",
                    "why": f"slides about {by['length'].evidence} at friction 0.5",
                    "source": "v^2 = 2 mu g d",
                }
            )
        else:
            speed = self._off_speed(one, speed)
            self._assume_speed(one, speed, False)
        if thing.thing.noun == "domino":
            speed *= 0.5
        return {
            "do": "impulse",
            "target": target,
            "magnitude": self._spread(thing.mass() * speed, "impulse"),
            "direction": way,
        }

    def _off_speed(self, one: Action, speed: float) -> float:
        """What slides off a surface from its middle at friction 0.5: v^2 = 2 mu g d, and a fifth more."""
        relation, _, ref = one.toward.partition(" ")
        if relation != "off" or ref not in self.shaped:
            return speed
        return max(speed, 1.2 * math.sqrt(9.81 * 0.5 * self.shaped[ref].group()[0]))

    def _throw(self, one: Action, base: str) -> float:
        """A thing that is thrown at something starts in the air at its height, so fast that it falls by less than 0.4 of its
        height on the way: v = d sqrt(g / (0.8 h)); the speed, m/s."""
        relation, _, ref = one.toward.partition(" ")
        goal, here = self.shaped.get(ref.split("[")[0]), self.shaped[base]
        if relation != "toward" or goal is None or here.position is None or one.when or one.after:
            return 0.0
        place, height = self._about(goal), goal.group()[2]
        if goal.position is None and any(rel.of == goal.thing.id and rel.rel == "on_top" for rel in self.relations):
            goal.position = place  # in the middle of what it stands on, where the throw is aimed at
            self.relations = [rel for rel in self.relations if rel.of != goal.thing.id]
        here.position = (here.position[0], here.position[1], place[2] + 0.6 * height)
        one.at = one.at or 0.0
        path = f"entities.{base}.position"
        self.out.assumed.append({"path": path, "value": "in the air", "why": f"thrown at the {ref}", "source": "rule"})
        said = [rel.amount for rel in self.relations if rel.of == goal.thing.id and rel.ref == base and rel.amount]
        reach = said[0].middle if said and said[0] else abs(place[0] - here.position[0])
        return min(reach * math.sqrt(9.81 / (0.8 * max(height, 0.02))), 12.0)

    def _about(self, thing: Shaped) -> tuple[float, float, float]:
        """Where a thing stands, roughly where a relation places it."""
        if thing.position is not None:
            return thing.position
        on = next((one for one in self.relations if one.of == thing.thing.id and one.ref in self.shaped), None)
        below = self.shaped[on.ref] if on else None
        x, y, z = (below.position if below and below.position else None) or (0.0, 0.0, 0.0)
        return x, y, z + (below.group()[2] if below and on and on.rel == "on_top" else 0.0)

    def _lob(self, one: Action, base: str) -> tuple[list[float], float] | None:
        """Direction and speed of a throw at 45 degrees that comes down at the target: v^2 = g d^2 / (d + rise)."""
        if one.do != "throw" or not one.toward:
            return None
        relation, ref = one.toward.split(" ", 1)
        goal, here = self.shaped.get(ref.split("[")[0]), self.shaped[base]
        if relation not in ("inside", "on_top", "above") or goal is None or goal.position is None or here.position is None:
            return None
        reach = goal.position[0] - here.position[0]
        rise = here.position[2] - goal.position[2] - (goal.group()[2] if relation == "on_top" else 0.0)
        if abs(reach) + rise <= 0.05:
            return None
        return [math.copysign(1.0, reach), 0.0, 1.0], math.sqrt(9.81 * reach * reach / (abs(reach) + rise))

    def _assume_speed(self, one: Action, speed: float, said: bool) -> None:
        if not said:
            self.out.assumed.append(
                {
                    "path": f"actions.{one.id}",
                    "value": f"{speed:.3g} m/s",
                    "why": "no strength given in numbers",
                    "source": f"rule: {one.do}",
                }
            )

    def _spread(self, value: float, dimension: str) -> Any:
        wide = {"none": 0.0, "little": 0.1, "much": 0.5}[self.vary]
        number = Number(
            values=[value * (1 - wide), value * (1 + wide)] if wide else [value],
            dimension=dimension,
            kind="uniform" if wide else "exact",
        )
        return drawn(number)

    def _drop(self, one: Action, base: str) -> None:
        thing = self.shaped[base]
        if one.strength != 1.0:
            why = f"what falls falls alike, not {one.strength:.3g} times as hard"
            self.out.assumed.append({"path": f"actions.{one.id}", "value": "let go", "why": why, "source": "rule: drop"})
        if any(done["target"].split("[")[0] == base for done in self.actions.values() if "target" in done):
            self.out.unused.append(f"{one.evidence!r}: what was moved before cannot be dropped later; drop it at the start")
            return
        self._use(one, "length", way=one.direction == "down")
        length = next((number for number in one.amounts if number.dimension == "length"), None)
        if length is None:
            self.out.assumed.append(
                {"path": f"entities.{base}.position", "value": "0.5 m above", "why": "no height given", "source": "rule"}
            )
        height = length.middle if length else 0.5
        ref = self.shaped.get(one.place.split("[")[0]) if one.place else None
        if ref is None:
            below = next(
                (rel.ref for rel in self.intent.relations if rel.of == base and rel.rel in ("on_top", "above", "inside")), ""
            )
            ref = self.shaped.get(below)
        if ref is thing:
            ref = None
        self.relations = [rel for rel in self.relations if rel.of != base]
        x, _, _ = thing.position or (0.0, 0.0, 0.0)
        top = 0.0
        if ref is not None:
            placed = next((rel for rel in self.relations if rel.of == ref.thing.id), None)
            under = self.shaped.get(placed.ref) if placed else None
            if ref.position is None and under is not None and placed is not None:
                ref.position = (
                    *(under.position or (0.0, 0.0, 0.0))[:2],
                    (under.position or (0.0, 0.0, 0.0))[2] + under.group()[2],
                )
                self.relations.remove(placed)
            x = (ref.position or (0.0, 0.0, 0.0))[0]
            top = (ref.position or (0.0, 0.0, 0.0))[2] + ref.group()[2]
        if ref is not None and thing.thing.count is not None and not thing.thing.arrange:
            thing.pack(min(ref.group()[:2]))
        below = ref.thing.id if ref is not None else ""
        others = [one for one in self.shaped.values() if one is not thing and one.below == below and below]
        room = 0.5 * sum(one.group()[1] + 0.01 for one in others) + 0.5 * thing.group()[1] * bool(others)
        thing.position, thing.fall, thing.below = (x, room * (-1) ** len(others), top + height), height, below
        self.moved.add(f"high {base}")

    def _move(self, one: Action, base: str) -> None:
        self.moved.add(base)
        self._use(one, "length", "time", "speed")
        by = {number.dimension: number for number in one.amounts}
        way = {"lift": "up", "lower": "down"}.get(one.do) or self._way(one, base)
        distance = drawn(by["length"]) if "length" in by else "0.2 m"
        duration = (
            drawn(by["time"])
            if "time" in by
            else written(
                (by["length"].middle if "length" in by else 0.2)
                / (by["speed"].middle if "speed" in by else 0.2 * one.strength),
                "time",
            )
        )
        self._add(
            one, {"do": "move", "target": self._item(one, base), "direction": way, "distance": distance, "duration": duration}
        )

    def _turn(self, one: Action, base: str) -> None:
        """`Tilt the tray by 20 degrees`, `rotate the box by 45 degrees`, `shake the bowl`: a path of poses."""
        thing = self.shaped[base]
        if thing.position is None or thing.thing.count is not None or f"high {base}" in self.moved:
            self.out.not_simulable.append(f"{one.evidence!r}: only a thing that stands by itself can be turned by an angle")
            return
        self._use(one, "angle", "time")
        self.moved.add(base)
        x, y, z = thing.position
        up = z + 0.5 * thing.extent()[2] + 0.002
        by = {number.dimension: number.middle for number in one.amounts}
        if one.do == "shake":
            steps = [(0.15 * (k + 1), 0.03 * one.strength * (-1) ** k * (k < 7)) for k in range(8)]
            way: list[Any] = [
                {
                    "time": written(time, "time"),
                    "position": [written(x + way, "length"), written(y, "length"), written(up, "length")],
                }
                for time, way in steps
            ]
        else:
            turn = by["angle"] * (-1.0 if one.direction in ("left", "back") and one.do == "topple" else 1.0)
            axis = "z" if one.do == "spin" else "x" if one.direction in ("forward", "back") else "y"
            rise = 0.5 * thing.extent()[0] * abs(math.sin(turn)) if axis != "z" else 0.0
            place = [written(x, "length"), written(y, "length"), written(up + rise, "length")]
            way = [
                {
                    "time": written(by.get("time", 1.0 / max(one.strength, 0.1)), "time"),
                    "position": place,
                    "rotation": {"axis": axis, "angle": written(turn, "angle")},
                }
            ]
        self._add(one, {"do": "move", "target": base, "waypoints": way})

    def _pour(self, one: Action) -> None:
        """The source vessel is carried over the target and tilted."""
        liquid = next((thing for thing in self.intent.things if thing.noun in lex.SUBSTANCES), None)
        vessels = [name for name, thing in self.shaped.items() if thing.noun.family == "vessel"]
        goal = one.toward.split(" ", 1)[-1] if one.toward.startswith(("inside", "on_top", "toward")) else ""
        source = next(
            (
                name
                for name in [liquid.into if liquid else "", one.target, one.place, *vessels]
                if name in self.shaped and name != goal
            ),
            "",
        )
        goal = goal if goal in self.shaped else next((name for name in vessels if name != source), "")
        if not source:
            source = "cup" if "cup" not in self.shaped else ""
            if not source or not goal:
                self.out.not_simulable.append(f"{one.evidence!r}: it is not clear from what to what is poured")
                return
            self.shaped = {"cup": Shaped(Thing(id="cup", noun="cup", evidence=one.evidence), self.out.assumed)} | self.shaped
            ref = self.shaped[goal].position or (0.0, 0.0, 0.0)
            self.shaped["cup"].position = (ref[0] - 0.3, 0.0, 0.0)
        if liquid is not None and not liquid.into:
            liquid.into = source
        self._use(one, "volume", way=False)
        volume = next((number for number in one.amounts if number.dimension == "volume"), None)
        if liquid is not None and volume is not None and "volume" not in liquid.sizes:
            liquid.sizes["volume"] = volume
        if liquid is not None and goal and "volume" not in liquid.sizes and not self.intent.success:
            half = Number(values=[0.5], dimension="ratio")
            self.intent.success.append(Condition(pred="inside", of=liquid.id, ref=goal, amount=half, evidence=one.evidence))
        if liquid is not None and goal and "volume" in liquid.sizes and not self.intent.success:
            amount = liquid.sizes["volume"]
            self.intent.success.append(
                Condition(pred="volume_in", of=liquid.id, ref=goal, amount=amount, evidence=one.evidence)
            )
        here = self.shaped[source].position or (-0.2, 0.0, 0.0)
        there = self._about(self.shaped[goal]) if goal else (here[0] + 0.3, here[1], 0.0)
        size = self.shaped[goal].extent() if goal else (0.1, 0.1, 0.1)
        self.moved.add(source)
        slower = min(max(1.0 / one.strength, 1.0), 2.0)
        if one.strength > 1.0:
            why = "as fast as nothing is spilled"
            self.out.assumed.append(
                {"path": f"actions.{one.id}", "value": f"{one.strength:g}", "why": why, "source": "rule: pour"}
            )
        way = pouring_path(self.shaped[source].extent(), here, size, there, slower)
        self.pours = slower * pouring_time(self.shaped[source].extent())
        self._add(one, {"do": "move", "target": source, "waypoints": way})

    def _joint(self, one: Action, base: str) -> None:
        thing = self.shaped.get(base)
        part = part_of(thing) if thing else ""
        if thing is None or not part:
            self.out.impossible.append(
                f"{one.evidence!r}: a {base or 'thing'} has nothing that opens; what opens is a {', '.join(PART)}"
            )
            return
        value = OPENED[thing.noun.morph] * min(one.strength, 1.0) if one.do == "open" else 0.0
        said = next((number for number in one.amounts if number.dimension in ("angle", "length")), None)
        self._use(one, "angle", "length", "time", way=False)
        for number in [one for one in one.amounts if one.dimension == "time"]:
            why = f"the spring of the joint opens it; {number.evidence!r} is not enforced"
            self.out.assumed.append({"path": f"actions.{one.id}", "value": "as fast as it goes", "why": why, "source": "rule"})
        if one.do == "close" and one.strength != 1.0:
            why = f"the spring of the joint closes it, not {one.strength:.3g} times as fast"
            self.out.assumed.append({"path": f"actions.{one.id}", "value": "as fast as it goes", "why": why, "source": "rule"})
        slide = thing.noun.morph == "cabinet"
        made = {"do": "slide_target" if slide else "joint_target", "joint": f"{base}.{part}",
        "stiffness": "60 N/m" if slide else "20 N*m/rad", "damping": "20 N*s/m" if slide else "8 N*m*s/rad",
                "value": drawn(said) if said else written(value, "length" if slide else "angle")}  # fmt: skip
        thing.morph["opening"] = 0.0 if one.do == "open" else 0.6
        self._add(one, made)
        if not self.intent.success:
            self.intent.success.append(Condition(pred="open" if one.do == "open" else "closed", of=base, evidence=one.evidence))
