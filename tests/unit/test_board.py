"""`StreamBoard` without a notebook around it: what it holds, stops and refuses."""

from __future__ import annotations

import queue
import threading
from collections.abc import Iterator
from typing import Any

import ipywidgets
import pytest

from streamwidget import Emitter, StreamBoard, StreamView, UsageError
from streamwidget.widget import bundle
from unit.waiting import WAIT_S


@pytest.fixture(autouse=True)
def _closed() -> Iterator[None]:
    yield
    ipywidgets.Widget.close_all()


def test_a_board_names_its_views_and_carries_no_code_of_its_own() -> None:
    views = [StreamView(["x"], title=f"run {n}") for n in range(3)]
    board = StreamBoard(iter(views), title="Three\u202e runs")
    state = board.get_state()
    assert state["_views"] == [f"IPY_MODEL_{view.model_id}" for view in views]
    assert state["_parts"] == {}
    assert board._code is bundle.carrier()
    assert board.views == tuple(views)
    assert board.title == "Three\u202e runs"


def test_stopping_a_board_stops_every_run_that_continues() -> None:
    waits = threading.Event()

    def job(emit: Emitter) -> None:
        while True:
            emit.text("x")
            waits.wait(0.01)

    views = [StreamView(job), StreamView(["done"]), StreamView(job)]
    views[1].wait()
    board = StreamBoard(views)
    board.stop()
    board.wait(WAIT_S)
    assert [view.status for view in views] == ["stopped", "finished", "stopped"]
    assert repr(board) == "StreamBoard('Streams', 3 of 3 over)"


def test_a_board_shows_the_progress_of_each_run_and_then_its_end() -> None:
    live = StreamView(title="two")
    board = StreamBoard([StreamView(["x"], title="one"), live], title="Two")
    board.views[0].wait()
    lines = (board._repr_mimebundle_() or ({}, {}))[0]["text/plain"].splitlines()
    assert lines[0] == "Two"
    assert lines[2].startswith("- one: Finished")
    assert lines[3].startswith("- two: Running since")
    live.finish()
    data, metadata = board._repr_mimebundle_() or ({}, {})
    assert "2 runs: 2 finished." in data["text/html"]
    assert metadata["streamwidget"]["run"] == board._runs.run_id


def test_a_page_gets_the_code_that_it_asks_a_board_for_and_nothing_else() -> None:
    board = StreamBoard([])
    sent: list[object] = []
    board.send = lambda content, buffers=None: sent.append((content, buffers))  # type: ignore[method-assign]
    board._on_message(board, {"cmd": "code", "what": ""}, None)
    board._on_message(board, {"cmd": "code", "what": "math"}, None)
    board._on_message(board, {"cmd": "code", "what": "evil"}, None)
    board._on_message(board, {"cmd": "stop"}, None)
    board._on_message(board, "nonsense", None)
    assert sent == [({"code": bundle.app_hash()}, [bundle.app()])]
    assert set(board._parts) == {"math"}


def test_a_page_that_can_write_gets_the_record_of_a_board() -> None:
    board = StreamBoard([StreamView(["x"], title="one")])
    board.wait()
    sent: queue.Queue[dict[str, Any]] = queue.Queue()
    board.send = lambda content, buffers=None: sent.put(content)  # type: ignore[method-assign]
    board._on_message(board, {"cmd": "record", "request_id": "r1"}, None)
    answer = sent.get(timeout=WAIT_S)
    assert (answer["record"], answer["over"]) == ("r1", True)
    assert "<summary>one (finished)" in answer["data"]["text/html"]
    assert answer["metadata"]["streamwidget"]["run"] == f"{board.get_state()['_id']}.1"


def test_a_board_ignores_what_a_front_end_writes() -> None:
    board = StreamBoard([], title="mine")
    board.set_state({"title": "evil", "_esm": "evil"})
    assert board.title == "mine"
    assert board._esm != "evil"


def test_something_that_is_not_a_view_is_refused_in_words() -> None:
    with pytest.raises(UsageError, match="shows StreamViews, not str"):
        StreamBoard(["http://127.0.0.1/"])  # type: ignore[list-item]


def test_a_board_is_a_data_frame_with_a_row_for_each_run() -> None:
    pandas = pytest.importorskip("pandas")

    def train(emit: Emitter) -> None:
        emit.metric("loss", 0.5)
        emit.metric("loss", 0.25)
        emit.text("good")

    def fail(emit: Emitter) -> None:
        raise ValueError("quota exceeded")

    board = StreamBoard([StreamView(train, title="one"), StreamView(fail, title="two")])
    board.wait(WAIT_S)
    frame = board.to_pandas()
    assert list(frame["title"]) == ["one", "two"]
    assert list(frame["status"]) == ["finished", "failed"]
    assert frame["text"][0] == "good"
    assert frame["loss"][0] == 0.25
    assert pandas.isna(frame["loss"][1])
    assert "quota exceeded" in frame["error"][1]
