"""Checks of what has the focus, and of menus, while a run goes on below them."""

from __future__ import annotations

from kinds import start
from playwright.sync_api import Page

GROW = """async () => {
  for (let n = 0; n < 40; n++) op({op: "append", id: "t", text: `line ${n}\\n\\n`});
  await settle(120);
}"""
FOCUS = "() => document.activeElement.className.split(' ').at(-1)"


def a_menu_stays_while_text_grows(page: Page) -> bool:
    """What the view scrolls itself leaves its menu open; the page, when it scrolls, closes it."""
    start(page)
    page.evaluate("() => part('t', 'text', {text: 'Begin.'})")
    page.evaluate(GROW)
    page.locator(".sw-more").click()
    before = page.evaluate("() => body.scrollTop")
    page.evaluate(GROW)
    followed = page.evaluate("() => body.scrollTop") > before
    open_ = page.locator("[role=menu]").count() == 1
    page.evaluate(
        "async () => { document.body.style.minHeight = '3000px'; scrollTo(0, 50); await settle(80); }"
    )
    closed = page.locator("[role=menu]").count() == 0
    page.evaluate("() => { scrollTo(0, 0); document.body.style.minHeight = ''; }")
    return followed and open_ and closed


def focus_stays_in_the_view(page: Page) -> bool:
    """Stop and Retry are hidden when they are pressed: the view has the focus then."""
    start(page)
    page.evaluate("async () => { part('t', 'text', {text: 'Begin.'}); await settle(60); }")
    page.locator(".sw-stop").focus()
    page.keyboard.press("Enter")
    page.evaluate("() => settle(80)")
    seen = [page.evaluate(FOCUS)]
    ended = "{state: 'failed', can_retry: true}"
    error = "{fault: 'transport', message: 'It broke.', error_type: 'X', state: 'closed'}"
    page.evaluate(
        f"async () => {{ part('e', 'error', {error}); send([], {ended}); await settle(80); }}"
    )
    page.locator(".sw-retry").focus()
    page.keyboard.press("Space")
    page.evaluate("async () => { send([], {state: 'connecting'}); await settle(80); }")
    seen.append(page.evaluate(FOCUS))
    if seen != ["sw-view"] * 2:
        print("   ", seen)
    return seen == ["sw-view"] * 2


CHECKS = (a_menu_stays_while_text_grows, focus_stays_in_the_view)
