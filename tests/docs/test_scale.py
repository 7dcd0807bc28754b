"""The copy of docs/scale.md is a dataset with the same manifest."""

import pytest

import datagen
from datagen.writers import validate
from tests.docs.conftest import DOCS
from tests.docs.pages import blocks


def test_the_copied_dataset_is_whole(tutorial, tmp_path):
    (text,) = [text for language, text, _ in blocks(DOCS / "scale.md") if language == "python"]
    names = {}
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(tutorial[0])
        exec(text.replace("file:///tmp/worldsmith-copy", f"file://{tmp_path}/copy"), names)
        original = datagen.Dataset("runs/crates").manifest
    assert datagen.Dataset(tmp_path / "copy").manifest == original
    assert validate(tmp_path / "copy").ok
