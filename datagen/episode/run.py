"""One batch of episodes from the first substep to the last picture: settle, then observe, act, step for every frame.

    settle                                    steps without actions, not recorded
    frame t = 0 .. T - 1:  observe            state row, poses, contacts, pictures
                           act                what the spec does in the interval t
                           step(substeps)     one control step
    state row T

Specs of equal structure share one simulation. The bits of an episode do not depend on that: an environment never feels its
neighbours, and an episode that is alone runs as two copies, because a single environment would be compiled for another
number type (see `engine.runtime`). Episodes with any fault, or whose scene the engine refuses, come back as
FailedEpisode with a reason that depends on the episode alone. Limits: a batch is as large as the caller makes it; memory
is that of its pictures.
"""

import importlib.metadata
import json
import os
from collections.abc import Hashable, Sequence, Set
from dataclasses import replace
from typing import Any

import numpy as np

import engine
from datagen.actions import Actuation
from datagen.build import build_scene, resting_controls, servos, structure
from datagen.episode.groups import Past, changed_events, prefix_sha256
from datagen.episode.layout import Layout
from datagen.episode.recording import Recorder, Section, untimed
from datagen.episode.records import fault_words, make_record
from datagen.episode.settling import SettleWatch
from datagen.episode.watch import goal_structure
from datagen.errors import DatagenError
from datagen.policies.skills import Skills
from datagen.sensing import sensor_seed
from datagen.spec import EpisodeSpec
from datagen.tasks.motion import GoalError
from datagen.writers.record import EpisodeRecord, FailedEpisode
from engine.errors import CapacityError, EngineError

LEAST = 2  # environments of a simulation
NEAR = 0.1  # s: events of base and branch that are closer are the same


def run_batch(
    specs: Sequence[EpisodeSpec], layout: Layout, pictures: bool = True, section: Section = untimed
) -> list[EpisodeRecord | FailedEpisode]:
    """Simulate these episodes and return their records in the same order. The engine must have been started.

    layout: that of the dataset. pictures False renders nothing (the record then lacks its pictures). section: a stopwatch,
    called as `with section("physics"):` around physics, rendering, recording and building.
    """
    return [
        result if isinstance(result, FailedEpisode) else make_record(*result, facts=engine_facts(result[0].simulation.runtime))
        for result in _run_all(specs, layout, pictures, section)
    ]


def run_states(
    specs: Sequence[EpisodeSpec], layout: Layout, bases: Sequence[EpisodeSpec | None] = ()
) -> list[np.ndarray | FailedEpisode]:
    """Simulate these episodes without pictures; returns the state rows (T + 1, n) of each. bases: of branches that continue
    from a state of their base, None for the others."""
    alone = [number for number in range(len(specs)) if not bases or bases[number] is None]
    results: dict[int, Result] = dict(zip(alone, _run_all([specs[n] for n in alone], layout, False, untimed), strict=True))
    for number, base in enumerate(bases):
        if base is not None:
            results[number] = run_groups([[base, specs[number]]], layout, False)[0][1]
    return [
        result if isinstance(result, FailedEpisode) else np.stack([rows[result[1]] for rows in result[0].rows])
        for result in (results[number] for number in range(len(specs)))
    ]


def engine_facts(runtime: Any) -> dict[str, str]:
    """What decides about the bits of a simulation beside its spec: versions, backend, precision and lanes. runtime:
    `engine.init()`.
    """
    compiler = os.environ.get("WORLDSMITH_COMPILER", "taichi")
    return {
        "engine": str(engine.__version__),
        "compiler": f"{compiler} {importlib.metadata.version(compiler.replace('_', '-'))}",
        "backend": runtime.backend,
        "precision": runtime.precision,
        "lanes": str(runtime.lanes),
    }


Result = tuple[Recorder, int] | FailedEpisode


def run_groups(
    groups: Sequence[Sequence[EpisodeSpec]], layout: Layout, pictures: bool = True, section: Section = untimed
) -> list[list[Result]]:
    """Simulate counterfactual groups, each a base and its branches: all bases in one go, then all branches from their states.
    A branch of a base that failed fails with it."""
    bases = _run_all([group[0] for group in groups], layout, pictures, section)
    wanted = [(number, spec) for number, group in enumerate(groups) for spec in group[1:]]
    alive = [(number, spec) for number, spec in wanted if not isinstance(bases[number], FailedEpisode)]
    found = _run_all([spec for _, spec in alive], layout, pictures, section, [bases[number] for number, _ in alive])
    results = {id(spec): result for (_, spec), result in zip(alive, found, strict=True)}
    made: list[list[Result]] = []
    for base, group in zip(bases, groups, strict=True):
        if isinstance(base, FailedEpisode):
            made.append([base, *(FailedEpisode(spec.index, f"its base failed: {base.reason}") for spec in group[1:])])
        else:
            made.append([base, *(_proved(results[id(spec)], base, spec) for spec in group[1:])])
    return made


def records_of(groups: Sequence[Sequence[Result]], wanted: Set[int]) -> list[EpisodeRecord | FailedEpisode]:
    """The records of the wanted indices; those of branches say what vanished from and what appeared beside the base's
    events."""
    found: list[EpisodeRecord | FailedEpisode] = []
    for group in groups:
        base = _record_of(group[0]) if any(_index_of(one) in wanted for one in group) else None
        for number, result in enumerate(group):
            if _index_of(result) not in wanted:
                continue
            record = base if number == 0 else _record_of(result)
            if number and isinstance(record, EpisodeRecord) and isinstance(base, EpisodeRecord):
                near = max(2, round(NEAR * json.loads(record.spec_json)["world"]["fps"]))
                changes = changed_events(base.events, record.events, near)
                record = replace(record, provenance={**record.provenance, "difference": changes})
            if record is not None:
                found.append(record)
    return found


def _record_of(result: Result) -> EpisodeRecord | FailedEpisode:
    return (
        result if isinstance(result, FailedEpisode) else make_record(*result, facts=engine_facts(result[0].simulation.runtime))
    )


def _index_of(result: Result) -> int:
    return result.index if isinstance(result, FailedEpisode) else result[0].specs[result[1]].index


def _proved(result: Result, base: Result, spec: EpisodeSpec) -> Result:
    """The result of a branch whose shared states are those of its base, or a failure that says that they are not."""
    if isinstance(result, FailedEpisode) or isinstance(base, FailedEpisode) or spec.branch is None:
        return result
    rows = [[row[env] for row in recorder.rows[: spec.branch.frame + 1]] for recorder, env in (result, base)]
    if prefix_sha256(rows[0], spec.branch.base, spec.branch.frame) != prefix_sha256(
        rows[1], spec.branch.base, spec.branch.frame
    ):
        return FailedEpisode(spec.index, f"branch {spec.branch.id!r} does not begin as its base does")
    return result


def _run_all(
    specs: Sequence[EpisodeSpec], layout: Layout, pictures: bool, section: Section, bases: Sequence[Any] = ()
) -> list[Result]:
    groups: dict[Hashable, list[int]] = {}
    for number, spec in enumerate(specs):
        groups.setdefault((structure(spec), goal_structure(spec), _particles(spec)), []).append(number)
    results: dict[int, Result] = {}
    for numbers in groups.values():
        chosen = [specs[number] for number in numbers]
        past = [bases[number] for number in numbers] if bases else []
        results.update(zip(numbers, _run_group(chosen, layout, pictures, section, past), strict=True))
    return [results[number] for number in range(len(specs))]


def _particles(spec: EpisodeSpec) -> tuple[int, ...]:
    """How many particles each matter starts with: a row of the state has room for the most of its batch, so episodes share a
    batch only when these are equal."""
    if all(one.kind != "particles" for one in spec.matter):
        return ()
    try:
        return engine.particle_counts(build_scene(spec))
    except (EngineError, DatagenError):  # said when the episode is simulated
        return ()


def _run_group(
    specs: Sequence[EpisodeSpec], layout: Layout, pictures: bool, section: Section, bases: Sequence[Any] = ()
) -> list[Result]:
    scenes: list[Any] = []
    results: dict[int, Result] = {}
    with section("building"):
        for number, spec in enumerate(specs):
            try:
                scenes.append(build_scene(spec))
            except (EngineError, DatagenError) as error:
                results[number] = FailedEpisode(spec.index, str(error))
    good = [number for number in range(len(specs)) if number not in results]
    if good:
        chosen = [specs[number] for number in good]
        past = Past(chosen, [bases[number] for number in good]) if bases else None
        results.update(zip(good, _simulate(scenes, chosen, layout, pictures, section, past), strict=True))
    return [results[number] for number in range(len(specs))]


def _simulate(
    scenes: list[Any], specs: Sequence[EpisodeSpec], layout: Layout, pictures: bool, section: Section, past: Past | None = None
) -> list[Result]:
    """All environments of one structure; when one of them asks for more than the engine can hold, each is tried by
    itself."""
    try:
        recorder = _record(scenes, specs, layout, pictures, section, past)
    except CapacityError as error:
        if len(specs) == 1:
            return [FailedEpisode(specs[0].index, f"a buffer of the engine is too small: {error.what}")]
        alone = [None] * len(specs) if past is None else [Past([s], [base]) for s, base in zip(specs, past.bases, strict=True)]
        triples = zip(scenes, specs, alone, strict=True)
        single = [_simulate([scene], [spec], layout, pictures, section, own) for scene, spec, own in triples]
        return [result for results in single for result in results]
    except GoalError as error:
        return [FailedEpisode(spec.index, str(error)) for spec in specs]
    faults = recorder.simulation.faults
    found: list[Result] = []
    for env, spec in enumerate(specs):
        if faults[env]:
            failed = f"the simulation failed: {fault_words(int(faults[env]))}"
        elif recorder.unsettled[env]:
            failed = f"the scene does not settle: {recorder.unsettled[env]}"
        else:
            failed = recorder.watch.unknown(env)
        found.append(FailedEpisode(spec.index, failed) if failed else (recorder, env))
    return found


def _record(
    scenes: list[Any], specs: Sequence[EpisodeSpec], layout: Layout, pictures: bool, section: Section, past: Past | None = None
) -> Recorder:
    padded = scenes + scenes[-1:] * (LEAST - len(scenes))
    world = specs[0].world
    with section("building"):
        simulation = engine.Simulation(padded)
        if specs[0].sensors:
            seeds = [sensor_seed(spec) for spec in specs]
            simulation.reset(seed=seeds + seeds[-1:] * (len(padded) - len(seeds)))
        actuation = Actuation(simulation, specs, [resting_controls(spec) for spec in specs], servos(specs[0]))
        recorder = Recorder(simulation, specs, layout, pictures, section)
    watch = SettleWatch(simulation, specs)
    with section("physics"):
        actuation.rest()
        for _ in range(round(world.settle * world.fps)):
            simulation.step(world.substeps)
    recorder.unsettled = watch.complaints()
    if world.settle > 0.0:
        recorder.settled()
    wanted = any(action.do == "skill" for action in specs[0].actions)
    skills = Skills(simulation, specs) if wanted else None  # from the settled pose
    if past is not None:
        past.before(recorder)
    for frame in range(world.num_frames):
        if past is not None:
            past.put(recorder, frame)
        poses = recorder.observe(frame)
        if past is not None and recorder.contacts:
            past.overlay(recorder, recorder.contacts, "contacts", frame, last=True)
        recorder.watch.see(
            recorder.touches[-1] if frame else recorder.before, recorder.contacts[-1] if recorder.contacts else None
        )
        actuation.specs = recorder.watch.specs(frame, specs)
        applied = actuation.apply(frame, poses)
        if skills is not None:
            applied = [{**done, **own} for done, own in zip(applied, skills.apply(frame), strict=True)]
        with section("physics"):
            simulation.step(world.substeps)
        recorder.stepped(applied)
        if past is not None:
            past.overlay(recorder, recorder.touches, "touches", frame, last=False)
            past.applied(applied, frame)
    recorder.observe(world.num_frames)
    recorder.watch.see(recorder.touches[-1])
    return recorder
