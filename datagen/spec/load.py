"""Reading and writing specs: `load_spec(path)`, `loads(text, name)`, `from_data(data, name)`, `dump(spec)`, `json_schema()`.

Every error is a `SpecError` whose sentence starts with `file:line: path`.
"""

from pathlib import Path
from typing import Any

from pydantic import ValidationError

from ..errors import SpecError
from .check import check
from .check_stages import check_density, check_stage
from .curriculum import staged
from .declared import declared
from .document import DatasetSpec
from .problems import FieldError, first_error
from .text import Source, kind_text, read_file, read_yaml, write_yaml

VERSION = 1


def load_spec(path: str | Path) -> DatasetSpec:
    """The spec in a YAML file. Raises `SpecError`."""
    return loads(read_file(path), str(path))


def loads(text: str, name: str = "<text>") -> DatasetSpec:
    """The spec in a YAML text; `name` stands for the file in messages. Raises `SpecError`."""
    data, source = read_yaml(text, name)
    return _validated(data, source)


def from_data(data: dict[str, Any], name: str = "<data>") -> DatasetSpec:
    """The spec in plain data (dict, list, str, numbers), as YAML would give it. Raises `SpecError`."""
    return loads(write_yaml(data), name)


def require_version(data: Any, source: Source) -> None:
    """Refuses what is no document of this version. Raises `SpecError`."""
    if not isinstance(data, dict):
        raise source.error((), f"the document is {kind_text(data)}", "a mapping that starts with 'spec: 1'")
    version = data.get("spec")
    if version != VERSION or isinstance(version, (bool, float)):
        what = "the key 'spec' is missing" if version is None else f"version {version!r} of specs is not known"
        raise source.error(("spec",), what, f"this program reads version {VERSION}", f"write 'spec: {VERSION}'")


def _validated(data: Any, source: Source) -> DatasetSpec:
    require_version(data, source)
    try:
        spec = DatasetSpec.model_validate(data).attach(source, data)
    except ValidationError as error:
        problem = first_error(error, data)
        raise source.error(problem.at, problem.what, problem.allowed, problem.remedy) from error
    check(spec)
    if spec.curriculum is not None:
        stages = [_stage(spec, number) for number in range(len(spec.curriculum.stages))]
        spec.attach_stages(stages, [{}, *(declared(stage) for stage in stages[:-1])])
    check_density(spec)
    return spec


def _stage(spec: DatasetSpec, number: int) -> DatasetSpec:
    """The spec as it is in one stage. Raises `SpecError` for what the stage makes of it."""
    assert spec.curriculum is not None
    stage, place = spec.curriculum.stages[number], ("curriculum", "stages", number, "set")
    try:
        made = loads(write_yaml(staged(spec.data, stage.set)), f"{spec.source.name} (stage {stage.name})")
    except FieldError as error:
        raise spec.source.error((*place, *error.at), error.what, error.allowed, error.remedy) from error
    except SpecError as error:
        inside = error.where.removeprefix(spec.source.name).strip()
        raise spec.source.error(place, f"the stage {stage.name!r} makes {inside}: {error.what}", error.allowed) from error
    check_stage(spec, made, place)
    return made


def dump(spec: DatasetSpec) -> str:
    """YAML text of the document as it was written (without comments); `loads` gives a spec with the same hash."""
    if not spec.data:
        raise SpecError(spec.source.name, "this spec was not made by the loader", "", "use `from_data` to make it")
    return write_yaml(spec.data)


def json_schema() -> dict[str, Any]:
    """JSON Schema (2020-12) of a spec document, for editors: completion, hover texts and first checks."""
    schema = DatasetSpec.model_json_schema()
    return {"$schema": "https://json-schema.org/draft/2020-12/schema", **schema}
