"""Draws have the right statistics, come from named streams, and never change: not by platform, order or other draws."""

import math
import statistics

import pytest

from datagen.spec.distributions import Choice, Cycle, Integer, LogUniform, Normal, Uniform, draw_value
from datagen.spec.laws import draw
from datagen.spec.streams import Stream, tidy

COUNT = 4000
GOLDEN_WORDS = [15765215572995290450, 979154527546087847, 8788658864883424555]
GOLDEN_DRAWS = [1.03709899222, 0.118630943494, -0.00970523189457, 597]


class Notes:
    """The smallest sink."""

    def __init__(self, seed=0, index=0):
        self.seed, self.index, self.drawn = seed, index, {}

    def note(self, path, item, value):
        self.drawn[path, item] = value

    def param(self, name):
        return 7.0

    def drawn_from(self, law, path, item):
        return draw(law, Stream(self.seed, self.index, path, item), None)


def draws(distribution, count=COUNT):
    return [draw_value(distribution, Notes(index=index), "a.b") for index in range(count)]


def test_stream_of_a_path_is_fixed_forever():
    stream = Stream(7, 3, "entities.domino.color", 2)
    assert [stream.word() for _ in range(3)] == GOLDEN_WORDS


def test_named_draws_are_fixed_forever():
    sink = Notes(7, 3)
    found = [
        draw_value(distribution, sink, "entities.ball.mass", 1)
        for distribution in (Uniform(1.0, 2.0), LogUniform(0.1, 10.0), Normal(0.0, 1.0), Integer(1, 1000))
    ]
    assert found == GOLDEN_DRAWS


def test_seed_index_path_and_item_each_name_another_stream():
    keys = [
        (7, 3, "a", 2),
        (8, 3, "a", 2),
        (7, 4, "a", 2),
        (7, 3, "b", 2),
        (7, 3, "a", 3),
        (7, 3, "a", -1),
        (7, 32, "a", 2),
        (73, 3, "a", 2),
    ]
    assert len({Stream(*key).word() for key in keys}) == len(keys)


def test_uniform_fills_its_range_evenly():
    found = draws(Uniform(-2.0, 6.0))
    assert min(found) >= -2.0 and max(found) <= 6.0
    assert statistics.fmean(found) == pytest.approx(2.0, abs=4 * 8 / math.sqrt(12 * COUNT))
    assert statistics.variance(found) == pytest.approx(64 / 12, rel=0.06)


def test_log_uniform_is_even_in_the_logarithm():
    found = [math.log10(value) for value in draws(LogUniform(0.01, 100.0))]
    assert min(found) >= -2.0 and max(found) <= 2.0
    assert statistics.fmean(found) == pytest.approx(0.0, abs=4 * 4 / math.sqrt(12 * COUNT))
    assert statistics.variance(found) == pytest.approx(16 / 12, rel=0.06)


def test_normal_has_its_mean_and_deviation():
    found = draws(Normal(5.0, 2.0))
    assert statistics.fmean(found) == pytest.approx(5.0, abs=4 * 2 / math.sqrt(COUNT))
    assert statistics.stdev(found) == pytest.approx(2.0, rel=0.05)


def test_truncated_normal_stays_inside_and_has_the_moments_of_the_half_normal():
    found = draws(Normal(0.0, 1.0, 0.0))
    assert min(found) >= 0.0
    assert statistics.fmean(found) == pytest.approx(math.sqrt(2 / math.pi), rel=0.05)
    assert statistics.variance(found) == pytest.approx(1 - 2 / math.pi, rel=0.08)


def test_integer_takes_every_value_alike():
    found = draws(Integer(3, 7))
    counts = [found.count(value) for value in range(3, 8)]
    assert sum(counts) == COUNT and all(type(value) is int for value in found)
    chi2 = sum((count - COUNT / 5) ** 2 / (COUNT / 5) for count in counts)
    assert chi2 < 18.5  # 0.1 % of chi-squared with 4 degrees of freedom


def test_choice_follows_its_weights_and_zero_never_happens():
    found = draws(Choice(("a", "b", "c"), (3.0, 0.0, 1.0)))
    assert found.count("b") == 0
    assert found.count("a") / COUNT == pytest.approx(0.75, abs=4 * math.sqrt(0.1875 / COUNT))


def test_cycle_gives_item_i_the_ith_value_and_mixtures_nest():
    cycle = Cycle((1.0, Uniform(10.0, 11.0), (2.0, Uniform(5.0, 6.0))))
    sink = Notes()
    assert draw_value(cycle, sink, "p", 3) == 1.0 and 10.0 <= draw_value(cycle, sink, "p", 1) <= 11.0
    assert 5.0 <= draw_value(cycle, sink, "p", 2)[1] <= 6.0
    assert ("p.of[1]", 1) in sink.drawn and ("p.of[2][1]", 2) in sink.drawn


def test_draws_of_one_stream_are_not_correlated_with_the_next():
    first = [draw_value(Uniform(0.0, 1.0), Notes(index=i), "a", 0) for i in range(COUNT)]
    second = [draw_value(Uniform(0.0, 1.0), Notes(index=i), "a", 1) for i in range(COUNT)]
    assert abs(statistics.correlation(first, second)) < 4 / math.sqrt(COUNT)


def test_drawn_numbers_have_twelve_digits():
    assert all(value == tidy(value) for value in draws(Uniform(0.1, 0.3), 50))
