"""Canonical JSON and content hashes: the same meaning always gives the same bytes.

Keys are sorted by code point, there is no white space, text is UTF-8 without escapes, floats are written by `repr` (the
shortest decimal that reads back to the same float64, Python >= 3.1) and negative zero is written as zero. Not-a-number and
infinity are refused. The rule is close to RFC 8785 (Rundgren et al., 2020) but keeps the difference between `1` and `1.0`.
"""

import hashlib
import json
import math
from typing import Any


def _plain(value: Any) -> Any:
    """Tuples become lists and negative zero becomes zero; anything that JSON cannot say is refused."""
    if isinstance(value, float):
        if not math.isfinite(value):
            raise ValueError(f"canonical JSON: a number is not finite ({value!r})")
        return 0.0 if value == 0.0 else value
    if isinstance(value, dict):
        return {str(key): _plain(item) for key, item in value.items()}
    if isinstance(value, (list, tuple)):
        return [_plain(item) for item in value]
    return value


def canonical_json(value: Any) -> bytes:
    """Bytes of plain data (dict, list, tuple, str, int, float, bool, None). Raises `ValueError` for numbers not finite."""
    text = json.dumps(_plain(value), sort_keys=True, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
    return text.encode("utf-8")


def sha256_hex(data: bytes) -> str:
    """Lower-case hexadecimal SHA-256 of bytes."""
    return hashlib.sha256(data).hexdigest()
