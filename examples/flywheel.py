"""The data flywheel: score a model, draw new episodes where it errs, train again; compare with as many drawn as declared.

A block is pushed towards the edge of a table; some pushes leave it there, some make it fall. The model goes in straight lines
between the pushes that it has seen, so it errs most where the block just falls or just stays, and that is where the weights of
`datagen.coverage.focus` (the command `worldsmith focus`) draw more.

Success criteria: more than half again as many of the new episodes as of the first ones lie where the first model errs most, and
after training on them its error there is lower than after training on as many that were drawn as declared.
"""

import tempfile
from pathlib import Path

import numpy as np

import datagen
from datagen.coverage import focus, scored
from datagen.pipeline.variation import varied
from datagen.spec import from_data

PUSH = "actions.push.magnitude"
SPEC = {
    "spec": 1,
    "name": "edge",
    "entities": {
        "table": {
            "morph": {"type": "box", "size": ["2 m", "40 cm", "10 cm"]},
            "position": ["0 m", "0 m", "45 cm"],
            "fixed": True,
        },
        "block": {
            "morph": {"type": "box", "size": ["10 cm", "10 cm", "6 cm"]},
            "mass": "1 kg",
            "position": ["0 m", {"dist": "uniform", "low": "-5 cm", "high": "5 cm"}, "53 cm"],
        },
    },
    "actions": {
        "push": {
            "do": "impulse",
            "target": "block",
            "direction": "x",
            "magnitude": {"dist": "uniform", "low": "0.2 N*s", "high": "6 N*s"},
            "start": {"at": "0.1 s"},
        }
    },
    "focus": "push",
    "record": {"fps": 10, "frames": 15, "outputs": ["rgb"]},
}
FIRST, MORE, TEST = 24, 24, 96  # episodes
HARD = 0.25  # share of the test episodes, those with the largest error, that is looked at


def read(*folders):
    """(push in N s (E,), paths in x and z (E, 2 T)) of all episodes of some datasets, in the order of the push."""
    pushes, paths = [], []
    for folder in folders:
        data = datagen.Dataset(folder)
        for index in range(len(data)):
            pushes.append(datagen.EpisodeSpec.from_json(data.spec(index)).draws[PUSH])
            paths.append(data.frames(index)["observation.state"][:, [0, 2]].ravel())
    order = np.argsort(pushes)
    return np.array(pushes)[order], np.array(paths, float)[order]


def fit(pushes, paths):
    """The model: linear between the pushes that it has seen."""
    return lambda asked: np.stack([np.interp(asked, pushes, column) for column in paths.T], 1)


def errors(model, folder):
    """Root mean square distance of every episode of a dataset, in m, in the order of the push."""
    pushes, paths = read(folder)
    return np.sqrt(((model(pushes) - paths).reshape(len(paths), -1, 2) ** 2).sum(-1).mean(-1))


def scorer(model):
    """What `focus` asks: the error of every episode, by its number."""

    def score(dataset):
        pushes = [datagen.EpisodeSpec.from_json(text).draws[PUSH] for text in dataset.specs()]
        return dict(zip(np.argsort(pushes).tolist(), errors(model, dataset.folder), strict=True))

    return score


def main():
    """Generate, train, score, focus, generate, train."""
    spec = from_data(SPEC)
    with tempfile.TemporaryDirectory() as name:
        out = Path(name)
        for folder, episodes, seed in (("first", FIRST, 1), ("declared", MORE, 2), ("scored", TEST, 3), ("test", TEST, 4)):
            datagen.generate(spec, episodes, seed, out / folder, workers=1)
        model = fit(*read(out / "first"))
        made = focus(out / "scored", scored(out / "scored", scorer(model)), bins=12, floor=0.2, power=2.0)
        focused = from_data({**spec.data, "density": made["density"]})
        datagen.generate(focused, MORE, 2, out / "focused", workers=1)

        before = errors(model, out / "test")
        hard = before >= np.quantile(before, 1.0 - HARD)
        after = {name: errors(fit(*read(out / "first", out / name)), out / "test") for name in ("declared", "focused")}
        low, high = np.quantile(read(out / "test")[0][hard], [0.1, 0.9])
        shares = {name: np.mean([low <= x <= high for x in read(out / name)[0]]) for name in ("first", "focused")}
    print("weights", {path: one["weights"] for path, one in made["density"]["draws"].items()})
    print(f"share of pushes where the model errs: {shares['first']:.2f} at first, {shares['focused']:.2f} focused")
    print(f"error there: {before[hard].mean():.3f} m at first", end="")
    print("".join(f", {one[hard].mean():.3f} m {name}" for name, one in after.items()))
    print(f"error everywhere: {before.mean():.3f} m at first", end="")
    print("".join(f", {one.mean():.3f} m {name}" for name, one in after.items()))
    assert varied(spec).sha256 == spec.sha256 != focused.sha256
    assert shares["focused"] > 1.5 * shares["first"]
    assert after["focused"][hard].mean() < after["declared"][hard].mean() < before[hard].mean()


if __name__ == "__main__":
    main()
