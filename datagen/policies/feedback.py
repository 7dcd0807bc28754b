"""Linear feedback that is searched: actions are a matrix times what is observed, and the matrix is improved by its returns.

The cross-entropy method (Rubinstein 1999) over the entries of one matrix per environment: all environments play the same
episode, the matrices that earned most give the mean and the spread of the next ones. Enough to balance a pole or to bring an
arm to a place that does not move; it knows nothing of the task but the reward.
Limits: no memory, no features; of one episode, not of all.
"""

import numpy as np

SPREAD = 3.0  # per unit of observation: m, rad, m/s, rad/s against actions in [-1, 1]
SHRINK = 0.7  # share of the old spread that a round keeps at least
ELITE = 0.25


class FeedbackSearch:
    """Matrices (num_envs, width, observed + 1), the last column a constant."""

    def __init__(self, num_envs: int, observed: int, width: int, seed: int = 0):
        self._stream = np.random.default_rng([seed, num_envs, observed, width])
        self.mean, self.spread = np.zeros((width, observed + 1)), np.full((width, observed + 1), SPREAD)
        self.matrices = np.zeros((num_envs, width, observed + 1))
        self.draw()

    def draw(self) -> None:
        """New matrices about the mean; the first is the mean itself."""
        self.matrices = self.mean + self.spread * self._stream.normal(size=self.matrices.shape)
        self.matrices[0] = self.mean

    def improve(self, returns: np.ndarray) -> None:
        """Move towards the matrices with the highest returns (num_envs,), and draw anew."""
        best = np.argsort(-returns, kind="stable")[: max(2, int(ELITE * len(returns)))]
        chosen = self.matrices[best]
        self.mean = chosen.mean(0)
        self.spread = SHRINK * self.spread + (1.0 - SHRINK) * chosen.std(0)
        self.draw()


def feedback(matrices: np.ndarray, observation: np.ndarray) -> np.ndarray:
    """Actions (num_envs, width) of matrices (num_envs, width, observed + 1) for observations (num_envs, observed)."""
    seen = np.concatenate([observation, np.ones((len(observation), 1))], axis=1)
    return np.clip(np.einsum("ewo,eo->ew", matrices, seen), -1.0, 1.0)
