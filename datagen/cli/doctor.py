"""`worldsmith doctor`: what this machine offers, what is missing and how to get it.

Decides nothing for the engine and starts no device: the GPU is asked for by the driver's own version call and by `nvidia-smi`,
neither of which makes a context, and the compiler is looked up without being imported, because it is the very thing that may
not load.
"""

import ctypes
import importlib.metadata
import os
import platform
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Annotated, Any

import typer

from datagen import assets
from datagen.cli.exit_codes import ExitCode
from datagen.cli.output import emit_json, emit_table, remark

EXAMPLES = ("worldsmith doctor", "worldsmith doctor --json")

PACKAGES = (
    "numpy", "pydantic", "PyYAML", "pyarrow", "av", "scipy", "imageio", "trimesh",
    "usd-core", "typer", "rich",
)  # fmt: skip
COMPILERS = {
    "taichi": "taichi==1.7.4",
    "quadrants": "quadrants",
    "taichi_forge": "taichi-forge",
}  # import name: what pip installs
PYTHONS = ((3, 10), (3, 13))


def doctor(as_json: Annotated[bool, typer.Option("--json", help="Print the facts as JSON on stdout.")] = False) -> None:
    """Say what this machine offers and how to get the rest.

    Exit code 0 when worldsmith can run here, 3 when something it needs is missing. A GPU is never needed.
    """
    facts = examine()
    if as_json:
        emit_json(facts)
    else:
        rows = [
            (part, name, value) for part, values in facts.items() if isinstance(values, dict) for name, value in values.items()
        ]
        emit_table("worldsmith doctor", ("part", "fact", "value"), rows)
    for line in facts["missing"]:
        remark(line)
    remark("Nothing is missing." if not facts["missing"] else f"{len(facts['missing'])} missing.")
    raise typer.Exit(ExitCode.MISSING if facts["missing"] else ExitCode.OK)


def examine() -> dict[str, Any]:
    """Facts by part (`system`, `packages`, `compiler`, `gpu`, `cache`, `data`) and the list `missing` of sentences with a
    remedy."""
    system, packages, compiler = _system(), _packages(), _compiler()
    cache, data = _cache(compiler["name"]), _data()
    missing = [*_missing_python(), *_missing_packages(packages), *_missing_compiler(compiler), *_missing_data(data)]
    return {
        "system": system,
        "packages": packages,
        "compiler": compiler,
        "gpu": _gpu(),
        "cache": cache,
        "data": data,
        "missing": missing,
    }


def _system() -> dict[str, Any]:
    page, pages = os.sysconf("SC_PAGE_SIZE"), os.sysconf("SC_PHYS_PAGES")
    usable = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count()
    return {
        "worldsmith": installed_version("worldsmith"),
        "python": platform.python_version(),
        "executable": sys.executable,
        "platform": platform.platform(),
        "machine": platform.machine(),
        "cores": os.cpu_count(),
        "usable_cores": usable,
        "memory_gib": round(page * pages / 2**30, 1),
        "libX11": _loads("libX11.so.6"),
    }


def installed_version(distribution: str) -> str | None:
    """Version of an installed distribution, or None."""
    try:
        return importlib.metadata.version(distribution)
    except importlib.metadata.PackageNotFoundError:
        return None


def _loads(library: str) -> bool:
    try:
        ctypes.CDLL(library)
    except OSError:
        return False
    return True


def _packages() -> dict[str, str | None]:
    return {name: installed_version(name) for name in PACKAGES}


def _compiler() -> dict[str, Any]:
    name = os.environ.get("WORLDSMITH_COMPILER", "taichi")
    versions = {other: installed_version(other.replace("_", "-")) for other in COMPILERS}
    return {"name": name, "chosen_by": "WORLDSMITH_COMPILER" if "WORLDSMITH_COMPILER" in os.environ else "default", **versions}


def _gpu() -> dict[str, Any]:
    return {"driver_cuda": _driver_cuda(), "devices": _nvidia_smi() or None}


def _driver_cuda() -> str | None:
    """CUDA version of the driver; `cuDriverGetVersion` may be called without initialising it."""
    try:
        driver = ctypes.CDLL("libcuda.so.1")
        number = ctypes.c_int(0)
        if driver.cuDriverGetVersion(ctypes.byref(number)) != 0:
            return None
    except (OSError, AttributeError):
        return None
    return f"{number.value // 1000}.{number.value % 1000 // 10}"


def _nvidia_smi() -> list[str]:
    program = shutil.which("nvidia-smi")
    if program is None:
        return []
    query = [program, "--query-gpu=name,driver_version,memory.total", "--format=csv,noheader"]
    try:
        answer = subprocess.run(query, capture_output=True, text=True, timeout=20, check=True)
    except (OSError, subprocess.SubprocessError):
        return []
    return [line.strip() for line in answer.stdout.splitlines() if line.strip()]


def cache_root() -> Path:
    """Folder of everything that is compiled once and kept: `WORLDSMITH_CACHE`, else `worldsmith` in the user's cache folder."""
    chosen = os.environ.get("WORLDSMITH_CACHE")
    return Path(chosen) if chosen else Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "worldsmith"


def _cache(compiler: str) -> dict[str, Any]:
    folder = cache_root()
    files = [path for path in folder.rglob("*") if path.is_file()] if folder.is_dir() else []
    kernels = sorted(path.name for path in folder.glob(f"kernels-{compiler}-*")) if folder.is_dir() else []
    return {
        "folder": str(folder),
        "kernels": kernels or None,
        "size_mib": round(sum(path.stat().st_size for path in files) / 2**20, 2),
    }


def _data() -> dict[str, Any]:
    try:
        return {"folder": str(assets.root()), "scenes": assets.scene_names(), "benchmarks": assets.benchmark_names()}
    except assets.AssetError as error:
        return {"folder": None, "error": str(error)}


def _missing_python() -> list[str]:
    low, high = PYTHONS
    if low <= sys.version_info[:2] <= high:
        return []
    return [f"python: {platform.python_version()} is not supported; 3.10 to 3.13; make the environment with one of these."]


def _missing_packages(packages: dict[str, str | None]) -> list[str]:
    return [f"{name}: not installed; run `pip install {name}`." for name, version in packages.items() if version is None]


def _missing_compiler(compiler: dict[str, Any]) -> list[str]:
    name = compiler["name"]
    if name not in COMPILERS:
        return [f"WORLDSMITH_COMPILER: {name!r} is no known compiler; allowed: {', '.join(COMPILERS)}; unset the variable."]
    lines = [] if compiler[name] else [f"{name}: the compiler is not installed; run `pip install {COMPILERS[name]}`."]
    if sys.platform == "linux" and name == "taichi" and not _loads("libX11.so.6"):
        lines.append(
            "libX11.so.6: missing, and Taichi does not load without it even where there is no display; "
            "Debian, Ubuntu: `apt-get install libx11-6`; Fedora: `dnf install libX11`."
        )
    return lines


def _missing_data(data: dict[str, Any]) -> list[str]:
    return [data["error"]] if data["folder"] is None else []
