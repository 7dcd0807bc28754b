"""Order of convergence, energy and stability of the integrators; batches and lanes; activations in state."""

import numpy as np
import pytest

import engine
from engine import runtime
from engine.simulation import Simulation

SPAN = 0.64


@pytest.fixture(autouse=True, scope="module")
def engine_f64():
    runtime.init("cpu", precision="f64", threads=1)


def options(scene: engine.Scene, integrator: str, timestep: float) -> engine.Scene:
    scene.options.integrator, scene.options.timestep = integrator, timestep
    return scene


def double_pendulum() -> engine.Scene:
    """Two rods on hinges, from the horizontal."""
    scene = engine.Scene()
    rod = engine.Capsule(0.05, 0.6, position=(0.0, 0.0, -0.4))
    scene.add_body("upper", rod, joint=engine.Hinge((0.0, 1.0, 0.0), initial=1.4))
    hinge = engine.Hinge((0.6, 0.8, 0.0), initial=0.5)
    scene.add_body(
        "lower", engine.Capsule(0.04, 0.4, position=(0.0, 0.0, -0.3)), joint=hinge, parent="upper", position=(0, 0, -0.8)
    )
    scene.exclude_contacts("upper", "lower")
    return scene


def spinning_ball() -> engine.Scene:
    """A box on a ball joint away from its centre, and one that tumbles freely."""
    scene = engine.Scene()
    ball = engine.Ball((0.0, 0.0, 0.3), initial_velocity=(3.0, 1.0, 5.0))
    scene.add_body("top", engine.Box((0.3, 0.2, 0.1)), joint=ball)
    scene.add_body(
        "free", engine.Box((0.1, 0.3, 0.2)), position=(3, 0, 0), angular_velocity=(4.0, 0.3, 2.0), velocity=(1, 0, 2)
    )
    return scene


def final(scene: engine.Scene, integrator: str, timestep: float) -> np.ndarray:
    """Coordinates and velocities after SPAN."""
    sim = Simulation(options(scene, integrator, timestep))
    sim.step(round(SPAN / timestep))
    return np.concatenate([sim.state.qpos[0], sim.state.qvel[0]])


@pytest.mark.parametrize("build", [double_pendulum, spinning_ball])
@pytest.mark.parametrize("integrator, order", [("rk4", 4.0), ("euler", 1.0), ("implicitfast", 1.0), ("implicit_velocity", 1.0)])
def test_the_error_falls_with_the_order_of_the_integrator(build, integrator, order):
    """Halving the step divides the error against a much finer solution by 2^order."""
    exact = final(build(), "rk4", 0.00025)
    steps = (0.02, 0.01, 0.005) if order == 4.0 else (0.004, 0.002, 0.001)
    errors = [np.abs(final(build(), integrator, h) - exact).max() for h in steps]
    slope = np.log2(errors[0] / errors[-1]) / 2
    assert abs(slope - order) < 0.25, (slope, errors)


def energy(sim: Simulation) -> float:
    """Kinetic and potential energy of all bodies."""
    reals, total = sim.compiled.reals, 0.0
    position, velocity = sim.state.body_position[0], sim.state.body_velocity[0]
    turn = sim.state.body_rotation[0]
    for b in range(1, len(position)):
        w, (x, y, z) = turn[b, 0], turn[b, 1:]
        r = np.array([
            [1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
            [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
            [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)],
        ])  # fmt: skip
        mass, com = reals["body_mass"][0, b], r @ reals["body_com"][0, b]
        xx, yy, zz, xy, xz, yz = reals["body_inertia"][0, b]
        about = r @ np.array([[xx, xy, xz], [xy, yy, yz], [xz, yz, zz]]) @ r.T
        spin = velocity[b, 3:]
        v = velocity[b, :3] + np.cross(spin, com)
        total += 0.5 * mass * v @ v + 0.5 * spin @ about @ spin - mass * reals["gravity"][0] @ (position[b] + com)
    return total


def test_runge_kutta_keeps_energy_best_and_euler_worst():
    """Five hundred steps of 2 ms of a double pendulum: the error of RK4 is below that of implicit, which is below Euler's."""
    drift = {}
    for integrator in ("rk4", "implicit_velocity", "euler"):
        sim = Simulation(options(double_pendulum(), integrator, 0.002))
        before, worst = energy(sim), 0.0
        for _ in range(50):
            sim.step(10)
            worst = max(worst, abs(energy(sim) - before))
        drift[integrator] = worst
    assert drift["rk4"] < 1e-6
    assert drift["rk4"] < drift["implicit_velocity"] < drift["euler"], drift


def test_a_spring_stiffer_than_the_step_decays_when_it_is_implicit_in_position():
    """k = 9e4, m = 1, h = 10 ms (h w = 3): Euler explodes in twenty steps, the implicit default falls below the start."""
    found = {}
    for integrator in ("implicit", "euler", "rk4"):
        scene = engine.Scene()
        slide = engine.Slide((1.0, 0.0, 0.0), stiffness=9e4, initial=0.1)
        scene.add_body("mass", engine.Sphere(0.1, mass=1.0), joint=slide)
        scene.options.gravity = (0.0, 0.0, 0.0)
        sim = Simulation(options(scene, integrator, 0.01))
        sim.step(20)
        found[integrator] = abs(float(sim.state.qpos[0, 0]))
    assert found["implicit"] < 0.1
    assert found["euler"] > 1e3 and found["rk4"] > 10.0, found


def driven(integrator: str) -> engine.Scene:
    """A floating arm with a filtered motor, a muscle and a jet, in a fluid, above a plane."""
    scene = engine.Scene()
    scene.add_plane()
    scene.add_body("hull", engine.Box((0.4, 0.2, 0.2)), position=(0, 0, 0.35))
    scene.add_body(
        "arm",
        engine.Capsule(0.05, 0.3),
        parent="hull",
        position=(0.3, 0, 0),
        joint=engine.Hinge((0, 1, 0), name="h", damping=0.1),
    )
    scene.add_site("nozzle", "arm", position=(0, 0, -0.2))
    scene.add_actuator("motor", "h", gain=2.0, dynamics="filter", dynamics_parameters=0.05)
    scene.add_actuator("pull", "h", "muscle", length_range=(-1.0, 1.0))
    scene.add_actuator("jet", site="nozzle", gear=(0.0, 0.0, 3.0, 0.0, 0.1, 0.0))
    scene.options.density, scene.options.viscosity = 20.0, 0.1
    return options(scene, integrator, 0.004)


def test_activations_are_state():
    """They follow their control, travel in snapshots, can be written and go back to zero on reset."""
    sim = Simulation(driven("implicit"), 2)
    sim.control.actuator[:] = 1.0
    sim.step(20)
    kept, seen = sim.snapshot(), sim.state.activation.copy()
    assert 0.5 < seen[0, 0] < 1.0
    sim.step(20)
    later = sim.state.activation.copy()
    sim.restore(kept)
    assert np.array_equal(sim.state.activation, seen)
    sim.step(20)
    assert np.array_equal(sim.state.activation, later)
    sim.state.activation = 0.25
    assert np.array_equal(sim.state.activation, np.full((2, 2), 0.25))
    sim.reset()
    assert not sim.state.activation.any()


def test_contact_buffers_may_grow_between_the_stages_of_a_step():
    """Runge-Kutta goes on with the same bits when the host enlarges the contact buffer in the middle of a substep."""
    results = []
    for capacity in (1, 64):
        scene = engine.Scene()
        scene.add_plane()
        for k in range(3):
            scene.add_body(f"box{k}", engine.Box((0.2, 0.2, 0.2)), position=(0.5 * k, 0.0, 0.11 + 0.03 * k))
        sim = Simulation(options(scene, "rk4", 0.01), 1, max_contacts=capacity)
        sim.step(30)
        results.append(sim.snapshot())
        assert sim.touches()["substeps"].max() <= 30
    assert np.array_equal(*results)


def test_a_batch_has_the_bits_of_single_environments():
    """Five environments with their own controls, as SIMD lanes and as scalars, against each alone, under four integrators."""
    control = np.random.default_rng(3).normal(size=(5, 3))
    names, rows = ("implicit", "rk4", "implicitfast", "implicit_velocity"), {}
    for lanes in (16, 1):
        runtime.init("cpu", precision="f32", threads=1, lanes=lanes)
        for name in names:
            sim = Simulation(driven(name), 5)
            sim.control.actuator[:] = control
            sim.step(60)
            assert not sim.faults.any()
            rows[name, lanes] = sim.snapshot()
    for name in names:
        assert np.array_equal(rows[name, 16], rows[name, 1]), name
        alone = Simulation(driven(name), 1)
        for env in range(5):
            alone.reset()
            alone.control.actuator[:] = control[env]
            alone.step(60)
            assert np.array_equal(alone.snapshot()[0], rows[name, 1][env]), (name, env)
