"""Chunks of bytes to events, for HTTP responses, files and iterators.

Chunk boundaries mean nothing. The content type and the first bytes determine the format.
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import TYPE_CHECKING, Final, TypeAlias

from ..errors import ResponseError, UsageError
from ..events import Event, Failure, Notice, RunEnd, RunStart
from .buffering import Clumps
from .html_page import PageDetector
from .redaction import Redaction
from .source import Context

if TYPE_CHECKING:
    from ..formats.pipeline import ResumedFramings

NO_SECRETS: Final = Redaction()
_SPECIAL: Final = frozenset({RunEnd, Failure})
PageError: TypeAlias = Callable[[bytes], ResponseError]


class Reader:
    """Decodes one stream of bytes into batches of events; announces the format once it is known."""

    def __init__(
        self,
        name: str,
        context: Context,
        content_type: str | None,
        resumed: ResumedFramings | None = None,
        *,
        printed: bool = False,
        page_error: PageError | None = None,
        redaction: Redaction = NO_SECRETS,
    ) -> None:
        """`page_error` makes the error for an HTML page in place of a stream; None: any text is
        accepted. `redaction` hides secrets in failures that the peer reports."""
        # Imported here, because it loads every vocabulary.
        from ..formats.pipeline import open_pipeline

        self.ended = False
        """True once the end marker has arrived: of what follows, only failures count."""
        self.byte_count = 0
        """Bytes of the stream so far."""
        self._announcement = Announcement(name, printed=printed)
        self._redaction = redaction
        self._page_error = page_error
        welcome = page_error is None or context.format == "text"
        self._page = None if welcome else PageDetector()
        self._clumps = Clumps(context.began_s)
        self.pipeline = open_pipeline(
            context.new_id,
            format=context.format,
            content_type=content_type,
            limits=context.limits,
            resumed=resumed,
        )
        context.holds(self.rest)

    def feed(self, chunk: bytes) -> list[Event]:
        """Return the events that this chunk completed.

        Raises:
            LimitError: a record is longer than `Limits.record_bytes`.
        """
        self.byte_count += len(chunk)
        if self._page is not None:
            chunk = self._look_for_page(self._page.feed(chunk))
            if not chunk:
                return []
        events = (self.pipeline.stage or self.pipeline).feed(chunk)
        clumps = self._clumps
        if not clumps.is_reported:
            sentence = clumps.feed(time.monotonic(), chunk, events)
            if sentence is not None:
                events = _with_notice(sentence, events)
        for event in events:
            if type(event) in _SPECIAL:
                return self._finished(events)
        return events if self._announcement.made or not events else self._finished(events)

    def restart(self) -> None:
        """Begin another body, the answer to a resume: what it sends at once was not held back."""
        self.pipeline.restart()
        self._clumps.is_reported = True
        if self._page is not None:
            self._page = PageDetector()

    def body_over(self) -> list[Event]:
        """Return the events that the end of the present body completes; another may follow.

        Raises:
            ResponseError: the body began an HTML page.
        """
        if self._page is not None and self._page.is_begun:
            self._look_for_page(self._page.flush())
        events = self.pipeline.body_over()
        return self._finished(events) if events else events

    def end(self) -> list[Event]:
        """Return the events that were held back, and the `RunEnd`.

        Raises:
            LimitError: see `feed`.
        """
        events: list[Event] = []
        if self._page is not None and (rest := self._look_for_page(self._page.flush())):
            events = self.pipeline.feed(rest)
        return self._finished([*events, *self.pipeline.flush()])

    @property
    def is_empty(self) -> bool:
        """True if no byte has arrived."""
        return not self.byte_count

    def rest(self) -> list[Event]:
        """Return what is held back, for a run that ends before its stream."""
        if self.ended:
            return []
        page, self._page = self._page, None
        events = [] if page is None else self.pipeline.feed(page.flush())
        return self._finished([*events, *self.pipeline.rest()])

    def _look_for_page(self, passed: bytes) -> bytes:
        assert self._page is not None
        assert self._page_error is not None
        if self._page.page is not None:
            raise self._page_error(self._page.page)
        if self._page.decided:
            self._page = None
        return passed

    def _finished(self, events: list[Event]) -> list[Event]:
        """Return `events` with the announcement before the first ones, and without secrets."""
        if not self.ended and events and _has_end(events):
            self.ended = True
            events = _with_notice(self._clumps.flush(), events)
        events = self._announcement.before(events, self.pipeline.format_name)
        for event in events:
            if type(event) is Failure:
                return self._redaction.events(events)
        return events


def _has_end(events: list[Event]) -> bool:
    """True if there is a `RunEnd` among them; only failures may follow it."""
    for event in reversed(events):
        if type(event) is not Failure:
            return type(event) is RunEnd
    return False


class Announcement:
    """Names the source and its format once, before the first events of a run."""

    def __init__(self, name: str, *, printed: bool = False) -> None:
        self.made = False
        self._name = name
        self._printed = printed

    def before(self, events: list[Event], format_name: str | None) -> list[Event]:
        """Return `events`, with the announcement before the first ones."""
        if self.made or not events:
            return events
        self.made = True
        return [RunStart(self._name, format_name, self._printed), *events]


def _with_notice(sentence: str | None, events: list[Event]) -> list[Event]:
    """Return `events` with a notice before them; unchanged without a sentence."""
    return events if sentence is None else [Notice(sentence, "warning"), *events]


def as_bytes(chunk: object, name: str) -> bytes:
    """Return `chunk` as bytes.

    Raises:
        UsageError: it has another type.
    """
    if isinstance(chunk, bytes):
        return chunk
    if isinstance(chunk, (bytearray, memoryview)):
        return bytes(chunk)
    raise UsageError(
        f"The source ({name}) yielded a {type(chunk).__name__} where bytes were expected: "
        "pass an iterable of bytes only, or of str only."
    )


def finish(reader: Reader, name: str) -> list[Event]:
    """Return the last events of a stream at the end of its bytes.

    Raises:
        ResponseError: no bytes arrived at all.
        LimitError: the last record is longer than `Limits.record_bytes`.
    """
    if reader.is_empty:
        raise ResponseError(
            f"The stream ({name}) was closed without sending anything: check that the server "
            "streams at this address, and its log.",
            retryable=True,
        )
    return reader.end()
