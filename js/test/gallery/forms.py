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


def a_multiple_is_checked_before_it_is_sent(page: Page) -> bool:
    """A number that is no multiple of the field's step is not sent, and the field says so."""
    start(page)
    page.evaluate(
        """async () => {
          part("q", "ask", {question: "How?", fields: [
            {name: "count", title: "Cups", type: "integer", required: true, multiple_of: 3},
            {name: "rate", title: "Rate", type: "number", required: true, multiple_of: 0.1}]});
          send([], {asks: ["q"]}); await settle(120);
        }"""
    )
    answers = "() => model.sent.filter((message) => message.cmd === 'answer').map((message) => JSON.stringify(message.value))"
    send = page.get_by_role("button", name="Send answer")
    cups, rate = page.get_by_label("Cups"), page.get_by_label("Rate")
    said = []
    for count, part in (("4", "0.3"), ("6", "0.35"), ("6", "0.3")):
        cups.fill(count)
        rate.fill(part)
        send.click()
        said.append((page.evaluate(answers), page.locator(".sw-part[data-kind=ask]").inner_text()))
    good = (
        [sent for sent, _ in said[:2]] == [[], []]
        and "a multiple of 3" in said[0][1]
        and "a multiple of 0.1" in said[1][1]
        and said[2][0] == ['{"count":6,"rate":0.3}']
        and cups.get_attribute("step") == "3"
    )
    if not good:
        print("   ", said)
    return good


CHECKS = [only_what_was_chosen_is_sent, a_multiple_is_checked_before_it_is_sent]
