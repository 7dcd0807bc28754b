"""What `contact="exact"` costs beside `contact="mujoco"`: processor time of the same model, states and controls, as JSON.

`python -m benchmarks.rigid.contact_models [--models humanoid,ant,arm,boxes8] [--envs 64] [--steps 60] [--rounds 5]`. Both
models of one scene take turns in one process on one thread; the ratio is the median of the rounds' ratios. Limits: the two
diverge from the common start, so each has the contacts of its own run.
"""

import argparse
import json
import statistics
import tempfile
import time
from pathlib import Path
from typing import Any

import numpy as np

import engine
from benchmarks.rigid.job import Numbers
from benchmarks.rigid.models import MODELS, make_job

MOST = 1.5  # what is asked


def round_of(simulation: Any, numbers: Numbers) -> tuple[float, float, float]:
    """Processor seconds, mean iterations at the end, contacts of an environment at the end; of one run from the start."""
    simulation.reset()
    simulation.state.qpos, simulation.state.qvel = numbers.qpos, numbers.qvel
    simulation.state.flush()
    began = time.process_time()
    simulation.rollout(numbers.controls)
    spent = time.process_time() - began
    iterations = float(np.mean(simulation.state.solver_iterations))
    return spent, iterations, len(simulation.contacts()) / len(numbers.qpos)


def compare(name: str, envs: int, steps: int, rounds: int, folder: Path) -> dict[str, Any]:
    """One model under both contact models."""
    file = MODELS[name].make(folder)
    _, numbers = make_job(MODELS[name], file, envs, steps, 1, threads=1, backend="cpu", stages=False)
    sims = {contact: engine.Simulation(engine.load(file, contact=contact), envs) for contact in ("exact", "mujoco")}
    for simulation in sims.values():  # compiles, and grows the contact buffers
        round_of(simulation, numbers)
    taken = [{contact: round_of(simulation, numbers) for contact, simulation in sims.items()} for _ in range(rounds)]
    row: dict[str, Any] = {"model": name, "envs": envs, "steps": steps, "asked": MOST}
    row["ratio"] = round(statistics.median(one["exact"][0] / one["mujoco"][0] for one in taken), 3)
    for contact in sims:
        best = min(one[contact][0] for one in taken)
        row[contact] = {
            "cpu_us_per_env_step": round(1e6 * best / (envs * steps), 3), "iterations": taken[-1][contact][1],
            "contacts": taken[-1][contact][2],
        }  # fmt: skip
    return row


def main() -> None:
    """Run all rows and print them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--models", default="humanoid,ant,arm,boxes8")
    parser.add_argument("--envs", type=int, default=64)
    parser.add_argument("--steps", type=int, default=60)
    parser.add_argument("--rounds", type=int, default=5)
    choice = parser.parse_args()
    engine.init("cpu", threads=1)
    with tempfile.TemporaryDirectory() as folder:
        rows = [compare(name, choice.envs, choice.steps, choice.rounds, Path(folder)) for name in choice.models.split(",")]
    print(json.dumps(rows, indent=1))


if __name__ == "__main__":
    main()
