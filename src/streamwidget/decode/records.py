"""Records, and the protocol of formats.

A record is one framed unit with its JSON already parsed: a server-sent event, a line, an element of
an array, a WebSocket message, or a dict from an iterator.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Mapping
from typing import Any, Final, NamedTuple, Protocol

from ..events import Event, Outcome
from .sse import ServerSentEvent

NewId = Callable[[str], str]


class _NoJson:
    """Stands for the value of a record that is not JSON."""

    def __repr__(self) -> str:
        return "NO_JSON"


NO_JSON: Final = _NoJson()


class Record(NamedTuple):
    """One framed unit."""

    data: str
    """The text as received."""
    value: Any
    """Its JSON value; `NO_JSON` if it is not JSON."""
    name: str = ""
    """The SSE event type; "" for `message` and for other framings."""
    id: str = ""
    """The last event ID of the SSE event."""

    @property
    def object(self) -> Mapping[str, Any]:
        """Return the value if it is a JSON object, else an empty one."""
        return self.value if isinstance(self.value, dict) else {}

    @property
    def type(self) -> str:
        """Return the `type` inside the JSON, else the SSE event type: dispatch on this."""
        type_ = self.value.get("type") if isinstance(self.value, dict) else None
        return type_ if isinstance(type_, str) else self.name


def record_of_event(event: ServerSentEvent) -> Record:
    """Return the record of a server-sent event."""
    name = "" if event.event == "message" else event.event
    return Record(event.data, parse(event.data), name, event.id)


def record_of_line(line: str) -> Record:
    """Return the record of a line or of any other JSON text."""
    return Record(line, parse(line))


def record_of_value(value: Any, name: str = "") -> Record:
    """Return a record for a value that never was JSON text, such as a dict from an SDK.

    `name` takes the place of the SSE event type.
    """
    if isinstance(value, dict) and not all(isinstance(key, str) for key in value):
        value = {str(key): member for key, member in value.items()}
    try:
        data = json.dumps(value, ensure_ascii=False, default=str)
    except (TypeError, ValueError, RecursionError):  # an unusual key, a cycle, or too deep
        data = repr(type(value))
    return Record(data, value, name)


def parse(text: str) -> Any:
    """Return the JSON value of `text`, or `NO_JSON`."""
    if text[:1] not in _JSON_STARTS and text.lstrip()[:1] not in _JSON_STARTS:
        return NO_JSON
    try:
        return json.loads(text)
    except (ValueError, RecursionError):
        return NO_JSON


_JSON_STARTS: Final = frozenset('{["-0123456789tfn')


class Format(Protocol):
    """A decoder from records of one vocabulary to canonical events."""

    @property
    def ended(self) -> bool:
        """True once the end marker has arrived; later input is ignored."""

    def feed(self, record: Record, /) -> list[Event]:
        """Return the events of a record, in order; often none."""

    def outcome(self, *, half_record: bool = False) -> Outcome:
        """Return how the run would end if the input ended now; changes nothing.

        `half_record` is True if the input ended inside a record.
        """

    def flush(self, *, half_record: bool = False) -> list[Event]:
        """Return the events still held back and the `RunEnd`, unless it was returned before.

        `half_record` is True if the input ended inside a record.
        """
