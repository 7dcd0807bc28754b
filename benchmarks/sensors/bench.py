"""Microseconds of processor time that one reading of each sensor costs per environment, beside the step that it follows.

The scene is a crate, a ball and a drone over a ground, 64 environments (8 with --quick); every kind of sensor is alone in its
scene and is read after every step of one substep. The row `step` is the step without sensors, so a row of a sensor is what it
adds; the first sensor of an instant pays for contacts and accelerations, which several share. Nothing is asked of us here:
`needed` is null. Limits: processor time of this process, all threads.
"""

import datetime
import platform
import time
from typing import Any

import engine

SENSORS: dict[str, tuple[str, dict[str, Any]]] = {
    "contact_wrench": ("contact_wrench", {"body": "crate"}),
    "tactile 8x8": ("tactile", {"shape": "crate", "face": "-z"}),
    "gel 48x48": ("gel", {"shape": "crate", "face": "-z"}),
    "imu": ("imu", {"body": "drone"}),
    "imu with a signal": ("imu", {"body": "drone", "rate": 500, "noise": 0.01, "drift": 0.01, "delay": 0.01}),
    "force_torque": ("force_torque", {"joint": "swing"}),
    "joint_position": ("joint_position", {}),
    "pose": ("pose", {"body": "drone"}),
    "lidar 16x90": ("lidar", {"body": "drone", "rays": (16, 90), "elevation": (-0.5, 0.2)}),
    "depth_rays 16x16": ("depth_rays", {"body": "drone", "rays": (16, 16)}),
    "proximity 32": ("proximity", {"body": "drone"}),
}


def scene() -> engine.Scene:
    """The crate, the ball, the drone and a pendulum."""
    made = engine.Scene()
    made.add_plane()
    made.add_body("crate", engine.Box(size=(0.4, 0.3, 0.2)), mass=3.0, position=(0, 0, 0.1))
    made.add_body("ball", engine.Sphere(0.1), mass=1.0, position=(0.5, 0.2, 0.1))
    made.add_body("drone", engine.Sphere(0.1), mass=0.5, position=(0.6, 0, 1.5), gravity_scale=0.0)
    hinge = engine.Hinge(name="swing", axis=(0, 1, 0), initial=0.4)
    made.add_body("rod", engine.Capsule(0.03, 0.4), mass=1.0, position=(0, 1, 1.5), joint=hinge, parent=0)
    return made


def cost(num_envs: int, repeats: int, entry: tuple[str, dict[str, Any]] | None) -> float:
    """Processor time [us] of a step and a reading per environment."""
    made = scene()
    if entry is not None:
        made.add_sensor("s", entry[0], **entry[1])
    sim = engine.Simulation(made, num_envs)
    sim.step(200)
    sim.sense()
    start = time.process_time()
    for _ in range(repeats):
        sim.step()
        sim.sense()
    return (time.process_time() - start) / repeats / num_envs * 1e6


def main(quick: bool, backend: str) -> list[dict[str, Any]]:
    """One row per sensor."""
    engine.init(backend=backend)
    num_envs, repeats = (8, 10) if quick else (64, 100)
    base = cost(num_envs, repeats, None)
    facts = {"better": "smaller", "envs": num_envs, "machine": platform.machine(), "date": str(datetime.date.today())}
    rows = [{"case": "step", "engine": "worldsmith", "measured": round(base, 2), "unit": "us", "needed": None, **facts}]
    for name, entry in SENSORS.items():
        added = cost(num_envs, repeats, entry) - base
        rows.append({"case": name, "engine": "worldsmith", "measured": round(added, 2), "unit": "us", "needed": None, **facts})
    return rows
