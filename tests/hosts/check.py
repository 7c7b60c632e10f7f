"""Shows one stream in each host, in Chromium, and says what a reader there would see.

    python tests/hosts/check.py FOLDER [host ...]

Saves a picture of each to FOLDER, the host's log, and a list of the addresses outside of this
machine that its page could not load. Needs what the dependency group `hosts` names, and Chromium
(STREAMWIDGET_CHROMIUM, else /usr/bin/chromium). The exit code is the number of hosts that failed.
"""

from __future__ import annotations

import contextlib
import functools
import os
import signal
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import apps
from playwright.sync_api import Page, Route, ViewportSize, sync_playwright
from playwright.sync_api import TimeoutError as TimeoutError_

CHROMIUM = os.environ.get("STREAMWIDGET_CHROMIUM", "/usr/bin/chromium")
BIN = Path(sys.executable).parent
ANYWIDGET = BIN.parent / "share" / "jupyter" / "nbextensions" / "anywidget" / "index.js"
STARTED_WITHIN_S = 60
SHOWN_WITHIN_MS = 60_000
LATE_WITHIN_MS = 10_000
VIEWPORT: ViewportSize = {"width": 1100, "height": 800}
LAST = "word149"
EXPORT = "marimo-export"
SEEN = """(view) => ({
  width: Math.round(view.getBoundingClientRect().width),
  radius: getComputedStyle(view).borderRadius,
  heading: getComputedStyle(view.querySelector('h1')).fontWeight,
  formulas: view.querySelectorAll('math').length,
  colours: view.querySelectorAll('.sw-tok-keyword').length,
})"""


@dataclass(frozen=True)
class Host:
    """How a host is started, and what is done in its page."""

    file: str
    content: str
    command: Callable[[Path, int], list[str]]
    path: str = "/"
    act: Callable[[Page], None] = lambda page: None
    is_shared: bool = False
    """True if one process serves many readers: a second one comes, and the first reloads."""
    served: dict[str, Path] = field(default_factory=dict)
    """Files of installed packages that the page loads from a CDN, by the pattern of the address."""


def run_cell(page: Page) -> None:
    """Run the only cell of a notebook."""
    page.locator(".jp-Notebook .jp-Cell, .cell.code_cell").first.click()
    page.wait_for_timeout(3000)  # the kernel has to be connected, which no element shows in all
    page.keyboard.press("Shift+Enter")


def run_marimo_cell(page: Page) -> None:
    """Run the only cell of a marimo notebook, which waits for the reader when it is opened."""
    page.locator(".cm-content").first.click()
    page.keyboard.press("Control+Enter")


def server(name: str) -> Callable[[Path, int], list[str]]:
    options = ["--no-browser", "--allow-root", "--ServerApp.token=", "--ServerApp.password="]
    return lambda file, port: [
        str(BIN / "jupyter"), name, *options, f"--ServerApp.port={port}",
        f"--ServerApp.root_dir={file.parent}",
    ]  # fmt: skip


HOSTS = {
    "marimo-run": Host("app.py", apps.MARIMO, lambda file, port: [
        str(BIN / "marimo"), "run", "--headless", "--no-token", "--port", str(port), str(file)],
        is_shared=True),
    "marimo-edit": Host("app.py", apps.MARIMO, lambda file, port: [
        str(BIN / "marimo"), "edit", "--headless", "--no-token", "--port", str(port), str(file)],
        act=run_marimo_cell),
    "panel": Host("app.py", apps.PANEL, lambda file, port: [
        str(BIN / "panel"), "serve", str(file), "--port", str(port)], "/app", is_shared=True,
        served={"https://unpkg.com/anywidget@*/dist/index*": ANYWIDGET}),
    "solara": Host("app.py", apps.SOLARA, lambda file, port: [
        str(BIN / "solara"), "run", str(file), "--port", str(port), "--no-open"], is_shared=True),
    "voila": Host("app.ipynb", apps.notebook(), lambda file, port: [
        str(BIN / "voila"), str(file), "--no-browser", "--port", str(port)], is_shared=True),
    "shiny": Host("app.py", apps.SHINY, lambda file, port: [
        str(BIN / "shiny"), "run", str(file), "--port", str(port)], is_shared=True),
    "notebook": Host(
        "app.ipynb", apps.notebook(), server("notebook"), "/notebooks/app.ipynb", run_cell),
    "nbclassic": Host(
        "app.ipynb", apps.notebook(), server("nbclassic"), "/notebooks/app.ipynb", run_cell),
}  # fmt: skip


def free_port() -> int:
    with socket.socket() as opened:
        opened.bind(("127.0.0.1", 0))
        return int(opened.getsockname()[1])


def wait_for_port(port: int, process: subprocess.Popen[bytes]) -> None:
    end = time.monotonic() + STARTED_WITHIN_S
    while time.monotonic() < end and process.poll() is None:
        with socket.socket() as tried:
            if tried.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.2)
    raise TimeoutError("the host did not start")


def serve(route: Route, path: Path) -> None:
    route.fulfill(
        path=path, content_type="text/javascript", headers={"access-control-allow-origin": "*"}
    )


def seen_in(page: Page, host: Host, port: int) -> dict[str, object]:
    for pattern, path in host.served.items():
        page.route(pattern, functools.partial(serve, path=path))
    page.goto(f"http://127.0.0.1:{port}{host.path}")
    host.act(page)
    return seen_by_reader(page)


def seen_by_reader(page: Page) -> dict[str, object]:
    """Wait for the end of the stream, and for the code that the page loads for it."""
    view = page.locator(".sw-view").first
    view.wait_for(timeout=SHOWN_WITHIN_MS)
    view.get_by_text(LAST).first.wait_for(timeout=SHOWN_WITHIN_MS)
    page.locator('.sw-view[data-state="finished"]').first.wait_for(timeout=SHOWN_WITHIN_MS)
    for late in ("math", ".sw-tok-keyword"):
        with contextlib.suppress(TimeoutError_):
            view.locator(late).first.wait_for(timeout=LATE_WITHIN_MS)
    return dict(view.evaluate(SEEN))


def problems(seen: dict[str, object]) -> list[str]:
    """Return what is wrong with a view, in words."""
    found = []
    if int(str(seen["width"])) < 500:
        found.append(f"only {seen['width']} px wide")
    if seen["radius"] != "6px" or seen["heading"] != "600":
        found.append("not styled")
    if not seen["formulas"]:
        found.append("formulas are not drawn")
    if not seen["colours"]:
        found.append("code has no colours")
    return found


def problems_of_others(page: Page, host: Host, port: int) -> list[str]:
    """Return what is wrong for a second reader, and for the first one after a reload."""
    assert page.context.browser is not None
    second = page.context.browser.new_page(viewport=VIEWPORT)
    try:
        found = [f"second reader: {wrong}" for wrong in problems(seen_in(second, host, port))]
        page.reload()
        return [*found, *(f"after a reload: {wrong}" for wrong in problems(seen_by_reader(page)))]
    finally:
        second.close()


def is_elsewhere(url: str) -> bool:
    """True for an address that needs a network."""
    parts = urlsplit(url)
    return parts.scheme in ("http", "https") and parts.hostname not in ("127.0.0.1", "localhost")


def check(name: str, folder: Path, page: Page) -> bool:
    host = HOSTS[name]
    with tempfile.TemporaryDirectory(prefix="streamwidget-host-") as work:
        file, port = Path(work) / host.file, free_port()
        file.write_text(host.content)
        log = (folder / f"{name}.log").open("wb")
        absent: list[str] = []
        page.on("requestfailed", lambda request: absent.append(request.url))
        command = host.command(file, port)
        process = subprocess.Popen(
            command, stdout=log, stderr=log, cwd=work, start_new_session=True
        )
        try:
            wait_for_port(port, process)
            wrong = problems(seen_in(page, host, port))
            if host.is_shared:
                wrong += problems_of_others(page, host, port)
        except Exception as error:  # the other hosts are to be tried all the same
            wrong = [str(error).splitlines()[0]]
        finally:
            page.screenshot(path=folder / f"{name}.png")
            os.killpg(process.pid, signal.SIGTERM)
            process.wait(10)
            log.close()
    absent = sorted(url for url in set(absent) if is_elsewhere(url))
    (folder / f"{name}-absent.txt").write_text("".join(f"{url}\n" for url in absent))
    if wrong and absent:
        hosts = sorted({str(urlsplit(url).hostname) for url in absent})
        wrong.append(f"{len(absent)} files were not loaded from {', '.join(hosts)}")
    print("ok  " if not wrong else "FAIL", name, "; ".join(wrong), flush=True)
    return not wrong


def check_export(folder: Path) -> bool:
    """True if the file that `marimo export html` writes has the text of the stream."""
    file = folder / "marimo-export.py"
    file.write_text(apps.MARIMO)
    page = folder / "marimo-export.html"
    page.unlink(missing_ok=True)
    command = [str(BIN / "marimo"), "-y", "export", "html", str(file), "-o", str(page)]
    subprocess.run(command, capture_output=True, timeout=STARTED_WITHIN_S, check=False)
    good = page.exists() and LAST in page.read_text()
    print("ok  " if good else "FAIL", EXPORT, "" if good else "the text is missing", flush=True)
    return good


def main() -> int:
    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    failed_count = 0
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        for name in sys.argv[2:] or [*HOSTS, EXPORT]:
            if name == EXPORT:
                failed_count += not check_export(folder)
                continue
            page = browser.new_page(viewport=VIEWPORT)
            failed_count += not check(name, folder, page)
            page.close()
        browser.close()
    return failed_count


if __name__ == "__main__":
    sys.exit(main())
