"""Newton's method on the convex cost of the acceleration, with exact line search.

Minimizes 1/2 (a - a0)' H (a - a0) + sum of row costs, H the metric and a0 the acceleration without constraints (Todorov 2014;
MuJoCo's Newton solver). The Hessian H + J' W J is rebuilt when a weight changed in any lane and its sparse factor reused
otherwise (`panels`). All tests use slopes along the search direction, never differences of costs, so that single precision
converges. A lane stops when its scaled gradient or its last improvement is below the tolerance, when no curvature changed in a
step that took the gradient down to LANDED of itself and to NEAR tolerances (the cost was quadratic on the way, and this is its
minimum), and after PATIENCE iterations when what is left of the gradient is rounding. From then on its step is zero, and what it
remembers stays, so its bits do not depend on its neighbours. A lane without constraints takes the direct solution.
Limits: bodies that touch each other fill the factor, so thousands of such dofs are out of reach.
"""

import engine.solvers.rigid.workspace  # noqa: F401  (declares the scratch)
from engine.arrays import AT, N
from engine.compiler import ti
from engine.math.lanes import absolute, all_lanes, any_lane, clamp, differs, like, maximum
from engine.math.memory import ld, ld3, ldm, st
from engine.math.vec3 import dot
from engine.solvers.rigid.contact_cost import (
    add_hessian,
    contact_force,
    count_weight,
    forget_weight,
    is_wide,
    line_slope,
    prepare_line,
    project,
    push,
)
from engine.solvers.rigid.exact import EXACT, ROUNDS, shift_contacts
from engine.solvers.rigid.factor import factor_metric, solve_metric
from engine.solvers.rigid.panels import (
    clear_links,
    factor_hessian,
    hessian_row,
    link_panels,
    panel_links,
    solve_hessian,
    start_hessian,
    start_metric,
)
from engine.solvers.rigid.pyramid import PYRAMID
from engine.solvers.rigid.rows import row_changes, row_forces, row_hessian, row_links, row_move, row_residuals, row_slope
from engine.types import JointType

BALL = int(JointType.BALL)
NOT_CONVERGED_SLOT = 2  # bit of Fault.NOT_CONVERGED
LINE_STEPS = 12
LANDED, NEAR = 1e-3, 100.0  # share of the last gradient, and multiple of the tolerance, at which a step has landed
PATIENCE = 10  # iterations after which a gradient that is all rounding counts as zero
LINE_PRECISION = 0.03  # slope at the end of the line search, relative to its start
SINGLE_TOLERANCE = 1e-6  # floor of the tolerance in single precision


@ti.func
def solve_constraints(
    mi: ti.template(), mf: ti.template(), md: ti.template(), ws: ti.template(), wi: ti.template(), g, extended: ti.template()
):
    """smooth_force and rows -> acceleration, contact_force, gradient, solver_iterations."""
    free = ld(ws, g, mi[AT.active_rows]) <= 0.0
    start(mi, mf, ws, g, free)
    contacts = ld(wi, g, mi[AT.num_contacts])
    zero, one = like(ldm(mf, g, mi[AT.timestep]), 0.0), like(ldm(mf, g, mi[AT.timestep]), 1.0)
    scale = 1.0 / (ldm(mf, g, mi[AT.mean_inertia]) * ti.max(mi[N.num_dofs], 1))  # as MuJoCo scales its stop test
    tolerance = ldm(mf, g, mi[AT.tolerance])
    tolerance = ti.select(one + 1e-9 > one, tolerance, maximum(tolerance, one * SINGLE_TOLERANCE))
    iterations, improvement = zero, one * 1e30
    if not all_lanes(free):
        residuals(mi, ws, wi, g, contacts, extended)
        if mi[N.contact_model] == EXACT:
            shift_contacts(mi, ws, g, contacts, 1)
        link_blocks(mi, wi, g, contacts, extended)
        start_metric(mi, ws, wi, g)
        rounds, running = 0, 1
        pending = one  # above 0 where a curvature changed since the factor was made for the lane
        before = one  # above 0 in lanes that moved in the turn before
        size_before = zero  # square of the gradient a step ago; 0 where there was none since the lane began (again)
        limit = one * mi[N.max_iterations]
        live = all_contacts(mi, wi, g, contacts)
        while running == 1:
            pending = pending + forces(mi, ws, wi, g, live, extended)
            size = zero
            for i in range(mi[N.num_dofs]):
                size = size + ld(ws, g, mi[AT.gradient] + i) * ld(ws, g, mi[AT.gradient] + i)
            slope = scale * ti.sqrt(size)
            moving = (slope >= tolerance) & (scale * improvement >= tolerance)
            stalled = (iterations >= PATIENCE) & (slope <= scale * rounding(mi, ws, wi, g, live))
            landed = (pending <= 0.0) & (size <= LANDED * LANDED * size_before) & (slope <= NEAR * tolerance)
            improvement = ti.select(stalled | landed, zero, improvement)
            improvement = ti.select(moving & (ld(ws, g, mi[AT.active_rows]) > 0.0), improvement, zero)
            moving = (improvement > 0.0) & (iterations < limit)
            keep_gradient(mi, ws, g, (before > 0.0) & (ti.select(moving, zero, one) > 0.0))
            before = ti.select(moving, one, zero)
            if any_lane(moving) == 0:
                running = 0
                if mi[N.contact_model] == EXACT and rounds < ROUNDS:
                    again = shift_contacts(mi, ws, g, contacts, 0)
                    improvement = ti.select(again > 0.0, one * 1e30, improvement)
                    before, size_before = again, ti.select(again > 0.0, zero, size_before)
                    running = any_lane(again > 0.0)
                    live = all_contacts(mi, wi, g, contacts)
                    limit = iterations + ti.select(again > 0.0, one * mi[N.max_iterations], zero)
                    rounds += 1
            else:
                live = keep_live(mi, ws, wi, g, live, moving)
                if any_lane(moving & (pending > 0.0)):
                    assemble(mi, ws, wi, g, live, moving, extended)
                    factor_hessian(mi, ws, wi, g)
                    pending = ti.select(moving, zero, pending)
                descend(mi, ws, wi, g)
                alpha, gain = line_search(mi, ws, wi, g, live, moving, 0.01 * tolerance / scale, extended)
                move(mi, ws, wi, g, live, alpha, extended)
                improvement, size_before = ti.select(moving, gain, improvement), ti.select(moving, size, size_before)
                iterations = iterations + ti.select(moving, one, zero)
        for i in range(mi[N.num_dofs]):
            st(ws, g, mi[AT.gradient] + i, ld(ws, g, mi[AT.final_gradient] + i))
        fault = mi[AT.fault] + NOT_CONVERGED_SLOT
        st(ws, g, fault, ti.select(improvement > 0.0, one, ld(ws, g, fault)))
    st(ws, g, mi[AT.solver_iterations], iterations)


@ti.func
def start(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, free):
    """First iterate: the last acceleration, or the solution itself where no constraint acts."""
    if any_lane(free):
        for i in range(mi[N.num_dofs]):
            st(ws, g, mi[AT.smooth_acceleration] + i, ld(ws, g, mi[AT.smooth_force] + i))
        factor_metric(mi, mf, ws, g, 0.0)
        solve_metric(mi, ws, g, mi[AT.smooth_acceleration])
    for i in range(mi[N.num_dofs]):
        a = ti.select(free, ld(ws, g, mi[AT.smooth_acceleration] + i), ld(ws, g, mi[AT.qacc_warmstart] + i))
        st(ws, g, mi[AT.acceleration] + i, a)
    metric_times(mi, ws, g, mi[AT.acceleration], mi[AT.metric_acceleration])


@ti.func
def metric_times(mi: ti.template(), ws: ti.template(), g, x, out):
    """out = metric x, both vectors over the dofs."""
    for i in range(mi[N.num_dofs]):
        start, xi = mi[mi[AT.dof_mass_start] + i], ld(ws, g, x + i)
        mass, column = mi[AT.mass] + start, mi[AT.mass_column] + start
        total = ld(ws, g, mi[AT.metric_diagonal] + i) * xi
        for k in range(1, mi[mi[AT.dof_mass_count] + i]):
            entry, j = ld(ws, g, mass + k), mi[column + k]
            total = total + entry * ld(ws, g, x + j)
            st(ws, g, out + j, ld(ws, g, out + j) + entry * xi)
        st(ws, g, out + i, total)


@ti.func
def all_contacts(mi: ti.template(), wi: ti.template(), g, contacts):
    """live_contact = every slot; returns how many."""
    for c in range(contacts):
        st(wi, g, mi[AT.live_contact] + c, c)
    return contacts


@ti.func
def rounding(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, live):
    """What rounding alone leaves of the gradient, N: in a blow the residuals of a contact are thousands of m/s^2, whose last
    bit times the weight of its rows is a force of newtons.
    """
    total = like(ld(ws, g, mi[AT.time]), 0.0)
    for n in range(live):
        c = ld(wi, g, mi[AT.live_contact] + n)
        x, f = ld3(ws, g, mi[AT.contact_residual] + 6 * c), ld(ws, g, mi[AT.contact_friction] + 3 * c)
        size = absolute(x.x) + f * (absolute(x.y) + absolute(x.z))
        total = total + ld(ws, g, mi[AT.contact_diagonal] + 6 * c) * size
    one = like(total, 1.0)
    return total * ti.select(one + 1e-9 > one, one * 2.2e-16, one * 1.2e-7)


@ti.func
def keep_gradient(mi: ti.template(), ws: ti.template(), g, stops):
    """final_gradient = gradient in the lanes that stop now: from here on the sum leaves out contacts that only they have."""
    if any_lane(stops):
        for i in range(mi[N.num_dofs]):
            at = mi[AT.final_gradient] + i
            st(ws, g, at, ti.select(stops, ld(ws, g, mi[AT.gradient] + i), ld(ws, g, at)))


@ti.func
def keep_live(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, live, moving):
    """Drop from live_contact the slots in which no lane that moves has a contact; returns how many stay."""
    kept = 0
    for n in range(live):
        c = ld(wi, g, mi[AT.live_contact] + n)
        if any_lane(moving & (ld(ws, g, mi[AT.contact_diagonal] + 6 * c) > 0.0)):
            st(wi, g, mi[AT.live_contact] + kept, c)
            kept += 1
    return kept


@ti.func
def residuals(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, contacts, extended: ti.template()):
    """J a - aref of every row at the first iterate."""
    if ti.static(extended):
        row_residuals(mi, ws, wi, g)
    for c in range(contacts):
        at, ref, wide = mi[AT.contact_residual] + 6 * c, mi[AT.contact_reference] + 6 * c, is_wide(mi, wi, g, c)
        project(mi, ws, wi, g, c, mi[AT.acceleration], at, wide)
        forget_weight(mi, ws, g, c, 6 + 15 * wide)
        for r in range(3 + 3 * wide):
            st(ws, g, at + r, ld(ws, g, at + r) - ld(ws, g, ref + r))
    for n in range(ld(wi, g, mi[AT.num_limits])):
        j = ld(wi, g, mi[AT.limit_list] + n)
        st(
            ws,
            g,
            mi[AT.limit_residual] + j,
            limit_times(mi, ws, g, j, mi[AT.acceleration]) - ld(ws, g, mi[AT.limit_reference] + j),
        )
    for n in range(ld(wi, g, mi[AT.num_frictions])):
        i = ld(wi, g, mi[AT.friction_list] + n)
        st(ws, g, mi[AT.friction_residual] + i, ld(ws, g, mi[AT.acceleration] + i) - ld(ws, g, mi[AT.friction_reference] + i))


@ti.func
def limit_times(mi: ti.template(), ws: ti.template(), g, j, x):
    """J x of the limit of joint j."""
    dof = mi[mi[AT.joint_dof_start] + j]
    total = ld(ws, g, mi[AT.limit_axis] + 3 * j) * ld(ws, g, x + dof)
    if mi[mi[AT.joint_type] + j] == BALL:
        total = dot(ld3(ws, g, mi[AT.limit_axis] + 3 * j), ld3(ws, g, x + dof))
    return total


@ti.func
def link_blocks(mi: ti.template(), wi: ti.template(), g, contacts, extended: ti.template()):
    """The blocks of the Hessian and of its factor that can be nonzero in any lane."""
    clear_links(mi, wi, g)
    for c in range(contacts):
        pair = ld(wi, g, mi[AT.contact_pair] + c)
        panels = mi[AT.block_panel] + mi[mi[AT.pair_block_start] + pair]
        for k in range(mi[mi[AT.pair_block_count] + pair]):
            for e in range(k):
                link_panels(mi, wi, g, mi[panels + k], mi[panels + e])
    if ti.static(extended):
        row_links(mi, wi, g)
    panel_links(mi, wi, g)


@ti.func
def forces(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, live, extended: ti.template()):
    """Row forces and curvatures; gradient = metric a - smooth_force - J' f. Returns what is above 0 in lanes where a curvature
    changed.
    """
    changed = like(ld(ws, g, mi[AT.time]), 0.0)
    for i in range(mi[N.num_dofs]):
        st(ws, g, mi[AT.gradient] + i, ld(ws, g, mi[AT.metric_acceleration] + i) - ld(ws, g, mi[AT.smooth_force] + i))
    for i in range(mi[N.num_dofs], 3 * mi[N.num_panels]):
        st(ws, g, mi[AT.gradient] + i, like(ld(ws, g, mi[AT.gradient] + i), 0.0))
    for n in range(live):
        c = ld(wi, g, mi[AT.live_contact] + n)
        changed = changed + contact_force(mi, ws, wi, g, c)
        push(mi, ws, wi, g, c, mi[AT.contact_force] + 6 * c, mi[AT.gradient], is_wide(mi, wi, g, c))
    for n in range(ld(wi, g, mi[AT.num_limits])):
        j = ld(wi, g, mi[AT.limit_list] + n)
        x, d = ld(ws, g, mi[AT.limit_residual] + j), ld(ws, g, mi[AT.limit_weight] + j)
        curvature = ti.select(x < 0.0, d, d * 0.0)
        changed = changed + differs(curvature, ld(ws, g, mi[AT.limit_curvature] + j))
        st(ws, g, mi[AT.limit_curvature] + j, curvature)
        axis, dof, count = mi[AT.limit_axis] + 3 * j, mi[AT.gradient] + mi[mi[AT.joint_dof_start] + j], 1
        if mi[mi[AT.joint_type] + j] == BALL:
            count = 3
        for k in range(count):
            st(ws, g, dof + k, ld(ws, g, dof + k) + curvature * x * ld(ws, g, axis + k))
    for n in range(ld(wi, g, mi[AT.num_frictions])):
        i = ld(wi, g, mi[AT.friction_list] + n)
        x, d = ld(ws, g, mi[AT.friction_residual] + i), ld(ws, g, mi[AT.friction_weight] + i)
        loss = ld(ws, g, mi[AT.friction_bound] + i)
        curvature = ti.select(absolute(d * x) < loss, d, d * 0.0)
        changed = changed + differs(curvature, ld(ws, g, mi[AT.friction_curvature] + i))
        st(ws, g, mi[AT.friction_curvature] + i, curvature)
        at = mi[AT.gradient] + i
        st(ws, g, at, ld(ws, g, at) + clamp(d * x, 0.0 - loss, loss))
    if ti.static(extended):
        changed = changed + row_forces(mi, ws, wi, g)
    return changed


@ti.func
def assemble(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, live, moving, extended: ti.template()):
    """hessian = metric + J' W J in the linked blocks; of the contacts only what changed, and in lanes that move, is added."""
    for n in range(live):
        c = ld(wi, g, mi[AT.live_contact] + n)
        stale = moving & (ld(ws, g, mi[AT.contact_stale] + c) > 0.0)
        if any_lane(stale):
            count_weight(mi, ws, g, c, stale, 6 + 15 * is_wide(mi, wi, g, c))
            add_hessian(mi, ws, wi, g, c)
    start_hessian(mi, ws, wi, g)
    for n in range(ld(wi, g, mi[AT.num_frictions])):
        i = ld(wi, g, mi[AT.friction_list] + n)
        slot = hessian_row(mi, i) + 3 * i
        st(ws, g, slot, ld(ws, g, slot) + ld(ws, g, mi[AT.friction_curvature] + i))
    for n in range(ld(wi, g, mi[AT.num_limits])):
        j = ld(wi, g, mi[AT.limit_list] + n)
        dof, axis, d, count = (
            mi[mi[AT.joint_dof_start] + j],
            mi[AT.limit_axis] + 3 * j,
            ld(ws, g, mi[AT.limit_curvature] + j),
            1,
        )
        if mi[mi[AT.joint_type] + j] == BALL:
            count = 3
        for k in range(count):
            for e in range(k + 1):
                slot = hessian_row(mi, dof + k) + 3 * (dof + e)
                st(ws, g, slot, ld(ws, g, slot) + d * ld(ws, g, axis + k) * ld(ws, g, axis + e))
    if ti.static(extended):
        row_hessian(mi, ws, wi, g)


@ti.func
def descend(mi: ti.template(), ws: ti.template(), wi: ti.template(), g):
    """direction = -hessian^-1 gradient, and its product with the metric."""
    solve_hessian(mi, ws, wi, g, mi[AT.gradient], mi[AT.direction])
    metric_times(mi, ws, g, mi[AT.direction], mi[AT.metric_direction])


@ti.func
def line_search(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, live, moving, precision, extended: ti.template()):
    """Zero of the slope along the direction by bracketed Newton; returns the step (0 in lanes that stand) and the gain in cost.

    `precision`: slope per length of the direction that counts as zero.
    """
    zero, one = like(precision, 0.0), like(precision, 1.0)
    slope, curve, length, begin = zero, zero, zero, zero
    for i in range(mi[N.num_dofs]):
        p = ld(ws, g, mi[AT.direction] + i)
        slope = slope + p * (ld(ws, g, mi[AT.metric_acceleration] + i) - ld(ws, g, mi[AT.smooth_force] + i))
        curve = curve + p * ld(ws, g, mi[AT.metric_direction] + i)
        begin = begin + p * ld(ws, g, mi[AT.gradient] + i)
        length = length + p * p
    for n in range(live):
        c = ld(wi, g, mi[AT.live_contact] + n)
        project(mi, ws, wi, g, c, mi[AT.direction], mi[AT.contact_change] + 6 * c, is_wide(mi, wi, g, c))
        if mi[N.cone] != PYRAMID:
            prepare_line(mi, ws, wi, g, c)
    for n in range(ld(wi, g, mi[AT.num_limits])):
        j = ld(wi, g, mi[AT.limit_list] + n)
        st(ws, g, mi[AT.limit_change] + j, limit_times(mi, ws, g, j, mi[AT.direction]))
    if ti.static(extended):
        row_changes(mi, ws, wi, g)
    enough = maximum(absolute(begin) * LINE_PRECISION, precision * ti.sqrt(length))
    low, high, alpha, end = zero, one * 1e30, one, zero
    search = ti.select(moving, one, zero)
    turn, running = 0, 1
    while running == 1:
        first, second = rows_slope(mi, ws, wi, g, live, alpha, extended)
        first, second = first + slope + alpha * curve, second + curve
        end = ti.select(search > 0.0, first, end)
        search = ti.select(absolute(first) > enough, search, zero)
        turn += 1
        if any_lane(search > 0.0) == 0 or turn == LINE_STEPS:
            running = 0
        else:
            low, high = ti.select(first < 0.0, alpha, low), ti.select(first < 0.0, high, alpha)
            trial = alpha - first / second
            middle = ti.select(high < 1e29, 0.5 * (low + high), 2.0 * low)
            trial = ti.select((trial > low) & (trial < high), trial, middle)
            alpha = ti.select(search > 0.0, trial, alpha)
    return ti.select(moving, alpha, zero), 0.0 - 0.5 * alpha * (begin + end)


@ti.func
def rows_slope(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, live, alpha, extended: ti.template()):
    """First and second derivative of all row costs along the direction."""
    first, second = alpha * 0.0, alpha * 0.0
    for n in range(live):
        c = ld(wi, g, mi[AT.live_contact] + n)
        a, b = line_slope(mi, ws, wi, g, c, alpha)
        first, second = first + a, second + b
    for n in range(ld(wi, g, mi[AT.num_limits])):
        j = ld(wi, g, mi[AT.limit_list] + n)
        y, d = ld(ws, g, mi[AT.limit_change] + j), ld(ws, g, mi[AT.limit_weight] + j)
        x = ld(ws, g, mi[AT.limit_residual] + j) + alpha * y
        d = ti.select(x < 0.0, d, d * 0.0)
        first, second = first + d * x * y, second + d * y * y
    for n in range(ld(wi, g, mi[AT.num_frictions])):
        i = ld(wi, g, mi[AT.friction_list] + n)
        y, d, loss = (
            ld(ws, g, mi[AT.direction] + i),
            ld(ws, g, mi[AT.friction_weight] + i),
            ld(ws, g, mi[AT.friction_bound] + i),
        )
        f = d * (ld(ws, g, mi[AT.friction_residual] + i) + alpha * y)
        first = first + clamp(f, 0.0 - loss, loss) * y
        second = second + ti.select(absolute(f) < loss, d * y * y, d * 0.0)
    if ti.static(extended):
        a, b = row_slope(mi, ws, wi, g, alpha)
        first, second = first + a, second + b
    return first, second


@ti.func
def move(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, live, alpha, extended: ti.template()):
    """Take the step: acceleration, its product with the metric, and the residuals."""
    for i in range(mi[N.num_dofs]):
        step(ws, g, mi[AT.acceleration] + i, mi[AT.direction] + i, alpha)
        step(ws, g, mi[AT.metric_acceleration] + i, mi[AT.metric_direction] + i, alpha)
    for n in range(live):
        c = ld(wi, g, mi[AT.live_contact] + n)
        for r in range(3 + 3 * is_wide(mi, wi, g, c)):
            step(ws, g, mi[AT.contact_residual] + 6 * c + r, mi[AT.contact_change] + 6 * c + r, alpha)
    for n in range(ld(wi, g, mi[AT.num_limits])):
        j = ld(wi, g, mi[AT.limit_list] + n)
        step(ws, g, mi[AT.limit_residual] + j, mi[AT.limit_change] + j, alpha)
    for n in range(ld(wi, g, mi[AT.num_frictions])):
        i = ld(wi, g, mi[AT.friction_list] + n)
        step(ws, g, mi[AT.friction_residual] + i, mi[AT.direction] + i, alpha)
    if ti.static(extended):
        row_move(mi, ws, wi, g, alpha)


@ti.func
def step(ws: ti.template(), g, at, change, alpha):
    st(ws, g, at, ld(ws, g, at) + alpha * ld(ws, g, change))
