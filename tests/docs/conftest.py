"""The tutorial runs once; the pages that speak of its dataset use what it has left."""

from pathlib import Path

import pytest

import datagen
from tests.docs.pages import run_page

DOCS = Path(__file__).resolve().parents[2] / "docs"


@pytest.fixture(scope="session")
def tutorial(tmp_path_factory):
    """(folder, names of its Python, hashes of the specs that its YAML blocks made) after the tutorial has run."""
    folder = tmp_path_factory.mktemp("tutorial")
    hashes: list[str] = []
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        names = run_page(DOCS / "tutorial.md", lambda path: hashes.append(datagen.load_spec(path).sha256))
    return folder, names, hashes
