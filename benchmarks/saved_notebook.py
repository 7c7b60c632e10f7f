"""Fifty finished runs of the demo job in one notebook: its size, and how fast JupyterLab opens it.

    python benchmarks/saved_notebook.py [--runs 50] [--tries 5]

The notebook is executed by nbclient. It is opened in a JupyterLab that is already loaded: the time
is from the command until the first record is painted and all cells are there, then until all
records are drawn, and beside it that of the page's main thread, which other programs on the machine
do not lengthen. Two more notebooks are opened as often, for what JupyterLab itself takes: an empty
one, and one whose outputs are plain paragraphs of the same size. Prints Markdown.
"""

from __future__ import annotations

import argparse
import copy
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
OPEN = """async ([name, cells, outputs]) => {
  const begin = performance.now();
  const { commands, shell } = window.jupyterapp;
  const panel = await commands.execute("docmanager:open", { path: name, factory: "Notebook" });
  await panel.context.ready;
  await panel.revealed;
  const { content } = panel;
  const frame = () => new Promise((done) => requestAnimationFrame(done));
  const drawn = () => content.node.querySelectorAll(".jp-RenderedHTML > :first-child").length;
  const after = async (there) => {
    while (!there()) await frame();
    await frame();
    await frame();
    return performance.now() - begin;
  };
  const least = Math.min(1, outputs);
  const first = await after(() => content.widgets.length === cells && drawn() >= least);
  let at = 0;  // JupyterLab may draw a cell only when it is scrolled to
  const show = () => {
    if (drawn() < outputs && at < cells) content.scrollToItem(at++);
    return drawn() >= outputs;
  };
  const all = await after(show);
  panel.context.model.dirty = false;
  panel.close();
  return [first, all];
}"""
HTML = "text/html"


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


def plain(notebook: nbformat.NotebookNode) -> nbformat.NotebookNode:
    """Return the notebook with paragraphs of the same size in place of each record."""
    copied = copy.deepcopy(notebook)
    for cell in copied.cells:
        for output in cell.outputs:
            data = output["data"]
            words = "These are plain words of a paragraph. " * 10
            paragraph = f"<p>{words}</p>\n"
            count = len(data[HTML]) // len(paragraph)
            for mime, text in data.items():
                data[mime] = paragraph * count if mime == HTML else (words * len(text))[: len(text)]
    return copied


class Opener:
    """Opens notebooks in one page of JupyterLab."""

    def __init__(self, page: Page) -> None:
        self._page = page
        self._cdp = page.context.new_cdp_session(page)
        self._cdp.send("Performance.enable", {"timeDomain": "threadTicks"})

    def open(self, name: str, cells: int, outputs: int) -> tuple[float, float, float]:
        """Return how long it takes until the first output is drawn, until all are, and the main
        thread's own time, in seconds."""
        before = self._task_s()
        first_ms, all_ms = self._page.evaluate(OPEN, [name, cells, outputs])
        return first_ms / 1000, all_ms / 1000, self._task_s() - before

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
        nbformat.write(plain(notebook), lab.root / "plain.ipynb")
        opener = Opener(chromium.open(lab, "first.ipynb").page)
        empty, whole, paragraphs = [], [], []
        for _ in range(options.tries):
            empty.append(opener.open("empty.ipynb", 1, 0))
            whole.append(opener.open("runs.ipynb", options.runs + 1, options.runs))
            paragraphs.append(opener.open("plain.ipynb", options.runs + 1, options.runs))
    print("| | measured | bound |")
    print("|---|---:|---:|")
    print(f"| {options.runs} runs, saved | {size_mb:.2f} MB | {SIZE_MB:.0f} MB |")
    for words, times, bound in (
        (f"{options.runs} runs", whole, f"{OPEN_S:.0f} s"),
        ("paragraphs of the same size", paragraphs, ""),
        ("an empty notebook", empty, ""),
    ):
        medians = [statistics.median(column) for column in zip(*times, strict=True)]
        print(f"| {words}, the first drawn | {medians[0]:.2f} s | {bound} |")
        print(f"| all drawn | {medians[1]:.2f} s | {bound} |")
        print(f"| its main thread | {medians[2]:.2f} s | |")


if __name__ == "__main__":
    main()
