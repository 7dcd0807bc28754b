"""The sanity traces of a spec that an agent controls: nothing, a feedback that was searched on the draw, and its opposite.

Nothing: no control is set, drives hold where they are. Oracle: the first feedback of the search that succeeds (see
`datagen.policies.feedback`). Failure: the oracle's matrix with the other sign.
Limits: a task that linear feedback does not solve within ROUNDS of TRIES episodes has no oracle here, and the report says that
it does not succeed, which may be too hard a word.
"""

from collections.abc import Callable, Sequence
from functools import partial

import numpy as np

from datagen.environments.world import World
from datagen.pipeline.traces import TRACES, Trace
from datagen.policies.feedback import FeedbackSearch, feedback
from datagen.spec import DatasetSpec

TRIES, ROUNDS = 32, 25

Act = Callable[[np.ndarray], np.ndarray | None]
Played = tuple[np.ndarray, np.ndarray, np.ndarray]  # return, success, failure of every environment


def searched_traces(document: DatasetSpec, seed: int, draws: Sequence[int]) -> tuple[Trace, ...]:
    """Three traces of every draw. The engine must have been started."""
    world = World(document, TRIES, seed)
    found: list[Trace] = []
    for draw in draws:
        matrix = _search(world, seed, draw)
        doing: tuple[Act, ...] = (_rest, partial(feedback, matrix), partial(feedback, -matrix))
        for name, act in zip(TRACES, doing, strict=True):
            total, success, failure = _play(world, act, seed, draw)
            found.append(Trace(name, draw, float(total[0]), bool(success[0]), bool(failure[0]), None))
    return tuple(found)


def _rest(observation: np.ndarray) -> None:
    """No control is set."""


def _search(world: World, seed: int, draw: int) -> np.ndarray:
    """The matrix of the first success, in every environment; without one, the last mean."""
    search = FeedbackSearch(TRIES, world.observe().shape[1], world.width, seed)
    for _ in range(ROUNDS):
        matrices = search.matrices
        total, success, _ = _play(world, partial(feedback, matrices), seed, draw)
        if success.any():
            best = int(np.argmax(np.where(success, total, -np.inf)))
            return np.broadcast_to(matrices[best], matrices.shape)
        search.improve(total)
    return np.broadcast_to(search.mean, search.matrices.shape)


def _play(world: World, act: Act, seed: int, draw: int) -> Played:
    """The same draw in all environments, each until its episode ends."""
    everywhere = np.arange(world.num_envs)
    world.reset(everywhere, [seed] * world.num_envs, draw)
    total, over = np.zeros(world.num_envs), np.zeros(world.num_envs, bool)
    success, failure = over.copy(), over.copy()
    while not over.all():
        reward, terminated, truncated, told = world.step(act(world.observe()))
        total += np.where(over, 0.0, reward)
        success |= told["success"] & ~over
        failure |= told["failure"] & ~over
        over |= terminated | truncated
    return total, success, failure
