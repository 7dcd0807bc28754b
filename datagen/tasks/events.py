"""Events: what happened in an episode, in words and numbers, found in its recorded motion and contacts.

Types, with the thresholds that define them (all constants below):
- `contact_begin`, `contact_end`: two bodies start or stop exchanging impulses; pauses shorter than GAP are bridged. Pairs that
  touch from the first interval on are part of the initial state and begin no event. Magnitude: impulse of that interval [N s].
- `collision`: a local peak of the impulse between two bodies that rises, within two intervals, by what changes the velocity of
  the lighter one by COLLISION_SPEED and carries it COLLISION_WEIGHTS times. Magnitude: impulse [N s].
- `topple`: a free body tilts by more than TOPPLE from its first upright axis; it must come back under UPRIGHT before it can
  topple again. Balls do not topple. Magnitude: tilt [deg].
- `rest`: a body that has moved keeps below REST_SPEED and REST_SPIN for REST_TIME. Magnitude: its time [s].
- `fall`: a body sinks below the floor or leaves the region around the scene. Magnitude: height [m].

Frame t of a contact event is the interval that begins at frame t, `substep` the earliest substep in which it can have happened
(a contact that begins is taken to last until its interval ends); the others are seen in the picture of frame t. Pure numpy,
one environment. Limits: thresholds are for bodies of centimetres to metres.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np

from datagen.quaternions import upright_angle

GAP = 0.1  # s
COLLISION_SPEED, COLLISION_WEIGHTS = 0.1, 2.0  # m/s, and multiples of the impulse that carries the lighter body
TOPPLE, UPRIGHT = np.deg2rad(45.0), np.deg2rad(30.0)
REST_SPEED, REST_SPIN, REST_TIME = 0.01, 0.1, 0.2  # m/s, rad/s, s
MOVED = 3.0  # times the rest thresholds: a body that was faster has moved
DROP, REGION = 0.05, 4.0  # m below the floor; sizes of the scene that a body may be away from its middle

Event = dict[str, Any]


@dataclass(frozen=True)
class Track:
    """The recorded motion of one environment, bodies in the engine's order with the world first.

    names: of the bodies. position (T, bodies, 3) [m], rotation (T, bodies, 4), velocity (T, bodies, 6) linear and angular in W.
    moving: bodies that move by themselves. free: bodies without a joint. round: bodies that look the same when they roll. mass
    (bodies,) [kg]. touches: per interval (body_a, body_b, impulse [N s], substeps) arrays. before: the same for the interval
    before frame 0, or None. floor: height [m] that nothing should sink below, or None.
    """

    fps: int
    substeps: int
    gravity: float
    names: Sequence[str]
    position: np.ndarray
    rotation: np.ndarray
    velocity: np.ndarray
    moving: np.ndarray
    free: np.ndarray
    round: np.ndarray
    mass: np.ndarray
    touches: Sequence[Mapping[str, np.ndarray]]
    before: Mapping[str, np.ndarray] | None = None
    floor: float | None = None

    @property
    def length(self) -> int:
        """Number of frames."""
        return len(self.position)


def find_events(track: Track) -> list[Event]:
    """All events by frame, then substep, then type and names."""
    found = [*_contact_events(track), *_topples(track), *_rests(track), *_falls(track)]
    return sorted(found, key=lambda event: (event["frame"], event["substep"], event["type"], event["subject"], event["object"]))


def count_events(events: Sequence[Event]) -> dict[str, int]:
    """Number of events of each type, zero for those that did not happen."""
    types = ("contact_begin", "contact_end", "collision", "topple", "rest", "fall")
    return {kind: sum(event["type"] == kind for event in events) for kind in types}


def _event(frame: Any, kind: str, subject: str, magnitude: float, text: str, other: str = "", substep: int = 0) -> Event:
    rounded = float(f"{magnitude:.6g}")
    return {
        "frame": int(frame),
        "substep": int(substep),
        "type": kind,
        "subject": subject,
        "object": other,
        "magnitude": rounded,
        "text": text,
    }


# ---- contacts


def pair_impulses(track: Track) -> dict[tuple[int, int], tuple[np.ndarray, np.ndarray]]:
    """Body pair -> impulse (T,) [N s], the norm of the sum over its shape pairs, and substeps in contact (T,)."""
    sums: dict[tuple[int, int], tuple[np.ndarray, np.ndarray]] = {}
    for frame, touch in enumerate(track.touches):
        for a, b, impulse, substeps in zip(touch["body_a"], touch["body_b"], touch["impulse"], touch["substeps"], strict=True):
            first, second, sign = (int(a), int(b), 1.0) if a <= b else (int(b), int(a), -1.0)
            vectors, counts = sums.setdefault((first, second), (np.zeros((track.length, 3)), np.zeros(track.length, int)))
            vectors[frame] += sign * impulse
            counts[frame] = max(counts[frame], int(substeps))
    return {pair: (np.linalg.norm(vectors, axis=1), counts) for pair, (vectors, counts) in sorted(sums.items())}


def _contact_events(track: Track) -> list[Event]:
    found: list[Event] = []
    earlier = set()
    if track.before is not None:
        earlier = {(min(a, b), max(a, b)) for a, b in zip(track.before["body_a"], track.before["body_b"], strict=True)}
    for pair, (impulse, counts) in pair_impulses(track).items():
        found += _spans(track, pair, impulse, counts, pair in earlier)
        found += _collisions(track, pair, impulse)
    return found


def _spans(track: Track, pair: tuple[int, int], impulse: np.ndarray, counts: np.ndarray, touched: bool) -> list[Event]:
    gap = max(1, round(GAP * track.fps))
    frames = np.flatnonzero(counts)
    breaks = np.flatnonzero(np.diff(frames) > gap)
    begins, ends = frames[np.concatenate([[0], breaks + 1])], frames[np.concatenate([breaks, [len(frames) - 1]])]
    subject, other = _names(track, pair)
    found = []
    for begin, end in zip(begins, ends, strict=True):
        if begin > 0 or (track.before is not None and not touched):
            text = f"{subject} touches {other}."
            found.append(
                _event(
                    begin, "contact_begin", subject, impulse[begin], text, other, max(0, track.substeps - int(counts[begin]))
                )
            )
        if end + gap < track.length:
            found.append(_event(end + 1, "contact_end", subject, impulse[end], f"{subject} parts from {other}.", other))
    return found


def _collisions(track: Track, pair: tuple[int, int], impulse: np.ndarray) -> list[Event]:
    masses = [track.mass[body] for body in pair if track.moving[body]]
    if not masses:
        return []
    least = min(masses) * (COLLISION_SPEED + COLLISION_WEIGHTS * track.gravity / track.fps)
    around = np.concatenate([[0.0, 0.0], impulse, [0.0]])
    rise = impulse - np.minimum(around[:-3], around[1:-2])
    peaks = np.flatnonzero((rise >= least) & (impulse > around[1:-2]) & (impulse >= around[3:]))
    subject, other = _names(track, pair)
    sentence = f"{subject} hits {other}"
    return [_event(t, "collision", subject, impulse[t], f"{sentence} with {impulse[t]:.3g} N s.", other) for t in peaks]


def _names(track: Track, pair: tuple[int, int]) -> tuple[str, str]:
    """The moving body first; of two, the faster one on the whole, so that the sentence reads as it happened."""
    a, b = pair
    if track.moving[a] != track.moving[b]:
        return (track.names[a], track.names[b]) if track.moving[a] else (track.names[b], track.names[a])
    return track.names[a], track.names[b]


# ---- motion


def _topples(track: Track) -> list[Event]:
    found = []
    for body in np.flatnonzero(track.moving & track.free & ~track.round).tolist():
        tilt = upright_angle(track.rotation[0, body], track.rotation[:, body])
        armed = True
        for frame in np.flatnonzero((tilt > TOPPLE) | (tilt < UPRIGHT)):
            if armed and tilt[frame] > TOPPLE:
                degrees = float(np.rad2deg(tilt[frame]))
                found.append(_event(frame, "topple", track.names[body], degrees, f"{track.names[body]} topples."))
            armed = bool(tilt[frame] < UPRIGHT)
    return found


def _rests(track: Track) -> list[Event]:
    found = []
    hold = max(1, round(REST_TIME * track.fps))
    for body in np.flatnonzero(track.moving).tolist():
        speed = np.linalg.norm(track.velocity[:, body, :3], axis=1) / REST_SPEED
        pace = np.maximum(speed, np.linalg.norm(track.velocity[:, body, 3:], axis=1) / REST_SPIN)
        moved, calm = False, 0
        for frame in range(track.length):
            moved = moved or bool(pace[frame] > MOVED)
            calm = calm + 1 if pace[frame] < 1.0 else 0
            if moved and calm == hold + 1:
                moved = False
                found.append(_event(frame, "rest", track.names[body], frame / track.fps, f"{track.names[body]} comes to rest."))
    return found


def _falls(track: Track) -> list[Event]:
    found = []
    start = track.position[0, track.moving | (track.mass > 0.0)] if track.moving.any() else np.zeros((1, 3))
    middle = start.mean(axis=0)
    size = max(1.0, float(np.linalg.norm(start - middle, axis=1).max(initial=0.0)))
    for body in np.flatnonzero(track.moving).tolist():
        height = track.position[:, body, 2]
        sunk = height < track.floor - DROP if track.floor is not None else np.zeros(track.length, bool)
        away = np.linalg.norm(track.position[:, body] - middle, axis=1) > REGION * size
        out = np.flatnonzero(sunk | away)
        if len(out):
            word = "falls through the floor" if sunk[out[0]] else "leaves the scene"
            found.append(_event(out[0], "fall", track.names[body], height[out[0]], f"{track.names[body]} {word}."))
    return found
