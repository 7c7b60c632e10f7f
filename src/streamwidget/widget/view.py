"""`StreamView`: what people call on a run that is shown in the notebook."""

from __future__ import annotations

import asyncio
import threading
import time
import uuid
from collections.abc import AsyncIterator, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

from ..budget import Budget, check_bounds
from ..errors import UsageError
from ..events import Event
from ..journal.writer import Redact
from ..limits import DEFAULT_LIMITS, Limits
from ..run import Result, Run, StopCause
from ..run.clock import StopTimes
from ..run.journaling import JournalOption
from ..run.readings import Readings
from ..run.waiting import iterate, iterate_async, wait, wait_async
from ..sources.continued import Continuation
from ..sources.journal_source import AttachSource, recorded_title
from ..sources.replay import replay_source
from ..terminal import follow_in_script
from ..widget import kinds, notebook_cells, routes
from .asked import Asked
from .attempt import Attempt, Recipe
from .detaching import DetachedJob
from .end_hook import OnEnd
from .hand import HAND_FED, Fed, HandEmitter
from .hosts import is_headless
from .images import Images, images_option
from .live import OnRerun, check_on_rerun, live, live_turns, register
from .live_views import LiveViews
from .marimo_export import is_exporting
from .port import Port
from .publisher import publisher
from .replayed import Replayed
from .saved_output import Persist, persist_option
from .saved_view import SavedView
from .shown import FLUSH_S, Shown
from .texts import check_height, shown_text


class StreamView(Asked, Fed, Replayed, Readings, Shown):
    """Shows a stream in the notebook as it arrives, with a stop button.

    `StreamView(source)` starts the run and returns at once; put the view last in a cell to show it.
    Without a source the view is fed by hand: `with StreamView(title="...") as emit:`, or
    `view.emit.text(...)` in your own loop.

    Args:
        source: a URL, `http(...)`, a request or open response of httpx or httpx2, an iterator or
            generator (also asynchronous) of `str` or `bytes`, or a function that takes an `Emitter`
            or returns one of these. If it cannot be streamed, the view shows an error.
        title: shown in the header; None: the name of the source.
        format: name of the stream's format; `"auto"` detects it.
        limits: bounds of this run.
        budget: limits of tokens, money or time; the run is stopped when it reaches one. Views that
            have the same budget count together.
        images: which images in Markdown the page may load. `"none"` shows their alternative text
            and their host; `"data"` draws those embedded in the text (PNG, JPEG, GIF, WebP, up to
            2,000,000 characters); `"click"` also shows a button to load each of the others; a list
            of origins such as `"https://charts.example.org"` loads from these, and draws embedded
            ones. SVG is never loaded.
        markdown: True if text is Markdown; None: all text is, except the output of a command and
            the content of a growing file, which is shown unchanged.
        height: height of the box in which the run is shown, in CSS pixels; None: at most 560
            while the run is live, and no limit in a page that opens a finished run. "Show
            everything" in the view removes the limit.
        capture: True to show in the view, in order, what the source prints, logs, warns and
            displays while it runs, and its progress bars: for functions, generators and coroutines,
            on their own threads, tasks and pools. Lines of standard error are marked. Output of
            other cells is not changed. That of C code and child processes is not captured.
        on_rerun: what happens to a live run when the cell that started it runs again, when a
            control of `interact` moves, or when a later cell binds its name to a new view:
            `"stop"` stops it, `"keep"` lets it continue.
        journal: records the run in a file, which `StreamView.attach` shows from any process: True
            for a file in `runs/`, a folder, or the path of the file. See docs/journal.md.
        redact: called with each event before it is written to the journal; returns the event to
            write, or None for none.
        detached: runs the source in a process that outlives this kernel, records it in a journal
            (at `journal=`) and shows that. The source must be a URL, `process(...)`, or a function
            that can be imported; one that is defined in the notebook needs cloudpickle.
        persist: what the saved notebook keeps. `"record"`: a static record, which needs no kernel
            and no widget; `"widget"`: the widget, for notebooks saved with their widget state;
            `"none"`: one line.
        max_time: how long a cell that shows the view waits for the end of the run, in seconds, if a
            program executes the notebook (nbconvert, papermill); None: `STREAMWIDGET_MAX_TIME`
            in the environment, or 600. In an open notebook no cell waits.
        on_end: called with the `Result` on another thread when a run has ended, for example to
            send a notification. An exception is logged.

    Raises:
        UsageError: an argument is of another type, `height` is not positive, or `images`,
            `on_rerun` or `persist` is unknown.
    """

    def __init__(
        self,
        source: object = HAND_FED,
        *,
        title: str | None = None,
        format: str = "auto",
        limits: Limits = DEFAULT_LIMITS,
        budget: Budget | None = None,
        images: Images = "none",
        markdown: bool | None = None,
        height: int | None = None,
        capture: bool = False,
        on_rerun: OnRerun = "stop",
        journal: JournalOption = None,
        redact: Redact | None = None,
        detached: bool = False,
        persist: Persist = "record",
        max_time: float | None = None,
        on_end: OnEnd | None = None,
    ) -> None:
        check_on_rerun(on_rerun)
        check_height(height)
        check_bounds(limits, budget)
        title = "" if title is None else shown_text("title", title)
        allowed = images_option(images)
        self._saved = SavedView(persist_option(persist), is_headless=is_headless())
        self._boards = []
        self._max_time = max_time
        if self._saved.is_static and is_exporting():
            self._display_ = self._record_for_marimo
        # After all checks: a process started before an error would outlive it.
        self._detached = (
            DetachedJob(source, journal, format=format, title=title, redact=redact, budget=budget)
            if detached
            else None
        )
        if self._detached is not None:
            source = attached = self._detached.start()
            title = title or attached.path.stem
            journal, on_rerun = None, "keep"
        model_id = uuid.uuid4().hex

        self._opened = source
        self._recipe = Recipe(
            format=format,
            limits=limits,
            budget=budget,
            images=allowed,
            markdown=markdown,
            height=height,
            capture=capture,
            journal=journal,
            redact=redact,
            on_end=on_end,
            renderer_of=kinds.renderers(),
        )
        self._shown = False
        port = Port(self._recipe.new_run(), run_id=f"{model_id}.1", title=title)
        port.saved = self._saved.answer
        self._channel = publisher().open(self)
        port.wake = self._channel.hurry
        self._attempt = Attempt(self._recipe, port, self._channel)
        self._retrying = threading.Lock()
        super().__init__(model_id=model_id)
        self.on_msg(self._on_message)
        routes.install(port, self.comm)
        register(self, on_rerun)
        self._cell = notebook_cells.number()
        self._emitter: HandEmitter | None = None
        if source is HAND_FED:
            self._run.noun = "loop"
            self._run.start("by hand", "events")
            self._emitter = HandEmitter(self._run)
        else:
            self._attempt.begin(source)
            port.can_retry = self._source is not None and self._source.restartable
            port.retry = self.retry
        if not title:
            self._run.title = str(self._run.document.run.get("source") or "Stream")
        self._attempt.record()
        self._offer_seeking()
        self._channel.wake()
        self._follow_in_script()

    # --- what has been received: see `Readings`

    @property
    def _state(self) -> Run:
        return self._run

    _show = Shown._show
    _run = Shown._run  # the other bases come before `Shown`, and only declare these
    _source = Shown._source

    @property
    def title(self) -> str:
        """The title that the view shows: `title=`, or the name of the source."""
        return self._port.title

    @property
    def stop_times(self) -> StopTimes | None:
        """When a stop was requested, received and carried out; None: no stop was requested."""
        return self._run.stop_times

    @property
    def stalled_s(self) -> float | None:
        """Seconds since the last sign of life of the connection (comments and pings count), once
        they exceed `Limits.stall_s`; else None."""
        return None if self._run.finished.is_set() else self._run.silence.stalled_s

    @classmethod
    def attach(
        cls,
        path: str | Path,
        *,
        resume: Continuation | None = None,
        title: str | None = None,
    ) -> StreamView:
        """Show the run that is recorded in a journal, from any process that can read the file.

        Everything recorded so far is shown at once; while the writer is running, new lines follow.
        If the writer ended without finishing the journal, the run is `incomplete` and says why.
        Stopping the view only stops following, and the run itself continues; a detached job is
        stopped.

        `resume` continues the stream if the writer ended without finishing the journal, or if the
        connection was lost. `http(url, resume=...)`: the request that a live run would send after
        the last recorded position. `websocket(url)`: a new connection; what was sent in between is
        missing, and a notice says so. A function is called with the last recorded `Position` and
        returns the source that begins there. The view goes back to that position, so that nothing
        is shown twice. What follows is not recorded. Only sources with `resume=` record positions.

        `title` None: the recorded title, or else the name of the file.

        Raises:
            UsageError: `resume` cannot continue a stream.
        """
        source = AttachSource(path, resume=resume)
        return cls(source, title=title or recorded_title(path), on_rerun="keep")

    @classmethod
    def replay(
        cls, path: str | Path, speed: float | None = 1.0, *, title: str | None = None
    ) -> StreamView:
        """Play a recorded run: a journal, or events that `to_jsonl` wrote.

        `speed` 10 is ten times as fast as recorded; None or infinity shows everything at once. A
        journal allows seeking: `view.seek(seconds)`, `view.next_mark("error")`, `view.speed = 10`.
        `title` None: the recorded title, or else the name of the file.

        Raises:
            UsageError: `speed` is not above 0.
        """
        return cls(replay_source(path, speed), title=title or recorded_title(path))

    def result(self) -> Result:
        """Return the current state of the run as a value that never changes."""
        return self._run.result()

    # --- actions

    def stop(self) -> None:
        """Ask the producer to stop; everything received is kept. A second stop does nothing."""
        self._run.request_stop()

    def close(self) -> None:
        """Stop the run and close the widget; everything received can still be read."""
        run = getattr(self, "_run", None)  # ipywidgets also closes a view whose __init__ failed
        if run is not None:
            run.request_stop(by=StopCause("closed"))
        super().close()

    @classmethod
    def live(cls) -> LiveViews:
        """Return the views whose runs are live in this kernel, oldest first, then the turns of its
        chats whose answers are live or wait.

        The list is shown as a table with the time, the tokens and the cost of each run so far;
        `StreamView.live().stop()` stops all of them.
        """
        return LiveViews([*live(cls), *(live_turns() if cls is StreamView else ())])

    def send_message(self, message: str | bytes | Mapping[str, object]) -> None:
        """Send a message to a WebSocket: text, bytes, or a dict as JSON.

        A text is also shown in the view. The call does not wait until the message has been sent.

        Raises:
            UsageError: the source does not take messages, its connection is not open, or
                `message` cannot be sent.
        """
        self._run.send_message(message)

    def push_events(self, events: Sequence[Event]) -> None:
        """Add events to those of the source, from any thread; after the end they are dropped."""
        self._run.push(events)

    def pause(self) -> None:
        """Pause the source at its next events: it is not read further, or its next call waits.

        Raises:
            UsageError: the source cannot be paused: a coroutine function, or a view fed by hand.
        """
        if not self._run.is_pausable:
            raise UsageError(
                "This view cannot be paused: pausing a coroutine function, or a view that is fed "
                "by hand, would block the kernel. Use a generator."
            )
        self._run.pause()

    def resume(self) -> None:
        """Let a paused source continue."""
        self._run.resume()

    def retry(self) -> None:
        """Start the source again, as the next run of this view, which replaces what is shown.

        Raises:
            UsageError: the run is live, or its source can be read only once.
        """
        if not self._port.can_retry:
            raise UsageError(
                "This source can be read only once. Pass a function that opens it, such as "
                "StreamView(lambda: open_the_stream()): each retry calls it again."
            )
        if not self._run.finished.is_set():
            raise UsageError("The run is live. Stop it first: view.stop().")
        if not self._retrying.acquire(blocking=False):
            return  # another thread has just started the next run
        try:
            if self._detached is not None:
                self._opened = self._detached.start()  # first, so that a failure changes nothing
            self.go_live()
            parent = self._port.run_id
            port = self._port.successor(self._recipe.new_run())
            attempt = Attempt(self._recipe, port, self._channel)
            routes.install(port, self.comm)
            self._channel.begin_again()
            self._attempt = attempt  # the one assignment that replaces the run for all readers
            attempt.begin(self._opened)
            attempt.record(parent)
            self._offer_seeking()
        finally:
            self._retrying.release()
        self._channel.hurry()
        self._follow_in_script()

    def wait(self, timeout: float | None = None, *, timeout_s: float | None = None) -> Result:
        """Block until the run has ended, or for `timeout` seconds (None: no limit).

        `timeout_s` is another name for `timeout`.

        Raises:
            TimeoutError: the run has not ended in time; it continues.
            KeyboardInterrupt: the kernel was interrupted; the run has been stopped first.
            UsageError: the wait would block an event loop that the source or this coroutine needs;
                in a browser, where Python has no threads, it always would.
        """
        self._check_blocking()
        self._send_in_this_cell()
        result = wait(self._run, timeout if timeout_s is None else timeout_s)
        self._write_journal()
        self._settle_here()
        return result

    def __await__(self) -> Generator[Any, None, Result]:
        return self._wait().__await__()

    async def _wait(self) -> Result:
        self._send_in_this_cell()
        result = await wait_async(self._run)
        self._write_journal()
        if self._saved.is_headless:
            self._saved.write(self._port)
        for sent in self._settle():
            deadline = time.monotonic() + FLUSH_S
            while not sent.is_set() and time.monotonic() < deadline:
                await asyncio.sleep(0.005)
        return result

    def __iter__(self) -> Iterator[Event]:
        """Yield all events from the first, then new ones, without running the source again."""
        self._check_blocking()
        return iterate(self._run)

    def __aiter__(self) -> AsyncIterator[Event]:
        return iterate_async(self._run)

    def __repr__(self) -> str:
        return f"StreamView({self._port.title!r}, {self.status}, {self.token_count} tokens)"

    def _follow_in_script(self) -> None:
        """Have a plain script print the run and wait for it; a detached run outlives the script."""
        if notebook_cells.shell() is None and self._source is not None and self._detached is None:
            follow_in_script(self._run, self._run.title)
