"""A server that speaks the protocol of OpenAI on 127.0.0.1 and plays a script, one step per request; the last step stays."""

import json
import threading
import time
from collections.abc import Callable
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

Step = Callable[["Handler", dict[str, Any]], None]


class Handler(BaseHTTPRequestHandler):
    """One request: keeps its body and plays the next step."""

    def do_POST(self):
        body = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        self.server.asked.append((self.path, dict(self.headers), body))
        steps = self.server.steps
        step = steps.pop(0) if len(steps) > 1 else steps[0]
        try:
            step(self, body)
        except (BrokenPipeError, ConnectionResetError):
            pass

    def send(self, status: int, data: bytes, kind: str = "application/json", **headers: str):
        self.send_response(status)
        self.send_header("Content-Type", kind)
        for name, value in headers.items():
            self.send_header(name.replace("_", "-"), value)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def log_message(self, *arguments):
        """Quiet."""


class Server:
    """`with Server(step, ...) as server`: server.url, server.asked (path, headers, body)."""

    def __init__(self, *steps: Step):
        self.http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self.http.daemon_threads = True
        self.http.steps, self.http.asked = list(steps), []
        self.asked = self.http.asked
        self.url = f"http://127.0.0.1:{self.http.server_address[1]}/v1"

    def __enter__(self) -> "Server":
        threading.Thread(target=self.http.serve_forever, args=(0.02,), daemon=True).start()
        return self

    def __exit__(self, *failure):
        self.http.shutdown()
        self.http.server_close()


def says(text: str, finish: str = "stop", **message: Any) -> Step:
    """A completion with this text."""
    answer = {
        "choices": [{"index": 0, "finish_reason": finish, "message": {"role": "assistant", "content": text, **message}}],
        "usage": {"prompt_tokens": 7, "completion_tokens": 5},
    }
    return lambda handler, body: handler.send(200, json.dumps(answer).encode())


def status(number: int, text: str = '{"error": {"message": "no"}}', kind: str = "application/json", **headers: str) -> Step:
    """An answer with this status."""
    return lambda handler, body: handler.send(number, text.encode(), kind, **headers)


def hangs(handler: Handler, body: dict[str, Any]) -> None:
    """Says nothing for ten seconds."""
    time.sleep(10.0)


def drips(handler: Handler, body: dict[str, Any]) -> None:
    """A byte every tenth of a second, without end."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    for _ in range(200):
        handler.wfile.write(b" ")
        time.sleep(0.1)


def drips_headers(handler: Handler, body: dict[str, Any]) -> None:
    """Headers without end, slowly."""
    handler.wfile.write(b"HTTP/1.1 200 OK\r\n")
    for number in range(200):
        handler.wfile.write(f"X-{number}: 1\r\n".encode())
        time.sleep(0.1)


def floods(handler: Handler, body: dict[str, Any]) -> None:
    """Megabytes without end."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.end_headers()
    for _ in range(2000):
        handler.wfile.write(b"[" * 65536)


def cuts(handler: Handler, body: dict[str, Any]) -> None:
    """Promises more than it sends."""
    handler.send_response(200)
    handler.send_header("Content-Type", "application/json")
    handler.send_header("Content-Length", "1000")
    handler.end_headers()
    handler.wfile.write(b'{"choices": [{"mess')
    handler.close_connection = True
    handler.connection.shutdown(2)


def garbles(handler: Handler, body: dict[str, Any]) -> None:
    """No HTTP at all."""
    handler.wfile.write(b"\x00\xff\x00 hello\r\n\r\n")
    handler.close_connection = True


def canary(handler: Handler, body: dict[str, Any]) -> None:
    """Enforces the schema of a canary."""
    word = body["response_format"]["json_schema"]["schema"]["properties"]["color"]["enum"][0]
    says(json.dumps({"color": word}))(handler, body)
