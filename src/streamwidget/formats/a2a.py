"""A2A, the protocol between agents: versions 1.0 and 0.3, over JSON-RPC and over plain HTTP.

Knows records, not bytes. A record is one server-sent event; its kind is its only key (1.0) or the
member `kind` (0.3), inside `result` if there is a JSON-RPC envelope:

| what | becomes |
|---|---|
| `artifactUpdate` (`artifact-update`) | text; data is unknown, a file with an address a citation |
| `message` of the agent | text; without a task it is the end |
| `statusUpdate` (`status-update`) | its message as a notice; an ending state is the end |
| `task` | its artifacts, and its state as above; the history is not shown |
| state failed or rejected, JSON-RPC `error` | a failure |

Messages and artifacts may grow in parallel. An artifact that is sent again without `append`
replaces the earlier one: its new end is shown, or all of it as a new part.

The end marker is an ending state (completed, failed, canceled, rejected, or one that waits for a
person), `final` of 0.3, or a message alone; without it the stream is cut.

Source: A2A 1.0, specification/a2a.proto and sections 3.1.2 and 4.1; A2A 0.3, section 7.2.
"""

from __future__ import annotations

from collections.abc import Hashable
from typing import Final

from ..decode.records import NewId, Record
from ..events import Event
from .base import BaseFormat, notice_of
from .fields import (
    JsonObject,
    as_mapping,
    code,
    json_text,
    mapping,
    objects,
    text,
    text_or_none,
)

NAME = "a2a"

_KINDS: Final = {
    "task": "task",
    "message": "message",
    "status-update": "statusUpdate",
    "artifact-update": "artifactUpdate",
}
_FAILED: Final = frozenset({"failed", "rejected"})
_CANCELED: Final = frozenset({"canceled", "cancelled"})
_ENDED: Final = frozenset({"completed", "input-required", "auth-required"}) | _FAILED | _CANCELED


class A2AFormat(BaseFormat):
    """A decoder from records of A2A to canonical events."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._has_task = False
        self._pieces: dict[str, list[str]] = {}
        """Text of each artifact so far."""
        self._versions: dict[str, int] = {}
        self._noticed = ""

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of one record."""
        if self.ended or not record.data.strip():
            return []
        if record.object.get("error"):
            error = record.object["error"]
            return [*self.fail(error, code=code(error, "code")), *self.end("failed")]
        what, value = _unwrapped(record.object)
        if what == "task":
            return self._task(value)
        if what == "message":
            return self._message(value)
        if what == "statusUpdate":
            self._has_task = True
            return self._status(value)
        if what == "artifactUpdate":
            return self._artifact(
                mapping(value, "artifact"),
                append=value.get("append") is True,
                is_last=value.get("lastChunk") is True,
            )
        return self.unknown("record", record.data)

    def _task(self, value: JsonObject) -> list[Event]:
        self._has_task = True
        events: list[Event] = []
        for artifact in objects(value, "artifacts"):
            events += self._artifact(artifact, append=False, is_last=False)
        return [*events, *self._status(value)]

    def _message(self, value: JsonObject) -> list[Event]:
        """Read a message of the agent; a stream is either one message or the life of a task."""
        if text(value, "role").lower().endswith("user"):
            return []
        flow = ("message", text(value, "messageId"))
        events = self._parts(value, _text(value), flow)
        if self._has_task:
            return events
        self.finish_reason = "message"
        return [*events, *self.end("complete")]

    def _artifact(self, artifact: JsonObject, *, append: bool, is_last: bool) -> list[Event]:
        key, more = text(artifact, "artifactId"), _text(artifact)
        pieces = self._pieces.setdefault(key, [])
        if not append:
            before = "".join(pieces)
            if more.startswith(before):
                pieces[:], more = [before], more[len(before) :]
            else:
                pieces.clear()
                self._versions[key] = self._versions.get(key, 0) + 1
        pieces.append(more)
        flow = ("artifact", key, self._versions.get(key, 0))
        events = self._parts(artifact, more, flow)
        return [*events, *self.close(flow)] if is_last else events

    def _parts(self, value: JsonObject, more: str, flow: Hashable) -> list[Event]:
        """Return the events of the text, then of the other parts."""
        events = self.say(more, flow)
        name = text(value, "name") or "data"
        for part in objects(value, "parts"):
            file = mapping(part, "file")
            url = text(part, "url") or text(file, "uri")
            if url:
                title = text_or_none(part, "filename") or text_or_none(file, "name")
                events += self.cite(url, title or name)
            elif "data" in part:
                events += self.unknown(name, json_text(part["data"]))
            elif file or "raw" in part:
                events += self.unknown("file", text(part, "filename") or text(file, "name") or name)
        return events

    def _status(self, value: JsonObject) -> list[Event]:
        status = mapping(value, "status")
        message, raw = _text(mapping(status, "message")), text(status, "state")
        state = raw.removeprefix("TASK_STATE_").lower().replace("_", "-")
        over = state in _ENDED or value.get("final") is True
        if over:
            self.finish_reason = raw or None
        if state in _FAILED:
            message = message or f"The task ended as {state}."
            return [*self.fail(message, error_type=raw), *self.end("failed")]
        if state in _CANCELED and not message:
            message = "The task was canceled."
        waits = state in ("input-required", "auth-required") or state in _CANCELED
        events: list[Event] = []
        if message and message != self._noticed:
            events = [notice_of(message, "warning" if waits else "info")]
        self._noticed = message or self._noticed
        if not over:
            return events
        return [*events, *self.end("cut" if state in _CANCELED else "complete")]


def _text(value: JsonObject) -> str:
    return "".join(text(part, "text") for part in objects(value, "parts"))


def _unwrapped(value: JsonObject) -> tuple[str, JsonObject]:
    """Return the kind of a record and its value, without envelopes; "" and `{}` if unknown."""
    inner = mapping(value, "result") if "jsonrpc" in value else value
    if what := _KINDS.get(text(inner, "kind")):
        return what, inner
    held = [what for what in _KINDS.values() if isinstance(inner.get(what), dict)]
    return (held[0], as_mapping(inner[held[0]])) if held else ("", {})


_FIELDS: Final = {
    "task": ("id", "contextId", "status"),
    "message": ("messageId", "parts"),
    "statusUpdate": ("taskId", "status"),
    "artifactUpdate": ("taskId", "artifact"),
}


def recognises(record: Record) -> bool:
    """True if the record certainly belongs to A2A: a known kind with its required fields.

    A bare message needs an envelope or a `kind`: other vocabularies have messages too.
    """
    what, value = _unwrapped(record.object)
    return bool(what) and all(key in value for key in _FIELDS[what])
