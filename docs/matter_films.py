"""Make the strips of matter.md: `python docs/matter_films.py [SCENE ...]`, six frames of one episode of each scene."""

import importlib.util
import sys
import tempfile
from pathlib import Path

import imageio.v3 as iio

DOCS = Path(__file__).resolve().parent
MADE = importlib.util.spec_from_file_location("prompt_films", DOCS / "prompt_films.py")
assert MADE is not None and MADE.loader is not None
films = importlib.util.module_from_spec(MADE)
MADE.loader.exec_module(films)
SCENES = ("pour_water", "honey_spoon", "sand_hourglass", "jelly_squash")


def main(scenes: list[str]) -> None:
    """Make the strips of these scenes, or of all."""
    with tempfile.TemporaryDirectory() as folder:
        for scene in scenes or SCENES:
            words = ["generate", scene, "--episodes", "1", "--workers", "1", "--out", str(Path(folder) / scene)]
            picture = films.strip(films.generate(words, Path(folder)))
            iio.imwrite(DOCS / "media" / f"matter_{scene}.jpg", picture, quality=80)


if __name__ == "__main__":
    main(sys.argv[1:])
