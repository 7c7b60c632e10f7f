"""HTTP answers that are no streams, or break: what is said of them. Over real sockets."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from streamwidget.demo.serve import DemoServer
from streamwidget.errors import (
    DecodeError,
    ResponseError,
    StreamWidgetError,
    TransportError,
    UsageError,
)
from streamwidget.events import Event
from streamwidget.sources.http import (
    http,
    http_source_from_url,
)
from unit.http_peer import (
    SECRET,
    Peer,
    answer,
    context,
    failure_of,
    refusing_port,
    text_of,
)
from unit.waiting import WAIT_S

NO_STREAM: dict[str, tuple[str, int, str]] = {
    "missing": (
        "/missing",
        404,
        "404 Not Found (“There is no such stream.”). Check the URL.",
    ),
    "no such path": ("/nope", 404, "404 Not Found (“Not Found”)"),
    "HTML": ("/html", 200, "an HTML page (“Sign in · Demo library”), not a stream"),
    "bad parameter": ("/tokens?n=x", 400, "400 Bad Request (“n must be a number"),
}


@pytest.mark.parametrize(("path", "status", "message"), NO_STREAM.values(), ids=NO_STREAM.keys())
def test_answer_that_is_not_a_stream_is_reported(
    server: DemoServer, path: str, status: int, message: str
) -> None:
    error = failure_of(http_source_from_url(server.address + path))
    assert isinstance(error, ResponseError)
    assert message in error.message
    assert error.status_code == status


RAW_ANSWERS: dict[str, tuple[bytes, type[StreamWidgetError], str, bool]] = {
    "204": (answer(b"", status="204 No Content"), ResponseError, "nothing to stream", False),
    "429": (answer(b"", "Content-Length: 0", status="429 X"), ResponseError, "Wait before", True),
    "500": (answer(b"oops", status="500 X"), ResponseError, "(“oops”). Try again later.", True),
    "300": (
        answer(b"", f"X: {SECRET}", status="300 Multiple Choices"),
        ResponseError,
        "was redirected (300 Multiple Choices). Pass the new URL.",
        False,
    ),
    "image": (answer(b"", "Content-Type: image/png"), ResponseError, "returned an image,", False),
    "PDF": (answer(b"", "Content-Type: application/pdf"), ResponseError, "a PDF file", False),
    "echo of the key": (
        answer(f"Bad key {SECRET}".encode(), status="401 X"),
        ResponseError,
        "(“Bad key …”). Check the credentials.",
        False,
    ),
    "long": (answer(b"x" * 9000, status="400 X"), ResponseError, "x" * 199 + "…", False),
    "empty": (answer(b"", "Content-Type: text/plain"), ResponseError, "without sending", True),
    "not HTTP": (b"220 smtp ready\r\n", TransportError, "Check that the server uses HTTP", True),
    "closed at once": (b"", TransportError, "was lost before GET", True),
    "short": (answer(b"abc", "Content-Length: 9"), TransportError, "was lost after 3 bytes", True),
    "not gzip": (
        answer(b"abcdefghijklmnop", "Content-Encoding: gzip", "Content-Type: text/plain"),
        DecodeError,
        "does not follow its Content-Encoding",
        False,
    ),
}


@pytest.mark.parametrize(
    ("raw", "kind", "message", "retryable"), RAW_ANSWERS.values(), ids=RAW_ANSWERS.keys()
)
def test_broken_answer_is_reported_in_one_sentence(
    raw: bytes, kind: type[StreamWidgetError], message: str, retryable: bool, library: Any
) -> None:
    headers = {"Authorization": f"Bearer {SECRET}", "X-Api-Key": SECRET}
    with Peer(raw) as peer, library.Client() as client:
        url = peer.url.replace("//", f"//user:{SECRET}@") + f"/p?key={SECRET}"
        for used in (None, client):
            source = http(url, headers=headers, client=used)
            error = failure_of(source)
            assert type(error) is kind
            assert message in error.message
            assert error.retryable is retryable


def test_drop_inside_the_body_is_a_broken_connection(library: Any, server: DemoServer) -> None:
    url = f"{server.address}/drop?rate=0&n=2"

    events: list[Event] = []

    async def main() -> None:
        async with library.AsyncClient() as client:
            async for batch in http(url, client=client).stream(context()):
                events.extend(batch)

    with pytest.raises(TransportError, match=r"was lost after \d+ bytes") as raised:
        asyncio.run(main())
    assert raised.value.retryable
    assert text_of(events) == "tok1 tok2 "  # what had come is kept


def test_reset_is_a_broken_connection() -> None:
    with Peer(answer(b"data: a\n\n", "Content-Length: 99"), reset=True) as peer:
        assert isinstance(failure_of(http_source_from_url(peer.url)), TransportError)


def test_refused_connection_asks_whether_the_server_runs(library: Any) -> None:
    with library.Client() as client, refusing_port() as port:
        url = f"http://127.0.0.1:{port}"
        for used in (None, client):
            error = failure_of(http(f"{url}/a?key={SECRET}", client=used))
            assert isinstance(error, TransportError)
            refused = "connection refused. Check that the server is running."
            assert error.message == f"Could not connect to {url}/a: {refused}"


def test_unknown_host_is_reported() -> None:
    error = failure_of(http_source_from_url("http://nowhere.invalid/"))
    assert isinstance(error, TransportError)
    assert "Could not connect to http://nowhere.invalid/" in error.message


def test_plain_server_at_an_https_address_is_reported(server: DemoServer) -> None:
    error = failure_of(http_source_from_url(server.address.replace("http:", "https:")))
    assert "Check that the server uses https" in error.message


def test_read_timeout_of_the_client_is_reported(library: Any, server: DemoServer) -> None:
    with library.Client(timeout=library.Timeout(WAIT_S, read=0.05)) as client:
        error = failure_of(http(f"{server.address}/silent", client=client))
    assert isinstance(error, TransportError)
    assert "within the read timeout of the client" in error.message


@pytest.mark.parametrize("url", ["foo/bar", "ftp://x/", "http://"])
def test_no_address_is_a_usage_error(url: str) -> None:
    assert isinstance(failure_of(http_source_from_url(url)), UsageError)


def test_nonsense_is_refused_at_once() -> None:
    for call in (
        lambda: http(3),
        lambda: http(None),
        lambda: http("http://[::1"),
        lambda: http("http://x", client=object()),
    ):
        with pytest.raises(UsageError):
            call()
