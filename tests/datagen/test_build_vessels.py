"""Vessels of one piece, and the numbers that particles need."""

import numpy as np
import pytest

import engine
from datagen.build.vessels import domain, grid_structure, shell, vessel_shapes
from datagen.episode import make_layout, run_batch
from datagen.pipeline.generation import load_spec
from datagen.spec import from_data, loads, sample
from datagen.spec.hollow import box_interior
from datagen.spec.substances import volume_below
from engine.geometry.mesh import from_arrays

MORPHS = ("{type: cup, top_radius: 0.05}", "{type: bowl}", "{type: bucket}", "{type: tank, size: [0.3, 0.2, 0.1]}",
          "{type: cup, handle: true}")  # fmt: skip
WET = """
spec: 1
name: wet
world: {{substeps: 8{world}}}
entities:
  floor: {{morph: {{type: plane}}}}
  vessel: {{morph: {morph}, position: [0.1, 0, {z}], origin: bottom, fixed: true}}
  water: {{morph: {{type: fill, into: vessel, share: 0.5}}, material: {water}}}
record: {{fps: 30, frames: 2}}
"""


def episode(morph="{type: cup}", z="0", water="water", world=""):
    return sample(loads(WET.format(morph=morph, z=z, water=water, world=world)), 1, 0)


@pytest.mark.parametrize("morph", MORPHS)
def test_the_shell_of_a_vessel_is_closed_and_leaves_its_interior_free(morph):
    body = next(body for body in episode(morph).bodies if body.name == "vessel")
    (mesh,), count = vessel_shapes(body, {})
    data = from_arrays(mesh.vertices, mesh.faces)
    assert data.watertight
    assert len(body.shapes) - count == (3 if "handle" in morph else 0)
    interior = body.interior
    outer = float(data.volume) + volume_below(interior, interior.sections[-1][0])
    low, high = data.vertices.min(axis=0), data.vertices.max(axis=0)
    wall = 0.01 if "tank" in morph else 0.004
    assert low[2] == pytest.approx(interior.sections[0][0] - wall, abs=1e-12)
    assert high[2] == pytest.approx(interior.sections[-1][0], abs=1e-12)
    assert outer <= np.prod(high - low) * (1.0 + 1e-12)
    assert mesh.resolution * wall >= 2.0 * float((high - low).max()) - 1e-9 or mesh.resolution == 128


def test_the_shell_of_a_box_has_its_exact_volume():
    vertices, faces = shell(box_interior((0.3, 0.2, 0.1), 0.01), 0.01, (True, False))
    assert from_arrays(vertices, faces).volume == pytest.approx(0.3 * 0.2 * 0.1 - 0.28 * 0.18 * 0.09, rel=1e-12)


@pytest.mark.parametrize("morph", ["{type: funnel}", "{type: hourglass}"])
def test_what_is_open_below_and_what_is_closed_all_around_are_closed_meshes(morph):
    made = sample(loads(WET.format(morph=morph, z="0", water="water", world="").replace("into: vessel", "into: cup").replace(
        "  water:", "  cup: {morph: {type: cup}, position: [1, 0, 0], origin: bottom}\n  water:")), 1, 0)  # fmt: skip
    body = next(body for body in made.bodies if body.name == "vessel")
    (mesh,), count = vessel_shapes(body, {})
    data = from_arrays(mesh.vertices, mesh.faces)
    assert data.watertight and data.volume > 0.0 and count == len(body.shapes)


def test_the_cell_makes_about_as_many_particles_as_promised_and_may_be_given():
    made = episode()
    volume = 0.5 * volume_below(made.bodies[1].interior, 1.0)
    assert volume / (0.5 * made.world.cell) ** 3 == pytest.approx(2000, rel=0.1)
    assert episode(world=", cell: 4 mm").world.cell == 0.004
    assert "cell" not in sample(loads(WET.format(morph="{type: cup}", z="0", water="jelly", world="").replace(
        "  water: {morph: {type: fill, into: vessel, share: 0.5}", "  water: {morph: {type: sphere, radius: 0.1}")), 1, 0
    ).world.model_dump()  # fmt: skip


def test_liquids_are_as_stiff_as_their_fall_asks_for():
    assert episode().matter[0].values["sound_speed"] == 10.0
    assert episode(z="0.3").matter[0].values["sound_speed"] == pytest.approx(26.4, abs=1.0)
    assert episode(water="{preset: honey, sound_speed: 20 m/s}").matter[0].values["sound_speed"] == 20.0


def test_the_domain_lies_on_a_raster_so_that_neighbours_share_it():
    assert domain(episode()) == ((-1.5, -1.5, -1.5), (2.0, 1.5, 2.0))
    assert grid_structure(episode()) == grid_structure(episode())
    assert grid_structure(episode()) != grid_structure(episode(world=", cell: 4 mm"))


def test_episodes_of_particles_do_not_depend_on_their_batch():
    """Cylinders of dough of random size: two of three have equally many particles. Every row of the state has the same bits
    in a batch of three and alone."""
    engine.init(backend="cpu", threads=1)
    document = load_spec("dough_press")
    data = {name: value for name, value in document.data.items() if name not in ("task", "sensors")}
    data = {**data, "actions": {}, "focus": None, "record": {"fps": 30, "frames": 2, "outputs": ["rgb"]}}
    data["cameras"] = {"front": {**data["cameras"]["front"], "resolution": [16, 16]}}
    document = from_data({name: value for name, value in data.items() if value is not None})
    specs = [sample(document, 7, index) for index in range(3)]
    layout = make_layout(specs)
    together = list(run_batch(specs, layout))
    rows = [record.state for record in together]
    assert len({row.shape for row in rows}) == 2
    for spec, row in zip(specs, rows, strict=True):
        assert np.array_equal(next(iter(run_batch([spec], layout))).state, row)
