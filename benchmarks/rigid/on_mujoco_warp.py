"""MuJoCo Warp: one step captured as a CUDA graph, as its own speed test does it; controls go up outside the timer.

Buffers for contacts and rows are twice what MuJoCo counts in the first states of the job, and the row says when they ran over.
Limits: on a CPU device (tests only) nothing is captured, and its figures mean nothing.
"""

from typing import Any

import mujoco
import mujoco_warp as warp_engine
import numpy as np
import warp

from benchmarks.rigid.job import SAMPLED_ENVS, Job, Numbers
from benchmarks.rigid.worker import Round, serve, step_by_step

LEAST_CONTACTS, LEAST_ROWS = 24, 64


class MuJoCoWarp:
    """See `worker.Engine`."""

    def __init__(self, job: Job, numbers: Numbers) -> None:
        warp.config.quiet = True
        model = mujoco.MjModel.from_xml_path(job.file)
        contacts, rows = capacity(model, numbers)
        self._numbers, self._contacts = numbers, contacts
        with warp.ScopedDevice("cpu" if job.backend == "cpu" else "cuda:0"):
            self.model = warp_engine.put_model(model)
            self.data = warp_engine.make_data(model, nworld=job.envs, nconmax=contacts, njmax=rows)
            self._graph = self._captured() if job.backend != "cpu" else None
        self.facts: dict[str, Any] = {
            "version": warp_engine.__version__, "options": job.options, "precision": "f32", "max_contacts": contacts,
            "max_rows": rows,
        }  # fmt: skip

    def restore(self) -> None:
        warp_engine.reset_data(self.model, self.data)
        self.data.qpos.assign(np.asarray(self._numbers.qpos, np.float32))
        self.data.qvel.assign(np.asarray(self._numbers.qvel, np.float32))

    def run(self, job: Job, controls: np.ndarray) -> Round:
        def apply(control: np.ndarray) -> None:
            if control.size:
                self.data.ctrl.assign(control)
            warp.synchronize()

        def step(count: int) -> None:
            for _ in range(count):
                if self._graph is None:
                    warp_engine.step(self.model, self.data)
                else:
                    warp.capture_launch(self._graph)
            warp.synchronize()

        def sample(passed: Round) -> None:
            contacts = float(self.data.nacon.numpy()[0]) / job.envs
            passed.sample(self.data.qpos.numpy(), self.data.solver_niter.numpy(), contacts)

        passed = step_by_step(job, controls, apply, step, sample)
        self.facts["ran_over"] = bool(max(passed.contacts, default=0.0) >= self._contacts)
        return passed

    def state(self) -> tuple[np.ndarray, np.ndarray]:
        return self.data.qpos.numpy(), self.data.qvel.numpy()

    def _captured(self) -> Any:
        warp_engine.step(self.model, self.data)  # compiles
        with warp.ScopedCapture() as capture:
            warp_engine.step(self.model, self.data)
        return capture.graph


def capacity(model: mujoco.MjModel, numbers: Numbers) -> tuple[int, int]:
    """Contacts and rows of one environment to make room for."""
    data, contacts, rows = mujoco.MjData(model), LEAST_CONTACTS, LEAST_ROWS
    for qpos in numbers.qpos[:SAMPLED_ENVS]:
        data.qpos[:] = qpos
        mujoco.mj_fwdPosition(model, data)
        contacts, rows = max(contacts, 2 * data.ncon), max(rows, 2 * data.nefc)
    return contacts, rows


if __name__ == "__main__":
    serve(MuJoCoWarp)
