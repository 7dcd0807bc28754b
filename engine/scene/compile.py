"""The one bridge: scenes -> CompiledScene, arrays by declared name.

All scenes of a batch share one `Signature`; its integers are computed once and cached. Reals are computed for all scenes
together. Meshes are numbered in order of first use and stored once. Limits: those of `topology` (pairs) and `builder` (bodies);
a scene without bodies is fine.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from engine.compiled import CameraFrame, CompiledScene, Names
from engine.errors import SceneError
from engine.geometry.hull import Hull, box_hull, convex_hull
from engine.geometry.mesh import MeshData, render_mesh
from engine.panels import with_panels
from engine.scene import check
from engine.scene.builder import Scene
from engine.scene.constants import colliding_meshes, disable, real_constants, resolve_springs
from engine.scene.description import Surface
from engine.scene.drives import reflect, resolve_servos
from engine.scene.fields import field_arrays
from engine.scene.inverse_weight import inverse_weights
from engine.scene.textures import texture_arrays
from engine.scene.tie_constants import tie_constants
from engine.scene.topology import Topology, require_equal, signature, topology

EXTENDING: tuple[str, ...] = (
    "num_activations",
    "general_actuators",
    "fluid",
    "num_tendons",
    "num_equalities",
    "num_field_values",
    "speculative",
)  # size words that, when not zero, call for the extended chain of stages
PLAIN_INTEGRATORS = (0, 1)
NO_HULL = Hull(np.zeros((0, 3)), (), np.zeros((0, 3)), 0.0)  # of a mesh that collides as a field


def needs_extended(sizes: dict[str, int]) -> int:
    """1 when the scene uses what only the extended chain of stages computes."""
    return int(any(sizes[word] for word in EXTENDING) or sizes["integrator"] not in PLAIN_INTEGRATORS)


def compile_scenes(scenes: Sequence[Scene]) -> CompiledScene:
    """Arrays of one scene, or of one scene per environment.

    Returns a CompiledScene whose reals have `len(scenes)` variants. Raises SceneError when a scene cannot be simulated, or when
    two scenes differ in more than real numbers (naming the first difference).
    """
    scenes = list(scenes)
    if not scenes or not all(isinstance(s, Scene) for s in scenes):
        raise SceneError(
            "compile_scenes",
            f"{len(scenes)} scenes" if not scenes else "an entry is no Scene",
            "allowed: one engine.Scene or more",
            "pass scenes",
        )
    for scene in scenes:
        check.options(scene.options)
    signatures = [signature(s) for s in scenes]
    for k, other in enumerate(signatures[1:], 1):
        require_equal(signatures[0], other, k)
    top = topology(signatures[0])
    named = _meshes(scenes[0], top)
    meshes = list(named.values())
    with np.errstate(over="ignore", invalid="ignore"):  # what overflows is refused below
        reals = real_constants(scenes, top, meshes)
    _require_finite(reals)
    reflect(scenes, top, reals, "armature", "dof_armature")
    if not top.sizes["solver"]:  # of the Newton road alone, and dense
        reals.update(inverse_weights(top, reals, top.names.body))
    reals.update(tie_constants(scenes, top, reals))
    resolve_servos(scenes, top, reals)
    resolve_springs(scenes, top, reals)
    reflect(scenes, top, reals, "reflected_damping", "dof_damping")
    disable(scenes, reals)
    _require_finite(reals)
    ints, data = _hull_arrays(_hulls(meshes, top))
    field_ints, field_data = field_arrays(meshes)
    ints.update(field_ints)
    data.update(field_data)
    sizes = {
        **top.sizes,
        "num_hull_vertices": len(data["hull_vertex"]),
        "num_hull_faces": len(data["face_normal"]),
        "num_hull_loop": len(ints["face_loop"]),
        "num_field_values": len(data["field_value"]),
        "num_field_cells": len(data["field_slope"]),
        "num_field_samples": len(data["field_sample"]),
    }
    sizes["extended"] = needs_extended(sizes)
    names = Names(**{**vars(top.names), "mesh": tuple(named)})
    reals["shape_texture"], images = texture_arrays(scenes, sizes["num_shapes"])
    cameras = tuple(CameraFrame(c.name, c.width, c.height) for c in scenes[0].cameras)
    meshes_drawn = tuple(render_mesh(m) for m in meshes)
    return with_panels(CompiledScene(sizes, {**top.ints, **ints}, reals, data, names, cameras, meshes_drawn, list(images)))


def _require_finite(reals: dict[str, NDArray[np.float64]]) -> None:
    """Raise when a constant overflowed: sizes or masses so large that their products are not numbers."""
    for name, value in reals.items():
        if not np.isfinite(value).all():
            raise SceneError(
                "compile_scenes", f"{name} is not finite", "allowed: sizes, masses and gains whose products are finite numbers",
                "look for huge values",
            )  # fmt: skip


def _meshes(scene: Scene, top: Topology) -> dict[str, MeshData]:
    """Distinct meshes in order, named after the first shape that uses them."""
    first: dict[str, tuple[str, MeshData]] = {}
    for _, shape in scene.shapes:
        if isinstance(shape, Surface) and shape.data:
            first.setdefault(shape.data.key, (str(shape.name), shape.data))
    return dict(first[key] for key in top.mesh_keys)


def _hulls(meshes: list[MeshData], top: Topology) -> list[Hull]:
    """What the meshes collide as: none for fields, the bounding box for those that nothing can touch."""
    touching = colliding_meshes(top)
    return [NO_HULL if m.grid else convex_hull(m) if k in touching else box_hull(m) for k, m in enumerate(meshes)]


def _hull_arrays(hulls: list[Hull]) -> tuple[dict[str, NDArray[np.int64]], dict[str, NDArray[np.float64]]]:
    vertices, faces = [len(h.vertices) for h in hulls], [len(h.faces) for h in hulls]
    loops = [len(loop) for h in hulls for loop in h.faces]
    ints = {
        "mesh_vertex_start": _starts(vertices),
        "mesh_vertex_count": np.array(vertices, int),
        "mesh_face_start": _starts(faces),
        "mesh_face_count": np.array(faces, int),
        "face_loop_start": _starts(loops),
        "face_loop_count": np.array(loops, int),
        "face_loop": np.array([k for h in hulls for loop in h.faces for k in loop], int),
    }
    data = {
        "hull_vertex": np.concatenate([h.vertices for h in hulls]) if hulls else np.zeros((0, 3)),
        "face_normal": np.concatenate([h.normals for h in hulls]) if hulls else np.zeros((0, 3)),
    }
    return ints, data


def _starts(counts: list[int]) -> NDArray[np.int64]:
    return np.concatenate([[0], np.cumsum(counts)[:-1]]).astype(int) if counts else np.zeros(0, int)
