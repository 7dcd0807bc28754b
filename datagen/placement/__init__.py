"""Placing bodies by relations: detect what cannot hold, sample over supports, keep what touches nothing, explain failures.

`solve(blocks, relations, frame, stream)` returns a pose per block or raises `Unplaceable`. Works on plain numbers (numpy
only), so that specs can call it without the engine.
"""

from .blocks import Block, Interior, Solid
from .demands import Demand
from .report import Unplaceable
from .search import solve

__all__ = ["Block", "Demand", "Interior", "Solid", "Unplaceable", "solve"]
