"""The cost of a journal for its run, and the speed of reading it: attach and seek at a million
events.

    python benchmarks/journal.py [events]

Cost: the CPU time of the writing in a run of tokens from a generator, as fast as it goes. Then a
journal of mixed events (80 % tokens of interleaved answers, logs, charts, rows, steps): CPU time
and wall time to the newest state of the finished journal, and of one whose writer was killed where
most lines follow the last snapshot; CPU time of the index that an attached view makes in the
background, and to the state at 1,000 random times with it. Beside it, the first 20 seeks without an
index.
"""

from __future__ import annotations

import random
import re
import statistics
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1] / "tests"))

from streamwidget.events import Event, LogLine, Metric, Rows, StepEnd, StepStart, TextDelta
from streamwidget.journal.journal_file import JournalFile
from streamwidget.limits import Limits
from streamwidget.run import Run, begin
from streamwidget.run.waiting import wait
from unit.journals import Clock, journal_of, recorded_run


def cost(count: int, path: Path) -> float:
    """CPU time of the journal as a percentage of that of a run of `count` tokens."""
    run, spent_s = Run(limits=Limits(kept_events_count=2_000_000)), 0.0
    before = time.process_time()
    journal = journal_of(run, path)
    flush = journal.flush

    def timed_flush() -> None:
        nonlocal spent_s
        began = time.thread_time()
        flush()
        spent_s += time.thread_time() - began

    journal.flush = timed_flush  # type: ignore[method-assign]
    run.hold_events_for(journal)
    begin(run, (f"tok{number % 10} " for number in range(count)))
    wait(run)
    journal.flush()
    return spent_s / (time.process_time() - before - spent_s) * 100


def mixed(number: int, rng: random.Random) -> Event:
    """One event of an agent that runs for hours."""
    at_s, kind = number / 200, rng.random()
    if kind < 0.8:
        return TextDelta(f"t{number // 5000}.{rng.randrange(3)}", "token ")
    if kind < 0.9:
        return LogLine(f"request {number} took {rng.randrange(900)} ms", at_s=at_s)
    if kind < 0.96:
        return Metric(f"m{rng.randrange(4)}", "loss", (("train", rng.random()),), at_s=at_s)
    if kind < 0.99:
        return Rows("table", "results", ("id", "score"), ((number, rng.random()),))
    started = kind < 0.995
    step = f"s{number // 1000}"
    return StepStart(step, "step", at_s=at_s) if started else StepEnd(step, "done", at_s)


def write_mixed(count: int, path: Path) -> None:
    """A journal of `count` mixed events at 200 each second."""
    rng, clock = random.Random(1), Clock()
    run = recorded_run(clock)
    journal = journal_of(run, path)
    for number in range(count):
        clock.now_s = number / 200
        run.push([mixed(number, rng)])
        if number % 50 == 0:
            journal.flush()
    run.producer_closed()
    journal.flush()


def attach_words(path: Path) -> str:
    """CPU time and wall time to the newest state, the medians of five."""
    cpu_ms, wall_ms = [], []
    for _ in range(5):
        began, began_wall = time.process_time(), time.perf_counter()
        with JournalFile(path) as file:
            file.latest()
        cpu_ms.append((time.process_time() - began) * 1000)
        wall_ms.append((time.perf_counter() - began_wall) * 1000)
    return f"{statistics.median(cpu_ms):.0f} ms CPU, {statistics.median(wall_ms):.0f} ms wall"


def seeks_words(file: JournalFile, count: int) -> str:
    """CPU time of seeks to random times: median, 95th percentile and longest."""
    duration, rng, times = file.duration_ms(), random.Random(2), []
    for _ in range(count):
        moment = rng.randrange(duration)
        began = time.process_time()
        file.at(moment)
        times.append((time.process_time() - began) * 1000)
    times.sort()
    p95 = times[int(count * 0.95)]
    return f"median {times[count // 2]:.1f} ms, p95 {p95:.1f} ms, max {times[-1]:.0f} ms"


def cut_at_its_worst(path: Path, copy: Path) -> None:
    """A copy that ends before the snapshot that has most events before it."""
    data = path.read_bytes()
    longest, worst, line = 0, len(data), data.index(b"\n") + 1
    for snapshot in re.finditer(rb'^\[\d+,\d+,"snapshot",[^\n]*\n', data, re.M):
        if snapshot.start() - line > longest:
            longest, worst = snapshot.start() - line, snapshot.start()
        line = snapshot.end()
    copy.write_bytes(data[:worst])


def main() -> None:
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000
    with tempfile.TemporaryDirectory() as folder:
        shares = [cost(count // 4, Path(folder) / f"cost{n}.jsonl") for n in range(5)]
        print(f"cost of a journal: {statistics.median(shares):.1f} % of the CPU time of the run")

        path = Path(folder) / "mixed.jsonl"
        began = time.perf_counter()
        write_mixed(count, path)
        size = path.stat().st_size / 1e6
        print(f"{count:,} mixed events: {size:.1f} MB in {time.perf_counter() - began:.1f} s")

        print(f"attach: {attach_words(path)}")
        cut_at_its_worst(path, killed := Path(folder) / "killed.jsonl")
        print(f"attach to a journal without its end, at worst: {attach_words(killed)}")
        with JournalFile(path) as file:
            print(f"the first 20 seeks without an index: {seeks_words(file, 20)}")
        with JournalFile(path) as file:
            began = time.process_time()
            file.index()
            print(f"index: {time.process_time() - began:.1f} s CPU")
            print(f"1,000 seeks with it: {seeks_words(file, 1000)}")
            began = time.process_time()
            marks = file.marks(frozenset({"error", "step-start", "tool-call-start"}))
            print(f"marks: {len(marks):,} in {(time.process_time() - began) * 1000:.0f} ms")


if __name__ == "__main__":
    main()
