"""Cost of a substep with thousands of free bodies, as JSON: marbles in a bowl by number, a pile of boxes beside MuJoCo's C.

`python -m benchmarks.large.bench [--most 10000] [--boxes 1000] [--mujoco-steps 20]`. Sleep is off, so that every body counts.
Times are wall and processor time of the last stretch of each run, when the heap has formed; MuJoCo runs the same scene from the
state that our pile has settled to, in the same minutes. Limits: one process, threads as the machine has them.
"""

import argparse
import json
import time

import numpy as np

import engine
from benchmarks.large import scenes


def timed(sim: engine.Simulation, settle: int, steps: int) -> dict[str, float]:
    """Microseconds of wall and processor time per substep after `settle` substeps."""
    sim.step(settle)
    wall, work = time.perf_counter(), time.process_time()
    sim.step(steps)
    wall, work = time.perf_counter() - wall, time.process_time() - work
    return {"us_per_substep": 1e6 * wall / steps, "cpu_us_per_substep": 1e6 * work / steps}


def marble_row(count: int, settle: int, steps: int) -> dict[str, float]:
    """One number of marbles."""
    scene = scenes.marbles(count)
    scene.options.sleep = False
    sim = engine.Simulation(scene)
    row = timed(sim, settle, steps)
    place, contacts = sim.state.body_position[0, -count:], sim.contacts()
    return {
        "marbles": count, **row, "us_per_body": row["us_per_substep"] / count,
        "cpu_us_per_body": row["cpu_us_per_substep"] / count,
        "contacts": len(contacts), "lost": int((place[:, 2] < 0).sum()),
        "deepest_of_radius": float(contacts.depth.max(initial=0) / scenes.RADIUS),
        "fastest": float(np.abs(sim.state.qvel.reshape(-1, 6)[:, :3]).max()),
    }  # fmt: skip


def pile_row(count: int, settle: int, steps: int, mujoco_steps: int) -> dict[str, float]:
    """The pile of boxes, ours and MuJoCo's from the same state."""
    scene = scenes.box_pile(count)
    scene.options.sleep = False
    sim = engine.Simulation(scene)
    row = {"boxes": count, **timed(sim, settle, steps)}
    row["contacts"], row["deepest_of_edge"] = len(sim.contacts()), float(sim.contacts().depth.max() / scenes.EDGE)
    if mujoco_steps:
        row.update(mujoco_row(count, sim.state.qpos[0], sim.state.qvel[0], mujoco_steps))
        row["ratio"] = row["mujoco_cpu_us_per_substep"] / row["cpu_us_per_substep"]
    return row


def mujoco_row(count: int, qpos: np.ndarray, qvel: np.ndarray, steps: int) -> dict[str, float]:
    """MuJoCo's time per step from a given state (both order their coordinates alike)."""
    import mujoco

    model = mujoco.MjModel.from_xml_string(scenes.box_pile_mjcf(count))
    data = mujoco.MjData(model)
    data.qpos[:], data.qvel[:] = qpos, qvel
    mujoco.mj_step(model, data)
    wall, work = time.perf_counter(), time.process_time()
    mujoco.mj_step(model, data, nstep=steps)
    wall, work = time.perf_counter() - wall, time.process_time() - work
    return {
        "mujoco_us_per_substep": 1e6 * wall / steps, "mujoco_cpu_us_per_substep": 1e6 * work / steps,
        "mujoco_contacts": int(data.ncon), "mujoco_deepest_of_edge": float(-data.contact.dist.min() / scenes.EDGE),
    }  # fmt: skip


def main() -> None:
    """Run all rows and print them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--most", type=int, default=10_000)
    parser.add_argument("--boxes", type=int, default=1_000)
    parser.add_argument("--settle", type=int, default=700)
    parser.add_argument("--steps", type=int, default=50)
    parser.add_argument("--mujoco-steps", type=int, default=20)
    choice = parser.parse_args()
    engine.init("cpu")
    rows = [marble_row(n, choice.settle, choice.steps) for n in (100, 1_000, 10_000) if n <= choice.most]
    pile = pile_row(choice.boxes, choice.settle, choice.steps, choice.mujoco_steps) if choice.boxes else None
    print(json.dumps({"marbles": rows, "pile": pile}, indent=1))


if __name__ == "__main__":
    main()
