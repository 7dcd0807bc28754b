"""What to generate: the documents that people write and the episodes that are drawn from them.

Imports pydantic, numpy, PyYAML and the standard library only.
"""

from .episode import (
    ActionSpec,
    BodySpec,
    CameraSpec,
    EpisodeSpec,
    JointSpec,
    LightSpec,
    RecordSpec,
    ShapeSpec,
    WaypointSpec,
    WorldSpec,
)

__all__ = [
    "ActionSpec",
    "BodySpec",
    "CameraSpec",
    "EpisodeSpec",
    "JointSpec",
    "LightSpec",
    "RecordSpec",
    "ShapeSpec",
    "WaypointSpec",
    "WorldSpec",
]
