"""docs/control.md does what it says: its Python runs from top to bottom."""

import engine
from tests.docs.conftest import DOCS
from tests.docs.pages import run_page


def test_the_page_runs_and_leaves_the_default_engine():
    try:
        names = run_page(DOCS / "control.md", None)
        assert names["found"].converged.all()
    finally:
        engine.init(backend="cpu")
