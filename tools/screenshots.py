"""Takes pictures of the widget in a real JupyterLab, in every state, theme and width.

    python tools/screenshots.py FOLDER [--readme]

Writes `<state>-<theme>-<width>.png` to FOLDER. With `--readme` only what the README shows,
to `docs/images/`: the running demo job, light and dark, and a short animation of it.
"""

from __future__ import annotations

import argparse
import io
import subprocess
import sys
import tempfile
from dataclasses import dataclass
from pathlib import Path

from PIL import Image

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from lab import Chromium, Lab, Notebook, address_of, end_on_sigterm  # noqa: E402 - found by the line above

WIDTHS = (420, 900, 1400)
THEMES = ("light", "dark")
IMAGES = ROOT / "docs" / "images"
README_WIDTH = 900
# The whole cell is in sight: what the page cuts off is not in the picture.
README_HEIGHT = 1100
FRAMES_COUNT = 60
FRAME_MS = 250
FRAME_WIDTH = 720
SET_UP = """from streamwidget import StreamView
from streamwidget.demo import demo_url
from streamwidget.demo.review import literature_review"""
JOB = "StreamView(literature_review, title='What makes streaming feel fast?')"
TABLE, WRITING = "[data-kind=table] tbody tr", "[data-kind=text] h2"


@dataclass(frozen=True)
class Moment:
    """The scene of a screenshot."""

    source: str
    """The expression that makes the view."""
    state: str
    """The state that the view is in, `stopped` after a click."""
    until: str = ".sw-part"
    """A selector of what must be there first."""


def stream(path: str) -> str:
    return f"StreamView(demo_url() + {path!r}, title='What makes streaming feel fast?')"


MOMENTS = {
    "job-searching": Moment(JOB, "streaming", TABLE),
    "job-writing": Moment(JOB, "streaming", WRITING),
    "job-stopped": Moment(JOB, "stopped", TABLE),
    "job-finished": Moment(JOB, "finished"),
    "stream-running": Moment(stream("/research?rate=60"), "streaming", "h2"),
    "stream-finished": Moment(stream("/research?rate=400&sections=1"), "finished"),
    "failed-in-band": Moment(stream("/fail"), "failed"),
    "dropped": Moment(stream("/drop"), "failed"),
    "cut": Moment(stream("/cut"), "incomplete"),
}


def main() -> int:
    end_on_sigterm()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("build/screenshots"))
    parser.add_argument("--readme", action="store_true", help="only the pictures of the README")
    options = parser.parse_args()
    subprocess.run([sys.executable, str(ROOT / "tools" / "chromium.py"), "--fonts"], check=True)
    with (
        tempfile.TemporaryDirectory(prefix="streamwidget-pictures-") as work,
        address_of(
            "streamwidget.demo", "--server", "--port", "0", log=Path(work) / "demo.log"
        ) as demo_url,
        Lab(Path(work) / "lab", environment={"STREAMWIDGET_DEMO_URL": demo_url}) as lab,
        Chromium(scale=2 if options.readme else 1) as chromium,
    ):
        if options.readme:
            readme_pictures(lab, chromium)
        else:
            all_pictures(lab, chromium, options.folder)
    return 0


def all_pictures(lab: Lab, chromium: Chromium, folder: Path) -> None:
    for name, moment in MOMENTS.items():
        notebook = at(lab, chromium, name, moment)
        for theme in THEMES:
            notebook.set_theme(theme)
            for width in WIDTHS:
                notebook.set_width(width)
                picture = folder / f"{name}-{theme}-{width}.png"
                notebook.screenshot(picture, ".sw-view")
                print(picture)
        end(lab, notebook)


def at(lab: Lab, chromium: Chromium, name: str, moment: Moment, width: int = 900) -> Notebook:
    """A notebook whose view shows `moment`."""
    lab.write_notebook(f"{name}.ipynb", [SET_UP, f"view = {moment.source}\nview"])
    notebook = chromium.open(lab, f"{name}.ipynb")
    notebook.set_width(width)
    notebook.run_cell(0)
    notebook.run_cell(1)
    notebook.page.wait_for_selector(f".sw-view {moment.until}", state="attached", timeout=150_000)
    if moment.state == "stopped":
        notebook.page.locator("button.sw-stop").click()
    notebook.page.wait_for_selector(f'.sw-view[data-state="{moment.state}"]', timeout=150_000)
    return notebook


def end(lab: Lab, notebook: Notebook) -> None:
    notebook.set_theme("light")
    notebook.close()
    lab.end_kernels()


def readme_pictures(lab: Lab, chromium: Chromium) -> None:
    IMAGES.mkdir(parents=True, exist_ok=True)
    for theme in THEMES:
        notebook = at(lab, chromium, f"readme-{theme}", Moment(JOB, "streaming"), README_WIDTH)
        notebook.set_theme(theme)
        notebook.page.set_viewport_size({"width": README_WIDTH, "height": README_HEIGHT})
        notebook.page.wait_for_selector(f".sw-view {WRITING}", state="attached", timeout=150_000)
        picture = IMAGES / f"streamwidget-{theme}.png"
        notebook.cell(1).screenshot(path=picture)
        print(picture)
        end(lab, notebook)
    animation(lab, chromium)


def animation(lab: Lab, chromium: Chromium) -> None:
    """The job from its start to its end, in frames of one size."""
    notebook = at(lab, chromium, "animation", Moment(JOB, "streaming"), README_WIDTH)
    notebook.page.set_viewport_size({"width": README_WIDTH, "height": README_HEIGHT})
    cell = notebook.cell(1)
    frames = []
    for _ in range(FRAMES_COUNT):
        frames.append(Image.open(io.BytesIO(cell.screenshot())).convert("RGB"))
        notebook.page.wait_for_timeout(FRAME_MS)
    size = (FRAME_WIDTH, max(frame.height * FRAME_WIDTH // frame.width for frame in frames))
    canvases = [on_canvas(frame, size) for frame in frames]
    picture = IMAGES / "streamwidget.webp"
    canvases[0].save(
        picture, save_all=True, append_images=canvases[1:], duration=FRAME_MS, loop=0, quality=55
    )
    print(picture, f"{picture.stat().st_size // 1000} kB")
    end(lab, notebook)


def on_canvas(frame: Image.Image, size: tuple[int, int]) -> Image.Image:
    width, _ = size
    smaller = frame.resize((width, frame.height * width // frame.width), Image.Resampling.LANCZOS)
    canvas = Image.new("RGB", size, "white")
    canvas.paste(smaller, (0, 0))
    return canvas


if __name__ == "__main__":
    sys.exit(main())
