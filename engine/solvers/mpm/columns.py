"""Rows and columns of the tables of the material point solver: what lies where in which array.

`pv` vectors of four per particle: position and mass, velocity and rest volume, then the three columns of the affine velocity,
the first with the mass of the grid at the particle over the volume of a cell. `ps` sixteen particles side by side: strain b - I
(xx yy zz xy xz yz), then one scalar of the law. Both twice, because a sort writes into the other half. `pt` likewise: the
momentum that stress hands to the grid per metre (xx yy zz xy xz yz).
"""

FIELDS, STRAINS = 5, 7  # vectors per particle, lane rows per sixteen particles
POSITION, VELOCITY, AFFINE = 0, 1, 2
SCALAR = 6
# pi: integers of a particle
MATERIAL, ORIGINAL, KEY, CONTACTS, BEHIND, PARTICLE_INTS = 0, 1, 2, 3, 4, 6
# bi: integers of a block of 4 x 4 x 4 nodes; LEAST and MOST: the part of its tile that particles without contacts reach
BLOCK, START, END, NUM_NEAR, NEAR, AROUND = 0, 3, 4, 5, 6, 14
MAX_NEAR = 8
LEAST, MOST, BLOCK_INTS = AROUND + 27, AROUND + 28, AROUND + 29
# bf: per block and near shape, the inertia of its contacts (21), their momentum (6), the impulse given (6), where (4), and a
# plane (4: normal, distance) that the shape does not reach through until the next sort
INERTIA, MOMENTUM, GIVEN, WHERE, FRONT, ENTRY = 0, 21, 27, 33, 37, 41
# ei: integers of an environment
COUNT, HALF, FULL_BLOCKS, BLOCKS, STALE, FAULT, SUBSTEPS, DONE, NEEDED, DROPPED, COLOUR, ENV_INTS = (
    0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 20,
)  # fmt: skip
# ef: reals of an environment; velocities live between two places: KICK is the time from the last one to the next, LAST the
# substep before (0 at the start, where velocities are those of the first place)
DT, GRAVITY, LOW, DX, INV_DX, SPEED, LOST, DURATION, WAVE, COURANT = 0, 1, 4, 7, 8, 9, 10, 11, 12, 13
LAST, KICK, ENV_REALS = 14, 15, 16
# en: extent of the domain in blocks along each axis, then the period in blocks, 0 where there is none
PERIOD, DOMAIN_INTS = 3, 6
PADDING = 3  # blocks around the domain
# mt: constants of a material; HARDENING is the flow index of a paste
LAW, BULK, LAME, SHEAR, VISCOSITY, YIELD, HARDENING = 0, 1, 2, 3, 4, 5, 6
FRICTION, COHESION, COMPRESSION, STRETCH, DENSITY, BOND, MATERIAL_REALS = 7, 8, 9, 10, 11, 12, 13
# sh: a rigid shape in the world
KIND, CARRIER, SIZE, PLACE, TURN, GRIP, BOUND = 0, 1, 2, 5, 8, 17, 18
FACE_START, FACE_COUNT, GRID_ORIGIN, GRID_SPACING, GRID_COUNT, SHIFT, SHAPE_REALS = 19, 20, 21, 24, 25, 28, 32
# bo: a rigid body; twists are (velocity of the centre of mass, angular velocity), wrenches (force, torque about it)
(TWIST, CENTRE, MASS, BODY_INERTIA, INVERSE, PUSH, TOTAL, MOVES, FOUND, SOLVED, SYSTEM, BODY_REALS) = (
    0, 6, 9, 10, 19, 28, 34, 40, 41, 45, 51, 96,
)  # fmt: skip
# co: vectors per contact of a particle; turns are moments about the particle, LEAN the first moment of the image's mass
PLANE, LOAD, REACH, SPOT, ECHO, PRESS, LOAD_TURN, ECHO_TURN, LEAN, CONTACT_FIELDS = 0, 1, 2, 3, 4, 5, 6, 7, 8, 9
MAX_CONTACTS = 3
# probe: distance, normal, room to the nearest edge
PROBE = 8

LIQUID, ELASTIC, PLASTIC, SAND, SNOW, PASTE = 0, 1, 2, 3, 4, 5
NOT_FINITE, OUT_OF_DOMAIN = 1, 8
