"""Calls of the emitter become events; steps nest; a stop is raised at the next call."""

from __future__ import annotations

import contextvars
import gc
import json
import math
import threading
import time
from collections.abc import Callable, Sequence
from decimal import Decimal
from fractions import Fraction
from pathlib import PurePosixPath

import numpy as np
import pytest

from streamwidget import Emitter, StopRequested, UsageError, collect
from streamwidget.document import Document
from streamwidget.emit import EventSink
from streamwidget.events import Event
from unit.waiting import WAIT_S


class Sink:
    def __init__(self) -> None:
        self.document = Document()
        self.stop = False
        self._count = 0
        self._lock = threading.Lock()
        self.emit = Emitter(EventSink(self.push, self.new_id, lambda: self.stop))

    def push(self, events: Sequence[Event]) -> None:
        with self._lock:
            for event in events:
                self.document.apply(event)

    def new_id(self, prefix: str) -> str:
        with self._lock:
            self._count += 1
            return f"{prefix}{self._count}"

    def shape(self) -> list[tuple[str, object, str]]:
        parts = self.document.parts
        return [(part.kind, part.fields.get("step_id"), part.text) for part in parts]


def test_text_grows_one_part_until_something_else_comes() -> None:
    sink = Sink()
    sink.emit.text("a")
    sink.emit.text("b")
    sink.emit.reasoning("hm")
    sink.emit.text("c")
    assert sink.shape() == [("text", None, "ab"), ("reasoning", None, "hm"), ("text", None, "c")]
    assert [part.state for part in sink.document.parts] == ["closed", "closed", "open"]


def test_steps_nest_and_own_what_is_emitted_inside() -> None:
    sink = Sink()
    with sink.emit.step("outer"):
        sink.emit.text("one")
        with sink.emit.step("inner"):
            sink.emit.text("two")
        sink.emit.text("three")
    outer, one, inner, two, three = sink.document.parts
    assert inner.fields["parent_id"] == outer.id
    assert [one.fields["step_id"], two.fields["step_id"]] == [outer.id, inner.id]
    assert three.fields["step_id"] == outer.id
    assert {part.state for part in sink.document.parts} == {"done", "closed"}


@pytest.mark.parametrize(
    ("error", "state"), [(ValueError, "failed"), (StopRequested, "stopped")], ids=str
)
def test_a_step_that_raises_ends_in_its_state(error: type[BaseException], state: str) -> None:
    sink = Sink()
    with pytest.raises(error), sink.emit.step("risky"):
        raise error
    assert sink.document.parts[0].state == state


@pytest.mark.parametrize(
    "call",
    [
        lambda emit: emit.text("x"),
        lambda emit: emit.reasoning("x"),
        lambda emit: emit.progress(1),
        lambda emit: emit.notice("x"),
        lambda emit: emit.step("x").__enter__(),
        lambda emit: list(emit.track([1])),
    ],
    ids=["text", "reasoning", "progress", "notice", "step", "track"],
)
def test_every_call_raises_once_a_stop_was_requested(call: object) -> None:
    sink = Sink()
    sink.stop = True
    assert sink.emit.stopped
    with pytest.raises(StopRequested):
        call(sink.emit)  # type: ignore[operator]
    assert not sink.document.parts


def test_a_broad_except_does_not_swallow_the_stop() -> None:
    assert not issubclass(StopRequested, Exception)


def test_track_yields_the_items_and_reports_progress() -> None:
    sink = Sink()
    assert list(sink.emit.track(["a", "b"], unit="papers")) == ["a", "b"]
    fields = sink.document.parts[0].fields
    assert (fields["completed"], fields["total"], fields["unit"]) == (2, 2, "papers")
    assert list(sink.emit.track(iter("xyz"))) == ["x", "y", "z"]


def test_text_must_be_str() -> None:
    with pytest.raises(TypeError, match=r"emit\.text takes a str, not bytes"):
        Sink().emit.text(b"x")  # type: ignore[arg-type]


def test_threads_may_emit_at_once() -> None:
    sink = Sink()

    def work(letter: str) -> None:
        for _ in range(500):
            sink.emit.text(letter)

    threads = [threading.Thread(target=work, args=(letter,)) for letter in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(sink.document.text) == sorted("abcd" * 500)


# --- arguments are converted or refused in the call


class Mute(Exception):
    """An exception without a usable `str`."""

    def __str__(self) -> str:
        raise RuntimeError("no text")


class Speechless:
    def __str__(self) -> str:
        raise RuntimeError("no text")


def sendable(sink: Sink) -> object:
    """The message to the page, as Jupyter serialises it."""
    text = json.dumps(sink.document.snapshot(), allow_nan=False, ensure_ascii=False)
    return json.loads(text.encode())


CONVERTED: dict[str, tuple[Callable[[Emitter], object], str, object]] = {
    "error of an exception": (lambda e: e.error(ValueError("x")), "message", "ValueError: x"),
    "error of a mute exception": (lambda e: e.error(Mute()), "message", "Mute"),
    "error with an exception as hint": (lambda e: e.error("x", ValueError("h")), "hint", None),
    "error with an exception as detail": (lambda e: e.error("x", detail=OSError()), "detail", None),
    "notice of an exception": (lambda e: e.notice(KeyError("k")), "message", "KeyError: 'k'"),
    "notice of a path": (lambda e: e.notice(PurePosixPath("a/b")), "message", "a/b"),
    "source of a path": (lambda e: e.source(PurePosixPath("a"), 5), "url", "a"),
    "progress of numpy": (lambda e: e.progress(np.float32(0.5), np.int64(3)), "total", 3),
    "progress of Decimal": (lambda e: e.progress(Decimal("2.5"), Fraction(5)), "completed", 2.5),
    "progress with an exception": (lambda e: e.progress(1, 2, "n", OSError("x")), "message", None),
    "progress with a total of NaN": (lambda e: e.progress(1, math.nan), "total", None),
    "progress with an endless total": (lambda e: e.progress(1, math.inf), "total", None),
    "progress of a huge int": (lambda e: e.progress(10**30), "completed", 1e30),
    "log by number": (lambda e: e.log(OSError("x"), 40), "line_count", 1),
    "metric of Decimal": (lambda e: e.metric("m", Decimal("0.5"), np.int32(4)), "point_count", 1),
    "metric of infinity": (lambda e: e.metric("m", math.inf), "point_count", 1),
    "metric of a dict": (lambda e: e.metric("m", {1: np.float64(1), "b": None}), "name", "m"),
    "value of numpy": (lambda e: e.value("v", np.arange(2)), "name", "v"),
    "value of NaN": (lambda e: e.value("v", {"x": math.nan}), "name", "v"),
    "value that contains itself": (lambda e: e.value("v", endless_list()), "name", "v"),
    "value with a path as its name": (lambda e: e.value(PurePosixPath("v"), 1), "name", "v"),  # type: ignore[arg-type]
    "custom of objects": (lambda e: e.custom("k", {"x": object, 1: Decimal("1")}), "name", "k"),
    "tool call of a path": (lambda e: e.tool_call("t", PurePosixPath("a")), "tool_name", "t"),
    "tool error of a mute one": (lambda e: e.tool_call("t").error(Mute()), "result", "Mute"),
    "artifact without repr": (lambda e: e.artifact(Speechless(), OSError("x")), "title", None),
    "rows with odd units": (lambda e: e.rows("t", [{"a": 1}], units={"a": 5}), "name", "t"),  # type: ignore[dict-item]
}


@pytest.mark.parametrize("name", CONVERTED)
def test_what_can_be_converted_is_sent_as_text_and_numbers(name: str) -> None:
    call, field, expected = CONVERTED[name]
    sink = Sink()
    call(sink.emit)
    fields = sink.document.parts[0].fields
    assert fields[field] == expected or (
        expected is None and isinstance(fields[field], (str, type(None)))
    )
    assert sendable(sink)


REFUSED: dict[str, tuple[Callable[[Emitter], object], type[Exception]]] = {
    "text of a number": (lambda e: e.text(1), TypeError),  # type: ignore[arg-type]
    "reasoning of None": (lambda e: e.reasoning(None), TypeError),  # type: ignore[arg-type]
    "notice of None": (lambda e: e.notice(None), TypeError),
    "notice of bytes": (lambda e: e.notice(b"x"), TypeError),
    "notice of something mute": (lambda e: e.notice(Speechless()), TypeError),
    "notice of a level that is none": (lambda e: e.notice("x", "loud"), UsageError),  # type: ignore[arg-type]
    "log of a level that is none": (lambda e: e.log("x", "loud"), UsageError),  # type: ignore[arg-type]
    "error of bytes": (lambda e: e.error(b"x"), TypeError),
    "error with bytes as detail": (lambda e: e.error("x", detail=b"x"), TypeError),
    "source of None": (lambda e: e.source(None), TypeError),
    "usage of NaN": (lambda e: e.usage(Decimal("NaN")), UsageError),  # type: ignore[arg-type]
    "usage of a signalling NaN": (lambda e: e.usage(Decimal("sNaN")), UsageError),  # type: ignore[arg-type]
    "usage of less than nothing": (lambda e: e.usage(-(10**9)), UsageError),
    "usage of text": (lambda e: e.usage("12"), TypeError),  # type: ignore[arg-type]
    "progress of NaN": (lambda e: e.progress(math.nan), UsageError),
    "progress of text": (lambda e: e.progress("half"), TypeError),  # type: ignore[arg-type]
    "progress beyond floats": (lambda e: e.progress(10**400), UsageError),
    "metric of text": (lambda e: e.metric("m", "x"), TypeError),  # type: ignore[arg-type]
    "metric beyond floats": (lambda e: e.metric("m", 10**400), UsageError),
    "metric at NaN": (lambda e: e.metric("m", 1, math.nan), UsageError),
    "value of endless digits": (lambda e: e.value("v", 10**5000), UsageError),
    "tool write of bytes": (lambda e: e.tool_call("t").write(b"{"), TypeError),  # type: ignore[arg-type]
    "growing value of bytes": (lambda e: grow(e, b"{"), TypeError),
    "step without a name": (lambda e: e.step(None).__enter__(), TypeError),
    "track of a total of text": (lambda e: e.track([1], total="x"), TypeError),  # type: ignore[arg-type, call-overload]
}


def endless_list() -> list[object]:
    endless: list[object] = []
    endless.append(endless)
    return endless


def grow(emit: Emitter, text: object) -> None:
    with emit.growing_value("v") as write:
        write(text)  # type: ignore[arg-type]


@pytest.mark.parametrize("name", REFUSED)
def test_what_cannot_be_converted_is_refused_on_the_callers_line(name: str) -> None:
    call, error = REFUSED[name]
    sink = Sink()
    with pytest.raises(error):
        call(sink.emit)
    sink.emit.text("after")
    assert sink.document.text == "after"
    assert sendable(sink)


def test_a_bar_that_is_not_to_stay_disappears_at_its_end() -> None:
    sink = Sink()
    bars = []
    for _ in sink.emit.track("ab", "Reading", leave=False):
        bars.append([part.fields["label"] for part in sink.document.parts])
    assert bars == [["Reading"], ["Reading"]]
    assert sink.document.parts == []


def test_a_step_of_a_run_that_is_over_is_not_a_step_of_the_next_one() -> None:
    contexts = []

    def job(sink: Sink) -> None:
        with sink.emit.step("old"):
            contexts.append(contextvars.copy_context())

    job(Sink())
    gc.collect()
    others = [Sink() for _ in range(200)]
    for other in others:
        contexts[0].run(other.emit.text, "x")
    assert {part.fields["step_id"] for other in others for part in other.document.parts} == {None}


def test_an_emitter_may_be_called_again_in_the_middle_of_a_call() -> None:
    sink = Sink()
    plain_push = sink.push
    depth = 0
    sink.lock = threading.RLock()  # type: ignore[assignment]

    def push(events: Sequence[Event]) -> None:
        nonlocal depth
        depth += 1
        if depth == 1:
            sink.emit.text("inner ")
        plain_push(events)

    sink.emit._sink.push = push
    done = threading.Thread(target=sink.emit.text, args=("outer",), daemon=True)
    done.start()
    done.join(WAIT_S)
    assert not done.is_alive()
    assert sorted(sink.document.text.split()) == ["inner", "outer"]


def doubled(depth: int) -> list[object]:
    """Lists that each hold the next one twice: `depth` lists, and 2 ** depth paths."""
    value: list[object] = [1]
    for _ in range(depth):
        value = [value, value]
    return value


@pytest.mark.parametrize("depth", [40, 90])
def test_a_value_whose_parts_are_in_many_places_is_refused_in_bounded_time(depth: int) -> None:
    sink = Sink()
    calls: list[Callable[[object], object]] = [
        lambda value: sink.emit.value("v", value),
        lambda value: sink.emit.row("t", {"cell": value}),
        lambda value: sink.emit.custom("c", value),
    ]
    for call in calls:
        began = time.process_time()
        with pytest.raises(UsageError, match="in so many places"):
            call(doubled(depth))
        assert time.process_time() - began < 10


def test_a_value_may_have_the_same_part_in_a_few_places() -> None:
    sink = Sink()
    sink.emit.value("v", {"a": (part := [1, {"b": 2}]), "c": part, "d": doubled(3)})
    (part_of_value,) = sink.document.parts
    assert json.loads(part_of_value.text)["c"] == [1, {"b": 2}]


def test_a_decimal_in_a_value_is_a_number() -> None:
    sink = Sink()
    sink.emit.value("v", {"price": Decimal("1.50"), "none": [Decimal("nan"), Decimal("inf")]})
    (part,) = sink.document.parts
    assert json.loads(part.text) == {"price": 1.5, "none": ["NaN", "Infinity"]}


def test_a_row_may_hold_a_list_that_holds_itself() -> None:
    def job(emit: Emitter) -> None:
        cell: list[object] = ["before"]
        cell.append(cell)
        emit.row("papers", {"id": 1, "cell": cell})
        emit.row("papers", {"id": 2, "cell": "after"})

    result = collect(job)
    assert result.status == "finished"
    assert [row["id"] for row in result.tables["papers"]] == [1, 2]
    for text in (result.to_html(), result.to_jsonl(), result.to_markdown()):
        assert "after" in text
