"""Programs that execute notebooks: the run is whole, its record saved, its progress in the log.

    python tests/readers/programs.py [--pictures FOLDER]

Executes one notebook with nbclient, nbconvert, papermill and nbmake as people call them, then opens
what they saved as HTML in a browser without a network. The exit code is 0 if nothing is missing.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

import nbformat

from lab import Chromium
from readers.matrix import WANTED, offline_words
from readers.rules import missing, words

IN, OUT = "job.ipynb", "saved.ipynb"
WAIT_S = 300.0
CELLS = (
    """
import time
from streamwidget import StreamBoard, StreamView
def report(emit):
    emit.text("Findings: the sky is blue because of Rayleigh scattering.")
    with emit.step("Search"):
        emit.rows("papers", [{"title": f"Paper {n}", "year": 2000 + n} for n in range(5)])
    for n in range(20):
        emit.metric("loss", 1 / (n + 1))
    with emit.step("Rest"):
        time.sleep(11)  # longer than the log is without a line
    emit.text("The conclusion.")
StreamView(report, title="Review of skies")
""",
    """
StreamBoard([StreamView([f"Answer of {name}."], title=name) for name in ("left", "right")])
""",
)
WHOLE = [*WANTED, *words("conclusion Rest done left right Answer 2 runs")]
LOGGED = (
    "streamwidget: Review of skies: streaming, ",
    "s, Rest",
    "streamwidget: Review of skies: Finished: ",
)
PYTHON = sys.executable
JUPYTER = str(Path(PYTHON).with_name("jupyter-execute"))
PROGRAMS: dict[str, Sequence[str]] = {
    "nbclient": (JUPYTER, f"--output={OUT.removesuffix('.ipynb')}", IN),
    "nbconvert": (
        *(PYTHON, "-m", "nbconvert", "--execute", "--to", "notebook"),
        *("--output", OUT, IN),
    ),
    "papermill": (PYTHON, "-m", "papermill", "--kernel", "python3", IN, OUT),
    # Its pytest shows the log of a kernel only where it captures nothing.
    "nbmake": (PYTHON, "-m", "pytest", "-q", "-s", "-p", "no:cacheprovider", "--nbmake",
               "--overwrite", IN),
}  # fmt: skip


def executed(folder: Path, command: Sequence[str]) -> tuple[nbformat.NotebookNode, str]:
    """Return the notebook that a program saved, and its log.

    Raises:
        RuntimeError: the program failed.
    """
    notebook = nbformat.v4.new_notebook()
    notebook.cells = [nbformat.v4.new_code_cell(cell.strip()) for cell in CELLS]
    nbformat.write(notebook, folder / IN)
    done = subprocess.run(
        command, cwd=folder, capture_output=True, timeout=WAIT_S, text=True, check=False
    )
    if done.returncode != 0:
        raise RuntimeError(f"exit code {done.returncode}: {(done.stdout + done.stderr)[-400:]}")
    saved = folder / OUT if (folder / OUT).exists() else folder / IN
    return nbformat.read(saved, 4), done.stdout + done.stderr


def problems(
    notebook: nbformat.NotebookNode, log: str, show: Callable[[str], list[str]]
) -> list[str]:
    """Return what is wrong with a saved notebook and the log of its program, a sentence each."""
    found = [f"the log lacks {line!r}" for line in LOGGED if line not in log]
    outputs = [output for cell in notebook.cells for output in cell.outputs]
    statuses = [facts(output).get("status") for output in outputs]
    if statuses != ["finished", "finished"]:
        found.append(f"the records have the statuses {statuses}")
    if "widgets" in notebook.metadata:
        found.append("widget state is saved")
    from nbconvert import HTMLExporter

    html, _ = HTMLExporter(exclude_input=True).from_notebook_node(notebook)
    absent = missing(WHOLE, show(html))
    if absent:
        found.append(f"the offline page lacks {', '.join(absent[:8])}")
    return found


def facts(output: Any) -> dict[str, Any]:
    """Return the facts of a run in the metadata of its output; empty if it is not a record."""
    metadata: dict[str, Any] = output.get("metadata", {})
    return metadata.get("streamwidget", {})


def main() -> int:
    """Execute the notebook with each program."""
    parser = argparse.ArgumentParser(description=(__doc__ or "").splitlines()[0])
    parser.add_argument("--pictures", type=Path, help="folder for pictures of the pages")
    options = parser.parse_args()
    failed = False
    with Chromium() as chromium:
        for name, command in PROGRAMS.items():
            picture = options.pictures and options.pictures / f"{name}.png"
            with tempfile.TemporaryDirectory(prefix=f"{name}-") as folder:
                try:
                    notebook, log = executed(Path(folder), command)
                    show = lambda html: offline_words(chromium, html, picture)  # noqa: B023, E731
                    found = problems(notebook, log, show)
                except (RuntimeError, OSError, subprocess.TimeoutExpired) as error:
                    found = [str(error)]
            failed = failed or bool(found)
            print(f"{name}: {'; '.join(found) or 'record, log and offline page are whole'}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
