"""USD stages with UsdPhysics: bodies, shapes, units, joints; and what is refused or reported."""

import numpy as np
import pytest

import engine

pytest.importorskip("pxr")

STAGE = """#usda 1.0
( upAxis = "{up}"
  metersPerUnit = {metres} )
def PhysicsScene "physics" {{ vector3f physics:gravityDirection = ({down})
  float physics:gravityMagnitude = {pull}
}}
def Cube "ground" (prepend apiSchemas = ["PhysicsCollisionAPI"]) {{ double size = 2
  double3 xformOp:scale = (5, 5, 0.1)
  uniform token[] xformOpOrder = ["xformOp:scale"]
}}
def Xform "box" (prepend apiSchemas = ["PhysicsRigidBodyAPI", "PhysicsMassAPI"]) {{ float physics:density = 500
  vector3f physics:velocity = (1, 0, 0)
  double3 xformOp:translate = (1, 2, 3)
  uniform token[] xformOpOrder = ["xformOp:translate"]
  def Cube "geometry" (prepend apiSchemas = ["PhysicsCollisionAPI"]) {{ double size = 1
    color3f[] primvars:displayColor = [(1, 0.5, 0)]
    double3 xformOp:scale = (0.2, 0.4, 0.6)
    uniform token[] xformOpOrder = ["xformOp:scale"]
}}
}}
def Xform "link" (prepend apiSchemas = ["PhysicsRigidBodyAPI", "PhysicsMassAPI"]) {{ float physics:mass = 2
  float3 physics:diagonalInertia = (0.1, 0.2, 0.25)
  point3f physics:centerOfMass = (0, 0, 0.1)
  double3 xformOp:translate = (0, 0, 2)
  float xformOp:rotateX = 30
  uniform token[] xformOpOrder = ["xformOp:translate", "xformOp:rotateX"]
  def Capsule "rod" (prepend apiSchemas = ["PhysicsCollisionAPI"]) {{ double radius = 0.1
    double height = 1
    token axis = "X"
}}
}}
def Sphere "bob" (prepend apiSchemas = ["PhysicsRigidBodyAPI", "PhysicsCollisionAPI", "PhysicsMassAPI"]) {{ double radius = 0.2
  float physics:mass = 3
  double3 xformOp:translate = (0, 0, 1)
  uniform token[] xformOpOrder = ["xformOp:translate"]
}}
def PhysicsRevoluteJoint "hinge" {{ rel physics:body1 = </link>
  uniform token physics:axis = "X"
  point3f physics:localPos0 = (0, 0, 2)
  float physics:lowerLimit = -90
  float physics:upperLimit = 45
}}
def PhysicsPrismaticJoint "slide" {{ rel physics:body0 = </link>
  rel physics:body1 = </bob>
  uniform token physics:axis = "Z"
  quatf physics:localRot0 = (0.9659258, -0.2588190, 0, 0)
  float physics:lowerLimit = -2
  float physics:upperLimit = 2
}}
{extra}
"""


def load_text(folder, extra="", strict=True, up="Z", metres="1", down="0, 0, -1", pull="9.81"):
    path = folder / "stage.usda"
    path.write_text(STAGE.format(up=up, metres=metres, down=down, pull=pull, extra=extra))
    return engine.load(path, strict=strict)


def constants(scene):
    compiled = engine.compile_scenes([scene])
    return compiled, {name: value[0] for name, value in compiled.reals.items()}


def test_bodies_shapes_and_masses(tmp_path):
    """A static ground, a free box by density, a link with its own inertia and a ball by mass."""
    compiled, real = constants(load_text(tmp_path))
    assert compiled.names.body == ("world", "/box", "/link", "/bob")
    np.testing.assert_allclose(real["body_mass"][1:], [500 * 0.2 * 0.4 * 0.6, 2, 3], rtol=1e-6)
    np.testing.assert_allclose(real["body_inertia"][2], [0.1, 0.2, 0.25, 0, 0, 0], rtol=1e-6)
    np.testing.assert_allclose(real["body_com"][2], [0, 0, 0.1], rtol=1e-6)
    by_name = dict(zip(compiled.names.shape, real["shape_size"], strict=True))
    np.testing.assert_allclose(by_name["/ground"], [5, 5, 0.1])
    np.testing.assert_allclose(by_name["/box/geometry"], [0.1, 0.2, 0.3])
    np.testing.assert_allclose(by_name["/link/rod"], [0.1, 0.5, 0])
    np.testing.assert_allclose(real["qvel_initial"][:3], [1, 0, 0])
    np.testing.assert_allclose(real["gravity"], [0, 0, -9.81], rtol=1e-6)


def test_joint_coordinates_reproduce_the_authored_poses(tmp_path):
    """Limits are in radians; the pose at zero and the initial coordinates together give the poses of the file."""
    from engine.scene.inverse_weight import initial_motion
    from engine.scene.topology import signature, topology

    scene = load_text(tmp_path)
    compiled, real = constants(scene)
    assert compiled.names.joint == ("/box", "/hinge", "/slide")
    np.testing.assert_allclose(real["joint_range"][1:], [(-np.pi / 2, np.pi / 4), (-2, 2)], rtol=1e-6)
    np.testing.assert_allclose(real["qpos_initial"][7], np.radians(30), rtol=1e-6)
    motion = initial_motion(topology(signature(scene)), compiled.reals)
    com_bob_x, com_link_x = motion.jacobian[3][0, :3, 0], motion.jacobian[2][0, :3, 0]
    np.testing.assert_allclose(np.cross([1, 0, 0], [0, 0, -1]), com_bob_x, atol=1e-5)  # bob 1 m below the hinge
    arm = [0, -0.1 * np.sin(np.radians(30)), 0.1 * np.cos(np.radians(30))]
    np.testing.assert_allclose(np.cross([1, 0, 0], arm), com_link_x, atol=1e-6)


def test_centimetres_and_y_up_become_metres_and_z_up(tmp_path):
    """Lengths, gravity and positions of a +Y-up stage in centimetres."""
    scene = load_text(tmp_path, up="Y", metres="0.01", down="0, -1, 0", pull="981")
    compiled, real = constants(scene)
    np.testing.assert_allclose(real["gravity"], [0, 0, -9.81], rtol=1e-6, atol=1e-6)
    np.testing.assert_allclose(real["qpos_initial"][:3], [0.01, -0.03, 0.02], atol=1e-9)
    by_name = dict(zip(compiled.names.shape, real["shape_size"], strict=True))
    np.testing.assert_allclose(by_name["/box/geometry"], [0.001, 0.002, 0.003], rtol=1e-6)


def test_a_mesh_prim_becomes_a_hull_and_a_picture(tmp_path):
    """Quads are cut into triangles; the cube weighs what a cube weighs."""
    quads = """def Mesh "m" (prepend apiSchemas = ["PhysicsRigidBodyAPI", "PhysicsCollisionAPI"]) {
point3f[] points = [(0,0,0),(1,0,0),(1,1,0),(0,1,0),(0,0,1),(1,0,1),(1,1,1),(0,1,1)]
int[] faceVertexCounts = [4,4,4,4,4,4]
int[] faceVertexIndices = [0,3,2,1, 4,5,6,7, 0,1,5,4, 2,3,7,6, 1,2,6,5, 0,4,7,3]
uniform token subdivisionScheme = "none"
}"""
    compiled, real = constants(load_text(tmp_path, quads))
    assert real["body_mass"][compiled.names.body.index("/m")] == pytest.approx(1000)
    assert compiled.sizes["num_hull_faces"] == 6


def test_unsupported_prims_are_reported(tmp_path):
    """D6 joints, drives and foreign gprims are named with their path."""
    extra = 'def PhysicsJoint "d6" { rel physics:body1 = </box>\n}\ndef Cone "hat" {\n}'
    with pytest.raises(engine.ImportFileError, match=r"unsupported PhysicsJoint at /d6 \(and 1 more\)"):
        load_text(tmp_path, extra)
    report = load_text(tmp_path, extra, strict=False).import_report
    assert any("Cone at /hat" in line for line in report)


def test_layers_outside_of_the_folder_and_broken_files_are_refused(tmp_path):
    """A reference to a layer elsewhere, and text that is no USD."""
    inner = tmp_path / "inner"
    inner.mkdir()
    (tmp_path / "other.usda").write_text('#usda 1.0\n(defaultPrim = "a")\ndef Xform "a" {\n}')
    (inner / "s.usda").write_text('#usda 1.0\ndef Xform "x" (references = @../other.usda@) {\n}')
    with pytest.raises(engine.ImportFileError, match="outside of the model's folder"):
        engine.load(inner / "s.usda")
    (inner / "bad.usda").write_text("hello")
    with pytest.raises(engine.ImportFileError, match="no valid USD"):
        engine.load(inner / "bad.usda")
