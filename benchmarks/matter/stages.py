"""Where the time of a substep goes: nanoseconds of processor time per particle and substep, stage by stage.

`python -m benchmarks.matter.stages [CASE ...] [--json FILE]`. The simulation goes on while it is measured: every substep is
taken as launches of one stage each, by one worker, and the least time of several rounds counts, less that of an empty launch.
`whole` is the same substeps as users take them, with all that stands around them. Processor time, so that it can be compared
between runs on a machine that others use too.
"""

import argparse
import json
import time
from typing import Any

import engine
from benchmarks.matter.scenes import CASES, scene_of
from engine.compiler import ti
from engine.solvers.mpm import columns as col
from engine.solvers.mpm import step

STAGES = ("sort", "clear", "stress", "to grid", "solve bodies", "images", "grid", "to particles", "move bodies")
ROUNDS, STEPS = 5, 2


@ti.kernel
def run_stage(
    pv: ti.types.ndarray(ndim=1), ps: ti.types.ndarray(ndim=2), pt: ti.types.ndarray(ndim=2),
    pi: ti.types.ndarray(ndim=2), gr: ti.types.ndarray(ndim=1), tl: ti.types.ndarray(ndim=1),
    bi: ti.types.ndarray(ndim=2), bf: ti.types.ndarray(ndim=1), mp: ti.types.ndarray(ndim=1),
    hi: ti.types.ndarray(ndim=1), cl: ti.types.ndarray(ndim=1), en: ti.types.ndarray(ndim=1),
    ei: ti.types.ndarray(ndim=2), ef: ti.types.ndarray(ndim=2), mt: ti.types.ndarray(ndim=2),
    sh: ti.types.ndarray(ndim=2), sv: ti.types.ndarray(ndim=1), sc: ti.types.ndarray(ndim=2),
    bo: ti.types.ndarray(ndim=2), co: ti.types.ndarray(ndim=1), number: ti.i32,
):  # fmt: skip
    """One stage of a substep of every environment, in the order of STAGES; number -1: nothing."""
    for e in range(ei.shape[0]):
        if number == 0:
            if step.prepare(pv, ps, pi, bi, bf, mp, hi, cl, en, ei, ef, sh, sv, sc, bo, e, 0) == 1:
                ei[e, col.NEEDED] = -1
        elif number == 1:
            step.clear_nodes(gr, bi, ei, e, 0, 1)
        elif number == 2:
            step.flow(pv, ps, pt, pi, ei, ef, mt, e, 0, 1)
        elif number == 3:
            for colour in range(8):
                step.scatter_colour(pv, pt, pi, gr, tl, bi, bf, cl, ei, ef, mt, sh, sv, sc, bo, co, e, colour, 0, 1)
        elif number == 4:
            step.solve_bodies(bi, bf, ei, sh, bo, e)
        elif number == 5:
            for colour in range(8):
                step.mirror_colour(pv, pt, pi, gr, tl, bi, cl, ei, ef, mt, sh, bo, co, e, colour, 0, 1)
        elif number == 6:
            step.move_nodes(gr, bi, ei, ef, e, 0, 1)
        elif number == 7:
            step.gather_share(pv, pi, gr, tl, bi, bf, ei, ef, mt, sh, bo, co, e, 0, 1, 0)
        elif number == 8:
            step.finish_bodies(bi, bf, ei, ef, sh, bo, e)
            step.count_substep(ei, ef, e)


def profile(case: str, number: int = 64_000) -> dict[str, Any]:
    """Nanoseconds per particle and substep of each stage, and of whole steps."""
    sim = engine.Simulation(scene_of(case, number))
    particles = sim._coupling.continua[0].particles
    sim.step(2)
    whole = []
    for _ in range(ROUNDS):
        used = time.process_time()
        sim.step(STEPS)
        used, ints = time.process_time() - used, particles.ei.to_numpy()
        whole.append(used / (STEPS * ints[0, col.SUBSTEPS] * ints[0, col.COUNT]))
    rounds, nothing = zip(*(_round(particles) for _ in range(ROUNDS)), strict=True)
    per = 1e9 / (len(rounds[0][0]) * number)
    least = [sum(min(at) - min(nothing) for at in zip(*(r[k] for r in rounds), strict=True)) for k in range(len(STAGES))]
    stages = {name: max(per * spent, 0.0) for name, spent in zip(STAGES, least, strict=True)}
    return {"case": case, "particles": number, "stages": stages, "sum": sum(stages.values()), "whole": 1e9 * min(whole)}


def _round(particles: Any) -> tuple[list[list[float]], float]:
    """Seconds of every stage in every substep of one step, and of an empty launch."""
    step.start(particles.pv, particles.pi, particles.ei, particles.ef)
    substeps = int(particles.ei.to_numpy()[0, col.SUBSTEPS])
    arrays = (
        particles.pv, particles.ps, particles.pt, particles.pi, particles.gr, particles.tl, particles.bi, particles.bf,
        particles.mp, particles.hi, particles.cl, particles.en, particles.ei, particles.ef, particles.mt, particles.sh,
        particles.sv, particles.sc, particles.bo, particles.co,
    )  # fmt: skip
    empty: list[float] = []
    spent: list[list[float]] = [[] for _ in STAGES]
    for _ in range(substeps):
        for number in (-1, *range(len(STAGES))):
            used = time.process_time()
            run_stage(*arrays, number)
            (empty if number < 0 else spent[number]).append(time.process_time() - used)
    assert (particles.ei.to_numpy()[:, col.DONE] == substeps).all(), "out of blocks"
    return spent, min(empty)


def main() -> None:
    """Profiles of the cases named, as a table and as JSON."""
    parser = argparse.ArgumentParser(description=main.__doc__)
    parser.add_argument("cases", nargs="*", default=list(CASES), help=f"any of {', '.join(CASES)}")
    parser.add_argument("--particles", type=int, default=64_000)
    parser.add_argument("--json", help="write the profiles to this file")
    given = parser.parse_args()
    engine.init(backend="cpu", threads=1)
    profiles = [profile(case, given.particles) for case in given.cases]
    for found in profiles:
        print(f"{found['case']}, {found['particles']} particles: {found['whole']:.1f} ns, stages {found['sum']:.1f} ns")
        print("   " + "  ".join(f"{name} {value:.1f}" for name, value in found["stages"].items()))
    if given.json:
        with open(given.json, "w", encoding="utf-8") as file:
            json.dump(profiles, file, indent=1)


if __name__ == "__main__":
    main()
