"""`SensorSpec`: one sensor of an episode in plain numbers, as the engine and the dataset read it."""

from typing import Any

from pydantic import BaseModel, ConfigDict


class SensorSpec(BaseModel):
    """name: that of the feature `observation.sensor.NAME`. type: a kind of `engine.scene.sensing.KINDS`, or "sound". body,
    joint: what it sits on (None: the world). position (m) and rotation in the frame of the body. parameters: those of the kind
    that are not at their default. signal: rate (Hz), noise, bias, drift, range, resolution, dropout, delay (s).
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)

    name: str
    type: str
    body: str | None = None
    joint: str | None = None
    position: tuple[float, float, float] = (0.0, 0.0, 0.0)
    rotation: tuple[float, float, float, float] = (1.0, 0.0, 0.0, 0.0)
    parameters: dict[str, Any] = {}
    signal: dict[str, Any] = {}
