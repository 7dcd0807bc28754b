"""MJCF (MuJoCo XML) models: bodies, joints, geoms, inertias, actuators, cameras, one sun, meshes, contact excludes.

What is read: compiler (angle, autolimits, eulerseq, meshdir, assetdir, inertiafromgeom, bounds on masses), option (all but
noslip and contact override; flags that change the motion as `options.disable`), nested default classes, include, asset mesh,
material colours and images, intrinsics of cameras, the worldbody tree (fromto, all orientations, mocap as kinematic,
gravcomp), actuators of all kinds but adhesion, pid, dcmotor and orientation, contact exclude, sites, tendons (not armature
and springyield), equality constraints (not of flexes). MuJoCo's own defaults hold where the file says nothing. Everything
else is reported by name and line, see `engine.importers.report`. Reference: MuJoCo XML reference (mujoco.readthedocs.io).
"""

from engine.importers.mjcf.reader import load_mjcf

__all__ = ["load_mjcf"]
