"""What sensors measure, against closed forms to many digits: turntable, static arm, frames, rays on every shape."""

import numpy as np
import pytest

import engine
from engine import runtime
from engine.geometry import rotation

G = 9.81


@pytest.fixture(autouse=True, scope="module")
def engine_f64():
    runtime.init("cpu", precision="f64", threads=1)


def test_an_inertial_unit_on_a_turntable():
    """Steady spin w about z at radius r, weightless: centripetal w^2 r inwards, spin w, and the field turns with the site."""
    scene = engine.Scene()
    scene.options.gravity = (0.0, 0.0, 0.0)
    scene.add_body("table", engine.Cylinder(0.5, 0.1), mass=3.0, joint=engine.Hinge(initial_velocity=4.0), parent=0)
    scene.add_site("rim", "table", position=(0.4, 0.0, 0.0))
    scene.add_sensor("imu", "imu", site="rim", field=(1.0, 0.0, 0.0))
    sim = engine.Simulation(scene, 2)
    sim.step(123)
    told, angle = sim.sense()["imu"][0], sim.state.qpos[0, 0]
    np.testing.assert_allclose(told[:6], [-16.0 * 0.4, 0, 0, 0, 0, 4.0], atol=1e-5)
    np.testing.assert_allclose(told[6:], [np.cos(angle), -np.sin(angle), 0.0], atol=1e-6)


def test_force_and_torque_of_a_static_arm():
    """A horizontal arm held by a stiff drive: weights times levers, at both joints and at a site; the drive's own torque."""
    scene = engine.Scene()
    hold = {"axis": (0.0, 1.0, 0.0), "drive_stiffness": 4e4, "drive_damping": 400.0}
    rod = engine.Box(size=(0.4, 0.04, 0.04), position=(0.2, 0, 0))
    scene.add_body("upper", rod, mass=1.5, position=(0, 0, 1), joint=engine.Hinge(name="shoulder", **hold), parent=0)
    scene.add_body("lower", rod, mass=0.5, position=(0.4, 0, 0), joint=engine.Hinge(name="elbow", **hold), parent="upper")
    scene.add_site("middle", "lower", position=(0.1, 0.0, 0.0))
    scene.add_sensor("shoulder", "force_torque", joint="shoulder")
    scene.add_sensor("elbow", "force_torque", joint="elbow")
    scene.add_sensor("middle", "force_torque", site="middle")
    scene.add_sensor("drive", "joint_force")
    scene.add_sensor("angle", "joint_position", joint="elbow")
    sim = engine.Simulation(scene, 2)
    sim.step(1500)
    told = sim.sense()
    at_shoulder, at_elbow = -G * (1.5 * 0.2 + 0.5 * 0.6), -G * 0.5 * 0.2
    np.testing.assert_allclose(told["shoulder"][0], [0, 0, 2.0 * G, 0, at_shoulder, 0], atol=0.01)
    np.testing.assert_allclose(told["elbow"][0], [0, 0, 0.5 * G, 0, at_elbow, 0], atol=0.01)
    np.testing.assert_allclose(told["middle"][0, 4], -G * 0.5 * 0.1, atol=0.01)
    np.testing.assert_allclose(told["drive"][0], [at_shoulder, at_elbow], rtol=1e-3)
    assert abs(told["angle"][0, 0]) < 1e-3


def test_poses_and_motions_in_another_frame():
    scene = engine.Scene()
    scene.options.gravity = (0.0, 0.0, 0.0)
    turn = rotation.from_axis_angle(np.array([0.0, 0.0, 1.0]), np.array(np.pi / 2))
    scene.add_body("a", engine.Sphere(0.1), mass=1.0, position=(1, 0, 0), rotation=turn)
    scene.add_body("b", engine.Sphere(0.1), mass=1.0, position=(1, 2, 0), velocity=(0, 1, 0), rotation=turn)
    scene.add_sensor("seen", "pose", body="b", reference="a")
    scene.add_sensor("own", "twist", body="b", frame="body")
    sim = engine.Simulation(scene, 2)
    told = sim.sense()
    np.testing.assert_allclose(told["seen"][0], [2, 0, 0, 1, 0, 0, 0], atol=1e-6)
    np.testing.assert_allclose(told["own"][0], [1, 0, 0, 0, 0, 0], atol=1e-6)


def room(*shapes, position=(0.0, 0.0, 0.0), turn=(1.0, 0.0, 0.0, 0.0)) -> engine.Scene:
    scene = engine.Scene()
    scene.add_body("thing", list(shapes), position=position, rotation=turn, fixed=True)
    scene.add_body("eye", fixed=True)
    return scene


def sphere_mesh() -> engine.Mesh:
    corners = np.array([[x, y, z] for x in (-0.5, 0.5) for y in (-0.5, 0.5) for z in (-0.5, 0.5)])
    faces = [[0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1], [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4],
             [1, 5, 7], [1, 7, 3]]  # fmt: skip
    return engine.Mesh(vertices=corners, faces=faces)


CLOSED = {  # shape at (2, 0, 0), tilted about x or not at all: distance along +x from the origin at height z
    "sphere": (engine.Sphere(0.5), lambda z: 2 - np.sqrt(0.25 - z**2)),
    "box": (engine.Box(size=(1, 1, 1)), lambda z: 1.5),
    "mesh": (sphere_mesh(), lambda z: 1.5),
    "cylinder": (engine.Cylinder(0.5, 1.0), lambda z: 1.5),
    "capsule": (engine.Capsule(0.3, 0.4), lambda z: 2 - np.sqrt(0.09 - max(abs(z) - 0.2, 0) ** 2)),
    "ellipsoid": (engine.Ellipsoid((0.4, 0.3, 0.5)), lambda z: 2 - 0.4 * np.sqrt(1 - z**2 / 0.25)),
}


@pytest.mark.parametrize("name", CLOSED)
def test_rays_hit_every_shape_where_it_is(name):
    shape, distance = CLOSED[name]
    for z in (0.0, 0.13, -0.31):
        scene = room(shape, position=(2, 0, 0))
        scene.add_site("eye", "eye", position=(0, 0, z))
        scene.add_sensor("ray", "lidar", site="eye", azimuth=(0, 0), rays=(1, 1))
        scene.add_sensor("grid", "depth_rays", site="eye", rays=(2, 3))
        sim = engine.Simulation(scene, 2)
        np.testing.assert_allclose(sim.sensors["ray"].measure(sim)[1, 0, 0], distance(z), atol=2e-6)
