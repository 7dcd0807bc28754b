"""Make the pictures of rendering.md and the stills of the README: `python docs/rendering_pictures.py [--stills]`.

Every picture is small (PNG, 192x144); stills are path-traced (JPEG, 800x600). Limits: `--stills` denoises where the extra
`denoise` is installed, otherwise it takes more samples.
"""

import importlib.util
import sys
from pathlib import Path

import imageio.v3 as iio
import numpy as np

import engine

FOLDER = Path(__file__).resolve().parent / "media"
SIZE = (192, 144)
STILL = (800, 600)


def toys(resolution: tuple[int, int] = SIZE) -> engine.Scene:
    """Toys that fall on a floor, and a camera."""
    scene = engine.Scene()
    scene.add_plane(color=(0.72, 0.7, 0.68), checker=engine.Checker(0.5, (0.56, 0.54, 0.52)), roughness=0.7)
    scene.add_body("ball", engine.Sphere(0.2), position=(-0.35, -0.1, 0.55), color=(0.85, 0.3, 0.2), velocity=(1.2, 0, 1.0))
    scene.add_body("box", engine.Box((0.3, 0.4, 0.3)), position=(0.35, 0.3, 0.35), rotation=(0.9, 0.2, 0.1, 0.3),
                   color=(0.2, 0.5, 0.75), angular_velocity=(0, 2, 3))  # fmt: skip
    scene.add_body("capsule", engine.Capsule(0.1, 0.4), position=(-0.5, 0.6, 0.4), rotation=(0.8, 0.5, 0.2, 0.0),
                   color=(0.95, 0.75, 0.3), roughness=0.2, metallic=1.0)  # fmt: skip
    scene.add_body("can", engine.Cylinder(0.15, 0.4), position=(0.2, -0.5, 0.2), color=(0.4, 0.65, 0.35))
    scene.add_camera("front", position=(1.3, -2.4, 1.4), look_at=(0, 0.05, 0.25), resolution=resolution, fov_y=38)
    return scene


def shown(name: str, values: np.ndarray, depth: np.ndarray) -> np.ndarray:
    """An output as colours, uint8 (height, width, 3)."""
    if name == "rgb":
        return values
    if name == "depth":
        near, far = depth[np.isfinite(depth)].min(), 5.0
        grey = np.clip((far - np.where(np.isfinite(depth), depth, far)) / (far - near), 0, 1)
        return np.repeat((255 * grey[..., None]).astype(np.uint8), 3, axis=2)
    if name == "segmentation":  # Okabe and Ito's colours, distinct for colour-blind eyes
        palette = [(60, 60, 60), (153, 153, 153), (230, 159, 0), (86, 180, 233), (0, 158, 115), (240, 228, 66)]
        return np.array(palette, np.uint8)[values % len(palette)]
    if name == "normal":
        return (127.5 * (values + 1)).astype(np.uint8)
    if name == "position":
        return (255 * np.clip(values / (2.0, 2.0, 1.0) + (0.5, 0.5, 0.0), 0, 1)).astype(np.uint8)
    if name.endswith("flow"):
        reach = max(float(np.abs(values).max()), 1e-6)
        return (127.5 * (1 + np.concatenate([values / reach, 0 * values[..., :1]], axis=2))).astype(np.uint8)
    if name.endswith("flow_valid"):
        return np.repeat(255 * values[..., None], 3, axis=2)
    return (255 * np.clip(values, 0, 1) ** (1 / 2.2)).astype(np.uint8)


def outputs() -> None:
    """One picture per output of the quick renderer."""
    sim = engine.Simulation(toys())
    sim.step(30)
    sim.mark_frame()
    names = ("rgb", "depth", "segmentation", "normal", "albedo", "position")
    seen = sim.render("front", outputs=names)
    sim.step(60)
    seen |= sim.render("front", outputs=("flow", "flow_valid", "backward_flow", "backward_flow_valid", "radiance"))
    for name, values in seen.items():
        iio.imwrite(FOLDER / f"output_{name}.png", shown(name, values[0], seen["depth"][0]))
    iio.imwrite(FOLDER / "output_antialias.png", sim.render("front", antialias=True)["rgb"][0])
    photographs(sim)


def photographs(sim: engine.Simulation) -> None:
    """Images, lamps, blur and noise; `sim` has moved since its mark."""
    save = lambda name, rgb: iio.imwrite(FOLDER / f"photograph_{name}.png", rgb[0])  # noqa: E731
    save("shutter", sim.render("front", blur=engine.Blur(shutter=0.7, samples=32))["rgb"])
    save("lens", sim.render("front", blur=engine.Blur(samples=64, aperture=0.12, focus=2.3))["rgb"])
    images = Path(__file__).resolve().parent.parent / "assets" / "textures"
    dressed = engine.Scene()
    dressed.add_plane(checker=None, texture=engine.Texture(images / "planks.png"))
    dressed.add_body(
        "box", engine.Box((0.5, 0.5, 0.5)), position=(-0.4, 0.2, 0.25), texture=engine.Texture(images / "tiles.png")
    )
    stone = engine.Texture(images / "speckle.png", repeat=(2, 1))
    dressed.add_body("ball", engine.Sphere(0.3), position=(0.4, -0.1, 0.3), texture=stone)
    grain = engine.Exposure(gain=0.8, full_well=300, read_noise=4)
    place = {"position": (1.3, -2.4, 1.4), "look_at": (0, 0.05, 0.25), "resolution": SIZE, "fov_y": 38}
    dressed.add_camera("front", **place)
    dressed.add_camera("grainy", exposure=grain, **place)
    worn = engine.Simulation(dressed)
    save("textures", worn.render("front", antialias=True)["rgb"])
    save("noise", worn.render("grainy")["rgb"])
    dressed.set_sun(color=(0, 0, 0))
    dressed.set_sky(zenith=(0.02, 0.03, 0.06), horizon=(0.03, 0.04, 0.06))
    dressed.add_lamp("bulb", (-1.2, -0.6, 1.2), (3.0, 1.6, 0.7))
    dressed.add_lamp("spot", (1.0, -0.6, 1.3), (6, 6, 7), look_at=(0.4, -0.1, 0.2), cone=(12, 18))
    dressed.add_lamp("panel", (0.0, 1.2, 1.4), (0.6, 1.0, 2.4), size=(1.2, 0.4), look_at=(0, 0, 0.2))
    save("lamps", engine.Simulation(dressed).render("front", antialias=True)["rgb"])


def quality(samples: int) -> engine.PathTracing:
    """Path tracing, denoised where that is installed."""
    clean = importlib.util.find_spec("pyoidn") is not None
    return engine.PathTracing(samples=samples if clean else 4 * samples, denoise=clean, exposure=0.95)


def jewels() -> engine.Scene:
    """Glass, gold, lacquer, a mirror and a lamp."""
    scene = engine.Scene()
    scene.add_plane(color=(0.75, 0.73, 0.7), checker=engine.Checker(0.5, (0.55, 0.53, 0.5)), roughness=0.5)
    glass = engine.Sphere(0.3, transmission=1.0, ior=1.5)
    scene.add_body("glass", glass, position=(0, -0.35, 0.3), color=(1, 1, 1), roughness=0.0)
    scene.add_body("gold", engine.Sphere(0.3), position=(-0.75, 0.1, 0.3), color=(1, 0.78, 0.34), roughness=0.15, metallic=1.0)
    scene.add_body("lacquer", engine.Box((0.5, 0.5, 0.5)), position=(0.75, 0.2, 0.25), rotation=(0.9, 0, 0, 0.4),
                   color=(0.8, 0.15, 0.1), roughness=0.3)  # fmt: skip
    scene.add_body("mirror", engine.Cylinder(0.25, 0.9), position=(0.1, 0.8, 0.45), color=(0.95, 0.95, 0.95), roughness=0.02,
                   metallic=1.0)  # fmt: skip
    scene.add_body("lamp", engine.Sphere(0.12, emission=(8, 6, 3)), position=(-0.35, -0.75, 0.12), color=(1, 1, 1))
    scene.add_camera("front", position=(0.6, -3.2, 1.5), look_at=(0, 0, 0.3), resolution=STILL, fov_y=35)
    return scene


def tower() -> engine.Scene:
    """Blocks that a ball is knocking over."""
    scene = engine.Scene()
    scene.add_plane(color=(0.85, 0.83, 0.8), checker=None, roughness=0.8)
    colors = [(0.9, 0.35, 0.25), (0.95, 0.7, 0.25), (0.3, 0.6, 0.8), (0.35, 0.7, 0.45)]
    for k in range(24):
        layer, place = divmod(k, 3)
        across = layer % 2 == 0
        shift = 0.16 * (place - 1)
        position = (shift, 0.0, 0.05 + 0.1 * layer) if across else (0.0, shift, 0.05 + 0.1 * layer)
        size = (0.15, 0.46, 0.1) if across else (0.46, 0.15, 0.1)
        scene.add_body(f"block{k}", engine.Box(size), position=position, color=colors[(layer + place) % 4], roughness=0.35)
    scene.add_body("ball", engine.Sphere(0.16), position=(-1.1, -0.1, 0.55), velocity=(5.5, 0.4, 1.0), density=4000,
                   color=(0.9, 0.9, 0.92), roughness=0.08, metallic=1.0)  # fmt: skip
    scene.add_camera("front", position=(1.5, -2.4, 1.1), look_at=(0.1, 0, 0.35), resolution=STILL, fov_y=36)
    return scene


def stills() -> None:
    """The three stills of the README."""
    for name, scene, steps in (("jewels", jewels(), 0), ("tower", tower(), 110), ("toys", toys(STILL), 60)):
        sim = engine.Simulation(scene)
        if steps:
            sim.step(steps)
        iio.imwrite(FOLDER / f"still_{name}.jpg", sim.render("front", quality=quality(64))["rgb"][0], quality=88)


if __name__ == "__main__":
    engine.init("cpu")
    FOLDER.mkdir(exist_ok=True)
    stills() if "--stills" in sys.argv else outputs()
