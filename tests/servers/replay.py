"""A loopback stand-in for providers: answers each path with one small stream of our own.

Each stream says `Hi there.`, calls `weather` for Oslo, and counts 7 tokens in and 5 out.
"""

from __future__ import annotations

import json
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

TEXT = "Hi there."
ARGUMENTS = {"city": "Oslo"}
HALVES = ('{"city": ', '"Oslo"}')
USAGE = (7, 5)


def events(rows: list[Any], *, named: bool = False) -> bytes:
    """Server-sent events, named by their `type` or `event_type` where `named`."""
    blocks = []
    for row in rows:
        name = f"event: {row.get('type') or row.get('event_type')}\n" if named else ""
        blocks.append(f"{name}data: {row if isinstance(row, str) else json.dumps(row)}\n\n")
    return "".join(blocks).encode()


def _chunk(delta: dict[str, Any], finish: str | None = None, **more: Any) -> dict[str, Any]:
    choices = [{"index": 0, "delta": delta, "finish_reason": finish}]
    fields = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "m"}
    return {**fields, "choices": choices, **more}


def _part(index: int, arguments: str, **more: Any) -> dict[str, Any]:
    function = {"arguments": arguments, **({"name": more.pop("name")} if "name" in more else {})}
    return {"tool_calls": [{"index": index, "function": function, **more}]}


_COUNTS = {"prompt_tokens": 7, "completion_tokens": 5, "total_tokens": 12}
_ROWS = [
    _chunk({"role": "assistant", "content": "Hi "}),
    _chunk({"content": "there."}),
    _chunk(_part(0, HALVES[0], name="weather", id="w1", type="function")),
    _chunk(_part(0, HALVES[1], name="")),  # without a name, Mistral's client refuses it
    _chunk({}, "tool_calls"),
]
CHAT = events([*_ROWS, {**_chunk({}), "choices": [], "usage": _COUNTS}, "[DONE]"])

_CALL = {"type": "function_call", "id": "f", "call_id": "w1", "name": "weather", "arguments": ""}
_SAID = {"type": "output_text", "text": TEXT, "annotations": []}
_ITEMS = [
    {"type": "message", "id": "i", "role": "assistant", "status": "completed", "content": [_SAID]},
    {**_CALL, "status": "completed", "arguments": "".join(HALVES)},
]


def _response(status: str, **more: Any) -> dict[str, Any]:
    fields = {"id": "r", "object": "response", "created_at": 1, "model": "m", "status": status}
    rest = {"tools": [], "tool_choice": "auto", "parallel_tool_calls": True}
    return {**fields, **rest, "output": [], **more}


_DETAILS = {"input_tokens_details": {"cached_tokens": 0}, "total_tokens": 12}
_RESPONSE_USAGE = {
    "input_tokens": 7,
    "output_tokens": 5,
    "output_tokens_details": {"reasoning_tokens": 0},
    **_DETAILS,
}
_AT = {"item_id": "i", "output_index": 0, "content_index": 0, "logprobs": []}
_STEPS: list[dict[str, Any]] = [
    {"type": "response.created", "response": _response("in_progress")},
    {
        "type": "response.output_item.added",
        "output_index": 0,
        "item": {**_ITEMS[0], "content": [], "status": "in_progress"},
    },
    {"type": "response.content_part.added", **_AT, "part": {**_SAID, "text": ""}},
    {"type": "response.output_text.delta", **_AT, "delta": "Hi "},
    {"type": "response.output_text.delta", **_AT, "delta": "there."},
    {"type": "response.output_text.done", **_AT, "text": TEXT},
    {"type": "response.output_item.done", "output_index": 0, "item": _ITEMS[0]},
    {"type": "response.output_item.added", "output_index": 1, "item": _CALL},
    *(
        {
            "type": "response.function_call_arguments.delta",
            "item_id": "f",
            "output_index": 1,
            "delta": half,
        }
        for half in HALVES
    ),
    {"type": "response.output_item.done", "output_index": 1, "item": _ITEMS[1]},
    {
        "type": "response.completed",
        "response": _response("completed", output=_ITEMS, usage=_RESPONSE_USAGE),
    },
]
RESPONSES = events([{**row, "sequence_number": n} for n, row in enumerate(_STEPS)], named=True)

_USE = {"type": "tool_use", "id": "w1", "name": "weather", "input": {}}
_MESSAGE = {"id": "m", "type": "message", "role": "assistant", "content": [], "model": "m"}
ANTHROPIC = events(
    [
        {
            "type": "message_start",
            "message": {**_MESSAGE, "usage": {"input_tokens": 7, "output_tokens": 1}},
        },
        {
            "type": "content_block_start",
            "index": 0,
            "content_block": {"type": "text", "text": ""},
        },
        *(
            {
                "type": "content_block_delta",
                "index": 0,
                "delta": {"type": "text_delta", "text": text},
            }
            for text in ("Hi ", "there.")
        ),
        {"type": "content_block_stop", "index": 0},
        {"type": "content_block_start", "index": 1, "content_block": _USE},
        *(
            {
                "type": "content_block_delta",
                "index": 1,
                "delta": {"type": "input_json_delta", "partial_json": half},
            }
            for half in HALVES
        ),
        {"type": "content_block_stop", "index": 1},
        {
            "type": "message_delta",
            "delta": {"stop_reason": "tool_use", "stop_sequence": None},
            "usage": {"output_tokens": 5},
        },
        {"type": "message_stop"},
    ],
    named=True,
)


def _candidate(*parts: dict[str, Any], **more: Any) -> dict[str, Any]:
    usage = {"promptTokenCount": 7, "candidatesTokenCount": 3, "thoughtsTokenCount": 2}
    content = {"role": "model", "parts": list(parts)}
    return {"candidates": [{"content": content, "index": 0, **more}], "usageMetadata": usage}


GEMINI = events(
    [
        _candidate({"text": "Hmm.", "thought": True}),
        _candidate({"text": "Hi "}),
        _candidate({"text": "there."}),
        _candidate(
            {"functionCall": {"name": "weather", "args": ARGUMENTS}, "thoughtSignature": "//8="},
            finishReason="STOP",
        ),
    ]
)


def _ollama(done: bool = False, **message: Any) -> dict[str, Any]:
    fields = {"model": "m", "created_at": "2026-01-01T00:00:00Z", "done": done}
    return {**fields, "message": {"role": "assistant", "content": "", **message}}


_OLLAMA = [
    _ollama(content="Hi "),
    _ollama(content="there."),
    _ollama(tool_calls=[{"function": {"name": "weather", "arguments": ARGUMENTS}}]),
    {**_ollama(True), "done_reason": "stop", "prompt_eval_count": 7, "eval_count": 5},
]
OLLAMA = "".join(json.dumps(row) + "\n" for row in _OLLAMA).encode()


def _cohere(kind: str, index: int, **message: Any) -> dict[str, Any]:
    return {"type": kind, "index": index, "delta": {"message": message}}


_COHERE_USE = {"id": "w1", "type": "function", "function": {"name": "weather", "arguments": ""}}
COHERE = events(
    [
        {"type": "message-start", "id": "m", "delta": {"message": {"role": "assistant"}}},
        _cohere("content-start", 0, content={"type": "text", "text": ""}),
        _cohere("content-delta", 0, content={"text": "Hi "}),
        _cohere("content-delta", 0, content={"text": "there."}),
        {"type": "content-end", "index": 0},
        _cohere("tool-call-start", 0, tool_calls=_COHERE_USE),
        *(
            _cohere("tool-call-delta", 0, tool_calls={"function": {"arguments": half}})
            for half in HALVES
        ),
        {"type": "tool-call-end", "index": 0},
        {
            "type": "message-end",
            "delta": {
                "finish_reason": "TOOL_CALL",
                "usage": {"tokens": {"input_tokens": 7, "output_tokens": 5}},
            },
        },
    ],
    named=True,
)

SSE = "text/event-stream"
BODIES = {
    "/v1/chat/completions": (SSE, CHAT),
    "/v1/responses": (SSE, RESPONSES),
    "/v1/messages": (SSE, ANTHROPIC),
    "/v1/models/m:streamGenerateContent": (SSE, GEMINI),
    "/api/chat": ("application/x-ndjson", OLLAMA),
    "/v2/chat": (SSE, COHERE),
}


class _Server(ThreadingHTTPServer):
    requests: list[str]
    """The bodies of all requests so far."""


class _Handler(BaseHTTPRequestHandler):
    server: _Server

    def do_POST(self) -> None:
        request = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        self.server.requests.append(request.decode())
        content_type, body = BODIES[self.path.partition("?")[0]]
        self.send_response(200)
        self.send_header("Content-Type", content_type)
        self.end_headers()
        for at in range(0, len(body), 97):
            self.wfile.write(body[at : at + 97])

    def log_message(self, format: str, *args: object) -> None:
        """Log nothing."""


@contextmanager
def replaying(requests: list[str] | None = None) -> Iterator[str]:
    """The address of a server that answers with `BODIES`; the bodies of requests are added to
    `requests`."""
    server = _Server(("127.0.0.1", 0), _Handler)
    server.requests = [] if requests is None else requests
    thread = threading.Thread(target=server.serve_forever, args=(0.01,), daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_port}"
    finally:
        server.shutdown()
        server.server_close()
        thread.join(5)
