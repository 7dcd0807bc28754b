"""The web page: bodies, contacts, forces, frames, cameras, particles; pause, step, scrub, drag; plots.

Made with `viser` (extra `view`): a server here, three.js in the browser. Meshes are sent once; a frame sends the poses of the
bodies and the overlays that are switched on. A click on a body that moves takes hold of it: the handle that appears is the
other end of a spring.
Limits: one play for all who look; endless planes are drawn 20 m wide.
"""

import threading
import time
from typing import Any

import numpy as np

from datagen.errors import DatagenError
from datagen.quaternions import multiply, rotate
from datagen.viewer.plays import Play
from datagen.viewer.surfaces import Drawn, drawn_shapes, srgb

CONTACT_COLOR, FORCE_COLOR, PULL_COLOR = (230, 159, 0), (213, 94, 0), (0, 114, 178)
FORCE_LENGTH = 0.25  # m, of the weight of everything that moves
CONTACT_TICK = 0.02  # m
SHOWN = 300  # frames of a plot
COLORS = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#000000")
OVERLAYS = {"contacts": True, "forces": True, "frames": False, "cameras": False}
WIDEST_FRUSTUM = 2.6  # rad; a pyramid of half a turn would be flat
TURN_CAMERA = np.array([0.0, 1.0, 0.0, 0.0])  # ours looks along -z with y up, the page's along +z with y down
PLOT_EVERY = 0.2  # s


def load_viser() -> Any:
    """The library of the page. Raises DatagenError naming the extra."""
    try:
        import viser
    except ImportError as error:
        what = f"the page needs the package viser ({error})"
        raise DatagenError("worldsmith view", what, "", "run `pip install 'worldsmith[view]'`, or use --record") from error
    return viser


class Page:
    """A page that shows a play. `run` goes on until `stop`; `playing` says whether time passes."""

    def __init__(self, play: Play, host: str = "127.0.0.1", port: int = 8080):
        self.viser = load_viser()
        self.play, self.playing = play, True
        self.shown = dict(OVERLAYS)
        self._lock, self._stop = threading.RLock(), threading.Event()
        self.server = self.viser.ViserServer(host=host, port=port, label=f"Worldsmith: {play.label}", verbose=False)
        self.server.scene.set_up_direction("+z")
        self._frames = self._add_bodies()
        self._overlays: dict[str, Any] = {}
        self._handle: Any = None
        self._add_controls()
        self._look_from_first_camera()
        self._plotted = 0.0
        self.show()

    @property
    def url(self) -> str:
        """Address of the page."""
        return f"http://{self.server.get_host()}:{self.server.get_port()}"

    def run(self) -> None:
        """Show frame after frame in real time until `stop` is called."""
        due = time.monotonic()
        while not self._stop.is_set():
            if self.playing:
                with self._lock:
                    self.play.advance()
                    self.show()
            due = max(due + 1.0 / self.play.fps, time.monotonic() - 0.5)
            self._stop.wait(max(0.0, due - time.monotonic()))
        self.server.stop()

    def stop(self) -> None:
        """End `run` and close the page."""
        self._stop.set()

    # ---- what is drawn -------------------------------------------------------------------------------------------------------

    def _add_bodies(self) -> list[Any]:
        scene, sim = self.server.scene, self.play.sim
        frames = [
            scene.add_frame(f"/bodies/{number}", show_axes=False, axes_length=0.15, axes_radius=0.006)
            for number in range(len(sim.names.body))
        ]
        moving = sim.compiled.ints["body_dof_count"] > 0
        for number, shape in enumerate(drawn_shapes(sim)):
            mesh = scene.add_mesh_simple(
                f"/bodies/{shape.body}/{number}", shape.vertices, shape.faces, color=shape.color, flat_shading=True,
                side="double",
            )  # fmt: skip
            if moving[shape.body]:
                mesh.on_click(self._grabber(shape))
        return frames

    def show(self) -> None:
        """Send the present frame."""
        state = self.play.sim.state
        position, rotation = state.body_position[0], state.body_rotation[0]
        with self.server.atomic():
            for frame, place, turn in zip(self._frames, position, rotation, strict=True):
                frame.position, frame.wxyz = place, turn
                frame.show_axes = self.shown["frames"]
            self._show_contacts()
            self._show_cameras(position, rotation)
            self._show_continua()
        self._counter.content = self._status()
        if self.play.can_seek and self._slider is not None and self._slider.value != self.play.frame:
            self._slider.value = self.play.frame
        if time.monotonic() - self._plotted > PLOT_EVERY:
            self._plot()

    def _status(self) -> str:
        seconds = self.play.frame / self.play.fps
        of = "" if self.play.length is None else f" of {self.play.length}"
        fault = self.play.sim.fault_text(0)
        return f"**{self.play.label}**: frame {self.play.frame}{of}, {seconds:.2f} s" + (f", {fault}" if fault else "")

    def _lines(self, name: str, points: np.ndarray, color: tuple[int, int, int]) -> None:
        """Line segments (n, 2, 3) under a name, or nothing."""
        if name in self._overlays:
            self._overlays.pop(name).remove()
        if len(points):
            colors = np.broadcast_to(np.array(color, np.uint8), points.shape)
            self._overlays[name] = self.server.scene.add_line_segments(
                f"/overlay/{name}", points.astype(np.float32), colors, thickness=3.0, thickness_units="screen"
            )

    def _show_contacts(self) -> None:
        sim = self.play.sim
        contacts = sim.contacts(0)
        wanted = self.shown["contacts"] or self.shown["forces"]
        soft = [continuum.touches() for continuum in sim.continua] if wanted else []
        point = np.concatenate([contacts.point, *(t.point[t.env == 0] for t in soft)])
        force = np.concatenate([contacts.force, *(t.force[t.env == 0] for t in soft)])
        ends = np.concatenate([contacts.normal, *(np.zeros_like(t.point[t.env == 0]) for t in soft)]) * CONTACT_TICK
        nothing = np.zeros((0, 2, 3))
        ticks = np.stack([point - ends, point + ends], axis=1) if self.shown["contacts"] else nothing
        reals = sim.compiled.reals
        gravity = float(np.linalg.norm(reals["gravity"][0])) or 9.81
        weight = float(reals["body_mass"][0][sim.compiled.ints["body_dof_count"] > 0].sum()) * gravity or 1.0
        arrows = np.stack([point, point + force * FORCE_LENGTH / weight], axis=1) if self.shown["forces"] else nothing
        self._lines("contacts", ticks, CONTACT_COLOR)
        self._lines("forces", arrows, FORCE_COLOR)
        self._lines("pull", self._pull_line(), PULL_COLOR)

    def _pull_line(self) -> np.ndarray:
        if self.play.pull is None:
            return np.zeros((0, 2, 3))
        body, local, target = self.play.pull
        state = self.play.sim.state
        return np.stack([state.body_position[0, body] + rotate(state.body_rotation[0, body], local), target])[None]

    def _show_cameras(self, position: np.ndarray, rotation: np.ndarray) -> None:
        compiled = self.play.sim.compiled
        for number, camera in enumerate(compiled.cameras):
            name = f"camera {camera.name}"
            if not self.shown["cameras"]:
                if name in self._overlays:
                    self._overlays.pop(name).remove()
                continue
            body, reals = int(compiled.ints["camera_body"][number]), compiled.reals
            if name not in self._overlays:
                fov, aspect = self._frustum(number), camera.width / camera.height
                self._overlays[name] = self.server.scene.add_camera_frustum(f"/overlay/{name}", fov, aspect, scale=0.15)
            turn = multiply(rotation[body], reals["camera_rotation"][0, number])
            self._overlays[name].wxyz = multiply(turn, TURN_CAMERA)
            self._overlays[name].position = position[body] + rotate(rotation[body], reals["camera_position"][0, number])

    def _frustum(self, number: int) -> float:
        """Vertical angle [rad] of the pyramid that stands for a camera: of a fisheye up to where it sees straight up, at most
        WIDEST_FRUSTUM."""
        reals = self.play.sim.compiled.reals
        angle = float(reals["camera_fov"][0, number])
        if reals["camera_lens"][0, number, 0] > 0.0:
            k = reals["camera_lens"][0, number, 4:8]
            theta = np.linspace(0.0, np.pi, 1801)
            radius = theta * (1.0 + k[0] * theta**2 + k[1] * theta**4 + k[2] * theta**6 + k[3] * theta**8)
            angle = 2.0 * float(np.interp(0.5 * angle, radius, theta))
        return min(angle, WIDEST_FRUSTUM)

    def _show_continua(self) -> None:
        for continuum in self.play.sim.continua:
            for cloud in continuum.clouds():
                points = cloud.position[0][np.isfinite(cloud.position[0]).all(axis=1)]
                color = srgb(np.reshape(cloud.color, (-1, 3))[0])
                self.server.scene.add_point_cloud(f"/matter/{cloud.name}", points, color, point_size=2 * cloud.radius)
            for surface in continuum.surfaces():
                color = srgb(np.reshape(surface.color, (-1, 3))[0])
                self.server.scene.add_mesh_simple(
                    f"/matter/{surface.name}", surface.vertices[0], surface.faces, color=color, side="double"
                )

    def _look_from_first_camera(self) -> None:
        sim = self.play.sim
        place = sim.compiled.reals["camera_position"][0, 0]
        ahead = rotate(sim.compiled.reals["camera_rotation"][0, 0], np.array([0.0, 0.0, -1.0]))
        body = int(sim.compiled.ints["camera_body"][0])
        eye = sim.state.body_position[0, body] + rotate(sim.state.body_rotation[0, body], place)
        reach = float(np.clip(np.linalg.norm(eye), 0.5, 20.0))
        self.server.initial_camera.position = tuple(map(float, eye))
        self.server.initial_camera.look_at = tuple(map(float, eye + reach * rotate(sim.state.body_rotation[0, body], ahead)))

    # ---- controls ------------------------------------------------------------------------------------------------------------

    def _add_controls(self) -> None:
        gui = self.server.gui
        self._counter = gui.add_markdown("")
        self.pause = gui.add_button("Pause")
        self.pause.on_click(lambda _: self.toggle())
        gui.add_button("Step").on_click(lambda _: self.step())
        gui.add_button("Restart").on_click(lambda _: self.restart())
        self._slider: Any = None
        if self.play.can_seek and self.play.length:
            self._slider = gui.add_slider("Frame", 0, self.play.length, 1, 0)
            self._slider.on_update(self._scrubbed)
        for name in OVERLAYS:
            box = gui.add_checkbox(f"Show {name}", self.shown[name])
            box.on_update(lambda event, name=name: self.switch(name, bool(event.target.value)))
        gui.add_button("Let go").on_click(lambda _: self.release())
        self._plots: Any = None

    def toggle(self) -> None:
        """Pause, or go on."""
        self.playing = not self.playing
        self.pause.label = "Pause" if self.playing else "Play"

    def step(self) -> None:
        """One frame ahead, then pause."""
        with self._lock:
            if self.playing:
                self.toggle()
            self.play.advance()
            self.show()

    def restart(self) -> None:
        """Back to frame 0."""
        with self._lock:
            self.release()
            self.play.restart()
            self.show()

    def switch(self, name: str, on: bool) -> None:
        """Show or hide an overlay."""
        with self._lock:
            self.shown[name] = on
            self.show()

    def _scrubbed(self, event: Any) -> None:
        if event.client is not None:  # a person moved it, not the play
            self.scrub(int(event.target.value))

    def scrub(self, frame: int) -> None:
        """Show a frame of a stored episode, and pause."""
        with self._lock:
            if self.playing:
                self.toggle()
            self.play.seek(frame)
            self.show()

    # ---- dragging ------------------------------------------------------------------------------------------------------------

    def _grabber(self, shape: Drawn) -> Any:
        def grabbed(event: Any) -> None:
            origin, direction = np.array(event.ray_origin), np.array(event.ray_direction)
            self.grab(shape.body, self._hit(shape, origin, direction))

        return grabbed

    def _hit(self, shape: Drawn, origin: np.ndarray, direction: np.ndarray) -> np.ndarray:
        """The point of the shape nearest to the ray that clicked it."""
        state = self.play.sim.state
        turn, place = state.body_rotation[0, shape.body], state.body_position[0, shape.body]
        corners = place + rotate(turn, shape.vertices[shape.faces.reshape(-1)]).reshape(-1, 3, 3)
        first = first_hit(corners, origin, direction)
        return origin + first * direction if first is not None else corners.mean(axis=(0, 1))

    def grab(self, body: int, point: np.ndarray) -> None:
        """Hold a body at a point in W and show the handle that drags it."""
        if self.play.can_seek:
            return  # what is stored cannot be pushed
        with self._lock:
            self.release()
            self.play.grab(body, np.asarray(point, float))
            self._handle = self.server.scene.add_transform_controls(
                "/handle", scale=0.25, disable_rotations=True, position=tuple(map(float, point)), depth_test=False
            )
            self._handle.on_update(lambda event: self.play.drag(np.array(event.target.position)))

    def release(self) -> None:
        """Let go of what is held."""
        with self._lock:
            self.play.release()
            if self._handle is not None:
                self._handle.remove()
                self._handle = None

    # ---- plots ---------------------------------------------------------------------------------------------------------------

    def _plot(self) -> None:
        self._plotted = time.monotonic()
        curves = {name: np.array(values[-SHOWN:]) for name, values in self.play.curves.items() if values}
        if not curves:
            return
        count = min(len(values) for values in curves.values())
        last = self.play.frame
        data = (np.arange(last - count + 1, last + 1) / self.play.fps, *(values[-count:] for values in curves.values()))
        if self._plots is not None and len(self._plots.data) == len(data):
            self._plots.data = data
            return
        series = self.viser.uplot.Series
        lines = (series(label="s"), *(series(label=n, stroke=COLORS[k % 7], width=2) for k, n in enumerate(curves)))
        if self._plots is not None:
            self._plots.remove()
        self._plots = self.server.gui.add_uplot(
            data, lines, scales={"x": self.viser.uplot.Scale(time=False, auto=True)}, aspect=1.6
        )


def first_hit(corners: np.ndarray, origin: np.ndarray, direction: np.ndarray) -> float | None:
    """Distance along a ray to the first of the triangles (n, 3, 3), or None (Moeller and Trumbore 1997)."""
    e1, e2 = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    p = np.cross(direction, e2)
    det = (e1 * p).sum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        s = origin - corners[:, 0]
        u = (s * p).sum(1) / det
        q = np.cross(s, e1)
        v, t = (q @ direction) / det, (e2 * q).sum(1) / det
        hit = (u >= 0) & (v >= 0) & (u + v <= 1) & (t > 0) & np.isfinite(t)
    return float(t[hit].min()) if hit.any() else None
