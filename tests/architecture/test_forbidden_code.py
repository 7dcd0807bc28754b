"""Code that went wrong in projects we admire: errors returned instead of raised, generators without a seed, bare excepts,
eval."""

import ast

import pytest

from tests.architecture import source

MODULES = source.modules()
SEEDED = {"Generator", "BitGenerator", "SeedSequence", "default_rng", "Philox", "PCG64", "PCG64DXSM", "MT19937", "SFC64"}
NEED_A_SEED = SEEDED - {"Generator", "BitGenerator"}
UNTRUSTED = ("datagen.spec", "datagen.language", "datagen.cli", "datagen.writers", "engine.importers")
DANGEROUS = {"eval", "exec", "pickle.load", "pickle.loads", "yaml.load", "yaml.unsafe_load", "yaml.full_load", "os.system"}


def by_name(module):
    return module.name


@pytest.mark.parametrize("module", MODULES, ids=by_name)
def test_errors_are_raised_and_never_returned_in_place_of_a_value(module):
    wrong = [f"{module.label}:{line}" for line in returned_errors(module.tree)]
    assert not wrong


def returned_errors(tree: ast.AST) -> list[int]:
    """Lines that return a new error, except in functions that say in their annotation that an error is what they make."""
    lines = []
    for function in ast.walk(tree):
        if isinstance(function, source.Function) and not is_error(annotation(function)):
            returns = [node for node in ast.walk(function) if isinstance(node, ast.Return) and isinstance(node.value, ast.Call)]
            lines += [node.lineno for node in returns if is_error(source.dotted(node.value.func))]
    return lines


def annotation(function: source.Function) -> str:
    """What a function says that it returns, quoted or not."""
    if isinstance(function.returns, ast.Constant):
        return str(function.returns.value)
    return source.dotted(function.returns) if function.returns else ""


def is_error(name: str) -> bool:
    return name.rsplit(".", 1)[-1].endswith(("Error", "Exception"))


def test_a_returned_error_is_seen():
    assert returned_errors(ast.parse("def f(a):\n  return ValueError('x')")) == [2]
    assert returned_errors(ast.parse("def f(a) -> SpecError:\n  return SpecError('x')")) == []
    assert returned_errors(ast.parse("def f(a) -> 'SpecError':\n  return SpecError('x')")) == []


@pytest.mark.parametrize("module", MODULES, ids=by_name)
def test_nothing_is_drawn_without_a_seed(module):
    assert not unseeded(module)


def unseeded(module: source.Module) -> list[str]:
    """Places that draw from a global generator or make one from the clock."""
    found = [
        f"{module.label}:{item.line} imports random" for item in source.imports(module) if item.target.split(".")[0] == "random"
    ]
    for name, call in source.calls(module):
        last = name.rsplit(".", 1)[-1]
        without_seed = not call.args and not call.keywords
        drawn = name.startswith(("np.random.", "numpy.random.")) and last not in SEEDED
        if drawn or name.startswith("ti.random") or (last in NEED_A_SEED and without_seed):
            found.append(f"{module.label}:{call.lineno} {name}")
    return found


def test_an_unseeded_draw_is_seen():
    text = "import random\nnp.random.rand(3)\nnp.random.default_rng()\nnp.random.default_rng(7)\nrng.normal()\nti.random()"
    module = source.Module("engine.x", source.ROOT / "engine" / "x.py", text, ast.parse(text))
    assert [place.partition(":")[2] for place in unseeded(module)] == [
        "1 imports random",
        "2 np.random.rand",
        "3 np.random.default_rng",
        "6 ti.random",
    ]


@pytest.mark.parametrize("module", MODULES, ids=by_name)
def test_no_except_catches_everything_unnamed(module):
    bare = [node.lineno for node in ast.walk(module.tree) if isinstance(node, ast.ExceptHandler) and node.type is None]
    assert not bare, f"{module.label}: {bare}"


@pytest.mark.parametrize("module", [m for m in MODULES if m.name.startswith(UNTRUSTED)], ids=by_name)
def test_what_reads_foreign_files_evaluates_nothing(module):
    assert not [f"{module.label}:{call.lineno} {name}" for name, call in source.calls(module) if name in DANGEROUS]


@pytest.mark.parametrize("module", MODULES, ids=by_name)
def test_no_stub_hides_behind_a_name(module):
    stubs = [n.lineno for n in ast.walk(module.tree) if isinstance(n, ast.Name) and n.id == "NotImplementedError"]
    assert not stubs, f"{module.label}: {stubs}"
