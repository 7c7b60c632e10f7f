"""The cost of a fast table for the page: 100,000 rows at 5,000 a second while text streams beside.

    python benchmarks/rows_page.py [--rows 100000] [--rate 5000]

In a real JupyterLab, with a person who types into a cell meanwhile. A frame's time is that of its
script, style, layout and paint; the page at rest is measured first, for the machine's own noise.
Prints Markdown, and what of the rows is in Python and in the page.
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

SHOW = """
from functools import partial
from loads import rows_and_text
from streamwidget import StreamView
view = StreamView(partial(rows_and_text, count={rows}, rate={rate}), title="100,000 rows")
view
"""
TELL = "print(view.status, len(view.tables['papers']), round(view.elapsed_s, 1))"
AT_REST_S = 5.0


def main() -> int:
    end_on_sigterm()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("--rows", type=int, default=100_000)
    parser.add_argument("--rate", type=float, default=5_000)
    options = parser.parse_args()
    with (
        tempfile.TemporaryDirectory(prefix="streamwidget-bench-") as work,
        Lab(Path(work) / "lab") as lab,
        Chromium() as chromium,
    ):
        shutil.copy(Path(__file__).with_name("loads.py"), lab.root)
        show = SHOW.format(rows=options.rows, rate=options.rate)
        lab.write_notebook("rows.ipynb", ["import streamwidget, loads", show, TELL, "# keys: "])
        report(chromium.open(lab, "rows.ipynb"))
    return 0


def report(notebook: Notebook) -> None:
    notebook.run_cell(0)
    watch(notebook)
    notebook.focus_cell(3)
    rest_until_s = time.monotonic() + AT_REST_S
    rest = measure(notebook, lambda: time.monotonic() > rest_until_s)
    notebook.run_cell(1)
    notebook.wait_for("() => document.querySelector('.sw-view [data-kind=table]')")
    notebook.focus_cell(3)
    notebook.page.evaluate(
        "() => document.querySelector('.sw-view').scrollIntoView({block: 'center'})"
    )
    ended = "() => document.querySelector('.sw-view').dataset.state === 'finished'"
    streaming = measure(notebook, lambda: bool(notebook.page.evaluate(ended)))
    facts = notebook.page.locator(".sw-view [data-kind=table] .sw-note").first.inner_text()
    notebook.run_cell(2)
    print(HEAD)
    print(rest.line("the page at rest"))
    print(streaming.line("rows and text"))
    print(f"\nIn Python: {notebook.output_text(2).strip()}. In the page: {facts}.")


if __name__ == "__main__":
    sys.exit(main())
