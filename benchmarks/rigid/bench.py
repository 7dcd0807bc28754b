"""Rigid bodies: environment steps per second of engines side by side, with the load beside each speed.

Same model file, same states, same random controls for every engine; the engines of a row are warm processes that take turns,
and the figure is the median round. `docs/benchmarks.md` says how each column comes about. A model that an engine cannot load is
a row with the reason. Limits: MuJoCo prepares models and states, so its wheel (and those of dm_control and gymnasium for their
models) must be there; the ratio to MuJoCo is the figure to quote on a machine that others share.
"""

import datetime
import math
import os
import platform
import statistics
import tempfile
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.rigid import startup
from benchmarks.rigid.job import Job
from benchmarks.rigid.models import DEFAULT, MODELS, Model, loads, make_job
from benchmarks.rigid.referee import ADAPTERS, Outcome, play
from benchmarks.rigid.table import tables
from datagen.errors import DatagenError, near_matches

Row = dict[str, Any]
ENVS = {"cpu": (64, 1024), "cuda": (1, 64, 1024, 8192, 65536)}
ENGINES = {"cpu": ("worldsmith", "mujoco"), "cuda": ("worldsmith", "mujoco_warp")}
ROUNDS = {False: 5, True: 2}
HOLD = 50  # steps under one control in the rows of one environment
NEEDED_US = 30.0  # of us, one humanoid, fused steps
NEEDED_START = {"cold": 8.0, "warm": 2.0}
LIMIT = 600.0  # s, from start to warm (compilers included), and for each round
TABLES = tables


def main(
    quick: bool,
    backend: str,
    models: tuple[str, ...] = (),
    engines: tuple[str, ...] = (),
    envs: tuple[int, ...] = (),
    threads: int | None = None,
    genesis_python: str = "",
) -> list[Row]:
    """Rows of kind `speed`, and for the first model that all can run `one_env` and `start`. Empty choices: the default ones.

    Raises DatagenError for unknown names and a missing wheel of MuJoCo.
    """
    check_mujoco()
    backend = "cpu" if backend == "auto" else backend
    cores = threads or len(os.sched_getaffinity(0))
    chosen = [MODELS[name] for name in known("--models", models or (DEFAULT[:1] if quick else DEFAULT), MODELS)]
    playing = players(engines or ENGINES[backend], genesis_python)
    with tempfile.TemporaryDirectory(prefix="worldsmith-bench-") as folder:
        field = Field(Path(folder), playing, backend, cores, quick)
        rows = [row for model in chosen for count in counts(model, envs, backend, quick) for row in field.speed(model, count)]
        single = first_that_ran(chosen, rows)
        if (not envs or 1 in envs) and single.most_envs > 1:
            rows += field.one_env(single)
        if not quick and not envs:
            rows += field.starts(single)
    return [{**row, "run": run_facts(cores)} for row in rows]


def counts(model: Model, envs: tuple[int, ...], backend: str, quick: bool) -> list[int]:
    """Numbers of environments for the rows of speed."""
    wanted = envs or ((64,) if quick else ENVS[backend])
    return sorted({min(count, model.most_envs) for count in wanted if count > 1 or model.most_envs == 1 or backend == "cuda"})


def first_that_ran(chosen: list[Model], rows: list[Row]) -> Model:
    """The first model that no engine refused, for the rows that are made for one model only."""
    refused = {row["model"] for row in rows if row["reason"]}
    return next((model for model in chosen if model.name not in refused and model.most_envs > 1), chosen[0])


class Field:
    """Where the engines play: everything that the rows of one run share."""

    def __init__(self, folder: Path, engines: dict[str, str], backend: str, threads: int, quick: bool) -> None:
        self.folder, self.engines, self.backend, self.threads, self.quick = folder, engines, backend, threads, quick

    def speed(self, model: Model, envs: int) -> list[Row]:
        """A control per step; rows of every engine. Needed is the ratio to MuJoCo, never less than another rival."""
        blocks = int(np.clip(model.round_steps // envs, 20, 1000)) // (10 if self.quick else 1)
        outcomes, job = self._play(model, envs, max(blocks, 4), 1)
        return [self._speed_row(model, job, outcome, outcomes) for outcome in outcomes]

    def one_env(self, model: Model) -> list[Row]:
        """Steps of one environment, HOLD of them under each control: microseconds per step."""
        outcomes, job = self._play(model, 1, 2 if self.quick else 20, HOLD)
        rows = []
        for outcome in outcomes:
            speed = median_speed(job, outcome, "wall") if job else math.nan
            row = self._row("one_env", model.name, outcome, 1e6 / speed, "us/step", better="smaller")
            ours = outcome.engine == "worldsmith" and model.name == "humanoid"
            rows.append({**row, "envs": 1, "hold": HOLD, "needed": NEEDED_US if ours else None})
        return rows

    def starts(self, model: Model) -> list[Row]:
        """Cold and warm start of the processes of the engines that compile."""
        rows, file = [], self._file(model)
        for engine in startup.PROGRAMS:
            if engine not in self.engines or isinstance(file, str):
                continue
            found = startup.measure(engine, self.engines[engine], file, self.backend, LIMIT)
            for start, needed in NEEDED_START.items():
                wall, cpu = found.get(start, (math.nan, math.nan))
                outcome = Outcome(engine, found.get("reason", ""))
                row = self._row("start", model.name, outcome, wall, "s", better="smaller")
                rows.append({**row, "start": start, "cpu": cpu, "needed": needed if engine == "worldsmith" else None})
        return rows

    def _play(self, model: Model, envs: int, blocks: int, hold: int) -> tuple[list[Outcome], Job | None]:
        file = self._file(model)
        if isinstance(file, str):
            return [Outcome(engine, file) for engine in self.engines], None
        stages = "worldsmith" in self.engines and envs >= 64 and self.backend == "cpu" and not self.quick
        rest = {"threads": self.threads, "backend": self.backend, "stages": stages}
        job, numbers = make_job(model, file, envs, blocks, hold, **rest)
        folder = self.folder / f"{model.name}-{envs}-{hold}"
        return play(job, numbers, self.engines, folder, ROUNDS[self.quick], LIMIT), job

    def _file(self, model: Model) -> Path | str:
        """The model's file, or why there is none."""
        try:
            return model.make(self.folder / model.name)
        except (FileNotFoundError, ValueError) as error:
            return f"no model file: {error}"

    def _speed_row(self, model: Model, job: Job | None, outcome: Outcome, outcomes: list[Outcome]) -> Row:
        speed = median_speed(job, outcome, "wall") if job else math.nan
        rival = next((other for other in outcomes if other.engine == "mujoco"), None)
        ratio, ratio_cpu = (ratio_to(rival, outcome, kind) for kind in ("wall", "cpu"))
        asked = model.needed_ratio(job.envs) if job and outcome.engine == "worldsmith" else None
        bars = [asked * median_speed(job, rival, "wall")] if job and asked and rival and not rival.reason else []
        bars += [median_speed(job, other, "wall") for other in outcomes if job and bars and other not in (outcome, rival)]
        row = self._row("speed", model.name, outcome, speed, "env-steps/s")
        row |= {
            "envs": job.envs if job else model.most_envs,
            "steps": job.steps if job else 0,
            "per_cpu_second": median_speed(job, outcome, "cpu") if job else math.nan,
            "ratio": ratio,
            "ratio_cpu": ratio_cpu,
            "needed_ratio": asked,
            "needed": max((bar for bar in bars if bar == bar), default=None),
            **load(job, outcome),
        }
        return row

    def _row(self, kind: str, name: str, outcome: Outcome, measured: float, unit: str, better: str = "larger") -> Row:
        facts = dict(outcome.ready.get("facts", {}))
        return {
            "case": f"rigid {name}", "kind": kind, "model": name, "engine": outcome.engine, "measured": float(measured),
            "unit": unit, "better": better, "needed": None, "reason": outcome.reason, "backend": self.backend,
            "threads": self.threads, "deviations": facts.pop("deviations", []), **facts,
            "step_error": outcome.ready.get("step_error"), "ready_seconds": outcome.ready.get("seconds"),
            "rounds": [{key: round(value, 6) for key, value in one.items()} for one in outcome.rounds],
        }  # fmt: skip


def median_speed(job: Job, outcome: Outcome, clock: str) -> float:
    """Environment steps per second of the median round; NaN when the engine did not get through."""
    if outcome.reason or not outcome.rounds:
        return math.nan
    return job.envs * job.steps / statistics.median(one[clock] for one in outcome.rounds)


def ratio_to(rival: Outcome | None, outcome: Outcome, clock: str) -> float | None:
    """Median over the rounds of the rival's time over this engine's, round by round."""
    if rival is None or rival.reason or outcome.reason or not outcome.rounds:
        return None
    pairs = zip(rival.rounds, outcome.rounds, strict=True)
    return round(statistics.median(theirs[clock] / ours[clock] for theirs, ours in pairs), 3)


def load(job: Job | None, outcome: Outcome) -> Row:
    """What the engine had to do: contacts and rows as MuJoCo counts them in its own states, its iterations, memory."""
    done = outcome.done
    counted = loads(Path(job.file), np.load(done["sampled"])) if job and done else {}
    return {
        "contacts": counted.get("contacts"),
        "rows": counted.get("rows"),
        "contacts_own": done.get("contacts"),
        "iterations": done.get("iterations"),
        "iterations_p95": done.get("iterations_p95"),
        "bad": max((int(one["bad"]) for one in outcome.rounds), default=None),
        "peak_mb": done.get("peak_mb"),
        "stages_ns": done.get("stages_ns"),
    }


def players(names: tuple[str, ...], genesis_python: str) -> dict[str, str]:
    """Interpreter of each engine ("" for this one); Genesis joins when its interpreter is named."""
    chosen = dict.fromkeys(known("--engines", names, ADAPTERS), "")
    if genesis_python:
        chosen["genesis"] = genesis_python
    return chosen


def known(option: str, names: Any, allowed: Any) -> list[str]:
    """`names` when all are allowed; raises DatagenError with near matches."""
    for name in names:
        if name not in allowed:
            raise DatagenError(f"bench rigid {option}", f"unknown {name!r}", near_matches(name, list(allowed)), "see the docs")
    return list(names)


def check_mujoco() -> None:
    """Raises DatagenError when MuJoCo's wheel is missing."""
    try:
        import mujoco  # noqa: F401
    except ImportError as error:
        raise DatagenError(
            "bench rigid", f"the wheel mujoco does not load ({error})", "it prepares every model", "pip install mujoco"
        ) from error


def run_facts(cores: int) -> Row:
    """Date, machine and how busy it was."""
    name = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.is_file():
        lines = info.read_text(encoding="utf-8", errors="replace").splitlines()
        name = next((line.partition(":")[2].strip() for line in lines if line.startswith("model name")), name)
    busy = os.getloadavg()[0] if hasattr(os, "getloadavg") else None
    return {"date": datetime.date.today().isoformat(), "cpu": name, "cores": cores, "load": busy}
