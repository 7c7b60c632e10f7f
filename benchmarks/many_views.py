"""Fifty views at once, 100 tokens a second each, three of them in sight.

    python benchmarks/many_views.py [--views 50] [--rate 100] [--seconds 60]

In a real JupyterLab, with a person who types into a cell meanwhile. A frame's time is that of its
script, style, layout and paint; the page at rest is measured first, for the machine's own noise.
Prints Markdown, and which of the tokens are in Python and in the page at the end.
"""

from __future__ import annotations

import argparse
import shutil
import sys
import tempfile
import time
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from lab import Chromium, Lab, Notebook, end_on_sigterm  # noqa: E402 - found by the line above
from page_frames import HEAD, measure, watch  # noqa: E402

MAKE = """
from ipywidgets import HBox, VBox, Layout
from loads import word, words
from streamwidget import StreamView
views = [StreamView(words({count}, {rate}), title=f"run {{n}}") for n in range({views})]
for view in views: view.layout.width = "33%"
HBox(views[:3])
"""
REST = "VBox(views[3:])"
TELL = """
whole = "".join(map(word, range({count})))
print(sum(view.text == whole and view.status == "finished" for view in views), "of", len(views))
"""
SHOWN = """(count) => {
  const whole = Array.from({length: count}, (_, n) => n.toString(16).padStart(4, "0")).join("");
  const texts = [...document.querySelectorAll(".sw-view [data-kind=text]")];
  return texts.filter((one) => one.textContent.replace(/\\s+/g, "") === whole).length;
}"""
IN_SIGHT = """() => [...document.querySelectorAll(".sw-view")]
  .map((one) => one.getBoundingClientRect())
  .filter(({top, bottom}) => top < innerHeight && bottom > 0).length"""
AT_REST_S = 5.0


def main() -> int:
    end_on_sigterm()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--views", type=int, default=50)
    parser.add_argument("--rate", type=float, default=100)
    parser.add_argument("--seconds", type=float, default=60)
    options = parser.parse_args()
    count = round(options.rate * options.seconds)
    given = {"count": count, "rate": options.rate, "views": options.views}
    with (
        tempfile.TemporaryDirectory(prefix="streamwidget-bench-") as work,
        Lab(Path(work) / "lab") as lab,
        Chromium() as chromium,
    ):
        shutil.copy(Path(__file__).with_name("loads.py"), lab.root)
        cells = ["import ipywidgets, loads, streamwidget", MAKE.format(**given), "# keys: "]
        lab.write_notebook("views.ipynb", [*cells, REST, "loads.GO.set()", TELL.format(**given)])
        report(chromium.open(lab, "views.ipynb"), count=count, views=options.views)
    return 0


def report(notebook: Notebook, *, count: int, views: int) -> None:
    for cell in (0, 1, 3):
        notebook.run_cell(cell)
    notebook.wait_for("(n) => document.querySelectorAll('.sw-view').length === n", views)
    watch(notebook)
    to_the_top(notebook)
    rest_until_s = time.monotonic() + AT_REST_S
    rest = measure(notebook, lambda: time.monotonic() > rest_until_s)
    notebook.run_cell(4)
    to_the_top(notebook)
    ended = "(n) => document.querySelectorAll('.sw-view[data-live]').length === 0"
    streaming = measure(notebook, lambda: bool(notebook.page.evaluate(ended)))
    seen = notebook.page.evaluate(IN_SIGHT)
    notebook.run_cell(5)
    shown = notebook.page.evaluate(SHOWN, count)
    print(HEAD)
    print(rest.line("the same page, before the first token"))
    print(streaming.line(f"{views} views, {seen} in sight"))
    chars = notebook.output_text(5).strip()
    print(
        f"\nIn {streaming.wall_s:.0f} s. Whole in Python: {chars}. "
        f"Whole in the page: {shown} of {views}."
    )


def to_the_top(notebook: Notebook) -> None:
    """The first three views are in sight, and the keys go to the cell below them."""
    notebook.focus_cell(2)
    notebook.cell(0).scroll_into_view_if_needed()


if __name__ == "__main__":
    sys.exit(main())
