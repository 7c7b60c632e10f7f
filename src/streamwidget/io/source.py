"""What a source is, and what a run gives it. Knows nothing of runs and widgets.

A source turns what the user passed into batches of canonical events. It is asynchronous (runs on
an event loop, is stopped by cancelling its task) or synchronous (runs on a worker thread, is
stopped between two batches, and woken by `interrupt`). Returning means that the source is
exhausted; what that means is the format's to say: it gives a `RunEnd`. A failure is raised as an
error of `streamwidget.errors`; any other exception is the user's own and becomes a `SourceError`.
"""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol, runtime_checkable

from ..document import Document
from ..events import Event
from ..limits import DEFAULT_LIMITS, Limits


def _nothing() -> None:
    pass


def _nothing_of(_said: str) -> None:
    pass


def _nothing_restored(
    _document: Document, _at_s: float, _token_count: int, _first_token_s: float | None
) -> None:
    pass


def _nothing_kept(_position: Callable[[], float]) -> None:
    pass


def _nothing_at(_at_s: float) -> None:
    pass


def _nothing_concluded(_facts: Mapping[str, object]) -> None:
    pass


@dataclass(frozen=True, slots=True, kw_only=True)
class Context:
    """What a run gives its source."""

    new_id: Callable[[str], str]
    """Makes an id that is unique in the run from a short prefix: `"t"` gives `"t3"`."""
    stop_requested: Callable[[], bool]
    push: Callable[[Sequence[Event]], None]
    """Takes events from any thread at once; for sources that are called rather than read."""
    continue_with: Callable[[Source], None]
    """Names the source to go on with once this one is exhausted (a factory's product)."""
    hold: Callable[[], None] = lambda: None
    """Blocks the calling thread while the run is paused."""
    playing_s: Callable[[], float] = time.monotonic
    """A clock in seconds that stands still while the run is paused."""
    keep_time: Callable[[Callable[[], float]], None] = _nothing_kept
    """Makes a function the clock of the run: it returns seconds since the run began."""
    limits: Limits = DEFAULT_LIMITS
    format: str = "auto"
    alive: Callable[[], object] = _nothing
    """Says that the peer gave a sign of life, also one that means nothing: a comment, a ping."""
    began_s: float = field(default_factory=time.monotonic)
    """When the source was set to work, in seconds of `time.monotonic`."""
    dropped: Callable[[], None] = _nothing
    """Tells that the connection dropped and that the source goes on by itself."""
    advise: Callable[[str], None] = _nothing_of
    """Tells what could be done about it, one sentence, if the run turns out to be cut."""
    restore: Callable[[Document, float, int, float | None], None] = _nothing_restored
    """Replaces the document: a recorded one, its time in seconds, its tokens so far, and the time
    of the first token in seconds (None: none has come)."""
    stopped_by: Callable[[], str] = lambda: "reader"
    """Who or what asked for the stop, as a code; `reader` is a person."""
    at_time: Callable[[float], None] = _nothing_at
    """Moves the clock of the run on to a recorded time, in seconds since it began."""
    conclude: Callable[[Mapping[str, object]], None] = _nothing_concluded
    """Ends the run as the facts of a journal's closing line say."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Kind:
    """How a source behaves, for the run that reads it."""

    noun: str = "source"
    """What a stop closes, in words: `connection`, `process`."""
    is_connection: bool = False
    """True if silence means something: somebody else has to send."""
    is_pausable: bool = True
    """True if it can be held without blocking others."""
    is_recording: bool = False
    """True if it can be held before its first event, which nobody has to be waited for."""
    is_ours: bool = False
    """True if it runs our own code only, which never blocks its event loop."""


@runtime_checkable
class Sender(Protocol):
    """A source that takes messages while it streams."""

    def send(self, message: object, /) -> None:
        """Send a message to the peer."""


@runtime_checkable
class AsyncSource(Protocol):
    """A source that runs on an event loop and is stopped by cancellation."""

    name: str
    """What the user sees as the source; never holds credentials."""
    restartable: bool
    """Whether `stream` can be called again for a new run."""
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
        """Wakes a blocked read from another thread, where that is possible."""


Source = AsyncSource | SyncSource


def running_loop() -> asyncio.AbstractEventLoop | None:
    """The event loop that runs on this thread now; None if there is none."""
    try:
        return asyncio.get_running_loop()
    except RuntimeError:
        return None
