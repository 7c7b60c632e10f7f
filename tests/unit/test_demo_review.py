"""The demo's job shows every kind of part that an emitter has, and ends when it is stopped."""

from __future__ import annotations

import threading

from streamwidget import Emitter, collect
from streamwidget.demo.review import FINDINGS, literature_review
from streamwidget.run import Run, begin
from unit.waiting import WAIT_S

KINDS = {
    "artifact",
    "error",
    "log",
    "metric",
    "notice",
    "progress",
    "reasoning",
    "source",
    "step",
    "table",
    "text",
    "tool-call",
    "value",
}


def quick(emit: Emitter) -> None:
    literature_review(emit, pace=0, sections=1)


def test_review_has_every_kind_of_part_and_each_is_closed() -> None:
    result = collect(quick, timeout=WAIT_S)
    assert result.status == "finished"
    assert {part.kind for part in result.document.parts} == KINDS
    assert not result.document.alive_parts()
    assert len(result.tables["papers"]) == 8
    assert result.values["findings"] == FINDINGS
    reading = [part for part in result.document.parts if "“Eyes on" in str(part.fields.get("name"))]
    assert reading[0].fields["parent_id"] is not None, "what runs in threads is in its step"


def test_review_ends_when_it_is_stopped() -> None:
    run = Run()
    begun = threading.Event()

    def job(emit: Emitter) -> None:
        begun.set()
        literature_review(emit, pace=1000)

    begin(run, job)
    assert begun.wait(WAIT_S)
    run.request_stop()
    assert run.closed.wait(WAIT_S)
    assert run.status == "stopped"
