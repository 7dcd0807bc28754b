"""Reads the source tree for the architecture tests: modules, their imports and their functions, by syntax only (nothing is
imported).

Decides what counts as a module, an import arrow, device code (a function that the kernel compiler compiles) and the length and
depth of a function. Limits: imports made from strings are seen only as calls of `import_module`.
"""

import ast
import functools
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
PACKAGES = ("engine", "datagen")
COMPILERS = ("taichi", "quadrants", "taichi_forge")
DEVICE_DECORATORS = {"func", "kernel", "real_func", "pyfunc"}
BLOCKS = (ast.For, ast.While, ast.If, ast.With, ast.Try, ast.Match)

Function = ast.FunctionDef | ast.AsyncFunctionDef


@dataclass(frozen=True, eq=False)
class Module:
    """One source file with its dotted name."""

    name: str
    path: Path
    text: str
    tree: ast.Module

    @property
    def label(self) -> str:
        """Path from the top folder, for messages and allow-lists."""
        return str(self.path.relative_to(ROOT))


@dataclass(frozen=True)
class Import:
    """One import: `target` is the dotted module, or the package when a name of it is imported. lazy: inside a function. typing:
    for the type checker only.
    """

    target: str
    line: int
    lazy: bool
    typing: bool


@functools.cache
def modules() -> tuple[Module, ...]:
    """Every module of the packages, sorted by name."""
    found = []
    for package in PACKAGES:
        for path in (ROOT / package).rglob("*.py"):
            inside = path.relative_to(ROOT).with_suffix("")
            if inside.parts[:2] == ("datagen", "data"):
                continue
            parts = inside.parts[:-1] if inside.name == "__init__" else inside.parts
            text = path.read_text(encoding="utf-8")
            found.append(Module(".".join(parts), path, text, ast.parse(text, str(path))))
    return tuple(sorted(found, key=lambda module: module.name))


@functools.cache
def names() -> frozenset[str]:
    """Dotted names of all modules."""
    return frozenset(module.name for module in modules())


@functools.cache
def imports(module: Module) -> list[Import]:
    """Every import of a module, relative ones resolved, `from package import module` taken to the module."""
    found: list[Import] = []
    for node, lazy, typing in _walk_imports(module.tree, False, False):
        if isinstance(node, ast.Import):
            found += [Import(alias.name, node.lineno, lazy, typing) for alias in node.names]
        else:
            base = _base(module, node)
            for alias in node.names:
                inner = f"{base}.{alias.name}"
                found.append(Import(inner if inner in names() else base, node.lineno, lazy, typing))
    return found


def _walk_imports(node: ast.AST, lazy: bool, typing: bool) -> Iterator[tuple[ast.Import | ast.ImportFrom, bool, bool]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, ast.Import | ast.ImportFrom):
            yield child, lazy, typing
        elif isinstance(child, ast.stmt | ast.ExceptHandler):
            checker = isinstance(child, ast.If) and dotted(child.test).endswith("TYPE_CHECKING")
            yield from _walk_imports(child, lazy or isinstance(child, Function), typing or checker)


def _base(module: Module, node: ast.ImportFrom) -> str:
    if not node.level:
        return node.module or ""
    package = module.name.split(".")
    drop = node.level - (module.path.name == "__init__.py")
    parts = package[: len(package) - drop] + ([node.module] if node.module else [])
    return ".".join(parts)


@functools.cache
def functions(module: Module) -> list[tuple[str, Function]]:
    """Every function and method with its qualified name, nested ones included."""
    return list(_functions(module.tree, ""))


def _functions(node: ast.AST, prefix: str) -> Iterator[tuple[str, Function]]:
    for child in ast.iter_child_nodes(node):
        if isinstance(child, Function):
            yield prefix + child.name, child
            yield from _functions(child, f"{prefix}{child.name}.")
        elif isinstance(child, ast.ClassDef):
            yield from _functions(child, f"{prefix}{child.name}.")
        else:
            yield from _functions(child, prefix)


def decorators(function: Function) -> set[str]:
    """Last words of the decorators: `ti.kernel` gives `kernel`, `cache(maxsize=1)` gives `cache`."""
    found = set()
    for node in function.decorator_list:
        target = node.func if isinstance(node, ast.Call) else node
        if isinstance(target, ast.Attribute):
            found.add(f"ti.{target.attr}" if isinstance(target.value, ast.Name) and target.value.id == "ti" else target.attr)
        elif isinstance(target, ast.Name):
            found.add(target.id)
    return found


def is_device(function: Function) -> bool:
    """Whether the kernel compiler compiles this function."""
    return is_stage(function) or any(name in decorators(function) for name in map("ti.{}".format, DEVICE_DECORATORS))


def is_stage(function: Function) -> bool:
    """Whether this is a part of a kernel that is compiled on its own (`engine.compiler.stage`)."""
    return "stage" in decorators(function)


def is_kernel(function: Function) -> bool:
    """Whether this is a kernel, the entry of compiled code."""
    return "ti.kernel" in decorators(function)


def has_kernels(module: Module) -> bool:
    """Whether a module holds compiled code."""
    return any(is_device(function) for _, function in functions(module))


def body_lines(function: Function) -> int:
    """Lines of a function's body, without signature, decorators and docstring."""
    body = function.body[1:] if ast.get_docstring(function, clean=False) is not None else function.body
    return body[-1].end_lineno - body[0].lineno + 1 if body else 0  # type: ignore[operator]


def nesting(function: Function) -> int:
    """Depth of the deepest control statement; `elif`, a nested function and what `ti.static` decides at compile time add
    nothing.
    """
    return max((_depth(statement, False) for statement in function.body), default=0)


def _depth(node: ast.AST, is_elif: bool) -> int:
    if isinstance(node, Function | ast.ClassDef | ast.Lambda):
        return 0
    own = 1 if isinstance(node, BLOCKS) and not is_elif and not _is_static(node) else 0
    below = 0
    for child in ast.iter_child_nodes(node):
        follows = isinstance(node, ast.If) and node.orelse == [child] and isinstance(child, ast.If)
        below = max(below, _depth(child, follows))
    return own + below


def _is_static(node: ast.AST) -> bool:
    decided = node.test if isinstance(node, ast.If) else node.iter if isinstance(node, ast.For) else None
    return isinstance(decided, ast.Call) and dotted(decided.func) == "ti.static"


@functools.cache
def calls(module: Module) -> list[tuple[str, ast.Call]]:
    """Every call with the dotted name of what is called (`np.random.default_rng`); other callees give an empty name."""
    return [(dotted(node.func), node) for node in ast.walk(module.tree) if isinstance(node, ast.Call)]


def dotted(node: ast.AST) -> str:
    """`a.b.c` of a chain of names, else an empty string."""
    if isinstance(node, ast.Name):
        return node.id
    if isinstance(node, ast.Attribute):
        base = dotted(node.value)
        return f"{base}.{node.attr}" if base else ""
    return ""
