"""Kinematics and dynamics of the tree at any coordinates, and the search of inverse kinematics; all batched over environments.

`engine.control` exports inverse kinematics: a simulation that needs none shall not load it.
"""

from engine.kinematics.configuration import Configuration

__all__ = ["Configuration"]
