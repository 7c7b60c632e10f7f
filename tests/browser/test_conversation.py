"""The conversation of a reader who interrupts: over a generator, over HTTP, over a WebSocket."""

from __future__ import annotations

import json
from collections.abc import Iterator
from pathlib import Path

import pytest
from conftest import MakeScene
from conversation import FIRST, REPORT, SECOND, TRANSPORTS, cell, ended_at, is_whole

from lab import address_of
from lab.notebook import poll

TURN = ".sw-chat .sw-turn"
# A person would not call a server's stop at once later than this; the benchmark has the numbers.
CLOSED_S = 2.0


@pytest.fixture(scope="module")
def url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    log = tmp_path_factory.mktemp("answers") / "log"
    with address_of("lab.answers", log=log, cwd=Path(__file__).parents[1]) as address:
        yield address


@pytest.mark.parametrize("transport", TRANSPORTS)
def test_an_interrupted_answer_is_kept_and_its_producer_closed(
    make_scene: MakeScene, url: str, transport: str
) -> None:
    scene = make_scene(cell(transport, url), REPORT)
    scene.run(1)
    scene.wait_views()
    field, send = scene.page.locator(".sw-chat .sw-field"), scene.page.locator(".sw-chat .sw-send")

    def ask(question: str, turn: int) -> float:
        field.fill(question)
        send.click()
        asked_s = scene.notebook.last_click_s()
        poll(lambda: "word20" in scene.page.locator(TURN).nth(turn).inner_text())
        return asked_s

    ask(FIRST, 0)
    interrupted_s = ask(SECOND, 1)
    scene.page.keyboard.press("Escape")
    states = (
        "() => [...document.querySelectorAll('.sw-chat .sw-turn')].map((one) => one.dataset.state)"
    )
    poll(lambda: scene.page.evaluate(states) == ["stopped", "stopped"])
    scene.run(2)
    in_kernel, turns = json.loads(scene.notebook.output_text(2).splitlines()[-1])
    ends = in_kernel if transport == "a Python generator" else ended_at(url)
    assert [turn[:2] for turn in turns] == [[FIRST, "stopped"], [SECOND, "stopped"]]
    for index, (_, _, text) in enumerate(turns):
        assert is_whole(text, 20)
        shown = scene.page.locator(TURN).nth(index).locator(".sw-parts").inner_text()
        assert shown.split() == text.split()
    ended_s = next(at_s for question, _, at_s in ends[-2:] if question == FIRST)
    assert 0 <= ended_s - interrupted_s <= CLOSED_S
