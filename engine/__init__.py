"""Physics, sensing and pictures for many environments at once.

Describe a world with `Scene` (or `load` a model file), start the engine with `init`, run it with `Simulation`. The description
of scenes is imported eagerly and needs numpy only; importers, exporters and what needs the kernel compiler (`init`,
`Simulation`) are imported when first used, so that `import engine` is quick and works on machines that cannot run kernels.
"""

import importlib
from typing import TYPE_CHECKING, Any

from engine.errors import BackendError, CapacityError, EngineError, ImportFileError, SceneError, StateError
from engine.geometry.texture import Texture
from engine.scene.builder import Scene
from engine.scene.compile import compile_scenes
from engine.scene.deformable import DeformableOptions, Line, Sheet
from engine.scene.description import (
    Ball,
    Box,
    Capsule,
    Checker,
    Cylinder,
    Ellipsoid,
    Free,
    HeightField,
    Hinge,
    Joint,
    Mesh,
    Options,
    Plane,
    Shape,
    Signal,
    Site,
    Slide,
    Sphere,
)
from engine.scene.exposure import Exposure
from engine.scene.matter import Liquid, Plastic, Sand, Snow
from engine.scene.matter_presets import material
from engine.scene.soft_materials import Cloth, Elastic, Rope
from engine.scene.ties import (
    Connect,
    FixedTendon,
    JointCoupling,
    Pulley,
    SpatialTendon,
    TendonCoupling,
    Via,
    Weld,
    Wrap,
)
from engine.types import Fault, Feature, JointType, ShapeType

if TYPE_CHECKING:
    from engine.exporters.export import export
    from engine.exporters.recording import Recording
    from engine.importers.load import load
    from engine.pictures import Blur
    from engine.renderers.quality import PathTracing
    from engine.runtime import Runtime, init
    from engine.scene.matter_fill import particle_counts
    from engine.sensors.sound import Microphone
    from engine.sensors.sound_files import write_film, write_wav
    from engine.simulation import Simulation

__version__ = "0.1.0"
_LATER = {  # what files and pictures need is not part of every start; what needs the compiler must not be
    "load": "engine.importers.load", "export": "engine.exporters.export", "Recording": "engine.exporters.recording",
    "PathTracing": "engine.renderers.quality", "Blur": "engine.pictures", "particle_counts": "engine.scene.matter_fill",
    "init": "engine.runtime", "Runtime": "engine.runtime", "Simulation": "engine.simulation",
    "Microphone": "engine.sensors.sound", "write_wav": "engine.sensors.sound_files", "write_film": "engine.sensors.sound_files",
}  # fmt: skip

__all__ = [
    "BackendError",
    "Ball",
    "Blur",
    "Box",
    "CapacityError",
    "Capsule",
    "Checker",
    "Cloth",
    "Connect",
    "Cylinder",
    "DeformableOptions",
    "Elastic",
    "Ellipsoid",
    "EngineError",
    "Exposure",
    "Fault",
    "Feature",
    "FixedTendon",
    "Free",
    "HeightField",
    "Hinge",
    "ImportFileError",
    "Joint",
    "JointCoupling",
    "JointType",
    "Liquid",
    "Line",
    "Mesh",
    "Microphone",
    "Options",
    "PathTracing",
    "Plane",
    "Plastic",
    "Pulley",
    "Recording",
    "Rope",
    "Runtime",
    "Sand",
    "Scene",
    "SceneError",
    "Shape",
    "ShapeType",
    "Sheet",
    "Signal",
    "Simulation",
    "Site",
    "Slide",
    "Snow",
    "SpatialTendon",
    "Sphere",
    "StateError",
    "TendonCoupling",
    "Texture",
    "Via",
    "Weld",
    "Wrap",
    "__version__",
    "compile_scenes",
    "export",
    "init",
    "load",
    "material",
    "particle_counts",
    "write_film",
    "write_wav",
]


def __getattr__(name: str) -> Any:
    """What is imported on first use (PEP 562)."""
    if name in _LATER:
        value = getattr(importlib.import_module(_LATER[name]), name)
        globals()[name] = value
        return value
    raise AttributeError(f"module 'engine' has no attribute {name!r}")


def __dir__() -> list[str]:
    return sorted(__all__)
