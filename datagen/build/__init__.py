"""EpisodeSpec -> engine.Scene: bodies, joints, models of files, actors, matter, cameras and lights of one episode."""

from .errors import BuildError
from .models import model_bodies, model_joints, resting_controls, servos
from .scene import build_scene, check_actions, drive_name, drives, linear, structure

__all__ = [
    "BuildError",
    "build_scene",
    "check_actions",
    "drive_name",
    "drives",
    "linear",
    "model_bodies",
    "model_joints",
    "resting_controls",
    "servos",
    "structure",
]
