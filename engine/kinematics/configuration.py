"""Configuration: everything that the tree knows at one pair of coordinates and velocities, for all environments at once.

It owns a workspace, so the running simulation is not disturbed. Poses, axes, velocities, spatial inertias, mass matrix and
recursive Newton-Euler come from the kernels of the step; what is linear in them (Jacobians, momentum) is summed by numpy.
References: Featherstone (2008), chapters 2, 5 and 6; Orin, Goswami (2008) for the centroidal quantities. Conventions: twists
and Jacobian rows are linear first, then angular, in W, as in `state.body_velocity`; forces belong to velocity coordinates
(`qvel`).
Limits: contacts, joint limits and dry friction exert no force here.
"""

from collections.abc import Sequence

import numpy as np
from numpy.typing import ArrayLike, NDArray

from engine.arrays import Store
from engine.errors import StateError, near_matches
from engine.geometry import rotation
from engine.kinematics.coordinates import difference
from engine.kinematics.evaluate import evaluate
from engine.model import Model, real
from engine.state import Workspace

Array = NDArray[np.float64]
EULER = 1  # integrator word: the bias force without the implicit gyroscopic term of the other integrators
NOTHING, POSES, FORCES = 0, 1, 2  # what has been computed


def rows_of(values: ArrayLike, shape: tuple[int, ...], where: str) -> Array:
    """`values` as (num_envs, ...), one row for all allowed; raises StateError when the shape does not fit or a value is not
    finite.
    """
    given = np.asarray(values, float)
    try:
        full = np.broadcast_to(given, shape)
    except ValueError:
        raise StateError(where, f"shape {given.shape}", f"needs {shape}", "give one row, or one per environment") from None
    if not np.isfinite(full).all():
        raise StateError(where, "values that are not finite", "allowed: finite numbers", "check what is written")
    return full


def still(model: Model) -> Model:
    """The model without room for contacts, for evaluation at rest; itself when it is one already."""
    sizes = model.placement.sizes
    ready = sizes["max_contacts"] == 0 and sizes["integrator"] == EULER
    return model if ready else model.with_sizes(max_contacts=0, integrator=EULER)


class Configuration:
    """The tree at `qpos` (num_envs, nq) and `qvel` (num_envs, nv), made by `Simulation.configuration`. Values are float64
    arrays with the environment first; they are computed when asked for and kept until `update`.
    """

    def __init__(self, model: Model):
        self.model = still(model)
        self.num_envs, self.names, self._ints = model.num_envs, model.compiled.names, model.compiled.ints
        self._workspace = Workspace(self.model)
        self._moves = moving_dofs(self._ints)
        self._known: dict[str, Array] = {}
        self._level = NOTHING

    def update(
        self, state: NDArray | None = None, qpos: ArrayLike | None = None, qvel: ArrayLike | None = None
    ) -> "Configuration":
        """Go to the rows `state` of `Simulation.snapshot`, then to `qpos` and `qvel` where given; returns itself. Raises
        StateError on wrong shapes.
        """
        sizes = self.model.placement.sizes
        if state is not None:
            start, stop = self.model.placement.bounds[Store.STATE]
            self._workspace.write_span(start, state[:, : stop - start])  # free bodies add rows of their own
        for name, values, width in (("qpos", qpos, "num_qpos"), ("qvel", qvel, "num_dofs")):
            if values is not None:
                self._workspace.write(name, rows_of(values, (self.num_envs, sizes[width]), f"configuration {name}"))
        self._known.clear()
        self._level = NOTHING
        return self

    # ---- poses and Jacobians -------------------------------------------------------------------------------------------------

    @property
    def qpos(self) -> Array:
        """Position coordinates (num_envs, nq)."""
        return self._read("qpos", NOTHING)

    @property
    def qvel(self) -> Array:
        """Velocity coordinates (num_envs, nv)."""
        return self._read("qvel", NOTHING)

    @property
    def body_position(self) -> Array:
        """p_WB of every body, the world first (num_envs, num_bodies, 3) [m]."""
        return self._read("body_position_W")

    @property
    def body_rotation(self) -> Array:
        """q_WB of every body (num_envs, num_bodies, 4)."""
        return self._read("body_rotation_W")

    @property
    def spin(self) -> Array:
        """Angular velocity of every body in W (num_envs, num_bodies, 3) [rad/s]; prescribed motion is left out."""
        return self._read("body_velocity_W")[..., :3]

    def body_index(self, body: str | int) -> int:
        """The index of a body by name (or the index itself, checked); StateError lists near matches."""
        names = self.names.body
        if isinstance(body, str) and body in names:
            return names.index(body)
        if isinstance(body, str) or not 0 <= int(body) < len(names):
            hint = near_matches(str(body), names)
            raise StateError("configuration", f"unknown body {body!r}", hint, "name a body of the scene")
        return int(body)

    def dofs_of(self, body: str | int) -> NDArray[np.int64]:
        """The velocity coordinates that move a body, ascending."""
        return np.flatnonzero(self._moves[self.body_index(body)])

    def point(self, body: str | int, point: ArrayLike = (0.0, 0.0, 0.0)) -> Array:
        """Where a point of the body is: `point` in B (3,) or (num_envs, 3) -> (num_envs, 3) in W [m]."""
        b = self.body_index(body)
        local = rows_of(point, (self.num_envs, 3), "configuration point")
        return self.body_position[:, b] + rotation.rotate(self.body_rotation[:, b], local)

    def jacobian(self, body: str | int, point: ArrayLike = (0.0, 0.0, 0.0)) -> Array:
        """(num_envs, 6, nv): times qvel it is the velocity [m/s] of the body's `point` (in B), then the angular velocity
        [rad/s], both in W.
        """
        b = self.body_index(body)
        angular, linear = self._axes()
        arm = self.point(b, point) - self._reference()[:, b]
        columns = np.concatenate([linear + np.cross(angular, arm[:, None]), angular], axis=-1)
        return np.swapaxes(columns * self._moves[b][:, None], 1, 2)

    def velocity(self, body: str | int, point: ArrayLike = (0.0, 0.0, 0.0)) -> Array:
        """Velocity of a body's point, then angular velocity, in W (num_envs, 6); motion prescribed to kinematic bodies is left
        out.
        """
        return np.einsum("ein,en->ei", self.jacobian(body, point), self.qvel)

    def bias_acceleration(self, body: str | int, point: ArrayLike = (0.0, 0.0, 0.0)) -> Array:
        """The time derivative of the Jacobian times qvel (num_envs, 6): acceleration of the point [m/s^2], then angular
        [rad/s^2], in W, at zero joint acceleration.
        """
        b = self.body_index(body)
        arm = self.point(b, point) - self._reference()[:, b]
        motion = self._read("body_velocity_W")[:, b]
        acceleration = self._read("body_acceleration")[:, b]
        spin = motion[:, :3]
        at_point = motion[:, 3:] + np.cross(spin, arm)
        linear = acceleration[:, 3:] + self._real("gravity") + np.cross(acceleration[:, :3], arm) + np.cross(spin, at_point)
        return np.concatenate([linear, acceleration[:, :3]], axis=-1)

    def accelerations(self, qacc: ArrayLike) -> Array:
        """Of every body at the joint acceleration `qacc` (num_envs, nv): acceleration of the origin [m/s^2], then angular
        [rad/s^2], in W (num_envs, num_bodies, 6); motion prescribed to kinematic bodies is left out.
        """
        wanted = rows_of(qacc, (self.num_envs, self.model.placement.sizes["num_dofs"]), "configuration qacc")
        motion = self._read("body_velocity_W")
        pushed = np.einsum("bn,en,enk->ebk", self._moves.astype(float), wanted, self._read("dof_axis"), optimize=True)
        spatial = self._read("body_acceleration") + pushed
        arm, spin = self.body_position - self._reference(), motion[..., :3]
        at_origin = motion[..., 3:] + np.cross(spin, arm)
        linear = spatial[..., 3:] + self._real("gravity")[:, None] + np.cross(spatial[..., :3], arm) + np.cross(spin, at_origin)
        return np.concatenate([linear, spatial[..., :3]], axis=-1)

    # ---- dynamics ------------------------------------------------------------------------------------------------------------

    def mass_matrix(self) -> Array:
        """Joint-space inertia, armature included (num_envs, nv, nv) [kg, kg m, kg m^2]."""
        sparse, size = self._read("mass", FORCES), self.model.placement.sizes["num_dofs"]
        rows, columns = mass_entries(self._ints)
        dense = np.zeros((self.num_envs, size, size))
        dense[:, rows, columns] = sparse
        dense[:, columns, rows] = sparse
        return dense

    def bias_force(self) -> Array:
        """Force that holds the joints at zero acceleration: Coriolis, centrifugal and gravity (num_envs, nv) [N, N m]."""
        return self._read("bias", FORCES)

    def gravity_force(self) -> Array:
        """The part of `bias_force` that is there at rest: what a controller adds to carry the weight (num_envs, nv)."""
        weight = self._real("body_mass") * self._real("body_gravity_scale")
        force = weight[..., None] * self._real("gravity")[:, None]
        arm = self.body_com - self._reference()
        turning, pulling = self._sum_moved(np.cross(arm, force)), self._sum_moved(np.broadcast_to(force, arm.shape))
        angular, linear = self._axes()
        return -((angular * turning).sum(-1) + (linear * pulling).sum(-1))

    def passive_force(self) -> Array:
        """Joint springs and dampers (num_envs, nv) [N, N m]; drives and actuators are not among them."""
        return self._read("passive_force", FORCES)

    def inverse_dynamics(self, qacc: ArrayLike) -> Array:
        """The joint force (num_envs, nv) [N, N m] that gives the acceleration `qacc` (num_envs, nv): M qacc + bias - passive.

        Drives and actuators count towards it; contacts, joint limits, dry friction and `body_wrench` do not. The default
        integrator takes damping and stiffness at the end of the step, so there a damped joint follows to first order in h.
        """
        wanted = rows_of(qacc, (self.num_envs, self.model.placement.sizes["num_dofs"]), "configuration qacc")
        inertial = self._newton_euler(wanted) + self._real("dof_armature") * wanted
        return inertial - self.passive_force()

    def kinetic_energy(self) -> Array:
        """Of all moving joints, armature included (num_envs,) [J]."""
        return 0.5 * np.einsum("ei,eij,ej->e", self.qvel, self.mass_matrix(), self.qvel)

    def potential_energy(self) -> Array:
        """Of gravity, zero at the origin of W, and of joint springs (num_envs,) [J]."""
        weight = self._real("body_mass") * self._real("body_gravity_scale")
        lifted = -((weight[..., None] * self.body_com).sum(1) * self._real("gravity")).sum(-1)
        stretch = difference(self._ints, self._rows("qpos_spring"), self.qpos)
        stiffness = self._real("joint_stiffness")[:, self._ints["dof_joint"]]
        return lifted + 0.5 * (stiffness * stretch**2).sum(-1)

    # ---- centre of mass ------------------------------------------------------------------------------------------------------

    @property
    def body_com(self) -> Array:
        """Centre of mass of every body in W (num_envs, num_bodies, 3) [m]."""
        return self.body_position + rotation.rotate(self.body_rotation, self._rows("body_com"))

    def centre_of_mass(self, body: str | int = 0) -> Array:
        """Centre of mass of a body with all its descendants, by default of everything (num_envs, 3) [m]."""
        mass = self._subtree_mass(body)
        return (mass[..., None] * self.body_com).sum(1) / mass.sum(1)[:, None]

    def centre_of_mass_jacobian(self, body: str | int = 0) -> Array:
        """(num_envs, 3, nv): times qvel it is the velocity of `centre_of_mass(body)` in W."""
        mass = self._subtree_mass(body)
        moved = mass @ self._moves
        first = self._sum_moved(mass[..., None] * (self.body_com - self._reference()))
        angular, linear = self._axes()
        return np.swapaxes(linear * moved[..., None] + np.cross(angular, first), 1, 2) / mass.sum(1)[:, None, None]

    def momentum(self) -> Array:
        """Linear momentum [kg m/s], then angular momentum about the centre of mass of everything [kg m^2/s], in W
        (num_envs, 6).
        """
        mass, motion = self._rows("body_mass"), self._read("body_velocity_W")
        arm = self.body_com - self._reference()
        speed = motion[..., 3:] + np.cross(motion[..., :3], arm)
        inertia = np.zeros((*mass.shape, 3, 3))
        given = self._rows("body_inertia")
        for k, (i, j) in enumerate(((0, 0), (1, 1), (2, 2), (0, 1), (0, 2), (1, 2))):
            inertia[..., i, j] = inertia[..., j, i] = given[..., k]
        turn = rotation.matrix(self.body_rotation)
        spin = np.einsum("ebij,ebjk,eblk,ebl->ebi", turn, inertia, turn, motion[..., :3])
        linear = mass[..., None] * speed
        about = self.body_com - self.centre_of_mass()[:, None]
        return np.concatenate([linear.sum(1), (spin + np.cross(about, linear)).sum(1)], axis=-1)

    # ---- inside --------------------------------------------------------------------------------------------------------------

    def _read(self, name: str, level: int = POSES) -> Array:
        if name not in self._known:
            if self._level < level:
                evaluate(self._workspace, level == FORCES)
                self._level = level
            self._known[name] = self._workspace.read(name).astype(float)
        return self._known[name]

    def _newton_euler(self, qacc: Array) -> Array:
        """The bias force at the joint accelerations `qacc`; what it leaves in the workspace is not used for anything else."""
        padded = np.zeros((self._workspace.model.num_envs, 3 * self._workspace.model.placement.sizes["num_panels"]))
        padded[:, : qacc.shape[-1]] = qacc
        self._workspace.write("acceleration", padded.reshape(len(padded), -1, 3))
        evaluate(self._workspace, True)
        force = self._workspace.read("bias").astype(float)
        self._known["passive_force"] = self._workspace.read("passive_force").astype(float)
        self._workspace.write("acceleration", np.zeros(()))
        self._level = NOTHING
        return force

    def _real(self, name: str) -> Array:
        """A model constant (1 or num_envs, ...)."""
        return real(self.model.compiled, name)

    def _rows(self, name: str) -> Array:
        constant = self._real(name)
        return np.broadcast_to(constant, (self.num_envs, *constant.shape[1:]))

    def _axes(self) -> tuple[Array, Array]:
        axes = self._read("dof_axis")
        return axes[..., :3], axes[..., 3:]

    def _reference(self) -> Array:
        """The point that the spatial vectors of each body are about: the origin of its root."""
        return self.body_position[:, self._ints["body_root"]]

    def _sum_moved(self, values: Array) -> Array:
        """Sum over the bodies that each dof moves: (num_envs, num_bodies, 3) -> (num_envs, nv, 3)."""
        return np.einsum("bn,ebk->enk", self._moves.astype(float), values)

    def _subtree_mass(self, body: str | int) -> Array:
        index, parent = self.body_index(body), self._ints["body_parent"]
        inside = np.zeros(len(parent), bool)
        for b in range(index, len(parent)):
            inside[b] = b == index or inside[parent[b]]
        mass = self._rows("body_mass") * inside
        if not (mass.sum(1) > 0).all():
            name = self.names.body[index]
            raise StateError("centre_of_mass", f"the bodies below {name!r} have no mass", "", "name another body")
        return mass


def moving_dofs(ints: dict[str, NDArray]) -> NDArray[np.bool_]:
    """(num_bodies, nv): whether the dof moves the body."""
    parent, dof_body = ints["body_parent"], ints["dof_body"]
    moves = np.zeros((len(parent), len(dof_body)), bool)
    for b in range(1, len(parent)):
        moves[b] = moves[parent[b]] | (dof_body == b)
    return moves


def mass_entries(ints: dict[str, NDArray]) -> tuple[Sequence[int], Sequence[int]]:
    """Row and column of every stored entry of the sparse mass matrix."""
    rows, columns = [], []
    for i in range(len(ints["dof_parent"])):
        j = i
        while j >= 0:
            rows.append(i)
            columns.append(j)
            j = int(ints["dof_parent"][j])
    return rows, columns
