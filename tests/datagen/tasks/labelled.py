"""Episodes whose predicates are labelled by hand: what the physics says, argued in one line each, not what the program says.

A scene is a document with parameters; a case is (scene, parameters, goal, time [s], label, why). Numbers are chosen so that
the label does not hang on a few per cent.
"""

from copy import deepcopy

FLOOR = {"morph": {"type": "plane"}, "material": {"friction": 0.5}}


def cube(position, size=0.1, **more):
    return {
        "morph": {"type": "box", "size": [size] * 3},
        "position": position,
        "material": {"friction": 0.5},
        "mass": 1.0,
        **more,
    }


def ball(position, radius=0.05, **more):
    return {"morph": {"type": "sphere", "radius": radius}, "position": position, "mass": 1.0, **more}


def document(entities, seconds, gravity=9.81, **more):
    return {
        "spec": 1, "name": "case", "world": {"gravity": gravity}, "entities": entities, "checks": {"overlap": "ignore"},
        "record": {"fps": 50, "duration": seconds, "outputs": ["rgb"]}, **more,
    }  # fmt: skip


def slide(v):
    return document({"floor": FLOOR, "cube": cube([0, 0, 0.05], velocity=[v, 0, 0])}, 1.0)


def drop(h):
    return document({"floor": FLOOR, "ball": ball([0, 0, 0.05 + h], material={"restitution": 0.0})}, 0.6)


def pile(x):
    return document({"floor": FLOOR, "low": cube([0, 0, 0.05], fixed=True), "top": cube([x, 0, 0.15])}, 1.0)


def lean(degrees):
    block = {"morph": {"type": "box", "size": [0.04, 0.2, 0.1]}, "mass": 1.0, "material": {"friction": 0.8}}
    block.update(position=[0, 0, 0], origin="bottom", rotation={"axis": "y", "angle": f"{degrees} deg"})
    return document({"floor": FLOOR, "block": block}, 1.5)


def pendulum(degrees):
    joints = {"pivot": {"type": "hinge", "body": "bob", "anchor": [0, 0, 1.0], "axis": "y", "initial": f"{degrees} deg"}}
    return document({"bob": ball([0, 0, 1.0], radius=0.02)}, 2.2, joints=joints)


def drawer(start):
    joints = {"rail": {"type": "slide", "body": "drawer", "axis": "x", "limits": [0, 0.3], "initial": start, "damping": 50}}
    return document({"drawer": cube([0, 0, 1.0])}, 0.2, gravity=0.0, joints=joints)


def cup(x, z):
    vessel = {"morph": {"type": "cup", "radius": 0.06, "height": 0.12}, "position": [0, 0, 0.06], "fixed": True}
    return document({"floor": FLOOR, "cup": vessel, "ball": ball([x, 0, z], radius=0.02)}, 0.8)


def peg(x, z):
    """A hole 5 cm deep with a bottom of 1 cm and a peg of 11 cm."""
    vessel = {"type": "cup", "radius": 0.022, "height": 0.06, "thickness": 0.01}
    hole = {"morph": vessel, "position": [0, 0, 0.03], "fixed": True}
    stick = {"morph": {"type": "cylinder", "radius": 0.015, "height": 0.11}, "position": [x, 0, z], "mass": 1.0}
    return document({"floor": FLOOR, "hole": hole, "peg": stick}, 0.6)


def pair(position):
    return document({"a": cube([0, 0, 0]), "b": cube(position)}, 0.1, gravity=0.0)


def round_pair(gap):
    return document({"a": ball([0, 0, 0]), "b": ball([0.1 + gap, 0, 0])}, 0.1, gravity=0.0)


def shot(y):
    balls = {"a": ball([-0.3, y, 0], velocity=[1.0, 0, 0]), "b": ball([0, 0, 0])}
    return document(balls, 0.6, gravity=0.0)


def circle(turns):
    """A ball goes round a post at 30 cm, `turns` times in the second that its hinge runs."""
    post = {"morph": {"type": "cylinder", "radius": 0.05, "height": 0.2}, "fixed": True}
    hinge = {"type": "hinge", "body": "ball", "anchor": [-0.3, 0, 0], "axis": "z", "velocity": f"{360 * turns} deg/s"}
    return document({"post": post, "ball": ball([0.3, 0, 0])}, 1.1, gravity=0.0, joints={"arm": hinge})


def lift(height):
    plate = {
        "morph": {"type": "box", "size": [0.3, 0.3, 0.02]},
        "position": [0, 0, 0.01],
        "fixed": True,
        "material": {"friction": 0.8},
    }
    move = {"do": "move", "target": "plate", "direction": "up", "distance": height, "duration": 0.5, "start": {"at": 0.1}}
    return document({"floor": FLOOR, "plate": plate, "cube": cube([0, 0, 0.07])}, 1.0, actions={"up": move})


def edge(v):
    table = {
        "morph": {"type": "box", "size": [0.4, 0.4, 0.4]},
        "position": [0, 0, 0.2],
        "fixed": True,
        "material": {"friction": 0.5},
    }
    return document({"floor": FLOOR, "table": table, "cube": cube([0, 0, 0.45], velocity=[v, 0, 0])}, 1.2)


def roll(v):
    return document(
        {"floor": FLOOR, "ball": ball([0, 0, 0.05], velocity=[v, 0, 0], angular_velocity=[0, f"{20 * v} rad/s", 0])}, 1.0
    )


def squeeze(left, right):
    """Two fingers on slides press a cube of 1 kg with springs: 10 N are about its weight."""
    finger = {"count": 2, "morph": {"type": "box", "size": [0.02, 0.1, 0.1]}, "mass": 0.2, "material": {"friction": 0.8}}
    entities = {
        "floor": FLOOR, "cube": cube([0, 0, 0.05]),
        "finger": {**finger, "arrange": {"type": "line", "spacing": 0.13, "direction": "x"}, "position": [0, 0, 0.06]},
    }  # fmt: skip
    joints = {"grip": {"type": "slide", "body": "finger[*]", "axis": "x", "damping": 5}}
    actions = {
        f"press_{side}": {"do": "slide_target", "joint": f"grip[{side}]", "value": value, "stiffness": 1000, "damping": 20}
        for side, value in enumerate((left, -right))
    }
    return document(entities, 0.8, joints=joints, actions=actions)


CASES = [
    # sliding: stops after v^2 / (2 mu g): 2.5 cm at 0.5 m/s, 10 cm at 1 m/s, 41 cm at 2 m/s, after v / (mu g) < 0.41 s
    (slide, (0.5,), "moved(cube, 5 cm)", 0.9, False, "2.5 cm"),
    (slide, (1.0,), "moved(cube, 5 cm)", 0.9, True, "10 cm"),
    (slide, (1.0,), "moved(cube, 20 cm)", 0.9, False, "10 cm"),
    (slide, (2.0,), "moved(cube, 30 cm)", 0.9, True, "41 cm"),
    (slide, (2.0,), "settled(cube)", 0.9, True, "at rest since 0.41 s"),
    (slide, (2.0,), "settled(cube)", 0.3, False, "still 0.5 m/s"),
    (slide, (2.0,), "moving(cube, 20 cm/s)", 0.2, True, "about 1 m/s"),
    (slide, (0.5,), "moving(cube, 20 cm/s)", 0.5, False, "at rest since 0.1 s"),
    (slide, (1.5,), "supported_by(cube, floor)", 0.9, True, "the floor carries all of it, at rest"),
    (slide, (1.5,), "position(cube, along x) > 15 cm and not moved(cube, 40 cm)", 0.9, True, "23 cm"),
    # falling: hits after sqrt(2 h / g) with m sqrt(2 g h)
    (drop, (0.2,), "touching(ball, floor)", 0.1, False, "hits at 0.20 s"),
    (drop, (0.2,), "touching(ball, floor)", 0.5, True, "lies since 0.20 s"),
    (drop, (0.2,), "hit(ball, floor, 1.5 N*s)", 0.5, True, "1.98 N s"),
    (drop, (0.2,), "hit(ball, floor, 3 N*s)", 0.5, False, "1.98 N s"),
    (drop, (0.05,), "hit(ball, floor, 1.5 N*s)", 0.5, False, "0.99 N s"),
    (drop, (0.8,), "hit(ball, floor, 3 N*s)", 0.5, True, "3.96 N s at 0.40 s"),
    (drop, (0.8,), "hit(ball, floor)", 0.3, False, "hits at 0.40 s"),
    (drop, (0.8,), "speed(ball) > 2 m/s", 0.3, True, "2.9 m/s"),
    (drop, (0.0,), "on_top(ball, floor)", 0.4, True, "lies"),
    (drop, (0.8,), "on_top(ball, floor)", 0.3, False, "in the air"),
    # a cube of 10 cm on another: its centre has to be over the lower one
    (pile, (0.0,), "on_top(top, low)", 0.8, True, "centred"),
    (pile, (0.03,), "on_top(top, low)", 0.8, True, "centre 2 cm inside the edge"),
    (pile, (-0.04,), "on_top(top, low)", 0.8, True, "centre 1 cm inside the edge"),
    (pile, (0.07,), "on_top(top, low)", 0.8, False, "centre 2 cm beyond the edge: it tips off"),
    (pile, (0.09,), "on_top(top, low)", 0.8, False, "centre 4 cm beyond the edge"),
    (pile, (0.02,), "on_top(low, top)", 0.8, False, "the lower one is not on the upper one"),
    (pile, (0.5,), "on_top(top, low)", 0.8, False, "stands beside, falls to the floor"),
    (pile, (0.0,), "above(top, low, 0 cm) or touching(top, low)", 0.8, True, "lies on it"),
    # a block 4 cm thick and 10 cm high tips over from atan(0.4) = 21.8 deg on
    (lean, (0,), "upright(block, 5 deg)", 1.4, True, "stands"),
    (lean, (10,), "upright(block, 30 deg)", 1.4, True, "rocks back"),
    (lean, (35,), "tilt(block, axis z) > 60 deg", 1.4, True, "falls on its side"),
    (lean, (-35,), "tilt(block, axis z) > 60 deg", 1.4, True, "falls on its side"),
    (lean, (10,), "toppled(block)", 1.4, False, "rocks back"),
    (lean, (35,), "upright(block, 30 deg)", 1.4, False, "has turned by 55 deg from where it began"),
    # a pendulum of 1 m: period 2.006 s for small angles
    (pendulum, (10,), "joint_at(pivot, -10 deg, +- 1 deg)", 1.0, True, "half a period later on the other side"),
    (pendulum, (10,), "joint_at(pivot, 10 deg, +- 1 deg)", 1.0, False, "on the other side"),
    (pendulum, (10,), "joint_at(pivot, 10 deg, +- 1 deg)", 2.0, True, "a whole period"),
    (pendulum, (5,), "joint_at(pivot, 0 deg, +- 1 deg)", 0.5, True, "a quarter of a period"),
    (pendulum, (0,), "settled(bob)", 1.0, True, "hangs"),
    (pendulum, (10,), "turned(bob, 15 deg)", 1.0, True, "20 deg from the start"),
    # a drawer that stays where it is: fraction = start / 30 cm
    (drawer, (0.2,), "open(rail, 50 %)", 0.1, True, "67 %"),
    (drawer, (0.1,), "open(rail, 50 %)", 0.1, False, "33 %"),
    (drawer, (0.001,), "closed(rail)", 0.1, True, "0.3 %"),
    (drawer, (0.02,), "closed(rail)", 0.1, False, "6.7 %"),
    (drawer, (0.02,), "open(rail)", 0.1, False, "6.7 %, neither open nor closed"),
    # a cup of 6 cm and a ball of 2 cm
    (cup, (0.0, 0.2), "inside(ball, cup)", 0.7, True, "falls in"),
    (cup, (0.0, 0.2), "inside(ball, cup)", 0.0, False, "8 cm above the rim"),
    (cup, (0.15, 0.2), "inside(ball, cup)", 0.7, False, "falls beside"),
    (cup, (0.15, 0.02), "inside(ball, cup)", 0.5, False, "lies beside"),
    (cup, (0.01, 0.1), "inside(ball, cup) and touching(ball, cup)", 0.7, True, "falls to the bottom"),
    (cup, (0.0, 0.2), "touching(ball, floor)", 0.7, False, "the bottom is between"),
    # a peg whose foot dips into the bottom of its hole by what a contact gives
    (peg, (0.0, 0.067), "insertion_depth(peg, hole) > 4 cm", 0.5, True, "stands on the bottom, 5 cm below the rim"),
    (peg, (0.0, 0.067), "insertion_depth(peg, hole) > 6 cm", 0.5, False, "the hole is 5 cm deep"),
    (peg, (0.1, 0.056), "insertion_depth(peg, hole) > 0.1 mm", 0.5, False, "stands beside"),
    # two cubes of 10 cm that hang in space
    (pair, ([0.3, 0, 0],), "left_of(a, b)", 0.0, True, "20 cm free to the right of a"),
    (pair, ([-0.3, 0, 0],), "left_of(a, b)", 0.0, False, "b is left"),
    (pair, ([0.05, 0, 0.2],), "left_of(a, b)", 0.0, False, "they overlap sideways"),
    (pair, ([0.3, 0, 0],), "right_of(b, a, 15 cm)", 0.0, True, "20 cm"),
    (pair, ([0, 0.3, 0],), "in_front_of(a, b)", 0.0, True, "a is nearer to the viewer"),
    (pair, ([0, 0.3, 0],), "behind(a, b)", 0.0, False, "a is nearer to the viewer"),
    (pair, ([0, 0, 0.3],), "below(a, b) and above(b, a)", 0.0, True, "20 cm between"),
    (pair, ([0, 0, 0.3],), "near(a, b, 25 cm)", 0.0, True, "20 cm between the faces"),
    (pair, ([0, 0, 0.3],), "near(a, b, 15 cm)", 0.0, False, "20 cm between the faces"),
    (pair, ([0.3, 0.3, 0],), "near(a, b, 27 cm)", 0.0, False, "28.3 cm between the edges"),
    (pair, ([0.3, 0.3, 0],), "near(a, b, 29 cm)", 0.0, True, "28.3 cm between the edges"),
    (round_pair, (0.02,), "touching(a, b)", 0.0, False, "2 cm apart"),
    (round_pair, (0.02,), "distance(a, b) ~ 2 cm +- 0.1 mm", 0.0, True, "2 cm by construction"),
    # a ball passes another at y: they hit where |y| is below 10 cm
    (shot, (0.0,), "hit(a, b)", 0.5, True, "head on at 0.2 s"),
    (shot, (0.0,), "hit(a, b)", 0.1, False, "10 cm to go"),
    (shot, (0.05,), "hit(a, b)", 0.5, True, "off centre by 5 cm"),
    (shot, (0.12,), "hit(a, b)", 0.5, False, "passes at 12 cm"),
    (shot, (0.12,), "collided(a)", 0.5, False, "passes"),
    (shot, (0.0,), "collided(b)", 0.5, True, "is hit"),
    (shot, (0.0,), "moved(b, 5 cm)", 0.55, True, "takes over most of the momentum at 0.2 s"),
    (shot, (0.12,), "moved(b, 1 mm)", 0.5, False, "is never touched"),
    # round a post, and past another ball
    (circle, (1.5,), "orbit(ball, post) > 500 deg", 1.0, True, "540 deg"),
    (circle, (1.5,), "orbit(ball, post) > 600 deg", 1.0, False, "540 deg"),
    (circle, (-1.5,), "orbit(ball, post) < -500 deg", 1.0, True, "the other way round"),
    (circle, (0.1,), "orbit(ball, post) > 90 deg", 1.0, False, "36 deg"),
    (shot, (0.12,), "orbit(a, b) < -120 deg", 0.58, True, "from 68 deg before the normal to 67 deg behind it, clockwise"),
    (shot, (0.12,), "orbit(a, b) > 0 deg", 0.58, False, "passes clockwise"),
    # a plate that is carried up with a cube on it
    (lift, (0.2,), "lifted(cube, 5 cm)", 0.9, True, "20 cm up, on a plate that moves"),
    (lift, (0.02,), "lifted(cube, 5 cm)", 0.9, False, "2 cm up"),
    (lift, (0.2,), "lifted(cube, 5 cm)", 0.1, False, "begins now"),
    (lift, (0.2,), "on_top(cube, plate)", 0.9, True, "it stays on the plate"),
    (lift, (0.2,), "on_top(cube, floor)", 0.9, False, "the plate is between"),
    # a cube on a table of 40 cm slides v^2 / (2 mu g) and falls when its centre passes the edge at 20 cm
    (edge, (0.8,), "fell_off(cube, table)", 1.1, False, "stops after 6.5 cm"),
    (edge, (2.5,), "fell_off(cube, table)", 1.1, True, "would slide 64 cm"),
    (edge, (0.8,), "on_top(cube, table)", 1.1, True, "stops on it"),
    (edge, (2.5,), "on_top(cube, table)", 1.1, False, "lies on the floor"),
    (edge, (2.5,), "fell_off(cube, table)", 0.05, False, "still on it"),
    # a ball of 5 cm rolls v t / r
    (roll, (0.5,), "turned(ball, 360 deg, axis y)", 0.9, True, "9 rad"),
    (roll, (0.5,), "turned(ball, 720 deg, axis y)", 0.9, False, "9 rad are less than two turns"),
    (roll, (0.1,), "turned(ball, 360 deg, axis y)", 0.9, False, "1.8 rad"),
    (roll, (0.5,), "slip(ball, floor) < 1 cm", 0.9, True, "rolls without slipping"),
    # fingers half a centimetre away from the cube, springs of 1000 N/m
    (squeeze, (0.025, 0.025), "grasped(cube, finger[*])", 0.7, True, "both press with 20 N, twice the weight"),
    (squeeze, (0.0, 0.0), "grasped(cube, finger[*])", 0.7, False, "both stay 0.5 cm away"),
    (squeeze, (0.0, 0.0), "released(cube, finger[*])", 0.7, True, "both stay away"),
    (squeeze, (0.025, 0.025), "released(cube, finger[*])", 0.7, False, "both press"),
    (squeeze, (0.008, -0.03), "grasped(cube, finger[*])", 0.7, False, "one alone pushes, the other has gone away"),
    (squeeze, (0.0055, 0.0055), "grasped(cube, finger[*])", 0.7, False, "both touch with 0.5 N, a twentieth of the weight"),
]  # fmt: skip


def task_document(scene, parameters, goal):
    """The document of a case."""
    made = deepcopy(scene(*parameters))
    return {**made, "task": {"success": goal}}
