"""The errors that the engine raises: one sentence that says where, what, what is allowed and what to do.

Every error is built from the same four parts, so that a person (or a program reading the JSON form) always finds the place, the
offending value, the permitted range and the remedy. Kernels never raise: they set `engine.types.Fault` bits that the host turns
into these errors.
"""

import difflib
from collections.abc import Iterable


class EngineError(Exception):
    """Base of all errors of the engine: `where: what; allowed; remedy.`"""

    def __init__(self, where: str, what: str, allowed: str = "", remedy: str = ""):
        self.where, self.what, self.allowed, self.remedy = where, what, allowed, remedy
        parts = "; ".join(part for part in (what, allowed, remedy) if part)
        super().__init__(f"{where}: {parts}.")

    def __reduce__(self):
        return type(self), (self.where, self.what, self.allowed, self.remedy)


class BackendError(EngineError):
    """The compiler or the device cannot be used as asked."""


class SceneError(EngineError):
    """A scene description is wrong: a value, a reference or a name."""


class ImportFileError(EngineError):
    """A model or mesh file is missing, broken, unsafe or uses something that is not supported."""


class CapacityError(EngineError):
    """A buffer is too small; the sentence names the buffer and the size that it needs."""


class StateError(EngineError):
    """A state, control or snapshot does not fit the simulation that receives it."""


def near_matches(name: str, known: Iterable[str]) -> str:
    """`did you mean 'a' or 'b'` for a name that is not known, or the known names when nothing is near."""
    known = sorted(str(k) for k in known)
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    if near:
        return "did you mean " + " or ".join(repr(n) for n in near)
    shown = ", ".join(repr(k) for k in known[:12]) + (", ..." if len(known) > 12 else "")
    return f"known names: {shown}" if known else "there are none yet"
