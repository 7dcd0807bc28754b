"""`engine.export`: a scene or a recorded motion becomes a file that other programs open."""

from pathlib import Path

from engine.errors import SceneError, near_matches
from engine.exporters.mjcf import write_mjcf
from engine.exporters.recording import Recording
from engine.exporters.usd import write_usd
from engine.scene.builder import Scene

MJCF, USD = (".xml", ".mjcf"), (".usda", ".usdc", ".usd")


def export(what: Scene | Recording, path: str | Path, strict: bool = True) -> list[str]:
    """Write a Scene as MJCF (.xml) or USD (.usda, .usdc), or a Recording as an animated USD stage.

    Returns notes on what the format cannot hold; with strict=True, what would change the physics is an error instead. The file
    appears whole or not at all. Raises SceneError.
    """
    path = Path(path)
    where, suffix = f"engine.export({str(path)!r})", path.suffix.lower()
    if not isinstance(what, Scene | Recording):
        raise SceneError(where, f"{type(what).__name__} cannot be exported", "allowed: Scene, Recording", "pass one of them")
    allowed = (*MJCF, *USD) if isinstance(what, Scene) else USD
    if suffix not in allowed:
        raise SceneError(where, f"unknown format {suffix!r}", near_matches(suffix, allowed), "change the ending")
    if not path.parent.is_dir():
        raise SceneError(where, f"the folder {str(path.parent)!r} does not exist", "allowed: an existing folder", "make it")
    if isinstance(what, Scene) and suffix in MJCF:
        return write_mjcf(what, path, where, strict)
    scene = what if isinstance(what, Scene) else what.scene
    return write_usd(scene, None if isinstance(what, Scene) else what, path, where, strict)
