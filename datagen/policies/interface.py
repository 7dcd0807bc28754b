"""The interface of policies, and the policies that need no knowledge of the task.

A policy is called for a whole batch: `reset(envs)` when episodes begin, `act(observation)` for actions in [-1, 1] (num_envs,
n). Each environment has random streams of its own, keyed by (seed, environment, episode), so that its actions do not depend on
the batch. Noise and random exploration are smooth: an Ornstein-Uhlenbeck process, because white noise at the control rate
moves nothing. `TowardsReward` is goal-directed exploration: among random plans for the next steps it keeps those that were
followed by the most reward (the cross-entropy method, Rubinstein 1999), one iteration an episode.
Limits: numpy; nothing here knows the simulation.
"""

from collections.abc import Callable
from typing import Protocol

import numpy as np


class Policy(Protocol):
    """What decides the actions of a batch."""

    def reset(self, envs: np.ndarray) -> None:
        """New episodes begin in these environments."""

    def act(self, observation: np.ndarray) -> np.ndarray:
        """Actions (num_envs, n) in [-1, 1] for observations (num_envs, m)."""

    def reward(self, reward: np.ndarray) -> None:
        """What the last actions were worth (num_envs,)."""


class _Batch:
    """What policies share: sizes and a random stream per environment and episode."""

    def __init__(self, num_envs: int, width: int, seed: int = 0):
        self.num_envs, self.width, self.seed = num_envs, width, seed
        self.episode = np.full(num_envs, -1)
        self.step = np.zeros(num_envs, int)
        self._streams = [np.random.default_rng([seed, env, 0]) for env in range(num_envs)]

    def reset(self, envs: np.ndarray) -> None:
        """New streams for these environments."""
        for env in np.asarray(envs):
            self.episode[env] += 1
            self.step[env] = 0
            self._streams[env] = np.random.default_rng([self.seed, int(env), int(self.episode[env])])

    def normal(self) -> np.ndarray:
        """Standard normal numbers (num_envs, width), from the stream of each environment."""
        return np.stack([stream.normal(size=self.width) for stream in self._streams])

    def reward(self, reward: np.ndarray) -> None:
        """Nothing is learned."""


class Random(_Batch):
    """Smooth random actions. correlation: share of the last action that is kept, per step; size: standard deviation."""

    def __init__(self, num_envs: int, width: int, seed: int = 0, correlation: float = 0.9, size: float = 0.6):
        super().__init__(num_envs, width, seed)
        self.correlation, self.size = correlation, size
        self._last = np.zeros((num_envs, width))

    def reset(self, envs: np.ndarray) -> None:
        """Begin from the stationary distribution."""
        super().reset(envs)
        drawn = self.normal()
        self._last[envs] = self.size * drawn[envs]

    def act(self, observation: np.ndarray) -> np.ndarray:
        """See `Policy`."""
        keep = self.correlation
        self._last = keep * self._last + self.size * np.sqrt(1.0 - keep * keep) * self.normal()
        return np.clip(self._last, -1.0, 1.0)


class Replay(_Batch):
    """Recorded actions (episodes, steps, n), episode by episode of each environment in turn; the last action is held at the
    end."""

    def __init__(self, actions: np.ndarray, num_envs: int):
        super().__init__(num_envs, actions.shape[2])
        self.actions = np.asarray(actions, float)

    def act(self, observation: np.ndarray) -> np.ndarray:
        """See `Policy`."""
        episode = (np.arange(self.num_envs) + np.maximum(self.episode, 0) * self.num_envs) % len(self.actions)
        step = np.minimum(self.step, self.actions.shape[1] - 1)
        self.step += 1
        return self.actions[episode, step]


class WithNoise(Random):
    """Another policy with smooth noise on its actions."""

    def __init__(self, policy: Policy, num_envs: int, width: int, seed: int = 0, size: float = 0.1, correlation: float = 0.9):
        super().__init__(num_envs, width, seed, correlation, size)
        self.policy = policy

    def reset(self, envs: np.ndarray) -> None:
        """Both begin anew."""
        super().reset(envs)
        self.policy.reset(envs)

    def act(self, observation: np.ndarray) -> np.ndarray:
        """See `Policy`."""
        return np.clip(self.policy.act(observation) + super().act(observation), -1.0, 1.0)

    def reward(self, reward: np.ndarray) -> None:
        """Passed on."""
        self.policy.reward(reward)


class TowardsReward(_Batch):
    """Goal-directed exploration: every episode follows a plan of `knots` actions, drawn about the mean of the best plans so
    far."""

    def __init__(self, num_envs: int, width: int, steps: int, seed: int = 0, knots: int = 6, elite: float = 0.25):
        super().__init__(num_envs, width, seed)
        self.steps, self.knots, self.elite = steps, knots, elite
        self.mean, self.spread = np.zeros((knots, width)), np.full((knots, width), 0.8)
        self._plans = np.zeros((num_envs, knots, width))
        self._totals = np.zeros(num_envs)
        self._done: list[tuple[float, np.ndarray]] = []

    def reset(self, envs: np.ndarray) -> None:
        """Keep what the last plans were worth; when a batch of them is done, move towards the best."""
        self._done += [
            (float(self._totals[env]), self._plans[env].copy()) for env in np.asarray(envs) if self.episode[env] >= 0
        ]
        if len(self._done) >= max(8, self.num_envs):
            best = sorted(self._done, key=lambda pair: -pair[0])[: max(2, int(self.elite * len(self._done)))]
            plans = np.stack([plan for _, plan in best])
            self.mean, self.spread = plans.mean(0), 0.5 * self.spread + 0.5 * plans.std(0) + 0.02
            self._done = []
        super().reset(envs)
        for env in np.asarray(envs):
            self._plans[env] = np.clip(self.mean + self.spread * self._streams[env].normal(size=self.mean.shape), -1.0, 1.0)
            self._totals[env] = 0.0

    def act(self, observation: np.ndarray) -> np.ndarray:
        """See `Policy`: the plan, linear between its knots."""
        place = np.minimum(self.step / max(self.steps - 1, 1), 1.0) * (self.knots - 1)
        low = np.minimum(place.astype(int), self.knots - 2)
        share = (place - low)[:, None]
        rows = np.arange(self.num_envs)
        self.step += 1
        return (1.0 - share) * self._plans[rows, low] + share * self._plans[rows, low + 1]

    def reward(self, reward: np.ndarray) -> None:
        """Counted for the present plan."""
        self._totals += reward


class _Learned(_Batch):
    """A function of observations."""

    def __init__(self, function: Callable[[np.ndarray], np.ndarray], num_envs: int, width: int):
        super().__init__(num_envs, width)
        self.function = function

    def act(self, observation: np.ndarray) -> np.ndarray:
        """See `Policy`."""
        return np.clip(np.asarray(self.function(observation), float), -1.0, 1.0)


def learned(function: Callable[[np.ndarray], np.ndarray], num_envs: int, width: int) -> Policy:
    """A learned policy: any function from observations (num_envs, m) to actions (num_envs, n), for instance
    `lambda seen: model.predict(seen, deterministic=True)[0]`."""
    return _Learned(function, num_envs, width)
