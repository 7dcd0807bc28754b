"""The causal record of an episode: from the actions on, who passed motion to whom, when, with which impulse, and what followed.

An action reaches its target at its first frame. From then on a body that has been reached passes it on to a moving body that
it strikes: at the first frame at which the impulse between them exceeds what carries the lighter one by its weight and
`LEAST` of its momentum. Each link has the events of the reached body that follow before the next second ends. Method: breadth
first over frames, so a body is reached once, by the earliest blow.
Limits: what is passed on without contact (a joint, a field) reaches the jointed bodies only through their contacts; a record
says in what order blows came, while what an action really changed is the difference to the branch without it.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from datagen.tasks.events import Track, pair_impulses

LEAST = 0.02  # m/s that a blow gives to the lighter body
FOLLOWS = 1.0  # s


def causal_record(
    track: Track, actions: Mapping[str, tuple[int, str]], events: Sequence[Mapping[str, Any]]
) -> list[dict[str, Any]]:
    """Links {from, to, frame, impulse, then}, in order of frames. actions: id -> (first frame, target body)."""
    number = {name: place for place, name in enumerate(track.names)}
    reached: dict[int, int] = {}
    links: list[dict[str, Any]] = []
    for action, (frame, target) in sorted(actions.items(), key=lambda item: item[1]):
        if target in number:
            reached[number[target]] = min(frame, reached.get(number[target], frame))
            links.append(_link(track, f"action {action}", target, frame, 0.0, events))
    blows = _blows(track)
    for frame, a, b, impulse in blows:
        for source, to in ((a, b), (b, a)):
            if source in reached and reached[source] <= frame and to not in reached and track.moving[to]:
                reached[to] = frame
                links.append(_link(track, track.names[source], track.names[to], frame, impulse, events))
    return sorted(links, key=lambda link: (link["frame"], link["from"], link["to"]))


def _blows(track: Track) -> list[tuple[int, int, int, float]]:
    """(frame, body, body, impulse) of every interval in which a pair exchanged more than weight alone."""
    found = []
    for (a, b), (impulse, _) in pair_impulses(track).items():
        masses = [float(track.mass[body]) for body in (a, b) if track.moving[body]]
        if not masses:
            continue
        least = min(masses) * (LEAST + 1.5 * track.gravity / track.fps)
        found += [(int(frame), a, b, float(impulse[frame])) for frame in np.flatnonzero(impulse > least)]
    return sorted(found)


def _link(
    track: Track, source: str, to: str, frame: int, impulse: float, events: Sequence[Mapping[str, Any]]
) -> dict[str, Any]:
    last = frame + round(FOLLOWS * track.fps)
    then = [
        f"{event['frame']} {event['type']} {event['object']}".rstrip()
        for event in events
        if event["subject"] == to and frame <= event["frame"] <= last
    ]
    return {"from": source, "to": to, "frame": frame, "impulse": float(f"{impulse:.6g}"), "then": then}
