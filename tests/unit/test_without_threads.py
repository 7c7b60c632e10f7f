"""Python in a browser cannot start a thread: everything takes turns on the one event loop."""

from __future__ import annotations

import asyncio
import threading
import time
from collections.abc import AsyncIterator, Callable, Coroutine, Iterator
from pathlib import Path
from typing import Any, TypeVar

import ipywidgets
import pytest

from streamwidget import Budget, Emitter, StreamBoard, StreamView, UsageError, acollect, collect
from streamwidget import threads as switch
from streamwidget.run import Result
from streamwidget.widget.routes import _receivers, on_broadcast
from unit.waiting import WAIT_S

T = TypeVar("T")


@pytest.fixture(autouse=True)
def _no_threads(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    def refuse(_: threading.Thread) -> None:
        raise RuntimeError("can't start new thread")

    monkeypatch.setattr(switch, "_there_are", False)
    monkeypatch.setattr(threading.Thread, "start", refuse)
    yield
    ipywidgets.Widget.close_all()


def on_a_loop(work: Callable[[], Coroutine[Any, Any, T]]) -> T:
    return asyncio.run(asyncio.wait_for(work(), WAIT_S))


async def until(condition: Callable[[], bool]) -> None:
    while not condition():
        await asyncio.sleep(0.005)


def ask(view: StreamView, command: str, **more: object) -> None:
    port = view._port
    port.on_command({"cmd": command, "run_id": port.run_id, "request_id": command, **more})


def words() -> Iterator[str]:
    yield from ("one ", "two ", "three")


async def async_words() -> AsyncIterator[str]:
    for word in words():
        yield word
        await asyncio.sleep(0)


def endless_words() -> Iterator[str]:
    while True:
        time.sleep(0.001)
        yield "word "


def job(emit: Emitter) -> None:
    with emit.step("Search"):
        emit.text("one two three")


async def async_job(emit: Emitter) -> None:
    job(emit)


async def coroutine() -> str:
    return "one two three"


@pytest.mark.parametrize(
    "source",
    [words, async_words, job, async_job, coroutine, ["one ", "two ", "three"]],
    ids=lambda source: getattr(source, "__name__", "list"),
)
def test_every_kind_of_source_of_the_users_runs_to_its_end(source: Any) -> None:
    async def work() -> Result:
        return await StreamView(source)

    result = on_a_loop(work)
    assert result.status == "finished", result.error
    assert result.text == "one two three"


def test_collecting_without_a_widget_is_awaited() -> None:
    assert on_a_loop(lambda: acollect(words())).text == "one two three"


def test_two_synchronous_sources_take_turns() -> None:
    order: list[str] = []

    def counting(name: str) -> Iterator[str]:
        for _ in range(4):
            time.sleep(0.01)  # longer than one may hold the loop
            order.append(name)
            yield name

    async def work() -> None:
        await asyncio.gather(acollect(counting("a")), acollect(counting("b")))

    on_a_loop(work)
    assert set(order[:3]) == {"a", "b"}, "one would have to end before the other begins"


def test_a_stop_closes_a_generator_between_two_items() -> None:
    closed = []

    def endless() -> Iterator[str]:
        try:
            while True:
                yield "word "
        finally:
            closed.append(True)

    async def work() -> Result:
        view = StreamView(endless())
        await until(lambda: "word" in view.text)
        view.stop()
        return await view

    assert on_a_loop(work).status == "stopped"
    assert closed == [True]


def test_a_budget_of_time_stops_a_generator() -> None:
    result = on_a_loop(lambda: acollect(endless_words(), budget=Budget(max_time_s=0.05)))
    assert result.status == "stopped"


def test_a_paused_generator_is_not_read_on() -> None:
    async def work() -> Result:
        given = []

        def counting() -> Iterator[str]:
            for number in range(10_000):
                given.append(number)
                time.sleep(0.001)
                yield "word "

        view = StreamView(counting())
        await until(lambda: bool(given))
        view.pause()
        await until(lambda: view.status == "paused")
        before = len(given)
        await asyncio.sleep(0.05)
        assert len(given) <= before + 1
        view.resume()
        await until(lambda: len(given) > before + 1)
        view.stop()
        return await view

    assert on_a_loop(work).status == "stopped"


def test_a_page_sees_what_a_function_emits_before_it_returns() -> None:
    texts: list[int] = []

    async def work() -> None:
        view = StreamView(title="By hand")
        ask(view, "hello")
        view.observe(lambda change: texts.append(change["new"]["seq"]), "patch")
        for _ in range(4):
            view.emit.text("word ")
            time.sleep(0.04)  # more than a tick; the loop has no turn here
        assert len(texts) >= 3
        view.finish()
        await view

    on_a_loop(work)


@pytest.mark.parametrize("call", [lambda view: view.wait(), list], ids=["wait", "iterate"])
def test_a_call_that_blocks_is_refused_and_names_what_can_be_awaited(
    call: Callable[[StreamView], object],
) -> None:
    async def work() -> None:
        view = StreamView(words())
        with pytest.raises(UsageError, match="`await view`"):
            call(view)
        await view
        call(view)  # it has ended, so nothing has to be waited for
        with pytest.raises(UsageError, match="`await acollect"):
            collect(words())

    on_a_loop(work)


def test_a_board_is_awaited_view_by_view() -> None:
    async def work() -> None:
        board = StreamBoard([StreamView(words()), StreamView(words())])
        with pytest.raises(UsageError, match=r"await view for view in board\.views"):
            board.wait()
        results = [await view for view in board.views]
        assert board.wait() == results

    on_a_loop(work)


class Heard(StreamView):
    """A view whose messages to the page are kept."""

    def send(self, content: Any, buffers: Any = None) -> None:
        self.sent = [*getattr(self, "sent", []), content]


def test_a_page_gets_the_record_an_export_and_a_retry() -> None:
    ended: list[str] = []

    async def work() -> None:
        view = Heard(words, on_end=lambda result: ended.append(result.text))
        await view
        ask(view, "hello")
        ask(view, "record")
        ask(view, "export", what="markdown")
        await until(lambda: len(getattr(view, "sent", [])) == 2)
        assert {key for content in view.sent for key in content} > {"record", "export"}
        first = view._port
        ask(view, "retry")
        await until(lambda: view._port is not first)
        await view
        await until(lambda: len(ended) == 2)

    on_a_loop(work)
    assert ended == ["one two three"] * 2


def test_a_journal_is_written_attached_and_replayed(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"

    async def work() -> None:
        await StreamView(words(), journal=path)
        for again in (StreamView.attach(path), StreamView.replay(path), StreamView.replay(path, 2)):
            result = await again
            assert (result.status, result.text) == ("finished", "one two three")

    on_a_loop(work)


def test_a_journal_that_is_being_written_is_followed(tmp_path: Path) -> None:
    path = tmp_path / "run.jsonl"

    async def work() -> None:
        go_on = asyncio.Event()

        async def slow() -> AsyncIterator[str]:
            yield "one "
            await go_on.wait()
            yield "two"

        writing = StreamView(slow(), journal=path)
        follower = StreamView.attach(path)
        await until(lambda: follower.text == "one ")
        go_on.set()
        await writing
        assert (await follower).text == "one two"

    on_a_loop(work)


def test_a_command_that_is_broadcast_reaches_the_view_it_names() -> None:
    async def work() -> Result:
        view = StreamView(endless_words())
        await until(lambda: "word" in view.text)
        port = view._port
        _receivers["a comm"] = port  # a view of a test has no comm
        content = {"cmd": "stop", "run_id": port.run_id, "request_id": "1"}
        for message in (None, {}, {"comm_id": "another", "content": content}):
            on_broadcast(message)
        assert not port.run.stop_requested()
        on_broadcast({"comm_id": "a comm", "content": content})
        return await view

    assert on_a_loop(work).status == "stopped"
