"""Streaming text by streamwidget and by what people use today, side by side in real notebooks.

    python benchmarks/throughput.py [--quick] [--only streamwidget,print]

Burst: tokens as fast as the method takes them; does all the text arrive, and at what cost? Paced:
500 tokens/s; how long from the token in the kernel to the painted frame in the page? Methods whose
cost grows with the square of the text get fewer tokens, and the table says so. Prints Markdown.
"""

from __future__ import annotations

import argparse
import json
import shutil
import statistics
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from playwright.sync_api import Error

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from lab import Chromium, Lab, Notebook, end_on_sigterm  # noqa: E402 - found by the line above

KERNEL_SIDE = Path(__file__).with_name("methods.py")
WATCH = Path(__file__).with_name("watch.js").read_text()
CHARS_PER_TOKEN = 4
PACED_RATE = 500
# The page has had this long without new text, after the kernel was done: nothing more will come.
QUIET_MS = 2500
SHOWN_WITHIN_S = 60.0


@dataclass(frozen=True, slots=True)
class Method:
    """How one method is called in `methods.py`, where its text is, and what it can bear."""

    label: str
    selector: str
    burst_count: int
    note: str = ""


OUTPUT = ".jp-OutputArea-output"
METHODS = {
    "streamwidget": Method("streamwidget", '.sw-part[data-kind="text"]', 20_000),
    "print": Method("`print(tok, end='', flush=True)`", OUTPUT, 20_000),
    "markdown": Method("`update_display(Markdown(text))`", OUTPUT, 2_000, "quadratic"),
    "html": Method("`ipywidgets.HTML.value += tok`", ".widget-html-content", 2_000, "quadratic"),
    "send": Method("anywidget, one `send` per token", ".send-each", 20_000),
}


@dataclass(frozen=True, slots=True)
class Cost:
    """The cost of one run, and its result."""

    tokens: int
    chars_shown: int
    wall_s: float
    kernel_s: float
    page_s: float
    messages: int
    megabytes: float
    latencies_ms: list[float]
    traits: dict[str, float]
    """Kilobytes of each trait's updates, for streamwidget: `patch` and `snapshot`."""

    @property
    def complete(self) -> bool:
        return self.chars_shown == self.tokens * CHARS_PER_TOKEN


@dataclass(frozen=True, slots=True)
class Hang:
    """A method that gave no result in time."""

    tokens: int
    reason: str


def main() -> int:
    end_on_sigterm()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--quick", action="store_true", help="a quarter of the tokens")
    parser.add_argument(
        "--only",
        type=lambda text: [key for key in text.split(",") if METHODS[key]],
        default=list(METHODS),
        help=f"comma-separated, of: {', '.join(METHODS)}",
    )
    options = parser.parse_args()
    scale = 4 if options.quick else 1
    with (
        tempfile.TemporaryDirectory(prefix="streamwidget-bench-") as work,
        Lab(Path(work) / "lab") as lab,
        Chromium() as chromium,
    ):
        shutil.copy(KERNEL_SIDE, lab.root)
        bursts: dict[str, Cost | Hang] = {}
        paced: dict[str, Cost | Hang] = {}
        for key in options.only:
            say(f"{key}: burst")
            bursts[key] = attempt(lab, chromium, key, METHODS[key].burst_count // scale, rate=0)
            say(f"{key}: paced")
            paced[key] = attempt(lab, chromium, key, 8 * PACED_RATE // scale, rate=PACED_RATE)
    print("\n".join([*burst_table(bursts), "", *paced_table(paced)]))
    return 0


def say(text: str) -> None:
    print(text, file=sys.stderr, flush=True)


def attempt(lab: Lab, chromium: Chromium, key: str, count: int, *, rate: int) -> Cost | Hang:
    """Measures one method; one that hangs is reported as such, and the others are measured."""
    try:
        return measure(lab, chromium, key, count, rate=rate)
    except (TimeoutError, Error) as error:
        reason = str(error).strip().partition("\n")[0][:80].replace("|", "/")
        say(f"{key}: {reason}")
        return Hang(count, reason)


def measure(lab: Lab, chromium: Chromium, key: str, count: int, *, rate: int) -> Cost:
    """Runs one method in a fresh notebook and kernel."""
    name = f"{key}-{rate}.ipynb"
    cells = [
        "from methods import *",
        f"show = prepare({key!r})",
        f"run({key!r}, show, {count}, {rate})",
    ]
    lab.write_notebook(name, cells)
    notebook = chromium.open(lab, name)
    try:
        notebook.run_cell(0)
        notebook.run_cell(1)
        return watched(notebook, METHODS[key].selector, count)
    finally:
        notebook.close()
        lab.end_kernels()


def watched(notebook: Notebook, selector: str, count: int) -> Cost:
    result = notebook.lab.root / "run.json"
    result.unlink(missing_ok=True)
    notebook.page.evaluate(WATCH, selector)
    notebook.reset_traffic()
    kernel_s, page_s = notebook.kernel_cpu_s(), notebook.task_s()
    notebook.run_cell(2, timeout_s=300)
    wait_until_quiet(notebook, count)
    page_s, kernel_s = notebook.task_s() - page_s, notebook.kernel_cpu_s() - kernel_s
    received = notebook.traffic()["received"]
    seen = notebook.page.evaluate("() => window.__watch.stop()")
    sent_s: list[float] = json.loads(result.read_text())
    return Cost(
        tokens=count,
        chars_shown=seen["chars"],
        wall_s=seen["last_s"] - sent_s[0],
        kernel_s=kernel_s,
        page_s=page_s,
        messages=received["count"],
        megabytes=received["bytes"] / 1e6,
        latencies_ms=latencies_ms(sent_s, seen["frames"]),
        traits={
            name.partition(":")[2]: sent["bytes"] / 1e3
            for name, sent in received["types"].items()
            if name.startswith("comm_msg:")
        },
    )


def wait_until_quiet(notebook: Notebook, count: int) -> None:
    """Waits until all the text is shown, or until nothing has come for a while."""
    notebook.wait_for(
        "([chars, quiet]) => window.__watch.chars >= chars"
        " || Date.now() - window.__watch.changed > quiet",
        [count * CHARS_PER_TOKEN, QUIET_MS],
        timeout_s=SHOWN_WITHIN_S + 240,
    )


def latencies_ms(sent_s: list[float], frames: list[list[float]]) -> list[float]:
    """From each token's time in the kernel to the first painted frame that has it."""
    latencies, token = [], 0
    for chars, at_s in frames:
        shown = min(int(chars) // CHARS_PER_TOKEN, len(sent_s))
        latencies += [(at_s - sent_s[i]) * 1000 for i in range(token, shown)]
        token = max(token, shown)
    return latencies


def burst_table(costs: dict[str, Cost | Hang]) -> Iterator[str]:
    yield "Burst: as fast as the method takes it (in brackets: per token, beside streamwidget)\n"
    yield "| method | tokens | text shown | wall s | kernel CPU s | page s | messages | MB |"
    yield "|---|---:|---|---:|---:|---:|---:|---:|"
    for key, cost in costs.items():
        if isinstance(cost, Hang):
            yield hang_line(key, cost)
            continue
        whole = cost.tokens * CHARS_PER_TOKEN
        shown = "all" if cost.complete else f"{cost.chars_shown:,} of {whole:,} chars"
        yield line(key, cost, shown, costs)
    if isinstance(ours := costs.get("streamwidget"), Cost):
        payload = ours.tokens * CHARS_PER_TOKEN / 1e3
        sizes = ", ".join(f"`{name}` {size:.1f} kB" for name, size in sorted(ours.traits.items()))
        yield f"\nOf streamwidget's bytes, for {payload:.0f} kB of text: {sizes}"


def paced_table(costs: dict[str, Cost | Hang]) -> Iterator[str]:
    yield f"Paced: {PACED_RATE} tokens/s\n"
    yield "| method | tokens | source to pixel p50 / p95 ms | wall s | kernel CPU s | page s |" + (
        " messages | MB |"
    )
    yield "|---|---:|---|---:|---:|---:|---:|---:|"
    for key, cost in costs.items():
        if isinstance(cost, Hang):
            yield hang_line(key, cost)
            continue
        shown = "nothing shown"
        if len(cost.latencies_ms) > 1:
            cuts = statistics.quantiles(cost.latencies_ms, n=20)
            shown = f"{cuts[9]:.0f} / {cuts[18]:.0f}"
        yield line(key, cost, shown, costs)


def hang_line(key: str, hang: Hang) -> str:
    cells = [METHODS[key].label, f"{hang.tokens:,}", f"hangs ({hang.reason})"]
    return "| " + " | ".join([*cells, *["–"] * 5]) + " |"


def line(key: str, cost: Cost, shown: str, costs: dict[str, Cost | Hang]) -> str:
    method, found = METHODS[key], costs.get("streamwidget")
    ours = found if isinstance(found, Cost) else None
    note = f" ({method.note})" if method.note else ""
    cells: list[Any] = [method.label + note, f"{cost.tokens:,}", shown, f"{cost.wall_s:.2f}"]
    cells.append(beside(cost.kernel_s, cost, ours, ours and ours.kernel_s))
    cells.append(beside(cost.page_s, cost, ours, ours and ours.page_s))
    cells += [f"{cost.messages:,}", beside(cost.megabytes, cost, ours, ours and ours.megabytes)]
    return "| " + " | ".join(cells) + " |"


def beside(value: float, cost: Cost, ours: Cost | None, our_value: float | None) -> str:
    """The number, with its ratio per token to streamwidget's."""
    if ours is None or cost is ours or not our_value:
        return f"{value:.2f}"
    ratio = (value / cost.tokens) / (our_value / ours.tokens)
    return f"{value:.2f} ({ratio:.1f}x)" if ratio < 10 else f"{value:.2f} ({ratio:.0f}x)"


if __name__ == "__main__":
    sys.exit(main())
