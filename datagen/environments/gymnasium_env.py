"""`WorldEnv` and `WorldVectorEnv`: any spec with controls and a task as an environment of Gymnasium (the extra `gym`).

    env = WorldEnv("scenes/balance.yaml")
    envs = WorldVectorEnv("scenes/balance.yaml", num_envs=64)

Actions are in [-1, 1], observations as `datagen.environments.world` says. The vector environment steps one simulation and
resets an environment in the step in which its episode ends (AutoresetMode.SAME_STEP); what ended is in infos["final_obs"].
Reference: Towers et al. (2024), Gymnasium. Limits: no pictures as observations.
"""

from pathlib import Path
from typing import Any

import numpy as np

import engine
from datagen import assets
from datagen.environments.world import World
from datagen.spec import DatasetSpec, load_spec

try:
    import gymnasium
    from gymnasium.vector import AutoresetMode
except ImportError as error:
    raise ImportError("environments need Gymnasium; install it with `pip install worldsmith[gym]`") from error


def _document(spec: DatasetSpec | str | Path) -> DatasetSpec:
    return spec if isinstance(spec, DatasetSpec) else load_spec(assets.scene_path(spec))


def _spaces(world: World) -> tuple[gymnasium.spaces.Box, gymnasium.spaces.Box]:
    width = world.observe().shape[1]
    seen = gymnasium.spaces.Box(-np.inf, np.inf, (width,), np.float32)
    return seen, gymnasium.spaces.Box(-1.0, 1.0, (world.width,), np.float32)


class WorldEnv(gymnasium.Env):
    """One environment. spec: a document, a file or the name of a scene."""

    metadata: dict[str, Any] = {"render_modes": []}

    def __init__(self, spec: DatasetSpec | str | Path, seed: int = 0):
        engine.init(backend="cpu", precision="f32", threads=1)
        self.world = World(_document(spec), 1, seed)
        self.observation_space, self.action_space = _spaces(self.world)
        self.render_mode = None

    def reset(self, *, seed: int | None = None, options: dict[str, Any] | None = None) -> tuple[np.ndarray, dict[str, Any]]:
        """A new episode: the first draw of `seed`, or the next one."""
        super().reset(seed=seed)
        self.world.reset(np.array([0]), [seed])
        return self.world.observe()[0], {}

    def step(self, action: np.ndarray) -> tuple[np.ndarray, float, bool, bool, dict[str, Any]]:
        """One frame."""
        reward, terminated, truncated, told = self.world.step(np.asarray(action)[None])
        info = {name: values[0].item() for name, values in told.items()}
        return self.world.observe()[0], float(reward[0]), bool(terminated[0]), bool(truncated[0]), info


class WorldVectorEnv(gymnasium.vector.VectorEnv):
    """num_envs environments in one simulation, environment k beginning with draw k of the seed."""

    metadata: dict[str, Any] = {"render_modes": [], "autoreset_mode": AutoresetMode.SAME_STEP}

    def __init__(self, spec: DatasetSpec | str | Path, num_envs: int, seed: int = 0, threads: int | None = None):
        engine.init(backend="cpu", precision="f32", threads=threads or 1)
        self.world, self.num_envs = World(_document(spec), num_envs, seed), num_envs
        self.single_observation_space, self.single_action_space = _spaces(self.world)
        self.observation_space = gymnasium.vector.utils.batch_space(self.single_observation_space, num_envs)
        self.action_space = gymnasium.vector.utils.batch_space(self.single_action_space, num_envs)
        self.render_mode = None

    def reset(
        self, *, seed: int | list[int | None] | None = None, options: dict[str, Any] | None = None
    ) -> tuple[Any, dict[str, Any]]:
        """New episodes everywhere; of a number, environment k takes seed + k."""
        seeds = [seed + k for k in range(self.num_envs)] if isinstance(seed, int) else seed
        self.world.reset(np.arange(self.num_envs), seeds)
        return self.world.observe(), {}

    def step(self, actions: np.ndarray) -> tuple[Any, np.ndarray, np.ndarray, np.ndarray, dict[str, Any]]:
        """One frame of all."""
        reward, terminated, truncated, told = self.world.step(actions)
        seen, infos = self.world.observe(), dict[str, Any](told)
        ended = np.flatnonzero(terminated | truncated)
        if len(ended):
            last = np.full(self.num_envs, None, object)
            for env in ended:
                last[env] = seen[env]
            infos["final_obs"], infos["_final_obs"] = last, terminated | truncated
            infos["final_info"] = {name: np.array(values) for name, values in told.items()}
            self.world.reset(ended)
            seen = self.world.observe()
        return seen, reward, terminated, truncated, infos
