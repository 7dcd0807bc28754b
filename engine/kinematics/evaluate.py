"""The kernel behind `Configuration`: poses, velocities and forces of the tree at coordinates that lie in a workspace.

It runs the stages of the rigid step (composite-rigid-body algorithm, recursive Newton-Euler: Featherstone 2008, chapters 5 and
6) without contacts and without moving anything; the acceleration in the slots of `acceleration` enters the forces. As in
`engine.advance`, a scene that needs the extended chain gets a kernel of its own. Nothing is compiled before the first launch.
"""

from typing import TYPE_CHECKING, Any, TypeAlias

import engine.declarations  # noqa: F401  (declares the arrays that the solver's scratch refers to)
from engine.arrays import AT, N
from engine.compiler import stage, ti
from engine.math.memory import ld
from engine.math.spatial import add6, ld6, scale6, st6, zero6
from engine.runtime import CHUNK
from engine.solvers.rigid.dynamics import bias_force, mass_matrix, smooth_force, update_velocity
from engine.solvers.rigid.kinematics import update_kinematics
from engine.solvers.rigid.tendons import update_tendons
from engine.state import Workspace

if TYPE_CHECKING:  # a kernel parameter is annotated with a value of the compiler, which the type checker takes for anything
    ints: TypeAlias = Any
    reals: TypeAlias = Any
    data: TypeAlias = Any
    grid: TypeAlias = Any
else:
    ints, reals, data, grid = (ti.types.ndarray(ndim=n) for n in (1, 2, 1, 2))


@ti.func
def add_acceleration(mi: ti.template(), ws: ti.template(), g):
    """Add what the joint accelerations do to the accelerations of the bodies."""
    added = mi[AT.body_force]  # free until the forces are summed
    zero = zero6(ld(ws, g, mi[AT.time]))
    st6(ws, g, added, zero)
    for b in range(1, mi[N.num_bodies]):
        a = ld6(ws, g, added + 6 * mi[mi[AT.body_parent] + b])
        first = mi[mi[AT.body_dof_start] + b]
        for i in range(first, first + mi[mi[AT.body_dof_count] + b]):
            a = add6(a, scale6(ld6(ws, g, mi[AT.dof_axis] + 6 * i), ld(ws, g, mi[AT.acceleration] + i)))
        st6(ws, g, added + 6 * b, a)
        st6(ws, g, mi[AT.body_acceleration] + 6 * b, add6(ld6(ws, g, mi[AT.body_acceleration] + 6 * b), a))


def kernel(extended: int) -> Any:
    """The kernel with or without what only the extended chain computes."""

    @stage
    def push(mi: ints, mf: reals, md: data, ws: reals, wi: grid, g: ti.i32) -> ti.i32:
        """Accelerate the bodies, then sum the forces. Returns 1."""
        if ti.static(extended):
            update_tendons(mi, mf, md, ws, wi, g)
        add_acceleration(mi, ws, g)
        bias_force(mi, mf, md, ws, wi, g)
        smooth_force(mi, mf, md, ws, wi, g, extended)
        return 1

    @stage
    def weigh(mi: ints, mf: reals, md: data, ws: reals, wi: grid, g: ti.i32) -> ti.i32:
        """Fill the mass matrix, then push."""
        mass_matrix(mi, mf, md, ws, wi, g)
        return push(mi, mf, md, ws, wi, g)

    @stage
    def place(mi: ints, mf: reals, md: data, ws: reals, wi: grid, g: ti.i32, forces: ti.i32) -> ti.i32:
        """Place the bodies and give them their velocities; then weigh when `forces` is 1."""
        update_kinematics(mi, mf, md, ws, wi, g)
        update_velocity(mi, mf, md, ws, wi, g)
        done = 0
        if forces == 1:
            done = weigh(mi, mf, md, ws, wi, g)
        return done

    @ti.kernel
    def evaluate_groups(
        # Model:
        mi: ti.types.ndarray(ndim=1),
        mf: ti.types.ndarray(ndim=2),
        md: ti.types.ndarray(ndim=1),
        # Workspace in, out:
        ws: ti.types.ndarray(ndim=2),
        wi: ti.types.ndarray(ndim=2),
        # Parameters:
        groups: ti.i32,
        pieces: ti.i32,
        chunk: ti.i32,
        forces: ti.i32,
    ):
        """Every group: `pieces` of them at a time, each a piece of `chunk` turns of the loop."""
        for q in range(pieces * chunk):
            if q % chunk == 0:
                g = q // chunk
                while g < groups:
                    place(mi, mf, md, ws, wi, g, forces)
                    g += pieces

    return evaluate_groups


PLAIN, EXTENDED = kernel(0), kernel(1)


def pieces_of(workspace: Workspace) -> tuple[int, int]:
    """How a loop over the groups is cut: one piece of CHUNK turns per worker on a CPU, one turn per environment on a GPU."""
    model = workspace.model
    return (model.runtime.workers, CHUNK) if model.runtime.backend == "cpu" else (model.num_groups, 1)


def evaluate(workspace: Workspace, forces: bool) -> None:
    """Poses and velocities of all environments, and mass matrix, bias and passive force when `forces`."""
    model = workspace.model
    workspace.forget()
    run = EXTENDED if model.placement.sizes.get("extended") else PLAIN
    arrays = (model.mi, model.mf, model.md, workspace.ws, workspace.wi)
    run(*arrays, model.num_groups, *pieces_of(workspace), int(forces))
