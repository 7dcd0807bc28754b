"""The columns of a dataset: which body, joint and action has which place, the same for every episode of it.

A body has the code of its place in `bodies` plus one (0 is nothing: the sky, or the world itself), used by segmentation
pictures and by the contact tables. A body that an episode lacks leaves its columns zero and its mask False. Units, frames and
names go into the schema.
Limits: the places are those of the episodes that the layout was made from; cameras and frame rate are equal in all of them.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from datagen.build import BuildError, model_bodies, model_joints
from datagen.sensing import feature_of, sensor_facts
from datagen.spec import CameraSpec, EpisodeSpec, RecordSpec
from datagen.spec.resolved import TaskSpec
from datagen.tasks.judgement import features_of
from datagen.writers.schema import CameraSchema, DatasetSchema, DenseSchema
from engine.types import Feature

BODY_NUMBERS = ("x", "y", "z", "qw", "qx", "qy", "qz", "vx", "vy", "vz", "wx", "wy", "wz")
ACTION_NUMBERS = ("active", "target", "a", "b", "c", "d", "e", "f")
VECTOR_NUMBERS = {
    "wrench": ("fx", "fy", "fz", "tx", "ty", "tz"),
    "motion": ("vx", "vy", "vz", "wx", "wy", "wz"),
    "skill": ("tip_x", "tip_y", "tip_z", "phase", "tries", "failed"),
    "joint": ("value", "none1", "none2", "none3", "none4", "none5"),
}
ACTION_KINDS = {
    "impulse": "wrench",
    "force": "wrench",
    "torque": "wrench",
    "set_velocity": "motion",
    "move": "motion",
    "joint_target": "joint",
    "skill": "skill",
}
DEPTH_SCALE = 1e-4  # m: 0.1 mm a step, so 6.5535 m are the farthest that fits
NORMAL_SCALE = 1.0 / 32767.0
ALBEDO_SCALE = 1.0 / 65534.0
FLOW_SCALE = 1.0 / 64.0  # pixels
FLOW_RANGE = 511.0  # pixels either way


@dataclass(frozen=True)
class Layout:
    """Places of bodies, joints and actions. moving: not fixed; joints: hinges and slides; actions: (id, word); matter: what
    flows or bends, by name.
    """

    fps: int
    bodies: tuple[str, ...]
    moving: tuple[str, ...]
    joints: tuple[str, ...]
    actions: tuple[tuple[str, str], ...]
    cameras: tuple[CameraSpec, ...]
    record: RecordSpec
    task: TaskSpec | None = None
    sensors: tuple[Any, ...] = ()
    matter: tuple[str, ...] = ()

    def code(self, body: str) -> int:
        """The number that stands for a body, or for matter, in pictures and tables."""
        return (*self.bodies, *self.matter).index(body) + 1

    def streams(self, camera: CameraSpec) -> tuple[str, ...]:
        """Which outputs of a camera are stored."""
        return tuple(name for name in camera.outputs if getattr(self.record, name))


def make_layout(specs: Iterable[EpisodeSpec]) -> Layout:
    """The layout that holds every one of these episodes (one or more). Raises BuildError when cameras or rates differ."""
    bodies: dict[str, tuple[str, int]] = {}
    moving: set[str] = set()
    joints: dict[str, None] = {}
    actions: dict[str, str] = {}
    matter: dict[str, None] = {}
    first: EpisodeSpec | None = None
    for spec in specs:
        first = first or spec
        _check_equal(first, spec)
        for body in spec.bodies:
            bodies.setdefault(body.name, (body.entity, body.item))
            if not body.fixed or body.prescribed:
                moving.add(body.name)
            if body.joint is not None and body.joint.type in ("hinge", "slide"):
                joints.setdefault(body.joint.name)
        for model in spec.models:
            for name in model_bodies(model):
                bodies.setdefault(name, (model.entity, model.item))
                moving.add(name)
            joints.update(dict.fromkeys(model_joints(model)))
        for action in spec.actions:
            actions.setdefault(action.id, action.do)
        matter.update(dict.fromkeys(one.name for one in spec.matter))
    if first is None:
        raise BuildError("layout", "there are no episodes", "one or more")
    entities = list(dict.fromkeys(entity for entity, _ in bodies.values()))
    names = tuple(sorted(bodies, key=lambda name: (entities.index(bodies[name][0]), bodies[name][1])))
    still = tuple(name for name in names if name in moving)
    acts = tuple(actions.items())
    return Layout(
        first.world.fps, names, still, tuple(joints), acts, first.cameras, first.record, first.task, first.sensors,
        tuple(matter),
    )  # fmt: skip


def _check_equal(first: EpisodeSpec, spec: EpisodeSpec) -> None:
    for what, mine, theirs in (
        ("frame rate", first.world.fps, spec.world.fps),
        ("cameras", _camera_facts(first), _camera_facts(spec)),
        ("recorded streams", first.record, spec.record),
        ("sensors", sensor_facts(first), sensor_facts(spec)),
    ):
        if mine != theirs:
            where = f"episode {spec.index}"
            raise BuildError(
                where, f"its {what} differ from those of episode {first.index}", "equal in all episodes", "draw other values"
            )


def _camera_facts(spec: EpisodeSpec) -> list[Any]:
    return [(camera.name, camera.resolution, camera.outputs) for camera in spec.cameras]


def dataset_schema(
    layout: Layout, spec_text: str, spec_sha256: str, state_dtype: str, sentences: Mapping[str, Any]
) -> DatasetSchema:
    """The schema of a dataset. state_dtype: that of the engine; sentences: what is kept beside (name of the spec, ...)."""
    contacts, impulses = (contact_columns(), impulse_columns()) if layout.record.contacts else (None, None)
    extra = {
        "bodies": {str(layout.code(name)): name for name in layout.bodies},
        "moving": list(layout.moving),
        "joints": list(layout.joints),
        "actions": [{"id": name, "do": kind} for name, kind in layout.actions],
        "quaternions": "wxyz",
        "up": "z",
        **sentences,
    }
    return DatasetSchema(
        fps=layout.fps,
        features=tuple(frame_features(layout)),
        cameras=tuple(
            CameraSchema(camera.name, camera.resolution[1], camera.resolution[0])
            for camera in layout.cameras
            if "rgb" in layout.streams(camera)
        ),
        dense=tuple(stream for camera in layout.cameras for stream in _dense(layout, camera)),
        state_dtype=state_dtype if layout.record.state else "",
        contacts=contacts,
        impulses=impulses,
        events=layout.record.events,
        spec_text=spec_text,
        spec_sha256=spec_sha256,
        extra=extra,
    )


def frame_features(layout: Layout) -> list[Feature]:
    """The per-frame features, in the order of the columns."""
    found: list[Feature] = []
    if layout.moving:
        names = _joined(layout.moving, BODY_NUMBERS)
        doc = "position, quaternion wxyz, velocity of the origin, angular velocity of every body that moves; zeros where absent"
        found.append(Feature("observation.state", "float32", (len(names),), "m, 1, m/s, rad/s", "world", names, doc))
        found.append(
            Feature("observation.state_mask", "bool", (len(layout.moving),), "", "", layout.moving, "body is in this episode")
        )
        names = _joined(layout.moving, ("fx", "fy", "fz"))
        doc = "mean contact force on each moving body during the interval that led to this frame"
        found.append(Feature("observation.contact_force", "float32", (len(names),), "N", "world", names, doc))
    if layout.joints:
        names = _joined(layout.joints, ("position", "velocity"))
        found.append(
            Feature("observation.joint_state", "float32", (len(names),), "rad or m, per s", "joint", names, "hinges and slides")
        )
    found += [feature_of(sensor, layout.joints, layout.fps) for sensor in layout.sensors]
    names = action_names(layout)
    doc = (
        "per action: active 0 or 1, code of the target body, then force [N] and torque about the centre of mass [N m] held for "
        "the interval, or velocity [m/s] and angular velocity [rad/s], or the joint's target [rad or m]"
    )
    found.append(Feature("action", "float32", (len(names),), "see doc", "world", names, doc))
    for name, text in (
        ("done", "terminated or truncated"),
        ("terminated", "the task ended"),
        ("truncated", "the recording ended"),
    ):
        found.append(Feature(f"next.{name}", "bool", (1,), "", "", None, text))
    return found + features_of(layout.task)


def action_names(layout: Layout) -> tuple[str, ...]:
    """Names of the numbers of `action`; one that is always zero when there are no actions."""
    names = [
        f"{name}.{word}" for name, kind in layout.actions for word in (*ACTION_NUMBERS[:2], *VECTOR_NUMBERS[ACTION_KINDS[kind]])
    ]
    return tuple(names) or ("none",)


def _joined(owners: Sequence[str], words: Sequence[str]) -> tuple[str, ...]:
    return tuple(f"{owner}.{word}" for owner in owners for word in words)


def _dense(layout: Layout, camera: CameraSpec) -> list[DenseSchema]:
    width, height = camera.resolution
    found = []
    streams = layout.streams(camera)
    if "depth" in streams:
        found.append(DenseSchema(f"{camera.name}.depth", height, width, "m", DEPTH_SCALE, 0.0, 0))
    if "segmentation" in streams:
        labels = {"0": "nothing", **{str(layout.code(name)): name for name in (*layout.bodies, *layout.matter)}}
        found.append(DenseSchema(f"{camera.name}.segmentation", height, width, labels=labels))
    if "normal" in streams:
        found += [DenseSchema(f"{camera.name}.normal_{axis}", height, width, "", NORMAL_SCALE, -1.0, 65535) for axis in "xyz"]
    if "albedo" in streams:
        found += [DenseSchema(f"{camera.name}.albedo_{part}", height, width, "", ALBEDO_SCALE, 0.0, 65535) for part in "rgb"]
    if "flow" in streams:
        found += [
            DenseSchema(f"{camera.name}.flow_{axis}", height, width, "pixel", FLOW_SCALE, -FLOW_RANGE, 65535) for axis in "xy"
        ]
        labels = {"0": "hidden or outside the picture at the next frame", "1": "seen at the next frame"}
        found.append(DenseSchema(f"{camera.name}.flow_valid", height, width, labels=labels, codec="zstd"))
    return found


def contact_columns() -> tuple[Feature, ...]:
    """Columns of the contacts table: the contacts of the last substep before a frame."""
    return (
        *_pair_columns(),
        Feature("point", "float32", (3,), "m", "world", ("x", "y", "z"), "midway between the surfaces"),
        Feature("normal", "float32", (3,), "", "world", ("x", "y", "z"), "unit, from a to b"),
        Feature("depth", "float32", (), "m", "", None, "penetration"),
        Feature("force", "float32", (3,), "N", "world", ("x", "y", "z"), "on b"),
    )


def impulse_columns() -> tuple[Feature, ...]:
    """Columns of the impulses table: what shape pairs exchanged during the interval that begins at a frame."""
    return (
        *_pair_columns(),
        Feature("impulse", "float32", (3,), "N s", "world", ("x", "y", "z"), "on b, summed over the interval"),
        Feature("point", "float32", (3,), "m", "world", ("x", "y", "z"), "last contact point"),
        Feature("substeps", "int32", (), "", "", None, "substeps in contact"),
    )


def _pair_columns() -> tuple[Feature, ...]:
    body, shape = "code of the body, see extra.bodies; 0: the world", "number of the shape in the episode's scene"
    return (
        Feature("body_a", "int32", (), "", "", None, body),
        Feature("body_b", "int32", (), "", "", None, body),
        Feature("shape_a", "int32", (), "", "", None, shape),
        Feature("shape_b", "int32", (), "", "", None, shape),
    )
