"""What stands beside a chunk: its text, the next one that says something, the sentence that it is in."""

from .chunks import Chunk
from .tokens import Words

ENDS = ("stop", "then", "success", "failure", "when", "until", "without", "what_if", "if", "reward", "penalty", "comma", "and")


def text_of(words: Words, made: Chunk) -> str:
    return " ".join(words.low(at) for at in range(made.start, made.end))


def next_of(chunks: list[Chunk], at: int, *skipped: str) -> Chunk | None:
    """The next chunk that is not glue."""
    return next((one for one in chunks[at + 1 : at + 9] if one.kind not in ("glue", *skipped)), None)


def is_end(made: Chunk | None) -> bool:
    return made is None or (made.kind == "cue" and made.data in ENDS)


def sentence_of(chunks: list[Chunk], at: int) -> tuple[int, int]:
    """The first chunk of the sentence of a chunk, and the one after it."""
    stop = [k for k, one in enumerate(chunks) if one.kind == "cue" and one.data == "stop"]
    return max([k + 1 for k in stop if k < at], default=0), min([k for k in stop if k >= at], default=len(chunks))
