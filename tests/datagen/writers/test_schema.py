"""The schema refuses what cannot be stored, and records that do not fit it are refused with a sentence."""

import dataclasses

import numpy as np
import pytest

from datagen.writers import DatasetSchema, NotFiniteError, RecordError
from datagen.writers.accept import check_record
from datagen.writers.schema import DenseSchema
from engine.types import Feature
from tests.datagen.writers.synthetic import Shape, episode, schema_of

SHAPE = Shape(size=(16, 32), lengths=(3,))


def test_a_schema_survives_json():
    schema = schema_of(SHAPE)
    assert DatasetSchema.from_dict(schema.to_dict()) == schema
    assert DatasetSchema.from_dict(schema.to_dict()).sha256 == schema.sha256


@pytest.mark.parametrize(
    ("change", "sentence"),
    [
        ({"fps": 0}, "0 frames per second"),
        ({"fps": 29.97}, "29.97 frames per second"),
        ({"features": (Feature("a/b", "float32", (1,)),)}, "cannot be used"),
        ({"features": (Feature("index", "int64", (1,)),)}, "cannot be used"),
        ({"features": (Feature("x", "complex64", (1,)),)}, "complex64.*one of"),
        ({"features": (Feature("x", "float32", ()),)}, "shape"),
        ({"features": (Feature("x", "float32", (2,), names=("only",)),)}, "1 names"),
        ({"features": (Feature("x", "float32", (2,)), Feature("x", "float32", (3,)))}, "used twice"),
        ({"state_dtype": "float16"}, "float16"),
        ({"dense": (DenseSchema("eye.depth", 8, 8, codec="png"),)}, "codec 'png'"),
    ],
)
def test_a_schema_that_cannot_be_stored_is_refused(change, sentence):
    with pytest.raises(RecordError, match=sentence):
        dataclasses.replace(schema_of(SHAPE), **change)


def without(mapping, name):
    return {key: value for key, value in mapping.items() if key != name}


@pytest.mark.parametrize(
    ("change", "error", "sentence"),
    [
        (lambda r: {"frames": without(r.frames, "action")}, RecordError, "'action' is missing"),
        (lambda r: {"frames": {**r.frames, "actoin": r.frames["action"]}}, RecordError, "did you mean 'action'"),
        (lambda r: {"frames": {**r.frames, "action": r.frames["action"][:-1]}}, RecordError, r"shape \(2, 3\)"),
        (lambda r: {"frames": {**r.frames, "next.done": r.frames["next.reward"]}}, RecordError, "type float32"),
        (lambda r: {"videos": {"front": r.videos["front"].astype(float)}}, RecordError, "float64.*uint8"),
        (lambda r: {"dense": without(r.dense, "front.depth")}, RecordError, "'front.depth' is missing"),
        (lambda r: {"state": None}, RecordError, "state: missing"),
        (lambda r: {"state": r.state[:-1]}, RecordError, r"\(4, n\)"),
        (lambda r: {"state": np.full_like(r.state, np.inf)}, NotFiniteError, "not finite"),
        (lambda r: {"state_names": ("one",)}, RecordError, "1 names"),
        (lambda r: {"contacts": None}, RecordError, "contacts: missing"),
        (lambda r: {"contacts": {**r.contacts, "frame": r.contacts["frame"] + 3}}, RecordError, "out of range"),
        (lambda r: {"contacts": {**r.contacts, "frame": r.contacts["frame"][::-1]}}, RecordError, "out of range or order"),
        (lambda r: {"events": [{"frame": 9}]}, RecordError, "frame 9"),
        (lambda r: {"seed": -1}, RecordError, "seed -1"),
        (lambda r: {"length": 0}, RecordError, "length 0"),
    ],
)
def test_a_record_that_does_not_fit_is_refused(change, error, sentence):
    record = episode(SHAPE, 0)
    check_record(record, schema_of(SHAPE))
    with pytest.raises(error, match=sentence):
        check_record(dataclasses.replace(record, **change(record)), schema_of(SHAPE))
