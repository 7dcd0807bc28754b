"""E7: whether properties that no picture shows can be read from a latent.

A ridge regression (penalty 1 on standardised latents) is fitted on four fifths of the groups and tells the rest; R2 is of what
was told out of fold, against the mean of the training folds. Masses are probed as logarithms. A property is probed where it
varies and at least 20 episodes have a latent of one size.
"""

from collections.abc import Mapping, Sequence

import numpy as np

FOLDS = 5
LEAST = 20
PENALTY = 1.0

Rows = Mapping[int, tuple[int, np.ndarray, Mapping[str, float]]]  # episode -> group, latent, properties


def probe_items(rows: Rows) -> dict[str, dict[int, list[tuple[float, float, float]]]]:
    """Property -> group -> [(true, told, mean of the training folds)]."""
    if len(rows) < LEAST or len({len(latent) for _, latent, _ in rows.values()}) != 1:
        return {}
    groups = np.array([group for group, _, _ in rows.values()])
    latents = np.stack([latent for _, latent, _ in rows.values()])
    kept = [facts for _, _, facts in rows.values()]
    found = {}
    for name in sorted(set.intersection(*(set(facts) for facts in kept))):
        values = np.array([facts[name] for facts in kept])
        values = np.log(values) if name.endswith(".mass") else values
        if np.ptp(values) > 1e-6 and len(set(groups.tolist())) >= FOLDS:
            found[name] = _told(groups, latents, values)
    return found


def _told(groups: np.ndarray, latents: np.ndarray, values: np.ndarray) -> dict[int, list[tuple[float, float, float]]]:
    order = {group: place % FOLDS for place, group in enumerate(sorted(set(groups.tolist())))}
    fold = np.array([order[group] for group in groups.tolist()])
    items: dict[int, list[tuple[float, float, float]]] = {}
    for held in range(FOLDS):
        train, test = fold != held, np.flatnonzero(fold == held)
        told, mean = ridge(latents[train], values[train], latents[test])
        for place, guess in zip(test.tolist(), told, strict=True):
            items.setdefault(int(groups[place]), []).append((float(values[place]), float(guess), mean))
    return items


def ridge(inputs: np.ndarray, targets: np.ndarray, asked: np.ndarray) -> tuple[np.ndarray, float]:
    """(what the regression says for `asked`, mean of the targets)."""
    centre, scale = inputs.mean(0), np.maximum(inputs.std(0), 1e-9)
    x, mean = (inputs - centre) / scale, float(targets.mean())
    weights = np.linalg.solve(x.T @ x + PENALTY * np.eye(x.shape[1]), x.T @ (targets - mean))
    return mean + (asked - centre) / scale @ weights, mean


def r2(items: Sequence[tuple[float, float, float]]) -> float:
    """1 - squared error / squared distance from the mean of the training folds."""
    true, told, mean = np.array(items).T
    return float(1.0 - np.sum((true - told) ** 2) / max(np.sum((true - mean) ** 2), 1e-12))
