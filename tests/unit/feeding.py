"""Feeds one input in every way that a transport could cut it; the results must not differ.

`tests/unit` tables are rows of bytes and what they give; this is the one helper that runs them.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from typing import Any, Protocol, TypeVar

from streamwidget.errors import StreamWidgetError
from streamwidget.events import Event, ReasoningDelta, TextDelta

Out = TypeVar("Out")

EVERY_CUT_BYTES = 100_000
"""Longer inputs are cut in two at some places only: the work is quadratic in the length."""


class Feedable(Protocol):
    def feed(self, piece: Any, /) -> Sequence[Any]: ...

    def flush(self) -> Sequence[Any]: ...


def partitions(data: bytes) -> Iterator[list[bytes]]:
    """Whole, byte by byte, and in two at every place; with empty pieces too."""
    yield [data]
    yield [data[i : i + 1] for i in range(len(data))]
    yield [b"", data, b""]
    step = 1 + len(data) // EVERY_CUT_BYTES
    for cut in range(1, len(data), step):
        yield [data[:cut], data[cut:]]


def drain(decoder: Feedable, pieces: Sequence[Any]) -> tuple[list[Any], StreamWidgetError | None]:
    """All results, and the documented error that ended them, if one did."""
    results: list[Any] = []
    try:
        for piece in pieces:
            results += decoder.feed(piece)
        results += decoder.flush()
    except StreamWidgetError as error:
        return results, error
    return results, None


def joined(events: Sequence[Event]) -> list[Event]:
    """`events` with neighbouring deltas of the same part as one."""
    out: list[Event] = []
    for event in events:
        last = out[-1] if out else None
        if (
            isinstance(event, (TextDelta, ReasoningDelta))
            and isinstance(last, (TextDelta, ReasoningDelta))
            and type(event) is type(last)
            and event.part_id == last.part_id
        ):
            out[-1] = type(event)(event.part_id, last.text + event.text)
        else:
            out.append(event)
    return out


def every_way(make: Callable[[], Feedable], data: bytes) -> list[Any]:
    """The results of `data`, after checking that all partitions give the same."""
    expected, error = drain(make(), [data])
    expected = joined(expected)
    for pieces in partitions(data):
        results, raised = drain(make(), pieces)
        assert joined(results) == expected, f"cut into {[len(p) for p in pieces][:4]}"
        assert str(raised) == str(error)
    if error is not None:
        raise error
    return expected


def ids() -> Callable[[str], str]:
    """A `new_id` that counts each prefix separately: `t1`, `t2`, `s1`."""
    counts: dict[str, int] = {}

    def new_id(prefix: str) -> str:
        counts[prefix] = counts.get(prefix, 0) + 1
        return f"{prefix}{counts[prefix]}"

    return new_id
