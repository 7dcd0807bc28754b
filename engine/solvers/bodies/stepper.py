"""One step of free bodies: forces, near pairs, manifolds, colours, sweeps, poses; broad phase and waking when they are needed.

A substep longer than LONGEST is cut into equal steps: contacts are found anew in each ("small steps", Macklin et al. 2019), and
a few sweeps serve. The push-out gives way a little at the surface (Catto 2024), which keeps tall stacks quiet, and is hard from
SOFT_DEPTH on. Measured at 2 ms without sleep: a wall of 210 bricks creeps by 0.02 mm in 2 s and sinks by 0.4 % of a brick;
without the give it creeps by 23 mm; with a give that knows no depth marbles sink into a deep heap by 28 % of their radius.
"""

import math

import numpy as np

from engine.errors import CapacityError
from engine.model import Model, real
from engine.solvers.bodies import broad, colours, contact, exchange, islands, motion, narrow, pairs
from engine.solvers.bodies import workspace as col
from engine.solvers.bodies.store import Bodies
from engine.state import Workspace

LONGEST = 0.0025  # s
PUSH_SHARE = 0.073  # of the depth that is pushed out in a step
COMPLIANCE = 0.05  # of the impulse that is taken back in a sweep, at the surface
SOFT_DEPTH = 0.008  # from this depth on, relative to the ball of the smaller shape, nothing is taken back
FASTEST_PUSH = 3.0  # m/s
SWEEPS, RELAX_SWEEPS = 4, 2
SLEEP_SPEED, SLEEP_TIME = 0.01, 0.5  # m/s, s
MAX_PAIRS = 20_000_000


class BodiesStepper:
    """Steps a workspace whose scene belongs to this solver; keeps its own tables beside it."""

    def __init__(self, model: Model, timestep: float):
        self.tables = Bodies(model)
        self.splits = max(1, math.ceil(timestep / LONGEST - 1e-9))
        self.number = 0  # pairs
        self.sleeps = bool(model.compiled.sizes["sleep"])
        self.asleep = False  # some body sleeps
        self._settings(model, timestep / self.splits)

    def _settings(self, model: Model, h: float) -> None:
        values = np.zeros(col.NUM_SETTINGS)
        values[col.STEP], values[col.DURATION] = h, h
        values[col.SLOWEST], values[col.SLEEP_TIME] = SLEEP_SPEED, SLEEP_TIME
        values[col.SOFT_RATE], values[col.SOFT_IMPULSE], values[col.SOFT_DEPTH] = PUSH_SHARE / h, COMPLIANCE, SOFT_DEPTH
        values[col.FASTEST_PUSH] = FASTEST_PUSH
        values[col.REBOUND_SPEED] = 0.01 + 2 * h * float(np.linalg.norm(real(model.compiled, "gravity"), axis=1).max())
        self.tables.setting = self.tables.real(values)

    # ---- exchange with the declared state ------------------------------------------------------------------------------------

    def take_state(self, workspace: Workspace) -> None:
        """Rows that the host wrote come in and wake."""
        t, model = self.tables, workspace.model
        exchange.import_state(
            model.mi, workspace.ws, t.body, t.velocity, t.body_int, t.group_int, t.root, t.env, t.mark, model.lanes
        )
        islands.wake_marked(t.body, t.body_int, t.mark)

    def take_control(self, workspace: Workspace) -> None:
        """Loads and prescribed velocities come in; what bears a load wakes."""
        t, model = self.tables, workspace.model
        exchange.import_control(
            model.mi,
            workspace.ws,
            t.body,
            t.velocity,
            t.body_int,
            t.group_int,
            t.part,
            t.following,
            t.root,
            t.mark,
            model.lanes,
        )
        islands.wake_marked(t.body, t.body_int, t.mark)

    def show_state(self, workspace: Workspace) -> None:
        """Write the declared state and poses."""
        t, model = self.tables, workspace.model
        workspace.forget()
        exchange.publish(
            model.mi, workspace.ws, t.body, t.velocity, t.body_int, t.group_int, t.part, t.part_row, t.root, t.shape,
            t.shape_row, t.env, t.setting, t.bodies, t.shapes, model.lanes,
        )  # fmt: skip

    # ---- time ----------------------------------------------------------------------------------------------------------------

    def step(self, substeps: int, first: bool = True) -> None:
        """Take `substeps` substeps; unless they are the `first` of a step, what touched goes on being summed."""
        t = self.tables
        if first:
            pairs.clear_sums(t.record, t.counter, self.number, t.workers, t.chunk)
        for _ in range(substeps * self.splits):
            self._once()

    def _once(self) -> None:
        t, par = self.tables, (self.tables.workers, self.tables.chunk)
        motion.start_step(t.body, t.velocity, t.body_int, t.env, t.shape, t.shape_row, t.counter, t.setting, *par)
        counter = self._counters()
        self.asleep = self.asleep or bool(counter[col.NUM_ASLEEP])
        if counter[col.NEED_BROAD]:
            self._find_pairs()
        self._find_contacts()
        if self.asleep:
            self._wake()
        self._colour()
        contact.prepare(
            t.shape, t.body, t.velocity, t.pair, t.record, t.block, t.block_pair, t.block_a, t.block_b, t.block_points,
            t.side_a, t.side_b, t.setting, t.counter, t.lanes, *par,
        )  # fmt: skip
        self._sweep(contact.WARM, 1)
        self._sweep(contact.SOLVE, SWEEPS)
        motion.move_bodies(t.body, t.velocity, t.body_int, t.setting, *par)
        self._sweep(contact.RELAX, RELAX_SWEEPS)
        self._sweep(contact.BOUNCE, 1)
        contact.store(t.record, t.block, t.block_pair, t.block_points, t.counter, t.lanes, *par)
        motion.finish_step(t.body, t.velocity, t.body_int, t.env, t.setting, *par)
        if self.sleeps:
            islands.sleep_islands(
                t.body, t.velocity, t.body_int, t.shape_row, t.pair, t.near, t.union, t.mark, t.setting, t.counter
            )

    def _sweep(self, mode: int, turns: int) -> None:
        t = self.tables
        contact.sweep(t.velocity, t.block, t.block_a, t.block_b, t.block_points, t.setting, t.counter, t.lanes, mode, turns)

    def _counters(self) -> np.ndarray:
        return self.tables.counter.to_numpy()

    def _find_contacts(self) -> None:
        t, par = self.tables, (self.tables.workers, self.tables.chunk)
        narrow.list_near(
            t.shape, t.shape_int, t.shape_row, t.body_int, t.env, t.pair, t.near, t.near_a, t.near_b, t.flag, t.counter,
            self.number, t.lanes, *par,
        )  # fmt: skip
        narrow.make_manifolds(
            t.narrow_int, t.model.md, t.scratch, t.shape, t.shape_int, t.shape_row, t.velocity, t.near, t.near_a, t.near_b,
            t.side_a, t.side_b, t.pair, t.record, t.counter, t.setting, t.lanes, *par,
        )  # fmt: skip

    def _wake(self) -> None:
        """Wake what is touched, and what that touches."""
        t, woken = self.tables, 1
        while woken:
            islands.wake_touched(
                t.body, t.velocity, t.body_int, t.env, t.shape_row, t.pair, t.near, t.mark, t.setting, t.counter
            )
            woken = int(self._counters()[col.WOKEN])
            if woken:
                self._find_contacts()

    def _colour(self) -> None:
        t = self.tables
        colours.colour_pairs(
            t.body_int, t.shape_row, t.pair, t.near, t.mark, t.colour, t.block_pair, t.block_a, t.block_b, t.block_points,
            t.counter, t.lanes,
        )  # fmt: skip

    # ---- broad phase ---------------------------------------------------------------------------------------------------------

    def _find_pairs(self) -> None:
        t, par = self.tables, (self.tables.workers, self.tables.chunk)
        self._fill_grid()
        while True:
            broad.find_partners(
                t.shape, t.shape_int, t.shape_row, t.body_int, t.excluded, t.cell, t.start, t.item, t.wide, t.covered, t.row,
                t.counter, *par,
            )  # fmt: skip
            need = int(self._counters()[col.NEED_ROW])
            if need <= t.row.shape[1]:
                break
            t.row = t.whole(np.zeros((t.shape_rows, need + need // 2), int))
        self._sort()
        self._match()
        counter = self._counters()
        counter[col.NEED_BROAD] = counter[col.NEED_ROW] = 0
        t.counter.from_numpy(counter)

    def _fill_grid(self) -> None:
        t = self.tables
        while True:
            broad.fill_grid(
                t.shape, t.shape_int, t.shape_row, t.body_int, t.cell, t.start, t.item, t.wide, t.covered, t.counter, t.result
            )
            need = int(self._counters()[col.NEED_WIDE])
            if need <= t.covered.shape[0]:
                return
            t.covered = t.whole(np.zeros(need + need // 2, int))

    def _sort(self) -> None:
        t = self.tables
        while True:
            pairs.sort_pairs(t.shape_int, t.row, t.new_pair, t.sort_a, t.sort_b, t.histogram, t.counter, t.classes)
            need = int(self._counters()[col.NEED_PAIRS])
            if need <= t.capacity:
                self._fresh = need
                return
            if need > MAX_PAIRS:
                raise CapacityError(
                    "Simulation.step", f"{need} pairs of shapes are near each other", f"allowed: {MAX_PAIRS}",
                    "use fewer or more equal shapes",
                )  # fmt: skip
            t.room_for_pairs(need + need // 2)

    def _match(self) -> None:
        t = self.tables
        self._room_to_spill()
        pairs.match_pairs(t.pair, t.record, t.new_pair, t.source, t.spilled, t.counter, self.number, self._fresh)
        pairs.move_records(t.pair, t.record, t.new_pair, t.new_record, t.source, self._fresh, t.workers, t.chunk)
        t.swap_pairs()
        self.number = self._fresh

    def _room_to_spill(self) -> None:
        """All pairs of the list could part now; rows of the same two shapes are summed before the table grows."""
        t, counter = self.tables, self._counters()
        used = int(counter[col.NUM_SPILLED])
        if used + self.number <= t.spilled.shape[0]:
            return
        rows = pairs.summed(t.spilled.to_numpy()[:used].astype(float))
        table = np.zeros((2 * (len(rows) + self.number) + 256, pairs.SPILL_WIDTH))
        table[: len(rows)] = rows
        t.spilled = t.real(table)
        counter[col.NUM_SPILLED] = len(rows)
        t.counter.from_numpy(counter)
