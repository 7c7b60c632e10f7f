"""MCP's streamable HTTP: the JSON-RPC messages of one request, up to its response.

Knows records, not bytes. A record is one server-sent event with one message (or a batch of them):

| message | becomes |
|---|---|
| `notifications/progress` | progress; the same `progressToken` replaces it |
| `notifications/message` | a notice |
| a response with `result.content` | text; other content is a citation or unknown |
| a response with another `result` | unknown |
| `result.isError` | the text and a notice; the finish reason is `error` |
| a response with `error` | a failure |
| `elicitation/create` | a question that is answered elsewhere |
| another request of the server | a notice, if it has a message |
| other notifications; empty data, which only carries an id to resume from | nothing |

The end marker is the response; its reason is `result` or `error`. Without it the stream is cut: a
server of 2025-11-25 may close early and wait to be resumed.

Source: Model Context Protocol 2025-11-25 and 2026-07-28, basic/transports, basic/utilities/progress
and server/utilities/logging.
"""

from __future__ import annotations

from typing import Final

from ..decode.records import Record
from ..events import Event, Progress
from .base import BaseFormat, notice_of
from .fields import (
    JsonObject,
    as_mapping,
    as_sequence,
    code,
    json_text,
    mapping,
    number,
    objects,
    text,
    text_or_none,
)
from .questions import HINTS, elicitation

NAME = "mcp"


class MCPFormat(BaseFormat):
    """A decoder from messages of one MCP request to canonical events."""

    error_reason_fails = False  # a failed tool does not fail the run

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        events: list[Event] = []
        if not record.data.strip():
            return events
        for message in as_sequence(record.value) or (record.value,):
            if not self.ended:
                events += self._message(as_mapping(message), record.data)
        return events

    def _message(self, value: JsonObject, raw: str) -> list[Event]:
        if value.get("error"):
            error = value["error"]
            return [*self.fail(error, code=code(error, "code")), *self.end("failed")]
        if "result" in value:
            return self._response(mapping(value, "result"), json_text(value["result"]))
        method, params = text(value, "method"), mapping(value, "params")
        if method == "notifications/progress":
            return self._progress(params)
        if method == "notifications/message":
            return self._notice(params)
        if method:
            return self._request(method, params) if "id" in value else []
        return self.unknown("record", raw)

    def _request(self, method: str, params: JsonObject) -> list[Event]:
        if method == "elicitation/create":
            return [elicitation(params).shown(self.new_id, HINTS["mcp"])]
        message = text(params, "message")
        return [notice_of(f"The server asks: {message}")] if message else []

    def _progress(self, params: JsonObject) -> list[Event]:
        part_id = self.bars.part_id(json_text(params.get("progressToken")))
        total, message = number(params, "total"), text_or_none(params, "message")
        return [Progress(part_id, number(params, "progress") or 0, total, None, message)]

    def _notice(self, params: JsonObject) -> list[Event]:
        data = params.get("data")
        message = text(data, "msg", "message", "text") or json_text(data)
        return [notice_of(message, text(params, "level"))]

    def _response(self, result: JsonObject, raw: str) -> list[Event]:
        is_error = result.get("isError") is True
        self.finish_reason = "error" if is_error else "result"
        events = [event for item in objects(result, "content") for event in self._content(item)]
        if not events and not is_error:
            events = self.unknown("result", raw)
        if is_error:
            events.append(notice_of("The tool reports that it failed.", "warning"))
        return [*events, *self.end("complete")]

    def _content(self, item: JsonObject) -> list[Event]:
        kind = text(item, "type")
        if kind == "text":
            return self.say(text(item, "text"))
        if kind == "resource_link":
            return self.cite(text_or_none(item, "uri"), text_or_none(item, "title", "name"))
        return self.unknown(kind or "content", json_text(item))


_METHODS: Final = frozenset(
    {
        "notifications/progress",
        "notifications/message",
        "notifications/cancelled",
        "notifications/resources/updated",
        "notifications/resources/list_changed",
        "notifications/tools/list_changed",
        "notifications/prompts/list_changed",
        "sampling/createMessage",
        "elicitation/create",
        "roots/list",
    }
)
_CONTENT: Final = frozenset({"text", "image", "audio", "resource", "resource_link"})
_RESULTS: Final[tuple[set[str], ...]] = (
    {"protocolVersion", "capabilities"},
    {"supportedVersions", "capabilities"},
    {"content", "isError"},
    {"structuredContent"},
    {"resultType"},
)
"""Members that distinguish MCP from other JSON-RPC results."""


def recognises(record: Record) -> bool:
    """True if the message certainly belongs to MCP: JSON-RPC with a known method or result."""
    value = record.object
    if value.get("jsonrpc") != "2.0":
        return False
    result = mapping(value, "result")
    content = objects(result, "content")
    known = bool(content) and all(text(item, "type") in _CONTENT for item in content)
    known = known or any("inputSchema" in tool for tool in objects(result, "tools"))
    known = known or any(keys <= result.keys() for keys in _RESULTS)
    return known or text(value, "method") in _METHODS
