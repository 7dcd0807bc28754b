"""Shapes as numbers: host geometry (rotations, primitives, inertia, meshes, hulls); device structures live beside it."""
