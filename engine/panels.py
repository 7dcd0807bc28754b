"""How the dofs of a scene lie in panels of three, which the constraint solver works on; derived from the arrays of a scene.

The chain of a shape pair (the dofs that move one of its bodies against the other) becomes a list of *blocks*, one per panel
that the chain touches, with a sign per dof of the panel: +1, -1, or 0 for a dof outside the chain. `mass_column` lists the
column of each entry of the sparse mass matrix, so that no loop has to climb the tree.
"""

from dataclasses import replace

import numpy as np

from engine.compiled import CompiledScene

PANEL = 3


def with_panels(compiled: CompiledScene) -> CompiledScene:
    """The scene with the sizes of panels and blocks, and with the integers of the blocks and of the mass matrix."""
    ints, dofs = compiled.ints, compiled.sizes["num_dofs"]
    panels: list[int] = []
    signs: list[np.ndarray] = []
    spans: dict[tuple[int, int], tuple[int, int]] = {}  # pairs of the same two bodies share a chain
    keys = [(int(a), int(n)) for a, n in zip(ints["pair_chain_start"], ints["pair_chain_count"], strict=True)]
    for first, length in dict.fromkeys(keys):
        row = np.zeros(PANEL * -(-dofs // PANEL), int)
        row[ints["chain_dof"][first : first + length]] = ints["chain_sign"][first : first + length]
        blocks = row.reshape(-1, PANEL)
        touched = np.nonzero(blocks.any(1))[0]
        spans[first, length] = (len(panels), len(touched))
        panels += list(touched)
        signs += list(blocks[touched])
    start, count = [spans[key][0] for key in keys], [spans[key][1] for key in keys]
    sizes = {
        "num_panels": -(-dofs // PANEL),
        "num_hessian": 0 if compiled.sizes.get("solver") else PANEL**2 * triangle(-(-dofs // PANEL)),  # free bodies have none
        "num_links": 0 if compiled.sizes.get("solver") else (-(-dofs // PANEL)) ** 2,
        "num_blocks": len(panels),
        "max_blocks": max(count, default=0),
    }
    derived = {
        "pair_block_start": np.array(start, int),
        "pair_block_count": np.array(count, int),
        "block_panel": np.array(panels, int),
        "block_sign": np.array(signs, int).reshape(-1, PANEL),
        "mass_column": mass_columns(ints["dof_parent"][:dofs]),
    }
    return replace(compiled, sizes={**compiled.sizes, **sizes}, ints={**ints, **derived})


def triangle(n: int) -> int:
    """Entries of a lower triangle of n rows."""
    return n * (n + 1) // 2


def mass_columns(dof_parent: np.ndarray) -> np.ndarray:
    """Row i of the sparse mass matrix holds (i, i), (i, parent(i)), ... up to the root."""
    columns: list[int] = []
    for i in range(len(dof_parent)):
        j = i
        while j >= 0:
            columns.append(j)
            j = int(dof_parent[j])
    return np.array(columns, int)
