"""The words of the table and what computes them are the same."""

from datagen.spec.vocabulary import MEASURES, PREDICATES
from datagen.tasks.measures import COMPUTE
from datagen.tasks.predicates import JUDGES, LOOKING_BACK


def test_every_measure_and_predicate_is_computed_and_no_other():
    assert set(COMPUTE) == set(MEASURES)
    assert set(JUDGES) == set(PREDICATES)
    assert LOOKING_BACK <= set(PREDICATES)
