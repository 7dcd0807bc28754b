"""The force that the taxels of the six faces of a box feel together."""

import numpy as np


def force_of_faces(told):
    """(2, 3) in the frame of the body, from the readings named +x to -z of two environments."""
    total = np.zeros((2, 3))
    for axis, (plus, minus) in enumerate((("+x", "-x"), ("+y", "-y"), ("+z", "-z"))):
        for face, sign in ((plus, 1.0), (minus, -1.0)):
            u, v = (axis + 1) % 3, (axis + 2) % 3
            u, v = (u, v) if sign > 0 else (v, u)
            grid = told[face].sum((1, 2))
            total[:, u] += grid[:, 0]
            total[:, v] += grid[:, 1]
            total[:, axis] -= sign * grid[:, 2]
    return total
