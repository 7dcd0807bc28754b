"""Imports go down only: the table of rooms, no cycles, one module that loads the compiler."""

import sys

import pytest

from tests.architecture import source
from tests.architecture.rooms import FOREIGN, LIBRARIES, ROOMS, WITHOUT_COMPILER, room

MODULES = source.modules()
OURS = tuple(source.PACKAGES)


def project_imports(module: source.Module) -> list[source.Import]:
    return [item for item in source.imports(module) if item.target.split(".")[0] in OURS]


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_module_imports_only_rooms_below_its_own(module):
    own = room(module.name)
    assert own is not None, f"{module.label}: no row of tests/architecture/rooms.py holds {module.name}; add one"
    wrong = [
        f"{module.label}:{item.line} imports {item.target}"
        for item in project_imports(module)
        if room(item.target) != own and room(item.target) not in ROOMS[own]
    ]
    assert not wrong, f"{own} may import {sorted(ROOMS[own])}: " + "; ".join(wrong)


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_project_modules_are_imported_at_the_top_of_a_file(module):
    lazy = [f"{module.label}:{item.line} imports {item.target}" for item in project_imports(module) if item.lazy]
    assert module.name.startswith("datagen.cli") or not lazy, "; ".join(lazy)


def test_there_is_no_import_cycle():
    graph = {module.name: {item.target for item in project_imports(module) if not item.lazy} for module in MODULES}
    assert find_cycle(graph) is None


def find_cycle(graph: dict[str, set[str]]) -> list[str] | None:
    """A path that ends where it began, or None. A package does not count as importing itself through its own modules."""
    done: set[str] = set()

    def visit(name: str, path: list[str]) -> list[str] | None:
        if name in path:
            return [*path[path.index(name) :], name]
        if name in done:
            return None
        for target in sorted(graph.get(name, ())):
            if target != name and (cycle := visit(target, [*path, name])):
                return cycle
        done.add(name)
        return None

    return next((cycle for name in sorted(graph) if (cycle := visit(name, []))), None)


def test_the_cycle_search_finds_a_cycle():
    assert find_cycle({"a": {"b"}, "b": {"c"}, "c": {"b"}}) == ["b", "c", "b"]
    assert find_cycle({"a": {"b", "c"}, "b": {"c"}, "c": set()}) is None


def test_one_module_loads_the_kernel_compiler():
    by_name = [
        f"{module.label}:{item.line}"
        for module in MODULES
        for item in source.imports(module)
        if item.target.split(".")[0] in source.COMPILERS
    ]
    assert not by_name, f"use `from engine.compiler import ti`: {by_name}"
    by_call = [module.name for module in MODULES for name, _ in source.calls(module) if name.endswith("import_module")]
    assert set(by_call) <= {"engine.compiler", "datagen.cli.app", "datagen.cli.bench", "datagen"}
    assert "engine.compiler" in by_call


@pytest.mark.parametrize("start", WITHOUT_COMPILER)
def test_description_never_reaches_the_compiler(start):
    graph = {module.name: {item.target for item in project_imports(module)} for module in MODULES}
    reached, todo = set(), [name for name in graph if name == start or name.startswith(start + ".")]
    while todo:
        name = todo.pop()
        if name not in reached:
            reached.add(name)
            todo += graph.get(name, ())
    assert "engine.compiler" not in reached


@pytest.mark.parametrize("module", MODULES, ids=lambda module: module.name)
def test_module_uses_only_the_libraries_of_its_room(module):
    outside = {item.target.split(".")[0] for item in source.imports(module)} - set(OURS) - set(sys.stdlib_module_names)
    assert not outside & FOREIGN, f"{module.label} imports {outside & FOREIGN}"
    allowed = LIBRARIES.get(room(module.name) or "")
    assert allowed is None or outside <= allowed, f"{module.label} imports {outside - (allowed or set())}"
