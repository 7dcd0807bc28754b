"""docs/rendering.md does what it says: the two lines beside every picture and all Python blocks run on the scene of its
pictures."""

import importlib.util
import re

import numpy as np
import pytest
from PIL import Image

import engine
from engine.errors import BackendError
from tests.docs.conftest import DOCS
from tests.docs.pages import blocks

PAGE = DOCS / "rendering.md"
ROW = re.compile(r"^\| (.*?) \| !\[\]\((media/\S+)\) \| `(.*?)`(?:<br>`(.*?)`)? \|$", re.MULTILINE)
MADE = ("picture", "depth", "normal", "albedo", "points", "flow", "back", "valid", "light", "still")
OPTIONAL = {"opengl": "pyrender", "denoise": "pyoidn"}


@pytest.fixture(scope="module")
def names(tmp_path_factory):
    """The namespace in which the page is read: the scene of its pictures, a simulation of it, images in the folder."""
    from engine import runtime

    runtime.init(backend="cpu", precision="f32", threads=2, seed=0, lanes=None)
    spec = importlib.util.spec_from_file_location("rendering_pictures", DOCS / "rendering_pictures.py")
    pictures = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(pictures)
    folder = tmp_path_factory.mktemp("images")
    for name in ("planks.png", "tiles.png", "tiles.jpg", "flag.png"):
        Image.fromarray(np.full((8, 8, 3), 200, np.uint8)).save(folder / name)
    return folder, engine.Simulation(pictures.toys((48, 36)), 2)


def lacking(text: str) -> str | None:
    """A package that the lines need and that is not installed."""
    needed = (package for word, package in OPTIONAL.items() if word in text)
    return next((package for package in needed if importlib.util.find_spec(package) is None), None)


def run(names, text: str, monkeypatch) -> dict:
    folder, sim = names
    if lacking(text):
        pytest.skip(f"needs the package {lacking(text)}")
    monkeypatch.chdir(folder)
    sim.reset()
    scene = sim.scene()
    if "scene.add" in text:
        scene = engine.Scene()
        scene.add_body("arm", engine.Box((0.1, 0.1, 0.1)), position=(2, 2, 1), fixed=True)
    space = {"engine": engine, "np": np, "scene": scene, "sim": sim, "p": (0, -2, 1), "q": (0, 0, 0)}
    try:
        exec(text, space)
    except BackendError as error:
        pytest.skip(str(error))  # no OpenGL here
    engine.Simulation(scene, 1)
    return space


def test_every_output_has_its_picture_on_the_page():
    from engine.renderers.raytracer import FLOWS, OUTPUTS

    rows = ROW.findall(PAGE.read_text())
    assert {name for name in (*OUTPUTS, *FLOWS) if not any(row[0].startswith(f"`{name}`") for row in rows)} == set()
    assert all((DOCS / row[1]).stat().st_size > 500 for row in rows)


@pytest.mark.parametrize("row", ROW.findall(PAGE.read_text()), ids=lambda row: row[1].split("/")[1])
def test_the_two_lines_make_what_the_row_says(names, row, monkeypatch):
    """What they leave is not empty; where the row gives a type, it has it."""
    space = run(names, "\n".join(filter(None, row[2:])), monkeypatch)
    left = next((space[key] for key in MADE if key in space), None)
    said = re.match(r"`(\w+)`: (\w+)", row[0])
    if said and left is not None:
        values = left[said[1]][0] if isinstance(left, dict) else left
        assert values.dtype == np.dtype(said[2]) and values.shape[:2] == (36, 48) and np.isfinite(values).any() and values.any()


@pytest.mark.parametrize("number", range(sum(block[0] == "python" for block in blocks(PAGE))))
def test_the_blocks_run(names, number, monkeypatch):
    text = [block[1] for block in blocks(PAGE) if block[0] == "python"][number]
    assert run(names, text, monkeypatch)["sim"] is not None
