"""Claude Code: `claude -p --output-format stream-json`, and its session files.

| line | becomes |
|---|---|
| `system` | the model |
| `stream_event` (`--include-partial-messages`) | text, reasoning and arguments in pieces |
| `assistant`: blocks `text`, `thinking`, `tool_use` | text, reasoning, tool calls; usage |
| `user`: blocks `tool_result`; text | results; what the user wrote |
| `result` | the end, a failure if `is_error` |
| other lines | nothing if they are about the session, else unknown |

Lines of a subagent have `parent_tool_use_id` and belong to a step of that tool call. The end marker
is `result`; a session file (with `sessionId`) has none and is complete at its end.

Source: Claude Code documentation, headless mode; messages as in the Anthropic API.
"""

from __future__ import annotations

from typing import Final

from ..decode.records import NewId, Record
from ..events import Event, Notice, Outcome
from .base import BaseFormat
from .fields import JsonObject, json_text, mapping, objects, text

NAME: Final = "claude-code"
_MESSAGES: Final = ("assistant", "user")
_SILENT: Final = ("system", "summary", "file-history-snapshot", "queue-operation", "progress")


def recognises(record: Record) -> bool:
    """True if the line has the id of a session and a type of Claude Code."""
    line, tag = record.object, record.type
    if not (text(line, "session_id") or text(line, "sessionId")):
        return False
    if tag == "system":
        return text(line, "subtype") == "init"
    return tag == "stream_event" or (tag in _MESSAGES and bool(mapping(line, "message")))


class ClaudeCodeFormat(BaseFormat):
    """A decoder from lines to canonical events."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._is_session_file = False
        self._streamed: set[str] = set()
        """Ids of messages that arrived in pieces."""
        self._message: dict[str, str] = {}
        """The message that streams now, for each parent."""
        self._blocks: dict[tuple[str, object], str] = {}
        """The tool call of a block that streams, by the parent and the block's index."""

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one line."""
        if self.ended:
            return []
        line, tag = record.object, record.type
        if "sessionId" in line:
            self._is_session_file = True
        parent = text(line, "parent_tool_use_id")
        if tag == "system":
            return self.answered_by(text(line, "model"))
        if tag == "result":
            return self._result(line)
        if tag == "stream_event":
            return self._piece(parent, mapping(line, "event"))
        if tag in _MESSAGES:
            events = self._step_of(parent)
            message = mapping(line, "message")
            take = self._assistant if tag == "assistant" else self._user
            return events + take(parent, message)
        return [] if tag in _SILENT else self.unknown(tag or "line", record.data)

    def _outcome(self, half_record: bool) -> Outcome:
        if self._is_session_file and not half_record:
            return "complete"
        return super()._outcome(half_record)

    def _step_of(self, parent: str) -> list[Event]:
        if not parent or parent in self.steps:
            return []
        call = self.calls.get(parent)
        return self.start_step(parent, call.tool_name if call else "subagent")

    # --- whole messages

    def _assistant(self, parent: str, message: JsonObject) -> list[Event]:
        message_id = text(message, "id")
        events = self.answered_by(text(message, "model"), message_id)
        has_streamed = message_id in self._streamed
        step_id = self.step_of(parent) if parent else None
        for block in objects(message, "content"):
            tag = text(block, "type")
            if tag == "text" and not has_streamed:
                events += self.say(text(block, "text"), parent or None, step_id)
            elif tag == "thinking" and not has_streamed:
                events += self.think(text(block, "thinking"), parent or None, step_id)
            elif tag == "tool_use":
                id_ = text(block, "id")
                events += self.call(id_, text(block, "name"), id_ or None, step_id=step_id)
                events += self.end_call(id_, json_text(block.get("input", {})))
        events += self.usage(mapping(message, "usage"), message_id, cache_apart=True)
        return [*events, *([] if has_streamed else self.close(parent or None))]

    def _user(self, parent: str, message: JsonObject) -> list[Event]:
        content = message.get("content")
        events: list[Event] = []
        if isinstance(content, str) and content:
            return [] if parent else [Notice(f"You: {content}", "sent")]
        for block in objects(message, "content"):
            if text(block, "type") == "tool_result":
                id_ = text(block, "tool_use_id")
                events += self.end_step(id_)
                is_error = block.get("is_error") is True
                events += self.result(id_, _text_of(block.get("content")), is_error=is_error)
            elif text(block, "text") and not parent:
                events.append(Notice(f"You: {text(block, 'text')}", "sent"))
        return events

    # --- pieces

    def _piece(self, parent: str, event: JsonObject) -> list[Event]:
        tag, key = text(event, "type"), (parent, event.get("index"))
        if tag == "message_start":
            message = mapping(event, "message")
            self._message[parent] = text(message, "id")
            self._streamed.add(text(message, "id"))
            return self._step_of(parent) + self.answered_by(text(message, "model"))
        if tag == "content_block_start":
            block = mapping(event, "content_block")
            if text(block, "type") == "tool_use":
                self._blocks[key] = id_ = text(block, "id")
                return self.call(id_, text(block, "name"), id_ or None)
            return self.close(parent or None)
        if tag == "content_block_delta":
            return self._delta(parent, key, mapping(event, "delta"))
        return self.close(parent or None) if tag == "message_stop" else []

    def _delta(self, parent: str, key: tuple[str, object], delta: JsonObject) -> list[Event]:
        step_id = self.step_of(parent) if parent else None
        if text(delta, "type") == "text_delta":
            return self.say(text(delta, "text"), parent or None, step_id)
        if text(delta, "type") == "thinking_delta":
            return self.think(text(delta, "thinking"), parent or None, step_id)
        if text(delta, "type") == "input_json_delta" and key in self._blocks:
            return self.arguments(self._blocks[key], text(delta, "partial_json"))
        return []

    def _result(self, line: JsonObject) -> list[Event]:
        answer, subtype = text(line, "result"), text(line, "subtype")
        self.finish_reason = text(line, "stop_reason") or subtype or None
        if line.get("is_error") is True or subtype.startswith("error"):
            self.finish_reason = subtype or None
            return [*self.fail(answer or subtype or "error"), *self.end("failed")]
        events = [] if self.has_any_text else self.say(answer)
        return [*events, *self.end("complete")]


def _text_of(content: object) -> str:
    """The text of a tool's result: a string, or blocks."""
    if isinstance(content, str):
        return content
    blocks = objects({"content": content}, "content")
    texts = [text(block, "text") for block in blocks if text(block, "type") == "text"]
    return "\n".join(texts) if texts else json_text(content)
