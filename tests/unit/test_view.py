"""`StreamView` without a notebook around it: state, fallback, hand-fed views."""

from __future__ import annotations

import asyncio
import json
import re
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import ipywidgets
import pytest

import streamwidget
from streamwidget import SourceError, StopRequested, StreamView, UsageError
from streamwidget.events import TextDelta
from streamwidget.widget import bundle
from unit.waiting import WAIT_S, measured_again

WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    ipywidgets.Widget.close_all()


def test_the_state_carries_the_document_as_it_is_now() -> None:
    view = StreamView(["日本 ", "👩‍🚀"], title="Two tokens")
    view.wait()
    state = view.get_state()
    snapshot = state["snapshot"]
    assert state["patch"] == {}
    assert snapshot["status"]["title"] == "Two tokens"
    assert snapshot["status"]["state"] == "finished"
    assert "".join(p["text"] for p in snapshot["parts"] if p["kind"] == "text") == "日本 👩‍🚀"
    assert snapshot["run_id"] == f"{view.model_id}.1"
    json.dumps(snapshot)


def test_a_view_costs_little_beside_its_text_and_shares_the_bundle() -> None:
    views = [StreamView(["x"]) for _ in range(3)]
    assert len({view._code for view in views}) == 1
    for view in views:
        view.wait()
        state = {key: value for key, value in view.get_state().items() if key != "_code"}
        layout = view.layout.get_state()
        assert len(json.dumps(state, default=str)) + len(json.dumps(layout)) < 5000


def test_a_new_carrier_is_made_when_all_widgets_were_closed() -> None:
    first = bundle.carrier()
    assert bundle.carrier() is first
    ipywidgets.Widget.close_all()
    assert bundle.carrier() is not first


def test_the_carrier_and_the_view_ignore_what_a_front_end_writes() -> None:
    view = StreamView(["x"])
    view.wait()
    carrier = bundle.carrier()
    before = carrier.src
    carrier.set_state({"src": b"evil"})
    view.set_state({"_esm": "evil", "snapshot": {}})
    assert carrier.src == before
    assert view._esm != "evil"


def test_a_page_that_asks_for_a_part_finds_its_carrier_in_the_state_of_the_view() -> None:
    view = StreamView()
    view._on_message(view, {"cmd": "code", "what": "math", "run_id": "", "request_id": "q"}, None)
    view._on_message(view, {"cmd": "code", "what": "evil", "run_id": "", "request_id": "r"}, None)
    view.finish()
    view.wait()
    assert set(view._parts) == {"math"}
    assert view._parts["math"] is bundle.carrier("math")
    assert view.get_state()["_parts"] == {"math": f"IPY_MODEL_{bundle.carrier('math').model_id}"}


def test_formulas_cost_nothing_until_a_page_asks_for_them() -> None:
    view = StreamView(["So $x^2$ costs $5:\n", "```python\nx\n```"])
    view.wait()
    assert view._parts == {}


def test_the_loader_is_small_because_it_lies_in_every_saved_view() -> None:
    loader = Path(streamwidget.__file__).parent / "static" / "loader.js"
    assert loader.stat().st_size < 2_200, "it takes along more than it needs"


@measured_again
def test_text_that_ends_in_blank_lines_costs_linear_time() -> None:
    view = StreamView(["a" + "\n" * 200_000])
    view.wait(WAIT_S)
    started_s = time.process_time()
    view.flush(repeat=False)
    assert time.process_time() - started_s < 2


def test_a_live_view_says_beside_the_widget_how_far_it_is() -> None:
    view = StreamView(title="Report")
    with view as emit:
        emit.text("So far ![x](https://evil.example/?q=1)")
        with emit.step("one"):
            data, metadata = view._repr_mimebundle_() or ({}, {})
    assert set(data) == {WIDGET_VIEW, "text/plain", "text/markdown"}
    assert re.search(r"Running since \d\d:\d\d: 0 of 1 step, ~10 tokens", data["text/plain"])
    assert "So far" in data["text/plain"]
    assert "evil" not in data["text/markdown"], "viewers fetch pictures in Markdown"
    assert metadata == {}


def test_a_view_that_has_ended_has_its_record_beside_the_widget() -> None:
    view = StreamView(["![x](https://evil.example/?q=1) ", "and <b>more</b>"], title="Report")
    view.wait()
    data, metadata = view._repr_mimebundle_() or ({}, {})
    assert set(data) == {
        WIDGET_VIEW, "text/plain", "text/markdown", "text/html", "text/llm+plain",
    }  # fmt: skip
    assert data["text/plain"].startswith("### Report\n\n*Finished: ")
    assert "and <b>more</b>" in data["text/plain"]
    assert "<b>" not in data["text/html"]
    assert metadata["streamwidget"]["status"] == "finished"


@pytest.mark.parametrize("persist", ["widget", "none"])
def test_a_notebook_can_keep_the_widget_or_one_line(persist: Any) -> None:
    view = StreamView(["the words"], title="Report", persist=persist)
    view.wait()
    data, metadata = view._repr_mimebundle_() or ({}, {})
    assert set(data) == {WIDGET_VIEW, "text/plain", "text/markdown"}
    assert ("the words" in data["text/plain"]) == (persist == "widget")
    assert metadata == {}


def test_a_wrong_persist_is_answered_with_what_it_can_be() -> None:
    with pytest.raises(UsageError, match="record, widget, none"):
        StreamView(["x"], persist="all")  # type: ignore[arg-type]


def test_a_with_block_feeds_the_view_and_finishes_it() -> None:
    view = StreamView(title="By hand")
    with view as emit:
        emit.text("one ")
        with emit.step("more"):
            emit.text("two")
        assert view.status == "streaming"
    assert (view.status, view.text) == ("finished", "one two")


def test_a_stop_ends_the_block_and_not_the_code_behind_it() -> None:
    view = StreamView()
    with view as emit:
        for n in range(100):
            if n == 3:
                view.stop()
            emit.text(f"{n} ")
    assert (view.status, view.text) == ("stopped", "0 1 2 ")
    assert view.stop_times is not None
    assert view.stop_times.closed_s is not None


def test_an_exception_in_the_block_fails_the_view_and_propagates() -> None:
    view = StreamView()
    with pytest.raises(ValueError, match="boom"), view as emit:
        emit.text("so far")
        raise ValueError("boom")
    assert (view.status, view.text) == ("failed", "so far")
    assert isinstance(view.error, SourceError)


def test_an_interrupt_in_the_block_stops_the_view_and_propagates() -> None:
    view = StreamView()
    with pytest.raises(KeyboardInterrupt), view as emit:
        emit.text("so far")
        raise KeyboardInterrupt
    assert (view.status, view.text) == ("stopped", "so far")


def test_a_cancelled_task_stops_its_view() -> None:
    view = StreamView()

    async def feed() -> None:
        with view as emit:
            while True:
                emit.text("x")
                await asyncio.sleep(0)

    async def scenario() -> None:
        task = asyncio.create_task(feed())
        await asyncio.sleep(0)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    asyncio.run(scenario())
    assert view.status == "stopped"


def test_a_plain_loop_is_stopped_at_its_next_call() -> None:
    view = StreamView()
    view.emit.text("a")
    view.stop()
    assert view.emit.stopped
    with pytest.raises(StopRequested):
        view.emit.text("b")
    assert (view.status, view.text) == ("stopped", "a")


def test_a_finished_view_cannot_be_fed_again() -> None:
    view = StreamView()
    view.emit.text("a")
    view.finish()
    with pytest.raises(UsageError, match="has ended"):
        view.emit.text("b")
    assert view.status == "finished"


def test_a_view_with_a_source_cannot_be_fed_by_hand() -> None:
    view = StreamView(["x"])
    with pytest.raises(UsageError, match="has a source"):
        view.emit  # noqa: B018
    with pytest.raises(UsageError, match="has a source"):
        view.finish()


def test_what_cannot_be_streamed_is_reported_in_the_view() -> None:
    view = StreamView(42)
    assert view.status == "failed"
    assert isinstance(view.error, UsageError)
    assert view.document.parts[-1].fields["message"] == view.error.message


def test_a_view_can_be_awaited_and_read_again() -> None:
    async def scenario() -> str:
        view = StreamView(str(n) for n in range(5))
        result = await view
        again = [event async for event in view]
        assert again == list(view) == list(result.events)
        return "".join(event.text for event in again if isinstance(event, TextDelta))

    assert asyncio.run(scenario()) == "01234"


def test_the_title_is_the_sources_name_unless_one_is_passed() -> None:
    def literature_review() -> list[str]:
        return ["x"]

    assert StreamView(literature_review)._port.title == "literature_review()"
    assert StreamView(literature_review, title="Review")._port.title == "Review"
