"""Addresses of grid nodes and the weights of quadratic B-splines.

Nodes live in blocks of 4 x 4 x 4; a block knows the 27 blocks around it. A particle belongs to the block that held its first
node at the last sort and may drift by one cell, so it reaches nodes -1 to 6 of its block along each axis: blocks of one
parity (colour) never share a node. A worker keeps these 8 x 8 x 8 nodes in a tile of its own while it is at a block, so that
the 27 nodes of a particle lie at fixed distances. Weights: Steffen, Kirby and Berzins (2008).

Sixteen lanes hold a row of nodes along z: three nodes (and one unused) of four numbers each. Nine rows are all that a particle
sees; they stay in registers while particles of one cell follow each other, as they do after a sort.
"""

from engine.compiler import macro, ti
from engine.solvers.mpm import columns as col

V4 = ti.types.vector(4, ti.f32)
V16 = ti.types.vector(16, ti.f32)
W0 = (1.125, -0.25, 0.125)  # weights of nodes 0, 1, 2 as polynomials of the distance to node 0 in cells
W1 = (-1.5, 2.0, -0.5)
W2 = (0.5, -1.0, 0.5)
TILE = 512
ROW = tuple((*(w[k] for k in range(3) for _ in range(4)), 0.0, 0.0, 0.0, 0.0) for w in (W0, W1, W2))
ALONG = tuple(k // 4 for k in range(16))  # nodes along a row


@ti.func
def weight(f, k: ti.template()):
    """Weight of node k for a particle at f (0.5 to 1.5) cells from node 0."""
    return W0[k] + f * (W1[k] + f * W2[k])


@macro
def lanes_of(values):
    """A constant row."""
    return ti.lang.matrix.make_matrix([float(v) for v in values])


@ti.func
def four_times(v):
    """The same four numbers at every node of a row."""
    return V16(v[0], v[1], v[2], v[3], v[0], v[1], v[2], v[3], v[0], v[1], v[2], v[3], v[0], v[1], v[2], v[3])


@ti.func
def row_weights(f):
    """Weights of the nodes of a row for a particle at f cells along it."""
    return lanes_of(ROW[0]) + f * (lanes_of(ROW[1]) + f * lanes_of(ROW[2]))


@ti.func
def lower(a, b):
    return ti.select(a < b, a, b)


@ti.func
def higher(a, b):
    return ti.select(a > b, a, b)


@ti.func
def tile_start(bi: ti.template(), ef: ti.template(), e, b):
    """First node of the tile of a block, in W."""
    dx = ef[e, col.DX]
    return V4(
        ef[e, col.LOW] + (4 * bi[b, 0] - 1) * dx, ef[e, col.LOW + 1] + (4 * bi[b, 1] - 1) * dx,
        ef[e, col.LOW + 2] + (4 * bi[b, 2] - 1) * dx, 0.0,
    )  # fmt: skip


@ti.func
def corner_of(place):
    """First node of a particle, from its place in the tile (both x y z in cells)."""
    return higher(lower(ti.floor(place - 0.5), V4(5.0)), V4(0.0))


@ti.func
def packed(corner):
    """Number of a node in its tile."""
    return ti.i32(corner[0] * 64.0 + corner[1] * 8.0 + corner[2])


@ti.func
def row_of(ei: ti.template(), pi: ti.template(), e):
    """First particle of an environment in the half that is in use."""
    envs = ei.shape[0]
    room = pi.shape[0] // (2 * envs)
    return (ei[e, col.HALF] * envs + e) * room
