"""An MJCF text or file in MuJoCo and, through the importer, in the whole engine, in the same random state."""

from pathlib import Path

import mujoco
import numpy as np

import engine
from engine.simulation import Simulation

INTEGRATORS = {"Euler": "euler", "RK4": "rk4", "implicit": "implicit_velocity", "implicitfast": "implicitfast"}


class Pair:
    """Both engines; `differences` after some steps."""

    def __init__(self, source: str | Path, folder: Path, integrator: str | None = None, seed: int = 0, num_envs: int = 1):
        path = Path(source) if not str(source).lstrip().startswith("<") else folder / "model.xml"
        if path.parent == folder:
            path.write_text(str(source))
        scene = engine.load(path, strict=False)
        scene.options.disable = tuple({*scene.options.disable, "contact"})
        scene.options.tolerance, scene.options.max_iterations = 1e-15, 200
        self.m = mujoco.MjModel.from_xml_path(str(path))
        self.m.opt.disableflags |= int(mujoco.mjtDisableBit.mjDSBL_CONTACT)
        self.m.opt.tolerance, self.m.opt.iterations, self.m.opt.ls_tolerance = 1e-15, 200, 1e-4
        self.m.opt.solver = mujoco.mjtSolver.mjSOL_NEWTON
        self.m.opt.noslip_iterations = 0
        if integrator is not None:
            self.m.opt.integrator = getattr(mujoco.mjtIntegrator, f"mjINT_{integrator.upper()}")
            scene.options.integrator = INTEGRATORS[integrator]
        self.sim = Simulation(scene, num_envs)
        self.d = mujoco.MjData(self.m)
        self.start(seed)

    def start(self, seed: int) -> None:
        """A random state near the initial one, with random controls and activations."""
        rng, m, d = np.random.default_rng(seed), self.m, self.d
        mujoco.mj_resetData(m, d)
        d.qpos += rng.normal(size=m.nq) * 0.1
        d.qvel[:], d.ctrl[:] = rng.normal(size=m.nv) * 0.5, rng.normal(size=m.nu) * 0.5
        mujoco.mj_normalizeQuat(m, d.qpos)
        d.act[:] = rng.uniform(0, 1, m.na)
        self.sim.state.qpos, self.sim.state.qvel = d.qpos, d.qvel
        self.sim.state.activation = d.act
        self.sim.control.actuator[:] = d.ctrl

    def step(self, substeps: int = 1) -> None:
        """Both engines take substeps."""
        self.sim.step(substeps)
        for _ in range(substeps):
            mujoco.mj_step(self.m, self.d)

    def differences(self) -> dict[str, float]:
        """Largest difference of coordinates, velocities and activations."""
        theirs = {"qpos": self.d.qpos, "qvel": self.d.qvel, "activation": self.d.act}
        return {name: float(np.abs(self.sim.read(name)[0] - value).max(initial=0.0)) for name, value in theirs.items()}
