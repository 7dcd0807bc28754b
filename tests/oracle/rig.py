"""A small harness: a model on the device with its workspace, values by declared name, and launches of the plain stages."""

import numpy as np

from engine import runtime
from engine.arrays import TABLE, Store
from engine.compiled import CompiledScene
from engine.compiler import ti
from engine.declarations import FAR
from engine.math.memory import LAYOUT
from engine.model import build, env_rows, lanes_first
from engine.solvers.rigid.kinematics import update_kinematics
from engine.solvers.rigid.step import advance, prepare
from tests.oracle.plane_contacts import detect_planes

KINEMATICS, DETECT, PREPARE, ADVANCE = 1, 2, 4, 8


def stages_kernel(extended: int):
    """The kernel that runs chosen stages, plain or extended."""

    @ti.kernel
    def run_stages(
        # Model:
        mi: ti.types.ndarray(),
        mf: ti.types.ndarray(ndim=2),
        md: ti.types.ndarray(),
        # Workspace in, out:
        ws: ti.types.ndarray(ndim=2),
        wi: ti.types.ndarray(ndim=2),
        # Parameters:
        groups: ti.i32,
        substeps: ti.i32,
        stages: ti.i32,
    ):
        for g in range(groups):
            for _ in range(substeps):
                if stages & KINEMATICS:
                    update_kinematics(mi, mf, md, ws, wi, g)
                if stages & DETECT:
                    detect_planes(mi, mf, md, ws, wi, g)
                if stages & PREPARE:
                    prepare(mi, mf, md, ws, wi, g, extended)
                if stages & ADVANCE:
                    advance(mi, mf, md, ws, wi, g, extended)

    return run_stages


PLAIN, EXTENDED = stages_kernel(0), stages_kernel(1)


class Rig:
    """One model for `num_envs` environments. Values are `(num_envs, *shape)` by declared name."""

    def __init__(self, compiled: CompiledScene, num_envs: int = 1, max_contacts: int = 64, extended: bool = False):
        self.model = build(compiled, runtime.current(), num_envs, max_contacts, LAYOUT.group_major)
        self.num_envs = num_envs
        self.launch = EXTENDED if extended else PLAIN
        self.ws, self.wi = self.model.workspace()
        self.set(
            **{
                name: compiled.reals[f"{name}_initial"]
                for name in ("qpos", "qvel", "equality_active")
                if f"{name}_initial" in compiled.reals
            }
        )
        self.set(contact_distance=FAR)
        if compiled.sizes["num_kinematic"]:
            self.set(kinematic_rotation=np.array([1.0, 0, 0, 0]))

    def _place(self, name: str) -> tuple[slice, tuple[int, ...]]:
        return self.model.placement.span(name), self.model.placement.shapes[name]

    def set(self, **values) -> None:
        """Write arrays of the workspace; a value without the environment axis goes to all."""
        rows = env_rows(self.ws.to_numpy(), self.model.lanes, self.model.group_major).copy()
        for name, value in values.items():
            span, shape = self._place(name)
            full = np.broadcast_to(np.asarray(value, float), (self.num_envs, *shape)).reshape(self.num_envs, -1)
            rows[:, span] = self.model.pad(full)
        self.ws.from_numpy(np.ascontiguousarray(lanes_first(rows, self.model.lanes, self.model.group_major)))

    def get(self, name: str) -> np.ndarray:
        """Read an array of the workspace `(num_envs, *shape)`."""
        span, shape = self._place(name)
        if TABLE.arrays[name].store is Store.WORK_INT:
            ints = self.wi.to_numpy()
            return (ints if self.model.group_major else ints.T)[:, span].reshape(-1, *shape)
        rows = env_rows(self.ws.to_numpy(), self.model.lanes, self.model.group_major)
        return rows[: self.num_envs, span].reshape(self.num_envs, *shape)

    def inject(self, slots: list[list[dict]]) -> list[list[int]]:
        """Fill the contact slots from one list per environment; a slot of a group is a (pair, point) that any of its lanes has.

        Returns, for each environment, the slot of each of its contacts.
        """
        model, lanes = self.model, self.model.lanes
        capacity = model.placement.sizes["max_contacts"]
        position = np.zeros((self.num_envs, capacity, 3))
        normal = np.tile([0.0, 0.0, 1.0], (self.num_envs, capacity, 1))
        distance = np.full((self.num_envs, capacity), FAR)
        ints = self.wi.to_numpy() if model.group_major else self.wi.to_numpy().T.copy()
        found: list[list[int]] = []
        for g in range(model.num_groups):
            envs = range(g * lanes, min((g + 1) * lanes, self.num_envs))
            keyed = {e: number_points(slots[e]) for e in envs}
            keys = sorted(set().union(*(keyed[e] for e in envs)))
            for c, key in enumerate(keys):
                (
                    ints[g, model.placement.span("contact_pair").start + c],
                    ints[g, model.placement.span("contact_index").start + c],
                ) = key
                for e in envs:
                    if key in keyed[e]:
                        slot = keyed[e][key]
                        position[e, c], normal[e, c], distance[e, c] = slot["position"], slot["normal"], slot["distance"]
            ints[g, model.placement.span("num_contacts").start] = len(keys)
            found += [[keys.index(key) for key in keyed[e]] for e in envs]
        self.wi.from_numpy(np.ascontiguousarray(ints if model.group_major else ints.T))
        self.set(contact_position=position, contact_normal=normal, contact_distance=distance)
        return found

    def run(self, stages: int = KINEMATICS | PREPARE | ADVANCE, substeps: int = 1) -> None:
        """Launch the chosen stages; contacts are those injected unless DETECT is among them."""
        model = self.model
        self.launch(model.mi, model.mf, model.md, self.ws, self.wi, model.num_groups, substeps, stages)

    def step(self, substeps: int = 1) -> None:
        """Whole substeps with plane contacts."""
        self.run(KINEMATICS | DETECT | PREPARE | ADVANCE, substeps)


def number_points(slots: list[dict]) -> dict[tuple[int, int], dict]:
    """(pair, number of the point within the pair) -> slot."""
    keyed: dict[tuple[int, int], dict] = {}
    for slot in slots:
        k = 0
        while (slot["pair"], k) in keyed:
            k += 1
        keyed[(slot["pair"], k)] = slot
    return keyed
