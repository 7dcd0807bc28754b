"""Rows of the arrays of the deformable solver. A group is one SIMD vector of vertices of one colour of one object.

`ws[env, group * WIDTH + row]` is the state of a group, rows of lanes; `parameter[env, ...]` holds scalars: first those of the
environment, then a block for each object; `mi[group * GROUP_INTS + ...]` says where the elements of a group lie.
"""

# State of a vertex, in lanes.
X, V, X_START, Y, ACCELERATION, FORCE, X_BEFORE, V_BEFORE = 0, 3, 6, 9, 12, 15, 18, 21
PIN, STIFFNESS, CROWDED = 24, 25, 26
TARGET, TARGET_FORCE, TARGET_STIFFNESS = 27, 30, 33
PULL, BLOCK = 34, 37  # force and Hessian (six) of the own vertex while it is relaxed
CONTACT, CONTACTS = 43, 2
# Of one contact: normal, offset of the plane, motion of the body in this step, normal force, friction force, stiffness (0: it
# may not press), coefficient, shape, gap at the begin, and the normal force that bounds friction while vertices are relaxed.
NORMAL, OFFSET, MOTION, PRESS, RUB, GRIP, FRICTION, SHAPE, GAP, BEARING = 0, 3, 4, 7, 8, 11, 12, 13, 14, 15
CONTACT_WIDTH = 16
LADEN = CONTACT + CONTACTS * CONTACT_WIDTH  # 1: particles bear the tie, and get no share of what sweeps leave over
WIDTH = LADEN + 1

# The same vertex as others see it: scalars, a row of one cache line per vertex in `seen[...]`, flat.
SEEN_X, SEEN_START, SEEN_SWEEP, SEEN_V, SEEN_CROWDED, SEEN_PIN, SEEN_WIDTH = 0, 3, 6, 9, 12, 13, 16

# Kinds of elements: what a vertex meets of each is a list of entries.
TRIANGLE, TETRAHEDRON, HINGE, EDGE = 0, 1, 2, 3
OTHERS = (2, 3, 3, 1)  # vertices of an element beside the own one
CONSTANTS = (5, 10, 6, 2)  # reals of an entry
GROUP_INTS = 16
OBJECT, SHARE, SIZE, ENTRIES = 0, 1, 2, 4  # ENTRIES: count, first integer, first real of every kind

# Parameters of an environment, then of each object.
DT, GRAVITY, WIND, BDF2, AIR, BOUND, CELL, TURNS = 0, 1, 4, 7, 8, 9, 10, 11  # the last two: see `separation`
ENV_WIDTH = 12
(
    DENSITY, DAMPING, C11, C22, C12, C66, BEND_1, BEND_2, MU, LAMBDA, LAW, STRETCH, RUBBING, RADIUS, SPACING, DRAG, SKIN_DRAG,
    PRESSURE, GRAVITY_SCALE, MASS_DAMPING, BEND_DAMPING, TORSION,
) = range(22)  # fmt: skip
OBJECT_WIDTH = 24

# System of the rigid motion of an object: six rows of seven, then the diagonal as it was; force that contacts get beside their
# own, per size of that; sum of the coordinates of the centre (not finite: something broke).
EXTRA, PLACE_SUM, RIGID_WIDTH = 48, 51, 52

# Contact of vertices with each other: near vertices kept per vertex, cells per vertex of the hashed grid.
NEAR = 16

# Rigid shapes, scalars per environment: type, position, rotation matrix, size, plane list of a hull, friction, velocity and
# spin of the body, its centre of mass, largest contact stiffness, how much of the last force is kept, radius
# of a ball around the place that holds the shape.
(TYPE, PLACE, TURN, EXTENT, PLANES, SLIDING, LINEAR, ANGULAR, CENTRE, LIMIT, KEPT, BALL) = (
    0,
    1,
    4,
    13,
    16,
    18,
    19,
    22,
    25,
    28,
    29,
    30,
)
SHAPE_WIDTH = 32
