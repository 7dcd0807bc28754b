"""The error of building a scene."""

from datagen.errors import DatagenError


class BuildError(DatagenError):
    """An episode asks for something that its bodies cannot do; the sentence names the body or the action."""
