"""Checks of the forms of questions; run by `check.py`."""

from __future__ import annotations

from kinds import start
from playwright.sync_api import Page


def only_what_was_chosen_is_sent(page: Page) -> bool:
    """A list of which nothing was chosen sends nothing, and is asked for if the answer needs it."""
    start(page)
    page.evaluate(
        """async () => {
          const options = [["cpu", "CPU"], ["gpu", "GPU"]];
          part("q", "ask", {question: "Where?", fields: [
            {name: "first", title: "First device", type: "string", required: true, options},
            {name: "second", title: "Second device", type: "string", required: false, options}]});
          send([], {asks: ["q"]}); await settle(120);
        }"""
    )
    answers = "() => model.sent.filter((message) => message.cmd === 'answer').map((message) => JSON.stringify(message.value))"
    send = page.get_by_role("button", name="Send answer")
    send.click()
    before, focused = page.evaluate(answers), page.evaluate("() => document.activeElement.tagName")
    page.get_by_label("First device").select_option("GPU")
    send.click()
    after = page.evaluate(answers)
    good = before == [] and focused == "SELECT" and after == ['{"first":"gpu"}']
    if not good:
        print("   ", before, focused, after)
    return good


CHECKS = [only_what_was_chosen_is_sent]
