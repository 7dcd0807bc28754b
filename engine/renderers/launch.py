"""A kernel that is launched many times with arguments of the same types, without the compiler's checks of every argument.

The checks cost 30 us per array on a busy core, a third of the time of a small picture. The first call goes the ordinary way
and compiles; later ones fill a launch context directly (Taichi 1.7.4; other compilers keep the ordinary way). Limits:
arguments are device arrays, contiguous numpy arrays, numbers and one-time templates; types must not change between calls.
"""

from typing import Any

import numpy as np

from engine.compiler import NAME, ti


class Launch:
    """One kernel for one choice of argument types."""

    def __init__(self, kernel: Any):
        self._kernel = kernel
        self._ready: tuple[Any, Any] | None = None
        self._kinds: list[str] = []

    def __call__(self, *arguments: Any) -> None:
        """Run the kernel."""
        if self._ready is None:
            self._kernel(*arguments)
            if NAME == "taichi":
                self._remember(arguments)
            return
        context = self._ready[0].make_launch_context()
        place = 0
        for kind, value in zip(self._kinds, arguments, strict=True):
            if kind == "template":
                continue
            if kind == "device":
                context.set_arg_ndarray((place,), value.arr)
            elif kind == "host":
                context.set_arg_external_array_with_shape(
                    (place,), value.__array_interface__["data"][0], value.nbytes, value.shape, 0
                )
            elif kind == "int":
                context.set_arg_int((place,), int(value))
            else:
                context.set_arg_float((place,), float(value))
            place += 1
        ti.lang.impl.get_runtime().prog.launch_kernel(self._ready[1], context)

    def _remember(self, arguments: tuple[Any, ...]) -> None:
        """Keep the compiled kernel and the kind of every argument."""
        primal = self._kernel._primal
        compiled = primal.compiled_kernels[primal.ensure_compiled(*arguments)]
        program = ti.lang.impl.get_runtime().prog
        data = program.compile_kernel(program.config(), program.get_device_caps(), compiled)
        self._kinds = [_kind(needed.annotation, value) for needed, value in zip(primal.arguments, arguments, strict=True)]
        self._ready = compiled, data


def _kind(annotation: Any, value: Any) -> str:
    if isinstance(annotation, ti.template) or annotation is ti.template:
        return "template"
    if isinstance(value, np.ndarray):
        return "host"
    if hasattr(value, "arr"):
        return "device"
    return "float" if annotation in (ti.f32, ti.f64) else "int"
