"""The deformable solver against closed forms, momentum, determinism; small meshes."""

import numpy as np
import pytest

import engine
from engine.solvers.deformable import layout as col


def test_the_energy_free_fall_of_everything(cpu):
    """Free flight: z = z0 + v t - g t^2 / 2 of backward Euler, without spin or change of shape."""
    scene = engine.Scene()
    scene.add_soft("jelly", material=engine.Elastic(preset="jelly"), shape=engine.Box(size=(0.1, 0.1, 0.1)), resolution=0.05)
    scene.add_rope("rope", points=[(0.5, 0, 0), (1, 0, 0)], segments=10)
    scene.add_cloth(
        "cloth",
        mesh=engine.Sheet(size=(0.2, 0.2), spacing=0.05),
        position=(-1, 0, 0),
        material=engine.Cloth(drag=0.0, skin_drag=0.0),
    )
    sim = engine.Simulation(scene)
    before = {name: sim.deformable(name).position for name in ("jelly", "rope", "cloth")}
    steps, h = 50, 0.002
    sim.step(steps)
    fall = -9.81 * h**2 * steps * (steps + 1) / 2
    for name, old in before.items():
        np.testing.assert_allclose(sim.deformable(name).position - old, np.broadcast_to([0, 0, fall], old.shape), atol=3e-5)


def test_a_rigid_turn_of_a_solid_costs_nothing(cpu):
    """Written rotated and at rest it stays: no spurious force, in both laws."""
    for law in ("neo_hookean", "st_venant_kirchhoff"):
        scene = engine.Scene()
        scene.options.gravity = (0, 0, 0)
        scene.add_soft(
            "block", material=engine.Elastic(law=law, damping=1e-3), shape=engine.Box(size=(0.1, 0.1, 0.2)), resolution=0.05
        )
        sim = engine.Simulation(scene)
        view = sim.deformable("block")
        turned = view.position @ np.array([[0, -1, 0], [1, 0, 0], [0, 0, 1.0]]).T
        view.position = turned
        sim.step(20)
        np.testing.assert_allclose(view.position, turned, atol=2e-6)
        assert view.von_mises.max() < 1e-4 * 1e6


def test_uniaxial_stress_of_a_bar(engine_as):
    """One per cent of stretch, free sides: E eps within 1 %, sideways -nu eps within 3 %."""
    engine_as(precision="f64")
    scene = engine.Scene()
    scene.options.gravity, scene.options.timestep = (0, 0, 0), 0.01
    scene.deformable_options.sweeps = 60
    material = engine.Elastic(youngs_modulus=1e6, poisson_ratio=0.3, damping=5e-3)
    scene.add_soft("bar", material=material, shape=engine.Box(size=(0.05, 0.05, 0.4)), resolution=0.025)
    sim = engine.Simulation(scene)
    view = sim.deformable("bar")
    x = view.position
    ends = np.flatnonzero(np.abs(x[0, :, 2]) > 0.199)
    x[..., 2] *= 1.01
    view.position = x
    view.attach(ends)
    sim.step(300)
    middle = np.abs(view.position[0][view.cells].mean(1)[:, 2]) < 0.08
    inner = np.abs(x[0, :, 2]) < 0.11
    strain = np.polyfit(x[0, inner, 2] / 1.01, view.position[0, inner, 2], 1)[0] - 1  # clamped ends are stiffer
    assert view.stress[0][middle][:, 2, 2].mean() == pytest.approx(1e6 * strain, rel=0.012)
    assert strain == pytest.approx(0.01, rel=0.03)
    across = view.position[0, np.abs(x[0, :, 2]) < 0.03]
    assert np.ptp(across[:, 0]) / 0.05 - 1 == pytest.approx(-0.3 * strain, rel=0.06)


def test_bits_do_not_depend_on_neighbours_threads_or_restoring(engine_as):
    """An environment in a batch is the same alone; one thread or two; a snapshot goes on bit for bit."""

    def run(num_envs, threads):
        engine_as(threads=threads)
        scene = engine.Scene()
        scene.add_plane()
        scene.add_body("ball", engine.Sphere(radius=0.1), position=(0, 0, 0.12), mass=0.3)
        scene.add_cloth("towel", mesh=engine.Sheet(size=(0.3, 0.3), spacing=0.04), position=(0.01, 0, 0.24))
        return engine.Simulation(scene, num_envs=num_envs)

    single = run(1, 1)
    single.step(60)
    alone = single.deformable("towel").position[0]
    sim = run(3, 2)
    sim.step(30)
    rows = sim.snapshot()
    sim.step(30)
    later = sim.snapshot()
    np.testing.assert_array_equal(sim.deformable("towel").position[2], sim.deformable("towel").position[0])
    np.testing.assert_allclose(sim.deformable("towel").position[0], alone, atol=2e-4)  # one body is scalars, a batch lanes
    sim.restore(rows)
    sim.step(30)
    np.testing.assert_array_equal(sim.snapshot(), later)
    assert not sim.faults.any()


@pytest.mark.parametrize("mass", [0.002, 2.0, 200.0])
def test_a_box_that_hits_a_jelly_gives_what_it_loses(cpu, mass):
    """Momentum of body and jelly together stays, from a thousandth to a hundred times the jelly's mass."""
    scene = engine.Scene()
    scene.options.gravity = (0, 0, 0)
    scene.add_soft("jelly", material=engine.Elastic(preset="jelly"), shape=engine.Box(size=(0.12, 0.12, 0.12)), resolution=0.04)
    scene.add_body("box", engine.Box(size=(0.1, 0.1, 0.1)), position=(0.01, 0.02, 0.13), mass=mass, velocity=(0, 0, -1))
    sim = engine.Simulation(scene)
    view = sim.deformable("jelly")
    for _ in range(10):
        sim.step(20)
        momentum = (view.mass[..., None] * view.velocity).sum(1)[0] + mass * sim.state.qvel[0, :3]
        np.testing.assert_allclose(momentum, [0, 0, -mass], atol=2e-4 * max(mass, 0.01))
        assert np.abs(view.velocity).max() < 5.0
    assert not sim.faults.any()


def block_on_an_incline(ratio, mu=0.5):
    """A soft block on an incline of ratio * mu: way and acceleration along it, the latter expected, after it has settled."""
    angle = np.arctan(ratio * mu)
    scene = engine.Scene()
    scene.options.gravity = (9.81 * np.sin(angle), 0, -9.81 * np.cos(angle))
    scene.add_plane(friction=mu)
    material = engine.Elastic(youngs_modulus=2e5, damping=5e-3, friction=mu)
    scene.add_soft(
        "block", material=material, shape=engine.Box(size=(0.12, 0.12, 0.06)), resolution=0.03, position=(0, 0, 0.0301)
    )
    sim = engine.Simulation(scene)
    view = sim.deformable("block")
    sim.step(150)
    start, speed = view.position.mean(1)[0, 0], view.velocity.mean(1)[0, 0]
    sim.step(250)
    rate = (view.velocity.mean(1)[0, 0] - speed) / 0.5
    return view.position.mean(1)[0, 0] - start, rate, 9.81 * (np.sin(angle) - mu * np.cos(angle))


def test_a_soft_block_sticks_below_the_angle_of_friction(cpu):
    """It stands at 0.9 mu."""
    assert abs(block_on_an_incline(0.9)[0]) < 1e-3


def test_a_soft_block_slides_at_the_right_rate(cpu):
    """It slides with g (sin - mu cos) at 1.3 mu."""
    _, rate, expected = block_on_an_incline(1.3)
    assert rate == pytest.approx(expected, rel=0.03)


def test_cloth_on_a_ball_weighs_what_it_weighs(cpu):
    """Support force is the weight, and no vertex is inside."""
    scene = engine.Scene()
    scene.add_body("ball", engine.Sphere(radius=0.1), position=(0, 0, 0.3), fixed=True)
    cloth = engine.Cloth(preset="cotton", friction=0.8, damping=1e-2, bending_damping=2e-2)
    scene.add_cloth("towel", material=cloth, mesh=engine.Sheet(size=(0.3, 0.3), spacing=0.03), position=(0, 0, 0.41))
    sim = engine.Simulation(scene)
    view = sim.deformable("towel")
    sim.step(500)
    forces = []
    for _ in range(10):
        sim.step(25)
        forces.append(sim._coupling.wrench[0, 1, 2])
        assert (np.linalg.norm(view.position[0] - [0, 0, 0.3], axis=1) > 0.1).all()
    weight = view.mass.sum() * 9.81
    assert -np.mean(forces) == pytest.approx(weight, rel=0.02)


def test_a_rigid_scene_loads_nothing_of_this():
    """A process without deformables imports no kernels of them."""
    import subprocess
    import sys

    code = (
        "import engine, sys; engine.init(backend='cpu'); s = engine.Scene(); s.add_plane(); engine.Simulation(s);"
        "print([m for m in sys.modules if 'solvers.deformable' in m])"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"


def test_a_clamped_rope_bends_as_the_elastica_at_the_default_budget(cpu):
    """R4: q L^3 / (E I) = 3 gives 0.3396 L; sweeps alone let this rope hang straight down. Within 2 % after 3 s."""
    length, segments = 0.5, 20
    h = length / (segments + 0.5)  # the first segment is held: its middle is the clamp
    rope = engine.Rope(
        linear_density=0.1, stretch=2e3, bending=0.981 * length**3 / 3, damping=0.0, bending_damping=0.05, diameter=0.01
    )
    scene = engine.Scene()
    scene.options.timestep = 0.01
    line = [(-h / 2, 0, 0), (length, 0, 0)]
    scene.add_rope("rope", material=rope, points=line, segments=segments + 1, self_contact=False)
    scene.attach("rope", [0, 1])
    sim = engine.Simulation(scene)
    sim.step(300)
    assert -sim.deformable("rope").position[0, -1, 2] / length == pytest.approx(0.3396, rel=0.02)


def test_twist_turns_the_ends_of_a_bent_rope_and_its_momentum_balances(cpu):
    scene = engine.Scene()
    scene.options.gravity = (0, 0, 0)
    material = engine.Rope(linear_density=0.05, stretch=2e3, bending=1e-3, torsion=1e-3)
    points = [(0, 0, 0), (0.1, 0, 0), (0.2, 0.1, 0.1), (0.2, 0.2, 0.2), (0.25, 0.2, 0.3)]
    scene.add_rope("rope", material=material, points=points, segments=10, self_contact=False)
    scene.add_body("crank", position=points[-1], kinematic=True)
    scene.attach("rope", [0, 1])
    scene.attach("rope", [9, 10], "crank")
    sim = engine.Simulation(scene)
    solver = sim._coupling.continua[0].solver
    sim.control.kinematic_velocity[0, 0] = (0, 0, 0, 0, 0, 4)
    sim.step(50)
    twist = sim.deformable("rope").twist[0]
    assert twist[0] == 0 and 0.2 < twist[-1] < 0.45 and (np.diff(twist) > 0).all()
    force = solver.push.host.reshape(-1, 3)[solver.packed.slot].astype(float)
    moment = solver.moment.host.reshape(-1, 3).astype(float).sum(0)
    assert np.abs(force).max() > 1e-4 and np.abs(moment).max() > 1e-4
    assert np.abs(force.sum(0)).max() < 1e-8
    assert np.abs(np.cross(solver.rows(col.X_START, 3)[0], force).sum(0) + moment).max() < 1e-8
