"""Addresses of grid nodes and the weights of quadratic B-splines.

Nodes live in blocks of 4 x 4 x 4; a block knows the 27 blocks around it. A particle belongs to the block that held its first
node at the last sort and may drift by one cell, so it reaches nodes -1 to 6 of its block along each axis: blocks of one
parity (colour) never share a node. A worker keeps these 8 x 8 x 8 nodes in a tile of its own while it is at a block, so that
the 27 nodes of a particle lie at fixed distances. Weights: Steffen, Kirby and Berzins (2008).
"""

from engine.compiler import ti
from engine.solvers.mpm import columns as col

V4 = ti.types.vector(4, ti.f32)
V16 = ti.types.vector(16, ti.f32)
W0 = (1.125, -0.25, 0.125)  # weights of nodes 0, 1, 2 as polynomials of the distance to node 0 in cells
W1 = (-1.5, 2.0, -0.5)
W2 = (0.5, -1.0, 0.5)
TILE = 512


@ti.func
def weight(f, k: ti.template()):
    """Weight of node k for a particle at f (0.5 to 1.5) cells from node 0."""
    return W0[k] + f * (W1[k] + f * W2[k])


@ti.func
def row_of(ei: ti.template(), pi: ti.template(), e):
    """First particle of an environment in the half that is in use."""
    envs = ei.shape[0]
    room = pi.shape[0] // (2 * envs)
    return (ei[e, col.HALF] * envs + e) * room
