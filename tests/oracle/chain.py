"""A MuJoCo model on the whole extended chain of stages, with values in and out by declared name."""

import numpy as np

from engine import advance, runtime
from engine.declarations import FAR
from engine.model import build
from engine.state import Workspace
from tests.oracle.from_mujoco import convert

INTEGRATORS = {"discrete": 0, "Euler": 1, "RK4": 2, "implicitfast": 3, "implicit": 4}


class Chain:
    """One model for `num_envs` environments. Values are `(num_envs, *shape)`."""

    def __init__(self, m, integrator: str = "Euler", num_envs: int = 1, max_contacts: int = 64, **extra: np.ndarray):
        self.compiled = convert(m, INTEGRATORS[integrator], **extra)
        here = runtime.current()
        group_major = here.backend == "cpu" and here.lanes > 1
        self.workspace = Workspace(build(self.compiled, here, num_envs, max_contacts, group_major))
        self.set(qpos=m.qpos0, contact_distance=FAR)
        if m.nmocap:
            self.set(kinematic_rotation=np.array([1.0, 0, 0, 0]))

    def set(self, **values) -> None:
        """Write arrays; a value without the environment axis goes to all."""
        for name, value in values.items():
            self.workspace.write(name, np.asarray(value, float))

    def get(self, name: str) -> np.ndarray:
        """Read an array."""
        return self.workspace.read(name)

    def step(self, substeps: int = 1) -> None:
        """Whole substeps."""
        need = advance.run(self.workspace, substeps, first=True)
        assert need == 0, f"{need} contact slots wanted"
