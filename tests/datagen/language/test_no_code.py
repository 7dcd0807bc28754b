"""Nothing in the path from a prompt or a spec to a scene evaluates, unpickles or imports what a text names."""

import ast
from pathlib import Path

import pytest

ROOMS = ("datagen/language", "datagen/spec")
CALLS = {"eval", "exec", "compile", "__import__", "import_module", "system", "popen", "unsafe_load", "full_load", "run_path"}
MODULES = {
    "pickle",
    "cPickle",
    "dill",
    "cloudpickle",
    "marshal",
    "shelve",
    "subprocess",
    "importlib",
    "runpy",
    "ctypes",
    "socket",
}


def dangers(tree: ast.AST) -> list[str]:
    """What a module must not have, as text."""
    found = []
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            found += [f"import {one.name}" for one in node.names if one.name.split(".")[0] in MODULES]
        elif isinstance(node, ast.ImportFrom) and (node.module or "").split(".")[0] in MODULES:
            found.append(f"from {node.module}")
        elif isinstance(node, ast.Call):
            found += _dangerous_call(node)
    return found


def _dangerous_call(node: ast.Call) -> list[str]:
    name = ast.unparse(node.func)
    if name == "re.compile":
        return []
    if name.rsplit(".", 1)[-1] in CALLS:
        return [f"{name}()"]
    loads = name.endswith("yaml.load") and "Safe" not in ast.unparse(node)
    return [f"{name}() without a safe loader"] if loads else []


@pytest.mark.parametrize("room", ROOMS)
def test_no_code_is_run_and_nothing_is_unpickled(room: str) -> None:
    files = sorted((Path(__file__).parents[3] / room).rglob("*.py"))
    found = {file.name: made for file in files if (made := dangers(ast.parse(file.read_text(encoding="utf-8"))))}
    assert len(files) > 10 and not found


@pytest.mark.parametrize(
    "text", ["eval('1')", "import pickle", "from importlib import import_module", "yaml.load(t)", "builtins.exec(t)"]
)
def test_dangers_are_seen(text: str) -> None:
    assert dangers(ast.parse(text))
