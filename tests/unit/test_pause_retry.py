"""A pause holds the producer and loses nothing; a retry is the next run in the same view."""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from typing import Any

import pytest

from streamwidget import Emitter, StopRequested, StreamView, UsageError
from streamwidget.run import Run
from streamwidget.run.pausing import Gate
from streamwidget.widget.status import status_of
from unit.waiting import WAIT_S, until


class Counted:
    """Numbers that say how many of them were asked for."""

    def __init__(self) -> None:
        self.given = 0
        self.closed = False

    def generator(self) -> Iterator[str]:
        try:
            for n in itertools.count():
                self.given = n + 1
                yield f"{n} "
                time.sleep(0.001)
        finally:
            self.closed = True

    async def agenerator(self) -> AsyncIterator[str]:
        try:
            for n in itertools.count():
                self.given = n + 1
                yield f"{n} "
                await asyncio.sleep(0.001)
        finally:
            self.closed = True

    def job(self, emit: Emitter) -> None:
        try:
            for item in self.generator():
                emit.text(item)
        finally:
            self.closed = True


SOURCES: dict[str, Callable[[Counted], object]] = {
    "generator": lambda counted: counted.generator(),
    "async generator": lambda counted: counted.agenerator(),
    "function": lambda counted: counted.job,
}


@pytest.mark.parametrize("make", SOURCES.values(), ids=SOURCES.keys())
def test_a_pause_holds_the_source_and_a_resume_loses_nothing(
    make: Callable[[Counted], object],
) -> None:
    counted = Counted()
    view = StreamView(make(counted))
    until(lambda: len(view.text.split()) > 3)
    assert status_of(view._port)["can_pause"]
    view.pause()
    assert view.status == "paused"
    held = counted.given + 1
    time.sleep(0.15)  # nothing can be waited for: that nothing comes is what must hold
    assert counted.given <= held
    assert view.status == "paused"
    view.resume()
    assert view.status == "streaming"
    until(lambda: counted.given > held + 3)
    view.stop()
    assert view.wait(WAIT_S).status == "stopped"
    numbers = [int(word) for word in view.text.split()]
    assert numbers == list(range(len(numbers)))


@pytest.mark.parametrize("make", SOURCES.values(), ids=SOURCES.keys())
def test_a_paused_run_can_be_stopped(make: Callable[[Counted], object]) -> None:
    counted = Counted()
    view = StreamView(make(counted))
    until(lambda: len(view.text) > 3)
    view.pause()
    view.stop()
    assert view.wait(WAIT_S).status == "stopped"
    assert counted.closed
    assert not status_of(view._port)["can_pause"]


def test_a_pause_in_a_thread_of_a_job_holds_it_too() -> None:
    seen: list[int] = []

    def job(emit: Emitter) -> None:
        def work() -> None:
            with contextlib.suppress(StopRequested):
                for n in range(10_000):
                    emit.log(str(n))
                    seen.append(n)
                    time.sleep(0.001)

        thread = threading.Thread(target=work, daemon=True)
        emit.text("begun")
        thread.start()
        while thread.is_alive():
            thread.join(0.01)
            if emit.stopped:
                return

    view = StreamView(job)
    until(lambda: len(seen) > 3)
    view.pause()
    time.sleep(0.02)
    held = len(seen)
    time.sleep(0.1)
    assert len(seen) <= held + 1
    view.stop()
    assert view.wait(WAIT_S).status == "stopped"


@pytest.mark.parametrize("kind", ["coroutine function", "by hand"])
def test_what_would_hold_the_kernel_cannot_be_paused(kind: str) -> None:
    async def job(emit: Emitter) -> None:
        emit.text("x")
        await asyncio.sleep(30)

    view = StreamView() if kind == "by hand" else StreamView(job)
    until(lambda: kind == "by hand" or view.status == "streaming")
    with pytest.raises(UsageError, match="cannot be paused"):
        view.pause()
    view._port.on_command({"cmd": "pause", "run_id": view._port.run_id, "request_id": "r"})
    assert view.status != "paused"
    view.stop()


def test_a_gate_lets_everybody_on_once() -> None:
    gate, calls = Gate(), []
    gate.when_open(lambda: calls.append("at once"))
    gate.shut()
    gate.when_open(lambda: calls.append("later"))
    assert (gate.is_shut, calls) == (True, ["at once"])
    gate.open()
    gate.open()
    assert (gate.is_shut, calls) == (False, ["at once", "later"])


def test_a_pause_before_the_first_event_and_after_the_end_does_nothing() -> None:
    run = Run()
    run.is_pausable = True
    run.start("test")
    assert not run.pause()
    run.producer_closed()
    assert not run.pause()
    assert not run.gate.is_shut


# --- retry


def test_a_retry_runs_the_source_again_in_the_same_view() -> None:
    runs = itertools.count(1)

    def job(emit: Emitter) -> None:
        n = next(runs)
        emit.text(f"run {n}")
        if n == 1:
            raise ValueError("the first one fails")

    view = StreamView(job, title="A job")
    assert view.wait(WAIT_S).status == "failed"
    first = view._port
    assert (status_of(first)["can_retry"], status_of(first)["attempt"]) == (True, 1)
    view.retry()
    result = view.wait(WAIT_S)
    assert (result.status, result.text, view.error) == ("finished", "run 2", None)
    assert status_of(view._port)["attempt"] == 2
    assert first.run_id.removesuffix(".1") + ".2" == view._port.run_id
    assert view._port.title == "A job"
    assert view.snapshot == {} or view.get_state()["snapshot"]["run_id"] == view._port.run_id


def test_a_factory_opens_its_stream_again() -> None:
    opened = []

    def open_it() -> Iterator[str]:
        opened.append(1)
        return iter([f"stream {len(opened)}"])

    view = StreamView(open_it)
    assert view.wait(WAIT_S).text == "stream 1"
    view.retry()
    assert view.wait(WAIT_S).text == "stream 2"


def test_the_page_can_ask_for_a_retry_and_a_double_is_one() -> None:
    runs = threading.Semaphore(0)
    view = StreamView(lambda emit: runs.release())
    view.wait(WAIT_S)
    assert runs.acquire(timeout=WAIT_S)
    ask = {"cmd": "retry", "run_id": view._port.run_id, "request_id": "r1"}
    sent: list[dict[str, object]] = []
    view.observe(lambda change: sent.append(change["new"]), "patch")
    view._port.on_command(ask)
    view._port.on_command(ask)
    assert runs.acquire(timeout=WAIT_S), "a retry begins on another thread"
    view.wait(WAIT_S)
    assert not runs.acquire(timeout=0.2)
    message = view._port.message(repeat=True)
    sent += [message] if message else []
    assert "r1" in str([one["acks"] for one in sent])


def test_a_retry_of_an_old_run_does_nothing() -> None:
    runs: list[int] = []
    view = StreamView(lambda emit: runs.append(1))
    view.wait(WAIT_S)
    old = view._port.run_id
    view.retry()
    view.wait(WAIT_S)
    view._port.on_command({"cmd": "retry", "run_id": old, "request_id": "r2"})
    view.wait(WAIT_S)
    assert len(runs) == 2


def test_what_can_be_read_once_cannot_be_retried() -> None:
    view = StreamView(iter(["once"]))
    view.wait(WAIT_S)
    assert not status_of(view._port)["can_retry"]
    with pytest.raises(UsageError, match="Pass a function that opens it"):
        view.retry()


def test_a_run_that_continues_is_not_retried() -> None:
    over = threading.Event()
    view = StreamView(lambda emit: over.wait(WAIT_S))
    with pytest.raises(UsageError, match="Stop it first"):
        view.retry()
    over.set()
    view.wait(WAIT_S)


def test_the_end_of_the_next_run_is_reported_again() -> None:
    sent: list[Any] = []
    observed = threading.Event()
    view = StreamView(lambda emit: observed.wait(WAIT_S) and emit.text("x"))
    view.observe(lambda change: sent.append(change["new"]), "patch")
    observed.set()
    view.wait(WAIT_S)
    view.retry()
    view.wait(WAIT_S)
    until(lambda: any(one["run_id"].endswith(".2") for one in sent))
    assert view._channel.flushed.is_set()
    ended = {one["run_id"][-1] for one in sent if one["status"]["state"] == "finished"}
    assert ended == {"1", "2"}
