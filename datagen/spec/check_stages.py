"""What a curriculum and a density must not do: change what all episodes share, weigh what is not drawn."""

from typing import Any

from ..errors import near_matches
from .curriculum import Bins
from .declared import RANDOM, Law, declared
from .distributions import Choice
from .document import DatasetSpec
from .text import Path
from .timing import timing


def check_stage(spec: DatasetSpec, stage: DatasetSpec, place: Path) -> None:
    """Raises `SpecError` when a stage changes what is the same in all episodes of a dataset."""
    first, second = _shared(spec), _shared(stage)
    for name, value in first.items():
        if second[name] != value:
            raise spec.source.error(place, f"the stage changes {name}", "what all episodes share stays")


def _shared(spec: DatasetSpec) -> dict[str, Any]:
    found: dict[str, Any] = {"the times": timing(spec), "the names of entities": list(spec.entities)}
    for name, camera in spec.cameras.items():
        found[f"the camera {name!r}"] = (camera.resolution, camera.outputs, camera.lens)
    for name, sensor in spec.sensors.items():
        kept = sensor.model_dump(exclude={"position", "rotation"})
        found[f"the sensor {name!r}"] = kept
    found |= {
        f"the kind of action {name!r}": (action.do, getattr(action, "target", "")) for name, action in spec.actions.items()
    }
    return found


def check_density(spec: DatasetSpec) -> None:
    """Raises `SpecError` when weights are for what is not drawn, or do not fit it."""
    if spec.density is None:
        return
    known: dict[str, Law] = {}
    for stage in spec.stages:
        known = {**declared(stage), **known}
    for path, bins in spec.density.draws.items():
        place: Path = ("density", "draws", path)
        if path not in known:
            raise spec.source.error(place, f"{path!r} is not drawn", near_matches(path, known))
        _check_bins(spec, place, bins, known[path])


def _check_bins(spec: DatasetSpec, place: Path, bins: Bins, law: Law) -> None:
    if law == RANDOM:
        raise spec.source.error(place, "a random rotation cannot be weighted", "numbers and choices")
    if isinstance(law, Choice):
        if bins.edges or len(bins.weights) != len(law.of):
            raise spec.source.error(place, f"a choice of {len(law.of)}", f"{len(law.of)} weights and no edges")
    elif not bins.edges:
        raise spec.source.error(place, "'edges' are missing", "one edge more than weights, in SI")
