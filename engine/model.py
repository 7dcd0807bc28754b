"""Model: everything about a scene that does not change during a run, checked on the host and frozen on the device.

`CompiledScene` is what `scene.compile` produces: numpy arrays by declared name, real ones with a leading dimension of variants
(1, or one per environment), so any real constant may differ per environment. `Model` lays them out for one runtime and number
of environments: header and integers `mi`, constants `mf` (R, one row or one per group), shared geometry `md`. Environments are
padded to whole groups by repeating the last one.
"""

import ctypes
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np

import engine.declarations  # noqa: F401  (declares the arrays)
from engine.arrays import TABLE, Placement, Store
from engine.compiled import CompiledScene
from engine.compiler import ti
from engine.errors import CapacityError, StateError
from engine.math.lanes import like
from engine.math.memory import MASK
from engine.runtime import Runtime


def lanes_first(values: np.ndarray, lanes: int, group_major: bool) -> np.ndarray:
    """[env, slot] -> memory order of the device: [group, slot, lane], [env, slot] or [slot, env]."""
    if lanes > 1:
        return np.ascontiguousarray(values.reshape(-1, lanes, values.shape[1]).transpose(0, 2, 1))
    return np.ascontiguousarray(values if group_major else values.T)


def env_rows(packed: np.ndarray, lanes: int, group_major: bool) -> np.ndarray:
    """The inverse of `lanes_first`: [env, slot]."""
    if lanes > 1:
        return packed.transpose(0, 2, 1).reshape(-1, packed.shape[1])
    return packed if group_major else packed.T


@ti.kernel
def clear_slots(
    # Workspace out:
    slots: ti.types.ndarray(ndim=2),
):
    """Set every slot to zero (the compiler's own `fill` compiles anew for every array)."""
    for i, j in slots:
        slots[i, j] = like(slots[i, j], 0)


def host_view(array, shape: tuple[int, ...], dtype: type) -> np.ndarray:
    """The memory of a compiler's array on the CPU back end as a numpy array, without a copy; it must not outlive the array.

    A kernel that copies costs 20 us a launch, and each such kernel 15 ms of every start.
    """
    address = ti.lang.impl.get_runtime().prog.get_ndarray_data_ptr_as_int(array.arr)
    size = int(np.prod(shape, dtype=np.int64)) * np.dtype(dtype).itemsize
    memory: Any = (ctypes.c_char * size).from_address(address)
    return np.frombuffer(memory, dtype).reshape(shape)


def lanes_view(array, lanes: int, dtype: type) -> np.ndarray:
    """The memory of a two-dimensional device array on a CPU, lanes last where there are any."""
    return host_view(array, (*array.shape, lanes) if lanes > 1 else tuple(array.shape), dtype)


@dataclass(frozen=True)
class Model:
    """Frozen device constants of one scene (or of one scene per environment).

    mi: i32 header, sizes, offsets and integers. mf: R constants, one row or one per group. md: shared reals. lanes is 1 for a
    single environment and on a GPU. placement knows where every array lies.
    """

    compiled: CompiledScene
    runtime: Runtime
    num_envs: int
    lanes: int
    group_major: bool
    placement: Placement
    mi: ti.Ndarray = field(repr=False)
    mf: ti.Ndarray = field(repr=False)
    md: ti.Ndarray = field(repr=False)

    @property
    def num_groups(self) -> int:
        """Groups of lanes; on a GPU the number of environments."""
        return -(-self.num_envs // self.lanes)

    def workspace(self) -> tuple[ti.Ndarray, ti.Ndarray]:
        """New zeroed `ws` (R) and `wi` (i32) arrays for this model."""
        slots, ints = max(self.placement.ends["ws"], 1), max(self.placement.ends["wi"], 1)
        order = (lambda a, b: (a, b)) if self.group_major else (lambda a, b: (b, a))
        if self.group_major and self.num_groups * max(slots, ints) > MASK:
            raise CapacityError(
                "Simulation",
                f"{self.num_groups} groups of environments with {max(slots, ints)} slots each",
                f"allowed: {MASK} slots in all",
                "use fewer environments or split the scene",
            )
        ws = ti.ndarray(self.runtime.real(self.lanes), order(self.num_groups, slots))
        wi = ti.ndarray(ti.i32, order(self.num_groups, ints))
        for array, lanes, dtype in ((ws, self.lanes, self.runtime.dtype), (wi, 1, np.int32)):
            if self.runtime.backend == "cpu":
                lanes_view(array, lanes, dtype)[...] = 0
            else:
                clear_slots(array)
        return ws, wi

    def pad(self, values: np.ndarray) -> np.ndarray:
        """[env, slot] -> [padded env, slot] by repeating the last environment."""
        missing = self.num_groups * self.lanes - len(values)
        return np.concatenate([values, np.repeat(values[-1:], missing, axis=0)]) if missing else values

    def redraw(self, envs: np.ndarray, reals: Mapping[str, np.ndarray], images: Sequence[np.ndarray] = ()) -> None:
        """Give some environments other real constants, one variant each, and the whole model other images. Everything that
        shares the constants sees them.
        """
        self.compiled.images[:] = images
        for name, values in reals.items():
            own = np.array(self.compiled.reals[name])
            own[envs] = values
            self.compiled.reals[name] = own
        device = lanes_view(self.mf, self.lanes, self.runtime.dtype) if self.runtime.backend == "cpu" else self.mf.to_numpy()
        rows = env_rows(np.array(device), self.lanes, self.group_major)[: self.num_envs]
        rows[envs, : self.placement.ends["mf"]] = self.placement.pack(Store.MODEL_REAL, reals, (len(envs),))
        _upload(self.mf, lanes_first(self.pad(rows), self.lanes, self.group_major), self.runtime)

    def with_capacity(self, max_contacts: int) -> "Model":
        """The same model with another number of contact slots per group; constants are shared, only the header differs."""
        return self.with_sizes(max_contacts=max_contacts)

    def with_sizes(self, ints: Mapping[str, np.ndarray] | None = None, **sizes: int) -> "Model":
        """The same model with other size words and more integer arrays. Real constants are shared, so no size may change that
        one of them has.
        """
        compiled = replace(self.compiled, ints={**self.compiled.ints, **(ints or {})})
        placement = TABLE.place({**self.placement.sizes, **sizes})
        return replace(self, compiled=compiled, placement=placement, mi=_upload_ints(compiled, placement, self.runtime))


def build(compiled: CompiledScene, runtime: Runtime, num_envs: int, max_contacts: int, group_major: bool) -> Model:
    """Lay a compiled scene out on the device for `num_envs` environments; raises StateError on a wrong number of variants."""
    if compiled.variants not in (1, num_envs):
        raise StateError(
            "Simulation",
            f"{compiled.variants} scenes for {num_envs} environments",
            "one scene, or one per environment",
            "match them",
        )
    lanes = runtime.lanes if num_envs > 1 else 1
    without = (Store.SCRATCH,) if compiled.sizes.get("solver") else ()  # of the Newton road, whose Hessian is dense
    placement = TABLE.place({**compiled.sizes, "max_contacts": max_contacts, "num_envs": num_envs}, without)
    rows = placement.pack(Store.MODEL_REAL, compiled.reals, (compiled.variants,))
    rows = np.repeat(rows, lanes, axis=0) if compiled.variants == 1 else rows
    padded = -(-len(rows) // lanes) * lanes
    rows = np.concatenate([rows, np.repeat(rows[-1:], padded - len(rows), axis=0)]).astype(runtime.dtype)
    packed = lanes_first(rows if rows.shape[1] else np.zeros((padded, 1), runtime.dtype), lanes, group_major)
    mf = ti.ndarray(runtime.real(lanes), packed.shape[:2])
    _upload(mf, packed, runtime)
    return Model(
        compiled,
        runtime,
        num_envs,
        lanes,
        group_major,
        placement,
        _upload_ints(compiled, placement, runtime),
        mf,
        _upload_data(compiled, placement, runtime),
    )


def _upload(array: ti.Ndarray, values: np.ndarray, runtime: Runtime) -> None:
    """Fill a device array; `values` has its shape, with the lanes last."""
    if runtime.backend == "cpu":
        host_view(array, values.shape, values.dtype.type)[...] = values
    else:
        array.from_numpy(values)


def _upload_ints(compiled: CompiledScene, placement: Placement, runtime: Runtime) -> ti.Ndarray:
    flat = placement.pack(Store.MODEL_INT, compiled.ints).astype(np.int32)
    header = placement.header()
    flat[: len(header)] = header
    mi = ti.ndarray(ti.i32, len(flat))
    _upload(mi, flat, runtime)
    return mi


def _upload_data(compiled: CompiledScene, placement: Placement, runtime: Runtime) -> ti.Ndarray:
    flat = placement.pack(Store.MODEL_DATA, compiled.data)
    flat = np.ascontiguousarray(flat if len(flat) else np.zeros(1), runtime.dtype)
    md = ti.ndarray(runtime.scalar, len(flat))
    _upload(md, flat, runtime)
    return md


def real(compiled: CompiledScene, name: str) -> np.ndarray:
    """A real constant `(variants, *shape)`, zeros when the scene did not set it."""
    shape = (compiled.variants, *TABLE.shape(name, {"max_contacts": 0, "num_envs": 0, **compiled.sizes}))
    return np.broadcast_to(np.asarray(compiled.reals.get(name, 0.0), float), shape)


__all__ = ["CompiledScene", "Model", "build", "env_rows", "lanes_first", "real"]
