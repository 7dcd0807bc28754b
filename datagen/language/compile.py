"""`Intent` -> spec: entities, places, actions, task, branches, cameras and duration, by fixed rules and in a fixed order.

Only a validated `Intent` comes in here. Every default that it does not say is written to `assumed`, what the engine cannot do
to `not_simulable`, and what cannot be at all, with its arithmetic, to `impossible`.
"""

import math
import re
from typing import Any

from . import lexicon as lex
from .acts import Acts, part_of
from .draft import Compiled
from .goals import NOT_SIMULABLE, branch, task
from .intent import Intent
from .shaping import INTERIOR, RIGID, Shaped, drawn, stand, written
from .surroundings import lights
from .weather import Weather, turned


def compile_intent(intent: Intent, prompt: str, vary: str = "little") -> Compiled:
    """The spec of an intent."""
    return _Compiler(intent, prompt, vary).made()


class _Compiler(Acts, Weather):
    def made(self) -> Compiled:
        """Everything, in the order of the document."""
        chased = {(one.target.split("[")[0], one.toward.split(" ")[-1]) for one in self.intent.actions if one.toward}
        relations = stand(self.shaped, self.intent, chased)
        self.relations = [one for one in relations if not self._on_ramp(one)]
        self._raise_what_has_to_fall()
        self._hang()
        self._flown()
        self._within_reach()
        self._robot_told()
        for action in self.intent.actions:
            self._action(action)
        self._check_volumes()
        self._check_relations()
        unset = [one for one in self.out.assumed if one["source"] == "lexicon"]
        self.out.unused += [f"{one['value']!r}: {one['why']}" for one in unset]
        uneven = [thing for thing in self.shaped.values() if thing.thing.rows and not thing.rows]
        self.out.unused += [f"{one.thing.evidence!r}: rows and columns do not give their number" for one in uneven]
        entities = self._entities()
        spec: dict[str, Any] = {"spec": 1, "name": "described", "text": " ".join(self.prompt.split())[:400]}
        spec["world"] = self._world()
        spec["materials"] = {
            f"{name}_stuff": self._material(thing)
            for name, thing in self.shaped.items()
            if (thing.material in RIGID and not thing.materials) or self._soft_mass(thing)
        }
        spec["entities"] = entities
        spec |= {"joints": self.joints} if self.joints else {}
        if self.relations:
            spec["place"] = [self._relation(one) for one in self.relations]
        if self.robots:
            feet = {name: self.bases.get(name, -0.45 - 0.6 * n) for n, name in enumerate(self.robots)}
            spec["actors"] = {
                name: {
                    "robot": noun.size["robot"],
                    "position": [written(feet[name], "length"), "0 m", written(self.heights.get(name, 0.0), "length")],
                }
                for name, noun in self.robots.items()
            }
        if self.actions:
            spec["actions"] = self.actions
            single = [name for name, made in self.actions.items() if "[*]" not in str(made.get("target", ""))]
            spec |= {"focus": single[0]} if single else {}
        self._branches(spec)
        for one in [*self.intent.success, *self.intent.failure]:
            if one.pred in NOT_SIMULABLE:
                self.out.not_simulable.append(f"{one.evidence!r}: {NOT_SIMULABLE[one.pred]}")
        spec |= task(self.intent, self.shaped, spec["text"], self.wanted)
        self._joint_goals(spec)
        spec["cameras"] = self._cameras()
        if lit := [one.word for one in self.intent.settings if one.what == "light"]:
            spec["lights"] = lights(lit)
        fps = next((one.value for one in self.intent.settings if one.what == "fps"), 30.0)
        duration = written(self._duration(), "time")
        spec["record"] = {
            "fps": int(min(max(fps, 1.0), 1000.0)),
            "duration": duration,
            "outputs": ["rgb", "depth", "segmentation"],
        }
        self.out.spec = spec
        return self.out

    def _raise_what_has_to_fall(self) -> None:
        """`When the ball hits the floor`: it is not there yet."""
        for action in self.intent.actions:
            when, ground = action.when, self.ground.id if self.ground else "floor"
            thing = self.shaped.get(when.of.split("[")[0]) if when else None
            if when is None or thing is None or thing.position is None or when.pred != "hit" or when.ref != ground:
                continue
            if not any(one.target == when.of for one in self.intent.actions):
                thing.position = (thing.position[0], thing.position[1], 0.5)
                path = f"entities.{thing.thing.id}.position"
                self.out.assumed.append({"path": path, "value": "0.5 m above", "why": "it has to fall", "source": "rule"})

    def _hang(self) -> None:
        """A pendulum that hits something hangs just before it, at half its height."""
        for one in self.intent.success:
            bob, goal = self.shaped.get(one.of.split("[")[0]), self.shaped.get(one.ref.split("[")[0])
            if one.pred == "hit" and bob and goal and bob.noun.morph == "pendulum" and goal.position is not None:
                radius, size = bob.numbers["radius"], goal.group()
                x = goal.position[0] - 0.5 * size[0] - radius - 0.005
                bob.position = (x, goal.position[1], max(goal.position[2] + 0.5 * size[2], radius + 0.005))

    def _world(self) -> dict[str, Any]:
        gravity = next((one.value for one in self.intent.settings if one.what == "gravity"), None)
        fps = next((one.value for one in self.intent.settings if one.what == "fps"), 30.0)
        return (
            {"substeps": math.ceil(480.0 / min(max(fps, 1.0), 1000.0))}
            | ({} if gravity is None else {"gravity": written(gravity, "acceleration")})
            | self._wind()
        )

    def _on_ramp(self, one: Any) -> bool:
        """Whether this is `on a ramp`, which is a place at its upper end."""
        ramp = self.shaped[one.ref]
        if ramp.noun.morph != "ramp" or one.rel not in ("on_top", "down"):
            return False
        self.shaped[one.of].position = None
        self.moved.add(f"ramp {one.of} {one.ref}")
        return True

    def _material(self, thing: Shaped) -> dict[str, Any]:
        made: dict[str, Any] = {"preset": thing.material}
        if thing.material not in RIGID:
            return made | {"density": written(thing.mass() / max(thing.volume(), 1e-9), "density")}
        free = any(one.what == "friction" for one in self.intent.settings)
        for key in ("friction", "restitution"):
            if key in thing.thing.sizes:
                made[key] = drawn(thing.thing.sizes[key], 1.0, "count")
            elif key in thing.thing.states:
                made[key] = thing.thing.states[key]
        below = next((word.split()[2] for word in sorted(self.moved) if word.startswith(f"ramp {thing.thing.id} ")), "")
        if below and "friction" not in made and "friction" in self.shaped[below].thing.states:
            made["friction"] = self.shaped[below].thing.states["friction"]  # the engine takes the rougher of the two
        if free:
            made["friction"] = 0.0
        elif self.vary == "much" and "friction" not in made:
            made["friction"] = {"dist": "uniform", "low": 0.2, "high": 0.8}
        if "density" in thing.thing.sizes and "mass" not in thing.thing.sizes:
            made["density"] = drawn(thing.thing.sizes["density"])
        return made

    def _entities(self) -> dict[str, Any]:
        ground = {"morph": {"type": "plane"}, "color": "light_gray", "pattern": "checker"}
        free = any(one.what == "friction" for one in self.intent.settings) or (
            self.ground is not None and "friction" in self.ground.states
        )
        if free:
            ground["material"] = {
                "friction": 0.0
                if self.ground is None or "friction" not in self.ground.states
                else self.ground.states["friction"]
            }
        elif self.ground is not None and self.ground.material:
            ground["material"] = self.ground.material
        out: dict[str, Any] = {self.ground.id if self.ground else "floor": ground}
        for name, thing in self.shaped.items():
            out[name] = self._entity(name, thing)
        for one in self.intent.things:
            if one.noun in lex.SUBSTANCES:
                out[one.id] = self._substance(one)
        return out | self.added

    def _entity(self, name: str, thing: Shaped) -> dict[str, Any]:
        morph, said = thing.noun.morph, thing.thing
        made: dict[str, Any] = {
            "morph": dict(thing.morph),
            "material": f"{name}_stuff" if thing.material in RIGID or self._soft_mass(thing) else thing.material,
        }
        if thing.materials:
            made["material"] = {"dist": "choice", "of": thing.materials}
        if morph in ("sheet", "rope"):
            made["material"] = thing.material if thing.material not in RIGID else thing.noun.material
        soft = thing.material not in RIGID
        if soft:
            pass
        elif "mass" in said.sizes:
            made["mass"] = drawn(said.sizes["mass"])
        elif (thing.noun.mass is not None and not said.material and "density" not in said.sizes) or "mass" in said.factors:
            made["mass"] = written(thing.mass(), "mass")
        if "roughness" in said.states and not soft:
            made["roughness"] = said.states["roughness"]
        if said.color:
            made["color"] = {"dist": "choice", "of": said.color.split("|")} if "|" in said.color else said.color
        elif self.vary == "much" and morph not in ("sheet", "rope"):
            made["color"] = {"dist": "choice", "of": ["red", "orange", "yellow", "green", "teal", "blue", "violet", "ivory"]}
        if said.count is not None:
            made |= self._counted(name, thing, said.count)
        ramp = next((word.split()[2] for word in sorted(self.moved) if word.startswith(f"ramp {name} ")), "")
        if ramp:
            made |= {
                "relative_to": ramp,
                "position": [written(-0.4 * self.shaped[ramp].numbers["length"], "length"), self._beside(name, ramp), "0 m"],
                "origin": "bottom",
            }
            if "arrange" in made:
                made["arrange"] = made["arrange"] | ({"direction": "y"} if made["arrange"]["type"] == "line" else {})
        elif morph == "pendulum":
            length = thing.numbers["length"]
            x, y, z = thing.position or (0.0, 0.0, 0.0)
            made["position"] = [written(x, "length"), written(y, "length"), written(z or 0.3, "length")]
            angle = said.sizes.get("angle")
            self.joints[f"{name}_pivot"] = {
                "type": "hinge",
                "body": name if said.count is None else f"{name}[*]",
                "anchor": ["0 m", "0 m", written(length, "length")],
                "axis": "y",
                "initial": drawn(angle) if angle else "0.7 rad",
            }
        elif thing.position is not None and morph in ("sheet", "rope"):
            made["position"] = [written(value, "length") for value in thing.position]
            made |= turned(thing)
        elif thing.position is not None:
            made |= {"position": [written(value, "length") for value in thing.position], "origin": "bottom"}
            if name in self.turns:
                made["rotation"] = {"axis": "z", "angle": self.turns[name]}
            if self.vary != "none" and not thing.fixed and morph == "box" and said.count is None and name not in self.moved:
                wide = 0.05 if self.vary == "little" else 0.6
                made["rotation"] = {"yaw": {"dist": "uniform", "low": f"{-wide:g} rad", "high": f"{wide:g} rad"}}
        if (thing.fixed and f"free {name}" not in self.moved) or name in self.moved:
            made["fixed"] = True
        return made

    def _beside(self, name: str, ramp: str) -> str:
        """Where across a ramp a thing starts: in the middle, or side by side with others."""
        names = [one.split()[1] for one in self.moved if one.startswith("ramp ") and one.split()[2] == ramp]
        names = [one for one in self.shaped if one in names]
        widths = [self.shaped[one].group()[1] + 0.03 for one in names]
        before = sum(widths[: names.index(name)])
        return "0 m" if len(names) < 2 else str(written(before + 0.5 * widths[names.index(name)] - 0.5 * sum(widths), "length"))

    def _soft_mass(self, thing: Shaped) -> bool:
        """Whether a soft thing has a mass of its own, which the density of its stuff then gives."""
        said = "mass" in thing.thing.sizes or "mass" in thing.thing.factors
        return thing.material not in RIGID and said and thing.noun.morph not in ("sheet", "rope")

    def _counted(self, name: str, thing: Shaped, count: Any) -> dict[str, Any]:
        """How many there are, and how they are arranged."""
        ends = [int(value) for value in count.values]
        spread = {"choice": {"dist": "choice", "of": ends}, "exact": ends[0]}
        if not thing.thing.arrange:
            path = f"entities.{name}.arrange"
            self.out.assumed.append(
                {"path": path, "value": thing.arrangement(), "why": "no arrangement given", "source": "rule"}
            )
        return {
            "count": spread.get(count.kind, {"dist": "integer", "low": ends[0], "high": ends[-1]}),
            "arrange": thing.arrange(),
        }

    def _substance(self, one: Any) -> dict[str, Any]:
        preset = lex.SUBSTANCES[one.noun]
        vessel = one.into or next((name for name, thing in self.shaped.items() if thing.noun.family == "vessel"), "")
        volume = one.sizes.get("volume")
        amount: dict[str, Any] = {"volume": drawn(volume)} if volume else {"share": one.states.get("share", 0.6)}
        if not volume and "share" not in one.states:
            self.out.assumed.append(
                {"path": f"entities.{one.id}.morph.share", "value": "0.6", "why": "no amount given", "source": "rule"}
            )
        height = one.sizes.get("height")
        tank = self.shaped.get(vessel)
        if height is not None and tank is not None and "size" in tank.numbers:
            return self._dam(one, preset, height, tank)
        if vessel and tank is not None and tank.thing.count is not None and "[" not in vessel:
            vessel = f"{vessel}[0]"
        if vessel and height is None and not any(rel.of == one.id and rel.rel == "on_top" for rel in self.intent.relations):
            return {"morph": {"type": "fill", "into": vessel, **amount}, "material": preset}
        if heap := self._column(one, preset, volume):
            return heap
        side = (volume.middle if volume else 1e-3) ** (1 / 3)
        return {
            "morph": {"type": "box", "size": [written(side, "length")] * 3},
            "material": preset,
            "position": ["0 m", "0 m", "0.1 m"],
            "origin": "bottom",
        }

    def _dam(self, one: Any, preset: str, height: Any, tank: Shaped) -> dict[str, Any]:
        """A column of liquid at the left end of a tank, as high as said and a third as long as the tank."""
        x, y, z = tank.position or (0.0, 0.0, 0.0)
        wall = 0.012
        long, wide = tank.numbers["size"][0] - 2 * wall, tank.numbers["size"][1] - 2 * wall
        size = [drawn(one.sizes["length"]) if "length" in one.sizes else written(long / 3, "length"), written(wide, "length")]
        if height.middle > tank.numbers["size"][2]:
            self.out.impossible.append(f"{height.evidence!r}: {height.middle:g} m do not fit into the {tank.thing.id}")
        return {
            "morph": {"type": "box", "size": [*size, drawn(height)]},
            "material": preset,
            "position": [written(x - long / 3, "length"), written(y, "length"), written(z + wall, "length")],
            "origin": "bottom",
        }

    def _column(self, one: Any, preset: str, volume: Any) -> dict[str, Any] | None:
        """Stuff that stands free on something: a block of the size that is said, from where it falls apart."""
        below = next((rel.ref for rel in self.intent.relations if rel.of == one.id and rel.rel in ("on_top", "above")), "")
        under = self.shaped.get(below)
        x, y, z = (under.position if under and under.position else None) or (0.0, 0.0, 0.0)
        top = z + (under.extent()[2] if under else 0.0)
        sides = {key: number.middle for key, number in one.sizes.items()}
        if not under and not sides.keys() & {"height", "width", "length", "side", "diameter"}:
            return None
        usual = (volume.middle if volume else 1e-3) ** (1 / 3)
        wide = sides.get("side", sides.get("width", sides.get("diameter", usual)))
        size = [sides.get("length", wide), wide, sides.get("height", sides.get("side", usual))]
        self.out.assumed.append(
            {"path": f"entities.{one.id}.morph.size", "value": str(size), "why": "a block that falls apart", "source": "rule"}
        )
        return {
            "morph": {"type": "box", "size": [written(side, "length") for side in size]},
            "material": preset,
            "position": [written(x, "length"), written(y, "length"), written(top + 0.002, "length")],
            "origin": "bottom",
        }

    def _relation(self, one: Any) -> dict[str, Any]:
        rel = {"below": "under", "down": "on_top"}.get(one.rel, one.rel)
        made: dict[str, Any] = {"rel": rel, "of": one.of, "ref": [one.ref, one.other] if rel == "between" else one.ref}
        if one.amount is not None and rel in ("left_of", "right_of", "in_front_of", "behind", "above", "under", "next_to"):
            made |= {
                "min": written(min(one.amount.values), "length"),
                "max": written(max(one.amount.values) * 1.001 + 0.001, "length"),
            }
        elif rel in ("left_of", "right_of", "in_front_of", "behind"):
            made |= {"min": "0.03 m", "max": "0.15 m"}
        elif rel == "above":
            made |= {"min": "0.2 m", "max": "0.3 m"}
        elif rel == "far_from" and one.amount is not None:
            made["min"] = written(one.amount.middle, "length")
        return made

    def _joint_goals(self, spec: dict[str, Any]) -> None:
        """Goals about open and closed are about the joint of the part."""

        def walk(node: Any) -> None:
            if isinstance(node, dict):
                if node.get("pred") in ("open", "closed") and node.get("of") in self.shaped:
                    node["of"] = f"{node['of']}.{part_of(self.shaped[node['of']]) or 'lid'}"
                for value in node.values():
                    walk(value)
            elif isinstance(node, list):
                for value in node:
                    walk(value)

        walk(spec.get("task"))
        walk(spec.get("actions"))

    def _branches(self, spec: dict[str, Any]) -> None:
        made = []
        for number, one in enumerate(self.intent.what_if):
            found, why = branch(
                number, one, self.shaped, self.actions, next(iter(self.actions), ""), self.ground.id if self.ground else ""
            )
            if found is None:
                self.out.not_simulable.append(f"{one.evidence!r}: {why}")
            else:
                made.append(found)
        if made:
            spec["branches"] = made

    def _check_volumes(self) -> None:
        for one in self.intent.things:
            volume, vessel = one.sizes.get("volume"), self.shaped.get(one.into)
            room = INTERIOR.get(vessel.noun.morph) if vessel else None
            said = vessel.thing.sizes.get("volume") if vessel else None
            if volume is not None and vessel is not None and (room or said):
                holds = said.middle if said else room(vessel.numbers) if room else 0.0
                if max(volume.values) > holds:
                    self.out.impossible.append(
                        f"{volume.evidence!r}: {max(volume.values) * 1e3:.3g} l do not fit into the {vessel.thing.id}, "
                        f"which holds {holds * 1e3:.3g} l"
                    )
        for relation in self.intent.relations:
            inner, outer = self.shaped.get(relation.of), self.shaped.get(relation.ref)
            if relation.rel == "inside" and inner and outer and sorted(inner.extent())[0] > sorted(outer.extent())[1]:
                self.out.impossible.append(
                    f"{relation.evidence!r}: the {relation.of} ({sorted(inner.extent())[0]:.3g} m) is wider than the "
                    f"{relation.ref} ({sorted(outer.extent())[1]:.3g} m)"
                )

    def _check_relations(self) -> None:
        """A relation of what has no place of its own (a robot, a liquid that is in nothing) is told."""
        known = {*self.shaped, *([self.ground.id] if self.ground else [])}
        stuff = {one.id for one in self.intent.things if one.noun in lex.SUBSTANCES}
        for one in self.relations:
            ref = self.shaped[one.ref]
            if one.rel in ("below", "under") and ref.noun.morph == "box" and ref.position is not None and not ref.position[2]:
                self.out.impossible.append(f"{one.evidence!r}: the {one.ref} is a solid block here; nothing fits under it")
        for one in self.intent.relations:
            if one.of not in known | stuff or one.ref not in known:
                self.out.unused.append(
                    f"{one.evidence!r}: {one.of} {one.rel.replace('_', ' ')} {one.ref} has no use in the scene"
                )

    def _cameras(self) -> dict[str, Any]:
        """`main`, and one more for every view that is asked for."""
        views = [one.word for one in self.intent.settings if one.what == "camera"]
        return {f"camera_{n + 1}" if n else "main": self._camera(word) for n, word in enumerate(dict.fromkeys(views or [""]))}

    def _camera(self, word: str) -> dict[str, Any]:
        low, high = [0.0, 0.0, 0.0], [0.0, 0.0, 0.1]
        for thing in self.shaped.values():
            x, y, z = thing.position or (0.0, 0.0, 0.4 if thing.noun.morph == "pendulum" else 0.2)
            size = thing.group()
            low = [min(low[0], x - size[0] / 2), min(low[1], y - size[1] / 2), 0.0]
            high = [max(high[0], x + size[0] / 2), max(high[1], y + size[1] / 2), max(high[2], z + size[2])]
        for base in self.bases.values():  # the arm is in the picture
            low, high = [min(low[0], base - 0.1), *low[1:]], [*high[:2], max(high[2], 0.6)]
        reach = self._falls_beside()
        low, high = [min(low[0], low[0] + reach), *low[1:]], [max(high[0], high[0] + reach), *high[1:]]
        middle = [0.5 * (a + b) for a, b in zip(low, high, strict=True)]
        radius = 0.5 * math.dist(low, high)
        radius += min(0.15, 0.35 * radius) if self.actions else 0.0
        azimuth, elevation = lex.CAMERAS.get(word, (-70.0, 22.0))
        spread = {"none": 0.0, "little": 8.0, "much": 40.0}[self.vary] if not word else 0.0
        turn: Any = (
            {"dist": "uniform", "low": f"{azimuth - spread:g} deg", "high": f"{azimuth + spread:g} deg"}
            if spread
            else f"{azimuth:g} deg"
        )
        closer = math.prod(one.value for one in self.intent.settings if one.what == "closer")
        distance = max(1.15 * radius / math.sin(math.radians(20.0)), 0.25) * closer
        distance = next((one.value for one in self.intent.settings if one.what == "distance"), distance)
        said = next((one.word for one in self.intent.settings if one.what == "resolution"), "128x128")
        return {
            "orbit": {"distance": written(distance, "length"), "azimuth": turn, "elevation": f"{elevation:g} deg"},
            "look_at": [written(one, "length") for one in middle],
            "fov": "40 deg",
            "resolution": [int(side) for side in said.split("x")] if re.fullmatch(r"\d{1,4}x\d{1,4}", said) else [128, 128],
        }

    def _falls_beside(self) -> float:
        """How far along x beside a table what leaves it is seen, m."""
        off = [action for action in self.intent.actions if action.toward.startswith("off ")]
        return 0.0 if not off else -0.5 if off[0].direction == "left" else 0.5

    def _duration(self) -> float:
        said = next((one.value for one in self.intent.settings if one.what == "duration"), None)
        if said is not None:
            return said
        holds = max([one.hold for one in [*self.intent.success, *self.intent.failure]], default=0.0)
        last = max([one.at or 0.0 for one in self.intent.actions], default=0.0) + sum(
            one.delay + 0.5 for one in self.intent.actions if one.after
        )
        fall = max(
            [math.sqrt(2.0 * max((thing.position or (0, 0, 0))[2], 0.0) / 9.81) for thing in self.shaped.values()], default=0.0
        )
        last += sum(number.middle for one in self.intent.actions for number in one.amounts if number.dimension == "time")
        pour = max(0.0, self.pours - 1.6, self._skill_time() - 1.5)
        chain = 0.08 * max([thing.items() for thing in self.shaped.values()], default=1)
        total = min(math.ceil(10.0 * (2.5 + last + holds + fall + pour + chain)) / 10.0, 60.0)
        self.out.assumed.append(
            {
                "path": "record.duration",
                "value": f"{total:g} s",
                "why": "no duration given",
                "source": "rule: contains the actions",
            }
        )
        return total
