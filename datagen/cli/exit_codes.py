"""Exit codes of the `worldsmith` command and which error gives which.

Decides the number that a shell sees. Errors are told apart by class name along their ancestry, so that this module imports
neither the engine nor a writer: `worldsmith --help` has to start at once, and an error can only arrive once its own module is
loaded.
"""

import enum
import errno


class ExitCode(enum.IntEnum):
    """Exit status of every subcommand; append-only, scripts rely on the numbers."""

    OK = 0
    UNEXPECTED = 1
    USAGE = 2
    MISSING = 3
    DATA = 4
    OUTPUT = 5
    INTERRUPTED = 130


MEANING = {
    ExitCode.OK: "done",
    ExitCode.UNEXPECTED: "an unexpected error: a defect of worldsmith; --debug shows where",
    ExitCode.USAGE: "the command line, a spec or a model file is wrong",
    ExitCode.MISSING: "a dependency or a device is missing; see worldsmith doctor",
    ExitCode.DATA: "a dataset or a snapshot is invalid or does not fit",
    ExitCode.OUTPUT: "the output folder or the disk refuses",
    ExitCode.INTERRUPTED: "interrupted; what was committed stays valid",
}

BY_ERROR = {
    "BackendError": ExitCode.MISSING,
    "StateError": ExitCode.DATA,
    "EngineError": ExitCode.USAGE,
    "DatagenError": ExitCode.USAGE,
}

DISK_ERRNOS = frozenset({errno.ENOSPC, errno.EDQUOT, errno.EROFS, errno.EACCES, errno.EPERM, errno.EIO, errno.EFBIG})


def exit_code(error: BaseException) -> ExitCode:
    """Exit code of an exception: the one that its class declares, else its nearest ancestor in `BY_ERROR`, else the kind of
    operating system error, else UNEXPECTED.
    """
    if isinstance(error, KeyboardInterrupt):
        return ExitCode.INTERRUPTED
    for ancestor in type(error).__mro__:
        if "exit_code" in vars(ancestor):
            return ExitCode(vars(ancestor)["exit_code"])
        if ancestor.__name__ in BY_ERROR:
            return BY_ERROR[ancestor.__name__]
    if isinstance(error, OSError) and error.errno in DISK_ERRNOS:
        return ExitCode.OUTPUT
    return ExitCode.UNEXPECTED


def is_sentence(error: BaseException) -> bool:
    """Whether the error is one of ours: built of where, what, allowed and remedy, its text a complete sentence."""
    return all(hasattr(error, part) for part in ("where", "what", "allowed", "remedy"))


def sentence(error: BaseException) -> str:
    """One line for stderr: our own errors as they are, an operating system error with its file, anything else named as a
    defect."""
    if isinstance(error, KeyboardInterrupt):
        return "interrupted: stopped by the user; what was committed stays valid."
    if is_sentence(error):
        return str(error)
    if isinstance(error, OSError) and error.strerror:
        return (
            f"{error.filename or 'operating system'}: {error.strerror.lower()}; check the path and the space left on the disk."
        )
    text = " ".join(str(error).split()) or "no message"
    defect = f"unexpected {type(error).__name__} ({text})"
    return f"worldsmith: {defect}; this is a defect; run `worldsmith --debug ...` and report what it shows."
