"""Checks of the line that moves in the replay of a recorded run."""

from __future__ import annotations

import os

from kinds import start
from playwright.sync_api import Page

MOVES = "() => model.sent.filter((m) => ['seek', 'mark', 'speed'].includes(m.cmd)).map(({cmd, at_s, kind, back, speed}) => [cmd, at_s ?? kind ?? speed, back ?? null])"
REPLAY = "{state: 'paused', elapsed_s: 30, replay: {duration_s: 100, speed: 10}}"


def _open_line(page: Page) -> None:
    start(page)
    page.evaluate(f"() => {{ part('x', 'text', {{text: 'Hello.'}}); send([], {REPLAY}); }}")
    page.wait_for_selector(".sw-seek")


def a_replay_is_moved_in_by_slider_buttons_and_keys(page: Page) -> bool:
    """The slider shows the recorded time, a drag asks for the last place, keys lead to marks."""
    _open_line(page)
    slider, speed = page.locator(".sw-seek"), page.locator(".sw-speed")
    shown = (slider.input_value(), slider.get_attribute("max"), speed.input_value())
    label = page.locator(".sw-seektime").inner_text()
    slider.focus()
    page.keyboard.press("ArrowRight")
    page.keyboard.press("e")
    page.keyboard.press("Shift+S")
    page.get_by_role("button", name="Tool call").click()
    speed.select_option("50")
    page.wait_for_function("() => model.sent.some((m) => m.cmd === 'speed')")
    if folder := os.environ.get("STREAMWIDGET_PICTURES"):
        page.screenshot(path=f"{folder}/scrubber.png")
    return (
        shown == ("30", "100", "10")
        and label == "30.0 s of 1 min 40 s"
        and page.evaluate(MOVES)
        == [
            ["seek", 31, None],
            ["mark", "error", False],
            ["mark", "step", True],
            ["mark", "tool-call", False],
            ["speed", 50, None],
        ]
    )


def keys_of_the_line_stay_in_it(page: Page) -> bool:
    """Each key that moves it asks for its place when let go, and no other part of the page hears it."""
    _open_line(page)
    page.evaluate(
        "() => { globalThis.leaked = []; document.addEventListener('keydown', (e) => leaked.push(e.key)); }"
    )
    slider = page.locator(".sw-seek")
    slider.focus()
    keys = ("Home", "ArrowUp", "ArrowRight", "PageUp", "ArrowLeft", "ArrowDown", "PageDown", "End")
    for key in keys:
        page.evaluate("() => { view.querySelector('.sw-seek').value = '50'; }")
        page.keyboard.press(key)
    page.locator(".sw-speed").focus()
    page.keyboard.press("ArrowDown")
    asked = [at for cmd, at, _ in page.evaluate(MOVES) if cmd == "seek"]
    leaked = page.evaluate("() => leaked")
    if asked != [0, 51, 51, 60, 49, 49, 40, 100] or leaked:
        print("   ", asked, leaked)
    return asked == [0, 51, 51, 60, 49, 49, 40, 100] and not leaked


def a_run_that_is_no_replay_has_no_such_line(page: Page) -> bool:
    """Live runs look as before."""
    start(page)
    page.evaluate("() => { part('x', 'text', {text: 'Hello.'}); send([], {}); }")
    return page.locator(".sw-scrubber").count() == 0


CHECKS = (
    a_replay_is_moved_in_by_slider_buttons_and_keys,
    keys_of_the_line_stay_in_it,
    a_run_that_is_no_replay_has_no_such_line,
)
