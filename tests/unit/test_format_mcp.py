"""MCP: JSON-RPC messages of one request in, canonical events out."""

from __future__ import annotations

from typing import Any

import pytest
from format_cases import any_rows, events_of, of_kind, outcome, record, survives
from hypothesis import given, settings
from recordings import cases, check

from streamwidget.events import AskStart, Citation, Failure, Notice, Progress, RunEnd, Unknown
from streamwidget.formats.mcp import MCPFormat, recognises
from streamwidget.formats.questions import HINTS


def message(**fields: Any) -> dict[str, Any]:
    return {"jsonrpc": "2.0", **fields}


def progress(token: Any = "t", **params: Any) -> dict[str, Any]:
    params = {"progressToken": token, **params}
    return message(method="notifications/progress", params=params)


def log(**params: Any) -> dict[str, Any]:
    return message(method="notifications/message", params=params)


def result(*content: Any, **more: Any) -> dict[str, Any]:
    return message(id=1, result={"content": list(content), **more})


TEXT = {"type": "text", "text": "done"}

TABLE = {
    "a result": ([result(TEXT)], {"outcome": "complete", "finish": "result", "text": "done"}),
    "a result among others in a batch": (
        [[progress(progress=1), result(TEXT)]],
        {"outcome": "complete", "finish": "result", "text": "done"},
    ),
    "a tool that failed": (
        [result(TEXT, isError=True)],
        {"outcome": "complete", "finish": "error", "text": "done"},
    ),
    "an error of the protocol": (
        [message(id=1, error={"code": -32602, "message": "Bad"})],
        {"outcome": "failed", "error": "Bad"},
    ),
    "no response": (["", progress(progress=1)], {"outcome": "cut"}),
}


@pytest.mark.parametrize("name", TABLE)
def test_messages_amount_to_what_they_say(name: str) -> None:
    rows, expected_content = TABLE[name]
    assert outcome(MCPFormat, *rows) == expected_content


def test_progress_of_a_token_is_one_bar() -> None:
    rows = [
        progress(progress=1, total=4, message="one"),
        progress(progress=2.5),
        progress(7, progress=1),
    ]
    assert events_of(MCPFormat, *rows)[:-1] == [
        Progress("p1", 1, 4, None, "one"),
        Progress("p1", 2.5),
        Progress("p2", 1),
    ]


def test_log_messages_are_notices_and_elicitations_questions() -> None:
    rows = [
        log(level="error", data={"msg": "careful", "extra": None}),
        log(level="info", data="plain"),
        log(data={"a": 1}),
        message(id=9, method="elicitation/create", params={"message": "Your name?"}),
        message(method="notifications/tools/list_changed"),
    ]
    assert events_of(MCPFormat, *rows)[:-1] == [
        Notice("careful", "warning"),
        Notice("plain"),
        Notice('{"a": 1}'),
        AskStart("q1", "Your name?", hint=HINTS["mcp"]),
    ]


def test_content_that_is_not_text() -> None:
    link = {"type": "resource_link", "uri": "https://a.example/r", "name": "R"}
    events = events_of(MCPFormat, result(link, {"type": "image", "data": "x"}))
    assert of_kind(events, Citation) == [Citation("https://a.example/r", "R")]
    assert [one.name for one in of_kind(events, Unknown)] == ["image"]


def test_a_result_without_content_is_shown_as_it_is() -> None:
    assert events_of(MCPFormat, message(id=1, result={"tools": []})) == [
        Unknown("result", '{"tools": []}'),
        RunEnd("complete", "stop", raw_finish_reason="result"),
    ]


def test_an_error_keeps_its_code() -> None:
    events = events_of(
        MCPFormat, message(id=1, error={"code": -32603, "message": "Internal error"})
    )
    assert events[0] == Failure(
        "Internal error", "provider", "ProviderError", retryable=True, code="-32603"
    )


@pytest.mark.parametrize(
    ("row", "known"),
    [
        (progress(progress=1), True),
        (result(TEXT), True),
        (result(), False),
        (result(isError=False), True),
        (message(id=1, result={"tools": [{"name": "t", "inputSchema": {}}]}), True),
        (message(id=1, result={"tools": ["t"]}), False),
        (message(id=1, result={"protocolVersion": "x", "capabilities": {}}), True),
        (message(id=1, result={"resultType": "complete"}), True),
        (message(id=1, result={"kind": "task"}), False),
        (message(id=1, result={"content": [{"type": "odd"}]}), False),
        ({"method": "notifications/progress"}, False),
        ("", False),
    ],
)
def test_one_message_is_recognised_by_its_keys(row: Any, known: bool) -> None:
    assert recognises(record(row)) is known


def test_the_recordings_give_what_they_are_expected_to() -> None:
    for path in cases("mcp"):
        check(MCPFormat, path)


SHAPES = [
    progress(progress=1, total=2, message="m"),
    log(level="error", data={"msg": "m"}),
    result(TEXT, {"type": "resource_link", "uri": "u", "name": "n"}, isError=True),
    message(id=1, error={"code": 1, "message": "m"}),
    message(id=1, method="sampling/createMessage", params={"message": "m"}),
    [progress(progress=1)],
]


@given(any_rows(*SHAPES))
@settings(max_examples=150, deadline=None)
def test_anything_is_survived(rows: list[Any]) -> None:
    survives(MCPFormat, rows)
