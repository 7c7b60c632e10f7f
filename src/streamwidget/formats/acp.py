"""The Agent Client Protocol: messages of JSON-RPC 2.0, one for each line.

| message | becomes |
|---|---|
| `session/update`: `agent_message_chunk`, `agent_thought_chunk` | text, reasoning |
| `user_message_chunk` | what the user wrote |
| `tool_call`, `tool_call_update` | a tool call; its result once it is `completed` or `failed` |
| `plan` | progress |
| `session/request_permission` | a question that is answered elsewhere |
| `usage_update`, modes, commands, other requests | nothing |
| a result with `stopReason` | usage, the end |
| an error | a failure, the end |

The end marker is the answer to `session/prompt`, which has a `stopReason`; without it the stream is
cut. `cancelled` is cut too.

Source: agentclientprotocol.com, schema version 1.
"""

from __future__ import annotations

from typing import Final

from ..decode.records import Record
from ..events import Event, Notice, Progress
from .base import BaseFormat
from .fields import JsonObject, json_text, mapping, objects, text
from .questions import HINTS, permission

NAME: Final = "acp"

_FLOWS: Final = {"agent_message_chunk": "text", "agent_thought_chunk": "reasoning"}
_ENDED: Final = ("completed", "failed")


def recognises(record: Record) -> bool:
    """True if the message is an update of a session, or introduces an agent."""
    message = record.object
    if text(message, "jsonrpc") != "2.0":
        return False
    if text(message, "method") == "session/update":
        return bool(mapping(mapping(message, "params"), "update"))
    return "agentCapabilities" in mapping(message, "result")


class ACPFormat(BaseFormat):
    """A decoder from messages to canonical events."""

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one message."""
        if self.ended:
            return []
        message = record.object
        if message.get("error"):
            return [*self.fail(message.get("error")), *self.end("failed")]
        result = mapping(message, "result")
        if "stopReason" in result:
            self.finish_reason = text(result, "stopReason") or None
            return [*self.usage(mapping(result, "usage")), *self.end("complete")]
        if text(message, "method") == "session/update":
            return self._update(mapping(mapping(message, "params"), "update"), record.data)
        if text(message, "method") == "session/request_permission":
            return self._permission(mapping(message, "params"))
        is_known = "jsonrpc" in message and ("method" in message or "result" in message)
        return [] if is_known else self.unknown("message", record.data)

    def _update(self, update: JsonObject, data: str) -> list[Event]:
        tag = text(update, "sessionUpdate")
        if tag in _FLOWS:
            more, flow = text(mapping(update, "content"), "text"), text(update, "messageId") or None
            if not more:
                return self.unknown(tag, data)
            return self.say(more, flow) if _FLOWS[tag] == "text" else self.think(more, flow)
        if tag == "user_message_chunk":
            words = text(mapping(update, "content"), "text")
            return [Notice(f"You: {words}", "sent")] if words else []
        if tag in ("tool_call", "tool_call_update"):
            return self._call(update)
        if tag == "plan":
            return self._plan(objects(update, "entries"))
        return [] if tag.endswith(("_update", "_removed")) else self.unknown(tag or "update", data)

    def _permission(self, params: JsonObject) -> list[Event]:
        call = self.calls.get(text(mapping(params, "toolCall"), "toolCallId"))
        part_id = None if call is None else call.part_id
        return [permission(params).shown(self.new_id, HINTS["acp"], part_id)]

    def _call(self, update: JsonObject) -> list[Event]:
        id_ = text(update, "toolCallId")
        events = self.close() if id_ not in self.calls else []
        events += self.call(id_, text(update, "title") or text(update, "kind"), id_ or None)
        if "rawInput" in update and update["rawInput"] is not None:
            events += self.end_call(id_, json_text(update["rawInput"]))
        status = text(update, "status")
        if status not in _ENDED:
            return events
        output = _output(update) or status
        return [
            *events,
            *self.end_call(id_),
            *self.result(id_, output, is_error=status == "failed"),
        ]

    def _plan(self, entries: list[JsonObject]) -> list[Event]:
        done = sum(text(entry, "status") == "completed" for entry in entries)
        running = next((e for e in entries if text(e, "status") == "in_progress"), {})
        message = text(running, "content") or None
        return [Progress(self.bars.part_id("plan"), done, len(entries) or None, None, message)]


def _output(update: JsonObject) -> str:
    """The text of a call's content, or else its raw output."""
    texts = [text(mapping(block, "content"), "text") for block in objects(update, "content")]
    if any(texts):
        return "\n".join(filter(None, texts))
    value = update.get("rawOutput")
    if isinstance(value, str):
        return value
    return "" if value is None else json_text(value)
