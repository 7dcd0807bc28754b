"""Start the compiler once per process and decide the real type R, the memory order and the number of workers.

`init` is the only place that calls the compiler's own init. Choices and why (measured in the design notes of
`docs/architecture.md`): `fast_math=False`, so that bits do not depend on the number of lanes; `real_matrix_scalarize=False` on
CPU, which keeps 16 f32 (8 f64) environments in one register of a processor with AVX-512 and 8 (4) on any other, where two
registers per value spill and a wide group meets more contacts that only one lane has (8 instead of 16 lanes on a Zen 3:
humanoid 1.1, arm 1.5, three humanoids 1.7 times as fast, bits equal); `advanced_optimization=False`, whose passes are quadratic
(five times the compile time, and no faster code: LLVM optimises after them); a fixed thread limit, because it is part of the
kernel-cache key; one kernel cache per version of the engine and compiler; a stale cache lock of a killed process is removed,
since it would silently disable the cache for everybody. A process that was forked after `init` hangs in its first kernel:
workers are spawned.
"""

import contextlib
import io
import os
import sys
import time
from dataclasses import dataclass
from hashlib import sha256
from pathlib import Path

import numpy as np

from engine.arrays import TABLE
from engine.compiler import NAME, forget_stages, ti
from engine.errors import BackendError
from engine.frontend import SHELF
from engine.math.memory import LAYOUT

BACKENDS = ("auto", "cpu", "cuda")
PRECISIONS = {"f32": 4, "f64": 8}  # bytes of a real number
CPU_FACTS = Path("/proc/cpuinfo")
CHUNK = 512  # a CPU loop is cut into pieces of at least this many turns, so every worker gets one piece
STALE_LOCK = 5.0  # s; a live process holds the cache lock only while it writes


@dataclass(frozen=True)
class Runtime:
    """What `init` decided. `lanes` is 1 on a GPU; `workers` is the number of CPU threads (1 on a GPU)."""

    backend: str
    precision: str
    lanes: int
    workers: int
    seed: int
    pid: int

    @property
    def dtype(self) -> type:
        """numpy type of one real number."""
        return np.float32 if self.precision == "f32" else np.float64

    @property
    def scalar(self):
        """Compiler type of one real number."""
        return ti.f32 if self.precision == "f32" else ti.f64

    def real(self, lanes: int):
        """Compiler type of R for this many lanes."""
        return ti.types.vector(lanes, self.scalar) if lanes > 1 else self.scalar


_current: Runtime | None = None
_generation = 0


def cache_folder() -> Path:
    """Folder of the compiled kernels, one per compiler version."""
    root = os.environ.get("WORLDSMITH_CACHE") or Path(os.environ.get("XDG_CACHE_HOME", Path.home() / ".cache")) / "worldsmith"
    version = "_".join(str(part) for part in getattr(ti, "__version__", ("unknown",)))
    return Path(root) / f"kernels-{NAME}-{version}"


def remove_stale_locks(folder: Path) -> int:
    """Delete lock files that a killed process left behind; returns how many."""
    removed = 0
    for lock in folder.rglob("*.lock"):
        try:
            if time.time() - lock.stat().st_mtime > STALE_LOCK:
                lock.unlink()
                removed += 1
        except OSError:
            continue
    return removed


def init(
    backend: str = "auto", precision: str = "f32", threads: int | None = None, seed: int = 0, lanes: int | None = None
) -> Runtime:
    """Start the engine: `backend` "cpu", "cuda" or "auto" (CUDA when a device answers), `precision` "f32" or "f64".

    `threads` fixes the CPU threads (default: all cores); `lanes` overrides the SIMD width on CPU (1: scalars in the GPU's
    memory order). A second call with the same choices returns the running engine; with others it restarts it, and simulations
    made before are dead. Raises BackendError.
    """
    global _current, _generation
    _check_choices(backend, precision, threads, lanes)
    chosen = _pick_backend(backend)
    workers = 1 if chosen == "cuda" else min(threads or available_cores(), 64)
    width = 1 if chosen == "cuda" else (lanes or best_lanes(precision))
    wanted = Runtime(chosen, precision, width, workers, seed, os.getpid())
    if _current == wanted:
        return wanted
    _start(wanted)
    _current = wanted
    _generation += 1
    return wanted


def available_cores() -> int:
    """Cores that this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def best_lanes(precision: str) -> int:
    """Reals in one register: 64 bytes where the processor has AVX-512, else 32 (a pair of the 32 registers of NEON)."""
    facts = CPU_FACTS.read_text(encoding="utf-8", errors="replace") if CPU_FACTS.is_file() else ""
    return (64 if "avx512f" in facts.split() else 32) // PRECISIONS[precision]


def _check_choices(backend: str, precision: str, threads: int | None, lanes: int | None) -> None:
    if backend not in BACKENDS:
        raise BackendError(
            "engine.init(backend)", f"unknown backend {backend!r}", f"allowed: {', '.join(BACKENDS)}", "pick one of them"
        )
    if precision not in PRECISIONS:
        raise BackendError(
            "engine.init(precision)", f"unknown precision {precision!r}", "allowed: f32, f64", "pick one of them"
        )
    if threads is not None and threads < 1:
        raise BackendError("engine.init(threads)", f"{threads} threads", "allowed: 1 or more", "leave it out to use every core")
    if lanes is not None and lanes not in (1, 4, 8, 16, 32):
        raise BackendError(
            "engine.init(lanes)", f"{lanes} lanes", "allowed: 1, 4, 8, 16, 32", "leave it out for the best width"
        )


def _pick_backend(backend: str) -> str:
    if backend == "cpu":
        return "cpu"
    available = cuda_available()
    if backend == "cuda" and not available:
        raise BackendError(
            "engine.init(backend)",
            "no CUDA device answers",
            "allowed here: cpu",
            "use backend='cpu' or install the NVIDIA driver",
        )
    return "cuda" if available else "cpu"


def cuda_available() -> bool:
    """True when the CUDA driver is present and reports a device."""
    try:
        return bool(ti._lib.core.with_cuda())
    except (AttributeError, RuntimeError):
        return False


def _start(wanted: Runtime) -> None:
    folder = cache_folder()
    folder.mkdir(parents=True, exist_ok=True)
    remove_stale_locks(folder)
    forget_stages()
    LAYOUT.group_major = wanted.backend == "cpu" and wanted.lanes > 1
    with contextlib.redirect_stdout(io.StringIO()):  # stdout carries data, not greetings
        _start_compiler(wanted, folder)
    SHELF.open(folder / "tapes", lambda: tape_context(wanted))


def tape_context(wanted: Runtime) -> str:
    """What a kernel's tape depends on beside its source. Kernels hold the numbers of sizes and arrays: these follow the order
    of declaration, and so the order in which this process imported the solvers.
    """
    declared = repr((tuple(TABLE.sizes), tuple(TABLE.arrays))).encode()
    choices = (sys.version_info[:2], wanted.backend, wanted.precision, LAYOUT.group_major)
    return f"{choices} {sha256(declared).hexdigest()}"


def _start_compiler(wanted: Runtime, folder: Path) -> None:
    # The compiler's own thread limit is part of the cache key, so it is the same for every choice of `threads`: kernels cut
    # their loops into `Runtime.workers` pieces themselves, and a process with one worker shares the cache of one with all
    # cores.
    options = {} if wanted.backend == "cuda" else {"cpu_max_num_threads": available_cores()}
    ti.init(
        arch=ti.cuda if wanted.backend == "cuda" else ti.cpu,
        default_fp=wanted.scalar,
        fast_math=False,
        advanced_optimization=False,
        real_matrix_scalarize=wanted.backend == "cuda",
        random_seed=0,
        log_level=ti.ERROR,
        offline_cache=True,
        offline_cache_file_path=str(folder),
        **options,
    )


def current() -> Runtime:
    """The running engine; starts one with the defaults when `init` was not called."""
    if _current is not None and _current.pid != os.getpid():
        raise BackendError(
            "engine",
            "this process was forked after engine.init",
            "workers must be spawned",
            "use multiprocessing's 'spawn' start method",
        )
    return _current or init()


def generation() -> int:
    """Counts restarts: arrays of an older generation are dead."""
    return _generation


def forget() -> None:
    """Stop the engine (tests, worker shutdown); the kernel cache is written."""
    global _current
    if _current is not None and _current.pid == os.getpid():
        ti.reset()
    _current = None
