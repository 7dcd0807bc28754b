"""Skills of the arm: a cube is grasped by friction and placed, the batch does not matter, and what fails says where."""

import numpy as np
import pytest

import engine
from datagen import assets
from datagen.episode import make_layout, run_batch
from datagen.errors import SpecError
from datagen.policies.skills import NAMES
from datagen.spec import RecordSpec, from_data, load_spec, sample

QUIET = {"cameras": (), "record": RecordSpec(rgb=False, contacts=False, events=False)}


@pytest.fixture(scope="module")
def specs():
    document = load_spec(assets.scene_path("pick_place"))
    drawn = [sample(document, 0, index).model_copy(update=QUIET) for index in range(3)]
    far = [b.model_copy(update={"position": (1.3, 0.0, b.position[2])}) if b.name == "cube" else b for b in drawn[2].bodies]
    once = tuple(action.model_copy(update={"tries": 1}) for action in drawn[2].actions)
    return [*drawn[:2], drawn[2].model_copy(update={"bodies": tuple(far), "actions": once})]


@pytest.fixture(scope="module")
def records(specs):
    engine.init(backend="cpu", precision="f32", threads=1)
    return run_batch(specs, make_layout(specs), pictures=False)


def of_pick(record):
    """tip (3), phase, tries and failure of the first skill in every frame."""
    return np.asarray(record.frames["action"]).reshape(len(record.frames["action"]), -1, 8)[:, 0, 2:]


def test_a_cube_is_grasped_by_friction_and_placed(records):
    for record in records[:2]:
        assert record.outcome["success_once"] and of_pick(record)[:, 5].max() == 0


def test_what_fails_is_kept_and_names_its_phase(records):
    numbers = of_pick(records[2])
    assert not records[2].outcome["success_once"]
    assert numbers[:, 5].max() == NAMES.index("lift") + 1 and numbers[:, 4].max() == 1


def test_an_episode_alone_is_the_episode_in_a_batch(specs, records):
    alone = run_batch(specs[1:2], make_layout(specs), pictures=False)[0]
    for name, values in records[1].frames.items():
        assert np.array_equal(np.asarray(values), np.asarray(alone.frames[name])), name


@pytest.mark.parametrize(
    "change, message",
    [
        ({"on": None, "skill": "place"}, "needs 'on'"),
        ({"skill": "pick"}, "takes no 'on'"),
        ({"skill": "juggle"}, "skill"),
        ({"actor": "leg"}, "no actor 'leg'"),
        ({"target": "moon"}, "moon"),
    ],
)
def test_a_skill_that_cannot_be_is_refused(change, message):
    data = load_spec(assets.scene_path("pick_place")).data
    action = {**data["actions"]["place"], **change}
    place = {key: value for key, value in action.items() if value is not None}
    with pytest.raises(SpecError, match=message):
        from_data({**data, "actions": {"pick": data["actions"]["pick"], "place": place}})
