"""CompiledScene: the host form of a model, numpy arrays by declared name; the only thing that crosses from description to
device.
"""

import hashlib
from dataclasses import dataclass, field

import numpy as np


@dataclass(frozen=True)
class TriangleMesh:
    """A render mesh in its own frame, unscaled: vertices (n, 3) [m], faces (m, 3), vertex normals (n, 3), image coordinates of
    the corners (m, 3, 2) or None.
    """

    vertices: np.ndarray
    faces: np.ndarray
    normals: np.ndarray
    coordinates: np.ndarray | None = None


@dataclass(frozen=True)
class CameraFrame:
    """Picture size of a camera; pose and field of view are model constants."""

    name: str
    width: int
    height: int


@dataclass(frozen=True)
class Names:
    """Names by index of every kind of element; unnamed ones got a generated name."""

    body: tuple[str, ...]
    joint: tuple[str, ...]
    shape: tuple[str, ...]
    actuator: tuple[str, ...] = ()
    kinematic: tuple[str, ...] = ()
    mesh: tuple[str, ...] = ()
    site: tuple[str, ...] = ()
    tendon: tuple[str, ...] = ()
    equality: tuple[str, ...] = ()


@dataclass(frozen=True)
class CompiledScene:
    """Arrays of `engine.declarations` by name.

    sizes: every size word except max_contacts and num_envs. ints, data: `(*shape)`. reals: `(variants, *shape)`, variants 1 or
    the number of environments (all real arrays alike). meshes: one per mesh index, for pictures. images: what `shape_texture`
    counts, (height, width, 3) uint8 sRGB each.
    """

    sizes: dict[str, int]
    ints: dict[str, np.ndarray]
    reals: dict[str, np.ndarray]
    data: dict[str, np.ndarray]
    names: Names
    cameras: tuple[CameraFrame, ...] = ()
    meshes: tuple[TriangleMesh, ...] = field(default=())
    images: list[np.ndarray] = field(default_factory=list)

    @property
    def variants(self) -> int:
        """Number of scenes compiled together."""
        return int(next(iter(self.reals.values())).shape[0])

    def topology_hash(self) -> str:
        """Equal for scenes that differ in real constants only, and so may share a batch."""
        digest = hashlib.sha256(repr((sorted(self.sizes.items()), self.names, self.cameras)).encode())
        for group in (self.ints, self.data):
            for name in sorted(group):
                digest.update(name.encode() + np.ascontiguousarray(group[name]).tobytes())
        return digest.hexdigest()
