"""MJCF (MuJoCo XML) models: bodies, joints, geoms, inertias, actuators, cameras, one sun, meshes, contact excludes.

What is read: compiler (angle, autolimits, eulerseq, meshdir, assetdir, inertiafromgeom), option (timestep, gravity,
integrator, iterations, tolerance, impratio, cone), nested default classes, include, asset mesh and material colours, the
worldbody tree (fromto, all orientations, mocap as kinematic, gravcomp), actuators motor, position, velocity and general without
dynamics, contact exclude. MuJoCo's own defaults hold where the file says nothing. Everything else is reported by name and line,
see `engine.importers.report`. Reference: MuJoCo XML reference (mujoco.readthedocs.io).
"""

from engine.importers.mjcf.reader import load_mjcf

__all__ = ["load_mjcf"]
