"""From what is wanted to how to get there: joint forces, and inverse kinematics; all batched over the environments."""

from engine.control.joint_space import PD, ComputedTorque
from engine.control.operational_space import OperationalSpace
from engine.kinematics.inverse import InverseKinematics, Solution, Target

__all__ = ["PD", "ComputedTorque", "InverseKinematics", "OperationalSpace", "Solution", "Target"]
