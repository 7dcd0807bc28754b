"""The kernel of inverse kinematics: a projected Levenberg-Marquardt search, one independent search per lane.

Minimizes the squared weighted pose errors within the limits of the joints. The damping is proportional to the cost (Sugihara
2011, "Solvability-unconcerned inverse kinematics by the Levenberg-Marquardt method"), its factor falls after a better trial and
rises after a worse one; a dof whose limit stands against the descent is held, steps are clamped (Kanzow, Yamashita, Fukushima
2004). A posture enters as a small weight in a first phase, which picks the place in the null space, and is then dropped so that
the targets are met exactly. An attempt ends when it no longer improves; the lane goes on from the next start.
Each turn is one trial: place the tree and measure, judge, step. Limits: the cost of rotations is the squared angle, whose
Jacobian is that of the angular velocity, exact where the error is 0.
"""

from typing import TYPE_CHECKING, Any, TypeAlias

import engine.kinematics.workspace  # noqa: F401  (declares the arrays)
from engine.arrays import AT, N
from engine.compiler import stage, ti
from engine.math.lanes import any_lane, clamp, like, maximum
from engine.math.memory import ld, ld3, ld_quat, ldm, st, st3, st_quat
from engine.math.quat import quat_conj, quat_identity, quat_log, quat_mul, rotate
from engine.math.spatial import dot6, ld6, spatial, st6, zero6
from engine.math.vec3 import add, cross, norm, scale, sub, zero3
from engine.runtime import CHUNK
from engine.solvers.rigid.integrate import move_joints
from engine.solvers.rigid.kinematics import finish_axes, place_body
from engine.state import Workspace

if TYPE_CHECKING:  # a kernel parameter is annotated with a value of the compiler, which the type checker takes for anything
    ints: TypeAlias = Any
    reals: TypeAlias = Any
    data: TypeAlias = Any
    grid: TypeAlias = Any
else:
    ints, reals, data, grid = (ti.types.ndarray(ndim=n) for n in (1, 2, 1, 2))

UNKNOWN = 1e30  # cost before the first trial
FIRST_DAMPING, LEAST_DAMPING, MOST_DAMPING = 0.1, 1e-4, 1e7
FLOOR = 1e-6  # m^2/rad^2; keeps the normal equations of a redundant arm solvable in single precision
SLOW = 1e-3  # an attempt ends when a better trial improves by less than this part


@ti.func
def place_tree(mi: ti.template(), mf: ti.template(), ws: ti.template(), g):
    """Poses and joint axes at the trial coordinates."""
    x = ldm(mf, g, mi[AT.timestep])
    st3(ws, g, mi[AT.body_position_W], zero3(x))
    st_quat(ws, g, mi[AT.body_rotation_W], quat_identity(x))
    for b in range(1, mi[N.num_bodies]):
        place_body(mi, mf, ws, g, b)
        finish_axes(mi, ws, g, b)


@ti.func
def measure(mi: ti.template(), ws: ti.template(), g):
    """Residuals, cost and whether all targets are near enough."""
    pull = ld(ws, g, mi[AT.ik_posture_pull])
    cost, near = pull * 0.0, like(pull, 1.0)
    for i in range(mi[N.num_ik_dofs]):
        at = mi[mi[AT.ik_coordinate] + i]
        if at >= 0:
            off = ld(ws, g, mi[AT.ik_posture] + i) - ld(ws, g, mi[AT.qpos] + at)
            cost = cost + pull * off * off
    for t in range(mi[N.num_ik_targets]):
        b = mi[mi[AT.ik_body] + t]
        q = ld_quat(ws, g, mi[AT.body_rotation_W] + 4 * b)
        p = add(ld3(ws, g, mi[AT.body_position_W] + 3 * b), rotate(q, ld3(ws, g, mi[AT.ik_point] + 3 * t)))
        q = quat_mul(q, ld_quat(ws, g, mi[AT.ik_turn] + 4 * t))
        go = sub(ld3(ws, g, mi[AT.ik_goal_position] + 3 * t), p)
        turn = quat_log(quat_mul(ld_quat(ws, g, mi[AT.ik_goal_rotation] + 4 * t), quat_conj(q)))
        along, around = ld(ws, g, mi[AT.ik_weight] + 2 * t), ld(ws, g, mi[AT.ik_weight] + 2 * t + 1)
        far = (along > 0.0) & (norm(go) > ld(ws, g, mi[AT.ik_tolerance]))
        near = ti.select(far | ((around > 0.0) & (norm(turn) > ld(ws, g, mi[AT.ik_tolerance] + 1))), near * 0.0, near)
        residual = spatial(scale(turn, around), scale(go, along))
        st6(ws, g, mi[AT.ik_residual] + 6 * t, residual)
        cost = cost + dot6(residual, residual)
        st_columns(mi, ws, g, t, sub(p, ld3(ws, g, mi[AT.body_position_W] + 3 * mi[mi[AT.body_root] + b])), along, around)
    st(ws, g, mi[AT.ik_trial_cost], cost)
    st(ws, g, mi[AT.ik_near], near)


@ti.func
def st_columns(mi: ti.template(), ws: ti.template(), g, t, arm, along, around):
    """Store the weighted Jacobian columns of target `t`, whose origin is at `arm` from the origin of its root."""
    for i in range(mi[N.num_ik_dofs]):
        column = zero6(along)
        if mi[mi[AT.ik_moves] + t * mi[N.num_ik_dofs] + i] == 1:
            axis = ld6(ws, g, mi[AT.dof_axis] + 6 * mi[mi[AT.ik_dof] + i])
            column = spatial(scale(axis.a, around), scale(add(axis.l, cross(axis.a, arm)), along))
        st6(ws, g, mi[AT.ik_column] + 6 * (t * mi[N.num_ik_dofs] + i), column)


@ti.func
def judge(mi: ti.template(), ws: ti.template(), g):
    """Keep or drop the trial of each lane, end its phase or attempt, and choose where it goes on."""
    trial, cost = ld(ws, g, mi[AT.ik_trial_cost]), ld(ws, g, mi[AT.ik_cost])
    zero, one = like(cost, 0.0), like(cost, 1.0)
    active = ld(ws, g, mi[AT.ik_done]) == 0.0
    accepted = active & (trial < cost)
    slow = accepted & (cost - trial < SLOW * cost)
    cost = ti.select(accepted, trial, cost)
    damping, pull = ld(ws, g, mi[AT.ik_damping]), ld(ws, g, mi[AT.ik_posture_pull])
    raised = ti.select(active, damping * 5.0, damping)
    damping = ti.select(accepted, maximum(damping * 0.2, like(cost, LEAST_DAMPING)), raised)
    turns = ld(ws, g, mi[AT.ik_turns]) + ti.select(active, one, zero)
    st(ws, g, mi[AT.ik_total], ld(ws, g, mi[AT.ik_total]) + ti.select(active, one, zero))
    reached = accepted & (ld(ws, g, mi[AT.ik_near]) > 0.0) & (pull == 0.0)
    stuck = active & (slow | (damping > MOST_DAMPING) | (turns >= 1.0 * mi[N.max_ik_turns]))
    relaxed = stuck & (pull > 0.0)  # the first phase is over
    ended = reached | (stuck & (pull == 0.0))
    best = ld(ws, g, mi[AT.ik_best_cost])
    better = reached | (ended & (cost < best))
    attempt = ld(ws, g, mi[AT.ik_attempt]) + ti.select(ended, one, zero)
    done = reached | (ended & (attempt >= 1.0 * mi[N.num_ik_seeds]))
    afresh = ended & (attempt < 1.0 * mi[N.num_ik_seeds]) & (ti.select(reached, zero, one) > 0.0)
    keep_coordinates(mi, ws, g, accepted, better, afresh, attempt)
    again = relaxed | afresh
    st(ws, g, mi[AT.ik_best_cost], ti.select(better, cost, best))
    st(ws, g, mi[AT.ik_cost], ti.select(again, like(cost, UNKNOWN), cost))
    st(ws, g, mi[AT.ik_damping], ti.select(again, like(cost, FIRST_DAMPING), damping))
    st(ws, g, mi[AT.ik_turns], ti.select(again, zero, turns))
    pull = ti.select(relaxed, zero, ti.select(afresh, ld(ws, g, mi[AT.ik_posture_weight]), pull))
    st(ws, g, mi[AT.ik_posture_pull], pull)
    st(ws, g, mi[AT.ik_attempt], attempt)
    st(ws, g, mi[AT.ik_done], ti.select(done, one, ld(ws, g, mi[AT.ik_done])))
    st(ws, g, mi[AT.ik_accepted], ti.select(accepted, one, zero))
    st(ws, g, mi[AT.ik_pausing], ti.select(again, one, ld(ws, g, mi[AT.ik_done])))


@ti.func
def keep_coordinates(mi: ti.template(), ws: ti.template(), g, accepted, better, afresh, attempt):
    """Trial -> kept where `accepted`, kept -> best where `better`, the next start -> kept where `afresh`."""
    for k in range(mi[N.num_qpos]):
        kept, best = ld(ws, g, mi[AT.ik_kept] + k), ld(ws, g, mi[AT.ik_best] + k)
        kept = ti.select(accepted, ld(ws, g, mi[AT.qpos] + k), kept)
        st(ws, g, mi[AT.ik_best] + k, ti.select(better, kept, best))
        st(ws, g, mi[AT.ik_kept] + k, kept)
    if any_lane(afresh):
        for s in range(1, mi[N.num_ik_seeds]):
            here = afresh & (attempt == 1.0 * s)
            for k in range(mi[N.num_qpos]):
                seed = ld(ws, g, mi[AT.ik_seed] + s * mi[N.num_qpos] + k)
                st(ws, g, mi[AT.ik_kept] + k, ti.select(here, seed, ld(ws, g, mi[AT.ik_kept] + k)))


@ti.func
def normal_equations(mi: ti.template(), ws: ti.template(), g):
    """J' J and J' r, with the posture, where the trial was accepted; loose dofs."""
    n, targets = mi[N.num_ik_dofs], mi[N.num_ik_targets]
    accepted, pausing = ld(ws, g, mi[AT.ik_accepted]) > 0.0, ld(ws, g, mi[AT.ik_pausing]) > 0.0
    pull = ld(ws, g, mi[AT.ik_posture_pull])
    for i in range(n):
        gradient, at = pull * 0.0, mi[mi[AT.ik_coordinate] + i]
        for t in range(targets):
            column = ld6(ws, g, mi[AT.ik_column] + 6 * (t * n + i))
            gradient = gradient + dot6(column, ld6(ws, g, mi[AT.ik_residual] + 6 * t))
        for j in range(i + 1):
            product = pull * 0.0
            for t in range(targets):
                column = ld6(ws, g, mi[AT.ik_column] + 6 * (t * n + i))
                product = product + dot6(column, ld6(ws, g, mi[AT.ik_column] + 6 * (t * n + j)))
            slot = mi[AT.ik_hessian] + i * (i + 1) // 2 + j
            st(ws, g, slot, ti.select(accepted, product, ld(ws, g, slot)))
        loose = ti.select(pausing, pull * 0.0, like(pull, 1.0))
        slot = mi[AT.ik_gradient] + i
        if at >= 0:
            q = ld(ws, g, mi[AT.qpos] + at)
            gradient = gradient + pull * (ld(ws, g, mi[AT.ik_posture] + i) - q)
            gradient = ti.select(accepted, gradient, ld(ws, g, slot))
            q = ld(ws, g, mi[AT.ik_kept] + at)
            held = (q <= ld(ws, g, mi[AT.ik_lower] + i)) & (gradient < 0.0)
            held = held | ((q >= ld(ws, g, mi[AT.ik_upper] + i)) & (gradient > 0.0))
            loose = ti.select(held, pull * 0.0, loose)
        st(ws, g, slot, ti.select(accepted, gradient, ld(ws, g, slot)))
        st(ws, g, mi[AT.ik_loose] + i, loose)


@ti.func
def factor(mi: ti.template(), ws: ti.template(), g):
    """Cholesky factor of J' J + damping on the loose dofs, ones on the others."""
    damping = ld(ws, g, mi[AT.ik_damping]) * ld(ws, g, mi[AT.ik_cost]) + FLOOR + ld(ws, g, mi[AT.ik_posture_pull])
    for i in range(mi[N.num_ik_dofs]):
        loose = ld(ws, g, mi[AT.ik_loose] + i)
        row = i * (i + 1) // 2
        for j in range(i + 1):
            entry = ld(ws, g, mi[AT.ik_hessian] + row + j) * (loose * ld(ws, g, mi[AT.ik_loose] + j))
            other = mi[AT.ik_factor] + j * (j + 1) // 2
            if i == j:
                entry = entry + loose * damping + (1.0 - loose)
            for k in range(j):
                entry = entry - ld(ws, g, mi[AT.ik_factor] + row + k) * ld(ws, g, other + k)
            if i == j:
                st(ws, g, other + j, 1.0 / ti.sqrt(maximum(entry, like(entry, FLOOR))))
            else:
                st(ws, g, mi[AT.ik_factor] + row + j, entry * ld(ws, g, other + j))


@ti.func
def solve_step(mi: ti.template(), ws: ti.template(), g):
    """The step: forward and back substitution, clamped so that no joint leaves its limits."""
    n, step = mi[N.num_ik_dofs], mi[AT.ik_step]
    for i in range(n):
        row = mi[AT.ik_factor] + i * (i + 1) // 2
        value = ld(ws, g, mi[AT.ik_gradient] + i) * ld(ws, g, mi[AT.ik_loose] + i)
        for k in range(i):
            value = value - ld(ws, g, row + k) * ld(ws, g, step + k)
        st(ws, g, step + i, value * ld(ws, g, row + i))
    for m in range(n):
        i = n - 1 - m
        value = ld(ws, g, step + i)
        for k in range(i + 1, n):
            value = value - ld(ws, g, mi[AT.ik_factor] + k * (k + 1) // 2 + i) * ld(ws, g, step + k)
        st(ws, g, step + i, value * ld(ws, g, mi[AT.ik_factor] + i * (i + 1) // 2 + i))


@ti.func
def take_step(mi: ti.template(), ws: ti.template(), g):
    """Trial coordinates: what was kept, moved by the step."""
    zero = ld(ws, g, mi[AT.ik_cost]) * 0.0
    loose = ld(ws, g, mi[AT.ik_pausing]) == 0.0
    for k in range(mi[N.num_qpos]):
        st(ws, g, mi[AT.qpos] + k, ld(ws, g, mi[AT.ik_kept] + k))
    for i in range(mi[N.num_dofs]):
        st(ws, g, mi[AT.qvel] + i, zero)
    for i in range(mi[N.num_ik_dofs]):
        st(ws, g, mi[AT.qvel] + mi[mi[AT.ik_dof] + i], ld(ws, g, mi[AT.ik_step] + i))
    move_joints(mi, ws, g, like(zero, 1.0), loose, mi[AT.qvel])
    for i in range(mi[N.num_ik_dofs]):
        at = mi[mi[AT.ik_coordinate] + i]
        if at >= 0:
            q = ld(ws, g, mi[AT.qpos] + at)
            st(ws, g, mi[AT.qpos] + at, clamp(q, ld(ws, g, mi[AT.ik_lower] + i), ld(ws, g, mi[AT.ik_upper] + i)))


@stage
def step(mi: ints, mf: reals, md: data, ws: reals, wi: grid, g: ti.i32) -> ti.i32:
    """Solve for the step and take it. Returns 1 while any lane is searching."""
    normal_equations(mi, ws, g)
    factor(mi, ws, g)
    solve_step(mi, ws, g)
    take_step(mi, ws, g)
    return any_lane(ld(ws, g, mi[AT.ik_done]) == 0.0)


@stage
def decide(mi: ints, mf: reals, md: data, ws: reals, wi: grid, g: ti.i32) -> ti.i32:
    """Judge the trial, then step."""
    judge(mi, ws, g)
    return step(mi, mf, md, ws, wi, g)


@stage
def try_out(mi: ints, mf: reals, md: data, ws: reals, wi: grid, g: ti.i32) -> ti.i32:
    """Place the tree at the trial coordinates and measure, then decide; until every lane has finished."""
    searching = 1
    while searching == 1:
        place_tree(mi, mf, ws, g)
        measure(mi, ws, g)
        searching = decide(mi, mf, md, ws, wi, g)
    return searching


@ti.kernel
def search_groups(
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
):
    """Search in every group: `pieces` of them at a time, each a piece of `chunk` turns of the loop."""
    for q in range(pieces * chunk):
        if q % chunk == 0:
            g = q // chunk
            while g < groups:
                try_out(mi, mf, md, ws, wi, g)
                g += pieces


def search(workspace: Workspace) -> None:
    """Run all searches to their end."""
    model = workspace.model
    workspace.forget()
    pieces, chunk = (model.runtime.workers, CHUNK) if model.runtime.backend == "cpu" else (model.num_groups, 1)
    search_groups(model.mi, model.mf, model.md, workspace.ws, workspace.wi, model.num_groups, pieces, chunk)
