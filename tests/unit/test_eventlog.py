"""The log of events is bounded in number and in bytes, and says when its beginning is lost."""

from __future__ import annotations

import json
from pathlib import Path

import pytest

from streamwidget import Emitter, Limits, StreamView, collect
from streamwidget.events import Artifact, Event, Notice, Rows, TextDelta
from streamwidget.run.eventlog import EventLog, size_of
from unit.waiting import WAIT_S

KB = "x" * 1024


@pytest.mark.parametrize(
    ("event", "size"),
    [
        (TextDelta("t", "abcd"), 4),
        (Rows("r", "t", ("a", "b"), ((1, "xyz"), (2.0, None))), 1 + 1 + 1 + 1 + 3 * 8 + 3),
    ],
)
def test_the_size_of_an_event_is_that_of_its_data(event: Event, size: int) -> None:
    assert size <= size_of(event) <= size + 40


def test_the_oldest_events_go_when_all_together_are_too_large() -> None:
    log = EventLog(10**6, 100 * 1024)
    for n in range(1_000):
        log.append(TextDelta("t", f"{n:04}{KB}"))
    kept = log.to_tuple()
    assert 80 <= len(kept) <= 100
    assert isinstance(kept[-1], TextDelta)
    assert kept[-1].text.startswith("0999")
    first, position = log.read(0)
    assert first == [Notice(f"The first {1_000 - len(kept)} events are no longer kept.", "warning")]
    assert log.read(position, 5)[0] == list(kept[:5])


def test_one_event_that_is_too_large_alone_is_kept() -> None:
    log = EventLog(10, 100)
    log.append(TextDelta("t", "a"))
    log.append(TextDelta("t", KB))
    assert log.to_tuple() == (TextDelta("t", KB),)


def test_a_figure_that_is_replaced_again_and_again_is_not_kept_each_time() -> None:
    def job(emit: Emitter) -> None:
        for n in range(200):
            emit.artifact(f"{n} {KB * 100}")

    result = collect(job, limits=Limits(kept_events_bytes=1024 * 1024))
    events = [event for event in result.events if isinstance(event, Artifact)]
    assert len(events) < 200
    assert sum(map(size_of, events)) <= 1024 * 1024


def test_an_export_that_has_lost_its_beginning_says_so_and_so_does_its_replay(
    tmp_path: Path,
) -> None:
    path = tmp_path / "run.jsonl"
    result = collect((f"{n} " for n in range(20_000)), limits=Limits(kept_events_bytes=10_000))
    lines = [json.loads(line) for line in result.to_jsonl(path).splitlines()]
    assert lines[1]["type"] == "notice"
    assert lines[1]["message"].startswith("The first ")
    replayed = StreamView.replay(path, None).wait(WAIT_S)
    assert replayed.text in result.text
    assert lines[1]["message"] in replayed.to_markdown()


def test_ids_with_half_characters_can_be_written() -> None:
    events = [TextDelta("\ud800x", "hi"), TextDelta("\ud800x", " \ud83d"), TextDelta("é", "\ude00")]
    result = collect(iter(events))
    for text in (result.to_jsonl(), result.to_html(), result.to_markdown()):
        text.encode()


def test_values_of_any_depth_are_taken() -> None:
    nested: list[object] = []
    for _ in range(990):
        nested = [nested]

    def job(emit: Emitter) -> None:
        emit.value("v", nested)
        emit.row("t", {"a": nested})
        with emit.tool_call("f") as call:
            call.write("{}")
        call.result(nested)

    result = collect(job)
    assert (result.status, result.error) == ("finished", None)
    result.to_html().encode()
    json.dumps(result.document.snapshot())
