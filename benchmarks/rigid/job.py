"""What every engine is asked to do: the model file, the states to start from and the controls, the same numbers for all.

A job is a folder with `job.json` and `job.npz`. The referee writes it, the adapters read it; some of them run in interpreters
that have numpy and nothing of this project, so this module needs no more. Limits: activations of actuators start at zero.
"""

import json
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

SAMPLES = 8  # moments of a run at which states, contacts and iterations are taken, outside the timer
SAMPLED_ENVS = 32  # environments whose contacts and rows are counted


@dataclass(frozen=True)
class Job:
    """`blocks` blocks of `hold` steps under one control each; arrays as in `Numbers`."""

    model: str
    file: str  # MJCF that every engine loads
    envs: int
    blocks: int
    hold: int
    threads: int
    backend: str
    options: str  # options of the file, in words
    joints: tuple[tuple[str, int, int], ...]  # name, first qpos, first dof
    actuators: tuple[tuple[str, str, float], ...]  # joint, "motor" | "position" | "other", gear
    stages: bool = False  # profile of our stages asked for

    @property
    def steps(self) -> int:
        """Steps of one round."""
        return self.blocks * self.hold

    def sampled(self) -> list[int]:
        """Blocks after which samples are taken: spread over the round, the last one included."""
        return sorted({int(block) for block in np.linspace(0, self.blocks - 1, min(SAMPLES, self.blocks) + 1)[1:]})


@dataclass(frozen=True)
class Numbers:
    """qpos (envs, nq), qvel (envs, nv), controls (blocks, envs, nu) and `next_qvel` (envs, nv): MuJoCo's after one step."""

    qpos: np.ndarray
    qvel: np.ndarray
    controls: np.ndarray
    next_qvel: np.ndarray


def write_job(folder: Path, job: Job, numbers: Numbers) -> None:
    """Store a job in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "job.json").write_text(json.dumps(asdict(job)), encoding="utf-8")
    np.savez(folder / "job.npz", **vars(numbers))


def read_job(folder: Path) -> tuple[Job, Numbers]:
    """Read what `write_job` stored."""
    words: dict[str, Any] = json.loads((folder / "job.json").read_text(encoding="utf-8"))
    for name in ("joints", "actuators"):
        words[name] = tuple(tuple(entry) for entry in words[name])
    with np.load(folder / "job.npz") as arrays:
        return Job(**words), Numbers(**{name: arrays[name] for name in ("qpos", "qvel", "controls", "next_qvel")})


def step_error(numbers: Numbers, qvel: np.ndarray) -> float:
    """Median over the environments of the largest difference to MuJoCo's velocity after one step, relative to the largest
    change of velocity in that step. 1e-3 and less: the same physics; about 1: another model.
    """
    change = np.abs(numbers.next_qvel - numbers.qvel).max(1) + 1e-9
    return float(np.median(np.abs(qvel - numbers.next_qvel).max(1) / change))


def bad_envs(qpos: np.ndarray, qvel: np.ndarray) -> int:
    """Environments that are not finite, or faster than 1e4 m/s or rad/s."""
    finite = np.isfinite(qpos).all(1) & np.isfinite(qvel).all(1)
    return int((~finite | (np.abs(np.where(np.isfinite(qvel), qvel, 0.0)).max(1, initial=0.0) > 1e4)).sum())
