"""From the recorded frames of a batch to one EpisodeRecord per environment: features, tables, events, outcome and provenance.

Nothing here depends on the batch that an episode ran in: every number comes from the environment's own rows, and provenance
names what decides about the bits (engine, compiler, backend, precision, timestep, substeps), not who ran it.
"""

import hashlib
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

import engine
from datagen.build import model_bodies, model_joints
from datagen.episode.groups import prefix_sha256
from datagen.episode.layout import ACTION_NUMBERS, BODY_NUMBERS, Layout, action_names, contact_columns, impulse_columns
from datagen.episode.recording import Recorder, of_env
from datagen.spec import EpisodeSpec
from datagen.tasks.causes import causal_record
from datagen.tasks.events import Event, Track, count_events, find_events
from datagen.tasks.judgement import frames_of, outcome_of
from datagen.writers.record import EpisodeRecord
from engine.types import Feature


def make_record(recorder: Recorder, env: int, facts: Mapping[str, Any]) -> EpisodeRecord:
    """The record of one environment. facts: what provenance says about the engine."""
    spec, layout = recorder.specs[env], recorder.layout
    state = np.ascontiguousarray(np.stack([rows[env] for rows in recorder.rows]))
    track = make_track(recorder, env)
    events = find_events(track) if layout.record.events else []
    tables = layout.record.contacts
    return EpisodeRecord(
        index=spec.index,
        seed=spec.seed,
        task=spec.text,
        length=recorder.length,
        frames=_frames(recorder, env, track, state),
        videos=recorder.videos(env),
        dense=recorder.dense(env),
        state=state if layout.record.state else None,
        state_names=_state_names(recorder) if layout.record.state else (),
        contacts=_table(recorder, env, recorder.contacts, contact_columns()) if tables else None,
        impulses=_table(recorder, env, recorder.touches, impulse_columns()) if tables else None,
        events=tuple(events),
        spec_json=spec.to_json(),
        authored_sha256=spec.spec_sha256,
        provenance={**_provenance(spec, state, facts), **_causes(recorder, env, track, events, state)},
        outcome={**_outcome(track, events), **_judged(recorder, env)},
        notes={"stage": spec.stage, "importance_weight": 1.0 / spec.density if spec.density else 0.0},
    )


def _causes(recorder: Recorder, env: int, track: Track, events: Sequence[Event], state: np.ndarray) -> dict[str, Any]:
    """The causal record, and of a counterfactual what it shares with its base."""
    spec = recorder.specs[env]
    first: dict[str, tuple[int, str]] = {}
    for frame, applied in enumerate(recorder.applied):
        for name in applied[env]:
            action = next((one for one in spec.actions if one.id == name), None)
            if action is not None:
                first.setdefault(name, (frame, target_body(spec, action)))
    found: dict[str, Any] = {"causes": causal_record(track, first, events)} if first and layout_has_events(recorder) else {}
    if spec.branch is not None and spec.branch.id != "base":
        found["prefix_sha256"] = prefix_sha256(list(state), spec.branch.base, spec.branch.frame)
        found["branch"] = {
            "id": spec.branch.id,
            "base": spec.branch.base,
            "group": spec.branch.group,
            "frame": spec.branch.frame,
        }
    elif spec.branch is not None:
        found["branch"] = {"id": "base", "group": spec.branch.group}
    return found


def layout_has_events(recorder: Recorder) -> bool:
    """Whether events are found and stored."""
    return bool(recorder.layout.record.events)


def _judged(recorder: Recorder, env: int) -> dict[str, Any]:
    verdicts, spec = recorder.watch.verdicts, recorder.specs[env]
    return {} if verdicts is None or spec.task is None else outcome_of(spec.task, verdicts, env, spec.world.fps)


def fault_words(bits: int) -> str:
    """Names of fault bits, "" for none."""
    return ", ".join(str(fault.name).lower().replace("_", " ") for fault in engine.Fault if fault.value and bits & fault.value)


def state_places(simulation: Any) -> list[tuple[str, int]]:
    """(name, offset) of every number of a snapshot row, `qpos[3]` for the fourth number of an array."""
    placement = simulation.model.placement
    names = [name for name, array in placement.table.arrays.items() if array.store.value == "ws:state"]
    start = min(placement.offsets[name] for name in names)
    return [
        (f"{name}[{number}]", placement.offsets[name] - start + number)
        for name in names
        for number in range(int(np.prod(placement.shapes[name], dtype=int)))
    ]


def _state_names(recorder: Recorder) -> tuple[str, ...]:
    """Names of the numbers of a state row; none where matter stands behind the rigid bodies in it."""
    if recorder.simulation.continua:
        return ()
    return tuple(name for name, _ in state_places(recorder.simulation))


def make_track(recorder: Recorder, env: int) -> Track:
    """What the events are found in."""
    spec, names = recorder.specs[env], recorder.simulation.names.body
    bodies = {body.name: body for body in spec.bodies}
    listed = [bodies.get(name) for name in names]
    linked = {name for model in spec.models for name in model_bodies(model)}
    moving = np.array(
        [
            name in linked if body is None else not (body.fixed or body.prescribed or _welded(body))
            for name, body in zip(names, listed, strict=True)
        ]
    )
    free = np.array([body is not None and (body.joint is None or body.joint.type == "free") for body in listed])
    balls = np.array([body is not None and all(shape.type == "sphere" for shape in body.shapes) for body in listed])
    mass = recorder.simulation.compiled.reals["body_mass"]
    floors = [
        body.position[2] for body in spec.bodies if body.fixed and body.shapes[0].type == "plane" and body.rotation[0] > 0.999
    ]
    return Track(
        fps=spec.world.fps,
        substeps=spec.world.substeps,
        gravity=float(np.linalg.norm(spec.world.gravity)),
        names=names,
        position=np.stack([values[env] for values in recorder.position]),
        rotation=np.stack([values[env] for values in recorder.rotation]),
        velocity=np.stack([values[env] for values in recorder.velocity]),
        moving=moving,
        free=free,
        round=balls,
        mass=mass[min(env, len(mass) - 1)],
        touches=[of_env(table, env) for table in recorder.touches],
        before=None if recorder.before is None else of_env(recorder.before, env),
        floor=min(floors, default=None),
    )


def _welded(body: Any) -> bool:
    return body.joint is not None and body.joint.type == "fixed"


# ---- features


def _frames(recorder: Recorder, env: int, track: Track, state: np.ndarray) -> dict[str, np.ndarray]:
    layout, length = recorder.layout, recorder.length
    frames: dict[str, np.ndarray] = {}
    if layout.moving:
        frames["observation.state"], frames["observation.state_mask"] = _body_state(layout, track)
        frames["observation.contact_force"] = _contact_force(layout, track)
    if layout.joints:
        frames["observation.joint_state"] = _joint_state(recorder, state)
    frames.update(recorder.senses.frames(env))
    frames["action"] = _actions(recorder, env)
    last = np.zeros((length, 1), bool)
    last[-1] = True
    frames["next.done"], frames["next.terminated"], frames["next.truncated"] = last, np.zeros((length, 1), bool), last.copy()
    verdicts, task = recorder.watch.verdicts, recorder.specs[env].task
    if verdicts is not None and task is not None:
        frames.update(frames_of(task, verdicts, env, length))
        frames["next.done"] = last | frames["next.terminated"]
    return frames


def _body_state(layout: Layout, track: Track) -> tuple[np.ndarray, np.ndarray]:
    number = {name: place for place, name in enumerate(track.names)}
    values = np.zeros((track.length, len(layout.moving), len(BODY_NUMBERS)), np.float32)
    mask = np.zeros((track.length, len(layout.moving)), bool)
    for place, name in enumerate(layout.moving):
        if name in number:
            body = number[name]
            values[:, place] = np.concatenate(
                [track.position[:, body], track.rotation[:, body], track.velocity[:, body]], axis=1
            )
            mask[:, place] = True
    return values.reshape(track.length, -1), mask


def _contact_force(layout: Layout, track: Track) -> np.ndarray:
    """Impulses of the interval before each frame, over its duration, summed per body; the interval before frame 0 is that of
    settling.
    """
    places = {name: place for place, name in enumerate(layout.moving)}
    place = np.array([places.get(name, len(layout.moving)) for name in track.names])
    forces = np.zeros((track.length, len(layout.moving) + 1, 3), np.float64)
    for frame, touch in enumerate([track.before, *track.touches[:-1]]):
        if touch is not None:
            np.add.at(forces[frame], place[touch["body_b"]], touch["impulse"] * track.fps)
            np.add.at(forces[frame], place[touch["body_a"]], -touch["impulse"] * track.fps)
    return forces[:, :-1].reshape(track.length, -1).astype(np.float32)


def _joint_state(recorder: Recorder, state: np.ndarray) -> np.ndarray:
    simulation, layout = recorder.simulation, recorder.layout
    offsets = dict(state_places(simulation))
    numbers = {name: number for number, name in enumerate(simulation.names.joint)}
    values = np.zeros((recorder.length, len(layout.joints), 2), np.float32)
    for place, name in enumerate(layout.joints):
        if name in numbers:
            ints, joint = simulation.compiled.ints, numbers[name]
            values[:, place, 0] = state[:-1, offsets[f"qpos[{ints['joint_qpos_start'][joint]}]"]]
            values[:, place, 1] = state[:-1, offsets[f"qvel[{ints['joint_dof_start'][joint]}]"]]
    return values.reshape(recorder.length, -1)


def _actions(recorder: Recorder, env: int) -> np.ndarray:
    layout, spec = recorder.layout, recorder.specs[env]
    width = len(ACTION_NUMBERS)
    values = np.zeros((recorder.length, max(1, len(layout.actions)), width), np.float32)
    places = {name: place for place, (name, _) in enumerate(layout.actions)}
    targets = {action.id: layout.code(target_body(spec, action)) for action in spec.actions}
    for frame, applied in enumerate(recorder.applied):
        for name, numbers in applied[env].items():
            values[frame, places[name]] = [1.0, targets[name], *numbers]
    return (
        values.reshape(recorder.length, -1)
        if layout.actions
        else np.zeros((recorder.length, len(action_names(layout))), np.float32)
    )


def target_body(spec: EpisodeSpec, action: Any) -> str:
    """The body that an action is done to; for joint_target the one that the joint moves."""
    if action.do != "joint_target":
        return action.target
    named = {body.joint.name: body.name for body in spec.bodies if body.joint is not None}
    for model in spec.models:
        named.update(model_joints(model))
    return named[action.target]


# ---- tables and facts


def _table(
    recorder: Recorder, env: int, tables: Sequence[Mapping[str, np.ndarray]], columns: Sequence[Feature]
) -> dict[str, np.ndarray]:
    rows = [of_env(table, env) for table in tables]
    counts = [len(table["env"]) for table in rows]
    found: dict[str, np.ndarray] = {"frame": np.repeat(np.arange(len(rows)), counts)}
    for column in columns:
        values = np.concatenate([table[column.name] for table in rows]) if rows else np.zeros((0, *column.shape))
        if column.name in ("body_a", "body_b"):
            values = recorder.codes[values]
        found[column.name] = values.astype(column.dtype)
    return found


def state_sha256(row: np.ndarray) -> str:
    """Hash of one stored state row: its little-endian bytes."""
    return hashlib.sha256(np.ascontiguousarray(row, row.dtype.newbyteorder("<")).tobytes()).hexdigest()


def _provenance(spec: EpisodeSpec, state: np.ndarray, facts: Mapping[str, Any]) -> dict[str, Any]:
    return {
        **facts,
        "spec_sha256": spec.content_hash,
        "authored_sha256": spec.spec_sha256,
        "timestep": spec.world.timestep,
        "substeps": spec.world.substeps,
        "settle": spec.world.settle,
        "state_sha256_start": state_sha256(state[0]),
        "state_sha256_end": state_sha256(state[-1]),
    }


def _outcome(track: Track, events: Sequence[Event]) -> dict[str, Any]:
    """Numbers of events by type, and how far and how fast bodies went: the farthest from its start and the fastest [m, m/s]."""
    moved = np.linalg.norm(track.position - track.position[0], axis=2)[:, track.moving]
    speed = np.linalg.norm(track.velocity[..., :3], axis=2)[:, track.moving]
    counts = {f"num_{name}": number for name, number in count_events(events).items()}
    return {**counts, "farthest": round(float(moved.max(initial=0.0)), 6), "fastest": round(float(speed.max(initial=0.0)), 6)}
