"""Open responses of requests and aiohttp over real sockets: how they end, break and are stopped."""

from __future__ import annotations

import asyncio
import socket
import threading
from collections.abc import Callable
from typing import Any

import aiohttp
import pytest
import requests

from streamwidget.demo.serve import DemoServer
from streamwidget.errors import (
    DecodeError,
    LimitError,
    ResponseError,
    StreamWidgetError,
    TransportError,
    UsageError,
)
from streamwidget.events import Event, RunEnd, RunStart
from streamwidget.io.source import AsyncSource, Context, Source, SyncSource
from streamwidget.limits import Limits
from streamwidget.sources.http import open_other_response
from unit.http_peer import Peer, answer, connections, context, read, text_of
from unit.waiting import WAIT_S, until

SECRET = "sk-very-secret"
HEADERS = {"Authorization": f"Bearer {SECRET}", "X-Api-Key": SECRET}

Use = Callable[[Source, Any], Any]
Open = Callable[..., Any]


def with_requests(url: str, use: Use, **options: Any) -> Any:
    """The result of `use` for the open response; the session stays open meanwhile."""
    with requests.Session() as session:
        session.trust_env = False
        response = session.get(url, stream=True, headers=HEADERS, allow_redirects=False, **options)
        return asyncio.run(use(source_of(response), response))


def with_aiohttp(url: str, use: Use, **options: Any) -> Any:
    async def main() -> Any:
        async with aiohttp.ClientSession() as session:
            response = await session.get(url, headers=HEADERS, allow_redirects=False, **options)
            return await use(source_of(response), response)

    return asyncio.run(main())


@pytest.fixture(params=[with_requests, with_aiohttp], ids=["requests", "aiohttp"])
def opened(request: pytest.FixtureRequest) -> Any:
    return request.param


def source_of(response: object) -> Source:
    source = open_other_response(response)
    assert source is not None
    assert not source.restartable
    return source


def collect(opened: Open, url: str, run_context: Context | None = None) -> list[Event]:
    async def use(source: Source, response: Any) -> list[Event]:
        events = await read(source, run_context)
        with pytest.raises(UsageError, match="already been read or closed"):
            open_other_response(response)
        return events

    events = opened(url, use)
    assert isinstance(events, list)
    return events


def failure_of(
    opened: Open, url: str, run_context: Context | None = None, **options: Any
) -> StreamWidgetError:
    """The error that the source raises; it must not show a secret."""

    async def use(source: Source, response: Any) -> StreamWidgetError:
        with pytest.raises(StreamWidgetError) as raised:
            await read(source, run_context)
        assert SECRET not in str(raised.value)
        assert SECRET not in source.name
        return raised.value

    error = opened(url, use, **options)
    assert isinstance(error, StreamWidgetError)
    return error


# --- answers that are streams


def test_stream_gives_its_events_and_the_format(opened: Open, server: DemoServer) -> None:
    events = collect(opened, f"{server.address}/tokens?n=3&rate=0&key={SECRET}")
    assert events[0] == RunStart(f"{server.address}/tokens", "sse")
    assert text_of(events) == "tok1 tok2 tok3 "
    assert events[-1] == RunEnd("complete", "stop", raw_finish_reason="stop")


def test_text_ends_with_its_body(opened: Open, server: DemoServer) -> None:
    events = collect(opened, f"{server.address}/research.txt?rate=0&sections=1")
    assert text_of(events).strip()
    assert events[-1] == RunEnd("complete")


@pytest.mark.parametrize("headers", [["Content-Length: 5"], ["Connection: close"]])
def test_body_without_chunked_coding_is_read(opened: Open, headers: list[str]) -> None:
    async def use(source: Source, response: Any) -> list[Event]:
        return await read(source)

    with Peer(answer(b"Hello", "Content-Type: text/plain", *headers)) as peer:
        assert text_of(opened(peer.url, use)) == "Hello"


@pytest.mark.parametrize("chunked", [False, True])
def test_what_has_come_is_given_before_more_comes(opened: Open, chunked: bool) -> None:
    """The peer sends the rest only when the beginning was seen."""
    seen = threading.Event()

    def part(data: bytes) -> bytes:
        return b"%x\r\n%s\r\n" % (len(data), data) if chunked else data

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            coding = "Transfer-Encoding: chunked" if chunked else "Content-Length: 5"
            connection.sendall(answer(part(b"Hel"), "Content-Type: text/plain", coding))
            assert seen.wait(WAIT_S)
            connection.sendall(part(b"lo") + (part(b"") if chunked else b""))

    async def use(source: Source, response: Any) -> str:
        text = ""
        if isinstance(source, AsyncSource):
            async for batch in source.stream(context(format="text")):
                text += text_of(list(batch))
                seen.set()
        else:
            for batch in source.stream(context(format="text")):
                text += text_of(list(batch))
                seen.set()
        return text

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        assert opened(url, use, timeout=None) == "Hello"
        thread.join(WAIT_S)


def test_end_marker_ends_the_reading_of_a_connection_that_stays_open(opened: Open) -> None:
    body = b"data: a\n\ndata: [DONE]\n\n"
    raw = answer(body, "Content-Type: text/event-stream", "Content-Length: 999999")
    with Peer(raw) as peer:
        assert collect(opened, peer.url)[-1] == RunEnd("complete")


def test_passed_bound_is_named(opened: Open, server: DemoServer) -> None:
    run_context = context(limits=Limits(record_bytes=1000))
    error = failure_of(opened, f"{server.address}/long-line?bytes=5000", run_context)
    assert isinstance(error, LimitError)
    assert error.bound == "record_bytes"


def test_sources_are_of_their_kind(server: DemoServer) -> None:
    async def is_sync(source: Source, response: Any) -> bool:
        return isinstance(source, SyncSource) and not isinstance(source, AsyncSource)

    async def is_at_home(source: Source, response: Any) -> bool:
        response.close()
        return isinstance(source, AsyncSource) and source.home_loop is asyncio.get_running_loop()

    assert with_requests(f"{server.address}/empty", is_sync)
    assert with_aiohttp(f"{server.address}/empty", is_at_home)


def test_response_that_was_read_whole_still_streams(opened: Open, server: DemoServer) -> None:
    async def use(source: Source, response: Any) -> list[Event]:
        if isinstance(response, aiohttp.ClientResponse):
            await response.read()
        else:
            assert response.content
        return await read(source_of(response))

    url = f"{server.address}/tokens?n=2&rate=0"
    assert text_of(opened(url, use)) == "tok1 tok2 "


def test_closed_response_is_refused(opened: Open, server: DemoServer) -> None:
    async def use(source: Source, response: Any) -> None:
        response.close()
        with pytest.raises(UsageError, match="already been read or closed"):
            open_other_response(response)

    opened(f"{server.address}/tokens?n=100000&rate=10", use)


@pytest.mark.parametrize("value", [object(), "text", requests.Request("GET", "http://x/"), None])
def test_what_is_not_a_response_is_left_to_others(value: object) -> None:
    assert open_other_response(value) is None


def test_a_response_of_a_derived_class_is_recognised_too() -> None:
    class Cached(requests.Response):
        pass

    response = Cached()
    response.status_code, response.url, response._content = 200, "http://x/", b"Hello"
    response._content_consumed = True  # type: ignore[attr-defined]
    response.request = requests.Request("GET", "http://x/").prepare()
    assert text_of(asyncio.run(read(source_of(response)))) == "Hello"


# --- answers that are not streams


NO_STREAM: dict[str, tuple[str, int, str]] = {
    "missing": ("/missing", 404, "404 Not Found (“There is no such stream.”). Check the URL"),
    "HTML": ("/html", 200, "an HTML page (“Sign in · Demo library”), not a stream"),
}


@pytest.mark.parametrize(("path", "status", "message"), NO_STREAM.values(), ids=NO_STREAM.keys())
def test_answer_that_is_not_a_stream_is_reported(
    opened: Open, server: DemoServer, path: str, status: int, message: str
) -> None:
    error = failure_of(opened, server.address + path)
    assert isinstance(error, ResponseError)
    assert message in error.message
    assert error.status_code == status


RAW_ANSWERS: dict[str, tuple[bytes, type[StreamWidgetError], str, bool]] = {
    "204": (answer(b"", status="204 No Content"), ResponseError, "nothing to stream", False),
    "404 without body": (
        answer(b"", "Content-Length: 0", status="404 Not Found"),
        ResponseError,
        "404 Not Found. Check the URL.",
        False,
    ),
    "302": (
        answer(b"", f"Location: http://u:{SECRET}@y/z?k={SECRET}", status="302 Found"),
        ResponseError,
        "redirected to http://y/z (302 Found)",
        False,
    ),
    "echo of the key": (
        answer(f"Bad key {SECRET}".encode(), status="401 X"),
        ResponseError,
        "(“Bad key …”). Check the credentials.",
        False,
    ),
    "long": (answer(b"x" * 9000, status="400 X"), ResponseError, "x" * 199 + "…", False),
    "empty": (answer(b"", "Content-Type: text/plain"), ResponseError, "without sending", True),
    "no length": (
        answer(b"", "Content-Type: text/plain", "Content-Length: 0"),
        ResponseError,
        "without sending",
        True,
    ),
    "short": (answer(b"abc", "Content-Length: 9"), TransportError, "was lost after 3 bytes", True),
    "cut chunk": (
        answer(b"9\r\nabc", "Transfer-Encoding: chunked"),
        TransportError,
        "The connection to ",
        True,
    ),
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
    opened: Open, raw: bytes, kind: type[StreamWidgetError], message: str, retryable: bool
) -> None:
    with Peer(raw) as peer:
        error = failure_of(opened, f"{peer.url}/p?key={SECRET}")
    assert type(error) is kind
    assert message in error.message
    assert error.retryable is retryable


def test_drop_inside_the_body_is_a_broken_connection(opened: Open, server: DemoServer) -> None:
    events: list[Event] = []

    async def use(source: Source, response: Any) -> None:
        if isinstance(source, AsyncSource):
            async for batch in source.stream(context()):
                events.extend(batch)
        else:
            for batch in source.stream(context()):
                events.extend(batch)

    with pytest.raises(TransportError, match=r"was lost after \d+ bytes") as raised:
        opened(f"{server.address}/drop?rate=0&n=2", use)
    assert raised.value.retryable
    assert text_of(events) == "tok1 tok2 "  # what had come is kept


def test_timeout_of_the_client_is_reported(opened: Open, server: DemoServer) -> None:
    chosen: Any = 0.2 if opened is with_requests else aiohttp.ClientTimeout(sock_read=0.2)
    error = failure_of(opened, f"{server.address}/silent", timeout=chosen)
    assert isinstance(error, TransportError)
    assert "after 0 bytes within the timeout of the client" in error.message


def test_total_timeout_of_aiohttp_is_reported(server: DemoServer) -> None:
    chosen = aiohttp.ClientTimeout(total=0.2)
    error = failure_of(with_aiohttp, f"{server.address}/silent", timeout=chosen)
    assert "within the timeout of the client" in error.message


def test_error_body_that_never_ends_is_abandoned() -> None:
    """aiohttp only: requests reads on a thread, where a stop wakes it."""
    run_context = context(limits=Limits(connect_timeout_s=0.5))
    raw = answer(b"Wait", "Content-Length: 999", status="503 X")

    def serve() -> None:
        connection, _ = listening.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(raw)
            assert connection.recv(1) == b""  # the client has closed

    with socket.create_server(("127.0.0.1", 0)) as listening:
        thread = threading.Thread(target=serve)
        thread.start()
        url = f"http://127.0.0.1:{listening.getsockname()[1]}"
        assert (
            "503 Service Unavailable (“Wait”)" in failure_of(with_aiohttp, url, run_context).message
        )
        thread.join(WAIT_S)
        assert not thread.is_alive()


# --- stop


def test_interrupt_wakes_a_blocked_read_and_closes(server: DemoServer) -> None:
    stopped, results = threading.Event(), []

    async def use(source: Source, response: Any) -> None:
        assert isinstance(source, SyncSource)
        thread = threading.Thread(target=lambda: results.extend(source.stream(context(stopped))))
        thread.start()
        until(lambda: connections(server)["open"] == 1)
        stopped.set()
        source.interrupt()
        thread.join(WAIT_S)
        assert not thread.is_alive()
        until(lambda: connections(server)["open"] == 0)

    with_requests(f"{server.address}/silent", use)
    assert results == []


def test_stop_before_the_reading_closes(server: DemoServer) -> None:
    stopped = threading.Event()
    stopped.set()

    async def use(source: Source, response: Any) -> None:
        assert await read(source, context(stopped)) == []
        await asyncio.to_thread(until, lambda: connections(server)["open"] == 0)

    with_requests(f"{server.address}/silent", use)


@pytest.mark.parametrize("path", ["/silent", "/tokens?n=100000&rate=100"])
def test_cancelling_closes_the_connection(server: DemoServer, path: str) -> None:
    async def use(source: Source, response: Any) -> None:
        task = asyncio.ensure_future(read(source))
        await asyncio.to_thread(until, lambda: connections(server)["open"] == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.to_thread(until, lambda: connections(server)["open"] == 0)

    with_aiohttp(server.address + path, use)


def test_leaving_the_stream_closes_the_connection(opened: Open, server: DemoServer) -> None:
    async def use(source: Source, response: Any) -> None:
        if isinstance(source, AsyncSource):
            stream: Any = source.stream(context())
            await anext(stream)
            await stream.aclose()
        else:
            stream = source.stream(context())
            next(stream)
            stream.close()
        await asyncio.to_thread(until, lambda: connections(server)["open"] == 0)

    opened(f"{server.address}/tokens?n=100000&rate=1000", use)
