"""From described deformables to parts of the solver: stencils of the mesh, shares of mass, parameters per environment."""

from collections.abc import Sequence

import numpy as np

from engine.errors import SceneError
from engine.scene.deformable import Deformable, Geometry, geometry, posed
from engine.scene.soft_materials import Cloth, Elastic, Rope
from engine.solvers.deformable import elements
from engine.solvers.deformable import layout as col
from engine.solvers.deformable.solver import Part

CLEAR = 1.03  # distance of ropes from each other, in diameters: what one substep may take is less than the rest
THIN = 0.02  # least distance of triangles of cloth from each other, in the distance of its vertices


def part_of(described: Sequence[Deformable], mesh: Geometry) -> Part:
    """One deformable in all environments: equal meshes, materials and poses of each. Raises SceneError when meshes differ."""
    first = described[0]
    meshes = [mesh if d.mesh == first.mesh else geometry(d) for d in described]
    for d, other in zip(described, meshes, strict=True):
        same = len(other.points) == len(mesh.points) and np.array_equal(other.faces, mesh.faces)
        if d.name != first.name or not same or not np.allclose(other.points, mesh.points):
            raise SceneError(
                f"deformable {d.name!r}", "its mesh differs between the scenes of the batch",
                "allowed: equal meshes with any material, position, rotation and velocity", "simulate them one after the other",
            )  # fmt: skip
    stencils, share = _stencils(first, mesh)
    reach = np.full(len(mesh.points), first.spacing / 2)
    if len(mesh.cells):
        inner = np.ones(len(reach), bool)
        inner[mesh.faces.ravel()] = False
        reach[inner] = 0.0
    rest, lines, girth = _features(first, mesh)
    return Part(
        np.stack([posed(d, mesh.points) for d in described]), np.array([d.velocity for d in described]), stencils, share,
        reach, rest, np.stack([parameters(d) for d in described]), mesh.faces, lines, girth,
    )  # fmt: skip


def _features(part: Deformable, mesh: Geometry) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Rest shape in which near vertices do not touch, edges, and half the distance that features keep at least."""
    if len(mesh.faces):
        return mesh.points, elements.unique_edges(mesh.faces), np.full(len(mesh.points), THIN * part.spacing / 2)
    number = np.arange(len(mesh.points))
    along = np.concatenate([[0], np.cumsum(np.linalg.norm(np.diff(mesh.points, axis=0), axis=1))])  # a rope is straight at rest
    rest = np.stack([along, 0 * along, 0 * along], axis=1)
    return rest, np.stack([number[:-1], number[1:]], axis=1), np.full(len(mesh.points), CLEAR * part.radius)


def _stencils(part: Deformable, mesh: Geometry) -> tuple[list[elements.Stencils], np.ndarray]:
    share = np.zeros(len(mesh.points))
    if mesh.plane is not None:
        membrane, area = elements.triangles(mesh.plane[mesh.faces], mesh.faces)
        np.add.at(share, mesh.faces.ravel(), np.repeat(area / 3, 3))
        return [membrane, elements.hinges(mesh.plane, mesh.faces)], share
    if len(mesh.cells):
        solid, volume = elements.tetrahedra(mesh.points, mesh.cells)
        np.add.at(share, mesh.cells.ravel(), np.repeat(volume / 4, 4))
        return [solid], share
    number = np.arange(len(mesh.points))
    line = np.stack([number[:-1], number[1:]], axis=1)
    length = np.linalg.norm(np.diff(mesh.points, axis=0), axis=1)
    np.add.at(share, line.ravel(), np.repeat(length / 2, 2))
    bends = np.stack([number[:-2], number[1:-1], number[2:]], axis=1)
    return [elements.edges(mesh.points, line), elements.rod_bends(mesh.points, bends)], share


def parameters(part: Deformable) -> np.ndarray:
    """The row of parameters of one deformable in one environment."""
    row = np.zeros(col.OBJECT_WIDTH)
    row[col.GRAVITY_SCALE] = 1.0
    row[col.RADIUS], row[col.SPACING] = part.radius, part.spacing
    m = part.material
    row[col.RUBBING], row[col.DAMPING] = m.friction, m.damping
    if isinstance(m, Elastic):
        young, poisson = float(m.youngs_modulus or 0), float(m.poisson_ratio or 0)
        row[col.DENSITY], row[col.LAW] = m.density, float(m.law == "st_venant_kirchhoff")
        row[col.MU] = young / (2 * (1 + poisson))
        row[col.LAMBDA] = young * poisson / ((1 + poisson) * (1 - 2 * poisson))
    elif isinstance(m, Cloth):
        row[col.DENSITY], row[col.BEND_DAMPING] = m.areal_density, m.bending_damping
        row[[col.C11, col.C22, col.C12, col.C66]] = m.stretch_warp, m.stretch_weft, m.coupling, m.shear
        row[[col.BEND_1, col.BEND_2]] = m.bending_warp, m.bending_weft
        row[[col.DRAG, col.SKIN_DRAG, col.PRESSURE]] = m.drag, m.skin_drag, m.pressure
    elif isinstance(m, Rope):
        row[col.DENSITY], row[col.BEND_DAMPING] = m.linear_density, m.bending_damping
        row[[col.STRETCH, col.BEND_1, col.TORSION]] = m.stretch, m.bending, m.torsion
    return row
