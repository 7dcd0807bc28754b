"""Kinematics and dynamics of the tree at any coordinates, and inverse kinematics; all batched over the environments."""

from engine.kinematics.configuration import Configuration

__all__ = ["Configuration"]
