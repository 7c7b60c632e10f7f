"""Requests of `http(...)`: the method follows from the body; `timeout` is the longest silence."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from faults import Answer, Request, ThreadedServer

from streamwidget import collect, http
from streamwidget.errors import TransportError
from unit.waiting import WAIT_S, measured_again

SENT: dict[str, tuple[dict[str, Any], str, bytes]] = {
    "nothing": ({}, "GET", b""),
    "JSON": ({"json": {"a": 1}}, "POST", b'{"a":1}'),
    "empty JSON": ({"json": {}}, "POST", b"{}"),
    "form": ({"data": {"a": "b c"}}, "POST", b"a=b+c"),
    "bytes": ({"data": b"raw"}, "POST", b"raw"),
    "text": ({"data": "raw"}, "POST", b"raw"),
    "another method": ({"method": "put", "json": 1}, "PUT", b"1"),
    "a method alone": ({"method": "POST"}, "POST", b""),
    "parameters": ({"params": {"q": "x"}}, "GET", b""),
}


@pytest.mark.parametrize(("how", "method", "body"), SENT.values(), ids=SENT.keys())
def test_what_is_sent(how: dict[str, Any], method: str, body: bytes) -> None:
    with ThreadedServer(lambda _: Answer(b"data: [DONE]\n\n")) as server:
        collect(http(server.url, **how))
        (request,) = server.requests
        assert (request.method, request.body.replace(b": ", b":")) == (method, body)
        assert request.query == how.get("params", {})


def test_a_url_of_httpx_is_an_address(library: Any) -> None:
    with ThreadedServer(lambda _: Answer(b'data: {"content": "a"}\n\n')) as server:
        assert collect(http(library.URL(server.url))).text == "a"


@pytest.mark.parametrize("make", [lambda lib: None, lambda lib: lib.Client(), "request"])
@measured_again
def test_a_timeout_bounds_the_silence(make: Callable[[Any], Any] | str, library: Any) -> None:
    def serve(_: Request) -> Answer:
        return Answer(b'data: {"content": "a"}\n\n', end="silent")

    with ThreadedServer(serve) as server:
        if isinstance(make, str):
            source = http(library.Request("GET", server.url), timeout=0.2)
        else:
            source = http(server.url, timeout=0.2, client=make(library))
        result = collect(source, timeout=WAIT_S)
        assert result.text == "a"
        assert isinstance(result.error, TransportError)
        assert "read timeout" in str(result.error)
