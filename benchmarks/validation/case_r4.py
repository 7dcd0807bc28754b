"""R4: a clamped rope under its own weight: the heavy elastica, q L^3 / (E I) = 1, 3 and 5, from its bending stiffness in SI."""

from typing import Any

import engine
from benchmarks.validation.matter import result
from benchmarks.validation.soft import elastica

CASE, TITLE = "R4", "Clamped rope under its weight, q L^3 / (E I) = 1, 3, 5: largest relative error of the tip's deflection"


def run(quick: bool) -> dict[str, Any]:
    """Within 3 % at the default budget (40 sweeps in the curves)."""
    betas = (3.0,) if quick else (1.0, 3.0, 5.0)
    errors = {f"{beta}": abs(_tip(beta, 12) / elastica(beta) - 1) for beta in betas}
    more = [_tip(beta, 40) / elastica(beta) for beta in betas]
    return result(max(errors.values()), 0.0, 0.03, {"errors": list(errors.values()), "40 sweeps": more}, scale=1.0)


def _tip(beta: float, sweeps: int) -> float:
    """Tip deflection over length."""
    engine.init(backend="cpu", precision="f32", threads=1)
    length, segments, density = 0.5, 20, 0.1
    bending = density * 9.81 * length**3 / beta
    rope = engine.Rope(linear_density=density, stretch=2e3, bending=bending, damping=0.0, bending_damping=0.05, diameter=0.01)
    scene = engine.Scene()
    scene.options.timestep = 0.01
    scene.deformable_options.sweeps = sweeps
    h = length / (segments + 0.5)  # the first segment is held: its middle is the clamp
    points = [(-h / 2, 0, 0), (length, 0, 0)]
    scene.add_rope("rope", material=rope, points=points, segments=segments + 1, self_contact=False)
    scene.attach("rope", [0, 1])
    sim = engine.Simulation(scene)
    sim.step(1200)
    return -float(sim.deformable("rope").position[0, -1, 2]) / length
