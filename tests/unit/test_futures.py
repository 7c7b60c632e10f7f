"""Futures of several libraries, one or many: results as they come, a stop cancels the rest."""

from __future__ import annotations

import asyncio
import threading
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from typing import Any

import pytest

from streamwidget import SourceError, acollect, collect
from streamwidget.run import Run, begin
from unit.waiting import WAIT_S


class ForeignFuture:
    """Shaped like a Dask future: the callback comes on another thread, `result` may travel."""

    key = "sum-1"

    def __init__(self, value: object) -> None:
        self._inner: Future[object] = Future()
        self._value = value
        self.asked_on: str | None = None

    def start(self) -> None:
        threading.Thread(target=lambda: self._inner.set_result(None)).start()

    def add_done_callback(self, call: Callable[[ForeignFuture], None]) -> None:
        self._inner.add_done_callback(lambda _: call(self))

    def done(self) -> bool:
        return self._inner.done()

    def result(self) -> object:
        self.asked_on = threading.current_thread().name
        return self._value

    def cancel(self) -> bool:
        return self._inner.cancel()


@pytest.fixture
def pool() -> Iterator[ThreadPoolExecutor]:
    with ThreadPoolExecutor(4) as executor:
        yield executor


def rows(result: Any) -> list[dict[str, Any]]:
    [part] = [part for part in result.document.parts if part.kind == "table"]
    names = [column["name"] for column in part.to_wire()["columns"]]
    return [dict(zip(names, row, strict=False)) for row in part.to_wire()["items"]]


def progress(result: Any) -> dict[str, Any]:
    [part] = [part for part in result.document.parts if part.kind == "progress"]
    return dict(part.fields)


@pytest.mark.parametrize(
    ("value", "text", "shown"),
    [
        ("日本 text", "日本 text", None),
        (None, "", None),
        ({"a": [1, None]}, "", '{"a": [1, null]}'),
    ],
)
def test_a_future_gives_its_result(
    pool: ThreadPoolExecutor, value: object, text: str, shown: str | None
) -> None:
    result = collect(pool.submit(lambda: value), timeout=WAIT_S)
    assert (result.status, result.error, result.text) == ("finished", None, text)
    values = [part.text for part in result.document.parts if part.kind == "value"]
    assert values == ([] if shown is None else [shown])


def test_a_stream_that_a_future_gives_is_continued(pool: ThreadPoolExecutor) -> None:
    result = collect(pool.submit(lambda: iter(["a", "b"])), timeout=WAIT_S)
    assert (result.status, result.text) == ("finished", "ab")


def test_a_future_whose_function_raises_is_the_users_failure(pool: ThreadPoolExecutor) -> None:
    result = collect(pool.submit(lambda: 1 / 0), timeout=WAIT_S)
    assert isinstance(result.error, SourceError)
    assert result.error.message == "ZeroDivisionError: division by zero"


def test_a_task_and_a_coroutine_are_awaited() -> None:
    async def work() -> str:
        await asyncio.sleep(0)
        return "done"

    async def main() -> list[str]:
        task = asyncio.create_task(work())
        return [(await acollect(task)).text, (await acollect(work())).text]

    assert asyncio.run(main()) == ["done", "done"]
    assert collect(work(), timeout=WAIT_S).text == "done"


def test_another_tasks_cancellation_is_reported() -> None:
    async def main() -> Any:
        task = asyncio.create_task(asyncio.sleep(60), name="nap")
        asyncio.get_running_loop().call_soon(task.cancel)
        return await acollect(task)

    result = asyncio.run(main())
    assert result.status == "failed"
    assert result.error.message == "The task nap was cancelled."


def test_a_future_of_an_unknown_library_is_known_by_its_shape() -> None:
    future = ForeignFuture("far away")
    future.start()
    result = collect(future, timeout=WAIT_S)
    assert result.text == "far away"
    assert future.asked_on != "streamwidget-loop", "its result may block, and the loop may not"
    assert result.document.run["source"] == "future sum-1"


def when(run: Run, holds: Callable[[], bool]) -> None:
    """Waits until `holds` is true; looks after every change of the run."""
    changed = threading.Event()
    forget = run.wake_me(changed.set)
    while not holds():
        assert changed.wait(WAIT_S)
        changed.clear()
    forget()


def has_table(run: Run) -> bool:
    with run.lock:
        return any(part.kind == "table" for part in run.document.parts)


def test_many_futures_are_rows_in_the_order_of_their_completion() -> None:
    slow: Future[dict[str, int]] = Future()
    quick: Future[str] = Future()
    run = Run()
    begin(run, [slow, quick])
    quick.set_result("one")
    when(run, lambda: has_table(run))
    slow.set_result({"papers": 3})
    assert run.finished.wait(WAIT_S)
    results = [(r["future"], r["state"], r["result"], r.get("papers")) for r in rows(run.result())]
    assert results == [(2, "done", "one", None), (1, "done", None, 3)]
    bar = progress(run.result())
    assert (bar["completed"], bar["total"]) == (2, 2)


def test_of_many_one_that_fails_does_not_stop_the_others(pool: ThreadPoolExecutor) -> None:
    result = collect([pool.submit(lambda: 1 / 0), pool.submit(lambda: "ok")], timeout=WAIT_S)
    assert result.status == "finished"
    by_number = {row["future"]: row for row in rows(result)}
    assert by_number[1]["state"] == "failed"
    assert by_number[1]["error"] == "ZeroDivisionError: division by zero"
    assert by_number[2]["result"] == "ok"
    assert result.error is not None
    assert "Future 1 failed" in result.error.message
    assert progress(result)["message"] == "1 failed"


def test_many_that_all_fail_are_a_failed_run(pool: ThreadPoolExecutor) -> None:
    result = collect([pool.submit(lambda: 1 / 0) for _ in range(3)], timeout=WAIT_S)
    assert result.status == "failed"
    assert result.error is not None
    assert "All 3 futures failed" in result.error.message


def test_a_stop_cancels_what_is_not_done_and_keeps_what_is() -> None:
    done: Future[str] = Future()
    waiting: Future[str] = Future()
    done.set_result("here")
    run = Run()
    begin(run, [done, waiting])
    when(run, lambda: has_table(run))
    run.request_stop()
    assert run.finished.wait(WAIT_S)
    assert run.status == "stopped"
    assert waiting.cancelled()
    assert [row["result"] for row in rows(run.result())] == ["here"]


def test_a_thousand_futures_cost_what_they_are() -> None:
    futures: list[Future[int]] = [Future() for _ in range(1000)]
    for number, future in enumerate(futures):
        future.set_result(number)
    result = collect(futures, timeout=WAIT_S)
    assert len(rows(result)) == 1000
