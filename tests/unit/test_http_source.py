"""HTTP sources over real sockets: every way an answer can begin, end and break."""

from __future__ import annotations

import asyncio
import contextlib
import re
import socket
import threading
import time
from collections.abc import Callable, Iterator
from types import ModuleType
from typing import Any

import httpx
import pytest

from streamwidget.demo.serve import DemoServer, start_in_thread
from streamwidget.errors import (
    DecodeError,
    LimitError,
    ResponseError,
    StreamWidgetError,
    TransportError,
    UsageError,
)
from streamwidget.events import Event, Failure, RunEnd, RunStart, TextDelta
from streamwidget.limits import Limits
from streamwidget.sources.base import AsyncSource, Context, Source, SyncSource
from streamwidget.sources.chunks import async_bytes_source, bytes_source
from streamwidget.sources.http import (
    http,
    http_source_from_request,
    http_source_from_url,
    open_response,
)
from unit.feeding import ids

LIBRARIES: list[ModuleType] = [httpx]
with contextlib.suppress(ImportError):  # httpx2 needs Python 3.11
    import httpx2

    LIBRARIES.append(httpx2)

SECRET = "sk-very-secret"


@pytest.fixture(scope="module")
def server() -> Iterator[DemoServer]:
    server = start_in_thread()
    yield server
    server.stop()


@pytest.fixture(params=LIBRARIES, ids=lambda library: library.__name__)
def library(request: pytest.FixtureRequest) -> Any:
    return request.param


def context(stopped: threading.Event | None = None, **options: Any) -> Context:
    return Context(
        new_id=ids(),
        stop_requested=stopped.is_set if stopped else lambda: False,
        push=lambda _: None,
        continue_with=lambda _: None,
        **options,
    )


async def read(source: Source, told: Context | None = None) -> list[Event]:
    """All events of a source, whichever kind it is."""
    told = told or context()
    if isinstance(source, AsyncSource):
        return [event async for batch in source.stream(told) for event in batch]
    return [event for batch in source.stream(told) for event in batch]


def collect(source: Source, told: Context | None = None) -> list[Event]:
    return asyncio.run(read(source, told))


def text_of(events: list[Event]) -> str:
    return "".join(event.text for event in events if isinstance(event, TextDelta))


def failure_of(source: Source, told: Context | None = None) -> StreamWidgetError:
    """The error that the source raises; it must not show a secret."""
    with pytest.raises(StreamWidgetError) as raised:
        collect(source, told)
    assert SECRET not in str(raised.value)
    assert SECRET not in source.name
    return raised.value


class Peer:
    """A server of one connection after the other that answers with the bytes it was given."""

    def __init__(self, answer: bytes, *, reset: bool = False) -> None:
        self.requests: list[bytes] = []
        self._answer = answer
        self._reset = reset
        self._listening = socket.create_server(("127.0.0.1", 0))
        self.url = f"http://127.0.0.1:{self._listening.getsockname()[1]}"
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def __enter__(self) -> Peer:
        return self

    def __exit__(self, *_: object) -> None:
        with contextlib.suppress(OSError):
            self._listening.shutdown(socket.SHUT_RDWR)
        self._listening.close()
        self._thread.join(5)

    def _serve(self) -> None:
        with contextlib.suppress(OSError):
            while True:
                connection, _ = self._listening.accept()
                with connection:
                    self.requests.append(_request(connection))
                    connection.sendall(self._answer)
                    if self._reset:
                        linger = b"\1\0\0\0\0\0\0\0"  # close by RST
                        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)


def _request(connection: socket.socket) -> bytes:
    """One whole request: closing with unread bytes would reset the connection."""
    received = b""
    while b"\r\n\r\n" not in received:
        received += connection.recv(65536) or b"\r\n\r\n"
    head, _, body = received.partition(b"\r\n\r\n")
    length = re.search(rb"(?i)content-length: (\d+)", head)
    while length and len(body) < int(length[1]):
        body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def answer(body: bytes, *headers: str, status: str = "200 OK") -> bytes:
    lines = "\r\n".join([f"HTTP/1.1 {status}", *headers, "", ""])
    return lines.encode() + body


# --- answers that are streams


def test_url_gives_its_events_and_the_format(server: DemoServer) -> None:
    events = collect(http_source_from_url(f"{server.address}/tokens?n=3&rate=0"))
    assert events[0] == RunStart(f"{server.address}/tokens", "sse")
    assert text_of(events) == "tok1 tok2 tok3 "
    assert events[-1] == RunEnd("complete", "stop", raw_finish_reason="stop")


@pytest.mark.parametrize(
    ("path", "end"),
    [
        ("/cut?rate=0", RunEnd("cut")),
        ("/fail?rate=0", RunEnd("failed")),
        (
            "/research.ndjson?rate=0&sections=1",
            RunEnd("complete", "stop", raw_finish_reason="stop"),
        ),
        ("/research.txt?rate=0&sections=1", RunEnd("complete")),
        ("/invalid-utf8", RunEnd("complete")),
    ],
)
def test_end_of_the_body_means_what_its_format_says(
    server: DemoServer, path: str, end: RunEnd
) -> None:
    assert collect(http_source_from_url(server.address + path))[-1] == end


def test_told_format_wins(server: DemoServer) -> None:
    source = http_source_from_url(f"{server.address}/tokens?n=1&rate=0")
    assert text_of(collect(source, context(format="text"))).startswith('data: {"type":"start"}')


def test_passed_bound_is_named(server: DemoServer) -> None:
    told = context(limits=Limits(record_bytes=1000))
    error = failure_of(http_source_from_url(f"{server.address}/long-line?bytes=5000"), told)
    assert isinstance(error, LimitError)
    assert error.bound == "record_bytes"


def test_end_marker_ends_the_reading_of_a_connection_that_stays_open() -> None:
    body = b"data: a\n\ndata: [DONE]\n\n"
    with Peer(answer(body, "Content-Type: text/event-stream", "Content-Length: 999999")) as peer:
        assert collect(http_source_from_url(peer.url))[-1] == RunEnd("complete")


def test_request_asks_for_streams_and_for_no_compression() -> None:
    with Peer(answer(b"hello", "Content-Type: text/plain")) as peer:
        collect(http_source_from_url(peer.url))
        collect(http("GET", peer.url, headers={"Accept": "text/csv"}))
    first, second = (request.lower() for request in peer.requests)
    assert b"accept: text/event-stream, " in first
    assert b"accept-encoding: identity" in first
    assert b"accept: text/csv" in second
    assert b"text/event-stream" not in second


def test_post_is_sent_once_a_run(server: DemoServer) -> None:
    with Peer(answer(b"", "Content-Length: 10")) as peer:
        source = http("POST", peer.url, json={"q": 1})
        assert source.restartable
        assert source.name == f"POST {peer.url}"
        assert isinstance(failure_of(source), TransportError)
        assert len(peer.requests) == 1
        assert peer.requests[0].endswith(b'{"q":1}')


def test_body_that_is_used_up_cannot_be_sent_again() -> None:
    assert not http("POST", "http://x", content=iter([b"a"])).restartable
    assert http("POST", "http://x", content=b"a").restartable


# --- clients and responses that were passed in


def test_sync_client_is_used_and_left_open(library: Any, server: DemoServer) -> None:
    with library.Client(base_url=server.address) as client:
        source = http("GET", "/tokens", params={"n": 2, "rate": 0}, client=client)
        assert isinstance(source, SyncSource)
        assert not isinstance(source, AsyncSource)
        assert text_of(collect(source)) == text_of(collect(source)) == "tok1 tok2 "
        assert not client.is_closed


def test_async_client_is_used_on_its_loop_and_left_open(library: Any, server: DemoServer) -> None:
    async def main() -> None:
        async with library.AsyncClient() as client:
            source = http("GET", f"{server.address}/tokens?n=2&rate=0", client=client)
            assert isinstance(source, AsyncSource)
            assert source.home_loop is asyncio.get_running_loop()
            assert text_of(await read(source)) == text_of(await read(source)) == "tok1 tok2 "
            assert not client.is_closed

    asyncio.run(main())


def test_own_client_may_run_anywhere(server: DemoServer) -> None:
    source = http_source_from_url(server.address)
    assert source.home_loop is None
    assert source.restartable


def test_request_is_sent_by_our_client_and_by_its_own(library: Any, server: DemoServer) -> None:
    url = f"{server.address}/tokens?n=2&rate=0"
    for request in (library.Request("GET", url), library.Request("POST", url, json={"a": 1})):
        headers = list(request.headers.raw)
        with library.Client() as client:
            for source in (http(request), http_source_from_request(request, client)):
                assert source.restartable
                assert text_of(collect(source)) == "tok1 tok2 "
        assert list(request.headers.raw) == headers
        assert "timeout" not in request.extensions


def test_open_sync_response_is_read_once_and_closed(library: Any, server: DemoServer) -> None:
    url = f"{server.address}/tokens?n=2&rate=0"
    with library.Client() as client, client.stream("GET", url) as response:
        source = open_response(response)
        assert not source.restartable
        assert text_of(collect(source)) == "tok1 tok2 "
        assert response.is_closed
        with pytest.raises(UsageError, match="read or closed already"):
            open_response(response)


def test_open_async_response_is_read_on_its_loop(library: Any, server: DemoServer) -> None:
    async def main() -> None:
        url = f"{server.address}/tokens?n=2&rate=0"
        async with library.AsyncClient() as client, client.stream("GET", url) as response:
            source = open_response(response)
            assert isinstance(source, AsyncSource)
            assert source.home_loop is asyncio.get_running_loop()
            assert text_of(await read(source)) == "tok1 tok2 "
            assert response.is_closed

    asyncio.run(main())


def test_response_that_was_read_whole_still_streams(library: Any, server: DemoServer) -> None:
    with library.Client() as client:
        response = client.get(f"{server.address}/tokens?n=2&rate=0")
    assert text_of(collect(open_response(response))) == "tok1 tok2 "


def test_response_of_nobody_is_refused() -> None:
    with pytest.raises(UsageError, match="no response of httpx"):
        open_response(object())


@pytest.mark.parametrize(("chosen", "read_s"), [(None, None), (7.0, 7.0)])
def test_library_default_timeout_is_lifted_and_a_chosen_one_kept(
    library: Any, chosen: float | None, read_s: float | None
) -> None:
    seen: list[dict[str, Any]] = []

    def handler(request: Any) -> Any:
        seen.append(request.extensions["timeout"])
        return library.Response(200, text="hi")

    options = {} if chosen is None else {"timeout": chosen}
    with library.Client(transport=library.MockTransport(handler), **options) as client:
        collect(http("GET", "http://x/", client=client))
    assert seen[0]["read"] == read_s
    assert seen[0]["connect"] == (10.0 if chosen is None else chosen)


# --- answers that are none


NO_STREAM: dict[str, tuple[str, int, str]] = {
    "missing": (
        "/missing",
        404,
        "404 Not Found (“There is no such stream.”). Is the address right?",
    ),
    "no such path": ("/nope", 404, "404 Not Found (“Not Found”)"),
    "HTML": ("/html", 200, "an HTML page (“Sign in · Demo library”), not with a stream"),
    "bad parameter": ("/tokens?n=x", 400, "400 Bad Request (“n is a number"),
}


@pytest.mark.parametrize(("path", "status", "said"), NO_STREAM.values(), ids=NO_STREAM.keys())
def test_answer_that_is_no_stream_is_said(
    server: DemoServer, path: str, status: int, said: str
) -> None:
    error = failure_of(http_source_from_url(server.address + path))
    assert isinstance(error, ResponseError)
    assert said in error.message
    assert error.status_code == status


RAW_ANSWERS: dict[str, tuple[bytes, type[StreamWidgetError], str, bool]] = {
    "204": (answer(b"", status="204 No Content"), ResponseError, "nothing to stream", False),
    "429": (answer(b"", "Content-Length: 0", status="429 X"), ResponseError, "Wait before", True),
    "500": (answer(b"oops", status="500 X"), ResponseError, "(“oops”). Try again later.", True),
    "302": (
        answer(b"", f"Location: http://u:{SECRET}@y/z?k={SECRET}", status="302 Found"),
        ResponseError,
        "redirected to http://y/z (302 Found)",
        False,
    ),
    "image": (answer(b"", "Content-Type: image/png"), ResponseError, "with an image,", False),
    "PDF": (answer(b"", "Content-Type: application/pdf"), ResponseError, "a PDF file", False),
    "echo of the key": (
        answer(f"Bad key {SECRET}".encode(), status="401 X"),
        ResponseError,
        "(“Bad key …”). Check the credentials.",
        False,
    ),
    "long": (answer(b"x" * 9000, status="400 X"), ResponseError, "x" * 199 + "…", False),
    "empty": (answer(b"", "Content-Type: text/plain"), ResponseError, "without sending", True),
    "not HTTP": (b"220 smtp ready\r\n", TransportError, "Does the server speak HTTP?", True),
    "closed at once": (b"", TransportError, "broke before GET", True),
    "short": (answer(b"abc", "Content-Length: 9"), TransportError, "broke after 3 bytes", True),
    "not gzip": (
        answer(b"abcdefghijklmnop", "Content-Encoding: gzip", "Content-Type: text/plain"),
        DecodeError,
        "does not follow its Content-Encoding",
        False,
    ),
}


@pytest.mark.parametrize(
    ("raw", "kind", "said", "retryable"), RAW_ANSWERS.values(), ids=RAW_ANSWERS.keys()
)
def test_broken_answer_is_said_in_one_sentence(
    raw: bytes, kind: type[StreamWidgetError], said: str, retryable: bool, library: Any
) -> None:
    headers = {"Authorization": f"Bearer {SECRET}", "X-Api-Key": SECRET}
    with Peer(raw) as peer, library.Client() as client:
        url = peer.url.replace("//", f"//user:{SECRET}@") + f"/p?key={SECRET}"
        for used in (None, client):
            source = http("GET", url, headers=headers, client=used, follow_redirects=False)
            error = failure_of(source)
            assert type(error) is kind
            assert said in error.message
            assert error.retryable is retryable


def test_drop_inside_the_body_is_a_broken_connection(library: Any, server: DemoServer) -> None:
    url = f"{server.address}/drop?rate=0&n=2"

    events: list[Event] = []

    async def main() -> None:
        async with library.AsyncClient() as client:
            async for batch in http("GET", url, client=client).stream(context()):
                events.extend(batch)

    with pytest.raises(TransportError, match=r"broke after \d+ bytes") as raised:
        asyncio.run(main())
    assert raised.value.retryable
    assert text_of(events) == "tok1 tok2 "  # what had come is kept


def test_reset_is_a_broken_connection() -> None:
    with Peer(answer(b"data: a\n\n", "Content-Length: 99"), reset=True) as peer:
        assert isinstance(failure_of(http_source_from_url(peer.url)), TransportError)


def free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as listening:
        return int(listening.getsockname()[1])


def test_refused_connection_asks_whether_the_server_runs(library: Any) -> None:
    url = f"http://127.0.0.1:{free_port()}"
    with library.Client() as client:
        for used in (None, client):
            error = failure_of(http("GET", f"{url}/a?key={SECRET}", client=used))
            assert isinstance(error, TransportError)
            said = f"Could not connect to {url}/a: connection refused. Is the server running?"
            assert error.message == said


def test_unknown_host_is_said() -> None:
    error = failure_of(http_source_from_url("http://nowhere.invalid/"))
    assert isinstance(error, TransportError)
    assert "Could not connect to http://nowhere.invalid/" in error.message


def test_plain_server_at_an_https_address_is_said(server: DemoServer) -> None:
    error = failure_of(http_source_from_url(server.address.replace("http:", "https:")))
    assert "Does the server speak https" in error.message


def test_read_timeout_of_the_client_is_said(library: Any, server: DemoServer) -> None:
    with library.Client(timeout=0.05) as client:
        error = failure_of(http("GET", f"{server.address}/silent", client=client))
    assert isinstance(error, TransportError)
    assert "within the read timeout of the client" in error.message


@pytest.mark.parametrize("url", ["foo/bar", "ftp://x/", "http://"])
def test_no_address_is_a_usage_error(url: str) -> None:
    assert isinstance(failure_of(http_source_from_url(url)), UsageError)


def test_nonsense_is_refused_at_once() -> None:
    for call in (
        lambda: http("GET"),
        lambda: http("GET", "http://[::1"),
        lambda: http("GET", "http://x", client=object()),
    ):
        with pytest.raises(UsageError):
            call()


# --- stop


def connections(server: DemoServer) -> dict[str, int]:
    return dict(httpx.get(f"{server.address}/connections").json())


def wait_until(condition: Callable[[], bool], timeout_s: float = 5.0) -> None:
    """Returns as soon as `condition` holds."""
    end = time.monotonic() + timeout_s
    while not condition():
        assert time.monotonic() < end, "did not happen in time"
        time.sleep(0.005)


@pytest.mark.parametrize("path", ["/silent", "/tokens?n=100000&rate=100"])
def test_cancelling_closes_the_connection(server: DemoServer, path: str) -> None:
    before = connections(server)

    async def main() -> None:
        task = asyncio.ensure_future(read(http_source_from_url(server.address + path)))
        await asyncio.to_thread(wait_until, lambda: connections(server)["open"] == 1)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(main())
    wait_until(lambda: connections(server)["open"] == 0)
    assert connections(server)["left"] == before["left"] + 1


def test_closing_the_generator_closes_the_connection(library: Any, server: DemoServer) -> None:
    async def main() -> None:
        async with library.AsyncClient() as client:
            url = f"{server.address}/tokens?n=100000&rate=1000"
            stream = http("GET", url, client=client).stream(context())
            async for _ in stream:
                break
            await stream.aclose()
            await asyncio.to_thread(wait_until, lambda: connections(server)["open"] == 0)

    asyncio.run(main())


@pytest.mark.parametrize("opened", [False, True])
def test_interrupt_wakes_a_blocked_read(library: Any, server: DemoServer, opened: bool) -> None:
    stopped, results = threading.Event(), []

    def work() -> None:
        results.extend(batch for batch in source.stream(context(stopped)))

    with library.Client() as client, contextlib.ExitStack() as stack:
        url = f"{server.address}/silent"
        source = http("GET", url, client=client)
        if opened:
            source = open_response(stack.enter_context(client.stream("GET", url)))
        thread = threading.Thread(target=work)
        thread.start()
        wait_until(lambda: connections(server)["open"] == 1)
        stopped.set()
        source.interrupt()
        thread.join(5)
        assert not thread.is_alive()
    assert results == []
    wait_until(lambda: connections(server)["open"] == 0)


def test_interrupt_works_before_the_answer_has_begun(library: Any) -> None:
    stopped = threading.Event()
    with socket.create_server(("127.0.0.1", 0)) as listening, library.Client() as client:
        source = http("GET", f"http://127.0.0.1:{listening.getsockname()[1]}", client=client)
        thread = threading.Thread(target=lambda: list(source.stream(context(stopped))))
        thread.start()
        connection, _ = listening.accept()
        with connection:
            connection.recv(1000)
            stopped.set()
            source.interrupt()
            thread.join(5)
            assert not thread.is_alive()


def test_stop_before_the_connection_is_made_is_not_lost(library: Any, server: DemoServer) -> None:
    stopped = threading.Event()
    with library.Client() as client:
        source = http("GET", f"{server.address}/silent", client=client)
        stopped.set()
        source.interrupt()  # finds nothing to shut down yet
        assert list(source.stream(context(stopped))) == []


# --- bytes from anywhere


def test_iterable_of_bytes_is_read_as_a_transport_would() -> None:
    source = bytes_source([b"data: a", b"\n\nda", b"ta: b\n\n"], content_type="text/event-stream")
    events = collect(source)
    assert source.restartable
    assert events[0] == RunStart("bytes", "sse")
    assert text_of(events) == "ab"
    assert not bytes_source(iter([b"a"])).restartable


def test_async_iterable_of_bytes_is_read_the_same() -> None:
    async def chunks() -> Any:
        yield bytearray(b"Hel")
        yield memoryview(b"lo")

    events = collect(async_bytes_source(chunks(), content_type="text/plain", name="greeting"))
    assert events[0] == RunStart("greeting", "text")
    assert text_of(events) == "Hello"


def test_generator_is_closed_when_the_reading_stops() -> None:
    closed: list[bool] = []

    def chunks() -> Iterator[bytes]:
        try:
            yield b"data: [DONE]\n\n"
            yield b"never"
        finally:
            closed.append(True)

    assert collect(bytes_source(chunks(), content_type="text/event-stream"))[-1] == RunEnd(
        "complete"
    )
    assert closed == [True]


@pytest.mark.parametrize(("chunks", "kind"), [([], ResponseError), (["text"], UsageError)])
def test_no_bytes_are_said(chunks: list[Any], kind: type[StreamWidgetError]) -> None:
    with pytest.raises(kind):
        collect(bytes_source(chunks))


def test_replaced_bytes_are_a_failure_that_is_not_fatal(server: DemoServer) -> None:
    events = collect(http_source_from_url(f"{server.address}/invalid-utf8"))
    (failure,) = (event for event in events if isinstance(event, Failure))
    assert not failure.fatal
    assert text_of(events) == "caf\ufffd or café au lait"
