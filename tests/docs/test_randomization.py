"""The specs of docs/randomization.md are read."""

from datagen.spec import load_spec, sample
from tests.docs.conftest import DOCS
from tests.docs.pages import run_page


def test_the_page_runs(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    stages = []
    run_page(
        DOCS / "randomization.md", lambda path: stages.append([sample(load_spec(path), 1, n).stage for n in (0, 100, 500)])
    )
    assert stages == [["soft", "wider", "heavy"]]
