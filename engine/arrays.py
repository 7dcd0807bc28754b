"""Declare an array once: name, store, shape words, unit, doc. Offsets, host views, snapshots, documentation and checks follow.

Kernels get few arrays (a launch costs 3.4 us per array) and never recompile for a new scene, size or number of environments,
because every size and offset is a number in the header of the integer model array:

    mi[N.num_bodies]              a size of this model
    mi[AT.body_mass] + b          the slot of element b of the array `body_mass` in its store
    ldm(mf, g, mi[AT.body_mass] + b), ld(ws, g, mi[AT.qpos] + k)

Stores: `mi` integers and `md` reals shared by all environments, `mf` reals that may differ per environment (R), `ws` reals per
environment (R: state, control, result, scratch, in that order), `wi` integers per group of environments.
Limits: at most MAX_SIZES sizes and MAX_ARRAYS arrays; declarations are made at import, in one order, before the first model.
"""

import enum
import math
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from types import SimpleNamespace

import numpy as np

MAX_SIZES, MAX_ARRAYS = 96, 480
HEADER = MAX_SIZES + MAX_ARRAYS


class Store(enum.Enum):
    """Which device array holds a declared array, and what it is for."""

    MODEL_INT = "mi"
    MODEL_REAL = "mf"
    MODEL_DATA = "md"
    STATE = "ws:state"  # survives a step; all of it is the snapshot
    CONTROL = "ws:control"  # written by the host before a step
    RESULT = "ws:result"  # written by a step for the host to read
    SCRATCH = "ws:scratch"
    WORK_INT = "wi"


WORKSPACE = (Store.STATE, Store.CONTROL, Store.RESULT, Store.SCRATCH)


@dataclass(frozen=True)
class Array:
    """One declared array. `shape` mixes numbers and size words; `unit` is SI, empty for none."""

    name: str
    store: Store
    shape: tuple[str | int, ...]
    unit: str
    doc: str


class Table:
    """All declared sizes and arrays of the process, in order of declaration."""

    def __init__(self) -> None:
        self.sizes: dict[str, str] = {}
        self.arrays: dict[str, Array] = {}
        self.size_index = SimpleNamespace()
        self.array_index = SimpleNamespace()

    def size(self, name: str, doc: str) -> None:
        """Declare a size word; kernels read it as `mi[N.<name>]`."""
        if name in self.sizes or len(self.sizes) >= MAX_SIZES:
            raise ValueError(f"size {name!r} is declared twice or there are more than {MAX_SIZES}")
        setattr(self.size_index, name, len(self.sizes))
        self.sizes[name] = doc

    def array(self, name: str, store: Store, shape: Iterable[str | int], unit: str, doc: str) -> None:
        """Declare an array; kernels find its first slot at `mi[AT.<name>]`."""
        if name in self.arrays or len(self.arrays) >= MAX_ARRAYS:
            raise ValueError(f"array {name!r} is declared twice or there are more than {MAX_ARRAYS}")
        unknown = [word for word in shape if isinstance(word, str) and word not in self.sizes]
        if unknown:
            raise ValueError(f"array {name!r} uses undeclared sizes {unknown}")
        setattr(self.array_index, name, MAX_SIZES + len(self.arrays))
        self.arrays[name] = Array(name, store, tuple(shape), unit, doc)

    def shape(self, name: str, sizes: Mapping[str, int]) -> tuple[int, ...]:
        """The numeric shape of one environment's array; a size that a model does not set is 0."""
        return tuple(sizes.get(word, 0) if isinstance(word, str) else word for word in self.arrays[name].shape)

    def place(self, sizes: Mapping[str, int], without: Iterable[Store] = ()) -> "Placement":
        """Assign an offset to every array for these sizes; arrays of the stores in `without` get no room."""
        offsets: dict[str, int] = {}
        empty = set(without)
        shapes = {name: (0,) if array.store in empty else self.shape(name, sizes) for name, array in self.arrays.items()}
        ends = {Store.MODEL_INT.value: HEADER, "mf": 0, "md": 0, "ws": 0, "wi": 0}
        bounds: dict[Store, tuple[int, int]] = {}
        for store in Store:
            target = store.value.split(":")[0]
            begin = ends[target]
            for array in self.arrays.values():
                if array.store is store:
                    offsets[array.name] = ends[target]
                    ends[target] += int(np.prod(shapes[array.name], dtype=np.int64))
            bounds[store] = (begin, ends[target])
        return Placement(self, dict(sizes), offsets, shapes, ends, bounds)


@dataclass(frozen=True)
class Placement:
    """Offsets, shapes and store sizes of one model."""

    table: Table
    sizes: dict[str, int]
    offsets: dict[str, int]
    shapes: dict[str, tuple[int, ...]]
    ends: dict[str, int]  # used length of each device array
    bounds: dict[Store, tuple[int, int]]

    def span(self, name: str) -> slice:
        """The slots of an array in its store."""
        start = self.offsets[name]
        return slice(start, start + math.prod(self.shapes[name]))

    def header(self) -> np.ndarray:
        """The first HEADER integers of `mi`: sizes, then offsets."""
        header = np.zeros(HEADER, np.int32)
        for name in self.table.sizes:
            header[getattr(self.table.size_index, name)] = self.sizes.get(name, 0)
        for name, offset in self.offsets.items():
            header[getattr(self.table.array_index, name)] = offset
        return header

    def pack(self, store: Store, values: Mapping[str, np.ndarray], leading: tuple[int, ...] = ()) -> np.ndarray:
        """Lay the named values of one store into a flat float64/int64 array `(*leading, length)`; missing arrays stay zero."""
        target = store.value.split(":")[0]
        flat = np.zeros((*leading, self.ends[target]), np.int64 if target in ("mi", "wi") else np.float64)
        for name, value in values.items():
            if self.table.arrays[name].store is not store:
                raise ValueError(f"array {name!r} belongs to {self.table.arrays[name].store}, not to {store}")
            shape = (*leading, *self.shapes[name])
            flat[..., self.span(name)] = np.broadcast_to(value, shape).reshape(*leading, -1)
        return flat


TABLE = Table()
N = TABLE.size_index
AT = TABLE.array_index
