"""One episode: fixed by (spec, seed, index), stable under changes elsewhere, and geometrically what the document says."""

import copy
import math
import os
import pickle
import subprocess
import sys
from pathlib import Path

import pytest

import datagen
from datagen.errors import SampleError, SpecError
from datagen.spec import EpisodeSpec, dump, from_data, loads, sample
from datagen.spec.canonical import canonical_json

GOLDEN = """\
spec: 1
name: golden
params: {size: {dist: uniform, low: 2 cm, high: 4 cm}}
entities:
  ground: {morph: {type: plane}}
  cube:
    morph: {type: box, size: [{dist: param, name: size}, 3 cm, 5 cm]}
    material: {preset: wood, friction: {dist: normal, mean: 0.5, std: 0.1, min: 0}}
    color: {dist: choice, of: [red, blue]}
    count: {dist: integer, low: 2, high: 5}
    arrange: {type: line, spacing: 1 cm, measure: gap, direction: {azimuth: 30 deg}}
    rotation: {yaw: {dist: uniform, low: -20 deg, high: 20 deg}}
    origin: bottom
  ball:
    morph: {type: sphere, radius: {dist: log_uniform, low: 1 cm, high: 2 cm}}
    count: 3
    arrange: {type: scatter, region: [20 cm, 20 cm, 10 cm]}
    position: [0, 0, 30 cm]
    rotation: random
actions:
  kick: {do: impulse, target: "cube[last]", magnitude: 0.01 N*s, direction: {toward: "cube[0]"}, point: top, start: {at: 0.1 s}}
focus: kick
cameras: {front: {orbit: {distance: 1 m, azimuth: {dist: uniform, low: 0 deg, high: 90 deg}, elevation: 30 deg}, look_at: cube}}
record: {fps: 25, frames: 50}
"""
GOLDEN_HASHES = (
    "ea6b400e3c67710c8dceb1953a2aaebee5469fd137a68421604a9c01459b5d2c",
    [
        "feaf55d22bae088f15b5ddc2cf33ef55809be731a26e4dd0521383be1200279d",
        "ec2dfd6caa044a5ed80467593961ceed1e7f8ed23067c3b2d011eec05c677072",
        "bcd1e1e1842022468cd5bf7489189e35b31d547dfa101460d5886de59ccea513",
    ],
)


def entity(**keys):
    return {"morph": {"type": "sphere", "radius": 0.01}, **keys}


def episode(entities, seed=0, index=0, **keys):
    keys.setdefault("checks", {"overlap": "ignore"})
    spec = from_data({"spec": 1, "name": "t", "entities": entities, "record": {"fps": 50, "frames": 100}, **keys})
    return sample(spec, seed, index)


def places(found, name):
    return [body.position for body in found.bodies if body.entity == name]


def near(found, wanted):
    assert len(found) == len(wanted)
    for one, other in zip(found, wanted, strict=True):
        assert one == pytest.approx(other, abs=1e-9)


def test_hashes_of_a_document_and_its_episodes_are_fixed_forever():
    spec = loads(GOLDEN)
    assert (spec.sha256, [sample(spec, 7, index).content_hash for index in range(3)]) == GOLDEN_HASHES


def test_hashes_are_the_same_in_another_process_with_another_hash_seed():
    code = "import sys; from datagen.spec import loads, sample; print(sample(loads(sys.argv[1]), 7, 0).content_hash)"
    root = Path(datagen.__file__).parents[1]
    run = subprocess.run(
        [sys.executable, "-c", code, GOLDEN],
        cwd=root,
        env={**os.environ, "PYTHONHASHSEED": "99", "PYTHONPATH": str(root)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert run.stdout.strip() == GOLDEN_HASHES[1][0]


def test_episode_survives_json_and_pickle_unchanged():
    found = sample(loads(GOLDEN), 7, 0)
    again = EpisodeSpec.from_json(found.to_json())
    assert again == found and again.to_json() == found.to_json() and again.content_hash == found.content_hash
    assert pickle.loads(pickle.dumps(loads(GOLDEN))).sha256 == loads(GOLDEN).sha256
    assert copy.deepcopy(found).content_hash == found.content_hash


def test_order_of_sampling_does_not_matter():
    spec = loads(GOLDEN)
    forward = [sample(spec, 1, index).content_hash for index in range(5)]
    backward = [sample(spec, 1, index).content_hash for index in reversed(range(5))]
    assert forward == backward[::-1] and len(set(forward)) == 5


def test_adding_an_entity_and_an_action_changes_no_other_draw():
    before = sample(loads(GOLDEN), 7, 2)
    text = GOLDEN.replace(
        "entities:\n", "entities:\n  first: {morph: {type: sphere, radius: {dist: uniform, low: 1, high: 2}}, fixed: true}\n"
    )
    text = text.replace(
        "actions:\n",
        "actions:\n  other: {do: force, target: 'ball[0]', magnitude: {dist: uniform, low: 1, high: 2}, "
        "direction: x, duration: 1 s}\n",
    )
    after = sample(loads(text + "checks: {overlap: ignore}\n"), 7, 2)
    assert {path: after.draws[path] for path in before.draws} == before.draws
    assert [body for body in after.bodies if body.entity != "first"] == list(before.bodies)
    assert set(after.draws) - set(before.draws) == {"entities.first.morph.radius", "actions.other.magnitude"}


def test_one_more_item_changes_no_draw_of_the_others():
    few = episode({"a": entity(count=3, mass={"dist": "uniform", "low": 1, "high": 2}, rotation="random")})
    many = episode({"a": entity(count=4, mass={"dist": "uniform", "low": 1, "high": 2}, rotation="random")})
    assert many.bodies[:3] == few.bodies


def test_every_drawn_number_is_listed_and_used():
    found = sample(loads(GOLDEN), 7, 0)
    assert found.draws["params.size"] == found.bodies[1].shapes[0].size[0]
    assert found.draws["entities.cube[1].material.friction"] == found.bodies[2].friction[0]
    assert found.draws["entities.cube.count"] == sum(body.entity == "cube" for body in found.bodies)
    assert tuple(found.draws["entities.cube[0].color"]) == found.bodies[1].color
    assert len({body.friction for body in found.bodies if body.entity == "cube"}) > 1


def test_a_param_is_shared_scaled_and_offset():
    radius = {"dist": "param", "name": "r", "scale": 2, "offset": "1 cm"}
    found = episode(
        {
            "a": {"morph": {"type": "sphere", "radius": {"dist": "param", "name": "r"}}},
            "b": {"morph": {"type": "sphere", "radius": radius}},
        },
        params={"r": {"dist": "uniform", "low": "1 cm", "high": "2 cm"}},
    )
    first, second = (body.shapes[0].size[0] for body in found.bodies)
    assert second == pytest.approx(2 * first + 0.01, abs=1e-12)


def test_authored_hash_ignores_style_but_not_order_or_meaning():
    spec = loads(GOLDEN)
    assert loads(dump(spec)).sha256 == spec.sha256 == loads("# comment\n" + GOLDEN.replace("  ball:", "  'ball':")).sha256
    assert loads(GOLDEN.replace("50}", "51}")).sha256 != spec.sha256
    data = {"spec": 1, "name": "t", "record": {"frames": 1}, "entities": {"a": entity(), "b": entity(position=[1, 0, 0])}}
    swapped = {**data, "entities": dict(reversed(data["entities"].items()))}
    assert from_data(data).sha256 != from_data(swapped).sha256
    assert from_data(dict(reversed(data.items()))).sha256 == from_data(data).sha256


def test_canonical_json_sorts_keys_and_refuses_what_is_not_finite():
    assert canonical_json({"b": (1, 1.0, -0.0), "a": "ü"}) == '{"a":"ü","b":[1,1.0,0.0]}'.encode()
    with pytest.raises(ValueError):
        canonical_json([math.nan])


def test_line_counts_gaps_from_face_to_face():
    box = {"type": "box", "size": ["2 cm", "4 cm", "6 cm"]}
    found = episode({"a": {"morph": box, "count": 3, "arrange": {"type": "line", "spacing": "1 cm", "measure": "gap"}}})
    near(places(found, "a"), [(-0.03, 0, 0), (0, 0, 0), (0.03, 0, 0)])
    turned = {"morph": box, "count": 2, "rotation": {"yaw": "90 deg"}, "position": [1, 0, 0]}
    found = episode({"a": {**turned, "arrange": {"type": "line", "spacing": "1 cm", "measure": "gap", "centered": False}}})
    near(places(found, "a"), [(1, 0, 0), (1.05, 0, 0)])


def test_grid_circle_stack_and_rack_are_where_geometry_puts_them():
    grid = {"type": "grid", "shape": [2, 1, 2], "spacing": [0.1, 0.1, 0.2]}
    near(places(episode({"a": entity(count=3, arrange=grid)}), "a"), [(-0.05, 0, 0), (0.05, 0, 0), (-0.05, 0, 0.2)])
    circle = {"type": "circle", "radius": 1, "facing": "tangent"}
    found = episode({"a": entity(count=4, arrange=circle)})
    near(places(found, "a"), [(1, 0, 0), (0, 1, 0), (-1, 0, 0), (0, -1, 0)])
    assert found.bodies[0].rotation == pytest.approx((math.sqrt(0.5), 0, 0, math.sqrt(0.5)))
    arc = {"type": "circle", "radius": 1, "sweep": "90 deg", "start": "90 deg"}
    near(places(episode({"a": entity(count=2, arrange=arc)}), "a"), [(0, 1, 0), (-1, 0, 0)])
    spaced = {"type": "circle", "radius": 2, "spacing": math.pi}
    near(places(episode({"a": entity(count=2, arrange=spaced)}), "a"), [(2, 0, 0), (0, 2, 0)])
    box = {"morph": {"type": "box", "size": [0.1, 0.1, {"dist": "cycle", "of": [0.2, 0.4]}]}, "count": 3}
    near(
        places(episode({"a": {**box, "arrange": {"type": "stack", "gap": 0.01}, "origin": "bottom"}}), "a"),
        [(0, 0, 0.1), (0, 0, 0.41), (0, 0, 0.72)],
    )
    near(places(episode({"a": {**box, "arrange": {"type": "stack"}}}), "a"), [(0, 0, 0), (0, 0, 0.3), (0, 0, 0.6)])
    rack = entity(count=4, arrange={"type": "rack"})
    row = 0.02 * math.sqrt(0.75)
    near(places(episode({"a": rack}), "a"), [(0, 0, 0), (row, -0.01, 0), (row, 0.01, 0), (2 * row, -0.02, 0)])


def test_origin_bottom_puts_the_lowest_point_of_a_turned_body_at_the_position():
    for morph, half in (
        ({"type": "cylinder", "radius": 0.1, "height": 0.5}, 0.1),
        ({"type": "capsule", "radius": 0.1, "length": 0.5}, 0.1),
        ({"type": "ellipsoid", "radii": [0.3, 0.1, 0.2]}, 0.1),
        ({"type": "box", "size": [1, 0.2, 3]}, 0.1),
    ):
        found = episode({"a": {"morph": morph, "rotation": {"roll": "90 deg"}, "origin": "bottom", "position": [0, 0, 2]}})
        assert found.bodies[0].position[2] == pytest.approx(2 + half)
    found = episode({"a": {"morph": {"type": "box", "size": [2, 1, 2]}, "rotation": {"pitch": "45 deg"}, "origin": "bottom"}})
    assert found.bodies[0].position[2] == pytest.approx(math.sqrt(2))


def test_a_ramp_goes_down_towards_x_and_bodies_can_stand_on_it():
    ramp = {"type": "ramp", "length": 2, "width": 1, "thickness": 0.1, "angle": "30 deg"}
    found = episode(
        {
            "ball": entity(relative_to="ramp", position=[-0.5, 0, 0], origin="bottom"),
            "ramp": {"morph": ramp, "origin": "bottom", "fixed": True},
        }
    )
    ball, board = found.bodies
    assert board.position[2] == pytest.approx(math.sin(math.pi / 6) + 0.1 * math.cos(math.pi / 6))
    up_slope = (-0.5 * math.cos(math.pi / 6) + 0.01 * 0.5, 0, 0.25 + 0.01 * math.cos(math.pi / 6))
    assert [a - b for a, b in zip(ball.position, board.position, strict=True)] == pytest.approx(up_slope)


def test_scatter_keeps_bounding_spheres_apart_and_inside_the_region():
    scattered = entity(count=30, arrange={"type": "scatter", "region": [0.2, 0.2, 0.2], "gap": "1 mm"}, position=[0, 0, 1])
    found = places(episode({"a": scattered, "b": {**scattered, "count": 10}}), "a")
    found += places(episode({"a": scattered, "b": {**scattered, "count": 10}}), "b")
    for number, one in enumerate(found):
        assert all(abs(one[k] - (0, 0, 1)[k]) <= 0.1 for k in range(3))
        assert all(math.dist(one, other) >= 0.021 for other in found[:number])


def test_random_rotations_are_uniform():
    found = episode({"a": entity(count=400, rotation="random", arrange={"type": "line", "spacing": 1})})
    w, x, y, z = zip(*(body.rotation for body in found.bodies), strict=True)
    tops = [1 - 2 * (b * b + c * c) for b, c in zip(x, y, strict=True)]  # z of the turned z axis: uniform in [-1, 1]
    assert abs(sum(tops) / 400) < 4 / math.sqrt(3 * 400)
    assert sum(top * top for top in tops) / 400 == pytest.approx(1 / 3, rel=0.15)
    assert all(math.isclose(a * a + b * b + c * c + d * d, 1, abs_tol=1e-11) for a, b, c, d in zip(w, x, y, z, strict=True))


def test_joints_hang_bodies_and_the_camera_sees_where_they_really_are():
    found = episode(
        {"bob": {"morph": {"type": "pendulum", "radius": 0.05, "length": 1}, "position": [0, 0, 1]}},
        joints={
            "pivot": {"type": "hinge", "body": "bob", "anchor": [0, 0, 1], "axis": "y", "initial": "90 deg", "damping": 0.1}
        },
        cameras={"c": {"position": [0, -3, 1], "look_at": "bob"}},
    )
    joint = found.bodies[0].joint
    assert (joint.type, joint.axis, joint.anchor, joint.damping) == ("hinge", (0.0, 1.0, 0.0), (0.0, 0.0, 1.0), 0.1)
    assert joint.position == pytest.approx(math.pi / 2) and found.bodies[0].position == (0.0, 0.0, 1.0)
    assert found.cameras[0].look_at == pytest.approx((-1, 0, 2), abs=1e-9)


def test_a_chain_has_parents_before_children_and_one_joint_per_link():
    links = {"links": entity(count=4, arrange={"type": "line", "spacing": 0.1, "direction": "down"})}
    found = episode(links, joints={"eye": {"type": "ball", "body": "links[*]", "to": "previous"}})
    assert [body.parent for body in found.bodies] == [None, "links_0", "links_1", "links_2"]
    assert [body.joint.name for body in found.bodies] == ["eye_0", "eye_1", "eye_2", "eye_3"]
    found = episode({"a": entity(), "b": entity(position=[1, 0, 0])}, joints={"j": {"type": "fixed", "body": "a", "to": "b"}})
    assert [body.name for body in found.bodies] == ["b", "a"]


def test_actions_have_times_vectors_and_points_in_plain_numbers():
    found = episode(
        {"a": entity(count=2, arrange={"type": "line", "spacing": 1}), "mover": entity(fixed=True, position=[0, 3, 0])},
        actions={
            "go": {
                "do": "move",
                "target": "mover",
                "direction": "forward",
                "distance": 1,
                "duration": "0.5 s",
                "start": {"at": "0.25 s"},
            },
            "hit": {
                "do": "impulse",
                "target": "a[1]",
                "magnitude": "2 N*s",
                "direction": "left",
                "point": "top",
                "start": {"after": "go", "delay": "0.1 s"},
            },
            "spin": {"do": "set_velocity", "target": "a[*]", "angular_velocity": {"speed": "60 rpm", "axis": "z"}},
            "pull": {"do": "force", "target": "a[0]", "magnitude": 3, "direction": {"toward": "a[1]"}, "duration": "1 s"},
        },
    )
    go, hit, *spins, pull = found.actions
    assert [point.position for point in go.waypoints] == [(0.0, 3.0, 0.0), (0.0, 4.0, 0.0)] and go.waypoints[1].time == 0.5
    assert found.bodies[2].prescribed and found.bodies[2].fixed and found.bodies[2].mass is None
    assert (hit.start, hit.vector, hit.point, hit.target) == (0.85, (-2.0, 0.0, 0.0), (0.0, 0.0, 0.01), "a_1")
    assert [(spin.id, spin.target, spin.vector) for spin in spins] == [("spin_0", "a_0", None), ("spin_1", "a_1", None)]
    assert spins[0].angular == pytest.approx((0, 0, 2 * math.pi)) and (pull.vector, pull.duration) == ((3.0, 0.0, 0.0), 1.0)


def test_joint_targets_name_joints():
    found = episode(
        {"a": entity(), "b": entity(position=[1, 0, 0])},
        joints={"turn": {"type": "hinge", "body": "a"}, "glide": {"type": "slide", "body": "b"}},
        actions={
            "t": {"do": "joint_target", "joint": "turn", "value": "90 deg", "stiffness": "5 N*m/rad", "damping": 0.1},
            "s": {"do": "slide_target", "joint": "glide", "value": "10 cm", "stiffness": "5 N/m"},
        },
    )
    first, second = found.actions
    assert (first.do, first.target, first.stiffness, first.damping) == ("joint_target", "turn", 5.0, 0.1)
    assert first.value == pytest.approx(math.pi / 2) and (second.do, second.target, second.value) == (
        "joint_target",
        "glide",
        0.1,
    )


def test_material_comes_from_entity_then_material_then_preset():
    materials = {"felt": {"preset": "cloth", "friction": {"dist": "uniform", "low": 0.2, "high": 0.9}, "color": "navy"}}
    found = episode(
        {"a": entity(material="felt", count=2), "b": entity(material="steel", mass=3, color="red")}, materials=materials
    )
    first, second, third = found.bodies
    assert first.friction == second.friction and first.friction[0] == found.draws["materials.felt.friction"]
    assert (first.density, first.mass, first.restitution) == (300.0, None, 0.5)
    assert (third.density, third.mass, third.metallic, third.color) == (None, 3.0, 1.0, (0.8196, 0.2196, 0.2392))


def test_timing_divides_frames_exactly():
    for fps, timestep, substeps in ((30, None, 17), (25, None, 20), (50, "2 ms", 10), (60, None, 9), (1000, None, 1)):
        world = {} if timestep is None else {"timestep": timestep}
        spec = from_data(
            {"spec": 1, "name": "t", "entities": {"a": entity()}, "record": {"fps": fps, "frames": 3}, "world": world}
        )
        times = sample(spec, 0, 0).world
        assert (times.substeps, times.num_frames) == (substeps, 3)
        assert (
            times.timestep == 1 / (fps * substeps)
            and round(1 / (fps * times.timestep)) == substeps
            and times.timestep <= 0.002 + 1e-15
        )
    settled = {
        "spec": 1,
        "name": "t",
        "entities": {"a": entity()},
        "record": {"fps": 10, "duration": "0.7 s"},
        "world": {"settle": "0.25 s"},
    }
    times = sample(from_data(settled), 0, 0).world
    assert (times.settle, times.num_frames) == (0.3, 7)


def test_gravity_lights_and_outputs_are_plain():
    found = episode(
        {"a": entity()},
        world={"gravity": 1.62},
        lights={"sun": {"azimuth": "90 deg", "elevation": 0}},
        cameras={"c": {"position": [1, 1, 1], "outputs": ["depth", "rgb"], "fov": "60 deg", "resolution": [64, 32]}},
    )
    assert found.world.gravity == (0.0, 0.0, -1.62) and found.lights.sun_direction == (0.0, 1.0, 0.0)
    assert (found.cameras[0].outputs, found.cameras[0].fov_y, found.cameras[0].resolution) == (("rgb", "depth"), 60.0, (64, 32))
    assert (found.record.rgb, found.record.depth, found.record.segmentation, found.text) == (True, True, False, "t")


def test_a_camera_has_a_lens():
    wide = {"position": [0, -1, 1], "fov": "200 deg", "lens": "fisheye", "distortion": [0.05, -0.01], "centre": [60, 66]}
    (camera,) = episode({"a": entity()}, cameras={"eye": wide}).cameras
    assert (camera.lens, camera.distortion, camera.centre, camera.fov_y) == ("fisheye", (0.05, -0.01), (60.0, 66.0), 200.0)
    with pytest.raises(SampleError, match="too wide for a pinhole"):
        episode({"a": entity()}, cameras={"eye": {**wide, "lens": "pinhole", "distortion": []}})
    with pytest.raises(SpecError, match="distortion of a pinhole"):
        episode({"a": entity()}, cameras={"eye": {**wide, "lens": "pinhole"}})
