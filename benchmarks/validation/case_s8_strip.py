"""S8: the heavy elastica, a clamped strip of cloth under its own weight: recovers the bending stiffness in SI."""

from typing import Any

import engine
from benchmarks.validation.soft import elastica, result

CASE, TITLE = "S8-strip", "Heavy elastica of cloth: tip deflection of a clamped strip, q L^3 / (E I) = 5"


def run(quick: bool) -> dict[str, Any]:
    """Tip deflection over length within 3 %."""
    beta, length, cells = 5.0, 0.2, 12 if quick else 20
    width = length / (cells + 0.5)  # the first cell is held: its middle is the clamp
    bending = 0.15 * 9.81 * length**3 / beta
    cloth = engine.Cloth(
        areal_density=0.15, stretch_warp=400.0, stretch_weft=400.0, shear=200.0, bending_warp=bending, bending_weft=bending,
        damping=0.0, bending_damping=0.0, drag=0.0, skin_drag=0.0,
    )  # fmt: skip
    scene = engine.Scene()
    scene.options.timestep = 0.01
    scene.deformable_options.sweeps = 60
    mesh = engine.Sheet(size=(length + width / 2, 4 * width), spacing=width)
    scene.add_cloth("strip", material=cloth, mesh=mesh, self_contact=False)
    held = scene.attach("strip", range(10))
    sim = engine.Simulation(scene)
    sim.step(600 if quick else 2000)
    place = sim.deformable("strip").position[0]
    tip = place[-5:, 2].mean()
    return result(-tip / length, elastica(beta), 0.03, {"held": len(held), "z": place[2::5, 2].tolist()})
