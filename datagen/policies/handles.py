"""Where a hand takes a part on a joint, and how the part then moves: from the shapes and the joint of the spec.

A handle is the longest bar of the part (a box that is thin across two of its axes) that the fingers can enclose; of several
equal ones (a door has one on each side) the nearer to the arm. The approach is one of the four directions across the bar from
which the open hand meets nothing of the same entity; of those the one that the arm can best reach. Without a bar (a lid), the
part is pushed on the face that looks against the motion, close to the edge that is farthest from the hinge.
Limits: bars and plates are boxes.
"""

import math
from dataclasses import dataclass

import numpy as np

from datagen.policies.clearance import free, placed
from datagen.policies.view import OPEN, Box, Pose, View, facing, nearest
from datagen.quaternions import from_rotation_vector, multiply, rotate
from datagen.spec import ShapeSpec

THIN = 0.04  # m: a bar is not thicker


@dataclass(frozen=True)
class Hinged:
    """The joint of a part as it stands in the world: kind, unit axis, a point on it [m], coordinate and range (rad or m)."""

    kind: str
    axis: np.ndarray
    anchor: np.ndarray
    coordinate: float
    low: float
    high: float

    def moved(self, pose: Pose, by: float, follow: float = 1.0) -> Pose:
        """Where a pose on the part goes when the coordinate changes by `by`; follow: share of the turn that the rotation
        takes."""
        position, rotation = pose
        if self.kind == "slide":
            return position + by * self.axis, rotation
        turn = from_rotation_vector(by * self.axis)
        part = from_rotation_vector(follow * by * self.axis)
        return self.anchor + rotate(turn, position - self.anchor), multiply(part, rotation)


def joint_of(view: View, part: str) -> Hinged | None:
    """The hinge or slide of a body, None where it has none."""
    joint = view.bodies[part].joint
    if joint is None or joint.type not in ("hinge", "slide"):
        return None
    position, rotation = view.pose(part)
    low, high = joint.range or ((-math.pi, math.pi) if joint.type == "hinge" else (-0.5, 0.5))
    axis = rotate(rotation, np.array(joint.axis))
    anchor = position + rotate(rotation, np.array(joint.anchor))
    return Hinged(joint.type, axis, anchor, view.coordinate(part), low, high)


def bar_of(view: View, part: str) -> ShapeSpec | None:
    """The handle of a part."""
    base, found = view.base()[0], []
    for shape in view.shapes(part):
        size = sorted(shape.size)
        if shape.type == "box" and size[1] <= THIN and size[2] > 1.5 * size[1]:
            found.append((-round(size[2], 6), float(np.linalg.norm(placed(view, part, shape)[0] - base)), shape))
    return min(found, key=lambda one: one[:2])[2] if found else None


def grip_of(view: View, part: str, bar: ShapeSpec, spot: float = 0.0) -> tuple[list[Pose], float]:
    """Poses of the hand around a bar, the best first, and how far each finger is open on the way in. spot: along the bar, -1
    to 1."""
    middle, turn = placed(view, part, bar)
    order = np.argsort(bar.size)
    axes = [rotate(turn, axis) for axis in np.eye(3)]
    middle = middle + spot * 0.5 * bar.size[order[2]] * axes[order[2]]
    entity = view.bodies[part].entity
    others = [
        (one, shape) for one, body in view.bodies.items() if body.entity == entity for shape in body.shapes if shape is not bar
    ]
    out = (middle - view.base()[0]) * [1.0, 1.0, 0.0]
    out = out / max(float(np.linalg.norm(out)), 1e-9)
    now, found, opening = view.tip()[1], [], OPEN
    for thin in order[:2]:
        closing, across = axes[thin], axes[order[0] + order[1] - thin]
        wide = min(OPEN, 0.5 * bar.size[thin] + 0.012)
        for side in (-1.0, 1.0):
            approach = side * across
            hand = nearest(now, [facing(approach, closing), facing(approach, -closing)])
            worth = max(-float(approach[2]), float(approach @ out))
            if worth > 0.2 and free(view, (middle, hand), wide, others):
                found.append((-round(worth, 3), thin, (middle, hand), wide))
    found.sort(key=lambda one: one[:2])
    if found:
        opening = found[0][3]
    return [one[2] for one in found], opening


def beside(view: View, part: str) -> list[Box]:
    """The boxes of the other bodies of the same entity as they stand now: the frame of a door, a cabinet around a drawer."""
    entity = view.bodies[part].entity
    names = [name for name, body in view.bodies.items() if body.entity == entity and name != part]
    return [
        (placed(view, name, shape), 0.5 * np.array(shape.size))
        for name in names
        for shape in view.shapes(name)
        if shape.type == "box"
    ]


def face_of(view: View, part: str, joint: Hinged, sign: float) -> tuple[np.ndarray, np.ndarray] | None:
    """Where to push a part without a bar so that its coordinate goes up (sign 1) or down (-1): a point on its largest box and
    the outward normal there."""
    boxes = [shape for shape in view.shapes(part) if shape.type == "box"]
    if not boxes:
        return None
    plate = max(boxes, key=lambda shape: float(np.prod(shape.size)))
    middle, turn = placed(view, part, plate)
    thin = int(np.argmin(plate.size))
    axes, half = [rotate(turn, axis) for axis in np.eye(3)], 0.5 * np.array(plate.size)
    edge = middle
    if joint.kind == "hinge":
        arm = middle - joint.anchor
        arm = arm - (arm @ joint.axis) * joint.axis
        for number in range(3):
            along = float(axes[number] @ arm)
            if number != thin and abs(along) > 0.5 * float(np.linalg.norm(arm)):
                edge = edge + math.copysign(max(half[number] - 0.025, 0.0), along) * axes[number]
    motion = sign * (np.cross(joint.axis, edge - joint.anchor) if joint.kind == "hinge" else joint.axis)
    normal = -math.copysign(1.0, float(axes[thin] @ motion)) * axes[thin]
    return edge + half[thin] * normal, normal
