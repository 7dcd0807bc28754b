"""Counterfactual groups share every draw and the exact state, and differ in exactly their edits."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

import engine
from datagen.episode.edits import EditError, difference, edited_fields
from datagen.episode.groups import expand, group_size, prefix_sha256
from datagen.episode.layout import make_layout
from datagen.episode.run import records_of, run_groups
from datagen.pipeline.generation import generate
from datagen.pipeline.replay import replay
from datagen.spec import RecordSpec, load_spec, loads, sample
from datagen.writers import Dataset

SPEC = Path(__file__).resolve().parents[3] / "benchmarks" / "counterfactuals" / "groups.yaml"
BRANCHES = ("base", "heavy", "dense", "weak", "moon", "alone", "more", "ice", "nothing")


@pytest.fixture(scope="module")
def document():
    return load_spec(SPEC)


def groups_of(document, count):
    return [expand(document, sample(document, 5, number)) for number in range(count)]


def simulated(groups):
    engine.init(backend="cpu", precision="f32", threads=1)
    layout = replace(make_layout([one for group in groups for one in group]), record=RecordSpec(rgb=False))
    return run_groups(groups, layout, pictures=False)


@pytest.fixture(scope="module")
def results(document):
    groups = groups_of(document, 3)
    return groups, simulated(groups)


def rows(result):
    recorder, env = result
    return np.stack([row[env] for row in recorder.rows])


def test_every_branch_is_there_and_does_nothing_has_been_added(document):
    group = groups_of(document, 1)[0]
    assert group_size(document) == len(BRANCHES)
    assert tuple(one.branch.id for one in group) == BRANCHES
    assert [one.index for one in groups_of(document, 2)[1]] == list(range(9, 18))


def test_a_branch_differs_from_its_base_in_exactly_its_edits(document):
    for group in groups_of(document, 40):
        for branch in group[1:]:
            assert difference(group[0], branch) == edited_fields(branch), branch.branch.id
            assert branch.draws == group[0].draws
            assert branch.branch.base == branch.branch.base and branch.content_hash != group[0].content_hash


def test_the_states_up_to_the_branch_point_are_those_of_the_base_bit_for_bit(results):
    for group, found in zip(*results, strict=True):
        base = rows(found[0])
        for spec, result in zip(group[1:], found[1:], strict=True):
            frame, own = spec.branch.frame, rows(result)
            if frame >= 0:
                assert np.array_equal(own[: frame + 1].view(np.uint32), base[: frame + 1].view(np.uint32))
                assert prefix_sha256(list(own), spec.branch.base, frame) == prefix_sha256(list(base), spec.branch.base, frame)
                assert not np.array_equal(own[-1], base[-1])


def test_consequences_are_those_of_the_edit(results):
    for group, found in zip(*results, strict=True):
        moved = {}
        for spec, (recorder, env) in zip(group, found, strict=True):
            cube = recorder.simulation.names.body.index("cube")
            moved[spec.branch.id] = recorder.position[-1][env, cube, 0] - recorder.position[0][env, cube, 0]
        assert abs(moved["nothing"]) < 1e-3 < moved["weak"] < moved["base"]
        assert moved["heavy"] < moved["base"] < moved["moon"]


def test_an_environment_of_a_group_does_not_feel_the_others(document, results):
    groups = groups_of(document, 1)
    alone = simulated(groups)[0]
    for one, other in zip(alone, results[1][0], strict=True):
        assert np.array_equal(rows(one), rows(other))


def test_records_say_what_vanished_and_who_pushed_whom(results):
    made = records_of(results[1], set(range(27)))
    by_branch = {record.provenance["branch"]["id"]: record for record in made[:9]}
    links = by_branch["base"].provenance["causes"]
    assert links[0]["from"] == "action push" and links[0]["to"] == "cube" and links[0]["frame"] == 2
    assert by_branch["nothing"].provenance["difference"]["appeared"] == []
    assert not any(link["from"] == "action push" for link in by_branch["nothing"].provenance["causes"])
    assert by_branch["base"].outcome["success_once"] and not by_branch["nothing"].outcome["success_once"]


def test_a_dataset_of_groups_replays_bit_for_bit(tmp_path):
    small = SPEC.read_text().replace("0.8 s", "0.5 s")
    summary = generate(loads(small), episodes=2, seed=3, out=tmp_path / "groups", workers=1, shard_size=4, backend="cpu")
    assert summary.episodes + len(summary.failed) == 18 and summary.episodes >= 16
    assert all("the simulation failed" in one["reason"] for one in summary.failed)  # a fault of the solver is never stored
    assert all(verdict.equal for verdict in replay(tmp_path / "groups", threads=1))
    assert Dataset(tmp_path / "groups").provenance(1)["branch"]["id"] == "heavy"


@pytest.mark.parametrize(
    "edit, message",
    [
        ("{op: scale, path: entities.cube.masss, value: 2}", "masss"),
        ("{op: set, path: entities.cube.mass, value: 2 m}", "a length"),
        ("{op: swap_material, path: entities.cube, value: woodd}", "'wood'"),
        ("{op: set, path: actions.push.point, value: 2}", "point"),
    ],
)
def test_a_wrong_edit_is_one_sentence_that_names_branch_and_path(edit, message):
    text = SPEC.read_text().replace("{op: scale, path: entities.cube.mass, value: 2}", edit)
    document = loads(text)
    with pytest.raises(EditError, match=message) as caught:
        expand(document, sample(document, 1, 0))
    assert "branch 'heavy'" in str(caught.value)
