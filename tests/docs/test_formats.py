"""What docs/formats.md reads with public libraries alone is what `datagen.Dataset` reads."""

import re

import numpy as np
import pytest

import datagen
from tests.docs.conftest import DOCS
from tests.docs.pages import run_page


@pytest.fixture(scope="module")
def read(tutorial):
    """(dataset, names of the page's Python)."""
    folder, _, _ = tutorial
    with pytest.MonkeyPatch.context() as patch:
        patch.chdir(folder)
        names = run_page(DOCS / "formats.md", None)
    return datagen.Dataset(folder / "runs" / "crates"), names


def test_the_page_reads_what_the_dataset_class_reads(read):
    dataset, page = read
    assert np.array_equal(page["state"], dataset.frames(1)["observation.state"])
    assert np.array_equal(np.stack(page["pictures"]), np.stack(list(dataset.video(1, "front"))))
    assert np.allclose(np.stack(page["depth"]), 1e-4 * dataset.dense(1, "front.depth"))
    assert np.array_equal(np.stack(page["bodies"]), dataset.dense(1, "front.segmentation"))
    assert [row["depth"] for row in page["contacts"]] == dataset.contacts(1)["depth"].tolist()


def test_the_page_names_every_column_and_table(read):
    dataset, _ = read
    text = (DOCS / "formats.md").read_text(encoding="utf-8")
    named = set(re.findall(r"`([\w.]+)`", text))
    assert {feature.name for feature in dataset.schema.features} <= named
    assert set(dataset.frames(0)) <= named
    tables = {path.name for path in (dataset.folder / "extras").iterdir() if path.is_dir()} - {"dense"}
    assert tables <= named


def test_scale_and_codecs_are_those_of_the_schema(read):
    dataset, _ = read
    streams = {stream.name: stream for stream in dataset.schema.dense}
    assert streams["front.depth"].scale == 1e-4 and streams["front.depth"].invalid == 0
    assert (streams["front.depth"].stored_as, streams["front.segmentation"].stored_as) == ("ffv1", "zstd")
