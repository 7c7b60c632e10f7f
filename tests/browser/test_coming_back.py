"""A page that slept: frozen in the background, its socket cut meanwhile, or left and returned to.

A frozen page runs nothing, as that of a hidden tab after minutes or of a phone in a pocket.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from conftest import MakeScene
from scene import WAIT_S, Scene

from lab import Lab
from lab.notebook import poll

STREAM = """
import time
from pathlib import Path
def until_there(name):
    yield from tokens(200, rate=200)
    while not Path(name).exists():
        time.sleep(0.05)
        yield "."
    yield from tokens(200, rate=400)
view = StreamView(
    until_there({go!r}),
    title="Sleeping",
    markdown=False,
    on_end=lambda result: Path({done!r}).touch(),
)
view
"""


@contextmanager
def asleep(scene: Scene) -> Iterator[None]:
    """Freeze the page, as a browser does with one in the background."""
    session = scene.page.context.new_cdp_session(scene.page)
    session.send("Page.setWebLifecycleState", {"state": "frozen"})
    try:
        yield
    finally:
        session.send("Page.setWebLifecycleState", {"state": "active"})
        session.detach()


def begin(make_scene: MakeScene, on: Lab, tmp_path: Path) -> tuple[Scene, Path, Path]:
    """Show a stream that ends when one file is there, and writes another at its end."""
    go, done = tmp_path / "go", tmp_path / "done"
    scene = make_scene(STREAM.format(go=str(go), done=str(done)), on=on)
    scene.run(1)
    scene.wait_chars(100)
    return scene, go, done


def test_a_page_that_was_frozen_shows_what_came_meanwhile(
    make_scene: MakeScene, lab: Lab, tmp_path: Path
) -> None:
    scene, go, done = begin(make_scene, lab, tmp_path)
    with asleep(scene):
        go.touch()
        poll(done.exists, timeout_s=WAIT_S)
    scene.wait_state("finished")
    scene.assert_same(status="finished")


@pytest.mark.expects_console_errors
def test_a_page_whose_socket_was_cut_while_it_slept_catches_up(
    make_scene: MakeScene, cut_lab: Lab, tmp_path: Path
) -> None:
    scene, go, done = begin(make_scene, cut_lab, tmp_path)
    assert cut_lab.proxy is not None
    with asleep(scene):
        cut_lab.proxy.cut(refuse=True)
        go.touch()
        poll(done.exists, timeout_s=WAIT_S)
    cut_lab.proxy.allow()
    scene.wait_state("finished")
    scene.notebook.dismiss_dialogs()
    scene.assert_same(status="finished")


def test_a_page_that_was_left_and_returned_to_shows_the_whole_run(
    make_scene: MakeScene, lab: Lab, tmp_path: Path
) -> None:
    """By the cache of the browser or by a new load, whichever it chooses."""
    scene, go, done = begin(make_scene, lab, tmp_path)
    scene.notebook.save()
    scene.page.goto("about:blank")
    go.touch()
    poll(done.exists, timeout_s=WAIT_S)
    scene.page.go_back()
    scene.notebook.wait_ready()
    scene.wait_state("finished")
    scene.assert_same(status="finished")
