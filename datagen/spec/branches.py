"""Counterfactual branches as people write them: the same episode with a few edits, from the same draws and the same state.

    branches:
      - {id: heavy, edits: [{op: scale, path: entities.ball.mass, value: 2}]}
      - {id: no_fifth, at: settled, edits: [{op: remove, path: "entities.domino[4]"}]}
      - {id: later, at: push, edits: [{op: set, path: actions.push.magnitude, value: 0.2 N*s}]}

A branch is made of the resolved episode, so every draw is shared. `at` says where it leaves the base: `start` builds and
settles anew with the edits; `settled` continues from the settled state of the base; the id of an action continues from the
state of the base at the frame before which that action acts. With a `focus` action, a branch `nothing` that skips it is added.
Paths: `entities.NAME[item].FIELD`, `materials.NAME.FIELD`, `joints.NAME.FIELD`, `actions.ID.FIELD`, `world.FIELD`, with the
fields of the spec; `entities.NAME[item]` for add and remove (`datagen.episode.branching`).
Limits: branches from `settled` and from an action cannot add or remove bodies that others hang on.
"""

from typing import Annotated, Any, Literal

from pydantic import Field, model_validator

from .fields import Name, Word
from .model import Authored
from .problems import FieldError

Op = Literal["set", "scale", "add", "remove", "swap_material", "skip_action"]
FieldPath = Annotated[str, Word(fixed=True, max_length=200)]
ROOTS = ("entities", "materials", "joints", "actions", "world", "lights")
WITHOUT_VALUE = ("remove", "skip_action")


class Edit(Authored):
    """op: set a field, scale a number, add (to a number or vector; or a copy of a body: `value: {position: ...}`), remove a
    body, swap_material to a preset or a material of the spec, skip_action. path: a field of the spec. value: with its unit."""

    op: Op
    path: FieldPath
    value: Any = None

    @model_validator(mode="after")
    def _is_whole(self) -> "Edit":
        root = self.path.split(".")[0].split("[")[0]
        if root not in ROOTS or "." not in self.path:
            raise FieldError(f"{self.path!r} is not a path", f"it starts with {', '.join(ROOTS)}", "", ("path",)).pydantic()
        if (self.value is None) != (self.op in WITHOUT_VALUE):
            what = f"{self.op} takes no value" if self.op in WITHOUT_VALUE else f"{self.op} needs a value"
            raise FieldError(what, "", "", ("value",)).pydantic()
        if self.op == "skip_action" and root != "actions":
            raise FieldError(f"{self.path!r} is not an action", "'actions.ID'", "", ("path",)).pydantic()
        return self


class Branch(Authored):
    """One counterfactual: what differs from the base, and from where on. id: not `base`; `nothing` is made by itself."""

    id: Name
    at: Annotated[str, Word(identifier=True, fixed=True)] = "start"
    edits: Annotated[list[Edit], Field(min_length=1, max_length=100)]

    @model_validator(mode="after")
    def _name_is_free(self) -> "Branch":
        if self.id == "base":
            raise FieldError(
                "a branch cannot be called 'base'", "that is the episode itself", "another name", ("id",)
            ).pydantic()
        return self
