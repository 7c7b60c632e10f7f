"""A job asks its reader in a real notebook: each question is answered at most once.

All tests share one notebook and one kernel: each runs a cell of it on a page without outputs.
"""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import Locator
from scene import Scene, Tab

from lab import Chromium, Lab
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
CALL = """def job(emit):
    with emit.tool_call('delete_rows', {'where': 'cited = 0'}) as call:
        if call.approve():
            call.result('812 rows')
view = StreamView(job)
view"""
KNOB = """import time
def job(emit):
    rate = emit.knob('rate', 1, min=0, max=10, step=1)
    while rate.value != 7:
        time.sleep(0.005)
        emit.progress(rate.value, 7)
    emit.text(f'{rate.value!r}')
view = StreamView(job, markdown=False)
view"""
BUSY = "print('begun'); work_until_the_file('over')"
WAITING = "print('begun'); view.wait()"
ANSWERING = "print(view.answer('all'), view.wait().text)"
CELLS = (JOB, FORM, CALL, KNOB, BUSY, WAITING, ANSWERING)


@pytest.fixture(scope="module")
def stage(lab: Lab, chromium: Chromium) -> Iterator[Scene]:
    scene = Scene(lab, chromium, "asking.ipynb", CELLS, kernel="python3")
    yield scene
    errors = scene.notebook.errors()
    scene.notebook.close()
    lab.end_kernels()
    assert not errors


@pytest.fixture
def scene(stage: Scene) -> Scene:
    """The page without views."""
    stage.page.bring_to_front()
    stage.notebook.command("notebook:clear-all-cell-outputs")
    (stage.lab.root / "over").unlink(missing_ok=True)
    return stage


def run(scene: Scene, cell: str) -> Locator:
    """Run a cell that shows a view, and return the form of its question."""
    scene.run(CELLS.index(cell) + 1)
    return waits(scene)


def begin(scene: Scene, cell: str) -> int:
    """Run a cell and wait until the kernel is inside; return its place."""
    place = CELLS.index(cell) + 1
    scene.press_run(place)
    poll(lambda: "begun" in scene.notebook.output_text(place))
    return place


def waits(tab: Tab) -> Locator:
    """Wait for an open question in a tab and return its form."""
    form = tab.page.locator(OPEN).first
    form.wait_for(timeout=SOON_S * 1000)
    return form


def answers(scene: Scene) -> list[list[Any]]:
    """The ends of the questions that the kernel has, in order."""
    found: list[list[Any]] = scene.kernel_report()["answers"]
    return found


def test_a_click_answers_while_another_cell_blocks_the_kernel(scene: Scene) -> None:
    form = run(scene, JOB)
    assert scene.status_text() == "Waiting for you"
    place = begin(scene, BUSY)
    form.get_by_role("button", name="newest").click()
    scene.wait_state("finished", timeout_s=SOON_S)
    assert scene.text() == "chose newest"
    (scene.lab.root / "over").touch()
    scene.notebook.wait_cell(place)
    scene.assert_same(status="finished")


def test_a_digit_chooses_and_the_focus_stays_in_the_view(scene: Scene) -> None:
    run(scene, JOB).get_by_role("button").first.focus()
    scene.page.keyboard.press("2")
    scene.wait_state("finished", timeout_s=SOON_S)
    assert scene.text() == "chose all"
    assert scene.page.evaluate("document.activeElement.closest('.sw-view') !== null")


def test_a_form_says_what_is_wrong_here_and_in_the_kernel(scene: Scene) -> None:
    form, send = run(scene, FORM), scene.page.get_by_role("button", name="Send answer")
    send.click()
    form.get_by_text("Name is required.").wait_for()
    name = form.get_by_label("Name")
    assert name.evaluate("e => e === document.activeElement")
    name.fill("x")
    send.click()
    form.get_by_text("Name must be at least 2 characters long.").wait_for()
    name.fill("tea")
    send.click()
    scene.page.get_by_text("Count: even numbers are sold out").first.wait_for(timeout=SOON_S * 1000)
    waits(scene).get_by_label("Count").fill("3")
    scene.page.keyboard.press("Enter")
    scene.wait_state("finished", timeout_s=SOON_S)
    assert scene.text() == "tea x3"


def test_escape_in_a_form_stops_nothing(scene: Scene) -> None:
    run(scene, FORM).get_by_label("Name").fill("typed")
    scene.page.keyboard.press("Escape")
    assert scene.page.evaluate("document.activeElement.matches('.sw-view')")
    assert scene.state() == "streaming"
    assert waits(scene).get_by_label("Name").input_value() == "typed"


def test_a_second_tab_sees_the_answer_and_cannot_give_another(scene: Scene) -> None:
    run(scene, JOB)
    other = scene.second_tab()
    stale = waits(other).get_by_role("button", name="all").element_handle()
    scene.page.bring_to_front()
    waits(scene).get_by_role("button", name="newest").click()
    other.page.locator(CLOSED).wait_for(timeout=SOON_S * 1000)
    assert stale is not None
    stale.evaluate("button => { button.disabled = false; button.click(); }")
    scene.assert_same(other, status="finished")
    assert answers(scene) == [["answered", "newest"]]
    other.notebook.close()


def test_a_stop_closes_the_question(scene: Scene) -> None:
    run(scene, JOB)
    scene.press_stop()
    scene.wait_state("stopped", timeout_s=SOON_S)
    assert "Stopped before an answer" in scene.page.locator(CLOSED).inner_text()
    assert answers(scene) == [["stopped", None]]


def test_the_interrupt_of_a_waiting_cell_closes_the_question(scene: Scene) -> None:
    run(scene, JOB)
    place = begin(scene, WAITING)
    scene.notebook.interrupt()
    scene.wait_state("stopped", timeout_s=SOON_S)
    scene.notebook.wait_cell(place, timeout_s=SOON_S)
    assert answers(scene) == [["stopped", None]]


def test_python_answers_too_and_a_retry_asks_again(scene: Scene) -> None:
    run(scene, JOB)
    place = CELLS.index(ANSWERING) + 1
    scene.run(place)
    assert scene.notebook.output_text(place).strip() == "True chose all"
    scene.page.locator(CLOSED).wait_for()
    scene.view().locator("button.sw-retry").click()
    waits(scene).get_by_role("button", name="newest").click()
    scene.wait_state("finished", timeout_s=SOON_S)
    assert scene.text() == "chose newest"


@pytest.mark.parametrize("decision", ["Approve", "Deny"])
def test_a_call_is_approved_or_denied(scene: Scene, decision: str) -> None:
    form = run(scene, CALL)
    assert '"where": "cited = 0"' in form.inner_text()
    form.get_by_role("button", name=decision).click()
    scene.wait_state("finished", timeout_s=SOON_S)
    call = scene.page.locator('.sw-part[data-kind="tool-call"]')
    assert call.get_attribute("data-state") == ("done" if decision == "Approve" else "denied")


def test_a_knob_is_read_while_a_cell_blocks_the_kernel(scene: Scene) -> None:
    scene.run(CELLS.index(KNOB) + 1)
    slider = scene.page.get_by_role("slider", name="rate")
    slider.wait_for(timeout=SOON_S * 1000)
    place = begin(scene, BUSY)
    slider.focus()
    for _ in range(6):
        scene.page.keyboard.press("ArrowRight")
    scene.wait_state("finished", timeout_s=SOON_S)
    assert scene.text() == "7"
    assert slider.is_disabled()
    (scene.lab.root / "over").touch()
    scene.notebook.wait_cell(place, timeout_s=SOON_S)
    assert scene.page.get_by_label("rate, number").input_value() == "7"


def test_a_reload_shows_the_form_again(scene: Scene) -> None:
    run(scene, JOB)
    scene.notebook.save()
    scene.notebook.reload()
    waits(scene).get_by_role("button", name="all").click()
    scene.wait_state("finished", timeout_s=SOON_S)
    assert scene.text() == "chose all"
