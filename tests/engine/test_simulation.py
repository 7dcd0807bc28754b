"""The simulation as users see it: batches, bits, compilations, snapshots, write-back, growth and faults."""

import gc
from dataclasses import replace

import numpy as np
import pytest

import engine
from engine.types import Fault


def heap(seed: int, count: int = 5, **options) -> engine.Scene:
    """A few boxes, balls and capsules above a plane; `options` of the simulation."""
    rng = np.random.default_rng(seed)
    scene = engine.Scene()
    scene.options = replace(scene.options, **options)
    scene.add_plane()
    shapes = (engine.Box(size=(0.1, 0.08, 0.06)), engine.Sphere(radius=0.05), engine.Capsule(radius=0.03, length=0.1))
    for k in range(count):
        rotation = rng.normal(size=4)
        scene.add_body(
            f"b{k}",
            shape=shapes[k % 3],
            density=600.0,
            position=(*rng.uniform(-0.05, 0.05, 2), 0.1 + 0.12 * k),
            rotation=rotation / np.linalg.norm(rotation),
        )
    return scene


def rollout(scenes, **options) -> tuple[np.ndarray, np.ndarray]:
    sim = engine.Simulation(scenes, **options)
    for _ in range(15):
        sim.step(substeps=10)
    return sim.state.qpos, sim.state.qvel


def test_a_redrawn_environment_is_a_fresh_one_and_its_neighbours_do_not_notice(cpu):
    scenes = [heap(seed) for seed in range(20)]
    sim = engine.Simulation(scenes)
    for _ in range(5):
        sim.step(substeps=10)
    sim.redraw([19, 3], [heap(40), heap(41)])
    for _ in range(10):
        sim.step(substeps=10)
    fresh = engine.Simulation([heap(40), heap(41), heap(7)])
    for _ in range(10):
        fresh.step(substeps=10)
    np.testing.assert_array_equal(sim.state.qpos[[19, 3]], fresh.state.qpos[:2])
    np.testing.assert_array_equal(sim.state.qpos[7], rollout(scenes)[0][7])


def test_what_cannot_be_redrawn_is_refused(cpu):
    sim = engine.Simulation([heap(0), heap(1)])
    with pytest.raises(engine.SceneError, match="scene 0 of the batch"):
        sim.redraw([1], [heap(2, count=4)])
    with pytest.raises(engine.StateError, match="1 scenes for 2 environments"):
        sim.redraw([0, 1], [heap(2)])
    with pytest.raises(engine.StateError, match="share one scene"):
        engine.Simulation(heap(0), num_envs=2).redraw([0], [heap(2)])


@pytest.mark.parametrize("options", [{}, {"cone": "pyramidal"}, {"cone": "pyramidal", "contact": "mujoco"}])
def test_each_environment_of_a_batch_equals_its_single_run(cpu, options):
    """Bit for bit, with other scenes as neighbours, and with scalars in place of lanes."""
    scenes = [heap(seed, **options) for seed in range(20)]
    qpos, qvel = rollout(scenes)
    for k in (0, 7, 15, 19):
        alone_qpos, alone_qvel = rollout([scenes[k]])
        np.testing.assert_array_equal(qpos[k], alone_qpos[0])
        np.testing.assert_array_equal(qvel[k], alone_qvel[0])


def test_the_gpu_memory_order_gives_the_same_bits(engine_as):
    """Scalars in [slot, env] order, cut into the GPU's kernels, equal the fused lanes."""
    engine_as(lanes=16)
    scenes = [heap(seed) for seed in range(5)]
    fused = rollout(scenes)
    engine_as(lanes=1)
    cut = rollout(scenes)
    np.testing.assert_array_equal(fused[0], cut[0])
    np.testing.assert_array_equal(fused[1], cut[1])


def test_ten_single_substeps_equal_one_step_of_ten(cpu):
    """The number of substeps per launch does not change a bit."""
    one, ten = engine.Simulation(heap(3), num_envs=4), engine.Simulation(heap(3), num_envs=4)
    for _ in range(12):
        ten.step(substeps=10)
        for _ in range(10):
            one.step()
    np.testing.assert_array_equal(one.state.qpos, ten.state.qpos)


def compiled_kernels() -> set:
    from engine.compiler import ti

    kernel = ti.lang.kernel_impl.Kernel
    return {(k.func.__name__, str(key)) for k in gc.get_objects() if isinstance(k, kernel) for key in k.compiled_kernels}


def test_a_new_scene_and_a_new_number_of_environments_compile_nothing(cpu):
    """Sizes are numbers in the model header, so nothing is compiled again."""
    for envs in (1, 17):
        sim = engine.Simulation(heap(0), num_envs=envs)
        sim.step(substeps=2)
        assert len(sim.state.qpos) == envs
        sim.contacts()
    before = compiled_kernels()
    assert before
    for envs, count in ((1, 9), (33, 2), (64, 7)):
        sim = engine.Simulation(heap(1, count), num_envs=envs)
        sim.step(substeps=3)
        sim.contacts()
        assert sim.state.qvel.shape == (envs, 6 * count)
    assert compiled_kernels() == before


def test_a_snapshot_continues_bit_for_bit(cpu, tmp_path):
    """save, go on, load, go on again: the same bits; another scene is refused."""
    sim = engine.Simulation(heap(2), num_envs=3)
    sim.step(substeps=100)
    sim.control.body_wrench[1, 2, 0] = 0.5
    sim.save(tmp_path / "state.npz")
    sim.step(substeps=50)
    expected = sim.state.qpos
    sim.reset()
    sim.load(tmp_path / "state.npz")
    assert sim.control.body_wrench[1, 2, 0] == 0.5
    sim.step(substeps=50)
    np.testing.assert_array_equal(sim.state.qpos, expected)
    with pytest.raises(engine.EngineError, match="another scene"):
        engine.Simulation(heap(2, 4), num_envs=3).load(tmp_path / "state.npz")
    (tmp_path / "broken.npz").write_bytes((tmp_path / "state.npz").read_bytes()[:200])
    with pytest.raises(engine.EngineError, match="not a snapshot"):
        sim.load(tmp_path / "broken.npz")


def test_state_is_numpy_in_and_out(cpu):
    """Assignment, in-place change before a step, and plain copies after it."""
    sim = engine.Simulation(heap(0), num_envs=2)
    kept = sim.state.qpos
    sim.state.qpos[1, 0] = 0.75
    assert sim.state.qpos[1, 0] == 0.75 and sim.state.qpos[0, 0] != 0.75
    assert sim.state.body_position[1, 2, 0] == np.float32(0.75)
    sim.step()
    kept[:] = 100.0
    sim.step()
    assert np.abs(sim.state.qpos).max() < 10.0
    with pytest.raises(engine.EngineError, match="needs"):
        sim.state.qpos = np.zeros((5, 5))
    with pytest.raises(engine.EngineError, match="not finite"):
        sim.control.joint_force[0, 0] = np.nan
        sim.step()
    with pytest.raises(AttributeError, match="qvel"):
        _ = sim.state.qvels


def test_contact_buffers_grow_without_changing_a_bit(cpu):
    """A simulation that starts with one contact slot ends in the same state as one that had enough."""
    small = rollout(heap(4), num_envs=3, max_contacts=1)
    large = rollout(heap(4), num_envs=3, max_contacts=300)
    np.testing.assert_array_equal(small[0], large[0])


def test_a_faulty_environment_is_frozen_and_reported_and_its_neighbours_go_on(cpu):
    """Absurd speeds in one lane set its fault bit only, and its neighbours keep their bits."""
    sim = engine.Simulation(heap(1), num_envs=4)
    clean = engine.Simulation(heap(1), num_envs=4)
    sim.state.qvel[2, 0] = 3e38
    for _ in range(5):
        sim.step(substeps=10)
        clean.step(substeps=10)
    assert sim.faults[2] & Fault.NOT_FINITE and not sim.faults[[0, 1, 3]].any()
    assert "NOT_FINITE" in sim.fault_text(2)
    np.testing.assert_array_equal(sim.state.qpos[[0, 1, 3]], clean.state.qpos[[0, 1, 3]])
    sim.reset(envs=[2])
    sim.step(substeps=10)
    assert not sim.faults.any()


def test_impulses_of_a_step_equal_the_change_of_momentum(cpu):
    """Sum of pair impulses = m dv + m g dt for a ball that lands and rebounds between two steps."""
    scene = engine.Scene()
    scene.add_plane(restitution=0.8)
    scene.add_body(
        "ball", shape=engine.Sphere(radius=0.1), mass=2.0, position=(0, 0, 0.2), velocity=(0, 0, -3), restitution=0.8
    )
    sim = engine.Simulation(scene, num_envs=2)
    before = sim.state.qvel[:, 2].copy()
    sim.step(substeps=50)
    after, touches = sim.state.qvel[:, 2], sim.touches()
    assert len(sim.contacts()) == 0 and list(touches["env"]) == [0, 1]
    np.testing.assert_allclose(np.abs(touches["impulse"][:, 2]), 2.0 * (after - before) + 2.0 * 9.81 * 0.1, rtol=1e-3)


def tray(seed: int) -> engine.Scene:
    """Every kind of shape thrown into a box of five walls."""
    rng = np.random.default_rng(seed)
    scene = engine.Scene()
    scene.add_plane()
    walls = [engine.Box(size=(0.6, 0.6, 0.04), position=(0, 0, 0.02))]
    for x, y in ((0.3, 0), (-0.3, 0), (0, 0.3), (0, -0.3)):
        walls.append(engine.Box(size=(0.04 if x else 0.64, 0.04 if y else 0.64, 0.2), position=(x, y, 0.1)))
    scene.add_body("tray", shape=walls, fixed=True)
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)]) * (0.05, 0.04, 0.03)
    faces = [
        [0, 1, 3], [0, 3, 2], [4, 6, 7], [4, 7, 5], [0, 4, 5], [0, 5, 1],
        [2, 3, 7], [2, 7, 6], [0, 2, 6], [0, 6, 4], [1, 5, 7], [1, 7, 3],
    ]  # fmt: skip
    kinds = (
        engine.Sphere(radius=0.05), engine.Capsule(radius=0.03, length=0.08), engine.Cylinder(radius=0.04, height=0.08),
        engine.Box(size=(0.1, 0.07, 0.05)), engine.Ellipsoid(radii=(0.06, 0.04, 0.03)),
        engine.Mesh(vertices=corners.tolist(), faces=faces),
    )  # fmt: skip
    for k in range(8):
        rotation = rng.normal(size=4)
        position = (*rng.uniform(-0.15, 0.15, 2), 0.15 + 0.1 * k)
        scene.add_body(
            f"thing{k}",
            shape=kinds[k % 6],
            density=500.0,
            position=position,
            rotation=rotation / np.linalg.norm(rotation),
            velocity=(0, 0, -2),
        )
    return scene


def test_a_heap_of_every_shape_stays_finite_inside_its_tray(cpu):
    """Three seconds of 32 heaps: no fault, nothing leaves the tray, contacts lie on the bodies, and depths end below 2 mm."""
    sim = engine.Simulation([tray(seed) for seed in range(32)])
    for _ in range(30):
        sim.step(substeps=50)
        contacts = sim.contacts()
        assert np.abs(contacts.point).max() < 2.0
    assert not sim.faults.any()
    things = sim.state.body_position[:, 3:]
    assert np.abs(things[..., :2]).max() < 0.3 and things[..., 2].min() > 0.04
    assert contacts.depth.max() < 2e-3


@pytest.mark.parametrize("num_envs", [1, 20])
def test_a_rollout_has_the_bits_of_single_steps(cpu, num_envs):
    """Also when the contact buffers have to grow on the way; controls and contacts are those of the last step."""

    def arms(max_contacts: int | None = None) -> engine.Simulation:
        scene = heap(2)
        scene.add_body("arm", shape=engine.Capsule(radius=0.02, length=0.3), position=(0, 0, 0.5), joint=engine.Hinge(name="h"))
        scene.add_actuator("motor", "h", gear=2.0)
        return engine.Simulation(scene, num_envs=num_envs, max_contacts=max_contacts)

    plan = np.random.default_rng(0).uniform(-1, 1, size=(25, num_envs, 1))
    rolled, stepped = arms(max_contacts=1), arms()
    qpos, qvel = rolled.rollout(plan, substeps=4)
    for k, row in enumerate(plan):
        stepped.control.actuator[...] = row
        stepped.step(4)
        np.testing.assert_array_equal(stepped.state.qpos, qpos[k])
        np.testing.assert_array_equal(stepped.state.qvel, qvel[k])
    np.testing.assert_array_equal(rolled.contacts().force, stepped.contacts().force)
    rolled.step()
    stepped.step()
    np.testing.assert_array_equal(rolled.state.qpos, stepped.state.qpos)


def test_a_rollout_wants_one_row_per_step_and_environment(cpu):
    """The error names the shape that is needed."""
    sim = engine.Simulation(heap(1), num_envs=3)
    with pytest.raises(engine.StateError, match="needs finite numbers"):
        sim.rollout(np.zeros((5, 2, 0)))
