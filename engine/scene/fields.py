"""The arrays of height fields and signed distance fields, one row per mesh; meshes that collide as hulls have empty rows."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.geometry.grid import Grid
from engine.geometry.mesh import MeshData

NO_GRID = Grid(np.zeros(3), np.ones(3), np.zeros(3, int), np.zeros(0))


def field_arrays(meshes: Sequence[MeshData]) -> tuple[dict[str, NDArray[np.int64]], dict[str, NDArray[np.float64]]]:
    """Integer and real arrays by declared name."""
    grids = [m.grid or NO_GRID for m in meshes]
    ints = {
        "field_start": _starts([len(g.values) for g in grids]),
        "field_cell_start": _starts([len(g.slopes) for g in grids]),
        "field_sample_start": _starts([len(g.samples) for g in grids]),
        "field_sample_count": np.array([len(g.samples) for g in grids], int),
    }
    data = {
        "field_origin": _rows([g.origin for g in grids]),
        "field_spacing": _rows([g.spacing for g in grids]),
        "field_extent": _rows([g.count for g in grids]),
        "field_value": np.concatenate([np.zeros(0), *(g.values for g in grids)]),
        "field_slope": np.concatenate([np.zeros((0, 2, 3)), *(g.slopes for g in grids)]),
        "field_sample": np.concatenate([np.zeros((0, 3)), *(g.samples for g in grids)]),
    }
    return ints, data


def _rows(vectors: list[NDArray]) -> NDArray[np.float64]:
    return np.array(vectors, float).reshape(-1, 3)


def _starts(counts: list[int]) -> NDArray[np.int64]:
    return (np.cumsum(counts) - counts).astype(int) if counts else np.zeros(0, int)
