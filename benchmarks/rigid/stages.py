"""Time of each stage of our step, in nanoseconds per step of one environment, by difference.

A chain like that of `engine.advance` is built here from the same functions, with a word that says after which stage to stop: at
each of some steps of a real run the chain is run to every length in turn from the same state, and the time of a stage is what
its length adds. "host and launch" is the rest of the product's step: the launch, the last kinematics and the host's work.
Method: medians over the steps taken, so that a machine that is disturbed for a moment does not show. Limits: CPU (the kernels
loop over groups as the product's do); stages that only some models compile are run when the scene asks for them.
"""

import functools
import inspect
import time
from collections.abc import Callable
from typing import Any

import numpy as np

from engine.collision.detect import detect_contacts
from engine.compiler import stage, ti
from engine.runtime import CHUNK
from engine.solvers.rigid.constraints import make_constraints
from engine.solvers.rigid.dynamics import bias_force, mass_matrix, smooth_force, update_velocity
from engine.solvers.rigid.integrate import integrate
from engine.solvers.rigid.kinematics import update_kinematics
from engine.solvers.rigid.newton import solve_constraints

STEPS = 40  # steps at which the chain is timed
REPEATS = 3  # runs of each length at one step; the fastest counts

ints, reals, data, grid = (ti.types.ndarray(ndim=n) for n in (1, 2, 1, 2))

STAGES: tuple[tuple[str, tuple[Callable[..., Any], ...]], ...] = (
    ("kinematics", (update_kinematics, update_velocity)),
    ("collision", (detect_contacts,)),
    ("mass matrix", (mass_matrix,)),
    ("forces", (bias_force, smooth_force)),
    ("constraints", (make_constraints,)),
    ("solve", (solve_constraints,)),
    ("integrate", (integrate,)),
)


def whole(function: Callable[..., Any], extended: int) -> Callable[..., Any]:
    """A device function of the seven arguments of a stage, with the choice `extended` made where the function has it."""
    if "extended" not in inspect.signature(function).parameters:
        return function

    @ti.func
    def chosen(mi: ti.template(), mf: ti.template(), md: ti.template(), ws: ti.template(), wi: ti.template(), g):
        function(mi, mf, md, ws, wi, g, extended)

    return chosen


def link(number: int, functions: tuple[Callable[..., Any], ...], following: Any) -> Any:
    """A stage that runs `functions` and goes on when the chain is to be longer than `number`."""
    is_last = following is None

    @stage
    def linked(mi: ints, mf: reals, md: data, ws: reals, wi: grid, g: ti.i32, length: ti.i32) -> ti.i32:
        for function in ti.static(functions):
            function(mi, mf, md, ws, wi, g)
        done = 1
        if ti.static(not is_last):
            if length > number:
                done = following(mi, mf, md, ws, wi, g, length)
        return done

    return linked


def chain(extended: int) -> Any:
    """The kernel that runs the first `length` stages of every group."""
    first: Any = None
    for number in range(len(STAGES), 0, -1):
        functions = tuple(whole(function, extended) for function in STAGES[number - 1][1])
        first = link(number, functions, first)

    @ti.kernel
    def run(
        mi: ti.types.ndarray(ndim=1),
        mf: ti.types.ndarray(ndim=2),
        md: ti.types.ndarray(ndim=1),
        ws: ti.types.ndarray(ndim=2),
        wi: ti.types.ndarray(ndim=2),
        groups: ti.i32,
        workers: ti.i32,
        length: ti.i32,
    ):
        for q in range(workers * CHUNK):
            if q % CHUNK == 0:
                g = q // CHUNK
                while g < groups:
                    if length > 0:
                        first(mi, mf, md, ws, wi, g, length)
                    g += workers

    return run


def profile(simulation: Any, controls: np.ndarray) -> dict[str, float]:
    """ns per step of one environment of every stage, along the run under `controls` (blocks, envs, nu)."""
    kernel = chain(int(bool(simulation.model.placement.sizes.get("extended"))))
    found, start = [], simulation.snapshot()
    for control in controls[:STEPS]:  # a first run, in which the contact buffers grow to what is needed
        simulation.control.actuator[:] = control
        simulation.step()
    simulation.restore(start)
    for control in controls[:STEPS]:
        simulation.control.actuator[:] = control
        simulation.control.upload(simulation._workspace)
        before = simulation.snapshot()
        restore = functools.partial(simulation.restore, before)
        times = [_fastest(functools.partial(_launch, kernel, simulation, length), restore) for length in range(len(STAGES) + 1)]
        whole_step = _fastest(simulation.step, restore)
        found.append([*np.diff(times), whole_step - (times[-1] - times[0])])
    per_env = 1e9 * np.median(found, axis=0) / simulation.num_envs
    names = [*(name for name, _ in STAGES), "host and launch"]
    return {name: round(float(value), 1) for name, value in zip(names, per_env, strict=True)}


def _launch(kernel: Any, simulation: Any, length: int) -> None:
    workspace = simulation._workspace
    model = workspace.model
    kernel(model.mi, model.mf, model.md, workspace.ws, workspace.wi, model.num_groups, model.runtime.workers, length)


def _fastest(act: Callable[[], Any], prepare: Callable[[], Any]) -> float:
    best = np.inf
    for _ in range(REPEATS):
        prepare()
        began = time.perf_counter()
        act()
        best = min(best, time.perf_counter() - began)
    return best
