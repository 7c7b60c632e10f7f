"""A notebook with a view in it: the widget's page side, by its documented classes.

Knows the DOM contract of the view. Must not know any of the widget's code.
"""

from __future__ import annotations

import hashlib
import json
from dataclasses import dataclass
from typing import Any

from playwright.sync_api import Locator

from lab import Chromium, Lab, Notebook
from lab.notebook import WAIT_S

VIEW = ".sw-view"
TEXT = '.sw-part[data-kind="text"]'
TERMINAL = ("finished", "incomplete", "stopped", "failed")
SET_UP = "from kernel_side import *\nfrom streamwidget import StreamView"


@dataclass(frozen=True, slots=True)
class Facts:
    """The facts that one side has: the text's sha1 and length in code points, and the state."""

    sha1: str
    chars: int
    status: str

    @classmethod
    def of_text(cls, text: str, status: str) -> Facts:
        return cls(hashlib.sha1(text.encode()).hexdigest(), len(text), status)


class Tab:
    """One tab with at least one view; `notebook` is the rest of the page."""

    def __init__(self, notebook: Notebook) -> None:
        self.notebook = notebook
        self.page = notebook.page

    def view(self, index: int = 0) -> Locator:
        return self.page.locator(VIEW).nth(index)

    def state(self, index: int = 0) -> str:
        return self.view(index).get_attribute("data-state") or ""

    def text(self, index: int = 0) -> str:
        """The text that is in the page, exactly."""
        return "".join(self.view(index).locator(TEXT).all_text_contents())

    def facts(self, index: int = 0) -> Facts:
        return Facts.of_text(self.text(index), self.state(index))

    def wait_views(self, count: int = 1) -> None:
        self.notebook.wait_for(
            "([view, count]) => document.querySelectorAll(view).length >= count", [VIEW, count]
        )

    def wait_chars(self, chars: int, index: int = 0) -> None:
        """Waits until the view shows at least so many UTF-16 units of text."""
        self.notebook.wait_for(
            "([view, text, index, chars]) => [...(document.querySelectorAll(view)[index]"
            "?.querySelectorAll(text) ?? [])]"
            ".reduce((sum, part) => sum + part.textContent.length, 0) >= chars",
            [VIEW, TEXT, index, chars],
        )

    def wait_state(self, *states: str, index: int = 0, timeout_s: float = WAIT_S) -> None:
        """Waits until the view is in one of `states`; the error tells what it shows instead."""
        try:
            self.notebook.wait_for(
                "([view, index, states]) =>"
                " states.includes(document.querySelectorAll(view)[index]?.dataset.state)",
                [VIEW, index, list(states)],
                timeout_s=timeout_s,
            )
        except Exception as error:
            shown = self.view(index).inner_text()[:300] if self.view(index).count() else "no view"
            raise AssertionError(f"expected {states}, the view shows: {shown}") from error

    def press_stop(self, index: int = 0) -> None:
        """Clicks the stop button with the mouse."""
        self.view(index).locator("button.sw-stop").click()

    def status_text(self, index: int = 0) -> str:
        return self.view(index).locator(".sw-status").inner_text()


class Scene(Tab):
    """A fresh notebook: cell 0 imports, the given cells follow, the last one prints the facts."""

    def __init__(
        self, lab: Lab, chromium: Chromium, name: str, cells: tuple[str, ...], *, kernel: str
    ) -> None:
        cells = (SET_UP, *cells, "print(facts(view))")
        lab.write_notebook(name, cells, kernel=kernel)
        self.lab, self.chromium, self.name = lab, chromium, name
        self.facts_cell = len(cells) - 1
        super().__init__(chromium.open(lab, name))
        self.notebook.run_cell(0)

    def run(self, index: int) -> None:
        self.notebook.run_cell(index)

    def press_run(self, index: int) -> None:
        self.notebook.press_run(index)

    def second_tab(self) -> Tab:
        """The same notebook, saved now, in another tab."""
        self.notebook.save()
        return Tab(self.chromium.open(self.lab, self.name, wait_kernel=False))

    def kernel_report(self) -> dict[str, Any]:
        """The kernel's facts, with `error` and `closed`; waits until it is idle."""
        self.notebook.page.bring_to_front()
        self.notebook.wait_idle()
        self.notebook.run_cell(self.facts_cell)
        line = self.notebook.output_text(self.facts_cell)
        assert line.startswith("FACTS "), f"the kernel said: {line[-500:]}"
        return json.loads(line.splitlines()[0].removeprefix("FACTS "))

    def kernel_facts(self) -> Facts:
        report = self.kernel_report()
        return Facts(report["sha1"], report["chars"], report["status"])

    def assert_catches_up(self, *tabs: Tab, views: int = 1) -> None:
        """Every view shows what the kernel has now, before the end could have repaired it."""
        chars = self.kernel_report()["chars"]
        for tab in (self, *tabs):
            for index in range(views):
                tab.wait_chars(chars, index)
                assert tab.state(index) == "streaming", "it caught up at the end only"

    def assert_same(self, *tabs: Tab, status: str, views: int = 1) -> Facts:
        """Every view in every tab ends as the kernel did, in the same `status` and text."""
        for tab in (self, *tabs):
            for index in range(views):
                tab.wait_state(*TERMINAL, index=index)
        kernel = self.kernel_facts()
        assert kernel.status == status
        for tab in (self, *tabs):
            for index in range(views):
                assert tab.facts(index) == kernel
        return kernel
