"""`springdamper` of joints: stiffness and damping from a time constant and a damping ratio.

They follow from the inertia that the joint sees at the initial coordinates, the inverse of its mean inverse weight: with time
constant T and ratio z, damping 2 I / T and stiffness I / (T z)^2. Reference: MuJoCo XML reference, joint/springdamper.
"""

import numpy as np

from engine.importers.mjcf.source import Source
from engine.scene.compile import compile_scenes


def set_springs(source: Source) -> None:
    """Give every joint that asked for it its stiffness and damping. Raises SceneError when the scene cannot be compiled."""
    if not source.springdampers:
        return
    compiled = compile_scenes([source.scene])
    weights, of_dof = compiled.reals["dof_inverse_weight"][0], compiled.ints["dof_joint"]
    for name, time, ratio in source.springdampers:
        joint = compiled.names.joint.index(name)
        inertia = 1.0 / max(float(np.mean(weights[of_dof == joint])), 1e-15)
        values = {"damping": 2 * inertia / time}
        if compiled.ints["joint_type"][joint] != 0:
            values["stiffness"] = inertia / (time * ratio) ** 2
        source.scene.change_joint(name, **values)
