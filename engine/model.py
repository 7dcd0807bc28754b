"""Model: everything about a scene that does not change during a run, checked on the host and frozen on the device.

`CompiledScene` is what `scene.compile` produces: numpy arrays by declared name, real ones with a leading dimension of variants
(1, or one per environment), so any real constant may differ per environment. `Model` lays them out for one runtime and number
of environments: header and integers `mi`, constants `mf` (R, one row or one per group), shared geometry `md`. Environments are
padded to whole groups by repeating the last one.
"""

from dataclasses import dataclass, field, replace

import numpy as np

import engine.declarations  # noqa: F401  (declares the arrays)
from engine.arrays import TABLE, Placement, Store
from engine.compiled import CompiledScene
from engine.compiler import ti
from engine.errors import StateError
from engine.math.lanes import like
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
        ws = ti.ndarray(self.runtime.real(self.lanes), order(self.num_groups, slots))
        wi = ti.ndarray(ti.i32, order(self.num_groups, ints))
        clear_slots(ws)
        clear_slots(wi)
        return ws, wi

    def pad(self, values: np.ndarray) -> np.ndarray:
        """[env, slot] -> [padded env, slot] by repeating the last environment."""
        missing = self.num_groups * self.lanes - len(values)
        return np.concatenate([values, np.repeat(values[-1:], missing, axis=0)]) if missing else values

    def with_capacity(self, max_contacts: int) -> "Model":
        """The same model with another number of contact slots per group; constants are shared, only the header differs."""
        placement = TABLE.place({**self.placement.sizes, "max_contacts": max_contacts})
        return replace(self, placement=placement, mi=_upload_ints(self.compiled, placement))


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
    mf.from_numpy(packed)
    return Model(
        compiled,
        runtime,
        num_envs,
        lanes,
        group_major,
        placement,
        _upload_ints(compiled, placement),
        mf,
        _upload_data(compiled, placement, runtime),
    )


def _upload_ints(compiled: CompiledScene, placement: Placement) -> ti.Ndarray:
    flat = placement.pack(Store.MODEL_INT, compiled.ints).astype(np.int32)
    header = placement.header()
    flat[: len(header)] = header
    mi = ti.ndarray(ti.i32, len(flat))
    mi.from_numpy(flat)
    return mi


def _upload_data(compiled: CompiledScene, placement: Placement, runtime: Runtime) -> ti.Ndarray:
    flat = placement.pack(Store.MODEL_DATA, compiled.data)
    flat = np.ascontiguousarray(flat if len(flat) else np.zeros(1), runtime.dtype)
    md = ti.ndarray(runtime.scalar, len(flat))
    md.from_numpy(flat)
    return md


def real(compiled: CompiledScene, name: str) -> np.ndarray:
    """A real constant `(variants, *shape)`, zeros when the scene did not set it."""
    shape = (compiled.variants, *TABLE.shape(name, {"max_contacts": 0, "num_envs": 0, **compiled.sizes}))
    return np.broadcast_to(np.asarray(compiled.reals.get(name, 0.0), float), shape)


__all__ = ["CompiledScene", "Model", "build", "env_rows", "lanes_first", "real"]
