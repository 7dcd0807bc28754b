"""No triangle passes another one, judged by a checker that knows nothing of the solver."""

import numpy as np

import engine
from benchmarks.deformable.intersections import crossings, overlapping_tubes


def wrung() -> engine.Scene:
    """A coarse cloth whose sides are turned against each other: without `separation` its triangles cross from one turn on."""
    scene = engine.Scene()
    scene.options.gravity = (0, 0, 0)
    for name, x in (("left", -0.15), ("right", 0.15)):
        scene.add_body(name, position=(x, 0, 0), kinematic=True)
    scene.add_cloth("cloth", mesh=engine.Sheet(size=(0.3, 0.18), spacing=0.03))
    scene.attach("cloth", range(7), "left")
    scene.attach("cloth", range(70, 77), "right")
    return scene


def wring(sim, env=0):
    sim.control.kinematic_velocity[env] = [[0.015, 0, 0, 9.0, 0, 0], [-0.015, 0, 0, -9.0, 0, 0]]


def test_a_wrung_cloth_never_crosses_itself_and_a_batch_has_the_same_bits(cpu):
    """R13: two turns, looked at nine times a turn."""
    alone, batch = engine.Simulation(wrung()), engine.Simulation(wrung(), num_envs=2)
    wring(alone)
    wring(batch, 1)
    busy = 0
    for _ in range(18):
        alone.step(20)
        view = alone.deformable("cloth")
        assert len(crossings(view.position[0], view.faces)) == 0
        busy = max(busy, int(alone.continua[0].solver.parameters.host[0, 11]))
    assert busy > 1, "separation had nothing to do"
    batch.step(18 * 20)
    np.testing.assert_array_equal(batch.deformable("cloth").position[1], alone.deformable("cloth").position[0])


def test_a_rope_does_not_pass_itself(cpu):
    """A loop that is pulled shut across itself stays a loop: its tube never overlaps."""
    t = np.linspace(0, 2 * np.pi, 41)
    points = np.column_stack([0.1 * np.sin(t) + 0.03 * (t - np.pi), 0.1 - 0.1 * np.cos(t), 0.006 * (t - np.pi)])
    scene = engine.Scene()
    scene.options.gravity = (0, 0, 0)
    scene.add_rope("rope", material=engine.Rope(preset="wet_string", diameter=0.012), points=points.tolist(), segments=40)
    for k, name in ((0, "a"), (40, "b")):
        scene.add_body(name, position=points[k], kinematic=True)
        scene.attach("rope", [k], name)
    sim = engine.Simulation(scene)
    sim.control.kinematic_velocity[0] = [[0, 0, 0.2, 0, 0, 0], [0, 0, -0.2, 0, 0, 0]]
    for _ in range(12):
        sim.step(20)
        pairs, least = overlapping_tubes(sim.deformable("rope").position[0], 0.006, np.pi * 0.006)
        assert len(pairs) == 0, f"axes {least:.5f} m apart"


def test_what_moves_as_a_whole_is_not_slowed(cpu):
    """Two sheets of cloth fall as freely as one, although a substep takes them farther than their gap."""
    scene = engine.Scene()
    bare = engine.Cloth(drag=0.0, skin_drag=0.0)
    sheet = engine.Sheet(size=(0.05, 0.05), spacing=0.01)
    for k in range(2):
        scene.add_cloth(f"cloth {k}", material=bare, mesh=sheet, position=(0, 0, 0.012 * k), velocity=(0, 0, -10))
    sim = engine.Simulation(scene)
    sim.step(1)
    for k in range(2):
        z = sim.deformable(f"cloth {k}").position[0, :, 2]
        np.testing.assert_allclose(z, 0.012 * k - 0.02 - 9.81 * 0.002**2, atol=1e-6)
