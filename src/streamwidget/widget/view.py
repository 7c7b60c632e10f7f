"""`StreamView`: a run, shown in the notebook. Wiring only."""

from __future__ import annotations

import asyncio
import contextvars
import sys
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

import anywidget
import ipywidgets
import traitlets

from ..budget import Budget
from ..characters import clean
from ..emit import Emitter
from ..errors import StopRequested, UsageError
from ..events import Event
from ..io.source import Source
from ..journal.writer import Journal, Redact
from ..limits import DEFAULT_LIMITS, Limits
from ..run import Result, Run, StopCause, begin, check_blocking, check_not_on_our_loop
from ..run.clock import StopTimes
from ..run.journaling import JournalOption, expect_journal, start_journal
from ..run.readings import Readings
from ..run.waiting import iterate, iterate_async, wait, wait_async
from ..sources.journal_source import AttachSource, recorded_title
from ..sources.player import PlayerSource
from ..sources.replay import replay_source
from ..terminal import follow_here, follow_in_script
from ..threads import check_can_block, has_threads
from ..widget import headless, kinds, notebook_cells, routes
from .bundle import ON_REQUEST, app, app_hash, carrier, loader
from .detaching import DetachedJob
from .end_hook import OnEnd, calling
from .hand import HandEmitter
from .hosts import ends_at_error, is_headless, kernel
from .images import Images, images_option
from .listing import listed_names
from .live import OnRerun, live, register
from .port import Port
from .publisher import publisher
from .replayed import Replayed
from .saved_output import Persist, SavedOutput, persist_option, shown_path
from .saved_view import SavedView


class _HandFed:
    """The source of a view that has none."""

    def __repr__(self) -> str:
        return "<fed by hand>"


_HAND_FED = _HandFed()
_HIDDEN = frozenset(
    {"flush", "flush_failed", "get_state", "over", "patch", "set_state", "snapshot", "unseen"}
)
"""Names for ipywidgets, the publisher and the page, which are not listed for people."""
CLOSING_S = 5.0
"""How long a cell that an error ended waits for the producer to close."""
FLUSH_S = 1.0
"""How long a wait stays for the end to be sent, so that a headless run has it in its output."""


class StreamView(Replayed, Readings, anywidget.AnyWidget):
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
        budget: limits of tokens, money or time; the run is stopped when it reaches one.
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
        on_rerun: what happens to a live run when the cell that started it runs again: `"stop"`
            stops it, `"keep"` lets it continue.
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
        UsageError: `height` is not positive, or `images`, `on_rerun` or `persist` is unknown.
    """

    _esm = traitlets.Unicode("").tag(sync=True)
    _code = traitlets.Instance(ipywidgets.Widget).tag(sync=True, **ipywidgets.widget_serialization)
    _parts = traitlets.Dict().tag(sync=True, **ipywidgets.widget_serialization)
    patch = traitlets.Dict().tag(sync=True)
    snapshot = traitlets.Dict().tag(sync=True)

    def __init__(
        self,
        source: object = _HAND_FED,
        *,
        title: str | None = None,
        format: str = "auto",
        limits: Limits = DEFAULT_LIMITS,
        budget: Budget | None = None,
        images: Images = "none",
        markdown: bool | None = None,
        height: int | None = None,
        on_rerun: OnRerun = "stop",
        journal: JournalOption = None,
        redact: Redact | None = None,
        detached: bool = False,
        persist: Persist = "record",
        max_time: float | None = None,
        on_end: OnEnd | None = None,
    ) -> None:
        if on_rerun not in ("stop", "keep"):
            raise UsageError(f"on_rerun must be 'stop' or 'keep', got {on_rerun!r}.")
        if height is not None and height <= 0:
            raise UsageError(f"height must be a number of CSS pixels above 0, got {height!r}.")
        allowed = images_option(images)
        self._saved = SavedView(persist_option(persist), is_headless=is_headless())
        self._boards: list[tuple[SavedOutput[Any], Any]] = []
        """The outputs of boards that show this view, each with what it is about."""
        self._max_time = max_time
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

        def begin_run(run: Run, opened: object) -> Source | None:
            expect_journal(run, journal)
            return begin(run, opened, format=format)

        self._begin: Callable[[Run, object], Source | None] = begin_run
        self._opened = source
        kinds.renew()
        self._new_run: Callable[[], Run] = lambda: _new_run(
            limits, budget, allowed, markdown, height
        )
        self._shown = False
        self._port = Port(self._new_run(), run_id=f"{model_id}.1", title=clean(title or ""))
        self._port.saved = self._saved.answer
        self._retrying = threading.Lock()
        if self._saved.is_static:
            super().__init__()
        else:
            super().__init__(model_id=model_id, _esm=loader(), _code=carrier())
        self.on_msg(self._on_message)
        routes.install(self._port, self.comm)
        register(self, on_rerun)
        self._channel = publisher().open(self)
        self._cell = notebook_cells.number()
        self._run.on_change = self._channel.wake
        self._port.wake = self._channel.hurry
        self._on_end = on_end
        self._run.on_end = calling(on_end, self._run, self._channel.hurry)
        self._emitter: HandEmitter | None = None
        self._source = None
        self._journal_option, self._redact = journal, redact
        if source is _HAND_FED:
            self._run.noun = "loop"
            self._run.start("by hand", "events")
            self._emitter = HandEmitter(self._run)
        else:
            self._source = self._begin(self._run, source)
            self._port.can_retry = self._source is not None and self._source.restartable
            self._port.retry = self.retry
            self._port.moves = self if isinstance(self._source, PlayerSource) else None
        if not title:
            self._run.title = str(self._run.document.run.get("source") or "Stream")
        self._journal = self._start_journal()
        self._channel.wake()
        self._follow_in_script()

    # --- what has been received: see `Readings`

    @property
    def _state(self) -> Run:
        return self._port.run

    @property
    def _run(self) -> Run:
        return self._port.run

    @property
    def title(self) -> str:
        """The title that the view shows: `title=`, or the name of the source."""
        return self._port.title

    @property
    def journal(self) -> Journal | None:
        """The journal of the run that this process writes; None if it writes none."""
        return self._journal

    @property
    def journal_path(self) -> Path | None:
        """Path of the run's journal, also of an attached run; None if there is none."""
        if isinstance(self._source, AttachSource):
            return self._source.path
        return None if self._journal is None else self._journal.path

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
    def attach(cls, path: str | Path, *, title: str | None = None) -> StreamView:
        """Show the run that is recorded in a journal, from any process that can read the file.

        Everything recorded so far is shown at once; while the writer is running, new lines follow.
        If the writer ended without finishing the journal, the run is `incomplete` and says why.
        Stopping the view only stops following, and the run itself continues; a detached job is
        stopped.

        `title` None: the recorded title, or else the name of the file.
        """
        return cls(AttachSource(path), title=title or recorded_title(path), on_rerun="keep")

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

    @property
    def emit(self) -> Emitter:
        """The emitter of a view that is fed by hand.

        Raises:
            UsageError: the view has a source.
        """
        return self._hand()

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
    def live(cls) -> list[StreamView]:
        """Return the views whose runs are live in this kernel, oldest first."""
        return live(cls)

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
            parent = self._port.run_id
            run = self._new_run()
            run.on_change = self._channel.wake
            run.on_end = calling(self._on_end, run, self._channel.hurry)
            port = self._port.successor(run)
            routes.install(port, self.comm)
            self._channel.begin_again()
            self._port = port  # the one assignment that replaces the run for all readers
            self._source = self._begin(run, self._opened)
            self._journal = self._start_journal(parent)
        finally:
            self._retrying.release()
        self._channel.hurry()
        self._follow_in_script()

    def finish(self) -> None:
        """End a view that is fed by hand.

        Raises:
            UsageError: the view has a source.
        """
        self._hand()
        notebook_cells.end_fed(self._run, None)

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

    def _check_blocking(self) -> None:
        if not self._run.finished.is_set():
            check_can_block("`await view`, or `async for event in view`")
            check_not_on_our_loop()
            if self._source is not None:
                check_blocking(self._source)

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

    def _settle(self) -> Iterator[threading.Event]:
        """Yield the event that a wait waits for after the end: the end was sent. Without a front
        end it is sent in the waiting cell, so that a headless run has it in its saved state."""
        yield self._channel.flushed
        if not self._port.attached and self._port.final_cell != notebook_cells.number():
            self._port.ask_snapshot()
            self._channel.flush_again()
            yield self._channel.flushed

    def _send_in_this_cell(self) -> None:
        self._cell = notebook_cells.number()
        self._channel.context = contextvars.copy_context()

    def __iter__(self) -> Iterator[Event]:
        """Yield all events from the first, then new ones, without running the source again."""
        self._check_blocking()
        return iterate(self._run)

    def __aiter__(self) -> AsyncIterator[Event]:
        return iterate_async(self._run)

    def __enter__(self) -> Emitter:
        emitter = self._hand()
        emitter.inside_with = True
        self._show()
        return emitter

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, _: TracebackType | None
    ) -> bool:
        notebook_cells.end_fed(self._run, error)
        # a stop ends only the block; an interrupt also ends the cell
        return isinstance(error, StopRequested) and self._run.stop_times is not None

    # --- how it is shown

    def open(self) -> None:
        """Open the comm, unless there is no page and only the record is kept."""
        if not self._saved.is_static:
            super().open()

    def reopen(self) -> None:
        """Show the live view again in this cell, as `view` at the end of a cell does.

        A saved notebook shows only the record of a run; this needs its kernel.
        """
        self._show(again=True)

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        self._shown = True
        bundle = super()._repr_mimebundle_() if self.comm is not None else ({}, {})
        return None if bundle is None else self._saved.bundle(self._port, *bundle)

    def _ipython_display_(self) -> None:
        """Display the view in a way that lets the kernel replace the saved output."""
        if kernel() is None and sys.stdout.isatty():
            follow_here(self._run, self._run.title)  # IPython in a terminal
            return
        bundle = self._repr_mimebundle_()
        if bundle is None:
            return
        self._saved.show(*bundle, live=self._saved.is_static or not self._port.over)
        if self._saved.is_headless:
            notebook_cells.at_end_of_cell(self._end_of_cell)

    def _end_of_cell(self, error: BaseException | None) -> None:
        """Wait for the end of the run in the cell that shows it, if a program executes the cell."""
        self._last(error, headless.max_time_s(self._max_time))
        self._keep_recorded()

    def _end_of_later_cell(self, error: BaseException | None) -> None:
        self._last(error, 0)
        self._keep_recorded()

    def _keep_recorded(self) -> None:
        """Write the record, and again at the end of each cell until the run is over."""
        self._settle_here()
        if not self._port.over:
            notebook_cells.at_end_of_cell(self._end_of_later_cell)

    def _last(self, error: BaseException | None, limit_s: float) -> None:
        """Let the cell that `error` ended last until the run is over, at most `limit_s`."""
        self._send_in_this_cell()
        if self._stop_at_error(error):
            self._run.finished.wait(CLOSING_S)
        elif limit_s > 0 and self._can_block():
            headless.follow(self._run, self._port.title, limit_s)

    def _stop_at_error(self, error: BaseException | None) -> bool:
        """Stop the run if `error` ends the notebook, and so its kernel; True if it is stopped."""
        ends = isinstance(error, KeyboardInterrupt) or (error is not None and ends_at_error())
        if not ends or self._outlives_kernel:
            return False
        self._run.request_stop(by=StopCause("notebook"))
        return True

    @property
    def _outlives_kernel(self) -> bool:
        return self._detached is not None or isinstance(self._source, AttachSource)

    def _can_block(self) -> bool:
        if self._run.sender is not None or self._run.status == "paused":
            return False  # a later cell may have to send a message first
        try:
            self._check_blocking()
        except UsageError:
            return False  # the source needs the event loop of this thread: use `await view`
        return True

    def _settle_here(self) -> None:
        if self._saved.is_headless:
            self._saved.write(self._port)
        if self._run.finished.is_set() and has_threads():
            for sent in self._settle():
                sent.wait(FLUSH_S)

    def __dir__(self) -> list[str]:
        return listed_names(self, hidden=_HIDDEN)

    def __repr__(self) -> str:
        return f"StreamView({self._port.title!r}, {self.status}, {self.token_count} tokens)"

    def _follow_in_script(self) -> None:
        """Have a plain script print the run and wait for it; a detached run outlives the script."""
        if notebook_cells.shell() is None and self._source is not None and self._detached is None:
            follow_in_script(self._run, self._run.title)

    def _write_journal(self) -> None:
        if self._journal is not None:
            self._journal.flush()

    def _start_journal(self, parent: str | None = None) -> Journal | None:
        journal = start_journal(
            self._run,
            self._journal_option,
            title=self._port.title,
            redact=self._redact,
            parent=parent,
        )
        self._port.journal = None if journal is None else shown_path(journal.path)
        return journal

    def _hand(self) -> HandEmitter:
        if self._emitter is None:
            raise UsageError(
                "This view has a source. Create a StreamView without a source to feed it by hand, "
                "or pass a function that takes an emitter."
            )
        return self._emitter

    def _show(self, *, again: bool = False) -> None:
        if notebook_cells.shell() is not None and (again or not self._shown):
            from IPython.display import display

            display(self)  # type: ignore[no-untyped-call]

    # --- called by the publisher and the front end

    @property
    def over(self) -> bool:
        """True if the run has ended; for the publisher."""
        return self._port.over

    @property
    def unseen(self) -> bool:
        """True if the view is visible on no page; for the publisher."""
        return self._port.unseen

    def flush(self, *, repeat: bool) -> bool:
        """Send all changes, for the publisher; return True once the end was acknowledged."""
        port = self._port  # read once, because a retry replaces it
        over = port.over
        message = port.message(repeat=repeat)
        if message is not None:
            self.patch = message
        if port.take_snapshot_asked() or (over and not port.final_sent):
            port.final_sent, port.final_cell = over, self._cell
            self.send_state("snapshot")
        asked = port.take_code_asked()
        if "" in asked:
            self.send({"code": app_hash()}, buffers=[app()])
        self._add_parts(asked & ON_REQUEST)
        for content, buffers in port.answers.take():
            self.send(content, buffers=buffers)
        if over:
            for saved, kept in [(self._saved, port), *self._boards]:
                if saved.is_due(kept):
                    saved.write_soon(kept)
        return port.final_seen

    def flush_failed(self, error: Exception) -> None:
        """Show that an update could not be sent; for the publisher."""
        if self.comm is not None:  # a closed view has no page
            self._port.flush_failed(error)

    def _add_parts(self, names: set[str]) -> None:
        if not names <= self._parts.keys():
            self._parts = {**self._parts, **{name: carrier(name) for name in sorted(names)}}

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """Return the widget's state, with a new snapshot and without the last patch."""
        state: dict[str, Any] = super().get_state(key=key, drop_defaults=drop_defaults)
        if key is None:
            state["patch"] = {}
        if key is None or "snapshot" in state:
            state["snapshot"] = self._port.snapshot()
        return state

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Ignore the front end, which must not write any trait."""

    def _on_message(self, _: object, content: object, __: object) -> None:
        self._port.on_command(content)


def _new_run(
    limits: Limits,
    budget: Budget | None,
    images: str | list[str],
    markdown: bool | None,
    height: int | None,
) -> Run:
    run = Run(limits=limits, budget=budget)
    run.document.images, run.document.markdown, run.document.height = images, markdown, height
    run.document.renderer_of = kinds.renderer_of
    return run
