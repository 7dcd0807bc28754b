"""Smoke test of another compiler: `python -m tests.packaging.compiler_smoke quadrants`.

Runs one rollout with contacts (a tilted cube and a ball with spin fall on the ground and meet), in lanes and as scalars, in a
process of its own for Taichi and for the compiler that is named, and compares positions and velocities after every ten
substeps. Says whether they are equal bit for bit; exit code 0 when they are within TOLERANCE and the bodies did touch.
"""

import os
import subprocess
import sys
import tempfile
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parents[2]
TOLERANCE = 1e-5  # m, rad, m/s, rad/s
STEPS, SUBSTEPS = 30, 10
BATCHES = (1, 17)
SECONDS = 300.0  # for one rollout, its compilation included


def rollout(num_envs: int) -> dict[str, np.ndarray]:
    """Positions (STEPS, num_envs, nq), velocities (STEPS, num_envs, nv) and numbers of contacts (STEPS,)."""
    import engine

    engine.init(backend="cpu", seed=0)
    scene = engine.Scene()
    scene.add_plane()
    tilted = np.array([0.9, 0.3, 0.2, 0.1])
    scene.add_body(
        "cube", shape=engine.Box(size=(0.1, 0.1, 0.1)), position=(0, 0, 0.15), rotation=tilted / np.linalg.norm(tilted)
    )
    scene.add_body("ball", shape=engine.Sphere(radius=0.05), position=(0.02, 0.01, 0.3), velocity=(0.2, 0, -1))
    simulation = engine.Simulation(scene, num_envs=num_envs)
    qpos = simulation.state.qpos
    qpos[:, 7] += 0.001 * np.arange(num_envs)  # the ball falls elsewhere in every environment
    found: dict[str, list] = {"qpos": [], "qvel": [], "contacts": []}
    for _ in range(STEPS):
        simulation.step(substeps=SUBSTEPS)
        found["qpos"].append(simulation.state.qpos.copy())
        found["qvel"].append(simulation.state.qvel.copy())
        found["contacts"].append(len(simulation.contacts()))
    return {name: np.array(values) for name, values in found.items()}


def record(compiler: str, path: str) -> None:
    """The rollouts of this process, as a file; raises RuntimeError when another compiler did the work."""
    made = {f"{name}_{num_envs}": values for num_envs in BATCHES for name, values in rollout(num_envs).items()}
    others = {"taichi", "quadrants", "taichi_forge"} - {compiler}
    if compiler not in sys.modules or others & set(sys.modules):
        raise RuntimeError(f"{compiler}: another compiler did the work")
    np.savez(path, **made)


def recorded(compiler: str, folder: str) -> dict[str, np.ndarray]:
    """The rollouts of a process whose compiler is `compiler`."""
    path = str(Path(folder) / f"{compiler}.npz")
    environment = {**os.environ, "WORLDSMITH_COMPILER": compiler, "PYTHONPATH": str(ROOT)}
    command = [sys.executable, "-m", "tests.packaging.compiler_smoke", compiler, path]
    subprocess.run(command, cwd=ROOT, env=environment, stdout=sys.stderr, timeout=SECONDS, check=True)
    with np.load(path) as file:
        return dict(file)


def main(compiler: str) -> int:
    """Compare `compiler` with Taichi and say what was found."""
    with tempfile.TemporaryDirectory() as folder:
        ours, theirs = recorded("taichi", folder), recorded(compiler, folder)
    failed = False
    for num_envs in BATCHES:
        names = [f"qpos_{num_envs}", f"qvel_{num_envs}"]
        equal = all(ours[name].tobytes() == theirs[name].tobytes() for name in names)
        apart = max(float(np.abs(ours[name] - theirs[name]).max()) for name in names)
        most = [int(found[f"contacts_{num_envs}"].max()) for found in (ours, theirs)]
        finite = all(np.isfinite(found[name]).all() for found in (ours, theirs) for name in names)
        verdict = "equal bit for bit" if equal else f"{apart:.3g} apart at most"
        print(f"{compiler} and taichi, {num_envs} environments, up to {most[1]} contacts: {verdict}", file=sys.stderr)
        failed |= not finite or not apart <= TOLERANCE or min(most) < 4 * num_envs
    return int(failed)


if __name__ == "__main__":
    if len(sys.argv) == 3:
        record(*sys.argv[1:])
    else:
        sys.exit(main(sys.argv[1]))
