"""Language: a prompt becomes a spec by a tokenizer, a lexicon and fixed rules; every word is accounted for.

Prompt -> `Intent` (flat, every item quotes its words) -> spec. Offline, without a model, the same words give the same bytes.
"""

from .describe import Description, describe
from .intent import Intent

__all__ = ["Description", "Intent", "describe"]
