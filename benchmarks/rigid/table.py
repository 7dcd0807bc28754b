"""The rows of the rigid benchmark as tables: speeds with their load beside them, one environment, start, stages.

A figure of an engine that could not take the whole model is marked with `*`, and its deviations stand in the JSON.
"""

from collections.abc import Sequence
from typing import Any

Row = dict[str, Any]
Table = tuple[str, Sequence[str], list[list[Any]]]

SPEED = (
    "model", "envs", "engine", "k steps/s", "k steps/cpu s", "x MuJoCo", "by cpu", "needed x",
    "contacts", "rows", "iter", "p95", "bad", "MB",
)  # fmt: skip
START = ("engine", "start", "wall s", "cpu s", "needed s")


def tables(rows: list[Row]) -> list[Table]:
    """Title, columns and cells of every table that has rows."""
    speeds = [row for row in rows if row["kind"] == "speed"]
    found: list[Table] = [
        ("rigid bodies: environment steps per second", SPEED, [speed_cells(row) for row in speeds]),
        ("one environment: microseconds per step", ("model", "engine", "us/step", "needed us"), one_env(rows)),
        ("start of the process to the first step done", START, [start_cells(row) for row in rows if row["kind"] == "start"]),
        stage_table(speeds),
        ("remarks", ("model", "envs", "engine", "remark"), remarks(rows)),
    ]
    return [table for table in found if table[2]]


def speed_cells(row: Row) -> list[Any]:
    """One line of the table of speeds."""
    measured = row["measured"]
    if measured != measured:
        return [row["model"], row["envs"], row["engine"], *[None] * (len(SPEED) - 3)]
    mark = "*" if row["deviations"] else ""
    return [
        row["model"],
        row["envs"],
        row["engine"],
        f"{measured / 1e3:.4g}{mark}",
        row["per_cpu_second"] / 1e3,
        row["ratio"],
        row["ratio_cpu"],
        row["needed_ratio"],
        *(row[name] for name in ("contacts", "rows", "iterations", "iterations_p95", "bad")),
        row["peak_mb"] and round(row["peak_mb"]),
    ]


def remarks(rows: list[Row]) -> list[list[Any]]:
    """Lines of the table of remarks: why there is no figure, or what has to be known beside it."""
    spoken = ((row, row["reason"] or remark(row)) for row in rows)
    return [[row["model"], row.get("envs"), row["engine"], text] for row, text in spoken if text]


def remark(row: Row) -> str:
    """What has to be known beside a figure."""
    parts = []
    if row["deviations"]:
        parts.append(f"not the whole model: {'; '.join(row['deviations'])}")
    if row.get("step_error") is not None and row["step_error"] > 0.05:
        parts.append(f"first step differs by {row['step_error']:.0%}")
    return "; ".join(parts)


def one_env(rows: list[Row]) -> list[list[Any]]:
    """Lines of the table of one environment."""
    return [[row["model"], row["engine"], row["measured"], row["needed"]] for row in rows if row["kind"] == "one_env"]


def start_cells(row: Row) -> list[Any]:
    """One line of the table of starts."""
    return [row["engine"], row["start"], row["measured"], row["cpu"], row["needed"]]


def stage_table(speeds: list[Row]) -> Table:
    """ns per environment step of our stages, a column per model and number of environments."""
    profiled = [row for row in speeds if row.get("stages_ns")]
    names = list(profiled[0]["stages_ns"]) if profiled else []
    columns = ("stage", *(f"{row['model']} x {row['envs']}" for row in profiled))
    cells = [[name, *(row["stages_ns"][name] for row in profiled)] for name in names]
    return "stages of our step: ns per environment step", columns, cells
