"""Scratch of the collision stage: two supporting polygons, the candidate points of a manifold and the points that are kept.

The arrays serve one pair at a time. Polygons are plane figures in the contact frame (u, v), seen along the normal.
"""

from engine.arrays import TABLE, Store

MAX_POINTS = 4  # contacts of a pair
MAX_CORNERS = 8  # corners of a supporting polygon; a polygon with fewer repeats its last corner
MAX_CANDIDATES = 2 * MAX_CORNERS + MAX_CORNERS * MAX_CORNERS  # corners of either inside the other, and edge crossings
MAX_FIELD_POINTS = 8  # contacts of a pair with a height field or a signed distance field
MAX_EXTREMES = 9  # candidates that are kept while such a pair is searched: the deepest, and one towards each diagonal

for _name, _shape, _doc in (
    ("polygon_corner", (2, MAX_CORNERS, 3), "supporting polygons of shapes a and b in the contact frame: u, v, w"),
    ("manifold_candidate", (MAX_CANDIDATES, 3), "u, v, distance; FAR where the lane has no such candidate"),
    ("pair_contact", (MAX_POINTS, 4), "kept points in the frame of shape a: x, y, z, distance"),
    ("field_candidate", (MAX_EXTREMES, 8), "kept candidates in the frame of the field: point, outward normal, distance, score"),
    ("field_contact", (MAX_FIELD_POINTS, 8), "the distinct ones of them, packed per lane"),
):
    TABLE.array(_name, Store.SCRATCH, _shape, "m", _doc)
TABLE.array("contact_arrival", Store.SCRATCH, ("max_contacts",), "", "1: a fast contact; its distance is the way to go")
