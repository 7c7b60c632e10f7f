"""Faults that were reported for servers and clients of this kind, each as its smallest stream.

A row is a body, its content type, and the result of a run: its status, then one line for each
part. It is read whole, byte by byte, and in two pieces.
"""

from __future__ import annotations

import json
from typing import Any

import pytest

from streamwidget import Result, collect
from streamwidget.document import Part

SSE, LINES, JSON = "text/event-stream", "application/x-ndjson", "application/json"
DONE = "[DONE]"


def sse(*rows: Any, end: str = "\n\n") -> bytes:
    """Events: a dict is its JSON, a str the data, a pair has the event type."""
    named = [row if isinstance(row, tuple) else ("", row) for row in rows]
    lines = [
        (f"event: {name}\n" if name else "") + f"data: {_data(row)}{end}" for name, row in named
    ]
    return "".join(lines).encode()


def ndjson(*rows: Any) -> bytes:
    return "".join(f"{_data(row)}\n" for row in rows).encode()


def _data(row: Any) -> str:
    return row if isinstance(row, str) else json.dumps(row, ensure_ascii=False)


def chunk(delta: Any = None, finish: str | None = None, **more: Any) -> dict[str, Any]:
    choices = [] if delta is None else [{"index": 0, "delta": delta, "finish_reason": finish}]
    return {"id": "c1", "object": "chat.completion.chunk", "choices": choices, **more}


def text_chunk(text: str, finish: str | None = None, **more: Any) -> dict[str, Any]:
    return chunk({"content": text}, finish, **more)


def call(
    call_id: str | None, name: str | None, arguments: str | None, **more: Any
) -> dict[str, Any]:
    function = {"name": name, "arguments": arguments}
    known = {key: value for key, value in function.items() if value is not None}
    one = {"index": 0, "function": known, **({"id": call_id} if call_id else {})}
    return chunk({"tool_calls": [one]}, **more)


def named(name: str, fields: dict[str, Any]) -> dict[str, Any]:
    run = {"threadId": "t", "runId": "r"} if name.startswith("RUN_") else {}
    return {"type": name, **run, **fields}


def candidate(text: str = "", finish: str = "", **more: Any) -> dict[str, Any]:
    content = {"content": {"parts": [{"text": text}]}} if text else {}
    return {"candidates": [{**content, **({"finishReason": finish} if finish else {})}], **more}


def anthropic(*rows: dict[str, Any]) -> bytes:
    return sse(*[(row["type"], row) for row in rows])


def start(text: str, *, is_last: bool = True) -> list[dict[str, Any]]:
    """A whole message of Anthropic's with one text."""
    reason = "end_turn" if is_last else "tool_use"
    delta = {"type": "text_delta", "text": text}
    return [
        {"type": "message_start", "message": {"usage": {"input_tokens": 3, "output_tokens": 1}}},
        {"type": "content_block_start", "index": 0, "content_block": {"type": "text", "text": ""}},
        {"type": "content_block_delta", "index": 0, "delta": delta},
        {"type": "content_block_stop", "index": 0},
        {"type": "message_delta", "delta": {"stop_reason": reason}, "usage": {"output_tokens": 5}},
        {"type": "message_stop"},
    ]


def agui(*rows: tuple[str, dict[str, Any]]) -> bytes:
    run = {"threadId": "t", "runId": "r"}
    first = {"type": "RUN_STARTED", **run}
    return sse(
        first,
        *[{"type": name, **(run if name == "RUN_FINISHED" else fields)} for name, fields in rows],
    )


def node(id: str, text: str, type: str = "AIMessageChunk") -> tuple[str, list[dict[str, Any]]]:
    meta = {"langgraph_node": "n", "langgraph_step": 1, "langgraph_checkpoint_ns": "n:1"}
    return "messages", [{"type": type, "id": id, "content": text}, meta]


HI, ERROR = text_chunk("Hi"), {"error": {"message": "Gone", "code": 503}}
OLLAMA = [
    {
        "model": "m",
        "created_at": "t",
        "message": {"role": "assistant", "content": text},
        "done": not text,
    }
    for text in ("a", "b", "")
]
ARGUMENTS = '{"a": 1, "b": 2}'
Row = tuple[bytes, str, str, list[str]]
FRAMINGS: dict[str, Row] = {
    "no blank lines between events": (
        sse(text_chunk("a"), text_chunk("b", "stop"), DONE, end="\n"),
        SSE,
        "finished",
        ["text: ab"],
    ),
    "none, and CRLF": (
        sse(text_chunk("a"), text_chunk("b"), DONE, end="\r\n"),
        SSE,
        "finished",
        ["text: ab"],
    ),
    "none, small objects": (
        sse({"text": "a"}, {"text": "b"}, end="\n"),
        SSE,
        "finished",
        ["text: ab"],
    ),
    "events inside events": (
        sse(*[f"data: {_data(row)}" for row in (text_chunk("a"), text_chunk("b", "stop"), DONE)]),
        SSE,
        "finished",
        ["text: ab"],
    ),
    "events inside events, with their blank lines": (
        b"".join(
            b"data: data: %s\r\ndata: \r\ndata: \r\n\r\n" % _data(row).encode()
            for row in (text_chunk("a"), text_chunk("b", "stop"), DONE)
        ),
        SSE,
        "finished",
        ["text: ab"],
    ),
    "JSON in JSON strings": (
        sse(*[json.dumps(_data(row)) for row in (text_chunk("a"), text_chunk("b", "stop"))], DONE),
        SSE,
        "finished",
        ["text: ab"],
    ),
    "text in JSON strings stays text": (
        sse('"a"', '"{\\"x\\": 1}"'),
        SSE,
        "finished",
        ['text: a{"x": 1}'],
    ),
    "values without line ends": (
        "".join(map(_data, OLLAMA)).encode(),
        LINES,
        "finished",
        ["text: ab"],
    ),
    "values without line ends in one line": (
        ndjson(OLLAMA[0], _data(OLLAMA[1]) + _data(OLLAMA[2])),
        LINES,
        "finished",
        ["text: ab"],
    ),
    "values without line ends, as JSON": (
        b'{"text": "a"}{"text": "b"}',
        JSON,
        "finished",
        ["text: ab"],
    ),
    "values of many lines": (
        "\n".join(json.dumps(row, indent=1) for row in OLLAMA).encode(),
        LINES,
        "finished",
        ["text: ab"],
    ),
    "no blank line at the end": (
        b"data: a\n\ndata: b",
        SSE,
        "incomplete",
        ["text: ab", "error: *"],
    ),
    "one word": (b"data", "", "finished", ["text: data"]),
    "NaN and Infinity": (
        b'{"text": "a", "p": NaN}\n{"text": "b", "p": Infinity}\n',
        LINES,
        "finished",
        ["text: ab"],
    ),
    "a byte order mark and CRLF": (
        b'\xef\xbb\xbf{"text": "a"}\r\n{"text": "b"}\r\n',
        LINES,
        "finished",
        ["text: ab"],
    ),
}
FAILURES: dict[str, Row] = {
    **{
        f"a done record with {next(iter(facts))}": (
            sse({"text": "Hi"}, {"type": "done", **facts, "message": "Gone"}),
            SSE,
            "failed",
            ["text: Hi", "error: Gone"],
        )
        for facts in (
            {"status": "error"},
            {"state": "FAILED"},
            {"success": False},
            {"ok": False},
            {"is_error": True},
        )
    },
    "a done record with an error": (
        sse({"text": "Hi"}, {"type": "end", "error": {"message": "Gone"}}),
        SSE,
        "failed",
        ["text: Hi", "error: Gone"],
    ),
    "an error body in a string": (
        sse(HI, {"error": '{"message": "Gone", "code": 400}'}, DONE),
        SSE,
        "failed",
        ["text: Hi", "error: Gone"],
    ),
    "text in brackets": (
        sse(HI, "[ERROR] Gone", DONE),
        SSE,
        "failed",
        ["text: Hi", "error: [ERROR] Gone"],
    ),
    "an empty chunk with an error": (
        sse(HI, chunk(None, **ERROR), DONE),
        SSE,
        "failed",
        ["text: Hi", "error: Gone"],
    ),
    "an error as finish reason": (
        sse(HI, chunk({"content": ""}, "error", **ERROR), DONE),
        SSE,
        "failed",
        ["text: Hi", "error: Gone"],
    ),
    "a status alone": (
        sse(HI, {"status": "failed"}, DONE),
        SSE,
        "failed",
        ["text: Hi", 'error: The server reported an error without a message: {"status": "failed"}'],
    ),
    "a state with a reason": (
        ndjson({"state": "failed", "reason": "Gone"}),
        LINES,
        "failed",
        ["error: Gone"],
    ),
    "a failed tool is not one": (
        ndjson({"type": "tool_end", "status": "failed", "message": "Gone"}),
        LINES,
        "finished",
        ["unknown: tool_end"],
    ),
    "the object of a watch": (
        ndjson({"type": "ERROR", "object": {"status": "Failure", "message": "Gone", "code": 410}}),
        LINES,
        "failed",
        ["error: Gone"],
    ),
    "an execution": (
        ndjson({"type": "execution_error", "data": {"exception_message": "Gone"}}),
        LINES,
        "failed",
        ["error: Gone"],
    ),
    "an envelope": (
        ndjson(
            {"event": "token", "data": {"chunk": "a"}}, {"event": "error", "data": {"text": "Gone"}}
        ),
        LINES,
        "failed",
        ["text: a", "error: Gone"],
    ),
    "an end with an error": (
        b'event: output\ndata: a\n\nevent: done\ndata: {"reason": "error"}\n\n',
        SSE,
        "failed",
        ["text: a", "error: The provider ended the answer with 'error'."],
    ),
    "a line of a server": (
        ndjson(OLLAMA[0], {"error": "Gone"}),
        LINES,
        "failed",
        ["text: a", "error: Gone"],
    ),
    "Gemini: a call that is malformed": (
        sse(candidate("", "MALFORMED_FUNCTION_CALL")),
        SSE,
        "failed",
        ["error: The provider ended the answer with 'MALFORMED_FUNCTION_CALL'."],
    ),
    "Gemini: a call that is unexpected": (
        sse(candidate("a"), candidate("", "UNEXPECTED_TOOL_CALL")),
        SSE,
        "failed",
        ["text: a", "error: The provider ended the answer with 'UNEXPECTED_TOOL_CALL'."],
    ),
    "Gemini: no end": (sse(candidate("a")), SSE, "incomplete", ["text: a", "error: *"]),
    "Anthropic: overloaded": (
        anthropic(
            *start("a")[:3],
            {"type": "error", "error": {"type": "overloaded_error", "message": "Gone"}},
        ),
        SSE,
        "failed",
        ["text: a", "error: Gone"],
    ),
    "AG-UI: an error": (agui(("RUN_ERROR", {"message": "Gone"})), SSE, "failed", ["error: Gone"]),
    "AG-UI: an error, then the end": (
        agui(("RUN_ERROR", {"message": "Gone"}), ("RUN_FINISHED", {})),
        SSE,
        "failed",
        ["error: Gone"],
    ),
    "AG-UI: the end, then an error": (
        agui(("RUN_FINISHED", {}), ("RUN_ERROR", {"message": "Gone"})),
        SSE,
        "failed",
        ["error: Gone"],
    ),
    "LangGraph: an error, then the end": (
        sse(
            ("metadata", {"run_id": "r"}),
            node("m", "a"),
            ("error", {"error": "E", "message": "Gone"}),
            ("end", "null"),
        ),
        SSE,
        "failed",
        ["step: n/failed", "text: a", "error: Gone"],
    ),
    "A2A: a task": (
        sse(
            {
                "jsonrpc": "2.0",
                "id": 1,
                "result": {
                    "kind": "status-update",
                    "taskId": "t",
                    "contextId": "c",
                    "final": True,
                    "status": {
                        "state": "failed",
                        "message": {"parts": [{"kind": "text", "text": "Gone"}]},
                    },
                },
            }
        ),
        SSE,
        "failed",
        ["error: Gone"],
    ),
    "MCP: a request": (
        sse(
            {
                "jsonrpc": "2.0",
                "method": "notifications/progress",
                "params": {"progressToken": 1, "progress": 5, "total": 10},
            },
            {"jsonrpc": "2.0", "id": 1, "error": {"code": -32603, "message": "Gone"}},
        ),
        SSE,
        "failed",
        ["bar: 5/10", "error: Gone"],
    ),
    "a build of Docker": (
        ndjson({"stream": "Step 1\n"}, {"errorDetail": {"message": "Gone"}, "error": "Gone"}),
        JSON,
        "failed",
        ["text: Step 1\n", "error: Gone"],
    ),
}
IDENTITY: dict[str, Row] = {
    "a call of Ollama's that the last line repeats": (
        ndjson(
            *[
                {
                    **OLLAMA[0],
                    "message": {
                        "content": "",
                        "tool_calls": [{"id": "x", "function": {"name": "f", "arguments": {}}}],
                    },
                    "done": done,
                }
                for done in (False, True)
            ]
        ),
        LINES,
        "finished",
        ["call: f {}"],
    ),
    "a call whose chunks have their own ids": (
        sse(
            call("x", "f", "", id="1"),
            call(None, None, '{"a"', id="2"),
            call(None, None, ": 1}", id="3"),
            chunk({}, "tool_calls", id="4"),
            DONE,
        ),
        SSE,
        "finished",
        ['call: f {"a": 1}'],
    ),
    "chunks that are numbered as choices": (
        sse(
            *[
                {
                    "id": f"x{at}",
                    "object": "chat.completion.chunk",
                    "choices": [{"index": at, "delta": {"content": f"{at}"}}],
                }
                for at in range(197, 201)
            ],
            DONE,
        ),
        SSE,
        "finished",
        ["text: 197198199200"],
    ),
    "arguments again at the end": (
        sse(
            call("x", "f", '{"a": 1'),
            call(None, None, ', "b": 2'),
            call(None, None, ARGUMENTS, finish="tool_calls"),
            DONE,
        ),
        SSE,
        "finished",
        [f"call: f {ARGUMENTS}"],
    ),
    "arguments again, without spaces": (
        sse(
            call("x", "f", '{"a": 1'),
            call(None, None, ', "b": 2'),
            call(None, None, '{"a":1,"b":2}', finish="tool_calls"),
            DONE,
        ),
        SSE,
        "finished",
        ['call: f {"a":1,"b":2}'],
    ),
    "arguments after their bracket": (
        sse(call("x", "f", "{"), call(None, None, ARGUMENTS, finish="tool_calls"), DONE),
        SSE,
        "finished",
        [f"call: f {ARGUMENTS}"],
    ),
    "an object inside a string of the arguments": (
        sse(
            call("x", "f", '{"a": "'),
            call(None, None, '{"b": 2}'),
            call(None, None, '"}', finish="tool_calls"),
            DONE,
        ),
        SSE,
        "finished",
        ['call: f {"a": "{"b": 2}"}'],
    ),
    "the name again with the rest": (
        sse(call("x", "f", '{"a"'), call("x", "f", ": 1}", finish="tool_calls"), DONE),
        SSE,
        "finished",
        ['call: f {"a": 1}'],
    ),
    "reasoning and text in one delta": (
        sse(chunk({"reasoning_content": "hm", "content": "Yes"}), text_chunk("!", "stop"), DONE),
        SSE,
        "finished",
        ["reasoning: hm", "text: Yes!"],
    ),
    "a message, and then the whole": (
        sse(
            ("metadata", {"run_id": "r"}),
            node("m", "Hel"),
            node("m", "lo"),
            node("m", "Hello", "ai"),
        ),
        SSE,
        "finished",
        ["step: n/done", "text: Hello"],
    ),
    "a message, and then the whole under another id": (
        sse(
            ("metadata", {"run_id": "r"}),
            node("m", "Hel"),
            node("m", "lo"),
            node("x", "Hello", "ai"),
        ),
        SSE,
        "finished",
        ["step: n/done", "text: Hello"],
    ),
    "chunks between a start and an end": (
        agui(
            ("TEXT_MESSAGE_START", {"messageId": "m"}),
            ("TEXT_MESSAGE_CHUNK", {"messageId": "m", "delta": "a"}),
            ("TEXT_MESSAGE_CHUNK", {"messageId": "m", "delta": "b"}),
            ("TEXT_MESSAGE_END", {"messageId": "m"}),
            ("RUN_FINISHED", {}),
        ),
        SSE,
        "finished",
        ["text: ab"],
    ),
    "chunks without ids": (
        agui(
            ("TEXT_MESSAGE_CHUNK", {"messageId": "m", "delta": "a"}),
            ("TEXT_MESSAGE_CHUNK", {"delta": "b"}),
            ("TOOL_CALL_CHUNK", {"toolCallId": "c", "toolCallName": "f", "delta": '{"a"'}),
            ("TOOL_CALL_CHUNK", {"delta": ": 1}"}),
            ("RUN_FINISHED", {}),
        ),
        SSE,
        "finished",
        ["text: ab", 'call: f {"a": 1}'],
    ),
    "a call while a message is open": (
        agui(
            ("TEXT_MESSAGE_START", {"messageId": "m"}),
            ("TEXT_MESSAGE_CONTENT", {"messageId": "m", "delta": "a"}),
            ("TOOL_CALL_START", {"toolCallId": "c", "toolCallName": "f"}),
            ("TOOL_CALL_ARGS", {"toolCallId": "c", "delta": "{}"}),
            ("TEXT_MESSAGE_CONTENT", {"messageId": "m", "delta": "b"}),
            ("TOOL_CALL_END", {"toolCallId": "c"}),
            ("TOOL_CALL_RESULT", {"messageId": "x", "toolCallId": "c", "content": "ok"}),
            ("RUN_FINISHED", {}),
        ),
        SSE,
        "finished",
        ["text: ab", "call: f {} = ok"],
    ),
    "two answers in one stream": (
        anthropic(*start("a", is_last=False), *start("b")),
        SSE,
        "finished",
        ["text: a", "text: b"],
    ),
}
WHOLE = {"choices": [{"index": 0, "message": {"role": "assistant", "content": "one two three"}}]}
LAST = {**OLLAMA[0], "done": True, "done_reason": "stop"}
FINAL: dict[str, Row] = {
    "a last message with more than its deltas": (
        sse(text_chunk("one"), text_chunk(" two"), WHOLE, DONE),
        SSE,
        "finished",
        ["text: one two three"],
    ),
    "a last message with more than its one delta": (
        sse(text_chunk("one"), WHOLE, DONE),
        SSE,
        "finished",
        ["text: one two three"],
    ),
    "a last message beside an empty delta": (
        sse(
            text_chunk("one"),
            text_chunk(" two"),
            {"choices": [{**WHOLE["choices"][0], "delta": {"content": ""}}]},
            DONE,
        ),
        SSE,
        "finished",
        ["text: one two three"],
    ),
    "a last message without the white space around its deltas": (
        sse(text_chunk("\n one"), text_chunk(" two "), WHOLE, DONE),
        SSE,
        "finished",
        ["text: \n one two three"],
    ),
    "a last message with less than its deltas": (
        sse(text_chunk("one two"), text_chunk(" three four"), WHOLE, DONE),
        SSE,
        "finished",
        ["text: one two three four"],
    ),
    "a last message with other words": (
        sse(text_chunk("One"), text_chunk(" two"), WHOLE, DONE),
        SSE,
        "finished",
        ["text: One two"],
    ),
    "a last message after pieces that may be snapshots": (
        sse(text_chunk("one"), text_chunk("one two"), WHOLE, DONE),
        SSE,
        "finished",
        ["text: one two three"],
    ),
    "a last message with reasoning in tags": (
        sse(
            text_chunk("<think>hm</think>one"),
            text_chunk(" two"),
            {"choices": [{"message": {"content": "<think>hm</think>one two three"}}]},
            DONE,
        ),
        SSE,
        "finished",
        ["reasoning: hm", "text: one two three"],
    ),
    "a last line of Ollama's with the whole message": (
        ndjson(*OLLAMA[:2], {**LAST, "message": {"content": "ab and c"}}),
        LINES,
        "finished",
        ["text: ab and c"],
    ),
    "a last line of Ollama's with the last piece": (
        ndjson(*OLLAMA[:2], {**LAST, "message": {"content": " and c"}}),
        LINES,
        "finished",
        ["text: ab and c"],
    ),
    "a done record with the whole text": (
        sse({"text": "one"}, {"text": " two"}, {"type": "done", "text": "one two three"}),
        SSE,
        "finished",
        ["text: one two three"],
    ),
    "a done record with the only text": (
        sse({"type": "start"}, {"type": "end", "content": "one two"}),
        SSE,
        "finished",
        ["text: one two"],
    ),
    "a result record with the whole text": (
        sse({"type": "token", "content": "one"}, {"type": "result", "content": "one two"}),
        SSE,
        "finished",
        ["text: one two"],
    ),
    "a result record with the only text": (
        ndjson({"type": "start"}, {"type": "final", "answer": "one two"}, {"type": "end"}),
        LINES,
        "finished",
        ["text: one two"],
    ),
    "a done record with a remark": (
        sse({"text": "one"}, {"type": "done", "message": "Stream complete"}),
        SSE,
        "finished",
        ["text: one"],
    ),
    "a record that is the last one with the whole text": (
        ndjson({"text": "one"}, {"text": " two"}, {"text": "one two three", "done": True}),
        LINES,
        "finished",
        ["text: one two three"],
    ),
    "what only the messages have": (
        agui(
            (
                "MESSAGES_SNAPSHOT",
                {
                    "messages": [
                        {"id": "u", "role": "user", "content": "?"},
                        {
                            "id": "m",
                            "role": "assistant",
                            "content": "a",
                            "toolCalls": [
                                {"id": "c", "function": {"name": "f", "arguments": "{}"}}
                            ],
                        },
                        {"id": "t", "role": "tool", "toolCallId": "c", "content": "ok"},
                    ]
                },
            ),
            ("RUN_FINISHED", {}),
        ),
        SSE,
        "finished",
        ["text: a", "call: f {} = ok"],
    ),
    "a call's input at its start": (
        anthropic(
            *start("")[:1],
            {
                "type": "content_block_start",
                "index": 0,
                "content_block": {"type": "tool_use", "id": "x", "name": "f", "input": {"a": 1}},
            },
            *start("")[3:],
        ),
        SSE,
        "finished",
        ['call: f {"a": 1}'],
    ),
    "a text's beginning at its start": (
        anthropic(
            *start("")[:1],
            {
                "type": "content_block_start",
                "index": 0,
                "content_block": {"type": "text", "text": "a"},
            },
            *start("b")[2:],
        ),
        SSE,
        "finished",
        ["text: ab"],
    ),
    "arguments only at the end": (
        sse(
            {"type": "response.created", "response": {"id": "r"}},
            {
                "type": "response.output_item.added",
                "output_index": 0,
                "item": {
                    "id": "i",
                    "type": "function_call",
                    "call_id": "c",
                    "name": "f",
                    "arguments": "",
                },
            },
            {
                "type": "response.output_item.done",
                "output_index": 0,
                "item": {
                    "id": "i",
                    "type": "function_call",
                    "call_id": "c",
                    "name": "f",
                    "arguments": '{"a": 1}',
                },
            },
            {"type": "response.completed", "response": {"id": "r", "status": "completed"}},
        ),
        SSE,
        "finished",
        ['call: f {"a": 1}'],
    ),
}
VENDORS: dict[str, Row] = {
    **{
        f"lines with nothing but {key!r}": (
            ndjson({key: "one"}, {key: " two", "done": True}),
            LINES,
            "finished",
            ["text: one two"],
        )
        for key in ("chunk", "output", "message", "answer", "reply", "result", "data", "msg")
    },
    **{
        f"lines with a text in {key!r}": (
            ndjson({key: {inner: "one", "role": "x"}}, {key: {inner: " two"}}),
            LINES,
            "finished",
            ["text: one two"],
        )
        for key, inner in (
            ("output", "text"),
            ("message", "content"),
            ("delta", "content"),
            ("data", "token"),
        )
    },
    "old completions without indexes": (
        sse({"choices": [{"text": "one"}]}, {"choices": [{"text": " two"}]}, DONE),
        SSE,
        "finished",
        ["text: one two"],
    ),
    "a message beside other members": (
        ndjson({"message": "one", "level": "info"}),
        LINES,
        "finished",
        ["table: Records"],
    ),
    "a pull of Ollama's": (
        ndjson(
            {"status": "pulling manifest"},
            {"status": "pulling a", "digest": "sha256:a", "total": 2, "completed": 2},
            {"status": "verifying sha256 digest"},
            {"status": "success"},
        ),
        LINES,
        "finished",
        ["step: pulling manifest/done", "bar: 2/2 pulling a", "step: verifying sha256 digest/done"],
    ),
    "tokens in envelopes": (
        ndjson(
            {"event": "token", "data": {"chunk": "a"}},
            {"event": "token", "data": {"chunk": "b"}},
            {"event": "end", "data": {}},
        ),
        LINES,
        "finished",
        ["text: ab"],
    ),
    "tokens as data of envelopes": (
        sse(
            ("message", {"event": "token", "data": "a"}),
            ("message", {"event": "token", "data": "b"}),
            ("message", {"event": "end", "data": DONE}),
        ),
        SSE,
        "finished",
        ["text: ab"],
    ),
    "items between a begin and an end": (
        ndjson(
            {"type": "begin"},
            {"type": "item", "content": "a"},
            {"type": "item", "content": "b"},
            {"type": "end"},
        ),
        JSON,
        "finished",
        ["text: ab"],
    ),
    "responses with data": (
        ndjson(
            {"type": "response", "data": "a"},
            {"type": "response", "data": "b"},
            {"type": "sources", "data": [{"metadata": {"title": "A", "url": "https://a.test"}}]},
        ),
        LINES,
        "finished",
        ["text: ab", "source: https://a.test"],
    ),
    "a stream of tokens": (
        ndjson({"type": "stream", "token": "a"}, {"type": "stream", "token": "b"}),
        LINES,
        "finished",
        ["text: ab"],
    ),
    "words of a text and a stop": (
        sse(("text", '"a"'), ("text", '"b"'), ("stop", '"stop"')),
        SSE,
        "finished",
        ["text: ab"],
    ),
    "completions": (
        sse(
            ("completion", {"type": "completion", "completion": "a"}),
            ("completion", {"type": "completion", "completion": "b"}),
        ),
        SSE,
        "finished",
        ["text: ab"],
    ),
    "text output of an inference server": (
        sse({"model_name": "m", "text_output": "a"}, {"model_name": "m", "text_output": "b"}),
        SSE,
        "finished",
        ["text: ab"],
    ),
    "output of a prediction": (
        sse(("output", "a"), ("output", "b"), ("done", "{}")),
        SSE,
        "finished",
        ["text: ab"],
    ),
    "layers of a model": (
        ndjson(
            {"status": "pulling a", "digest": "sha256:a", "total": 100, "completed": 50},
            {"status": "pulling a", "digest": "sha256:a", "total": 100, "completed": 100},
            {"status": "success"},
        ),
        LINES,
        "finished",
        ["bar: 100/100 pulling a"],
    ),
    "layers of an image": (
        ndjson(
            {"status": "Pushing", "progressDetail": {"current": 5, "total": 10}, "id": "a"},
            {"status": "Pushed", "progressDetail": {}, "id": "a"},
        ),
        JSON,
        "finished",
        ["bar: 10/10 Pushed"],
    ),
    "a search of the provider": (
        anthropic(
            *start("")[:1],
            {
                "type": "content_block_start",
                "index": 0,
                "content_block": {
                    "type": "server_tool_use",
                    "id": "s",
                    "name": "web_search",
                    "input": {},
                },
            },
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "input_json_delta", "partial_json": '{"q": 1}'},
            },
            {"type": "content_block_stop", "index": 0},
            *start("a")[4:],
        ),
        SSE,
        "finished",
        ['call: web_search {"q": 1}'],
    ),
}


def line_of(part: Part) -> str:
    """One part in words."""
    fields = part.fields
    match part.kind:
        case "text" | "reasoning":
            return f"{part.kind}: {part.text}"
        case "tool-call":
            result = fields.get("result")
            return f"call: {fields['tool_name']} {part.text}" + (
                "" if result is None else f" = {result}"
            )
        case "error":
            return f"error: {fields['message']}"
        case "source":
            return f"source: {fields['url']}"
        case "step":
            return f"step: {fields['name']}/{part.state}"
        case "progress":
            counts = (
                f"bar: {fields['completed']:g}/{fields['total']:g} {fields.get('message') or ''}"
            )
            return counts.rstrip()
        case kind:
            return f"{kind}: {fields.get('name') or fields.get('message')}"


def results(body: bytes, content_type: str) -> list[Result]:
    cuts = [[body], [body[at : at + 1] for at in range(len(body))]]
    cuts += [[body[:at], body[at:]] for at in range(1, len(body), max(1, len(body) // 12))]
    return [collect(pieces, content_type=content_type or None) for pieces in cuts]


@pytest.mark.parametrize(
    ("body", "content_type", "status", "lines"),
    [
        pytest.param(*row, id=f"{kind}: {name}")
        for kind, rows in (
            ("framing", FRAMINGS),
            ("failure", FAILURES),
            ("identity", IDENTITY),
            ("final object", FINAL),
            ("vendor", VENDORS),
        )
        for name, row in rows.items()
    ],
)
def test_a_reported_stream_is_read_as_it_was_meant(
    body: bytes, content_type: str, status: str, lines: list[str]
) -> None:
    for result in results(body, content_type):
        parts = list(map(line_of, result.document.parts))
        if lines[-1] == "error: *":
            parts = [*parts[:-1], parts[-1].partition(" ")[0] + " *"]
        assert (result.status, parts) == (status, lines)
