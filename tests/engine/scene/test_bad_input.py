"""Every bad value, reference and combination gets one sentence: where, what, what is allowed, what to do."""

import numpy as np
import pytest

import engine

OPEN_MESH = {"vertices": [[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], "faces": [[0, 2, 1], [0, 1, 3], [0, 3, 2]]}
BOX = engine.Box((1, 1, 1))


def add(*args, **kwargs):
    return lambda s: s.add_body("x", *args, **kwargs)


def shape(cls, *args, **kwargs):
    return lambda s: s.add_body("x", cls(*args, **kwargs))


BAD = {
    "negative mass": (add(BOX, mass=-1.0), "mass is -1; allowed: above 0"),
    "zero mass": (add(BOX, mass=0), "mass is 0; allowed: above 0"),
    "NaN mass": (add(BOX, mass=float("nan")), "mass is nan"),
    "mass as text": (add(BOX, mass="heavy"), "mass is 'heavy'"),
    "negative density": (add(BOX, density=-1), "density is -1"),
    "mass and density": (add(BOX, mass=1, density=1), "both mass and density"),
    "inertia without mass": (add(BOX, inertia=(1, 1, 1)), "inertia or com without mass"),
    "impossible inertia": (add(BOX, mass=1, inertia=(1, 1, 3)), "principal moments"),
    "com without inertia": (add(BOX, mass=1, com=(0, 0, 1)), "com without inertia"),
    "mass of nothing": (add(mass=1), "without shapes"),
    "NaN position": (add(BOX, position=(0, 0, np.nan)), "position is nan"),
    "short position": (add(BOX, position=(0, 0)), "position has 2 entries"),
    "zero quaternion": (add(BOX, rotation=(0, 0, 0, 0)), "zero quaternion"),
    "zero size": (shape(engine.Box, (1, 0, 1)), "size is 0; allowed: above 0"),
    "negative radius": (shape(engine.Sphere, -0.1), "radius is -0.1"),
    "negative length": (shape(engine.Capsule, 0.1, -1), "length is -1"),
    "NaN height": (shape(engine.Cylinder, 0.1, np.nan), "height is nan"),
    "infinite radii": (shape(engine.Ellipsoid, (1, 1, np.inf)), "radii is inf"),
    "negative scale": (shape(engine.Mesh, scale=-1, **OPEN_MESH), "scale is -1"),
    "mesh of nothing": (shape(engine.Mesh), "needs either path"),
    "missing mesh": (shape(engine.Mesh, path="gone.stl"), "does not exist"),
    "no shape": (add("box"), "'box' is no shape"),
    "shape class": (add(engine.Box), "is no shape"),
    "joint class": (add(BOX, joint=engine.Hinge), "is no joint"),
    "friction as text": (add(BOX, friction="high"), "friction is 'high'"),
    "color as number": (add(BOX, color=0.5), "color is 0.5"),
    "inertia as text": (add(BOX, mass=1, inertia="x"), "inertia is 'x'"),
    "shape as number": (lambda s: s.add_shape("ground", 3), "3 is no shape"),
    "bad friction": (add(BOX, friction=-0.5), "friction is -0.5"),
    "short friction": (add(BOX, friction=(0.5, 0.1)), "friction has 2 entries"),
    "bad restitution": (add(BOX, restitution=1.5), "restitution is 1.5; allowed: 0 to 1"),
    "bad color": (add(BOX, color=(255, 0, 0)), "color is 255"),
    "color as text": (add(BOX, color="red"), "color is 'red'"),
    "bad condim": (add(BOX, condim=2), "condim is 2; allowed: 1, 3, 4, 6"),
    "bad solref": (add(BOX, solref=(0.02, -1)), "solref"),
    "bad solimp": (add(BOX, solimp=(-0.1, 0.9, 0.1, 0.5, 2)), "solimp"),
    "bad checker": (add(BOX, checker=(1, 1)), "checker is"),
    "unknown parent": (add(BOX, parent="grund"), "unknown body 'grund'; did you mean 'ground'"),
    "own parent": (add(BOX, parent="x"), "unknown body 'x'"),
    "duplicate body": (lambda s: s.add_body("ground"), "already a body named 'ground'"),
    "empty name": (lambda s: s.add_body(""), "the name is ''"),
    "duplicate shape": (shape(engine.Sphere, 1, name="ground"), "already a shape named 'ground'"),
    "free below a body": (add(BOX, parent="ground", joint=engine.Free()), "Free alone"),
    "two balls": (add(BOX, joint=[engine.Ball(), engine.Ball(name="b")]), "at most one Ball"),
    "zero axis": (add(BOX, joint=engine.Hinge((0, 0, 0))), "axis is zero"),
    "swapped limits": (add(BOX, joint=engine.Hinge(range=(1, -1))), "low above high"),
    "negative damping": (add(BOX, joint=engine.Slide(damping=-1)), "damping is -1"),
    "abstract joint": (add(BOX, joint=engine.Joint()), "is no joint"),
    "duplicate joint": (add(BOX, joint=[engine.Hinge(name="a"), engine.Slide(name="a")]), "two joints have one name"),
    "fixed and joint": (add(BOX, fixed=True, joint=engine.Hinge()), "fixed or kinematic body was given a joint"),
    "kinematic child": (add(BOX, kinematic=True, parent="ground"), "kinematic body has a parent"),
    "velocity of a wall": (add(BOX, fixed=True, velocity=(1, 0, 0)), "without a Free joint was given a velocity"),
    "unknown joint": (lambda s: s.add_actuator("m", "elbow"), "unknown joint 'elbow'"),
    "unknown kind": (lambda s: (add(BOX, joint=engine.Hinge())(s), s.add_actuator("m", "x", "moter")), "did you mean 'motor'"),
    "actuated nothing": (lambda s: (add(BOX, joint=engine.Ball())(s), s.add_actuator("m")), "none or several"),
    "swapped control": (
        lambda s: (add(BOX, joint=engine.Hinge())(s), s.add_actuator("m", "x", control_range=(1, 0))),
        "control_range is \\(1, 0\\)",
    ),
    "camera on nothing": (lambda s: s.add_camera("c", (0, 0, 0), (1, 0, 0), body="hand"), "unknown body 'hand'"),
    "camera without aim": (lambda s: s.add_camera("c", (0, 0, 0)), "both missing"),
    "camera at its target": (lambda s: s.add_camera("c", (0, 0, 0), (0, 0, 0)), "camera's own position"),
    "camera of no size": (lambda s: s.add_camera("c", (0, 0, 0), (1, 0, 0), resolution=(0, 10)), "width is 0"),
    "wide camera": (lambda s: s.add_camera("c", (0, 0, 0), (1, 0, 0), fov_y=200), "fov_y is 200"),
    "no sun": (lambda s: s.set_sun(direction=(0, 0, 0)), "direction is zero"),
    "exclude nothing": (lambda s: s.exclude_contacts("ground", "wall"), "unknown body 'wall'"),
}  # fmt: skip


@pytest.mark.parametrize("case", BAD)
def test_bad_values_are_refused_when_they_are_added(case):
    """The call that brings the value raises, names itself, and leaves the scene as it was."""
    act, sentence = BAD[case]
    scene = engine.Scene()
    scene.add_plane()
    with pytest.raises(engine.EngineError, match=sentence) as error:
        act(scene)
    assert str(error.value).startswith("Scene.") and str(error.value).endswith(".")
    if not case.startswith(("unknown kind", "actuated", "swapped control")):
        assert len(scene.bodies) == 2 and len(scene.shapes) == 1
        scene.add_body("x", BOX)


def compiled(build):
    scene = engine.Scene()
    build(scene)
    engine.compile_scenes([scene])


def lever(s):
    s.add_body("x", engine.Sphere(0.1), joint=[engine.Hinge(name="a"), engine.Hinge(name="b")])


def falling(shape, **values):
    """A shape that a free ball can touch."""

    def build(scene):
        scene.add_body("ball", engine.Sphere(1.0))
        scene.add_body("x", shape, **values)

    return build


WHOLE = {
    "massless mover": (lambda s: s.add_body("x"), "body 'x': it moves but has no mass"),
    "weightless shapes": (add(engine.Box((1, 1, 1), density=0)), "body 'x': it moves but has no mass"),
    "falling plane": (add(engine.Plane()), "plane on a moving body"),
    "open mesh": (add(engine.Mesh(**OPEN_MESH)), "not watertight"),
    "open mesh with a mass": (add(engine.Mesh(**OPEN_MESH), mass=1.0), "no volume to spread over|not watertight"),
    "flat mesh": (
        falling(engine.Mesh(vertices=[[0, 0, 0], [1, 0, 0], [0, 1, 0]], faces=[[0, 1, 2]]), fixed=True), "one plane or line",
    ),
    "parallel hinges": (lever, "mass matrix of its tree is singular"),
    "point on its axis": (
        lambda s: s.add_body("x", engine.Sphere(0.1, density=0), mass=1, inertia=(0, 0, 0), joint=engine.Hinge()),
        "moves no inertia",
    ),
    "timestep": (lambda s: setattr(s.options, "timestep", 1.0), "timestep is 1; allowed: 1e-06 to 0.1"),
    "integrator": (lambda s: setattr(s.options, "integrator", "rk5"), "unknown integrator 'rk5'"),
    "iterations": (lambda s: setattr(s.options, "max_iterations", 0), "max_iterations is 0"),
    "gravity": (lambda s: setattr(s.options, "gravity", (0, 0)), "gravity has 2 entries"),
}  # fmt: skip


@pytest.mark.parametrize("case", WHOLE)
def test_what_depends_on_the_whole_scene_is_refused_by_compile(case):
    """Masses of moving bodies, singular trees and options are checked before anything runs."""
    build, sentence = WHOLE[case]
    with pytest.raises(engine.SceneError, match=sentence):
        compiled(build)


def test_an_open_mesh_may_stand_still_or_bring_its_inertia():
    """Watertightness matters only where the mesh must give the mass."""
    compiled(lambda s: s.add_body("x", engine.Mesh(**OPEN_MESH), fixed=True))
    compiled(lambda s: s.add_body("x", engine.Mesh(**OPEN_MESH), mass=1, inertia=(1, 1, 1)))


def test_too_many_bodies_give_one_sentence(monkeypatch):
    """The limit names itself and the way out."""
    monkeypatch.setattr("engine.scene.check.MAX_BODIES", 3)
    scene = engine.Scene()
    with pytest.raises(engine.SceneError, match="more than 3 bodies; allowed: up to 3 in one scene; split it"):
        for k in range(5):
            scene.add_body(f"b{k}", BOX)
    assert engine.scene.check.MAX_BODIES == 3


def test_compile_needs_scenes():
    """Nothing, or something else, is refused."""
    with pytest.raises(engine.SceneError, match="0 scenes"):
        engine.compile_scenes([])
    with pytest.raises(engine.SceneError, match="no Scene"):
        engine.compile_scenes(["scene.yaml"])
