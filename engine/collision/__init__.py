"""Collision: which shapes touch, where, how deep and in which direction; `detect_contacts` fills the contact slots of a
group.
"""

from engine.collision.detect import detect_contacts
from engine.collision.workspace import MAX_POINTS

__all__ = ["MAX_POINTS", "detect_contacts"]
