"""What a dataset knows about one episode, as plain arrays: how bodies moved, who touched whom, what was done to them.

Masses are those of the spec, or density times volume of spheres, boxes, cylinders and capsules; nan where neither is known.
Limits: bodies of imported models have no mass and no shape here, so that measures which need them leave them out.
"""

import json
from dataclasses import dataclass, field
from typing import Any

import numpy as np

from datagen.errors import DatagenError
from datagen.evaluation.views import StoredViews, Views
from datagen.writers.dataset import Dataset

IMPULSE = 1e-4  # share of m g dt under which a touch is none
HIDDEN = (
    *("mass", "density", "areal_density", "friction", "torsional_friction", "rolling_friction", "restitution", "damping"),
    *("youngs_modulus", "poisson_ratio", "viscosity", "surface_tension", "sound_speed", "friction_angle", "cohesion"),
    *("yield_stress", "hardening", "bending", "rod_bending", "drag", "stiffness"),
)


@dataclass(frozen=True)
class Truth:
    """T frames of the B moving bodies of an episode, world frame, SI.

    position (T, B, 3), rotation (T, B, 4) wxyz, velocity (T, B, 3) of the origin; mass (B,) kg; touching: pair of names ->
    (T,) bool, touch in the interval that begins at a frame; outer (T, 3): impulse by bodies that do not move, in that interval;
    touched (T, B), acted (T, B): whether anything touched a body, whether an action was on it. bodies: those of the spec
    by name. impulse: pair -> (T,) size of the impulse between the two in that interval, N s. events: rows of the event log.
    views: what cameras saw. drawn: properties of matter that were drawn, by path.
    """

    index: int
    group: int
    branch: str
    fps: int
    gravity: np.ndarray
    names: tuple[str, ...]
    position: np.ndarray
    rotation: np.ndarray
    velocity: np.ndarray
    mass: np.ndarray
    touching: dict[frozenset[str], np.ndarray]
    outer: np.ndarray
    touched: np.ndarray
    acted: np.ndarray
    bodies: dict[str, Any]
    impulse: dict[frozenset[str], np.ndarray] = field(default_factory=dict)
    events: tuple[dict[str, Any], ...] = ()
    views: Views | None = None
    drawn: dict[str, float] = field(default_factory=dict)

    @property
    def pairs(self) -> list[tuple[str, str]]:
        """All pairs of moving bodies, in order."""
        return [(a, b) for place, a in enumerate(self.names) for b in self.names[place + 1 :]]

    def touches(self, pair: tuple[str, str]) -> np.ndarray:
        """(T,) whether the two touch in the interval that begins at a frame."""
        return self.touching.get(frozenset(pair), np.zeros(len(self.position), bool))

    def properties(self) -> dict[str, float]:
        """What latent probes look for: `body.mass`, `body.friction`, `body.restitution` of the bodies that move, and every
        drawn number of a property by its path (`materials.jelly.youngs_modulus`)."""
        found = {f"{name}.mass": float(mass) for name, mass in zip(self.names, self.mass, strict=True) if np.isfinite(mass)}
        for name in self.names:
            if name in self.bodies:
                found[f"{name}.friction"] = float(self.bodies[name]["friction"][0])
                found[f"{name}.restitution"] = float(self.bodies[name]["restitution"])
        return {**found, **self.drawn}


def read_truth(dataset: Dataset, index: int) -> Truth:
    """The truth of one episode. Raises DatagenError when nothing moves or impulses were not recorded."""
    schema, spec, frames = dataset.schema, json.loads(dataset.spec(index)), dataset.frames(index)
    if "observation.state" not in frames or schema.impulses is None:
        raise DatagenError(
            str(dataset.folder), "states or contacts were not recorded", "", "generate with record.contacts: true"
        )
    moving = list(schema.extra["moving"])
    there = np.asarray(frames["observation.state_mask"])[0].reshape(-1)
    state = np.asarray(frames["observation.state"], np.float64).reshape(len(frames["observation.state"]), len(moving), 13)
    state = state[:, there]
    names = tuple(name for name, here in zip(moving, there, strict=True) if here)
    bodies = {body["name"]: body for body in spec["bodies"]}
    fps, gravity = schema.fps, np.asarray(spec["world"]["gravity"], float)
    mass = np.array([body_mass(bodies.get(name)) for name in names])
    codes = {int(code): name for code, name in schema.extra["bodies"].items()}
    touching, impulse, outer, touched = _touches(dataset.impulses(index), codes, names, mass, len(state), gravity, fps)
    branch = spec.get("branch") or {"id": "base", "group": index}
    return Truth(
        index=index, group=branch["group"], branch=branch["id"], fps=fps, gravity=gravity, names=names,
        position=state[..., :3], rotation=state[..., 3:7], velocity=state[..., 7:10], mass=mass,
        touching=touching, outer=outer, touched=touched, acted=_acted(frames["action"], codes, names), bodies=bodies,
        impulse=impulse, events=tuple(dataset.events(index)), drawn=_hidden_draws(spec),
        views=StoredViews(dataset, index),
    )  # fmt: skip


def _hidden_draws(spec: dict[str, Any]) -> dict[str, float]:
    """Drawn numbers that no picture shows: properties of bodies, materials and joints."""
    found = {}
    for path, value in spec["draws"].items():
        if path.split(".")[-1] in HIDDEN and isinstance(value, (int, float)) and not isinstance(value, bool):
            found[path] = float(value)
    return found


def body_mass(body: dict[str, Any] | None) -> float:
    """Mass of a body of a resolved spec in kg; nan where it is not known from the spec alone."""
    if body is None:
        return float("nan")
    if body.get("mass") is not None:
        return float(body["mass"])
    if body.get("density") is None:
        return float("nan")
    return float(body["density"]) * sum(_volume(shape["type"], shape.get("size") or []) for shape in body["shapes"])


def _volume(kind: str, size: list[float]) -> float:
    if kind == "box":
        return size[0] * size[1] * size[2]
    if kind == "sphere":
        return 4.0 / 3.0 * np.pi * size[0] ** 3
    if kind == "cylinder":
        return np.pi * size[0] ** 2 * size[1]
    if kind == "capsule":
        return np.pi * size[0] ** 2 * (size[1] + 4.0 / 3.0 * size[0])
    return float("nan")


def _touches(rows, codes, names, mass, length, gravity, fps):
    """(touching, impulse, outer, touched) of the impulse rows; see Truth."""
    places = {name: place for place, name in enumerate(names)}
    touching: dict[frozenset[str], np.ndarray] = {}
    vectors: dict[frozenset[str], np.ndarray] = {}
    outer, touched = np.zeros((length, 3)), np.zeros((length, len(names)), bool)
    for frame, a, b, impulse in zip(rows["frame"], rows["body_a"], rows["body_b"], rows["impulse"], strict=True):
        pair = [codes.get(int(a), ""), codes.get(int(b), "")]
        own = [places[name] for name in pair if name in places]
        least = np.nanmin(np.append(mass[own], np.inf)) if own else np.inf
        floor = IMPULSE * least * np.linalg.norm(gravity) / fps if np.isfinite(least) else 0.0
        if not own or np.linalg.norm(impulse) <= floor:
            continue
        touched[frame, own] = True
        touching.setdefault(frozenset(pair), np.zeros(length, bool))[frame] = True
        vectors.setdefault(frozenset(pair), np.zeros((length, 3)))[frame] += impulse if pair[0] <= pair[1] else -impulse
        if len(own) == 1:
            outer[frame] += impulse if pair[1] in places else -impulse
    return touching, {pair: np.linalg.norm(sums, axis=-1) for pair, sums in vectors.items()}, outer, touched


def _acted(action: np.ndarray, codes: dict[int, str], names: tuple[str, ...]) -> np.ndarray:
    """(T, B) whether an action is on a body in the interval that begins at a frame."""
    found = np.zeros((len(action), len(names)), bool)
    if action.reshape(len(action), -1).shape[1] % 8:
        return found
    for frame, row in enumerate(action.reshape(len(action), -1, 8)):
        for active, target in row[:, :2]:
            name = codes.get(int(target), "")
            if active and name in names:
                found[frame, names.index(name)] = True
    return found
