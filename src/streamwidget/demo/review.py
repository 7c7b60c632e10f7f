"""A literature review as a job function, with every kind of part: `StreamView(literature_review)`.

Written as an example for your own jobs. The library, its papers and their numbers are invented, and
all waiting is simulated.
"""

from __future__ import annotations

import json
import logging
import math
import os
import random
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextvars import copy_context
from dataclasses import dataclass

from ..emit import Emitter
from ..logs import logging_handler
from . import job

log = logging.getLogger("lantern.library")

USUAL_RATE = 60.0

QUERIES = (
    ("perceived latency of incremental output", 9),
    ("reading speed and text that grows", 8),
    ("progress indicators and abandonment", 7),
)
FINDINGS = {
    "question": "What makes a streaming interface feel fast?",
    "answer": "A first sign within one second, an even rhythm, and a stop that works.",
    "confidence": 0.82,
    "numbers": {"first_sign_s": 1.0, "steady_gain_percent": 23, "papers_read": 8},
    "open": ["languages without spaces", "readers who skim", "hours instead of seconds"],
}


@dataclass(frozen=True)
class Figure:
    """An object with a rich representation: it draws itself as SVG."""

    points: tuple[tuple[float, float], ...]

    def _repr_svg_(self) -> str:
        def place(x: float, y: float) -> tuple[float, float]:
            return 44 + x * 52, 170 - y * 150

        line = " ".join(f"{x:.1f},{y:.1f}" for x, y in (place(*point) for point in self.points))
        marks = "".join(
            f'<circle cx="{place(x, y)[0]:.1f}" cy="{place(x, y)[1]:.1f}" r="4" fill="#2f6fb2"/>'
            for x, y in self.points
        )
        ticks = "".join(
            f'<text x="{place(x, 0)[0]:.1f}" y="190" text-anchor="middle">{x:g} s</text>'
            for x, _ in self.points[2:]
        )
        return (
            '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 500 210" width="500" '
            'height="210" font-family="sans-serif" font-size="11" fill="#667">'
            '<rect width="500" height="210" rx="6" fill="#fbfbf8"/>'
            '<path d="M44 20V170H480" stroke="#bbc" fill="none"/>'
            f'<polyline points="{line}" fill="none" stroke="#2f6fb2" stroke-width="2"/>'
            f"{marks}{ticks}"
            '<text x="8" y="24">96 %</text><text x="8" y="170">0 %</text>'
            '<text x="476" y="34" text-anchor="end">“it was busy with my question”</text></svg>'
        )


class Pretend:
    """Simulated work that a stop ends: every emitter call raises once a stop was requested."""

    def __init__(self, emit: Emitter, pace: float) -> None:
        self._emit = emit
        self._pace = pace

    def work(self, seconds: float) -> None:
        """Wait `seconds` at the pace of the demo, or until a stop is requested."""
        deadline = time.monotonic() + seconds * self._pace
        while not self._emit.stopped and (left := deadline - time.monotonic()) > 0:
            time.sleep(min(left, 0.05))

    def type(self, write: Callable[[str], None], text: str, rate: float = 90.0) -> None:
        """Write `text` token by token, at `rate` tokens per second."""
        for token in job.tokens(text):
            write(token)
            self.work(1 / rate)


def literature_review(
    emit: Emitter, *, pace: float | None = None, sections: int | None = None
) -> None:
    """Run the job: plan, search, read in parallel, compare, write.

    Args:
        emit: the emitter of the run.
        pace: 1 takes about 100 s, 0 does not wait; None: `USUAL_RATE` divided by the environment
            variable `STREAMWIDGET_DEMO_RATE` (tokens per second; default 60).
        sections: number of sections of the review to write; None: all six.
    """
    pretend = Pretend(emit, USUAL_RATE / rate() if pace is None else pace)
    rng = random.Random(7)
    with logging_handler(emit, logger=log, level="DEBUG"):
        _plan(emit, pretend)
        _search(emit, pretend)
        _read(emit, pretend, rng)
        _compare(emit, pretend, rng)
        _write(emit, pretend, sections)


def rate() -> float:
    """Return the tokens per second of the demo, from the environment."""
    return float(os.environ.get("STREAMWIDGET_DEMO_RATE", USUAL_RATE))


def _plan(emit: Emitter, pretend: Pretend) -> None:
    with emit.step("Plan") as step:
        pretend.type(emit.reasoning, job.PLAN)
        step.message("three questions, measurements before opinions")


def _search(emit: Emitter, pretend: Pretend) -> None:
    total, found_count = sum(hits for _, hits in QUERIES), 0
    with emit.step("Search the library") as step:
        for query, hits in QUERIES:
            with emit.step(f"“{query}”") as inner:
                call = emit.tool_call("search_library")
                arguments = json.dumps({"query": query, "limit": 10, "language": "any"})
                pretend.type(call.write, arguments, 120)
                pretend.work(0.5)
                call.result({"hits": hits, "seconds": 0.4, "best": job.PAPERS[hits % 8]})
                log.info("%d papers for %r", hits, query)
                inner.message(f"{hits} papers")
            found_count += hits
            emit.progress(found_count, total, "papers", f"Searched: {query}")
        with emit.tool_call("search_web", {"query": "stop button latency"}) as call:
            pretend.work(0.4)
            call.error("The network is closed in this demonstration.")
        log.warning("search_web is not allowed here, continuing without it")
        emit.error("One search failed.", "No action needed: the library has enough papers.")
        step.message("24 papers found, 8 worth reading")


def _read(emit: Emitter, pretend: Pretend, rng: random.Random) -> None:
    years = [rng.randrange(1994, 2026) for _ in job.PAPERS]
    effects = [round(rng.uniform(-0.1, 0.6), 3) for _ in job.PAPERS]

    def read(n: int) -> None:
        title = job.PAPERS[n]
        with emit.step(f"Read “{title}”") as step:
            row = {"paper": title, "year": years[n], "open": n % 3 != 0, "read_%": 0}
            papers.row(row)
            for part in range(1, 6):
                pretend.work(0.25 + 0.1 * (n % 3))
                row["read_%"] = part * 20
                papers.row(row)
                log.debug("page %d of %r", part * 3, title)
            result = {"readers": 24 * (n + 1), "effect": effects[n], "checked": f"2026-11-{n + 10}"}
            link = f"https://lantern.example/{n + 1}"
            papers.row({**row, **result, "link": link})
            emit.source(link, title)
            step.message(f"effect {effects[n]:+.2f}")

    with (
        emit.step("Read eight papers, three at a time") as step,
        emit.table("papers", key="paper") as papers,
        ThreadPoolExecutor(3) as pool,
    ):
        list(
            emit.track(
                _in_parallel(pool, read, len(job.PAPERS)), total=len(job.PAPERS), unit="papers"
            )
        )
        step.message(f"{sum(effect > 0 for effect in effects)} of 8 found an effect")


def _in_parallel(
    pool: ThreadPoolExecutor, call: Callable[[int], None], count: int
) -> Iterator[int]:
    """Yield the number of each finished call; what the calls emit belongs to the step."""
    futures = [pool.submit(copy_context().run, call, n) for n in range(count)]
    for n, future in enumerate(futures):
        future.result()
        yield n


def _compare(emit: Emitter, pretend: Pretend, rng: random.Random) -> None:
    with emit.step("Fit a model of patience") as step:
        for epoch in emit.track(range(60), unit="epochs", desc="Fitting"):
            decay = math.exp(-epoch / 14)
            train = 0.08 + 0.9 * decay + rng.uniform(-0.02, 0.02)
            check = 0.14 + 0.8 * decay + rng.uniform(-0.04, 0.04)
            emit.metric("loss", {"training": train, "held back": check})
            pretend.work(0.08)
        shares = ((0.2, 0.96), (0.5, 0.94), (1.0, 0.88), (2.0, 0.61), (4.0, 0.37), (8.0, 0.12))
        emit.artifact(Figure(shares), "Patience over the first seconds")
        step.message("the cliff lies between one second and two")
    emit.notice("Two sources disagree about the first second; both numbers are given.", "warning")
    with emit.growing_value("findings") as write:
        pretend.type(write, json.dumps(FINDINGS, ensure_ascii=False), 60)


def _write(emit: Emitter, pretend: Pretend, sections: int | None) -> None:
    with emit.step("Write the review") as step:
        pretend.type(emit.reasoning, job.WEIGHING)
        emit.usage(input_tokens=18_240)
        text = job.sections(sections)
        pretend.type(emit.text, text)
        emit.usage(input_tokens=18_240, output_tokens=len(job.tokens(text)))
        step.message(f"{len(text.split()):,} words")
