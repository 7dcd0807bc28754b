"""What sensors feel and see of every kind of matter that the engine simulates, batched, after real steps."""

import numpy as np
import pytest

import engine
from tests.engine.sensors.faces import force_of_faces

G = 9.81
KINDS = ("rigid", "articulated", "cloth", "rope", "soft", "jelly", "sand", "snow", "liquid")
AT = (0.05, 0.05)  # where it lies on the pan
MATTER = {"jelly": engine.Elastic(density=1000, youngs_modulus=5e5), "sand": engine.Sand(), "snow": engine.Snow()}
TOP = 0.1  # of the pan


def scene_of(kind: str) -> engine.Scene:
    """The kind on a pan of 0.4 m x 0.4 m that the world holds, under an eye; a liquid fills the pan between four walls."""
    scene = engine.Scene()
    scene.options.cell_size = 0.05
    shapes = [engine.Box((0.4, 0.4, 0.1), position=(0, 0, 0.05))]
    if kind == "liquid":
        shapes += [engine.Box((0.05, 0.5, 0.3), position=(s * 0.225, 0, 0.15)) for s in (1, -1)]
        shapes += [engine.Box((0.4, 0.05, 0.3), position=(0, s * 0.225, 0.15)) for s in (1, -1)]
    scene.add_body("pan", shapes, fixed=True)
    if kind == "rigid":
        scene.add_body("thing", engine.Box((0.15, 0.15, 0.1)), position=(*AT, 0.15), density=1000)
    elif kind == "articulated":
        scene.add_body("thing", engine.Box((0.15, 0.15, 0.1)), position=(*AT, 0.15), density=500, joint=engine.Slide())
        scene.add_body(
            "lid", engine.Box((0.1, 0.1, 0.05)), position=(0, 0, 0.1), parent="thing", joint=engine.Hinge(), mass=1.0
        )
    elif kind == "cloth":
        scene.add_cloth("thing", mesh=engine.Sheet((0.2, 0.2), 0.05), position=(*AT, 0.12))
    elif kind == "rope":
        thick = engine.Rope(diameter=0.06, linear_density=0.5)
        scene.add_rope("thing", points=[(-0.1, 0.05, 0.135), (0.15, 0.05, 0.135)], segments=4, material=thick)
    elif kind == "soft":
        scene.add_soft("thing", shape=engine.Box((0.15, 0.15, 0.1)), resolution=0.05, position=(*AT, 0.151))
    else:
        size, place = ((0.4, 0.4, 0.1), (0, 0, 0.15)) if kind == "liquid" else ((0.15, 0.15, 0.1), (*AT, 0.15))
        scene.add_matter("thing", material=MATTER.get(kind, engine.Liquid()), region=engine.Box(size), position=place)
    add_sensors(scene)
    return scene


def add_sensors(scene: engine.Scene) -> None:
    """On the pan all that feel, above it all that see, and a camera in the same place."""
    floor = next(shape.name for body, shape in scene.shapes if scene.bodies[body].name == "pan")
    scene.add_site("root", "pan")
    scene.add_site("above", position=(*AT, 1.0))
    scene.add_site("cone", position=(*AT, 1.0), rotation=(0, 1, 0, 0))
    scene.add_sensor("force", "contact_force", body="pan")
    scene.add_sensor("wrench", "contact_wrench", body="pan")
    scene.add_sensor("sampled", "contact_force", body="pan", rate=500)
    for face in ("+x", "-x", "+y", "-y", "+z", "-z"):
        scene.add_sensor(face, "tactile", shape=floor, face=face, taxels=(8, 8))
    scene.add_sensor("stress", "tactile", shape=floor, taxels=(8, 8), quantity="traction")
    scene.add_sensor("dent", "gel", shape=floor, output="depth", pixels=(16, 16), stiffness=1e8)
    scene.add_sensor("picture", "gel", shape=floor, pixels=(16, 16), stiffness=1e5)
    scene.add_sensor("held", "force_torque", site="root")
    scene.add_sensor("imu", "imu", body="pan")
    scene.add_sensor("depth", "depth_rays", site="above", rays=(24, 24), fov_y=0.6)
    scene.add_sensor("scan", "lidar", site="cone", rays=(1, 16))
    scene.add_sensor("near", "proximity", site="cone", angle=0.05)
    scene.add_camera("eye", position=(*AT, 1.0), rotation=(1, 0, 0, 0), resolution=(24, 24), fov_y=np.degrees(0.6))


def told_of(kind: str, envs: int) -> tuple[engine.Simulation, dict[str, np.ndarray], np.ndarray]:
    """What is told at rest, and the mean of the force over the last tenth of a second."""
    sim = engine.Simulation(scene_of(kind), envs)
    sim.step(350)
    forces = []
    for _ in range(50):
        sim.step(1)
        forces.append(sim.sense("force")["force"].astype(float))
    return sim, sim.sense(), np.mean(forces, axis=0)


def weight_of(sim: engine.Simulation, kind: str) -> float:
    if kind in ("rigid", "articulated"):
        return G * float(sim.compiled.reals["body_mass"][0, 2:].sum())
    mass = (sim.deformable if kind in ("cloth", "rope", "soft") else sim.matter)("thing").mass
    return G * float(np.reshape(mass, (sim.num_envs, -1))[0].sum())


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_sensor_feels_and_sees_every_kind_of_matter(cpu, kind):
    """Force is the weight, taxels sum to it and show where it lies, the gel carries it, so does what holds the pan; rays see
    what a camera in their place sees; a batch has the bits of a larger one."""
    sim, told, force = told_of(kind, 2)
    _, more, _ = told_of(kind, 3)
    for name, values in told.items():
        np.testing.assert_array_equal(values, more[name][:2], err_msg=name)
    weight = weight_of(sim, kind)
    np.testing.assert_allclose(force[:, 2], -weight, rtol=0.03 if kind == "liquid" else 0.01)
    feel(told, weight, kind)
    np.testing.assert_allclose(
        told["held"][:, :3] + told["force"], [[0, 0, G * sim.compiled.reals["body_mass"][0, 1]]] * 2, atol=1e-3
    )
    np.testing.assert_allclose(told["imu"][:, :3], [[0, 0, G]] * 2, atol=1e-3)
    np.testing.assert_array_equal(told["sampled"], told["force"])
    look(sim, told, kind)


def feel(told: dict[str, np.ndarray], weight: float, kind: str) -> None:
    """Forces of the pan, its taxels and its gel belong together."""
    pressure = told["+z"][..., 2]
    total = force_of_faces(told)
    if kind != "liquid":  # its walls have faces of their own
        np.testing.assert_allclose(total, told["force"], atol=1e-4 * weight)
    np.testing.assert_allclose(told["stress"] * 0.05**2, told["+z"], rtol=1e-5, atol=1e-9)
    x = (np.arange(8) + 0.5) * 0.05 - 0.2
    where = np.stack([(pressure * x).sum((1, 2)), (pressure * x[:, None]).sum((1, 2))], 1) / pressure.sum((1, 2))[:, None]
    if kind not in ("rope", "liquid"):
        np.testing.assert_allclose(where, [AT] * 2, atol=0.01)
        assert ((pressure > 0.02 * pressure.max()).sum((1, 2)) >= 4).all()
    dent = told["dent"]
    np.testing.assert_allclose(1e8 * dent.sum((1, 2)) * (0.4 / 16) ** 2, pressure.sum((1, 2)), rtol=0.02)
    assert told["picture"].std() > 1.0 or weight < 0.2


def look(sim: engine.Simulation, told: dict[str, np.ndarray], kind: str) -> None:
    """Rays meet what the camera sees: the same surfaces, or particles where the camera draws the surface around them."""
    seen = sim.render("eye", ("depth", "segmentation"))
    off = np.abs(told["depth"] - np.minimum(seen["depth"], 10.0))
    if kind == "liquid":
        assert np.median(off) < 0.02
    else:
        assert np.mean(off < 1e-4) > 0.98
    top = 1.0 - seen["depth"][seen["segmentation"] > 1].min()
    assert top > TOP + (0.003 if kind in ("cloth", "rope") else 0.05)
    assert np.all(np.abs(told["near"][:, 0] - (1.0 - top)) < 0.03) and (told["scan"] == 10.0).all()
