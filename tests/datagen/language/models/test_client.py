"""The client against servers that misbehave in every known way: one clear sentence each, in time."""

import time

import pytest

from datagen.language.models import Endpoint, EndpointError
from tests.datagen.language.models import server as play
from tests.datagen.language.models.server import Server, says, status

HELLO = [{"role": "user", "content": "hello"}]
HTML = "<html><body>Please log in</body></html>"
DEEP = "[" * 100_000
MISBEHAVIOUR = {
    "html with status 200": (status(200, HTML, "text/html"), "the answer is text/html, not JSON"),
    "html called json": (status(200, HTML), "the answer is no JSON"),
    "cut off": (play.cuts, "the connection fails"),
    "truncated json": (status(200, '{"choices": [{"message": {"con'), "the answer is no JSON"),
    "another protocol": (status(200, '{"response": "hi"}'), "no chat completion"),
    "no choices": (status(200, '{"choices": []}'), "no chat completion"),
    "a list": (status(200, "[1, 2]"), "no chat completion"),
    "content is a number": (status(200, '{"choices": [{"message": {"content": 4}}]}'), "no chat completion"),
    "deep nesting": (status(200, DEEP), "the answer is no JSON"),
    "no http": (play.garbles, "the connection fails"),
    "a hang": (play.hangs, "no answer within 0.7 s"),
    "a byte at a time": (play.drips, "no answer within 0.7 s"),
    "headers without end": (play.drips_headers, "no answer within 0.7 s"),
    "a flood": (play.floods, "longer than 2000000 bytes"),
    "a stream": (status(200, "data: {}\n\ndata: [DONE]\n", "text/event-stream"), "text/event-stream, not JSON"),
    "a redirect": (status(307, "", Location="http://example.org/v1/chat/completions"), "redirects to 'http://example.org"),
    "unauthorized": (status(401), "the server answers 401"),
    "unknown model": (status(404, '{"error": "model not found"}'), "model not found"),
    "always busy": (status(503, "busy", "text/plain", Retry_After="0"), "the server answers 503: 'busy'"),
    "busy for an hour": (status(429, "later", "text/plain", Retry_After="3600"), "the server answers 429"),
}


@pytest.mark.parametrize("case", MISBEHAVIOUR)
def test_a_server_that_misbehaves_is_one_sentence_in_time(case):
    step, sentence = MISBEHAVIOUR[case]
    with Server(step) as server:
        began = time.monotonic()
        with pytest.raises(EndpointError) as caught:
            Endpoint(server.url, "m", deadline=0.7).complete(HELLO)
        assert time.monotonic() - began < 2.5
    assert sentence in str(caught.value) and "\n" not in str(caught.value) and len(str(caught.value)) < 400


def test_nobody_listens():
    with pytest.raises(EndpointError, match="is the server running"):
        Endpoint("http://127.0.0.1:9/v1", "m", deadline=1.0).complete(HELLO)


def test_a_busy_server_is_asked_again():
    with Server(status(429, "later", Retry_After_Ms="10"), status(500, "oops", Retry_After="0"), says("hi")) as server:
        reply = Endpoint(server.url, "m").complete(HELLO)
    assert (reply.text, reply.finish, reply.usage, len(server.asked)) == ("hi", "stop", (7, 5), 3)


def test_the_request_is_that_of_the_protocol(monkeypatch):
    monkeypatch.setenv("A_KEY", "secret")
    with Server(says("hi")) as server:
        Endpoint(server.url, "some/model", key_env="A_KEY").complete(HELLO, {"type": "json_object"})
    path, headers, body = server.asked[0]
    assert path == "/v1/chat/completions" and headers["Authorization"] == "Bearer secret"
    assert body["model"] == "some/model" and body["messages"] == HELLO and body["temperature"] == 0.0 and not body["stream"]
    assert body["response_format"] == {"type": "json_object"}


@pytest.mark.parametrize(
    ("url", "sentence"),
    [("file:///etc/passwd", "no address"), ("localhost:8000", "no address"), ("http://u:p@h/v1", "more than a place")],
)
def test_an_address_that_is_none_is_refused(url, sentence):
    with pytest.raises(EndpointError, match=sentence):
        Endpoint(url, "m")


def test_a_key_that_is_not_set_is_refused(monkeypatch):
    monkeypatch.delenv("NO_SUCH_KEY", raising=False)
    with pytest.raises(EndpointError, match="NO_SUCH_KEY is not set"):
        Endpoint("http://127.0.0.1/v1", "m", key_env="NO_SUCH_KEY")
