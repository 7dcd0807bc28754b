"""Scratch of the rigid solver: what one substep computes on the way, kept only until the next one.

Spatial vectors are about the origin of the body's root, angular part first. `mass` is sparse as `engine.declarations` says;
`hessian` lies in panels of three rows (see `panels`), and vectors that it meets are padded to whole panels. Contact rows are
normal, two tangents, then torsion and two rolling rows.
"""

from engine.arrays import TABLE, Store

ARRAYS: dict[str, tuple[tuple[str | int, ...], str, str]] = {
    "dof_axis": (("num_dofs", 6), "", "motion of the body per unit velocity of the dof"),
    "body_spatial_inertia": (("num_bodies", 10), "kg m^2, kg m, kg", "spatial inertia"),
    "body_composite_inertia": (("num_bodies", 10), "kg m^2, kg m, kg", "spatial inertia of the body with its descendants"),
    "body_acceleration": (("num_bodies", 6), "rad/s^2, m/s^2", "spatial acceleration at zero joint acceleration, less gravity"),
    "body_force": (("num_bodies", 6), "N m, N", "inertial minus applied force, of the body with its descendants"),
    "mass": (("num_mass",), "kg, kg m, kg m^2", "sparse mass matrix, armature included"),
    "mass_factor": (("num_mass",), "", "sparse L' D L factor, inverse pivots on the diagonal"),
    "metric_diagonal": (("num_dofs",), "kg or kg m^2", "diagonal of the solver's metric: mass and implicit terms"),
    "bias": (("num_dofs",), "N or N m", "Coriolis, centrifugal and gravity forces, minus body wrenches"),
    "passive_force": (("num_dofs",), "N or N m", "springs and dampers"),
    "actuator_force": (("num_dofs",), "N or N m", "actuators"),
    "smooth_force": (("num_dofs",), "N or N m", "all forces but those of constraints"),
    "smooth_acceleration": (("num_dofs",), "m/s^2 or rad/s^2", "acceleration without constraints, for lanes that have none"),
    "acceleration": (("num_panels", 3), "m/s^2 or rad/s^2", "iterate of the Newton solver"),
    "metric_acceleration": (("num_dofs",), "N or N m", "metric times acceleration"),
    "gradient": (("num_panels", 3), "N or N m", "gradient of the cost"),
    "final_gradient": (("num_dofs",), "N or N m", "gradient at which the lane stopped"),
    "direction": (("num_panels", 3), "m/s^2 or rad/s^2", "Newton direction"),
    "metric_direction": (("num_dofs",), "N or N m", "metric times direction"),
    "contact_metric": (("num_hessian",), "", "panels of the lower triangle: metric + J' W J of the contacts"),
    "hessian": (("num_hessian",), "", "panels of the lower triangle: Hessian of the cost, then its factor"),
    "spin_offset": (("num_joints", 6), "m/s, rad/s", "what the position update of a spinning body adds to its new velocity"),
    "active_rows": ((1,), "", "constraints that act in this lane"),
    "friction_weight": (("num_dofs",), "", "D of dry joint friction"),
    "friction_reference": (("num_dofs",), "", "reference acceleration of dry joint friction"),
    "friction_residual": (("num_dofs",), "", "acceleration minus reference"),
    "friction_bound": (("num_dofs",), "N or N m", "largest force of dry joint friction"),
    "friction_curvature": (("num_dofs",), "", "D where dry friction holds, 0 where it slips"),
    "limit_axis": (("num_joints", 3), "", "Jacobian of the joint limit on the dofs of its joint"),
    "limit_weight": (("num_joints",), "", "D of the joint limit, 0 when inactive"),
    "limit_reference": (("num_joints",), "", "reference acceleration of the joint limit"),
    "limit_curvature": (("num_joints",), "", "D where the limit pushes, else 0"),
    "limit_residual": (("num_joints",), "", "J acceleration minus reference"),
    "limit_change": (("num_joints",), "", "J direction"),
    "contact_jacobian": (("max_contacts", 2, "max_blocks", 9), "", "3 rows by 3 dofs per panel: translation, then rotation"),
    "contact_depth": (("max_contacts",), "m", "distance beyond the margin, 0 in lanes without the contact"),
    "contact_friction": (("max_contacts", 3), "1, m, m", "sliding, torsional, rolling"),
    "contact_cone": (("max_contacts", 2), "", "regularized cone slope, weight of the middle zone"),
    "contact_diagonal": (("max_contacts", 6), "", "D of each row"),
    "contact_reference": (("max_contacts", 6), "", "reference acceleration of each row"),
    "contact_shift": (("max_contacts",), "m/s^2", "what the exact contact model takes off the normal reference"),
    "contact_residual": (("max_contacts", 6), "", "J acceleration minus reference"),
    "contact_change": (("max_contacts", 6), "", "J direction"),
    "contact_weight": (("max_contacts", 21), "", "Hessian of the contact cost: 6 translation, 9 mixed, 6 rotation"),
    "contact_counted": (("max_contacts", 21), "", "the part of contact_weight that contact_metric holds"),
    "contact_stale": (("max_contacts",), "", "1 where contact_weight has changed since it was counted"),
    "weight_change": ((21,), "", "contact_weight minus contact_counted of one contact"),
    "contact_line": (("max_contacts", 7), "", "cost along the search direction"),
    "tendon_jacobian": (("num_tendon_chain",), "", "derivative of the length by the dofs of the tendon's chain"),
    "tendon_point_W": (("num_tendon_points", 3), "m", "points of the paths in W"),
    "tendon_scatter": (("num_dofs",), "", "derivative of one length while it is summed"),
    "wrap_arc": (("num_wraps",), "m", "length on the surface"),
    "row_jacobian": (("num_row_entries",), "", "derivative of the row by the dofs of its chain"),
    "row_position": (("num_rows",), "", "position residual"),
    "row_size": (("num_rows",), "", "norm of the position residual of the constraint that the row belongs to"),
    "row_drift": (("num_rows",), "", "rate of change of J times the velocity"),
    "row_inverse": (("num_rows",), "", "approximate diagonal of J M^-1 J'"),
    "row_weight": (("num_rows",), "", "D, 0 in lanes where the row does not act"),
    "row_reference": (("num_rows",), "", "reference acceleration"),
    "row_bound": (("num_rows",), "", "largest force of dry friction"),
    "row_residual": (("num_rows",), "", "J acceleration minus reference"),
    "row_change": (("num_rows",), "", "J direction"),
    "row_curvature": (("num_rows",), "", "second derivative of the row's cost"),
    "row_force": (("num_rows",), "", "force of the row on its residual"),
}  # fmt: skip

LISTS: dict[str, tuple[tuple[str | int, ...], str]] = {
    "panel_link": (("num_links",), "row p: blocks of panel p left of the diagonal that can be nonzero in any lane"),
    "panel_count": (("num_panels",), "how many"),
    "live_contact": (("max_contacts",), "contact slots that a lane still moves"),
    "num_limits": ((1,), "joints whose limit acts in any lane"),
    "limit_list": (("num_joints",), "those joints"),
    "num_frictions": ((1,), "dofs with dry friction in any lane"),
    "friction_list": (("num_dofs",), "those dofs"),
    "num_active_rows": ((1,), "rows of equalities and tendons that act in any lane"),
    "row_list": (("num_rows",), "those rows"),
}

for _name, (_shape, _unit, _doc) in ARRAYS.items():
    TABLE.array(_name, Store.SCRATCH, _shape, _unit, _doc)
for _name, (_words, _doc) in LISTS.items():
    TABLE.array(_name, Store.WORK_INT, _words, "", _doc)
