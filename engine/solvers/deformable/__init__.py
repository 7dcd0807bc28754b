"""Cloth, ropes and elastic solids: vertex block descent in colours, a fixed number of sweeps, no global matrix, no atomics.

`elements` makes stencils from a mesh, `colours` and `packing` lay them out for lanes, `laws` are the energies, `sweep` the
kernels of a step, `touch` contact with rigid shapes, `crowd` contact of the vertices with each other, `solver` the host side.
"""
