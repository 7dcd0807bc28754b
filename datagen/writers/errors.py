"""What can go wrong with an output folder, a record or a stored dataset, each with the exit code of the command line.

The sentences have the four parts of `engine.errors`: where, what, what is allowed, what to do.
"""

from engine.errors import EngineError


class DatasetError(EngineError):
    """A stored dataset, shard or run folder is damaged, incomplete or does not fit what is asked of it."""

    exit_code = 4


class RecordError(EngineError):
    """An episode record does not fit the dataset schema (a missing stream, a wrong shape or type, a bad frame number)."""

    exit_code = 1


class NotFiniteError(RecordError):
    """A recorded number is NaN or infinite: the episode is reported as failed and never stored as good."""


class OutputError(EngineError):
    """The output folder cannot be used: it exists, it is read-only, the disk is full."""

    exit_code = 5


class RunError(EngineError):
    """The run ended without all of its shards; what was committed stays valid."""

    exit_code = 1
