"""Blows: which contacts rebound in this substep, and which bodies must not give way to them.

A contact whose shapes have restitution e rebounds when it closes faster than what falling for two substeps gives. The speed
that it asks for is between its two bodies, so the lower one of a pair must stand: a soft contact below it yields by its
compliance within the substep of the blow, and a ball with e = 0.3 on a resting box rose by three quarters of e^2 h. So the
trees that take a blow are marked, and those that touch them, and contacts of marked trees are as stiff as the blow itself.
Limits: marks spread over SWEEPS contacts from the blow, more where the contacts come in that order.
"""

import engine.solvers.rigid.workspace  # noqa: F401  (declares the scratch)
from engine.arrays import AT, N
from engine.compiler import ti
from engine.math.lanes import any_lane, like, maximum
from engine.math.memory import ld, ldm, ldm3, st
from engine.math.vec3 import norm

REBOUND_SPEED = 0.01  # m/s; plus the speed gained by falling for two substeps
SWEEPS = 4


@ti.func
def rebound(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, c, sa, sb):
    """(e, slow, mask): restitution of contact c, the closing speed below which it does not rebound, the lanes where it does."""
    e = maximum(ldm(mf, g, mi[AT.shape_restitution] + sa), ldm(mf, g, mi[AT.shape_restitution] + sb))
    slow = REBOUND_SPEED + 2.0 * ldm(mf, g, mi[AT.timestep]) * norm(ldm3(mf, g, mi[AT.gravity]))
    closing = 0.0 - ld(ws, g, mi[AT.contact_change] + 6 * c)
    return e, slow, (ld(ws, g, mi[AT.contact_depth] + c) < 0.0) & (e > 0.0) & (closing > slow)


@ti.func
def mark_struck(mi: ti.template(), mf: ti.template(), ws: ti.template(), wi: ti.template(), g, contacts):
    """contact_change, contact_depth -> body_struck, above 0 at the roots of trees that take a blow or lean on one that does."""
    zero = like(ldm(mf, g, mi[AT.timestep]), 0.0)
    for b in range(mi[N.num_bodies]):
        st(ws, g, mi[AT.body_struck] + b, zero)
    struck = zero
    for c in range(contacts):
        pair = ld(wi, g, mi[AT.contact_pair] + c)
        sa, sb = mi[mi[AT.pair_shape_a] + pair], mi[mi[AT.pair_shape_b] + pair]
        _, _, mask = rebound(mi, mf, ws, g, c, sa, sb)
        blow = ti.select(mask, zero + 1.0, zero)
        struck = struck + blow
        if any_lane(mask):
            mark(mi, mf, ws, g, mi[mi[AT.shape_body] + sa], blow)
            mark(mi, mf, ws, g, mi[mi[AT.shape_body] + sb], blow)
    if any_lane(struck > 0.0):
        for n in range(SWEEPS * contacts):
            c = n % contacts
            blow = ti.select(ld(ws, g, mi[AT.contact_depth] + c) < 0.0, is_struck(mi, ws, wi, g, c), zero)
            pair = ld(wi, g, mi[AT.contact_pair] + c)
            mark(mi, mf, ws, g, mi[mi[AT.shape_body] + mi[mi[AT.pair_shape_a] + pair]], blow)
            mark(mi, mf, ws, g, mi[mi[AT.shape_body] + mi[mi[AT.pair_shape_b] + pair]], blow)


@ti.func
def mark(mi: ti.template(), mf: ti.template(), ws: ti.template(), g, b, blow):
    """Mark the tree of body b where `blow` is above 0 and something can move the body."""
    at = mi[AT.body_struck] + mi[mi[AT.body_root] + b]
    moves = ldm(mf, g, mi[AT.body_inverse_weight] + 2 * b) > 0.0
    st(ws, g, at, maximum(ld(ws, g, at), ti.select(moves, blow, blow * 0.0)))


@ti.func
def is_struck(mi: ti.template(), ws: ti.template(), wi: ti.template(), g, c):
    """Above 0 in lanes where a tree of contact c is marked."""
    pair = ld(wi, g, mi[AT.contact_pair] + c)
    ba = mi[mi[AT.shape_body] + mi[mi[AT.pair_shape_a] + pair]]
    bb = mi[mi[AT.shape_body] + mi[mi[AT.pair_shape_b] + pair]]
    at = mi[AT.body_struck]
    return maximum(ld(ws, g, at + mi[mi[AT.body_root] + ba]), ld(ws, g, at + mi[mi[AT.body_root] + bb]))
