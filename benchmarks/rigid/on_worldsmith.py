"""This project's engine, by `Simulation.rollout`: the sequence of controls in one call; sampled are its own iterations.

A file that it cannot take over whole is loaded without the parts that it lacks, and the row lists them as deviations: such a
figure is no answer to the question. Limits: f32, its default.
"""

from typing import Any

import numpy as np

import engine
from benchmarks.rigid.job import Job, Numbers
from benchmarks.rigid.worker import Refused, Round, serve
from engine import runtime

# An entry of an import report with one of these words is about pictures or editors, not about motion.
LOOKS = (
    "<custom>",
    "<texture>",
    "<material>",
    "<camera>",
    "<light>",
    "<visual>",
    "<statistic>",
    "<size>",
    "attribute user",
    "rgba",
)


class Worldsmith:
    """See `worker.Engine`."""

    def __init__(self, job: Job, numbers: Numbers) -> None:
        started = engine.init(job.backend, threads=job.threads)
        scene, deviations = load(job.file)
        self.simulation = engine.Simulation(scene, job.envs)
        self._numbers = numbers
        shapes = (self.simulation.state.qpos.shape, self.simulation.control.actuator.shape)
        wanted = (numbers.qpos.shape, (job.envs, numbers.controls.shape[2]))
        if shapes != wanted:
            raise Refused(f"coordinates and controls {shapes} instead of {wanted}: parts of the model are left out")
        model = self.simulation.model
        self.facts: dict[str, Any] = {
            "version": engine.__version__, "options": options_in_words(self.simulation), "precision": started.precision,
            "lanes": model.lanes, "deviations": deviations,
        }  # fmt: skip

    def restore(self) -> None:
        self.simulation.reset()
        self.simulation.state.qpos = self._numbers.qpos
        self.simulation.state.qvel = self._numbers.qvel
        self.simulation.state.flush()

    def run(self, job: Job, controls: np.ndarray) -> Round:
        simulation, passed, begun = self.simulation, Round(), 0
        for block in (
            *job.sampled(),
            len(controls) - 1,
        ):  # the sequence in one call from sample to sample, as MuJoCo has it in one
            part = controls[begun : block + 1]
            if len(part):
                with passed:
                    simulation.rollout(part, substeps=job.hold)
            begun = block + 1
            if block in job.sampled():
                passed.sample(simulation.state.qpos, simulation.state.solver_iterations, len(simulation.contacts()) / job.envs)
        return passed

    def state(self) -> tuple[np.ndarray, np.ndarray]:
        qpos, qvel = np.array(self.simulation.state.qpos), np.array(self.simulation.state.qvel)
        qpos[self.simulation.faults != 0] = np.nan
        return qpos, qvel

    def stages(self, job: Job, controls: np.ndarray) -> dict[str, Any]:
        """Nanoseconds of each stage per step of one environment."""
        from benchmarks.rigid.stages import profile

        self.restore()
        return {"stages_ns": profile(self.simulation, controls)}

    def close(self) -> None:
        """Write the kernel cache, so that the next process starts warm."""
        runtime.forget()


def load(file: str) -> tuple[Any, list[str]]:
    """The scene, and what of the file it lacks."""
    try:
        scene = engine.load(file)
    except engine.ImportFileError:
        scene = engine.load(file, strict=False)
    report = [str(line) for line in scene.import_report]
    return scene, [line for line in report if not any(word in line for word in LOOKS)]


def options_in_words(simulation: Any) -> str:
    """Integrator, cone and time step as the compiled scene has them."""
    sizes = simulation.compiled.sizes
    integrator = ("implicit", "euler", "implicitfast", "rk4")[sizes["integrator"]]
    cone = ("elliptic", "pyramidal")[sizes.get("cone", 0)]
    model = ("exact", "mujoco")[sizes["contact_model"]]
    return f"newton, {cone}, {integrator}, {1e3 * simulation.timestep:g} ms, contact {model}"


if __name__ == "__main__":
    serve(Worldsmith)
