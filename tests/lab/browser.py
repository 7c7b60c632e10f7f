"""Headless Chromium, and the tabs opened in it. Must not know what a notebook is about."""

from __future__ import annotations

import subprocess
import sys
from functools import cache
from pathlib import Path
from types import TracebackType

from playwright.sync_api import BrowserContext, Page, sync_playwright

from lab.notebook import WAIT_S, Notebook
from lab.server import Lab

PROBE = Path(__file__).with_name("probe.js").read_text()
CHROMIUM_TOOL = Path(__file__).parents[2] / "tools" / "chromium.py"
ARGUMENTS = [
    # Root and most containers have no sandbox; these pages all come from 127.0.0.1.
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    # The small shared memory of containers ends a tab without a word.
    "--disable-dev-shm-usage",
]
TALL = 900


@cache
def chromium_path() -> str:
    """The path of a Chromium that starts. Raises `RuntimeError` where none can be had."""
    found = subprocess.run(
        [sys.executable, str(CHROMIUM_TOOL)], stdout=subprocess.PIPE, text=True, check=False
    )
    if found.returncode != 0:
        raise RuntimeError("there is no Chromium that starts; tools/chromium.py said why")
    return found.stdout.strip()


class Chromium:
    """One browser for many servers: `open` returns a notebook in a new tab."""

    def __init__(self, *, width: int = 1280, scale: int = 1) -> None:
        self._width = width
        self._scale = scale
        self._context: BrowserContext | None = None

    def __enter__(self) -> Chromium:
        self._playwright = sync_playwright().start()
        self._launch()
        return self

    def _launch(self) -> None:
        self._browser = self._playwright.chromium.launch(
            executable_path=chromium_path(), args=ARGUMENTS, timeout=WAIT_S * 1000
        )
        self._context = self._browser.new_context(
            viewport={"width": self._width, "height": TALL}, device_scale_factor=self._scale
        )
        self._context.add_init_script(PROBE)
        self._context.set_default_timeout(WAIT_S * 1000)

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self._browser.close()
        self._playwright.stop()

    @property
    def pages(self) -> list[Page]:
        assert self._context is not None
        return self._context.pages

    def open(
        self, lab: Lab, name: str, *, wait_kernel: bool = True, timeout_s: float = WAIT_S
    ) -> Notebook:
        """Opens the notebook `name` in a new tab; waits for its kernel if `wait_kernel` is set."""
        if not self._browser.is_connected():
            self._launch()  # a test has lost the browser: start another for the rest
        assert self._context is not None
        page = self._context.new_page()
        notebook = Notebook(lab, page, name)
        # One document, and no layout from the tab before.
        page.goto(f"{lab.url}/doc/tree/{name}?reset")
        notebook.wait_ready(wait_kernel=wait_kernel, timeout_s=timeout_s)
        return notebook

    def close_pages(self) -> None:
        for page in self.pages:
            page.close(run_before_unload=False)
