"""Recorded answers: what a model said to a request, in a JSON file that tests play back without a network.

The key is a hash of the model, the messages and the response format; no address and no key is stored. A request that is not
in the file is an error, never a call. Limits: one answer per request.
"""

import hashlib
import json
from dataclasses import asdict
from pathlib import Path
from typing import Any

from datagen.errors import DatagenError

from .client import Endpoint, Reply


class Cassette:
    """Plays `path` back, or, with an endpoint, asks it for what is missing and keeps the answer. model: as recorded."""

    def __init__(self, path: Path | str, endpoint: Endpoint | None = None, model: str = ""):
        self.path, self.endpoint = Path(path), endpoint
        self.model = endpoint.model if endpoint is not None else model
        self.url = endpoint.url if endpoint is not None else f"cassette:{self.path.name}"
        known = json.loads(self.path.read_text(encoding="utf-8")) if self.path.exists() else {}
        if not isinstance(known, dict):
            raise DatagenError(str(self.path), "this is no cassette", "a JSON object of answers", "record it again")
        self.answers: dict[str, Any] = known

    def complete(self, messages: list[dict[str, str]], response_format: dict[str, Any] | None = None) -> Reply:
        """The recorded answer. Raises DatagenError where there is none and no endpoint."""
        whole = json.dumps([self.model, messages, response_format], sort_keys=True)
        key = hashlib.sha256(whole.encode()).hexdigest()[:32]
        if key not in self.answers:
            if self.endpoint is None:
                raise DatagenError(
                    str(self.path), f"request {key} was not recorded", "", "record it with an endpoint, or correct the prompt"
                )
            self.answers[key] = asdict(self.endpoint.complete(messages, response_format))
            self.path.write_text(json.dumps(self.answers, indent=1, sort_keys=True) + "\n", encoding="utf-8")
        told = self.answers[key]
        return Reply(str(told["text"]), str(told["finish"]), tuple(told["usage"]), float(told["seconds"]))
