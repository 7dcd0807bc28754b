"""The package is safe to feed with foreign specs, needs few libraries, and describes itself to editors."""

import ast
import json
import subprocess
import sys
from pathlib import Path

import pytest

import datagen.spec
from datagen.spec import json_schema, load_spec
from datagen.spec.presets import PRESETS

PACKAGE = Path(datagen.spec.__file__).parent
FILES = sorted(PACKAGE.rglob("*.py"))
FORBIDDEN_CALLS = {"eval", "exec", "compile", "__import__", "getattr_static", "globals", "open"}
FORBIDDEN_MODULES = {"pickle", "marshal", "shelve", "importlib", "subprocess", "os", "ctypes", "random", "engine", "taichi"}
ALLOWED_ROOTS = {"lark", "pydantic", "pydantic_core", "numpy", "yaml"}


@pytest.mark.parametrize("path", FILES, ids=lambda path: path.name)
def test_nothing_in_the_package_runs_text_or_loads_objects(path):
    for node in ast.walk(ast.parse(path.read_text())):
        if isinstance(node, ast.Call):
            name = node.func.id if isinstance(node.func, ast.Name) else getattr(node.func, "attr", "")
            qualified = ast.unparse(node.func)
            allowed = qualified.startswith("re.") or (path.name == "units.py" and qualified == "globals")
            assert name not in FORBIDDEN_CALLS or allowed, f"{path.name}:{node.lineno} calls {qualified}"
            assert qualified not in ("yaml.load", "yaml.unsafe_load", "yaml.full_load", "yaml.load_all")
        for module in imported(node):
            assert module not in FORBIDDEN_MODULES, f"{path.name} imports {module}"
            placement = module == "datagen" and ast.unparse(node).startswith("from datagen.placement")  # numpy only
            assert placement or module in ALLOWED_ROOTS or module in sys.stdlib_module_names, f"{path.name} imports {module}"


def imported(node):
    if isinstance(node, ast.Import):
        return [alias.name.split(".")[0] for alias in node.names]
    return [(node.module or "").split(".")[0]] if isinstance(node, ast.ImportFrom) and node.level == 0 else []


def test_import_brings_neither_engine_nor_taichi():
    code = "import sys, datagen.spec; print([m for m in ('engine', 'taichi', 'scipy', 'trimesh', 'typer') if m in sys.modules])"
    run = subprocess.run([sys.executable, "-c", code], cwd=PACKAGE.parents[1], capture_output=True, text=True, check=True)
    assert run.stdout.strip() == "[]"


def test_json_schema_names_every_key_and_stays_plain_json():
    schema = json.loads(json.dumps(json_schema()))
    assert schema["additionalProperties"] is False and set(schema["required"]) == {"spec", "name", "entities", "record"}
    assert set(schema["properties"]) == set(datagen.spec.DatasetSpec.model_fields)
    assert schema["$defs"]["Entity"]["additionalProperties"] is False
    assert {"Sphere", "Box", "Ramp", "Tray", "Compound", "Hinge", "Impulse", "Camera"} <= set(schema["$defs"])


def test_every_preset_is_physical_and_names_its_source():
    for name, preset in PRESETS.items():
        assert 50 <= preset.density <= 25_000 and 0 <= preset.friction <= 1.5 and 0 <= preset.restitution <= 1, name
        assert "[" in preset.source


def test_loading_a_scene_is_quick():
    import time

    scene = PACKAGE.parents[1] / "scenes" / "drop_box.yaml"
    load_spec(scene)
    start = time.perf_counter()
    load_spec(scene)
    assert time.perf_counter() - start < 1.0
