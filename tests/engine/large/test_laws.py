"""Free bodies against closed forms: rest, incline, stopping distance, rebound, momentum, tunnelling (cases C1-C4, C10, C17)."""

import numpy as np
import pytest

import engine
from tests.engine.large import heaps


def tilted(angle: float, friction: float) -> engine.Simulation:
    """A flat box on a plane that gravity is tilted against."""
    scene = heaps.empty(friction=friction)
    scene.options.gravity = (9.81 * np.sin(angle), 0.0, -9.81 * np.cos(angle))
    scene.add_body("box", engine.Box(size=(0.4, 0.4, 0.1)), density=500.0, position=(0, 0, 0.05), friction=friction)
    return engine.Simulation(scene)


def test_a_resting_box_carries_its_weight_and_sinks_by_less_than_a_hundredth(cpu):
    """Contact forces sum to the weight within 0.1 per cent and point up; depth below 1 per cent of the edge."""
    sim = engine.Simulation(heaps.stack(1))
    sim.step(500)
    contacts = sim.contacts()
    assert len(contacts) == 4 and contacts.depth.max() < 0.001
    np.testing.assert_allclose(contacts.force.sum(0), [0, 0, 9.81], atol=0.01)
    assert np.abs(sim.state.qvel).max() < 1e-4


@pytest.mark.parametrize(("friction", "degrees"), [(0.3, 10), (0.7, 30)])
def test_a_box_sticks_below_the_friction_angle(cpu, friction, degrees):
    """tan(theta) < mu: less than 0.1 mm in half a second."""
    sim = tilted(np.radians(degrees), friction)
    sim.step(100)
    start = sim.state.body_position[0, -1, 0]
    sim.step(250)
    assert abs(sim.state.body_position[0, -1, 0] - start) < 1e-4


@pytest.mark.parametrize(("friction", "degrees"), [(0.1, 10), (0.5, 30)])
def test_a_box_slides_above_the_friction_angle_at_the_right_rate(cpu, friction, degrees):
    """tan(theta) > mu: a = g (sin - mu cos) within 1 per cent."""
    angle = np.radians(degrees)
    sim = tilted(angle, friction)
    sim.step(100)
    before = sim.state.body_velocity[0, -1, 0]
    sim.step(250)
    measured = (sim.state.body_velocity[0, -1, 0] - before) / 0.5
    assert abs(measured / (9.81 * (np.sin(angle) - friction * np.cos(angle))) - 1) < 0.01


@pytest.mark.parametrize("degrees", [0, 25, 45, 70])
def test_a_sliding_box_brakes_straight_and_does_not_lift(cpu, degrees):
    """Stopping distance v^2 / (2 mu g) within 1 per cent in any direction; no dilation above a tenth of a millimetre."""
    scene, a = heaps.empty(friction=0.5), np.radians(degrees)
    way = np.array([np.cos(a), np.sin(a), 0])
    scene.add_body("box", engine.Box(size=(0.2, 0.2, 0.05)), position=(0, 0, 0.025), velocity=tuple(3 * way), friction=0.5)
    sim, highest = engine.Simulation(scene), 0.0
    for _ in range(20):
        sim.step(25)
        highest = max(highest, sim.state.body_position[0, -1, 2])
    place = sim.state.body_position[0, -1]
    assert abs(place[:2] @ way[:2] / (9 / 9.81) - 1) < 0.01
    assert abs(place[0] * way[1] - place[1] * way[0]) < 0.01 and highest < 0.0251


@pytest.mark.parametrize("restitution", [0.3, 0.6, 0.9])
def test_a_ball_rebounds_to_e_squared_h(cpu, restitution):
    """Rebound height of a ball dropped from 1 m within 2 per cent of e^2 h."""
    scene = heaps.empty(restitution=restitution)
    scene.options.timestep = 0.001
    scene.add_body("ball", engine.Sphere(radius=0.1), position=(0, 0, 1.1), restitution=restitution)
    sim, heights, speeds = engine.Simulation(scene), [], []
    for _ in range(230):
        sim.step(4)
        heights.append(float(sim.state.qpos[0, 2]) - 0.1)
        speeds.append(float(sim.state.qvel[0, 2]))
    bounce = int(np.argmax(np.array(speeds) > 0))
    assert abs(max(heights[bounce:]) / restitution**2 - 1) < 0.02


def test_momentum_and_spin_are_kept_without_gravity(cpu):
    """Bodies that collide in free space keep momentum and angular momentum about the origin (1e-4 of what moves)."""
    scene, rng = engine.Scene(), np.random.default_rng(3)
    scene.options.solver, scene.options.gravity = "bodies", (0, 0, 0)
    for k in range(8):
        place = rng.uniform(-1, 1, 3) * 0.3
        place /= np.linalg.norm(place) / (0.4 + 0.05 * k)
        shape = engine.Box(size=(0.2, 0.15, 0.1)) if k % 2 else engine.Sphere(radius=0.1)
        scene.add_body(f"b{k}", shape, position=tuple(place), velocity=tuple(-2 * place), angular_velocity=(3, -2, 1))
    sim = engine.Simulation(scene)
    mass = sim.compiled.reals["body_mass"][0, 1:]
    inertia = sim.compiled.reals["body_inertia"][0, 1:, :3]

    def momenta():
        v, p = sim.state.qvel.reshape(-1, 6).astype(float), sim.state.body_position[0, 1:].astype(float)
        turn = sim.state.body_rotation[0, 1:].astype(float)
        local = inertia * v[:, 3:]
        from engine.geometry.rotation import rotate

        spin = rotate(turn, local) + np.cross(p, mass[:, None] * v[:, :3])
        return (mass[:, None] * v[:, :3]).sum(0), spin.sum(0), (mass[:, None] * np.abs(v[:, :3])).sum()

    linear, angular, scale = momenta()
    sim.step(300)
    assert len(sim.touches()["env"]) >= 2
    later, turned, _ = momenta()
    assert np.abs(later - linear).max() < 1e-4 * scale and np.abs(turned - angular).max() < 1e-3 * scale


@pytest.mark.parametrize("shape", [engine.Sphere(radius=0.005), engine.Box(size=(0.01, 0.01, 0.01))])
def test_a_bullet_does_not_pass_a_thin_wall(cpu, shape):
    """1 cm at 100 m/s against 1 mm at a step of 2 ms, which it would leap over by 0.2 m."""
    scene = heaps.empty()
    scene.options.gravity = (0, 0, 0)
    scene.add_body("wall", engine.Box(size=(0.001, 1, 1)), position=(0, 0, 0.5), fixed=True)
    for k in range(3):
        scene.add_body(f"bullet{k}", shape, position=(-1.03 - 0.071 * k, 0.1 * k, 0.5), velocity=(100, 0, 0))
    sim = engine.Simulation(scene)
    sim.step(30)
    assert (sim.state.body_position[0, -3:, 0] < 0).all() and (sim.state.body_position[0, -3:, 0] > -1.03).all()


def test_a_body_that_passes_by_is_not_deflected(cpu):
    """A fast ball that misses an edge by a millimetre keeps its velocity bit for bit (no ghost contact)."""
    scene = heaps.empty()
    scene.options.gravity = (0, 0, 0)
    scene.add_body("post", engine.Box(size=(0.1, 0.1, 0.2)), position=(0, 0, 0.6), fixed=True)
    velocity = (40.0, 0.0, 0.0)
    scene.add_body("ball", engine.Sphere(radius=0.02), position=(-0.53, 0.071, 0.6), velocity=velocity)
    sim = engine.Simulation(scene)
    sim.step(20)
    np.testing.assert_array_equal(sim.state.qvel[0, :3], np.array(velocity, np.float32))
    assert sim.state.qpos[0, 0] > 0.5
