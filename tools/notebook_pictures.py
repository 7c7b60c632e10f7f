"""Takes the pictures with which the example notebooks begin, in a real JupyterLab.

    python tools/notebook_pictures.py [NAME ...] [--theme dark] [--width 900] [--folder FOLDER]

Runs the first cells of a notebook, waits for the scene, and writes the output of one cell to
`notebooks/images/`. NAME is the beginning of a notebook's name, such as `03`; none: all of them.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import nbformat

ROOT = Path(__file__).parents[1]
NOTEBOOKS = ROOT / "notebooks"
sys.path.insert(0, str(ROOT / "tests"))

from lab import Chromium, Lab, Notebook, address_of, end_on_sigterm  # noqa: E402 - found by the line above

HEIGHT = 1200
"""Height of the window: what is cut off is not in the picture."""
WAIT_MS = 60_000


@dataclass(frozen=True)
class Scene:
    """The moment that a picture shows."""

    name: str
    """The name of the notebook, without its suffix."""
    runs: Sequence[int]
    """The code cells to run, counted from 0 without those of text."""
    shows: int
    """The code cell whose output is in the picture."""
    until: str
    """A selector that must match in that output first."""
    click: str = ""
    """A selector to click before the wait; "": none."""
    width: int = 900
    """The width of the window in CSS pixels."""


SCENES = (
    Scene("03_your_own_job", (0,), 0, "[data-kind=table] tbody tr:nth-child(2)"),
    Scene("04_chat", (0, 1), 0, ".sw-turn:nth-child(2) tbody tr:nth-child(2)"),
    Scene("05_models_side_by_side", (0, 1), 1, ".sw-beside li", ".sw-plain[aria-pressed]", 1300),
    Scene("06_stop_ask_budget", (0, 1), 1, "[data-kind=ask] button"),
)


def main() -> int:
    end_on_sigterm()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("names", nargs="*")
    parser.add_argument("--theme", choices=("light", "dark"), default="light")
    parser.add_argument("--width", type=int, help="in CSS pixels; None: that of the scene")
    parser.add_argument("--folder", type=Path, default=NOTEBOOKS / "images")
    options = parser.parse_args()
    options.folder.mkdir(parents=True, exist_ok=True)
    scenes = [s for s in SCENES if not options.names or s.name.startswith(tuple(options.names))]
    subprocess.run([sys.executable, str(ROOT / "tools" / "chromium.py"), "--fonts"], check=True)
    with (
        tempfile.TemporaryDirectory(prefix="streamwidget-pictures-") as work,
        address_of(
            "streamwidget.demo", "--server", "--port", "0", log=Path(work) / "demo.log"
        ) as demo_url,
        Lab(Path(work) / "lab", environment={"STREAMWIDGET_DEMO_URL": demo_url}) as lab,
        Chromium(scale=2) as chromium,
    ):
        for scene in scenes:
            picture = options.folder / f"{scene.name}.png"
            take(lab, chromium, scene, picture, options.theme, options.width or scene.width)
            print(picture, f"{picture.stat().st_size // 1000} kB")
    return 0


def take(lab: Lab, chromium: Chromium, scene: Scene, picture: Path, theme: str, width: int) -> None:
    """Run a notebook up to its scene, and write the picture."""
    cells = nbformat.read(NOTEBOOKS / f"{scene.name}.ipynb", as_version=4).cells
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    lab.write_notebook(f"{scene.name}.ipynb", sources)
    notebook = chromium.open(lab, f"{scene.name}.ipynb")
    notebook.set_theme(theme)
    notebook.page.set_viewport_size({"width": width, "height": HEIGHT})
    for index in scene.runs:
        notebook.press_run(index)
    wait_for(notebook, scene)
    notebook.cell(scene.shows).locator(".jp-OutputArea-output").last.screenshot(path=picture)
    notebook.close()
    lab.end_kernels()


def wait_for(notebook: Notebook, scene: Scene) -> None:
    output = notebook.cell(scene.shows)
    output.scroll_into_view_if_needed()
    if scene.click:
        output.locator(scene.click).first.click()
    output.locator(scene.until).first.wait_for(timeout=WAIT_MS)


if __name__ == "__main__":
    sys.exit(main())
