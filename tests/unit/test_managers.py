"""Context managers and other objects that hold a stream: entered and exited by a run."""

from __future__ import annotations

import asyncio
import json
import threading
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, contextmanager
from types import SimpleNamespace
from typing import Any

import aiohttp
import anthropic
import httpx
import openai
import pytest

from streamwidget import StreamView, collect
from unit.http_peer import Peer, answer
from unit.waiting import WAIT_S

CHUNK = {"object": "chat.completion.chunk", "choices": [{"index": 0, "delta": {"content": "Hi"}}]}
CHAT = b"data: %s\n\ndata: [DONE]\n\n" % json.dumps(CHUNK).encode()


class Log:
    """Notes when a manager is entered and exited."""

    def __init__(self) -> None:
        self.lines: list[str] = []

    @contextmanager
    def sync(self, stream: Any) -> Iterator[Any]:
        self.lines.append("entered")
        try:
            yield stream
        finally:
            self.lines.append("exited")

    @asynccontextmanager
    async def of_loop(self, stream: Any) -> AsyncIterator[Any]:
        with self.sync(stream):
            yield stream


async def _later(*items: object) -> AsyncIterator[object]:
    for item in items:
        yield item


MANAGERS: dict[str, Callable[[Log], object]] = {
    "of an iterator": lambda log: log.sync(iter(["a", "b"])),
    "of a generator": lambda log: log.sync(text for text in "ab"),
    "on a loop": lambda log: log.of_loop(_later("a", "b")),
    "on a loop, of an iterator": lambda log: log.of_loop(iter(["a", "b"])),
    "of a manager": lambda log: log.sync(log.sync(iter(["a", "b"]))),
}


@pytest.mark.parametrize("name", MANAGERS)
def test_a_context_manager_is_entered_and_exited(name: str) -> None:
    log = Log()
    source = MANAGERS[name](log)
    assert log.lines == []
    result = collect(source)
    assert (result.text, result.status) == ("ab", "finished")
    depth = len(log.lines) // 2
    assert log.lines == ["entered"] * depth + ["exited"] * depth
    assert depth


class OnlyEntered:
    """An iterable that streams only between `__enter__` and `__exit__`, as streams of SDKs do."""

    def __init__(self) -> None:
        self.is_entered = False
        self.was_exited = False

    def __enter__(self) -> OnlyEntered:
        self.is_entered = True
        return self

    def __exit__(self, *_: object) -> None:
        self.is_entered, self.was_exited = False, True

    def __iter__(self) -> Iterator[str]:
        if not self.is_entered:
            raise ValueError("not entered")
        yield "a"


class OnlyEnteredOnLoop(OnlyEntered):
    """The same on a loop."""

    __iter__ = None  # type: ignore[assignment]

    async def __aenter__(self) -> OnlyEnteredOnLoop:
        self.__enter__()
        return self

    async def __aexit__(self, *_: object) -> None:
        self.__exit__()

    async def __aiter__(self) -> AsyncIterator[str]:
        for text in OnlyEntered.__iter__(self):
            yield text


@pytest.mark.parametrize("make", [OnlyEntered, OnlyEnteredOnLoop])
def test_an_iterable_that_is_a_manager_too_is_entered(make: Callable[[], OnlyEntered]) -> None:
    stream = make()
    result = collect(stream)
    assert (result.text, result.status, stream.was_exited) == ("a", "finished", True)


def test_a_stop_exits_the_manager() -> None:
    log, has_begun, may_end = Log(), threading.Event(), threading.Event()

    def endless() -> Iterator[str]:
        yield "a"
        while True:
            has_begun.set()
            may_end.wait(WAIT_S)
            yield "b"

    view = StreamView(log.sync(endless()))
    assert has_begun.wait(WAIT_S)
    view.stop()
    may_end.set()
    assert view.wait(WAIT_S).status == "stopped"
    assert log.lines == ["entered", "exited"]


def test_a_manager_that_fails_to_enter_fails_the_run() -> None:
    @contextmanager
    def broken() -> Iterator[object]:
        raise ValueError("no key")
        yield

    result = collect(broken())
    assert (result.status, "no key" in str(result.error)) == ("failed", True)


def test_a_manager_of_something_else_is_refused_by_one_sentence() -> None:
    log = Log()
    result = collect(log.sync(5))
    assert (result.status, log.lines) == ("failed", ["entered", "exited"])
    assert "int cannot be streamed" in str(result.error)


@pytest.mark.parametrize("value", [threading.Lock(), httpx.Client(), OnlyEntered, {"a": 1}])
def test_managers_without_a_stream_are_not_entered(value: object) -> None:
    result = collect(value)
    assert (result.status, "cannot be streamed" in str(result.error)) == ("failed", True)
    assert not getattr(value, "is_closed", False)


# --- those of the libraries, over a socket


def _anthropic_body() -> bytes:
    message = {
        "id": "m", "type": "message", "role": "assistant", "content": [], "model": "m",
        "stop_reason": None, "stop_sequence": None,
        "usage": {"input_tokens": 1, "output_tokens": 1},
    }  # fmt: skip
    rows: list[dict[str, Any]] = [
        {"type": "message_start", "message": message},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": {"type": "text_delta", "text": "Hi"}},
        {"type": "content_block_stop", "index": 0},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "end_turn", "stop_sequence": None},
            "usage": {"output_tokens": 2},
        },
        {"type": "message_stop"},
    ]
    return b"".join(
        b"event: %s\ndata: %s\n\n" % (row["type"].encode(), json.dumps(row).encode())
        for row in rows
    )


CHATTING = {"model": "m", "messages": []}
LIBRARIES: dict[str, Callable[[str], object]] = {
    "httpx": lambda url: httpx.stream("GET", url),
    "httpx on a loop": lambda url: httpx.AsyncClient().stream("GET", url),
    "openai, raw": lambda url: (
        openai.OpenAI(base_url=url, api_key="x").chat.completions.with_streaming_response
    ).create(**CHATTING, stream=True),
    "openai on a loop, raw": lambda url: (
        openai.AsyncOpenAI(base_url=url, api_key="x").chat.completions.with_streaming_response
    ).create(**CHATTING, stream=True),
    "anthropic": lambda url: anthropic.Anthropic(base_url=url, api_key="x").messages.stream(
        **CHATTING, max_tokens=9
    ),
    "anthropic on a loop": lambda url: anthropic.AsyncAnthropic(
        base_url=url, api_key="x"
    ).messages.stream(**CHATTING, max_tokens=9),
}


@pytest.mark.parametrize("name", LIBRARIES)
def test_the_managers_of_libraries_are_streamed(name: str) -> None:
    body = _anthropic_body() if name.startswith("anthropic") else CHAT
    with Peer(answer(body, "Content-Type: text/event-stream", "Connection: close")) as peer:
        result = collect(LIBRARIES[name](peer.url))
    assert (result.text, result.status) == ("Hi", "finished"), result.error


def test_a_request_of_aiohttp_is_sent_on_the_loop_of_its_session() -> None:
    async def get(url: str) -> StreamView:
        async with aiohttp.ClientSession() as session:
            view = StreamView(session.get(url))
            await view
            return view

    with Peer(answer(CHAT, "Content-Type: text/event-stream", "Connection: close")) as peer:
        view = asyncio.run(get(peer.url))
    assert (view.text, view.status) == ("Hi", "finished"), view.error


# --- objects that stream through a method


class _Events:
    async def stream_events(self) -> AsyncIterator[object]:
        yield "Hi"


class _Sent:
    def iter_sse(self) -> Iterator[object]:
        yield SimpleNamespace(event="message", data=json.dumps(CHUNK))
        yield SimpleNamespace(event="message", data="[DONE]")


class _Generated:
    def __init__(self) -> None:
        self.response_gen = iter(["H", "i"])


class _Text:
    async def stream_text(self, *, delta: bool = False) -> AsyncIterator[str]:
        for text in ("H", "i") if delta else ("H", "Hi"):
            yield text


def _of_boto3() -> dict[str, object]:
    frame = {"chunk": {"bytes": json.dumps(CHUNK).encode()}}
    return {"ResponseMetadata": {}, "contentType": "x", "body": iter([frame])}


@pytest.mark.parametrize("make", [_Events, _Sent, _Generated, _Text, _of_boto3])
def test_an_object_that_holds_a_stream_is_streamed(make: Callable[[], object]) -> None:
    assert collect(make()).text == "Hi"
