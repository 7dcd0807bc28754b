"""From the relations of `place` to poses."""

from typing import Any

from .problems import FieldError


def place(bodies: Any) -> None:
    """Gives every subject of a relation its pose. Raises `FieldError`."""
    if bodies.spec.place:
        raise FieldError("relations cannot be solved yet", "", "give positions", ("place",))
