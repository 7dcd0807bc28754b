"""A mesh file alone as a scene: one free body named after the file, with the density of water."""

from pathlib import Path

from engine.geometry.mesh import load_mesh
from engine.scene.builder import Scene
from engine.scene.description import Mesh


def load_mesh_scene(path: Path) -> Scene:
    """A scene with one free body of this mesh. Raises ImportFileError and SceneError."""
    scene = Scene()
    data = load_mesh(path, str(path))
    scene.add_body(data.name, Mesh(path=str(path), data=data))
    return scene
