"""Small scenes with matter."""

import math

import engine


def blob(material, **motion) -> engine.Scene:
    """A cube of 8 cm of a material in the air."""
    scene = engine.Scene()
    scene.options.cell_size = 0.02
    scene.options.domain = ((-0.6, -0.6, -0.6), (0.6, 0.6, 0.8))
    scene.add_matter("blob", material=material, region=engine.Box(size=(0.08, 0.08, 0.08)), position=(0.0, 0.0, 0.3), **motion)
    return scene


def walls(inner: tuple[float, float, float], wall: float) -> list[engine.Box]:
    """An open box standing on its origin."""
    x, y, h = inner
    parts = [engine.Box(size=(x + 2 * wall, y + 2 * wall, wall), position=(0, 0, -wall / 2))]
    for side in (-1, 1):
        parts.append(engine.Box(size=(wall, y + 2 * wall, h), position=(side * (x + wall) / 2, 0, h / 2)))
        parts.append(engine.Box(size=(x, wall, h), position=(0, side * (y + wall) / 2, h / 2)))
    return parts


def weigh(material) -> engine.Scene:
    """A fixed tank with a block of something in it."""
    scene = engine.Scene()
    scene.options.cell_size = 0.025
    scene.add_body("tank", walls((0.15, 0.15, 0.2), 0.02), fixed=True)
    scene.add_matter("content", material=material, region=engine.Box(size=(0.12, 0.12, 0.08)), position=(0, 0, 0.045))
    return scene


def cup() -> engine.Scene:
    """A cup with walls of 2 mm and cells of 5 mm, half full."""
    scene = engine.Scene()
    scene.options.cell_size = 0.005
    scene.options.domain = ((-0.2, -0.2, -0.1), (0.2, 0.2, 0.2))
    scene.add_body("cup", walls((0.06, 0.06, 0.06), 0.002), kinematic=True)
    water = engine.Liquid(sound_speed=10.0)
    scene.add_matter("water", material=water, region=engine.Box(size=(0.06, 0.06, 0.02)), position=(0, 0, 0.01), spacing=0.004)
    return scene


def bowl(sides: int = 12) -> engine.Mesh:
    """A bowl of 8 cm radius with walls of 4 mm, turned on a lathe with 12 sides, as a distance field."""
    turned = [(0.035, -0.03), (0.055, -0.0224), (0.0745, -0.003), (0.0846, 0.03),
              (0.08, 0.03), (0.0689, -0.0011), (0.0464, -0.0198), (0.032, -0.026)]  # fmt: skip
    around = [2 * math.pi * k / sides for k in range(sides)]
    vertices = [(r * math.cos(a), r * math.sin(a), z) for r, z in turned for a in around]
    faces = [(0, k + 1, k) for k in range(1, sides - 1)]
    for low in range(0, (len(turned) - 1) * sides, sides):
        for k in range(sides):
            a, b = low + k, low + (k + 1) % sides
            faces += [(a, b, b + sides), (a, b + sides, a + sides)]
    top = (len(turned) - 1) * sides
    faces += [(top, top + k, top + k + 1) for k in range(1, sides - 1)]
    return engine.Mesh(vertices=vertices, faces=faces, convex="field", resolution=84)
