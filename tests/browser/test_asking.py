"""A job asks its reader in a real notebook: each question is answered at most once."""

from __future__ import annotations

from typing import Any

import pytest
from conftest import MakeScene
from playwright.sync_api import Locator
from scene import Scene, Tab

from lab.notebook import poll

SOON_S = 20.0
OPEN = '.sw-part[data-kind="ask"][data-state="open"]'
CLOSED = '.sw-part[data-kind="ask"][data-state="closed"]'
JOB = """def job(emit):
    emit.text('chose ' + emit.ask('Which one?', ['newest', 'all']))
view = StreamView(job, markdown=False)
view"""
FORM = """from pydantic import BaseModel, Field, field_validator
class Order(BaseModel):
    name: str = Field(min_length=2)
    count: int = 2
    @field_validator('count')
    @classmethod
    def odd(cls, count):
        if count % 2 == 0:
            raise ValueError('even numbers are sold out')
        return count
def job(emit):
    order = emit.ask('What do you order?', schema=Order)
    emit.text(f'{order.name} x{order.count}')
view = StreamView(job, markdown=False)
view"""


def asked(make_scene: MakeScene, *cells: str) -> Scene:
    scene = make_scene(*cells)
    scene.run(1)
    waits(scene)
    return scene


def waits(tab: Tab) -> Locator:
    """Wait for an open question in a tab and return its form."""
    form = tab.page.locator(OPEN).first
    form.wait_for(timeout=SOON_S * 1000)
    return form


def answers(scene: Scene) -> list[list[Any]]:
    """The ends of the questions that the kernel has, in order."""
    found: list[list[Any]] = scene.kernel_report()["answers"]
    return found


def test_a_click_answers_while_another_cell_blocks_the_kernel(make_scene: MakeScene) -> None:
    scene = asked(make_scene, JOB, "print('begun'); work_until_the_file('over')")
    assert scene.status_text() == "Waiting for you"
    scene.press_run(2)
    poll(lambda: "begun" in scene.notebook.output_text(2))
    waits(scene).get_by_role("button", name="newest").click()
    scene.wait_state("finished", timeout_s=SOON_S)
    assert scene.text() == "chose newest"
    (scene.lab.root / "over").touch()
    scene.assert_same(status="finished")


def test_a_digit_chooses_and_the_focus_stays_in_the_view(make_scene: MakeScene) -> None:
    scene = asked(make_scene, JOB)
    waits(scene).get_by_role("button").first.focus()
    scene.page.keyboard.press("2")
    scene.wait_state("finished", timeout_s=SOON_S)
    assert scene.text() == "chose all"
    assert scene.page.evaluate("document.activeElement.closest('.sw-view') !== null")


def test_a_form_says_what_is_wrong_here_and_in_the_kernel(make_scene: MakeScene) -> None:
    scene = asked(make_scene, FORM)
    form, send = waits(scene), scene.page.get_by_role("button", name="Send answer")
    send.click()
    form.get_by_text("Name is required.").wait_for()
    name = form.get_by_label("Name")
    assert name.evaluate("e => e === document.activeElement")
    name.fill("x")
    send.click()
    form.get_by_text("Name must be at least 2 characters long.").wait_for()
    name.fill("tea")
    send.click()
    scene.page.get_by_text("even numbers are sold out").wait_for(timeout=SOON_S * 1000)
    waits(scene).get_by_label("Count").fill("3")
    scene.page.keyboard.press("Enter")
    scene.wait_state("finished", timeout_s=SOON_S)
    assert scene.text() == "tea x3"


def test_escape_in_a_form_stops_nothing(make_scene: MakeScene) -> None:
    scene = asked(make_scene, FORM)
    waits(scene).get_by_label("Name").fill("typed")
    scene.page.keyboard.press("Escape")
    assert scene.page.evaluate("document.activeElement.matches('.sw-view')")
    assert scene.state() == "streaming"
    assert waits(scene).get_by_label("Name").input_value() == "typed"


def test_a_reload_shows_the_form_again(make_scene: MakeScene) -> None:
    scene = asked(make_scene, JOB)
    scene.notebook.save()
    scene.notebook.reload()
    waits(scene).get_by_role("button", name="all").click()
    scene.wait_state("finished", timeout_s=SOON_S)
    assert scene.text() == "chose all"


def test_a_second_tab_sees_the_answer_and_cannot_give_another(make_scene: MakeScene) -> None:
    scene = asked(make_scene, JOB)
    other = scene.second_tab()
    stale = waits(other).get_by_role("button", name="all").element_handle()
    scene.page.bring_to_front()
    waits(scene).get_by_role("button", name="newest").click()
    other.page.locator(CLOSED).wait_for(timeout=SOON_S * 1000)
    assert stale is not None
    stale.evaluate("button => { button.disabled = false; button.click(); }")
    scene.assert_same(other, status="finished")
    assert answers(scene) == [["answered", "newest"]]


def test_a_stop_closes_the_question(make_scene: MakeScene) -> None:
    scene = asked(make_scene, JOB)
    scene.press_stop()
    scene.wait_state("stopped", timeout_s=SOON_S)
    assert "Stopped before an answer" in scene.page.locator(CLOSED).inner_text()
    assert answers(scene) == [["stopped", None]]


def test_the_interrupt_of_a_waiting_cell_closes_the_question(make_scene: MakeScene) -> None:
    scene = asked(make_scene, JOB, "print('begun'); view.wait()")
    scene.press_run(2)
    poll(lambda: "begun" in scene.notebook.output_text(2))
    scene.notebook.interrupt()
    scene.wait_state("stopped", timeout_s=SOON_S)
    scene.notebook.wait_cell(2, timeout_s=SOON_S)
    assert answers(scene) == [["stopped", None]]


def test_python_answers_too_and_a_retry_asks_again(make_scene: MakeScene) -> None:
    scene = asked(make_scene, JOB, "print(view.answer('all'), view.wait().text)")
    scene.run(2)
    assert scene.notebook.output_text(2).strip() == "True chose all"
    scene.page.locator(CLOSED).wait_for()
    scene.view().locator("button.sw-retry").click()
    waits(scene).get_by_role("button", name="newest").click()
    scene.wait_state("finished", timeout_s=SOON_S)
    assert scene.text() == "chose newest"


@pytest.mark.parametrize("decision", ["Approve", "Deny"])
def test_a_call_is_approved_or_denied(make_scene: MakeScene, decision: str) -> None:
    scene = asked(
        make_scene,
        """def job(emit):
    with emit.tool_call('delete_rows', {'where': 'cited = 0'}) as call:
        if call.approve():
            call.result('812 rows')
view = StreamView(job)
view""",
    )
    form = waits(scene)
    assert '"where": "cited = 0"' in form.inner_text()
    form.get_by_role("button", name=decision).click()
    scene.wait_state("finished", timeout_s=SOON_S)
    call = scene.page.locator('.sw-part[data-kind="tool-call"]')
    assert call.get_attribute("data-state") == ("done" if decision == "Approve" else "denied")
