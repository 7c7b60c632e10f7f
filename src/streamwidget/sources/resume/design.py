"""What a resume design is, and what the simple ones have in common. Pure."""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any, ClassVar, Literal

from ...formats.records import Record
from ..request import HttpRequest
from .ask import follow_up, header
from .position import Position
from .track import Key

Start = Literal["after", "from-start", "exact"]
"""Where the answer begins: after the last key, at the very beginning, or right at the position."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ask:
    """The next request, and where its answer will begin."""

    request: HttpRequest
    start: Start = "after"


@dataclass(frozen=True, slots=True, kw_only=True)
class Reply:
    """What is known of an answer before its body."""

    status_code: int
    headers: Mapping[str, str] = field(default_factory=dict)
    """By their names in lower case."""
    url: str = ""
    """What was asked, after redirects."""


class CannotResume(Exception):
    """There is no request that would go on; the message is one sentence that says why."""


class Design:
    """How streams of one kind are gone on with; an object belongs to one run.

    The base is what follows the last event ID of server-sent events by a GET of the same address.
    """

    name: ClassVar[str]
    ordered: ClassVar[bool] = False
    """Whether keys are numbers that only grow."""
    counts: ClassVar[bool] = False
    """Whether a number that is skipped is a record that was lost."""
    polls: ClassVar[bool] = False
    """Whether its servers end connections on purpose, to be asked again."""
    marked: ClassVar[bool] = True
    """Whether its streams end with a marker, so that no end of a body is taken for theirs."""
    asks_at_end: ClassVar[bool] = True
    """Whether a good end that the format takes for the end of the stream is asked about."""
    over_statuses: ClassVar[frozenset[int]] = frozenset({204})
    """Statuses that say that nothing more will come."""
    idle_statuses: ClassVar[frozenset[int]] = frozenset()
    """Statuses that say that nothing has come for now."""
    wants: ClassVar[Literal["event-stream", "same", "any"]] = "event-stream"
    """What an answer has to be: server-sent events, of the first one's type, or anything."""
    lost_hint: ClassVar[str] = ""
    """A sentence for a server that does not know the stream any more."""

    def __init__(self, first: HttpRequest) -> None:
        self.first = first
        self.url = first.url
        """Where the first request went, whole; set anew when it was built."""
        self.taken = False
        """Whether a record was taken in."""

    # --- records

    def key_of(self, record: Record, /) -> Key | None:
        return record.id or None

    def note(self, record: Record, /) -> None:
        del record
        self.taken = True

    @property
    def cursor(self) -> str | None:
        """The format's own position; None if it told none."""
        return None

    def first_key(self) -> Key | None:
        """The key that the first request already asked to go on after."""
        return header(self.first, "last-event-id") or None

    def glimpse(self, beginning: str) -> None:
        """The connection dropped inside the very first record, which began like this."""

    # --- answers and requests

    def learn(self, reply: Reply) -> None:
        """An answer of a stream begins."""

    def ask(self, position: Position) -> Ask:
        """The request that goes on at `position`.

        Raises:
            CannotResume: there is none.
        """
        raise NotImplementedError

    def get(self, url: str, headers: Mapping[str, str] | None = None) -> HttpRequest:
        return follow_up(self.first, self.url, url, headers=headers)


def json_body(request: HttpRequest) -> dict[str, Any] | None:
    """The JSON object that the request sends; None if it sends none that can be looked at."""
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
