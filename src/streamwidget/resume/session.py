"""Decides what a run requests next, and what a response or a lost connection means. No I/O.

The transport sends `request`, reports what happened, and after each connection waits `wait_s` and
sends again, until `wait_s` is None. Without a resume design there is one connection. A failure that
the server reports in its stream never counts as a broken connection, and only a GET is ever sent a
second time.
"""

from __future__ import annotations

import random
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Final, TypeAlias

from ..decode.sniff import media_type
from ..errors import IncompleteError, ResponseError, StreamWidgetError, TransportError
from ..events import Event, RunEnd
from ..io.http_errors import RETRYABLE, Head
from ..io.redaction import safe_url
from ..io.request import HttpRequest
from ..io.source import Context
from .attempts import Attempts
from .body import Body, OnlyBody
from .design import Ask, CannotResume, Design
from .drops import Drops
from .keys import Key
from .position import Position
from .retry_after import advice, other_type, retry_after_s

TRANSIENT: Final = RETRYABLE | {500, 502, 503, 504}
"""HTTP statuses of a server that may recover soon."""
Place: TypeAlias = tuple[str, str | None]
"""The last event ID, and the format's own position."""


@dataclass(frozen=True, slots=True)
class Chance:
    """A clock in seconds, and random numbers in [0, 1); passed in, so that tests control them."""

    now: Callable[[], float] = time.monotonic
    dice: Callable[[], float] = random.Random().random


class Session:
    """The exchange of one run; `design` None: the stream is not resumed."""

    def __init__(
        self,
        first: HttpRequest | None,
        name: str,
        context: Context,
        design: Design | None = None,
        chance: Chance | None = None,
        place: Position | None = None,
    ) -> None:
        """`first` None: the response is open already, and there is no design. `place`: the position
        where a stream continues that another process began; None: it begins here."""
        self.request = first
        """The request to send now."""
        self.wait_s: float | None = None
        """Seconds to wait after this connection before the next one; None: no other follows."""
        self.quiet = False
        """True if the wait is planned by the server, so the view does not mention it."""
        self.last: Sequence[Event] = ()
        """Events still to be pushed after the connection."""
        self.over_early = False
        """True once the server said that the present body has no more, without closing it."""
        self._first = first
        self._begun_at = place
        self._design = design
        self._name = name
        self._context = context
        self._chance = chance or Chance()
        self._attempts = Attempts(context.limits, self._chance.dice)
        self._drops = Drops()
        self._key: Key | None = None
        self._ask: Ask | None = None
        """The request that resumes the stream; None before the first one."""
        self._body: Body | None = None
        self._first_type = ""
        # The present connection:
        self._head: Head | None = None
        self._begun_s = 0.0
        self._filled_before = 0
        self._place_before: Place = ("", None)
        self._resuming = False
        self._confirming = False  # True if it only confirms that the stream is over
        self._confirm_next = False

    # --- one connection

    def sending(self, url: str) -> None:
        """Begin a connection: the request for `url` is about to be sent."""
        if self._design is not None and self.request is self._first:
            self._design.url = url
            self._continue_at(self._design, self._begun_at)
        self.wait_s, self.quiet, self.last, self.over_early = None, False, (), False
        self._head = None
        self._begun_s = self._chance.now()
        self._filled_before = self._filled
        self._place_before = self._place
        self._resuming = self._body is not None or self._begun_at is not None
        self._confirming, self._confirm_next = self._confirm_next, False

    def _continue_at(self, design: Design, place: Position | None) -> None:
        """Request what follows `place`, unless it is None."""
        if place is None:
            return
        self._key = design.continue_at(place)
        try:
            self._ask = design.ask(place)
        except CannotResume as reason:
            raise IncompleteError(str(reason)) from None
        self.request = self._ask.request

    def answered(self, head: Head) -> bool:
        """True if the body of the response is to be read; if not, call `refused`."""
        self._head = head
        if not head.is_stream or (self._resuming and other_type(self._wanted_type, head)):
            return False
        self._check_range(head)
        self._begin_body(head)
        return True

    def refused(self, head: Head, beginning: bytes) -> None:
        """Handle a response that is not the stream; its body begins with `beginning`.

        Raises:
            StreamWidgetError: the run has failed.
        """
        status, design = head.status_code, self._design
        if design is None:
            raise head.error(beginning)
        if status in design.idle_statuses:
            self._begin_body(head)
            self.over()
        elif self._confirming and status in TRANSIENT:
            self._confirm_again(retry_after_s(head.headers) or 0.0)
        elif self._resuming and (status in design.over_statuses or self._confirming):
            self._context.advise("The server has no more of this stream.")
            self._finish()
        else:
            self._refused(design, head, beginning)

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events of a chunk of the body. Those before it were applied."""
        body = self._body
        assert body is not None
        if self._design is None:
            return body.feed(chunk)
        body.commit()
        if body.is_settled:
            self._context.settled(body.position().facts)
        events = body.feed(chunk)
        self.over_early = body.over
        return self._received(body, events)

    def _received(self, body: Body, events: list[Event]) -> list[Event]:
        """Return `events` after the notices that are due, and note progress."""
        if self._progressed:
            self._attempts.progress()
            self._confirming = False
            if events:
                notices = self._drops.notices(body.missing_count, self._chance.now())
                return [*notices, *events]
        return events

    def over(self) -> None:
        """Handle a body that ended cleanly, or is over early.

        Raises:
            StreamWidgetError: the stream is not over and cannot continue.
        """
        body = self._body
        assert body is not None
        if body.ended:
            self.last = body.end()
            return
        if self._design is None:
            self._end_without(None, self._advice())
            return
        self.last = self._received(body, body.body_over())
        body.commit()
        outcome = body.outcome()
        believed = self._unmoved or not self._design.asks_at_end
        if body.over or outcome == "failed" or (outcome == "complete" and believed):
            self._finish()
        elif not body.ended:
            self._confirm_next = outcome == "complete"
            self._again(None, polled=self._design.polls)

    def broke(self, error: StreamWidgetError, *, connecting: bool) -> None:
        """Handle a lost connection, or one that could not be made (`connecting`).

        Raises:
            StreamWidgetError: `error`, or why the stream cannot continue.
        """
        if self._body is not None and self._body.ended:
            return  # all of the answer has arrived
        if not isinstance(error, TransportError) or not error.retryable:
            raise error
        if self._body is not None:
            self._body.commit()
        if self._unmoved:
            if connecting:
                self._finish()
            else:
                self._confirm_again()
            return
        is_lost = not self._resuming and self._head is None
        if is_lost and (self._design is None or connecting or not self._is_get):
            raise error  # nothing was received, or the request must not be sent again
        if self._design is None and not self.byte_count:
            raise error
        self._again(error)

    # --- responses

    def _begin_body(self, head: Head) -> None:
        if self._design is not None:
            self._design.learn(head)
        if self._body is None:
            self._first_type = media_type(head.content_type)
            self._body = (
                OnlyBody(self._name, self._context, head)
                if self._design is None
                else self._design.body(self._name, self._context, head)
            )
            if self._ask is not None and self._begun_at is not None:
                self._body.continue_at(self._begun_at, self._key, self._ask)
        elif self._ask is not None:
            self._body.restart(self._ask, head)

    @property
    def _wanted_type(self) -> str:
        if self._design is None:
            return ""
        wanted = {"event-stream": "text/event-stream", "same": self._first_type, "any": ""}
        return wanted[self._design.wants]

    def _check_range(self, head: Head) -> None:
        """Raise if a server that does not support ranges sends everything again, with 200."""
        if not self._resuming or self._ask is None or head.status_code != 200:
            return
        if any(name.lower() == "range" for name, _ in self._ask.request.header_pairs):
            raise TransportError(
                f"The connection to {self._name} was lost, and the server ignored the Range header "
                "of the next request: it sends everything again.",
                retryable=False,
            )

    def _refused(self, design: Design, head: Head, beginning: bytes) -> None:
        status = head.status_code
        if head.is_stream:
            given, wanted = other_type(self._wanted_type, head), self._wanted_type
            sentence = f"{head.method} {safe_url(head.url)} returned {given}, not {wanted}."
            error = ResponseError(sentence, status_code=status)
        else:
            error = head.error(beginning)
        asked_s = retry_after_s(head.headers)
        if status in TRANSIENT and (self._resuming or (self._is_get and asked_s is not None)):
            self._again(error, asked_s or 0.0)
        elif self._resuming:
            lost = design.lost_hint if status in (404, 405, 410, 416) else ""
            sentence = f"{error.message} The stream could not be resumed. {lost}".rstrip()
            raise ResponseError(sentence, status_code=status)
        else:
            raise error

    # --- the next connection

    def _again(
        self, error: StreamWidgetError | None, asked_s: float = 0.0, *, polled: bool = False
    ) -> None:
        """Prepare the next connection; end the stream, or raise, if there is none."""
        if self._design is None:
            self._end_without(error, self._advice())
            return
        lasted_s = self._chance.now() - self._begun_s
        long_enough = self._progressed or lasted_s >= self._context.limits.resume_poll_s
        planned = polled and long_enough
        least_s = max(asked_s, self._body.retry_s if self._body else 0.0)
        wait_s = least_s if planned else self._attempts.next_wait_s(least_s)
        if wait_s is None:
            self._end_without(error, self._tried_words())
            return
        try:
            ask = self._ask = self._next_ask(self._design)
        except CannotResume as reason:
            self._end_without(error, str(reason))
            return
        self.request, self.wait_s = ask.request, wait_s
        self.quiet = planned or self._confirm_next
        if not self.quiet:
            self._drops.note(self._body.amount if self._body else "", self._chance.now())

    def _confirm_again(self, asked_s: float = 0.0) -> None:
        """Request once more: the server neither continued nor ended the stream."""
        self._confirm_next = True
        self._again(None, asked_s)

    def _next_ask(self, design: Design) -> Ask:
        body = self._body
        if body is None:
            assert self._first is not None
            return self._ask or Ask(request=self._first)  # a GET without a response
        if not body.can_continue:
            raise CannotResume("A stream of this kind cannot continue in the middle. Run it again.")
        design.glimpse(body.glimpse)
        return design.ask(body.position())

    def _tried_words(self) -> str:
        count = self._context.limits.resume_attempts_count
        if not count:
            return "Limits(resume_attempts_count=0) allows no attempt to resume."
        return f"{count} attempts to resume brought nothing new."

    def _advice(self) -> str:
        """Return a sentence: whether and how the stream could have been resumed."""
        assert isinstance(self._body, OnlyBody)
        assert self._head is not None
        pipeline = self._body.reader.pipeline
        name, last_event_id = pipeline.format_name, pipeline.last_event_id
        return advice(self._first, name, last_event_id, self._head.headers)

    def _end_without(self, error: StreamWidgetError | None, reason: str) -> None:
        if error is None:
            self._context.advise(reason)
            self._finish()
        elif isinstance(error, ResponseError):
            raise ResponseError(f"{error.message} {reason}", status_code=error.status_code)
        else:
            raise TransportError(f"{error.message} {reason}")

    def _finish(self) -> None:
        self.wait_s = None
        if self._body is None:  # the server has nothing after the position
            self.last = [RunEnd("cut")]
            return
        self.last = self.last if self._body.ended else [*self.last, *self._body.end()]

    # --- facts

    @property
    def byte_count(self) -> int | None:
        """Bytes of all bodies so far; None before the first."""
        return self._body.byte_count if self._body else None

    @property
    def _filled(self) -> int:
        return self._body.filled_count if self._body else 0

    @property
    def _progressed(self) -> bool:
        return self._filled > self._filled_before

    @property
    def _place(self) -> Place:
        """The position; an event ID without content moves it too."""
        position = self._body.position() if self._body else Position()
        return position.last_event_id, position.cursor

    @property
    def _unmoved(self) -> bool:
        """True if this connection only re-checked that the stream had ended, and brought nothing
        new, not even the beginning of a record."""
        body = self._body
        if not self._confirming or body is None or self._progressed:
            return False
        return self._place == self._place_before and not body.has_begun

    @property
    def _is_get(self) -> bool:
        return self._first is not None and self._first.method == "GET"
