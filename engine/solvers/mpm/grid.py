"""Addresses of grid nodes and the weights of quadratic B-splines.

Nodes live in blocks of 4 x 4 x 4; a block knows the 27 blocks around it. A particle belongs to the block that held its first
node at the last sort and may drift by one cell, so it reaches nodes -1 to 6 of its block along each axis: blocks of one parity
(colour) never share a node. Weights: Steffen, Kirby and Berzins (2008).
"""

from engine.compiler import ti
from engine.solvers.mpm import columns as col

V4 = ti.types.vector(4, ti.f32)
V16 = ti.types.vector(16, ti.f32)
W0 = (1.125, -0.25, 0.125)  # weights of nodes 0, 1, 2 as polynomials of the distance to node 0 in cells
W1 = (-1.5, 2.0, -0.5)
W2 = (0.5, -1.0, 0.5)


@ti.func
def weight(f, k: ti.template()):
    """Weight of node k for a particle at f (0.5 to 1.5) cells from node 0."""
    return W0[k] + f * (W1[k] + f * W2[k])


@ti.func
def block_of(o):
    """0, 1, 2 for the block before, the own one, the one after; `o` counts nodes from -4."""
    return o >> 2


@ti.func
def node_of(bi: ti.template(), b, ox, oy, oz):
    """Index of a node; ox, oy, oz count from four nodes before the block."""
    slot = bi[b, col.AROUND + 9 * (ox >> 2) + 3 * (oy >> 2) + (oz >> 2)]
    return slot * 64 + (ox & 3) * 16 + (oy & 3) * 4 + (oz & 3)


@ti.func
def splat(v):
    """Four numbers, four times."""
    return V16(v[0], v[1], v[2], v[3], v[0], v[1], v[2], v[3], v[0], v[1], v[2], v[3], v[0], v[1], v[2], v[3])


@ti.func
def weights_z(f):
    """Weights along z on lanes of four components per node; the last four are zero."""
    c0 = V16(1.125, 1.125, 1.125, 1.125, -0.25, -0.25, -0.25, -0.25, 0.125, 0.125, 0.125, 0.125, 0.0, 0.0, 0.0, 0.0)
    c1 = V16(-1.5, -1.5, -1.5, -1.5, 2.0, 2.0, 2.0, 2.0, -0.5, -0.5, -0.5, -0.5, 0.0, 0.0, 0.0, 0.0)
    c2 = V16(0.5, 0.5, 0.5, 0.5, -1.0, -1.0, -1.0, -1.0, 0.5, 0.5, 0.5, 0.5, 0.0, 0.0, 0.0, 0.0)
    return c0 + f * (c1 + f * c2)


@ti.func
def steps_z():
    """Number of the node along z on each lane."""
    return V16(0.0, 0.0, 0.0, 0.0, 1.0, 1.0, 1.0, 1.0, 2.0, 2.0, 2.0, 2.0, 3.0, 3.0, 3.0, 3.0)


@ti.func
def row_of(ei: ti.template(), pi: ti.template(), e):
    """First particle of an environment in the half that is in use."""
    envs = ei.shape[0]
    room = pi.shape[0] // (2 * envs)
    return (ei[e, col.HALF] * envs + e) * room
