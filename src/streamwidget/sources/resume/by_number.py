"""Designs that go on after a number or an id inside the JSON. Pure.

Sources: OpenAI API reference, "Responses / Get a model response" and the guide "Background mode";
Gemini API, "Interactions"; langchain-protocol, "Resuming".
"""

from __future__ import annotations

import re
from urllib.parse import quote

from ...formats.fields import integer, mapping, text
from ...formats.records import Record
from ..request import HttpRequest
from .ask import below, follow_up, query_of, with_query
from .design import Ask, CannotResume, Design, json_body
from .position import Position
from .track import Key


class Created(Design):
    """What was created by a POST is read on by a GET of the same address with its id below."""

    what = "response"

    def __init__(self, first: HttpRequest) -> None:
        super().__init__(first)
        self.id = ""
        """Of what was created; "" until the stream told it."""
        body = json_body(first)
        self.in_background = body is None or body.get("background") is True

    def glimpse(self, beginning: str) -> None:
        # What was created costs money and goes on by itself: half of its first event may name it.
        found = re.search(rf'"{self.what}"\s*:\s*{{[^{{}}]*?"id"\s*:\s*"([^"\\]+)"', beginning)
        if found and not self.id:
            self.id = found[1]

    def read_url(self) -> str:
        """The address of what was created."""
        if self.first.method == "GET":
            return self.url
        if not self.id:
            raise CannotResume(f"The connection dropped before the id of the {self.what} came.")
        if not self.in_background:
            raise CannotResume(
                f"The {self.what} was not created with background: true, so that it ended with its "
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
        told = query_of(self.first.url).get("starting_after", "")
        params = self.first.options.get("params") or {}
        told = str(params.get("starting_after", told)) if isinstance(params, dict) else told
        self._number = int(told) if told.isascii() and told.isdigit() else None
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

    def key_of(self, record: Record, /) -> Key | None:
        return text(record.object, "event_id") or None

    def note(self, record: Record, /) -> None:
        super().note(record)
        told = text(mapping(record.object, "interaction"), "id")
        self.id = self.id or told or text(record.object, "interaction_id")
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
    """The subscription of LangGraph's event protocol anew, with `since`: it starts nothing.

    A resumed subscription may begin with the state of the run, which comes before lower numbers, so
    only other events move the position.
    """

    name = "langgraph"
    lost_hint = "The run may be gone, or its buffer has passed this position."

    def __init__(self, first: HttpRequest) -> None:
        super().__init__(first)
        self._body = json_body(first) or {}
        since = integer(self._body, "since")
        self._since = since

    def first_key(self) -> Key | None:
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
