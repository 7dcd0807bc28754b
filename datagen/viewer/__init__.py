"""Watching: a running spec or model, or a stored episode, in a web page or as pictures without one."""

from datagen.viewer.film import record
from datagen.viewer.plays import Play, open_play

__all__ = ["Play", "open_play", "record"]
