"""A choice of joints: their names to the velocity and position coordinates that they own. numpy only."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from engine.compiled import CompiledScene
from engine.errors import StateError, near_matches
from engine.types import JointType

Indices = NDArray[np.int64]
QPOS_WIDTH = {JointType.FREE: 7, JointType.BALL: 4, JointType.SLIDE: 1, JointType.HINGE: 1}


@dataclass(frozen=True)
class JointSet:
    """`joints`, their velocity coordinates `dofs` and their position coordinates `coordinates`, ascending."""

    joints: Indices
    dofs: Indices
    coordinates: Indices


def joint_set(compiled: CompiledScene, names: Sequence[str] | None, where: str) -> JointSet:
    """The joints of these names, by default every hinge, slide and ball joint; StateError lists near matches."""
    ints, known = compiled.ints, compiled.names.joint
    unknown = [name for name in names or () if name not in known]
    if unknown:
        raise StateError(
            f"{where}(joints)", f"unknown joint {unknown[0]!r}", near_matches(unknown[0], known), "correct the name"
        )
    if names is None:
        joints = np.flatnonzero(ints["joint_type"] != JointType.FREE)
    else:
        joints = np.array(sorted(known.index(name) for name in set(names)), int)
    dofs = np.flatnonzero(np.isin(ints["dof_joint"], joints))
    starts, kinds = ints["joint_qpos_start"][joints], ints["joint_type"][joints]
    coordinates = [start + k for start, kind in zip(starts, kinds, strict=True) for k in range(QPOS_WIDTH[JointType(kind)])]
    return JointSet(joints, dofs, np.array(coordinates, int))
