"""Takes pictures of the front end in every state, theme and width, from fake models.

    python js/test/gallery/shoot.py OUT [scene ...]

Light, dark and high contrast, at the widths below.

Needs playwright, a Chromium (STREAMWIDGET_CHROMIUM, else /usr/bin/chromium), JupyterLab's themes in this
Python's prefix, and a built front end. Nothing is fetched: every request is answered from here.
"""

from __future__ import annotations

import functools
import json
import os
import re
import sys
from pathlib import Path

from playwright.sync_api import Page, Route, sync_playwright

HERE = Path(__file__).parent
HOSTILE = HERE.parents[2] / "tests" / "cases" / "hostile"
STATIC = HERE.parents[2] / "src" / "streamwidget" / "static"
THEMES = Path(sys.prefix) / "share" / "jupyter" / "lab" / "themes" / "@jupyterlab"
CHROMIUM = os.environ.get("STREAMWIDGET_CHROMIUM", "/usr/bin/chromium")
ARGS = [
    "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
    "--disable-background-networking", "--disable-component-update", "--disable-sync",
]  # fmt: skip
# Nothing listens there: every request is answered from here. Firefox refuses low ports.
ORIGIN = "http://127.0.0.1:59999"
WIDTHS_PX = (360, 900, 1400)
# All of a picture is in sight: what is not is not laid out.
TALL_PX = 3200
THEME_FILES = {
    "light": "theme-light-extension",
    "dark": "theme-dark-extension",
    "contrast": "theme-dark-high-contrast-extension",
}
PAGE = """<!doctype html><meta charset=utf-8><link rel=stylesheet href=theme.css><link rel=stylesheet href=host.css>
<style>body {{ margin: 16px; background: var(--jp-layout-color0) }}
.scene {{ margin-bottom: 24px }}</style>
<body data-jp-theme-light={light}><script type=module src=fake.js></script>"""


@functools.cache
def host_rules() -> str:
    """JupyterLab's own rules for what stands in an output, taken from its built code."""
    code = next(THEMES.parents[1].joinpath("static").glob("jlab_core.*.js")).read_text(
        errors="replace"
    )
    rules = re.findall(
        r"[\n}]\s*((?:[^{}`\"]*)\.jp-OutputArea-output[^{}`\"]*)\{([^{}`]*)\}",
        code.replace("\\n", "\n"),
    )
    assert any("word-break: break-all" in body for _, body in rules), (
        "JupyterLab has other rules now"
    )
    return "\n".join(
        f"{selector} {{{body}}}" for selector, body in rules if not body.startswith("\n    ")
    )


def answer(route: Route, theme: str) -> None:
    name = route.request.url.removeprefix(ORIGIN + "/").partition("?")[0]
    if name == "":
        light = "true" if theme == "light" else "false"
        route.fulfill(content_type="text/html", body=PAGE.format(light=light))
    elif name == "theme.css":
        route.fulfill(path=THEMES / THEME_FILES[theme] / "index.css")
    elif name == "host.css":
        route.fulfill(content_type="text/css", body=host_rules())
    elif name == "loader.js":
        route.fulfill(content_type="text/javascript", body=(STATIC / name).read_bytes())
    elif name.endswith(".js.gz") and (STATIC / name).is_file():
        route.fulfill(content_type="application/octet-stream", body=(STATIC / name).read_bytes())
    elif name == "hostile.json":
        payloads = [
            row for file in sorted(HOSTILE.glob("*.json")) for row in json.loads(file.read_text())
        ]
        route.fulfill(content_type="application/json", body=json.dumps(payloads))
    elif (HERE / name).is_file():
        route.fulfill(content_type="text/javascript", path=HERE / name)
    else:
        route.fulfill(status=404)


def open_gallery(page: Page, theme: str) -> None:
    page.on("console", lambda message: print("console:", message.text, file=sys.stderr))
    page.on("pageerror", lambda error: print("page error:", error, file=sys.stderr))
    page.route(f"{ORIGIN}/**", lambda route: answer(route, theme))
    page.goto(ORIGIN + "/")
    page.wait_for_function("() => globalThis.gallery")


def shoot(out: Path, wanted: list[str]) -> None:
    out.mkdir(parents=True, exist_ok=True)
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=ARGS)
        for theme in THEME_FILES:
            for width_px in WIDTHS_PX:
                page = browser.new_page(viewport={"width": width_px, "height": TALL_PX})
                open_gallery(page, theme)
                names = wanted or page.evaluate("() => Object.keys(gallery.scenes)")
                for at in range(0, len(names), 3):
                    group = names[at : at + 3]
                    page.evaluate("names => gallery.show(names)", group)
                    page.evaluate("() => settle(250)")
                    name = f"{theme}-{width_px}-{'-'.join(group)}.png"
                    height_px = page.evaluate("() => document.body.scrollHeight")
                    page.screenshot(
                        path=out / name,
                        clip={"x": 0, "y": 0, "width": width_px, "height": min(height_px, TALL_PX)},
                    )
                page.close()
        browser.close()


if __name__ == "__main__":
    shoot(Path(sys.argv[1]), sys.argv[2:])
