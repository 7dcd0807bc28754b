"""Controllers: from what is wanted and the present state to joint forces, batched over the environments."""

from engine.control.joint_space import PD, ComputedTorque
from engine.control.operational_space import OperationalSpace

__all__ = ["PD", "ComputedTorque", "OperationalSpace"]
