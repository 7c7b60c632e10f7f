"""Two views of one budget in a real notebook: what they show, and the answer that is for both."""

from __future__ import annotations

from conftest import MakeScene

FORM = '.sw-part[data-kind="ask"][data-state="open"]'
NOTICE = '.sw-part[data-kind="notice"]'
FULL = "bar => bar.style.inlineSize === '100%'"
VIEWS = """from streamwidget import Budget
budget = Budget(max_tokens=120, soft=0.5, on_limit='ask')
def words(name):
    for index in paced(60_000, 60):
        yield f'{name}{index} '
display(StreamView(words('a'), title='A', budget=budget))
view = StreamView(words('b'), title='B', budget=budget)
view"""


def test_two_views_of_a_budget_wait_for_one_answer(make_scene: MakeScene) -> None:
    scene = make_scene(VIEWS)
    scene.run(1)
    scene.wait_views(2)
    page = scene.page
    form = page.locator(FORM)
    form.wait_for()
    assert "The shared budget of 120 tokens is used up." in form.inner_text()
    page.locator(NOTICE, has_text="Another view").wait_for()
    for index in range(2):  # also the view that does not ask
        bar = scene.view(index).locator(".sw-used > span")
        scene.notebook.wait_for(FULL, bar.element_handle())
        assert "of 120 tokens shared" in scene.view(index).locator(".sw-cost").inner_text()
        assert scene.status_text(index) == "Waiting for you"
    held = [len(scene.text(index)) for index in range(2)]
    form.get_by_role("button", name="Raise by 120 tokens").click()
    for index in range(2):
        scene.wait_chars(held[index] + 20, index)
    form.wait_for()
    assert "The shared budget of 240 tokens is used up." in form.inner_text()
    form.get_by_role("button", name="Stop", exact=True).click()
    for index in range(2):
        scene.wait_state("stopped", index=index)
        foot = scene.view(index).locator(".sw-foot").inner_text()
        assert "Stopped by the shared budget of 240 tokens" in foot
    assert scene.kernel_report()["status"] == "stopped"
