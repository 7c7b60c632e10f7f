"""HTTP sources over real sockets: answers that are streams, by every client."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from streamwidget.demo.serve import DemoServer
from streamwidget.errors import (
    LimitError,
    TransportError,
    UsageError,
)
from streamwidget.events import RunEnd, RunStart
from streamwidget.io.source import AsyncSource, SyncSource
from streamwidget.limits import Limits
from streamwidget.sources.http import (
    http,
    http_source_from_request,
    http_source_from_url,
    open_response,
)
from unit.http_peer import (
    Peer,
    answer,
    collect,
    context,
    failure_of,
    read,
    text_of,
)


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


def test_passed_format_wins(server: DemoServer) -> None:
    source = http_source_from_url(f"{server.address}/tokens?n=1&rate=0")
    assert text_of(collect(source, context(format="text"))).startswith('data: {"type":"start"}')


def test_passed_bound_is_named(server: DemoServer) -> None:
    run_context = context(limits=Limits(record_bytes=1000))
    error = failure_of(http_source_from_url(f"{server.address}/long-line?bytes=5000"), run_context)
    assert isinstance(error, LimitError)
    assert error.bound == "record_bytes"


def test_end_marker_ends_the_reading_of_a_connection_that_stays_open() -> None:
    body = b"data: a\n\ndata: [DONE]\n\n"
    with Peer(answer(body, "Content-Type: text/event-stream", "Content-Length: 999999")) as peer:
        assert collect(http_source_from_url(peer.url))[-1] == RunEnd("complete")


def test_request_asks_for_streams_and_for_no_compression() -> None:
    with Peer(answer(b"hello", "Content-Type: text/plain")) as peer:
        collect(http_source_from_url(peer.url))
        collect(http(peer.url, headers={"Accept": "text/csv"}))
    first, second = (request.lower() for request in peer.requests)
    assert b"accept: text/event-stream, " in first
    assert b"accept-encoding: identity" in first
    assert b"accept: text/csv" in second
    assert b"text/event-stream" not in second


def test_post_is_sent_once_a_run(server: DemoServer) -> None:
    with Peer(answer(b"", "Content-Length: 10")) as peer:
        source = http(peer.url, method="POST", json={"q": 1})
        assert source.restartable
        assert source.name == f"POST {peer.url}"
        assert isinstance(failure_of(source), TransportError)
        assert len(peer.requests) == 1
        assert peer.requests[0].endswith(b'{"q":1}')


def test_body_that_is_used_up_cannot_be_sent_again() -> None:
    assert not http("http://x", method="POST", data=iter([b"a"])).restartable
    assert http("http://x", method="POST", data=b"a").restartable


# --- clients and responses that were passed in


def test_sync_client_is_used_and_left_open(library: Any, server: DemoServer) -> None:
    with library.Client(base_url=server.address) as client:
        source = http("/tokens", params={"n": 2, "rate": 0}, client=client)
        assert isinstance(source, SyncSource)
        assert not isinstance(source, AsyncSource)
        assert text_of(collect(source)) == text_of(collect(source)) == "tok1 tok2 "
        assert not client.is_closed


def test_async_client_is_used_on_its_loop_and_left_open(library: Any, server: DemoServer) -> None:
    async def main() -> None:
        async with library.AsyncClient() as client:
            source = http(f"{server.address}/tokens?n=2&rate=0", client=client)
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
        with pytest.raises(UsageError, match="already been read or closed"):
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
    with pytest.raises(UsageError, match="is not a response of httpx"):
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
        collect(http("http://x/", client=client))
    assert seen[0]["read"] == read_s
    assert seen[0]["connect"] == (10.0 if chosen is None else chosen)
