"""From scenes to the continua that run beside their rigid bodies: one maker per kind of matter.

A maker gets the scenes of the batch (one, or one per environment), the compiled rigid scene, the runtime and the number of
environments, and returns the continua it found in them, or nothing.
"""

import importlib
from collections.abc import Callable, Sequence
from typing import Any

from engine.compiled import CompiledScene
from engine.continua import Continuum
from engine.runtime import Runtime
from engine.scene.builder import Scene

Maker = Callable[[Sequence[Scene], CompiledScene, Runtime, int], Sequence[Continuum]]


def _matter(scenes: Sequence[Scene], compiled: CompiledScene, runtime: Runtime, num_envs: int) -> Sequence[Continuum]:
    """Particles; a process without matter loads nothing of them."""
    if not any(scene.matter for scene in scenes):
        return ()
    return importlib.import_module("engine.couplers.matter").make_matter(scenes, compiled, runtime, num_envs)


MAKERS: tuple[Maker, ...] = (_matter,)


def continua(scenes: Sequence[Scene], compiled: CompiledScene, runtime: Runtime, num_envs: int) -> tuple[Continuum, ...]:
    """Everything that flows, bends or breaks in these scenes, in a fixed order."""
    return tuple(made for maker in MAKERS for made in maker(scenes, compiled, runtime, num_envs))


def matter_view(sim: Any, name: str) -> Any:
    """The particles of a matter of a simulation by name."""
    return importlib.import_module("engine.couplers.matter_view").view(sim, name)
