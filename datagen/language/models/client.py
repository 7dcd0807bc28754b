"""One request to `/chat/completions`: bounded in time and bytes, and every way in which a server goes wrong is one sentence.

`Endpoint.complete` posts the messages and returns the text, why it ended, and the tokens used. A watchdog closes the
connection at the deadline, whatever the server does (hangs, sends a byte at a time, streams without end). Answers of 429 and
5xx are tried again while there is time, after the pause that the server asks for. Redirects are never followed: the key would
go along.
Reference: OpenAI API, "Create chat completion" (2024-10-21); RFC 9110, sections 10.2.3 and 15.
Limits: no streaming, no proxies; the key comes from the environment and is never logged.
"""

import contextlib
import http.client
import json
import os
import threading
import time
import urllib.parse
from dataclasses import dataclass, field
from typing import Any

from datagen.errors import DatagenError

MAX_BYTES = 2_000_000
MAX_PAUSE = 20.0
AGAIN = (408, 425, 429, 500, 502, 503, 504)


class EndpointError(DatagenError):
    """A server that does not answer as it should. `status`: of HTTP, 0 where there is none."""

    status = 0


@dataclass(frozen=True)
class Reply:
    """text of the model; finish: why it ended (stop, length, ...); usage: tokens (prompt, completion); seconds."""

    text: str
    finish: str
    usage: tuple[int, int] = (0, 0)
    seconds: float = 0.0


@dataclass
class Endpoint:
    """url: the base that `/chat/completions` is appended to. key_env: name of the environment variable that holds the key.
    deadline: seconds for one request with all its tries. tries: at most so many."""

    url: str
    model: str
    key_env: str = ""
    deadline: float = 120.0
    tries: int = 3
    temperature: float = 0.0
    max_tokens: int = 4096
    _target: urllib.parse.SplitResult = field(init=False, repr=False)

    def __post_init__(self) -> None:
        where, parts = "endpoint", urllib.parse.urlsplit(self.url)
        if parts.scheme not in ("http", "https") or not parts.hostname:
            raise EndpointError(where, f"{self.url!r} is no address", "http://HOST:PORT/v1 or https://...", "correct it")
        if parts.username or parts.password or parts.query or parts.fragment:
            raise EndpointError(where, "the address holds more than a place", "no user, query or fragment", "use --key-env")
        if self.key_env and self.key_env not in os.environ:
            raise EndpointError(where, f"the variable {self.key_env} is not set", "", f"export {self.key_env}=...")
        self._target = parts

    def complete(self, messages: list[dict[str, str]], response_format: dict[str, Any] | None = None) -> Reply:
        """The model's answer. Raises EndpointError."""
        body: dict[str, Any] = {
            "model": self.model, "messages": messages, "temperature": self.temperature, "max_tokens": self.max_tokens,
            "seed": 0, "stream": False,
        }  # fmt: skip
        if response_format is not None:
            body["response_format"] = response_format
        began, last = time.monotonic(), None
        for _ in range(self.tries):
            try:
                left = self.deadline - (time.monotonic() - began)
                status, headers, data = self._post(json.dumps(body).encode(), left)
                if status not in AGAIN:
                    return _reply(self.url, status, headers, data, time.monotonic() - began)
                last = _refused(self.url, status, data)
                pause = _pause(headers)
            except (TimeoutError, OSError, http.client.HTTPException) as error:
                last, pause = _broken(self.url, error, self.deadline), 0.2
                if isinstance(error, TimeoutError):
                    raise last from None
            if time.monotonic() - began + pause > self.deadline:
                break
            time.sleep(pause)
        assert last is not None
        raise last

    def _post(self, body: bytes, seconds: float) -> tuple[int, http.client.HTTPMessage, bytes]:
        if seconds <= 0.0:
            raise TimeoutError
        kind = http.client.HTTPSConnection if self._target.scheme == "https" else http.client.HTTPConnection
        connection = kind(str(self._target.hostname), self._target.port, timeout=seconds)
        late = threading.Event()
        watchdog = threading.Timer(seconds, _cut, (None, late))
        watchdog.daemon = True
        headers = {"Content-Type": "application/json", "Accept": "application/json", "Connection": "close"}
        if self.key_env:
            headers["Authorization"] = f"Bearer {os.environ[self.key_env]}"
        try:
            connection.connect()
            watchdog.args = (connection.sock, late)
            watchdog.start()
            connection.request("POST", f"{self._target.path.rstrip('/')}/chat/completions", body, headers)
            answer = connection.getresponse()
            data = answer.read(MAX_BYTES + 1)
            if late.is_set():
                raise TimeoutError
            if answer.length and len(data) <= MAX_BYTES:
                raise http.client.HTTPException(f"it ends {answer.length} bytes too early")
            return answer.status, answer.headers, data
        except (OSError, http.client.HTTPException, ValueError) as error:
            if late.is_set() or isinstance(error, TimeoutError):
                raise TimeoutError from None
            raise http.client.HTTPException(str(error) or type(error).__name__) from None
        finally:
            watchdog.cancel()
            connection.close()


def _cut(line: Any, late: threading.Event) -> None:
    """Shut a socket under whoever reads from it."""
    late.set()
    with contextlib.suppress(OSError):
        line.shutdown(2)  # both ways: a reader in another thread wakes up


def _pause(headers: http.client.HTTPMessage) -> float:
    """Seconds that the server asks to wait, at most MAX_PAUSE."""
    for name, factor in (("retry-after-ms", 1e-3), ("retry-after", 1.0)):
        with contextlib.suppress(TypeError, ValueError):
            return min(max(float(headers.get(name)) * factor, 0.0), MAX_PAUSE)  # type: ignore[arg-type]
    return 0.5


def _reply(url: str, status: int, headers: http.client.HTTPMessage, data: bytes, seconds: float) -> Reply:
    if 300 <= status < 400:
        raise _error(url, f"the server redirects to {str(headers.get('location'))[:80]!r}", "give the final address", status)
    if status != 200:
        raise _refused(url, status, data)
    if len(data) > MAX_BYTES:
        raise _error(url, f"the answer is longer than {MAX_BYTES} bytes", "use another model or server", status)
    kind = str(headers.get_content_type())
    if kind not in ("application/json", "text/plain", "application/octet-stream"):
        raise _error(url, f"the answer is {kind}, not JSON: {_start(data)!r}", "check the address: it ends in /v1", status)
    try:
        return _unpacked(json.loads(data), seconds)
    except (ValueError, RecursionError):
        raise _error(url, f"the answer is no JSON: {_start(data)!r}", "check the address and the server", status) from None
    except (KeyError, IndexError, TypeError, AttributeError):
        raise _error(url, f"the answer is no chat completion: {_start(data)!r}", "check the server", status) from None


def _unpacked(answer: Any, seconds: float) -> Reply:
    """Raises KeyError, IndexError, TypeError or AttributeError for another form."""
    choice = answer["choices"][0]
    message, usage = choice["message"], answer.get("usage") or {}
    text = message.get("content") or ""
    if message.get("refusal"):
        return Reply("", "refusal", _tokens(usage), seconds)
    if not text and isinstance(message.get("reasoning_content"), str):
        text = message["reasoning_content"]
    if not isinstance(text, str):
        raise TypeError
    return Reply(text, str(choice.get("finish_reason") or "stop"), _tokens(usage), seconds)


def _tokens(usage: dict[str, Any]) -> tuple[int, int]:
    values = [usage.get(name, 0) for name in ("prompt_tokens", "completion_tokens")]
    return tuple(value if isinstance(value, int) else 0 for value in values)  # type: ignore[return-value]


def _refused(url: str, status: int, data: bytes) -> EndpointError:
    what = f"the server answers {status}: {_start(data)!r}"
    remedy = {401: "set the key with --key-env", 403: "check the key", 404: "check the address and the name of the model"}
    return _error(url, what, remedy.get(status, "see the server's log"), status)


def _broken(url: str, error: Exception, deadline: float) -> EndpointError:
    if isinstance(error, TimeoutError):
        return _error(url, f"no answer within {deadline:g} s", "give more time with --deadline, or use a smaller model")
    return _error(url, f"the connection fails: {_start(str(error).encode())}", "is the server running?")


def _error(url: str, what: str, remedy: str, status: int = 0) -> EndpointError:
    error = EndpointError(f"endpoint {url}", what, "", remedy)
    error.status = status
    return error


def _start(data: bytes) -> str:
    """The beginning of an answer, printable."""
    text = " ".join(data[:400].decode("utf-8", "replace").split())
    return "".join(letter for letter in text if letter.isprintable())[:120]
