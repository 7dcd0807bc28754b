"""Smoke test of another compiler: `python -m tests.packaging.compiler_smoke quadrants`.

Runs the engine's own kernels, in lanes and as scalars, in a process whose compiler is the one that is named: a cube is dropped
on the ground and has to come to rest on it. Exit code 0 when it does.
"""

import os
import sys

import numpy as np

HALF = 0.05  # m, half the edge of the cube


def main(compiler: str) -> int:
    """Drop cubes with `compiler` and say what happened."""
    os.environ["WORLDSMITH_COMPILER"] = compiler
    import engine

    for num_envs in (1, 17):
        engine.init(backend="cpu", seed=0)
        scene = engine.Scene()
        scene.add_plane()
        scene.add_body("cube", shape=engine.Box(size=(2 * HALF,) * 3), position=(0, 0, 3 * HALF), density=700.0)
        simulation = engine.Simulation(scene, num_envs=num_envs)
        simulation.reset(seed=0)
        start = float(np.asarray(simulation.state.qpos)[0, 2])
        simulation.step(substeps=500)
        height = np.asarray(simulation.state.qpos)[:, 2]
        if not (start > 2.9 * HALF and np.all(np.abs(height - HALF) < 0.1 * HALF)):
            print(f"{compiler}: {num_envs} cubes rest at {height} m instead of {HALF} m", file=sys.stderr)
            return 1
        print(f"{compiler}: {num_envs} cubes came to rest on the ground", file=sys.stderr)
    loaded = sys.modules.get(compiler)
    if loaded is None or (compiler != "taichi" and "taichi" in sys.modules):
        print(f"{compiler}: another compiler did the work", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1]))
