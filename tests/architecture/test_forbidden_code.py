"""Code that went wrong in projects we admire: errors returned instead of raised, generators without a seed, bare excepts,
eval."""

import ast

from tests.architecture import source

MODULES = source.modules()
SEEDED = {"Generator", "BitGenerator", "SeedSequence", "default_rng", "Philox", "PCG64", "PCG64DXSM", "MT19937", "SFC64"}
NEED_A_SEED = SEEDED - {"Generator", "BitGenerator"}
UNTRUSTED = ("datagen.spec", "datagen.language", "datagen.cli", "datagen.writers", "engine.importers")
DANGEROUS = {"eval", "exec", "pickle.load", "pickle.loads", "yaml.load", "yaml.unsafe_load", "yaml.full_load", "os.system"}


def test_errors_are_raised_and_never_returned_in_place_of_a_value():
    assert [f"{module.label}:{line}" for module in MODULES for line in returned_errors(module.tree)] == []


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


def test_nothing_is_drawn_without_a_seed():
    assert [place for module in MODULES for place in unseeded(module)] == []


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


def test_no_except_catches_everything_unnamed():
    caught = [(module, node) for module in MODULES for node in ast.walk(module.tree) if isinstance(node, ast.ExceptHandler)]
    assert [f"{module.label}:{node.lineno}" for module, node in caught if node.type is None] == []


def test_what_reads_foreign_files_evaluates_nothing():
    made = [
        (module, name, call) for module in MODULES if module.name.startswith(UNTRUSTED) for name, call in source.calls(module)
    ]
    assert [f"{module.label}:{call.lineno} {name}" for module, name, call in made if is_dangerous(name, call)] == []


def is_dangerous(name: str, call: ast.Call) -> bool:
    """Whether a call can run what a file says; `yaml.load` may be given a loader of our own."""
    loaders = [source.dotted(keyword.value) for keyword in call.keywords if keyword.arg == "Loader"]
    own_loader = name == "yaml.load" and bool(loaders) and not loaders[0].startswith("yaml.")
    return name in DANGEROUS and not own_loader


def test_dangerous_calls_are_seen():
    def first(text: str) -> bool:
        call = ast.parse(text, mode="eval").body
        return is_dangerous(source.dotted(call.func), call)

    assert first("eval(x)") and first("yaml.load(x)") and first("yaml.load(x, Loader=yaml.Loader)") and first("pickle.load(f)")
    assert not first("yaml.load(x, Loader=_Strict)") and not first("json.load(f)")


def test_no_stub_hides_behind_a_name():
    named = [(module, node) for module in MODULES for node in ast.walk(module.tree) if isinstance(node, ast.Name)]
    assert [f"{module.label}:{node.lineno}" for module, node in named if node.id == "NotImplementedError"] == []
