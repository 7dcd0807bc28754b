"""The kernels of a step: a chain of stages, run for all substeps in one launch on a CPU and once per launch on a GPU.

The stages are read from the bottom up: `substep` places bodies, then touches, weighs, pushes, constrains, solves and finishes.
Each is compiled on its own, for the compiler's time is quadratic in the size of a function, and each calls only the next one,
for the key of the kernel cache lists the functions that one function calls in the order of their addresses: with two, a warm
start would compile again. A group stops before a substep whose contacts do not fit; `run` returns the number of slots that it
wants. What few models use (tendons, equality constraints, other integrators, fields) is compiled into a second, *extended*
chain, so that a plain scene starts as quickly as before. CPU loops use one piece of CHUNK turns per worker, because the
compiler never cuts a loop finer than that.
"""

from typing import TYPE_CHECKING, Any, TypeAlias

from engine.arrays import AT, N
from engine.collision.detect import detect_contacts
from engine.collision.field_pairs import detect_fields
from engine.collision.sweep import detect_swept
from engine.compiler import stage, ti
from engine.math.lanes import like
from engine.math.memory import cursor, ld, st
from engine.runtime import CHUNK
from engine.solvers.rigid.constraints import make_constraints
from engine.solvers.rigid.dynamics import bias_force, mass_matrix, smooth_force, update_velocity
from engine.solvers.rigid.equality import make_rows
from engine.solvers.rigid.integrate import integrate
from engine.solvers.rigid.kinematics import update_kinematics
from engine.solvers.rigid.newton import solve_constraints
from engine.solvers.rigid.runge_kutta import RK4, STAGES
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
def begin(mi: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """Clear what is summed over the substeps of one step."""
    st(wi, g, mi[AT.substeps_done], 0)
    st(wi, g, mi[AT.contact_need], 0)
    st(wi, g, mi[AT.stage], 0)
    zero = like(ld(ws, g, mi[AT.time]), 0.0)
    for p in range(mi[N.num_pairs]):
        for k in range(3):
            st(ws, g, mi[AT.pair_impulse] + 3 * p + k, zero)
        st(ws, g, mi[AT.pair_touch] + p, zero)


def late_stages(extended: int) -> Any:
    """The stages from the constraint rows to the end of a substep; returns their first."""

    @stage
    def finish(mi: ints, mf: reals, md: data, ws: reals, wi: grid, g: ti.i32, substeps: ti.i32) -> ti.i32:
        """Integrate and count the substep when it is done. Returns 1."""
        at = cursor(mf, ws, wi, g)
        done = integrate(mi, mf, md, ws, wi, at, extended)
        st(wi, at, mi[AT.substeps_done], ld(wi, at, mi[AT.substeps_done]) + done)
        return 1

    @stage
    def solve(mi: ints, mf: reals, md: data, ws: reals, wi: grid, g: ti.i32, substeps: ti.i32) -> ti.i32:
        """Find the acceleration under the constraints, then finish."""
        at = cursor(mf, ws, wi, g)
        solve_constraints(mi, mf, md, ws, wi, at, extended)
        return finish(mi, mf, md, ws, wi, g, substeps)

    @stage
    def tie(mi: ints, mf: reals, md: data, ws: reals, wi: grid, g: ti.i32, substeps: ti.i32) -> ti.i32:
        """Make the rows of equality constraints and tendons, then solve."""
        at = cursor(mf, ws, wi, g)
        make_rows(mi, mf, md, ws, wi, at)
        return solve(mi, mf, md, ws, wi, g, substeps)

    following = tie if extended else solve

    @stage
    def constrain(mi: ints, mf: reals, md: data, ws: reals, wi: grid, g: ti.i32, substeps: ti.i32) -> ti.i32:
        """Make the rows of contacts, limits and dry friction, then tie or solve."""
        at = cursor(mf, ws, wi, g)
        make_constraints(mi, mf, md, ws, wi, at, extended)
        return following(mi, mf, md, ws, wi, g, substeps)

    return constrain


def force_stages(extended: int, constrain: Any) -> Any:
    """The stages of masses and forces, which lead into `constrain`; returns their first."""

    @stage
    def push(mi: ints, mf: reals, md: data, ws: reals, wi: grid, g: ti.i32, substeps: ti.i32) -> ti.i32:
        """Sum the forces that need no solver, then constrain."""
        at = cursor(mf, ws, wi, g)
        bias_force(mi, mf, md, ws, wi, at)
        smooth_force(mi, mf, md, ws, wi, at, extended)
        return constrain(mi, mf, md, ws, wi, g, substeps)

    @stage
    def weigh(mi: ints, mf: reals, md: data, ws: reals, wi: grid, g: ti.i32, substeps: ti.i32) -> ti.i32:
        """Fill the mass matrix, then push."""
        at = cursor(mf, ws, wi, g)
        mass_matrix(mi, mf, md, ws, wi, at)
        return push(mi, mf, md, ws, wi, g, substeps)

    return weigh


def contact_stages(extended: int, weigh: Any) -> Any:
    """The stages that find contacts, which lead into `weigh`; returns their first."""

    @stage
    def touch_swept(mi: ints, mf: reals, md: data, ws: reals, wi: grid, g: ti.i32, substeps: ti.i32) -> ti.i32:
        """Add the contacts of fast bodies, then weigh when all fit."""
        at = cursor(mf, ws, wi, g)
        detect_swept(mi, mf, md, ws, wi, at)
        moved = 0
        if ld(wi, at, mi[AT.contact_need]) <= mi[N.max_contacts]:
            moved = weigh(mi, mf, md, ws, wi, g, substeps)
        return moved

    @stage
    def touch_fields(mi: ints, mf: reals, md: data, ws: reals, wi: grid, g: ti.i32, substeps: ti.i32) -> ti.i32:
        """Add the contacts with height fields and signed distance fields, then those of fast bodies."""
        at = cursor(mf, ws, wi, g)
        detect_fields(mi, mf, md, ws, wi, at)
        return touch_swept(mi, mf, md, ws, wi, g, substeps)

    following = touch_fields if extended else weigh

    @stage
    def touch(mi: ints, mf: reals, md: data, ws: reals, wi: grid, g: ti.i32, substeps: ti.i32) -> ti.i32:
        """Find the contacts, then weigh when they fit. Returns 1 when a substep was taken."""
        at = cursor(mf, ws, wi, g)
        detect_contacts(mi, mf, md, ws, wi, at, extended)
        moved = 0
        if ti.static(extended):
            moved = following(mi, mf, md, ws, wi, g, substeps)
        else:
            if ld(wi, at, mi[AT.contact_need]) <= mi[N.max_contacts]:
                moved = following(mi, mf, md, ws, wi, g, substeps)
        return moved

    return touch


def early_stages(extended: int, touch: Any) -> Any:
    """The stages of poses and velocities, which lead into `touch`; returns their first."""

    @stage
    def span(mi: ints, mf: reals, md: data, ws: reals, wi: grid, g: ti.i32, substeps: ti.i32) -> ti.i32:
        """Bring sites and tendons up to date, then touch while `substeps` are not done."""
        at = cursor(mf, ws, wi, g)
        update_tendons(mi, mf, md, ws, wi, at)
        moved = 0
        if ld(wi, at, mi[AT.substeps_done]) < substeps:
            moved = touch(mi, mf, md, ws, wi, g, substeps)
        return moved

    following = span if extended else touch

    @stage
    def substep(mi: ints, mf: reals, md: data, ws: reals, wi: grid, g: ti.i32, substeps: ti.i32) -> ti.i32:
        """Bring poses and velocities up to date; then, while `substeps` are not done and the contacts fit, take one. Returns 1
        when it did.
        """
        at = cursor(mf, ws, wi, g)
        update_kinematics(mi, mf, md, ws, wi, at)
        update_velocity(mi, mf, md, ws, wi, at)
        moved = 0
        if ti.static(extended):
            moved = following(mi, mf, md, ws, wi, g, substeps)
        else:
            if ld(wi, at, mi[AT.substeps_done]) < substeps:
                moved = following(mi, mf, md, ws, wi, g, substeps)
        return moved

    return substep


def kernels(substep: Any) -> tuple[Any, Any]:
    """The two kernels that run a chain of stages: all substeps on a CPU, one on a GPU."""

    @ti.kernel
    def advance_groups(
        # Model:
        mi: ti.types.ndarray(ndim=1),
        mf: ti.types.ndarray(ndim=2),
        md: ti.types.ndarray(ndim=1),
        # Workspace in, out:
        ws: ti.types.ndarray(ndim=2),
        wi: ti.types.ndarray(ndim=2),
        # Parameters:
        groups: ti.i32,
        workers: ti.i32,
        substeps: ti.i32,
        first: ti.i32,
    ):
        """All substeps of every group of lanes in one launch; `first` is 1 when a step begins."""
        for q in range(workers * CHUNK):
            if q % CHUNK == 0:
                g = q // CHUNK
                while g < groups:
                    if first == 1:
                        begin(mi, ws, wi, g)
                    moved = 1
                    while moved == 1:
                        moved = substep(mi, mf, md, ws, wi, g, substeps)
                    g += workers

    @ti.kernel
    def advance_envs(
        # Model:
        mi: ti.types.ndarray(ndim=1),
        mf: ti.types.ndarray(ndim=2),
        md: ti.types.ndarray(ndim=1),
        # Workspace in, out:
        ws: ti.types.ndarray(ndim=2),
        wi: ti.types.ndarray(ndim=2),
        # Parameters:
        groups: ti.i32,
        substeps: ti.i32,
    ):
        """One substep of every environment that has not done `substeps` yet."""
        for g in range(groups):
            substep(mi, mf, md, ws, wi, g, substeps)

    return advance_groups, advance_envs


def stages(extended: int) -> Any:
    """The whole chain; returns its first stage."""
    return early_stages(extended, contact_stages(extended, force_stages(extended, late_stages(extended))))


PLAIN, EXTENDED = (kernels(stages(extended)) for extended in (0, 1))


@ti.kernel
def begin_envs(
    # Model:
    mi: ti.types.ndarray(ndim=1),
    # Workspace in, out:
    ws: ti.types.ndarray(ndim=2),
    wi: ti.types.ndarray(ndim=2),
    # Parameters:
    groups: ti.i32,
):
    """Clear the sums of the last step."""
    for g in range(groups):
        begin(mi, ws, wi, g)


def run(workspace: Workspace, substeps: int, first: bool) -> int:
    """Advance to `substeps` substeps since the step began; returns 0, or the contact slots that a stopped group wanted."""
    model, ws, wi = workspace.model, workspace.ws, workspace.wi
    workspace.forget()
    arrays = (model.mi, model.mf, model.md, ws, wi, model.num_groups)
    groups_kernel, envs_kernel = EXTENDED if model.placement.sizes.get("extended") else PLAIN
    if model.group_major:
        groups_kernel(*arrays, model.runtime.workers, substeps, int(first))
    else:
        if first:
            begin_envs(model.mi, ws, wi, model.num_groups)
        turns = STAGES if model.placement.sizes["integrator"] == RK4 else 1
        for _ in range(turns * substeps + 1):  # the last one places the bodies of the final state
            envs_kernel(*arrays, substeps)
    need = int(workspace.read_ints("contact_need").max(initial=0))
    return need if need > model.placement.sizes["max_contacts"] else 0


def locate(workspace: Workspace) -> None:
    """Bring poses and velocities up to date with the state; contacts stay as they are."""
    run(workspace, 0, first=False)


def clear(workspace: Workspace) -> None:
    """Forget contacts and sums of the last step."""
    workspace.forget()
    begin_envs(workspace.model.mi, workspace.ws, workspace.wi, workspace.model.num_groups)
    forget_contacts(workspace.model.mi, workspace.wi, workspace.model.num_groups)


@ti.kernel
def forget_contacts(
    # Model:
    mi: ti.types.ndarray(ndim=1),
    # Workspace out:
    wi: ti.types.ndarray(ndim=2),
    # Parameters:
    groups: ti.i32,
):
    """Set the number of contacts of every group to zero."""
    for g in range(groups):
        st(wi, g, mi[AT.num_contacts], 0)
