"""The settle check judges bases alone, and says which body left its place."""

from dataclasses import replace
from types import SimpleNamespace

import numpy as np
import pytest

import engine
from datagen.episode.groups import expand
from datagen.episode.layout import make_layout
from datagen.episode.run import run_groups
from datagen.episode.settling import SettleWatch
from datagen.spec import RecordSpec, loads, sample

TEXT = """
spec: 1
name: shelf
entities:
  table: {morph: {type: box, size: [40 cm, 40 cm, 4 cm]}, fixed: true, position: [0 m, 0 m, 50 cm]}
  cup: {morph: {type: box, size: [6 cm, 6 cm, 6 cm]}}
place: [{rel: on_top, of: cup, ref: table}]
actions: {nudge: {do: impulse, target: cup, magnitude: 1 mN*s, direction: x, start: {at: 0.1 s}}}
focus: nudge
branches: [{id: no_cup, edits: [{op: remove, path: entities.cup}]}, {id: no_table, edits: [{op: remove, path: entities.table}]}]
record: {fps: 20, frames: 6}
"""


def watched(spec, fall):
    """Complaints about a simulation whose bodies fall by so much [m] while they settle."""
    names = ("world", *(body.name for body in spec.bodies))
    place = np.array([[(0.0, 0.0, 0.0), *(body.position for body in spec.bodies)]])
    turn = np.tile((1.0, 0.0, 0.0, 0.0), (1, len(names), 1))
    state = SimpleNamespace(body_position=place, body_rotation=turn)
    rows = np.zeros(0, [("env", int), ("depth", float), ("body_a", int), ("body_b", int)])
    simulation = SimpleNamespace(names=SimpleNamespace(body=names), state=state, contacts=lambda: rows)
    watch = SettleWatch(simulation, [spec])
    state.body_position = place - np.array([0.0, 0.0, fall])
    return watch.complaints()[0]


def test_a_base_that_falls_is_refused_and_an_edited_branch_is_not():
    document = loads(TEXT)
    base, no_cup, no_table, nothing = expand(document, sample(document, 5, 0))
    assert watched(base, 0.0) == "" and watched(nothing, 0.0) == ""
    assert watched(base, 0.2) == "cup moved by 200.0 mm and turned by 0.0 deg"
    assert watched(no_table, 0.2) == ""  # what stood on the table falls: the consequence
    assert watched(no_cup, 0.2) == ""


@pytest.mark.slow  # three structures to compile
def test_what_a_relation_names_may_be_taken_away():
    """Without its table the cup falls, and that is the consequence, not a fault."""
    document = loads(TEXT)
    group = expand(document, sample(document, 5, 0))
    engine.init(backend="cpu", precision="f32", threads=1)
    layout = replace(make_layout(group), record=RecordSpec(rgb=False))
    ((base, without_cup, without_table, _),) = run_groups([group], layout, pictures=False)
    heights = [recorder.position[-1][env, -1, 2] for recorder, env in (base, without_table)]
    assert heights[0] > 0.5 and heights[1] < 0.4
    assert without_cup[0].simulation.names.body == ("world", "table")
