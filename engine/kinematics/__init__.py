"""Kinematics and dynamics of the tree at any coordinates, and inverse kinematics; all batched over the environments."""

from engine.kinematics.configuration import Configuration
from engine.kinematics.inverse import InverseKinematics, Solution, Target
from engine.kinematics.joints import JointSet, joint_set

__all__ = ["Configuration", "InverseKinematics", "JointSet", "Solution", "Target", "joint_set"]
