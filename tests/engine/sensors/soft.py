"""A continuum that presses on the last body at one point, with a force that grows with the environment."""

import numpy as np

from engine.continua import ParticleCloud, SurfaceMesh, Touches


class Press:
    """In environment 1: force (0.5, 0, -3) N at (0.075, 0, 0.05); in others half of it."""

    def __init__(self, num_envs: int):
        self.force = np.tile([0.25, 0.0, -1.5], (num_envs, 1)) * np.minimum(1 + np.arange(num_envs), 2)[:, None]
        self.point = np.array([0.075, 0.0, 0.05])

    def reset(self, envs):
        pass

    def advance(self, bodies, duration):
        wrench = np.zeros((*bodies.mass.shape, 6))
        wrench[:, -1, :3] = self.force
        wrench[:, -1, 3:] = np.cross(self.point - bodies.com[:, -1], self.force)
        self.body = bodies.mass.shape[1] - 1
        return wrench

    def touches(self):
        n = len(self.force)
        return Touches(np.arange(n), np.full(n, self.body), np.tile(self.point, (n, 1)), self.force)

    def mark(self):
        pass

    def snapshot(self):
        return np.zeros((len(self.force), 0))

    def restore(self, rows):
        pass

    def faults(self):
        return np.zeros(len(self.force), int)

    def clouds(self):
        place = np.tile([[[0.0, 0.0, 2.0], [np.nan, 0.0, 1.0], [0.0, 0.0, 3.0]]], (len(self.force), 1, 1))
        place[1:, 0, 2] = 1.5
        return (ParticleCloud("dust", place.astype(np.float32), None, 0.1, (1.0, 1.0, 1.0), 9),)

    def surfaces(self):
        corner = np.tile([[[0.9, -1.0, 0.0], [0.9, 1.0, 0.0], [0.9, 0.0, 2.0]]], (len(self.force), 1, 1))
        return (SurfaceMesh("sheet", corner.astype(np.float32), None, np.array([[0, 1, 2]]), (1.0, 1.0, 1.0), 8),)
