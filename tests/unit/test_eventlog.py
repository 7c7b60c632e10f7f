"""The log of events is bounded in number and in bytes, and says when its beginning is lost."""

from __future__ import annotations

import gc
import json
import random
import tracemalloc
from pathlib import Path

import pytest

from streamwidget import Emitter, Limits, StreamView, collect
from streamwidget.events import Artifact, Event, Notice, Rows, TextDelta
from streamwidget.run.eventlog import EventLog, size_of
from unit.journals import any_event
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


@pytest.mark.parametrize("seed", range(3))
def test_packed_events_are_read_as_they_were(seed: int) -> None:
    """From every position, with the oldest dropped meanwhile; and so does a copy."""
    rng, log, all_events = random.Random(seed), EventLog(20_000, 10**9), list[Event]()
    for number in range(40_000):
        event = any_event(rng, number) if rng.random() < 0.3 else TextDelta("t", f"{number} 😀")
        all_events.append(event)
        log.append(event, number / 8)
        if number == 30_000:
            copied, until_then = log.copy(), len(all_events)
    for kept, end in ((log, len(all_events)), (copied, until_then)):
        first = end - len(kept)
        assert 20_000 <= len(kept) <= 25_000
        assert kept.to_tuple() == tuple(all_events[first:end])
        assert [at_s for _, at_s in kept.timed()[1:]] == [n / 8 for n in range(first, end)]
        for position in [*rng.choices(range(first, end), k=50), first, end - 1, end]:
            events, times, after = kept.read_timed(position, rng.choice((1, 100, 5000)))
            assert list(events) == all_events[position:after]
            assert list(times) == [n / 8 for n in range(position, after)]
            assert after > position or position == end


def test_a_token_takes_little_memory_and_a_long_text_is_not_kept_twice() -> None:
    log, count = EventLog(10**6, 10**9), 100_000
    gc.collect()
    tracemalloc.start()
    for number in range(count):
        log.append(TextDelta("t", f"t{number} "), number / 200)
    held, _ = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert held < 45 * count
    long = [TextDelta("t", f"{number}{KB}") for number in range(9_000)]
    for event in long:
        log.append(event)
    assert log.to_tuple()[-9_000].text is long[0].text  # type: ignore[union-attr]


def test_what_the_journal_has_not_written_is_not_packed() -> None:
    """It would be made again for it at once."""

    class Writer:
        needed_from = 0

        def flush(self, *, patience_s: float = -1) -> None:
            """Write nothing."""

    log, writer = EventLog(10**6, 10**9), Writer()
    log.hold_for(writer)
    events = [TextDelta("t", str(number)) for number in range(20_000)]
    for event in events[:10_000]:
        log.append(event)
    assert log.read(0, 1)[0][0] is events[0]
    writer.needed_from = 10_000
    for event in events[10_000:]:
        log.append(event)
    assert log.read(0, 1)[0][0] is not events[0]
    assert log.read(10_000, 1)[0][0] is events[10_000]
    assert log.to_tuple() == tuple(events)


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
