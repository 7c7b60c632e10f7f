"""Resume by the last event ID: EventSource, MCP, LangGraph's runs. Pure.

Sources: WHATWG HTML 9.2.3; MCP 2025-11-25, basic/transports, "Resumability and redelivery";
LangGraph's `join_stream`.
"""

from __future__ import annotations

from typing import Final
from urllib.parse import urljoin, urlsplit

from ..errors import UsageError
from ..io.http_errors import Head
from ..io.request import HttpRequest
from .design import Ask, CannotResume, Design, Start, json_body
from .follow_up import header
from .keys import Key
from .position import Position

ID_HEADER: Final = "Last-Event-ID"
MCP_WITHOUT: Final = "2026-07-28"
"""The revision of MCP that removed resuming."""


class EventSource(Design):
    """The same GET with `Last-Event-ID`; 204 means that the stream is over."""

    name = "last-event-id"
    marked = False

    def __init__(self, first: HttpRequest) -> None:
        super().__init__(first)
        if first.method != "GET":
            raise UsageError(
                f"resume='last-event-id' sends the same request again, and a {first.method} is "
                "never sent twice: use GET, or pass a function that returns the request to "
                "continue with (resume=lambda position: http(...))."
            )

    def ask(self, position: Position) -> Ask:
        headers = {ID_HEADER: position.last_event_id} if position.last_event_id else {}
        start: Start = "after" if position.last_event_id else "from-start"
        return Ask(request=self.get(self.url, headers), start=start)


class MCP(Design):
    """A GET of the same address with `Last-Event-ID`, and the session's and revision's headers."""

    name = "mcp"
    polls = True
    lost_hint = "The session may have ended, or the server keeps no events to resume from."

    def __init__(self, first: HttpRequest) -> None:
        super().__init__(first)
        revision = header(first, "mcp-protocol-version")
        if revision >= MCP_WITHOUT:
            raise UsageError(
                f"MCP {revision} cannot resume: closing the stream cancels the request. "
                "Leave resume= out."
            )
        self._session = header(first, "mcp-session-id")

    def learn(self, head: Head) -> None:
        self._session = head.headers.get("mcp-session-id", self._session)

    def ask(self, position: Position) -> Ask:
        if not position.last_event_id:
            raise CannotResume(
                "The MCP server sent events without ids, so there is no position to resume from."
            )
        headers = {ID_HEADER: position.last_event_id, "Accept": "text/event-stream"}
        if self._session:
            headers["Mcp-Session-Id"] = self._session
        return Ask(request=self.get(self.url, headers))


class LangGraphRuns(Design):
    """A GET of the run's stream, which `Location` or `Content-Location` names."""

    name = "langgraph"
    marked = False
    lost_hint = "The run may have been deleted, or it was created without stream_resumable: true."

    def __init__(self, first: HttpRequest) -> None:
        super().__init__(first)
        self._location = first.url if first.method == "GET" else ""
        body = json_body(first)
        self._declared = body is None or body.get("stream_resumable") is True

    @property
    def resource(self) -> str | None:
        return urlsplit(self._location).path or None if self.first.method != "GET" else None

    def continue_at(self, position: Position) -> Key | None:
        if self.first.method != "GET" and position.resource:
            self._location = urljoin(self.url, position.resource)
        return super().continue_at(position)

    def learn(self, head: Head) -> None:
        if self.first.method == "GET" or self._location:
            return
        location = head.headers.get("location") or head.headers.get("content-location")
        if location:
            path, mark, query = location.partition("?")
            path = path.rstrip("/")
            path = path if path.endswith("/stream") else f"{path}/stream"
            self._location = urljoin(head.url or self.url, path + mark + query)

    def ask(self, position: Position) -> Ask:
        url = self.url if self.first.method == "GET" else self._location
        if not url:
            raise CannotResume("The server did not say where the run can be joined (Location).")
        if not self._declared or (self.taken and not position.last_event_id):
            raise CannotResume(
                "The run was created without stream_resumable: true, so its events have no ids to "
                "resume from."
            )
        start: Start = "after" if position.last_event_id else "from-start"
        return Ask(request=self.get(url, {ID_HEADER: position.last_event_id or "-1"}), start=start)
