"""Poses of all bodies at their joints' initial coordinates, on the host, for files and drawings.

Each body stands in its parent at coordinate 0, then its joints move it in their order: a hinge turns it about its anchor, a
slide shifts it along its axis, a ball joint turns it by its initial rotation. Limits: one scene, rigid trees.
"""

import numpy as np
from numpy.typing import NDArray

from engine.geometry import rotation as rot
from engine.scene.builder import Scene
from engine.scene.description import Ball, Body, Hinge, Slide

Array = NDArray[np.float64]


def body_poses(scene: Scene) -> tuple[Array, Array]:
    """Positions (num_bodies, 3) [m] and unit quaternions (num_bodies, 4) in W."""
    places, turns = np.zeros((len(scene.bodies), 3)), np.tile(np.array(rot.IDENTITY), (len(scene.bodies), 1))
    for k, body in enumerate(scene.bodies[1:], 1):
        place, turn = in_parent(body)
        up = turns[body.parent]
        places[k], turns[k] = places[body.parent] + rot.rotate(up, place), rot.multiply(up, turn)
    return places, turns


def in_parent(body: Body) -> tuple[Array, Array]:
    """Pose of a body in its parent at the initial coordinates."""
    place, turn = np.array(body.position, float), np.array(body.rotation, float)
    for joint in body.joints:
        if isinstance(joint, Slide):
            place = place + rot.rotate(turn, np.array(joint.axis)) * joint.initial
        elif isinstance(joint, Hinge | Ball):
            angle = isinstance(joint, Hinge)
            step = rot.from_axis_angle(np.array(joint.axis), joint.initial) if angle else np.array(joint.initial)  # type: ignore
            anchor = np.array(joint.position)
            place = place + rot.rotate(turn, anchor - rot.rotate(step, anchor))
            turn = rot.multiply(turn, step)
    return place, turn
