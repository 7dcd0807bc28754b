"""Mend and speed up the Python front end of Taichi 1.7.4, which turns source into its own tree at every start, warm or cold.

Mend: inside a separately compiled function (`compiler.stage`) Taichi writes the statements of inlined functions into the kernel
that is being compiled instead of into that function, which crashes or computes nonsense; here they go to whatever is being
compiled.

Speed, measured on a fused step kernel: 45 per cent of the front end formats source excerpts for error messages that are never
shown, and each inlined function is read from disk, re-wrapped and tokenized at every call site. Here the position of a node is
one plain line (file, line, function), and source lines are read once per function. Only these private functions of exactly
version 1.7.4 are replaced; any other compiler is left alone, and `WORLDSMITH_FRONTEND=original` turns this off.
"""

import ast
import functools
import gc
import os
import textwrap
from typing import Any


class FilledText:
    """Stands in for `textwrap` where the lines are already filled."""

    dedent = staticmethod(textwrap.dedent)

    @staticmethod
    def fill(line: str, **_options) -> str:
        """The line as it is."""
        return line


class ParsedOnce:
    """Stands in for `ast` in the front end: a function that is inlined a hundred times is parsed once.

    The tree of an inlined function may be shared: a visit only overwrites what the visit before it noted on the nodes, and no
    function inlines itself. Kernels and stages are parsed anew, since their annotations are taken off the tree.
    """

    def __init__(self) -> None:
        self.trees: dict[str, ast.Module] = {}

    def parse(self, text: str) -> ast.Module:
        """The tree of a source text."""
        if not text.lstrip().startswith("@ti.func"):
            return ast.parse(text)
        if text not in self.trees:
            self.trees[text] = ast.parse(text)
        return self.trees[text]

    def __getattr__(self, name: str):
        return getattr(ast, name)


def position(context, node) -> str:
    """Where a node stands, in one line."""
    return f"{context.file}:{node.lineno + context.lineno_offset}\n"


def mend(ti: Any) -> None:
    """Let inlined functions write into the function that is being compiled (Taichi and its forks alike)."""
    ti.lang.kernel_impl.Kernel.ast_builder = lambda self: ti.lang.impl.get_runtime().compiling_callable.ast_builder()


def without_collector(function: Any) -> Any:
    """`function` with the garbage collector off: it walks the half-built tree again and again (a tenth of the front end)."""

    @functools.wraps(function)
    def quiet(*args: Any, **kwargs: Any) -> Any:
        was_on = gc.isenabled()
        gc.disable()
        try:
            return function(*args, **kwargs)
        finally:
            if was_on:
                gc.enable()

    return quiet


def speed_up(ti: Any) -> bool:
    """Replace the slow pieces of the front end of Taichi 1.7.4; returns whether it did."""
    if (
        getattr(ti, "__name__", "") != "taichi"
        or tuple(ti.__version__) != (1, 7, 4)
        or os.environ.get("WORLDSMITH_FRONTEND") == "original"
    ):
        return False
    kernel_impl, transformer = ti.lang.kernel_impl, ti.lang.ast.ast_transformer_utils
    read_lines, read_file = kernel_impl.getsourcelines, kernel_impl.getsourcefile
    sources: dict = {}

    def source(function):
        code = function.__code__
        if code not in sources:
            lines, start = read_lines(function)
            filled = [textwrap.fill(line, tabsize=4, width=9999) for line in lines]
            sources[code] = (filled, start, read_file(function))
        return sources[code]

    kernel_impl.getsourcelines = lambda function: (list(source(function)[0]), source(function)[1])
    kernel_impl.getsourcefile = lambda function: source(function)[2]
    kernel_impl.textwrap = FilledText
    kernel_impl.ast = ParsedOnce()
    kernel_impl.Kernel.materialize = without_collector(kernel_impl.Kernel.materialize)
    transformer.ASTTransformerContext.get_pos_info = position
    return True
