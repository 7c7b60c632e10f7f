"""Nothing hangs: blocked loops, sources that ignore a stop, signal handlers, nested errors."""

from __future__ import annotations

import asyncio
import signal
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import contextmanager

import pytest
from http_peer import demo_server

from streamwidget import Emitter, Limits, StreamView, UsageError, acollect, collect, http
from streamwidget.events import Notice, TextDelta
from streamwidget.run import Run, begin, loops
from streamwidget.run.loops import StreamingLoop
from streamwidget.run.pausing import Gate
from unit.waiting import WAIT_S, until

LIMITS = Limits(close_timeout_s=0.2)


@pytest.fixture
def release() -> Iterator[threading.Event]:
    """Set at the end of the test, so that what was blocked on purpose ends too."""
    event = threading.Event()
    yield event
    event.set()


def started(source: object, limits: Limits = LIMITS) -> Run:
    run = Run(limits=limits)
    begin(run, source)
    return run


def test_a_coroutine_that_blocks_its_loop_is_abandoned_and_the_summary_says_where(
    release: threading.Event,
) -> None:
    async def job(emit: Emitter) -> None:
        emit.text("before")
        release.wait()

    run = started(job)
    until(lambda: run.result().text)
    run.request_stop()
    assert run.finished.wait(WAIT_S), "the run waits for the job"
    assert (run.status, run.result().text) == ("stopped", "before")
    assert "blocks its event loop at test_blocking.py, line " in (run.summary or "")
    release.set()
    assert run.closed.wait(WAIT_S)
    until(lambda: "was closed" in (run.summary or ""))


def test_a_coroutine_that_ignores_its_cancellation_is_distinguished(
    release: threading.Event,
) -> None:
    async def job(emit: Emitter) -> None:
        emit.text("x")
        while not release.is_set():
            try:
                await asyncio.sleep(0.01)
            except asyncio.CancelledError:
                pass

    run = started(job)
    until(lambda: run.result().text)
    run.request_stop()
    assert run.finished.wait(WAIT_S)
    assert "ignores its cancellation" in (run.summary or "")


def test_connections_continue_while_a_coroutine_blocks(release: threading.Event) -> None:
    async def job(emit: Emitter) -> None:
        emit.text("x")
        release.wait(WAIT_S)

    run = started(job)
    until(lambda: run.result().text)
    with contextmanager(demo_server)() as server:
        assert collect(http(f"{server.address}/tokens?n=3&rate=100"), timeout=WAIT_S).error is None
    run.request_stop()
    assert run.finished.wait(WAIT_S)


def test_a_blocked_loop_is_replaced_and_its_view_says_so(
    release: threading.Event, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(loops, "LOOK_S", 0.02)

    async def job(emit: Emitter) -> None:
        emit.text("x")
        release.wait(WAIT_S)

    async def other() -> AsyncIterator[str]:
        yield "y"

    before = loops.streaming_loop("jobs")
    run = started(job)
    until(lambda: loops.streaming_loop("jobs") is not before)
    assert collect(other(), timeout=WAIT_S).text == "y"
    until(lambda: any(isinstance(event, Notice) for event in run.result().events))
    run.request_stop()
    assert run.finished.wait(WAIT_S)


def test_a_loop_is_watched_only_while_it_works(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(loops, "LOOK_S", 0.01)
    loop = StreamingLoop("jobs")
    closed = threading.Event()

    class User:
        def is_closed(self) -> bool:
            return closed.is_set()

        def on_blocked(self) -> None:
            raise AssertionError("nothing blocks")

    loop.watch(User())
    assert loop._is_watched
    closed.set()
    until(lambda: not loop._is_watched)
    assert not loop._users
    loop.loop.call_soon_threadsafe(loop.loop.stop)
    loop.thread.join(WAIT_S)
    loop.loop.close()


def test_a_blocking_wait_inside_a_coroutine_job_is_refused_at_once() -> None:
    other = StreamView()

    async def collects(emit: Emitter) -> None:
        collect(["x"])

    async def waits(emit: Emitter) -> None:
        other.wait()

    async def iterates(emit: Emitter) -> None:
        list(other)

    async def awaits(emit: Emitter) -> None:
        emit.text((await acollect(["x"])).text)

    for job in (collects, waits, iterates):
        result = collect(job, timeout=WAIT_S)
        assert result.status == "failed"
        assert isinstance(result.error, UsageError)
        assert "must not block" in result.error.message
    assert collect(awaits, timeout=WAIT_S).text == "x"
    other.finish()


def test_a_stop_takes_no_lock() -> None:
    run = started(_endless())
    holding, done = threading.Event(), threading.Event()

    def hold() -> None:
        with run.lock:
            holding.set()
            done.wait(WAIT_S)

    thread = threading.Thread(target=hold)
    thread.start()
    assert holding.wait(WAIT_S)
    assert run.request_stop()
    assert run.status == "stopping"
    assert run.stop_requested()
    assert thread.is_alive(), "all this has waited for the lock"
    done.set()
    thread.join(WAIT_S)
    assert run.finished.wait(WAIT_S)


def test_a_signal_handler_stops_a_run_in_the_middle_of_anything() -> None:
    run = started(_endless())
    before = signal.signal(signal.SIGUSR1, lambda *_: run.request_stop())
    try:
        with run.lock:
            signal.raise_signal(signal.SIGUSR1)
    finally:
        signal.signal(signal.SIGUSR1, before)
    assert run.finished.wait(WAIT_S)
    assert run.status == "stopped"


class NoText(Exception):
    def __str__(self) -> str:
        raise ValueError("no text")


@pytest.mark.parametrize("error", [NoText(), KeyboardInterrupt(), SystemExit(), GeneratorExit()])
def test_a_run_ends_whatever_its_source_raises(error: BaseException) -> None:
    def source() -> Iterator[str]:
        yield "so far"
        raise error

    async def asource() -> AsyncIterator[str]:
        yield "so far"
        raise error

    for made in (source(), asource()) if isinstance(error, Exception) else (source(),):
        result = collect(made, timeout=WAIT_S)
        assert (result.status, result.text) == ("failed", "so far")
        assert result.error is not None
        assert type(error).__name__ in result.error.message


def test_a_run_ends_though_its_end_cannot_be_recorded(monkeypatch: pytest.MonkeyPatch) -> None:
    run = Run()
    monkeypatch.setattr(run._intake, "close_parts", lambda _: 1 // 0)
    begin(run, ["x"])
    assert run.finished.wait(WAIT_S)
    assert run.status == "finished"


def test_emitting_while_a_call_of_the_emitter_is_on_its_way_never_hangs() -> None:
    class Loud:
        def __init__(self, emit: Emitter) -> None:
            self._emit = emit

        def __str__(self) -> str:
            self._emit.text("inner ")
            return "outer"

    def job(emit: Emitter) -> None:
        before = signal.getsignal(signal.SIGUSR1)
        assert before is not None
        emit.notice(Loud(emit))  # type: ignore[arg-type]
        emit.text("end")

    result = collect(job, timeout=WAIT_S)
    assert (result.status, result.text) == ("finished", "inner end")


def test_a_stop_before_the_source_gives_anything_reaches_it(release: threading.Event) -> None:
    class Deaf:
        def __iter__(self) -> Iterator[str]:
            release.wait(WAIT_S)
            return iter(["late"])

    run = Run(limits=LIMITS)
    run.request_stop()
    begin(run, Deaf())
    assert run.finished.wait(WAIT_S)
    assert run.status == "stopped"


def test_no_opener_is_lost_between_two_threads() -> None:
    for _ in range(300):
        gate = Gate()
        gate.shut()
        called = threading.Event()
        opener = threading.Thread(target=gate.open)
        opener.start()
        gate.when_open(called.set)
        opener.join()
        assert called.wait(WAIT_S)


def _endless() -> Iterator[TextDelta]:
    pause = threading.Event()
    while True:
        yield TextDelta("t", "x")
        pause.wait(0.005)
