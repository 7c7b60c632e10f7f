"""Answers, stops, reloads, time limits and interrupts in any order, also at the same time.

Whatever happens: every question ends once, the job gets what the document says, the job ends, and
every page shows what the kernel has.
"""

from __future__ import annotations

import itertools
import threading
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any

from hypothesis import example, given, settings
from hypothesis import strategies as st

from streamwidget import Emitter, UnansweredError
from streamwidget.document import Document
from streamwidget.emit.asking import Ask
from streamwidget.errors import StopRequested
from streamwidget.events import AskEnd, AskStart
from streamwidget.run import TERMINAL, Run
from streamwidget.run.drive import drive
from streamwidget.sources.resolve import resolve
from streamwidget.widget.port import Port

WAIT_S = 20.0
OPTIONS = ["a", "b", "c"]
ANSWERS = [*OPTIONS, "none of these", 7, None]
LONG_S = 3_600.0
requests = itertools.count()


@dataclass(frozen=True)
class Question:
    has_default: bool
    is_form: bool

    def ask(self, emit: Emitter) -> object:
        given: dict[str, Any] = {"default": "the default"} if self.has_default else {}
        if self.is_form:
            return emit.ask("Number?", schema=int, timeout=LONG_S, **given)
        return emit.ask("Which?", OPTIONS, timeout=LONG_S, **given)


class Page:
    """A page as the front end is: it applies the patches that continue what it has."""

    def __init__(self, snapshot: dict[str, Any]) -> None:
        self.document = Document()
        self.document.apply_ops([{"op": "add", "part": part} for part in snapshot["parts"]])
        self.seq = snapshot["seq"]

    def take(self, message: dict[str, Any] | None) -> None:
        if message is not None and message["seq"] > self.seq:
            assert message["from_seq"] <= self.seq, "patches are missing"
            for patch in message["ops"][self.seq - message["from_seq"] :]:
                self.document.apply_ops(patch)
            self.seq = message["seq"]


@dataclass
class Stage:
    """A run with a job that asks, two pages, and the answers that the job has received."""

    questions: Sequence[Question]
    got: list[object] = field(default_factory=list)
    asks: list[Ask] = field(default_factory=list)

    def __post_init__(self) -> None:
        self.run = Run()
        self.port = Port(self.run, run_id="m.1", title="Test")
        self.run.asks.present = self._present
        self._came = threading.Condition()
        drive(self.run, resolve(self._job))
        self.port.attached = True
        self.pages = [self._page(), self._page()]

    def _present(self, ask: Ask) -> bool:
        with self._came:
            self.asks.append(ask)
            self._came.notify_all()
        return True

    def _job(self, emit: Emitter) -> None:
        for question in self.questions:
            try:
                self.got.append(question.ask(emit))
            except UnansweredError as error:
                self.got.append(error.reason)
            except StopRequested:
                self.got.append("stopped")
                raise

    def _page(self) -> Page:
        self.port.message()  # what a page has that was there before
        return Page(self.port.snapshot())

    def settle(self) -> None:
        """Wait until the job asks its next question, or has ended."""

        def is_still() -> bool:
            if self.run.status in TERMINAL:
                return True
            return bool(self.asks) and self.asks[-1].reply is None

        with self._came:
            while not is_still():
                self._came.wait(0.001)

    def send(self, **fields: object) -> None:
        content = {"run_id": "m.1", "request_id": str(next(requests)), **fields}
        for _ in range(2):  # by both routes
            self.port.on_command(content)

    def newest(self) -> str:
        return self.asks[-1].part_id if self.asks else "q0"


Act = Callable[[Stage], None]


def answer(value: object, *, stale: bool = False) -> Act:
    def act(stage: Stage) -> None:
        part_id = stage.asks[0].part_id if stale and stage.asks else stage.newest()
        stage.send(cmd="answer", part_id=part_id, value=value)

    return act


def stop(stage: Stage) -> None:
    stage.send(cmd="stop")


def old_stop(stage: Stage) -> None:
    stage.send(cmd="stop", run_id="m.0")


def interrupt(stage: Stage) -> None:
    stage.port.request_stop()


def time_passes(stage: Stage) -> None:
    stage.asks[-1].close("timeout")


def reload(page: int) -> Act:
    def act(stage: Stage) -> None:
        stage.send(cmd="hello", seq=0, page=str(page))
        message = stage.port.message()
        for one in stage.pages:
            one.take(message)
        stage.pages[page] = Page(stage.port.snapshot())

    return act


def pause(stage: Stage) -> None:
    stage.send(cmd="pause")
    stage.send(cmd="resume")


answers = st.sampled_from(ANSWERS).map(answer) | st.sampled_from(OPTIONS).map(
    lambda value: answer(value, stale=True)
)
quick = answers | st.sampled_from([time_passes, pause, old_stop])
ends = st.sampled_from([stop, interrupt])
acts = st.lists(quick | quick | quick | ends, min_size=1, max_size=3)
steps = st.lists(acts | st.sampled_from([0, 1]).map(lambda page: [reload(page)]), max_size=8)
jobs = st.lists(st.builds(Question, st.booleans(), st.booleans()), min_size=1, max_size=3)


def at_once(stage: Stage, together: Sequence[Act]) -> None:
    """Carry out the acts on as many threads, which start at the same moment."""
    if len(together) == 1:
        together[0](stage)
        return
    barrier, failures = threading.Barrier(len(together)), []

    def carry_out(act: Act) -> None:
        barrier.wait()
        try:
            act(stage)
        except BaseException as error:
            failures.append(error)

    threads = [threading.Thread(target=carry_out, args=(act,)) for act in together]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(WAIT_S)
    assert not failures


@settings(max_examples=200)
@given(jobs, steps)
@example([Question(False, False)], [[answer("a"), answer("b")], [answer("c")]])
@example([Question(True, False)], [[answer("a"), stop, time_passes]])
@example([Question(True, True), Question(False, False)], [[time_passes], [reload(0)], [interrupt]])
def test_any_order_of_acts_ends_every_question_once(
    questions: list[Question], steps: list[list[Act]]
) -> None:
    stage = Stage(questions)
    for together in steps:
        stage.settle()
        at_once(stage, together)
    for _ in questions:
        stage.settle()
        stage.send(cmd="answer", part_id=stage.newest(), value=7)
        stage.send(cmd="answer", part_id=stage.newest(), value="a")
    assert stage.run.finished.wait(WAIT_S), "the job has not ended"
    check(stage)


def check(stage: Stage) -> None:
    run = stage.run
    events = run.result().events
    starts = [event.part_id for event in events if isinstance(event, AskStart)]
    ended = [event for event in events if isinstance(event, AskEnd)]
    assert sorted(event.part_id for event in ended) == sorted(starts)
    assert run.asks.waiting == ()
    assert run.status in ("finished", "stopped")
    if run.status == "stopped" and stage.got and stage.got[-1] == "stopped":
        stage.got.pop()  # the stop came after the last answer, or instead of it
    for event, got in zip(ended, stage.got, strict=False):
        if event.outcome == "answered" or event.by_default:
            assert got == event.answer
        else:
            assert got == event.outcome
    message = stage.port.message(repeat=True)
    assert message is not None
    assert "asks" not in message["status"]
    for page in stage.pages:
        page.take(message)
        shown = {part.id: part.to_wire() for part in page.document.parts}
        assert shown == {part.id: part.to_wire() for part in run.document.parts}
