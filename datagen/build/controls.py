"""Controls of a spec -> drives of the engine: a joint in mode `joint` or `velocity` gets an actuator that the step takes
implicitly.

Modes torque, force and cartesian need none; an agent writes forces (`datagen.environments`). Limits: one control per joint.
"""

from typing import Any

from datagen.spec import EpisodeSpec

CONTROL = "control."  # an actuator `control.<name>` belongs to the control of that name


def add_controls(scene: Any, spec: EpisodeSpec) -> None:
    """The actuators of an episode's controls."""
    for control in spec.controls:
        if control.mode == "joint":
            gain, bias = (control.stiffness, 0.0, 0.0), (0.0, -control.stiffness, -control.damping)
        elif control.mode == "velocity":
            gain, bias = (control.damping, 0.0, 0.0), (0.0, 0.0, -control.damping)
        else:
            continue
        scene.add_actuator(CONTROL + control.name, joint=control.target, kind="general", gain=gain, bias=bias)


def resting_values(spec: EpisodeSpec) -> dict[str, float]:
    """What the drives hold while no agent acts: the initial coordinate, or standing still."""
    start = {body.joint.name: body.joint.position for body in spec.bodies if body.joint is not None}
    return {
        CONTROL + control.name: start.get(control.target, 0.0) if control.mode == "joint" else 0.0
        for control in spec.controls
        if control.mode in ("joint", "velocity")
    }
