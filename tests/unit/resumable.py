"""Servers whose streams can be resumed, one for each design, and streams for them. No sockets.

A `Keeper` has one whole stream and answers every request with what a server of its kind would send:
all of it, or what comes after the position that the request names. `streams(count)` makes one of
each kind with about `count` events; the texts hold emoji, accents and empty deltas.
"""

from __future__ import annotations

import base64
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

import httpx
from faults import Answer, Request

from streamwidget import http
from streamwidget.io.source import Source
from streamwidget.resume.position import Position

WORDS = ("ha", " ", "ha", "né", "e\u0301", "🦆", "👩‍👩‍👧", "\u2028", "", " quack", "\n")
PLAIN = Answer()
Block = tuple[str, bytes]
"""A key of the wire ("" if it has none), and the bytes."""


def words(count: int) -> list[str]:
    return [WORDS[i % len(WORDS)] for i in range(count)]


@dataclass(frozen=True)
class Reply:
    """The response to a request, and where in the whole stream its body begins."""

    body: bytes
    begins_at: int
    answer: Answer


class Keeper:
    """A stream of blocks, which are sent again from after the key that is asked for."""

    def __init__(
        self,
        blocks: Sequence[Block],
        key_of: Callable[[Request], str | None],
        source: Callable[[str, Any], Source],
        *,
        first: Answer = PLAIN,
        resumable_from: int = 0,
        is_marked: bool = True,
    ) -> None:
        self.blocks = list(blocks)
        self.first = first
        self.source = source
        self.is_marked = is_marked
        """True if the stream ends with a marker; else only an error shows that more was to come."""
        self._key_of = key_of
        self.resumable_from = resumable_from
        """Bytes that must arrive before the stream can be resumed."""
        self.whole = b"".join(data for _, data in self.blocks)
        self._after: dict[str, int] = {}
        at = 0
        for key, data in self.blocks:
            at += len(data)
            if key:
                self._after[key] = at

    def reply(self, request: Request) -> Reply:
        key = self._key_of(request)
        begins_at = 0 if key is None else self._after[key]
        return Reply(self.whole[begins_at:], begins_at, self.first)


class TextKeeper(Keeper):
    """The same by a place in the text, in bytes or in UTF-16 units."""

    def __init__(self, *args: Any, unit: str, **options: Any) -> None:
        super().__init__(*args, **options)
        self._unit = unit

    def reply(self, request: Request) -> Reply:
        place = int(self._key_of(request) or 0)
        if self._unit == "bytes":
            begins_at = place
        else:
            units = self.whole.decode().encode("utf-16-le")
            begins_at = len(units[: place * 2].decode("utf-16-le").encode())
        answer = self.first
        if "range" in request.headers:
            answer = Answer(status=206, content_type=answer.content_type)
        return Reply(self.whole[begins_at:], begins_at, answer)


def dumps(value: object) -> str:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":"))


def sse(data: object, *, name: str = "", id: str = "", crlf: bool = False) -> bytes:
    text = data if isinstance(data, str) else dumps(data)
    lines = [f"event: {name}"] if name else []
    lines += [f"data: {line}" for line in text.split("\n")]
    lines += [f"id: {id}"] if id else []
    end = "\r\n" if crlf else "\n"
    return end.join([*lines, "", ""]).encode()


# --- one stream of each kind


def event_source(count: int) -> Keeper:
    """Ids on most events; some follow another, and some ids come alone, after their event."""
    blocks: list[Block] = [("", sse({"type": "start"}))]
    for n, word in enumerate(words(count - 2), 1):
        record = {"type": "response", "content": word}
        if n % 7 == 3:
            blocks += [("", sse(record)), (str(n), b": later\nid: %d\n\n" % n)]
        elif n % 5 == 4:
            blocks.append(("", sse(record)))
        else:
            blocks.append((str(n), sse(record, id=str(n), crlf=n % 2 == 0)))
    blocks.append((str(count), sse({"type": "end", "finish_reason": "stop"}, id=str(count))))
    return Keeper(
        blocks,
        lambda request: request.headers.get("last-event-id"),
        lambda url, client: http(f"{url}/x", client=client, resume="last-event-id"),
    )


def small_events(count: int) -> Keeper:
    """As few bytes as events can have, so that every one of them can be tried on sockets."""
    blocks: list[Block] = []
    for n, word in enumerate(words(count - 1)):
        data = b"".join(b"data:%b\n" % line.encode() for line in word.split("\n"))
        blocks.append((str(n), b"id:%d\n%b\n" % (n, data)))
    blocks.append(("", b"data:[DONE]\n\n"))
    return Keeper(
        blocks,
        lambda request: request.headers.get("last-event-id"),
        lambda url, client: http(f"{url}/x", client=client, resume="last-event-id"),
    )


def openai_responses(count: int) -> Keeper:
    """A background response: made by a POST, read on by GETs."""
    response = {"id": "resp_1", "object": "response", "status": "queued", "output": []}
    item = {"id": "msg", "type": "message", "role": "assistant", "content": []}
    call = {"id": "fc", "type": "function_call", "name": "find", "call_id": "c1", "arguments": ""}
    at = {"output_index": 0, "item_id": "m"}
    events: list[dict[str, Any]] = [
        {"type": "response.created", "response": response},
        {"type": "response.output_item.added", "output_index": 0, "item": item},
    ]
    deltas = words(count - 8)
    events += [{"type": "response.output_text.delta", **at, "delta": word} for word in deltas]
    done = {**call, "arguments": '{"q": 1}'}
    on_call = {"output_index": 1, "item_id": "fc"}
    usage = {"input_tokens": 3, "output_tokens": count}
    events += [
        {"type": "response.output_text.done", **at, "text": "".join(deltas)},
        {"type": "response.output_item.added", "output_index": 1, "item": call},
        {"type": "response.function_call_arguments.delta", **on_call, "delta": '{"q"'},
        {"type": "response.function_call_arguments.delta", **on_call, "delta": ": 1}"},
        {"type": "response.output_item.done", "output_index": 1, "item": done},
        {
            "type": "response.completed",
            "response": {**response, "status": "completed", "usage": usage},
        },
    ]
    blocks = [(str(n), sse({**event, "sequence_number": n})) for n, event in enumerate(events)]

    def key(request: Request) -> str | None:
        if request.method == "POST":
            assert request.json["background"] is True
            return None
        assert request.path == "/v1/responses/resp_1"
        assert request.query["stream"] == "true"
        return request.query.get("starting_after")

    def source(url: str, client: Any) -> Source:
        body = {"model": "m", "background": True, "stream": True}
        address = f"{url}/v1/responses"
        return http(address, method="POST", json=body, client=client, resume="openai-responses")

    named = blocks[0][1].index(b"resp_1") + len(b'resp_1"')
    return Keeper(blocks, key, source, resumable_from=named)


def gemini_interactions(count: int) -> Keeper:
    interaction = {"id": "v1/é", "status": "in_progress", "object": "interaction"}
    events: list[dict[str, Any]] = [
        {"event_type": "interaction.created", "interaction": interaction},
        {"event_type": "step.start", "index": 0, "step": {"type": "model_output"}},
    ]
    events += [
        {"event_type": "step.delta", "index": 0, "delta": {"type": "text", "text": word}}
        for word in words(count - 4)
    ]
    usage = {"total_input_tokens": 3, "total_output_tokens": 4}
    completed = {**interaction, "status": "completed", "usage": usage}
    events += [
        {"event_type": "step.stop", "index": 0},
        {"event_type": "interaction.completed", "interaction": completed},
    ]
    blocks = [(f"ev_{n}", sse({**event, "event_id": f"ev_{n}"})) for n, event in enumerate(events)]

    def key(request: Request) -> str | None:
        assert request.method == "POST" or request.path == "/v1beta/interactions/v1%2F%C3%A9"
        return request.query.get("last_event_id")

    def source(url: str, client: Any) -> Source:
        body = {"model": "m", "background": True, "stream": True}
        address = f"{url}/v1beta/interactions"
        return http(address, method="POST", json=body, client=client, resume="gemini-interactions")

    name = '"v1/é"'.encode()
    named = blocks[0][1].index(name) + len(name)
    return Keeper(blocks, key, source, resumable_from=named)


def langgraph_runs(count: int) -> Keeper:
    metadata = {"langgraph_node": "agent", "langgraph_step": 1}
    blocks: list[Block] = [("1-0", sse({"run_id": "r", "attempt": 1}, name="metadata", id="1-0"))]
    for n, word in enumerate(words(count - 1), 1):
        chunk = {"type": "AIMessageChunk", "id": "m1", "content": word, "tool_call_chunks": []}
        data = sse([chunk, metadata], name="messages", id=f"{n}-1", crlf=True)
        blocks.append((f"{n}-1", data))

    def key(request: Request) -> str | None:
        assert request.method == "POST" or request.path == "/threads/t/runs/r/stream"
        last_id = request.headers.get("last-event-id")
        return None if last_id == "-1" else last_id

    def source(url: str, client: Any) -> Source:
        body = {"assistant_id": "a", "stream_mode": ["messages-tuple"], "stream_resumable": True}
        address = f"{url}/threads/t/runs/stream"
        return http(address, method="POST", json=body, client=client, resume="langgraph")

    first = Answer(headers={"Content-Location": "/threads/t/runs/r"})
    return Keeper(blocks, key, source, first=first, is_marked=False)


def langgraph_protocol(count: int) -> Keeper:
    """A subscription; resumed ones begin with the last lifecycle event, out of its order."""

    def event(seq: int, method: str, data: object) -> Block:
        params = {"namespace": [], "data": data}
        message = {"type": "event", "seq": seq, "method": method, "params": params}
        return str(seq), sse(message, id=str(seq))

    blocks = [
        event(1, "lifecycle", {"event": "running"}),
        event(2, "messages", {"event": "message-start", "role": "ai", "id": "m"}),
    ]
    for word in words(count - 4):
        data = {"event": "content-block-delta", "index": 0}
        delta = {"type": "text-delta", "text": word}
        blocks.append(event(len(blocks) + 1, "messages", {**data, "delta": delta}))
    blocks.append(event(len(blocks) + 1, "messages", {"event": "message-finish", "usage": {}}))
    blocks.append(event(len(blocks) + 1, "lifecycle", {"event": "completed"}))

    def source(url: str, client: Any) -> Source:
        body = {"channels": ["messages", "lifecycle"]}
        address = f"{url}/threads/t/stream/events"
        return http(address, method="POST", json=body, client=client, resume="langgraph")

    def key(request: Request) -> str | None:
        since = request.json.get("since")
        return None if since is None else str(since)

    return Keeper(blocks, key, source)


def mcp(count: int) -> Keeper:
    """A tool call with progress; priming events without data among the rest."""
    token = {"progressToken": "p"}
    blocks: list[Block] = [("0_0", b"id: 0_0\ndata: \n\n")]
    for n in range(1, count - 1):
        id = f"0_{n}"
        if n % 10 == 9:
            blocks.append((id, b"id: %b\ndata: \n\n" % id.encode()))
            continue
        params = {**token, "progress": n, "total": count, "message": WORDS[n % len(WORDS)]}
        message = {"jsonrpc": "2.0", "method": "notifications/progress", "params": params}
        blocks.append((id, sse(message, name="message", id=id, crlf=True)))
    result = {"content": [{"type": "text", "text": "crunched 🦆"}], "isError": False}
    last = {"jsonrpc": "2.0", "id": 7, "result": result}
    blocks.append((f"0_{count}", sse(last, name="message", id=f"0_{count}", crlf=True)))

    def key(request: Request) -> str | None:
        if request.method == "POST":
            return None
        assert request.headers["mcp-session-id"] == "s1"
        assert request.headers["mcp-protocol-version"] == "2025-11-25"
        assert request.headers["accept"] == "text/event-stream"
        return request.headers["last-event-id"]

    def source(url: str, client: Any) -> Source:
        headers = {"Mcp-Session-Id": "s1", "MCP-Protocol-Version": "2025-11-25"}
        call = {"jsonrpc": "2.0", "id": 7, "method": "tools/call", "params": {"name": "crunch"}}
        address = f"{url}/mcp"
        return http(address, method="POST", json=call, headers=headers, client=client, resume="mcp")

    return Keeper(blocks, key, source, resumable_from=len(blocks[0][1]))


def _control(offset: int, **fields: Any) -> bytes:
    return sse({"streamNextOffset": f"o{offset:05}", "streamCursor": "c", **fields}, name="control")


def durable_json(count: int) -> Keeper:
    """Messages in arrays, one or more in each data event; the cuts differ when they come again."""
    messages: list[Any] = [{"type": "start"}]
    messages += [{"type": "response", "content": word} for word in words(count - 2)]
    messages.append({"type": "end", "finish_reason": "stop"})
    blocks: list[Block] = []
    for n, message in enumerate(messages, 1):
        closed = {"streamClosed": True} if n == len(messages) else {"upToDate": n % 3 == 0}
        data = sse(json.dumps([message], ensure_ascii=False, indent=0), name="data")
        blocks.append((f"o{n:05}", data + _control(n, **closed)))
    return Keeper(blocks, _offset, _durable)


def durable_base64(count: int) -> Keeper:
    """A binary log that holds lines of JSON, cut anywhere, characters too."""
    records: list[Any] = [{"text": word} for word in words(count - 1)]
    log = "".join(dumps(record) + "\n" for record in records).encode()
    blocks: list[Block] = []
    for at in range(0, len(log), 11):
        encoded = base64.b64encode(log[at : at + 11]).decode()
        closed = {"streamClosed": True} if at + 11 >= len(log) else {}
        blocks.append((f"o{at:05}", sse(encoded, name="data") + _control(at, **closed)))
    first = Answer(headers={"stream-sse-data-encoding": "base64"})
    return Keeper(blocks, _offset, _durable, first=first)


def _offset(request: Request) -> str | None:
    assert request.query["live"] == "sse"
    offset = request.query["offset"]
    return None if offset == "-1" else offset


def _durable(url: str, client: Any) -> Source:
    return http(f"{url}/s?offset=-1&live=sse", client=client, resume="durable-streams")


def _chat(count: int) -> list[Block]:
    events: list[dict[str, Any]] = [{"type": "start"}, {"type": "text-start", "id": "0"}]
    events += [{"type": "text-delta", "id": "0", "delta": word} for word in words(count - 5)]
    events += [{"type": "text-end", "id": "0"}, {"type": "finish", "finishReason": "stop"}]
    return [("", sse(event)) for event in events] + [("", sse("[DONE]"))]


def resumable_stream(count: int) -> Keeper:
    return TextKeeper(
        _chat(count),
        lambda request: request.query.get("resumeAt"),
        lambda url, client: http(f"{url}/x?a=1", client=client, resume="resumable-stream"),
        unit="utf-16",
    )


def chat(count: int) -> Keeper:
    """The AI SDK's: a POST, and everything again at another address."""

    def key(request: Request) -> str | None:
        assert request.method == "POST" or request.path == "/api/chat/c1/stream"
        return None

    def source(url: str, client: Any) -> Source:
        body = {"id": "c1", "messages": []}
        address = f"{url}/api/chat"
        return http(address, method="POST", json=body, client=client, resume="resumable-stream")

    return Keeper(_chat(count), key, source)


def lines_by_bytes(count: int) -> Keeper:
    records: list[Any] = [{"type": "start"}]
    records += [{"type": "response", "content": word} for word in words(count - 2)]
    records.append({"type": "end"})
    lines = [("", (dumps(r) + "\n").encode()) for r in records]

    def source(url: str, client: Any) -> Source:
        def resumed(position: Position) -> httpx.Request:
            return httpx.Request("GET", f"{url}/x", headers={"Range": f"bytes={position.bytes}-"})

        return http(f"{url}/x", client=client, resume=resumed)

    first = Answer(content_type="application/x-ndjson")
    return TextKeeper(lines, _range, source, unit="bytes", first=first)


def text_by_bytes(count: int) -> Keeper:
    blocks = [("", f"\ufeff{word} ".encode()) for word in words(count)]

    def source(url: str, client: Any) -> Source:
        def resumed(position: Position) -> Source:
            return http(f"{url}/x", headers={"range": f"bytes={position.bytes}-"})

        return http(f"{url}/x", client=client, resume=resumed)

    first = Answer(content_type="text/plain")
    return TextKeeper(blocks, _range, source, unit="bytes", first=first, is_marked=False)


def _range(request: Request) -> str | None:
    value = request.headers.get("range")
    return value.removeprefix("bytes=").rstrip("-") if value else None


MAKERS: dict[str, Callable[[int], Keeper]] = {
    make.__name__: make
    for make in (
        event_source,
        small_events,
        openai_responses,
        gemini_interactions,
        langgraph_runs,
        langgraph_protocol,
        mcp,
        durable_json,
        durable_base64,
        resumable_stream,
        chat,
        lines_by_bytes,
        text_by_bytes,
    )
}
