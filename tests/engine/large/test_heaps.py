"""Stacks, walls and heaps: they stand, they sleep, they do not depend on threads, environments or what is near."""

import numpy as np
import pytest

import engine
from tests.engine.large import heaps


def test_a_stack_of_ten_boxes_stays(cpu):
    """Without sleep: after settling less than half a millimetre sideways in two seconds; depth below 1 per cent."""
    sim = engine.Simulation(heaps.stack(10))
    sim.step(500)
    start = sim.state.body_position
    sim.step(1000)
    assert np.abs(sim.state.body_position - start).max() < 5e-4
    assert sim.contacts().depth.max() < 0.001


def test_a_brick_wall_stands(cpu):
    """204 bricks without sleep: no brick creeps by more than a tenth of a millimetre in a second; depth below 1 per cent."""
    sim = engine.Simulation(heaps.wall())
    sim.step(500)
    start = sim.state.body_position
    sim.step(500)
    assert np.abs(sim.state.body_position - start).max() < 1e-4
    assert sim.contacts().depth.max() < 0.0008


def test_bodies_of_every_kind_come_to_rest_above_the_ground(cpu):
    """Spheres, capsules, boxes, cylinders, ellipsoids and meshes fall onto each other: nothing sinks in or flies off."""
    sim = engine.Simulation(heaps.mixed(48))
    sim.step(1000)
    assert sim.faults[0] == 0 and sim.contacts().depth.max() < 0.002
    place = sim.state.body_position[0, 2:]
    assert place[:, 2].min() > 0.02 and np.abs(place).max() < 3
    force = sum(c.force for c in sim.contacts() if c.body_a == 1)
    weight = 9.81 * sim.compiled.reals["body_mass"][0].sum()
    assert abs(force[2] / weight - 1) < 0.1


def run_rows(count: int, threads: int, engine_as, **choices) -> np.ndarray:
    engine_as(threads=threads, **choices)
    sim = engine.Simulation(heaps.mixed(count), num_envs=1)
    sim.step(250)
    return np.concatenate([sim.state.qpos, sim.state.qvel], axis=1)


def test_bits_do_not_depend_on_threads_or_lanes(engine_as):
    """One thread, two threads, two runs, scalars: the same numbers."""
    first = run_rows(420, 1, engine_as)
    np.testing.assert_array_equal(first, run_rows(420, 2, engine_as))
    np.testing.assert_array_equal(first, run_rows(420, 2, engine_as))
    np.testing.assert_array_equal(first, run_rows(420, 1, engine_as, lanes=1))


def test_an_environment_does_not_feel_its_neighbours(cpu):
    """Three environments, one of them disturbed: the others have the bits of a single one."""
    alone = engine.Simulation(heaps.mixed(24))
    batch = engine.Simulation(heaps.mixed(24), num_envs=3)
    speed = batch.state.qvel
    speed[1] += 1.0
    for sim in (alone, batch):
        sim.step(200)
    for env in (0, 2):
        np.testing.assert_array_equal(alone.state.qpos[0], batch.state.qpos[env])
    assert np.abs(alone.state.qpos[0] - batch.state.qpos[1]).max() > 0.01


def test_a_snapshot_continues_bit_for_bit(cpu):
    """Save in the middle of a fall, go on; another simulation that restores goes the same way; so does reset."""
    sim, other = engine.Simulation(heaps.mixed(32, sleep=True)), engine.Simulation(heaps.mixed(32, sleep=True))
    sim.step(150)
    rows = sim.snapshot()
    sim.step(100)
    other.restore(rows)
    other.step(100)
    np.testing.assert_array_equal(sim.state.qpos, other.state.qpos)
    sim.reset()
    sim.step(250)
    np.testing.assert_array_equal(sim.state.qpos, other.state.qpos)


def test_reading_and_writing_one_body_leaves_the_others(cpu):
    """A host that looks changes nothing; one that lifts a body far away changes nobody else."""
    quiet, looked = engine.Simulation(heaps.mixed(16)), engine.Simulation(heaps.mixed(16))
    quiet.step(100)
    for _ in range(10):
        looked.step(10)
        assert looked.state.qpos.shape == (1, 16 * 7)
    np.testing.assert_array_equal(quiet.state.qpos, looked.state.qpos)


def test_islands_sleep_exactly_and_wake_on_touch_force_and_write(cpu):
    """Resting boxes have zero velocity after a while; a ball, a force and the host wake them, and nobody else."""
    scene = heaps.empty(sleep=True)
    for k in range(4):
        scene.add_body(f"box{k}", engine.Box(size=(0.1, 0.1, 0.1)), position=(k, 0, 0.05))
    scene.add_body("ball", engine.Sphere(radius=0.05), position=(0, 0, 8.0))
    sim = engine.Simulation(scene)
    sim.step(500)
    asleep = sim.state.qpos[0, :28].copy()
    assert (sim.state.qvel[0, :24] == 0).all() and sim.state.qvel[0, 26] < -9
    sim.step(200)  # the ball hits the first box
    assert np.abs(sim.state.qvel[0, :6]).max() > 0
    np.testing.assert_array_equal(sim.state.qpos[0, 7:28], asleep[7:])
    sim.control.body_wrench[0, 3, 0] = 20.0
    place = sim.state.qpos
    place[0, 14 + 2] += 0.2
    sim.step(20)
    assert sim.state.qpos[0, 7] > asleep[7] + 1e-3
    assert sim.state.qvel[0, 14] < -0.1 or sim.state.qpos[0, 16] < asleep[16] + 0.2
    np.testing.assert_array_equal(sim.state.qpos[0, 21:28], asleep[21:])


def test_touches_report_what_began_and_ended_within_a_step(cpu):
    """A ball bounces off the ground between two readings: the pair, its impulse m (1 + e) v, and later nothing."""
    scene = heaps.empty(restitution=1.0)
    scene.add_body("ball", engine.Sphere(radius=0.1), mass=2.0, position=(0, 0, 0.2), velocity=(0, 0, -3))
    sim = engine.Simulation(scene)
    sim.step(100)
    touches = sim.touches()
    assert len(touches["env"]) == 1 and touches["body_b"][0] == 2
    speed = np.sqrt(9 + 2 * 9.81 * 0.1)
    assert abs(touches["impulse"][0, 2] / (2 * 2 * speed) - 1) < 0.02
    sim.step(10)
    assert len(sim.touches()["env"]) == 0


def test_what_the_solver_cannot_do_is_said(cpu):
    """Other joints and unknown solvers are refused in one sentence; auto keeps small and jointed scenes on the Newton road."""
    scene = heaps.stack(2)
    scene.add_body("arm", engine.Box(size=(0.1, 0.1, 0.1)), position=(1, 0, 1), joint=engine.Hinge())
    with pytest.raises(engine.SceneError, match="no free joint"):
        engine.Simulation(scene)
    scene.options.solver = "fast"
    with pytest.raises(engine.SceneError, match="unknown solver"):
        engine.compile_scenes([scene])
    scene.options.solver = "auto"
    assert engine.compile_scenes([scene]).sizes["solver"] == 0
    many = heaps.stack(100)
    many.options.solver = "auto"
    assert engine.compile_scenes([many]).sizes["solver"] == 1 and engine.compile_scenes([many]).sizes["num_pairs"] == 0


@pytest.mark.parametrize(
    ("change", "words"),
    [
        (lambda s: setattr(s.options, "density", 1.2), "fluid"),
        (lambda s: setattr(s.options, "integrator", "rk4"), "rk4"),
        (
            lambda s: s.add_body("soft", engine.Sphere(radius=0.1), position=(2, 0, 1), joint=engine.Free(stiffness=5.0)),
            "spring",
        ),
        (lambda s: s.add_body("grip", engine.Sphere(radius=0.1, priority=1), position=(2, 0, 1)), "priority"),
    ],
)
def test_what_only_newtons_method_does_stays_there(cpu, change, words):
    """Asked for by name the solver of free bodies refuses; left to the engine the scene takes the other road."""
    scene = heaps.stack(100)
    change(scene)
    with pytest.raises(engine.SceneError, match=words):
        engine.compile_scenes([scene])
    scene.options.solver = "auto"
    assert engine.compile_scenes([scene]).sizes["solver"] == 0


def test_a_configuration_tells_the_same_on_both_roads(cpu):
    """Poses and mass matrices of a running heap equal those of the Newton road at the same state."""
    scene, other = heaps.mixed(12), heaps.mixed(12)
    other.options.solver = "newton"
    sim, newton = engine.Simulation(scene, num_envs=2), engine.Simulation(other, num_envs=2)
    sim.step(50)
    newton.state.qpos, newton.state.qvel = sim.state.qpos, sim.state.qvel
    here, there = sim.configuration(), newton.configuration()
    np.testing.assert_array_equal(here.body_position, there.body_position)
    np.testing.assert_array_equal(here.mass_matrix(), there.mass_matrix())
    np.testing.assert_allclose(here.body_position, sim.state.body_position, atol=1e-6)


@pytest.mark.parametrize(("word", "height"), [("contact", -0.67), ("gravity", 0.12)])
def test_disabled_parts_are_left_out(cpu, word, height):
    """Without contacts the first body falls through the ground (h - g t^2 / 2), without gravity it hangs."""
    scene = heaps.mixed(12)
    scene.options.disable = (word,)
    sim = engine.Simulation(scene)
    sim.step(200)
    assert abs(sim.state.qpos[0, 2] - height) < 0.01 and len(sim.contacts()) == 0


def test_a_picture_shows_where_the_bodies_are_now(cpu):
    """The renderer sees the state after a step: the falling box is lower in the second picture."""
    scene = heaps.empty()
    scene.add_body("box", engine.Box(size=(0.2, 0.2, 0.2)), position=(0, 0, 1.2), color=(1, 0, 0))
    scene.add_camera("side", position=(0, -4, 0.7), look_at=(0, 0, 0.7), resolution=(48, 48))
    sim, rows = engine.Simulation(scene), []
    for _ in range(2):
        picture = sim.render("side", ("segmentation",))["segmentation"][0]
        rows.append(np.nonzero(picture == 2)[0].mean())
        sim.step(150)
    assert rows[1] > rows[0] + 3
