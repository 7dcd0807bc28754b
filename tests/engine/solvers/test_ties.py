"""Tendons and equality constraints: closed forms, the builder's checks, and the same bits in lanes, scalars and batches."""

import numpy as np
import pytest

import engine


def rod(scene, name, length, parent=None, position=(0.0, 0.0, 0.0), angle=0.0):
    """A thin rod along +z of its frame, on a hinge about y at its lower end, turned by `angle` at the start."""
    shape = engine.Capsule(0.01, length, position=(0, 0, length / 2), collides=False, density=2000)
    hinge = engine.Hinge(axis=(0, 1, 0), initial=angle)
    scene.add_body(name, shape, parent=parent, position=position, joint=hinge)


def parallelogram(angle=np.pi + 1.0) -> engine.Scene:
    """Two equal hanging cranks and a coupler as long as the base; the loop is closed by a connect."""
    scene = engine.Scene()
    scene.options.timestep = 0.001
    rod(scene, "crank", 0.4, angle=angle)
    rod(scene, "rocker", 0.4, position=(1.0, 0, 0), angle=angle)
    rod(scene, "coupler", 1.0, parent="crank", position=(0, 0, 0.4), angle=np.pi / 2 - angle)
    scene.connect("coupler", "rocker", anchor=(0, 0, 1.0), solref=(0.005, 1))
    return scene


def test_a_parallelogram_linkage_keeps_its_cranks_parallel(cpu):
    """A four-bar linkage closed by a connect swings for 2 s (B8): equal angles, closed loop, as far to either side."""
    sim = engine.Simulation(parallelogram())
    worst = gap = 0.0
    seen = []
    for _ in range(200):
        sim.step(substeps=10)
        crank, rocker, coupler = sim.state.qpos[0]
        tip = np.array([0.4 * np.sin(crank) + np.sin(crank + coupler), 0.4 * np.cos(crank) + np.cos(crank + coupler)])
        end = np.array([1.0 + 0.4 * np.sin(rocker), 0.4 * np.cos(rocker)])
        worst, gap = max(worst, abs(crank - rocker)), max(gap, float(np.abs(tip - end).max()))
        seen.append(crank - np.pi)
    assert worst < 2e-3 and gap < 1e-3
    assert abs(max(seen) - 1) < 0.02 and abs(min(seen) + 1) < 0.02


def test_a_mimic_joint_follows_its_polynomial(cpu):
    """q2 = 0.2 + 0.5 q1 - 0.1 q1^2 under gravity (B14)."""
    scene = engine.Scene()
    rod(scene, "leader", 0.5, angle=0.4)
    rod(scene, "follower", 0.3, position=(2, 0, 0), angle=0.2 + 0.5 * 0.4 - 0.1 * 0.16)
    scene.couple_joints("follower", "leader", polynomial=(0.2, 0.5, -0.1), solref=(0.005, 1))
    sim = engine.Simulation(scene)
    for _ in range(30):
        sim.step(substeps=10)
        q1, q2 = sim.state.qpos[0]
        assert abs(q2 - (0.2 + 0.5 * q1 - 0.1 * q1 * q1)) < 1e-3
    assert q1 > 1.0


def test_an_equality_can_be_switched_off_and_on(cpu):
    """A box welded to the world hangs; with equality_active 0 it falls freely, with 1 it is caught again."""
    scene = engine.Scene()
    scene.add_body("box", engine.Box((0.1, 0.1, 0.1)), position=(0, 0, 1))
    scene.weld("box", solref=(0.01, 1))
    sim = engine.Simulation(scene, num_envs=3)
    sim.state.equality_active = [[1], [0], [1]]
    sim.step(substeps=100)
    height = sim.state.qpos[:, 2]
    assert np.abs(height[[0, 2]] - 1).max() < 2e-3
    assert abs(height[1] - (1 - 0.5 * 9.81 * 0.2**2)) < 0.005
    sim.state.equality_active = 1
    sim.step(substeps=200)
    assert np.abs(sim.state.qpos[:, 2] - 1).max() < 2e-3
    sim.reset()
    assert sim.state.equality_active.tolist() == [[1], [1], [1]]


def test_a_mass_on_a_tendon_spring_swings_with_the_closed_form(cpu):
    """omega = sqrt(k / m) for a slide on a spatial tendon; its dead band leaves it alone."""
    scene = engine.Scene()
    scene.options.gravity, scene.options.timestep, scene.options.integrator = (0, 0, 0), 0.0005, "euler"
    slide = engine.Slide(axis=(1, 0, 0), initial=0.1)
    scene.add_body("mass", engine.Sphere(0.05), mass=2.0, position=(1, 0, 0), joint=slide)
    scene.add_site("on_mass", "mass")
    scene.add_site("wall")
    ends = (engine.Via("wall"), engine.Via("on_mass"))
    scene.add_tendon(engine.SpatialTendon(ends, stiffness=50.0, spring_range=1.0))
    sim = engine.Simulation(scene)
    for _ in range(20):
        sim.step(substeps=40)
        assert abs(sim.state.qpos[0, 0] - 0.1 * np.cos(5.0 * sim.state.time[0])) < 2e-4
    scene._tendons = []
    scene._ids["tendon"] = {}
    scene.add_tendon(engine.SpatialTendon(ends, stiffness=50.0, spring_range=(0.5, 2.0)))
    still = engine.Simulation(scene)
    still.step(substeps=100)
    assert still.state.qpos[0, 0] == np.float32(0.1) and still.state.tendon_length[0, 0] == np.float32(1.1)


def test_a_rope_over_a_pulley_is_atwoods_machine(cpu):
    """Two masses on a rope around a drum of fixed length: a = g (m1 - m2) / (m1 + m2)."""
    scene = engine.Scene()
    scene.options.timestep = 0.001
    for name, x, mass in (("left", -0.1, 1.0), ("right", 0.1, 2.0)):
        scene.add_body(name, engine.Sphere(0.03), mass=mass, position=(x, 0, -1), joint=engine.Slide(axis=(0, 0, 1)))
        scene.add_site(name, name)
    scene.add_site("top", position=(0, 0, 0.2))
    drum = engine.Cylinder(0.1, 0.2, rotation=(0.5**0.5, 0.5**0.5, 0, 0), name="drum", collides=False)
    scene.add_shape("world", drum)
    scene.add_tendon(engine.SpatialTendon((engine.Via("left"), engine.Wrap("drum", "top"), engine.Via("right")), name="rope"))
    scene.add_equality(engine.TendonCoupling("rope", solref=(0.005, 1)))
    sim = engine.Simulation(scene)
    assert abs(sim.state.tendon_length[0, 0] - (2.0 + 0.1 * np.pi)) < 1e-6
    sim.step(substeps=300)
    fallen = 0.5 * 9.81 / 3 * 0.3**2
    np.testing.assert_allclose(sim.state.qpos[0], [fallen, -fallen], rtol=0.01)


def machine() -> engine.Scene:
    """Every kind of row at once: the linkage, tendons with limits, friction, wraps, and a weld; it also touches the ground."""
    scene = parallelogram()
    scene.options.timestep = 0.002
    scene.add_plane(position=(0, 0, -0.5))
    scene.add_body("ball", engine.Sphere(0.15), position=(0.3, 0.1, 0.8))
    scene.add_body("load", engine.Box((0.1, 0.2, 0.1)), position=(0.9, 0.2, -0.3))
    scene.add_body("child", engine.Box((0.1, 0.1, 0.1)), position=(0.9, 0.2, -0.1))
    scene.weld("load", "child", torque_scale=0.3)
    for name, body, place in (("p", "crank", (0, 0, 0.3)), ("q", "load", (0, 0.05, 0)), ("side", "ball", (0, 0, 0.3))):
        scene.add_site(name, body, position=place)
    path = (engine.Via("p"), engine.Wrap("ball", "side"), engine.Via("q"))
    scene.add_tendon(engine.SpatialTendon(path, stiffness=20, damping=1, range=(0.2, 1.2), friction_loss=0.4))
    scene.add_tendon(engine.FixedTendon((("crank", 1.0), ("rocker", -0.5)), range=(-0.1, 0.4), stiffness=5, friction_loss=0.2))
    return scene


STATE = ("qpos", "qvel", "qacc", "row_force", "tendon_length", "solver_iterations", "fault")


def run(envs: int, only: int | None = None) -> dict[str, np.ndarray]:
    sim = engine.Simulation(machine(), envs if only is None else 1)
    rng = np.random.default_rng(1)
    qvel = rng.normal(size=(envs, sim.state.qvel.shape[1])).astype(np.float32)
    sim.state.qvel = qvel if only is None else qvel[only : only + 1]
    sim.step(substeps=60)
    return {name: sim.read(name) for name in STATE}


def test_lanes_scalars_and_batches_have_the_same_bits(engine_as):
    """17 environments in lanes, one alone, and scalars."""
    engine_as(lanes=16, threads=1)
    batch = run(17)
    assert (batch["row_force"] != 0).any(axis=0).sum() > 12 and not batch["fault"].any()
    for env in (0, 16):
        alone = run(17, only=env)
        assert all(alone[n].tobytes() == batch[n][env : env + 1].tobytes() for n in STATE)
    engine_as(lanes=1, threads=1)
    scalars = run(17)
    assert all(scalars[n].tobytes() == batch[n].tobytes() for n in STATE)


BAD = {
    "unknown site": (lambda s: s.add_tendon(engine.SpatialTendon((engine.Via("pp"), engine.Via("q")))), "unknown site 'pp'"),
    "short path": (lambda s: s.add_tendon(engine.SpatialTendon((engine.Via("p"),))), "fewer than two sites"),
    "loose wrap": (lambda s: s.add_tendon(engine.SpatialTendon((engine.Via("p"), engine.Wrap("ball")))), "not between two Via"),
    "wrapped box": (
        lambda s: s.add_tendon(engine.SpatialTendon((engine.Via("p"), engine.Wrap("load"), engine.Via("q")))),
        "shape 'load' is a Box",
    ),
    "divisor": (lambda s: s.add_tendon(engine.SpatialTendon((engine.Via("p"), engine.Pulley(0)))), "divisor is 0"),
    "no tendon": (lambda s: s.add_tendon("rope"), "'rope' is no tendon"),
    "joint twice": (lambda s: s.add_tendon(engine.FixedTendon((("crank", 1), ("crank", 2)))), "one joint twice"),
    "free joint": (lambda s: s.add_tendon(engine.FixedTendon((("load", 1),))), "joint 'load' is a Free"),
    "range": (lambda s: s.add_tendon(engine.FixedTendon((("crank", 1),), range=(2, 1))), "range is (2, 1)"),
    "stiffness": (lambda s: s.add_tendon(engine.FixedTendon((("crank", 1),), stiffness=-1)), "stiffness is -1"),
    "site name": (lambda s: s.add_site("p"), "already a site named 'p'"),
    "itself": (lambda s: s.couple_joints("crank", "crank"), "coupled to itself"),
    "one body": (lambda s: s.weld("load", "load"), "both ends lie on one body"),
    "both ways": (lambda s: s.connect("load", site="p", other_site="q"), "bodies and sites are both given"),
    "half": (lambda s: s.add_equality(engine.Weld(site="p")), "unknown site ''"),
    "no equality": (lambda s: s.add_equality(3), "3 is no equality constraint"),
    "solimp": (lambda s: s.weld("load", solimp=(0.9, 2, 0.1, 0.5, 2)), "solimp is"),
    "polynomial": (lambda s: s.couple_joints("crank", polynomial=(1,) * 6), "polynomial has 6 entries"),
    "unknown tendon": (lambda s: s.add_equality(engine.TendonCoupling("tendon9")), "unknown tendon 'tendon9'"),
}


@pytest.mark.parametrize("case", BAD)
def test_bad_ties_are_refused_in_one_sentence(case):
    """The sentence names the call and what is wrong."""
    call, words = BAD[case]
    with pytest.raises(engine.SceneError, match="^Scene.") as caught:
        call(machine())
    assert words in str(caught.value)
