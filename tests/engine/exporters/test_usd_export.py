"""USD stages: a recorded motion with time samples that usd-core finds in order, and a scene that comes back as it went."""

import numpy as np
import pytest

import engine
from engine import runtime
from engine.scene.inverse_weight import mass_matrix
from engine.scene.poses import body_poses
from engine.scene.topology import signature, topology

pxr = pytest.importorskip("pxr")
from pxr import Gf, Usd, UsdGeom, UsdShade, UsdValidation  # noqa: E402


def falling():
    """One of each shape above a ground, a camera on a body."""
    scene = engine.Scene()
    scene.add_plane()
    corners, faces = [[0, 0, 0], [0.2, 0, 0], [0, 0.3, 0], [0, 0, 0.4]], [[0, 2, 1], [0, 1, 3], [1, 2, 3], [0, 3, 2]]
    shapes = {
        "box": engine.Box((0.1, 0.2, 0.3), color=(1, 0, 0)), "ball": engine.Sphere(0.1), "rod": engine.Capsule(0.05, 0.2),
        "tin": engine.Cylinder(0.1, 0.2), "egg": engine.Ellipsoid((0.1, 0.2, 0.3)),
        "wedge": engine.Mesh(vertices=corners, faces=faces, scale=(1, 2, 1)),
    }  # fmt: skip
    for k, (name, shape) in enumerate(shapes.items()):
        scene.add_body(name, shape, position=(k, 0, 1), rotation=(1, 0.1 * k, 0.2, 0), angular_velocity=(0, 3, 0))
    scene.add_camera("eye", (0, -2, 2), (0, 0, 0), body="box", resolution=(64, 48), fov_y=40)
    return scene


def complaints(path):
    """What USD's own validators say of the stage."""
    context = UsdValidation.ValidationContext(UsdValidation.ValidationRegistry().GetOrLoadAllValidators())
    return [error.GetMessage() for error in context.Validate(Usd.Stage.Open(str(path)))]


def test_a_recording_has_the_poses_of_the_simulation(tmp_path):
    """Time samples, units, up axis, extents, looks and camera; the validators find nothing."""
    runtime.init("cpu")
    sim = engine.Simulation(falling(), num_envs=2)
    film = engine.Recording(sim, env=1)
    film.capture()
    for _ in range(10):
        sim.step(10)
        film.capture()
    engine.export(film, tmp_path / "x.usda")
    assert complaints(tmp_path / "x.usda") == []
    stage = Usd.Stage.Open(str(tmp_path / "x.usda"))
    assert UsdGeom.GetStageUpAxis(stage) == "Z" and UsdGeom.GetStageMetersPerUnit(stage) == 1
    assert (stage.GetStartTimeCode(), stage.GetEndTimeCode()) == pytest.approx((0, 0.2 * 24))
    for k, time in ((0, 0.0), (10, film.times[-1])):
        cache = UsdGeom.XformCache(time * 24)
        for b, name in enumerate(sim.names.body[1:], 1):
            m = np.array(cache.GetLocalToWorldTransform(stage.GetPrimAtPath(f"/World/{name}")))
            np.testing.assert_allclose(m[3, :3], film.positions[k, b], atol=1e-6)
            turn = Gf.Rotation(Gf.Quatd(*film.rotations[k, b].tolist()))
            np.testing.assert_allclose(m[:3, :3], np.array(Gf.Matrix3d(turn)), atol=1e-6)
    ground = UsdGeom.Xformable(stage.GetPrimAtPath("/World/ground"))
    assert not any(op.GetNumTimeSamples() for op in ground.GetOrderedXformOps())
    look = UsdShade.MaterialBindingAPI(stage.GetPrimAtPath("/World/box/box_shape")).ComputeBoundMaterial()[0]
    color = UsdShade.Shader(look.GetPrim().GetChild("surface")).GetInput("diffuseColor").Get()
    np.testing.assert_allclose(color, (1, 0, 0))
    camera = UsdGeom.Camera(stage.GetPrimAtPath("/World/box/eye")).GetCamera()
    assert camera.GetFieldOfView(Gf.Camera.FOVVertical) == pytest.approx(40)


def test_a_recording_wants_frames_in_order(tmp_path):
    """No frame, the same moment twice, an environment that is not there."""
    runtime.init("cpu")
    sim = engine.Simulation(falling())
    film = engine.Recording(sim)
    with pytest.raises(engine.SceneError, match="holds no frame"):
        engine.export(film, tmp_path / "x.usda")
    film.capture()
    with pytest.raises(engine.StateError, match="growing times"):
        film.capture()
    with pytest.raises(engine.StateError, match="allowed: 0 to 0"):
        engine.Recording(sim, env=1)


def linkage():
    """A sliding, a turning, a ball-jointed and a welded link with drives and initial coordinates; a kinematic body."""
    scene = engine.Scene()
    scene.add_plane(friction=0.8)
    slide = engine.Slide((1, 0.2, 0), range=(-0.5, 0.5), initial=0.2, drive_stiffness=5.0, drive_damping=0.5)
    scene.add_body("cart", engine.Box((0.3, 0.2, 0.1), friction=0.3, restitution=0.2), position=(0, 0, 1), joint=slide)
    hinge = engine.Hinge((0, 1, 0.3), (0.1, 0, 0.2), (-1, 2), initial=0.4, drive_damping=0.2)
    scene.add_body("pole", engine.Capsule(0.05, 0.4), parent="cart", position=(0, 0, 0.4), rotation=(1, 0, 0.1, 0), joint=hinge)
    scene.add_body("bob", engine.Sphere(0.1), parent="pole", position=(0, 0, 0.3), joint=engine.Ball((0, 0, -0.1)))
    scene.add_body("cap", engine.Box((0.1, 0.05, 0.05)), parent="bob", position=(0, 0, 0.1), joint=None)
    scene.add_body("lift", engine.Box((1, 1, 0.1)), position=(0, 3, 0.5), kinematic=True)
    scene.add_body("free", engine.Cylinder(0.1, 0.2), position=(3, 0, 1), velocity=(1, 0, 0), angular_velocity=(0, 1, 2))
    scene.exclude_contacts("cart", "bob")
    return scene


def test_a_scene_comes_back_from_usd(tmp_path):
    """Mass matrix, poses, limits, drives, materials, filters, velocities; the validators are content."""
    scene = linkage()
    engine.export(scene, tmp_path / "x.usda")
    assert complaints(tmp_path / "x.usda") == []
    again = engine.load(tmp_path / "x.usda")
    mine, theirs = (engine.compile_scenes([s]) for s in (scene, again))
    masses = [mass_matrix(topology(signature(s)), c.reals)[0] for s, c in ((scene, mine), (again, theirs))]
    order = [theirs.names.body.index(f"/World/{n}") for n in mine.names.body[2:]]
    assert theirs.names.joint == tuple(n if n.startswith("/World/free") else f"/World/Joints/{n}" for n in (
        "cart", "pole", "bob", "/World/free"))  # fmt: skip
    np.testing.assert_allclose(masses[1], masses[0], atol=2e-6 * np.abs(masses[0]).max())
    np.testing.assert_allclose(body_poses(again)[0][order], body_poses(scene)[0][2:], atol=1e-6)
    for name in ("joint_range", "dof_drive_stiffness", "dof_drive_damping", "qvel_initial", "qpos_initial"):
        np.testing.assert_allclose(theirs.reals[name], mine.reals[name], atol=2e-6, err_msg=name)
    values = {s.name.rsplit("/", 1)[-1]: s for _, s in again.shapes}
    assert values["cart_shape"].friction == pytest.approx(0.3) and values["cart_shape"].restitution == pytest.approx(0.2)
    named = {tuple(sorted(again.bodies[k].name for k in pair)) for pair in again.excludes}
    assert named == {("/World/bob", "/World/cart")}


def test_what_usd_physics_cannot_hold_is_named(tmp_path):
    """Damping and actuators are errors in strict mode."""
    scene = linkage()
    scene.add_body("x", engine.Sphere(0.1), joint=engine.Hinge(damping=0.1), position=(5, 5, 5))
    scene.add_actuator("m", "x")
    with pytest.raises(engine.SceneError, match=r"damping of joint 'x' cannot be written \(and 1 more\)"):
        engine.export(scene, tmp_path / "x.usda")
    assert list(tmp_path.iterdir()) == []
    assert len(engine.export(scene, tmp_path / "x.usdc", strict=False)) >= 2
