"""The motion of a batch as measures see it: poses, velocities, joints, contacts and matter of every environment at every
frame so far.

`Motion.see` is called once a frame; sample t of an environment holds what was so at frame t, and of contacts what was
exchanged in the interval that led to it (frame 0: in the last interval of settling, else nothing). Arrays are (envs, times,
...) in the world frame and grow by doubling. Of matter the means are kept from the first sample at which one is asked for, of
single particles the past is not known.
Limits: all environments have the same bodies.
"""

from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from datagen.errors import DatagenError, near_matches
from datagen.spec import EpisodeSpec
from datagen.tasks.forms import Solid, forms_of
from datagen.tasks.regions import Region, region_of

Touches = Mapping[str, np.ndarray]
NOW = -1
DEFORMABLE = ("soft", "cloth", "rope")
CONTACT_COLUMNS = ("env", "body_a", "body_b", "point", "normal", "depth")
TOUCH_COLUMNS = ("env", "body_a", "body_b", "impulse")


class GoalError(DatagenError):
    """A goal asks for something that the episode does not have; the sentence names it."""


class Motion:
    """What has been seen of one batch, environment k following specs[k]. Every environment has a clock of its own, the number
    of its last sample; samples of others may lie beyond it, and nothing that looks back sees them. length: samples of the
    longest."""

    def __init__(self, simulation: Any, specs: Sequence[EpisodeSpec]):
        self.simulation = simulation
        self.num_envs, self.fps, self.length = len(specs), specs[0].world.fps, 0
        self.clock = np.full(len(specs), -1)
        self.body = {name: number for number, name in enumerate(simulation.names.body)}
        self.joints = {name: number for number, name in enumerate(simulation.names.joint)}
        ints = simulation.compiled.ints
        self.joint_limited = ints["joint_limited"]
        self.joint_place = ints["joint_qpos_start"], ints["joint_dof_start"]
        self.fixed = self._standing(ints)
        self._grown: dict[str, np.ndarray] = {}
        self._touches: list[dict[str, np.ndarray]] = []
        self._contacts: list[dict[str, np.ndarray]] = []
        self._regions: dict[str, list[Region | None]] = {}
        self._followed: list[str] = []
        self.version = 0  # changes with everything that is seen, forgotten or drawn
        self.live = bool(specs[0].matter)  # whether measures are taken at every sample, and not all at the end
        self.vessels = tuple(body.name for body in specs[0].bodies if body.interior is not None)
        self.redraw(specs)

    def redraw(self, specs: Sequence[EpisodeSpec]) -> None:
        """Take the numbers of the draws and of the simulation: masses, ranges, shapes, gravity."""
        self.version += 1
        self.specs, reals = list(specs), self.simulation.compiled.reals
        self.mass, self.com, self.inertia = (self._per_env(reals[f"body_{name}"]) for name in ("mass", "com", "inertia"))
        self.joint_range = self._per_env(reals["joint_range"]) if len(self.joints) else np.zeros((self.num_envs, 0, 2))
        gravity = np.array([spec.world.gravity for spec in specs])
        weight = np.linalg.norm(gravity, axis=1)
        self.gravity = weight
        self.up = np.where(weight[:, None] > 1e-9, -gravity / np.maximum(weight, 1e-9)[:, None], (0.0, 0.0, 1.0))
        self.forms = forms_of(self.simulation, self.num_envs)
        self._regions.clear()
        self._interiors = [{body.name: body.interior for body in spec.bodies} for spec in specs]
        self.ground = self._ground_height()

    # ---- seeing

    def see(self, touches: Touches | None, envs: np.ndarray | None = None, contacts: Touches | None = None) -> None:
        """Keep the present state of some environments (None: all) as their next sample. touches: `simulation.touches()` of the
        interval that led to it, or None; contacts: by default the engine's."""
        chosen = np.arange(self.num_envs) if envs is None else np.asarray(envs)
        self.version += 1
        self.clock[chosen] += 1
        self.length = int(self.clock.max()) + 1
        state = self.simulation.state
        values = {
            "position": state.body_position, "rotation": state.body_rotation, "velocity": state.body_velocity,
            "qpos": state.qpos, "qvel": state.qvel,
        }  # fmt: skip
        for name, value in values.items():
            self._store(name, np.asarray(value, float)[chosen], chosen)
        for name in self._followed:
            self._store_means(name, chosen)
        table = self.simulation.contacts() if contacts is None else contacts
        self._contacts.append(self._rows({name: table[name] for name in CONTACT_COLUMNS}, chosen))
        if touches is not None:
            self._touches.append(self._rows({name: touches[name] for name in TOUCH_COLUMNS}, chosen))

    def restart(self, envs: np.ndarray) -> None:
        """Forget the past of some environments; their next sample is their frame 0."""
        self.version += 1
        self.clock[envs] = -1
        for tables in (self._touches, self._contacts):
            joined = self._joined(tables)
            kept = ~np.isin(joined["env"], envs)
            tables[:] = [{key: value[kept] for key, value in joined.items()}]
        self.length = int(self.clock.max()) + 1

    def _rows(self, table: Touches, chosen: np.ndarray) -> dict[str, np.ndarray]:
        """The rows of some environments, each with the sample that it belongs to."""
        columns = {name: np.asarray(values) for name, values in table.items()}
        kept = np.isin(columns["env"], chosen)
        rows = {name: values[kept] for name, values in columns.items()}
        return {**rows, "time": self.clock[rows["env"]]}

    @staticmethod
    def _joined(tables: list[dict[str, np.ndarray]]) -> dict[str, np.ndarray]:
        if len(tables) > 1:
            tables[:] = [{name: np.concatenate([table[name] for table in tables]) for name in tables[0]}]
        return tables[0] if tables else {"env": np.zeros(0, int)}

    def _store(self, name: str, value: np.ndarray, chosen: np.ndarray, before: float = 0.0) -> None:
        array = self._grown.get(name)
        if array is None or self.length > array.shape[1]:
            grown = np.full((self.num_envs, max(64, 2 * self.length), *value.shape[1:]), before)
            if array is not None:
                grown[:, : array.shape[1]] = array
            self._grown[name] = array = grown
        array[chosen, self.clock[chosen]] = value

    # ---- reading

    def of(self, name: str, since: int = 0) -> np.ndarray:
        """position, rotation, velocity (envs, times, bodies, ...), qpos or qvel (envs, times, n) from a sample on; NOW: the
        last sample of every environment alone."""
        return self.cut(self._grown[name][:, : self.length], since)

    def cut(self, values: np.ndarray, since: int) -> np.ndarray:
        """The samples from one on, or those of NOW, of values for all samples (envs, times, ...)."""
        return values[np.arange(self.num_envs), self.clock][:, None] if since == NOW else values[:, since:]

    def span(self, since: int) -> int:
        """Number of samples from one on."""
        return 1 if since == NOW else self.length - since

    def number(self, body: str) -> int:
        """Place of a body. Raises GoalError."""
        if body not in self.body:
            raise GoalError(f"goal of {self.specs[0].name!r}", f"there is no body {body!r}", near_matches(body, self.body))
        return self.body[body]

    def spread(self, names: Sequence[str]) -> tuple[str, ...]:
        """Names with the bodies of models written out: `arm` stands for `arm.hand`, ... Raises GoalError."""
        found: list[str] = []
        for name in names:
            parts = [body for body in self.body if body.startswith(f"{name}.")] if name not in self.body else [name]
            found += parts
            if not parts:
                self.number(name)
        return tuple(found)

    def coordinate(self, joint: str) -> tuple[int, int, int]:
        """Number, position and velocity coordinate of a hinge or slide. Raises GoalError."""
        if joint not in self.joints:
            raise GoalError(f"goal of {self.specs[0].name!r}", f"there is no joint {joint!r}", near_matches(joint, self.joints))
        number = self.joints[joint]
        return number, int(self.joint_place[0][number]), int(self.joint_place[1][number])

    def impulse(self, body: int, others: Sequence[int] | None, since: int = 0, but: Sequence[int] = ()) -> np.ndarray:
        """Impulse on a body from others (None: from everything) in the interval before each sample (envs, times, 3) [N s]."""
        total = np.zeros((self.num_envs, self.length, 3))
        table = self._joined(self._touches)
        for own, other, sign in (("body_b", "body_a", 1.0), ("body_a", "body_b", -1.0)):
            if len(table["env"]):
                chosen = (table[own] == body) & ~np.isin(table[other], but)
                chosen &= np.isin(table[other], others) if others is not None else True
                np.add.at(total, (table["env"][chosen], table["time"][chosen]), sign * table["impulse"][chosen])
        return self.cut(total, since)

    def contacts(self, a: int, b: int) -> dict[str, np.ndarray]:
        """The contacts of two bodies in the last substep before each sample: env, time, point, normal from b to a, depth."""
        table = self._joined(self._contacts)
        if not len(table["env"]):
            return {name: np.zeros(0, int) for name in ("env", "time", "depth")} | {
                name: np.zeros((0, 3)) for name in ("point", "normal")
            }
        sign = np.where((table["body_a"] == b) & (table["body_b"] == a), 1.0, 0.0)
        sign -= np.where((table["body_a"] == a) & (table["body_b"] == b), 1.0, 0.0)
        rows = sign != 0.0
        kept = {name: table[name][rows] for name in ("env", "time", "point", "depth")}
        return {**kept, "normal": sign[rows][:, None] * table["normal"][rows]}

    def region(self, body: str) -> list[Region | None]:
        """The interior of a body in every environment, found once."""
        if body not in self._regions:
            form = self.forms[self.number(body)]
            self._regions[body] = [region_of(form, env, self._interiors[env].get(body)) for env in range(self.num_envs)]
        return self._regions[body]

    def matter(self, name: str) -> Any:
        """Matter of the engine by name. Raises GoalError."""
        kinds = {one.name: one.kind for one in self.specs[0].matter}
        if name not in kinds:
            known = near_matches(name, [*self.body, *kinds])
            raise GoalError(f"goal of {self.specs[0].name!r}", f"there is no body and no matter {name!r}", known)
        return self.simulation.deformable(name) if kinds[name] in DEFORMABLE else self.simulation.matter(name)

    def mean(self, name: str, what: str, since: int = 0) -> np.ndarray:
        """Mean position or velocity of matter (envs, times, 3), NaN before it was first asked for. Raises GoalError."""
        if name not in self._followed:
            self.matter(name)
            self._followed.append(name)
            self._store_means(name, np.arange(self.num_envs))
        return self.of(f"{what} of {name}", since)

    def _store_means(self, name: str, chosen: np.ndarray) -> None:
        matter = self.matter(name)
        for what in ("position", "velocity"):
            values = np.asarray(getattr(matter, what), float)[chosen].mean(1)
            self._store(f"{what} of {name}", values, chosen, np.nan)

    def form(self, body: str) -> list[Solid] | None:
        """The solids of a body."""
        return self.forms[self.number(body)]

    # ---- inside

    def _per_env(self, values: Any) -> np.ndarray:
        array = np.asarray(values, float)
        return np.broadcast_to(array, (max(self.num_envs, len(array)), *array.shape[1:]))[: self.num_envs]

    def _standing(self, ints: Any) -> np.ndarray:
        """Bodies that no joint and no path moves."""
        moves = np.zeros(len(self.body), bool)
        moves[ints["joint_body"]] = True
        parents = ints["body_parent"]
        for body in range(1, len(moves)):
            moves[body] |= moves[parents[body]]
        return ~(moves | (ints["body_kinematic"] >= 0))

    def _ground_height(self) -> np.ndarray:
        """Height of the highest fixed horizontal plane per environment, 0 where there is none."""
        heights = np.full(self.num_envs, -np.inf)
        for env, spec in enumerate(self.specs):
            for body in spec.bodies:
                if body.fixed and body.shapes[0].type == "plane" and abs(body.rotation[0]) > 0.999:
                    heights[env] = max(heights[env], float(np.dot(self.up[env], body.position)))
        return np.where(np.isfinite(heights), heights, 0.0)
