"""Height fields: the <hfield> asset and the geoms that stand on it.

Heights come from `elevation`, or from a file of MuJoCo's own format (two integers, rows and columns, then single precision
numbers row by row), normalised to 0 .. 1 and scaled by the third size, as MuJoCo does; without either the ground is flat.
Limits: images as elevation are reported.
"""

from pathlib import Path
from typing import Any

import numpy as np

from engine.errors import ImportFileError
from engine.importers.files import inside
from engine.importers.mjcf.source import Source, scalar
from engine.importers.xml_tree import Element
from engine.scene.description import HeightField

MOST = 4096  # rows or columns


def height_field(source: Source, element: Element, values: dict[str, Any]) -> HeightField:
    """The shape of a geom of type hfield; a missing asset raises ImportFileError."""
    name = element.attributes.get("hfield", "")
    if name not in source.height_fields:
        raise ImportFileError(
            element.where, f"unknown hfield {name!r}", f"allowed: {', '.join(source.height_fields) or 'none'}", "correct it"
        )
    asset = source.height_fields[name]
    x, y, top, base = asset.numbers("size", 4) or (0.0,) * 4
    if min(x, y, top, base) <= 0.0:
        raise ImportFileError(asset.where, "size of an hfield", "allowed: four positive numbers x y z base", "correct it")
    data = heights(source, asset)
    span = float(data.max() - data.min())
    if span > 0.0:
        data = (data - data.min()) / span
    return HeightField(heights=(data * top).tolist(), size=(2 * x, 2 * y), base=base, **values)


def heights(source: Source, asset: Element) -> np.ndarray:
    """The raw numbers of an asset (rows, columns)."""
    rows, columns = int(scalar(asset, "nrow", 0)), int(scalar(asset, "ncol", 0))
    file = asset.attributes.get("file")
    if file is not None:
        if file.lower().endswith(".png") or asset.attributes.get("content_type", "").startswith("image/png"):
            source.report.lacks("an image as elevation of an <hfield>", asset.line)
            return np.zeros((2, 2))
        return from_file(inside(source.folder, str(source.meshdir / source.file(file)), asset.where), asset)
    if not (2 <= rows <= MOST and 2 <= columns <= MOST):
        raise ImportFileError(asset.where, f"nrow {rows}, ncol {columns}", f"allowed: 2 to {MOST}", "correct it")
    given = asset.numbers("elevation")
    if given is None:
        return np.zeros((rows, columns))
    if len(given) != rows * columns:
        raise ImportFileError(
            asset.where, f"{len(given)} numbers of elevation", f"needs nrow ncol = {rows * columns}", "correct it"
        )
    return np.array(given, float).reshape(rows, columns)[::-1]  # the file lists the rows from the top, as a picture


def from_file(path: Path, asset: Element) -> np.ndarray:
    """A file of two int32 and rows times columns float32."""
    try:
        raw = path.read_bytes()
    except OSError as error:
        raise ImportFileError(asset.where, f"cannot read {path.name} ({error.strerror})", "", "check the file name") from error
    shape = np.frombuffer(raw[:8], np.int32) if len(raw) >= 8 else np.zeros(2, np.int32)
    if min(shape) < 2 or max(shape) > MOST or len(raw) != 8 + 4 * int(shape[0]) * int(shape[1]):
        raise ImportFileError(
            asset.where, f"{path.name} is no height field", "two int32 and rows x columns float32", "check it"
        )
    return np.frombuffer(raw[8:], np.float32).reshape(shape).astype(float)
