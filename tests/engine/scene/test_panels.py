"""Pair chains in panels of three dofs: the blocks hold the chain and nothing else."""

import numpy as np

import engine
from engine.panels import mass_columns
from tests.engine.scene.test_compile import everything


def test_blocks_hold_the_signed_chain_of_every_pair():
    """Unfolded over all dofs, the blocks of a pair give the chain's signs, and panels ascend."""
    compiled = engine.compile_scenes([everything()])
    ints, sizes = compiled.ints, compiled.sizes
    assert sizes["num_pairs"] > 0 and sizes["max_blocks"] > 0
    for pair in range(sizes["num_pairs"]):
        chain = slice(ints["pair_chain_start"][pair], ints["pair_chain_start"][pair] + ints["pair_chain_count"][pair])
        wanted = np.zeros(3 * sizes["num_panels"], int)
        wanted[ints["chain_dof"][chain]] = ints["chain_sign"][chain]
        blocks = slice(ints["pair_block_start"][pair], ints["pair_block_start"][pair] + ints["pair_block_count"][pair])
        panels = ints["block_panel"][blocks]
        found = np.zeros((sizes["num_panels"], 3), int)
        found[panels] = ints["block_sign"][blocks]
        assert (np.diff(panels) > 0).all()
        assert (found.ravel() == wanted).all()
        assert ints["block_sign"][blocks].any(1).all()


def test_mass_columns_climb_from_the_diagonal_to_the_root():
    """A chain of three dofs and a second tree of one."""
    assert mass_columns(np.array([-1, 0, 1, -1])).tolist() == [0, 1, 0, 2, 1, 0, 3]
