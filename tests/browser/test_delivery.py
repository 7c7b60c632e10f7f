"""Whatever happens between kernel and page, the page ends with the kernel's text and state."""

from __future__ import annotations

import pytest
from conftest import MakeScene

from lab import Lab
from lab.notebook import poll

STREAM = "view = StreamView(tokens(1600, rate=400), title='delivery', markdown=False)\nview"
# Ten minutes: on a slow machine too, a reload or a server comes back in the middle of it.
LONG_STREAM = "view = StreamView(tokens(240_000, rate=400), title='delivery', markdown=False)\nview"
# The demo's report, in pieces that cut words and marks.
REPORT = """from importlib.resources import files
report = (files("streamwidget.demo") / "report.md").read_text()
view = StreamView(report[7 * i : 7 * i + 7] for i in paced(len(report) // 7 + 1, rate=200))
view"""
MIDDLE = 2000
# At most, of a message without its text: header, status and acknowledgements.
STATUS_BYTES = 2000


def test_a_stream_arrives_whole(make_scene: MakeScene) -> None:
    scene = make_scene(STREAM)
    scene.run(1)
    facts = scene.assert_same(status="finished")
    assert facts.chars > 12_000


def test_a_burst_arrives_whole_in_few_messages(make_scene: MakeScene) -> None:
    scene = make_scene("view = StreamView((piece(i) for i in range(20_000)), markdown=False)\nview")
    scene.run(1)
    scene.assert_same(status="finished")
    payload = len(scene.text().encode())
    types = scene.notebook.traffic()["received"]["types"]
    patches, snapshots = types["comm_msg:patch"], types["comm_msg:snapshot"]
    assert patches["count"] < 100
    # The text once, and with each message a status; a slow machine takes more messages.
    assert patches["bytes"] <= 1.25 * payload + STATUS_BYTES * patches["count"]
    assert snapshots["count"] == 1
    assert snapshots["bytes"] <= 1.1 * payload


def test_a_reload_in_the_middle_loses_nothing(make_scene: MakeScene) -> None:
    scene = make_scene(LONG_STREAM)
    scene.run(1)
    scene.wait_chars(MIDDLE)
    scene.notebook.save()
    scene.notebook.reload()
    scene.wait_views()
    scene.assert_catches_up()
    scene.press_stop()
    scene.assert_same(status="stopped")


def test_markdown_after_a_reload_is_what_a_fresh_view_shows(make_scene: MakeScene) -> None:
    scene = make_scene(REPORT, "display(view)")
    scene.run(1)
    scene.wait_chars(MIDDLE)
    scene.notebook.save()
    scene.notebook.reload()
    scene.wait_views()
    scene.wait_state("finished")
    scene.run(2)
    scene.wait_views(2)
    scene.wait_state("finished", index=1)
    reloaded = scene.view().locator(".sw-markdown")
    assert reloaded.locator("h2").count() >= 3
    assert reloaded.locator("table").count() >= 1
    # JupyterLab's table of contents puts an empty element into the headings, sooner or later.
    scene.notebook.wait_for(
        """() => new Set([...document.querySelectorAll('.sw-view .sw-markdown')].map((one) =>
          one.innerHTML.replaceAll('<span class="numbering-entry"></span>', ''))).size === 1"""
    )


def test_a_view_that_comes_late_has_everything(make_scene: MakeScene) -> None:
    scene = make_scene(LONG_STREAM, "display(view)")
    scene.run(1)
    scene.wait_chars(MIDDLE)
    scene.run(2)
    scene.wait_views(2)
    scene.assert_catches_up(views=2)
    scene.press_stop(index=1)
    scene.assert_same(status="stopped", views=2)


def test_a_second_tab_shows_the_same(make_scene: MakeScene) -> None:
    scene = make_scene(LONG_STREAM)
    scene.run(1)
    scene.wait_chars(MIDDLE)
    tab = scene.second_tab()
    tab.wait_views()
    scene.assert_catches_up(tab)
    tab.press_stop()
    scene.assert_same(tab, status="stopped")
    assert tab.notebook.errors() == []


@pytest.mark.expects_console_errors
def test_three_cut_connections_lose_nothing(make_scene: MakeScene, cut_lab: Lab) -> None:
    scene = make_scene(LONG_STREAM, on=cut_lab)
    assert cut_lab.proxy is not None
    scene.run(1)
    scene.wait_chars(MIDDLE)
    for _ in range(3):
        opened = scene.notebook.traffic()["opened"]
        cut_lab.proxy.cut()
        poll(lambda before=opened: scene.notebook.traffic()["opened"] > before)
        scene.assert_catches_up()
    scene.press_stop()
    scene.assert_same(status="stopped")


@pytest.mark.expects_console_errors
def test_a_server_out_of_reach_for_four_seconds_loses_nothing(
    make_scene: MakeScene, cut_lab: Lab
) -> None:
    scene = make_scene(STREAM, on=cut_lab)
    assert cut_lab.proxy is not None
    scene.run(1)
    scene.wait_chars(MIDDLE)
    cut_lab.proxy.cut(refuse=True)
    # The length of the outage is the case itself, not a wait for something.
    scene.page.wait_for_timeout(4000)
    cut_lab.proxy.allow()
    scene.wait_state("finished")
    scene.notebook.dismiss_dialogs()
    scene.assert_same(status="finished")


def test_messages_dropped_by_the_servers_limit_are_asked_for_again(
    make_scene: MakeScene, cut_lab: Lab
) -> None:
    noise = "for i in range(4000):\n    print(i, flush=True)"
    scene = make_scene(LONG_STREAM, noise, on=cut_lab)
    scene.run(1)
    scene.wait_chars(MIDDLE)
    scene.run(2)
    assert "rate exceeded" in scene.notebook.output_text(2), "the limit was not reached"
    scene.assert_catches_up()
    scene.press_stop()
    scene.assert_same(status="stopped")


def test_after_a_kernel_restart_the_text_stays_and_stop_says_so(make_scene: MakeScene) -> None:
    scene = make_scene(LONG_STREAM)
    scene.run(1)
    scene.wait_chars(MIDDLE)
    before = scene.text()
    scene.notebook.restart_kernel()
    text = scene.text()
    assert text.startswith(before)
    button = scene.view().locator("button.sw-stop")
    if button.is_visible() and button.is_enabled():
        scene.press_stop()
    poll(lambda: "kernel" in scene.view().inner_text().lower())
    assert scene.text().startswith(text)
