"""Runs a source's exchange without sockets: a keeper answers, and connections die where one wants.

The same `Session`, designs and readers as over HTTP; only the client is missing.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from faults import Answer, Request
from feeding import ids
from resumable import Keeper

from streamwidget import Limits
from streamwidget.document import Document
from streamwidget.errors import StreamWidgetError, TransportError
from streamwidget.events import Event, RunEnd
from streamwidget.io.http_errors import Head
from streamwidget.io.httpx import AsyncHttp, SyncHttp
from streamwidget.io.request import HttpRequest
from streamwidget.io.source import Context
from streamwidget.resume.attempts import Attempts
from streamwidget.resume.session import Chance, Session

AT_ONCE = Limits(resume_wait_s=0, resume_attempts_count=1000)
BROKEN = "The connection broke."
REFUSED = "refused"
"""Of a `TransportError` as an answer: nobody listened. Any other is a break before the answer."""


@dataclass
class Ending:
    """The result of an exchange."""

    document: Document = field(default_factory=Document)
    events: list[Event] = field(default_factory=list)
    error: StreamWidgetError | None = None
    requests: list[Request] = field(default_factory=list)
    waits_s: list[float] = field(default_factory=list)
    advice: str = ""
    now_s: float = 0.0

    @property
    def outcome(self) -> str | None:
        return next((e.outcome for e in reversed(self.events) if isinstance(e, RunEnd)), None)

    @property
    def content(self) -> dict[str, Any]:
        """The document without the notice of drops."""
        told = self.document.snapshot()
        told["parts"] = [part for part in told["parts"] if part["id"] != "_resumed"]
        return told


def exchange(
    source: object,
    answer: Callable[[Request], Answer | StreamWidgetError],
    *,
    limits: Limits = AT_ONCE,
    dice: Callable[[], float] = lambda: 0.5,
    lasts_s: float = 0.0,
) -> Ending:
    """Every connection lasts `lasts_s` of the exchange's own clock, and waits pass on it."""
    assert isinstance(source, (AsyncHttp, SyncHttp))
    assert source.request
    ending = Ending()

    def advise(advice: str) -> None:
        ending.advice = advice

    context = Context(
        new_id=ids(),
        stop_requested=lambda: False,
        push=lambda _: None,
        continue_with=lambda _: None,
        limits=limits,
        advise=advise,
    )
    chance = Chance(now=lambda: ending.now_s, dice=dice)
    session = source.make_exchange(source.request, source.name, context)
    assert isinstance(session, Session)
    session._chance = chance
    session._attempts = Attempts(limits, dice)
    try:
        while True:
            for events in _connection(session, answer, ending, lasts_s):
                _apply(ending, events)
            _apply(ending, session.last)
            if session.wait_s is None:
                return ending
            ending.waits_s.append(session.wait_s)
            ending.now_s += session.wait_s
    except StreamWidgetError as error:
        ending.error = error
        return ending


def _apply(ending: Ending, events: Iterable[Event]) -> None:
    for event in events:
        ending.events.append(event)
        ending.document.apply(event)


def _connection(
    session: Session,
    answer: Callable[[Request], Answer | StreamWidgetError],
    ending: Ending,
    lasts_s: float,
) -> Iterator[Sequence[Event]]:
    told = session.request
    assert told is not None
    session.sending(told.url)
    request = request_of(told)
    ending.requests.append(request)
    given = answer(request)
    ending.now_s += lasts_s
    if isinstance(given, StreamWidgetError):
        session.broke(given, connecting=given.message == REFUSED)
        return
    headers = {name.lower(): value for name, value in given.headers.items()}
    if given.content_type:
        headers["content-type"] = given.content_type
    known = Head(method=told.method, url=told.url, status_code=given.status, headers=headers)
    if not session.answered(known):
        session.refused(known, given.body)
        return
    body = given.body if given.cut is None else given.body[: given.cut]
    size = given.piece_bytes or max(1, len(body))
    for at in range(0, len(body), size):
        if events := session.feed(body[at : at + size]):
            yield events
        if session.over_early:
            break
    if given.end == "clean" or session.over_early:
        session.over()
    else:
        session.broke(TransportError(BROKEN), connecting=False)


def request_of(told: HttpRequest) -> Request:
    """A request as the server receives it."""
    parts = urlsplit(told.url)
    headers = {name.lower(): value for name, value in told.header_pairs}
    body = told.options.get("json")
    sent = b"" if body is None else json.dumps(body).encode()
    return Request(told.method, parts.path, dict(parse_qsl(parts.query)), headers, sent)


def killing(
    keeper: Keeper, places: Iterable[int], ends: Sequence[str] = ("rst",), piece_bytes: int = 0
) -> Callable[[Request], Answer]:
    """The keeper's answers, each killed at the next place of the whole stream that it comes by."""
    rest = iter(places)
    count = 0

    def answer(request: Request) -> Answer:
        nonlocal count
        reply = keeper.reply(request)
        told = reply.answer
        for place in rest:
            if place >= reply.begins_at:
                count += 1
                end: Any = ends[count % len(ends)]
                cut = place - reply.begins_at
                return Answer(
                    reply.body, told.status, told.headers, told.content_type, end, cut, piece_bytes
                )
        return Answer(
            reply.body, told.status, told.headers, told.content_type, piece_bytes=piece_bytes
        )

    return answer
