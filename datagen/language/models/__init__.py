"""Language models behind an OpenAI-compatible endpoint as readers of prompts: their text is data, checked like anybody's.

from datagen.language.models import Endpoint, describe_with made = describe_with(prompt, Endpoint("http://127.0.0.1:11434/v1",
"qwen3:8b"))
"""

from .cassette import Cassette
from .client import Endpoint, EndpointError, Reply
from .reading import Asked, ask, describe_with

__all__ = ["Asked", "Cassette", "Endpoint", "EndpointError", "Reply", "ask", "describe_with"]
