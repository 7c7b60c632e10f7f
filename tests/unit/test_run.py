"""Runs over real threads and loops: the three outcomes, the stop, the waits."""

from __future__ import annotations

import asyncio
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any, get_args

import pytest

from streamwidget import (
    Emitter,
    LimitError,
    Limits,
    ResponseError,
    Result,
    SourceError,
    StopRequested,
    StreamView,
    UsageError,
    acollect,
    collect,
)
from streamwidget.document.model import Part
from streamwidget.errors import Fault, StreamWidgetError
from streamwidget.events import Failure, Notice, Rows, RunEnd, StepEnd, StepStart, TextDelta
from streamwidget.run import Run, begin, data
from streamwidget.run.waiting import iterate, iterate_async, wait
from unit.waiting import WAIT_S, measured_again


def started(source: object, **more: object) -> Run:
    run = Run(**more)  # type: ignore[arg-type]
    begin(run, source)
    return run


class Endless:
    """A generator that yields until it is closed, and the moments of its life."""

    def __init__(self, pause_s: float = 0.001) -> None:
        self.began, self.closed = threading.Event(), threading.Event()
        self._pause_s = pause_s

    def tokens(self) -> Iterator[str]:
        try:
            while True:
                yield "tok "
                self.began.set()
                time.sleep(self._pause_s)
        finally:
            self.closed.set()

    async def atokens(self) -> AsyncIterator[str]:
        try:
            while True:
                yield "tok "
                self.began.set()
                await asyncio.sleep(self._pause_s)
        finally:
            self.closed.set()

    def job(self, emit: Emitter) -> None:
        try:
            while True:
                emit.text("tok ")
                self.began.set()
                time.sleep(self._pause_s)
        finally:
            self.closed.set()

    async def ajob(self, emit: Emitter) -> None:
        try:
            while True:
                emit.text("tok ")
                self.began.set()
                await asyncio.sleep(self._pause_s)
        finally:
            self.closed.set()


async def agen(*items: str) -> AsyncIterator[str]:
    for item in items:
        yield item


async def coroutine_of_text() -> str:
    return "日本 text"


def job(emit: Emitter) -> None:
    with emit.step("one"):
        emit.text("日本 ")
        emit.progress(1, 2)
    emit.text("text")


async def async_job(emit: Emitter) -> None:
    emit.text("日本 ")
    await asyncio.sleep(0)
    emit.text("text")


def generator_job(emit: Emitter) -> Iterator[str]:
    emit.notice("starting")
    yield "日本 "
    yield "text"


SOURCES: dict[str, Callable[[], object]] = {
    "list": lambda: ["日本 ", "text"],
    "iterator": lambda: iter(["日本 ", "text"]),
    "generator": lambda: (piece for piece in ("日本 ", "text")),
    "async generator": lambda: agen("日本 ", "text"),
    "bytes in pieces": lambda: iter(["日本 text".encode()[:2], "日本 text".encode()[2:]]),
    "bytes": lambda: "日本 text".encode(),
    "factory of a list": lambda: lambda: ["日本 ", "text"],
    "factory of an async generator": lambda: lambda: agen("日本 ", "text"),
    "function of str": lambda: lambda: "日本 text",
    "coroutine function of str": lambda: coroutine_of_text,
    "async generator function": lambda: lambda: agen("日本 text"),
    "job": lambda: job,
    "async job": lambda: async_job,
    "generator job": lambda: generator_job,
    "events": lambda: [TextDelta("a", "日本 "), TextDelta("b", "text")],
    "events with an end": lambda: iter([TextDelta("a", "日本 text"), RunEnd("complete", "stop")]),
}


@pytest.mark.parametrize("name", SOURCES)
def test_every_kind_of_source_gives_its_text(name: str) -> None:
    result = collect(SOURCES[name](), timeout=WAIT_S)
    assert result.error is None
    assert (result.status, result.text) == ("finished", "日本 text")
    assert not result.document.alive_parts()
    assert isinstance(result.events[-1], RunEnd)


@pytest.mark.parametrize("name", SOURCES)
def test_every_kind_of_source_can_be_awaited(name: str) -> None:
    result = asyncio.run(acollect(SOURCES[name]()))
    assert (result.status, result.text) == ("finished", "日本 text")


def test_factories_and_functions_run_again_for_each_run() -> None:
    assert collect(job).text == collect(job).text == "日本 text"


# --- outcomes


def bad_generator() -> Iterator[str]:
    yield "half of "
    yield "it"
    raise ValueError("no more")


def test_an_exception_of_the_users_keeps_what_came_and_shows_the_users_frames() -> None:
    result = collect(bad_generator())
    assert (result.status, result.text) == ("failed", "half of it")
    assert isinstance(result.error, SourceError)
    assert result.error.message == "ValueError: no more"
    assert isinstance(result.error.__cause__, ValueError)
    detail = result.error.detail or ""
    assert "bad_generator" in detail
    assert "streamwidget/run" not in detail, "our own frames are no help to the user"
    with pytest.raises(SourceError):
        result.raise_for_error()


class Group(Exception):
    """As `ExceptionGroup` of Python 3.11, and those of packages for 3.10 and of trio."""

    def __init__(self, message: str, exceptions: list[Exception]) -> None:
        super().__init__(message, exceptions)
        self.message, self.exceptions = message, tuple(exceptions)

    def __str__(self) -> str:
        return f"{self.message} ({len(self.exceptions)} sub-exceptions)"


def groups() -> list[type]:
    return [Group, *([ExceptionGroup] if sys.version_info >= (3, 11) else [])]  # noqa: F821


@pytest.mark.parametrize("group", groups(), ids=lambda group: group.__module__)
def test_a_group_of_exceptions_is_shown_with_the_first_one_inside(group: Any) -> None:
    inner = group("more", [ValueError("no more"), KeyError("k")])

    def job(emit: Emitter) -> None:
        emit.log(group("logged", [ValueError()]))
        with emit.step("read"):
            raise group("unhandled errors", [inner, OSError()])

    result = collect(job)
    name = group.__name__
    message = f"{name}: unhandled errors: ValueError: no more (and 2 more)"
    assert result.error is not None
    assert result.error.message == message
    assert [step.message for step in result.steps] == [message]
    assert [line.message for line in result.logs] == [f"{name}: logged: ValueError"]


LATE = [
    b'data: {"choices": [{"delta": {"content": "a"}, "finish_reason": "stop"}]}\n\n',
    b"data: [DONE]\n\n",
    b'data: {"error": {"message": "late"}}\n\n',
]


async def late_agen() -> AsyncIterator[bytes]:
    for piece in LATE:
        yield piece
        await asyncio.sleep(0)


@pytest.mark.parametrize("source", [iter(LATE), late_agen()], ids=["synchronous", "asynchronous"])
def test_a_failure_after_the_end_marker_is_read_from_either_kind_of_source(source: object) -> None:
    result = collect(source)
    assert (result.status, result.text) == ("failed", "a")
    assert result.error is not None
    assert result.error.message == "late"


def test_a_failure_inside_the_stream_is_the_providers() -> None:
    events = [TextDelta("t", "so far"), Failure("overloaded", "provider", code="529")]
    result = collect(iter(events))
    assert (result.status, result.text) == ("failed", "so far")
    assert result.error is not None
    assert (result.error.fault, result.error.message) == ("provider", "overloaded")


def test_a_cut_stream_is_neither_success_nor_failure_of_the_provider() -> None:
    result = collect(iter([TextDelta("t", "so f"), RunEnd("cut")]))
    assert (result.status, result.text) == ("incomplete", "so f")
    assert result.error is not None
    assert (result.error.fault, result.error.retryable) == ("incomplete", True)


def test_a_problem_that_is_not_fatal_is_reported_and_the_run_completes() -> None:
    result = collect(iter([Failure("a bad byte", "decode", fatal=False), TextDelta("t", "x")]))
    assert (result.status, result.text) == ("finished", "x")
    assert result.error is not None
    assert result.error.fault == "decode"


@pytest.mark.parametrize("empty", [[], iter(()), agen(), lambda: []], ids=repr)
def test_a_source_that_gives_nothing_is_reported(empty: object) -> None:
    result = collect(empty)
    assert isinstance(result.error, ResponseError)
    assert "without yielding anything" in result.error.message


@pytest.mark.parametrize("value", [42, None, object(), {"a": 1}, "some text", int, "ftp://x"])
def test_what_cannot_be_streamed_is_reported_with_what_can_be(value: object) -> None:
    result = collect(value)
    assert isinstance(result.error, UsageError)
    assert "a URL (http://, https://, ws:// or wss://)" in result.error.message


def test_an_item_that_is_not_understood_is_reported_by_its_place() -> None:
    result = collect(["fine", object()])
    assert isinstance(result.error, UsageError)
    assert "Item 2 of the source is a object" in result.error.message
    assert result.text == "fine"


def test_a_function_without_result_and_without_emitter_is_reported() -> None:
    result = collect(lambda: None)
    assert isinstance(result.error, UsageError)
    assert "def job(emit)" in result.error.message


def test_the_bound_of_the_document_ends_the_run_and_names_itself() -> None:
    result = collect((10 * "x" for _ in range(100)), limits=Limits(document_chars=50))
    assert isinstance(result.error, LimitError)
    assert "document_chars" in result.error.message
    assert len(result.text) == 60


def test_what_a_finished_run_is_fed_is_dropped() -> None:
    run = started(["x"])
    wait(run)
    run.push([TextDelta("t", "late")])
    assert run.result().text == "x"


def test_pushes_wake_the_publisher_once_until_the_patches_are_sealed() -> None:
    run, wakes = Run(), []
    run.on_change = lambda: wakes.append(run.status)
    run.start("by hand")
    run.push([TextDelta("t", "a")])  # begins to stream: the status changed too
    run.push([TextDelta("t", "b")])
    assert wakes == ["connecting", "streaming"]
    for text in "cd":
        run.patches.seal()
        run.push([TextDelta("t", text), TextDelta("t", text)])
        run.push([TextDelta("t", text)])
    assert wakes[2:] == ["streaming", "streaming"]
    run.patches.seal()
    run.push([Rows("r", "table", ("a",), ((1,),))])
    run.patches.seal()
    run.push([Rows("r", "table", ("a",), ((2,),))])  # held until somebody reads
    assert len(wakes) == 6


def _is_free(run: Run) -> bool:
    """True if another thread gets the lock of the run now."""
    results: list[bool] = []

    def attempt() -> None:
        if run.lock.acquire(blocking=False):
            run.lock.release()
            results.append(True)
        else:
            results.append(False)

    thread = threading.Thread(target=attempt)
    thread.start()
    thread.join()
    return results[0]


def test_the_document_is_not_written_down_under_the_lock(monkeypatch: pytest.MonkeyPatch) -> None:
    view, free = StreamView(title="t"), []
    view.emit.text("some text")
    view.emit.metric("loss", 1.0)
    run = view._run

    def noting(function: Callable[..., object]) -> Callable[..., object]:
        def noted(*arguments: object, **options: object) -> object:
            free.append(_is_free(run))
            return function(*arguments, **options)

        return noted

    monkeypatch.setattr(Part, "to_wire", noting(Part.to_wire))
    monkeypatch.setattr(data, "_series", noting(data._series))
    view.to_markdown()
    assert view.metrics["loss"].last == 1.0
    view._port.snapshot()
    view._saved.record(view._port)
    view.finish()
    assert len(free) > 4
    assert all(free)


def test_steps_are_stamped_and_closed() -> None:
    run = Run(now=iter([0.0, *(n / 10 for n in range(50))]).__next__)
    begin(run, iter([StepStart("s", "Search"), TextDelta("t", "x"), Notice("hm")]))
    wait(run)
    step = run.document.part("s")
    assert step is not None
    assert step.state == "done"
    assert step.fields["started_s"] is not None
    assert any(isinstance(event, StepEnd) for event in run.events.to_tuple())


# --- stop


@pytest.mark.parametrize("kind", ["tokens", "atokens", "job", "ajob"])
@measured_again
def test_a_stop_closes_the_producer_and_keeps_what_came(kind: str) -> None:
    endless = Endless()
    made = getattr(endless, kind)
    run = started(made() if kind.endswith("tokens") else made)
    assert endless.began.wait(WAIT_S)
    asked = time.monotonic()
    assert run.request_stop()
    assert run.finished.wait(WAIT_S)
    assert endless.closed.is_set()
    assert time.monotonic() - asked < 0.5
    result = run.result()
    assert result.status == "stopped"
    assert result.text.startswith("tok ")
    stop = run.stop_times
    assert stop is not None
    assert stop.closed_s is not None
    assert stop.requested_s <= stop.heard_s <= stop.closed_s
    assert run.summary is not None
    assert run.summary.startswith("Stopped by you after ")


@pytest.mark.parametrize("kind", ["tokens", "atokens"])
def test_a_stop_before_the_producer_has_begun_still_ends_the_run(kind: str) -> None:
    for _ in range(50):
        run = started(getattr(Endless(), kind)())
        run.request_stop()
        assert run.closed.wait(WAIT_S)
        assert run.finished.wait(WAIT_S)
        assert run.status == "stopped"


def test_a_second_stop_and_a_late_stop_do_nothing() -> None:
    endless = Endless()
    run = started(endless.tokens())
    assert endless.began.wait(WAIT_S)
    assert [run.request_stop(), run.request_stop()] == [True, False]
    wait(run)
    assert not run.request_stop()


def test_a_producer_that_does_not_close_is_abandoned_and_reported() -> None:
    blocked, release = threading.Event(), threading.Event()

    def stuck() -> Iterator[str]:
        yield "x"
        blocked.set()
        release.wait(WAIT_S)
        yield "never shown"

    run = started(stuck(), limits=Limits(close_timeout_s=0.05))
    assert blocked.wait(WAIT_S)
    run.request_stop()
    assert run.finished.wait(WAIT_S)
    assert run.summary is not None
    assert "the source has not reacted at test_run.py, line " in run.summary
    rev = run.rev
    release.set()
    assert run.closed.wait(WAIT_S)
    assert run.rev > rev
    assert "was closed" in run.summary
    assert run.result().text == "x"


def test_a_job_that_swallows_the_stop_meets_it_again() -> None:
    calls = 0

    def stubborn(emit: Emitter) -> None:
        nonlocal calls
        while calls < 3:
            try:
                emit.text("x")
                time.sleep(0.001)
            except StopRequested:
                calls += 1

    run = started(stubborn)
    while not run.result().text:
        time.sleep(0.001)
    run.request_stop()
    assert run.finished.wait(WAIT_S)
    assert calls == 3
    assert run.status == "stopped"


def test_a_source_that_is_always_ready_cannot_starve_the_stop() -> None:
    began = threading.Event()

    async def torrent() -> AsyncIterator[str]:
        while True:
            began.set()
            yield "x"

    run = started(torrent())
    assert began.wait(WAIT_S)
    run.request_stop()
    assert run.finished.wait(WAIT_S)
    assert run.status == "stopped"


# --- waiting


def test_a_wait_with_a_bound_raises_and_the_run_continues() -> None:
    endless = Endless()
    run = started(endless.tokens())
    assert endless.began.wait(WAIT_S)
    with pytest.raises(TimeoutError, match="it is streaming"):
        wait(run, 0.01)
    run.request_stop()
    assert wait(run).status == "stopped"


def test_cancelling_an_await_stops_the_run() -> None:
    endless = Endless()

    async def scenario() -> None:
        task = asyncio.create_task(acollect(endless.atokens()))
        while not endless.began.is_set():
            await asyncio.sleep(0.001)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())
    assert endless.closed.is_set()


def test_iterating_again_runs_nothing_again() -> None:
    calls = 0

    def factory() -> list[str]:
        nonlocal calls
        calls += 1
        return ["a", "b", "c"]

    run = started(factory)
    first, second = list(iterate(run)), list(iterate(run))
    assert first == second
    assert "".join(event.text for event in first if isinstance(event, TextDelta)) == "abc"
    assert calls == 1


def test_two_readers_see_the_same_while_it_runs() -> None:
    run = started(str(n) for n in range(3000))

    async def read() -> list[object]:
        return [event async for event in iterate_async(run)]

    seen: list[object] = []
    other = threading.Thread(target=lambda: seen.extend(iterate(run)))
    other.start()
    events = asyncio.run(read())
    other.join(WAIT_S)
    assert seen == events
    assert len(events) == len(run.events.to_tuple())


def test_events_beyond_the_bound_are_dropped_and_reported() -> None:
    run = started((str(n) for n in range(9000)), limits=Limits(kept_events_count=100))
    wait(run)
    events = list(iterate(run))
    assert isinstance(events[0], Notice)
    assert len(events) < 5000
    assert run.result().text.endswith("8999")


def test_a_stream_opened_on_this_loop_is_refused_by_a_blocking_wait() -> None:
    async def scenario() -> tuple[Result, Result]:
        opened = agen("a", "b", "c")
        await anext(opened)
        refused = collect(opened)
        return refused, await acollect(opened)

    refused, read = asyncio.run(scenario())
    assert isinstance(refused.error, UsageError)
    assert "await" in refused.error.message
    assert read.text == "bc"


def test_prints_of_a_source_keep_the_context_of_their_cell() -> None:
    from contextvars import ContextVar

    cell: ContextVar[str] = ContextVar("cell", default="none")
    cell.set("cell 7")
    seen: list[str] = []

    def tokens() -> Iterator[str]:
        seen.append(cell.get())
        yield "x"

    async def atokens() -> AsyncIterator[str]:
        seen.append(cell.get())
        yield "x"

    collect(tokens())
    collect(atokens())
    assert seen == ["cell 7", "cell 7"]


def test_every_error_of_ours_has_a_fault() -> None:
    faults = [kind.fault for kind in StreamWidgetError.__subclasses__()]
    assert len(set(faults)) == len(faults) == len(get_args(Fault))
