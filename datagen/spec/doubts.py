"""What is doubtful about a drawn episode: `doubts(episode)`, for `worldsmith lint`.

Decides what a person would hardly have meant: bodies denser than anything or lighter than air, speeds over 100 m/s at the start
or by an impulse, actions that do nothing, gravity upwards, cameras inside a body or that see no body, and goals about the
inside of what has none (their predicates are unknown, so the goal is never true). Volumes are those of spheres, boxes,
cylinders and capsules; other shapes are not judged. Limits: one draw speaks for all.
"""

import math
from collections.abc import Iterator

from .episode import BodySpec, CameraSpec, EpisodeSpec, ShapeSpec
from .pose import conjugate, dot, length, rotate, sub
from .resolved import GoalSpec
from .text import Path

DENSE, LIGHT = 25_000.0, 0.05  # kg/m^3: osmium, and less than any foam
FAST = 100.0  # m/s
SOLID = ("plane", "box", "sphere", "cylinder", "capsule", "ellipsoid")
INTO = ("inside", "partly_inside", "contains", "empty", "full", "volume_in", "mass_in", "fill_level", "fill_height", "count_in")


def doubts(episode: EpisodeSpec) -> Iterator[tuple[Path, str]]:
    """(path in the document, sentence) of everything doubtful."""
    for body in episode.bodies:
        yield from _of_body(body)
    yield from _of_actions(episode)
    if episode.world.gravity[2] > 0.0:
        yield ("world", "gravity"), "gravity points up; z is up, so write it with a minus, or as one number."
    for camera in episode.cameras:
        yield from _of_camera(camera, episode)
    if episode.task is not None:
        for node in filter(None, (episode.task.success, episode.task.failure)):
            yield from _of_goal(node, episode)


def volume(shape: ShapeSpec) -> float:
    """Volume of a simple shape in m^3, nan of others."""
    size = shape.size
    if shape.type == "box":
        return size[0] * size[1] * size[2]
    if shape.type == "sphere":
        return 4.0 / 3.0 * math.pi * size[0] ** 3
    if shape.type in ("cylinder", "capsule"):
        return math.pi * size[0] ** 2 * (size[1] + (4.0 / 3.0 * size[0] if shape.type == "capsule" else 0.0))
    return math.nan


def _of_body(body: BodySpec) -> Iterator[tuple[Path, str]]:
    path: Path = ("entities", body.entity)
    size = sum(volume(shape) for shape in body.shapes)
    if body.mass is not None and size > 0.0 and not LIGHT <= body.mass / size <= DENSE:
        told = f"{body.mass:g} kg in {1e3 * size:.3g} l are {body.mass / size:.3g} kg/m^3"
        yield (*path, "mass"), f"{told}, which nothing has; expected {LIGHT:g} to {DENSE:g} kg/m^3."
    if length(body.velocity) > FAST:
        yield (*path, "velocity"), f"{length(body.velocity):g} m/s is implausible; expected up to {FAST:g} m/s."


def _of_actions(episode: EpisodeSpec) -> Iterator[tuple[Path, str]]:
    bodies = {body.name: body for body in episode.bodies}
    for action in episode.actions:
        path: Path = ("actions", action.id)
        if action.do not in ("impulse", "force", "torque") or action.vector is None or action.skill:
            continue
        size = length(action.vector)
        if size == 0.0:
            yield (*path, "magnitude"), f"a magnitude of 0 does nothing; leave {action.id!r} out, or give it one."
        body = bodies.get(action.target)
        mass = None if body is None else _mass(body)
        if action.do == "impulse" and mass and size / mass > FAST:
            told = f"{size:g} N*s make {mass:.3g} kg {size / mass:.4g} m/s fast"
            yield (*path, "magnitude"), f"{told}; expected up to {FAST:g} m/s."


def _mass(body: BodySpec) -> float | None:
    if body.mass is not None:
        return body.mass
    found = (body.density or 0.0) * sum(volume(shape) for shape in body.shapes)
    return found if found > 0.0 else None


def _of_camera(camera: CameraSpec, episode: EpisodeSpec) -> Iterator[tuple[Path, str]]:
    path: Path = ("cameras", camera.name)
    ahead = sub(camera.look_at, camera.position)
    wide = math.radians(0.5 * camera.fov_y) * max(1.0, camera.resolution[0] / camera.resolution[1]) * 1.5
    seen, judged = bool(episode.models or episode.matter), False
    for body in episode.bodies:
        if any(_holds(body, shape, camera.position) for shape in body.shapes):
            yield path, f"the camera is inside {body.name!r}; put it elsewhere."
        toward = sub(body.position, camera.position)
        if body.shapes[0].type == "plane" or length(toward) == 0.0:
            continue
        reach = math.asin(min(1.0, _radius(body) / length(toward)))
        cosine = dot(ahead, toward) / (length(ahead) * length(toward))
        judged, seen = True, seen or math.acos(max(-1.0, min(1.0, cosine))) - reach < min(wide, math.pi)
    if judged and not seen:
        yield path, "the camera sees no body at the start; look at one of them, or come nearer."


def _radius(body: BodySpec) -> float:
    """Of a sphere about the origin of the body that holds its simple shapes; 1 m where that is not known."""
    found = 0.0
    for shape in body.shapes:
        if not shape.size or shape.type not in SOLID:
            return 1.0
        half = 0.5 * length((shape.size[0], shape.size[1], shape.size[2])) if shape.type == "box" else float(sum(shape.size))
        found = max(found, length(shape.position) + half)
    return found


def _holds(body: BodySpec, shape: ShapeSpec, point: tuple[float, float, float]) -> bool:
    """Whether a point is inside a simple shape."""
    here = rotate(conjugate(body.rotation), sub(point, body.position))
    x, y, z = rotate(conjugate(shape.rotation), sub(here, shape.position))
    size = shape.size
    if shape.type == "box":
        return abs(x) < 0.5 * size[0] and abs(y) < 0.5 * size[1] and abs(z) < 0.5 * size[2]
    if shape.type == "sphere":
        return math.sqrt(x * x + y * y + z * z) < size[0]
    if shape.type == "cylinder":
        return math.hypot(x, y) < size[0] and abs(z) < 0.5 * size[1]
    return shape.type == "plane" and z < 0.0


def _of_goal(node: GoalSpec, episode: EpisodeSpec) -> Iterator[tuple[Path, str]]:
    for part in node.parts:
        yield from _of_goal(part, episode)
    if node.op not in ("measure", "pred") or node.name not in INTO:
        return
    holders = node.of if node.name in ("contains", "empty", "full") else node.ref
    for body in episode.bodies:
        if body.name in holders and body.interior is None and len(body.shapes) == 1 and body.shapes[0].type in SOLID:
            told = f"{body.name!r} is solid and has no inside, so that {node.name!r} of it is unknown and never true"
            yield ("task",), f"{told}; name a vessel."
