"""Tasks, rewards and branches of one episode in plain SI numbers: what `EpisodeSpec` keeps of them.

Quantified goals are written out for the bodies of the episode, references are names of bodies, joints or matter, directions are
unit vectors. `GoalSpec` is one node of a goal; `datagen.tasks.logic` says what it means over time.
Limits: see `datagen.spec.goals`.
"""

from typing import Annotated, Any, ClassVar, Literal

from pydantic import BaseModel, ConfigDict, Field, SerializerFunctionWrapHandler, model_serializer

Vec3 = tuple[float, float, float]
Op = Literal["measure", "pred", "all", "any", "not", "eventually", "always", "hold", "then", "until", "count"]


class Frozen(BaseModel):
    """Base of the contract: immutable, strict about keys, finite numbers only.

    LATER: fields that joined the contract after its first version. They are written only where they differ from their default,
    so that the hash of an episode without them is what it always was.
    """

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False)
    LATER: ClassVar[tuple[str, ...]] = ()

    @model_serializer(mode="wrap")
    def _without_later_defaults(self, write: SerializerFunctionWrapHandler) -> dict[str, Any]:
        data: dict[str, Any] = write(self)
        for name in self.LATER:
            if getattr(self, name) == type(self).model_fields[name].get_default(call_default_factory=True):
                data.pop(name, None)
        return data


class GoalSpec(Frozen):
    """One node. op measure, pred: `name` with `of`, `ref`, `axis` (frame of the body) and `along` (world), `cmp`, `value`,
    `tol`, `scale` (SI). Others: `parts`. duration [s]: `for` of hold, `within` of the others. window [s]: `during` of always.
    low, high: the bounds of count; an empty list of parts counts nothing."""

    op: Op
    name: str = ""
    of: tuple[str, ...] = ()
    ref: tuple[str, ...] = ()
    axis: Vec3 | None = None
    along: Vec3 | None = None
    cmp: str = ""
    value: float | None = None
    tol: float | None = None
    scale: float | None = None
    parts: tuple["GoalSpec", ...] = ()
    duration: float | None = None
    window: tuple[float, float] | None = None
    low: int | None = None
    high: int | None = None


class ShapeFunction(Frozen):
    """`datagen.spec.reward.Shape` in SI."""

    type: str
    low: float = 0.0
    high: float = 0.0
    margin: float = 0.0
    scale: float = 1.0
    at: float = 0.0
    per: float = 1.0
    sigmoid: str = "gaussian"


class RewardSpec(Frozen):
    """One term. measure: a node of op measure without comparison, with `shape`; or predicates: one, or one per item for
    per_item."""

    name: str
    mode: str
    weight: float = 1.0
    measure: GoalSpec | None = None
    shape: ShapeFunction | None = None
    predicates: tuple[GoalSpec, ...] = ()
    gate: GoalSpec | None = None
    gamma: float = 1.0


class TaskSpec(Frozen):
    """instruction; success and failure; time_limit [s], None: the whole recording; rewards, or from_goal. right: unit vector
    of the spec's word `right`, forward: of `forward`."""

    instruction: str
    success: GoalSpec | None = None
    failure: GoalSpec | None = None
    time_limit: float | None = None
    stop_on_success: bool = True
    rewards: tuple[RewardSpec, ...] = ()
    from_goal: bool = False
    right: Vec3 = (1.0, 0.0, 0.0)
    forward: Vec3 = (0.0, 1.0, 0.0)


class EditSpec(Frozen):
    """One edit of a branch in SI: what has been done to which field of the resolved episode (`bodies.ball.mass`)."""

    op: str
    path: str
    value: Any = None


class BranchSpec(Frozen):
    """Which counterfactual an episode is: id (`base` for the episode itself), base: content hash of the base without this
    field, group: number of the group. at: where it leaves the base, frame: the frame from which on it may differ, -1: from
    the settling on."""

    id: str
    base: str = ""
    group: Annotated[int, Field(ge=0)] = 0
    at: str = "start"
    frame: int = -1
    edits: tuple[EditSpec, ...] = ()


class ControlSpec(Frozen):
    """One input of an agent: `target` a joint (mode torque, joint, velocity) or a body (mode force), between low and high [N
    m, N; rad, m; rad/s, m/s; N]. along: direction of a force in the world. stiffness, damping: of a position or velocity
    drive. Mode cartesian: velocity [m/s] of `point` (frame of the body) along each axis of the world, through the joints that
    move the body."""

    name: str
    target: str
    mode: Literal["torque", "joint", "velocity", "force", "cartesian"]
    low: float
    high: float
    along: Vec3 | None = None
    stiffness: float = 0.0
    damping: float = 0.0
    point: Vec3 = (0.0, 0.0, 0.0)
