"""Proximal policy optimisation (Schulman et al. 2017) of Stable-Baselines3 on the environments of a spec, with its curve.

    python -m benchmarks.learning.ppo balance --steps 300000 --out benchmarks/results/ppo-balance.csv

The learner is the library's, untouched; this file adapts `WorldVectorEnv` to its vector interface and writes the curve: for
every rollout the steps, the processor seconds since the start (learner and simulation), the mean return and the share of
successes of the last 100 episodes. At the end the greedy policy plays new draws. Needs the extra `learn`.
Limits: one process, one thread of the engine, torch on one thread.
"""

import argparse
import csv
import time
from collections import deque
from pathlib import Path
from typing import Any

import numpy as np

try:
    import torch
    from stable_baselines3 import PPO
    from stable_baselines3.common.callbacks import BaseCallback
    from stable_baselines3.common.vec_env import VecEnv, VecMonitor
except ImportError as error:
    raise ImportError("learning needs Stable-Baselines3; install it with `pip install worldsmith[learn]`") from error

from datagen.environments.gymnasium_env import WorldVectorEnv

EPISODES = 64  # new draws that the trained policy plays
COLUMNS = ("steps", "cpu_s", "return", "success", "length")


class SpecVecEnv(VecEnv):
    """`WorldVectorEnv` as a `VecEnv`: same numbers, the library's names."""

    def __init__(self, spec: str | Path, num_envs: int, seed: int = 0):
        self.envs = WorldVectorEnv(spec, num_envs, seed)
        super().__init__(num_envs, self.envs.single_observation_space, self.envs.single_action_space)
        self._actions = np.zeros(0)

    def reset(self) -> np.ndarray:
        """New episodes everywhere."""
        return self.envs.reset()[0]

    def step_async(self, actions: np.ndarray) -> None:
        """Kept until `step_wait`."""
        self._actions = actions

    def step_wait(self) -> tuple[np.ndarray, np.ndarray, np.ndarray, list[dict[str, Any]]]:
        """One frame; where an episode has ended, the last observation is told and a new one has begun."""
        seen, reward, terminated, truncated, said = self.envs.step(self._actions)
        infos: list[dict[str, Any]] = [{} for _ in range(self.num_envs)]
        for env in np.flatnonzero(terminated | truncated):
            infos[env] = {
                "terminal_observation": said["final_obs"][env], "TimeLimit.truncated": bool(truncated[env]),
                "success": bool(said["success"][env]),
            }  # fmt: skip
        return seen, reward.astype(np.float32), terminated | truncated, infos

    def close(self) -> None:
        """Nothing is held."""

    def get_attr(self, attr_name: str, indices: Any = None) -> list[Any]:
        """An attribute, once per environment."""
        return [getattr(self.envs, attr_name, None)] * self.num_envs

    def set_attr(self, attr_name: str, value: Any, indices: Any = None) -> None:
        """An attribute of all."""
        setattr(self.envs, attr_name, value)

    def env_method(self, method_name: str, *args: Any, indices: Any = None, **kwargs: Any) -> list[Any]:
        """A method, once."""
        return [getattr(self.envs, method_name)(*args, **kwargs)]

    def env_is_wrapped(self, wrapper_class: Any, indices: Any = None) -> list[bool]:
        """No environment is wrapped."""
        return [False] * self.num_envs


class Curve(BaseCallback):
    """One row per rollout."""

    def __init__(self) -> None:
        super().__init__()
        self.rows: list[tuple[float, ...]] = []
        self.last: deque[tuple[float, float, float]] = deque(maxlen=100)
        self.began = time.process_time()

    def _on_step(self) -> bool:
        for info in self.locals["infos"]:
            if "episode" in info:
                self.last.append((info["episode"]["r"], float(info["success"]), info["episode"]["l"]))
        return True

    def _on_rollout_end(self) -> None:
        if self.last:
            spent = round(time.process_time() - self.began, 1)
            self.rows.append((self.num_timesteps, spent, *np.round(np.mean(self.last, axis=0), 4).tolist()))


def train(spec: str | Path, steps: int, num_envs: int = 32, seed: int = 0) -> tuple[PPO, Curve]:
    """A policy of two layers of 64 after `steps` steps, and its curve."""
    torch.set_num_threads(1)
    envs = VecMonitor(SpecVecEnv(spec, num_envs, seed))
    model = PPO(
        "MlpPolicy", envs, n_steps=4096 // num_envs, batch_size=512, n_epochs=10, learning_rate=1e-3, gamma=0.98,
        gae_lambda=0.95, seed=seed, device="cpu",
    )  # fmt: skip
    curve = Curve()
    model.learn(steps, callback=curve)
    return model, curve


def play(model: PPO, spec: str | Path, episodes: int, num_envs: int = 32, seed: int = 1000) -> tuple[float, float]:
    """Share of successes and mean return of the greedy policy on draws that it has not seen."""
    envs = SpecVecEnv(spec, num_envs, seed)
    seen, totals, found = envs.reset(), np.zeros(num_envs), []
    while len(found) < episodes:
        envs.step_async(model.predict(seen, deterministic=True)[0])
        seen, reward, ended, infos = envs.step_wait()
        totals += reward
        for env in np.flatnonzero(ended):
            found.append((float(infos[env]["success"]), float(totals[env])))
            totals[env] = 0.0
    success, total = np.mean(found[:episodes], axis=0)
    return float(success), float(total)


def main() -> None:
    """Train, write the curve, play."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("spec")
    parser.add_argument("--steps", type=int, default=200_000)
    parser.add_argument("--out", type=Path)
    parser.add_argument("--seed", type=int, default=0)
    told = parser.parse_args()
    began = time.process_time()
    model, curve = train(told.spec, told.steps, seed=told.seed)
    spent = time.process_time() - began
    if told.out:
        with told.out.open("w", newline="", encoding="utf-8") as file:
            csv.writer(file).writerows([COLUMNS, *curve.rows])
    success, total = play(model, told.spec, EPISODES)
    print(
        f"{told.spec}: {told.steps} steps in {spent:.0f} s of processor; success {success:.3f}, return {total:.2f} on new draws"
    )


if __name__ == "__main__":
    main()
