"""Bytes from anywhere, read as a transport would hand them over."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest

from streamwidget.demo.serve import DemoServer
from streamwidget.errors import (
    ResponseError,
    StreamWidgetError,
    UsageError,
)
from streamwidget.events import Failure, RunEnd, RunStart
from streamwidget.sources.http import http_source_from_url
from streamwidget.sources.iterators import async_bytes_source, bytes_source
from unit.http_peer import (
    collect,
    text_of,
)


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
def test_no_bytes_are_reported(chunks: list[Any], kind: type[StreamWidgetError]) -> None:
    with pytest.raises(kind):
        collect(bytes_source(chunks))


def test_replaced_bytes_are_a_failure_that_is_not_fatal(server: DemoServer) -> None:
    events = collect(http_source_from_url(f"{server.address}/invalid-utf8"))
    (failure,) = (event for event in events if isinstance(event, Failure))
    assert not failure.fatal
    assert text_of(events) == "caf\ufffd or café au lait"
