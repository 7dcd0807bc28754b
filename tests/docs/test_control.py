"""docs/control.md does what it says: its Python runs from top to bottom."""

from tests.docs.conftest import DOCS
from tests.docs.pages import run_page


def test_the_page_runs_from_top_to_bottom():
    names = run_page(DOCS / "control.md", None)
    assert names["found"].converged.all()
