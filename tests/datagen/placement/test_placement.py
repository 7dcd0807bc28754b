"""Relations are met, nothing overlaps, the same seed gives the same places, and what cannot hold is named."""

import numpy as np
import pytest

from benchmarks.placement.overlap import worst
from benchmarks.placement.problems import problem
from datagen.errors import SampleError, SpecError
from datagen.placement.blocks import Solid
from datagen.placement.nearness import Placed, nearer
from datagen.spec import from_data, sample

BOX = {"type": "box", "size": [0.1, 0.1, 0.1]}
TABLE = {"morph": {"type": "box", "size": [1.0, 0.6, 0.04]}, "position": [0.0, 0.0, 0.38], "fixed": True}


def spec(entities, place, **more):
    things = {name: thing if "morph" in thing else {"morph": thing} for name, thing in entities.items()}
    entities = {"floor": {"morph": {"type": "plane"}}, "table": TABLE, **things}
    return from_data({"spec": 1, "name": "test", "entities": entities, "place": place, "record": {"frames": 1}, **more})


def placed(entities, place, seed=0, **more):
    episode = sample(spec(entities, place, **more), seed, 0)
    return {body.name: body for body in episode.bodies}, episode


def rel(word, of, ref, **more):
    return {"rel": word, "of": of, "ref": ref, **more}


@pytest.mark.parametrize("number", range(4))
def test_random_problems_are_solved_without_overlap(number):
    episode = sample(from_data(problem(number)), 7, number)
    assert worst(episode.bodies) < 1e-3
    assert sample(from_data(problem(number)), 7, number).content_hash == episode.content_hash


def test_on_top_and_sides_hold_by_the_numbers():
    for seed in range(5):
        bodies, _ = placed(
            {"a": BOX, "b": BOX, "c": BOX, "d": BOX},
            [rel("on_top", name, "table") for name in "abcd"]
            + [rel("left_of", "a", "b", gap=0.02, max=0.1), rel("behind", "c", "b", min=0.03), rel("on_top", "d", "table")],
            seed,
        )
        a, b, c = (bodies[name].position for name in "abc")
        assert bodies["d"].position[2] == pytest.approx(0.45, abs=1e-8)
        assert 0.12 - 1e-6 <= b[0] - a[0] <= 0.2 + 1e-6 and abs(a[1] - b[1]) < 0.1
        assert c[1] - b[1] >= 0.13 - 1e-6
        assert all(abs(p[0]) <= 0.45 + 1e-6 and abs(p[1]) <= 0.25 + 1e-6 for p in (a, b, c))


def test_the_frame_says_what_left_is():
    frame = {"forward": "+x", "right": "-y", "up": "+z"}
    entities = {"a": BOX, "b": {"morph": BOX, "position": [0.0, 0.0, 0.05]}}
    bodies, _ = placed(entities, [rel("left_of", "a", "b")], frame=frame)
    assert bodies["a"].position[1] > bodies["b"].position[1]


def test_inside_below_between_facing_aligned_and_leaning():
    entities = {
        "bowl": {"type": "bowl"}, "ball": {"type": "sphere", "radius": 0.03}, "cat": BOX, "p": BOX, "q": BOX,
        "arrow": {"type": "cylinder", "radius": 0.02, "height": 0.05}, "book": {"type": "box", "size": [0.02, 0.1, 0.16]},
    }  # fmt: skip
    place = [rel("on_top", name, "table") for name in ("bowl", "p", "q", "arrow", "book")]
    place += [rel("inside", "ball", "bowl"), rel("below", "cat", "table"), rel("between", "arrow", ["p", "q"])]
    place += [rel("facing", "arrow", "bowl"), rel("aligned", "p", "q", axis="y"), rel("leaning_on", "book", "p")]
    place += [rel("far_from", "q", "p", min=0.15)]
    bodies, _ = placed(entities, place, 3)
    ball, bowl, cat = (bodies[name].position for name in ("ball", "bowl", "cat"))
    assert np.hypot(ball[0] - bowl[0], ball[1] - bowl[1]) < 0.05 and abs(ball[2] - bowl[2]) < 0.03
    assert cat[2] == pytest.approx(0.05, abs=1e-8) and abs(cat[0]) < 0.55 and abs(cat[1]) < 0.35
    p, q, arrow = (np.array(bodies[name].position[:2]) for name in ("p", "q", "arrow"))
    share = (arrow - p) @ (q - p) / ((q - p) @ (q - p))
    assert 0.2 <= share <= 0.8 and abs(p[1] - q[1]) <= 0.005 + 1e-9
    w, _, _, z = bodies["arrow"].rotation
    aim = np.array(bowl[:2]) - arrow
    assert np.arctan2(2 * w * z, 1 - 2 * z * z) == pytest.approx(np.arctan2(aim[1], aim[0]), abs=1e-3)
    w, x, y, _ = bodies["book"].rotation
    assert 10 <= np.degrees(np.arccos(1 - 2 * (x * x + y * y))) <= 30
    assert worst(list(bodies.values())) < 1e-3


def test_groups_parts_and_counts_are_placed():
    entities = {
        "cabinet": {"morph": {"type": "cabinet", "opening": 0.5}, "position": [2.0, 0.0, 0.3], "fixed": True},
        "coin": {"morph": {"type": "cylinder", "radius": 0.01, "height": 0.003}, "count": 3},
        "wall": {"morph": BOX, "count": 6, "arrange": {"type": "pyramid"}},
    }
    place = [rel("inside", "coin", "cabinet.top_drawer"), rel("on_top", "wall", "table"), rel("on_top", "wall", "table")]
    bodies, episode = placed(entities, place[:2])
    drawer = np.array(bodies["cabinet.drawer_1"].position) + [0, -0.5 * bodies["cabinet.drawer_1"].joint.range[1], 0]
    for k in range(3):
        assert np.abs(np.array(bodies[f"coin_{k}"].position) - drawer)[:2].max() < 0.2
    heights = sorted(bodies[f"wall_{k}"].position[2] for k in range(6))
    assert heights == pytest.approx([0.45] * 3 + [0.55] * 2 + [0.65], abs=1e-6)
    assert episode.relations[-1].of == tuple(f"wall_{k}" for k in range(6)) and episode.settled


@pytest.mark.parametrize(
    ("entities", "place", "words"),
    [
        ({"a": BOX, "b": BOX}, [rel("left_of", "a", "b"), rel("left_of", "b", "a")], "these cannot all hold"),
        ({"a": BOX, "b": BOX}, [rel("on_top", "a", "b"), rel("below", "a", "b")], "these cannot all hold"),
        ({"a": BOX}, [rel("on_top", "a", "table"), rel("on_top", "a", "floor")], "rests on both"),
        ({"a": BOX}, [rel("left_of", "a", "a")], "with respect to itself"),
        ({"a": BOX}, [rel("on_top", "a", "tabel")], "did you mean 'table'"),
        ({"a": {"morph": BOX, "position": [0, 0, 0]}}, [rel("on_top", "a", "table")], "has a 'position'"),
        ({"a": BOX}, [rel("next_to", "a", "table", min=0.2, max=0.1)], "'min' is above 'max'"),
        ({"a": {"type": "mesh", "file": "a.obj"}}, [rel("on_top", "a", "table")], "cannot be placed"),
        ({"a": BOX}, [rel("distance", "a", "table")], "no bounds"),
        ({"a": BOX}, [rel("left_of", "a", "floor")], "a plane without end"),
    ],
)  # fmt: skip
def test_what_is_wrong_in_every_draw_is_said_before_any(entities, place, words):
    with pytest.raises(SpecError, match=words):
        spec(entities, place)


@pytest.mark.parametrize(
    ("entities", "place", "words"),
    [
        ({"big": {"type": "box", "size": [2.0, 0.1, 0.1]}}, [rel("on_top", "big", "table")], r"on_top\(big, table\)"),
        ({"tray": {"type": "tray", "size": [0.1, 0.1, 0.05]}, "a": BOX}, [rel("inside", "a", "tray")], r"inside\(a, tray\)"),
        (
            {"row": {"morph": {"type": "box", "size": [0.3, 0.3, 0.1]}, "count": 8}}, [rel("on_top", "row", "table")],
            "collision with 'row_",
        ),
        (
            {"a": BOX, "b": BOX, "c": BOX},
            [rel("on_top", name, "table") for name in "abc"]
            + [rel("left_of", "a", "b", gap=0.5, loose=True), rel("left_of", "b", "c", gap=0.5, loose=True)],
            r"left_of\(a, b\).*left_of\(b, c\)|left_of\(b, c\).*left_of\(a, b\)",
        ),
    ],
)  # fmt: skip
def test_a_failed_placement_names_its_constraint(entities, place, words):
    with pytest.raises(SampleError, match=words) as caught:
        sample(spec(entities, place), 0, 0)
    assert "place" in caught.value.where or "entities" in caught.value.where


def test_a_chain_that_fits_exactly_is_found():
    """Ten boxes of 9 cm in a row on a table of 1 m: the bounds leave no block the wrong place."""
    entities = {f"b{k}": {"type": "box", "size": [0.09, 0.09, 0.05]} for k in range(10)}
    place = [rel("on_top", name, "table") for name in entities]
    place += [rel("left_of", f"b{k}", f"b{k + 1}", gap=0.002) for k in range(9)]
    bodies, _ = placed(entities, place)
    xs = [bodies[f"b{k}"].position[0] for k in range(10)]
    assert all(b - a >= 0.092 - 1e-9 for a, b in zip(xs, xs[1:], strict=False))


def test_soft_relations_are_preferred_and_never_fatal():
    place = [rel("on_top", "a", "table"), rel("on_top", "b", "table"), rel("next_to", "b", "a", hard=False, weight=5.0)]
    close = [np.hypot(*(np.array(found["a"].position) - found["b"].position)[:2]) for found, _ in
             (placed({"a": BOX, "b": BOX}, place, seed) for seed in range(4))]  # fmt: skip
    assert max(close) < 0.3
    impossible = [*place[:2], rel("inside", "a", "b", hard=False)]
    with pytest.raises(SpecError):
        placed({"a": BOX, "b": BOX}, [*impossible, rel("sitting", "a", "b")])


@pytest.mark.parametrize("gap", [0.0005, 0.002])
def test_the_margin_test_is_exact(gap):
    """A box and a ball `gap` apart: nearer than a margin above the gap, not nearer than one below."""
    identity = np.array([1.0, 0.0, 0.0, 0.0])
    turn = np.array([np.cos(0.3), 0.0, 0.0, np.sin(0.3)])
    box = Placed(Solid("box", (0.2, 0.1, 0.1)), np.zeros(3), turn)
    normal = np.array([np.cos(0.6), np.sin(0.6), 0.0])
    for solid, reach in ((Solid("sphere", (0.03,)), 0.03), (Solid("box", (0.06, 0.04, 0.04)), 0.03)):
        other = Placed(solid, (0.1 + reach + gap) * normal, turn if solid.kind == "box" else identity)
        assert nearer(box, other, 1.02 * gap) and not nearer(box, other, 0.98 * gap)


def test_boxes_and_triangles_by_volume_of_interiors():
    from datagen.spec.episode import InteriorSpec
    from datagen.spec.substances import level_of, volume_below

    cube = InteriorSpec(sections=((0.0, 0.5, 0.5), (1.0, 0.5, 0.5)), sides=0)
    pyramid = InteriorSpec(sections=((0.0, 1e-9, 1e-9), (1.0, 0.5, 0.5)), sides=0)
    assert volume_below(cube, 0.4) == pytest.approx(0.4) and volume_below(pyramid, 1.0) == pytest.approx(1.0 / 3.0)
    assert level_of(pyramid, 1.0 / 24.0) == pytest.approx(0.5, abs=1e-6)
