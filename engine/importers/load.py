"""`engine.load`: a model file of any known format becomes a Scene."""

from pathlib import Path

from engine.errors import ImportFileError, near_matches
from engine.geometry.mesh import FORMATS
from engine.importers.mesh_file import load_mesh_scene
from engine.importers.mjcf import load_mjcf
from engine.importers.scene_yaml import load_scene
from engine.importers.urdf import load_urdf
from engine.importers.usd import load_usd
from engine.importers.xml_tree import root_tag
from engine.scene import check
from engine.scene.builder import Scene

SUFFIXES = (".yaml", ".yml", ".xml", ".mjcf", ".urdf", ".usd", ".usda", ".usdc", *FORMATS)


def load(path: str | Path, strict: bool = True, contact: str | None = None) -> Scene:
    """Read a scene (.yaml), an MJCF (.xml), URDF (.urdf) or USD (.usd, .usda) model, or a mesh (.obj, .stl, .ply, ...).

    strict=True raises ImportFileError at the first thing that cannot be taken over; strict=False leaves it out and lists it in
    `scene.import_report`. contact sets the contact model, "exact" or "mujoco"; by default an MJCF gets "mujoco" and everything
    else what its file or the engine says. References of a model must stay inside its folder. Raises ImportFileError and
    SceneError.
    """
    scene = _read(Path(path), strict)
    if contact is not None:
        scene.options.contact = contact
        check.options(scene.options)
    return scene


def _read(path: Path, strict: bool) -> Scene:
    suffix = path.suffix.lower()
    if suffix not in SUFFIXES:
        raise ImportFileError(
            f"engine.load({str(path)!r})", f"unknown format {suffix!r}", near_matches(suffix, SUFFIXES), "convert the file"
        )
    if suffix in (".yaml", ".yml"):
        return load_scene(path)
    if suffix in FORMATS:
        return load_mesh_scene(path)
    if suffix in (".usd", ".usda", ".usdc"):
        return load_usd(path, strict)
    return load_urdf(path, strict) if root_tag(path) == "robot" else load_mjcf(path, strict)
