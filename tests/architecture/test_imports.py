"""Imports go down only: the table of rooms, no cycles, one module that loads the compiler."""

import sys

import pytest

from tests.architecture import source
from tests.architecture.rooms import FOREIGN, LIBRARIES, ROOMS, WITHOUT_COMPILER, room

MODULES = source.modules()
OURS = tuple(source.PACKAGES)


def project_imports(module: source.Module) -> list[source.Import]:
    return [item for item in source.imports(module) if item.target.split(".")[0] in OURS]


def wrong_arrows(module: source.Module) -> list[str]:
    """Imports of one module that its row does not hold."""
    own = room(module.name)
    if own is None:
        return [f"{module.label}: no row of tests/architecture/rooms.py holds {module.name}; add one"]
    below = ROOMS[own]
    wrong = [item for item in project_imports(module) if room(item.target) != own and room(item.target) not in below]
    return [f"{module.label}:{item.line} imports {item.target}, which is not below {own}" for item in wrong]


def test_every_module_imports_only_rooms_below_its_own():
    assert [line for module in MODULES for line in wrong_arrows(module)] == []


def test_a_wrong_arrow_is_seen():
    tree = source.ast.parse("from engine import errors\nimport engine.solvers.rigid\nfrom datagen.writers import x")
    module = source.Module("datagen.spec.x", source.ROOT / "datagen" / "spec" / "x.py", "", tree)
    assert len(wrong_arrows(module)) == 3


def test_project_modules_are_imported_at_the_top_of_a_file():
    lazy = [
        f"{module.label}:{item.line} imports {item.target}"
        for module in MODULES
        for item in project_imports(module)
        if item.lazy and not module.name.startswith("datagen.cli")
    ]
    assert lazy == []


def test_there_is_no_import_cycle():
    loaded = {module.name: [item for item in project_imports(module) if not (item.lazy or item.typing)] for module in MODULES}
    assert find_cycle({name: {item.target for item in items} for name, items in loaded.items()}) is None


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
    late = {"engine.compiler", "datagen.cli.app", "datagen.cli.bench", "datagen", "engine", "engine.couplers.build"}
    assert set(by_call) <= late
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


def test_rooms_use_only_their_libraries():
    wrong = []
    for module in MODULES:
        outside = {item.target.split(".")[0] for item in source.imports(module)} - set(OURS) - set(sys.stdlib_module_names)
        allowed = LIBRARIES.get(room(module.name) or "", outside)
        wrong += [f"{module.label} imports {name}" for name in sorted((outside - allowed) | (outside & FOREIGN))]
    assert wrong == []
