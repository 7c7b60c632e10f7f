"""A stream whose connection is lost, in the page: it is resumed, and the text is complete."""

from __future__ import annotations

import os
from pathlib import Path

from conftest import MakeScene

SOURCE = """
import os
from streamwidget import http
address = os.environ["STREAMWIDGET_DEMO_URL"]
url = f"{address}/resume?n=120&rate=25&drop_after=50&retry=2500"
view = StreamView(http(url, resume="last-event-id"), title="resuming", markdown=False)
view
"""
WATCH = """() => {
  window.shown = [];
  const look = () => {
    const view = document.querySelector(".sw-view");
    const said = view && `${view.dataset.state}: ${view.querySelector(".sw-status")?.textContent}`;
    if (said && said !== window.shown.at(-1)) window.shown.push(said);
    requestAnimationFrame(look);
  };
  look();
}"""


def test_a_dropped_stream_shows_that_it_reconnects_and_ends_whole(make_scene: MakeScene) -> None:
    scene = make_scene(SOURCE)
    scene.page.evaluate(WATCH)
    scene.run(1)
    scene.notebook.wait_for("() => window.shown?.includes('reconnecting: Reconnecting')")
    picture(scene, "reconnecting")
    scene.wait_state("finished")
    scene.assert_same(status="finished")
    assert scene.text() == "".join(f"tok{n} " for n in range(1, 121))
    shown = scene.page.evaluate("() => window.shown")
    at = shown.index("reconnecting: Reconnecting")
    assert "streaming: Streaming" in shown[:at]
    assert "streaming: Streaming" in shown[at:]
    notices = scene.view().locator('.sw-part[data-kind="notice"]').all_inner_texts()
    assert [notice.strip()[:32] for notice in notices] == ["The connection was lost 2 times,"]
    picture(scene, "resumed")


def picture(scene: object, name: str) -> None:
    folder = os.environ.get("STREAMWIDGET_PICTURES")
    if folder:
        scene.view().screenshot(path=Path(folder) / f"{name}.png")  # type: ignore[attr-defined]
