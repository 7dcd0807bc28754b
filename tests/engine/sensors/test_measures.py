"""What sensors measure, against closed forms: weight, wrenches, taxels, gel, inertial unit, joints, rays."""

import numpy as np
import pytest

import engine
from engine.geometry import rotation
from tests.engine.sensors.faces import force_of_faces
from tests.engine.sensors.soft import Press

G = 9.81


def resting(**look) -> engine.Scene:
    scene = engine.Scene()
    scene.add_plane()
    scene.add_body("box", engine.Box(size=(0.2, 0.3, 0.1)), mass=2.0, position=(0.1, 0.2, 0.05), **look)
    return scene


@pytest.mark.parametrize("solver", ["newton", "bodies"])
def test_a_resting_body_weighs_its_weight(cpu, solver):
    """Within 1 %, in every environment, on both roads; the ground feels the opposite."""
    scene = resting()
    scene.options.solver = solver
    scene.add_sensor("weight", "contact_force", body="box")
    scene.add_sensor("pair", "contact_wrench", body="ground", other="box")
    sim = engine.Simulation(scene, 3)
    sim.step(400)
    told = sim.sense()
    np.testing.assert_allclose(told["weight"][:, 2], 2.0 * G, rtol=0.01)
    np.testing.assert_allclose(told["pair"][:, :3], -told["weight"], atol=1e-5)
    np.testing.assert_allclose(told["pair"][0, 3:5], [-0.2 * 2 * G, 0.1 * 2 * G], rtol=0.02)  # about the ground's origin


def tumbling(scene: engine.Scene) -> engine.Scene:
    scene.add_body("ball", engine.Sphere(0.06), mass=0.5, position=(0.12, 0.23, 0.2), velocity=(0.3, -0.2, 0.0))
    scene.add_body("rod", engine.Capsule(0.03, 0.2), mass=0.4, position=(0.0, 0.4, 0.14), rotation=(0.7, 0.7, 0.1, 0))
    return scene


@pytest.mark.parametrize("target", ["box", "rod", "ball"])
def test_the_taxels_of_all_faces_sum_to_the_contact_wrench(cpu, target):
    """Force to rounding at every instant of a tumble, friction included."""
    scene = tumbling(resting(friction=0.8))
    shape = next(s.name for body, s in scene.shapes if scene.bodies[body].name == target)
    for face in ("+x", "-x", "+y", "-y", "+z", "-z"):
        scene.add_sensor(face, "tactile", shape=shape, face=face, taxels=(4, 6))
    scene.add_sensor("force", "contact_force", body=target, frame="body")
    sim = engine.Simulation(scene, 2)
    felt = 0.0
    for _ in range(12):
        sim.step(20)
        told = sim.sense()
        total = force_of_faces(told)
        np.testing.assert_allclose(total, told["force"], atol=1e-4)
        felt = max(felt, np.abs(total).max())
    assert felt > 2.0


def test_the_centre_of_pressure_is_the_contact(cpu):
    """A ball on a table: the pressure-weighted middle of the taxels is where it stands, and shear is friction."""
    scene = engine.Scene()
    scene.add_body("table", engine.Box(size=(0.4, 0.3, 0.1)), fixed=True)
    scene.add_body("ball", engine.Sphere(0.05), mass=0.5, position=(0.07, -0.04, 0.1))
    scene.add_sensor("skin", "tactile", shape="table", face="+z", taxels=(12, 16))
    scene.add_sensor("stress", "tactile", shape="table", face="+z", taxels=(12, 16), quantity="traction")
    sim = engine.Simulation(scene, 2)
    sim.step(300)
    told = sim.sense()
    pressure = told["skin"][0, ..., 2]
    x, y = (np.arange(16) + 0.5) / 16 * 0.4 - 0.2, (np.arange(12) + 0.5) / 12 * 0.3 - 0.15
    assert abs(pressure.sum() - 0.5 * G) < 0.01 * 0.5 * G
    assert abs((pressure * x).sum() / pressure.sum() - 0.07) < 1e-3
    assert abs((pressure * y[:, None]).sum() / pressure.sum() + 0.04) < 1e-3
    np.testing.assert_allclose(told["stress"] * (0.4 / 16) * (0.3 / 12), told["skin"], rtol=1e-5)


def test_a_gel_is_pressed_as_a_winkler_foundation(cpu):
    """A ball of radius R under a force F: depth F = pi k R d^2 in the middle, and a round dent of radius sqrt(2 R d)."""
    scene = engine.Scene()
    scene.add_body("table", engine.Box(size=(0.04, 0.04, 0.02)), fixed=True)
    scene.add_body("ball", engine.Sphere(0.03), mass=0.4, position=(0.004, 0.002, 0.04))
    k = 2e7
    scene.add_sensor("depth", "gel", shape="table", output="depth", pixels=(160, 160), stiffness=k, thickness=0.004)
    scene.add_sensor("picture", "gel", shape="table", pixels=(40, 50), stiffness=k)
    sim = engine.Simulation(scene, 2)
    assert sim.sense("depth")["depth"].max() == 0.0
    sim.step(400)
    told = sim.sense()
    depth, force = told["depth"][0], 0.4 * G
    expected = np.sqrt(force / (np.pi * k * 0.03))
    assert abs(depth.max() / expected - 1) < 0.02
    assert abs(k * depth.sum() * (0.04 / 160) ** 2 / force - 1) < 0.01
    dent = (depth > 0).sum() * (0.04 / 160) ** 2
    assert abs(dent / (np.pi * 2 * 0.03 * expected) - 1) < 0.03
    row, column = np.unravel_index(depth.argmax(), depth.shape)
    assert abs((column + 0.5) / 160 * 0.04 - 0.02 - 0.004) < 5e-4 and abs((row + 0.5) / 160 * 0.04 - 0.02 - 0.002) < 5e-4
    picture = told["picture"][0]
    assert picture.dtype == np.uint8 and picture.shape == (40, 50, 3) and picture.std() > 2


def test_soft_matter_is_felt_by_body_taxels_and_gel(cpu, monkeypatch):
    """A continuum that presses at a known place: its wrench, its taxel, its dent."""
    from engine.couplers import build

    monkeypatch.setattr(build, "MAKERS", (lambda scenes, compiled, runtime, num_envs: [Press(num_envs)],))
    scene = engine.Scene()
    scene.add_body("pad", engine.Box(size=(0.2, 0.2, 0.1)), fixed=True)
    scene.add_sensor("wrench", "contact_wrench", body="pad")
    scene.add_sensor("skin", "tactile", shape="pad", face="+z", taxels=(4, 4))
    scene.add_sensor("below", "tactile", shape="pad", face="-z", taxels=(4, 4))
    scene.add_sensor("depth", "gel", shape="pad", face="+z", output="depth", pixels=(8, 8), stiffness=1e6)
    scene.add_site("root", "pad")
    scene.add_sensor("held", "force_torque", site="root")
    scene.add_site("half", "pad", position=(0.06, 0, 0.05), shape="box", size=(0.03, 0.1, 0.01))
    scene.add_sensor("touch", "touch", site="half", attributes={})
    sim = engine.Simulation(scene, 2)
    sim.step(2)
    told = sim.sense()
    np.testing.assert_allclose(told["touch"][:, 0], np.hypot(3.0, 0.5) * np.array([0.5, 1.0]), rtol=1e-6)
    np.testing.assert_allclose(told["held"][1, :3], [-0.5, 0, 3.0 + 9.81 * sim.compiled.reals["body_mass"][0, -1]], rtol=1e-5)
    np.testing.assert_allclose(told["wrench"][1], [0.5, 0, -3.0, 0, 0.05 * 0.5 + 0.075 * 3.0, 0.0], atol=1e-6)
    np.testing.assert_allclose(told["skin"][1].sum((0, 1)), [0.5, 0.0, 3.0], atol=1e-6)
    assert not told["below"].any() and told["depth"][1].max() > 0
    np.testing.assert_allclose(told["skin"][1, 1:3, 3].sum(0), [0.5, 0.0, 3.0], atol=1e-6)  # at x = 0.075, y = 0
    sim.reset(envs=[0])
    again = sim.sense()
    assert not again["skin"][0].any() and not again["wrench"][0].any() and again["wrench"][1].any()


def test_rays_see_particles_and_surfaces(cpu, monkeypatch):
    """The nearest ball above, in each environment where it is; the triangle beside; nothing on the other side."""
    from engine.couplers import build

    monkeypatch.setattr(build, "MAKERS", (lambda scenes, compiled, runtime, num_envs: [Press(num_envs)],))
    scene = engine.Scene()
    scene.add_body("pad", engine.Box(size=(0.2, 0.2, 0.1)), fixed=True)
    scene.add_sensor("up", "proximity", body="pad", rays=1)
    scene.add_sensor("round", "lidar", body="pad", rays=(1, 2), azimuth=(0.0, np.pi), elevation=(0.3, 0.3), max_range=4.0)
    scene.add_site("eye", "pad")
    scene.add_sensor("mujoco", "rangefinder", site="eye", attributes={})
    told = engine.Simulation(scene, 2).sense()
    np.testing.assert_allclose(told["up"][:, 0], [1.9, 1.4], rtol=1e-5)
    np.testing.assert_allclose(told["mujoco"][:, 0], [1.9, 1.4], rtol=1e-5)
    np.testing.assert_allclose(told["round"][0, 0], [0.9 / np.cos(0.3), 4.0], rtol=1e-5)


def test_sensors_on_matter_are_refused_with_what_to_read():
    """Matter has no frame for a sensor to sit in: one sentence says where its state is."""
    scene = engine.Scene()
    scene.add_body("pad", engine.Box(size=(0.2, 0.2, 0.1)), fixed=True)
    scene.add_cloth("rag", mesh=engine.Sheet((0.2, 0.2), 0.1), position=(0, 0, 1))
    scene.add_matter("sand", material=engine.Sand(), region=engine.Box((0.1, 0.1, 0.1)), position=(0, 0, 2))
    for name, view in (("rag", "deformable"), ("sand", "matter")):
        with pytest.raises(engine.SceneError, match=f"pose on '{name}', which is no rigid body.*read sim.{view}\\('{name}'\\)"):
            scene.add_sensor("where", "pose", body=name)
        with pytest.raises(engine.SceneError, match=f"contact_force on '{name}'"):
            scene.add_sensor("pair", "contact_force", body="pad", other=name)


# ---- inertial unit and joints ------------------------------------------------------------------------------------------------


def test_an_inertial_unit_in_free_fall_and_at_rest(cpu):
    scene = resting()
    scene.add_body("stone", engine.Sphere(0.1), mass=1.0, position=(0, 2, 9), angular_velocity=(0.0, 0.0, 0.0))
    turn = rotation.from_axis_angle(np.array([0.0, 1.0, 0.0]), np.array(0.5))
    scene.add_site("tilted", "box", position=(0.05, 0.1, 0.02), rotation=turn)
    scene.add_sensor("falling", "imu", body="stone")
    scene.add_sensor("resting", "imu", site="tilted", field=(1.0, 2.0, 3.0))
    sim = engine.Simulation(scene, 2)
    sim.step(300)
    told = sim.sense()
    np.testing.assert_allclose(told["falling"][:, :6], 0.0, atol=1e-3)
    up = rotation.rotate(rotation.conjugate(turn), [0.0, 0.0, G])
    np.testing.assert_allclose(told["resting"][0, :3], up, rtol=1e-3, atol=1e-3)
    np.testing.assert_allclose(told["resting"][0, 3:6], 0.0, atol=1e-3)
    np.testing.assert_allclose(told["resting"][0, 6:], rotation.rotate(rotation.conjugate(turn), [1.0, 2.0, 3.0]), atol=1e-4)


# ---- rays --------------------------------------------------------------------------------------------------------------------


def test_a_lidar_in_a_box_room_and_before_a_wall(cpu):
    """Distances to the walls of a room are r / max(|cos|, |sin|); a floor below is h / sin(elevation)."""
    scene = engine.Scene()
    walls = [engine.Box(size=(0.2, 9, 9), position=(s * 3.1, 0, 0)) for s in (1, -1)]
    walls += [engine.Box(size=(9, 0.2, 9), position=(0, s * 3.1, 0)) for s in (1, -1)]
    scene.add_body("walls", walls, fixed=True)
    scene.add_plane(position=(0, 0, -0.5))
    scene.add_sensor("flat", "lidar", body="world", rays=(1, 36), max_range=20.0)
    scene.add_sensor("down", "lidar", body="world", rays=(2, 4), elevation=(-1.2, -0.6), max_range=20.0)
    told = engine.Simulation(scene, 2).sense()
    angle = np.linspace(-np.pi, np.pi, 36, endpoint=False)
    np.testing.assert_allclose(told["flat"][1, 0], 3.0 / np.maximum(abs(np.cos(angle)), abs(np.sin(angle))), rtol=1e-5)
    np.testing.assert_allclose(told["down"][0], (0.5 / np.sin([[0.6], [1.2]])).repeat(4, 1), rtol=1e-5)


def test_depth_of_a_plane_is_its_distance_in_every_pixel(cpu):
    """Looking down from 1.7 m, also past the range; a proximity cone tells the nearest."""
    scene = engine.Scene()
    scene.add_plane()
    scene.add_site("down", position=(0, 0, 1.7))
    down = rotation.from_axis_angle(np.array([1.0, 0.0, 0.0]), np.array(np.pi))
    scene.add_site("probe", position=(0, 0, 0.8), rotation=down)
    scene.add_sensor("depth", "depth_rays", site="down", rays=(5, 7), fov_y=1.0)
    scene.add_sensor("short", "depth_rays", site="down", rays=(5, 7), max_range=1.0)
    scene.add_sensor("near", "proximity", site="probe", angle=0.4)
    told = engine.Simulation(scene, 2).sense()
    np.testing.assert_allclose(told["depth"], 1.7, rtol=1e-5)
    np.testing.assert_allclose(told["short"], 1.0)
    np.testing.assert_allclose(told["near"], 0.8, rtol=1e-5)


def test_rays_do_not_see_their_own_body_and_move_with_it(cpu):
    scene = engine.Scene()
    scene.add_plane()
    scene.add_body("drone", engine.Sphere(0.2), mass=1.0, position=(0, 0, 3.0), velocity=(1.0, 0.0, 0.0))
    down = rotation.from_axis_angle(np.array([1.0, 0.0, 0.0]), np.array(np.pi))
    scene.add_site("belly", "drone", rotation=down)
    scene.add_sensor("near", "proximity", site="belly", rays=1)
    sim = engine.Simulation(scene, 4)
    for _ in range(3):
        sim.step(50)
        np.testing.assert_allclose(sim.sense()["near"][:, 0], sim.state.body_position[:, -1, 2], rtol=1e-5)


@pytest.mark.slow  # the chain of stages with height fields takes most of a minute to compile
def test_a_height_field_is_felt_and_seen(cpu):
    """A crate at rest on level ground of heights weighs its weight, in its wrench, its taxels and on the ground; rays meet a
    slope of heights where it is."""
    slope, level = 0.2 * np.linspace(0.0, 1.0, 5), np.zeros(4)
    heights = np.tile(np.concatenate([level, slope]), (5, 1))  # level for x < 0, then rising by 0.2 m over 1 m
    scene = engine.Scene()
    scene.add_body("ground", engine.HeightField(tuple(map(tuple, heights.tolist())), (2.0, 1.0), 0.1), fixed=True)
    scene.add_body("crate", engine.Box(size=(0.2, 0.2, 0.1)), mass=2.0, position=(-0.6, 0, 0.05))
    scene.add_site("above", position=(0.5, 0.0, 1.0))
    scene.add_sensor("weight", "contact_force", body="crate")
    scene.add_sensor("load", "contact_force", body="ground")
    scene.add_sensor("skin", "tactile", shape="crate", face="-z", taxels=(4, 4))
    scene.add_sensor("down", "depth_rays", site="above", rays=(1, 1), fov_y=0.1)
    sim = engine.Simulation(scene, 2)
    sim.step(500)
    told = sim.sense()
    np.testing.assert_allclose(told["weight"], [[0, 0, 2 * 9.81]] * 2, atol=0.01 * 2 * 9.81)
    np.testing.assert_allclose(told["load"], -told["weight"], atol=1e-4)
    np.testing.assert_allclose(told["skin"][..., 2].sum((1, 2)), told["weight"][:, 2], rtol=1e-4)
    ramp = np.interp(0.5, np.linspace(-1, 1, 9), heights[0])
    np.testing.assert_allclose(told["down"].reshape(2), 1.0 - ramp, atol=1e-5)
