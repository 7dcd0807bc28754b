"""Make the films of prompts.md: `python docs/prompt_films.py [NAME ...] [--keep FOLDER]`.

Runs the commands of the page, each for one episode in a folder of its own, and lays six frames of it side by side (JPEG).
Limits: pouring takes minutes on two cores.
"""

import re
import shlex
import sys
import tempfile
from pathlib import Path

import imageio.v3 as iio
import numpy as np

from datagen.cli import app

DOCS = Path(__file__).resolve().parent
PAGE = DOCS / "prompts.md"
COMMAND = re.compile(r"^worldsmith generate --prompt .*$", re.MULTILINE)
FRAMES = 6


def commands() -> dict[str, list[str]]:
    """Name of the dataset -> words of the command behind `worldsmith`, in the order of the page."""
    listed = [shlex.split(line)[1:] for line in COMMAND.findall(PAGE.read_text(encoding="utf-8"))]
    return {Path(words[words.index("--out") + 1]).name: words for words in listed}


def generate(words: list[str], folder: Path, episodes: int = 1) -> Path:
    """Run a command with another folder and number of episodes; the folder of the dataset."""
    words = list(words)
    out = folder / Path(words[words.index("--out") + 1]).name
    words[words.index("--out") + 1] = str(out)
    words[words.index("--episodes") + 1] = str(episodes)
    code = app.main(words)
    if code:
        raise SystemExit(f"worldsmith {shlex.join(words)}: exit code {code}")
    return out


def strip(dataset: Path) -> np.ndarray:
    """Frames of the first video of a dataset side by side, the first and the last among them."""
    video = next(iter(sorted((dataset / "videos").rglob("*.mp4"))))
    frames = iio.imread(video, plugin="pyav")
    return np.concatenate([frames[at] for at in np.linspace(0, len(frames) - 1, FRAMES).round().astype(int)], axis=1)


def main(arguments: list[str]) -> None:
    """Make the films of these prompts, or of all."""
    keep = Path(arguments.pop(arguments.index("--keep") + 1)) if "--keep" in arguments else None
    names = [word for word in arguments if word != "--keep"]
    with tempfile.TemporaryDirectory() as folder:
        for name, words in commands().items():
            if names and name not in names:
                continue
            picture = strip(generate(words, keep or Path(folder)))
            iio.imwrite(DOCS / "media" / f"prompt_{name}.jpg", picture, quality=80)


if __name__ == "__main__":
    main(sys.argv[1:])
