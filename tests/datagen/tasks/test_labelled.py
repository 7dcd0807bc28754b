"""Predicates agree with labels argued by hand: no false success, no false failure, nothing unknown."""

import numpy as np
import pytest

import engine
from datagen.actions import Actuation, Poses
from datagen.build import build_scene
from datagen.spec import from_data, sample
from datagen.tasks.goal import Goal
from datagen.tasks.motion import Motion
from tests.datagen.tasks.labelled import CASES, task_document

SCENES = list(dict.fromkeys(case[0] for case in CASES))


def run(specs):
    """The motion of a batch, every frame seen."""
    engine.init(backend="cpu", precision="f32", threads=1)
    simulation = engine.Simulation([build_scene(spec) for spec in specs])
    actuation, motion = Actuation(simulation, specs), Motion(simulation, specs)
    motion.see(None)
    for frame in range(specs[0].world.num_frames):
        state = simulation.state
        actuation.apply(frame, Poses(state.body_position, state.body_rotation))
        simulation.step(specs[0].world.substeps)
        motion.see(simulation.touches())
    assert not simulation.faults.any()
    return motion


@pytest.mark.parametrize("scene", SCENES, ids=lambda scene: scene.__name__)
def test_predicates_agree_with_labels_by_hand(scene):
    cases = [case for case in CASES if case[0] is scene]
    specs = [sample(from_data(task_document(scene, case[1], case[2])), 1, 0) for case in cases]
    motion = run(specs if len(specs) > 1 else specs * 2)
    wrong = []
    for env, (spec, case) in enumerate(zip(specs, cases, strict=True)):
        goal = Goal(motion, [spec.task.success] * motion.num_envs)
        truth = int(goal.update().truth[env, round(case[3] * motion.fps)])
        if truth != (1 if case[4] else -1):
            wrong.append((case[1:], truth, goal.margin[env, :: max(1, motion.length // 12)] if goal.margin.size else np.nan))
    assert wrong == []


def test_the_table_is_large_and_has_both_labels_for_most_predicates():
    assert len(CASES) >= 60
    assert 0.35 < np.mean([case[4] for case in CASES]) < 0.65
