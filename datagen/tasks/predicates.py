"""Every predicate of `datagen.spec.vocabulary`: margins (envs, times), true from zero on, NaN where it is unknown, and their
scale.

A margin over its scale is the robustness of the predicate; conditions that are several at once take the least of their scaled
margins. Predicates that look back over frames are computed from the first frame on (`LOOKING_BACK`).
Limits: as of `measures`.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from datagen.quaternions import rotate
from datagen.tasks.measures import Arguments, compute, place, reach, turn
from datagen.tasks.motion import Motion

CONTACT_GAP, CONTACT_SCALE, CONTACT_WEIGHT = 0.0005, 0.005, 0.01  # m, m, share of the lighter weight
CALM, SPIN, CALM_TIME = 0.01, 0.08726646259971647, 0.25  # m/s, rad/s, s
GRASP_TIME, GRASP_SPEED, GRASP_SHARE, OPPOSED = 0.1, 0.02, 0.5, 0.7  # s, m/s, share of the weight, cosine
FACING_UP, PATCH = 0.7, 0.005  # cosine, m around the contact points
SLACK = 0.002  # m: sides
LARGEST = 1e4  # scaled margins beyond it say nothing more
REGION = 100.0  # m


@dataclass(frozen=True)
class Condition:
    """A predicate's arguments, threshold and tolerance, one per environment (envs, 1)."""

    arguments: Arguments
    value: np.ndarray
    tol: np.ndarray


Margin = tuple[np.ndarray, np.ndarray | float]
Judge = Callable[[Motion, Condition, int], Margin]
JUDGES: dict[str, Judge] = {}
LOOKING_BACK = {
    "supported_by", "on_top", "stacked", "settled", "grasped", "hit", "collided", "fell_off", "lifted", "upright", "toppled",
    "turned", "moved",
}  # fmt: skip


def margin(motion: Motion, name: str, condition: Condition, since: int) -> tuple[np.ndarray, np.ndarray]:
    """Margin in its unit and scaled margin, both (envs, times), from the sample `since` on."""
    own, scale = JUDGES[name](motion, condition, 0 if name in LOOKING_BACK else since)
    own = np.array(np.broadcast_to(own, (motion.num_envs, own.shape[1])), float)
    scaled = np.clip(own / scale, -LARGEST, LARGEST)
    return (motion.cut(own, since), motion.cut(scaled, since)) if name in LOOKING_BACK else (own, scaled)


def _judge(name: str) -> Callable[[Judge], Judge]:
    def keep(function: Judge) -> Judge:
        JUDGES[name] = function
        return function

    return keep


def _least(*margins: np.ndarray) -> np.ndarray:
    """The least of several scaled margins; unknown where one of them is and none fails."""
    stacked = np.stack(np.broadcast_arrays(*margins))
    known = np.where(np.isnan(stacked), np.inf, stacked).min(0)
    return np.where(np.isnan(stacked).any(0) & (known >= 0.0), np.nan, known)


def _greatest(*margins: np.ndarray) -> np.ndarray:
    """The greatest of several scaled margins; unknown where one of them is and none holds."""
    return -_least(*(-one for one in margins))


def trailing_min(values: np.ndarray, width: int) -> np.ndarray:
    """Least over the last `width` samples; -1 at most where there are not so many yet."""
    if width <= 1:
        return values
    early = np.full((len(values), width - 1), -1.0)
    windows = np.lib.stride_tricks.sliding_window_view(np.concatenate([early, values], axis=1), width, axis=1)
    return windows.min(-1)


def _samples(motion: Motion, seconds: float) -> int:
    return max(1, round(seconds * motion.fps)) + 1


def _simple(measure: str, sign: float, scale: Callable[[Condition], np.ndarray | float]) -> Judge:
    """`sign` times (measure - value)."""
    return lambda motion, of, since: (sign * (compute(motion, measure, of.arguments, since) - of.value), scale(of))


def _size(least: float) -> Callable[[Condition], np.ndarray | float]:
    return lambda of: np.maximum(np.abs(of.value), least)


JUDGES.update(
    near=_simple("distance", -1.0, _size(0.001)),
    upright=_simple("tilt", -1.0, _size(0.01)),
    toppled=_simple("tilt", 1.0, _size(0.01)),
    open=_simple("joint_fraction", 1.0, lambda of: 1.0),
    closed=_simple("joint_fraction", -1.0, lambda of: 1.0),
    moved=_simple("displacement", 1.0, _size(0.001)),
    moving=_simple("speed", 1.0, _size(0.001)),
    inside=_simple("inside_fraction", 1.0, lambda of: 1.0),
    spilled_more_than=_simple("spilled", 1.0, _size(1e-7)),
)


@_judge("joint_at")
def _joint_at(motion: Motion, of: Condition, since: int) -> Margin:
    return of.tol - np.abs(compute(motion, "joint", of.arguments, since) - of.value), np.maximum(of.tol, 1e-6)


@_judge("turned")
def _turned(motion: Motion, of: Condition, since: int) -> Margin:
    angle = compute(motion, "rotation", of.arguments, since)
    return np.where(of.value < 0.0, of.value - angle, angle - of.value), np.maximum(np.abs(of.value), 0.01)


def _swapped(of: Condition) -> Arguments:
    return Arguments(of.arguments.ref, of.arguments.of)


@_judge("contains")
def _contains(motion: Motion, of: Condition, since: int) -> Margin:
    return of.tol - np.abs(compute(motion, "volume_in", _swapped(of), since) - of.value), np.maximum(of.value, 1e-7)


@_judge("empty")
def _empty(motion: Motion, of: Condition, since: int) -> Margin:
    return of.value - compute(motion, "fill_level", _swapped(of), since), 1.0


@_judge("full")
def _full(motion: Motion, of: Condition, since: int) -> Margin:
    return compute(motion, "fill_level", _swapped(of), since) - of.value, 1.0


# ---- contact and support


def _lighter_weight(motion: Motion, of: Arguments) -> np.ndarray:
    """Weight of the lighter one of the two that can move (envs, 1) [N], NaN where both stand."""
    numbers = [motion.number(name) for name in (of.of[0], of.ref[0])]
    weights = [np.where(motion.fixed[number], np.inf, motion.mass[:, number] * motion.gravity) for number in numbers]
    least = np.minimum(*weights)
    return np.where(np.isfinite(least) & (least > 0.0), least, np.nan)[:, None]


@_judge("touching")
def touching(motion: Motion, of: Condition, since: int) -> Margin:
    """Force or gap, whichever says so."""
    near = (CONTACT_GAP - compute(motion, "distance", of.arguments, since)) / CONTACT_SCALE
    force = compute(motion, "contact_force", of.arguments, since)
    weight = _lighter_weight(motion, of.arguments)
    loaded = np.where(np.isnan(weight), np.where(force > 0.0, 1.0, np.nan), force / (CONTACT_WEIGHT * weight) - 1.0)
    either = np.where(np.isnan(near), loaded, np.where(np.isnan(loaded), near, np.maximum(near, loaded)))
    return either, 1.0


@_judge("supported_by")
def supported_by(motion: Motion, of: Condition, since: int) -> Margin:
    """Weight carried and slowness."""
    share = compute(motion, "support_fraction", of.arguments, 0) - of.value
    slow = 1.0 - compute(motion, "relative_speed", of.arguments, 0) / CALM
    return _least(share, slow), 1.0


@_judge("on_top")
def on_top(motion: Motion, of: Condition, since: int) -> Margin:
    """Supported, from below, within the patch of the contact points."""
    half = Condition(of.arguments, np.full((motion.num_envs, 1), 0.5), of.tol)
    supported, _ = supported_by(motion, half, 0)
    return _least(supported, _seat(motion, of.arguments)), 1.0


def _seat(motion: Motion, of: Arguments) -> np.ndarray:
    """How well the contacts of `of` on `ref` face up and lie below its origin; -1 without contact."""
    a, b = motion.number(of.of[0]), motion.number(of.ref[0])
    seat = np.full((motion.num_envs, motion.length), -1.0)
    at = place(motion, of.of[0], 0) + rotate(turn(motion, of.of[0], 0), motion.com[:, a][:, None])
    table = motion.contacts(a, b)
    rises = (table["normal"] * motion.up[table["env"]]).sum(-1)
    good = (rises > FACING_UP) & (table["depth"] > -CONTACT_GAP)
    sample = table["env"] * motion.length + table["time"]
    for number in np.unique(sample[good]):
        rows = good & (sample == number)
        env, time = divmod(int(number), motion.length)
        patch = _above(at[env, time], table["point"][rows], motion.up[env])
        seat[env, time] = min(float(rises[rows].max()) - FACING_UP, patch)
    return seat


def _above(centre: np.ndarray, points: np.ndarray, up: np.ndarray) -> float:
    """Scaled margin of a point above the bounding box of others, seen along `up`."""
    first = np.cross(up, (1.0, 0.0, 0.0) if abs(up[0]) < 0.9 else (0.0, 1.0, 0.0))
    first = first / np.linalg.norm(first)
    axes = np.stack([first, np.cross(up, first)])
    low, high = (points @ axes.T).min(0) - PATCH, (points @ axes.T).max(0) + PATCH
    here = axes @ centre
    return float(np.minimum(here - low, high - here).min() / PATCH)


@_judge("stacked")
def _stacked(motion: Motion, of: Condition, since: int) -> Margin:
    names = motion.spread(of.arguments.of)
    zero = np.zeros((motion.num_envs, 1))
    parts = [settled(motion, Condition(Arguments((name,)), zero + CALM, zero), 0)[0] / CALM for name in names]
    parts += [
        on_top(motion, Condition(Arguments((upper,), (lower,)), zero, zero), 0)[0]
        for lower, upper in zip(names, names[1:], strict=False)
    ]
    return _least(*parts), 1.0


@_judge("settled")
def settled(motion: Motion, of: Condition, since: int) -> Margin:
    """Slow in translation and rotation for a while; margin in m/s."""
    speed = (of.value - compute(motion, "speed", of.arguments, 0)) / of.value
    spin = 1.0 - compute(motion, "angular_speed", of.arguments, 0) / SPIN
    return trailing_min(_least(speed, spin), _samples(motion, CALM_TIME)) * of.value, of.value


@_judge("lifted")
def _lifted(motion: Motion, of: Condition, since: int) -> Margin:
    low = compute(motion, "lowest", of.arguments, 0)
    standing = [number for number in np.flatnonzero(motion.fixed)]
    held = motion.impulse(motion.number(of.arguments.of[0]), standing)
    free = np.where((held**2).sum(-1) > 0.0, -1.0, 1.0)
    scale = np.maximum(of.value, 0.001)
    return _least((low - low[:, :1] - of.value) / scale, free) * scale, scale


@_judge("grasped")
def _grasped(motion: Motion, of: Condition, since: int) -> Margin:
    body, fingers = motion.number(of.arguments.of[0]), motion.spread(of.arguments.ref)
    impulses = np.stack([motion.impulse(body, [motion.number(name)]) for name in fingers])
    sizes = np.linalg.norm(impulses, axis=-1)
    if len(fingers) < 2:
        return np.full(sizes.shape[1:], -1.0), 1.0
    order = np.argsort(sizes, axis=0)[-2:]
    pair = np.take_along_axis(impulses, order[..., None], axis=0)
    size = np.take_along_axis(sizes, order, axis=0)
    cosine = (pair[0] * pair[1]).sum(-1) / np.maximum(size[0] * size[1], 1e-12)
    weight = np.maximum(motion.mass[:, body] * motion.gravity, 1e-6)[:, None]
    force = size[0] * motion.fps / (GRASP_SHARE * weight) - 1.0
    velocity = np.stack([motion.of("velocity")[:, :, motion.number(name), :3] for name in fingers])
    carried = np.take_along_axis(velocity, order[..., None], axis=0).mean(0)
    slip = np.linalg.norm(motion.of("velocity")[:, :, body, :3] - carried, axis=-1)
    return trailing_min(_least(-OPPOSED - cosine, force, 1.0 - slip / GRASP_SPEED), _samples(motion, GRASP_TIME)), 1.0


@_judge("released")
def _released(motion: Motion, of: Condition, since: int) -> Margin:
    fingers = [motion.number(name) for name in motion.spread(of.arguments.ref)]
    force = np.linalg.norm(motion.impulse(motion.number(of.arguments.of[0]), fingers, since), axis=-1)
    return np.where(force > 0.0, -1.0, 1.0), 1.0


# ---- events, latched


@_judge("hit")
def _hit(motion: Motion, of: Condition, since: int) -> Margin:
    impulse = np.linalg.norm(motion.impulse(motion.number(of.arguments.of[0]), [motion.number(of.arguments.ref[0])]), axis=-1)
    impulse[:, 0] = 0.0
    least = np.maximum(of.value, 1e-9)
    return np.maximum.accumulate(impulse, axis=1) - least, np.maximum(of.value, 1e-3)


@_judge("collided")
def _collided(motion: Motion, of: Condition, since: int) -> Margin:
    but = [motion.number(name) for name in motion.spread(of.arguments.ref)]
    force = np.linalg.norm(motion.impulse(motion.number(of.arguments.of[0]), None, but=but), axis=-1) * motion.fps
    force[:, 0] = 0.0
    return np.maximum.accumulate(force, axis=1) - of.value, np.maximum(of.value, 0.1)


@_judge("fell_off")
def _fell_off(motion: Motion, of: Condition, since: int) -> Margin:
    carried = compute(motion, "support_fraction", of.arguments, 0) - 0.5  # also while it slid
    seated = _least(carried, _seat(motion, of.arguments))
    was = np.maximum.accumulate(np.nan_to_num(seated, nan=-1.0) >= 0.0, axis=1)
    below = reach(motion, of.arguments.ref[0], motion.up, 0) + reach(motion, of.arguments.of[0], -motion.up, 0)
    apart = np.where(touching(motion, of, 0)[0] >= 0.0, -1.0, 1.0)
    return _least(np.where(was, 1.0, -1.0), below / 0.05, apart) * 0.05, 0.05


@_judge("intact")
def _intact(motion: Motion, of: Condition, since: int) -> Margin:
    here = np.linalg.norm(place(motion, of.arguments.of[0], since), axis=-1)
    return np.where(np.isfinite(here), REGION - here, -1.0), REGION


# ---- sides


def _side(motion: Motion, of: Condition, since: int, direction: np.ndarray, slack: float = SLACK) -> Margin:
    """How far all of `of` is from all of `ref` against a direction: the first before the second."""
    end, begin = reach(motion, of.arguments.of[0], direction, since), -reach(motion, of.arguments.ref[0], -direction, since)
    return begin - end - of.value + slack, 0.1


def _along(of: Condition) -> np.ndarray:
    if of.arguments.along is None:
        raise ValueError("a side without a direction")  # the resolver gives one
    return of.arguments.along


JUDGES.update(
    left_of=lambda motion, of, since: _side(motion, of, since, _along(of)),
    right_of=lambda motion, of, since: _side(motion, of, since, -_along(of)),
    in_front_of=lambda motion, of, since: _side(motion, of, since, _along(of)),
    behind=lambda motion, of, since: _side(motion, of, since, -_along(of)),
    below=lambda motion, of, since: _side(motion, of, since, motion.up),
    above=lambda motion, of, since: _side(motion, of, since, -motion.up),
)
