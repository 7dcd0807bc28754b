"""Temporal logic on synthetic traces: Boolean and robust values that follow from the definitions."""

import numpy as np
import pytest

from datagen.tasks import logic
from datagen.tasks.logic import Signal, from_margin

FPS = 10


def signal(*values):
    return from_margin(np.array([values], float))


def truth(found):
    return found.truth[0].tolist()


def frames(*numbers):
    return np.array(numbers)


def held(seconds, length=50, start=5):
    """A signal that is true from `start` for so many seconds, both ends included."""
    values = np.full(length, -1.0)
    values[start : start + round(seconds * FPS) + 1] = 0.5
    return from_margin(values[None])


def test_a_hold_of_two_seconds_is_not_met_by_nineteen_tenths():
    for seconds, wanted in ((1.9, False), (2.0, True), (2.1, True)):
        found = logic.hold(held(seconds), logic.frames(np.array([2.0]), FPS))
        assert bool((found.truth > 0).any()) is wanted
    found = logic.hold(held(2.0), frames(20))
    assert np.flatnonzero(found.truth[0] > 0).tolist() == [25]
    assert found.rho[0, 25] == 0.5


def test_a_hold_that_is_interrupted_starts_anew():
    broken = logic.hold(signal(1, 1, -1, 1, 1, 1), frames(2))
    assert truth(broken) == [-1, -1, -1, -1, -1, 1]


def test_a_hold_is_false_before_its_time_even_where_all_is_true():
    found = logic.hold(signal(1, 1, 1, 1), frames(3))
    assert truth(found) == [-1, -1, -1, 1]
    assert np.allclose(found.rho[0], [-1, -2 / 3, -1 / 3, 1])


def test_eventually_latches_and_ends_with_its_window():
    assert truth(logic.eventually(signal(-1, 2, -1, -1))) == [-1, 1, 1, 1]
    late = logic.eventually(signal(-3, -2, -1, 1), frames(2))
    assert truth(late) == [-1, -1, -1, -1]
    assert late.rho[0].tolist() == [-3, -2, -1, -1]


def test_always_is_true_so_far_and_only_its_window_counts():
    assert truth(logic.always(signal(1, 2, -1, 3))) == [1, 1, -1, -1]
    window = logic.always(signal(-5, 2, 1, -3), frames(1), frames(2))
    assert truth(window) == [1, 1, 1, 1]
    assert window.rho[0, -1] == 1


def test_then_wants_order_and_strictly_later_steps():
    a, b = signal(-1, 1, -1, -1), signal(1, -1, -1, 1)
    assert truth(logic.then([a, b])) == [-1, -1, -1, 1]
    assert truth(logic.then([b, a])) == [-1, 1, 1, 1]
    same = signal(-1, 1, -1)
    assert truth(logic.then([same, same])) == [-1, -1, -1]


@pytest.mark.parametrize("within, wanted", [(2, -1), (3, 1), (9, 1)])
def test_then_within_counts_from_the_first_to_the_last(within, wanted):
    a, b, c = signal(1, -1, -1, -1, -1), signal(-1, 1, -1, -1, -1), signal(-1, -1, -1, 1, -1)
    assert truth(logic.then([a, b, c], frames(within)))[-1] == wanted


def test_then_without_and_with_a_long_window_agree():
    rng = np.random.default_rng(2)
    parts = [from_margin(rng.normal(size=(3, 30))) for _ in range(3)]
    free, windowed = logic.then(parts), logic.then(parts, frames(99, 99, 99))
    assert np.array_equal(free.truth, windowed.truth)
    assert np.allclose(free.rho, windowed.rho)


def test_until_needs_the_first_all_the_way():
    assert truth(logic.until(signal(1, 1, -1, -1), signal(-1, -1, 1, -1))) == [-1, -1, 1, 1]
    assert truth(logic.until(signal(1, -1, 1, 1), signal(-1, -1, 1, -1))) == [-1, -1, -1, -1]
    assert truth(logic.until(signal(-1, -1), signal(1, -1))) == [1, 1]


def test_counts_between_bounds():
    parts = [signal(1, -1, 2), signal(3, 1, -1), signal(-2, -1, 1)]
    assert truth(logic.count(parts, 2, None, (1, 3))) == [1, -1, 1]
    assert logic.count(parts, 2, None, (1, 3)).rho[0].tolist() == [1, -1, 1]
    assert truth(logic.count(parts, 2, 2, (1, 3))) == [1, -1, 1]
    assert truth(logic.count(parts, 4, None, (1, 3))) == [-1, -1, -1]
    assert truth(logic.count([], 0, None, (1, 2))) == [1, 1]


def test_unknown_is_never_a_silent_false():
    unknown, yes, no = signal(np.nan), signal(1), signal(-1)
    assert truth(logic.all_of([unknown, yes])) == [0]
    assert truth(logic.all_of([unknown, no])) == [-1]
    assert truth(logic.any_of([unknown, no])) == [0]
    assert truth(logic.any_of([unknown, yes])) == [1]
    assert truth(logic.negation(unknown)) == [0]
    assert truth(logic.eventually(signal(-1, np.nan, -1))) == [-1, 0, 0]
    assert truth(logic.count([unknown, yes], 2, None, (1, 1))) == [0]
    assert truth(logic.count([unknown, yes], 1, None, (1, 1))) == [1]
    assert np.isnan(logic.all_of([unknown, yes]).rho).all()


def random_signal(rng):
    return from_margin(rng.normal(size=(4, 25)))


def test_the_sign_of_robustness_is_the_truth_for_every_operator():
    rng = np.random.default_rng(1)
    a, b, c = (random_signal(rng) for _ in range(3))
    window = frames(3, 5, 8, 24)
    operators = [
        logic.negation(a), logic.all_of([a, b, c]), logic.any_of([a, b]), logic.eventually(a, window),
        logic.always(a, window - 3, window),
        logic.hold(logic.any_of([a, b, c]), frames(1, 2, 3, 4)), logic.then([a, b, c]),
        logic.then([a, b], window), logic.until(a, b, window),
        logic.count([a, b, c], 2, None, a.truth.shape), logic.count([a, b, c], 1, 2, a.truth.shape),
    ]  # fmt: skip
    for number, found in enumerate(operators):
        assert np.array_equal(np.where(found.rho >= 0, 1, -1), found.truth), number


def test_what_comes_later_does_not_change_what_was_judged():
    rng = np.random.default_rng(3)
    whole = [random_signal(rng) for _ in range(3)]
    cut = [Signal(one.truth[:, :10], one.rho[:, :10]) for one in whole]
    for make in (lambda p: logic.then(p), lambda p: logic.until(p[0], p[1]), lambda p: logic.hold(p[0], frames(2, 2, 2, 2))):
        assert np.array_equal(make(whole).truth[:, :10], make(cut).truth)


def test_an_environment_does_not_feel_its_neighbours():
    rng = np.random.default_rng(4)
    a, b = random_signal(rng), random_signal(rng)
    window = frames(2, 4, 6, 8)
    together = logic.then([a, b], window)
    for env in range(4):
        one = [Signal(part.truth[env : env + 1], part.rho[env : env + 1]) for part in (a, b)]
        assert np.array_equal(logic.then(one, window[env : env + 1]).rho[0], together.rho[env])
