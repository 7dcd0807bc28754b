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
import os
from collections.abc import Hashable, Sequence
from typing import Any

import numpy as np

import engine
from datagen.actions import Actuation
from datagen.build import build_scene, resting_controls, servos, structure
from datagen.episode.layout import Layout
from datagen.episode.recording import Recorder, Section, untimed
from datagen.episode.records import fault_words, make_record
from datagen.episode.settling import SettleWatch
from datagen.episode.watch import goal_structure
from datagen.errors import DatagenError
from datagen.spec import EpisodeSpec
from datagen.tasks.motion import GoalError
from datagen.writers.record import EpisodeRecord, FailedEpisode
from engine.errors import CapacityError, EngineError

LEAST = 2  # environments of a simulation


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


def run_states(specs: Sequence[EpisodeSpec], layout: Layout) -> list[np.ndarray | FailedEpisode]:
    """Simulate these episodes without pictures; returns the state rows (T + 1, n) of each."""
    return [
        result if isinstance(result, FailedEpisode) else np.stack([rows[result[1]] for rows in result[0].rows])
        for result in _run_all(specs, layout, False, untimed)
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


def _run_all(specs: Sequence[EpisodeSpec], layout: Layout, pictures: bool, section: Section) -> list[Result]:
    groups: dict[Hashable, list[int]] = {}
    for number, spec in enumerate(specs):
        groups.setdefault((structure(spec), goal_structure(spec)), []).append(number)
    results: dict[int, Result] = {}
    for numbers in groups.values():
        chosen = [specs[number] for number in numbers]
        results.update(zip(numbers, _run_group(chosen, layout, pictures, section), strict=True))
    return [results[number] for number in range(len(specs))]


def _run_group(specs: Sequence[EpisodeSpec], layout: Layout, pictures: bool, section: Section) -> list[Result]:
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
        results.update(zip(good, _simulate(scenes, chosen, layout, pictures, section), strict=True))
    return [results[number] for number in range(len(specs))]


def _simulate(
    scenes: list[Any], specs: Sequence[EpisodeSpec], layout: Layout, pictures: bool, section: Section
) -> list[Result]:
    """All environments of one structure; when one of them asks for more than the engine can hold, each is tried by
    itself."""
    try:
        recorder = _record(scenes, specs, layout, pictures, section)
    except CapacityError as error:
        if len(specs) == 1:
            return [FailedEpisode(specs[0].index, f"a buffer of the engine is too small: {error.what}")]
        single = [_simulate([scene], [spec], layout, pictures, section) for scene, spec in zip(scenes, specs, strict=True)]
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


def _record(scenes: list[Any], specs: Sequence[EpisodeSpec], layout: Layout, pictures: bool, section: Section) -> Recorder:
    padded = scenes + scenes[-1:] * (LEAST - len(scenes))
    world = specs[0].world
    with section("building"):
        simulation = engine.Simulation(padded)
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
    recorder.watch.see(simulation.touches() if world.settle > 0.0 else None)
    for frame in range(world.num_frames):
        poses = recorder.observe(frame)
        actuation.specs = recorder.watch.specs(frame, specs)
        applied = actuation.apply(frame, poses)
        with section("physics"):
            simulation.step(world.substeps)
        recorder.stepped(applied)
        recorder.watch.see(recorder.touches[-1])
    recorder.observe(world.num_frames)
    return recorder
