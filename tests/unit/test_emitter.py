"""Calls of the emitter become events; steps nest; a stop is raised at the next call."""

from __future__ import annotations

import threading
from collections.abc import Sequence

import pytest

from streamwidget import Emitter, StopRequested
from streamwidget.document import Document
from streamwidget.events import Event


class Sink:
    def __init__(self) -> None:
        self.document = Document()
        self.stop = False
        self._count = 0
        self._lock = threading.Lock()
        self.emit = Emitter(self.push, self.new_id, lambda: self.stop)

    def push(self, events: Sequence[Event]) -> None:
        with self._lock:
            for event in events:
                self.document.apply(event)

    def new_id(self, prefix: str) -> str:
        with self._lock:
            self._count += 1
            return f"{prefix}{self._count}"

    def shape(self) -> list[tuple[str, object, str]]:
        told = self.document.parts
        return [(part.kind, part.fields.get("step_id"), part.text) for part in told]


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
