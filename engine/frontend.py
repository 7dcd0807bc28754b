"""Mend and speed up the Python front end of Taichi 1.7.4, which turns source into its own tree at every start, warm or cold.

Mend: inside a separately compiled function (`compiler.stage`) Taichi writes the statements of inlined functions into the kernel
that is being compiled instead of into that function, which crashes or computes nonsense; here they go to whatever is being
compiled.

Speed, measured on a fused step kernel: 45 per cent of the front end formats source excerpts for error messages that are never
shown, and each inlined function is read from disk, re-wrapped and tokenized at every call site. Here the position of a node is
one plain line (file, line, function), and source lines are read once per function. Only these private functions of exactly
version 1.7.4 are replaced; any other compiler is left alone, and `WORLDSMITH_FRONTEND=original` turns this off.

Tapes: what a kernel said to the compiler's core is kept beside the cache of compiled kernels and played back at the next start
(`engine.tape`), so that a warm start does not run the front end at all.
"""

import ast
import functools
import gc
import itertools
import os
import sys
import textwrap
import weakref
import zlib
from collections.abc import Callable
from hashlib import sha256
from pathlib import Path
from typing import Any

from engine.tape import NotOnTape, Player, Recorder, Recording, closure_key, condense, digest, read, write


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


def inside_class(level_of_class_stackframe: int) -> bool:
    """Is a decorator used in the body of a class? That body is one frame below the class statement, whose level is given.

    The original reads and parses the source around every decorator: a fifth of the import of the engine.
    """
    return "__qualname__" in sys._getframe(level_of_class_stackframe - 1).f_locals


def mend(ti: Any) -> None:
    """Let inlined functions write into the function that is being compiled, and arrays die with the program that made them
    (Taichi and its forks alike).
    """
    ti.lang.kernel_impl.Kernel.ast_builder = lambda self: ti.lang.impl.get_runtime().compiling_callable.ast_builder()
    bury_at_home(ti.lang.impl, ti.lang._ndarray)


def bury_at_home(impl: Any, arrays: Any) -> None:
    """Let an array of a program that was restarted vanish without a word, and free arrays of vectors, too.

    The original asks the running program to delete it by its address, where by then a new array may lie: that one is lost.
    Of arrays of vectors and matrices it frees none, which costs a simulation of sixteen lanes 1.4 MiB for ever. An array
    knows its program by a number: a weak reference of its own would be dead by the time the collector asks an array in a cycle.
    """
    begin, end = arrays.Ndarray.__init__, arrays.ScalarNdarray.__del__
    numbers: weakref.WeakKeyDictionary[Any, int] = weakref.WeakKeyDictionary()
    count = itertools.count()

    def __init__(self: Any) -> None:
        begin(self)
        program = impl.get_runtime().prog
        if program not in numbers:
            numbers[program] = next(count)
        self.home = numbers[program]

    def __del__(self: Any) -> None:
        runtime = impl.get_runtime() if impl is not None else None
        if runtime is not None and runtime.prog is not None and hasattr(self, "arr"):
            if numbers.get(runtime.prog) == self.home:
                end(self)

    arrays.Ndarray.__init__, arrays.Ndarray.__del__, arrays.ScalarNdarray.__del__ = __init__, __del__, __del__


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
    kernel_impl._inside_class = inside_class
    kernel_impl.textwrap = FilledText
    kernel_impl.ast = ParsedOnce()
    kernel_impl.Kernel.materialize = without_collector(kernel_impl.Kernel.materialize)
    transformer.ASTTransformerContext.get_pos_info = position
    return True


class Shelf:
    """Where the tapes of this process lie; closed until the engine starts."""

    def __init__(self) -> None:
        self.folder: Path | None = None
        self.context: Callable[[], str] = str
        self.roots: tuple[Path, ...] = (Path(__file__).parent,)
        self._digest = ""

    def open(self, folder: Path, context: Callable[[], str]) -> None:
        """Keep tapes in `folder`; `context` names everything that the front end can see and that is not in the source: choices
        of the engine's start, and the numbers that depend on which modules this process has imported, and in which order.
        """
        self._digest = self._digest or digest(self.roots)
        self.folder, self.context = folder, context

    def path(self, kernel: Any, arg_features: Any) -> Path | None:
        """The file of a kernel's tape, or None when it cannot have one."""
        function = kernel.func
        inside = any(root in Path(function.__code__.co_filename).parents for root in self.roots)
        if self.folder is None or not inside or kernel.template_slot_locations or kernel.autodiff_mode.name != "NONE":
            return None
        try:
            closure = closure_key(function)
        except NotOnTape:
            return None
        said = (self._digest, self.context(), function.__module__, function.__qualname__, closure, plain_features(arg_features))
        return self.folder / f"{sha256(repr(said).encode()).hexdigest()[:32]}.tape"


SHELF = Shelf()


def plain_features(features: Any) -> str:
    """The argument types of a kernel as text that is the same in every process."""
    if isinstance(features, (list, tuple)):
        return "(" + ",".join(plain_features(item) for item in features) + ")"
    return features.to_string() if hasattr(features, "to_string") else repr(features)


def keep_tapes(ti: Any, forget_stages: Callable[[], None]) -> None:
    """Let every kernel look for its tape before it runs the front end, and leave one behind when it had to.

    `forget_stages` drops the stages that are built.
    """
    kernel_impl, core = ti.lang.kernel_impl, ti._lib.core
    build = kernel_impl.Kernel.materialize

    def materialize(self, key=None, args=None, arg_features=None):
        known = key is None or key in self.compiled_kernels
        path = None if known else SHELF.path(self, arg_features)
        if path is None:
            return build(self, key, args, arg_features)
        kept = read(path)
        if kept is not None and played(ti, self, key, kept):
            return None
        forget_stages()  # a stage that another kernel built is of no use to a tape
        recorder = Recorder(core, zlib.crc32(path.name.encode()))
        with Recording(core, recorder):
            build(self, key, args, arg_features)
        if recorder.failed is None:
            write(path, condense(recorder))
        return None

    kernel_impl.Kernel.materialize = materialize


def played(ti: Any, kernel: Any, key: Any, kept: tuple) -> bool:
    """Build a kernel from its tape; False when the tape does not fit this compiler."""
    kernel.runtime.materialize()
    program = ti.lang.impl.get_runtime().prog
    try:
        player = Player(ti._lib.core, kept)
        name = f"{kernel.func.__name__}_c{kernel.kernel_counter}_{key[1]}"
        built = program.create_kernel(lambda target: player.play([target, program]), name, kernel.autodiff_mode)
    except (AttributeError, TypeError, ValueError, IndexError, RuntimeError):
        return False
    kernel.compiled_kernels[key] = built
    return True
