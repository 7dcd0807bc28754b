"""From scenes to the continua that run beside their rigid bodies: one maker per kind of matter.

A maker gets the scenes of the batch (one, or one per environment), the compiled rigid scene, the runtime and the number of
environments, and returns the continua it found in them, or nothing.
"""

from collections.abc import Callable, Sequence

from engine.compiled import CompiledScene
from engine.continua import Continuum
from engine.runtime import Runtime
from engine.scene.builder import Scene

Maker = Callable[[Sequence[Scene], CompiledScene, Runtime, int], Sequence[Continuum]]
MAKERS: tuple[Maker, ...] = ()


def continua(scenes: Sequence[Scene], compiled: CompiledScene, runtime: Runtime, num_envs: int) -> tuple[Continuum, ...]:
    """Everything that flows, bends or breaks in these scenes, in a fixed order."""
    return tuple(made for maker in MAKERS for made in maker(scenes, compiled, runtime, num_envs))
