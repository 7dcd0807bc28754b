"""The page in a real headless browser: it draws, pauses, steps, scrubs and is clicked."""

import os
import threading
import time
from pathlib import Path

import numpy as np
import pytest

pytest.importorskip("viser", reason="needs the package viser (extra `view`)")

import engine  # noqa: E402
from datagen.pipeline.generation import generate  # noqa: E402
from datagen.viewer import open_play  # noqa: E402
from datagen.viewer.page import Page  # noqa: E402
from tests.datagen.viewer import browser  # noqa: E402

SMALL = Path(__file__).parents[1] / "pipeline" / "small.yaml"
IN_BROWSER = pytest.mark.skipif(browser.installed() is None, reason=f"no browser is installed ({', '.join(browser.NAMES)})")
TEXT = "document.body.innerText"


@pytest.fixture
def served():
    """`served(play)` is a page that runs, on a free port."""
    pages: list[tuple[Page, threading.Thread]] = []

    def start(play) -> Page:
        page = Page(play, port=0 if not pages else 0)
        thread = threading.Thread(target=page.run, daemon=True)
        thread.start()
        pages.append((page, thread))
        return page

    yield start
    for page, thread in pages:
        page.stop()
        thread.join(10)


def test_the_page_goes_on_pauses_steps_and_starts_anew(served):
    page = served(open_play(SMALL, seed=3))
    for name in page.shown:
        page.switch(name, True)
    time.sleep(0.5)
    page.toggle()
    time.sleep(0.2)
    frame = page.play.frame
    assert frame > 0
    page.step()
    assert page.play.frame == frame + 1
    page.restart()
    assert page.play.frame == 0


def test_the_pyramid_of_a_camera_follows_its_lens(served, tmp_path):
    """A pinhole's own angle; of a fisheye the angle at which it sees the upper edge, with its distortion; never flat."""
    scene = engine.Scene()
    scene.add_body("ball", engine.Sphere(0.1), position=(0, 0, 1))
    place = {"position": (0, -1, 1), "look_at": (0, 0, 1), "resolution": (32, 32)}
    scene.add_camera("plain", fov_y=50, **place)
    scene.add_camera("bent", lens="fisheye", fov_y=100, distortion=(0.1,), **place)
    scene.add_camera("round", lens="fisheye", fov_y=200, **place)
    scene.save(tmp_path / "scene.yaml")
    page = served(open_play(tmp_path / "scene.yaml"))
    half = 0.5 * page._frustum(1)
    assert half * (1 + 0.1 * half**2) == pytest.approx(np.radians(50), abs=1e-4)
    assert page._frustum(0) == pytest.approx(np.radians(50)) and page._frustum(2) == 2.6


@IN_BROWSER
@pytest.mark.slow
def test_a_running_spec_in_a_browser(served, tmp_path):
    """Bodies are drawn, the frame counts, Pause holds it, Step takes one, a click on a body takes hold of it."""
    page = served(open_play(SMALL, seed=3))
    window = browser.Browser(page.url)
    try:
        window.wait(f"document.querySelector('canvas') && {TEXT}.includes('small: frame')")
        window.press("Pause")
        time.sleep(1.0)
        assert not page.playing
        frame = page.play.frame
        assert frame > 0
        window.press("Step")
        window.wait(f"{TEXT}.includes('frame {frame + 1},')")
        picture = window.picture()
        scene = picture[:, :640].astype(int)
        assert scene.std() > 10 and (np.ptp(scene, axis=2) > 60).mean() > 0.001  # something coloured is drawn
        if "WORLDSMITH_SCREENSHOT" in os.environ:
            import imageio.v3 as imageio

            imageio.imwrite(os.environ["WORLDSMITH_SCREENSHOT"], picture)
        colored = np.argwhere(np.ptp(scene, axis=2) > 60)
        row, column = colored[len(colored) // 2]
        window.click(float(column), float(row))
        end = time.monotonic() + 15
        while page.play.pull is None and time.monotonic() < end:
            time.sleep(0.1)
        assert page.play.pull is not None
        window.press("Let go")
        time.sleep(0.5)
        assert page.play.pull is None
    finally:
        window.close()


@IN_BROWSER
@pytest.mark.slow
def test_a_dataset_in_a_browser(served, tmp_path):
    """It has a slider and a plot."""
    generate(SMALL, episodes=1, seed=3, out=tmp_path / "data", workers=1, backend="cpu")
    page = served(open_play(tmp_path / "data"))
    window = browser.Browser(page.url)
    try:
        window.wait(f"{TEXT}.includes('of 8')")
        window.wait("document.querySelector('.mantine-Slider-root') !== null")
        window.wait("document.querySelector('.uplot') !== null")
        page.scrub(4)
        window.wait(f"{TEXT}.includes('frame 4 of 8')")
    finally:
        window.close()
