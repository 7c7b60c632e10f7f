"""Recorded streams with their expected results, read from a folder beside the repository.

`cases(folder)` is empty when that folder is absent; every format has its own small cases.
"""

from __future__ import annotations

import json
import random
import re
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any

from feeding import Feedable, ids

from streamwidget.decode.aws import EventStreamDecoder
from streamwidget.decode.json_array import JsonArrayDecoder
from streamwidget.decode.lines import LineDecoder
from streamwidget.decode.records import Format, Record, record_of_event, record_of_line
from streamwidget.decode.sse import SSEDecoder
from streamwidget.document import Document
from streamwidget.events import Event, Failure, RunEnd
from streamwidget.formats.bedrock import record_of_frame

STREAMS = Path(__file__).resolve().parents[3] / "shared" / "streams"
Make = Callable[[Callable[[str], str]], Format]


def cases(folder: str) -> list[Path]:
    """The recorded bodies of one format."""
    found = sorted((STREAMS / folder).glob("*")) if STREAMS.is_dir() else []
    return [path for path in found if not path.name.endswith((".expected.json", ".decoded.ndjson"))]


def expected(path: Path) -> dict[str, Any]:
    expectation = json.loads(
        path.with_name(path.name[: -len(path.suffix)] + ".expected.json").read_text()
    )
    return {**expectation, "usage": _with_cache(path, expectation["usage"])}


_CACHED = re.compile(rb'"cache(?:_creation_input_tokens|WriteInputTokens)":\s*(\d+)')


def _with_cache(path: Path, usage: dict[str, int] | None) -> dict[str, int] | None:
    """The recorded counts are the provider's; our input tokens count those of the cache too."""
    written = [int(count) for count in _CACHED.findall(path.read_bytes())]
    if usage is None or path.parent.name != "anthropic" or not any(written):
        return usage
    return {**usage, "input_tokens": usage["input_tokens"] + max(written)}


def records(path: Path, pieces: Sequence[bytes]) -> Iterator[Record]:
    """The records of a body, fed in pieces: SSE, a JSON array, AWS frames, or lines."""
    decoder, record_of = _FRAMINGS.get(path.suffix, _LINES)
    framing = decoder()
    for piece in pieces:
        yield from map(record_of, framing.feed(piece))
    yield from map(record_of, framing.flush())
    stray = record_of_line(framing.stray_text if isinstance(framing, SSEDecoder) else "")
    if stray.object:  # Gemini's bare error between events
        yield stray


_LINES: tuple[Callable[[], Feedable], Callable[[Any], Record]] = (LineDecoder, record_of_line)
_FRAMINGS: dict[str, tuple[Callable[[], Feedable], Callable[[Any], Record]]] = {
    ".sse": (SSEDecoder, record_of_event),
    ".json": (JsonArrayDecoder, record_of_line),
    ".bin": (EventStreamDecoder, record_of_frame),
}


def partitions(data: bytes) -> Iterator[list[bytes]]:
    """Whole, byte by byte, and cut at random."""
    yield [data]
    yield [data[i : i + 1] for i in range(len(data))]
    rng = random.Random(len(data))
    places = sorted(rng.randrange(len(data) + 1) for _ in range(20))
    yield [data[a:b] for a, b in zip([0, *places], [*places, len(data)], strict=True)]


def outcome_of(events: Sequence[Event]) -> dict[str, Any]:
    """The result of `events`, in the shape of an `.expected.json`."""
    document = Document()
    failures = [event for event in events if isinstance(event, Failure) and event.fatal]
    for event in events:
        document.apply(event)
    calls = [{"name": c.tool_name, "arguments": c.arguments} for c in document.tool_calls]
    usage = document.usage
    ends = [event for event in events if isinstance(event, RunEnd)]
    return {
        "text": document.text or None,
        "reasoning": document.reasoning or None,
        "tool_calls": calls,
        "usage": usage
        and {"input_tokens": usage.input_tokens, "output_tokens": usage.output_tokens},
        "finish": ends[-1].raw_finish_reason if ends else None,
        "error": failures[0].message if failures else None,
    }


def run(make: Make, records: Iterator[Record]) -> list[Event]:
    """All events of a format over records; each run ends exactly once."""
    format_ = make(ids())
    events = [event for record in records for event in format_.feed(record)]
    events += format_.flush()
    assert sum(isinstance(event, RunEnd) for event in events) == 1
    return events


def check(make: Make, path: Path) -> None:
    """Holds a format to one recording, however it is cut."""
    expectation = expected(path)
    wanted = {
        key: expectation[key] for key in ("text", "reasoning", "tool_calls", "usage", "finish")
    }
    if wanted["finish"] is not None:
        wanted["finish"] = str(wanted["finish"])  # Gemini's may be a number
    wanted["error"] = expectation["error"] and expectation["error"]["message"]
    for pieces in partitions(path.read_bytes()):
        assert outcome_of(run(make, records(path, pieces))) == wanted
