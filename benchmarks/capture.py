"""The cost of a captured line: `print` in a job whose output is captured, beside a bare `print`.

    python benchmarks/capture.py [--lines 100000] [--repeat 5]

The bare print writes to a file in memory (`io.StringIO`), from as many threads. The captured one
is measured from the first line until every line is in its view, and the views are compared with
what was printed. In the last row, 50 threads in 5 jobs print beside the main thread, which prints
too. Times are CPU time of the process per line, the best of the repetitions; the ratio is to the
bare print in the same row.
"""

from __future__ import annotations

import argparse
import contextlib
import io
import sys
import threading
import time
from collections.abc import Callable

from streamwidget import StreamView

Work = Callable[[], None]


def printing(first: int, count: int) -> Work:
    """A function that prints `count` lines."""

    def work() -> None:
        for line in range(first, first + count):
            print("line", line)

    return work


def on_threads(works: list[Work]) -> None:
    threads = [threading.Thread(target=work) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()


def split(lines: int, threads: int) -> list[Work]:
    each = lines // threads
    return [printing(each * number, each) for number in range(threads)]


def bare(lines: int, threads: int, beside: int) -> float:
    """Seconds that all lines take without capture."""
    file = io.StringIO()
    with contextlib.redirect_stdout(file):
        began = time.process_time()
        on_threads([*split(lines, threads), printing(0, beside)])
        spent_s = time.process_time() - began
    assert file.getvalue().count("\n") == lines + beside
    return spent_s


def captured(lines: int, jobs: int, threads: int, beside: int) -> float:
    """Seconds until all lines are in the views of `jobs` jobs."""
    file, go = io.StringIO(), threading.Event()
    each, works = lines // jobs, split(lines // jobs, threads // jobs)

    def job() -> None:
        go.wait()
        if threads == jobs:
            works[0]()
        else:
            on_threads(works)

    with contextlib.redirect_stdout(file):
        views = [StreamView(job, capture=True) for _ in range(jobs)]
        began = time.process_time()
        go.set()
        printing(0, beside)()
        for view in views:
            view.wait()
        spent_s = time.process_time() - began
    assert file.getvalue() == "".join(f"line {line}\n" for line in range(beside))
    for view in views:
        assert sorted(view.text.splitlines()) == sorted(f"line {line}" for line in range(each))
    return spent_s


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--lines", type=int, default=100_000)
    parser.add_argument("--repeat", type=int, default=5)
    given = parser.parse_args()
    out = sys.stdout
    out.write(f"{'':34} {'bare':>9} {'captured':>9} {'ratio':>6}\n")
    for name, jobs, threads, share in (
        ("1 job, 1 thread", 1, 1, 0),
        ("5 jobs, 50 threads", 5, 50, 0),
        ("5 jobs, 50 threads, and a cell", 5, 50, 10),
    ):
        beside = given.lines // share if share else 0
        count = given.lines + beside
        pairs = [
            (bare(given.lines, threads, beside), captured(given.lines, jobs, threads, beside))
            for _ in range(given.repeat)
        ]
        least, ours = (min(times) / count * 1e6 for times in zip(*pairs, strict=True))
        out.write(f"{name:34} {least:6.2f} µs {ours:6.2f} µs {ours / least:6.2f}\n")


if __name__ == "__main__":
    main()
