"""Codex: `codex exec --json`, one JSON object for each line.

| line | becomes |
|---|---|
| `thread.started`, `turn.started` | nothing |
| `item.*` of `agent_message`, `reasoning` | text, reasoning |
| `item.*` of `command_execution`, `mcp_tool_call`, `file_change`, `web_search` | a tool call |
| `item.*` of `todo_list` | progress |
| `item.*` of `error` | a notice |
| `turn.completed` | usage, the end |
| `turn.failed`, `error` | a failure; a failed turn ends the run |

An item is sent whole each time, and ends with `item.completed`. The end marker is `turn.completed`
or `turn.failed`; without it the stream is cut.

Source: github.com/openai/codex, `codex-rs/exec/src/exec_events.rs`.
"""

from __future__ import annotations

from typing import Final

from ..decode.records import Record
from ..events import Event, Notice, Progress
from .base import BaseFormat
from .fields import JsonObject, json_text, mapping, objects, text

NAME: Final = "codex"

_COMMON: Final = frozenset({"id", "type", "status"})
_RESULTS: Final = {
    "command_execution": ("aggregated_output", "exit_code"),
    "mcp_tool_call": ("result", "error"),
    "file_change": (),
    "web_search": (),
}
"""Kinds of items that are tool calls, with the members that are not arguments."""


def recognises(record: Record) -> bool:
    """True if the line starts a thread, or is an item of one."""
    line, tag = record.object, record.type
    if tag == "thread.started":
        return bool(text(line, "thread_id"))
    return tag in ("item.started", "item.completed") and bool(text(mapping(line, "item"), "id"))


class CodexFormat(BaseFormat):
    """A decoder from lines to canonical events."""

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one line."""
        if self.ended:
            return []
        line, tag = record.object, record.type
        if tag.startswith("item."):
            return self._item(mapping(line, "item"), tag == "item.completed", record.data)
        if tag == "turn.completed":
            return [*self.usage(mapping(line, "usage")), *self.end("complete")]
        if tag == "turn.failed":
            return [*self.fail(line.get("error") or "The turn failed."), *self.end("failed")]
        if tag == "error":
            return self.fail(line)
        return [] if tag in ("thread.started", "turn.started") else self.unknown(tag, record.data)

    def _item(self, item: JsonObject, is_over: bool, data: str) -> list[Event]:
        tag, id_ = text(item, "type"), text(item, "id")
        if tag in ("agent_message", "reasoning"):
            kind = "text" if tag == "agent_message" else "reasoning"
            events = self.snapshot(
                "text" if kind == "text" else "reasoning", text(item, "text"), id_
            )
            return events + self.close(id_) if is_over else events
        if tag in _RESULTS:
            return self._call(tag, id_, item, is_over)
        if tag == "todo_list":
            todos = objects(item, "items")
            done = sum(todo.get("completed") is True for todo in todos)
            running = next((t for t in todos if t.get("completed") is not True), {})
            message = text(running, "text") or None
            return [Progress(self.bars.part_id(id_), done, len(todos) or None, None, message)]
        if tag == "error":
            return [Notice(text(item, "message"), "warning")] if is_over else []
        return self.unknown(tag or "item", data)

    def _call(self, tag: str, id_: str, item: JsonObject, is_over: bool) -> list[Event]:
        name = ".".join(filter(None, (text(item, "server"), text(item, "tool")))) or tag
        left_out = _COMMON.union(_RESULTS[tag], ("server", "tool"))
        arguments: JsonObject = {key: value for key, value in item.items() if key not in left_out}
        if tag == "mcp_tool_call":
            arguments = mapping(item, "arguments")
        events = self.call(id_, name, id_ or None)
        events += self.end_call(id_, json_text(arguments))
        if not is_over:
            return events
        status, exit_code = text(item, "status"), item.get("exit_code")
        is_error = status == "failed" or exit_code not in (None, 0) or bool(item.get("error"))
        return events + self.result(id_, _output(tag, item) or status or "done", is_error=is_error)


def _output(tag: str, item: JsonObject) -> str:
    if tag == "command_execution":
        return text(item, "aggregated_output")
    value = item.get("error") or item.get("result")
    return "" if value is None else json_text(value)
