"""Vessels have the volume that geometry says, furniture moves, curves and pyramids stand, matter and materials fit together."""

import math

import numpy as np
import pytest
import trimesh

import engine
from datagen.build import BuildError, build_scene
from datagen.build.cloth import pinned_vertices
from datagen.build.matter import add_matter
from datagen.errors import SpecError
from datagen.spec import EpisodeSpec, from_data, sample
from datagen.spec.substances import volume_below


def episode(entities, **more):
    return sample(from_data({"spec": 1, "name": "test", "entities": entities, "record": {"frames": 30}, **more}), 0, 0)


def body(spec, name):
    return next(body for body in spec.bodies if body.name == name)


@pytest.mark.parametrize("kind", ["cup", "bowl", "bucket", "funnel", "hourglass", "tank", "tray"])
def test_the_interior_of_a_vessel_is_empty_and_has_its_volume(kind):
    """Points inside the interior are in no wall, points just outside it are; the volume agrees with random points."""
    morph = {"type": kind, **({"size": [0.2, 0.16, 0.12]} if kind in ("tank", "tray") else {})}
    made = body(episode({"v": {"morph": morph}}), "v")
    sections = np.array(made.interior.sections)
    rng = np.random.default_rng(0)
    low, high = -sections[:, 1].max() * 1.1, sections[:, 1].max() * 1.1
    points = rng.uniform([low, low, sections[0, 0]], [high, high, sections[-1, 0]], (40000, 3))
    a, b = (np.interp(points[:, 2], sections[:, 0], sections[:, k]) for k in (1, 2))
    if made.interior.sides:
        angles = 2 * np.pi * (np.arange(made.interior.sides) + 0.5) / made.interior.sides
        away = np.max(points[:, :1] * np.cos(angles) + points[:, 1:2] * np.sin(angles), axis=1)
        inside = away < a
    else:
        inside = (np.abs(points[:, 0]) < a) & (np.abs(points[:, 1]) < b)
    share = inside.mean() * (high - low) ** 2 * (sections[-1, 0] - sections[0, 0])
    assert volume_below(made.interior, sections[-1, 0]) == pytest.approx(share, rel=0.03)
    solid = np.zeros(len(points), bool)
    for shape in made.shapes:
        w, x, y, z = shape.rotation
        turn = np.array([[1 - 2 * (y * y + z * z), 2 * (x * y - w * z), 2 * (x * z + w * y)],
                         [2 * (x * y + w * z), 1 - 2 * (x * x + z * z), 2 * (y * z - w * x)],
                         [2 * (x * z - w * y), 2 * (y * z + w * x), 1 - 2 * (x * x + y * y)]])  # fmt: skip
        local = (points - shape.position) @ turn
        if shape.type == "box":
            solid |= (np.abs(local) < 0.5 * np.array(shape.size) - 1e-6).all(axis=1)
        else:
            flat = np.hypot(local[:, 0], local[:, 1]) < shape.size[0] - 1e-6
            solid |= flat & (np.abs(local[:, 2]) < 0.5 * shape.size[1] - 1e-6)
    assert not (solid & inside).any()


@pytest.mark.parametrize(
    ("morph", "volume"),
    [
        ({"type": "cone", "radius": 0.1, "height": 0.3}, 32 * math.sin(2 * math.pi / 32) / 2 * 0.01 * 0.1),
        ({"type": "cone", "radius": 0.1, "height": 0.3, "top_radius": 0.05}, 16 * math.sin(math.pi / 16) * 0.0175 * 0.1),
        ({"type": "wedge", "size": [0.2, 0.1, 0.3]}, 0.003),
    ],
)
def test_convex_meshes_are_closed_with_outward_faces_and_their_volume(morph, volume):
    (shape,) = body(episode({"a": {"morph": morph}}), "a").shapes
    mesh = trimesh.Trimesh(shape.vertices, shape.faces, process=False)
    assert mesh.is_watertight and mesh.volume == pytest.approx(volume, rel=1e-9)


def test_parts_are_bodies_with_joints_and_the_engine_builds_them():
    entities = {
        "cabinet": {"morph": {"type": "cabinet", "drawers": 2, "opening": 0.5}, "fixed": True},
        "door": {"morph": {"type": "door"}, "position": [3, 0, 0]},
        "laptop": {"morph": {"type": "laptop"}, "position": [0, 3, 0]},
        "faucet": {"morph": {"type": "faucet"}, "position": [0, 5, 0], "fixed": True},
        "cart": {"morph": {"type": "cart_pole"}, "position": [0, 8, 1]},
    }  # fmt: skip
    actions = {
        "open": {"do": "slide_target", "joint": "cabinet.top_drawer", "value": "5 cm", "stiffness": 10.0},
        "push": {"do": "impulse", "target": "door.leaf", "magnitude": 1.0, "direction": "y"},
    }
    spec = episode(entities, actions=actions)
    assert [one.target for one in spec.actions] == ["cabinet.drawer_1", "door.leaf"]
    names = {one.name: one.joint.type for one in spec.bodies if one.joint}
    assert names == {
        "cabinet.drawer_1": "slide", "cabinet.drawer_2": "slide", "door.leaf": "hinge", "laptop.lid": "hinge",
        "faucet.lever": "hinge", "cart.cart": "slide", "cart.pole": "hinge",
    }  # fmt: skip
    drawer = body(spec, "cabinet.drawer_1")
    assert drawer.joint.position == pytest.approx(0.5 * drawer.joint.range[1])
    assert body(spec, "cart.pole").mass == 0.1 and body(spec, "door").fixed and not body(spec, "laptop").fixed
    assert engine.compile_scenes([build_scene(spec)]).sizes["num_dofs"] == 2 + 1 + 6 + 1 + 1 + 2
    assert EpisodeSpec.from_json(spec.to_json()) == spec


def test_curves_keep_their_spacing_and_turn_along():
    points = [[0, 0, 0], [1, 0.5, 0], [2, 0, 0]]
    arrange = {"type": "curve", "points": points, "spacing": 0.1}
    spec = episode({"b": {"morph": {"type": "box", "size": [0.02, 0.02, 0.02]}, "count": 15, "arrange": arrange}})
    places = np.array([one.position for one in spec.bodies])
    steps = np.linalg.norm(np.diff(places, axis=0), axis=1)
    assert steps == pytest.approx(np.full(14, 0.1), abs=1e-3) and steps.max() <= 0.1 + 1e-9
    w, z = spec.bodies[7].rotation[0], spec.bodies[7].rotation[3]
    along = places[8] - places[6]
    assert np.arctan2(2 * w * z, 1 - 2 * z * z) == pytest.approx(np.arctan2(along[1], along[0]), abs=0.02)
    with pytest.raises(SpecError, match="the curve is"):
        episode({"b": {"morph": {"type": "sphere", "radius": 0.01}, "count": 99, "arrange": arrange}})


def test_terrains_differ_by_episode_and_keep_their_height():
    ground, ball = {"type": "terrain", "size": [1, 1], "height": 0.3}, {"type": "sphere", "radius": 0.1}
    entities = {"g": {"morph": ground}, "b": {"morph": ball}}
    document = from_data({"spec": 1, "name": "t", "entities": entities, "record": {"frames": 1}})
    first, second = (np.array(sample(document, 0, k).bodies[0].shapes[0].heights) for k in (0, 1))
    assert first.shape == (11, 11) and not np.array_equal(first, second)
    assert np.abs(first).max() <= 0.15 and first.std() > 0.01
    assert engine.compile_scenes([build_scene(sample(document, 0, 0))]).sizes["num_shapes"] == 2


LIQUID = {
    "cup": {"morph": {"type": "cup", "radius": 0.04, "height": 0.1}},
    "water": {"morph": {"type": "fill", "into": "cup", "volume": "200 ml"}, "material": "water"},
}


class FakeScene:
    """Takes the calls of the engine's matter."""

    def __init__(self):
        self.calls = []

    def add_matter(self, name, *, material, region, position=(0, 0, 0), rotation=(1, 0, 0, 0)):
        self.calls.append(("matter", name, material, region, position))


class Library:
    """Materials as the engine will have them."""

    @staticmethod
    def Liquid(*, density=1000.0, viscosity=0.0):
        return {"density": density, "viscosity": viscosity}


def test_a_fill_has_its_volume_and_its_numbers():
    spec = episode(LIQUID)
    (water,) = spec.matter
    (region,) = water.region
    mesh = trimesh.Trimesh(region.vertices, region.faces, process=False)
    assert mesh.is_watertight and mesh.volume == pytest.approx(2e-4, rel=1e-6)
    assert (water.kind, water.model, water.preset, water.given) == ("particles", "liquid", "water", ())
    assert water.values["density"] == 998.2 and EpisodeSpec.from_json(spec.to_json()) == spec


def test_an_engine_without_matter_is_an_error_and_one_with_it_gets_the_call():
    spec = episode(LIQUID)
    with pytest.raises(BuildError, match="no Scene.add_matter") if not hasattr(engine.Scene, "add_matter") else _nothing():
        build_scene(spec)
    scene = FakeScene()
    add_matter(scene, spec.matter[0], lambda shape: ("shape", len(shape.vertices)), Library)
    ((_, name, material, region, position),) = scene.calls
    assert (name, material["density"], region[0]) == ("water", 998.2, "shape") and position == spec.matter[0].position
    odd = spec.matter[0].model_copy(update={"values": {"melting_point": 0.1}, "given": ("melting_point",)})
    with pytest.raises(BuildError, match="has no 'melting_point'"):
        add_matter(scene, odd, lambda shape: shape, Library)


def test_a_sheet_and_a_rope_become_cloth_and_rope_of_the_engine_with_their_pins():
    """Bending comes over as it is, stretch is E t / (1 - nu^2), a corner is one vertex and a side all of its own."""
    sheet = {"morph": {"type": "sheet", "size": [1, 0.5], "resolution": 0.1, "pin": ["left"]}, "material": "silk"}
    rope = {"morph": {"type": "rope", "length": 1, "resolution": 0.1, "pin": ["start"]}, "material": "nylon_rope"}
    silk, line = build_scene(episode({"s": sheet, "r": rope})).deformables
    assert silk.material.bending_warp == 3e-6 and silk.material.stretch_weft == pytest.approx(3e6 * 2e-4 / 0.91)
    assert silk.attachments[0].vertices == tuple(range(6)) and line.attachments[0].vertices == (0,)
    assert line.material.linear_density == pytest.approx(1150 * math.pi * 0.005**2)
    assert pinned_vertices((11, 6), "back_right") == [65]


class _nothing:
    def __enter__(self):
        return self

    def __exit__(self, *_):
        return False


@pytest.mark.parametrize(
    ("entity", "words"),
    [
        ({"morph": {"type": "sheet", "size": [1, 1]}}, "a sheet is cloth"),
        ({"morph": {"type": "box", "size": [1, 1, 1]}, "material": "silk"}, "cloth makes a sheet"),
        ({"morph": {"type": "cup"}, "material": "water"}, "liquid fills"),
        ({"morph": {"type": "box", "size": [1, 1, 1]}, "material": {"youngs_modulus": "1 MPa"}}, "does not belong to a rigid"),
        ({"morph": {"type": "sphere", "radius": 1}, "material": {"model": "rigid", "preset": "water"}}, "the model says rigid"),
        ({"morph": {"type": "box", "size": [1, 1, 1]}, "material": "water", "mass": 1.0}, "belongs to rigid bodies"),
        ({"morph": {"type": "cabinet"}, "mass": 1.0}, "a mass is not clear"),
        ({"morph": {"type": "urdf", "file": "a.urdf"}, "color": "red"}, "the file of the model has its own"),
        ({"morph": {"type": "urdf", "file": "../a.urdf"}}, "leaves the asset folders"),
        ({"morph": {"type": "mjcf", "file": "a.exe"}}, "another ending"),
        ({"morph": {"type": "fill", "into": "a"}, "material": "water"}, "how much"),
        ({"morph": {"type": "rope"}, "material": "nylon_rope"}, "course of the rope"),
        ({"morph": {"type": "box", "size": [1, 1, 1]}, "soft": {"method": "mesh"}}, "the material is rigid"),
        ({"morph": {"type": "funnel", "neck": "20 cm"}}, "a neck that is narrower"),
        ({"morph": {"type": "cabinet", "size": [0.05, 0.05, 0.05]}}, "leave no room"),
        ({"morph": {"type": "cart_pole", "position": "9 m"}}, "beyond the track"),
    ],
)  # fmt: skip
def test_what_does_not_go_together_is_said(entity, words):
    with pytest.raises(SpecError, match=words):
        episode({"a": entity})


def test_too_much_for_a_vessel_is_said_with_its_volume():
    with pytest.raises(SpecError, match=r"the vessel holds \d+"):
        episode({**LIQUID, "water": {"morph": {"type": "fill", "into": "cup", "volume": "2 L"}, "material": "water"}})
    with pytest.raises(SpecError, match="has no hollow"):
        episode({"a": {"morph": {"type": "cone", "radius": 1.0, "height": 1.0}},
                 "w": {"morph": {"type": "fill", "into": "a", "share": 0.5}, "material": "water"}})  # fmt: skip
