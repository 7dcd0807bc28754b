"""MJCF (MuJoCo XML) models: bodies, joints, geoms, inertias, actuators, cameras, one sun, meshes, contact excludes.

What is read: compiler (angle, autolimits, eulerseq, meshdir, assetdir, inertiafromgeom), option (timestep, gravity, integrator,
iterations, tolerance, impratio), nested default classes, include, asset mesh and material colours, the worldbody tree (fromto,
all orientations, mocap as kinematic, gravcomp), actuators motor, position, velocity and general without dynamics, contact
exclude, sites, tendons (not armature and springyield), equality constraints (not of flexes). MuJoCo's own defaults hold where
the file says nothing. Everything else is reported by name and line, see `engine.importers.report`. Reference: MuJoCo XML
reference (mujoco.readthedocs.io). Limits: contacts always use the elliptic cone.
"""

from engine.importers.mjcf.reader import load_mjcf

__all__ = ["load_mjcf"]
