"""Tapes of the front end: a second start builds every kernel from its tape, with the same bits; a tape that does not fit is
thrown away.
"""

import os
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import numpy as np
import pytest

from engine import frontend, runtime, tape
from engine.arrays import TABLE

RUN = """
import sys
import engine
from engine.compiler import ti as compiler
visits = []
transform = compiler.lang.kernel_impl.transform_tree
def counted(tree, context):
    visits.append(context.func.func.__module__)
    return transform(tree, context)
compiler.lang.kernel_impl.transform_tree = counted
engine.init("cpu", precision=sys.argv[1])
scene = engine.Scene()
scene.add_shape("world", engine.Plane())
scene.add_body("box", position=(0.0, 0.0, 0.13))
scene.add_shape("box", engine.Box(size=(0.2, 0.2, 0.2)))
simulation = engine.Simulation(scene, num_envs=int(sys.argv[2]))
simulation.step(40)
print(simulation.state.qpos.tobytes().hex())
print(sum(module.startswith("engine") for module in visits))
"""


def start(cache: Path, precision: str = "f32", num_envs: int = 3) -> tuple[str, int]:
    """A process that simulates a falling box: (final positions, functions that the front end went through)."""
    environment = {**os.environ, "WORLDSMITH_CACHE": str(cache)}
    arguments = [sys.executable, "-c", RUN, precision, str(num_envs)]
    done = subprocess.run(arguments, env=environment, capture_output=True, text=True, timeout=300, check=True)
    bits, visits = done.stdout.split()
    return bits, int(visits)


@pytest.fixture(scope="module")
def warm(tmp_path_factory) -> tuple[Path, str]:
    """A cache after its first start, and the positions of that start."""
    cache = tmp_path_factory.mktemp("cache")
    bits, visits = start(cache)
    assert visits > 100
    return cache, bits


def test_a_second_start_runs_no_front_end_and_compiles_nothing(warm):
    cache, bits = warm
    compiled = sorted(path.name for path in cache.rglob("*.tic"))
    assert compiled, "the compiler keeps its kernels elsewhere: this test looks for the wrong files"
    assert start(cache) == (bits, 0)
    assert sorted(path.name for path in cache.rglob("*.tic")) == compiled


def test_another_number_of_environments_plays_the_same_tapes(warm):
    cache, bits = warm
    more, visits = start(cache, num_envs=40)
    assert visits == 0
    assert more[: len(bits)] == bits


def test_a_broken_tape_is_made_again(warm):
    cache, bits = warm
    tapes = sorted(cache.rglob("*.tape"), key=lambda path: path.stat().st_size)
    tapes[-1].write_bytes(b"not a tape")
    again, visits = start(cache)
    assert again == bits and visits > 100
    assert start(cache) == (bits, 0)


def test_a_tape_of_another_compiler_is_made_again(warm):
    cache, bits = warm
    largest = max(cache.rglob("*.tape"), key=lambda path: path.stat().st_size)
    names, pool, ops = tape.read(largest)
    tape.write(largest, (["a_function_that_never_was", *names[1:]], pool, ops))
    again, visits = start(cache)
    assert again == bits and visits > 100


def test_another_order_of_declarations_has_other_tapes(monkeypatch):
    """Kernels hold the numbers of arrays, which follow the order of the imports: a tape of another order would be wrong."""
    before = runtime.tape_context(runtime.current())
    monkeypatch.setattr(runtime, "TABLE", SimpleNamespace(sizes=TABLE.sizes, arrays=list(reversed(TABLE.arrays))))
    assert runtime.tape_context(runtime.current()) != before


def test_the_digest_follows_every_source_file(tmp_path):
    (tmp_path / "a.py").write_text("x = 1\n")
    before = tape.digest([tmp_path])
    assert before == tape.digest([tmp_path])
    (tmp_path / "a.py").write_text("x = 2\n")
    after = tape.digest([tmp_path])
    (tmp_path / "b.py").write_text("")
    assert len({before, after, tape.digest([tmp_path])}) == 3


def test_a_closure_of_arrays_has_no_tape():
    array = np.zeros(3)

    def kernel():
        return array

    with pytest.raises(tape.NotOnTape):
        tape.closure_key(kernel)


def test_closures_with_other_numbers_have_other_keys():
    def chain(extended):
        def stage():
            return extended

        return stage

    assert tape.closure_key(chain(0)) != tape.closure_key(chain(1))


def test_a_kernel_outside_the_engine_has_no_tape():
    class Kernel:
        func = staticmethod(test_a_kernel_outside_the_engine_has_no_tape)
        template_slot_locations: list = []

    shelf = frontend.Shelf()
    shelf.open(Path("somewhere"), str)
    assert shelf.path(Kernel(), ()) is None
