"""Every bound and interval of the package, with its unit and the reason for its value.

Must not know the rest of the package.
"""

from __future__ import annotations

from dataclasses import dataclass, fields
from typing import Final

_MOST_TOKENS: Final = 10_000_000_000


@dataclass(frozen=True, slots=True, kw_only=True)
class JournalLimits:
    """Bounds of the journal of one run; pass them as `Limits(journal=JournalLimits(...))`."""

    part_bytes: int = 256 * 1024 * 1024
    """Size from which the journal continues in its next file: two million events. A file is never
    shorter than twice the snapshot that it begins with."""

    kept_bytes: int = 4 * 1024 * 1024 * 1024
    """Size of all files together: a week at 100 events each second, and less than a small disk.
    The oldest files beyond it are dropped, except the last two."""

    snapshot_bytes: int = 64 * 1024
    """Events between two snapshots, in bytes, while snapshots are small: folding them takes a few
    milliseconds."""

    snapshot_growth: float = 0.5
    """Events between two snapshots, as a part of the last snapshot's size: all snapshots together
    are at most twice as large as the events, however long a run is."""

    snapshot_s: float = 30.0
    """Longest time between two snapshots of a slow run, before `snapshot_bytes` is reached."""

    closing_bytes: int = 1024 * 1024
    """Events since the last snapshot from which a finished journal gets one more: folding them
    would take a tenth of a second whenever it is opened."""


DEFAULT_JOURNAL_LIMITS = JournalLimits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one run.

    Exceeding `record_bytes`, `document_chars`, `table_rows_count`, `metric_points_count` or one of
    the `expan...` bounds ends the run with a `LimitError` that names the bound. The `shown_...` and
    `kept_...` bounds drop or thin data beyond them and never end a run.
    """

    record_bytes: int = 16 * 1024 * 1024
    """Longest line or framed record, in bytes. A base64 image of 12 MB still fits."""

    document_chars: int = 64 * 1024 * 1024
    """Longest text of one document, all parts together, in characters (code points)."""

    kept_events_count: int = 1_000_000
    """Events kept for iterating over a view again; older ones are dropped, but the document stays
    complete."""

    kept_events_bytes: int = 64 * 1024 * 1024
    """Size of text and data in these events, in bytes: a figure that is replaced 400 times is kept
    once in the document, but 400 times here. Older events are dropped, and exports say so."""

    table_rows_count: int = 5_000_000
    """Rows of all tables of one run. Python keeps them all: a few gigabytes at most."""

    shown_rows_count: int = 10_000
    """First rows of one table that are sent to the page: nobody scrolls further, and the page shows
    how many there are."""

    shown_cells_count: int = 200_000
    """Cells of one table that are sent to the page: a table of more than 20 columns sends fewer
    rows."""

    metric_points_count: int = 5_000_000
    """Points of all metrics of one run. Python keeps them all, in 16 bytes each."""

    shown_points_count: int = 2_000
    """Points of one chart that are sent to the page; beyond, only peaks are sent. A chart is about
    1,000 pixels wide, so there are two points for each pixel."""

    shown_log_lines_count: int = 2_000
    """Newest lines of the log that the page keeps; older ones are dropped."""

    kept_log_lines_count: int = 100_000
    """Newest lines of the log that Python keeps; older ones are dropped."""

    artifact_bytes: int = 8 * 1024 * 1024
    """Largest representation of an artifact as sent, in bytes; larger ones are left out, and the
    part names them."""

    error_body_bytes: int = 4096
    """How much of the body of an error response is read, for the error message."""

    expansion_floor_bytes: int = 8 * 1024 * 1024
    """A compressed body may expand to this size by any ratio: short, repetitive streams and
    keep-alives compress very well."""

    expansion_ratio: float = 100.0
    """Largest ratio of expanded to compressed size beyond `expansion_floor_bytes`. Streamed JSON
    reaches 10 to 40; a gzip bomb reaches 1,030, other encodings far more."""

    expanded_bytes: int = 1024 * 1024 * 1024
    """Largest expanded size of a compressed body."""

    connect_timeout_s: float = 10.0
    """Time limit for opening a connection. There is no read timeout: models think for minutes."""

    stall_s: float = 20.0
    """Silence after which the view shows that a connection is stalled; most keep-alives come every
    15 s."""

    close_timeout_s: float = 2.0
    """How long a stop waits for the source to clean up before the run ends without it."""

    after_end_s: float = 0.5
    """How long a source is read after the end marker of its format, unless it closes before. A
    failure that follows the marker fails the run; a server that keeps the connection open does not
    delay its end for longer."""

    resume_attempts_count: int = 5
    """Consecutive reconnects that may bring nothing new before the run fails. With the waits below
    that is about 12 s, the restart of a server; LangGraph's client makes as many attempts."""

    resume_wait_s: float = 0.5
    """Back-off before the first reconnect, doubled before each further one that brings nothing new;
    random jitter takes off up to half. 0: no waits."""

    resume_wait_most_s: float = 30.0
    """Longest back-off that doubling leads to."""

    resume_requested_most_s: float = 600.0
    """Longest wait that a server can request (`retry`, `Retry-After`); longer ones are cut to
    it."""

    resume_poll_s: float = 5.0
    """A poll that stayed open this long is not counted as a failed attempt, even if it brought
    nothing: servers of MCP and Durable Streams end connections on purpose, to be polled again."""

    journal: JournalLimits = DEFAULT_JOURNAL_LIMITS
    """Bounds of the journal of the run."""

    def __repr__(self) -> str:
        """Name what differs from the defaults: signatures show it."""
        changed = (f for f in fields(self) if getattr(self, f.name) != f.default)
        return f"Limits({', '.join(f'{f.name}={getattr(self, f.name)!r}' for f in changed)})"


DEFAULT_LIMITS = Limits()


def is_token_count(count: int) -> bool:
    """True if a model call can have used `count` tokens; other counts are errors of a server."""
    return 0 <= count <= _MOST_TOKENS


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often the kernel sends, and how much it keeps for views that have fallen behind."""

    tick_s: float = 0.033
    """Shortest time between two messages of a view. 16 ms would cost twice as much to gain 5 ms."""

    unseen_tick_s: float = 1.0
    """Longest time between two messages of a view that is not visible on any page; the shortest is
    half of it. Answers to a page and the end of the run do not wait."""

    attach_s: float = 0.25
    """How long a running view waits for a page's hello before it sends anyway. A page needs about
    0.1 s; data sent before the page listens has to be sent again."""

    work_factor: float = 4.0
    """A flush that took t seconds is followed by a pause of at least `work_factor * t`."""

    log_chars: int = 4 * 1024 * 1024
    """Characters kept in sealed patches for resync; a view further behind gets a snapshot."""

    log_patches_count: int = 4096
    """Sealed patches kept for resync: over two minutes at one each tick."""

    final_repeat_s: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0)
    """Waits before the final status is sent again, until a front end has acknowledged it."""

    keep_alive_s: float = 45.0
    """Longest time without a message to the page of a live run; then the status is sent again.
    Programs that end idle kernels check for messages, some every 60 s."""

    keep_alive_most_s: float = 12 * 3600.0
    """How long after its last change a silent run sends these keep-alives. A job that hangs must
    not hold its kernel forever."""

    wait_tick_s: float = 0.1
    """How often a wait wakes up: a bare `await future` in a cell cannot be interrupted."""


DEFAULT_PACE = Pace()
