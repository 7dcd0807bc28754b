"""The same episodes give the same bytes: whatever the batch size, the order in which they finish, the hour or the number of
workers."""

import dataclasses
import time

from datagen.executors.local import run
from tests.datagen.writers.drive import hash_of, plan_of
from tests.datagen.writers.synthetic import Shape, factory

SHAPE = Shape(size=(16, 32), failing=(3,))


def manifest(out, shape, workers=1):
    return run(out, plan_of(shape, 18, 6), factory(shape), workers=workers).manifest


def test_batch_size_workers_and_time_do_not_show(tmp_path):
    first = manifest(tmp_path / "first", SHAPE)
    time.sleep(1.1)
    for batch, workers in ((4, 1), (16, 1), (64, 2), (1, 2)):
        other = manifest(tmp_path / f"{batch}-{workers}", dataclasses.replace(SHAPE, batch=batch), workers)
        assert other["files"] == first["files"] and other["manifest_sha256"] == first["manifest_sha256"]


def test_another_seed_shows(tmp_path):
    first = run(tmp_path / "a", plan_of(SHAPE, 2, 2), factory(SHAPE))
    other = dataclasses.replace(SHAPE, seed=8)
    assert hash_of(run(tmp_path / "b", plan_of(other, 2, 2), factory(other))) != hash_of(first)
