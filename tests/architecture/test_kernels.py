"""Kernels: one order of parameters everywhere, and nothing that breaks the compiler."""

from tests.architecture import source

WITH_KERNELS = [module for module in source.modules() if source.has_kernels(module)]
# Model integers, model reals, shared geometry, workspace reals, workspace integers; then everything else.
ORDER = ("mi", "mf", "md", "ws", "wi")


def kernels(module: source.Module) -> list[tuple[str, source.Function]]:
    """Kernels and the stages that are cut out of them, which take the same parameters."""
    return [(name, item) for name, item in source.functions(module) if source.is_kernel(item) or source.is_stage(item)]


def in_order(parameters: list[str]) -> bool:
    """Whether the arrays of ORDER stand first and in that order."""
    arrays = [name for name in parameters if name in ORDER]
    return parameters[: len(arrays)] == sorted(arrays, key=ORDER.index)


def test_kernel_parameters_begin_with_the_arrays_in_one_order():
    wrong = []
    for module in WITH_KERNELS:
        for name, kernel in kernels(module):
            parameters = [argument.arg for argument in kernel.args.args if argument.arg != "self"]
            if not in_order(parameters):
                wrong.append(f"{module.label}:{kernel.lineno} {name}({', '.join(parameters)})")
    assert wrong == [], f"begin with {', '.join(ORDER)}"


def test_the_order_is_checked():
    assert in_order(["mi", "ws", "substeps"]) and in_order(["pixels"])
    assert not in_order(["ws", "mi"]) and not in_order(["dt", "mi"])


def test_kernel_parameters_are_annotated_and_not_keyword_only():
    all_kernels = [(module, name, kernel) for module in WITH_KERNELS for name, kernel in kernels(module)]
    assert [f"{module.label}:{name}" for module, name, kernel in all_kernels if kernel.args.kwonlyargs] == []
    bare = [
        f"{module.label}:{name}({argument.arg})"
        for module, name, kernel in all_kernels
        for argument in kernel.args.args
        if argument.annotation is None and argument.arg != "self"
    ]
    assert bare == []


def test_kernel_modules_do_not_postpone_annotations():
    wrong = [module.label for module in WITH_KERNELS if any(item.target == "__future__" for item in source.imports(module))]
    assert wrong == [], "the compiler reads annotations as values"


def test_only_the_runtime_starts_the_compiler():
    callers = {module.name for module in source.modules() for name, _ in source.calls(module) if name == "ti.init"}
    assert callers == {"engine.runtime"}
