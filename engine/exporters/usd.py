"""A scene, or a recorded motion, as a USD stage that usdview and Blender open.

Bodies are Xforms below /World with their pose in W (translate, orient), shapes gprims below them, looks UsdPreviewSurface
materials; cameras, the sun and the sky follow. Metres, +Z up. A recording has time samples for every body that moves; a scene
has UsdPhysics instead (`engine.exporters.usd_physics`). Reference: the UsdGeom, UsdShade and UsdLux schemas (openusd.org).
Limits: planes are drawn as squares of PLANE metres, checkerboards in their first colour. Needs the usd-core package.
"""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from engine.errors import ImportFileError, SceneError
from engine.exporters.losses import Losses
from engine.exporters.recording import Recording
from engine.exporters.usd_physics import add_physics
from engine.geometry import rotation as rot
from engine.scene.builder import Scene
from engine.scene.constants import linear_color
from engine.scene.description import Box, Camera, Capsule, Cylinder, Ellipsoid, Plane, Shape, Sphere, Surface
from engine.scene.poses import body_poses

Array = NDArray[np.float64]
PLANE = 100.0  # m
RATE = 24.0  # time codes per second; USD's own default
APERTURE = 24.0  # mm, vertical
SUN_ANGLE = 0.53  # degrees


@dataclass
class Writer:
    """One export: the stage, the scene, notes, and prim paths by body and shape."""

    stage: Any
    scene: Scene
    losses: Losses
    bodies: list[str] = field(default_factory=list)
    looks: dict[tuple, str] = field(default_factory=dict)
    taken: set[str] = field(default_factory=set)

    def path(self, parent: str, name: str) -> str:
        """A valid path below `parent` that is not taken yet."""
        from pxr import Tf

        stem = f"{parent}/{Tf.MakeValidIdentifier(name.strip('/').replace('/', '_') or 'unnamed')}"
        path, k = stem, 1
        while path in self.taken:
            path, k = f"{stem}_{k}", k + 1
        self.taken.add(path)
        return path


def write_usd(scene: Scene, recording: Recording | None, path: Path, where: str, strict: bool) -> list[str]:
    """Write the stage; returns the notes. Raises SceneError, and ImportFileError without usd-core."""
    try:
        from pxr import Usd
    except ImportError as error:
        raise ImportFileError(
            where, "USD files need the package usd-core", "allowed: pip install usd-core", "install it"
        ) from error
    if recording is not None and not len(recording.times):
        raise SceneError(where, "the recording holds no frame", "allowed: one frame or more", "call capture() after each step")
    part = path.with_name(f".part_{path.stem}{path.suffix}")
    part.unlink(missing_ok=True)
    try:
        stage = Usd.Stage.CreateNew(str(part))
    except Exception as error:  # noqa: BLE001  (pxr raises its own kinds)
        raise SceneError(where, "cannot write", "allowed: a writable folder", "choose another place") from error
    try:
        writer = Writer(stage, scene, Losses(where))
        _fill(writer, recording)
        notes = writer.losses.finish(strict)
        stage.GetRootLayer().Save()
        part.replace(path)
    finally:
        part.unlink(missing_ok=True)
    return notes


def _fill(writer: Writer, recording: Recording | None) -> None:
    from pxr import UsdGeom

    stage = writer.stage
    UsdGeom.SetStageUpAxis(stage, UsdGeom.Tokens.z)
    UsdGeom.SetStageMetersPerUnit(stage, 1.0)
    stage.SetTimeCodesPerSecond(RATE)
    stage.SetDefaultPrim(UsdGeom.Xform.Define(stage, "/World").GetPrim())
    places, turns = body_poses(writer.scene)
    for k, body in enumerate(writer.scene.bodies):
        writer.bodies.append("/World" if k == 0 else writer.path("/World", body.name))
        if k:
            _pose(UsdGeom.Xform.Define(stage, writer.bodies[k]), places[k], turns[k])
    shapes = [_shape(writer, owner, shape) for owner, shape in writer.scene.shapes]
    for camera in writer.scene.cameras:
        _camera(writer, camera)
    _lights(writer)
    if recording is None:
        add_physics(writer, shapes)
    else:
        _film(writer, recording)


def _pose(xform: Any, place: Array, turn: Array) -> None:
    from pxr import Gf, UsdGeom

    xform.AddTranslateOp().Set(Gf.Vec3d(*place.tolist()))
    xform.AddOrientOp(UsdGeom.XformOp.PrecisionDouble).Set(Gf.Quatd(*np.asarray(turn, float).tolist()))


def _film(writer: Writer, recording: Recording) -> None:
    """Time samples of the bodies that move."""
    from pxr import Gf, UsdGeom

    codes, places, turns = recording.times * RATE, recording.positions, recording.rotations.copy()
    for f in range(1, len(turns)):  # neighbours on one half sphere, so that players interpolate the short way
        turns[f] *= np.where((turns[f] * turns[f - 1]).sum(axis=-1, keepdims=True) < 0, -1.0, 1.0)
    writer.stage.SetStartTimeCode(float(codes[0]))
    writer.stage.SetEndTimeCode(float(codes[-1]))
    for k in range(1, len(writer.bodies)):
        ops = UsdGeom.Xformable(writer.stage.GetPrimAtPath(writer.bodies[k])).GetOrderedXformOps()
        if np.ptp(places[:, k], axis=0).any() or np.ptp(turns[:, k], axis=0).any():
            for code, place, turn in zip(codes.tolist(), places[:, k].tolist(), turns[:, k].tolist(), strict=True):
                ops[0].Set(Gf.Vec3d(*place), code)
                ops[1].Set(Gf.Quatd(*turn), code)
        else:
            ops[0].Set(Gf.Vec3d(*places[0, k].tolist()))
            ops[1].Set(Gf.Quatd(*turns[0, k].tolist()))


def _shape(writer: Writer, owner: int, shape: Shape) -> Any:
    """The gprim of a shape in its body's frame."""
    from pxr import Gf, UsdGeom

    path = writer.path(writer.bodies[owner], str(shape.name) if owner == 0 else f"{shape.name}_shape")
    gprim, scale = _solid(writer.stage, path, shape)
    _pose(gprim, np.array(shape.position), np.array(shape.rotation))
    if scale is not None:
        gprim.AddScaleOp(UsdGeom.XformOp.PrecisionDouble).Set(Gf.Vec3d(*scale))
    if not shape.visible:
        gprim.GetVisibilityAttr().Set(UsdGeom.Tokens.invisible)
    gprim.CreateDisplayColorAttr([Gf.Vec3f(*linear_color(np.array(shape.color or (0.5, 0.5, 0.5))).tolist())])
    _bind(writer, gprim, shape)
    return gprim


def _solid(stage: Any, path: str, shape: Shape) -> tuple[Any, list[float] | None]:
    """The gprim, with its extent, and its scale."""
    from pxr import UsdGeom

    if isinstance(shape, Box):
        cube = UsdGeom.Cube.Define(stage, path)
        cube.CreateSizeAttr(1.0)
        return _extended(cube), list(shape.size)
    if isinstance(shape, Sphere | Ellipsoid):
        ball = UsdGeom.Sphere.Define(stage, path)
        ball.CreateRadiusAttr(shape.radius if isinstance(shape, Sphere) else 1.0)
        return _extended(ball), None if isinstance(shape, Sphere) else list(shape.radii)
    if isinstance(shape, Capsule | Cylinder):
        round_ = (UsdGeom.Capsule if isinstance(shape, Capsule) else UsdGeom.Cylinder).Define(stage, path)
        round_.CreateRadiusAttr(shape.radius)
        round_.CreateHeightAttr(shape.length if isinstance(shape, Capsule) else shape.height)
        round_.CreateAxisAttr("Z")
        return _extended(round_), None
    if isinstance(shape, Surface) and shape.data is not None:
        return _mesh(stage, path, shape.data.vertices, shape.data.faces), list(shape.stored_size())
    assert isinstance(shape, Plane)
    half = PLANE / 2
    corners = np.array([[-half, -half, 0], [half, -half, 0], [half, half, 0], [-half, half, 0]])
    return _mesh(stage, path, corners, np.array([[0, 1, 2, 3]])), None


def _extended(gprim: Any) -> Any:
    from pxr import UsdGeom

    gprim.CreateExtentAttr(UsdGeom.Boundable.ComputeExtentFromPlugins(UsdGeom.Boundable(gprim), 0.0))
    return gprim


def _mesh(stage: Any, path: str, vertices: Array, faces: NDArray[np.int64]) -> Any:
    from pxr import UsdGeom, Vt

    mesh = UsdGeom.Mesh.Define(stage, path)
    mesh.CreatePointsAttr(Vt.Vec3fArray.FromNumpy(np.ascontiguousarray(vertices, np.float32)))
    mesh.CreateFaceVertexCountsAttr([faces.shape[1]] * len(faces))
    mesh.CreateFaceVertexIndicesAttr(faces.ravel().tolist())
    mesh.CreateSubdivisionSchemeAttr("none")
    return _extended(mesh)


def _bind(writer: Writer, gprim: Any, shape: Shape) -> None:
    """The look of a shape, one material for all shapes with the same."""
    from pxr import Gf, Sdf, UsdShade

    color = tuple(linear_color(np.array(shape.color or (0.5, 0.5, 0.5))).tolist())
    key = (color, shape.roughness or 0.0, shape.metallic or 0.0)
    if shape.checker is not None:
        writer.losses.notes(f"the checkerboard of {shape.name!r} is drawn in its first colour")
    if key not in writer.looks:
        path = writer.path("/World/Looks", f"look_{len(writer.looks)}")
        material = UsdShade.Material.Define(writer.stage, path)
        shader = UsdShade.Shader.Define(writer.stage, f"{path}/surface")
        shader.CreateIdAttr("UsdPreviewSurface")
        shader.CreateInput("diffuseColor", Sdf.ValueTypeNames.Color3f).Set(Gf.Vec3f(*color))
        shader.CreateInput("roughness", Sdf.ValueTypeNames.Float).Set(key[1])
        shader.CreateInput("metallic", Sdf.ValueTypeNames.Float).Set(key[2])
        material.CreateSurfaceOutput().ConnectToSource(shader.ConnectableAPI(), "surface")
        writer.looks[key] = path
    material = UsdShade.Material(writer.stage.GetPrimAtPath(writer.looks[key]))
    UsdShade.MaterialBindingAPI.Apply(gprim.GetPrim()).Bind(material)


def _camera(writer: Writer, camera: Camera) -> None:
    from pxr import Gf, UsdGeom

    writer.losses.lens(camera)
    made = UsdGeom.Camera.Define(writer.stage, writer.path(writer.bodies[camera.body], camera.name))
    _pose(made, np.array(camera.position), np.array(camera.rotation))
    made.CreateVerticalApertureAttr(APERTURE)
    made.CreateHorizontalApertureAttr(APERTURE * camera.width / camera.height)
    made.CreateFocalLengthAttr(APERTURE / (2 * float(np.tan(np.radians(min(camera.fov_y, 175.0)) / 2))))
    made.CreateClippingRangeAttr(Gf.Vec2f(0.01, 1000.0))


def _lights(writer: Writer) -> None:
    """The sun, and a sky of its mean radiance."""
    from pxr import Gf, UsdLux

    light = writer.scene.light
    sun = UsdLux.DistantLight.Define(writer.stage, writer.path("/World", "sun"))
    sun.AddOrientOp().Set(Gf.Quatf(*rot.from_z_axis(np.array(light.sun_direction)).tolist()))
    strength = max(light.sun_color) or 1.0
    sun.CreateIntensityAttr(strength)
    sun.CreateColorAttr(Gf.Vec3f(*[c / strength for c in light.sun_color]))
    sun.CreateAngleAttr(SUN_ANGLE)
    sky = UsdLux.DomeLight.Define(writer.stage, writer.path("/World", "sky"))
    sky.CreateColorAttr(Gf.Vec3f(*[(a + b) / 2 for a, b in zip(light.sky_zenith, light.sky_horizon, strict=True)]))
