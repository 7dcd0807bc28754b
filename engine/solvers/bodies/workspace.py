"""The columns of the arrays of this solver; every array is a table of rows, so that a scene of any size compiles nothing.

Rows of `body` and `velocity`: env * groups + group, and one last row that stands still and serves empty lanes. A *group* is a
set of welded bodies; group 0 is the static world. Rows of `shape`: env * shapes + shape. A *pair* is a candidate of two shape
rows (the broad phase keeps them sorted by class, lower row, higher row), its *record* holds the manifold and what the next
step starts from. A *block* is one lane vector of pairs that share no moving body. Reals are SI, frames stand in the names.
"""

# body: pose of the centre of mass in W, the same and the velocity before the step, mass, loads.
POSITION, ROTATION = 0, 3
OLD_POSITION, OLD_ROTATION, OLD_VELOCITY, OLD_SPIN = 7, 10, 14, 17
INVERSE_MASS, INVERSE_INERTIA, INERTIA, INVERSE_INERTIA_W = 20, 21, 27, 33  # inertias: xx yy zz xy xz yz
WEIGHT = 39  # gravity scale
FORCE, TORQUE = 40, 43  # applied, about the centre of mass, in W
STILL_TIME = 46  # s, slower than the limits of sleep
BOUND = 47  # m, radius about the centre of mass that holds all shapes
WRITTEN = 48  # position of the origin (3), rotation (4), velocity (6) as the host last saw them
BODY_WIDTH = 61

# velocity: of the centre of mass, then angular, in W.
LINEAR, ANGULAR, VELOCITY_WIDTH = 0, 3, 8

# body_int
KIND, ASLEEP, ISLAND, ENV, GROUP, BODY_INT_WIDTH = 0, 1, 2, 3, 4, 5
STATIC, KINEMATIC, DYNAMIC = 0, 1, 2

# group_int, one row per group, the same in all environments: what the solver needs to speak with the declared state.
ROOT, QPOS, QVEL, KINEMATIC_INDEX, GROUP_INT_WIDTH = 0, 1, 2, 3, 4

# part, one row per body: origin and rotation, then centre of mass, in the frame of the group's centre of mass
PART_PLACE, PART_TURN, PART_COM, PART_WIDTH = 0, 3, 7, 10

# shape: pose in the frame of the group's centre of mass, size, material, pose in W, and what the broad phase saw last.
LOCAL_POSITION, LOCAL_ROTATION = 0, 3
SIZE, CORE, RADIUS, BALL, HALF = 7, 10, 13, 14, 15  # as in engine.collision.shapes; ball: bounding radius; half extents
MARGIN, FRICTION, TORSION, ROLLING, RESTITUTION = 18, 19, 20, 21, 22
PLACE, TURN = 23, 26  # pose in W
MOTION = 30  # m, bound of the way in this step
SEEN, SLACK = 31, 34  # place at the last broad phase; how far any point of the shape may move before the next
SEEN_TURN, SWING = 35, 39  # rotation then; radius by which turning moves what the broad phase used (0: a ball)
SHAPE_WIDTH = 40

# shape_int, one row per shape
SHAPE_TYPE, SHAPE_MESH, SHAPE_GROUP, SHAPE_BODY, BITS, AFFINITY, CONDIM, CLASS, SHAPE_INT_WIDTH = 0, 1, 2, 3, 4, 5, 6, 7, 8

# pair: rows of the two shapes, class, points of the manifold in use
SHAPE_A, SHAPE_B, PAIR_CLASS, POINTS, PAIR_WIDTH = 0, 1, 2, 3, 4

# record
NORMAL, TURNING = 0, 3  # normal from a to b in W; impulse of torsion and rolling in W
POINT = 6  # up to four: local (3) in the frame of shape a, in W (3), distance, normal impulse, tangential impulse in W (3)
POINT_WIDTH = 11
AT_W, DISTANCE, PUSH, DRAG = 3, 6, 7, 8
IMPULSE, TOUCHES, LAST_POINT = 50, 53, 54  # sums over the substeps of one step
RECORD_WIDTH = 57

# block (lanes)
B_NORMAL, B_FIRST, B_SECOND = 0, 3, 6
B_MASS_A, B_MASS_B, B_INERTIA_A, B_INERTIA_B, B_FRICTION = 9, 10, 11, 17, 23
B_TORSION, B_ROLLING, B_TURN_MASS, B_TURNING = 24, 25, 26, 27  # turning: impulse (3) about normal, first, second
B_DEPTH = 30  # m, where the push-out is hard
B_POINT, B_POINT_WIDTH = 31, 14
ARM_A, ARM_B, GAP, MASS_N, MASS_T, LOAD, SLIP, REBOUND = 0, 3, 6, 7, 8, 9, 10, 12  # slip: impulse (2) along the tangents
BLOCK_WIDTH = B_POINT + 4 * B_POINT_WIDTH

# env
TIME, GRAVITY, FAULT, ENV_WIDTH = 0, 1, 4, 5

# setting: step, what a finished step adds to the time, limits
STEP, DURATION, SLOWEST, SOFT_RATE, SOFT_IMPULSE, SOFT_DEPTH, FASTEST_PUSH, REBOUND_SPEED, SLEEP_TIME, NUM_SETTINGS = range(10)

# counters
(NEED_BROAD, NUM_PAIRS, NEED_PAIRS, NEED_ROW, NUM_WIDE, NEED_WIDE, NUM_NEAR, NUM_BLOCKS, NUM_ACTIVE, WOKEN, NUM_ASLEEP,
 NUM_SPILLED, NUM_SPREAD) = range(13)  # fmt: skip
COLOUR_START = 16  # first block of each colour, and the end
COLOURS = 30  # the last one takes what no other can: each of its blocks holds one pair
COLOUR_CURSOR = COLOUR_START + COLOURS + 1  # pairs of each colour, then the next free lane
NUM_COUNTERS = COLOUR_CURSOR + COLOURS

FAR_POINT = 1e9  # distance of a point that is not there
