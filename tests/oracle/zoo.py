"""Every model of the dm_control suite and of gymnasium's assets, read by our importer and compared with MuJoCo by stages.

For each model: states from a MuJoCo rollout under random controls, with random velocities, controls and wrenches on top; then
poses, mass matrix, bias, passive and actuator forces, the contacts that our collision finds, the rows (J, aref, D) of MuJoCo's
contacts, qacc and one step. What the importer does not support is switched off in MuJoCo, listed by name, and the rest is still
compared. `python -m tests.oracle.zoo` writes `zoo.json` and `docs/mjcf.md`; the test holds the code to that table.
"""

import copy
import importlib.util
import json
import re
from dataclasses import dataclass, field
from pathlib import Path

import mujoco
import numpy as np

import engine
from tests.oracle.rig import Rig
from tests.oracle.test_stages import dense_jacobian, dense_mass, sparse_rows

FOLDERS = {"dm_control": "suite", "gymnasium": "envs/mujoco/assets"}
TABLE = Path(__file__).parent / "zoo.json"
PAGE = Path(__file__).parents[2] / "docs" / "mjcf.md"
STATES = 6
LIMITS = {  # largest error over (1 + largest value of MuJoCo) that counts as equal
    "poses": 1e-12, "mass": 1e-11, "bias": 1e-11, "passive": 1e-11, "actuator": 1e-11, "contacts": 1e-9, "rows": 1e-10,
    "qacc": 1e-6, "step": 1e-8,
}  # fmt: skip
TOUCHING = 1e-9  # m; contacts this shallow are there or not by rounding


def models() -> dict[str, Path]:
    """Name -> file of every model of the wheels that are installed."""
    found = {}
    for package, folder in FOLDERS.items():
        spec = importlib.util.find_spec(package)
        if spec is not None and spec.origin is not None:
            found.update({f"{package}/{f.stem}": f for f in sorted((Path(spec.origin).parent / folder).glob("*.xml"))})
    return found


@dataclass
class Case:
    """One model on both sides."""

    scene: engine.Scene
    compiled: engine.compiled.CompiledScene
    model: mujoco.MjModel
    unsupported: list[str]
    data: list[mujoco.MjData] = field(default_factory=list)
    geoms: np.ndarray = field(default_factory=lambda: np.zeros(0, int))
    errors: dict[str, float] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)


def case_of(path: Path) -> Case:
    """Load a model in both engines and switch off in MuJoCo what ours does not have."""
    scene = engine.load(path, strict=False)
    lacking = features(scene.import_report)
    spec = mujoco.MjSpec.from_file(str(path))
    if "compiler settotalmass" in lacking:
        spec.compiler.settotalmass = -1
    model = spec.compile()
    scene.options.tolerance, scene.options.max_iterations = 1e-15, 200
    model.opt.tolerance, model.opt.ls_tolerance, model.opt.iterations = 1e-15, 1e-4, 200
    model.opt.solver = mujoco.mjtSolver.mjSOL_NEWTON
    if not hasattr(scene.options, "cone") and model.opt.cone == mujoco.mjtCone.mjCONE_PYRAMIDAL:
        lacking.append("pyramidal cone")
    neutralize(model, lacking, [a.name for a in scene.actuators])
    case = Case(scene, engine.compile_scenes([scene]), model, sorted(lacking))
    dropped = model.geom_type == mujoco.mjtGeom.mjGEOM_HFIELD if "geom hfield" in lacking else np.zeros(model.ngeom, bool)
    case.geoms = np.flatnonzero(~dropped)
    return case


NAMES = (  # what a report line says -> the feature that is missing
    (r"<flag> of <option>", "option flag"),
    (r"integrator '(\w+)'", r"integrator \1"),
    (r"attribute (density|viscosity|wind)=", "fluid drag"),
    (r"attribute (\w+)='[^']*' of <option>", r"option \1"),
    (r"attribute (\w+)='[^']*' of <compiler>", r"compiler \1"),
    (r"tendon", "tendon"),
    (r"without a joint", "tendon"),
    (r"hfield", "geom hfield"),
    (r"element <equality>", "equality"),
    (r"dynprm|dynamics or muscle", "actuator dynamics"),
)


def features(report: list[str]) -> list[str]:
    """The distinct unsupported features of an import report."""
    found = []
    for line in report:
        what = line.split(": ", 1)[1]
        if not what.startswith("unsupported"):
            continue
        named = next((re.search(pattern, what).expand(name) for pattern, name in NAMES if re.search(pattern, what)), what)
        found.append(named)
    return list(dict.fromkeys(found))


def neutralize(model: mujoco.MjModel, lacking: list[str], actuators: list[str]) -> None:
    """Switch off in MuJoCo what is lacking."""
    if any(name.startswith("integrator") for name in lacking):
        model.opt.integrator = mujoco.mjtIntegrator.mjINT_EULER
    if "pyramidal cone" in lacking:
        model.opt.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    if "option flag" in lacking:
        model.opt.disableflags, model.opt.enableflags = 0, 0
    if "option noslip_iterations" in lacking:
        model.opt.noslip_iterations = 0
    if "fluid drag" in lacking:
        model.opt.density, model.opt.viscosity = 0.0, 0.0
    if "equality" in lacking:
        model.eq_active0[:] = 0
    if "tendon" in lacking:
        for name in ("stiffness", "damping", "limited", "frictionloss", "armature"):
            getattr(model, f"tendon_{name}")[:] = 0
    if "geom hfield" in lacking:
        model.geom_contype[model.geom_type == mujoco.mjtGeom.mjGEOM_HFIELD] = 0
        model.geom_conaffinity[model.geom_type == mujoco.mjtGeom.mjGEOM_HFIELD] = 0
    for k in range(model.nu):
        if model.actuator(k).name not in actuators and model.actuator(k).name or "actuator dynamics" in lacking:
            model.actuator_gainprm[k], model.actuator_biasprm[k] = 0.0, 0.0


def roll(case: Case, seed: int = 0) -> None:
    """States of a rollout under random controls, shaken."""
    m, rng = case.model, np.random.default_rng(seed)
    d = mujoco.MjData(m)
    d.qpos += rng.normal(size=m.nq) * 0.05
    for _ in range(STATES):
        for _ in range(5):
            d.ctrl[:] = rng.uniform(-1, 1, size=m.nu)
            for _ in range(10):
                mujoco.mj_step(m, d)
        shaken = mujoco.MjData(m)
        shaken.qpos[:], shaken.qvel[:] = d.qpos, np.clip(d.qvel, -20, 20) + rng.normal(size=m.nv) * 0.2
        shaken.mocap_pos[:], shaken.mocap_quat[:] = d.mocap_pos, d.mocap_quat
        shaken.ctrl[:], shaken.qfrc_applied[:] = rng.uniform(-1, 1, size=m.nu), rng.normal(size=m.nv) * 0.1
        shaken.xfrc_applied[1:] = rng.normal(size=(m.nbody - 1, 6)) * 0.1
        mujoco.mj_normalizeQuat(m, shaken.qpos)
        mujoco.mj_forward(m, shaken)
        case.data.append(shaken)


def gather(case: Case, name: str) -> np.ndarray:
    return np.array([getattr(d, name) for d in case.data])


def note(case: Case, stage: str, mine: np.ndarray, theirs: np.ndarray) -> None:
    """Keep the largest relative error of a stage."""
    error = float(np.abs(mine - theirs).max(initial=0.0) / (1.0 + np.abs(theirs).max(initial=0.0)))
    case.errors[stage] = max(case.errors.get(stage, 0.0), error if np.isfinite(error) else np.inf)


def controls(case: Case) -> np.ndarray:
    """MuJoCo's controls in the order of our actuators."""
    names = [case.model.actuator(k).name for k in range(case.model.nu)]
    ours = [names.index(a.name) if a.name in names else k for k, a in enumerate(case.scene.actuators)]
    return gather(case, "ctrl")[:, ours]


def compare_smooth(case: Case, rig: Rig) -> None:
    """Poses, mass matrix and the forces that need no constraint."""
    m, full, wrench = case.model, np.zeros((STATES, case.model.nv, case.model.nv)), np.zeros((STATES, case.model.nv))
    for k, d in enumerate(case.data):
        mujoco.mj_fullM(m, d, full[k])
        for b in range(1, m.nbody):
            mujoco.mj_applyFT(m, d, d.xfrc_applied[b, :3], d.xfrc_applied[b, 3:], d.xipos[b], b, wrench[k])
    note(case, "poses", rig.get("body_position_W"), gather(case, "xpos"))
    turns, theirs = rig.get("body_rotation_W"), gather(case, "xquat")
    note(case, "poses", turns * np.sign((turns * theirs).sum(-1, keepdims=True)), theirs)
    note(case, "mass", dense_mass(rig), full)
    gravcomp = gather(case, "qfrc_gravcomp")
    note(case, "bias", rig.get("bias"), gather(case, "qfrc_bias") - gravcomp - wrench)
    note(case, "passive", rig.get("passive_force"), gather(case, "qfrc_passive") - gravcomp)
    note(case, "actuator", rig.get("actuator_force"), gather(case, "qfrc_actuator"))


def contacts_of(case: Case, d: mujoco.MjData) -> list[dict]:
    """MuJoCo's contacts as slots of our pairs."""
    shape = np.full(case.model.ngeom, -1)
    shape[case.geoms] = np.arange(len(case.geoms))
    ints = case.compiled.ints
    table = {pair: k for k, pair in enumerate(zip(ints["pair_shape_a"].tolist(), ints["pair_shape_b"].tolist(), strict=True))}
    slots = []
    for at, c in enumerate(d.contact):
        a, b = (int(shape[g]) for g in c.geom)
        flip = (a, b) not in table
        slots.append(
            {
                "pair": table[(b, a) if flip else (a, b)],
                "position": c.pos.copy(),
                "normal": -c.frame[:3] if flip else c.frame[:3].copy(),
                "distance": c.dist,
                "contact": at,
            }
        )
    return slots


def compare_rows(case: Case, rig: Rig, slots: list[list[int]], order: list[list[dict]]) -> None:
    """J, aref and D of every contact of MuJoCo, in our solver's rows."""
    aref, weight = rig.get("contact_reference"), rig.get("contact_diagonal")
    for k, d in enumerate(case.data):
        sparse = mujoco.mj_isSparse(case.model)
        rows = sparse_rows(case.model, d) if sparse else d.efc_J.reshape(d.nefc, case.model.nv)
        for slot, entry in zip(slots[k], order[k], strict=True):
            contact = d.contact[entry["contact"]]
            at, mine = contact.efc_address, dense_jacobian(rig, k, slot)
            if at < 0:
                continue
            note(case, "rows", mine[0], rows[at])
            note(case, "rows", aref[k, slot, 0], d.efc_aref[at])
            note(case, "rows", weight[k, slot, : contact.dim] / d.efc_D[at], d.efc_D[at : at + contact.dim] / d.efc_D[at])
            if contact.dim >= 3:
                note(case, "rows", mine[1:3].T @ mine[1:3], rows[at + 1 : at + 3].T @ rows[at + 1 : at + 3])


def with_elliptic_rows(case: Case, rig: Rig, values: dict, slots: list, order: list) -> None:
    """`compare_rows`; a model with pyramidal cones is compared with elliptic ones on both sides, for then rows are rows."""
    if case.model.opt.cone == mujoco.mjtCone.mjCONE_ELLIPTIC:
        compare_rows(case, rig, slots, order)
        return
    scene, data = case.scene.copy(), case.data
    scene.options.cone = "elliptic"
    case.model.opt.cone = mujoco.mjtCone.mjCONE_ELLIPTIC
    case.data = [copy.copy(d) for d in data]
    for d in case.data:
        mujoco.mj_forward(case.model, d)
    compiled = engine.compile_scenes([scene])
    other = Rig(compiled, STATES, rig.model.placement.sizes["max_contacts"], bool(compiled.sizes["extended"]))
    other.set(**values)
    slots = other.inject(order)
    other.run()
    compare_rows(case, other, slots, order)
    case.model.opt.cone, case.data = mujoco.mjtCone.mjCONE_PYRAMIDAL, data


def compare_contacts(case: Case, sim: "engine.Simulation") -> None:
    """What our collision finds against MuJoCo's list: count, and position, normal and depth of the nearest points."""
    odd: dict[str, int] = {}
    kinds = [mujoco.mjtGeom(t).name.removeprefix("mjGEOM_").lower() for t in case.model.geom_type[case.geoms]]
    for k, d in enumerate(case.data):
        mine: dict[int, list] = {}
        for record in sim.contacts(k):
            if record.depth < TOUCHING:
                continue
            mine.setdefault(int(record.pair), []).append(record)
        theirs: dict[int, list] = {}
        for slot in contacts_of(case, d):
            if -slot["distance"] < TOUCHING:
                continue
            theirs.setdefault(slot["pair"], []).append(slot)
        for pair in sorted(set(mine) | set(theirs)):
            ours, known = mine.get(pair, []), theirs.get(pair, [])
            gap = np.inf
            if len(ours) == len(known):
                gap = max(distance(entry, ours) for entry in known)
            a, b = (int(case.compiled.ints[f"pair_shape_{s}"][pair]) for s in "ab")
            if gap <= LIMITS["contacts"]:
                note(case, "contacts", np.array(gap), np.array(0.0))
            else:
                what = "count" if np.isinf(gap) else f"{10.0 ** np.ceil(np.log10(gap)):.0e}"
                key = f"{'-'.join(sorted((kinds[a], kinds[b])))} {what}"
                odd[key] = odd.get(key, 0) + 1
    case.notes += sorted(odd)
    case.errors.setdefault("contacts", 0.0)


def distance(slot: dict, records: list) -> float:
    """Largest difference of position, normal and depth to the nearest of our points."""
    near = min(records, key=lambda r: float(np.linalg.norm(r.point - slot["position"])))
    apart = (near.point - slot["position"], near.normal - slot["normal"], np.array([near.depth + slot["distance"]]))
    return float(max(np.abs(part).max() for part in apart))


def examine(path: Path) -> Case:
    """Everything about one model. The engine must run in f64."""
    case = case_of(path)
    if case.model.nv != case.compiled.sizes["num_dofs"] or len(case.geoms) != case.compiled.sizes["num_shapes"]:
        raise AssertionError(f"{path.name}: {case.compiled.sizes['num_dofs']} dofs, {case.compiled.sizes['num_shapes']} shapes")
    roll(case)
    order = [sorted(contacts_of(case, d), key=lambda s: s["pair"]) for d in case.data]
    values = {
        "qpos": gather(case, "qpos"), "qvel": gather(case, "qvel"), "actuator": controls(case),
        "joint_force": gather(case, "qfrc_applied"), "body_wrench": gather(case, "xfrc_applied"),
    }  # fmt: skip
    if case.model.nmocap:
        values.update(kinematic_position=gather(case, "mocap_pos"), kinematic_rotation=gather(case, "mocap_quat"))
    first = case.scene.copy()
    first.options.integrator = "euler"  # the contacts of the state itself: Runge-Kutta leaves those of its last stage
    compare_contacts(case, stepped(first, values))
    sim = stepped(case.scene, values)
    rig = Rig(case.compiled, STATES, max(8, sum(len(o) for o in order)), bool(case.compiled.sizes["extended"]))
    rig.set(**values)
    slots = rig.inject(order)
    rig.run()
    compare_smooth(case, rig)
    with_elliptic_rows(case, rig, values, slots, order)
    note(case, "qacc", rig.get("qacc"), gather(case, "qacc"))
    # where a contact is there or not by rounding, a step tells nothing
    clear = np.array([all(abs(c.dist - c.includemargin) > TOUCHING for c in d.contact) for d in case.data], bool)
    for d in case.data:
        mujoco.mj_step(case.model, d)
    whole = case.scene.options.integrator == "rk4"  # four passes, each with contacts of its own: the simulation's
    for name in ("qpos", "qvel"):
        mine = getattr(sim.state, name) if whole else rig.get(name)
        note(case, "step", mine[clear], gather(case, name)[clear])
    return case


def stepped(scene: engine.Scene, values: dict) -> "engine.Simulation":
    """A simulation one substep after the states."""
    sim = engine.Simulation(scene, num_envs=STATES)
    for name, value in values.items():
        if name in ("actuator", "joint_force", "body_wrench"):
            getattr(sim.control, name)[:] = value
        else:
            sim.write(name, value)
    sim.step()
    return sim


def entry(case: Case) -> dict:
    """What the table keeps of a model."""
    apart = sorted(stage for stage, error in case.errors.items() if error > LIMITS[stage])
    return {"unsupported": case.unsupported, "apart": apart, "manifolds": case.notes}


def main() -> None:
    """Write the table and the page."""
    from engine import runtime

    runtime.init("cpu", precision="f64", threads=1)
    table = {}
    for name, path in models().items():
        case = examine(path)
        table[name] = entry(case)
        print(name, table[name], {stage: f"{error:.0e}" for stage, error in case.errors.items()}, flush=True)
    TABLE.write_text(json.dumps(table, indent=1) + "\n", encoding="utf-8")
    PAGE.write_text(page(table), encoding="utf-8")


def page(table: dict[str, dict]) -> str:
    """docs/mjcf.md"""
    lines = [
        "# MJCF: what is read, and how it compares with MuJoCo\n",
        f"Generated by `python -m tests.oracle.zoo` with MuJoCo {mujoco.__version__}; do not edit. Every model of the",
        "dm_control suite and of gymnasium's MuJoCo assets is loaded by `engine.load` and compared with MuJoCo in f64 at six",
        "states of a rollout: poses, mass matrix, bias, passive and actuator forces, contacts, rows (J, aref, D), qacc and one",
        "step, to about rounding (limits in `tests/oracle/zoo.py`). *Not supported* is switched off in MuJoCo;",
        "*apart* are stages beyond their limit; *other manifold* are pairs of shapes whose contact points are chosen otherwise",
        "(another count, or how far apart).\n",
        "| model | not supported | apart | other manifold |",
        "|---|---|---|---|",
    ]
    for name, row in table.items():
        lines.append(
            f"| {name} | " + " | ".join(", ".join(row[k]) or "-" for k in ("unsupported", "apart", "manifolds")) + " |"
        )
    missing = sorted({feature for row in table.values() for feature in row["unsupported"]})
    lines.append(f"\nFeatures that no model may use yet: {', '.join(missing) or 'none'}.")
    return "\n".join(lines) + "\n"


if __name__ == "__main__":
    main()
