"""Every array of the rigid model and its state, declared once with shape, unit and meaning.

This is the data layout of the engine. Solvers add only their own scratch. Frames: W world, B body, P parent body, S shape.
Rotations are unit quaternions (w, x, y, z). Bodies are in topological order (a parent before its children), body 0 is the
world. Dofs of a body are consecutive; `dof_parent` is the previous dof on the way to the root. References: Featherstone (2008);
Todorov, Erez, Tassa (2012) for solref, solimp, inverse weights and the sparse mass matrix, whose row i holds (i,i),
(i,parent(i)), ... up to the root.
"""

from engine.arrays import TABLE, Store

I, F, D = Store.MODEL_INT, Store.MODEL_REAL, Store.MODEL_DATA
S, C, R, W = Store.STATE, Store.CONTROL, Store.RESULT, Store.WORK_INT

SIZES = {
    "num_bodies": "bodies, the world (0) included",
    "num_joints": "joints",
    "num_qpos": "position coordinates",
    "num_dofs": "velocity coordinates",
    "num_shapes": "collision and visual shapes",
    "num_pairs": "shape pairs that may touch, in a fixed order",
    "num_chain": "entries of all body-pair dof chains",
    "num_actuators": "actuators",
    "num_kinematic": "bodies with a prescribed motion",
    "num_cameras": "cameras",
    "num_meshes": "meshes",
    "num_hull_vertices": "vertices of the convex hulls of all meshes",
    "num_hull_faces": "polygonal faces of all hulls",
    "num_hull_loop": "vertex indices of all hull faces",
    "num_mass": "stored entries of the sparse mass matrix",
    "max_contacts": "contact slots of a group (grown on demand)",
    "max_chain": "longest body-pair dof chain",
    "max_iterations": "Newton iterations allowed per substep",
    "integrator": "0 implicit (h D + h^2 K in the metric), 1 euler (MuJoCo's semi-implicit, damping implicit)",
    "contact_model": "0 exact (Signorini-Coulomb), 1 mujoco (relaxed cone: sliding contacts separate)",
    "num_excluded": "body pairs that never touch, for the solver of free bodies",
    "solver": "0 newton (reduced coordinates, dense rows), 1 bodies (thousands of free bodies)",
    "sleep": "1: resting islands of the solver of free bodies stop",
    "num_envs": "environments that are real (lanes beyond are padding)",
}
for _name, _doc in SIZES.items():
    TABLE.size(_name, _doc)


def declare(store: Store, rows: dict[str, tuple[tuple[str | int, ...], str, str]]) -> None:
    """Declare arrays of one store: name -> (shape words, unit, doc)."""
    for name, (shape, unit, doc) in rows.items():
        TABLE.array(name, store, shape, unit, doc)


declare(I, {
    "body_parent": (("num_bodies",), "", "parent body; the world's is 0"),
    "body_root": (("num_bodies",), "", "first body of the tree, whose origin is the reference point of the spatial vectors"),
    "body_joint_start": (("num_bodies",), "", "first joint"),
    "body_joint_count": (("num_bodies",), "", "joints between body and parent"),
    "body_dof_start": (("num_bodies",), "", "first dof of the body's joints"),
    "body_dof_count": (("num_bodies",), "", "dofs of the body's joints"),
    "body_kinematic": (("num_bodies",), "", "index of the prescribed motion, or -1"),
    "joint_type": (("num_joints",), "", "engine.types.JointType"),
    "joint_body": (("num_joints",), "", "child body"),
    "joint_qpos_start": (("num_joints",), "", "first position coordinate"),
    "joint_dof_start": (("num_joints",), "", "first dof"),
    "joint_limited": (("num_joints",), "",
        "1 when joint_range is active (hinge, slide; ball: joint_range[1] is the cone angle)"),
    "dof_body": (("num_dofs",), "", "body that the dof moves"),
    "dof_joint": (("num_dofs",), "", "joint of the dof"),
    "dof_parent": (("num_dofs",), "", "previous dof towards the root, or -1"),
    "dof_mass_start": (("num_dofs",), "", "first entry of the dof's row of the sparse mass matrix (its diagonal)"),
    "dof_mass_count": (("num_dofs",), "", "entries of that row = depth of the dof"),
    "shape_type": (("num_shapes",), "", "engine.types.ShapeType"),
    "shape_body": (("num_shapes",), "", "body that carries the shape"),
    "shape_mesh": (("num_shapes",), "", "mesh, or -1"),
    "shape_segment": (("num_shapes",), "", "instance id written by cameras: body index, so 0 is the world"),
    "shape_bits": (("num_shapes", 2), "", "contact type and affinity"),
    "shape_condim": (("num_shapes",), "", "contact dimension of the shape; a pair takes the larger"),
    "body_excluded": (("num_excluded", 2), "", "bodies that never touch each other"),
    "pair_shape_a": (("num_pairs",), "", "first shape; its type number is not above that of the second"),
    "pair_shape_b": (("num_pairs",), "", "second shape; contact normals point from a to b"),
    "pair_condim": (("num_pairs",), "", "1 frictionless, 3 sliding, 4 + torsional, 6 + rolling friction"),
    "pair_chain_start": (("num_pairs",), "", "first entry in chain_dof"),
    "pair_chain_count": (("num_pairs",), "", "dofs that move one body but not the other, ascending"),
    "chain_dof": (("num_chain",), "", "dof"),
    "chain_sign": (("num_chain",), "", "+1 where the dof moves body b, -1 where it moves body a"),
    "actuator_dof": (("num_actuators",), "", "dof that the actuator drives"),
    "actuator_qpos": (("num_actuators",), "", "position coordinate of that dof (hinge, slide), or -1"),
    "actuator_limits": (("num_actuators",), "", "bit 0: control_range, bit 1: force_range active"),
    "camera_body": (("num_cameras",), "", "body that carries the camera; 0 is the world"),
    "mesh_vertex_start": (("num_meshes",), "", "first hull vertex"),
    "mesh_vertex_count": (("num_meshes",), "", "hull vertices"),
    "mesh_face_start": (("num_meshes",), "", "first hull face"),
    "mesh_face_count": (("num_meshes",), "", "hull faces, coplanar triangles merged"),
    "face_loop_start": (("num_hull_faces",), "", "first entry in face_loop"),
    "face_loop_count": (("num_hull_faces",), "", "corners of the face"),
    "face_loop": (("num_hull_loop",), "", "hull vertex, counter-clockwise seen from outside, relative to the mesh's first"),
})  # fmt: skip

declare(D, {
    "hull_vertex": (("num_hull_vertices", 3), "m", "hull vertices in the mesh frame, unscaled"),
    "face_normal": (("num_hull_faces", 3), "", "outward unit normal of the unscaled hull face"),
})  # fmt: skip

declare(F, {
    "gravity": ((3,), "m/s^2", "acceleration of free fall in W"),
    "timestep": ((1,), "s", "duration h of a substep"),
    "tolerance": ((1,), "", "the Newton solver stops when improvement and scaled gradient fall below it"),
    "impedance_ratio": ((1,), "", "friction to normal impedance (MuJoCo impratio)"),
    "mean_inertia": ((1,), "kg", "mean diagonal of the mass matrix at qpos_initial; scale of the stop test"),
    "body_position": (("num_bodies", 3), "m", "p_PB at zero joint position; the initial pose for free bodies"),
    "body_rotation": (("num_bodies", 4), "", "q_PB at zero joint position"),
    "body_com": (("num_bodies", 3), "m", "centre of mass in B"),
    "body_mass": (("num_bodies",), "kg", "mass"),
    "body_inertia": (("num_bodies", 6), "kg m^2", "inertia about the centre of mass in B axes: xx yy zz xy xz yz"),
    "body_gravity_scale": (("num_bodies",), "", "1: falls, 0: weightless (gravity compensation is 1 minus this)"),
    "body_inverse_weight": (("num_bodies", 2), "1/kg, 1/(kg m^2)",
        "mean inverse inertia at qpos_initial, translation and rotation"),
    "joint_position": (("num_joints", 3), "m", "anchor in B"),
    "joint_axis": (("num_joints", 3), "", "unit axis in B (hinge, slide)"),
    "joint_range": (("num_joints", 2), "rad or m", "lower and upper limit"),
    "joint_margin": (("num_joints",), "rad or m", "limit rows become active at this distance"),
    "joint_stiffness": (("num_joints",), "N m/rad or N/m", "passive spring"),
    "joint_solref": (("num_joints", 2), "s, 1", "limit time constant and damping ratio (negative: stiffness, damping)"),
    "joint_solimp": (("num_joints", 5), "", "limit impedance d0 dwidth width midpoint power"),
    "qpos_initial": (("num_qpos",), "m or rad", "coordinates after reset"),
    "qpos_spring": (("num_qpos",), "m or rad",
        "rest position of the springs; also the zero of hinge and slide joints is qpos 0"),
    "qvel_initial": (("num_dofs",), "m/s or rad/s", "velocities after reset"),
    "dof_armature": (("num_dofs",), "kg or kg m^2", "inertia added to the diagonal"),
    "dof_damping": (("num_dofs",), "N s/m or N m s/rad", "passive damping"),
    "dof_friction_loss": (("num_dofs",), "N or N m", "dry friction of the joint"),
    "dof_inverse_weight": (("num_dofs",), "1/kg or 1/(kg m^2)", "diagonal of the inverse mass matrix at qpos_initial"),
    "dof_drive_stiffness": (("num_dofs",), "N/m or N m/rad",
        "gain of the position drive towards joint_target, integrated implicitly"),
    "dof_drive_damping": (("num_dofs",), "N s/m or N m s/rad", "velocity gain of the drive"),
    "shape_position": (("num_shapes", 3), "m", "p_BS"),
    "shape_rotation": (("num_shapes", 4), "", "q_BS"),
    "shape_size": (("num_shapes", 3), "m",
        "sphere r; capsule r, half length; box half extents; cylinder r, half height; ellipsoid radii; mesh scale"),
    "shape_bound": (("num_shapes",), "m", "radius of a ball about the shape origin that holds the shape; 0 for planes"),
    "shape_friction": (("num_shapes", 3), "1, m, m", "sliding, torsional, rolling; a contact takes the larger of the two"),
    "shape_restitution": (("num_shapes",), "", "coefficient of restitution; a contact takes the larger of the two"),
    "shape_solref": (("num_shapes", 2), "s, 1", "contact time constant and damping ratio; a contact takes the mean"),
    "shape_solimp": (("num_shapes", 5), "", "contact impedance; a contact takes the mean"),
    "shape_margin": (("num_shapes",), "m", "contacts are made below this distance; a contact takes the sum"),
    "shape_color": (("num_shapes", 3), "", "linear RGB albedo"),
    "shape_roughness": (("num_shapes",), "", "GGX roughness"),
    "shape_metallic": (("num_shapes",), "", "0 dielectric, 1 metal"),
    "shape_pattern": (("num_shapes", 4), "", "checker period [m] (0: plain), then the second linear RGB albedo"),
    "actuator_gear": (("num_actuators",), "", "scales the force on the dof and the length and velocity seen"),
    "actuator_gain": (("num_actuators", 3), "",
        "force = gain . (1, length, velocity) * control + bias . (1, length, velocity)"),
    "actuator_bias": (("num_actuators", 3), "", "see actuator_gain"),
    "actuator_control_range": (("num_actuators", 2), "", "clamp of the control"),
    "actuator_force_range": (("num_actuators", 2), "N or N m", "clamp of the force"),
    "camera_position": (("num_cameras", 3), "m", "p_BC in the body that carries it"),
    "camera_rotation": (("num_cameras", 4), "", "q_BC; the camera looks along -z with +y up"),
    "camera_fov": (("num_cameras",), "rad", "vertical field of view"),
    "sun_direction": ((3,), "", "unit vector towards the sun in W"),
    "sun_color": ((3,), "", "linear RGB irradiance of the sun"),
    "sky_zenith": ((3,), "", "linear RGB radiance of the sky overhead"),
    "sky_horizon": ((3,), "", "linear RGB radiance of the sky at the horizon"),
})  # fmt: skip

declare(S, {
    "time": ((1,), "s", "simulated time"),
    "qpos": (("num_qpos",), "m or rad", "position coordinates"),
    "qvel": (("num_dofs",), "m/s or rad/s", "velocity coordinates"),
    "qacc_warmstart": (("num_dofs",), "m/s^2 or rad/s^2", "last acceleration: start of the next constraint solve"),
    "kinematic_position": (("num_kinematic", 3), "m", "p_WB of bodies with a prescribed motion"),
    "kinematic_rotation": (("num_kinematic", 4), "", "q_WB of those bodies"),
    "fault": ((4,), "", "1 where the bit of engine.types.Fault is set, one slot per bit; sticky until reset"),
})  # fmt: skip

declare(C, {
    "joint_force": (("num_dofs",), "N or N m", "applied generalized force"),
    "joint_target": (("num_dofs",), "m or rad", "target of the position drives (hinge, slide)"),
    "actuator": (("num_actuators",), "", "actuator controls"),
    "body_wrench": (("num_bodies", 6), "N, N m", "force, then torque about the centre of mass, in W"),
    "kinematic_velocity": (("num_kinematic", 6), "m/s, rad/s", "velocity of the body origin, then angular velocity, in W"),
})  # fmt: skip

declare(R, {
    "body_position_W": (("num_bodies", 3), "m", "p_WB"),
    "body_rotation_W": (("num_bodies", 4), "", "q_WB"),
    "body_velocity_W": (("num_bodies", 6), "rad/s, m/s",
        "spatial velocity about the origin of the body's root (angular first)"),
    "shape_position_W": (("num_shapes", 3), "m", "p_WS"),
    "shape_rotation_W": (("num_shapes", 4), "", "q_WS"),
    "qacc": (("num_dofs",), "m/s^2 or rad/s^2", "acceleration of the last substep"),
    "contact_position": (("max_contacts", 3), "m", "point midway between the surfaces, in W"),
    "contact_normal": (("max_contacts", 3), "", "unit normal from shape a to shape b, in W"),
    "contact_distance": (("max_contacts",), "m", "negative: depth; FAR where the lane has no such contact"),
    "contact_force": (("max_contacts", 6), "N, N m", "normal, two tangents, torsion, two rolling; on b, in the contact frame"),
    "pair_impulse": (("num_pairs", 3), "N s", "impulse on b summed over the substeps of the last step, in W"),
    "pair_touch": (("num_pairs",), "", "substeps of the last step with a contact force"),
    "pair_point": (("num_pairs", 3), "m", "last contact point of the pair in the last step, in W"),
    "solver_iterations": ((1,), "", "Newton iterations of the last substep"),
})  # fmt: skip

declare(W, {
    "num_contacts": ((1,), "", "used contact slots of the group"),
    "contact_need": ((1,), "",
        "slots that the last substep wanted; above max_contacts means overflow and the group has stopped"),
    "substeps_done": ((1,), "", "substeps finished in the running launch"),
    "contact_pair": (("max_contacts",), "", "pair of the slot, the same for all lanes"),
    "contact_index": (("max_contacts",), "", "number of the point within its pair"),
})  # fmt: skip

FAR = 1e10  # contact_distance of a lane without a contact
