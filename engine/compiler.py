"""The one place that imports the kernel compiler, as `ti`.

Taichi 1.7.4 is what we ship and test. Two living forks compile the same source unchanged: set `WORLDSMITH_COMPILER=quadrants`
or `taichi_forge` to use one. Taichi links against libX11 even when no display is used; where that library is missing the
loader's traceback becomes one sentence that says how to get it.
"""

import importlib
import os

from engine.errors import BackendError, near_matches
from engine.frontend import keep_tapes, mend, speed_up

COMPILERS = ("taichi", "quadrants", "taichi_forge")


def load_compiler(name: str):
    """Import the compiler `name`; raise `BackendError` with the remedy when it cannot be loaded."""
    if name not in COMPILERS:
        raise BackendError(
            "WORLDSMITH_COMPILER", f"unknown compiler {name!r}", near_matches(name, COMPILERS), "unset the variable"
        )
    for prefix in ("TAICHI", "QUADRANTS"):  # stdout carries data, not greetings
        os.environ.setdefault(f"ENABLE_{prefix}_HEADER_PRINT", "0")
    try:
        return importlib.import_module(name)
    except ModuleNotFoundError as error:
        extra = "pip install taichi==1.7.4" if name == "taichi" else f"pip install {name.replace('_', '-')}"
        raise BackendError("engine.init", f"the compiler {name!r} is not installed ({error})", "", f"run `{extra}`") from error
    except (ImportError, OSError) as error:
        if "libX11" in str(error):
            raise BackendError(
                "engine.init",
                "Taichi needs the system library libX11.so.6, which is missing",
                "no display is needed",
                "install it (Debian, Ubuntu: `apt-get install libx11-6`; Fedora: `dnf install libX11`)",
            ) from error
        raise BackendError(
            "engine.init", f"the compiler {name!r} does not load ({error})", "", "run `worldsmith doctor`"
        ) from error


NAME = os.environ.get("WORLDSMITH_COMPILER", "taichi")
ti = load_compiler(NAME)
mend(ti)
QUICK = speed_up(ti)

_stages: list = []


class _Macro:
    """What the compiler looks for behind a function that it is told to know."""

    has_print = False


def macro(function):
    """Decorate a kernel function that runs as plain Python while a kernel is compiled, on expressions instead of copies.

    An inlined function is parsed into the kernel node by node and gets a copy of every argument; for the small vector
    functions, called hundreds of times, that was half of the compile time. A macro must not assign to its arguments, and uses
    a number that it needs more than once through `variable`. It must return variables, not expressions over its arguments: in
    `a, b = f(b), f(a)` the second would see the new a.
    """
    function._is_taichi_function, function._is_real_function, function.func = True, False, _Macro
    return function


def variable(x):
    """Evaluate an expression once, here, and use its value from then on (inside a macro)."""
    return ti.lang.impl.expr_init(x)


def element(array, *index):
    """An element of a kernel's array (inside a macro)."""
    return ti.lang.impl.subscript(None, array, *index)


def holds_integers(array) -> bool:
    """Are the elements of a kernel's array integers (inside a macro)?"""
    return array.get_type().element_type == ti.i32


def stage(function):
    """Decorate a kernel function that is compiled once as a function of its own, not inlined at its call sites.

    The compiler's passes over one kernel take quadratic time (measured: a fused step of inlined functions took 445 s, the same
    step cut into stages takes seconds). A stage takes annotated arrays and numbers, talks through the arrays and returns an
    i32, which the compiler asks for. Speed at run time is the same.
    """
    compiled = ti.real_func(function)
    _stages.append(compiled.func if hasattr(compiled, "func") else compiled.wrapper)  # Taichi; Quadrants
    return compiled


def forget_stages() -> None:
    """Drop the compiled stages of a compiler that was reset; they would be dangling pointers in the next one."""
    for function in _stages:
        if hasattr(function, "taichi_functions"):
            function.compiled = None
            function.taichi_functions = {}
        else:  # Quadrants
            function.compiled = {}
            function.cxx_function_by_id = {}


if QUICK:
    keep_tapes(ti, forget_stages)
