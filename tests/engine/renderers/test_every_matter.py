"""Every output of a picture for every kind of matter that the engine simulates, batched, after real steps."""

import numpy as np
import pytest

import engine

RED = (0.8, 0.2, 0.1)
OUTPUTS = ("rgb", "radiance", "depth", "segmentation", "normal", "albedo", "position")
FLOWS = ("flow", "flow_valid", "backward_flow", "backward_flow_valid")
KINDS = ("rigid", "articulated", "height field", "cloth", "rope", "soft", "particles", "liquid")
EYE = np.array([0.0, -1.2, 0.5])


def scene_of(kind: str) -> engine.Scene:
    """The kind, red, between a floor and the sky, in a state that moves."""
    scene = engine.Scene()
    scene.add_plane(checker=None, color=(0.3, 0.3, 0.3))
    if kind == "rigid":
        scene.add_body("thing", engine.Box((0.3, 0.2, 0.2)), position=(0, 0, 0.4), color=RED, velocity=(0.5, 0, 0))
    elif kind == "articulated":
        hinge = engine.Hinge(axis=(0, 1, 0), initial=1.0)
        scene.add_body("thing", engine.Capsule(0.06, 0.3, position=(0, 0, -0.15)), position=(0, 0, 0.6), joint=hinge, color=RED)
    elif kind == "height field":
        ground = engine.HeightField(((0.1, 0.2, 0.1), (0.15, 0.3, 0.1), (0.1, 0.2, 0.15)), (0.6, 0.6))
        scene.add_body("thing", ground, kinematic=True, color=RED)
    elif kind == "cloth":
        scene.add_cloth("thing", mesh=engine.Sheet((0.4, 0.4), 0.05), position=(0, 0, 0.4), color=RED)
    elif kind == "rope":
        rope = engine.Rope(diameter=0.08)
        scene.add_rope("thing", points=[(-0.3, 0, 0.4), (0.3, 0, 0.4)], segments=12, color=RED, material=rope)
    elif kind == "soft":
        scene.add_soft("thing", shape=engine.Box((0.3, 0.2, 0.2)), resolution=0.1, position=(0, 0, 0.4), color=RED)
    else:
        scene.options.cell_size = 0.05
        material = engine.Liquid() if kind == "liquid" else engine.Sand()
        scene.add_matter("thing", material=material, region=engine.Box((0.3, 0.2, 0.2)), position=(0, 0, 0.4), color=RED)
    scene.add_camera("eye", position=tuple(EYE), look_at=(0, 0, 0.3), resolution=(40, 32), fov_y=45)
    return scene


def seen(scene: engine.Scene, envs: int) -> tuple[engine.Simulation, dict[str, np.ndarray]]:
    """All outputs after a mark and some steps."""
    sim = engine.Simulation(scene, envs)
    sim.step(5)
    sim.mark_frame()
    sim.step(10)
    told = sim.render("eye", OUTPUTS + FLOWS)
    best = sim.render("eye", ("radiance",), quality=engine.PathTracing(samples=2, bounces=3))
    return sim, told | {"paths": best["radiance"], "blurred": sim.render("eye", blur=engine.Blur(0.5, samples=2))["rgb"]}


@pytest.mark.slow
@pytest.mark.parametrize("kind", KINDS)
def test_every_output_shows_every_kind_of_matter(cpu, kind):
    """What the outputs say of one pixel belongs together, the thing is in each of them, and a batch has the bits of a larger
    one."""
    sim, told = seen(scene_of(kind), 2)
    more = seen(scene_of(kind), 3)[1]
    for name, values in told.items():
        np.testing.assert_array_equal(values, more[name][:2], err_msg=name)
    one = {name: values[0] for name, values in told.items()}
    hit = np.isfinite(one["depth"])
    code = max(np.unique(one["segmentation"]))
    thing = one["segmentation"] == code
    assert thing.sum() > 20 and (hit & ~thing).any() and code > 1
    linear = ((np.array(RED) + 0.055) / 1.055) ** 2.4
    assert np.allclose(one["albedo"][thing], linear, atol=1e-5)
    to = one["position"] - EYE
    forward = (np.array([0, 0, 0.3]) - EYE) / np.linalg.norm(np.array([0, 0, 0.3]) - EYE)
    np.testing.assert_allclose((to @ forward)[hit], one["depth"][hit], rtol=1e-4)
    np.testing.assert_allclose(np.linalg.norm(one["normal"], axis=-1)[hit], 1.0, atol=1e-4)
    assert ((one["normal"] * to).sum(-1)[thing] < 1e-3).all()
    red = lambda light: light[thing].mean(0)  # noqa: E731
    for light in (one["radiance"], one["paths"], one["rgb"].astype(float), one["blurred"].astype(float)):
        assert red(light)[0] > 1.3 * red(light)[2] and np.isfinite(light).all()
    there = thing & (one["backward_flow_valid"] == 1)
    rows, columns = np.nonzero(there)
    back = one["backward_flow"][rows, columns] + np.stack([columns, rows], 1) + 0.5
    inner = ((back >= 1) & (back < (39, 31))).all(1)
    assert inner.sum() > 10
    forth = one["flow"][tuple(np.floor(back[inner]).astype(int).T[::-1])]
    off = np.abs(forth + one["backward_flow"][rows, columns][inner]).max(1)
    assert np.median(off) < 0.3  # of a pixel: the two are read at points up to one apart
    if kind != "height field":
        assert np.abs(one["backward_flow"][there]).max() > 0.1
