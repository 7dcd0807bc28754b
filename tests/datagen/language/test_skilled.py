"""What robots do in words becomes skills of a spec, and the skills do what the words say."""

from dataclasses import replace

import numpy as np
import pytest

from datagen.episode.layout import make_layout
from datagen.episode.run import run_batch
from datagen.language.skilled import KNOWN, SPAN
from datagen.spec import RecordSpec, from_data, sample
from datagen.writers.record import EpisodeRecord

from .statements import said

SKILLS = {
    "The robot arm picks up the red cube and puts it on the blue block.": [("pick", "cube"), ("place", "cube")],
    "A Franka pushes the mug 10 cm to the left.": [("push", "mug")],
    "Stack three cubes with the arm.": [("stack", "cube[1]"), ("stack", "cube[2]")],
    "A robot stacks the red cube on the blue cube.": [("stack", "cube")],
    "A robot arm picks up an apple from the table and places it in a bowl.": [("pick", "apple"), ("place", "apple")],
    "The gripper grasps the can and lifts it 10 cm.": [("pick", "can")],
    "The gripper grasps the yellow cube.": [("grasp", "cube")],
    "Pull the mug 15 cm towards the robot arm with the gripper.": [("pull", "mug")],
    "The manipulator should open the bottom drawer.": [("open", "drawer.drawer_3")],
    "Using the robot arm, open the drawer of the cabinet.": [("open", "cabinet.drawer_1")],
    "The robot arm closes the drawer.": [("close", "drawer.drawer_1")],
    "A robot arm opens the door.": [("open", "door.leaf")],
    "Turn the faucet lever by 45 degrees with the robot arm.": [("turn", "faucet.lever")],
    "A robot arm turns the box by 30 degrees.": [("turn", "box")],
    "A Franka inserts the peg into the hole.": [("insert", "peg")],
    "The robot arm sweeps four blocks onto the mat.": [("sweep", "block[*]")],
    "A robot arm throws the ball into the bin.": [("throw", "ball")],
    "The robot arm picks up the sponge and wipes the board with it.": [("wipe", "sponge")],
    "A robot arm pours marbles from a cup into a bowl.": [("pour", "cup")],
}


@pytest.mark.parametrize("prompt", SKILLS)
def test_robots_get_skills_of_the_spec(prompt: str) -> None:
    made = said(prompt)
    assert made.spec is not None and made.status.startswith("complete"), made.report
    actions = [one for one in made.spec["actions"].values() if one["do"] == "skill"]
    assert [(one["skill"], one["target"]) for one in actions] == SKILLS[prompt]
    assert {one["skill"] for one in actions} <= KNOWN and made.spec["task"]["success"]


def test_what_the_hand_does_not_span_is_made_smaller_or_told() -> None:
    spec = said("The gripper grasps the bottle.").spec
    assert spec is not None
    assert 2 * float(spec["entities"]["bottle"]["morph"]["radius"].split()[0]) <= SPAN
    wide = said("The robot arm picks up a box 20 cm wide, 20 cm long and 20 cm tall.").report
    assert any("hand of the arm spans" in one for one in wide["not_simulable"])


def test_an_arm_without_anything_to_do_is_told() -> None:
    report = said("There is a robot arm. A ball rolls at 1 m/s into a cone.").report
    assert any("what the robot arm does" in one for one in report["unclear"])


@pytest.mark.slow
@pytest.mark.parametrize("prompt", SKILLS)
def test_skills_reach_the_goal(prompt: str) -> None:
    spec = sample(from_data(said(prompt).spec), 1, 0)
    record = run_batch([spec], replace(make_layout([spec]), record=RecordSpec(rgb=False)), pictures=False)[0]
    assert isinstance(record, EpisodeRecord), record
    assert bool(np.asarray(record.frames["next.success"])[-1]), record.frames["margin.success"][-1]
