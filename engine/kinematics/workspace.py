"""What inverse kinematics adds to a model: sizes of a problem, who moves what, goals and the scratch of the search.

The sizes are 0 in the model of a simulation, so there the arrays take no room; `InverseKinematics` makes a model of its own
with them. Reals are per lane: each environment is at its own attempt and its own damping.
"""

import engine.declarations  # noqa: F401  (declares what the size words stand beside)
from engine.arrays import TABLE, Store

SIZES = {
    "ik_problems": "1 in the model of an inverse kinematics problem",
    "num_ik_targets": "target frames",
    "num_ik_dofs": "dofs that the search may move",
    "num_ik_qpos": "num_qpos in the model of an inverse kinematics problem",
    "num_ik_seeds": "starts of the search",
    "max_ik_turns": "trials from one start",
}

INTS: dict[str, tuple[tuple[str | int, ...], str]] = {
    "ik_body": (("num_ik_targets",), "body that carries the target frame"),
    "ik_dof": (("num_ik_dofs",), "dofs that the search may move, ascending"),
    "ik_coordinate": (("num_ik_dofs",), "position coordinate of a hinge or slide dof, else -1"),
    "ik_moves": (("num_ik_targets", "num_ik_dofs"), "1 where the dof moves the body"),
}

GIVEN: dict[str, tuple[tuple[str | int, ...], str, str]] = {
    "ik_point": (("num_ik_targets", 3), "m", "origin of the target frame in its body"),
    "ik_turn": (("num_ik_targets", 4), "", "rotation of the target frame in its body"),
    "ik_goal_position": (("num_ik_targets", 3), "m", "where the origin shall be, in W"),
    "ik_goal_rotation": (("num_ik_targets", 4), "", "rotation that the frame shall have, in W"),
    "ik_weight": (("num_ik_targets", 2), "1, m/rad", "weights of position and rotation"),
    "ik_tolerance": (("ik_problems", 2), "m, rad", "the search ends when every target is nearer than this"),
    "ik_posture": (("num_ik_dofs",), "m or rad", "preferred coordinate of a hinge or slide dof"),
    "ik_posture_weight": (("ik_problems",), "m^2/rad^2", "weight of the squared distance from the posture"),
    "ik_lower": (("num_ik_dofs",), "m or rad", "lower limit of a hinge or slide dof"),
    "ik_upper": (("num_ik_dofs",), "m or rad", "upper limit"),
    "ik_seed": (("num_ik_seeds", "num_ik_qpos"), "m or rad", "coordinates of every start"),
}

SEARCH: dict[str, tuple[tuple[str | int, ...], str, str]] = {
    "ik_kept": (("num_ik_qpos",), "m or rad", "coordinates of the last accepted trial"),
    "ik_best": (("num_ik_qpos",), "m or rad", "best coordinates of the finished attempts"),
    "ik_trial_cost": (("ik_problems",), "m^2", "cost of the trial"),
    "ik_cost": (("ik_problems",), "m^2", "cost of what was kept"),
    "ik_best_cost": (("ik_problems",), "m^2", "cost of ik_best"),
    "ik_near": (("ik_problems",), "", "1 when the trial is within tolerance"),
    "ik_accepted": (("ik_problems",), "", "1 when the trial was better"),
    "ik_pausing": (("ik_problems",), "", "1 when this turn takes no step"),
    "ik_posture_pull": (("ik_problems",), "m^2/rad^2", "weight of the posture now: given at first, then 0"),
    "ik_damping": (("ik_problems",), "", "factor of the damping"),
    "ik_turns": (("ik_problems",), "", "trials since the attempt or its second phase began"),
    "ik_total": (("ik_problems",), "", "trials of all attempts"),
    "ik_attempt": (("ik_problems",), "", "finished attempts"),
    "ik_done": (("ik_problems",), "", "1 when the environment has finished"),
    "ik_residual": (("num_ik_targets", 6), "m", "weighted rotation, then position still to go, of the trial"),
    "ik_column": (("num_ik_targets", "num_ik_dofs", 6), "m", "weighted Jacobian by columns, of the trial"),
    "ik_gradient": (("num_ik_dofs",), "m^2", "Jacobian transposed times residual, of what was kept"),
    "ik_hessian": (("num_ik_dofs", "num_ik_dofs"), "m^2", "lower triangle, packed: J' J of what was kept"),
    "ik_factor": (("num_ik_dofs", "num_ik_dofs"), "", "its Cholesky factor with damping, inverse pivots on the diagonal"),
    "ik_loose": (("num_ik_dofs",), "", "1 where the dof may move, 0 where a limit holds it"),
    "ik_step": (("num_ik_dofs",), "m or rad", "step"),
}

for _name, _doc in SIZES.items():
    TABLE.size(_name, _doc)
for _name, (_words, _doc) in INTS.items():
    TABLE.array(_name, Store.MODEL_INT, _words, "", _doc)
for _name, (_shape, _unit, _doc) in {**GIVEN, **SEARCH}.items():
    TABLE.array(_name, Store.SCRATCH, _shape, _unit, _doc)
