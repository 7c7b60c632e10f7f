"""`StreamView`: a run, shown in the notebook. Wiring only."""

from __future__ import annotations

import asyncio
import contextvars
import threading
import time
import uuid
from collections.abc import AsyncIterator, Callable, Generator, Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import Any, cast

import anywidget
import ipywidgets
import traitlets

from ..budget import Budget
from ..characters import clean
from ..document import Document, TokenUsage, ToolCall
from ..errors import StopRequested, StreamWidgetError, UsageError
from ..events import Event, Outcome
from ..limits import DEFAULT_LIMITS, Limits
from ..run import Result, Run, Status, begin, check_blocking
from ..run.clock import StopTimes
from ..run.waiting import iterate, iterate_async, wait, wait_async
from ..sources.base import Source
from ..sources.emitter import Emitter
from ..sources.replay import ReplaySource
from . import cells, kinds, routes
from .accessors import RunData
from .bundle import PARTS, bundle, bundle_hash, carrier, loader, needs_extras, parts_needed
from .fallback import plain_text
from .hand import HandEmitter
from .images import Images, images_option
from .port import Port
from .publisher import publisher

_HAND_FED = object()
FLUSH_S = 1.0
"""How long a wait stays for the end to be sent, so that headless runs have it in their output."""


class StreamView(RunData, anywidget.AnyWidget):
    """Shows a stream in the notebook as it arrives, with a stop button.

    `StreamView(source)` starts at once and returns at once; show it by putting it last in a cell.
    Without a source the view is fed by hand: `with StreamView(title="...") as emit:`, or
    `view.emit.text(...)` in a loop of your own.

    Args:
        source: a URL, `http(...)`, a request or open response of httpx or httpx2, an iterator or
            generator (also asynchronous) of `str` or `bytes`, or a function that takes an `Emitter`
            or returns one of these. What cannot be streamed is told in the view.
        title: shown in the header; None means the source's own name.
        format: name of the format of what comes; `"auto"` detects it.
        limits: bounds of this run.
        budget: tokens, money or time that the run may use; it is stopped when it passes a bound.
        images: which pictures in Markdown the page may load. `"none"` shows their words and where
            they would come from; `"data"` draws those that are in the text itself (PNG, JPEG, GIF,
            WebP, up to 2,000,000 characters); `"click"` also offers a button for each other;
            a list of origins such as `"https://charts.example.org"` loads from these, and draws
            those in the text. Never SVG.
        markdown: whether text is Markdown; None means that all text is, except what a command or
            a growing file prints, which is shown as it is.
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
    ) -> None:
        allowed = images_option(images)
        model_id = uuid.uuid4().hex
        self._begin: Callable[[Run], Source | None] = lambda run: begin(run, source, format=format)
        kinds.renew()
        self._new_run: Callable[[], Run] = lambda: _new_run(limits, budget, allowed, markdown)
        self._run = self._new_run()
        self._shown = False
        self._port = Port(self._run, run_id=f"{model_id}.1", title=clean(title or ""))
        super().__init__(model_id=model_id, _esm=loader(), _code=carrier())
        self.on_msg(self._on_message)
        routes.install(self._port, self.comm)
        self._channel = publisher().open(self)
        self._cell = cells.number()
        self._run.on_change = self._channel.wake
        self._port.wake = self._run.on_end = self._channel.hurry
        self._emitter: HandEmitter | None = None
        self._source = None
        if source is _HAND_FED:
            self._run.noun = "loop"
            self._run.start("by hand", "events")
            self._emitter = HandEmitter(self._run)
        else:
            self._source = self._begin(self._run)
            self._port.can_retry = self._source is not None and self._source.restartable
            self._port.retry = self.retry
        if not title:
            self._port.title = str(self._run.document.run.get("source") or "Stream")
        self._channel.wake()

    # --- what has arrived

    @property
    def status(self) -> Status:
        """Where the run is: `connecting`, `streaming`, ... and at last one of `finished`,
        `stopped` and `failed`."""
        return self._run.status

    @property
    def outcome(self) -> Outcome | None:
        """`complete`, `failed`, `cut` or `stopped`; None while the run goes on."""
        return cast("Outcome | None", self._run.document.run.get("outcome"))

    @property
    def text(self) -> str:
        """The text so far."""
        with self._run.lock:
            return self._run.document.text

    @property
    def reasoning(self) -> str:
        """The reasoning so far."""
        with self._run.lock:
            return self._run.document.reasoning

    @property
    def tool_calls(self) -> list[ToolCall]:
        """The tool calls so far, in order; not those that the provider runs itself."""
        with self._run.lock:
            return self._run.document.tool_calls

    @property
    def usage(self) -> TokenUsage | None:
        """Tokens reported so far; None if none were."""
        return self._run.document.usage

    @property
    def cost(self) -> float | None:
        """What the run has cost so far, in the currency of its `budget`; None without prices.

        An estimate until the stream reports its tokens.
        """
        return self._run.spent().cost

    @property
    def error(self) -> StreamWidgetError | None:
        """Why the run failed or was cut, with `message`, `fault` and `retryable`; None if not."""
        return self._run.error

    @property
    def finish_reason(self) -> str | None:
        """Why it ended: `stop`, `length`, `content-filter`, `tool-calls`, `error` or `other`; None
        while that is not known. `result().raw_finish_reason` has the format's own word."""
        return cast("str | None", self._run.document.run.get("finish_reason"))

    @property
    def elapsed_s(self) -> float:
        """Seconds since the start, or from start to end."""
        return self._run.stats.elapsed_s

    @property
    def first_token_s(self) -> float | None:
        """Seconds from the start to the first text; None if none came yet."""
        return self._run.stats.first_token_s

    @property
    def token_count(self) -> int:
        """Text deltas so far; a long one counts as its bytes / 4."""
        return self._run.stats.token_count

    @property
    def stop_times(self) -> StopTimes | None:
        """When a stop was requested, heard, and when the producer was closed; None: no stop."""
        return self._run.stats.stop

    @property
    def stalled_s(self) -> float | None:
        """Seconds without a sign of life of the connection, once they are more than
        `Limits.stall_s`; None while it gives some (comments and pings count), or is over."""
        return None if self._run.finished.is_set() else self._run.silence.stalled_s

    @property
    def sentence(self) -> str | None:
        """How the run ended, in words; None while it goes on."""
        return self._run.sentence

    @property
    def document(self) -> Document:
        """The parts that have arrived; grows while the run goes on."""
        return self._run.document

    @property
    def events(self) -> tuple[Event, ...]:
        """The events so far."""
        with self._run.lock:
            return self._run.events.to_tuple()

    @classmethod
    def replay(
        cls, path: str | Path, speed: float | None = 1.0, *, title: str | None = None
    ) -> StreamView:
        """Shows again what `to_jsonl` wrote, at the recorded pace: `speed` 10 is ten times as fast,
        None or infinity at once.
        """
        return cls(ReplaySource(path, speed), title=title)

    def result(self) -> Result:
        """The run as plain values, as it is now."""
        return self._run.result()

    # --- what one can do

    @property
    def emit(self) -> Emitter:
        """The emitter of a view that is fed by hand.

        Raises:
            UsageError: the view has a source.
        """
        return self._hand()

    def stop(self) -> None:
        """Asks the producer to stop; what has arrived stays. Stopping twice is harmless."""
        self._run.request_stop()

    def send(self, message: str | bytes | Mapping[str, object]) -> None:
        """Sends a message to a source that takes them, a WebSocket: text, bytes, or a dict as JSON.

        A text is shown where it was said. Does not wait for it to have left.

        Raises:
            UsageError: the source takes no messages, its connection is not open, or `message` is
                nothing that can be sent.
        """
        self._run.send(message)

    def push_events(self, events: Sequence[Event]) -> None:
        """Takes events in beside those of the source, from any thread; late ones are dropped."""
        self._run.push(events)

    def pause(self) -> None:
        """Holds the source at its next events: it is not read on, or its next call waits.

        Raises:
            UsageError: the source cannot be held: a coroutine function, or a view fed by hand.
        """
        if not self._run.is_pausable:
            raise UsageError(
                "This view cannot be paused: its events come from a coroutine function or by hand, "
                "and holding these would hold the kernel. A generator can be paused."
            )
        self._run.pause()

    def resume(self) -> None:
        """Lets a paused source go on."""
        self._run.resume()

    def retry(self) -> None:
        """Starts the source again, as the next run of this view; what the last one gave is
        replaced.

        Raises:
            UsageError: the run is not over, or its source can be read only once.
        """
        if not self._port.can_retry:
            raise UsageError(
                "This source can be read only once: pass a function that opens it, "
                "StreamView(lambda: open_the_stream()), and each retry calls that again."
            )
        if not self._run.finished.is_set():
            raise UsageError("The run is not over yet: stop it first, view.stop().")
        self._run = self._new_run()
        self._port = self._port.successor(self._run)
        routes.install(self._port, self.comm)
        self._run.on_change, self._run.on_end = self._channel.wake, self._channel.hurry
        self._final_sent = False
        self._channel.begin_again()
        self._source = self._begin(self._run)
        self._channel.hurry()

    def finish(self) -> None:
        """Says that a view that is fed by hand is complete.

        Raises:
            UsageError: the view has a source.
        """
        self._hand()
        cells.end_fed(self._run, None)

    def wait(self, timeout_s: float | None = None) -> Result:
        """Blocks until the run is over, or `timeout_s` seconds have passed.

        Raises:
            KeyboardInterrupt: the kernel was interrupted; the run has been stopped first.
            UsageError: the source needs the event loop that this would block.
        """
        if self._source is not None and not self._run.finished.is_set():
            check_blocking(self._source)
        self._send_in_this_cell()
        result = wait(self._run, timeout_s)
        if self._run.finished.is_set():
            for sent in self._settle():
                sent.wait(FLUSH_S)
        return result

    def __await__(self) -> Generator[Any, None, Result]:
        return self._wait().__await__()

    async def _wait(self) -> Result:
        self._send_in_this_cell()
        result = await wait_async(self._run)
        for sent in self._settle():
            deadline = time.monotonic() + FLUSH_S
            while not sent.is_set() and time.monotonic() < deadline:
                await asyncio.sleep(0.005)
        return result

    def _settle(self) -> Iterator[threading.Event]:
        """What a wait stays for after the end: that it was sent; and where no front end is, that it
        was sent in the waiting cell, so that a headless run has it in its saved state."""
        yield self._channel.flushed
        if not self._port.attached and self._final_cell != cells.number():
            self._port.ask_snapshot()
            self._channel.flush_again()
            yield self._channel.flushed

    def _send_in_this_cell(self) -> None:
        self._cell = cells.number()
        self._channel.context = contextvars.copy_context()

    def __iter__(self) -> Iterator[Event]:
        """All events from the first, and those that come, without running the source again."""
        if self._source is not None and not self._run.finished.is_set():
            check_blocking(self._source)
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
        cells.end_fed(self._run, error)
        # a stop ends the block, not the cell; an interrupt goes on to the cell
        return isinstance(error, StopRequested) and self._run.stats.stop is not None

    # --- how it is shown

    def _repr_mimebundle_(self, **_: Any) -> tuple[dict[str, Any], dict[str, Any]] | None:
        self._shown = True
        bundle = super()._repr_mimebundle_()
        if bundle is None:
            return None
        shown, metadata = bundle
        with self._run.lock:
            shown["text/plain"] = plain_text(self._port.title, self._run)
        return shown, metadata

    def __repr__(self) -> str:
        return f"StreamView({self._port.title!r}, {self.status}, {self.token_count} tokens)"

    def _hand(self) -> HandEmitter:
        if self._emitter is None:
            raise UsageError(
                "This view has a source, which feeds it: make a StreamView without one, "
                "or give it a function that takes an emitter."
            )
        return self._emitter

    def _show(self) -> None:
        if cells.shell() is not None and not self._shown:
            from IPython.display import display

            display(self)  # type: ignore[no-untyped-call]

    # --- the publisher's and the front ends' side

    @property
    def over(self) -> bool:
        """Whether the run has ended (for the publisher)."""
        return self._port.over

    @property
    def unseen(self) -> bool:
        """Whether every page has the view out of sight (for the publisher)."""
        return self._port.unseen

    def flush(self, *, repeat: bool) -> bool:
        """Sends what is new (the publisher's call, on its thread); True when all is settled."""
        over = self._port.over
        message = self._port.message(repeat=repeat)
        if message is not None:
            if needs_extras(
                op["part"]["kind"] for ops in message["ops"] for op in ops if op["op"] == "add"
            ):
                self._add_parts({"extras"})  # before the page asks, and where none does
            self.patch = message
        if self._port.take_snapshot_asked() or (over and not self._final_sent):
            self._final_sent, self._final_cell = over, self._cell
            self.send_state("snapshot")
            if over and not self._port.attached:  # no page asks, but one may open the notebook
                self._add_parts(parts_needed(self.text))
                if needs_extras(part.kind for part in self._run.document.parts):
                    self._add_parts({"extras"})
        asked = self._port.take_code_asked()
        if "" in asked:
            super().send({"code": bundle_hash()}, buffers=[bundle()])
        self._add_parts(asked & PARTS)
        for content, buffers in self._port.take_exports():
            super().send(content, buffers=buffers)
        return self._port.final_seen

    def _add_parts(self, names: set[str]) -> None:
        if not names <= self._parts.keys():
            self._parts = {**self._parts, **{name: carrier(name) for name in sorted(names)}}

    _final_sent = False
    _final_cell: int | None = None
    """The cell in whose name the final snapshot was sent."""

    def get_state(self, key: Any = None, drop_defaults: bool = False) -> dict[str, Any]:
        """The widget's state, with the snapshot computed now and without the last patch."""
        state: dict[str, Any] = super().get_state(key=key, drop_defaults=drop_defaults)
        if key is None:
            state["patch"] = {}
        if key is None or "snapshot" in state:
            state["snapshot"] = self._port.snapshot()
        return state

    def set_state(self, sync_data: dict[str, Any]) -> None:
        """Ignores the front end: no trait of a view is its to write."""

    def _on_message(self, _: object, content: object, __: object) -> None:
        self._port.on_command(content)


def _new_run(
    limits: Limits, budget: Budget | None, images: str | list[str], markdown: bool | None
) -> Run:
    run = Run(limits=limits, budget=budget)
    run.document.images, run.document.markdown = images, markdown
    run.document.renderer_of = kinds.renderer_of
    return run
