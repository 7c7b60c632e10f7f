"""`from streamwidget import tqdm` shows the bars of tqdm in the view of the job."""

from __future__ import annotations

import asyncio
import inspect
import sys
import threading
import time
from collections.abc import AsyncIterator, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import ipywidgets
import pytest
from tqdm import tqdm as theirs

from streamwidget import Emitter, StreamView, UsageError, tqdm, trange
from unit.waiting import WAIT_S


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    ipywidgets.Widget.close_all()


def bars(job: Callable[..., Any], **options: Any) -> list[tuple[object, object, object]]:
    """Heading, count and total of each bar at the end of a job."""
    view = StreamView(job, **options)
    view.wait(WAIT_S)
    assert view.status == "finished", view.error
    fields = [part.fields for part in view.document.parts if part.kind == "progress"]
    return [(bar["label"], bar["completed"], bar["total"]) for bar in fields]


def test_forty_nested_epochs_draw_two_bars() -> None:
    def job(emit: Emitter) -> None:
        for epoch in trange(40, desc="epochs"):
            for _ in tqdm(range(10), desc=f"epoch {epoch}"):
                pass

    assert bars(job) == [("epochs", 40, 40), ("epoch 39", 10, 10)]


def test_loops_one_after_the_other_have_a_bar_each() -> None:
    def job(emit: Emitter) -> None:
        for name in ("a", "b"):
            for _ in tqdm(range(3), name):
                for _ in tqdm(range(2), f"in {name}"):
                    pass

    assert bars(job) == [("a", 3, 3), ("in a", 2, 2), ("b", 3, 3), ("in b", 2, 2)]


@pytest.mark.parametrize(
    ("leave", "left"),
    [(True, ["outer", "inner"]), (False, ["outer"]), (None, ["outer"])],
)
def test_a_nested_bar_that_is_not_left_disappears_with_the_loop_around_it(
    leave: bool | None, left: list[str]
) -> None:
    def job(emit: Emitter) -> None:
        for _ in tqdm(range(3), "outer", leave=None):
            for _ in tqdm(range(2), "inner", leave=leave):
                pass

    assert [label for label, _, _ in bars(job)] == left
    alone = bars(lambda emit: list(tqdm([1], "alone", leave=False)))
    assert alone == []


def test_parallel_loops_have_bars_of_their_own() -> None:
    def job() -> None:
        ready = threading.Barrier(3)

        def work(name: str) -> None:
            for _ in tqdm(range(5), name, position=1):
                ready.wait(WAIT_S)

        with ThreadPoolExecutor(3) as pool:
            list(pool.map(work, "abc"))

    assert sorted(bars(job, capture=True)) == [("a", 5, 5), ("b", 5, 5), ("c", 5, 5)]


def test_tasks_have_bars_of_their_own_and_loops_may_be_asynchronous() -> None:
    async def items() -> AsyncIterator[int]:
        for item in range(3):
            await asyncio.sleep(0)
            yield item

    async def work(name: str) -> None:
        async for _ in tqdm(items(), name):
            pass

    async def job(emit: Emitter) -> None:
        await asyncio.gather(work("a"), work("b"))

    assert sorted(bars(job)) == [("a", 3, None), ("b", 3, None)]


def test_a_bar_is_updated_by_hand_with_heading_and_postfix() -> None:
    shown: list[Any] = []

    def job(emit: Emitter) -> None:
        with tqdm(total=10, desc="first: ", unit="B", initial=2) as bar:
            bar.update(3)
            bar.set_description("second")
            bar.set_postfix({"loss": 0.123456}, epoch=3)
            shown.append((bar.n, bar.total, len(bar), bool(bar), bar.postfix))
            bar.update()
            bar.reset(total=7)
            bar.update(7)
            bar.close()
            bar.update(100)

    view = StreamView(job)
    view.wait(WAIT_S)
    (bar,) = [part.fields for part in view.document.parts if part.kind == "progress"]
    assert shown == [(5, 10, 10, True, "loss=0.123, epoch=3")]
    assert (bar["label"], bar["completed"], bar["total"], bar["unit"]) == ("second", 7, 7, "B")
    assert bar["message"] == "loss=0.123, epoch=3"


def test_write_prints_below_what_came_before() -> None:
    def job(emit: Emitter) -> None:
        emit.text("text")
        tqdm.write("line")
        tqdm.write("error", file=sys.stderr, end="")

    view = StreamView(job)
    view.wait(WAIT_S)
    shown = [(part.text, part.fields.get("stream")) for part in view.document.parts]
    assert shown == [("text", None), ("line\n", None), ("error", "stderr")]


def test_a_stop_ends_the_loop() -> None:
    began, ended = threading.Event(), threading.Event()

    def job(emit: Emitter) -> None:
        try:
            for _ in tqdm(iter(int, 1)):
                began.set()
                time.sleep(0.001)
        finally:
            ended.set()

    view = StreamView(job)
    assert began.wait(WAIT_S)
    view.stop()
    assert view.wait(WAIT_S).status == "stopped"
    assert ended.is_set()


def test_a_view_that_is_fed_by_hand_shows_the_bars_of_its_block() -> None:
    view = StreamView(title="by hand")
    with view:
        for _ in tqdm(range(3), "bar"):
            pass
    assert [part.fields["label"] for part in view.document.parts] == ["bar"]


def test_every_option_of_tqdm_is_taken_and_no_other() -> None:
    def job(emit: Emitter) -> None:
        for name in list(inspect.signature(theirs.__init__).parameters)[2:-1]:
            default = inspect.signature(theirs.__init__).parameters[name].default
            assert list(tqdm([1], **{name: default})) == [1]  # type: ignore[arg-type]
        with pytest.raises(UsageError, match="no option 'totl'"):
            tqdm([1], totl=3)
        assert list(tqdm([1, 2], disable=True)) == [1, 2]

    assert bars(job)


def test_a_script_prints_one_line_for_each_outer_loop(capsys: Any) -> None:
    for _ in trange(2, desc="outer"):
        for _ in trange(3, desc="inner"):
            pass
    assert capsys.readouterr().err.startswith("outer: 2/2, ")
