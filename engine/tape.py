"""A tape of what the compiler's front end said: recorded when a kernel is first built, replayed at every later start.

Taichi's front end turns the source of a kernel into calls of its C++ core, node by node, at every start of a process, warm or
cold; for the step of the rigid solver that is 1.2 s of pure Python and grows with the engine. Here the calls themselves are
kept: each is a function of the core, its arguments and its result, which may be an argument of a later call. Replaying them
builds the same tree in about a tenth of the time, so the compiler finds the same entry of its own cache.

A tape belongs to one kernel, one set of argument types, one precision and memory order, and one state of the engine's source (a
hash of every file), so it can never be stale. A kernel that says something a tape cannot hold (a callback, an object of
unknown origin) is built as before, every time. Positions for error messages are not kept.
Limits: exactly Taichi 1.7.4, kernels without template arguments, of modules below the given roots only.
"""

import functools
import hashlib
import marshal
import os
import types
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

FORMAT = 1
NUM_ROOTS = 2  # the kernel and the program
CLASSES = ("ASTBuilder", "Expr", "ExprGroup", "Function", "FunctionKey", "Kernel", "TypeFactory", "DataType")
QUERIES = (
    "is_external_tensor_expr is_index_expr is_primal is_lvalue get_dt get_ret_type get_rvalue_type is_tensor is_struct"
    " get_shape get_expr_name get_raw_address get_underlying_ptr_address to_string shape element_type size instance_id"
    " promoted_type get_external_tensor_dim get_external_tensor_element_dim get_external_tensor_element_shape"
    " get_external_tensor_element_type get_external_tensor_needs_grad is_real is_signed is_integral is_unsigned data_type_name"
).split()  # answers that nobody asks for again on replay
GETTERS = ("config", "ast_builder", "get_type_factory_instance")  # the same object each time
ARGUMENT, CONSTANT, TYPE, ENUM, LIST, TUPLE, POSITION = range(7)


class NotOnTape(Exception):
    """The kernel said something that a tape cannot hold."""


def digest(roots: Sequence[Path]) -> str:
    """Hash of every source file below the roots."""
    total = hashlib.sha256()
    for root in roots:
        for path in sorted(root.rglob("*.py")):
            total.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes() + b"\0")
    return total.hexdigest()


def closure_key(function: Any, depth: int = 0) -> str:
    """What the closure of a kernel's function holds, functions by what they close over; raises NotOnTape for anything else."""
    if depth > 40:
        raise NotOnTape
    parts = []
    for name, cell in zip(function.__code__.co_freevars, function.__closure__ or (), strict=True):
        value = cell.cell_contents
        inner = getattr(value, "func", None) if callable(value) else None
        plain = getattr(inner, "func", None) or getattr(value, "__wrapped__", None)
        if isinstance(value, (bool, int, float, str, type(None))):
            parts.append(f"{name}={value!r}")
        elif isinstance(plain, types.FunctionType):
            parts.append(f"{name}={plain.__module__}.{plain.__qualname__}({closure_key(plain, depth + 1)})")
        else:
            raise NotOnTape
    return ",".join(parts)


class Recorder:
    """Writes down every call of the core while one kernel is built; `unique` sets its functions apart from those of others."""

    def __init__(self, core: Any, unique: int):
        self.core, self.unique = core, unique
        self.known: dict[int, int] = {}
        self.kept: list[Any] = []  # keeps every object alive, so that no id is used twice
        self.ops: list[tuple] = []
        self.checked: set[int] = set()
        self.plain: dict[str, bool] = {}
        self.failed: str | None = None
        self.inside = False

    def name(self, value: Any) -> None:
        """Give the next number to a value."""
        self.known[id(value)] = len(self.kept)
        self.kept.append(value)

    def encode(self, value: Any) -> tuple:
        """An argument as (kind, content)."""
        kind = type(value)
        if value is None or kind in (bool, int, float, str):
            return (CONSTANT, value)
        if kind in (list, tuple):
            return (LIST if kind is list else TUPLE, tuple(self.encode(item) for item in value))
        if kind is self.core.DebugInfo:
            return (POSITION, None)
        if kind is self.core.DataType and self.is_plain(value.to_string()):
            return (TYPE, value.to_string())
        if id(value) in self.known:
            return (ARGUMENT, self.known[id(value)])
        if hasattr(kind, "__members__") and hasattr(value, "name"):
            return (ENUM, (kind.__name__, value.name))
        raise NotOnTape(f"an argument of type {kind.__name__}")

    def is_plain(self, text: str) -> bool:
        """Can the type be made again from what it calls itself?"""
        if text not in self.plain:
            try:
                self.plain[text] = data_type(self.core, text).to_string() == text
            except (AttributeError, ValueError):
                self.plain[text] = False
        return self.plain[text]

    def note(self, function: str, args: Sequence[Any], kwargs: dict[str, Any], result: Any) -> None:
        """Write down one call."""
        method = function.rpartition(".")[2]
        opaque = type(result).__module__.startswith("taichi._lib")
        if method in QUERIES and not opaque:
            return
        if method in GETTERS and id(result) in self.known:
            return
        if method == "type_check":
            if id(args[0]) in self.checked:
                return
            self.checked.add(id(args[0]))
        try:
            plain = tuple(self.encode(arg) for arg in (args[1:] if method == "__init__" else args))
            named = tuple((key, self.encode(arg)) for key, arg in kwargs.items())
        except NotOnTape as error:
            self.failed = self.failed or f"{function}: {error}"
            plain, named = (), ()
        items = len(result) if isinstance(result, (list, tuple)) else -1
        self.ops.append((function, plain, named, items, len(self.kept)))
        self.name(result)
        if isinstance(result, (list, tuple)):
            for item in result:
                self.name(item)

    def wrap(self, label: str, function: Callable) -> Callable:
        """`function`, which writes down each outermost call."""

        @functools.wraps(function)
        def told(*args: Any, **kwargs: Any) -> Any:
            if self.inside:
                return function(*args, **kwargs)
            self.inside = True
            try:
                result = function(*args, **kwargs)
            finally:
                self.inside = False
            self.note(label, args, kwargs, args[0] if label.endswith(".__init__") else result)
            return result

        return told

    def body(self, function: Callable) -> Callable:
        """`Function.set_function_body`, whose argument is called back: its calls stand between two marks."""

        def told(owner: Any, build: Callable) -> None:
            start = len(self.ops)
            owner_item, first = self.encode(owner), len(self.kept)
            self.ops.append(())
            self.name(object())
            function(owner, build)
            self.ops[start] = ("body", (owner_item, (CONSTANT, len(self.ops))), (), -1, first)

        return told

    def function_key(self, function: Callable) -> Callable:
        """The constructor of a function's key, made unique to this tape: other kernels may hold the same function."""

        def told(key: Any, name: str, number: int, instance: int) -> None:
            number = (self.unique + number) % (1 << 30)
            function(key, name, number, instance)
            self.note("FunctionKey.__init__", (key, name, number, instance), {}, key)

        return told


class Recording:
    """While open, the next kernel is built under the ears of a recorder: its roots are the kernel and the program."""

    def __init__(self, core: Any, recorder: Recorder):
        self.core, self.recorder = core, recorder
        self.before: list[tuple[Any, str, Any]] = []

    def __enter__(self) -> None:
        create = self.core.Program.create_kernel

        def create_kernel(program: Any, generator: Callable, name: str, mode: Any) -> Any:
            def taichi_ast_generator(kernel: Any) -> None:
                self.recorder.name(kernel)
                self.recorder.name(program)
                self.listen()
                generator(kernel)

            return create(program, taichi_ast_generator, name, mode)

        self.replace(self.core.Program, "create_kernel", create_kernel)

    def replace(self, owner: Any, name: str, value: Any) -> None:
        """Put a value in place of another until the end."""
        self.before.append((owner, name, vars(owner)[name]))
        setattr(owner, name, value)

    def listen(self) -> None:
        """Put a recorder before every function of the core."""
        core, recorder = self.core, self.recorder
        for name, value in list(vars(core).items()):
            if isinstance(value, types.BuiltinFunctionType):
                self.replace(core, name, recorder.wrap(name, value))
        for label in CLASSES:
            cls = getattr(core, label)
            for name, value in list(vars(cls).items()):
                if not name.startswith("_") and callable(value) and name != "set_dbg_info":
                    made = recorder.body(value) if name == "set_function_body" else recorder.wrap(f"{label}.{name}", value)
                    self.replace(cls, name, made)
        self.replace(core.ExprGroup, "__init__", recorder.wrap("ExprGroup.__init__", core.ExprGroup.__init__))
        self.replace(core.FunctionKey, "__init__", recorder.function_key(core.FunctionKey.__init__))
        for name in ("create_function", "config"):
            self.replace(core.Program, name, recorder.wrap(f"Program.{name}", getattr(core.Program, name)))

    def __exit__(self, *_: object) -> None:
        for owner, name, value in reversed(self.before):
            setattr(owner, name, value)


def data_type(core: Any, text: str) -> Any:
    """The type that calls itself `text`: a primitive, or a tensor of primitives such as `[Tensor (16) f32]`."""
    if text.startswith("[Tensor ("):
        shape, _, element = text[len("[Tensor (") : -1].partition(") ")
        sizes = tuple(int(size) for size in shape.split(",") if size.strip())
        return core.get_type_factory_instance().get_tensor_type(sizes, data_type(core, element))
    return getattr(core, f"DataType_{text}")


class Player:
    """A tape made ready to be played into a new kernel."""

    def __init__(self, core: Any, tape: tuple):
        names, pool, self.ops = tape
        self.functions = [self.function(core, name) for name in names]
        self.pool = [self.constant(core, item) for item in pool]

    @staticmethod
    def function(core: Any, label: str) -> Callable | None:
        """A function of the core by its label on the tape."""
        if label == "body":
            return None
        owner, _, name = label.rpartition(".")
        if name == "__init__":
            return getattr(core, owner)
        return getattr(getattr(core, owner), name) if owner else getattr(core, name)

    def constant(self, core: Any, item: tuple) -> Any:
        """A value of the pool."""
        kind, content = item
        if kind == TYPE:
            return data_type(core, content)
        if kind == ENUM:
            return getattr(getattr(core, content[0]), content[1])
        if kind == POSITION:
            return core.DebugInfo("")
        if kind in (LIST, TUPLE):
            made = [self.constant(core, inner) for inner in content]
            return made if kind == LIST else tuple(made)
        return content

    def play(self, roots: Sequence[Any]) -> None:
        """Say everything again to a new kernel."""
        self.values = [*self.pool, *roots]
        self.run(0, len(self.ops))

    def run(self, start: int, end: int) -> None:
        """Say the calls from `start` to `end`."""
        values, functions, ops = self.values, self.functions, self.ops
        at = start
        while at < end:
            number, plain, named, items = ops[at]
            at += 1
            function = functions[number]
            if function is None:
                values.append(None)
                stop = plain[1]
                values[plain[0]].set_function_body(functools.partial(self.run, at, stop))
                at = stop
                continue
            arguments = [values[k] if k.__class__ is int else self.pack(k) for k in plain]
            result = function(*arguments, **{key: values[k] for key, k in named}) if named else function(*arguments)
            values.append(result)
            if items >= 0:
                values.extend(result)

    def pack(self, item: tuple) -> Any:
        """A list or a tuple of values."""
        kind, content = item
        made = [self.values[k] if k.__class__ is int else self.pack(k) for k in content]
        return made if kind == LIST else tuple(made)


def condense(recorder: Recorder) -> tuple:
    """The calls that matter, with constants pooled: (function names, pool, operations).

    Values are numbered pool, roots, then results in the order of the operations.
    """
    kept = needed(recorder.ops)
    names: dict[str, int] = {}
    pool: dict[tuple, int] = {}
    for k in kept:
        function, plain, named, _, _ = recorder.ops[k]
        names.setdefault(function, len(names))
        for item in (plain[0],) if function == "body" else (*plain, *(value for _, value in named)):
            collect(item, pool)
    number = {k: len(pool) + k for k in range(NUM_ROOTS)}  # of a value of the recorder on the tape
    ops: list[tuple] = []
    place_of = {k: n for n, k in enumerate(kept)}
    next_number = len(pool) + NUM_ROOTS
    for k in kept:
        function, plain, named, items, first = recorder.ops[k]
        if function == "body":
            end = next((place_of[e] for e in range(plain[1][1], len(recorder.ops)) if e in place_of), len(kept))
            ops.append((names[function], (place(plain[0], pool, number), end), (), items))
        else:
            said = tuple(place(item, pool, number) for item in plain)
            ops.append((names[function], said, tuple((key, place(item, pool, number)) for key, item in named), items))
        for extra in range(1 + max(items, 0)):
            number[first + extra] = next_number
            next_number += 1
    return list(names), [key[1:] for key in pool], ops


def needed(ops: list[tuple]) -> list[int]:
    """The operations that change something or whose result a later one of them uses, in order."""
    used: set[int] = set()
    kept: list[int] = []
    for k in range(len(ops) - 1, -1, -1):
        function, plain, named, items, first = ops[k]
        results = range(first, first + 1 + max(items, 0))
        if function.rpartition(".")[2] not in QUERIES or any(r in used for r in results):
            kept.append(k)
            for item in (*plain, *(value for _, value in named)):
                mark(item, used)
    return kept[::-1]


def mark(item: tuple, used: set[int]) -> None:
    """Note the results that an argument refers to."""
    kind, content = item
    if kind == ARGUMENT:
        used.add(content)
    elif kind in (LIST, TUPLE):
        for inner in content:
            mark(inner, used)


def collect(item: tuple, pool: dict[tuple, int]) -> None:
    """Put the constants of an argument into the pool."""
    kind, content = item
    if kind in (LIST, TUPLE) and not is_constant(item):
        for inner in content:
            collect(inner, pool)
    elif kind != ARGUMENT:
        pool.setdefault(pool_key(item), len(pool))


def place(item: tuple, pool: dict[tuple, int], number: dict[int, int]) -> Any:
    """An argument as the number of a value, or as (LIST or TUPLE, numbers)."""
    kind, content = item
    if kind == ARGUMENT:
        return number[content]
    if kind in (LIST, TUPLE) and not is_constant(item):
        return (kind, tuple(place(inner, pool, number) for inner in content))
    return pool[pool_key(item)]


def is_constant(item: tuple) -> bool:
    """Does the argument hold no result of a call?"""
    kind, content = item
    return all(is_constant(inner) for inner in content) if kind in (LIST, TUPLE) else kind != ARGUMENT


def pool_key(item: tuple) -> tuple:
    """A key that keeps 1, 1.0 and True, and 0.0 and -0.0, apart."""
    return (repr(item), *item)


def write(path: Path, tape: tuple) -> None:
    """Keep a tape: whole, or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f"{path.name}.{os.getpid()}")
    part.write_bytes(marshal.dumps((FORMAT, tape)))
    os.replace(part, path)


def read(path: Path) -> tuple | None:
    """A kept tape, or None when there is none that can be read."""
    try:
        version, tape = marshal.loads(path.read_bytes())
    except (OSError, ValueError, EOFError, TypeError):
        return None
    return tape if version == FORMAT else None
