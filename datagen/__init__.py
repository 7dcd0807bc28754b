"""Meaning: what to generate, why it counts and where it goes.

    import datagen
    spec = datagen.load_spec("scenes/dominoes.yaml")
    datagen.generate(spec, episodes=8, seed=7, out="runs/demo")

`load_spec`, `generate`, `replay` and `Dataset` are imported on first use, so that the command line starts at once.
"""

import importlib
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from datagen.pipeline.generation import Summary, generate, load_spec
    from datagen.pipeline.replay import replay
    from datagen.spec import DatasetSpec, EpisodeSpec, sample
    from datagen.writers import Dataset, validate

_HOMES = {
    "Dataset": "datagen.writers",
    "DatasetSpec": "datagen.spec",
    "EpisodeSpec": "datagen.spec",
    "Summary": "datagen.pipeline.generation",
    "generate": "datagen.pipeline.generation",
    "load_spec": "datagen.pipeline.generation",
    "replay": "datagen.pipeline.replay",
    "sample": "datagen.spec",
    "validate": "datagen.writers",
}

__all__ = ["Dataset", "DatasetSpec", "EpisodeSpec", "Summary", "generate", "load_spec", "replay", "sample", "validate"]


def __getattr__(name: str) -> Any:
    """The public names, imported on first use (PEP 562)."""
    if name in _HOMES:
        value = getattr(importlib.import_module(_HOMES[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'datagen' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
