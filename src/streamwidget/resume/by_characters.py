"""Designs that continue at a position in the text, or where the user's function says. Pure.

Source: the package `resumable-stream`, and the AI SDK's `DefaultChatTransport`.
"""

from __future__ import annotations

from collections.abc import Callable
from urllib.parse import quote

from ..decode.records import Record
from ..errors import UsageError
from ..formats.fields import integer, text
from ..io.request import HttpRequest
from .design import Ask, CannotResume, Design, json_body
from .follow_up import below, query_of, with_query
from .keys import Key
from .position import Position


class ResumableStream(Design):
    """`?resumeAt=<characters>` of the same GET; after a chat's POST, `GET <address>/<id>/stream`.

    Characters are counted as JavaScript counts them, in UTF-16 units. The second address sends
    everything from the start again.
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
                "resume='resumable-stream' continues with GET <address>/<id>/stream, but the JSON "
                f"of this {first.method} has no 'id': pass a function (resume=lambda position: "
                "http(...))."
            )

    def key_of(self, _record: Record, /) -> Key | None:
        return None

    def first_key(self) -> Key | None:
        return None

    def ask(self, position: Position) -> Ask:
        if self.first.method != "GET":
            url = below(with_query(self.url), quote(self._chat_id, safe=""), "stream")
            return Ask(request=self.get(url), start="from-start")
        value = query_of(self.url).get("resumeAt", "")
        before = int(value) if value.isascii() and value.isdigit() else 0
        at = str(before + position.utf16_units)
        return Ask(request=self.get(with_query(self.url, resumeAt=at)), start="exact")


class ByFunction(Design):
    """The request that the user's function returns, trusted to continue exactly at the position.

    Events that carry an ID and arrive again are dropped nevertheless.
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

    def continue_at(self, position: Position) -> Key | None:
        self._cursor = position.cursor
        return super().continue_at(position)

    def key_of(self, record: Record, /) -> Key | None:
        # Not their numbers: a second response in the same stream counts from the start again.
        return record.id or text(record.object, "event_id") or None

    def note(self, record: Record, /) -> None:
        super().note(record)
        number = integer(record.object, "sequence_number", "seq")
        cursor = text(record.object, "event_id") if number is None else str(number)
        self._cursor = cursor or self._cursor

    @property
    def cursor(self) -> str | None:
        return self._cursor

    def ask(self, position: Position) -> Ask:
        value = self._function(position)
        if value is None:
            raise CannotResume(
                "The function passed as resume= returned None, so no request is made."
            )
        request = self._request_of(value)
        if request is None:
            raise UsageError(
                f"The function passed as resume= returned a {type(value).__name__}: return a "
                "request of httpx or httpx2, http(...), or None to give up."
            )
        return Ask(request=request, start="exact")
