"""What a format is fed, and the shape of all formats.

A record is one framed unit with its JSON already parsed: a server-sent event, a line, an element of
an array, a WebSocket message, or a dict that somebody yielded.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Final, Protocol

from ..events import Event
from ..framing.sse import ServerSentEvent

NewId = Callable[[str], str]


class _NoJson:
    """Stands for the value of a record that is no JSON."""

    def __repr__(self) -> str:
        return "NO_JSON"


NO_JSON: Final = _NoJson()


@dataclass(frozen=True, slots=True)
class Record:
    """One framed unit."""

    data: str
    """As it came."""
    value: Any
    """Its JSON value; `NO_JSON` if it is none."""
    name: str = ""
    """The SSE event's name, "" for `message` and for other framings."""
    id: str = ""
    """The SSE event's last event ID."""

    @property
    def object(self) -> Mapping[str, Any]:
        """The value if it is a JSON object, else an empty one."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def type(self) -> str:
        """The `type` inside the JSON, else the SSE event's name: dispatch on this."""
        told = self.object.get("type")
        return told if isinstance(told, str) else self.name


def record_of_event(event: ServerSentEvent) -> Record:
    name = "" if event.event == "message" else event.event
    return Record(event.data, parse(event.data), name, event.id)


def record_of_line(line: str) -> Record:
    return Record(line, parse(line))


def record_of_value(value: Any, name: str = "") -> Record:
    """A record of a value that was JSON never, such as an SDK's dict; `name` as an event's."""
    if isinstance(value, dict) and not all(isinstance(key, str) for key in value):
        value = {str(key): one for key, one in value.items()}
    try:
        data = json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):  # a key of its own kind, itself, or too deep
        data = repr(type(value))
    return Record(data, value, name)


def parse(text: str) -> Any:
    """The JSON value of `text`, or `NO_JSON`."""
    if text[:1] not in _JSON_STARTS and text.lstrip()[:1] not in _JSON_STARTS:
        return NO_JSON
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return NO_JSON


_JSON_STARTS: Final = frozenset('{["-0123456789tfn')


class Format(Protocol):
    """Records of one vocabulary to canonical events.

    `ended` is True once the end marker came; what is fed after that is ignored. `flush` says what
    the end of the bytes means: it gives a `RunEnd` unless one was given before. `half_record` tells
    that the bytes ended inside a record.
    """

    @property
    def ended(self) -> bool: ...

    def feed(self, record: Record, /) -> list[Event]: ...

    def flush(self, *, half_record: bool = False) -> list[Event]: ...
