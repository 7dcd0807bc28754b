"""Whether a placed scene stays as it was placed while it settles: drift, overlap, and the relations of `place`.

A subject of a relation may move by 1 cm and turn by 5 deg; its contacts may overlap by 1 mm; every hard relation must still
hold, to 2 mm. What fails is said in one sentence, and the episode is a failed one. An edited branch is not judged: its base
was, and what an edit takes away (the table under a cup) may well let things fall.

Limits: relations see boxes and single solids, as in `datagen.placement`; overlap is that of the engine's contacts.
"""

from collections.abc import Sequence
from typing import Any

import numpy as np

from datagen.placement.demands import Axes, Demand, View, margin
from datagen.quaternions import multiply
from datagen.spec import EpisodeSpec
from datagen.spec.pose import Pose
from datagen.spec.standing import block_of

DRIFT = 0.01  # m
TURN = 0.0873  # rad, 5 deg
OVERLAP = 0.001  # m
SLACK = 0.002  # m


class SettleWatch:
    """Poses before settling; `complaints` compares them with those after it."""

    def __init__(self, simulation: Any, specs: Sequence[EpisodeSpec]):
        self.simulation, self.specs = simulation, specs
        self.judged = [spec.settled and bool(spec.relations) and not (spec.branch and spec.branch.edits) for spec in specs]
        self.wanted = any(self.judged)
        self.number = {name: number for number, name in enumerate(simulation.names.body)}
        if self.wanted:
            self.before = self._poses()

    def _poses(self) -> tuple[np.ndarray, np.ndarray]:
        state = self.simulation.state
        return np.array(state.body_position, float), np.array(state.body_rotation, float)

    def complaints(self) -> list[str]:
        """Per environment what is wrong, or ""."""
        if not self.wanted:
            return [""] * len(self.specs)
        now = self._poses()
        contacts = self.simulation.contacts()
        return [self._complaint(env, spec, now, contacts) if self.judged[env] else "" for env, spec in enumerate(self.specs)]

    def _complaint(self, env: int, spec: EpisodeSpec, now: tuple[np.ndarray, np.ndarray], contacts: Any) -> str:
        subjects = {name for relation in spec.relations for name in relation.of}
        for name in sorted(subjects):
            body = self.number[name]
            moved = float(np.linalg.norm(now[0][env, body] - self.before[0][env, body]))
            turned = _angle(now[1][env, body], self.before[1][env, body])
            if moved > DRIFT or turned > TURN:
                return f"{name} moved by {1000.0 * moved:.1f} mm and turned by {np.degrees(turned):.1f} deg"
        mine = contacts[contacts["env"] == env]
        for row in mine[mine["depth"] > OVERLAP]:
            names = [self.simulation.names.body[row[key]] for key in ("body_a", "body_b")]
            if subjects & set(names):
                return f"{names[0]} and {names[1]} overlap by {1000.0 * float(row['depth']):.2f} mm"
        return self._broken(env, spec, now)

    def _broken(self, env: int, spec: EpisodeSpec, now: tuple[np.ndarray, np.ndarray]) -> str:
        """The first hard relation that no longer holds."""
        bodies = {body.name: body for body in spec.bodies}

        def view(names: tuple[str, ...]) -> View:
            members = []
            for name in names:
                body = self.number[name]
                place = tuple(float(value) for value in now[0][env, body])
                turn = tuple(float(value) for value in now[1][env, body])
                members.append((bodies[name].shapes, bodies[name].interior, Pose(place, turn)))  # type: ignore[arg-type]
            block = block_of(names[0], members)
            assert block.pose is not None
            return View(block, *block.pose)

        axes = Axes(*(_axis(spec, word) for word in ("right", "forward")))
        for relation in spec.relations:
            if not relation.hard:
                continue
            demand = Demand(relation.rel, relation.of[0], relation.ref, relation.numbers, relation.words)
            several = relation.rel in ("between", "aligned")
            objects = [view((name,)) for name in relation.ref] if several else [view(relation.ref)]
            value = float(margin(demand, view(relation.of), objects, axes)[0])
            if value < -(TURN if relation.rel == "facing" else SLACK):
                said = f"{relation.rel}({', '.join(relation.of)}; {', '.join(relation.ref)})"
                return f"{said} of {relation.authored} no longer holds, by {1000.0 * -value:.1f} mm"
        return ""


def _axis(spec: EpisodeSpec, word: str) -> tuple[int, int]:
    index, sign = spec.frame_axes[0 if word == "right" else 1]
    return index, sign


def _angle(p: np.ndarray, q: np.ndarray) -> float:
    """Angle between two rotations, rad."""
    turn = multiply(p, q * np.array([1.0, -1.0, -1.0, -1.0]))
    return float(2.0 * np.arctan2(np.linalg.norm(turn[1:]), abs(turn[0])))
