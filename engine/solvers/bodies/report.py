"""What the host asks of the tables: contacts, touches, and the rows of a snapshot; numpy only.

A snapshot holds of each environment all rows of its groups and the records of the pairs that have points. The list of candidate
pairs is not part of it: the next step finds it again, and nothing depends on what else it holds.
"""

import numpy as np

from engine.errors import StateError
from engine.solvers.bodies import workspace as col
from engine.solvers.bodies.pairs import summed
from engine.solvers.bodies.stepper import BodiesStepper
from engine.state import CONTACT_FIELDS

BODY_COLUMNS = [*range(col.OLD_SPIN + 3), *range(col.INVERSE_INERTIA_W, col.INVERSE_INERTIA_W + 6), col.STILL_TIME]
GROUP_VALUES = len(BODY_COLUMNS) + 6 + 2
PAIR_VALUES = col.PAIR_WIDTH + col.RECORD_WIDTH + 1


def used_pairs(stepper: BodiesStepper) -> tuple[np.ndarray, np.ndarray]:
    """Pairs that have points (n, PAIR_WIDTH) and their records (n, RECORD_WIDTH + 1), by environment, then shapes."""
    t = stepper.tables
    pair, record = t.pair.to_numpy()[: stepper.number], t.record.to_numpy()[: stepper.number]
    keep = np.flatnonzero(pair[:, col.POINTS] > 0)
    pair, record = pair[keep], record[keep].astype(float)
    order = np.lexsort((pair[:, 1], pair[:, 0], pair[:, 0] // max(t.shapes, 1)))
    return pair[order], record[order]


def body_contacts(stepper: BodiesStepper) -> np.recarray:
    """Contacts of the last step that touch or push, as `engine.state.contact_records`; `pair` numbers them by shapes."""
    pair, record = used_pairs(stepper)
    t, h = stepper.tables, float(stepper.tables.setting.to_numpy()[col.STEP])
    points = record[:, col.POINT : col.POINT + 4 * col.POINT_WIDTH].reshape(-1, 4, col.POINT_WIDTH)
    row, k = np.nonzero((points[..., col.DISTANCE] <= 0) | (points[..., col.PUSH] > 0))
    records = np.zeros(len(row), CONTACT_FIELDS).view(np.recarray)
    if not len(row):
        return records
    records.env = pair[row, 0] // t.shapes
    shape_a, shape_b = pair[row, 0] % t.shapes, pair[row, 1] % t.shapes
    records.shape_a, records.shape_b = shape_a, shape_b
    records.pair = row
    owner = t.tables.shape_int[:, col.SHAPE_BODY]
    records.body_a, records.body_b = owner[shape_a], owner[shape_b]
    records.point, records.depth = points[row, k, col.AT_W : col.AT_W + 3], -points[row, k, col.DISTANCE]
    records.normal = record[row, col.NORMAL : col.NORMAL + 3]
    normal = points[row, k, col.PUSH] / h
    drag = points[row, k, col.DRAG : col.DRAG + 3] / h
    records.force = normal[:, None] * records.normal + drag
    axes = np.stack([records.normal, *tangent_frame(records.normal)], axis=1)
    records.force_local[:, 0] = normal
    records.force_local[:, 1:3] = np.einsum("nij,nj->ni", axes[:, 1:], drag)
    shares = np.bincount(row, minlength=len(record))[row]
    turning = record[row, col.TURNING : col.TURNING + 3] / h / shares[:, None]
    records.force_local[:, 3:] = np.einsum("nij,nj->ni", axes, turning)
    return records


def tangent_frame(normal: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The two tangents of `engine.math.vec3.tangents`, for normals (n, 3)."""
    x, y, z = normal.T
    s = np.where(z >= 0.0, 1.0, -1.0)
    a = -1.0 / (s + z)
    b = x * y * a
    return np.stack([1.0 + s * x * x * a, s * b, -s * x], 1), np.stack([b, s + y * y * a, -y], 1)


def body_touches(stepper: BodiesStepper) -> dict[str, np.ndarray]:
    """Every shape pair that exchanged an impulse during the last step: see `Simulation.touches`."""
    t = stepper.tables
    pair, record = t.pair.to_numpy()[: stepper.number], t.record.to_numpy()[: stepper.number].astype(float)
    hit = record[:, col.TOUCHES] > 0
    gone = t.spilled.to_numpy()[: int(t.counter.to_numpy()[col.NUM_SPILLED])].astype(float)
    rows = np.concatenate([gone, np.concatenate([pair[hit, :2], record[hit, col.IMPULSE : col.IMPULSE + 7]], axis=1)])
    total = summed(rows)
    keys, impulse, touches, point = total[:, :2].astype(int), total[:, 2:5], total[:, 5], total[:, 6:]
    shape_a, shape_b = keys[:, 0] % max(t.shapes, 1), keys[:, 1] % max(t.shapes, 1)
    owner = t.tables.shape_int[:, col.SHAPE_BODY]
    return {
        "env": keys[:, 0] // max(t.shapes, 1), "pair": np.arange(len(keys)), "shape_a": shape_a, "shape_b": shape_b,
        "body_a": owner[shape_a], "body_b": owner[shape_b], "impulse": impulse,
        "substeps": np.ceil(touches / stepper.splits).astype(int), "point": point,
    }  # fmt: skip


def extra_rows(stepper: BodiesStepper) -> np.ndarray:
    """What the declared state does not hold, (num_envs, n): groups, then the number of pairs, then pairs."""
    t, envs = stepper.tables, stepper.tables.model.num_envs
    body, velocity, ints = t.body.to_numpy()[:-1], t.velocity.to_numpy()[:-1], t.body_int.to_numpy()[:-1]
    island = ints[:, col.ISLAND] - t.groups * ints[:, col.ENV]
    groups = np.concatenate([body[:, BODY_COLUMNS], velocity[:, :6], ints[:, [col.ASLEEP]], island[:, None]], axis=1)
    pair, record = used_pairs(stepper)
    env = pair[:, 0] // max(t.shapes, 1)
    pair[:, :2] %= max(t.shapes, 1)
    values = np.concatenate([pair, record], axis=1)
    most = int(np.bincount(env, minlength=envs).max(initial=0))
    rows = np.zeros((envs, 1 + most * PAIR_VALUES))
    for e in range(envs):
        mine = values[env == e]
        rows[e, 0] = len(mine)
        rows[e, 1 : 1 + mine.size] = mine.reshape(-1)
    return np.concatenate([groups.reshape(envs, -1), rows], axis=1).astype(t.model.runtime.dtype)


def restore_extra(stepper: BodiesStepper, rows: np.ndarray) -> None:
    """Put back what `extra_rows` returned; raises StateError for rows of another scene."""
    t, envs = stepper.tables, stepper.tables.model.num_envs
    head = t.groups * GROUP_VALUES
    if rows.shape[0] != envs or rows.shape[1] < head + 1 or (rows.shape[1] - head - 1) % PAIR_VALUES:
        raise StateError("Simulation.restore", f"rows of {rows.shape[1]}", "rows of this scene", "use its own snapshot()")
    groups = rows[:, :head].reshape(-1, GROUP_VALUES)
    body, velocity, ints = t.body.to_numpy(), t.velocity.to_numpy(), t.body_int.to_numpy()
    body[:-1, BODY_COLUMNS], velocity[:-1, :6] = groups[:, : len(BODY_COLUMNS)], groups[:, len(BODY_COLUMNS) : -2]
    ints[:-1, col.ASLEEP] = groups[:, -2]
    ints[:-1, col.ISLAND] = groups[:, -1].astype(int) + t.groups * ints[:-1, col.ENV]
    t.body.from_numpy(body)
    t.velocity.from_numpy(velocity)
    t.body_int.from_numpy(ints)
    stepper.asleep = bool(ints[:, col.ASLEEP].any())
    counts = rows[:, head].astype(int)
    listed = [rows[e, head + 1 : head + 1 + counts[e] * PAIR_VALUES].reshape(-1, PAIR_VALUES).copy() for e in range(envs)]
    for e, values in enumerate(listed):
        values[:, :2] += e * t.shapes
    _list_pairs(stepper, np.concatenate(listed))


def _list_pairs(stepper: BodiesStepper, values: np.ndarray) -> None:
    """Make `values` (n, PAIR_VALUES) the list of pairs, sorted, and ask for a broad phase."""
    t = stepper.tables
    low, high = values[:, :2].min(axis=1), values[:, :2].max(axis=1)
    values = values[np.lexsort((high, low, values[:, col.PAIR_CLASS]))]
    if len(values) > t.capacity:
        t.room_for_pairs(len(values) * 2)
        t.swap_pairs()
    pair, record = t.pair.to_numpy(), t.record.to_numpy()
    pair[: len(values)] = values[:, : col.PAIR_WIDTH]
    record[: len(values)] = values[:, col.PAIR_WIDTH :]
    t.pair.from_numpy(pair)
    t.record.from_numpy(record)
    stepper.number = len(values)
    shape = t.shape.to_numpy()
    shape[:, col.SLACK] = -1.0
    t.shape.from_numpy(shape)


def forget_rows(stepper: BodiesStepper, envs: np.ndarray) -> None:
    """Environments `envs` begin anew: awake, without impulses; their groups are taken from the declared state."""
    t = stepper.tables
    ints, body = t.body_int.to_numpy(), t.body.to_numpy()
    mine = np.isin(ints[:, col.ENV], envs)
    mine[-1] = False
    ints[mine, col.ASLEEP] = 0
    body[mine, col.STILL_TIME] = 0.0
    body[mine, col.WRITTEN : col.WRITTEN + 13] = np.nan
    t.body_int.from_numpy(ints)
    t.body.from_numpy(body)
    record, pair = t.record.to_numpy(), t.pair.to_numpy()
    ours = np.isin(pair[: stepper.number, 0] // max(t.shapes, 1), envs)
    record[: stepper.number][ours] = 0.0
    pair[: stepper.number][ours, col.POINTS] = 0
    t.record.from_numpy(record)
    t.pair.from_numpy(pair)
