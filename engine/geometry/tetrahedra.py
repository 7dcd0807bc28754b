"""Tetrahedra of any closed surface, by the library pytetwild (fTetWild, Hu et al. 2020); the extra `tetrahedra`.

Limits: needs pytetwild and pyvista; the result is kept in the geometry cache, since meshing takes seconds.
"""

import numpy as np

from engine.errors import SceneError
from engine.geometry.mesh import MeshData
from engine.geometry.solids import Array, Ints, oriented
from engine.geometry.store import stored


def mesh_solid(data: MeshData, spacing: float, where: str) -> tuple[Array, Ints]:
    """Points (n, 3) and positive tetrahedra (m, 4) with edges of about `spacing` [m]. Raises SceneError without the extra."""
    key = f"tetrahedra-{data.key}-{spacing:.6g}"
    arrays = stored(key, lambda: _meshed(data, spacing, where))
    return arrays["points"], arrays["cells"].astype(np.int64)


def _meshed(data: MeshData, spacing: float, where: str) -> dict[str, np.ndarray]:
    try:
        import pytetwild
    except ImportError as error:
        raise SceneError(
            where, "a mesh needs a tetrahedralizer", "boxes, spheres, cylinders and ellipsoids need none",
            "pip install 'worldsmith[tetrahedra]'",
        ) from error  # fmt: skip
    size = float(np.linalg.norm(np.ptp(data.vertices, axis=0)))
    found = pytetwild.tetrahedralize(data.vertices, data.faces.astype(np.int32), edge_length_fac=min(spacing / size, 0.5))
    points, cells = np.asarray(found[0], float), np.asarray(found[1], np.int64)
    if not len(cells):
        raise SceneError(where, "the tetrahedralizer found no inside", "allowed: closed surfaces", "repair the mesh")
    return {"points": points, "cells": oriented(points, cells)}
