"""Generate four episodes of falling dominoes from the shipped spec and read them back.

Success criteria: four episodes with pictures, states and contacts; at least one domino topples in each.
"""

import sys
import tempfile
from pathlib import Path

import datagen


def main(out: str | None = None) -> None:
    """Generate into `out` (a new folder), then open the dataset."""
    folder = Path(out) if out else Path(tempfile.mkdtemp()) / "dominoes"
    spec = datagen.load_spec("dominoes")
    datagen.generate(spec, episodes=4, seed=7, out=folder, workers=1)
    dataset = datagen.Dataset(folder)
    for episode in range(len(dataset)):
        toppled = [event for event in dataset.events(episode) if event["type"] == "topple"]
        print(f"episode {episode}: {len(dataset.frames(episode)['timestamp'])} frames, {len(toppled)} dominoes toppled")
        assert toppled
    assert len(dataset) == 4
    print(f"dataset in {folder}")


if __name__ == "__main__":
    main(*sys.argv[1:2])
