"""`sample(spec, seed, index)`: one episode of a spec, in plain numbers.

(hash of the spec, seed, index) decides everything; nothing else enters. Episodes are independent of each other and of the order
in which they are drawn.
"""

from pydantic import ValidationError

from ..errors import SampleError
from .bodies import Bodies
from .document import Camera, DatasetSpec
from .draws import Draws
from .episode import (
    CameraSpec,
    EpisodeSpec,
    ExposureSpec,
    LampSpec,
    LightSpec,
    MatterSpec,
    OutputName,
    RecordSpec,
    WorldSpec,
)
from .judge import Resolver, names_of
from .laws import laws_of
from .looks import Exposure, Lamp
from .overlap import check_overlap
from .particles import grid_cell
from .pose import add, heading, length, scale, sub, tidy_vec
from .problems import FieldError
from .schedule import Schedule
from .sensing import resolve
from .standing import frame_axes
from .substances import all_matter, models
from .timing import Timing, timing

WIDEST = 170.2  # degrees
OUTPUTS: tuple[OutputName, ...] = ("rgb", "depth", "segmentation", "normal", "albedo", "flow")
MAX_SEED = 2**63 - 1


def sample(spec: DatasetSpec, seed: int, index: int) -> EpisodeSpec:
    """Episode `index` of the dataset with that seed. Raises `SampleError` naming file, line, seed and index when it cannot be
    drawn."""
    for name, number in (("seed", seed), ("index", index)):
        if isinstance(number, bool) or not isinstance(number, int) or not 0 <= number <= MAX_SEED:
            raise SampleError(spec.source.name, f"the {name} is {number!r}", f"a whole number from 0 to {MAX_SEED}")
    spec, draws = draws_of(spec, seed, index)
    try:
        return _episode(spec, draws, timing(spec))
    except FieldError as error:
        where = f"{spec.source.where(error.at)} (seed {seed}, index {index})"
        raise SampleError(where, error.what, error.allowed, error.remedy) from error
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
        where = f"{spec.source.name}: {first['loc']} (seed {seed}, index {index})"
        raise SampleError(where, f"the drawn episode is not possible ({first['msg']})") from error


def draws_of(spec: DatasetSpec, seed: int, index: int) -> tuple[DatasetSpec, Draws]:
    """(the spec in the stage of a draw, what it draws from): streams and laws of one episode."""
    stage = spec.at(index)
    return stage, Draws(seed, index, stage.params, stage.frame, laws_of(spec, seed, index))


def _episode(spec: DatasetSpec, draws: Draws, times: Timing) -> EpisodeSpec:
    bodies = Bodies(spec, draws)
    bodies.build()
    if spec.checks.overlap == "error":
        check_overlap(bodies)
    made_models, made_matter = models(bodies), all_matter(bodies)
    judge = Resolver(draws, names_of(spec, bodies))
    actions = Schedule(spec, draws, bodies, times, judge).build()
    moved = {action.target for action in actions if action.do == "move"}
    cameras = tuple(_camera(spec, name, camera, draws, bodies) for name, camera in spec.cameras.items())
    sensors = tuple(resolve(block, name, draws, bodies) for name, block in spec.sensors.items())
    text = draws.value(spec.text, "text") or spec.name.replace("_", " ")
    task = judge.task(spec.task, spec.reward, text)
    controls = tuple(made for name, control in spec.controls.items() for made in judge.control(name, control))
    return EpisodeSpec(
        spec_sha256=spec.sha256, name=spec.name, text=text if task is None else task.instruction, task=task, controls=controls,
        seed=draws.seed, index=draws.index, world=_world(spec, draws, times, made_matter), bodies=bodies.finish(moved),
        models=made_models, matter=made_matter,
        relations=bodies.relations, settled=spec.is_settled(), frame_axes=frame_axes(spec), actions=actions,
        focus=spec.focus, cameras=cameras, sensors=sensors, lights=_lights(spec, draws, bodies),
        record=_record(spec, cameras), draws=draws.drawn, stage=spec.stage, density=draws.ratio,
    )  # fmt: skip


def _world(spec: DatasetSpec, draws: Draws, times: Timing, stuff: tuple[MatterSpec, ...]) -> WorldSpec:
    gravity = draws.value(spec.world.gravity, "world.gravity")
    if not isinstance(gravity, tuple):
        gravity = tidy_vec(scale(draws.word("down"), gravity))
    return WorldSpec(
        gravity=gravity, wind=tidy_vec(draws.value(spec.world.wind, "world.wind")), timestep=times.timestep,
        fps=times.fps, substeps=times.substeps, num_frames=times.num_frames,
        settle=times.settle, cell=grid_cell(stuff, spec.world.cell),
    )  # fmt: skip


def _record(spec: DatasetSpec, cameras: tuple[CameraSpec, ...]) -> RecordSpec:
    seen = {output for camera in cameras for output in camera.outputs}
    streams = {name: getattr(spec.record, name) for name in ("contacts", "state", "events")}
    return RecordSpec(**{name: name in seen for name in OUTPUTS}, **streams)


def _lights(spec: DatasetSpec, draws: Draws, bodies: Bodies) -> LightSpec:
    sun, sky = spec.lights.sun, spec.lights.sky
    azimuth, elevation = (draws.value(getattr(sun, key), f"lights.sun.{key}") for key in ("azimuth", "elevation"))
    return LightSpec(
        sun_direction=tidy_vec(heading(azimuth, elevation)),
        sun_color=draws.value(sun.color, "lights.sun.color"),
        sun_intensity=draws.value(sun.intensity, "lights.sun.intensity"),
        sky_color=draws.value(sky.color, "lights.sky.color"),
        ambient=draws.value(sky.ambient, "lights.sky.ambient"),
        lamps=tuple(_lamp(name, lamp, draws, bodies) for name, lamp in spec.lights.lamps.items()),
    )


def _lamp(name: str, lamp: Lamp, draws: Draws, bodies: Bodies) -> LampSpec:
    path = f"lights.lamps.{name}"
    position = draws.value(lamp.position, f"{path}.position")
    aim = lamp.look_at
    target = bodies.locate(aim) if isinstance(aim, str) else None if aim is None else draws.value(aim, f"{path}.look_at")
    if target is not None and length(sub(target, position)) < 1e-6:
        raise FieldError("the lamp is where it shines", "two different points", "", ("lights", "lamps", name, "look_at"))
    return LampSpec(
        name=name, position=tidy_vec(position), look_at=None if target is None else tidy_vec(target),
        cone=None if lamp.cone is None else (lamp.cone[0], lamp.cone[1]),
        size=None if lamp.size is None else (lamp.size[0], lamp.size[1]),
        **{key: draws.value(getattr(lamp, key), f"{path}.{key}") for key in ("color", "intensity", "radius")},
    )  # fmt: skip


def _camera(spec: DatasetSpec, name: str, camera: Camera, draws: Draws, bodies: Bodies) -> CameraSpec:
    path = f"cameras.{name}"
    aim = camera.look_at
    target = bodies.locate(aim) if isinstance(aim, str) else draws.value(aim, f"{path}.look_at")
    if camera.orbit is None:
        position = draws.value(camera.position, f"{path}.position")
    else:
        distance, azimuth, elevation = (
            draws.value(getattr(camera.orbit, key), f"{path}.orbit.{key}") for key in ("distance", "azimuth", "elevation")
        )
        position = add(target, scale(heading(azimuth, elevation), distance))
    if length(sub(target, position)) < 1e-6:
        raise FieldError("the camera is where it looks", "two different points", "", ("cameras", name, "look_at"))
    outputs = camera.outputs or spec.record.outputs
    angle = round(draws.value(camera.fov, f"{path}.fov") * 57.29577951308232, 9)
    if camera.lens == "pinhole" and angle > WIDEST:
        raise FieldError(
            f"{angle:g} deg is too wide for a pinhole", f"up to {WIDEST:g} deg", "add 'lens: fisheye'", ("cameras", name, "fov")
        )
    return CameraSpec(
        name=name, position=tidy_vec(position), look_at=tidy_vec(target),
        fov_y=angle, lens=camera.lens, distortion=tuple(camera.distortion),
        centre=None if camera.centre is None else (camera.centre[0], camera.centre[1]),
        shutter=camera.shutter, exposure=_exposure(camera.exposure, f"{path}.exposure", draws),
        resolution=(camera.resolution[0], camera.resolution[1]), outputs=tuple(name for name in OUTPUTS if name in outputs),
    )  # fmt: skip


def _exposure(exposure: Exposure, path: str, draws: Draws) -> ExposureSpec:
    drawn = {key: draws.value(getattr(exposure, key), f"{path}.{key}") for key in ("gain", "full_well", "read_noise")}
    if drawn["read_noise"] > 0.0 and drawn["full_well"] == 0.0:
        raise FieldError("read_noise without full_well", "both, or neither", "say how many electrons are white")
    return ExposureSpec(bits=exposure.bits, **drawn)
