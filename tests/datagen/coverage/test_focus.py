"""New episodes are drawn where a model errs, as the weights say, whoever says what the errors are."""

import json

import numpy as np
import pytest

from datagen.cli import app
from datagen.coverage import coverage, focus, scored
from datagen.errors import DatagenError
from datagen.pipeline.variation import varied
from datagen.spec import dump, loads
from datagen.writers import Dataset
from tests.datagen.coverage.drawn import SPEC, make
from tests.datagen.coverage.test_coverage import MASS, SHAPE, X

SCORER = """
import json
def scorer(dataset):
    found = {}
    for index, text in enumerate(dataset.specs()):
        spec = json.loads(text)
        x = next(body["position"][0] for body in spec["bodies"] if body["name"] == "ball")
        found[index] = 1.0 if x > 0.5 else 0.1
    return found
"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    return make(tmp_path_factory.mktemp("focus") / "data", 300)


def at(dataset):
    return np.array([json.loads(text)["draws"][X] for text in Dataset(dataset).specs()])


def test_the_density_moves_to_where_the_error_is(folder, tmp_path, capsys):
    (tmp_path / "scorer.py").write_text(SCORER)
    out = tmp_path / "focus.json"
    words = ["focus", str(folder), "--scorer", str(tmp_path / "scorer.py"), "--bins", "4", "--floor", "0.2", "--out", str(out)]
    assert app.main(words) == 0 and "1 " in capsys.readouterr().err
    made = json.loads(out.read_text())
    assert list(made["density"]["draws"]) == [X]  # nothing else explains the error
    weights = made["density"]["draws"][X]["weights"]
    assert weights[3] > 7.0 * max(weights[:3]) and made["bins"][X][3]["error"] == 1.0
    spec = varied(loads(SPEC), focus=out)
    more = make(tmp_path / "more", 300, seed=2, text=dump(spec))
    before, after = np.mean(at(folder) > 0.5), np.mean(at(more) > 0.5)
    expected = 0.2 * 0.25 + 0.8 * weights[3] / sum(weights)
    assert before < 0.33 and after == pytest.approx(expected, abs=0.08) and after > 0.55
    report = coverage([more])["draws"]
    assert not any(one["doubtful"] for one in report.values()) and "weighted" in report[X]["declared"]
    assert report[X]["expected"][-1] == pytest.approx(300 * expected * 0.4, rel=0.01)
    again = make(tmp_path / "again", 300, seed=2, text=dump(varied(loads(SPEC), focus=out)))
    assert Dataset(again).manifest["manifest_sha256"] == Dataset(more).manifest["manifest_sha256"]


def test_choices_are_weighted_and_draws_may_be_named(folder):
    box = {index: 3.0 if f"{SHAPE}.of[1].size[2]" in json.loads(text)["draws"] else 1.0 for index, text in specs(folder)}
    made = focus(folder, box, floor=0.0, power=2.0)["density"]["draws"]
    assert made[SHAPE]["weights"][1] / made[SHAPE]["weights"][0] == pytest.approx(9.0, rel=0.1)
    named = focus(folder, box, [MASS], bins=2)["density"]["draws"]
    assert list(named) == [MASS] and np.allclose(named[MASS]["weights"], 1.0, atol=0.3) and named[MASS]["edges"][1] == 10.0


def specs(folder):
    return enumerate(Dataset(folder).specs())


def test_bad_errors_are_told_in_one_sentence(folder, tmp_path, capsys):
    def sentence(errors, *more, **choices):
        with pytest.raises(DatagenError) as raised:
            focus(folder, scored(folder, lambda _: errors), *more, **choices)
        return str(raised.value)

    assert "errors of shape (2,); one of each of the 300 episodes" in sentence([1.0, 2.0])
    assert "there is no episode 300" in sentence({300: 1.0})
    assert "the error of episode 4 is nan" in sentence({4: float("nan")})
    assert "every error is 0" in sentence(np.zeros(300))
    assert "no draw explains the error" in sentence(np.ones(300))
    assert "'params.mas' is not drawn" in sentence(np.ones(300), ["params.mas"])
    assert "floor is 2" in sentence(np.ones(300), floor=2.0)
    assert app.main(["focus", str(folder)]) != 0 and "where the errors come from" in capsys.readouterr().err
    (tmp_path / "empty.py").write_text("x = 1\n")
    assert app.main(["focus", str(folder), "--scorer", str(tmp_path / "empty.py")]) != 0
    assert "there is no function 'scorer'" in capsys.readouterr().err
