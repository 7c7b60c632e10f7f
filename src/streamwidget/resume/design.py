"""The base class of resume designs, and what the simple ones share. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ..decode.records import Record
from ..io.http_errors import Head
from ..io.request import HttpRequest
from ..io.source import Context
from .body import Body, RecordsBody
from .follow_up import follow_up, header
from .keys import Key
from .position import Position

Start = Literal["after", "from-start", "exact"]
"""Where the response begins: after the last key, at the very beginning, or at the position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """The next request, and where its response will begin."""

    request: HttpRequest
    start: Start = "after"


class CannotResume(Exception):
    """No request would continue the stream; the message is one sentence that says why."""


class Design:
    """Resume strategy for one kind of server; one instance per run.

    The base class follows the last event ID of server-sent events.
    """

    name: ClassVar[str]
    ordered: ClassVar[bool] = False
    """True if keys are increasing numbers."""
    counts: ClassVar[bool] = False
    """True if a skipped number means a lost record."""
    polls: ClassVar[bool] = False
    """True if servers end connections on purpose and expect another request."""
    marked: ClassVar[bool] = True
    """True if streams always end with a marker, so the end of a body alone is never the end."""
    asks_at_end: ClassVar[bool] = True
    """True if a clean end is confirmed by one more request."""
    over_statuses: ClassVar[frozenset[int]] = frozenset({204})
    """HTTP statuses that mean that the stream is over."""
    idle_statuses: ClassVar[frozenset[int]] = frozenset()
    """HTTP statuses that mean that there is no new data yet."""
    wants: ClassVar[Literal["event-stream", "same", "any"]] = "event-stream"
    """The content type a response must have: server-sent events, that of the first, or any."""
    lost_hint: ClassVar[str] = ""
    """A sentence for a server that no longer knows the stream."""

    def __init__(self, first: HttpRequest) -> None:
        self.first = first
        self.url = first.url
        """The full address of the first request; replaced when the client has built it."""
        self.taken = False
        """True once a record was accepted."""

    # --- records

    def key_of(self, record: Record, /) -> Key | None:
        """Return the key that identifies the record; None if it has none."""
        return record.id or None

    def note(self, record: Record, /) -> None:
        """Update the position from a new record."""
        del record
        self.taken = True

    @property
    def cursor(self) -> str | None:
        """The format's own position; None if it has none."""
        return None

    @property
    def resource(self) -> str | None:
        """ID or path that the server assigned, as the next request names it; else None."""
        return None

    def continue_at(self, position: Position) -> Key | None:
        """Continue a stream of another process; return the key of its last record, or None."""
        self.taken = position.records_count > 0
        return position.last_event_id or None

    def first_key(self) -> Key | None:
        """Return the key after which the first request continues; None if it has none."""
        return header(self.first, "last-event-id") or None

    def glimpse(self, beginning: str) -> None:
        """Read facts, such as an ID, from the beginning of a first record that was cut."""

    # --- answers and requests

    def body(self, name: str, context: Context, head: Head) -> Body:
        """Return what reads the bodies of the stream; `head` is that of the first response."""
        return RecordsBody(name, context, self, head)

    def learn(self, head: Head) -> None:
        """Take what it can from the head of a response."""

    def ask(self, position: Position) -> Ask:
        """Return the request that continues at `position`.

        Raises:
            CannotResume: there is none.
        """
        raise NotImplementedError

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> HttpRequest:
        """Return a GET of `url` with the headers and credentials of the first request."""
        return follow_up(self.first, self.url, url, headers=headers)


def json_body(request: HttpRequest) -> dict[str, Any] | None:
    """Return the JSON object that the request sends; None if it sends none, or not as JSON."""
    value = request.options.get("json")
    content = request.options.get("content")
    if request.ready is not None:
        content = getattr(request.ready, "_content", None)
    if value is None and isinstance(content, (str, bytes)) and content:
        try:
            value = json.loads(content)
        except ValueError:
            return None
    return dict(value) if isinstance(value, Mapping) else None
