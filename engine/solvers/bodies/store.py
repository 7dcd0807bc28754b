"""Bodies: the device tables of one simulation of free bodies, and how they grow.

Capacities (pairs, partners of a shape, covered cells, blocks) are never guessed: a kernel that lacks room says how much it
needs, the host enlarges the tables and runs it again, and nothing that a pair does depends on how much room there is.
"""

import numpy as np

from engine.arrays import TABLE, Placement, Store
from engine.compiler import ti
from engine.model import Model, clear_slots
from engine.solvers.bodies import workspace as col
from engine.solvers.bodies.tables import Tables, make_tables

MESH_SIZES = ("num_meshes", "num_hull_vertices", "num_hull_faces", "num_hull_loop")
GPU_THREADS = 1 << 14
FEW = 400  # shapes


class Bodies:
    """Device tables; see `workspace` for rows and columns. `lanes` is the width of a block."""

    def __init__(self, model: Model):
        self.model, runtime = model, model.runtime
        self.on_gpu = runtime.backend == "cuda"
        self.lanes = runtime.lanes
        self.chunk = 1 if self.on_gpu else 512
        self.tables = make_tables(model.compiled)
        self.groups, self.shapes = len(self.tables.group_kind), len(self.tables.shape_int)
        self.rows, self.bodies = model.num_envs * self.groups, len(self.tables.body_group)
        self.shape_rows = model.num_envs * self.shapes
        busy = self.shape_rows >= FEW  # a second thread costs more than it brings for few shapes
        self.workers = GPU_THREADS if self.on_gpu else runtime.workers if busy else 1
        self._upload_tables(self.tables)
        self._make_narrow(runtime)
        self._make_grid()
        self.room_for_pairs(max(64, 8 * self.shape_rows))

    # ---- arrays --------------------------------------------------------------------------------------------------------------

    def real(self, values: np.ndarray):
        """Upload a table of reals."""
        array = ti.ndarray(self.model.runtime.scalar, values.shape)
        array.from_numpy(np.ascontiguousarray(values, self.model.runtime.dtype))
        return array

    @staticmethod
    def whole(values: np.ndarray):
        """Upload a table of integers."""
        array = ti.ndarray(ti.i32, values.shape)
        array.from_numpy(np.ascontiguousarray(values, np.int32))
        return array

    def _per_env(self, values: np.ndarray) -> np.ndarray:
        """(variants, n, width) -> (envs * n, width)."""
        full = np.broadcast_to(values, (self.model.num_envs, *values.shape[1:]))
        return full.reshape(-1, values.shape[-1])

    def _upload_tables(self, t: Tables) -> None:
        envs = self.model.num_envs
        body = np.concatenate([self._per_env(t.body), np.zeros((1, col.BODY_WIDTH))])
        body[:, col.WRITTEN : col.WRITTEN + 13] = np.nan  # nothing has been written yet, so everything is taken
        body[-1, col.ROTATION] = 1.0
        ints = np.zeros((self.rows + 1, col.BODY_INT_WIDTH), int)
        ints[:-1, col.KIND] = np.tile(t.group_kind, envs)
        ints[:-1, col.ENV] = np.repeat(np.arange(envs), self.groups)
        ints[:-1, col.GROUP] = np.tile(np.arange(self.groups), envs)
        first = self.groups * np.arange(envs)[:, None]
        self.body, self.body_int = self.real(body), self.whole(ints)
        self.velocity = self.real(np.zeros((self.rows + 1, col.VELOCITY_WIDTH)))
        self.group_int = self.whole(t.group_int)
        self.part, self.part_row = self.real(self._per_env(t.part)), self.whole((first + t.body_group).reshape(-1))
        self.following, self.root = self.whole(t.following), self.real(self._per_env(t.root))
        self.shape = self.real(self._per_env(t.shape) if self.shapes else np.zeros((1, col.SHAPE_WIDTH)))
        self.shape_int = self.whole(t.shape_int)
        self.shape_row = self.whole((first + t.shape_int[:, col.SHAPE_GROUP]).reshape(-1))
        env = np.broadcast_to(t.env, (envs, col.ENV_WIDTH))
        self.env, self.excluded = self.real(env), self.whole(t.excluded)
        self.classes = int(t.shape_int[:, col.CLASS].max(initial=0)) + 1

    def _make_narrow(self, runtime) -> None:
        """A small model for the functions of engine.collision: its environments are the lanes of a worker."""
        compiled = self.model.compiled
        sizes = {name: compiled.sizes.get(name, 0) if name in MESH_SIZES else 0 for name in TABLE.sizes}
        placement: Placement = TABLE.place({**sizes, "num_pairs": 1})
        ints = {name: compiled.ints[name] for name in TABLE.arrays if name.startswith(("mesh_", "face_loop"))}
        flat = placement.pack(Store.MODEL_INT, ints)
        flat[: len(placement.header())] = placement.header()
        self.narrow_int = self.whole(flat)
        slots = (self.workers, placement.ends["ws"])
        grouped = not self.on_gpu and self.lanes > 1
        self.scratch = ti.ndarray(runtime.real(self.lanes), slots if grouped else slots[::-1])
        clear_slots(self.scratch)
        self.side_a, self.side_b = (self.whole(np.zeros(self.workers * self.lanes, int)) for _ in range(2))

    def _make_grid(self) -> None:
        rows = self.shape_rows
        buckets = 1 << max(4, int(2 * rows - 1).bit_length())
        self.cell, self.start = self.whole(np.zeros((rows, 4), int)), self.whole(np.zeros((2, buckets + 1), int))
        self.item, self.wide = self.whole(np.zeros(rows, int)), self.whole(np.zeros(rows, int))
        self.covered = self.whole(np.zeros(max(1024, rows), int))
        self.row = self.whole(np.zeros((rows, 25), int))
        self.counter = self.whole(np.zeros(col.NUM_COUNTERS, int))
        self.result = self.real(np.zeros(4))
        self.mark = self.whole(np.zeros(max(self.rows, 1), int))
        self.union = self.whole(np.zeros(max(self.rows, 1), int))
        self.setting = self.real(np.zeros(col.NUM_SETTINGS))
        self.histogram = self.whole(np.zeros(max(rows, self.classes**2) + 2, int))
        self.spilled = self.real(np.zeros((256, 9)))

    def room_for_pairs(self, capacity: int) -> None:
        """Empty lists for `capacity` pairs, and their blocks; the old list stays readable until it is replaced."""
        self.capacity = capacity
        self.new_pair, self.new_record = self._pair_lists(capacity)
        self.sort_a, self.sort_b = (self.whole(np.zeros((capacity, 3), int)) for _ in range(2))
        self.source = self.whole(np.zeros(capacity, int))
        if not hasattr(self, "pair"):
            self.pair, self.record = self._pair_lists(capacity)
        self._blocks(capacity)

    def _pair_lists(self, capacity: int):
        pair = self.whole(np.zeros((capacity, col.PAIR_WIDTH), int))
        record = ti.ndarray(self.model.runtime.scalar, (capacity + 1, col.RECORD_WIDTH + 1))
        clear_slots(record)
        return pair, record

    def _blocks(self, capacity: int) -> None:
        lanes = self.lanes
        near = capacity + lanes * (self.classes**2 + 1)
        self.near, self.near_a, self.near_b, self.colour = (self.whole(np.zeros(near, int)) for _ in range(4))
        self.flag = self.whole(np.zeros(capacity, int))
        self.room_for_blocks(capacity // max(1, lanes // 2) + 2 * col.COLOURS)

    def room_for_blocks(self, blocks: int) -> None:
        """Empty blocks."""
        self.max_blocks = blocks
        self.block = ti.ndarray(self.model.runtime.real(self.lanes), (blocks, col.BLOCK_WIDTH))
        clear_slots(self.block)
        self.block_pair, self.block_a, self.block_b = (self.whole(np.zeros(blocks * self.lanes, int)) for _ in range(3))
        self.block_points = self.whole(np.zeros(blocks, int))

    def swap_pairs(self) -> None:
        """The new list becomes the list."""
        self.pair, self.new_pair = self.new_pair, self.pair
        self.record, self.new_record = self.new_record, self.record
        if self.new_pair.shape[0] < self.capacity:
            self.new_pair, self.new_record = self._pair_lists(self.capacity)
