"""Iterators as people write them: None among the text, lines without ends, text that is SSE."""

from __future__ import annotations

import json
from collections.abc import AsyncIterator, Iterable
from typing import Any

import pytest

from streamwidget import collect
from unit.http_peer import Peer, answer
from unit.waiting import WAIT_S

CHUNK = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}


def chunk(text: str | None, finish: str | None = None) -> str:
    delta = {} if text is None else {"content": text}
    return json.dumps({**CHUNK, "choices": [{"index": 0, "delta": delta, "finish_reason": finish}]})


SSE = "".join(f"data: {c}\n\n" for c in (chunk("Hel"), chunk("lo"), chunk(None, "stop"), "[DONE]"))
NAMED = "".join(
    f"event: {event}\ndata: {data}\n\n"
    for event, data in (
        ("message_start", '{"type": "message_start", "message": {"id": "m", "role": "assistant"}}'),
        (
            "content_block_start",
            '{"type": "content_block_start", "index": 0, "content_block": '
            '{"type": "text", "text": ""}}',
        ),
        (
            "content_block_delta",
            '{"type": "content_block_delta", "index": 0, "delta": '
            '{"type": "text_delta", "text": "Hello"}}',
        ),
        ("message_stop", '{"type": "message_stop"}'),
    )
)
OLLAMA = "".join(
    json.dumps({"model": "m", "created_at": "t", "message": {"content": text}, "done": done}) + "\n"
    for text, done in (("Hel", False), ("lo", False), ("", True))
)
DECODED: dict[str, Iterable[Any]] = {
    "bytes, lines": SSE.encode().split(b"\n"),
    "text, lines": SSE.split("\n"),
    "bytes, lines with ends": SSE.encode().splitlines(keepends=True),
    "text, lines with ends": SSE.splitlines(keepends=True),
    "text, events": [f"{event}\n\n" for event in SSE.split("\n\n") if event],
    "text, whole": [SSE],
    "text, cut inside": [SSE[:70], SSE[70:300], SSE[300:]],
    "named, lines": NAMED.split("\n"),
    "named, bytes": NAMED.encode().split(b"\n"),
    "comment first": [": ping", "", *SSE.split("\n")],
    "blank lines first": ["", "", *SSE.split("\n")],
    "without blank lines": [line for line in SSE.encode().split(b"\n") if line],
    "Ollama, bytes": OLLAMA.encode().splitlines(),
    "Ollama, text": OLLAMA.splitlines(),
    "Ollama, with ends": OLLAMA.splitlines(keepends=True),
    "Ollama, whole": [OLLAMA],
    "None in between": [None, SSE[:70].encode(), None, SSE[70:].encode(), None],
}


@pytest.mark.parametrize("items", DECODED.values(), ids=DECODED.keys())
@pytest.mark.parametrize("is_async", [False, True])
def test_text_that_is_a_stream_is_decoded(items: list[Any], is_async: bool) -> None:
    async def again() -> AsyncIterator[Any]:
        for item in items:
            yield item

    result = collect(again() if is_async else iter(items))
    assert result.text == "Hello"
    assert (result.status, result.error) == ("finished", None)


def test_lines_are_decoded_under_a_declared_type_too() -> None:
    for lines in (SSE.encode().split(b"\n"), SSE.split("\n")):
        assert collect(iter(lines), content_type="text/event-stream").text == "Hello"


TEXTS: dict[str, list[Any]] = {
    "tokens": ["Hello", " ", "world"],
    "None": [None, "Hello", None, " world", None],
    "empty": ["", "Hello", "", " world"],
    "a colon": [":", ")", " fine"],
    "a smile": [":)", "", " fine"],
    "a field of prose": ["data: ", "the word", " is plural"],
    "a field and prose": ["event: tomorrow", " at noon"],
    "one line of JSON": ['{"a": 1}'],
    "JSON by tokens": ["{", '"a"', ": 1", "}"],
    "JSON, then text": ['{"a": 1}', " is an object"],
    "nothing but the empty": ["", ""],
}


@pytest.mark.parametrize("items", TEXTS.values(), ids=TEXTS.keys())
def test_text_stays_text(items: list[Any]) -> None:
    result = collect(iter(items))
    assert result.text == "".join(item for item in items if item)
    assert (result.status, result.error) == ("finished", None)


def test_text_is_shown_at_once_unless_it_may_be_a_line() -> None:
    got = collect(iter(["data: {", "x"]), format="text")
    assert got.text == "data: {x"


def test_none_alone_is_nothing() -> None:
    assert "without yielding anything" in str(collect(iter([None, None])).error)


@pytest.mark.parametrize("name", ["iter_lines", "iter_text", "iter_bytes", "iter_raw"])
def test_iterators_of_httpx_are_decoded(name: str) -> None:
    import httpx

    with (
        Peer(answer(SSE.encode(), "Content-Type: text/event-stream")) as peer,
        httpx.stream("GET", peer.url) as opened,
    ):
        assert collect(getattr(opened, name)()).text == "Hello"


@pytest.mark.parametrize("options", [{}, {"decode_unicode": True}, {"chunk_size": 3}])
def test_iter_lines_of_requests_is_decoded(options: dict[str, Any]) -> None:
    import requests

    with (
        Peer(answer(SSE.encode(), "Content-Type: text/event-stream; charset=utf-8")) as peer,
        requests.get(peer.url, stream=True, timeout=WAIT_S) as opened,
    ):
        assert collect(opened.iter_lines(**options)).text == "Hello"
