"""Streams of real servers through `collect`: what they amount to, and that nothing misleads it."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest
from dialect import Dialect
from dialects import DIALECTS

from streamwidget import Result, collect

BOM = b"\xef\xbb\xbf"
PING = b"event: ping\ndata: {}\n\n"
PROXY = b": connected\n\nretry: 3000\nid: 1\n\n"
# what servers, proxies and people do to a stream: its bytes, and the content type (None: its own)
MISLEADING: dict[str, tuple[Callable[[bytes], bytes], str | None]] = {
    "no content type": (lambda body: body, ""),
    "text": (lambda body: body, "text/plain; charset=utf-8"),
    "a page": (lambda body: body, "text/html"),
    "bytes": (lambda body: body, "application/octet-stream"),
    "JSON": (lambda body: body, "application/json"),
    "lines": (lambda body: body, "application/x-ndjson"),
    "events": (lambda body: body, "text/event-stream"),
    "a byte order mark": (lambda body: BOM + body, ""),
    "CR LF": (lambda body: body.replace(b"\n", b"\r\n"), ""),
    "CR LF, told": (lambda body: body.replace(b"\n", b"\r\n"), None),
    "no spaces": (lambda body: body.replace(b"\ndata: ", b"\ndata:"), ""),
    "empty lines first": (lambda body: b"\n\n" + body, ""),
    "empty lines between": (lambda body: body.replace(b"}\n", b"}\n\n\n"), None),
    "no line end at the end": (lambda body: body.rstrip(b"\n"), None),
}
AMONG_EVENTS: dict[str, tuple[Callable[[bytes], bytes], str | None]] = {
    "CR": (lambda body: body.replace(b"\n", b"\r"), None),
    "keep-alives": (lambda body: PROXY + body.replace(b"\n\n", b"\n\n: ka\n\n"), ""),
    "padding": (lambda body: b":" + b" " * 2049 + b"\n\n" + body, ""),
    "pings": (lambda body: PING * 30 + body, None),
    "typed pings": (lambda body: b'data: {"type": "ping"}\n\n' * 30 + body, None),
    "empty events": (lambda body: b"data:\n\n" * 30 + body, None),
    "a greeting": (lambda body: b"event: open\ndata: connected\n\n" + body, None),
    "a greeting in JSON": (lambda body: b'event: connected\ndata: {"id": 1}\n\n' + body, None),
}


def amounts_to(result: Result) -> dict[str, Any]:
    """The result of a stream, without empty fields."""
    usage = result.usage
    told = {
        "text": result.text,
        "reasoning": result.reasoning,
        "tool_calls": [(call.tool_name, call.arguments) for call in result.tool_calls],
        "usage": usage and {key: getattr(usage, key) for key in ("input_tokens", "output_tokens")},
        "finish": result.document.snapshot()["run"].get("raw_finish_reason"),
        "error": result.error and result.error.message,
        "sources": [p.fields["url"] for p in result.document.parts if p.kind == "source"],
    }
    return {"status": result.status, **{key: value for key, value in told.items() if value}}


@pytest.mark.parametrize("dialect", DIALECTS.values(), ids=DIALECTS.keys())
def test_the_stream_amounts_to(dialect: Dialect) -> None:
    result = collect([dialect.body], content_type=dialect.content_type)
    assert amounts_to(result) == dialect.wanted
    assert result.document.format == dialect.format


def misread(
    change: Callable[[bytes], bytes], content_type: str | None, *, lines: bool
) -> dict[str, Any]:
    """The streams that are detected as another format than theirs, and as which."""
    wrong: dict[str, Any] = {}
    for name, dialect in DIALECTS.items():
        if dialect.lines and not lines:
            continue
        told = dialect.content_type if content_type is None else content_type
        result = collect([change(dialect.body)], content_type=told)
        found = {"format": result.document.format, **amounts_to(result)}
        wanted = {"format": dialect.format, **dialect.wanted}
        if found != wanted:
            wrong[name] = {k: v for k, v in found.items() if wanted.get(k) != v}
    return wrong


@pytest.mark.parametrize("name", MISLEADING)
def test_no_stream_is_taken_for_another(name: str) -> None:
    assert not misread(*MISLEADING[name], lines=True)


@pytest.mark.parametrize("name", AMONG_EVENTS)
def test_no_stream_of_events_is_taken_for_another(name: str) -> None:
    assert not misread(*AMONG_EVENTS[name], lines=False)


@pytest.mark.parametrize(
    ("rest", "text", "status"),
    [
        (b"data: yo", "Hiyo", "incomplete"),
        (b'data: {"text": "yo', "Hi", "incomplete"),
        (b"event: error\ndata: no", "Hi", "failed"),
    ],
)
def test_bytes_that_end_inside_an_event_are_cut(rest: bytes, text: str, status: str) -> None:
    result = collect([b"data: Hi\n\n" + rest], content_type="text/event-stream")
    assert (result.text, result.status) == (text, status)


def test_half_a_character_at_the_end_is_not_an_invalid_one() -> None:
    result = collect([b"data: Hi\n\ndata: \xf0\x9f\xa6"], content_type="text/event-stream")
    errors = [part for part in result.document.parts if part.kind == "error"]
    assert [part.fields["fault"] for part in errors] == ["incomplete"]
