"""Actions: what is done to the world in a control step, for all environments of a batch.

A control step is one frame interval, `fps` of them a second; what is written to `sim.control` holds for all its substeps. Times
of the spec are mapped onto control steps like this (t0 = the action's start, frame t covers [t, t + 1) / fps):
- impulse J: force J * fps during the first step that begins at or after t0, so force times duration is J exactly: the momentum
  of a free body changes by J (in the engine's arithmetic) beside what gravity and contacts do.
- force, torque: weighted by the share of the step that [t0, t0 + duration) covers, so the total impulse is exact for any times.
- set_velocity: written into the state at the first step that begins at or after t0.
- move: the velocity that brings the body from where it is to where the path is at the end of the step; a waypoint on a frame
  is met.
- joint_target: the drive is on from the first step that begins at or after t0, until a later action takes the joint over.
Points are in the body frame and read at the beginning of a step; direction and lever stay fixed in the world during it.
Limits: a path is followed as straight chords between frames.
"""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

import engine
from datagen.quaternions import conjugate, interpolate, multiply, rotate, rotation_vector
from datagen.spec import ActionSpec, EpisodeSpec

EARLY = 1e-6  # frames: a start that a rounding error puts behind a frame boundary still belongs to it
DRIVE = "drive."  # an actuator `drive.<id>` belongs to the joint_target action of that id


@dataclass(frozen=True)
class Poses:
    """Poses of all bodies at a frame: position (envs, bodies, 3) [m], rotation (envs, bodies, 4), in W."""

    position: np.ndarray
    rotation: np.ndarray


class Actuation:
    """Applies the actions of one batch, environment k following specs[k]; one object lives for one run of a simulation."""

    def __init__(self, simulation: Any, specs: Sequence[EpisodeSpec], resting: Sequence[Mapping[str, float]] = (),
                 servos: Mapping[str, str] | None = None):  # fmt: skip
        """resting: per environment, the value of actuators that nobody commands; the others rest at 0. servos: actuator of the
        joints that are driven by position, which a joint_target commands."""
        self._servos = dict(servos or {})
        self.simulation, self.specs = simulation, specs
        self.fps = specs[0].world.fps
        names = simulation.names
        self._body = {name: number for number, name in enumerate(names.body)}
        self._actuator = {name: number for number, name in enumerate(names.actuator)}
        self._kinematic = {name: number for number, name in enumerate(names.kinematic)}
        self._com = _per_env(simulation, "body_com")
        self._rest = np.zeros(simulation.control.actuator.shape)
        for env, held in enumerate(resting):
            for name, value in held.items():
                self._rest[env, self._actuator[name]] = value

    def rest(self) -> None:
        """Controls while nothing is done: what holds the actors."""
        self.simulation.control.actuator[:] = self._rest

    def apply(self, frame: int, poses: Poses) -> list[dict[str, np.ndarray]]:
        """Write controls and velocities for the interval that begins at `frame`; returns, per environment, action id -> six
        numbers for every action that acts: force [N] and torque about the centre of mass [N m] for impulse, force, torque;
        velocity [m/s] and angular velocity [rad/s] for set_velocity and move, all in W; the target [rad or m] and five zeros
        for joint_target.
        """
        control = self.simulation.control
        control.body_wrench[:] = 0.0
        control.kinematic_velocity[:] = 0.0
        control.actuator[:] = self._rest
        applied: list[dict[str, np.ndarray]] = []
        for env, spec in enumerate(self.specs):
            live = in_charge(spec, frame)
            applied.append({action.id: self._apply_one(env, action, frame, poses) for action in live})
        return applied

    def _apply_one(self, env: int, action: ActionSpec, frame: int, poses: Poses) -> np.ndarray:
        if action.do == "joint_target" and action.target in self._servos:
            self.simulation.control.actuator[env, self._actuator[self._servos[action.target]]] = action.value or 0.0
            return np.array([action.value or 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
        if action.do == "joint_target":
            self.simulation.control.actuator[env, self._actuator[DRIVE + action.id]] = 1.0
            return np.array([action.value or 0.0, 0.0, 0.0, 0.0, 0.0, 0.0])
        body = self._body[action.target]
        if action.do == "move":
            motion = self._chord(env, body, action, frame, poses)
            self.simulation.control.kinematic_velocity[env, self._kinematic[action.target]] = motion
            return motion
        if action.do == "set_velocity":
            return set_velocity(self.simulation, env, body, action)
        wrench = self._wrench(env, body, action, frame, poses)
        self.simulation.control.body_wrench[env, body] += wrench
        return wrench

    def _wrench(self, env: int, body: int, action: ActionSpec, frame: int, poses: Poses) -> np.ndarray:
        """Force and torque about the centre of mass, in W, held for the step."""
        vector = np.array(action.vector or (0.0, 0.0, 0.0)) * weight(action, frame, self.fps)
        if action.do == "torque":
            return np.concatenate([np.zeros(3), vector])
        lever = rotate(poses.rotation[env, body], np.array(action.point) - self._com[env, body])
        return np.concatenate([vector, np.cross(lever, vector)])

    def _chord(self, env: int, body: int, action: ActionSpec, frame: int, poses: Poses) -> np.ndarray:
        """Velocity and angular velocity that reach the path's pose of the next frame from the present one."""
        position, rotation = path_pose(action, (frame + 1) / self.fps - action.start)
        turn = multiply(rotation, conjugate(poses.rotation[env, body]))
        return self.fps * np.concatenate([position - poses.position[env, body], rotation_vector(turn)])


def first_frame(action: ActionSpec, fps: int) -> int:
    """The first frame at or after the action's start."""
    return math.ceil(action.start * fps - EARLY)


def weight(action: ActionSpec, frame: int, fps: int) -> float:
    """Factor on the action's vector during the interval after `frame`: `fps` once for an impulse, the covered share else."""
    if action.do == "impulse":
        return float(fps) if frame == first_frame(action, fps) else 0.0
    begin, end = max(action.start * fps, frame), min((action.start + action.duration) * fps, frame + 1)
    return end - begin if end - begin > EARLY else 0.0


def in_charge(spec: EpisodeSpec, frame: int) -> list[ActionSpec]:
    """The actions that act during the interval after `frame`; of several moves or joint targets of one target the latest."""
    fps = spec.world.fps
    acting: dict[Any, ActionSpec] = {}
    for number, action in enumerate(spec.actions):
        if action.do in ("impulse", "force", "torque"):
            if weight(action, frame, fps) != 0.0:
                acting[number] = action
        elif action.do == "skill":
            continue  # of a policy, see `datagen.policies.skills`
        elif action.do == "set_velocity":
            if frame == first_frame(action, fps):
                acting[number] = action
        elif _has_begun(action, frame, fps):
            key = (action.do, action.target)
            if key not in acting or acting[key].start <= action.start:
                acting[key] = action
    return list(acting.values())


def _has_begun(action: ActionSpec, frame: int, fps: int) -> bool:
    if action.do == "move":
        return action.start * fps < frame + 1 - EARLY
    return first_frame(action, fps) <= frame


def path_pose(action: ActionSpec, time: float) -> tuple[np.ndarray, np.ndarray]:
    """Position and rotation of a `move` at `time` [s] after its start: at rest before the first and after the last waypoint."""
    points = action.waypoints
    if time <= points[0].time:
        return np.array(points[0].position), np.array(points[0].rotation)
    for before, after in zip(points, points[1:], strict=False):
        if time < after.time:
            share = (time - before.time) / (after.time - before.time)
            position = (1.0 - share) * np.array(before.position) + share * np.array(after.position)
            return position, interpolate(np.array(before.rotation), np.array(after.rotation), share)
    return np.array(points[-1].position), np.array(points[-1].rotation)


def set_velocity(simulation: Any, env: int, body: int, action: ActionSpec) -> np.ndarray:
    """Write the velocity coordinates of one body's joint; what the action leaves out stays. Returns the velocity that was asked
    for.

    A free body takes both parts (the engine stores its angular velocity in the body frame), a ball joint the angular part, a
    hinge the part of it about its axis, a slide the part of the linear velocity along its axis; of a jointed body that is
    relative to its parent.
    """
    ints = simulation.compiled.ints
    joint = int(np.flatnonzero(ints["joint_body"] == body)[0])
    kind, start = int(ints["joint_type"][joint]), int(ints["joint_dof_start"][joint])
    rotation = simulation.state.body_rotation[env, body]
    velocity = simulation.state.qvel
    linear, angular = np.array(action.vector or (0.0,) * 3), np.array(action.angular or (0.0,) * 3)
    if kind == engine.JointType.FREE:
        if action.vector is not None:
            velocity[env, start : start + 3] = linear
        if action.angular is not None:
            velocity[env, start + 3 : start + 6] = rotate(conjugate(rotation), angular)
    elif kind == engine.JointType.BALL:
        velocity[env, start : start + 3] = rotate(conjugate(rotation), angular)
    else:
        axis = rotate(rotation, _per_env(simulation, "joint_axis")[env, joint])
        velocity[env, start] = axis @ (angular if kind == engine.JointType.HINGE else linear)
    simulation.state.qvel = velocity
    return np.concatenate([linear, angular])


def _per_env(simulation: Any, name: str) -> np.ndarray:
    """A real constant of the model as (num_envs, *shape)."""
    values = simulation.compiled.reals[name]
    return np.broadcast_to(values, (simulation.num_envs, *values.shape[1:]))
