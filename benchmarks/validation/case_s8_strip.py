"""S8-strip: the heavy elastica, a clamped strip of cloth under its own weight: recovers the bending stiffness in SI.

Statics by dynamic relaxation: whenever the kinetic energy falls, the strip is stopped. What is left when it stands still is the
equilibrium of the mesh, whatever the time step and the number of sweeps.
"""

from typing import Any

import engine
from benchmarks.validation.soft import elastica, result

CASE, TITLE = "S8-strip", "Heavy elastica of cloth: tip deflection of a clamped strip, q L^3 / (E I) = 5"


def run(quick: bool) -> dict[str, Any]:
    """Tip deflection over length within 3 %, default sweeps."""
    beta, length, cells = 5.0, 0.2, 12 if quick else 20
    width = length / (cells + 0.5)  # the first cell is held: its middle is the clamp
    bending = 0.15 * 9.81 * length**3 / beta
    cloth = engine.Cloth(
        areal_density=0.15, stretch_warp=100.0, stretch_weft=100.0, shear=50.0, bending_warp=bending, bending_weft=bending,
        damping=0.0, bending_damping=0.0, drag=0.0, skin_drag=0.0,
    )  # fmt: skip
    engine.init(backend="cpu", precision="f32", threads=1)
    scene = engine.Scene()
    mesh = engine.Sheet(size=(length + width / 2, 4 * width), spacing=width)
    scene.add_cloth("strip", material=cloth, mesh=mesh, self_contact=False)
    scene.attach("strip", range(10))
    sim = engine.Simulation(scene)
    view = sim.deformable("strip")
    last, tips = 0.0, []
    for _ in range(200 if quick else 500):
        sim.step(4)
        speed = float((view.velocity**2).sum())
        if speed < last:
            view.velocity, speed = 0 * view.velocity, 0.0
        last = speed
        tips.append(-float(view.position[0, -5:, 2].mean()) / length)
    return result(tips[-1], elastica(beta), 0.03, {"tip over length": tips})
