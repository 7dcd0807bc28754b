"""The models of the benchmark, and the states from which every engine starts.

Robots come from the dm_control and gymnasium wheels as their files are; three humanoids, an arm with a cube and a pile of boxes
are made here. The states: joints anywhere in their range, free bodies turned and lifted at random, then a warm-up by MuJoCo
under random controls in which they fall, so that environments differ and lie in contact. All of it follows from one seed.
Limits: MuJoCo and the wheels must be there; activations of actuators are set to zero after the warm-up.
"""

import importlib.util
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from benchmarks.rigid.job import Job, Numbers

SEED = 3
BOXES = 1000
EFFORT = 0.5  # share of the range of controls: at full effort some of MuJoCo's own humanoids leave the finite numbers
HERE = Path(__file__).parent


@dataclass(frozen=True)
class Model:
    """`round_steps`: environment steps of one round, about a second of MuJoCo; `needed`: how often MuJoCo's speed, by envs."""

    name: str
    make: Callable[[Path], Path]
    round_steps: int
    needed: dict[int, float]
    warm_steps: int = 300
    spread: float = 0.5  # rad or m, about the start, for joints without limits
    lift: float = 0.3  # m, free bodies are lifted by up to this
    tumble: bool = True  # free bodies start turned at random
    most_envs: int = 1 << 20

    def needed_ratio(self, envs: int) -> float | None:
        """Times MuJoCo's speed that are asked of us at this number of environments: the entry at or below it."""
        below = [count for count in self.needed if count <= envs]
        return self.needed[max(below)] if below else None


def wheel_file(package: str, path: str) -> Callable[[Path], Path]:
    """A model inside an installed wheel; FileNotFoundError with the remedy when the wheel is not there."""

    def find(_: Path) -> Path:
        spec = importlib.util.find_spec(package)
        if spec is None or not spec.submodule_search_locations:
            raise FileNotFoundError(f"the wheel {package} is not installed: pip install {package}")
        return Path(spec.submodule_search_locations[0]) / path

    return find


HUMANOID = wheel_file("dm_control", "suite/humanoid.xml")


def three_humanoids(folder: Path) -> Path:
    """Three of dm_control's humanoid in one scene, within reach of each other."""
    import mujoco

    scene = mujoco.MjSpec.from_file(str(HUMANOID(folder)))
    for number in (1, 2):
        other = mujoco.MjSpec.from_file(str(HUMANOID(folder)))
        frame = scene.worldbody.add_frame(pos=[0.0, 1.0 * number, 0.0])
        frame.attach_body(other.body("torso"), f"h{number}_", "")
    scene.compile()
    return _written(folder / "three_humanoids.xml", scene.to_xml())


def pile(folder: Path, count: int = BOXES) -> Path:
    """Boxes of 10 cm in layers with gaps above a plane; turned at random (see `start_positions`) they fall into a heap."""
    side = round(count ** (1 / 3))
    places = np.array([(x, y, z) for z in range(side) for y in range(side) for x in range(side)]) * 0.16 + (0.0, 0.0, 0.1)
    boxes = "\n".join(
        f'<body pos="{x:.4f} {y:.4f} {z:.4f}"><freejoint/><geom type="box" size=".05 .05 .05" mass="1"/></body>'
        for x, y, z in places
    )
    text = f"""<mujoco model="pile of {len(places)} boxes"><option timestep="0.005"/>
<worldbody><geom type="plane" size="0 0 1"/>
{boxes}
</worldbody></mujoco>"""
    return _written(folder / f"pile{count}.xml", text)


MODELS = {
    model.name: model
    for model in (
        Model("humanoid", HUMANOID, 64_000, {1: 1.0, 64: 3.5, 1024: 5.0}),
        Model("humanoid_gym", wheel_file("gymnasium", "envs/mujoco/assets/humanoid.xml"), 16_000, {64: 3.5, 1024: 5.0}),
        Model("three_humanoids", three_humanoids, 20_000, {64: 4.0}),
        Model("ant", wheel_file("gymnasium", "envs/mujoco/assets/ant.xml"), 24_000, {64: 4.0}),
        Model("quadruped", wheel_file("dm_control", "suite/quadruped.xml"), 16_000, {64: 4.0}),
        Model("arm", lambda _: HERE / "xml" / "arm_gripper_cube.xml", 64_000, {64: 4.0}, lift=0.0, tumble=False, spread=0.1),
        Model("pile", pile, 20, {1: 1.0}, warm_steps=100, lift=0.0, most_envs=1),
        Model("boxes8", lambda folder: pile(folder, 8), 6_400, {64: 4.0}, warm_steps=60, lift=0.0),
    )
}
DEFAULT = ("humanoid", "humanoid_gym", "three_humanoids", "ant", "quadruped", "arm", "pile")


def make_job(model: Model, file: Path, envs: int, blocks: int, hold: int, **rest: Any) -> tuple[Job, Numbers]:
    """The job of one row: `blocks` controls of `hold` steps each. Same model, seed and sizes: the same numbers."""
    import mujoco

    physics = mujoco.MjModel.from_xml_path(str(file))
    random = np.random.default_rng((SEED, envs))
    low, high = control_range(physics)
    warm = max(1, model.warm_steps // 5)
    every = random.uniform(low, high, (warm + blocks, envs, physics.nu)).astype(np.float32)
    qpos, qvel = fallen(physics, start_positions(physics, model, envs, random), every[:warm], 5)
    job = Job(
        model=model.name,
        file=str(file),
        envs=envs,
        blocks=blocks,
        hold=hold,
        options=options_in_words(physics),
        joints=tuple(
            (physics.joint(j).name, int(physics.jnt_qposadr[j]), int(physics.jnt_dofadr[j])) for j in range(physics.njnt)
        ),
        actuators=tuple(_actuator(physics, a) for a in range(physics.nu)),
        **rest,
    )
    _, next_qvel = roll(physics, qpos, qvel, every[warm : warm + 1], 1)
    return job, Numbers(qpos, qvel, every[warm:], next_qvel)


def start_positions(physics: Any, model: Model, envs: int, random: np.random.Generator) -> np.ndarray:
    """Random qpos (envs, nq)."""
    qpos = np.repeat(physics.qpos0[None], envs, axis=0)
    for joint in range(physics.njnt):
        at, kind = physics.jnt_qposadr[joint], physics.jnt_type[joint]
        if kind == 0:
            qpos[:, at + 2] += random.uniform(0.0, model.lift, envs)
            if model.tumble:
                turn = random.normal(size=(envs, 4)) * 0.3 + (1.0, 0.0, 0.0, 0.0)
                qpos[:, at + 3 : at + 7] = turn / np.linalg.norm(turn, axis=1, keepdims=True)
        elif kind >= 2:
            limited = bool(physics.jnt_limited[joint])
            low, high = physics.jnt_range[joint] if limited else qpos[0, at] + np.array((-model.spread, model.spread))
            centre, half = (low + high) / 2, (high - low) / 2
            qpos[:, at] = centre + random.uniform(-0.8, 0.8, envs) * half
    return qpos


def fallen(physics: Any, qpos: np.ndarray, controls: np.ndarray, hold: int) -> tuple[np.ndarray, np.ndarray]:
    """States after a warm-up from rest under `controls` (blocks, envs, nu)."""
    return roll(physics, qpos, np.zeros((len(qpos), physics.nv)), controls, hold)


def roll(physics: Any, qpos: np.ndarray, qvel: np.ndarray, controls: np.ndarray, hold: int) -> tuple[np.ndarray, np.ndarray]:
    """qpos and qvel after the controls, by MuJoCo on one thread per core."""
    from mujoco import batch

    runs = batch.Batch(physics, nsim=len(qpos), nthread=0)
    runs.bind("qpos")[:], runs.bind("qvel")[:] = qpos, qvel
    sequence = np.repeat(controls, hold, axis=0).transpose(1, 0, 2)
    runs.rollout(len(controls) * hold, sequence, record=())
    return np.array(runs.bind("qpos")), np.array(runs.bind("qvel"))


def loads(file: Path, sampled: np.ndarray) -> dict[str, float]:
    """Mean number of contacts and of constraint rows, as MuJoCo counts them in the sampled states (samples, envs, nq)."""
    import mujoco

    physics = mujoco.MjModel.from_xml_path(str(file))
    data = mujoco.MjData(physics)
    contacts, rows = [], []
    for qpos in sampled.reshape(-1, physics.nq)[:128]:
        if not np.isfinite(qpos).all():
            continue
        data.qpos[:], data.qvel[:] = qpos, 0.0
        mujoco.mj_fwdPosition(physics, data)
        contacts.append(data.ncon)
        rows.append(data.nefc)
    return {"contacts": float(np.mean(contacts)), "rows": float(np.mean(rows))} if contacts else {}


def control_range(physics: Any) -> tuple[np.ndarray, np.ndarray]:
    """Bounds (nu,) of the random controls: the middle EFFORT of the file's range, or of -1 to 1."""
    limited = physics.actuator_ctrllimited.astype(bool)[:, None]
    bounds = np.where(limited, physics.actuator_ctrlrange, (-1.0, 1.0))
    centre, half = bounds.mean(1), EFFORT * (bounds[:, 1] - bounds[:, 0]) / 2
    return centre - half, centre + half


def options_in_words(physics: Any) -> str:
    """Solver, cone, integrator, time step and size of a model."""
    import mujoco

    option = physics.opt
    solver = mujoco.mjtSolver(option.solver).name.removeprefix("mjSOL_").lower()
    cone = mujoco.mjtCone(option.cone).name.removeprefix("mjCONE_").lower()
    integrator = mujoco.mjtIntegrator(option.integrator).name.removeprefix("mjINT_").lower()
    return f"{solver}, {cone}, {integrator}, {1e3 * option.timestep:g} ms, impratio {option.impratio:g}, nv {physics.nv}"


def _actuator(physics: Any, number: int) -> tuple[str, str, float]:
    joint_driven = physics.actuator_trntype[number] == 0
    plain = physics.actuator_dyntype[number] == 0 and physics.actuator_gaintype[number] == 0
    bias = physics.actuator_biastype[number]
    kind = "other"
    if joint_driven and plain and bias == 0:
        kind = "motor"
    elif joint_driven and plain and bias == 1:
        kind = "position"
    name = physics.joint(physics.actuator_trnid[number, 0]).name if joint_driven else ""
    gear = physics.actuator_gear[number, 0] * (physics.actuator_gainprm[number, 0] if kind == "motor" else 1.0)
    return name, kind, float(gear)


def _written(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return path
