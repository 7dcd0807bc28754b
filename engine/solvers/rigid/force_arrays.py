"""Scratch of actuators with dynamics, of fluid drag and of the integrators beyond Euler."""

from engine.arrays import TABLE, Store

ARRAYS: dict[str, tuple[tuple[str | int, ...], str, str]] = {
    "actuator_length": (("num_actuators",), "m or rad", "length of the transmission, gear included"),
    "actuator_output": (("num_actuators",), "N or N m", "force along the transmission"),
    "actuator_slope": (("num_actuators",), "N s/m or N m s/rad", "derivative of that force by its velocity"),
    "actuator_moment": (("num_moments",), "", "derivative of the length by the coordinates of the chain"),
    "activation_rate": (("num_activations",), "1/s", "rate of the activation"),
    "dof_moment": (("num_dofs",), "", "moments of one actuator, by dof"),
    "dof_motion": (("num_dofs", 6), "", "motion of one body's fluid frame per unit velocity, by dof"),
    "slope_lower": (("num_mass",), "", "H = M + h D by rows towards the root: H[i, j]; after the factor its lower part"),
    "slope_upper": (("num_mass",), "", "the same for H[j, i]; after the factor its ratios"),
    "tangent_velocity": (("num_bodies", 6), "", "derivative of body_velocity_W by one dof's velocity"),
    "tangent_acceleration": (("num_bodies", 6), "", "derivative of body_acceleration by one dof's velocity"),
    "tangent_force": (("num_bodies", 6), "", "derivative of body_force by one dof's velocity"),
}  # fmt: skip

LISTS: dict[str, tuple[tuple[str | int, ...], str]] = {
    "tangent_mark": (("num_bodies",), "1 + the last dof whose subtree holds the body"),
}

for _name, (_shape, _unit, _doc) in ARRAYS.items():
    TABLE.array(_name, Store.SCRATCH, _shape, _unit, _doc)
for _name, (_words, _doc) in LISTS.items():
    TABLE.array(_name, Store.WORK_INT, _words, "", _doc)
