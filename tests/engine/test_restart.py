"""A restart of the engine: what is left of the old one does no harm to the new one."""

from engine.compiler import ti


def test_an_array_of_a_former_engine_takes_no_new_one_along(engine_as, monkeypatch):
    """Arrays are deleted by address, so the running program is asked only for its own: others may lie there since then."""
    engine_as(threads=1)
    old = ti.ndarray(ti.f32, 8)
    engine_as(threads=2)
    new, deleted = ti.ndarray(ti.f32, 8), []
    monkeypatch.setattr(ti._lib.core.Program, "delete_ndarray", lambda program, array: deleted.append(array))
    del old
    assert not deleted
    del new
    assert len(deleted) == 1
