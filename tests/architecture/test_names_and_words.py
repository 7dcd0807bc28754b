"""Names are the field's own, and every room says what it decides."""

import ast
import re

from tests.architecture import source

MODULES = source.modules()
FORBIDDEN = {"manager", "handler", "helper", "util", "common", "misc"}


def words(name: str) -> set[str]:
    """Lower-case words of a snake_case or CamelCase name, singular."""
    found = re.findall(r"[A-Z]?[a-z]+|[A-Z]+(?![a-z])", name)
    return {word.lower().removesuffix("s") for word in found}


def declared_names(module: source.Module) -> list[tuple[str, int]]:
    """Names that a module gives: its own, classes, functions, parameters and assigned variables."""
    found = [(module.name.rsplit(".", 1)[-1], 1)]
    for node in ast.walk(module.tree):
        if isinstance(node, ast.ClassDef | ast.FunctionDef | ast.AsyncFunctionDef):
            found.append((node.name, node.lineno))
        elif isinstance(node, ast.arg):
            found.append((node.arg, node.lineno))
        elif isinstance(node, ast.Name) and isinstance(node.ctx, ast.Store):
            found.append((node.id, node.lineno))
    return found


def test_no_name_is_a_forbidden_noun():
    named = [(module, name, line) for module in MODULES for name, line in declared_names(module)]
    assert [f"{module.label}:{line} {name}" for module, name, line in named if words(name) & FORBIDDEN] == []


def test_words_are_split_out_of_both_styles_of_names():
    assert words("SceneManager") == {"scene", "manager"}
    assert words("shape_utils") == {"shape", "util"}
    assert words("command") & FORBIDDEN == set()


def test_every_module_says_what_it_decides():
    assert [module.label for module in MODULES if not (ast.get_docstring(module.tree) or "").strip()] == []


def test_everything_public_has_a_docstring():
    public = [(module, name, node) for module in MODULES for name, node in public_definitions(module)]
    silent = [f"{module.label}:{node.lineno} {name}" for module, name, node in public if not ast.get_docstring(node)]
    assert silent == [], "say what it does, with shapes, units and frames"


def public_definitions(module: source.Module) -> list[tuple[str, source.Function | ast.ClassDef]]:
    """Public classes and functions at the top of a module and public methods; small functions speak for themselves."""
    found: list[tuple[str, source.Function | ast.ClassDef]] = []
    for node in module.tree.body:
        if isinstance(node, ast.ClassDef) and not node.name.startswith("_"):
            found.append((node.name, node))
            found += [(f"{node.name}.{item.name}", item) for item in node.body if is_public_function(item)]
        elif is_public_function(node):
            found.append((node.name, node))
    return found


def is_public_function(node: ast.AST) -> bool:
    if not isinstance(node, source.Function) or node.name.startswith("_"):
        return False
    small = source.body_lines(node) <= (10 if source.is_device(node) and not source.is_kernel(node) else 4)
    return not small and not source.decorators(node) & {"overload", "setter"}


HOST = [m for m in MODULES if "engine.compiler" not in {item.target for item in source.imports(m)}]


def test_public_host_functions_type_their_parameters():
    untyped = [
        f"{module.label}:{node.lineno} {name}({argument.arg})"
        for module in HOST
        for name, node in public_definitions(module)
        if isinstance(node, source.Function)
        for argument in (*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs)
        if argument.annotation is None and argument.arg not in ("self", "cls")
    ]
    assert untyped == []
