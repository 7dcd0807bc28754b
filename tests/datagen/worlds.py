"""Small episodes written by hand, for tests of what runs them."""

from datagen.spec import (
    ActionSpec,
    BodySpec,
    CameraSpec,
    EpisodeSpec,
    JointSpec,
    RecordSpec,
    ShapeSpec,
    WaypointSpec,
    WorldSpec,
)

GROUND = BodySpec(name="ground", entity="ground", item=0, fixed=True, shapes=(ShapeSpec(type="plane"),), pattern="checker")
CAMERA = CameraSpec(
    name="front",
    position=(1.0, -1.0, 0.8),
    look_at=(0.0, 0.0, 0.1),
    resolution=(32, 32),
    outputs=("rgb", "depth", "segmentation"),
)
WEIGHTLESS = (0.0, 0.0, 0.0)


def box(name="cube", position=(0.0, 0.0, 0.5), size=0.1, **more):
    """A cube of 1 kg unless a density or mass is given."""
    mass = {} if more.get("fixed") or "density" in more else {"mass": more.pop("mass", 1.0)}
    shapes = (ShapeSpec(type="box", size=(size, size, size)),)
    return BodySpec(name=name, entity=name, item=0, shapes=shapes, position=position, **mass, **more)


def ball(name="ball", position=(0.0, 0.0, 0.5), radius=0.05, **more):
    """A ball of 1 kg."""
    shapes = (ShapeSpec(type="sphere", size=(radius,)),)
    return BodySpec(name=name, entity=name, item=0, shapes=shapes, position=position, mass=more.pop("mass", 1.0), **more)


def pendulum(**joint):
    """A box on a hinge about y, 0.5 m below the anchor."""
    hinge = JointSpec(name="pivot", type="hinge", axis=(0.0, 1.0, 0.0), anchor=(0.0, 0.0, 0.5), **joint)
    return box("bob", (0.0, 0.0, 1.0), joint=hinge)


def episode(
    bodies, actions=(), frames=10, index=0, gravity=(0.0, 0.0, -9.81), settle=0.0, cameras=(), fps=20, substeps=5, **record
):
    """An EpisodeSpec of these bodies and actions."""
    world = WorldSpec(
        gravity=gravity, timestep=1.0 / (fps * substeps), fps=fps, substeps=substeps, num_frames=frames, settle=settle
    )
    streams = {"rgb": bool(cameras), "depth": bool(cameras), "segmentation": bool(cameras), **record}
    return EpisodeSpec(
        spec_sha256="0" * 64, name="test", text="A test.", seed=1, index=index, world=world, bodies=tuple(bodies),
        actions=tuple(actions), cameras=tuple(cameras), record=RecordSpec(**streams),
    )  # fmt: skip


def action(do, target="cube", **fields):
    """An ActionSpec named after what it does."""
    return ActionSpec(id=fields.pop("id", do), do=do, target=target, **fields)


def waypoints(*poses):
    """(time, position[, rotation]) -> waypoints."""
    names = ("time", "position", "rotation")
    return tuple(WaypointSpec(**dict(zip(names, pose, strict=False))) for pose in poses)
