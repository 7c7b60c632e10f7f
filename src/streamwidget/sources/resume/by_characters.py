"""Designs that go on at a place in the text itself, or where a function of the user says. Pure.

Source: the package `resumable-stream`, and the AI SDK's `DefaultChatTransport`.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from ...errors import UsageError
from ...formats.fields import integer, text
from ...formats.records import Record
from ..request import HttpRequest
from .ask import below, query_of, with_query
from .design import Ask, CannotResume, Design, json_body
from .position import Position
from .track import Key


class ResumableStream(Design):
    """`?resumeAt=<characters>` of the same GET; after a chat's POST, `GET <address>/<id>/stream`.

    Characters are counted as JavaScript does, in UTF-16 units. The second address gives everything
    from the start again.
    """

    name = "resumable-stream"
    marked = False
    over_statuses = frozenset({204, 422})
    lost_hint = "The server keeps the stream only while it is being written."

    def __init__(self, first: HttpRequest) -> None:
        super().__init__(first)
        body = json_body(first) or {}
        self._chat_id = text(body, "id")
        if first.method != "GET" and not self._chat_id:
            raise UsageError(
                "resume='resumable-stream' goes on with GET <address>/<id>/stream, and the JSON of "
                f"this {first.method} has no 'id': pass a function (resume=lambda position: "
                "http('GET', ...))."
            )
        self.utf16_units: Callable[[], int] = lambda: 0
        """How far the text was taken in; set by whoever counts it."""

    def key_of(self, _record: Record, /) -> Key | None:
        return None

    def first_key(self) -> Key | None:
        return None

    @property
    def cursor(self) -> str | None:
        told = query_of(self.url).get("resumeAt", "")
        before = int(told) if told.isascii() and told.isdigit() else 0
        return str(before + self.utf16_units())

    def ask(self, position: Position) -> Ask:
        if self.first.method != "GET":
            url = below(with_query(self.url), quote(self._chat_id, safe=""), "stream")
            return Ask(request=self.get(url), start="from-start")
        return Ask(request=self.get(with_query(self.url, resumeAt=position.cursor)), start="exact")


class ByFunction(Design):
    """What the user's function says; it is trusted to name the request that goes on exactly there.

    Events that have an ID or a number, and come again, are dropped all the same.
    """

    name = "function"
    marked = False
    asks_at_end = False
    wants = "same"

    def __init__(
        self,
        first: HttpRequest,
        function: Callable[[Position], object],
        request_of: Callable[[object], HttpRequest | None],
    ) -> None:
        super().__init__(first)
        self._function = function
        self._request_of = request_of
        self._cursor: str | None = None

    def key_of(self, record: Record, /) -> Key | None:
        # Not their numbers: those of a second response in the stream begin anew.
        return record.id or text(record.object, "event_id") or None

    def note(self, record: Record, /) -> None:
        super().note(record)
        number = integer(record.object, "sequence_number", "seq")
        told = text(record.object, "event_id") if number is None else str(number)
        self._cursor = told or self._cursor

    @property
    def cursor(self) -> str | None:
        return self._cursor

    def ask(self, position: Position) -> Ask:
        told = self._function(position)
        if told is None:
            raise CannotResume("The function that was passed as resume= gave up (None).")
        request = self._request_of(told)
        if request is None:
            raise UsageError(
                f"The function that was passed as resume= gave a {type(told).__name__}: it gives a "
                "request of httpx or httpx2, http(...), or None to give up."
            )
        return Ask(request=request, start="exact")
