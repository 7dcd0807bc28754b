"""Episodes of a policy in a world: what was observed, done and earned, with success and failure kept and labelled.

Limits: `world` is anything with the methods of `datagen.environments.world.World`.
"""

from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.policies.interface import Policy


@dataclass(frozen=True)
class Rollout:
    """One finished episode: observations (T + 1, m), actions (T, n), rewards (T,); success, failure as the task judged it."""

    env: int
    observations: np.ndarray
    actions: np.ndarray
    rewards: np.ndarray
    success: bool
    failure: bool


def rollout(world: Any, policy: Policy, episodes: int, max_steps: int = 100_000) -> list[Rollout]:
    """The first `episodes` episodes that end, failed ones as well; environments begin anew as soon as they end."""
    everywhere = np.arange(world.num_envs)
    world.reset(everywhere)
    policy.reset(everywhere)
    seen = world.observe()
    traces: list[list[tuple[np.ndarray, np.ndarray, float]]] = [[] for _ in everywhere]
    found: list[Rollout] = []
    for _ in range(max_steps):
        actions = policy.act(seen)
        rewards, terminated, truncated, told = world.step(actions)
        policy.reward(rewards)
        after = world.observe()
        for env in everywhere:
            traces[env].append((seen[env], np.array(actions[env]), float(rewards[env])))
        ended = np.flatnonzero(terminated | truncated)
        for env in ended:
            observed, done, earned = zip(*traces[env], strict=True)
            path = np.stack([*observed, after[env]])
            labels = bool(told["success"][env]), bool(told["failure"][env])
            found.append(Rollout(int(env), path, np.stack(done), np.array(earned), *labels))
            traces[env] = []
        if len(found) >= episodes:
            return found[:episodes]
        if len(ended):
            world.reset(ended)
            policy.reset(ended)
            after = world.observe()
        seen = after
    return found
