"""Compare a loaded scene with MuJoCo's model of the same text."""

from collections.abc import Callable

import mujoco
import numpy as np
import pytest

import engine
from engine.geometry import rotation as rot
from engine.geometry.inertia import tensor
from engine.scene.inverse_weight import mass_matrix
from engine.scene.topology import signature, topology


@pytest.fixture
def same_dynamics() -> Callable[..., dict[str, np.ndarray]]:
    """The comparison as a fixture, so that tests need no import path of their own."""
    return assert_same_dynamics


def assert_same_dynamics(scene: engine.Scene, model: mujoco.MjModel, rtol: float = 1e-9) -> dict[str, np.ndarray]:
    """Bodies, masses, poses, joints, initial coordinates, mass matrix and inverse weights agree; returns the real constants."""
    data = mujoco.MjData(model)
    mujoco.mj_forward(model, data)
    dense = np.zeros((model.nv, model.nv))
    mujoco.mj_fullM(model, data, dense)
    compiled = engine.compile_scenes([scene])
    real = {name: value[0] for name, value in compiled.reals.items()}
    named = [model.body(b).name for b in range(model.nbody)]
    assert [n or compiled.names.body[k] for k, n in enumerate(named)] == list(compiled.names.body)
    np.testing.assert_array_equal(compiled.ints["body_parent"], model.body_parentid)
    np.testing.assert_array_equal(compiled.ints["joint_body"], model.jnt_bodyid)
    np.testing.assert_array_equal(compiled.ints["joint_type"], model.jnt_type)
    np.testing.assert_array_equal(compiled.ints["joint_limited"], model.jnt_limited)
    for mine, theirs in (
        ("joint_range", "jnt_range"),
        ("joint_axis", "jnt_axis"),
        ("joint_position", "jnt_pos"),
        ("qpos_initial", "qpos0"),
    ):
        np.testing.assert_allclose(real[mine], getattr(model, theirs), atol=1e-12, err_msg=mine)
    for mine, theirs in (
        ("dof_damping", "dof_damping"),
        ("dof_armature", "dof_armature"),
        ("dof_friction_loss", "dof_frictionloss"),
    ):
        np.testing.assert_allclose(real[mine], np.ravel(getattr(model, theirs)), atol=1e-14, err_msg=mine)
    np.testing.assert_allclose(real["qpos_spring"], model.qpos_spring, atol=1e-12)
    np.testing.assert_allclose(real["body_mass"][1:], model.body_mass[1:], rtol=rtol)
    np.testing.assert_allclose(real["body_com"][1:], model.body_ipos[1:], atol=1e-8)
    for b in range(1, model.nbody):
        turn = rot.matrix(model.body_iquat[b])
        scale = model.body_inertia[b].max()
        np.testing.assert_allclose(
            tensor(real["body_inertia"][b]), turn @ np.diag(model.body_inertia[b]) @ turn.T, atol=rtol * scale + 1e-15
        )
    np.testing.assert_allclose(
        mass_matrix(topology(signature(scene)), compiled.reals)[0], dense, rtol=rtol, atol=rtol * dense.max()
    )
    np.testing.assert_allclose(real["dof_inverse_weight"], model.dof_invweight0, rtol=100 * rtol)
    return real
