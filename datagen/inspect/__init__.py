"""A dataset as one HTML page that needs nothing else: no network, no scripts, no files beside it."""

from datagen.inspect.page import write_page

__all__ = ["write_page"]
