"""Fifty finished runs of the demo job in one notebook: its size, and how fast JupyterLab opens it.

    python benchmarks/saved_notebook.py [--runs 50] [--tries 5]

The notebook is executed by nbclient. It is opened in a JupyterLab that is already loaded: the time
is from the command until the first record is painted and all cells are there, and beside it that of
the page's main thread, which other programs on the machine do not lengthen. An empty notebook is
opened as often, for what JupyterLab itself takes. Prints Markdown.
"""

from __future__ import annotations

import argparse
import os
import statistics
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

import nbformat  # noqa: E402
from nbclient import NotebookClient  # noqa: E402
from playwright.sync_api import Page  # noqa: E402

from lab import Chromium, Lab, end_on_sigterm  # noqa: E402 - found by the line above

SIZE_MB, OPEN_S = 4.0, 2.0
START = """
from streamwidget import StreamView
from streamwidget.demo.review import literature_review
views = [StreamView(literature_review, title=f"Review {{n}}") for n in range({runs})]
"""
OPEN = """async ([name, cells, selector]) => {
  const begin = performance.now();
  const { commands, shell } = window.jupyterapp;
  const panel = await commands.execute("docmanager:open", { path: name, factory: "Notebook" });
  await panel.context.ready;
  await panel.revealed;
  const { content } = panel;
  const there = () => content.widgets.length === cells && content.node.querySelector(selector);
  while (!there()) await new Promise((done) => requestAnimationFrame(done));
  await new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done)));
  const took = performance.now() - begin;
  panel.context.model.dirty = false;
  panel.close();
  return took;
}"""


def executed(runs: int) -> nbformat.NotebookNode:
    """Return a notebook with `runs` finished runs, a cell each."""
    notebook = nbformat.v4.new_notebook()
    sources = [START.format(runs=runs), *(f"views[{n}]" for n in range(runs))]
    notebook.cells = [nbformat.v4.new_code_cell(source.strip()) for source in sources]
    os.environ["STREAMWIDGET_DEMO_RATE"] = "2000"
    NotebookClient(notebook, timeout=600, kernel_name="python3").execute()
    statuses = [
        output["metadata"]["streamwidget"]["status"]
        for cell in notebook.cells
        for output in cell.outputs
    ]
    assert statuses == ["finished"] * runs, statuses
    return notebook


class Opener:
    """Opens notebooks in one page of JupyterLab."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._cdp = page.context.new_cdp_session(page)
        self._cdp.send("Performance.enable", {"timeDomain": "threadTicks"})

    def open(self, name: str, cells: int, selector: str) -> tuple[float, float]:
        """Return how long opening takes, and the main thread's own time, in seconds."""
        before = self._task_s()
        took_ms = float(self._page.evaluate(OPEN, [name, cells, selector]))
        return took_ms / 1000, self._task_s() - before

    def _task_s(self) -> float:
        metrics = self._cdp.send("Performance.getMetrics")["metrics"]
        return next(float(m["value"]) for m in metrics if m["name"] == "TaskDuration")


def main() -> None:
    """Measure both, and print the table."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--runs", type=int, default=50)
    parser.add_argument("--tries", type=int, default=5)
    options = parser.parse_args()
    end_on_sigterm()
    notebook = executed(options.runs)
    with (
        tempfile.TemporaryDirectory(prefix="saved-") as work,
        Lab(Path(work) / "lab") as lab,
        Chromium() as chromium,
    ):
        lab.write_notebook("first.ipynb", [""])
        lab.write_notebook("empty.ipynb", [""])
        path = lab.root / "runs.ipynb"
        nbformat.write(notebook, path)
        size_mb = path.stat().st_size / 1e6
        opener = Opener(chromium.open(lab, "first.ipynb").page)
        empty, whole = [], []
        for _ in range(options.tries):
            empty.append(opener.open("empty.ipynb", 1, ".jp-Cell"))
            whole.append(opener.open("runs.ipynb", options.runs + 1, "h3"))
    print("| | measured | bound |")
    print("|---|---:|---:|")
    print(f"| {options.runs} runs, saved | {size_mb:.2f} MB | {SIZE_MB:.0f} MB |")
    for words, times, bound in (
        (f"{options.runs} runs", whole, f"{OPEN_S:.0f} s"),
        ("an empty notebook", empty, ""),
    ):
        wall_s, own_s = (statistics.median(column) for column in zip(*times, strict=True))
        print(f"| {words}, opened | {wall_s:.2f} s | {bound} |")
        print(f"| its main thread | {own_s:.2f} s | |")


if __name__ == "__main__":
    main()
