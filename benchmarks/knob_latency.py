"""From a turn of a knob in the page until the job reads the new value, over kernels and situations.

    python benchmarks/knob_latency.py [--turns 40] [--only default,no-subshells]

A real key press on the slider in a real JupyterLab. It starts at the key event in the page (its
wall clock) and ends when the job's loop, which looks every half millisecond, reads the value (its
wall clock; both are on this machine). Prints a Markdown table.
"""

from __future__ import annotations

import argparse
import json
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

from stop_latency import TARGETS, Target, kernel_python

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from lab import Chromium, Lab, Notebook, end_on_sigterm  # noqa: E402 - found by the line above
from lab.notebook import poll  # noqa: E402

MEDIAN_BOUND_MS = 50.0
APART_S = 0.15
"""Longer than the page joins turns, and about as fast as a person presses a key."""
CELL = """
import json, time
from streamwidget import StreamView
read = []
def job(emit):
    knob = emit.knob("turned", 0, min=0, max=1000, step=1)
    value = knob.value
    while not emit.stopped:
        time.sleep(0.0005)
        if knob.value != value:
            value = knob.value
            read.append((value, time.time()))
view = StreamView(job, title="knob latency")
view"""
REPORT = "print(json.dumps(read)); read.clear()"
SITUATIONS = {
    "idle kernel": None,
    "unrelated cell in `time.sleep`": "time.sleep({})",
    "cell blocks in `view.wait()`": "\ntry: view.wait({})\nexcept TimeoutError: pass",
}
LISTEN = """() => { window.__turns = [];
document.querySelector('.sw-slider').addEventListener('keydown', () =>
    window.__turns.push((performance.timeOrigin + performance.now()) / 1000), {capture: true}); }"""


def main() -> int:
    end_on_sigterm()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--turns", type=int, default=40, help="per situation; default 40")
    parser.add_argument("--only", default="default,no-subshells,7.3,6.29")
    options = parser.parse_args()
    print(f"| kernel | meanwhile | turns | median ms | 95 % ms | max ms | <= {MEDIAN_BOUND_MS:g} |")
    print("|---|---|---:|---:|---:|---:|---|")
    for key in options.only.split(","):
        for line in measure(TARGETS[key], options.turns):
            print(line, flush=True)
    return 0


def measure(target: Target, turns: int) -> Iterator[str]:
    """One table row per situation."""
    kernels = {} if target.version is None else {"measured": kernel_python(target.version)}
    with (
        tempfile.TemporaryDirectory(prefix="streamwidget-bench-") as work,
        Lab(Path(work) / "lab", settings=target.settings, kernels=kernels) as lab,
        Chromium() as chromium,
    ):
        kernel = "measured" if kernels else "python3"
        busy_s = turns * APART_S * 1.5 + 3
        for situation, code in SITUATIONS.items():
            cells = [CELL, "print('begun')\n" + (code or "").format(busy_s).lstrip(), REPORT]
            lab.write_notebook("knob.ipynb", cells, kernel=kernel)
            notebook = chromium.open(lab, "knob.ipynb")
            yield row(target.label, situation, turned(notebook, turns, busy=code is not None))
            notebook.close()
            lab.end_kernels()


def turned(notebook: Notebook, turns: int, *, busy: bool) -> list[float]:
    """Milliseconds from each turn to the loop that reads it."""
    notebook.run_cell(0)
    slider = notebook.page.locator(".sw-slider")
    slider.wait_for()
    notebook.page.evaluate(LISTEN)
    if busy:
        notebook.press_run(1)
        poll(lambda: "begun" in notebook.output_text(1))
    slider.focus()
    for _ in range(turns):
        notebook.page.keyboard.press("ArrowRight")
        time.sleep(APART_S)
    if busy:
        notebook.wait_cell(1)
    notebook.run_cell(2)
    read = json.loads(notebook.output_text(2).splitlines()[0])
    begun = notebook.page.evaluate("window.__turns")
    assert [value for value, _ in read] == list(range(1, turns + 1)), "a turn was not read"
    return [(at - start) * 1000 for (_, at), start in zip(read, begun, strict=True)]


def row(label: str, situation: str, delays: list[float]) -> str:
    median, worst = statistics.median(delays), max(delays)
    late = sorted(delays)[int(len(delays) * 0.95) - 1]
    verdict = "holds" if median <= MEDIAN_BOUND_MS else "does not hold"
    figures = (str(len(delays)), f"{median:.1f}", f"{late:.1f}", f"{worst:.1f}", verdict)
    return f"| {label} | {situation} | {' | '.join(figures)} |"


if __name__ == "__main__":
    sys.exit(main())
