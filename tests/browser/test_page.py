"""The page as its reader uses it: keyboard, scrolling, and failures in words."""

from __future__ import annotations

import os

import pytest
from conftest import MakeScene
from scene import Scene

from lab.notebook import poll

STREAM = "view = StreamView(tokens(60_000, rate=100), title='page', markdown=False)\nview"
# A line per token: the view's own scroller fills up at once.
LINES = "view = StreamView((f'line {i}\\n' for i in paced(90_000, rate=150)), title='page')\nview"
BODY = ".sw-view .sw-body"


def streaming(make_scene: MakeScene, code: str = STREAM) -> Scene:
    scene = make_scene(code)
    scene.run(1)
    scene.wait_chars(100)
    return scene


def test_tab_reaches_stop_and_enter_presses_it(make_scene: MakeScene) -> None:
    scene = streaming(make_scene)
    scene.view().locator(".sw-title").click()
    for _ in range(10):
        if scene.page.evaluate("() => document.activeElement.matches('button.sw-stop')"):
            break
        scene.page.keyboard.press("Tab")
    scene.page.keyboard.press("Enter")
    scene.wait_state("stopped")
    scene.assert_same(status="stopped")


def test_escape_in_the_view_stops(make_scene: MakeScene) -> None:
    scene = streaming(make_scene)
    scene.view().focus()
    scene.page.keyboard.press("Escape")
    scene.wait_state("stopped")
    scene.assert_same(status="stopped")


def test_the_header_and_the_footer_count(make_scene: MakeScene) -> None:
    scene = streaming(make_scene)
    view = scene.view()
    assert view.locator(".sw-title").inner_text() == "page"
    for part in ("elapsed", "rate", "sentence"):
        poll(lambda part=part: any(map(str.isdigit, view.locator(f".sw-{part}").inner_text())))
    before = view.locator(".sw-elapsed").inner_text()
    poll(lambda: view.locator(".sw-elapsed").inner_text() != before)


def test_the_view_follows_its_tail_until_the_person_scrolls(make_scene: MakeScene) -> None:
    scene = streaming(make_scene, LINES)
    scene.view().scroll_into_view_if_needed()
    scene.notebook.wait_for(f"() => {at_tail()} && {body()}.scrollTop > 200")
    outer = scene.notebook.scroll_top()

    scene.page.locator(BODY).hover()
    scene.page.mouse.wheel(0, -150)
    scene.notebook.wait_for(f"() => !({at_tail()})")
    let_go = poll(lambda: at_rest(scene))
    scene.wait_chars(scene.page.evaluate(f"() => {body()}.textContent.length") + 500)
    assert scene.page.evaluate(f"() => {body()}.scrollTop") == pytest.approx(let_go, abs=2)

    scene.view().locator(".sw-jump").click()
    scene.notebook.wait_for(f"() => {at_tail()}")
    scene.wait_chars(scene.page.evaluate(f"() => {body()}.textContent.length") + 500)
    scene.notebook.wait_for(f"() => {at_tail()}")
    assert scene.notebook.scroll_top() == outer
    scene.press_stop()
    scene.wait_state("stopped")


def at_rest(scene: Scene) -> float | None:
    """Where the scroller is, once it has not moved for ten frames; None while it moves."""
    return scene.page.evaluate(
        f"""() => new Promise(done => {{
            const top = {body()}.scrollTop;
            let frames = 10;
            const look = () => {{
                if ({body()}.scrollTop !== top) done(null);
                else if (--frames) requestAnimationFrame(look);
                else done(top);
            }};
            look();
        }})"""
    )


def body() -> str:
    return f"document.querySelector('{BODY}')"


def at_tail() -> str:
    return f"{body()}.scrollHeight - {body()}.clientHeight - {body()}.scrollTop < 30"


# What is streamed, and words that the view must show for it.
FAILURES = {
    "the source raises": ("boom() for boom in [lambda: 1 / 0]", "ZeroDivisionError"),
    "nobody listens": ("'http://127.0.0.1:9/'", "connect"),
    "the peer reports": ("demo_url() + '/fail'", ""),
    "the connection drops": ("demo_url() + '/drop'", ""),
    "the stream is cut": ("demo_url() + '/cut'", ""),
}


@pytest.mark.parametrize("case", FAILURES)
def test_a_failure_is_reported(make_scene: MakeScene, case: str) -> None:
    source, words = FAILURES[case]
    scene = make_scene(
        f"from streamwidget.demo import demo_url\nview = StreamView(({source}))\nview"
    )
    scene.run(1)
    status = "incomplete" if case == "the stream is cut" else "failed"
    scene.wait_state(status)
    report = scene.kernel_report()
    assert report["status"] == status
    assert report["error"]["message"]
    assert report["error"]["fault"]
    shown = scene.view().inner_text()
    assert words.lower() in shown.lower()
    assert report["error"]["message"][:40] in shown


def test_what_is_not_a_source_is_reported_in_the_view(make_scene: MakeScene) -> None:
    scene = make_scene("view = StreamView(42)\nview")
    scene.run(1)
    scene.wait_state("failed")
    assert "int cannot be streamed" in scene.view().inner_text()
    assert scene.kernel_report()["error"]["fault"] == "usage"


HIDE = """() => {
  Object.defineProperty(document, "visibilityState", { get: () => "hidden", configurable: true });
  document.dispatchEvent(new Event("visibilitychange"));
}"""
SHOW = """() => {
  delete document.visibilityState;
  document.dispatchEvent(new Event("visibilitychange"));
}"""
LISTEN = """() => {
  const Real = window.Notification;
  window.notices = [];
  window.Notification = class extends Real {
    constructor(title, options) {
      super(title, options);
      window.notices.push([title, options.body]);
    }
  };
}"""


def test_the_end_is_announced_where_the_reader_asked_for_it(make_scene: MakeScene) -> None:
    scene = streaming(make_scene)
    scene.page.context.grant_permissions(["notifications"])
    scene.page.evaluate(LISTEN)
    scene.view().locator("button.sw-more").click()
    scene.page.get_by_role("menuitemcheckbox", name="Notify me at the end").click()
    scene.page.evaluate(HIDE)  # a tab in the background; headless pages are always visible
    scene.page.evaluate("document.querySelector('button.sw-stop').click()")
    scene.notebook.wait_for("() => window.notices.length > 0")
    (title, body), *others = scene.page.evaluate("window.notices")
    assert others == []
    assert scene.view().get_attribute("aria-label") == title
    assert body.startswith("Stopped")
    assert scene.page.title().startswith("● ")
    scene.page.evaluate(SHOW)
    assert not scene.page.title().startswith("● ")


REPLAY = """StreamView(tokens(400, rate=100), journal="moved.jsonl").wait()
view = StreamView.replay("moved.jsonl", speed=1, title="replay")
view"""


def test_the_arrow_keys_move_the_line_of_a_replay(make_scene: MakeScene) -> None:
    """The notebook has the same keys for the way to another cell."""
    scene = make_scene(REPLAY)
    scene.run(1)
    slider = scene.view().locator(".sw-seek")
    slider.wait_for()
    poll(lambda: int(slider.get_attribute("max") or 0) >= 4)
    scene.wait_state("finished")
    slider.focus()
    active = """() => [...document.querySelectorAll('.jp-Cell')]
        .findIndex((cell) => cell.matches('.jp-mod-active'))"""
    before = scene.page.evaluate(active)
    for key, value in (("Home", "0"), ("ArrowRight", "1"), ("ArrowUp", "2"), ("ArrowLeft", "1")):
        scene.page.keyboard.press(key)
        poll(lambda value=value: slider.input_value() == value)
    assert scene.page.evaluate(active) == before
    assert slider.evaluate("one => one === document.activeElement")


RECORDED = """
numbers = (f'{i} ' for i in paced(90_000, rate=20))
view = StreamView(numbers, title='recorded', journal='recorded.jsonl', markdown=False)
view"""


def test_a_live_run_can_be_seen_as_it_was_while_it_continues(make_scene: MakeScene) -> None:
    scene = streaming(make_scene, RECORDED)
    view = scene.view()
    slider, label = view.locator(".sw-seek"), view.locator(".sw-seektime")
    poll(lambda: int(slider.get_attribute("max") or 0) >= 6)
    assert label.inner_text().startswith("Live")
    slider.focus()
    for _ in range(4):
        scene.page.keyboard.press("ArrowLeft")
    poll(lambda: "behind" in label.inner_text())
    at_s = int(slider.input_value())

    def past_text() -> str | None:
        """Return the text if it is that of `at_s`: a slow machine sends fewer tokens than 20/s."""
        text = scene.text()
        return text if text and int(text.split()[-1]) <= at_s * 20 + 5 else None

    past = poll(past_text)
    length = int(slider.get_attribute("max") or 0)
    poll(lambda: int(slider.get_attribute("max") or 0) > length + 1)
    assert scene.text() == past, "the past stands still while the run continues"
    assert scene.state() == "streaming"
    if folder := os.environ.get("STREAMWIDGET_PICTURES"):
        for theme in ("light", "dark"):
            scene.notebook.set_theme(theme)
            scene.page.screenshot(path=f"{folder}/lab_past_{theme}.png")
        scene.notebook.set_theme("light")
    view.get_by_role("button", name="Play").click()
    poll(lambda: len(scene.text()) > len(past))
    assert "behind" in label.inner_text()
    view.get_by_role("button", name="Go live").click()
    poll(lambda: label.inner_text().startswith("Live"))
    poll(lambda: int(scene.text().split()[-1]) > length * 20 - 20)
    scene.press_stop()
    scene.wait_state("stopped")
    scene.assert_same(status="stopped")
