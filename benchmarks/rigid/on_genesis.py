"""Genesis, run by an interpreter that has it (`--genesis-python`): the same MJCF, its solver with the options of the file.

Integrator, cone, time step and impedance ratio are taken from the file; the solver is its Newton, f32, with its own default
tolerance and its MuJoCo compatibility on, without which it replaces stiffness and armature of the file by its own. Joints are
matched by name. Limits: actuators are motors or position servos on joints; what it cannot do (Runge-Kutta, tendons driven) is
refused with a reason. Iterations per environment are not reported by it.
"""

import os
from typing import Any

import numpy as np

from benchmarks.rigid.job import Job, Numbers
from benchmarks.rigid.worker import Refused, Round, serve, step_by_step


class Genesis:
    """See `worker.Engine`."""

    def __init__(self, job: Job, numbers: Numbers) -> None:
        os.environ.setdefault("QD_NUM_THREADS", str(job.threads))
        check(job)
        import genesis as gs

        gs.init(backend=gs.cpu if job.backend == "cpu" else gs.cuda, precision="32", logging_level="error")
        self._torch = __import__("torch")
        self._torch.set_num_threads(job.threads)
        self.scene = build_scene(gs, job)
        self.solver = self.scene.rigid_solver
        self._numbers = numbers
        self._q, self._v = orders(self.solver, job)
        self._force, self._position = driven(job, "motor"), driven(job, "position")
        self.facts: dict[str, Any] = {"version": gs.__version__, "options": job.options, "precision": "f32"}

    def restore(self) -> None:
        self.scene.reset()
        qpos, qvel = np.empty_like(self._numbers.qpos), np.empty_like(self._numbers.qvel)
        qpos[:, self._q], qvel[:, self._v] = self._numbers.qpos, self._numbers.qvel
        self.solver.set_qpos(self._tensor(qpos))
        self.solver.set_dofs_velocity(self._tensor(qvel))

    def run(self, job: Job, controls: np.ndarray) -> Round:
        def apply(control: np.ndarray) -> None:
            for actuators, dofs, gear, act in (
                (*self._force, self.solver.control_dofs_force),
                (*self._position, self.solver.control_dofs_position),
            ):
                if len(actuators):
                    act(self._tensor(control[:, actuators] * gear), dofs_idx=self._v[dofs].tolist())

        def step(count: int) -> None:
            for _ in range(count):
                self.scene.step(update_visualizer=False)
            if job.backend != "cpu":
                self._torch.cuda.synchronize()

        def sample(passed: Round) -> None:
            passed.sample(self.state()[0], None, float(np.mean(self.solver.collider.collider_state.n_contacts.to_numpy())))

        return step_by_step(job, controls, apply, step, sample)

    def state(self) -> tuple[np.ndarray, np.ndarray]:
        qpos, qvel = self.solver.get_qpos().cpu().numpy(), self.solver.get_dofs_velocity().cpu().numpy()
        return qpos[:, self._q], qvel[:, self._v]

    def _tensor(self, values: np.ndarray) -> Any:
        return self._torch.tensor(np.ascontiguousarray(values, np.float32), device="cpu")


def check(job: Job) -> None:
    """Refuse what Genesis has no counterpart for."""
    if "rk4" in job.options:
        raise Refused("Genesis has no Runge-Kutta integrator, which the file asks for")
    if any(kind == "other" for _, kind, _ in job.actuators):
        raise Refused("the file has actuators other than motors and position servos on joints")


def build_scene(gs: Any, job: Job) -> Any:
    """One scene with `job.envs` environments."""
    words = [word.strip() for word in job.options.split(",")]
    integrators = {"euler": gs.integrator.Euler, "implicitfast": gs.integrator.implicitfast}
    dt = next(float(word.removesuffix(" ms")) for word in words if word.endswith(" ms")) / 1e3
    impratio = next(float(word.removeprefix("impratio ")) for word in words if word.startswith("impratio "))
    scene = gs.Scene(
        sim_options=gs.options.SimOptions(dt=dt, substeps=1),
        rigid_options=gs.options.RigidOptions(
            dt=dt,
            integrator=next(integrators[word] for word in words if word in integrators),
            friction_cone=gs.friction_cone.elliptic if "elliptic" in words else gs.friction_cone.pyramidal,
            impratio=impratio,
            enable_mujoco_compatibility=True,
        ),
        show_viewer=False,
        show_FPS=False,
    )
    scene.add_entity(gs.morphs.MJCF(file=job.file, default_armature=None))
    scene.build(n_envs=job.envs)
    return scene


def orders(solver: Any, job: Job) -> tuple[np.ndarray, np.ndarray]:
    """Genesis' index of each of MuJoCo's qpos and dofs, by the names of the joints."""
    theirs: dict[str, Any] = {joint.name: joint for joint in solver.joints if joint.n_dofs}
    free = [joint for joint in solver.joints if joint.n_dofs == 6]
    q: list[int] = []
    v: list[int] = []
    unnamed = iter(free)
    for name, _, _ in job.joints:
        joint = theirs.get(name) or next(unnamed, None)
        if joint is None:
            raise Refused(f"the joint {name!r} is not in the scene that was built")
        q += range(joint.q_start, joint.q_end)
        v += range(joint.dof_start, joint.dof_end)
    return np.array(q, int), np.array(v, int)


def driven(job: Job, kind: str) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Actuators of a kind: their numbers, MuJoCo's dofs, gears."""
    dof = {name: start for name, _, start in job.joints}
    chosen = [number for number, actuator in enumerate(job.actuators) if actuator[1] == kind]
    dofs = [dof[job.actuators[number][0]] for number in chosen]
    return np.array(chosen, int), np.array(dofs, int), np.array([job.actuators[number][2] for number in chosen])


if __name__ == "__main__":
    serve(Genesis)
