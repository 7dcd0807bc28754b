"""R11: drape coefficient (Cusick; ISO 9073-9) of a disc of 300 mm over a support of 180 mm.

Relations, not fabrics: DC grows with the bending stiffness, towards 100 % for a stiff disc; mesh, diagonals and the turn of the
pattern against the mesh change it by less than three points. The shadow is the raster of the triangles seen from above.
"""

from typing import Any

import numpy as np

import engine
from benchmarks.validation.matter import result

CASE, TITLE = "R11", "Drape of a disc over a support: largest change of DC [points] by mesh, diagonals and turn of the pattern"
DISC, SUPPORT = 0.15, 0.09


def run(quick: bool) -> dict[str, Any]:
    """Below three points; DC monotone in the bending stiffness, above 95 % for a stiff disc."""
    engine.init(backend="cpu", precision="f32", threads=1)
    coarse, fine = (0.03, 0.02) if quick else (0.02, 0.0125)
    stiffness = (1e-6, 1e-5, 1e-4, 1e-2)
    rising = [drape(b, coarse) for b in stiffness]
    base = rising[1]
    other = {
        "finer mesh": drape(1e-5, fine), "forward diagonals": drape(1e-5, coarse, "forward"),
        "pattern turned by 30 degrees": drape(1e-5, coarse, turn=np.pi / 6), "60 sweeps": drape(1e-5, coarse, sweeps=60),
    }  # fmt: skip
    change = {name: 100 * abs(value - base) for name, value in other.items()}
    gap = change.pop("60 sweeps")
    ordered = all(b > a for a, b in zip(rising, rising[1:], strict=False)) and rising[-1] > 0.95
    made = result(max(change.values()) if ordered else float("inf"), 0.0, 3.0, {}, scale=1.0, gate_text="3 points; monotone")
    made["curves"] = {"log10 of bending stiffness": [float(np.log10(b)) for b in stiffness], "DC": rising}
    said = ", ".join(f"{name} {value:.1f}" for name, value in change.items())
    dc = ", ".join(f"{100 * value:.1f}" for value in rising)
    return {**made, "reason": f"DC {dc} % for B = 1e-6, 1e-5, 1e-4, 1e-2 N m; points by {said}; 60 sweeps for 12 {gap:.1f}"}


def disc(spacing: float, diagonals: str, turn: float) -> engine.Sheet:
    """A round sheet: the square grid mapped on the disc (x = u sqrt(1 - v^2 / 2)), whose warp is turned by `turn`."""
    n = round(2 * DISC / spacing)
    u, v = (w.ravel() for w in np.meshgrid(*2 * [np.linspace(-1, 1, n + 1)], indexing="ij"))
    flat = DISC * np.stack([u * np.sqrt(1 - v * v / 2), v * np.sqrt(1 - u * u / 2)], 1)
    i, j = (k.ravel() for k in np.meshgrid(np.arange(n), np.arange(n), indexing="ij"))
    a = i * (n + 1) + j
    b, c, d = a + n + 1, a + n + 2, a + 1
    forward = ((i + j) % 2 == 0) | (diagonals == "forward")
    first = np.where(forward[:, None], np.stack([a, b, c], 1), np.stack([a, b, d], 1))
    second = np.where(forward[:, None], np.stack([a, c, d], 1), np.stack([b, c, d], 1))
    faces = np.stack([first, second], 1).reshape(-1, 3)
    cos, sin = np.cos(turn), np.sin(turn)
    points = np.concatenate([flat, np.zeros((len(flat), 1))], 1)
    return engine.Sheet(vertices=points, faces=faces, plane=flat @ np.array([[cos, sin], [-sin, cos]]), spacing=spacing)


def drape(bending: float, spacing: float, diagonals: str = "alternating", turn: float = 0.0, sweeps: int = 12) -> float:
    """Drape coefficient after two seconds."""
    scene = engine.Scene()
    scene.deformable_options.sweeps = sweeps
    scene.add_body("support", engine.Cylinder(radius=SUPPORT, height=0.02), position=(0, 0, -0.01), fixed=True)
    soft = {"bending_warp": bending, "bending_weft": bending, "damping": 5e-3, "bending_damping": 2e-2, "friction": 0.8}
    # isotropic in the plane, nu = 0.2: shear = stretch (1 - nu) / 2
    stretch = {"stretch_warp": 500.0, "stretch_weft": 500.0, "coupling": 100.0, "shear": 200.0}
    cloth = engine.Cloth(areal_density=0.15, **soft, **stretch)
    sheet = disc(spacing, diagonals, turn)
    scene.add_cloth("cloth", material=cloth, mesh=sheet, position=(0, 0, 0.005), self_contact=False)
    sim = engine.Simulation(scene)
    sim.step(1000)
    view = sim.deformable("cloth")
    rest = np.asarray(sheet.vertices)
    inner = np.pi * SUPPORT**2
    return float((shadow(view.position[0], view.faces) - inner) / (shadow(rest, view.faces) - inner))


def shadow(points: np.ndarray, faces: np.ndarray, pixel: float = 0.5e-3) -> float:
    """Area [m^2] of the triangles seen from above, the support under them filled."""
    side = np.arange(-DISC - 0.01, DISC + 0.01, pixel)
    covered = np.hypot(*np.meshgrid(side, side, indexing="ij")) < SUPPORT
    for p in points[faces][:, :, :2]:
        low = np.clip(np.searchsorted(side, p.min(0)), 0, len(side))
        high = np.clip(np.searchsorted(side, p.max(0)), 0, len(side))
        x, y = np.meshgrid(side[low[0] : high[0]], side[low[1] : high[1]], indexing="ij")
        turn = [
            (p[k - 2, 0] - p[k, 0]) * (y - p[k, 1]) - (p[k - 2, 1] - p[k, 1]) * (x - p[k, 0]) for k in range(3)
        ]  # left or right of every side
        inside = np.all([t >= 0 for t in turn], axis=0) | np.all([t <= 0 for t in turn], axis=0)
        covered[low[0] : high[0], low[1] : high[1]] |= inside
    return float(covered.sum()) * pixel**2
