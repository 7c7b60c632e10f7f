"""Checks of boards: what a line says, sorting by amounts, retry of what failed, runs side by side."""

from __future__ import annotations

from playwright.sync_api import Page

NAMES = "() => [...document.querySelectorAll('.sw-boardline .sw-name')].map((one) => one.textContent).join()"
SENT = (
    "(cmd) => Object.entries(gallery.models).filter(([, m]) => m.sent.some((c) => c.cmd === cmd))"
    ".map(([id]) => id).join()"
)


def _open(page: Page) -> None:
    page.evaluate(
        "() => { for (const id of Object.keys(gallery.models)) delete gallery.models[id]; }"
    )
    page.evaluate("() => gallery.show(['board'])")
    page.wait_for_selector(".sw-boardrow")
    page.evaluate("() => settle(400)")


def _sort(page: Page, label: str) -> list[str]:
    page.locator(".sw-board select").select_option(label=label)
    page.mouse.move(5, 5)
    page.evaluate("() => settle(100)")
    return str(page.evaluate(NAMES)).split(",")


def boards_compare(page: Page) -> bool:
    """Runs are sorted by cost, time and tokens; an answer's first words stand in its line, a failure in its own."""
    _open(page)
    cheapest = _sort(page, "Cost, lowest first")[0]
    fastest = _sort(page, "Time, shortest first")[0]
    most = _sort(page, "Tokens, most first")[0]
    said = page.locator(".sw-boardline .sw-lastline").all_inner_texts()
    return (
        (cheapest, fastest, most) == ("small-model", "reranker", "large-model")
        and any(one.startswith("The twelve studies") for one in said)
        and any("broke" in one for one in said)
    )


def boards_retry_what_failed(page: Page) -> bool:
    """One press starts the failed runs again, and only these."""
    _open(page)
    page.get_by_role("button", name="Retry failed").click()
    return page.evaluate(SENT, "retry") == "run4"


def runs_stand_side_by_side(page: Page) -> bool:
    """The first four runs in the chosen order are shown as columns, and the lines come back."""
    _open(page)
    beside = page.get_by_role("button", name="Side by side")
    beside.click()
    page.evaluate("() => settle(150)")
    tops = page.evaluate(
        "() => [...document.querySelectorAll('.sw-beside .sw-view')].map((one) => Math.round(one.getBoundingClientRect().top))"
    )
    lines_gone = page.locator(".sw-boardrow").first.is_hidden()
    beside.click()
    back = page.locator(".sw-boardrow").first.is_visible()
    return len(tops) == 4 and len(set(tops)) == 1 and lines_gone and back


CHECKS = [boards_compare, boards_retry_what_failed, runs_stand_side_by_side]
