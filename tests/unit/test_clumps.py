"""Buffering on the way is noticed by times and sizes, and what only looks like it is not."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from streamwidget import collect
from streamwidget.demo.serve import start_in_thread
from streamwidget.events import Event, TextDelta
from streamwidget.io.buffering import HEADERS, Clumps
from unit.waiting import WAIT_S, measured_again

Arrival = tuple[float, bytes, list[Event]]


def tokens(count: int, chars: int = 4) -> list[Event]:
    return [TextDelta("t", "x" * chars)] * count


def told(arrivals: list[Arrival], began_s: float = 0.0) -> str | None:
    clumps = Clumps(began_s)
    sentences = [clumps.feed(*arrival) for arrival in arrivals] + [clumps.flush()]
    found = [sentence for sentence in sentences if sentence is not None]
    assert len(found) <= 1, "once is enough"
    return found[0] if found else None


def stamped(times: list[float], write: Callable[[float], str]) -> bytes:
    return "".join(write(at) for at in times).encode()


def iso(at_s: float) -> str:
    return f'{{"created_at": "2026-11-25T10:00:{at_s:012.9f}Z", "response": "x"}}\n'


def milliseconds(at_s: float) -> str:
    return f'data: {{"timestamp": {1_764_000_000_000 + round(at_s * 1000)}, "delta": "x"}}\n\n'


def event_id(at_s: float) -> str:
    return f"id: {1_764_000_000_000 + round(at_s * 1000)}-0\ndata: x\n\n"


def test_tokens_that_come_in_clumps_again_and_again_are_noticed() -> None:
    arrivals: list[Arrival] = [(second, b"", tokens(20)) for second in (1.0, 2.0, 3.0, 4.0)]
    sentence = told(arrivals)
    assert sentence is not None
    assert "about 20 tokens every 1.0 s" in sentence
    assert HEADERS in sentence
    for header in ("Content-Type: text/event-stream", "Cache-Control: no-cache"):
        assert header in sentence
    assert "X-Accel-Buffering: no" in sentence


def test_a_clump_may_come_in_several_reads() -> None:
    arrivals: list[Arrival] = []
    for second in (1.0, 2.0, 3.0):
        arrivals += [(second + i / 1000, b"", tokens(3)) for i in range(5)]
    assert told(arrivals) is not None


@pytest.mark.parametrize("write", [iso, milliseconds, event_id])
def test_records_written_over_a_silence_that_arrive_at_once_are_noticed(
    write: Callable[[float], str],
) -> None:
    first: Arrival = (0.1, stamped([0.1], write), [])
    clump: Arrival = (3.1, stamped([0.1 + i / 10 for i in range(30)], write), [])
    sentence = told([first, clump])
    assert sentence is not None
    assert "written over 2.9 s arrived in one moment, after 3.0 s of silence" in sentence


def test_all_of_it_at_once_at_the_end_is_noticed() -> None:
    assert "All 120 tokens" in str(told([(6.0, b"", tokens(120))]))


@pytest.mark.parametrize(
    "arrivals",
    [
        pytest.param([(n / 50, b"", tokens(1)) for n in range(500)], id="50 tokens a second"),
        pytest.param([(n / 10, b"", tokens(5)) for n in range(100)], id="five at a time"),
        pytest.param([(float(n), b"", tokens(5)) for n in range(20)], id="few after each pause"),
        pytest.param([(float(n), b"", tokens(3, 400)) for n in range(20)], id="whole paragraphs"),
        pytest.param([(float(n), b"", []) for n in range(20)], id="no text"),
        pytest.param([(2.0, b"", tokens(200)), (2.5, b"", tokens(1))], id="once"),
        pytest.param([(0.1, b"", tokens(500))], id="a quick server"),
        pytest.param(
            [(0.1, b"", tokens(1)), (0.15, stamped([0, 20, 60], milliseconds), [])],
            id="a history played again",
        ),
        pytest.param(
            [(0.1, b"", tokens(1)), (5.0, stamped([4.9, 4.91], milliseconds), [])],
            id="written when it came",
        ),
    ],
)
def test_what_only_looks_like_it_is_not_noticed(arrivals: list[Arrival]) -> None:
    assert told(arrivals) is None


@measured_again
def test_a_proxy_that_buffers_is_named_in_a_notice() -> None:
    """Over a real connection: tokens at 30 a second, held back for half a second each time."""
    server = start_in_thread()
    try:
        result = collect(f"{server.address}/clumped?n=60&rate=30&every_s=0.5", timeout=WAIT_S)
        smooth = collect(f"{server.address}/tokens?n=60&rate=60", timeout=WAIT_S)
    finally:
        server.stop()
    assert result.text == smooth.text
    assert [part.kind for part in smooth.document.parts if part.kind == "notice"] == []
    [notice] = [part for part in result.document.parts if part.kind == "notice"]
    assert "arrives in clumps" in str(notice.fields["message"])
    assert notice.fields["level"] == "warning"
