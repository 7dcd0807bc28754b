"""Kinematics and dynamics of the tree at any coordinates, and inverse kinematics; all batched over the environments."""

from engine.kinematics.configuration import Configuration
from engine.kinematics.inverse import InverseKinematics, Solution, Target

__all__ = ["Configuration", "InverseKinematics", "Solution", "Target"]
