"""Coverage tells draws that are as declared from those that are not, of datasets, of runs in the making and of several."""

import json
import shutil

import numpy as np
import pytest

from datagen import assets
from datagen.cli import app
from datagen.coverage import coverage
from datagen.errors import DatagenError, SampleError
from datagen.spec import load_spec, loads, sample
from datagen.spec.declared import between, bin_edges, cumulative, declared, path_of
from datagen.spec.distributions import Integer, LogUniform, Normal, Uniform
from datagen.writers import create_run
from datagen.writers.run import attempt_shard
from tests.datagen.coverage.drawn import SPEC, as_drawn, make, plan_of, records

X, MASS, SHAPE = "entities.ball.position[0]", "params.mass", "entities.ball.morph"


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """400 episodes as declared."""
    return make(tmp_path_factory.mktemp("coverage") / "data")


def test_draws_as_declared_are_not_doubted_and_nothing_declared_is_missing(folder):
    report = coverage([folder])
    assert (report["episodes"], report["failed"], report["sealed"]) == (400, 0, [True])
    assert set(declared(loads(SPEC))) == set(report["draws"])
    assert not [path for path, one in report["draws"].items() if one["doubtful"]]
    mass = report["draws"][MASS]
    assert sum(mass["counts"]) == 400 and mass["empty"] == [] and mass["edges"][0] == 1.0 and mass["edges"][-1] == 100.0
    np.testing.assert_allclose(mass["expected"], 40.0)
    text = report["draws"]["text"]
    assert text["labels"] == ["one", "two", "three"] and text["expected"] == [100.0, 100.0, 200.0]
    pins = report["draws"]["entities.pin.morph.radius"]
    assert pins["drawn"] == np.dot((2, 3, 4), report["draws"]["entities.pin.count"]["counts"])
    box = report["draws"][f"{SHAPE}.of[1].size[2]"]
    assert report["draws"][SHAPE]["counts"] == [400 - box["drawn"], box["drawn"]]


def test_the_outcome_says_which_draw_matters_and_pairs_are_those(folder):
    report = coverage([folder], most_pairs=2)
    assert report["draws"][X]["importance"] > 0.9 and report["draws"][X]["explains"] == "landed"
    assert all(one["importance"] == 0.0 for path, one in report["draws"].items() if path != X)
    first = report["pairs"][0]
    assert first["x"] == X and np.sum(first["counts"]) == 400 and abs(first["correlation"]) < 0.2
    assert first["covered"] == first["possible"] and first["discrepancy"] < 0.1 and len(report["pairs"]) == 2


def bent(spec):
    """x and y are the same number, and where x is large episodes fail."""
    draws = {**spec.draws, "entities.ball.position[1]": spec.draws[X] * 0.5}
    return None if spec.draws[X] > 0.6 else spec.model_copy(update={"draws": draws})


def test_what_is_not_drawn_as_declared_is_told(tmp_path):
    report = coverage([make(tmp_path / "bent", bend=bent)])
    x, y = report["draws"][X], report["draws"]["entities.ball.position[1]"]
    assert x["doubtful"] and x["empty"] == ["0.6 to 0.8", "0.8 to 1"] and report["failed"] > 60
    assert x["empty_by_chance"] < 1e-6 and y["doubtful"] and not report["draws"][MASS]["doubtful"]
    pair = next(one for one in report["pairs"] if {one["x"], one["y"]} == {X, "entities.ball.position[1]"})
    assert pair["correlation"] > 0.99 and pair["covered"] < 0.4 * pair["possible"] and pair["discrepancy"] > 0.15


def test_a_run_in_the_making_counts_what_is_committed_and_datasets_add_up(folder, tmp_path):
    run = create_run(tmp_path / "run", plan_of(loads(SPEC), 2, 400))
    with pytest.raises(DatagenError, match="no episode is stored yet"):
        coverage([run.folder])
    for shard in (0, 3):
        assert attempt_shard(run, shard, records(SPEC, 2, as_drawn)) == "done"
    report = coverage([run.folder])
    assert (report["episodes"], report["sealed"]) == (100, [False])
    other = make(tmp_path / "narrow", 100, text=SPEC.replace("low: -1 m, high: 1 m", "low: 2 m, high: 3 m"))
    both = coverage([run.folder, other])["draws"][X]
    assert both["drawn"] == 200 and both["declared"] == "uniform [-1, 1]; uniform [2, 3]" and not both["doubtful"]
    assert sum(both["expected"]) == pytest.approx(200.0) and both["labels"][5] == "1 to 1.4" and both["expected"][5] == 0.0
    assert "1 to 1.4" not in both["empty"]
    shutil.rmtree(run.folder / "shards" / "000000")
    assert coverage([run.folder])["episodes"] == 50


def test_the_command_writes_json_and_a_page(folder, tmp_path, capsys):
    page = tmp_path / "coverage.html"
    assert app.main(["coverage", str(folder), "--bins", "4", "--json", "-", "--html", str(page)]) == 0
    shown = capsys.readouterr()
    assert len(json.loads(shown.out)["draws"][X]["counts"]) == 4 and "uniform [-1, 1]" in shown.err
    text = page.read_text()
    assert text.count("<figure>") == 9 + 6 and "http" not in text and "expected" in text
    assert app.main(["coverage", str(folder), "--bins", "1"]) != 0 and "2 to 100 bins" in capsys.readouterr().err


@pytest.mark.parametrize(
    "law", [Uniform(-1.0, 3.0), LogUniform(0.1, 10.0), Normal(0.0, 1.0, -1.0, 2.0), Integer(-2, 20), Uniform(2.0, 2.0)]
)
def test_probabilities_of_bins_add_up_to_those_of_the_distribution(law):
    low, high = law.support()
    edges = bin_edges(law, 7, low, high)
    shares = between(law, edges)
    assert sum(shares) == pytest.approx(1.0) and min(shares) >= 0.0 and cumulative(law, high) == 1.0
    assert cumulative(law, low - 1.0) == 0.0
    if isinstance(law, Integer):
        np.testing.assert_allclose(np.array(shares) * 23.0, np.diff([*edges[:-1], 21]))
    if isinstance(law, LogUniform):
        np.testing.assert_allclose(shares, 1.0 / 7.0)


def test_every_draw_of_every_scene_is_one_that_is_declared():
    for path in sorted((assets.scene_path("dominoes")).parent.glob("*.yaml")):
        document = load_spec(path)
        known = declared(document)
        try:
            noted = sample(document, 7, 0).draws
        except SampleError:
            continue
        solved = {path for name in noted if (path := path_of(name)[0]) not in known}
        assert all(path.endswith(".place") for path in solved), (document.name, solved)
