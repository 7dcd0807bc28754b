"""Whether what a spec declares to be random was drawn as declared: coverage of datasets, sealed or in the making.

Decides what is read of them (`gather`), what is said of one draw (`columns`) and of two together (`pairs`), how it is shown
(`report`, `page`), and what to draw more of where a model errs (`focus`).
"""

from datagen.coverage.focus import focus, scored
from datagen.coverage.gather import Gathered, gather
from datagen.coverage.page import write_page
from datagen.coverage.report import coverage

__all__ = ["Gathered", "coverage", "focus", "gather", "scored", "write_page"]
