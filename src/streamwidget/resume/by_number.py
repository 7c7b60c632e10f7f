"""Resume after a number or an ID in the JSON records. Pure.

Sources: OpenAI API reference, "Responses / Get a model response" and the guide "Background mode";
Gemini API, "Interactions"; langchain-protocol, "Resuming".
"""

from __future__ import annotations

import re
from urllib.parse import quote

from ..decode.records import Record
from ..formats.fields import integer, mapping, text
from ..io.request import HttpRequest
from .design import Ask, CannotResume, Design, json_body
from .follow_up import below, follow_up, query_of, with_query
from .keys import Key
from .position import Position


class Created(Design):
    """A resource created by a POST, read further by a GET of the same address plus its id."""

    what = "response"

    def __init__(self, first: HttpRequest) -> None:
        super().__init__(first)
        self.id = ""
        """The id of the created resource; "" until the stream contains it."""
        body = json_body(first)
        self.in_background = body is None or body.get("background") is True

    def glimpse(self, beginning: str) -> None:
        # The resource keeps running and costs money, and half of its first event may have the ID.
        match = re.search(rf'"{self.what}"\s*:\s*{{[^{{}}]*?"id"\s*:\s*"([^"\\]+)"', beginning)
        if match and not self.id:
            self.id = match[1]

    @property
    def resource(self) -> str | None:
        return self.id or None

    def continue_at(self, position: Position) -> Key | None:
        self.id = position.resource or ""
        return super().continue_at(position)

    def read_url(self) -> str:
        """Return the address of the created resource.

        Raises:
            CannotResume: its id is not known, or it ended with its connection.
        """
        if self.first.method == "GET":
            return self.url
        if not self.id:
            raise CannotResume(f"The connection was lost before the id of the {self.what} arrived.")
        if not self.in_background:
            raise CannotResume(
                f"The {self.what} was created without background: true, so it ended with its "
                "connection."
            )
        return below(self.url, quote(self.id, safe=""))


class OpenAIResponses(Created):
    """`GET /v1/responses/{id}?stream=true&starting_after=<sequence_number>`."""

    name = "openai-responses"
    ordered = True
    counts = True
    lost_hint = (
        "Only responses created with background: true and store: true can be resumed, for some "
        "minutes."
    )

    def __init__(self, first: HttpRequest) -> None:
        super().__init__(first)
        self._number: int | None = None

    def first_key(self) -> Key | None:
        value = query_of(self.first.url).get("starting_after", "")
        params = self.first.options.get("params") or {}
        value = str(params.get("starting_after", value)) if isinstance(params, dict) else value
        self._number = _number(value)
        return self._number

    def continue_at(self, position: Position) -> Key | None:
        super().continue_at(position)
        self._number = _number(position.cursor)
        return self._number

    def key_of(self, record: Record, /) -> Key | None:
        return integer(record.object, "sequence_number")

    def note(self, record: Record, /) -> None:
        super().note(record)
        self.id = self.id or text(mapping(record.object, "response"), "id")
        number = integer(record.object, "sequence_number")
        self._number = self._number if number is None else number

    @property
    def cursor(self) -> str | None:
        return None if self._number is None else str(self._number)

    def ask(self, position: Position) -> Ask:
        url = self.read_url()
        if self.taken and position.cursor is None:
            raise CannotResume("The events have no sequence_number to resume from.")
        url = with_query(url, stream="true", starting_after=position.cursor)
        return Ask(request=self.get(url), start="after" if position.cursor else "from-start")


class GeminiInteractions(Created):
    """`GET /v1beta/interactions/{id}?stream=true&last_event_id=<event_id>`."""

    name = "gemini-interactions"
    what = "interaction"
    lost_hint = "Only interactions created with background: true and store: true can be resumed."

    def __init__(self, first: HttpRequest) -> None:
        super().__init__(first)
        self._event_id: str | None = None

    def first_key(self) -> Key | None:
        self._event_id = query_of(self.first.url).get("last_event_id")
        return self._event_id

    def continue_at(self, position: Position) -> Key | None:
        super().continue_at(position)
        self._event_id = position.cursor
        return self._event_id

    def key_of(self, record: Record, /) -> Key | None:
        return text(record.object, "event_id") or None

    def note(self, record: Record, /) -> None:
        super().note(record)
        nested_id = text(mapping(record.object, "interaction"), "id")
        self.id = self.id or nested_id or text(record.object, "interaction_id")
        self._event_id = text(record.object, "event_id") or self._event_id

    @property
    def cursor(self) -> str | None:
        return self._event_id

    def ask(self, position: Position) -> Ask:
        url = self.read_url()
        if self.taken and position.cursor is None:
            raise CannotResume(
                "The events have no event_id to resume from: create the interaction with "
                "background: true."
            )
        url = with_query(url, stream="true", last_event_id=position.cursor)
        return Ask(request=self.get(url), start="after" if position.cursor else "from-start")


class LangGraphProtocol(Design):
    """The same subscription of LangGraph's event protocol, with `since`; it starts no new run.

    A resumed subscription may begin with the state of the run, which arrives before events with
    lower numbers, so state events do not move the position.
    """

    name = "langgraph"
    lost_hint = "The run may have been deleted, or its buffer no longer reaches back this far."

    def __init__(self, first: HttpRequest) -> None:
        super().__init__(first)
        self._body = json_body(first) or {}
        since = integer(self._body, "since")
        self._since = since

    def first_key(self) -> Key | None:
        return self._since

    def continue_at(self, position: Position) -> Key | None:
        super().continue_at(position)
        self._since = _number(position.cursor)
        return self._since

    def key_of(self, record: Record, /) -> Key | None:
        return integer(record.object, "seq")

    def note(self, record: Record, /) -> None:
        super().note(record)
        seq = integer(record.object, "seq")
        if seq is not None and text(record.object, "method") != "lifecycle":
            self._since = max(seq, self._since or 0)

    @property
    def cursor(self) -> str | None:
        return None if self._since is None else str(self._since)

    def ask(self, position: Position) -> Ask:
        body = dict(self._body)
        if position.cursor is not None:
            body["since"] = int(position.cursor)
        request = follow_up(self.first, self.url, self.url, json=body)
        return Ask(request=request, start="after" if position.cursor else "from-start")


def _number(text: str | None) -> int | None:
    """Return the number that a cursor writes; None if it is something else."""
    return int(text) if text and text.isascii() and text.isdigit() else None
