"""Kernels: one order of parameters everywhere, and nothing that breaks the compiler."""

import ast

import pytest

from tests.architecture import source

WITH_KERNELS = [module for module in source.modules() if source.has_kernels(module)]
# Model integers, model reals, shared geometry, workspace reals, workspace integers; then everything else.
ORDER = ("mi", "mf", "md", "ws", "wi")


def kernels(module: source.Module) -> list[tuple[str, source.Function]]:
    return [(name, function) for name, function in source.functions(module) if source.is_kernel(function)]


def in_order(parameters: list[str]) -> bool:
    """Whether the arrays of ORDER stand first and in that order."""
    arrays = [name for name in parameters if name in ORDER]
    return parameters[: len(arrays)] == sorted(arrays, key=ORDER.index)


@pytest.mark.parametrize("module", WITH_KERNELS, ids=lambda module: module.name)
def test_kernel_parameters_begin_with_the_arrays_in_one_order(module):
    for name, kernel in kernels(module):
        parameters = [argument.arg for argument in kernel.args.args if argument.arg != "self"]
        assert in_order(parameters), (
            f"{module.label}:{kernel.lineno} {name}({', '.join(parameters)}): begin with {', '.join(ORDER)}"
        )


def test_the_order_is_checked():
    assert in_order(["mi", "ws", "substeps"]) and in_order(["pixels"])
    assert not in_order(["ws", "mi"]) and not in_order(["dt", "mi"])


@pytest.mark.parametrize("module", WITH_KERNELS, ids=lambda module: module.name)
def test_kernel_parameters_are_annotated_and_not_keyword_only(module):
    for name, kernel in kernels(module):
        assert not kernel.args.kwonlyargs, f"{module.label}:{name}: the compiler refuses keyword-only parameters"
        bare = [argument.arg for argument in kernel.args.args if argument.annotation is None and argument.arg != "self"]
        assert not bare, f"{module.label}:{name}: {bare} without a type"


@pytest.mark.parametrize("module", WITH_KERNELS, ids=lambda module: module.name)
def test_kernel_modules_do_not_postpone_annotations(module):
    postponed = [
        node.lineno for node in ast.walk(module.tree) if isinstance(node, ast.ImportFrom) and node.module == "__future__"
    ]
    assert not postponed, f"{module.label}: the compiler reads annotations as values"


@pytest.mark.parametrize("module", WITH_KERNELS, ids=lambda module: module.name)
def test_init_of_the_compiler_is_called_by_the_runtime_only(module):
    assert module.name == "engine.runtime" or not [call.lineno for name, call in source.calls(module) if name == "ti.init"]
