"""Contact values of the shape pairs whose values are not the plain mixture of the two shapes.

The plain mixture (mean of solref and solimp, larger friction, sum of margins) is what the kernels do by themselves. A pair has
a rule when its shapes differ in priority, when one of them has a `mix` other than 1, or when the scene names the pair. MuJoCo's
rules: the shape with the higher priority gives friction, solref and solimp; of equal ones solref and solimp are averaged with
the weights `mix` (two zeros count as equal), and if one solref is negative (a stiffness) the element-wise minimum is taken.
Margins add up. What a named pair leaves out follows these rules too. Reference: MuJoCo documentation, "Modeling", contact
parameters.
"""

from collections.abc import Mapping, Sequence

import numpy as np
from numpy.typing import NDArray

from engine.scene.builder import Scene
from engine.scene.description import ContactPair
from engine.scene.topology import Topology

Array = NDArray[np.float64]
WIDTHS = {"friction": 3, "solref": 2, "solimp": 5}


def contact_rules(scenes: Sequence[Scene], top: Topology, reals: Mapping[str, Array]) -> dict[str, Array]:
    """rule_friction, rule_solref, rule_solimp, rule_margin (variants, num_rules, ...)."""
    pairs = np.flatnonzero(top.ints["pair_rule"])
    a, b = top.ints["pair_shape_a"][pairs], top.ints["pair_shape_b"][pairs]
    rules = {
        "rule_friction": np.maximum(reals["shape_friction"][:, a], reals["shape_friction"][:, b]),
        "rule_solref": np.zeros((len(scenes), len(pairs), 2)),
        "rule_solimp": np.zeros((len(scenes), len(pairs), 5)),
        "rule_margin": reals["shape_margin"][:, a] + reals["shape_margin"][:, b],
    }
    if not len(pairs):
        return rules
    weight = _weights(scenes, a, b)
    for name in ("solref", "solimp"):
        first, second = reals[f"shape_{name}"][:, a], reals[f"shape_{name}"][:, b]
        rules[f"rule_{name}"] = weight[..., None] * first + (1 - weight[..., None]) * second
    first, second = reals["shape_solref"][:, a], reals["shape_solref"][:, b]
    stiff = (first[..., 0] <= 0) | (second[..., 0] <= 0)
    rules["rule_solref"] = np.where(stiff[..., None], np.minimum(first, second), rules["rule_solref"])
    _prefer(scenes, a, b, reals, rules)
    _name(scenes, a, b, rules)
    return rules


def _weights(scenes: Sequence[Scene], a: NDArray[np.int64], b: NDArray[np.int64]) -> Array:
    """Share of the first shape in the mean (variants, pairs)."""
    mix = np.array([[s.mix for _, s in scene.shapes] for scene in scenes], float)
    total = mix[:, a] + mix[:, b]
    return np.where(total > 0, mix[:, a] / np.where(total > 0, total, 1.0), 0.5)


def _prefer(
    scenes: Sequence[Scene], a: NDArray[np.int64], b: NDArray[np.int64], reals: Mapping[str, Array], rules: dict[str, Array]
) -> None:
    """Where the priorities differ, the values of the shape with the higher one."""
    priority = np.array([s.priority for _, s in scenes[0].shapes], int)
    differs = priority[a] != priority[b]
    winner = np.where(priority[a] > priority[b], a, b)
    for name in WIDTHS:
        rules[f"rule_{name}"] = np.where(differs[:, None], reals[f"shape_{name}"][:, winner], rules[f"rule_{name}"])


def _name(scenes: Sequence[Scene], a: NDArray[np.int64], b: NDArray[np.int64], rules: dict[str, Array]) -> None:
    """Values that the scenes give for named pairs."""
    for v, scene in enumerate(scenes):
        if not scene.contact_pairs:
            continue
        names = [str(s.name) for _, s in scene.shapes]
        place = {frozenset((names[i], names[j])): k for k, (i, j) in enumerate(zip(a, b, strict=True))}
        for pair in scene.contact_pairs:
            _write(pair, rules, v, place[frozenset((pair.first, pair.second))])


def _write(pair: ContactPair, rules: dict[str, Array], v: int, k: int) -> None:
    for name in (*WIDTHS, "margin"):
        value = getattr(pair, name)
        if value is not None:
            rules[f"rule_{name}"][v, k] = value
