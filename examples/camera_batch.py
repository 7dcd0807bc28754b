"""Render colour, depth and instance ids of four environments in one launch.

Success criteria: the ball covers more pixels where it is larger, and its depth is what geometry says within 1 mm.
"""

import numpy as np

import engine


def ball_scene(radius: float) -> engine.Scene:
    """A ball on a checker floor, seen from the front."""
    scene = engine.Scene()
    scene.add_plane(checker=engine.Checker(0.25))
    scene.add_body("ball", shape=engine.Sphere(radius=radius), position=(0, 0, radius), density=400.0, color=(0.8, 0.2, 0.1))
    scene.add_camera("front", position=(0, -2, radius), look_at=(0, 0, radius), resolution=(128, 96), fov_y=45)
    return scene


def main() -> None:
    """Render and compare with closed forms."""
    engine.init(backend="cpu")
    radii = np.array([0.1, 0.2, 0.3, 0.4])
    sim = engine.Simulation([ball_scene(r) for r in radii])
    picture = sim.render("front", outputs=("rgb", "depth", "segmentation"))
    covered = (picture["segmentation"] == sim.names.body.index("ball")).sum(axis=(1, 2))
    nearest = picture["depth"][:, 47:49, 63:65].min(axis=(1, 2))
    print("pixels of the ball", covered.tolist(), "nearest depth", nearest.round(4).tolist())
    assert (np.diff(covered) > 0).all()
    assert np.abs(nearest - (2 - radii)).max() < 1e-3


if __name__ == "__main__":
    main()
