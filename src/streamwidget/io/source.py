"""The interfaces of a source and of the context it gets from a run. Must not know runs or widgets.

A source turns what the user passed into batches of canonical events. It is asynchronous (runs on
an event loop, is stopped by cancelling its task) or synchronous (runs on a worker thread, is
stopped between two batches, and woken by `interrupt`). It returns when it is exhausted; the format
decides what that means and emits a `RunEnd`. A failure is raised as an error of
`streamwidget.errors`; any other exception comes from the user's code and becomes a `SourceError`.
"""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from ..document import Document
from ..emit.capture import Capture
from ..emit.controls import Controls
from ..events import Event
from ..limits import DEFAULT_LIMITS, Limits
from ..threads import has_threads
from .redaction import Redaction


def _nothing() -> None:
    pass


def _nothing_of(_sentence: str) -> None:
    pass


def _nothing_restored(
    _document: Document, _at_s: float, _token_count: int, _first_token_s: float | None
) -> None:
    pass


def _nothing_kept(_position: Callable[[], float]) -> None:
    pass


def _nothing_held(_rest: Callable[[], Sequence[Event]]) -> None:
    pass


def _nothing_at(_at_s: float) -> None:
    pass


def _nothing_settled(_facts: Callable[[], Mapping[str, object]]) -> None:
    pass


def _nothing_concealed(_redaction: Callable[[], Redaction]) -> None:
    pass


def _nothing_concluded(_facts: Mapping[str, object]) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """Functions and facts that a run passes to its source."""

    new_id: Callable[[str], str]
    """Makes an id that is unique in the run from a short prefix: `"t"` gives `"t3"`."""
    stop_requested: Callable[[], bool]
    push: Callable[[Sequence[Event]], None]
    """Takes events from any thread at once; for sources that are called rather than read."""
    continue_with: Callable[[Source], None]
    """Sets the source to continue with once this one is exhausted (the result of a factory)."""
    hold: Callable[[], None] = lambda: None
    """Blocks the calling thread while the run is paused."""
    playing_s: Callable[[], float] = time.monotonic
    """A clock in seconds that stands still while the run is paused."""
    keep_time: Callable[[Callable[[], float]], None] = _nothing_kept
    """Makes a function the clock of the run: it returns seconds since the run began."""
    limits: Limits = DEFAULT_LIMITS
    format: str = "auto"
    alive: Callable[[], object] = _nothing
    """Notes a sign of life of the peer, also a comment or a ping."""
    holds: Callable[[Callable[[], Sequence[Event]]], None] = _nothing_held
    """Takes a function that returns the text a decoder still holds back. It is called once the
    producer has closed, because a stop or an error may have come before the next piece."""
    began_s: float = field(default_factory=time.monotonic)
    """When the source started, in seconds of `time.monotonic`."""
    dropped: Callable[[], None] = _nothing
    """Reports that the connection was lost and that the source reconnects automatically."""
    advise: Callable[[str], None] = _nothing_of
    """Sets the advice that is shown if the run turns out to be incomplete, in one sentence."""
    restore: Callable[[Document, float, int, float | None], None] = _nothing_restored
    """Replaces the document by a recorded one: the document, its time in seconds, the number of
    tokens so far, and the time of the first token in seconds (None: no token yet)."""
    stopped_by: Callable[[], str] = lambda: "reader"
    """Returns who or what requested the stop, as a code; `reader` is a person."""
    at_time: Callable[[float], None] = _nothing_at
    """Moves the clock of the run forward to a recorded time, in seconds since it began."""
    settled: Callable[[Callable[[], Mapping[str, object]]], None] = _nothing_settled
    """Reports that all events so far belong to a position of the stream, whose JSON values the
    function returns."""
    conceal: Callable[[Callable[[], Redaction]], None] = _nothing_concealed
    """Takes a function that returns the redaction of the request: its secrets are hidden in the
    errors and the log lines of the user's own code too, such as a hook of the client."""
    conclude: Callable[[Mapping[str, object]], None] = _nothing_concluded
    """Ends the run with the facts of a journal's closing line."""
    capture: Capture | None = None
    """Takes what the source prints and displays; None: that goes where it always goes."""
    controls: Controls | None = None
    """The questions and the knobs of the run; None: nobody can answer."""


RESTING: Sequence[Event] = []
"""The batch, known by its identity, of a synchronous source that rests; see `rest`."""


def rest(woken: threading.Event, seconds: float) -> Iterator[Sequence[Event]]:
    """Let a synchronous source wait until `woken` is set, for `seconds` at most.

    Its worker thread waits here; without threads it gives batches of nothing, and others have their
    turn between them: `yield from rest(woken, 0.1)`.
    """
    if has_threads():
        woken.wait(seconds)
        return
    due = time.monotonic() + seconds
    while not woken.is_set() and time.monotonic() < due:
        yield RESTING


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """Properties of a source that the run needs to know."""

    noun: str = "source"
    """Noun for what a stop closes: `connection`, `process`."""
    is_connection: bool = False
    """True if silence is worth reporting, because a peer has to send."""
    is_pausable: bool = True
    """True if it can be paused without blocking other sources."""
    is_recording: bool = False
    """True if it can be paused before its first event, because it waits for nobody."""
    is_ours: bool = False
    """True if it runs only our own code, which never blocks its event loop."""


@runtime_checkable
class Sender(Protocol):
    """A source that takes messages while it streams."""

    def send(self, message: object, /) -> None:
        """Send a message to the peer."""


@runtime_checkable
class AsyncSource(Protocol):
    """A source that runs on an event loop and is stopped by cancellation."""

    name: str
    """Name of the source, for people; never holds credentials."""
    restartable: bool
    """True if `stream` can be called again for a new run."""
    kind: Kind
    home_loop: asyncio.AbstractEventLoop | None
    """The loop it must run on; None: the package's own."""

    def stream(self, context: Context, /) -> AsyncIterator[Sequence[Event]]:
        """Yield the events of one run, in batches."""


@runtime_checkable
class SyncSource(Protocol):
    """A source that runs on a worker thread and is stopped between two batches."""

    name: str
    restartable: bool
    kind: Kind

    def stream(self, context: Context, /) -> Iterator[Sequence[Event]]:
        """Yield the events of one run, in batches."""

    def interrupt(self) -> None:
        """Wake a blocked read from another thread, where that is possible."""


Source = AsyncSource | SyncSource


def running_loop() -> asyncio.AbstractEventLoop | None:
    """Return the event loop running on this thread; None if there is none."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
