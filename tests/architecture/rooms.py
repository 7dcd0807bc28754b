"""The table of import arrows: which room may import which. `docs/architecture.md` says why.

A room is a module or a package with everything below it; a module belongs to the longest row that its name starts with. Rows on
the right are all that a room may import of the project, beside itself. Solvers, importers and executors are strangers to their
siblings, so each has a row of its own. `engine` (the bare package) is what the engine exports.
"""

BASE = {"engine.errors", "engine.types"}
DECLARED = BASE | {"engine.arrays", "engine.declarations", "engine.compiled"}
COMPILED = DECLARED | {"engine.compiler", "engine.math", "engine.runtime"}
DEVICE = COMPILED | {"engine.continua", "engine.model", "engine.state"}
DEVICE |= {"engine.geometry", "engine.geometry.sdf", "engine.geometry.bvh", "engine.geometry.rays"}
DESCRIPTION = BASE | {"engine.compiled", "engine.geometry", "engine.scene"}
SOLVERS = {f"engine.solvers.{name}" for name in ("rigid", "bodies", "mpm", "sph", "fem", "deformable", "smoke")}
IMPORTERS = {f"engine.importers.{name}" for name in ("mjcf", "urdf", "usd", "mesh")}

ENGINE = {
    "engine.errors": set(),
    "engine.types": {"engine.errors"},
    "engine.arrays": BASE,
    "engine.declarations": BASE | {"engine.arrays"},
    "engine.compiled": BASE | {"engine.arrays", "engine.declarations"},
    "engine.tape": set(),
    "engine.frontend": {"engine.tape"},
    "engine.compiler": BASE | {"engine.frontend"},
    "engine.math": BASE | {"engine.compiler"},
    "engine.runtime": BASE | {"engine.arrays", "engine.compiler", "engine.frontend", "engine.math"},
    "engine.panels": {"engine.compiled"},
    "engine.model": COMPILED,
    "engine.state": COMPILED | {"engine.model", "engine.geometry"},
    "engine.snapshot": BASE,
    "engine.continua": BASE,
    "engine.geometry": BASE | {"engine.compiled"},
    "engine.geometry.sdf": COMPILED | {"engine.geometry"},
    "engine.geometry.bvh": COMPILED | {"engine.geometry"},
    "engine.geometry.rays": COMPILED | {"engine.geometry", "engine.geometry.bvh"},
    "engine.scene": BASE | {"engine.compiled", "engine.geometry"},
    "engine.scene.compile": DECLARED | DESCRIPTION | {"engine.panels"},
    "engine.importers": DESCRIPTION | IMPORTERS,
    **{name: DESCRIPTION | {"engine.importers"} for name in IMPORTERS},
    "engine.importers.mjcf": DESCRIPTION | {"engine.importers", "engine.scene.compile"},  # springs ask for inverse weights
    "engine.exporters": DESCRIPTION | {"engine.scene.compile"},
    "engine.collision": DEVICE,
    **{name: DEVICE | {"engine.collision"} for name in SOLVERS},
    "engine.solvers": DEVICE | {"engine.collision"},
    "engine.kinematics": DEVICE | {"engine.solvers", "engine.solvers.rigid"},
    "engine.control": BASE | {"engine.compiled", "engine.geometry", "engine.kinematics"},
    "engine.sensors": DEVICE | {"engine.collision", "engine.scene"},
    "engine.renderers": DEVICE | {"engine.collision"},
    "engine.couplers": DEVICE | {"engine.collision", "engine.solvers", "engine.scene"} | SOLVERS,
}
ENGINE["engine.advance"] = set(ENGINE["engine.couplers"]) | {"engine.couplers"}
ENGINE["engine.rollout"] = set(ENGINE["engine.advance"]) | {"engine.advance"}
ENGINE["engine.steppers"] = set(ENGINE["engine.advance"]) | {"engine.advance", "engine.rollout"}
ENGINE["engine.coupled"] = set(ENGINE["engine.steppers"]) | {"engine.steppers"}
ENGINE["engine.pictures"] = DEVICE | {"engine.renderers", "engine.scene", "engine.sensors"}
ENGINE["engine.simulation"] = set(ENGINE) - {"engine.importers", "engine.exporters"} - IMPORTERS
ENGINE["engine"] = set(ENGINE)

PLAN = {"datagen.errors", "datagen.spec", "datagen.assets", "datagen.quaternions"}
RECORDS = {"engine.errors", "engine.types"}  # the schema that sensors, tasks and writers share

DATAGEN = {
    "datagen.errors": set(),
    "datagen.spec": {"datagen.errors", "datagen.placement"},
    "datagen.assets": {"datagen.errors"},
    "datagen.quaternions": set(),
    "datagen.language": PLAN,
    "datagen.placement": {"datagen.errors"},
    "datagen.tasks": PLAN | RECORDS | {"engine"},
    "datagen.actions": PLAN | {"engine"},
    "datagen.policies": PLAN | RECORDS | {"engine.control"},
    "datagen.sensing": PLAN | RECORDS | {"engine"},
    "datagen.build": PLAN | {"engine", "datagen.actions", "datagen.placement", "datagen.tasks", "datagen.sensing"},
    "datagen.writers": RECORDS | {"datagen.errors"},
    "datagen.evaluation": RECORDS | {"datagen.errors", "datagen.writers"},
    "datagen.episode": PLAN
    | RECORDS
    | {
        "engine",
        "datagen.build",
        "datagen.sensing",
        "datagen.actions",
        "datagen.policies",
        "datagen.writers",
        "datagen.tasks",
        "datagen.placement",
    },
    "datagen.environments": PLAN | RECORDS | {"engine", "engine.control", "datagen.build", "datagen.tasks"},
    "datagen.exporters": RECORDS | {"datagen.errors", "datagen.quaternions", "datagen.writers"},
    "datagen.executors": {"datagen.errors", "datagen.writers", "datagen.episode"} | RECORDS,
}
DATAGEN["datagen.coverage"] = PLAN | RECORDS | {"datagen.writers"}
DATAGEN["datagen.inspect"] = PLAN | RECORDS | {"datagen.writers"}
DATAGEN["datagen.pipeline"] = set(DATAGEN) - {"datagen.inspect", "datagen.coverage"} | RECORDS | {"engine"}
DATAGEN["datagen.viewer"] = set(DATAGEN) - {"datagen.inspect", "datagen.coverage"} | RECORDS | {"engine"}
DATAGEN["datagen.cli"] = set(DATAGEN) | RECORDS | {"engine"}
DATAGEN["datagen"] = set(DATAGEN) - {"datagen.cli"}

ROOMS = ENGINE | DATAGEN

# Rooms that describe and never compile: nothing they reach may load the kernel compiler.
WITHOUT_COMPILER = (
    "engine.errors",
    "engine.types",
    "engine.arrays",
    "engine.declarations",
    "engine.compiled",
    "engine.frontend",
    "engine.snapshot",
    "engine.continua",
    "engine.scene",
    "engine.importers",
    "engine.exporters",
)

# Libraries that a room may import beside the standard library.
LIBRARIES = {
    "datagen.coverage": {"numpy"},
    "datagen.evaluation": {"numpy"},
    "datagen.spec": {"numpy", "pydantic", "pydantic_core", "yaml", "lark"},
    "datagen.language": {"pydantic"},
    "datagen.writers": {"numpy", "pyarrow", "av"},
}

# Never imported by the packages: trainers and oracles are other people's programs.
FOREIGN = {"torch", "lerobot", "mujoco", "pytest", "hypothesis"}


def room(name: str) -> str | None:
    """The row that a module belongs to: the longest one that its name starts with; bare packages match exactly."""
    if name in ("engine", "datagen"):
        return name
    parts = name.split(".")
    for length in range(len(parts), 1, -1):
        candidate = ".".join(parts[:length])
        if candidate in ROOMS:
            return candidate
    return None
