"""A stream of contact candidates becomes at most MAX_FIELD_POINTS points, whatever its length: the manifold against a field.

Kept are the deepest candidate and, of those that touch, the farthest towards each of the eight diagonals of the moving body,
which are the corners of its footprint whichever side it lies on. Points that nearly coincide and agree in their normal are one.
Every point has a normal of its own. All values are in the frame of the field.

Limits: a lane keeps at most eight points; a tie goes to the candidate that came first.
"""

from engine.arrays import AT
from engine.collision.shapes import to_local, turns
from engine.collision.workspace import MAX_EXTREMES, MAX_FIELD_POINTS
from engine.compiler import ti
from engine.declarations import FAR
from engine.math.lanes import any_lane, like
from engine.math.memory import ld, ld3, st, st3
from engine.math.vec3 import dot, select3, sub, vec3, zero3

MERGE = 0.01  # points nearer than this, relative to the bound of the body, are one
AGREE = 0.99  # cosine between the normals of points that may be one
TIE = 1e-5  # an extreme must be farther by this, relative to the bound, to replace an earlier one
WIDTH = 8  # point, normal, distance, score


@ti.func
def diagonal(k, x):
    """Diagonal k of eight of the cube."""
    s1, s2, s3 = 1.0, 1.0, 1.0
    if k & 1:
        s1 = -1.0
    if k & 2:
        s2 = -1.0
    if k & 4:
        s3 = -1.0
    one = like(x, 1.0)
    return vec3(one * s1, one * s2, one * s3)


@ti.func
def clear_candidates(mi: ti.template(), ws: ti.template(), g, x):
    for k in range(turns(mi, MAX_EXTREMES)):
        slot = mi[AT.field_candidate] + WIDTH * k
        st3(ws, g, slot, zero3(x))
        st3(ws, g, slot + 3, zero3(x))
        st(ws, g, slot + 6, like(x, FAR))
        st(ws, g, slot + 7, like(x, -1e30))


@ti.func
def offer(mi: ti.template(), ws: ti.template(), g, body, p, n, distance, mask, bound):
    """Offer a point p with the outward normal n of the field to the lanes of the mask; `body` is the moving body's pose."""
    local = to_local(body, sub(p, body.p))
    for k in range(turns(mi, MAX_EXTREMES)):
        slot = mi[AT.field_candidate] + WIDTH * k
        score = 0.0 - distance
        if k > 0:
            score = dot(diagonal(k - 1, distance), local)
        better = mask & (score > ld(ws, g, slot + 7) + TIE * bound)
        st3(ws, g, slot, select3(better, p, ld3(ws, g, slot)))
        st3(ws, g, slot + 3, select3(better, n, ld3(ws, g, slot + 3)))
        st(ws, g, slot + 6, ti.select(better, distance, ld(ws, g, slot + 6)))
        st(ws, g, slot + 7, ti.select(better, score, ld(ws, g, slot + 7)))


@ti.func
def pack_candidates(mi: ti.template(), ws: ti.template(), g, bound):
    """Write the distinct points to field_contact, those of a lane one behind the other; FAR where it has none."""
    for j in range(turns(mi, MAX_FIELD_POINTS)):
        st(ws, g, mi[AT.field_contact] + WIDTH * j + 6, like(bound, FAR))
    count = like(bound, 0.0)
    for k in range(turns(mi, MAX_EXTREMES)):
        slot = mi[AT.field_candidate] + WIDTH * k
        p, n, distance = ld3(ws, g, slot), ld3(ws, g, slot + 3), ld(ws, g, slot + 6)
        keep = ti.select(distance < 0.5 * FAR, like(bound, 1.0), like(bound, 0.0))
        if any_lane(keep > 0.5):
            for j in range(turns(mi, MAX_FIELD_POINTS)):
                at = mi[AT.field_contact] + WIDTH * j
                gap = sub(p, ld3(ws, g, at))
                taken = count > like(bound, 0.5) + j
                same = taken & (dot(gap, gap) < (MERGE * bound) * (MERGE * bound)) & (dot(n, ld3(ws, g, at + 3)) > AGREE)
                keep = ti.select(same, like(bound, 0.0), keep)
            for j in range(turns(mi, MAX_FIELD_POINTS)):
                at = mi[AT.field_contact] + WIDTH * j
                mine = (keep > 0.5) & (count > like(bound, -0.5) + j) & (count < like(bound, 0.5) + j)
                st3(ws, g, at, select3(mine, p, ld3(ws, g, at)))
                st3(ws, g, at + 3, select3(mine, n, ld3(ws, g, at + 3)))
                st(ws, g, at + 6, ti.select(mine, distance, ld(ws, g, at + 6)))
            count = count + keep
