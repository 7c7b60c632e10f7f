"""Every bound and interval of the package, with its unit and the reason for its value.

Knows nothing of the rest of the package.
"""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Limits:
    """Bounds of one run. Passing one ends the run with a `LimitError` that names it."""

    record_bytes: int = 16 * 1024 * 1024
    """One line or one framed record, in bytes. A base64 image of 12 MB still fits."""

    document_chars: int = 64 * 1024 * 1024
    """All text of one document, in characters (code points)."""

    kept_events_count: int = 1_000_000
    """Events kept for iterating over a view again; older ones go, the document stays whole."""

    table_rows_count: int = 5_000_000
    """Rows of all tables of one run, all of which Python keeps: some gigabytes at the most."""

    shown_rows_count: int = 10_000
    """Rows of one table that go to the page, from the first: nobody scrolls further, and the page
    says how many there are. Passing it is no error."""

    shown_cells_count: int = 200_000
    """Cells of one table that go to the page: with more than 20 columns, fewer rows do."""

    metric_points_count: int = 5_000_000
    """Points of all metrics of one run, all of which Python keeps, in 16 bytes each."""

    shown_points_count: int = 2_000
    """Points of one chart that go to the page; beyond, only peaks are kept. A chart is about 1,000
    pixels wide, so there are two for each pixel."""

    shown_log_lines_count: int = 2_000
    """Newest lines of the log that the page keeps; older ones go."""

    kept_log_lines_count: int = 100_000
    """Newest lines of the log that Python keeps; older ones go."""

    artifact_bytes: int = 8 * 1024 * 1024
    """One representation of an artifact, as it is sent; larger ones are left out, and said so."""

    error_body_bytes: int = 4096
    """How much of an error answer's body is read to be quoted."""

    connect_timeout_s: float = 10.0
    """Time to make a connection. There is no read timeout: models think for minutes."""

    stall_s: float = 20.0
    """Silence of a connection after which the view says so; keep-alives come every 15 s mostly."""

    close_timeout_s: float = 2.0
    """How long a stop waits for a producer's clean-up before the run ends without it."""

    resume_attempts_count: int = 5
    """Attempts to go on with a dropped stream that bring nothing new, before it is given up. With
    the waits below that is about 12 s, a restart of a server; LangGraph's client tries as often."""

    resume_wait_s: float = 0.5
    """Wait before the first attempt, doubled before each further one that brings nothing new; up to
    half of it is taken off at random. 0: no waits."""

    resume_wait_most_s: float = 30.0
    """The longest wait that doubling leads to."""

    resume_told_most_s: float = 600.0
    """The longest wait that a server can ask for (`retry`, `Retry-After`); beyond it, this."""

    resume_poll_s: float = 5.0
    """Servers of MCP and Durable Streams end connections on purpose, to be asked again. One that
    lasted this long is no attempt lost even if it brought nothing; one every 5 s is no storm."""


DEFAULT_LIMITS = Limits()


@dataclass(frozen=True, slots=True, kw_only=True)
class Pace:
    """How often the kernel sends, and how much it keeps for views that fell behind."""

    tick_s: float = 0.033
    """Least time between two messages of a view. 16 ms would cost twice as much to gain 5 ms."""

    unseen_tick_s: float = 1.0
    """Time between two messages of a view that no page has in sight: half of it to all of it. An
    answer to a page, and the end of the run, do not wait."""

    attach_s: float = 0.25
    """How long a running view waits for the page to say hello before it sends to whoever may be
    there. A page needs about 0.1 s; what is sent before it listens would have to be sent twice."""

    work_factor: float = 4.0
    """A flush that took t seconds is followed by a pause of at least `work_factor * t`."""

    log_chars: int = 4 * 1024 * 1024
    """Text kept in sealed patches for resync; a view further behind gets a snapshot."""

    log_patches_count: int = 4096
    """Sealed patches kept for resync: over two minutes at one each tick."""

    final_repeat_s: tuple[float, ...] = (0.5, 1.0, 2.0, 4.0)
    """When the final status is sent again until a front end has acknowledged it."""

    wait_tick_s: float = 0.1
    """Waits wake this often: a bare `await future` in a cell cannot be interrupted."""


DEFAULT_PACE = Pace()
