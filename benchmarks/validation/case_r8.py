"""R8, R9: a sheet of cloth stretched one and both ways and sheared, and one that hangs by its upper side, in the fast solver.

N = E t eps per width; both ways E t eps / (1 - nu); shear G t gamma; the strain of the hanging sheet is rho_A g / (E t) times
the length below a point. Small strains, by half the difference of both signs; the hanging sheet without Poisson's effect.
"""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result

CASE, TITLE = "R8", "Membrane (R8) and hanging sheet (R9): largest relative error of force per width and strain"
STRETCH, NU, SIZE = 1000.0, 0.3, 0.2


def run(quick: bool) -> dict[str, Any]:
    """Within 2 %, default sweeps."""
    engine.init(backend="cpu", precision="f32", threads=1)
    eps = 0.01
    modes = {
        "one way": (np.diag([1.0, 0.0, 0]), STRETCH / (1 - NU**2)),  # prescribed sides: no strain across
        "both ways": (np.diag([1.0, 1.0, 0]), STRETCH / (1 - NU)),
        "shear": (np.array([[0, 1.0, 0], [0, 0, 0], [0, 0, 0]]), STRETCH / (2 * (1 + NU))),
    }
    errors = {}
    for name, (strain, stiffness) in modes.items():
        pair = [_pull(strain * e) for e in (eps, -eps)]
        row = 1 if name == "shear" else 0
        force = (pair[0][0] - pair[1][0]) / 2 if row == 0 else (pair[0][1] - pair[1][1]) / 2
        errors[name] = abs(float(force) / (stiffness * eps) - 1)
    free = [_pull(np.diag([e, 0, 0]), free=True)[0] for e in (eps, -eps)]
    errors["one way, free sides"] = abs(float(free[0] - free[1]) / 2 / (STRETCH * eps) - 1)
    errors["hanging"] = _hang(200 if quick else 500)
    return result(max(errors.values()), 0.0, 0.02, {"errors": list(errors.values()), "names": list(errors)}, scale=1.0)


def cloth(**more: float) -> "engine.Cloth":
    """Isotropic in its plane."""
    plane = STRETCH / (1 - NU**2)
    values = {"damping": 5e-3, "drag": 0.0, "skin_drag": 0.0, "bending_warp": 0.0, "bending_weft": 0.0, **more}
    values = {"stretch_warp": plane, "stretch_weft": plane, "coupling": NU * plane, "shear": STRETCH / (2 * (1 + NU)), **values}
    return engine.Cloth(areal_density=0.2, **values)


def _pull(strain: np.ndarray, free: bool = False) -> np.ndarray:
    """Mean force per width (x, y) [N/m] on the right side of a sheet whose border (or left and right side) is displaced."""
    scene = engine.Scene()
    scene.options.gravity, scene.options.timestep = (0, 0, 0), 0.01
    scene.add_body("holder", position=(SIZE / 2, 0, 0), kinematic=True)
    long = SIZE * (4 if free else 1)
    scene.add_cloth("sheet", material=cloth(), mesh=engine.Sheet(size=(long, SIZE), spacing=SIZE / 8), self_contact=False)
    sim = engine.Simulation(scene)
    view = sim.deformable("sheet")
    rest = view.position[0]
    ends = np.abs(np.abs(rest[:, 0]) - long / 2) < 1e-6
    held = ends if free else ends | (np.abs(np.abs(rest[:, 1]) - SIZE / 2) < 1e-6)
    x = rest + rest @ strain.T
    x[~held] += 0.001 * np.random.default_rng(2).standard_normal((int((~held).sum()), 3)) * [1, 1, 0]
    view.position = x[None]
    view.attach(np.flatnonzero(held))
    sim.step(300 if free else 100)
    solver = sim.continua[0].solver
    vertex = np.flatnonzero(rest[:, 0] > long / 2 - 1e-6)
    force = solver.holder_force(np.zeros(len(vertex), int), vertex)
    if not free:  # the corners carry half of what the neighbouring side pulls
        inner = np.abs(rest[vertex, 1]) < SIZE / 2 - 1e-6
        return np.asarray(force[inner, :2].mean(0) / (SIZE / 8))
    return np.asarray(force[:, :2].sum(0) / SIZE)


def _hang(steps: int) -> float:
    """Largest relative error of the strain along a hanging sheet, in its upper half."""
    scene = engine.Scene()
    scene.options.timestep = 0.01
    soft = cloth(damping=2e-2, stretch_warp=STRETCH, stretch_weft=STRETCH, coupling=0.0)
    mesh = engine.Sheet(size=(0.4, 0.08), spacing=0.02)
    turned = (np.sqrt(0.5), 0, np.sqrt(0.5), 0)
    scene.add_cloth("sheet", material=soft, mesh=mesh, rotation=turned, self_contact=False)
    scene.deformable_options.sweeps = 60
    sim = engine.Simulation(scene)
    view = sim.deformable("sheet")
    rest = view.position[0]
    top = np.abs(rest[:, 2] - rest[:, 2].max()) < 1e-6
    view.attach(np.flatnonzero(top))
    sim.step(steps)
    middle = np.abs(rest[:, 1]) < 1e-6
    order = np.argsort(-rest[middle, 2])
    z0, z = rest[middle, 2][order], view.position[0][middle, 2][order]
    below = z0[0] - z0
    sag = (z0[:-1] - z0[1:], z[:-1] - z[1:])
    strain = sag[1] / sag[0] - 1
    place = (below[:-1] + below[1:]) / 2
    exact = 0.2 * 9.81 * (below[-1] - place) / STRETCH
    upper = slice(4, 10)  # away from the clamp, which hinders the sides, and from the nearly free end
    return float(np.abs(strain[upper] / exact[upper] - 1).max())
