"""`on_end` is called once for each run that ends, with its result, wherever the run ended."""

from __future__ import annotations

import logging
import threading
from collections.abc import Callable, Iterator

import pytest

from streamwidget import Emitter, Result, StreamView
from unit.waiting import WAIT_S


class Calls:
    """Remembers the results that it was called with."""

    def __init__(self) -> None:
        self.results: list[Result] = []
        self.threads: list[str] = []
        self._one_more = threading.Semaphore(0)

    def __call__(self, result: Result) -> None:
        self.results.append(result)
        self.threads.append(threading.current_thread().name)
        self._one_more.release()

    def wait(self) -> Result:
        assert self._one_more.acquire(timeout=WAIT_S)
        return self.results[-1]


def failing() -> Iterator[str]:
    yield "a"
    raise OSError("disk on fire")


SOURCES: dict[str, tuple[Callable[[], object], str]] = {
    "a good end": (lambda: iter(["a"]), "finished"),
    "a failure": (failing, "failed"),
    "something that cannot be streamed": (lambda: 42, "failed"),
}


@pytest.mark.parametrize(("source", "status"), SOURCES.values(), ids=SOURCES.keys())
def test_it_is_called_once_with_the_result(source: Callable[[], object], status: str) -> None:
    calls = Calls()
    view = StreamView(source(), on_end=calls)
    result = calls.wait()
    assert (result.status, result.text) == (status, view.text)
    assert threading.current_thread().name not in calls.threads
    view.close()
    assert len(calls.results) == 1


def test_a_stop_is_an_end_too() -> None:
    calls, began = Calls(), threading.Event()

    def job(emit: Emitter) -> None:
        emit.text("a")
        began.set()
        while True:
            emit.text("a")

    view = StreamView(job, on_end=calls)
    assert began.wait(WAIT_S)
    view.stop()
    assert calls.wait().status == "stopped"


def test_each_retry_is_a_run_of_its_own() -> None:
    calls, answers = Calls(), iter(["first", "second"])
    view = StreamView(lambda: iter([next(answers)]), on_end=calls)
    assert calls.wait().text == "first"
    view.retry()
    assert calls.wait().text == "second"


class Logged(logging.Handler):
    """Waits for a record."""

    def __init__(self) -> None:
        super().__init__()
        self.text = ""
        self.came = threading.Event()

    def emit(self, record: logging.LogRecord) -> None:
        self.text = self.format(record)
        self.came.set()


def test_what_it_raises_is_logged_and_changes_nothing() -> None:
    def on_end(_: Result) -> None:
        raise RuntimeError("no mail server")

    logger, logged = logging.getLogger("streamwidget"), Logged()
    logger.addHandler(logged)
    try:
        view = StreamView(iter(["a"]), title="nightly", on_end=on_end)
        assert view.wait(WAIT_S).status == "finished"
        assert logged.came.wait(WAIT_S)
    finally:
        logger.removeHandler(logged)
    assert "on_end of the run 'nightly' failed" in logged.text
    assert "no mail server" in logged.text
