"""Frames and key presses of a page while something streams into it. Shared by the benchmarks.

A frame is what the page's main thread does between the start of a frame and its commit: script,
style, layout and paint. The browser's own trace gives its CPU time, whatever else runs on the
machine; the wall time beside it is what a person had to wait.
"""

from __future__ import annotations

import json
import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from lab import Notebook

PROBE = Path(__file__).with_name("frames.js").read_text()
KEY_EVERY_S = 0.25


@dataclass(frozen=True, slots=True)
class Measured:
    """The work of the page and the kernel in `wall_s` seconds."""

    wall_s: float
    frames_ms: list[float]
    """CPU time of each frame."""
    waits_ms: list[float]
    """Wall time of each frame."""
    keys_ms: list[float]
    """From each key press to the painted frame."""
    page_s: float
    """CPU of the page's main thread."""
    kernel_s: float

    def line(self, name: str) -> str:
        frames, waits, keys = self.frames_ms, self.waits_ms, self.keys_ms
        return (
            f"| {name} | {at(frames, 50):.1f} / {at(frames, 99):.1f} "
            f"| {at(waits, 50):.1f} / {at(waits, 99):.1f} "
            f"| {at(keys, 50):.0f} / {at(keys, 95):.0f} | {100 * self.page_s / self.wall_s:.0f} % "
            f"| {100 * self.kernel_s / self.wall_s:.0f} % |"
        )


HEAD = (
    "| | frame CPU p50 / p99 ms | frame wall p50 / p99 ms | key to paint p50 / p95 ms | page CPU "
    "| kernel CPU |\n|---|---:|---:|---:|---:|---:|"
)
FRAME = "ProxyMain::BeginMainFrame"


def at(values: list[float], percent: int) -> float:
    """A percentile; 0 of nothing."""
    return statistics.quantiles(values, n=100)[percent - 1] if len(values) > 1 else sum(values)


def watch(notebook: Notebook) -> None:
    """Installs the probe; the frames so far are forgotten."""
    notebook.page.evaluate(PROBE)


def measure(notebook: Notebook, over: Callable[[], bool]) -> Measured:
    """Presses a key now and then where the focus is, until `over`."""
    page = notebook.page
    browser = page.context.browser
    assert browser is not None
    page.evaluate("() => window.__frames.take()")
    browser.start_tracing(page=page, categories=["benchmark"])
    page_s, kernel_s, began_s = notebook.task_s(), notebook.kernel_cpu_s(), time.monotonic()
    while not over():
        page.keyboard.press("x")
        page.wait_for_timeout(KEY_EVERY_S * 1000)
    wall_s = time.monotonic() - began_s
    page_s, kernel_s = notebook.task_s() - page_s, notebook.kernel_cpu_s() - kernel_s
    events = json.loads(browser.stop_tracing())["traceEvents"]
    frames = [one for one in events if one["name"] == FRAME and "tdur" in one]
    return Measured(
        wall_s=wall_s,
        frames_ms=[one["tdur"] / 1000 for one in frames],
        waits_ms=[one["dur"] / 1000 for one in frames],
        keys_ms=page.evaluate("() => window.__frames.take()")["keys"],
        page_s=page_s,
        kernel_s=kernel_s,
    )
