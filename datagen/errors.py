"""The errors of dataset generation: one sentence that says where, what, what is allowed and what to do.

The four parts are those of `engine.errors`, so that a command line prints both trees alike; they are repeated here because a
spec is read, checked and sampled without the engine.
"""

import difflib
from collections.abc import Iterable


class DatagenError(Exception):
    """Base of all errors of `datagen`: `where: what; allowed; remedy.`"""

    def __init__(self, where: str, what: str, allowed: str = "", remedy: str = ""):
        self.where, self.what, self.allowed, self.remedy = where, what, allowed, remedy
        parts = "; ".join(part for part in (what, allowed, remedy) if part)
        super().__init__(f"{where}: {parts}.")

    def __reduce__(self):
        return type(self), (self.where, self.what, self.allowed, self.remedy)


class SpecError(DatagenError):
    """A spec is wrong: its text, a key, a unit, a value, a reference. `where` is `file:line: path`."""


class SampleError(SpecError):
    """A spec is well formed, but one of its episodes cannot be drawn; `where` names the path, the seed and the index."""


def near_matches(name: str, known: Iterable[str]) -> str:
    """`did you mean 'a' or 'b'` for a name that is not known, or the known names when nothing is near."""
    known = sorted(str(k) for k in known)
    near = difflib.get_close_matches(name, known, n=3, cutoff=0.5)
    if near:
        return "did you mean " + " or ".join(repr(n) for n in near)
    shown = ", ".join(repr(k) for k in known[:12]) + (", ..." if len(known) > 12 else "")
    return f"known names: {shown}" if known else "there are none yet"
