"""Checks of what goes on while a run goes on: messages to a two-way stream, and errors on the way."""

from __future__ import annotations

from kinds import start
from playwright.sync_api import Page

SENT = "() => model.sent.filter((m) => m.cmd === 'send').map((m) => m.text)"
STOPS = "() => model.sent.filter((m) => m.cmd === 'stop').length"


def _open_line(page: Page) -> None:
    start(page)
    page.evaluate("() => { part('x', 'text', {text: 'Hello.'}); send([], {can_send: true}); }")
    page.wait_for_selector(".sw-field")


def messages_are_sent_by_keyboard(page: Page) -> bool:
    """Enter sends, Shift+Enter makes a line, Escape leaves and stops nothing, no key is the notebook's."""
    _open_line(page)
    page.evaluate(
        "() => { globalThis.keysSeen = []; document.addEventListener('keydown', (e) => keysSeen.push(e.key)); }"
    )
    field = page.locator(".sw-field")
    field.focus()
    page.keyboard.type("dd first")
    low = field.bounding_box()
    page.keyboard.press("Shift+Enter")
    page.keyboard.type("second")
    high = field.bounding_box()
    page.keyboard.press("Enter")
    page.keyboard.press("Enter")  # nothing to send
    page.keyboard.type("third")
    page.keyboard.press("Control+Enter")
    page.keyboard.type("draft")
    page.keyboard.press("Control+a")
    page.keyboard.press("Escape")
    left = page.evaluate("() => document.activeElement === view")
    grew = low is not None and high is not None and high["height"] > low["height"] + 15
    seen = page.evaluate("() => keysSeen.filter((key) => key !== 'Control' && key !== 'Shift')")
    return (
        page.evaluate(SENT) == ["dd first\nsecond", "third"]
        and (page.evaluate(STOPS), left, grew, seen) == (0, True, True, [])
        and field.input_value() == "draft"
    )


def the_line_tells_what_became_of_a_message(page: Page) -> bool:
    """A busy kernel is told of until it has heard; a kernel that is gone leaves the text in the field."""
    _open_line(page)
    note = page.locator(".sw-sendnote")
    page.evaluate("() => { model.answers = false; }")
    page.locator(".sw-field").fill("Are you there?")
    page.locator(".sw-send").click()
    note.get_by_text("The kernel is busy").wait_for()
    page.evaluate(
        "() => model.patch({run_id: 'view.2', from_seq: seq, seq, ops: [], status: statusOf({rev: rev++, can_send: true}),"
        " acks: [model.sent.find((m) => m.cmd === 'send').request_id]})"
    )
    note.get_by_text("Enter to send").wait_for()
    page.evaluate("() => { model.gone = true; }")
    page.locator(".sw-field").fill("Keep this")
    page.keyboard.press("Enter")
    note.get_by_text("the kernel is no longer running").wait_for()
    return page.locator(".sw-field").input_value() == "Keep this"


def the_line_is_there_only_where_it_can_be_used(page: Page) -> bool:
    """No line for a source that takes no messages; at the end it takes no more, and nothing moves."""
    start(page)
    page.evaluate("async () => { part('x', 'text', {text: 'x'}); await settle(100); }")
    none = page.locator(".sw-composer").count() == 0
    _open_line(page)
    before = page.locator(".sw-composer").bounding_box()
    page.evaluate("() => send([], {state: 'finished', can_send: false})")
    page.wait_for_selector(".sw-composer[data-state=closed]")
    page.locator(".sw-field").focus()
    page.keyboard.type("late")
    page.keyboard.press("Enter")
    after = page.locator(".sw-composer").bounding_box()
    assert before is not None
    assert after is not None
    return (
        none
        and page.evaluate(SENT) == []
        and page.locator(".sw-field").input_value() == ""
        and (before["y"], before["height"]) == (after["y"], after["height"])
    )


def what_was_said_is_text(page: Page) -> bool:
    """The reader's words stand between the answers with their lines, and markup in them is text."""
    start(page)
    return page.evaluate(
        """async () => {
          part("a", "text", {text: "Hello.", state: "closed"});
          part("n", "notice", {message: "You: <b>why</b>\\nand when?", level: "sent"});
          part("b", "text", {text: "Because."});
          await settle(100);
          const said = of("notice");
          return said.innerText.trim() === "You: <b>why</b>\\nand when?" && said.querySelector("b") === null
            && said.previousElementSibling.textContent === "Hello." && said.nextElementSibling.textContent === "Because.";
        }"""
    )


def errors_on_the_way_are_their_message(page: Page) -> bool:
    """Where the run goes on, the message is the heading, without a class of ours."""
    start(page)
    return page.evaluate(
        """async () => {
          const more = {fault: "source", error_type: "StreamWidgetError", retryable: false, code: null, detail: null};
          part("e", "error", {...more, message: "One search failed", hint: "Ask again later.", fatal: false});
          part("f", "error", {...more, message: "It broke", hint: null, fatal: true});
          send([], {state: "failed", can_retry: true}); await settle(100);
          const [onTheWay, fatal] = view.querySelectorAll('[data-kind="error"]');
          const title = (one) => one.querySelector(".sw-errortitle").textContent;
          return title(onTheWay) === "One search failed" && onTheWay.textContent.includes("Ask again later.")
            && onTheWay.textContent.includes("your source") && title(fatal) === "Your source raised an error"
            && fatal.textContent.includes("It broke") && !view.textContent.includes("StreamWidgetError");
        }"""
    )


def a_retry_is_offered_once(page: Page) -> bool:
    """Each run that can be retried has one Retry: in the header, or in the menu if it cost money and did not fail."""
    rows = [
        ({"state": "failed"}, ["Retry"], 0),
        ({"state": "incomplete"}, ["Retry"], 0),
        ({"state": "finished"}, ["Retry"], 0),
        ({"state": "failed", "cost": 0.4, "currency": "USD"}, ["Retry…"], 0),
        ({"state": "finished", "cost": 0.4, "currency": "USD"}, [], 1),
    ]
    seen = []
    for status, _, _ in rows:
        start(page)
        page.evaluate(
            """async (status) => {
              const error = {fault: "source", error_type: "X", retryable: true, code: null, detail: null};
              part("e", "error", {...error, message: "It broke", hint: null, fatal: status.state !== "finished"});
              send([], {...status, can_retry: true}); await settle(100);
            }""",
            status,
        )
        shown = page.locator(".sw-view button:visible", has_text="Retry").all_text_contents()
        page.locator(".sw-more").click()
        in_menu = page.locator("[role=menu] button", has_text="Retry").count()
        page.keyboard.press("Escape")
        seen.append((status, shown, in_menu))
    if seen != rows:
        print("   ", [row for row in seen if row not in rows])
    return seen == rows


CHECKS = [
    messages_are_sent_by_keyboard, the_line_tells_what_became_of_a_message, the_line_is_there_only_where_it_can_be_used,
    what_was_said_is_text, errors_on_the_way_are_their_message, a_retry_is_offered_once,
]  # fmt: skip
