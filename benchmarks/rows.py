"""The cost of a row of a streaming table for the kernel, which must not grow.

    python benchmarks/rows.py [--rows 100000]

Rows of 8 columns go through an emitter into a run while text streams beside them. Every 33 ms of
5,000 rows/s a patch is sealed and made into the bytes of the message that a kernel would send.
CPU time of the process, in microseconds per row; the first and the last tenth beside the whole.
"""

from __future__ import annotations

import argparse
import statistics
import time
from collections.abc import Callable, Iterator
from datetime import date, timedelta
from typing import Any

import pandas
from ipywidgets.widgets.widget import _remove_buffers
from jupyter_client.session import Session

from streamwidget import Emitter
from streamwidget.emit import EventSink
from streamwidget.limits import Limits
from streamwidget.run import Run
from streamwidget.widget.port import Port

ROWS_PER_S = 5_000
TICK_S = 0.033
TOKENS_PER_S = 100
COLUMNS = ("id", "title", "year", "score", "url", "found", "open", "note")

Make = Callable[[int, int], object]
Feed = Callable[[Emitter, Any], None]


def rows(start: int, stop: int) -> list[dict[str, object]]:
    """Rows as a job would make them; `note` is mostly None."""
    day = date(2020, 1, 1)
    return [
        {
            "id": n,
            "title": f"Paper number {n} about streams and what they are good for",
            "year": 1990 + n % 36,
            "score": n / 7,
            "url": f"https://papers.example/{n}",
            "found": day + timedelta(n % 2000),
            "open": n % 3 == 0,
            "note": None if n % 10 else "naïve",
        }
        for n in range(start, stop)
    ]


def frame(start: int, stop: int) -> object:
    return pandas.DataFrame(rows(start, stop))


def tuples(start: int, stop: int) -> list[tuple[object, ...]]:
    return [tuple(row.values()) for row in rows(start, stop)]


def halves(start: int, stop: int) -> list[dict[str, object]]:
    """Half as many rows: each of them is fed twice."""
    return rows(start // 2, start // 2 + (stop - start) // 2)


def chunks(emit: Emitter, made: Any) -> None:
    emit.rows("papers", made)


def one_by_one(emit: Emitter, made: Any) -> None:
    for row in made:
        emit.row("papers", row)


def with_names(emit: Emitter, made: Any) -> None:
    emit.rows("papers", made, columns=COLUMNS)


def upserts(emit: Emitter, made: Any) -> None:
    """Every row comes twice: new, and again with another score."""
    emit.rows("papers", made, key="id")
    emit.rows("papers", [{"id": row["id"], "score": 1.5} for row in made], key="id")


FEEDS: dict[str, tuple[Make, Feed]] = {
    "dicts in chunks": (rows, chunks),
    "tuples in chunks": (tuples, with_names),
    "one row at a time": (rows, one_by_one),
    "upserts by key": (halves, upserts),
    "pandas frames": (frame, chunks),
}
"""How the rows are made, which is not timed, and how they are fed, which is."""


def run(make: Make, feed: Feed, row_count: int, *, shown: int) -> tuple[list[float], int]:
    """CPU microseconds per row of each tick, without making the rows; bytes that were sent."""
    state = Run(limits=Limits(shown_rows_count=shown))
    state.start("benchmark")
    port, session = Port(state, run_id="b.1", title="Benchmark"), Session(key=b"k")
    port.attached = True
    emit = Emitter(EventSink(state.push, state.new_id, state.stop_requested))
    spent, sent = [], 0
    for start, stop in ticks(row_count):
        made = make(start, stop)
        began = time.process_time()
        feed(emit, made)
        for _ in range(round(TOKENS_PER_S * TICK_S)):
            emit.text("token ")
        message = port.message()
        content, _, _ = _remove_buffers({"method": "update", "state": {"patch": message}})
        sent += sum(map(len, session.serialize(session.msg("comm_msg", {"data": content}))))
        spent.append((time.process_time() - began) * 1e6 / (stop - start))
    assert state.document.row_count >= row_count * 0.49
    return spent, sent


def ticks(row_count: int) -> Iterator[tuple[int, int]]:
    size = round(ROWS_PER_S * TICK_S / 2) * 2
    for start in range(0, row_count - size + 1, size):
        yield start, start + size


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=100_000)
    options = parser.parse_args()
    print(
        "| rows | CPU per row | first tenth | last tenth | while shown | kB sent per 1,000 rows |"
    )
    print("|---|---:|---:|---:|---:|---:|")
    for name, (make, feed) in FEEDS.items():
        spent, sent = run(make, feed, options.rows, shown=10_000)
        shown, _ = run(make, feed, min(20_000, options.rows), shown=10**9)
        tenth = max(1, len(spent) // 10)
        whole, first, last, all_shown = (
            statistics.mean(spent),
            statistics.mean(spent[:tenth]),
            statistics.mean(spent[-tenth:]),
            statistics.mean(shown),
        )
        print(
            f"| {name} | {whole:.1f} µs | {first:.1f} µs | {last:.1f} µs | {all_shown:.1f} µs "
            f"| {sent / options.rows:.0f} |"
        )


if __name__ == "__main__":
    main()
