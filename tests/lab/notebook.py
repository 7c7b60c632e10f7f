"""One notebook open in one browser tab, and what a person does there.

Knows JupyterLab's interface and its `jupyterapp` object. Must not know the widget.
Every wait is for a condition; its time limit ends in an error.
"""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import psutil
from playwright.sync_api import CDPSession, Locator, Page

from lab.server import Lab

WAIT_S = 120.0
"""The longest wait for what comes within seconds on an idle machine. Only a fault waits so long."""
CELL = ".jp-NotebookPanel .jp-Notebook .jp-Cell"
PANEL = (
    "[...window.jupyterapp.shell.widgets('main')]"
    ".find(widget => widget.context?.path.endsWith('.ipynb'))"
)
KERNEL = f"({PANEL})?.sessionContext?.session?.kernel"
SCROLLER = ".jp-WindowedPanel-outer"
THEMES = {"light": "JupyterLab Light", "dark": "JupyterLab Dark"}
# JupyterLab's own, on every page or whenever a server goes away; none of them is ours.
KNOWN_NOISE = (
    "favicon",
    "/api/kernels",
    "/api/sessions",
    "/lsp/",
    "net::ERR_",
    "WebSocket connection to",
    "Failed to load resource",
    "preload",
)


class Notebook:
    """Drives `page`, which shows the notebook `name` of `lab`."""

    def __init__(self, lab: Lab, page: Page, name: str) -> None:
        self.lab = lab
        self.page = page
        self.name = name
        self.console: list[str] = []
        self._cdp: CDPSession | None = None
        page.on("console", lambda message: self._note(message.type, message.text))
        page.on("pageerror", lambda error: self._note("error", str(error)))

    # State

    def kernel(self) -> dict[str, Any]:
        """`status`, `connection`, `id` and `subshells` of the kernel; None where there is none."""
        return self.page.evaluate(
            f"() => {{ const kernel = {KERNEL}; return {{"
            "status: kernel?.status ?? null, connection: kernel?.connectionStatus ?? null,"
            "id: kernel?.id ?? null, subshells: kernel?.supportsSubshells ?? null}; }"
        )

    def wait_ready(self, *, wait_kernel: bool = True, timeout_s: float = WAIT_S) -> None:
        self.page.wait_for_selector(CELL, timeout=timeout_s * 1000)
        if wait_kernel:
            self.wait_idle(timeout_s)

    def wait_idle(self, timeout_s: float = WAIT_S) -> None:
        """Waits until the kernel is connected and has nothing to do."""
        self.wait_for(
            f"() => {{ const kernel = {KERNEL}; return kernel?.status === 'idle'"
            " && kernel.connectionStatus === 'connected'; }",
            timeout_s=timeout_s,
        )

    def wait_for(
        self, expression: str, argument: object = None, *, timeout_s: float = WAIT_S
    ) -> None:
        """Waits until the JavaScript function `expression(argument)` gives something true."""
        self.page.wait_for_function(expression, arg=argument, timeout=timeout_s * 1000, polling=20)

    def errors(self) -> list[str]:
        """The errors in the page's console, without those that JupyterLab always writes."""
        return [
            text
            for text in self.console
            if text.startswith("error: ") and not any(noise in text for noise in KNOWN_NOISE)
        ]

    # Cells

    def cell(self, index: int) -> Locator:
        return self.page.locator(CELL).nth(index)

    def focus_cell(self, index: int) -> None:
        cell = self.cell(index)
        cell.scroll_into_view_if_needed()
        cell.locator(".jp-InputArea-editor .cm-content").click(position={"x": 3, "y": 6})

    def prompt(self, index: int) -> str:
        return self.cell(index).locator(".jp-InputArea-prompt").inner_text().strip()

    def press_run(self, index: int) -> None:
        """Runs a cell with Ctrl+Enter and returns once JupyterLab has taken it."""
        before = self.prompt(index)
        self.focus_cell(index)
        self.page.keyboard.press("Control+Enter")
        self.wait_for(
            "([cell, index, before]) => { const text = document.querySelectorAll(cell)[index]"
            ".querySelector('.jp-InputArea-prompt').innerText.trim();"
            " return text !== before || text.includes('*'); }",
            [CELL, index, before],
        )

    def wait_cell(self, index: int, *, timeout_s: float = WAIT_S) -> None:
        """Waits until the cell's prompt shows a number, so: until it is done."""
        self.wait_for(
            "([cell, index]) => /\\[\\d+\\]/.test(document.querySelectorAll(cell)[index]"
            ".querySelector('.jp-InputArea-prompt').innerText)",
            [CELL, index],
            timeout_s=timeout_s,
        )

    def run_cell(self, index: int, *, timeout_s: float = WAIT_S) -> None:
        self.press_run(index)
        self.wait_cell(index, timeout_s=timeout_s)

    def output(self, index: int) -> Locator:
        return self.cell(index).locator(".jp-Cell-outputArea")

    def output_text(self, index: int) -> str:
        output = self.output(index)
        return output.inner_text() if output.count() else ""

    # Commands

    def command(self, name: str, arguments: dict[str, Any] | None = None) -> None:
        """Executes a JupyterLab command. Raises playwright's `Error` when it fails."""
        self.page.evaluate(
            "([name, given]) => window.jupyterapp.commands.execute(name, given).then(() => null)",
            [name, arguments or {}],
        )

    def save(self) -> Path:
        """Saves the notebook and gives its path once the document is clean."""
        self.command("docmanager:save")
        self.wait_for(f"() => !({PANEL}).context.model.dirty")
        return self.lab.root / self.name

    def interrupt(self) -> None:
        """Presses the interrupt button of the notebook's toolbar."""
        button = '.jp-NotebookPanel-toolbar [data-command="notebook:interrupt-kernel"]'
        self.page.locator(button).first.click()

    def restart_kernel(self) -> None:
        self.page.evaluate(f"() => {KERNEL}.restart()")
        self.wait_idle()

    def reload(self, *, wait_kernel: bool = True) -> None:
        self.page.reload()
        self.wait_ready(wait_kernel=wait_kernel)

    def dismiss_dialogs(self) -> list[str]:
        """Presses the last button of every open dialog and gives their texts."""
        texts = []
        dialogs = self.page.locator(".jp-Dialog")
        while dialogs.count():
            dialog = dialogs.first
            texts.append(dialog.inner_text())
            handle = dialog.element_handle()
            dialog.locator("button").last.click()
            handle.wait_for_element_state("hidden")
        return texts

    def set_theme(self, theme: str) -> None:
        """Switches to `light` or `dark` and waits until the page is painted so."""
        self.command("apputils:change-theme", {"theme": THEMES[theme]})
        light = "true" if theme == "light" else "false"
        self.page.wait_for_selector(f"body[data-jp-theme-light={light}]", state="attached")
        self.page.wait_for_selector("#jupyterlab-splash", state="detached")  # it fades out

    def set_width(self, pixels: int) -> None:
        size = self.page.viewport_size or {"height": 900}
        self.page.set_viewport_size({"width": pixels, "height": size["height"]})

    def screenshot(self, path: Path, selector: str | None = None) -> None:
        """Writes a picture of the page, or of the first element that `selector` finds."""
        path.parent.mkdir(parents=True, exist_ok=True)
        if selector is None:
            self.page.screenshot(path=path)
        else:
            self.page.locator(selector).first.screenshot(path=path)

    def scroll_top(self) -> float:
        """How far the notebook itself is scrolled, in pixels."""
        return self.page.locator(f".jp-NotebookPanel {SCROLLER}").first.evaluate("e => e.scrollTop")

    # Measuring

    def traffic(self) -> dict[str, Any]:
        """Traffic of the kernel websockets, as `received` and `sent`: counts, bytes, types.

        Updates of each trait of a widget are a separate type: `comm_msg:<trait>`.
        """
        return self.page.evaluate(
            "() => { const {received, sent, opened, closed} = window.__probe;"
            " return {received, sent, opened, closed}; }"
        )

    def received_over(self, size_bytes: int) -> int:
        """How many messages larger than `size_bytes` have arrived since the page was loaded."""
        return self.page.evaluate("(bytes) => window.__probe.receivedOver(bytes)", size_bytes)

    def reset_traffic(self) -> None:
        self.page.evaluate("() => window.__probe.reset()")

    def last_click_s(self) -> float:
        """The wall clock of the last click that reached the page, in seconds."""
        return self.page.evaluate("() => window.__probe.clicks.at(-1)")

    def close_sockets(self) -> None:
        """Closes the kernel websockets from the page's side."""
        self.page.evaluate("() => window.__probe.closeSockets()")

    def task_s(self) -> float:
        """Seconds that the page's main thread has worked so far."""
        if self._cdp is None:
            self._cdp = self.page.context.new_cdp_session(self.page)
            self._cdp.send("Performance.enable")
        metrics = self._cdp.send("Performance.getMetrics")["metrics"]
        return next(m["value"] for m in metrics if m["name"] == "TaskDuration")

    def kernel_process(self) -> psutil.Process:
        return self.lab.kernel_process(self.kernel()["id"])

    def kernel_cpu_s(self) -> float:
        times = self.kernel_process().cpu_times()
        return times.user + times.system

    def close(self) -> None:
        self.page.close()

    def _note(self, kind: str, text: str) -> None:
        self.console.append(f"{kind}: {text}")


def poll(condition: Any, *, timeout_s: float = WAIT_S, every_s: float = 0.05) -> Any:
    """The first true result of `condition()`. Raises `TimeoutError` after `timeout_s`."""
    deadline = time.monotonic() + timeout_s
    while not (result := condition()):
        if time.monotonic() > deadline:
            raise TimeoutError(f"not within {timeout_s:g} s: {condition}")
        time.sleep(every_s)
    return result
