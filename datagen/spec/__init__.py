"""What to generate: the documents that people write and the episodes that are drawn from them.

    spec = load_spec("scenes/dominoes.yaml")      # DatasetSpec: strict, with units and distributions
    episode = sample(spec, seed=7, index=0)       # EpisodeSpec: plain SI numbers, with a content hash
    spec.sha256, episode.content_hash

`load_spec`, `loads` and `from_data` raise `datagen.errors.SpecError`, `sample` raises `datagen.errors.SampleError`; each is one
sentence with file, line and path. (hash of the spec, seed, index) decides an episode on every platform. Imports pydantic,
numpy, PyYAML and the standard library only.
"""

from .document import DatasetSpec
from .episode import (
    ActionSpec,
    BodySpec,
    CameraSpec,
    ControllerSpec,
    EpisodeSpec,
    InteriorSpec,
    JointSpec,
    LampSpec,
    LightSpec,
    MatterSpec,
    ModelSpec,
    RecordSpec,
    RelationSpec,
    ShapeSpec,
    WaypointSpec,
    WorldSpec,
)
from .load import dump, from_data, json_schema, load_spec, loads
from .model import field_names
from .sampling import sample
from .skills import SKILLS

__all__ = [
    "ActionSpec",
    "BodySpec",
    "CameraSpec",
    "ControllerSpec",
    "DatasetSpec",
    "EpisodeSpec",
    "InteriorSpec",
    "JointSpec",
    "LampSpec",
    "LightSpec",
    "MatterSpec",
    "ModelSpec",
    "RecordSpec",
    "RelationSpec",
    "SKILLS",
    "ShapeSpec",
    "WaypointSpec",
    "WorldSpec",
    "dump",
    "field_names",
    "from_data",
    "json_schema",
    "load_spec",
    "loads",
    "sample",
]
