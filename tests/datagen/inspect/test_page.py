"""The page is one well-formed file with the clips of the episodes and nothing from elsewhere."""

import re
from html.parser import HTMLParser
from pathlib import Path

import numpy as np
import pytest

from datagen.inspect import write_page
from datagen.inspect.pictures import label_colors, paint_values
from datagen.inspect.svg import line_plot, ticks, timeline
from datagen.pipeline.generation import generate
from datagen.writers import OutputError

SPEC = Path(__file__).parent.parent / "pipeline" / "small.yaml"
VOID = {"meta", "img", "input", "br", "rect", "line", "polyline"}


class Reader(HTMLParser):
    """Checks nesting and collects sources."""

    def __init__(self):
        super().__init__()
        self.open, self.sources, self.tags = [], [], []

    def handle_starttag(self, tag, attributes):
        self.tags.append(tag)
        self.sources += [value for name, value in attributes if name in ("src", "href")]
        if tag not in VOID:
            self.open.append(tag)

    def handle_startendtag(self, tag, attributes):
        self.tags.append(tag)

    def handle_endtag(self, tag):
        assert self.open and self.open.pop() == tag


@pytest.fixture(scope="module")
def dataset(tmp_path_factory):
    out = tmp_path_factory.mktemp("inspect") / "data"
    generate(SPEC, episodes=2, seed=3, out=out, workers=1, backend="cpu")
    return out


def test_the_page_holds_the_clips_and_refers_to_nothing_outside(dataset, tmp_path):
    page = write_page(dataset, tmp_path / "page.html", shown=1)
    text = (tmp_path / "page.html").read_text()
    reader = Reader()
    reader.feed(text)
    assert reader.open == []
    assert page["videos"] == reader.tags.count("video") == 1
    assert all(source.startswith(("data:", "#")) for source in reader.sources)
    assert not re.search(r"https?://", text)
    assert "script" not in reader.tags
    assert text.count("data:video/mp4;base64,") == 1
    assert text.count("<svg") >= 4
    assert "actions.push.magnitude" in text
    assert "cube_0" in text


def test_text_of_a_dataset_cannot_become_markup():
    plot = line_plot("<b>", "m", np.arange(3.0), {"<script>": np.arange(3.0)})
    assert "<script>" not in plot
    assert "<b>" not in plot
    assert "<i>" not in timeline({"<i>": [(0.1, "<u>")]}, 1.0).replace("<i style", "")


def test_a_page_that_cannot_be_written_says_so(dataset, tmp_path):
    with pytest.raises(OutputError, match="cannot be written"):
        write_page(dataset, tmp_path / "missing" / "page.html")


def test_ticks_are_round_numbers_inside_the_range():
    assert ticks(0.0, 1.0) == [0.0, 0.5, 1.0]
    assert ticks(-0.013, 0.021) == [-0.01, 0.0, 0.01, 0.02]


def test_a_flat_line_and_an_empty_picture_are_drawn():
    assert "polyline" in line_plot("flat", "m", np.arange(3.0), {"a": np.ones(3)})
    assert (paint_values(np.zeros((4, 4), np.uint16), 0) == 225).all()


def test_labels_have_distinct_colours():
    assert len({tuple(color) for color in label_colors(40)}) == 40
