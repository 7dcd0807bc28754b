"""From scenes to the continua that run beside their rigid bodies: one maker per kind of matter.

A maker gets the scenes of the batch (one, or one per environment), the compiled rigid scene, the runtime and the number of
environments, and returns the continua it found in them, or nothing.
"""

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from engine.compiled import CompiledScene
from engine.continua import Bodies, Continuum
from engine.errors import StateError, near_matches
from engine.runtime import Runtime
from engine.scene.builder import Scene

Maker = Callable[[Sequence[Scene], CompiledScene, Runtime, int], Sequence[Continuum]]


def _matter(scenes: Sequence[Scene], compiled: CompiledScene, runtime: Runtime, num_envs: int) -> Sequence[Continuum]:
    """Particles; a process without matter loads nothing of them."""
    if not any(scene.matter for scene in scenes):
        return ()
    return importlib.import_module("engine.couplers.matter").make_matter(scenes, compiled, runtime, num_envs)


def deformables(scenes: Sequence[Scene], compiled: CompiledScene, runtime: Runtime, num_envs: int) -> Sequence[Continuum]:
    """Cloth, ropes and elastic solids; their kernels are imported only for scenes that have some."""
    if not any(scene.deformables for scene in scenes):
        return ()
    return importlib.import_module("engine.couplers.deformable").make(scenes, compiled, runtime, num_envs)


MAKERS: tuple[Maker, ...] = (_matter, deformables)


def continua(scenes: Sequence[Scene], compiled: CompiledScene, runtime: Runtime, num_envs: int) -> tuple[Continuum, ...]:
    """Everything that flows, bends or breaks in these scenes, in a fixed order."""
    made = tuple(made for maker in MAKERS for made in maker(scenes, compiled, runtime, num_envs))
    if len(made) > 1:
        importlib.import_module("engine.couplers.matter_on_soft").join(made)
    return made


def matter_view(sim: Any, name: str) -> Any:
    """The particles of a matter of a simulation by name."""
    return importlib.import_module("engine.couplers.matter_view").view(sim, name)


def deformable_view(continua: Sequence[Continuum], name: str, bodies: Callable[[], Bodies]) -> Any:
    """The state of a deformable by name, see `engine.couplers.deformable_view.DeformableView`. Raises StateError."""
    for continuum in continua:
        if name in getattr(continuum, "names", ()):
            return importlib.import_module("engine.couplers.deformable_view").DeformableView(continuum, name, bodies)
    known = [known for continuum in continua for known in getattr(continuum, "names", ())]
    raise StateError(
        "Simulation.deformable", f"unknown deformable {name!r}", near_matches(name, known), "add it with scene.add_cloth, "
        "add_rope or add_soft",
    )  # fmt: skip
