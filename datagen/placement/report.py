"""Why a placement failed: the constraint that rejected most, and a smallest set of relations that contradict each other."""

from collections import Counter
from dataclasses import dataclass, field


class Unplaceable(Exception):
    """No placement was found. block: which could not be placed; constraint: that which rejected most candidates (a relation
    as it was written, or a sentence about room); conflict: labels of a minimal set of relations that fail together; tried:
    number of candidates."""

    def __init__(self, block: str, constraint: str, share: float, tried: int, conflict: tuple[str, ...], certain: bool):
        self.block, self.constraint, self.share, self.tried = block, constraint, share, tried
        self.conflict, self.certain = conflict, certain
        super().__init__(self.sentence())

    def sentence(self) -> str:
        """One sentence without a full stop."""
        if self.certain:
            return f"these cannot all hold: {', '.join(self.conflict)}"
        first = f"{self.block!r} found no place: {self.share:.0%} of {self.tried} candidates were rejected by {self.constraint}"
        return f"{first}; together in conflict: {', '.join(self.conflict)}" if self.conflict else first


@dataclass
class Rejections:
    """Counts of candidates of one block that each constraint rejected."""

    tried: int = 0
    counts: Counter[str] = field(default_factory=Counter)

    def add(self, label: str, number: int) -> None:
        """That many candidates were rejected by a constraint."""
        if number:
            self.counts[label] += number

    def worst(self) -> tuple[str, float]:
        """The constraint that rejected most, and its share of all candidates."""
        if not self.counts:
            return "nothing", 0.0
        label, number = max(self.counts.items(), key=lambda entry: (entry[1], entry[0]))
        return label, min(1.0, number / max(self.tried, 1))
