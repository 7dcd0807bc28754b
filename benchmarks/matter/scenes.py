"""The blocks of matter that are timed: 3.8 particles per cell, in free flight, or in a container with a box on top."""

import engine

DX = {64_000: 1 / 64, 1_000_000: 1 / 128}
MATERIALS = {"liquid": engine.Liquid(), "elastic": engine.Elastic(youngs_modulus=1e5), "sand": engine.Sand()}
CASES = (*MATERIALS, "container")
SPACING = 0.64  # cells between particles
WALL = 0.02  # m


def scene_of(case: str, number: int) -> engine.Scene:
    """A cube of about `number` particles of a material, or of liquid in a container with a free box over it."""
    scene, dx, boxed = engine.Scene(), DX.get(number, 1 / 64), case == "container"
    side = round(number ** (1 / 3)) * SPACING * dx
    scene.options.cell_size, scene.options.domain = dx, ((-0.8, -0.8, -0.8), (0.8, 0.8, 0.8))
    scene.options.gravity = (0.0, 0.0, -9.81 if boxed else 0.0)
    material, motion = MATERIALS["liquid" if boxed else case], {} if boxed else {"velocity": (0.1, 0.2, 0.3)}
    scene.add_matter("matter", material=material, region=engine.Box(size=(side,) * 3), spacing=SPACING * dx, **motion)
    if boxed:
        parts = [engine.Box(size=(side + 2 * WALL, side + 2 * WALL, WALL), position=(0, 0, -side / 2 - WALL / 2))]
        for sign in (-1, 1):
            parts.append(engine.Box(size=(WALL, side + 2 * WALL, side), position=(sign * (side + WALL) / 2, 0, 0)))
            parts.append(engine.Box(size=(side, WALL, side), position=(0, sign * (side + WALL) / 2, 0)))
        scene.add_body("container", parts, fixed=True)
        scene.add_body("box", engine.Box(size=(side / 3,) * 3), position=(0, 0, side * 0.7), density=500.0)
    return scene
