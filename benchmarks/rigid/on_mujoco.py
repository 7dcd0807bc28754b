"""MuJoCo's C code: `mujoco.rollout` with a thread per core, the whole sequence of controls in one call.

Of the two batched roads of the wheel this is the faster: `mujoco.batch.Batch.step`, one call per control, made 0.7-0.8 of it at
64 humanoids and as much at 1,024 (MuJoCo 4.0.0, two cores). A rollout stops an environment whose warning counters rise and
repeats its last state, so one whose clock stands still counts as bad. Limits: iterations are those of the island that needed
most, from a second run of the same controls that is not timed.
"""

from typing import Any

import mujoco
import numpy as np
from mujoco import batch, rollout

from benchmarks.rigid.job import SAMPLED_ENVS, Job, Numbers
from benchmarks.rigid.worker import Round, serve

FULL = mujoco.mjtState.mjSTATE_FULLPHYSICS


class MuJoCo:
    """See `worker.Engine`."""

    def __init__(self, job: Job, numbers: Numbers) -> None:
        self.model = mujoco.MjModel.from_xml_path(job.file)
        self.facts: dict[str, Any] = {"version": mujoco.__version__, "options": job.options, "precision": "f64"}
        threads = min(job.threads, job.envs)
        self._data = [mujoco.MjData(self.model) for _ in range(threads)]
        self._pool = rollout.Rollout(nthread=threads if threads > 1 else 0)
        self._first = initial_states(self.model, numbers)
        self._last = self._first
        self._stopped = np.zeros(job.envs, bool)

    def restore(self) -> None:
        self._last = self._first

    def run(self, job: Job, controls: np.ndarray) -> Round:
        sequence = np.ascontiguousarray(np.repeat(controls, job.hold, axis=0).transpose(1, 0, 2), float)
        states = np.empty((job.envs, job.steps, self._first.shape[1]))
        passed = Round()
        with passed:
            self._pool.rollout(self.model, self._data, self._first, sequence, state=states)
        self._last = states[:, -1]
        self._stopped = states[:, -1, 0] < (job.steps - 0.5) * self.model.opt.timestep
        for block in job.sampled():
            passed.sample(states[:, (block + 1) * job.hold - 1, 1 : 1 + self.model.nq])
        return passed

    def state(self) -> tuple[np.ndarray, np.ndarray]:
        nq, nv = self.model.nq, self.model.nv
        qpos = self._last[:, 1 : 1 + nq].copy()
        qpos[self._stopped[: len(qpos)]] = np.nan
        return qpos, self._last[:, 1 + nq : 1 + nq + nv]

    def count_iterations(self, job: Job, controls: np.ndarray) -> np.ndarray:
        """Iterations of every step of some environments, the island that needed most."""
        count = min(job.envs, SAMPLED_ENVS)
        runs = batch.Batch(self.model, nsim=count, nthread=job.threads)
        runs.bind("qpos")[:] = self._first[:count, 1 : 1 + self.model.nq]
        runs.bind("qvel")[:] = self._first[:count, 1 + self.model.nq : 1 + self.model.nq + self.model.nv]
        sequence = np.repeat(controls[:, :count], job.hold, axis=0).transpose(1, 0, 2)
        return runs.rollout(job.steps, sequence, record=("solver_niter",))["solver_niter"].max(-1).ravel()


def initial_states(model: mujoco.MjModel, numbers: Numbers) -> np.ndarray:
    """Full physics states (envs, n): time zero, the job's qpos and qvel, all else as after a reset."""
    data, states = mujoco.MjData(model), np.empty((len(numbers.qpos), mujoco.mj_stateSize(model, FULL)))
    for env, row in enumerate(states):
        data.qpos[:], data.qvel[:] = numbers.qpos[env], numbers.qvel[env]
        mujoco.mj_getState(model, data, row, FULL)
    return states


if __name__ == "__main__":
    serve(MuJoCo)
