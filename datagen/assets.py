"""Where our own data lies: scenes, assets and benchmarks, found alike from a checkout, an editable install and a wheel.

Decides one thing: the folder that holds `assets/`, `scenes/` and `benchmarks/`. In a wheel they travel inside this package
(`datagen/data`, see pyproject.toml); in a checkout or an editable install they stand beside it. The current folder is never
asked, so a command means the same wherever it is run. Limits: the data must be real files, so a zip import of the package is
refused with a sentence.
"""

from pathlib import Path

from datagen.errors import DatagenError, near_matches

FOLDERS = ("assets", "scenes", "benchmarks")
SPEC_SUFFIXES = (".yaml", ".yml")


class AssetError(DatagenError):
    """A scene, an asset or a benchmark was named that is not there."""


def root() -> Path:
    """Folder that holds `assets/`, `scenes/` and `benchmarks/`.

    Raises AssetError when none of the two known places has them, which means a broken installation.
    """
    package = Path(__file__).resolve().parent
    for folder in (package / "data", package.parent):
        if all((folder / name).is_dir() for name in FOLDERS):
            return folder
    raise AssetError(
        str(package),
        "the folders assets, scenes and benchmarks are missing",
        "they lie beside the package in a checkout and inside it in a wheel",
        "install worldsmith again",
    )


def scene_names() -> list[str]:
    """Bare names of the scenes that come with the project, sorted; each is valid for `scene_path`."""
    return sorted(path.stem for path in (root() / "scenes").glob("*.yaml"))


def scene_path(name: str | Path) -> Path:
    """File of a scene given by bare name (`dominoes`) or by path (`my/spec.yaml`).

    Anything with a folder or a `.yaml`/`.yml` ending is a path, taken from the current folder; every other word is one of
    `scene_names()`. Raises AssetError with near matches when there is no such file.
    """
    text = str(name)
    path = Path(text).expanduser()
    if len(path.parts) > 1 or path.suffix in SPEC_SUFFIXES:
        return _existing_spec(path)
    known = scene_names()
    if text not in known:
        raise AssetError(
            f"scene {text!r}", "there is no scene of this name", near_matches(text, known), "or give the path of a .yaml file"
        )
    return root() / "scenes" / f"{text}.yaml"


def _existing_spec(path: Path) -> Path:
    if path.is_file():
        return path
    if path.is_dir():
        raise AssetError(str(path), "this is a folder, not a spec", "a spec is one .yaml file", "name the file inside it")
    beside = {str(path.parent / other.name) for suffix in SPEC_SUFFIXES for other in path.parent.glob(f"*{suffix}")}
    known = beside | set(scene_names())
    raise AssetError(str(path), "there is no such file", near_matches(str(path), known), "check the path or name a scene")


def asset_path(name: str | Path) -> Path:
    """File under `assets/` by its path in that folder, for example `textures/oak.png`.

    Raises AssetError with near matches when it is not there, and when the name leads out of the folder.
    """
    folder = root() / "assets"
    path = (folder / name).resolve()
    if not path.is_relative_to(folder.resolve()):
        raise AssetError(
            f"asset {str(name)!r}", "the name leads out of the assets folder", "a path inside it", "give a file by its own path"
        )
    if not path.is_file():
        known = [str(item.relative_to(folder)) for item in folder.rglob("*") if item.is_file()]
        raise AssetError(f"asset {str(name)!r}", "there is no such asset", near_matches(str(name), known))
    return path


def benchmark_path(case: str) -> Path:
    """`bench.py` of a benchmark case; raises AssetError with near matches for a case that is not there."""
    known = benchmark_names()
    if case not in known:
        raise AssetError(
            f"benchmark {case!r}", "there is no such case", near_matches(case, known), "see `worldsmith bench --list`"
        )
    return root() / "benchmarks" / case / "bench.py"


def benchmark_names() -> list[str]:
    """Names of the benchmark cases, sorted: the folders of `benchmarks/` that hold a `bench.py`."""
    return sorted(path.parent.name for path in (root() / "benchmarks").glob("*/bench.py"))
