"""A2A, the protocol between agents: versions 1.0 and 0.3, over JSON-RPC and over plain HTTP.

Knows records, not bytes. A record is one server-sent event; what it has is told by its only key
(1.0) or by `kind` (0.3), inside `result` where there is a JSON-RPC envelope:

| what | becomes |
|---|---|
| `artifactUpdate` (`artifact-update`) | text; data is unknown, a file with an address a citation |
| `message` of the agent | text; without a task it is the end |
| `statusUpdate` (`status-update`) | its message as a notice; an ending state is the end |
| `task` | its artifacts, and its state as above; the history was said before |
| state failed or rejected, JSON-RPC `error` | a failure |

An artifact that comes again without `append` replaces the one of before: what it adds is shown, or
it is shown anew. The end marker is an ending state (completed, failed, canceled, rejected, or one
that waits for a person), `final` of 0.3, or a message alone; without it the stream is cut.

Source: A2A 1.0, specification/a2a.proto and sections 3.1.2 and 4.1; A2A 0.3, section 7.2.
"""

from __future__ import annotations

from typing import Final

from ..events import Citation, Event
from .agent import AgentRun, notice_of
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
from .records import NewId, Record

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


class A2AFormat(AgentRun):
    """Records of A2A to events; `new_id` makes ids that are unique in the run."""

    def __init__(self, new_id: NewId) -> None:
        super().__init__(new_id)
        self._has_task = False
        self._artifacts: dict[str, str] = {}
        self._versions: dict[str, int] = {}
        self._noticed = ""

    def feed(self, record: Record, /) -> list[Event]:
        """The events of one record."""
        if self.ended or not record.data.strip():
            return []
        if record.object.get("error"):
            error = mapping(record.object, "error")
            said = text(error, "message") or text(record.object, "error")
            return [*self.fail(said, code=code(error, "code")), *self.end("failed")]
        what, value = _unwrapped(record.object)
        if what == "task":
            return self._task(value)
        if what == "message":
            return self._message(value)
        if what == "statusUpdate":
            self._has_task = True
            return self._status(value)
        if what == "artifactUpdate":
            return self._artifact(mapping(value, "artifact"), append=value.get("append") is True)
        return self.unknown("record", record.data)

    def _task(self, value: JsonObject) -> list[Event]:
        self._has_task = True
        events: list[Event] = []
        for artifact in objects(value, "artifacts"):
            events += self._artifact(artifact, append=False)
        return [*events, *self._status(value)]

    def _message(self, value: JsonObject) -> list[Event]:
        """What the agent says; a stream is either one message or the life of a task."""
        if text(value, "role").lower().endswith("user"):
            return []
        speaker = ("message", text(value, "messageId"))
        events = self._said(value, _text(value), speaker)
        if self._has_task:
            return events
        self.raw = "message"
        return [*events, *self.end("complete")]

    def _artifact(self, artifact: JsonObject, *, append: bool) -> list[Event]:
        key, said = text(artifact, "artifactId"), _text(artifact)
        before = self._artifacts.get(key, "")
        if append:
            self._artifacts[key] = before + said
        elif said.startswith(before):
            self._artifacts[key], said = said, said[len(before) :]
        else:
            self._artifacts[key] = said
            self._versions[key] = self._versions.get(key, 0) + 1
        return self._said(artifact, said, ("artifact", key, self._versions.get(key, 0)))

    def _said(self, value: JsonObject, said: str, speaker: tuple[object, ...]) -> list[Event]:
        """Text, then the parts that are none."""
        events = self.say("text", said, speaker)
        name = text(value, "name") or "data"
        for part in objects(value, "parts"):
            file = mapping(part, "file")
            url = text(part, "url") or text(file, "uri")
            if url:
                title = text_or_none(part, "filename") or text_or_none(file, "name")
                events += [*self.parts.close(), Citation(url, title or name)]
            elif "data" in part:
                events += self.unknown(name, json_text(part["data"]))
            elif file or "raw" in part:
                events += self.unknown("file", text(part, "filename") or text(file, "name") or name)
        return events

    def _status(self, value: JsonObject) -> list[Event]:
        status = mapping(value, "status")
        said, raw = _text(mapping(status, "message")), text(status, "state")
        state = raw.removeprefix("TASK_STATE_").lower().replace("_", "-")
        over = state in _ENDED or value.get("final") is True
        if over:
            self.raw = raw or None
        if state in _FAILED:
            said = said or f"The task ended as {state}."
            return [*self.fail(said, error_type=raw), *self.end("failed")]
        if state in _CANCELED and not said:
            said = "The task was canceled."
        waits = state in ("input-required", "auth-required") or state in _CANCELED
        events: list[Event] = []
        if said and said != self._noticed:  # the open text goes on: it may be half a sentence
            events = [notice_of(said, "warning" if waits else "info")]
        self._noticed = said or self._noticed
        if not over:
            return events
        return [*events, *self.end("cut" if state in _CANCELED else "complete")]


def _text(value: JsonObject) -> str:
    return "".join(text(part, "text") for part in objects(value, "parts"))


def _unwrapped(value: JsonObject) -> tuple[str, JsonObject]:
    """What a record has and that value, without envelopes; "" and `{}` if it is nothing known."""
    told = mapping(value, "result") if "jsonrpc" in value else value
    if what := _KINDS.get(text(told, "kind")):
        return what, told
    found = [what for what in _KINDS.values() if isinstance(told.get(what), dict)]
    return (found[0], as_mapping(told[found[0]])) if found else ("", {})


_FIELDS: Final = {
    "task": ("id", "contextId", "status"),
    "message": ("messageId", "parts"),
    "statusUpdate": ("taskId", "status"),
    "artifactUpdate": ("taskId", "artifact"),
}


def recognises(record: Record) -> bool:
    """Whether the record is of A2A for certain: something of its own with the fields it must have.

    A bare message needs an envelope or a `kind`: other vocabularies have messages too.
    """
    what, value = _unwrapped(record.object)
    return bool(what) and all(key in value for key in _FIELDS[what])
