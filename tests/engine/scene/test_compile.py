"""Compiled scenes: declared shapes, MuJoCo's numbers, batches, pairs and chains."""

import time

import mujoco
import numpy as np
import pytest

import engine
import engine.declarations  # noqa: F401  (declares the arrays)
from engine.arrays import TABLE, Store
from engine.geometry import rotation as rot
from engine.geometry.inertia import tensor
from engine.scene.inverse_weight import mass_matrix
from engine.scene.topology import signature, topology

PENDULUM = """<mujoco><worldbody><body pos="0 0 2"><joint type="hinge" axis="0 1 0" damping=".1" armature=".02"/>
<geom type="capsule" fromto="0 0 0 0 0 -1" size=".05"/><body pos="0 0 -1"><joint type="hinge" axis="0 1 0" pos="0 0 .1"/>
<geom type="cylinder" size=".1 .3" pos=".1 0 -.2"/></body></body></worldbody></mujoco>"""
CART_POLE = """<mujoco><worldbody><body><joint type="slide" axis="1 0 0"/><geom type="box" size=".2 .1 .1" mass="1"/>
<body><joint type="hinge" axis="0 1 0"/><geom type="capsule" fromto="0 0 0 0 0 1" size=".04"
mass=".1"/></body></body></worldbody></mujoco>"""
BOXES = """<mujoco><worldbody><geom type="plane" size="1 1 1"/><body pos="0 0 1" quat="1 .2 .3 .1"><freejoint/>
<geom type="box" size=".1 .2 .3"/><geom type="ellipsoid" size=".1 .2 .15" pos=".3 0 0" quat="1 1 0 .3" density="300"/>
<body pos=".5 0 .1"><joint type="ball" pos="0 .05 .1"/><geom type="sphere" size=".1" pos=".1 0 0"/>
<body pos=".2 .1 0"><geom type="box" size=".1 .1 .1"/></body></body></body></worldbody></mujoco>"""


def pendulum():
    scene = engine.Scene()
    rod = engine.Capsule(0.05, 1.0, position=(0, 0, -0.5))
    scene.add_body("upper", rod, position=(0, 0, 2), joint=engine.Hinge((0, 1, 0), damping=0.1, armature=0.02))
    disc = engine.Cylinder(0.1, 0.6, position=(0.1, 0, -0.2))
    scene.add_body("lower", disc, position=(0, 0, -1), parent="upper", joint=engine.Hinge((0, 1, 0), (0, 0, 0.1)))
    return scene


def cart_pole():
    scene = engine.Scene()
    scene.add_body("cart", engine.Box((0.4, 0.2, 0.2)), mass=1.0, joint=engine.Slide((1, 0, 0)))
    pole = engine.Capsule(0.04, 1.0, position=(0, 0, 0.5))
    scene.add_body("pole", pole, mass=0.1, parent="cart", joint=engine.Hinge((0, 1, 0)))
    return scene


def boxes():
    scene = engine.Scene()
    scene.add_plane()
    shapes = [
        engine.Box((0.2, 0.4, 0.6)),
        engine.Ellipsoid((0.1, 0.2, 0.15), position=(0.3, 0, 0), rotation=(1, 1, 0, 0.3), density=300),
    ]
    scene.add_body("a", shapes, position=(0, 0, 1), rotation=(1, 0.2, 0.3, 0.1))
    ball = engine.Sphere(0.1, position=(0.1, 0, 0))
    scene.add_body("b", ball, parent="a", position=(0.5, 0, 0.1), joint=engine.Ball((0, 0.05, 0.1)))
    scene.add_body("c", engine.Box((0.2, 0.2, 0.2)), parent="b", position=(0.2, 0.1, 0))
    return scene


CASES = {"pendulum": (PENDULUM, pendulum), "cart-pole": (CART_POLE, cart_pole), "boxes": (BOXES, boxes)}


@pytest.mark.parametrize("case", CASES)
def test_masses_and_inverse_weights_are_those_of_mujoco(case):
    """Mass matrix, inverse weights, masses, centres and inertia tensors agree to rounding."""
    xml, build = CASES[case]
    model = mujoco.MjModel.from_xml_string(xml)
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    dense = np.zeros((model.nv, model.nv))
    mujoco.mj_fullM(model, data, dense)
    scene = build()
    compiled = engine.compile_scenes([scene])
    real = {name: value[0] for name, value in compiled.reals.items()}
    keep = [k for k, name in enumerate(compiled.names.body) if name != "ground"]  # MuJoCo's plane sits on the world body itself
    np.testing.assert_allclose(mass_matrix(topology(signature(scene)), compiled.reals)[0], dense, rtol=1e-11, atol=1e-13)
    np.testing.assert_allclose(real["dof_inverse_weight"], model.dof_invweight0, rtol=1e-9)
    np.testing.assert_allclose(real["body_inverse_weight"][keep], model.body_invweight0, rtol=1e-9, atol=1e-12)
    np.testing.assert_allclose(real["mean_inertia"], model.stat.meaninertia, rtol=1e-12)
    np.testing.assert_allclose(real["body_mass"][keep][1:], model.body_mass[1:], rtol=1e-13)
    np.testing.assert_allclose(real["body_com"][keep][1:], model.body_ipos[1:], atol=1e-14)
    for mine, b in zip(keep[1:], range(1, model.nbody), strict=True):
        turn = rot.matrix(model.body_iquat[b])
        np.testing.assert_allclose(
            tensor(real["body_inertia"][mine]), turn @ np.diag(model.body_inertia[b]) @ turn.T, rtol=1e-10, atol=1e-13
        )
    assert compiled.sizes["num_mass"] == sum(compiled.ints["dof_mass_count"])
    np.testing.assert_array_equal(compiled.ints["dof_parent"], model.dof_parentid)


def everything():
    """A scene that uses every kind of part."""
    scene = boxes()
    scene.add_body("hand", engine.Sphere(0.1), kinematic=True, position=(2, 0, 1))
    scene.add_body(
        "wedge",
        engine.Mesh(vertices=[[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], faces=[[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]]),
    )
    scene.add_body(
        "arm", engine.Capsule(0.1, 1), joint=[engine.Slide((0, 0, 1)), engine.Hinge((1, 0, 0), range=(-1, 1), name="elbow")]
    )
    scene.add_actuator("motor", "elbow", "position", gain=10, damping=1, control_range=(-1, 1))
    scene.add_camera("front", position=(2, -2, 1.5), look_at=(0, 0, 0.3), resolution=(64, 48), fov_y=45)
    return scene


def test_every_declared_model_array_is_filled_with_its_declared_shape():
    """All integers, reals and data of engine.declarations are there, and the table can lay them out."""
    compiled = engine.compile_scenes([everything(), everything()])
    sizes = {**compiled.sizes, "max_contacts": 8, "num_envs": 2}
    assert set(TABLE.sizes) <= set(sizes) | {n for n in TABLE.sizes if n not in engine.declarations.SIZES}
    declared = {Store.MODEL_INT: compiled.ints, Store.MODEL_REAL: compiled.reals, Store.MODEL_DATA: compiled.data}
    of_the_scene = {n for n, a in TABLE.arrays.items() if not ({*a.shape} - {*engine.declarations.SIZES, *range(99)})}
    for name in [n for n, a in TABLE.arrays.items() if a.store in declared and n in of_the_scene]:
        values = declared[TABLE.arrays[name].store]
        lead = (2,) if values is compiled.reals else ()
        assert values[name].shape == (*lead, *TABLE.shape(name, sizes)), name
        assert np.isfinite(values[name]).all(), name
    assert compiled.names.kinematic == ("hand",) and compiled.names.mesh == ("wedge",)
    assert compiled.cameras[0].width == 64 and len(compiled.meshes) == 1
    assert compiled.reals["camera_fov"][0, 0] == np.radians(45)


def test_world_and_empty_scenes_compile():
    """No bodies at all is a valid scene."""
    compiled = engine.compile_scenes([engine.Scene()])
    assert compiled.names.body == ("world",) and compiled.sizes["num_dofs"] == 0 and compiled.variants == 1


def pairs(compiled):
    name = compiled.names.shape
    return [(name[a], name[b]) for a, b in zip(compiled.ints["pair_shape_a"], compiled.ints["pair_shape_b"], strict=True)]


def test_pairs_leave_out_what_cannot_or_must_not_touch():
    """Welded groups, parent and child, excluded bodies, bits, and pairs that nothing can move are left out."""
    scene = engine.Scene()
    scene.add_plane()
    scene.add_body("wall", engine.Box((1, 1, 1)), fixed=True)
    scene.add_body("pusher", engine.Box((1, 1, 1)), kinematic=True)
    scene.add_body("a", engine.Box((1, 1, 1)))
    scene.add_body("a_top", engine.Sphere(0.1), parent="a")
    scene.add_body("b", engine.Sphere(1), parent="a_top", joint=engine.Hinge())
    scene.add_body("c", engine.Sphere(1), parent="b", joint=engine.Hinge())
    scene.add_body("ghost", engine.Sphere(1, collides=False))
    scene.add_body("bit", engine.Sphere(1, contact_type=2, contact_affinity=2))
    scene.exclude_contacts("wall", "c")
    found = pairs(engine.compile_scenes([scene]))
    expected = {
        ("ground", "a"),
        ("ground", "a_top"),
        ("ground", "b"),
        ("ground", "c"),
        ("wall", "a"),
        ("a_top", "wall"),
        ("b", "wall"),
    }
    expected |= {("pusher", "a"), ("a_top", "pusher"), ("b", "pusher"), ("c", "pusher"), ("c", "a"), ("a_top", "c")}
    assert set(found) == expected and len(found) == len(expected)


def test_pairs_are_ordered_and_chains_move_b_minus_a():
    """Pairs are sorted with the lower shape type first; chains hold the dofs of one body only, ascending, with their sign."""
    compiled = engine.compile_scenes([everything()])
    ints = compiled.ints
    a, b = ints["pair_shape_a"], ints["pair_shape_b"]
    assert sorted(zip(a, b, strict=True)) == list(zip(a, b, strict=True))
    assert (ints["shape_type"][a] <= ints["shape_type"][b]).all()
    moves = np.zeros((compiled.sizes["num_bodies"], compiled.sizes["num_dofs"]), int)
    for body in range(1, len(moves)):
        moves[body] = moves[ints["body_parent"][body]]
        start = ints["body_dof_start"][body]
        moves[body, start : start + ints["body_dof_count"][body]] = 1
    for k in range(len(a)):
        chain = slice(ints["pair_chain_start"][k], ints["pair_chain_start"][k] + ints["pair_chain_count"][k])
        dofs, signs = ints["chain_dof"][chain], ints["chain_sign"][chain]
        difference = moves[ints["shape_body"][b[k]]] - moves[ints["shape_body"][a[k]]]
        assert (np.diff(dofs) > 0).all() and len(dofs)
        np.testing.assert_array_equal(np.flatnonzero(difference), dofs)
        np.testing.assert_array_equal(difference[dofs], signs)
    assert compiled.sizes["max_chain"] == ints["pair_chain_count"].max()


def test_condim_follows_friction_and_the_larger_one_wins():
    """A number means sliding friction, a triple asks for torsion or rolling, condim overrides."""
    scene = engine.Scene()
    scene.add_plane()
    for name, friction in (("slide", 0.4), ("twist", (0.4, 0.01, 0.0)), ("roll", (0.4, 0.01, 0.001))):
        scene.add_body(name, engine.Sphere(0.1), friction=friction)
    scene.add_body("ice", engine.Sphere(0.1), condim=1)
    compiled = engine.compile_scenes([scene])
    of = dict(zip(pairs(compiled), compiled.ints["pair_condim"], strict=True))
    assert [of["ground", n] for n in ("slide", "twist", "roll", "ice")] == [3, 4, 6, 3]
    assert of["slide", "roll"] == 6


def test_initial_coordinates_velocities_and_springs():
    """Free bodies start at their pose with angular velocity in the body frame; joints start at `initial`."""
    scene = engine.Scene()
    turn = rot.from_axis_angle((0, 0, 1), np.pi / 2)
    scene.add_body("a", engine.Sphere(0.1), position=(1, 2, 3), rotation=turn, velocity=(1, 0, 0), angular_velocity=(1, 0, 0))
    scene.add_body("b", engine.Sphere(0.1, position=(1, 0, 0)), joint=engine.Hinge(initial=0.3, rest=0.1, initial_velocity=2.0))
    real = {k: v[0] for k, v in engine.compile_scenes([scene]).reals.items()}
    np.testing.assert_allclose(real["qpos_initial"], [1, 2, 3, *turn, 0.3])
    np.testing.assert_allclose(real["qpos_spring"][-1], 0.1)
    np.testing.assert_allclose(real["qvel_initial"], [1, 0, 0, 0, -1, 0, 2], atol=1e-15)


def test_mass_spreads_over_shapes_and_explicit_inertia_replaces_them():
    """mass alone keeps the shapes' proportions; mass, inertia and com are taken as they are."""
    scene = engine.Scene()
    scene.add_body("a", [engine.Box((1, 1, 1)), engine.Box((1, 1, 1), position=(2, 0, 0))], mass=4.0)
    scene.add_body("b", engine.Box((1, 1, 1)), mass=2.0, inertia=(1, 2, 3 - 1e-9), com=(0, 0.1, 0))
    real = {k: v[0] for k, v in engine.compile_scenes([scene]).reals.items()}
    np.testing.assert_allclose(real["body_mass"], [0, 4, 2])
    np.testing.assert_allclose(real["body_com"][1:], [(1, 0, 0), (0, 0.1, 0)])
    np.testing.assert_allclose(real["body_inertia"][1, :3], [4 / 6, 4 / 6 + 4, 4 / 6 + 4])
    np.testing.assert_allclose(real["body_inertia"][2], [1, 2, 3, 0, 0, 0], rtol=1e-8)


def random_scene(seed, bodies=20):
    rng = np.random.default_rng(seed)
    scene = engine.Scene()
    scene.options.timestep = float(rng.uniform(0.001, 0.004))
    scene.add_plane()
    for k in range(bodies):
        size = rng.uniform(0.1, 0.2, 3)
        scene.add_body(
            f"b{k}",
            engine.Box(size),
            position=rng.uniform(-1, 1, 3),
            friction=float(rng.uniform(0.3, 0.8)),
            color=rng.uniform(0, 1, 3),
        )
    return scene


def test_a_batch_holds_bitwise_what_each_scene_holds_alone():
    """Row k of the batch equals the single compile of scene k, and integers are shared."""
    scenes = [random_scene(k) for k in range(5)]
    batch = engine.compile_scenes(scenes)
    assert batch.variants == 5
    for k, scene in enumerate(scenes):
        alone = engine.compile_scenes([scene])
        assert alone.topology_hash() == batch.topology_hash()
        for name, values in alone.reals.items():
            np.testing.assert_array_equal(values[0], batch.reals[name][k], err_msg=name)


def test_many_scenes_compile_quickly():
    """64 scenes of 20 boxes compile in less than half a second."""
    scenes = [random_scene(k) for k in range(64)]
    start = time.process_time()
    engine.compile_scenes(scenes)
    assert time.process_time() - start < 0.5


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        (lambda s: s.add_body("extra", engine.Sphere(0.1)), "4 bodies, but scene 0 has 3"),
        (lambda s: s.add_shape("a", engine.Sphere(0.1)), "2 shapes, but scene 0 has 1|3 shapes, but scene 0 has 2"),
        (lambda s: setattr(s.options, "integrator", "euler"), "solver"),
    ],
)
def test_scenes_of_different_structure_are_refused_by_name(change, sentence):
    """The first difference is named."""
    first = engine.Scene()
    first.add_plane()
    first.add_body("a", engine.Box((1, 1, 1)))
    second = first.copy()
    change(second)
    with pytest.raises(engine.SceneError, match=sentence):
        engine.compile_scenes([first, second])


def test_a_copy_is_independent():
    """Parts added to a copy, or options set on it, do not reach the original."""
    scene = boxes()
    twin = scene.copy()
    twin.add_body("more", engine.Sphere(1.0))
    twin.options.timestep = 0.01
    assert len(scene.bodies) == 5 and scene.options.timestep == 0.002
    assert engine.compile_scenes([scene]).sizes["num_bodies"] == 5


def test_a_body_turning_about_its_own_centre_keeps_a_translational_weight():
    """Where MuJoCo's definition gives zero, contacts get 1/mass instead of an infinitely stiff row."""
    scene = engine.Scene()
    scene.add_body("wheel", engine.Sphere(0.1), mass=2.0, joint=engine.Hinge())
    weights = engine.compile_scenes([scene]).reals["body_inverse_weight"][0, 1]
    np.testing.assert_allclose(weights, [0.5, 1 / (3 * 0.4 * 2.0 * 0.01)])


def test_default_contact_time_follows_the_timestep():
    """5 ms, or 2.5 timesteps where those are longer; an explicit solref stays."""
    scene = random_scene(0, 1)
    scene.options.timestep = 0.004
    scene.add_body("own", engine.Sphere(0.1), solref=(0.03, 1.0))
    np.testing.assert_allclose(engine.compile_scenes([scene]).reals["shape_solref"][0], [(0.01, 1), (0.01, 1), (0.03, 1)])
