"""One sanity trace: what a run that does nothing, the right thing or the wrong thing came to."""

from dataclasses import dataclass

TRACES = ("nothing", "oracle", "failure")


@dataclass(frozen=True)
class Trace:
    """How one trace of one draw went. total: the sum of rewards; failed: why it could not be simulated or judged, or ""."""

    name: str
    draw: int
    total: float
    success: bool
    failure: bool
    margin: float | None
    failed: str = ""
