"""Convex pieces of a mesh, by CoACD (Wei, Liu, Ling, Su 2022; the package `coacd`, MIT), kept on disk by content.

The pieces are one shape for mass and pictures: the first carries volume, centre, moments and picture of the whole mesh, the
others weigh nothing and are not drawn. The search is seeded, so that equal meshes give equal pieces.

Limits: needs the extra `decompose`; each piece collides as its hull of at most 64 vertices.
"""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from engine.errors import SceneError
from engine.geometry.mesh import MeshData, from_arrays
from engine.geometry.store import Arrays, stored

MAX_PIECES = 64
CONCAVITY = 0.05  # CoACD's threshold: how far pieces may reach beyond the mesh, relative to a size of one
METHOD = 1  # raise when the computation changes, so that old files are not read


@lru_cache(maxsize=64)
def convex_pieces(data: MeshData, where: str = "Mesh") -> tuple[MeshData, ...]:
    """The convex pieces of a mesh. Raises SceneError without the package, or when it finds none."""
    arrays = stored(f"decompose {METHOD} {data.key} {CONCAVITY}", lambda: _compute(data, where))
    cuts = zip(np.split(arrays["vertices"], arrays["vertex_ends"]), np.split(arrays["faces"], arrays["face_ends"]), strict=True)
    pieces = [from_arrays(v, f, f"{data.name}/{k}", where) for k, (v, f) in enumerate(cuts) if len(f)]
    if not pieces:
        raise SceneError(where, f"mesh {data.name!r} gave no convex pieces", "allowed: a mesh with a volume", "repair the mesh")
    key = f"{data.key}:pieces"
    whole = replace(
        pieces[0], key=f"{key}:0", watertight=data.watertight, volume=data.volume, com=data.com, second=data.second, look=data
    )
    rest = [_weightless(p, f"{key}:{k}") for k, p in enumerate(pieces[1:], 1)]
    return (whole, *rest)


def _weightless(piece: MeshData, key: str) -> MeshData:
    nothing = replace(piece, faces=np.zeros((0, 3), np.int64))
    return replace(piece, key=key, watertight=False, volume=0.0, com=np.zeros(3), second=np.zeros((3, 3)), look=nothing)


def _compute(data: MeshData, where: str) -> Arrays:
    try:
        import coacd
    except ImportError as error:
        raise SceneError(
            where,
            "convex='decompose' needs the package coacd, which is not installed",
            "allowed: convex='hull' or 'field' without it",
            "run `pip install worldsmith[decompose]`",
        ) from error
    coacd.set_log_level("error")
    parts = coacd.run_coacd(
        coacd.Mesh(data.vertices, data.faces), threshold=CONCAVITY, max_convex_hull=MAX_PIECES, max_ch_vertex=64, seed=0
    )
    vertices, faces = [np.asarray(v, float) for v, _ in parts], [np.asarray(f, np.int64) for _, f in parts]
    return {
        "vertices": np.concatenate([np.zeros((0, 3)), *vertices]),
        "faces": np.concatenate([np.zeros((0, 3), np.int64), *faces]),
        "vertex_ends": np.cumsum([len(v) for v in vertices])[:-1].astype(int),
        "face_ends": np.cumsum([len(f) for f in faces])[:-1].astype(int),
    }
