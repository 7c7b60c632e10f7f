"""Checks of the line that moves in the replay of a recorded run."""

from __future__ import annotations

import os

from kinds import start
from playwright.sync_api import Page

MOVES = "() => model.sent.filter((m) => ['seek', 'mark', 'speed', 'play', 'live'].includes(m.cmd)).map(({cmd, at_s, kind, back, speed, on}) => [cmd, at_s ?? kind ?? speed ?? on ?? null, back ?? null])"
LIVE = "{state: 'streaming', elapsed_s: 374, replay: {duration_s: 374, speed: 1, live: true, playing: false}}"
PAST = "{state: 'streaming', elapsed_s: 134, replay: {duration_s: 374, speed: 1, live: false, playing: false}}"
PLAYING = "{state: 'streaming', elapsed_s: 134, replay: {duration_s: 374, speed: 10, live: false, playing: true}}"
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


def a_live_run_is_left_for_its_past_and_found_again(page: Page) -> bool:
    """At the end of the slider the run is live; before it, the line says how far behind the view is."""
    start(page)
    page.evaluate(f"() => {{ part('x', 'text', {{text: 'Hello.'}}); send([], {LIVE}); }}")
    page.wait_for_selector(".sw-seek")
    label, slider = page.locator(".sw-seektime"), page.locator(".sw-seek")
    play, go_live = page.get_by_role("button", name="Play"), page.locator(".sw-golive")
    at_first = label.inner_text(), play.count(), go_live.is_visible()
    marks = page.locator(".sw-mark").first
    is_hidden_now = not marks.is_visible()
    is_at_end = slider.input_value() == slider.get_attribute("max")
    slider.focus()
    page.keyboard.press("PageDown")
    page.evaluate(f"() => send([], {LIVE})")  # of the run, on its way before the answer
    page.wait_for_timeout(100)
    does_wait = slider.input_value() == str(page.evaluate(MOVES)[0][1])
    slider.fill("134")
    page.evaluate(f"() => send([], {PAST})")
    page.wait_for_function("() => view.querySelector('.sw-past')")
    page.wait_for_timeout(700)  # the run continues meanwhile, and the past stands still
    behind, stands = label.inner_text(), slider.input_value()
    are_marks_hidden = is_hidden_now, not marks.is_visible()
    if folder := os.environ.get("STREAMWIDGET_PICTURES"):
        for scheme in ("light", "dark"):
            page.emulate_media(color_scheme=scheme)
            page.screenshot(path=f"{folder}/past_{scheme}.png")
        page.emulate_media(color_scheme="light")
    play.click()
    page.evaluate(f"() => send([], {PLAYING})")
    page.wait_for_function("() => Number(view.querySelector('.sw-seek').value) > 136")
    slider.focus()
    for key in ("p", "l", "End"):
        page.keyboard.press(key)
    asked = page.evaluate(MOVES)
    page.evaluate(f"() => send([], {LIVE})")
    page.wait_for_function("() => !view.querySelector('.sw-past')")
    results = (
        at_first == ("Live", 0, False),
        are_marks_hidden == (True, False),
        is_at_end,
        does_wait,
        behind in ("2 min 14 s, 4 min 00 s behind", "2 min 14 s, 4 min 01 s behind"),
        stands == "134",
        [ask[:2] for ask in asked[-4:]]
        == [["play", True], ["play", False], ["live", None], ["live", None]],
        asked[0][0] == "seek" and asked[0][1] < 374,
        label.inner_text() == "Live",
        not go_live.is_visible(),
    )
    if not all(results):
        print("   ", results, at_first, behind, stands, asked, label.inner_text())
    return all(results)


def a_text_that_becomes_shorter_is_replaced(page: Page) -> bool:
    """A seek gives a document whose texts are shorter; nothing of the longer ones stays."""
    start(page)
    page.evaluate("""() => {
      part('m', 'text', {text: 'One **two** three.'});
      part('p', 'text', {text: 'one two three', plain: true});
      part('r', 'reasoning', {text: 'one two three'});
      part('v', 'value', {text: '{"one": 1, "two": 2}', name: 'v', is_json: true});
    }""")
    page.wait_for_function("() => body.textContent.includes('one two three')")
    page.evaluate("""() => {
      set('m', {text: 'One'}); set('p', {text: 'one'}); set('r', {text: 'one'});
      set('v', {text: '{"one": 1'});
    }""")
    page.wait_for_function("() => of('text').innerText.trim() === 'One'")
    page.wait_for_timeout(100)
    texts = page.evaluate(
        "() => [...view.querySelectorAll('.sw-part')].map((one) => one.textContent)"
    )
    if any("two" in text for text in texts) or not all("ne" in text for text in texts):
        print("   ", texts)
    return not any("two" in text for text in texts) and all("ne" in text for text in texts)


CHECKS = (
    a_text_that_becomes_shorter_is_replaced,
    a_live_run_is_left_for_its_past_and_found_again,
    a_replay_is_moved_in_by_slider_buttons_and_keys,
    keys_of_the_line_stay_in_it,
    a_run_that_is_no_replay_has_no_such_line,
)
