"""Takes pictures of the widget in a real JupyterLab, in every state, theme and width.

    python tools/screenshots.py FOLDER [--readme]

Writes `<state>-<theme>-<width>.png` to FOLDER. With `--readme` it writes only
`docs/images/streamwidget.png`: the cell and its running view.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
import tempfile
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT / "tests"))

from lab import Chromium, Lab, Notebook, address_of, end_on_sigterm  # noqa: E402 - found by the line above

WIDTHS = (420, 900, 1400)
THEMES = ("light", "dark")
README_PICTURE = ROOT / "docs" / "images" / "streamwidget.png"
README_WIDTH = 900
README_CHARS = 900  # of all parts: steps and progress are in sight, and the text has begun
SET_UP = "from streamwidget import StreamView\nfrom streamwidget.demo import demo_url"
# Per picture: the endpoint, the state to wait for, and how many characters must be there first.
STATES = {
    "running": ("/research?rate=60", "streaming", 1500),
    "stopped": ("/research?rate=60", "stopped", 1500),
    "finished": ("/research?rate=400&sections=1", "finished", 0),
    "failed-in-band": ("/fail", "failed", 0),
    "dropped": ("/drop", "failed", 0),
    "cut": ("/cut", "failed", 0),
}
SHOWN = "(chars) => (document.querySelector('.sw-view .sw-body')?.textContent.length ?? 0) >= chars"


def main() -> int:
    end_on_sigterm()
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0] if __doc__ else None)
    parser.add_argument("folder", type=Path, nargs="?", default=Path("build/screenshots"))
    parser.add_argument("--readme", action="store_true", help="only the picture of the README")
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
            readme_picture(lab, chromium)
        else:
            all_pictures(lab, chromium, options.folder)
    return 0


def all_pictures(lab: Lab, chromium: Chromium, folder: Path) -> None:
    for state in STATES:
        notebook = in_state(lab, chromium, state)
        for theme in THEMES:
            notebook.set_theme(theme)
            for width in WIDTHS:
                notebook.set_width(width)
                picture = folder / f"{state}-{theme}-{width}.png"
                notebook.screenshot(picture, ".sw-view")
                print(picture)
        notebook.set_theme("light")
        notebook.close()
        lab.end_kernels()


def in_state(
    lab: Lab, chromium: Chromium, state: str, *, width: int | None = None, least: int | None = None
) -> Notebook:
    """A notebook whose view is in `state`, with `least` characters if that is told."""
    path, shown, told = STATES[state]
    chars = told if least is None else least
    code = (
        f"view = StreamView(demo_url() + {path!r}, title='What makes streaming feel fast?')\nview"
    )
    lab.write_notebook(f"{state}.ipynb", [SET_UP, code])
    notebook = chromium.open(lab, f"{state}.ipynb")
    if width is not None:
        notebook.set_width(width)
    notebook.run_cell(0)
    notebook.run_cell(1)
    notebook.wait_for(SHOWN, chars)
    if shown == "stopped":
        notebook.page.locator("button.sw-stop").click()
    notebook.page.wait_for_selector(f'.sw-view[data-state="{shown}"]', timeout=60_000)
    return notebook


def readme_picture(lab: Lab, chromium: Chromium) -> None:
    notebook = in_state(lab, chromium, "running", width=README_WIDTH, least=README_CHARS)
    README_PICTURE.parent.mkdir(parents=True, exist_ok=True)
    notebook.cell(1).screenshot(path=README_PICTURE)
    print(README_PICTURE)


if __name__ == "__main__":
    sys.exit(main())
